"""A day in the life: 2,000 page views of the recorded set through the intercepting proxy, and statistics that equal what was sent."""
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import pytest

from conditions import eventually
from http1 import Stream, read_response
from reading import PASS, Reading, concerns_meta, host_of
from replay import DESTINATION
from test_recorded_pixels import RECORDED, reading
from test_replay import read_requests

VIEWS = 2000
ELSEWHERE = "127.0.9.1"

pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded requests are not here")


class Inside(Reading):
    """The reading of a request that is seen whole out of an intercepted connection."""

    def __init__(self):
        super().__init__()
        self.rules = [rule for rule in self.rules if not rule.unseen]

    def decide(self, profile, request):
        whole = {**request, "url": request["url"].replace("https:", "http:", 1)}
        matches = [rule for rule in self.rules if self._matches(rule, whole, False)]
        if profile == "standard" and matches and "redirect=" in matches[0].text:
            if "hash=" in request["url"]:  # the second part of Meta's own SDK
                return PASS
            return PASS._replace(verdict="answer", rule="meta/" + matches[0].name)
        return super().decide(profile, whole)


def views():
    """Pages in the order in which they were recorded, and from the front again; each with what it asked of Meta."""
    pages = {}
    for request in read_requests(RECORDED):
        asked = pages.setdefault(request["frameUrl"], [])
        if concerns_meta(request["url"]) and request["url"].startswith("https:"):
            asked.append(request)
    pages = list(pages.items())
    return [pages[n % len(pages)] for n in range(VIEWS)]


class Browser:
    """One that keeps a connection to each of Meta's hosts, as long as its pages last."""

    def __init__(self, home):
        self.home, self.open, self.inside = home, {}, {}

    def refused(self, host):
        stream = Stream(self.home.paravent.connect())
        stream.socket.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        refused = read_response(stream, "CONNECT").status == 403
        stream.socket.close()
        return refused

    def ask(self, request):
        parts = urlsplit(request["url"])
        host, target = parts.hostname, request["url"].split("#")[0].split(parts.netloc, 1)[1] or "/"
        if host not in self.open:
            self.open[host] = self.home.client(host, context=self.home.believing())
            self.inside[host] = self.home.ours(self.open[host].certificate)
        fields = ["Referer: " + request["frameUrl"].split("#")[0], f"Sec-Fetch-Dest: {DESTINATION.get(request['cpt'], 'empty')}"]
        return self.open[host].ask(target.encode("ascii", "backslashreplace").decode(), "GET", fields, host=host)


@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_a_day_adds_up(home, profile):
    day = views()
    asked = [request for _, requests in day for request in requests]
    meta = sorted({host_of(request["url"]) for request in asked})
    home.hosts = {page: ELSEWHERE for page in {host_of(page) for page, _ in day}} | {host: f"127.0.8.{n + 1}" for n, host in enumerate(meta)}
    home._origin(lambda connection: connection.more(), port=443, address=ELSEWHERE)
    far = {host: home.origin(host) for host in meta}
    home.start({"policy": {"profile": profile}})
    home.believing = lambda: home.everyone  # roots of the home and of the world
    home.everyone = home.trusting()
    home.everyone.load_verify_locations(home.world.file)

    tunnels, browser = Reading(), Browser(home)
    whole, expected, names, pages = Inside(), Counter(), Counter(), 0
    for page, requests in day:
        if not concerns_meta(page):  # the page itself, as a tunnel
            assert not browser.refused(host_of(page))
            pages += 1
        for request in requests:
            host = host_of(request["url"])
            blind = tunnels.decide(profile, request)
            if blind.verdict == "block" and host != "connect.facebook.net":
                assert browser.refused(host), host
                expected[host, "block", blind.rule, "host"] += 1
                continue
            first = host not in browser.open
            answer = browser.ask(request)
            if not browser.inside[host]:
                assert answer.status == 200
                expected[host, "allow", None, "host"] += first
                continue
            decision = whole.decide(profile, request)
            rule = decision.rule if decision.verdict != "allow" else None
            assert answer.get("Paravent-Rule") == rule, (request["url"], decision, answer.first)
            expected[host, decision.verdict, rule, "full"] += 1
            fields = parse_qsl(urlsplit(request["url"]).query, keep_blank_values=True)
            if urlsplit(request["url"]).path.rstrip("/") == "/tr" and reading(fields)["name"]:
                names[reading(fields)["name"]] += 1

    total = sum(expected.values())
    events = eventually(lambda: len(found := home.paravent.events()) >= total and found, f"{total} events", 30)
    seen = Counter((e["destination"], e["verdict"], e.get("rule") if e["verdict"] != "allow" else None, e["seen"]) for e in events)
    assert seen == expected, (seen - expected, expected - seen)
    assert Counter(e["name"] for e in events if e["product"] == "pixel" and "name" in e) == names
    verdicts = Counter(allow=pages)
    for (_, verdict, _, _), count in expected.items():
        verdicts[verdict] += count
    assert home.paravent.totals() == {"requests": total + pages, **{v: verdicts[v] for v in ("allow", "log", "block", "answer")}}
    assert names["PageView"] > 100 and verdicts["answer"] > 500
    for host, origin in far.items():  # what was stopped did not get there
        for rule in ("/tr?", "/tr/?", "fbevents.js"):
            assert rule.encode() not in origin.received, (host, rule)
