"""HTTP/2 on either side of an intercepted connection, with the other side's version or its own (table I9, rows H5 and H6)."""
import hashlib
import json
import socket

import pytest

import http2
from conditions import eventually, seconds_until
from inside import LAPTOP, PHONE, TR
from origin import mirror
from program import CHECKED


@pytest.fixture
def home(street):
    return street


def context(home, host, protocols):
    tls = home.everything.good(host).context()
    tls.set_alpn_protocols(protocols)
    return tls


def origin(home, host, serve=None, protocols=("h2", "http/1.1")):
    """One that takes both versions; HTTP/2 by `serve`, HTTP/1.1 as a mirror."""
    second = serve or http2.mirror2()

    def play(connection):
        return (second if connection.socket.selected_alpn_protocol() == "h2" else mirror)(connection)

    return home.origin(host, play, tls=context(home, host, list(protocols)))


def client2(home, host, **options):
    made = home.client(host, context=home.trusting(alpn=("h2", "http/1.1")), source=options.pop("source", LAPTOP))
    assert made.socket.selected_alpn_protocol() == "h2"
    return http2.Client(made.socket, **options)


@pytest.fixture
def host(home):
    return home.next_host()


@pytest.mark.parametrize("asks, speaks, agreed", [
    (("h2", "http/1.1"), ("h2", "http/1.1"), "h2"), (("h2", "http/1.1"), ("http/1.1",), "http/1.1"), (("http/1.1",), ("h2", "http/1.1"), "http/1.1"),
    (("http/1.1", "h2"), ("h2",), "h2"), ((), ("h2", "http/1.1"), None), (("h2", "http/1.1"), (), None)])
def test_I9_client_and_origin_agree_on_what_both_speak(home, host, asks, speaks, agreed):
    def play(connection):
        return (http2.mirror2() if connection.socket.selected_alpn_protocol() == "h2" else mirror)(connection)

    home.origin(host, play, tls=context(home, host, list(speaks)))
    made = home.client(host, context=home.trusting(alpn=asks), source=LAPTOP)
    assert home.ours(made.certificate)
    assert made.socket.selected_alpn_protocol() == agreed
    client = http2.Client(made.socket) if agreed == "h2" else made
    for n in range(3):
        answer = client.ask(f"/{n}", host=host)
        seen = json.loads(answer.body)
        via = [value for name, value in seen["fields"] if name.lower() == "via"]
        assert answer.status == 200 and seen["target"] == f"/{n}" and via == ["2.0 paravent" if agreed == "h2" else "1.1 paravent"]


def test_a_request_of_http2_arrives_as_it_was_sent(home, host):
    origin(home, host)
    with client2(home, host) as client:
        answer = client.ask("/a?b=%2F..&cd[x]=1", "POST", [("cookie", "a=1"), ("cookie", "b=2"), ("x-own", "v")], b"body", host=host)
        seen = json.loads(answer.body)
        fields = dict(seen["fields"])
        assert (seen["method"], seen["target"], seen["authority"], seen["body"]) == ("POST", "/a?b=%2F..&cd[x]=1", host, "body")
        assert fields["cookie"] == "a=1; b=2" and fields["x-own"] == "v"


def test_blocked_and_answered_requests_stand_beside_allowed_ones(home, host):
    far = origin(home, host)
    with client2(home, host) as client:
        streams = [client.begin(TR if n % 2 else f"/home{n}", host=host, fields=[("referer", "https://shop.example/")]) for n in range(10)]
        for n, stream in enumerate(streams):
            answer = client.answer(stream)
            assert answer.status == 200 and (answer.get("paravent-rule") is not None) == bool(n % 2)
    assert b"/tr" not in far.received
    assert home.event(host, name="PageView", seen="full")["verdict"] == "answer"


def test_another_host_on_the_same_connection_is_misdirected(home, host):
    far = origin(home, host)
    with client2(home, host) as client:
        answer = client.ask("/secret", host="www.instagram.com")
        assert answer.status == 421 and answer.get("paravent-error") == "misdirected"
        assert client.ask("/still", host=host).status == 200
    assert b"/secret" not in far.received


def test_large_bodies_go_both_ways_at_once(home, host):
    def reply(session, stream, seen):
        body = hashlib.sha256(seen["body"].encode("latin-1")).hexdigest().encode() * 40_000
        session.h2.send_headers(stream, [(":status", "200")])
        session.queue(stream, body)

    origin(home, host, http2.mirror2(reply))
    with client2(home, host) as client:
        bodies = [bytes([n]) * 1_500_000 for n in range(3)]
        streams = [client.begin(f"/up{n}", "POST", end=False, host=host) for n in range(3)]
        for stream, body in zip(streams, bodies):
            client.send(stream, body, end=True)
        for stream, body in zip(streams, bodies):
            assert client.answer(stream).body == hashlib.sha256(body).hexdigest().encode() * 40_000


