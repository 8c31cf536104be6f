"""What a request carries in its body (row H9): decoded where it goes to Meta's tracking, bounded whatever it is, and passed on whole."""
import gzip
import hashlib
import json
import socket
import zlib

import http2
import pytest

from conditions import eventually, seconds_until
from http1 import Closed, Stream, read_response
from inside import GRAPH, REFUSED
from memory import MIB, Peak
from street import home, host  # noqa: F401 (fixtures)

ACTIVITIES = "/v19.0/1000000000000001/activities"
FORM = "Content-Type: application/x-www-form-urlencoded"
BOUGHT = ("event=CUSTOM_APP_EVENTS&application_package_name=com.example.shop&custom_events="
          "%5B%7B%22_eventName%22%3A%22fb_mobile_purchase%22%2C%22_valueToSum%22%3A59%2C%22fb_currency%22%3A%22EUR%22%7D%5D").encode()
PIXEL = b"id=1000000000000001&ev=Purchase&dl=https%3A%2F%2Fshop.example%2Fcart&cd[value]=59.00&cd[currency]=EUR&ud[em]=" + b"a" * 64


def test_a_posted_pixel_event_is_told_as_one_in_the_address(home, host):
    far = home.origin(host)
    with home.client(host) as client:
        for framing in ("length", "chunked"):
            if framing == "length":
                answer = client.ask("/tr/", "POST", [FORM], PIXEL, host)
            else:
                client.head("/tr/", "POST", [FORM, "Transfer-Encoding: chunked"], host)
                for byte in PIXEL[:40]:
                    client.send(b"1\r\n%c\r\n" % byte)
                client.send(b"%x\r\n" % len(PIXEL[40:]) + PIXEL[40:] + b"\r\n0\r\n\r\n")
                answer = read_response(client)
            assert answer.status == 200 and answer.get("Paravent-Rule") == "meta/pixel-event"
    eventually(lambda: len([e for e in home.paravent.events() if e["destination"] == host and e.get("name") == "Purchase"]) == 2, "two events")
    event = home.event(host, name="Purchase")
    assert (event["site"], event["value"], event["currency"], event["identifiers"]) == ("shop.example", 59.0, "EUR", ["em"])
    assert b"/tr" not in far.received


def test_a_preflight_is_counted_but_is_no_event(home, host):
    home.origin(host)
    fields = ["Origin: https://preflight.example", "Access-Control-Request-Method: POST"]
    with home.client(host) as client:
        before = home.paravent.api("/stats")[1]["total"]["answer"]
        asked = client.ask("/tr/?id=1000000000000001&ev=Preflight&cd[value]=5&cd[currency]=EUR", "OPTIONS", fields, host=host)
        assert asked.status in (200, 204) and asked.get("Access-Control-Allow-Origin") == "https://preflight.example"
        assert client.ask("/tr/", "POST", [FORM, fields[0]], PIXEL.replace(b"Purchase", b"Preflight"), host).status == 200
    home.event(host, name="Preflight")
    assert len([e for e in home.paravent.events() if e["destination"] == host]) == 1
    assert home.paravent.api("/stats")[1]["total"]["answer"] == before + 2


def test_app_events_are_told_compressed_or_not(home):
    home.origin(GRAPH)

    def told():
        return [e for e in home.paravent.events() if e.get("name") == "fb_mobile_purchase"]

    for number, (coding, compress) in enumerate([("identity", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)]):
        with home.client(GRAPH) as client:
            answer = client.ask(ACTIVITIES, "POST", [FORM, f"Content-Encoding: {coding}"], compress(BOUGHT), GRAPH)
            assert json.loads(answer.body) == {"success": True}
        eventually(lambda: len(told()) == number + 1, "the event")
        assert (told()[0]["value"], told()[0]["currency"], told()[0]["verdict"]) == (59.0, "EUR", "answer")


def test_a_client_that_waits_for_100_is_told_to_go_on(home, host):
    home.origin(host)
    with home.client(host) as client:
        client.head("/tr/", "POST", [FORM, "Expect: 100-continue", f"Content-Length: {len(PIXEL)}"], host)
        assert client.line() == b"HTTP/1.1 100 Continue" and client.line() == b""
        client.send(PIXEL)
        assert read_response(client).status == 200
    assert home.event(host, name="Purchase")["value"] == 59.0


def digest(connection):
    while True:
        request = connection.request()
        body = json.dumps([len(request.body), hashlib.blake2b(request.body).hexdigest()]).encode()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize("size", [0, 1, 100_000, MIB, 3 * MIB])
def test_an_allowed_body_goes_on_whole_whatever_was_read_of_it(home, host, size):
    home.origin(host, digest)
    _, exception = home.paravent.api("/exceptions", "POST", {"site": "shop.example"})
    body = PIXEL + b"&x=" + b"y" * size
    try:
        with home.client(host, timeout=60) as client:
            for _ in range(2):
                answer = client.ask("/tr/", "POST", [FORM, "Referer: https://shop.example/"], body, host)
                assert json.loads(answer.body) == [len(body), hashlib.blake2b(body).hexdigest()]
    finally:
        assert home.paravent.api("/exceptions/" + exception["id"], "DELETE")[0] == 204
    assert home.event(host, name="Purchase", verdict="allow")["value"] == 59.0


