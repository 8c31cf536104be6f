"""HTTP/1.1 inside intercepted TLS: judged, forwarded and answered as outside, and never to another host."""
import json

import pytest

from conditions import eventually
from http1 import read_response
from inside import FACEBOOK, GRAPH, LAPTOP, PHONE, REFUSED, TR
from origin import response
from street import home, host  # noqa: F401 (fixtures)
from test_parent import Parent


@pytest.fixture(params=["CONNECT", "SOCKS"])
def client(request, home, host):
    home.origin(host)
    with home.client(host, source=LAPTOP, socks=request.param == "SOCKS") as made:
        made.host = host
        yield made


def test_requests_follow_each_other_on_one_connection(client, home):
    for n in range(5):
        answer = client.ask(f"/{n}?q=%2F..", fields=["Cookie: c=1"], host=client.host)
        seen = json.loads(answer.body)
        assert seen["target"] == f"/{n}?q=%2F.." and ["Cookie", "c=1"] in seen["fields"] and ["Host", client.host] in seen["fields"]
    event = home.event(client.host, seen="full")
    assert event["verdict"] == "allow"


def test_what_is_blocked_or_answered_does_not_end_the_connection(client, home):
    for target in (TR, "/home", TR, "/home"):
        answer = client.ask(target, fields=["Referer: https://shop.example/p"], host=client.host)
        assert answer.status == 200 and (answer.get("Paravent-Rule") is not None) == (target == TR)


def test_the_event_of_an_intercepted_request_tells_what_it_was(home, host):
    far = home.origin(host)
    with home.client(host, source=LAPTOP) as client:
        assert client.ask(TR, fields=["Referer: https://shop.example/"], host=host).status == 200
    event = home.event(host, seen="full", name="PageView")
    assert (event["site"], event["verdict"], event["product"]) == ("shop.example", "answer", "pixel") and event["rule"].startswith("meta/")
    assert b"/tr" not in far.received


def test_the_page_of_a_request_is_read_from_origin_where_there_is_no_referer(home, host):
    home.origin(host)
    with home.client(host) as client:
        assert client.ask("/tr/", "POST", ["Origin: https://kiosk.example", "Content-Type: text/plain"], b"id=1&ev=Lead", host=host).status == 200
    assert home.event(host, site="kiosk.example")["verdict"] == "answer"


@pytest.mark.parametrize("field", [[], ["Origin: null"]])
def test_the_page_of_a_request_is_what_it_names_itself_where_no_field_does(home, host, field):
    far = home.origin(host)
    _, exception = home.paravent.api("/exceptions", "POST", {"site": "kiosk.example"})
    try:
        with home.client(host) as client:
            kiosk, shop = (f"/tr?id=1&ev=Lead&dl=https%3A%2F%2F{site}%2Fa" for site in ("www.kiosk.example", "shop.example"))
            assert client.ask(kiosk, fields=field, host=host).get("Paravent-Rule") is None
            assert client.ask(shop, fields=field, host=host).get("Paravent-Rule") == "meta/pixel-event"
            # What a browser says outranks it.
            assert client.ask(kiosk, fields=["Referer: https://shop.example/"], host=host).get("Paravent-Rule") is not None
    finally:
        assert home.paravent.api("/exceptions/" + exception["id"], "DELETE")[0] == 204
    assert far.received.count(b"GET /tr") == 1


def test_an_open_websocket_ends_with_the_interception_and_others_live(home, host):
    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
        while True:
            connection.send(connection.exactly(1))

    home.origin(host, serve)
    phone, laptop = clients = [home.client(host, source=source) for source in (PHONE, LAPTOP)]
    device = next(d for d in home.paravent.api("/devices")[1]["items"] if d["name"] == "phone")
    for client in clients:
        client.head("/chat", fields=["Upgrade: websocket", "Connection: upgrade"], host=host)
        assert read_response(client).status == 101
        client.send(b"x")
        assert client.exactly(1) == b"x"
    try:
        assert home.paravent.api(f"/devices/{device['id']}", "PATCH", {"intercept": False})[0] == 200
        with pytest.raises(REFUSED):
            phone.exactly(1)
        laptop.send(b"y")
        assert laptop.exactly(1) == b"y"
    finally:
        assert home.paravent.api(f"/devices/{device['id']}", "PATCH", {"intercept": True})[0] == 200


def test_app_events_get_the_answer_that_apps_want(home):
    far = home.origin(GRAPH)
    with home.client(GRAPH) as client:
        answer = client.ask("/v19.0/1000000000000001/activities", "POST", body=b"event=CUSTOM_APP_EVENTS", host=GRAPH)
        assert (answer.status, json.loads(answer.body)) == (200, {"success": True})
        assert json.loads(client.ask("/v19.0/me", host=GRAPH).body)["target"] == "/v19.0/me"
    assert b"activities" not in far.received


# Only the host that was verified is ever asked


@pytest.mark.parametrize("head", ["GET /x HTTP/1.1\r\nHost: {other}", "GET https://{other}/x HTTP/1.1\r\nHost: {other}",
                                  "GET https://{other}/x HTTP/1.1\r\nHost: {host}", "GET http://{host}/x HTTP/1.1\r\nHost: {host}",
                                  "GET /x HTTP/1.1\r\nHost: {host}:8443", "GET /x HTTP/1.1\r\nHost: 127.0.0.1",
                                  "GET /x HTTP/1.1\r\nHost: paravent.local", "GET /tr?id=1 HTTP/1.1\r\nHost: {other}"])
