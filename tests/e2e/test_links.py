"""Links that Meta marked (fbclid and its family): led home past Meta's counters, and cut where a request is seen whole."""
import json
import subprocess
from urllib.parse import quote

import pytest

from http1 import Stream, read_response
from inside import COUNTERS, GUEST, LAPTOP, credulous
from origin import mirror, response
from street import home  # noqa: F401 (fixture)

PAGE = "Accept: text/html,application/xhtml+xml"
LINK = "https://shop.example/shoes?b=1&fbclid=IwAR0&c=%C3%A4#size"
BARE = "https://shop.example/shoes?b=1&c=%C3%A4#size"
RULES = dict(zip(COUNTERS, ("meta/link-decoration", "meta/link-decoration-mobile", "meta/link-decoration-instagram")))


def counter(host, address=LINK, behind="&h=AT0xyz&s=1"):
    return ("/?u=" if "instagram" in host else "/l.php?u=") + quote(address, safe="") + behind


def counts(paravent, rule="meta/link-decoration"):
    """(log, answer) of a rule so far."""
    status, stats = paravent.api("/stats?by=rule")
    assert status == 200
    return next(((row["log"], row["answer"]) for row in stats["rows"] if row["key"] == rule), (0, 0))


# By Meta's own counters, inside


@pytest.fixture(scope="module")
def counter_origin(street):
    """counter_origin(host): Meta's counter, started once; `.new()`: what reached it since it was last asked for."""
    running = {}

    class Seen:
        def __init__(self, origin):
            self.origin, self.before = origin, len(origin.connections)

        def new(self):
            return b"".join(bytes(c.record) for c in self.origin.connections[self.before:])

    def start(host):
        if host not in running:
            running[host] = street.origin(host)
        return Seen(running[host])

    return start


@pytest.fixture
def profile(home):
    def choose(name):
        assert home.paravent.cli("profile", LAPTOP, name).returncode == 0

    yield choose
    choose("standard")


@pytest.mark.parametrize("name", ["standard", "strict"])
@pytest.mark.parametrize("counting", COUNTERS)
def test_a_link_by_metas_counter_leads_home_and_meta_hears_nothing(home, counter_origin, profile, counting, name):
    far = counter_origin(counting)
    profile(name)
    before, events = counts(home.paravent, RULES[counting]), len(home.paravent.events())
    with home.client(counting, source=LAPTOP) as client:
        for method in ("GET", "HEAD"):
            answer = client.ask(counter(counting), method, [PAGE, "Referer: https://www.facebook.com/"], host=counting)
            assert (answer.status, answer.get("Location"), answer.get("Paravent-Rule")) == (302, BARE, RULES[counting])
            assert answer.get("Cache-Control") == "no-store" and not answer.body
        assert client.ask("/other", host=counting).status == 200  # the connection goes on
    assert b"GET /other" in far.new() and b"u=" not in far.new()
    log, answered = counts(home.paravent, RULES[counting])
    assert (log - before[0], answered - before[1]) == (0, 2)
    new = [e for e in home.paravent.events()[events:] if e.get("rule") == RULES[counting]]
    assert [(e["verdict"], e["product"], e["destination"]) for e in new] == [("answer", "other", counting)] * 2
    assert "shop.example" not in json.dumps(new)  # where the link leads is nobody's business


ODD = ["javascript:alert(1)", "data:text/html,x", "//shop.example/", "shop.example", "ftp://shop.example/", "https://", "https:///x",
       "https://bank.example@shop.example/", "https://shop.example/\r\nSet-Cookie: a=b", "https://shop.example/\0", "https://shop.example/a b",
       "https://shop.example/ä", " https://shop.example/", "https:\\\\shop.example/", "https://shop.example/" + "a" * 9000, ""]


@pytest.mark.parametrize("address", ODD)
def test_what_is_odd_about_a_link_is_left_to_meta(home, counter_origin, address):
    host = COUNTERS[0]
    counter_origin(host)
    with home.client(host, source=LAPTOP) as client:
        answer = client.ask(counter(host, address), fields=[PAGE], host=host)
        assert answer.status == 200 and answer.get("Location") is None and answer.get("Set-Cookie") is None
        assert json.loads(answer.body)["target"] == counter(host, address)


@pytest.mark.parametrize("method, target", [("POST", counter(COUNTERS[0])), ("GET", "/l.php"), ("GET", "/l.php?h=1"), ("GET", "/x?u=https%3A%2F%2Fa.example"),
                                            ("GET", "/l.php?u=https%3A%2F%2Fa.example&u=https%3A%2F%2Fb.example")])
def test_what_is_no_such_link_passes(home, counter_origin, method, target):
    host = COUNTERS[0]
    counter_origin(host)
    with home.client(host, source=LAPTOP) as client:
        answer = client.ask(target, method, [PAGE], b"x" if method == "POST" else None, host)
        assert (answer.status, json.loads(answer.body)["target"]) == (200, target)