@pytest.mark.memory
@pytest.mark.parametrize("what", ["bomb", "large", "rubbish", "unknown"])
def test_H9_a_body_that_is_no_use_costs_little_and_is_judged_by_its_address(home, host, what):
    home.origin(host)
    bodies = {"bomb": (gzip.compress(b"&" * (600 * MIB)), "gzip"), "large": (b"a=" + b"x" * (20 * MIB), None),
              "rubbish": (b"\x1f\x8b" + b"?" * 10_000, "gzip"), "unknown": (b"\x00" * 10_000, "br")}
    body, coding = bodies[what]
    with home.client(host, timeout=60) as client, Peak(home.paravent) as peak:
        fields = [FORM, f"Content-Length: {len(body)}"] + ([f"Content-Encoding: {coding}"] if coding else [])
        client.head("/tr/?id=1000000000000001&ev=Lead", "POST", fields, host)
        if what == "large":  # answered long before it is sent, and then the connection ends
            with pytest.raises(REFUSED):
                client.send(body)
                client.rest()
                raise Closed(b"")
        else:
            client.send(body)
            assert read_response(client).status == 200
            assert client.ask("/after", host=host).status == 200
    event = home.event(host, name="Lead")
    assert (event["verdict"], event["body_cut"]) == ("answer", True)
    assert peak.risen < 24 * MIB, peak.risen


def test_H9_a_slow_body_is_not_waited_for_for_ever_and_its_framing_is_held_to(home, host):
    home.origin(host)
    with home.client(host) as client:
        client.head("/tr/", "POST", [FORM, "Transfer-Encoding: chunked"], host)
        client.send(b"5\r\nid=1&\r\nzz\r\n")
        assert read_response(client).status == 400
    with home.client(host) as client:
        client.head("/tr/?ev=Slow", "POST", [FORM, "Content-Length: 1000000"], host)
        client.socket.settimeout(0.3)

        def answered():
            try:
                client.send(b"a=b&")
                client.more()
            except socket.timeout:
                return False
            return True

        assert seconds_until(answered, "an answer although the body goes on", 10) > 4
        assert bytes(client.pending).startswith(b"HTTP/1.1 200")
    event = home.event(host, name="Slow")
    assert (event["verdict"], event["body_cut"]) == ("answer", True)


@pytest.mark.parametrize("protocol", ["http/1.1", "h2"])
def test_H9_a_body_that_stalls_is_judged_by_its_address_and_goes_on_where_it_may(home, host, protocol):
    seen = []

    def answers(session, stream, request):
        seen.append(request["body"])
        session.h2.send_headers(stream, [(":status", "200")], end_stream=True)

    tls = home.everything.good(host).context()
    tls.set_alpn_protocols([protocol])
    far = home.origin(host, http2.mirror2(answers) if protocol == "h2" else digest, tls=tls)
    _, exception = home.paravent.api("/exceptions", "POST", {"site": "shop.example"})
    body = b"id=1&ev=Stalled&dl=https%3A%2F%2Fshop.example%2F" + b"&x=y" * 1000
    with home.client(host, context=home.trusting(alpn=[protocol]), timeout=30) as client:
        if protocol == "h2":
            client = http2.Client(client.socket)
            stream = client.begin("/tr/", "POST", [("content-type", "application/x-www-form-urlencoded"), ("referer", "https://shop.example/")], False, host)
            client.send(stream, body[:100])
        else:
            client.head("/tr/", "POST", [FORM, "Referer: https://shop.example/", f"Content-Length: {len(body)}"], host)
            client.send(body[:100])
        assert seconds_until(lambda: b"POST /tr/" in far.received, "the origin to be asked although the body stalls", 12) > 4
        assert home.event(host, name="Stalled", verdict="allow")["body_cut"] is True
        if protocol == "h2":
            client.send(stream, body[100:], end=True)
            assert client.answer(stream).status == 200 and seen == [body.decode()]
        else:
            client.send(body[100:])
            assert json.loads(read_response(client).body) == [len(body), hashlib.blake2b(body).hexdigest()]
    assert home.paravent.api("/exceptions/" + exception["id"], "DELETE")[0] == 204


def test_a_client_that_leaves_within_its_body_is_told_of_all_the_same(home, host):
    home.origin(host)
    with home.client(host) as client:
        client.head("/tr/?id=1000000000000001&ev=Left", "POST", [FORM, "Content-Length: 1000"], host)
        client.send(b"cd[value]=1&")
    assert home.event(host, name="Left")["verdict"] == "answer"


def test_a_body_made_to_be_slow_to_look_through_costs_no_more_than_another(home, host):
    home.origin(host)
    secret, words = b"a" * 30_000 + b"b", b"a" * 60_000
    body = b"&".join([b"ud[em]=" + secret] * 10 + [b"cd[x%d]=" % n + words for n in range(10)])
    with home.client(host) as client:
        assert seconds_until(lambda: client.ask("/tr/?ev=Costly", "POST", [FORM], body, host).status == 200, "an answer", 10) < 1


def test_what_a_shops_own_host_takes_for_meta_is_told_where_it_is_seen(home):
    far = home._origin(digest, port=80, address=home.hosts["shop.example"])
    event = json.dumps({"event_name": "AddToCart", "event_id": "ob3_plugin-set_1", "custom_data": {"value": 5, "currency": "EUR"}}).encode()
    stream = Stream(home.paravent.connect())
    for target, body, fields in [("/x/events?cee=no", event, "application/json"), ("/tr?id=1000000000000001&ev=Search", b"", "text/plain")]:
        stream.socket.sendall(f"POST http://shop.example{target} HTTP/1.1\r\nHost: shop.example\r\nContent-Type: {fields}\r\n"
                              f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert json.loads(read_response(stream).body) == [len(body), hashlib.blake2b(body).hexdigest()]
    stream.socket.close()
    told = home.event("shop.example", name="AddToCart")
    assert (told["product"], told["value"], told["verdict"], told["event_id"]) == ("conversions", 5.0, "allow", True)
    assert home.event("shop.example", name="Search")["product"] == "pixel"
    far.close()