def test_trailers_and_interim_answers_pass(home, host):
    def reply(session, stream, seen):
        session.h2.send_headers(stream, [(":status", "103"), ("link", "</a.css>; rel=preload")])
        session.h2.send_headers(stream, [(":status", "200")])
        session.h2.send_data(stream, b"body")
        session.h2.send_headers(stream, [("x-sum", "9")], end_stream=True)

    origin(home, host, http2.mirror2(reply))
    with client2(home, host) as client:
        answer = client.ask("/t", fields=[("te", "trailers")], host=host)
        assert dict(answer.interim[0])[":status"] == "103"
        assert answer.body == b"body" and ("x-sum", "9") in answer.trailers


def test_the_origin_advertises_nothing_that_goes_past_the_proxy(home, host):
    def reply(session, stream, seen):
        session.h2.send_headers(stream, [(":status", "200"), ("alt-svc", 'h3=":443"'), ("x-kept", "1")], end_stream=True)

    origin(home, host, http2.mirror2(reply))
    with client2(home, host) as client:
        answer = client.ask("/", host=host)
        assert answer.get("alt-svc") is None and answer.get("x-kept") == "1"


def test_a_stream_that_the_origin_resets_ends_alone(home, host):
    def reply(session, stream, seen):
        if seen["target"] == "/bad":
            session.h2.send_headers(stream, [(":status", "200")])
            session.h2.send_data(stream, b"half")
            session.h2.reset_stream(stream, 2)
        else:
            session.h2.send_headers(stream, [(":status", "204")], end_stream=True)

    origin(home, host, http2.mirror2(reply))
    with client2(home, host) as client:
        bad = client.begin("/bad", host=host)
        with pytest.raises(http2.Reset):
            client.answer(bad)
        assert client.ask("/good", host=host).status == 204


def test_a_stream_that_the_client_resets_is_reset_at_the_origin(home, host):
    resets = []

    def serve(connection):
        session = http2.Session(connection.socket, False)
        while True:
            for event in session.events():
                if isinstance(event, http2.h2.events.StreamReset):
                    resets.append(event.stream_id)
                elif isinstance(event, http2.h2.events.RequestReceived) and dict(event.headers)[":path"] == "/fast":
                    session.h2.send_headers(event.stream_id, [(":status", "204")], end_stream=True)
                    session.flush()

    origin(home, host, serve)
    with client2(home, host) as client:
        slow = client.begin("/slow", host=host)
        assert client.ask("/fast", host=host).status == 204
        client.h2.reset_stream(slow, 8)
        client.flush()
        assert seconds_until(lambda: resets, "the stream's reset at the origin") < 2
        assert client.ask("/fast", host=host).status == 204


def test_a_client_that_reads_nothing_holds_nobody_up_and_costs_little(home, host):
    def reply(session, stream, seen):
        session.h2.send_headers(stream, [(":status", "200")])
        session.queue(stream, b"x" * (20_000_000 if seen["target"] == "/big" else 10))

    origin(home, host, http2.mirror2(reply))
    with client2(home, host, window=65535) as stuck, client2(home, host, source=PHONE) as other:
        stuck.credit = False
        stream = stuck.begin("/big", host=host)
        eventually(lambda: stuck.step() or len(stuck.open[stream].body) >= 60_000, "the first window")
        before = home.paravent.pss()
        streams = [stuck.begin("/big", host=host) for _ in range(20)]
        for _ in range(5):
            assert other.ask("/small", host=host).body == b"x" * 10
        assert streams
        if not CHECKED:
            assert home.paravent.pss() - before < 20 * 1024 * 1024


def test_an_origin_that_says_goaway_is_asked_anew(home, host):
    connections = []

    def serve(connection):
        connections.append(connection)
        session = http2.Session(connection.socket, False)
        while True:
            for event in session.events():
                if isinstance(event, http2.h2.events.RequestReceived):
                    session.h2.send_headers(event.stream_id, [(":status", "204")], end_stream=True)
                    session.h2.close_connection()
                    session.flush()
                    connection.rest()  # closing at once would be a reset, which may overtake the answer
                    return

    origin(home, host, serve)
    with client2(home, host) as client:
        for n in range(4):
            assert client.ask(f"/{n}", host=host).status == 204
    assert len(connections) >= 4


def test_the_client_is_told_when_interception_ends_and_its_requests_are_finished(home, host):
    origin(home, host)
    device = next(d for d in home.paravent.api("/devices")[1]["items"] if d["name"] == "phone")
    client = http2.Raw(home.client(host, context=home.trusting(alpn=("h2",)), source=PHONE).socket)
    client.send(client.request(1, authority=host))
    home.event(host, seen="full")
    try:
        assert home.paravent.api(f"/devices/{device['id']}", "PATCH", {"intercept": False})[0] == 200
        client.send(client.request(3, authority=host))
        found = client.frames()
        assert [f[2] for f in found if f[0] == http2.HEADERS] == [1, 3]
        goodbye = next(f for f in found if f[0] == http2.GOAWAY)
        assert goodbye[3][4:8] == bytes(4)
        assert not home.is_seen_inside(host, source=PHONE)
    finally:
        assert home.paravent.api(f"/devices/{device['id']}", "PATCH", {"intercept": True})[0] == 200