@pytest.mark.parametrize("way", ["off", "log", "pause", "exception"])
def test_by_counter_nothing_is_touched_where_the_owner_says_so(home, counter_origin, profile, way):
    host = COUNTERS[0]
    counter_origin(host)
    before = counts(home.paravent)
    undo = lambda: None  # noqa: E731
    if way in ("off", "log"):
        profile(way)
    elif way == "pause":
        assert home.paravent.cli("pause", "--device", LAPTOP, "--for", "10m").returncode == 0
        undo = lambda: home.paravent.cli("pause", "--device", LAPTOP, "--for", "0s")  # noqa: E731
    else:
        exception = home.paravent.api("/exceptions", "POST", {"site": host})[1]["id"]
        undo = lambda: home.paravent.api("/exceptions/" + exception, "DELETE")  # noqa: E731
    try:
        with home.client(host, source=LAPTOP, context=credulous()) as client:  # off, or paused, nobody looks inside
            assert client.ask(counter(host), fields=[PAGE], host=host).status == 200
    finally:
        undo()
    log, answered = counts(home.paravent)
    assert (log - before[0], answered - before[1]) == (1 if way == "log" else 0, 0)


def test_without_interception_a_link_goes_to_meta_as_it_is(home, counter_origin):
    host = COUNTERS[1]
    far = counter_origin(host)
    with home.client(host, source=GUEST, context=credulous()) as client:
        assert client.ask(counter(host), host=host).status == 200
    assert b"/l.php?u=" in far.new()


def test_why_says_what_becomes_of_a_link(home):
    done = home.paravent.cli("why", f"https://{COUNTERS[0]}{counter(COUNTERS[0])}", "--type", "document", "--json")
    said = json.loads(done.stdout)
    assert (said["verdict"], said["rule"], said["answer"]) == ("answer", "meta/link-decoration", "302"), said


def test_why_and_the_proxy_agree_about_a_marked_link_in_plain_http(start, origin):
    web = Web(start, origin).serve()
    for path, fields, kind in (("/shoes?b=1&fbclid=IwAR0", [PAGE], "document"), ("/a.png?fbclid=IwAR0", ["Sec-Fetch-Dest: image"], "image"),
                               ("/shoes?b=1", [PAGE], "document")):
        said = json.loads(web.paravent.cli("why", web.base + path, "--type", kind, "--json").stdout)
        if kind == "document":  # what a person asks without saying what for
            assert json.loads(web.paravent.cli("why", web.base + path, "--json").stdout)["verdict"] == said["verdict"]
        before, answer = len(web.site.connections), web.ask(path, *fields)
        done = ("answer", "302") if answer.status == 302 else ("log" if b"fbclid" in path.encode() and len(web.site.connections) > before else "allow", None)
        assert (said["verdict"], said["answer"]) == done, (path, said)
        assert said["rule"] == (None if done[0] == "allow" else "meta/link-decoration")


# Where a request is seen whole: plain http


class Web:
    """A program and a site by plain http, asked as a browser would."""

    def __init__(self, start, origin, settings=None):
        self.paravent = start(settings)
        self._origin = origin

    def serve(self, serve=mirror):
        self.site = self._origin(serve)
        self.base = f"http://origin.example:{self.site.port}"
        return self

    def ask(self, path, *fields, method="GET", body=None):
        return self.paravent.get(self.base + path, [*fields], method, body)

    def reached(self, path, *fields, **more):
        """The target that reached the site."""
        answer = self.ask(path, *fields, **more)
        assert answer.status == 200, answer.first
        return json.loads(answer.body)["target"]


@pytest.fixture
def web(start, origin):
    return Web(start, origin).serve()


CUT = [("/?fbclid=IwAR0", "/"), ("?fbclid=x", "/"), ("/a?b=1&fbclid=x&c=2", "/a?b=1&c=2"), ("/a?__cft__[0]=x&__cft__%5B1%5D=y&__tn__=z", "/a"),
       ("/a?q=%e4+b&&igsh=x&mibextid=1&rdid=2&igshid=3&r=[]", "/a?q=%e4+b&&r=[]")]


@pytest.mark.parametrize("path, bare", CUT)
def test_a_page_is_led_to_its_address_without_the_mark(web, path, bare):
    answer = web.ask(path, PAGE, "Referer: http://l.facebook.com/")
    expected = web.base + (bare if path.startswith("/") else "/")
    assert (answer.status, answer.get("Location"), answer.get("Paravent-Rule")) == (302, expected, "meta/link-decoration")
    assert web.site.received == b""
    assert web.reached(bare, PAGE) == bare
    assert counts(web.paravent) == (0, 1)
    assert web.paravent.events() == []


