"""An independent reading of Paravent's own lists: it knows the list files, the profiles' table of design.md, and nothing else.

It is slow and plain on purpose; test_replay.py holds the program against it, request by request."""
import ctypes
import ctypes.util
import re
from collections import namedtuple
from pathlib import Path
from urllib.parse import urlsplit

LISTS = Path(__file__).resolve().parents[2] / "rules/lists"
ORDER = ["pixel-event", "pixel-loader", "conversions", "app-events", "audience-network", "social-plugin", "meta-logging", "login"]  # meta-ai: off
META = ("facebook.com facebook.net fbcdn.net instagram.com cdninstagram.com atdmt.com fbsbx.com whatsapp.com whatsapp.net messenger.com "
        "meta.ai conversionsapigateway.com").split()
FILTER_TYPE = {"document": "subdocument", "xhr": "xmlhttprequest", "fetch": "xmlhttprequest", "texttrack": "other", "manifest": "other"}
TYPES = {"script", "image", "stylesheet", "font", "media", "subdocument", "xmlhttprequest", "ping", "websocket", "object", "other", "document"}

Rule = namedtuple("Rule", "category name line text exception pattern host third_party types methods inside outside unseen")
Decision = namedtuple("Decision", "verdict rule")
PASS = Decision("allow", None)


def ruling(profile, rule):
    """What a profile does with a rule, for a device that uses Meta's apps and does not log in with Facebook."""
    if rule.category == "login" or profile == "off":
        return "allow"
    if profile == "log":
        return "log"
    return {"pixel-event": "answer", "pixel-loader": "block" if rule.unseen else "answer", "conversions": "block",
            "app-events": "allow" if rule.unseen else "answer", "audience-network": "block",
            "social-plugin": "block" if profile == "strict" else "allow",
            "meta-logging": "block" if profile == "strict" else "allow"}[rule.category]


def pattern_of(text):
    """`||` host or its subdomains · `^` a separator or the end · `*` anything · `|` at the end the end."""
    assert text.startswith("||"), text
    body, end = (text[2:-1], "$") if text.endswith("|") else (text[2:], "")
    middle = "".join({"*": ".*", "^": "(?:[^a-z0-9_.%-]|$)"}.get(c, re.escape(c)) for c in body)
    return re.compile(r"^[a-z]+://(?:[^/?#]*\.)?" + middle + end, re.I)


def rule_of(category, name, line, text):
    exception = text.startswith("@@")
    body, _, options = text.removeprefix("@@").partition("$")
    third_party, types, methods, inside, outside, unseen = None, set(), set(), set(), set(), False
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        if key in ("third-party", "~third-party"):
            third_party = key == "third-party"
        elif key == "method":
            methods = set(value.lower().split("|"))
        elif key == "domain":
            outside |= {d[1:] for d in value.split("|") if d.startswith("~")}
            inside |= {d for d in value.split("|") if not d.startswith("~")}
        elif key == "not-intercepted":
            unseen = True
        elif key == "redirect":
            pass  # names what is given inside an intercepted connection, which nothing of this reading is
        elif key in TYPES:
            types.add(key)
        else:
            raise ValueError(f"{category}:{line}: option {option}")
    whole = re.fullmatch(r"\|\|([a-z0-9.-]+)\^", body)
    limited = third_party is not None or types or methods or inside or outside
    return Rule(category, name, line, text, exception, pattern_of(body), whole[1] if whole and not limited else None,
                third_party, types, methods, inside, outside, unseen)


def read_list(category, folder=LISTS):
    rules, name = [], None
    for number, line in enumerate((folder / f"{category}.txt").read_text().splitlines(), 1):
        if line.startswith("!: "):
            name = line.split()[1]
        elif line and not line.startswith("!"):
            assert name, f"{category}:{number}: a rule without a name"
            rules.append(rule_of(category, name, number, line))
            name = None
    return rules


PSL = ctypes.CDLL(ctypes.util.find_library("psl") or "libpsl.so.5")
PSL.psl_builtin.restype = ctypes.c_void_p
PSL.psl_registrable_domain.restype = ctypes.c_char_p
PSL.psl_registrable_domain.argtypes = [ctypes.c_void_p, ctypes.c_char_p]


def site_of(host):
    found = PSL.psl_registrable_domain(PSL.psl_builtin(), host.encode("latin-1"))
    return found.decode() if found else host


def host_of(url):
    return re.match(r"[a-z]+://([^/?#:]*)", url, re.I)[1].lower().rstrip(".")


def under(host, domains):
    return any(host == d or host.endswith("." + d) for d in domains)


def concerns_meta(url):
    return under(host_of(url), META)


class Reading:
    def __init__(self, folder=LISTS):
        self.rules = [rule for category in ORDER for rule in read_list(category, folder)]

    def decide(self, profile, request):
        """The verdict and rule for {"url", "frameUrl", "cpt", "method"?}; https is a tunnel, of which only the host is seen."""
        if profile == "off":
            return PASS
        tunnel = request["url"].lower().startswith("https:")
        matches = [rule for rule in self.rules if self._matches(rule, request, tunnel)]
        if any(rule.exception for rule in matches):
            return PASS
        for rule in matches:
            what = ruling(profile, rule)
            if what != "allow":
                return Decision("block" if what == "answer" and tunnel else what, "meta/" + rule.name)
        return PASS

    @staticmethod
    def _matches(rule, request, tunnel):
        host = host_of(request["url"])
        if tunnel:
            return rule.host is not None and under(host, [rule.host])
        if not rule.pattern.search(request["url"].split("#")[0]):
            return False
        page = host_of(request["frameUrl"])
        if rule.third_party is not None and rule.third_party != (site_of(page) != site_of(host)):
            return False
        if rule.types and FILTER_TYPE.get(request["cpt"], request["cpt"]) not in rule.types:
            return False
        if rule.methods and request.get("method", "GET").lower() not in rule.methods:
            return False
        return not under(page, rule.outside) and (not rule.inside or under(page, rule.inside))


def default_port(url):
    parts = urlsplit(url)
    return parts.port or {"http": 80, "https": 443}[parts.scheme]