# --- H6 -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def far(home, host):
    return origin(home, host)


@pytest.fixture
def raw(home, host, far):
    opened = []

    def start(settings=b""):
        made = home.client(host, context=home.trusting(alpn=("h2",)), source=LAPTOP)
        opened.append(http2.Raw(made.socket, settings))
        return opened[-1]

    yield start
    with client2(home, host, source=PHONE) as other:  # others are served, whatever happened
        assert other.ask("/after", host=host).status == 200


def keep_sending(raw, blocks):
    try:
        for block in blocks:
            raw.socket.sendall(block)
    except (ConnectionError, OSError):
        pass


def test_H6_rapid_reset_ends_the_connection(raw, host):
    client = raw()
    keep_sending(client, (client.request(n, authority=host) + http2.frame(http2.RST, (8).to_bytes(4, "big"), stream=n) for n in range(1, 20_001, 2)))
    assert client.refusal() == ("goaway", 11)


def test_H6_a_continuation_flood_ends_the_connection(raw, host):
    client = raw()
    client.send(http2.frame(http2.HEADERS, http2.plain_header("x-a", "b" * 100), 0, 1))
    keep_sending(client, (http2.frame(http2.CONTINUATION, b"", 0, 1) * 100 for _ in range(2000)))
    assert client.refusal()[0] == "goaway"


@pytest.mark.parametrize("block", [http2.frame(http2.PING, bytes(8)) * 200, http2.frame(http2.SETTINGS) * 200,
                                   http2.frame(http2.WINDOW, (1).to_bytes(4, "big")) * 200], ids=["PING", "SETTINGS", "WINDOW_UPDATE"])
def test_H6_a_flood_of_frames_that_move_nothing_ends_the_connection(raw, home, block):
    client = raw()
    before = home.paravent.pss()
    keep_sending(client, (block for _ in range(500)))
    assert client.refusal()[0] == "goaway"
    if not CHECKED:
        assert home.paravent.pss() - before < 8 * 1024 * 1024


def test_H6_a_header_bomb_is_refused_and_bounded(raw, home, host):
    client = raw()
    before = home.paravent.pss()
    big = b"\x40\x04x-it" + b"\x7f\xa1\x1e" + b"a" * 4000  # a name and 4,000 bytes into the table
    head = b"".join(http2.plain_header(n, v) for n, v in [(":method", "GET"), (":scheme", "https"), (":authority", host), (":path", "/")])
    client.send(http2.frame(http2.HEADERS, head + big + b"\xbe" * 8000, 5, 1))
    assert client.refusal() is not None
    if not CHECKED:
        assert home.paravent.pss() - before < 8 * 1024 * 1024


def test_H6_a_window_that_never_opens_costs_a_bounded_queue(raw, home, host):
    client = raw((4).to_bytes(2, "big") + bytes(4))  # SETTINGS_INITIAL_WINDOW_SIZE 0
    before = home.paravent.pss()
    client.send(*(client.request(n, authority=host, path="/" + "p" * 90) for n in range(1, 200, 2)))
    frames = client.frames(within=1.0)
    assert not [f for f in frames if f[0] == http2.DATA and f[3]]
    if not CHECKED:
        assert home.paravent.pss() - before < 16 * 1024 * 1024


@pytest.mark.parametrize("fields", [[("Upper", "x")], [("connection", "close")], [("transfer-encoding", "chunked")], [("te", "gzip")],
                                    [("keep-alive", "5")], [("proxy-connection", "x")], [("upgrade", "h2c")], [(":late", "x")], [("x", "a\rb")],
                                    [("x", "a\nb")], [("host", "another.example")], [("content-length", "5")]],
                         ids=lambda f: "_".join(f[0]).strip(":").replace("\r", "CR").replace("\n", "LF"))
def test_H6_malformed_requests_are_refused_and_not_forwarded(raw, far, host, fields):
    client = raw()
    client.send(client.request(1, *fields, authority=host, path="/malformed"))
    assert client.refusal(within=2.0)
    assert b"/malformed" not in far.received


@pytest.mark.parametrize("stream", [0, 2, 2 ** 31 - 1], ids=["0", "even", "highest"])
def test_H6_odd_stream_numbers(raw, host, stream):
    client = raw()
    client.send(client.request(stream, authority=host))
    found = client.frames(within=2.0)
    if stream == 2 ** 31 - 1:  # allowed, and the last one
        assert [f for f in found if f[0] == http2.HEADERS and f[2] == stream]
        client.socket.settimeout(5)
    else:
        assert client.refusal(within=0.5)[0] == "goaway"