@pytest.mark.parametrize("path, bare", CUT)
def test_other_requests_go_out_without_it(web, path, bare):
    assert web.reached(path, "Sec-Fetch-Dest: image") == bare
    assert web.reached(path, "Sec-Fetch-Dest: iframe") == bare
    assert web.reached(path, PAGE, method="POST", body=b"x=1") == bare
    assert counts(web.paravent) == (3, 0) and web.paravent.events() == []


@pytest.mark.parametrize("path", ["/?b=fbclid", "/?xfbclid=1&FBCLID=2", "/fbclid=1", "/?b;fbclid=1", "/?", "/a?&&", "/%3Ffbclid=1"])
def test_what_only_looks_like_a_mark_stays(web, path):
    assert web.reached(path, PAGE) == path
    assert counts(web.paravent) == (0, 0)


def test_a_body_goes_with_a_request_that_was_cut(web):
    answer = web.ask("/a?fbclid=x", method="POST", body=b"y" * 100_000)
    seen = json.loads(answer.body)
    assert (seen["target"], seen["body"]) == ("/a", "y" * 100_000)


@pytest.mark.parametrize("name, touched, log", [("off", False, 0), ("log", False, 2), ("standard", True, 1), ("strict", True, 1)])
def test_a_profile_decides_whether_links_are_cut(start, origin, name, touched, log):
    web = Web(start, origin, {"policy": {"profile": name}}).serve()
    assert web.reached("/?fbclid=x", "Sec-Fetch-Dest: image") == ("/" if touched else "/?fbclid=x")
    assert web.ask("/p?fbclid=x", PAGE).status == (302 if touched else 200)
    assert counts(web.paravent) == (log, 1 if touched else 0)


@pytest.mark.parametrize("site", ["origin.example", "facebook.com"])
def test_an_exception_for_the_site_or_for_the_page_leaves_links_alone(web, site):
    assert web.paravent.api("/exceptions", "POST", {"site": site})[0] == 201
    assert web.reached("/?fbclid=x", PAGE, "Referer: https://www.facebook.com/") == "/?fbclid=x"
    assert counts(web.paravent) == (0, 0)


def test_a_paused_device_is_left_alone(web):
    assert web.reached("/", PAGE) == "/"
    assert web.paravent.cli("pause", "--for", "10m").returncode == 0
    assert web.reached("/?fbclid=x", PAGE) == "/?fbclid=x"


def test_with_the_list_off_links_are_left_alone(web):
    assert web.paravent.cli("lists", "off", "pixel-event").returncode == 0
    assert web.reached("/?fbclid=x", PAGE) == "/?fbclid=x"


def test_what_another_rule_blocks_stays_blocked(start, origin, tmp_path):
    (tmp_path / "own.txt").write_text("/banner-ad/*\n")
    web = Web(start, origin, {"list": [{"name": "own", "file": str(tmp_path / "own.txt")}]}).serve()
    answer = web.ask("/banner-ad/x?fbclid=x", "Sec-Fetch-Dest: image")
    assert answer.status == 403 and answer.get("Paravent-Rule").startswith("own/")


# No circles


def puts_it_back(when):
    """A site that redirects to the marked address while `when(target)`."""

    def serve(connection):
        while True:
            target = connection.request().first.split(" ")[1]
            if when(target):
                connection.send(response(b"", "302 Found", [f"Location: {target.split('?')[0]}?fbclid=again"]))
            else:
                connection.send(response(b"here " + target.encode()))

    return serve


@pytest.mark.parametrize("kind", ["once", "whenever it is missing"])
def test_a_site_that_puts_the_mark_back_is_reached_all_the_same(start, origin, kind):
    seen = []

    def when(target):
        seen.append(target)
        return len(seen) == 1 if kind == "once" else "fbclid" not in target

    web = Web(start, origin).serve(puts_it_back(when))
    done = subprocess.run(["curl", "-sS", "-L", "--max-redirs", "15", "--noproxy", "", "--proxy", f"http://127.0.0.1:{web.paravent.port}",
                           "-H", PAGE, web.base + "/?fbclid=first"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("here /")
    assert len(seen) <= 8


def test_a_link_that_is_opened_twice_is_cut_twice(web):
    assert web.ask("/?fbclid=x", PAGE).status == 302
    assert web.reached("/?fbclid=x", PAGE) == "/"


def test_a_connection_that_stays_open_serves_both(web):
    stream = Stream(web.paravent.connect())
    for path, status in (("/1?fbclid=x", 302), ("/1", 200), ("/2?fbclid=y", 302), ("/2?fbclid=y", 200)):
        stream.socket.sendall(f"GET {web.base}{path} HTTP/1.1\r\nHost: origin.example:{web.site.port}\r\n{PAGE}\r\n\r\n".encode())
        assert read_response(stream).status == status
    stream.socket.close()
