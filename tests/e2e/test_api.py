"""The HTTP API of the running program: what it says of itself holds, and who may not ask is refused."""
import http.client
import json
import re
import socket
import time

import pytest

from conditions import eventually
from schema import problems

HOSTS = ["connect.facebook.net", "www.facebook.com", "pixel.facebook.com"]


def raw(paravent, method, path, body=None, **headers):
    """(status, fields, bytes) without the token unless given."""
    connection = http.client.HTTPConnection("127.0.0.1", paravent.dashboard, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


def owner(paravent):
    return {"Authorization": "Bearer " + (paravent.state / "token").read_text().strip()}


def loader(paravent):
    """The status that a CONNECT to the pixel's loader gets."""
    answer, stream = paravent.tunnel("connect.facebook.net")
    stream.socket.close()
    return answer.status


@pytest.fixture
def house(start):
    """The program with two events, one seen by host alone and one seen whole."""
    paravent = start(hosts=HOSTS)
    assert loader(paravent) == 403
    answer = paravent.get("http://www.facebook.com/tr?id=1472749159700779&ev=Purchase&cd[value]=59.50&cd[currency]=EUR&ud[em]="
                          + "0" * 64 + "&eid=1", fields=["Referer: http://shop.example/cart"])
    assert answer.status == 200
    return paravent


# What is asked of each described path, and with which body. {x} is filled in.
BODIES = {
    ("patch", "/api/v1/devices/{id}"): {"name": "Tablet", "profile": "strict", "paused_until": "2090-01-01T00:00:00Z"},
    ("post", "/api/v1/exceptions"): {"site": "shop.example", "until": 4000000000},
    ("post", "/api/v1/mine"): {"kind": "em", "value": "anna@mail.example"},
    ("post", "/api/v1/lists"): {"name": "new", "url": "https://127.0.0.1:9/new.txt"},
    ("patch", "/api/v1/lists/{name}"): {"enabled": True},
    ("post", "/api/v1/lists/update"): {},
    ("patch", "/api/v1/sites/{site}"): {"mode": "silent"},
    ("post", "/api/v1/authority"): {"renew": True},
    ("post", "/api/v1/backup"): {"passphrase": "correct horse"},
    ("patch", "/api/v1/settings"): {"retention": "7d", "guests_may_ask": True, "language": "fr"},
    ("post", "/api/v1/session"): {},
    ("put", "/api/v1/place"): {"mode": "dns", "servers": ["192.168.1.1"]},
    ("put", "/api/v1/password"): {"new": "correct horse"},
    ("post", "/api/v1/tokens"): {"name": "grafana"},
    ("patch", "/api/v1/checklist"): {"person": "Ann", "id": "delete", "done": "2026-11-20"},
    ("post", "/api/v1/decode"): {"log": {"entries": [{"request": {"url": "https://www.facebook.com/tr?id=1&ev=Lead"}}]}},
    ("post", "/api/v1/self/exceptions"): {"site": "shop.example"},
    ("post", "/api/v1/import"): {"off_facebook_activity_v2": [
        {"name": "shop.example", "events": [{"id": 1472749159700779, "type": "PURCHASE", "timestamp": 1700000000}]},
        {"name": "other.example", "events": [{"id": 1472749159700780, "type": "LEAD", "timestamp": 1690000000}]}]},
}
QUERIES = {"/qr.svg": "?text=http://paravent.local/setup", "/paravent.mobileconfig": "?ssid=home",
           "/api/v1/why": "?url=https://www.facebook.com/tr&from=https://shop.example/&type=image",
           "/api/v1/withheld": f"?month={time.strftime('%Y-%m', time.gmtime())}",
           "/api/v1/withheld.csv": f"?month={time.strftime('%Y-%m', time.gmtime())}",
           "/api/v1/stats": "?by=hour", "/api/v1/events": "?limit=1"}
# Deletions last, so that there is something to describe before.
ORDER = ["get", "post", "patch", "put", "delete"]


def test_every_described_path_answers_as_it_is_described(house):
    status, _, content = raw(house, "GET", "/api/v1/openapi.json", **owner(house))
    assert status == 200
    document = json.loads(content)
    (house.state / "place").write_text("mode = proxy\n")  # as a Raspberry Pi's set-up leaves it
    house.api("/devices/192.168.1.20", "PATCH", {"name": "Phone"})
    _, exception = house.api("/exceptions", "POST", {"site": "old.example"})
    _, authority = house.api("/authority", "POST", {})
    house.api("/settings", "PATCH", {"guests_may_ask": True})
    _, token = house.api("/tokens", "POST", {"name": "old"})
    house.api("/checklist", "PATCH", {"id": "delete", "done": "2026-11-20"})  # a calendar has one date at least
    for _ in range(2):  # so that one can be compared with the one before
        status, _, imported = raw(house, "POST", "/api/v1/import", json.dumps(BODIES["post", "/api/v1/import"]), **owner(house))
        assert status == 201, imported
    asset = re.search(rb'/assets/([^"]+[.]js)"', raw(house, "GET", "/")[2])
    identity = authority["fingerprint"].replace(":", "")[:16].lower()
    seen = []
    operations = [(method, path, operation) for path, methods in document["paths"].items()
                  for method, operation in methods.items()]
    for method, path, operation in sorted(operations, key=lambda o: ORDER.index(o[0])):
        name = {"/api/v1/devices/{id}": "192.168.1.20", "/api/v1/exceptions/{id}": exception["id"],
                "/api/v1/lists/{name}": "new", "/api/v1/sites/{site}": "shop.example"}.get(path, "")
        if path.startswith("/authority/"):
            name = identity
        if path == "/assets/{name}":
            if not asset:
                continue  # a program without its pages
            name = asset[1].decode()
        target = path.replace("{id}", name).replace("{name}", name).replace("{site}", name) + (QUERIES.get(path, "") if method == "get" else "")
        if (method, path) == ("delete", "/api/v1/tokens"):
            target += "?id=" + token["id"]
        if (method, path) == ("delete", "/api/v1/import"):
            again = raw(house, "POST", "/api/v1/import", json.dumps(BODIES["post", "/api/v1/import"]), **owner(house))[2]
            target += "?id=" + json.loads(again)["id"]  # what was imported before went with all events
        if path in ("/api/v1/events/stream", "/api/v1/bypasses/{id}"):
            continue  # have their own tests: a stream without end; an app that refuses
        if path == "/api/v1/restore":
            body = raw(house, "GET", "/api/v1/backup", **owner(house))[2]
        else:
            body = json.dumps(BODIES[method, path]) if (method, path) in BODIES else None
        status, fields, content = raw(house, method.upper(), target, body, **owner(house))
        described = operation["responses"].get(str(status))
        assert described is not None, f"{method} {target}: {status} {content!r} is not described"
        assert status < 400, content
        kinds = described.get("content", {})
        if not kinds:
            assert content == b""
            continue
        kind = fields["Content-Type"].split(";")[0]
        assert kind in kinds, f"{method} {target}: {kind}"
        if kind == "application/json":
            assert problems(json.loads(content), kinds[kind]["schema"], document, f"{method} {target}") == []
        seen.append(path)
    assert len(seen) > 15


def test_the_validator_finds_what_is_wrong(house):
    _, document = house.api("/openapi.json")
    _, page = house.api("/events")
    schema = {"$ref": "#/components/schemas/Events"}
    assert problems(page, schema, document) == []
    for change in ({"verdict": "deny"}, {"id": "1"}, {"automatic": 0}, {"time": "2026-11-24"}, {"more": 1}):
        assert problems({**page, "items": [{**page["items"][0], **change}]}, schema, document)
    missing = dict(page["items"][0])
    del missing["seen"]
    assert problems({**page, "items": [missing]}, schema, document)


def test_refusals_are_described_problems(house):
    _, document = house.api("/openapi.json")
    problem = {"$ref": "#/components/schemas/Problem"}
    for method, path, headers, expected in [
            ("GET", "/api/v1/events", {}, 401),
            ("GET", "/api/v1/events", {"Authorization": "Bearer wrong"}, 401),
            ("GET", "/api/v1/nothing", owner(house), 404),
            ("PUT", "/api/v1/events", owner(house), 405),
            ("GET", "/api/v1/events?limit=0", owner(house), 400),
            ("DELETE", "/api/v1/exceptions/none", owner(house), 404),
            ("GET", "/api/v1/status", {**owner(house), "Host": "rebound.example"}, 421),          # D1
            ("POST", "/api/v1/exceptions", {**owner(house), "Origin": "http://evil.example"}, 403),  # D2
            ("GET", "/healthz", {"Sec-Fetch-Site": "cross-site"}, 403)]:
        status, fields, content = raw(house, method, path, **headers)
        assert (status, fields["Content-Type"]) == (expected, "application/problem+json"), (method, path)
        body = json.loads(content)
        assert problems(body, problem, document) == []
        assert body["status"] == expected and "Access-Control-Allow-Origin" not in fields


def test_events_have_what_was_seen_and_no_identifiers_value(house):
    _, page = house.api("/events")
    whole, host = page["items"]
    assert (whole["name"], whole["value"], whole["currency"], whole["identifiers"]) == ("Purchase", 59.5, "EUR", ["em"])
    assert (whole["site"], whole["verdict"], whole["rule"], whole["seen"]) == ("shop.example", "answer", "meta/pixel-event",
                                                                               "full")
    assert (host["destination"], host["verdict"], host["seen"]) == ("connect.facebook.net", "block", "host")
    assert not {"site", "name", "account"} & set(host)
    assert "0" * 64 not in json.dumps(page)
    _, stats = house.api("/stats")
    assert stats["total"] == {"requests": 2, "allow": 0, "log": 0, "block": 1, "answer": 1}


def test_the_page_and_health_need_no_token_and_the_page_has_no_inline_script(house):
    status, fields, content = raw(house, "GET", "/")
    assert status == 200 and re.findall(rb"<script(?![^>]* src=)", content) == []
    assert "default-src 'none'" in fields["Content-Security-Policy"] and "frame-ancestors 'none'" in fields[
        "Content-Security-Policy"]
    assert raw(house, "GET", "/healthz")[0] == 200
    status, _, content = raw(house, "HEAD", "/")
    assert (status, content) == (200, b"")


def test_the_same_is_there_through_the_proxy_by_name(house):
    token = owner(house)["Authorization"]
    answer = house.get("http://paravent.local/api/v1/status", fields=[f"Authorization: {token}"])
    assert answer.status == 200 and json.loads(answer.body)["workers"] >= 1
    assert house.get("http://paravent.local/api/v1/status").status == 401


def test_the_stream_brings_events_as_they_happen_until_the_reader_goes(house):
    connection = socket.create_connection(("127.0.0.1", house.dashboard), timeout=10)
    token = owner(house)["Authorization"]
    connection.sendall(f"GET /api/v1/events/stream?product=loader HTTP/1.1\r\nHost: 127.0.0.1:{house.dashboard}\r\n"
                       f"Authorization: {token}\r\n\r\n".encode())
    received = b""
    while b"listening" not in received:
        received += connection.recv(4096)
    assert b"text/event-stream" in received
    house.get("http://www.facebook.com/tr?id=1&ev=Ignored")
    loader(house)
    while b"\ndata: " not in received or not received.rstrip(b"\r\n").endswith(b"}"):
        received += connection.recv(4096)
    data = next(line for line in received.decode().split("\n") if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: "))["product"] == "loader"
    assert b"Ignored" not in received
    before = house.api("/status")[1]["connections"]["open"]
    connection.close()

    def given_up():  # a reader that went without a word is noticed when there is news for it
        loader(house)
        return house.api("/status")[1]["connections"]["open"] < before

    eventually(given_up, "the reader's connection to be given up")


def test_what_was_forgotten_is_gone_from_the_answers_and_from_the_disk(house):
    house.api("/events", "DELETE")
    _, page = house.api("/events")
    assert page == {"items": [], "next": None}
    for file in house.state.glob("statistics*"):
        assert b"shop.example" not in file.read_bytes(), file


def test_an_exception_holds_at_once_and_ends(house):
    _, exception = house.api("/exceptions", "POST", {"site": "connect.facebook.net"})
    _, why = house.api("/why?url=https://connect.facebook.net/en_US/fbevents.js")
    assert (why["verdict"], why["rule"]) == ("allow", "exception/" + exception["id"])
    assert loader(house) != 403
    assert house.api("/exceptions/" + exception["id"], "DELETE")[0] == 204
    assert loader(house) == 403