def test_another_host_is_misdirected_and_nobody_hears_of_it(home, host, head):
    far, other = home.origin(host), home.next_host()
    elsewhere = home.origin(other)
    with home.client(host) as client:
        client.send(head.format(host=host, other=other).encode() + b"\r\n\r\n")
        answer = read_response(client)
        assert (answer.status, answer.error) == (421, "misdirected")
    assert elsewhere.connections == [] and b"/x" not in far.received
    home.serves(host)


@pytest.mark.parametrize("head", ["GET https://{host}/x HTTP/1.1\r\nHost: {host}", "GET https://{host}:443/x HTTP/1.1\r\nHost: nonsense.example",
                                  "GET /x HTTP/1.1\r\nHost: {upper}", "GET /x HTTP/1.1\r\nHost: {host}:443", "OPTIONS * HTTP/1.1\r\nHost: {host}"])
def test_the_same_host_by_other_words_is_served(home, host, head):
    home.origin(host)
    with home.client(host) as client:
        client.send(head.format(host=host, upper=host.upper()).encode() + b"\r\n\r\n")
        answer = read_response(client)
        seen = json.loads(answer.body)
        assert answer.status == 200 and seen["target"] in ("/x", "*") and dict(seen["fields"])["Host"] == host


@pytest.mark.parametrize("head", ["CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443", "GET /x HTTP/1.1", "GET /x HTTP/1.1\r\nHost: {host}\r\nHost: {host}",
                                  "GET /x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked", "GET /x\tHTTP/1.1\r\nHost: {host}"])
def test_what_is_no_request_is_refused(home, host, head):
    far = home.origin(host)
    with home.client(host) as client:
        client.send(head.format(host=host).encode() + b"\r\n\r\n")
        assert read_response(client).status == 400 and client.ended()
    assert b"/x" not in far.received
    home.serves(host)


# What goes through


def test_http_3_is_not_advertised(home, host):
    home.origin(host, lambda c: (c.head(), c.send(response(fields=['Alt-Svc: h3=":443"; ma=86400', "alt-svc: h2", "X-Other: kept"]))))
    with home.client(host) as client:
        answer = client.ask("/", host=host)
        assert answer.all("Alt-Svc") == [] and answer.get("X-Other") == "kept"


def test_the_proxys_own_fields_stay_at_home(home, host):
    far = home.origin(host)
    with home.client(host) as client:
        answer = client.ask("/", fields=["Proxy-Authorization: Basic x", "Connection: X-Hop", "X-Hop: 1", "Keep-Alive: 5"], host=host)
        names = {name.lower() for name, _ in json.loads(answer.body)["fields"]}
    assert not names & {"proxy-authorization", "x-hop", "keep-alive"} and far.connections


def test_requests_in_one_piece_are_answered_in_order(home, host):
    home.origin(host)
    with home.client(host) as client:
        client.send(b"".join(f"GET {TR if n % 5 == 0 else f'/{n}'} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() for n in range(40)))
        for n in range(40):
            answer = read_response(client)
            assert answer.status == 200 and (n % 5 == 0 or json.loads(answer.body)["target"] == f"/{n}")


def test_an_origin_that_closes_after_each_answer_is_dialled_again(home, host):
    def once(connection):
        connection.request()
        connection.send(response(b"once", fields=["Connection: close"]))

    far = home.origin(host, once)
    with home.client(host) as client:
        for _ in range(3):
            assert client.ask("/", host=host).body == b"once"
    assert len(far.connections) >= 3


def test_an_origin_that_leaves_an_idle_connection_is_dialled_again(home, host):
    def once(connection):
        connection.request()
        connection.send(response(b"once"))

    far = home.origin(host, once)
    with home.client(host) as client:
        for n in range(3):
            assert client.ask("/", host=host).body == b"once"
            assert far.connection(n).over.wait(5)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde", b"nonsense\r\n\r\n",
                                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"])
def test_an_origin_that_talks_nonsense_is_not_repeated(home, host, answer):
    home.origin(host, lambda c: (c.head(), c.send(answer)))
    with home.client(host) as client:
        try:
            seen = client.ask("/", host=host)
            assert seen.status == 502 and seen.body != b"abc"
        except REFUSED:
            pass


def test_a_parent_proxy_leads_there_as_well(netns, start, origin, world, tmp_path):
    from inside import Home

    made = Home(start, origin, tmp_path, world)
    made.hosts[FACEBOOK] = "127.0.0.1"
    far = made.origin()
    for kind in ("http", "socks5"):
        parent = Parent(origin)
        made.start({"upstream": {"proxy": f"{kind}://127.0.0.1:{parent.port}"}}) if not made.paravent else made.paravent.reload(
            {**made.paravent.settings, "upstream": {"proxy": f"{kind}://127.0.0.1:{parent.port}"}})
        eventually(lambda: (made.serves(), parent.asked)[1], f"the parent ({kind}) to be asked", 10)
        assert FACEBOOK in str(parent.asked) and made.is_seen_inside()
        with made.client() as client:
            assert client.ask(TR).get("Paravent-Rule")
    assert b"/tr" not in far.received
    made.close()
