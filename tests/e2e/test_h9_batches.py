"""A batch is judged part by part (row H9): app events stay at home, logins reach Meta, every answer comes back in its place."""
import gzip
import json
from urllib.parse import parse_qs, quote

import http2
import pytest

from conditions import eventually
from inside import GRAPH
from memory import MIB, Peak
from origin import response
from street import home  # noqa: F401 (fixture)

FORM = "Content-Type: application/x-www-form-urlencoded"
ME = {"method": "GET", "relative_url": "me?fields=id,name"}
TOKEN = {"method": "POST", "relative_url": "oauth/device", "body": "x=1"}


def told(name, app="1000000000000001"):
    events = quote(json.dumps([{"_eventName": name, "_valueToSum": 5, "fb_currency": "EUR"}]))
    return {"method": "POST", "relative_url": f"v19.0/{app}/activities", "body": f"event=CUSTOM_APP_EVENTS&custom_events={events}"}


def graph(connection):
    """A Graph API that answers each part of a batch with what it was asked."""
    while True:
        request = connection.request()
        query = request.first.split(" ")[1].partition("?")[2]
        field = (parse_qs(request.body.decode("latin-1")).get("batch") or parse_qs(query).get("batch") or [""])[0]
        if not field.endswith("}]") or "[[[" in field:
            connection.send(response(b'{"error":{"code":190}}', fields=["Content-Type: application/json"]))
            continue
        answers = [{"code": 200, "body": json.dumps({"asked": part["relative_url"]})} for part in json.loads(field)]
        connection.send(response(json.dumps(answers, indent=1).encode(), fields=["Content-Type: application/json", "ETag: \"a\""]))


def asked_of(answer):
    """What each answer is: the address that Meta was asked for, or what we say."""
    return [json.loads(part["body"]).get("asked", json.loads(part["body"])) for part in json.loads(answer.body)]


@pytest.fixture
def far(home):
    origin = home.origin(GRAPH, graph)
    yield origin
    origin.close()


def ask(home, parts, target="/", fields=(FORM,), encode=lambda body: body, **way):
    with home.client(GRAPH, **way) as client:
        return client.ask(target, "POST", list(fields), encode(b"access_token=abc&batch=" + quote(json.dumps(parts)).encode()), GRAPH)


def names(home):
    return [e.get("name") for e in home.paravent.events() if e["destination"] == GRAPH]


def test_H9_logins_of_a_batch_reach_meta_and_answers_come_back_in_place(home, far):
    parts = [told("first"), ME, told("second"), TOKEN, told("third")]
    answer = ask(home, parts)
    assert (answer.status, answer.get("Paravent-Rule")) == (200, "meta/app-events")
    assert asked_of(answer) == [{"success": True}, ME["relative_url"], {"success": True}, TOKEN["relative_url"], {"success": True}]
    assert b"activities" not in far.received and b"access_token=abc" in far.received
    eventually(lambda: {"first", "second", "third"} <= set(names(home)), "three events")
    event = home.event(GRAPH, name="second")
    assert (event["verdict"], event["rule"], event["value"], event["account"]) == ("answer", "meta/app-events", 5.0, "1000000000000001")
    assert "body_cut" not in event


@pytest.mark.parametrize("coding", ["gzip", "query"])
def test_H9_however_a_batch_is_sent(home, far, coding):
    parts, name = [told("by " + coding), ME], "by " + coding
    if coding == "gzip":
        answer = ask(home, parts, fields=(FORM, "Content-Encoding: gzip", "Accept-Encoding: gzip"), encode=gzip.compress)
    else:
        with home.client(GRAPH) as client:
            answer = client.ask("/v19.0/?x=1&batch=" + quote(json.dumps(parts)), "POST", [], b"", GRAPH)
    assert asked_of(answer) == [{"success": True}, ME["relative_url"]]
    assert b"activities" not in far.received and b"relative_url" in far.received
    home.event(GRAPH, name=name, verdict="answer")


def test_H9_a_batch_of_http2(home):
    asked = []

    def answers(session, stream, seen):
        asked.append(seen)
        parts = json.loads(parse_qs(seen["body"])["batch"][0])
        body = json.dumps([{"code": 200, "body": json.dumps({"asked": part["relative_url"]})} for part in parts]).encode()
        session.h2.send_headers(stream, [(":status", "200"), ("content-length", str(len(body)))])
        session.queue(stream, body)

    tls = home.everything.good(GRAPH).context()
    tls.set_alpn_protocols(["h2"])
    origin = home.origin(GRAPH, http2.mirror2(answers), tls=tls)
    parts = [ME, told("over h2"), TOKEN]
    with home.client(GRAPH, context=home.trusting(alpn=["h2"])) as client:
        answer = http2.Client(client.socket).ask("/", "POST", [("content-type", "application/x-www-form-urlencoded"), ("accept-encoding", "br")],
                                                 b"batch=" + quote(json.dumps(parts)).encode(), GRAPH)
    origin.close()
    assert asked_of(answer) == [ME["relative_url"], {"success": True}, TOKEN["relative_url"]]
    assert [dict(seen["fields"])["accept-encoding"] for seen in asked] == ["identity"]
    home.event(GRAPH, name="over h2", verdict="answer")


def test_a_batch_of_app_events_alone_asks_nobody(home, far):
    answer = ask(home, [told("alone"), told("alone")])
    assert asked_of(answer) == [{"success": True}] * 2
    assert answer.get("Cache-Control") == "no-store"
    assert far.received == b""
    eventually(lambda: names(home).count("alone") == 2, "two events")


def test_a_batch_without_app_events_goes_as_it_came(home, far):
    answer = ask(home, [ME, TOKEN])
    assert asked_of(answer) == [ME["relative_url"], TOKEN["relative_url"]]
    assert answer.get("Paravent-Rule") is None
    assert quote(json.dumps([ME, TOKEN])).encode() in far.received


def test_an_error_of_the_whole_batch_stays_one(home):
    far = home.origin(GRAPH, lambda connection: [connection.request(), connection.send(response(b'{"error":{"code":190}}', "400 Bad Request"))])
    answer = ask(home, [told("refused"), ME])
    far.close()
    assert (answer.status, json.loads(answer.body)) == (400, {"error": {"code": 190}})


@pytest.mark.parametrize("what", ["parts", "depth", "broken", "twice"])
def test_H9_a_batch_that_cannot_be_read_is_judged_by_its_address_and_the_event_says_so(home, far, what):
    known = json.dumps(told("known " + what))
    deep = '{"relative_url":"me","x":' + "[" * 1000 + "]" * 1000 + "}"
    batch = {"parts": "[" + ",".join([known] + [json.dumps(ME)] * 9_999) + "]", "depth": f"[{known},{deep}]",
             "broken": f"[{known},{{", "twice": f"[{known}]"}[what]
    body = "&".join([f"batch={quote(batch)}"] * (2 if what == "twice" else 1))
    with home.client(GRAPH) as client:
        client.ask("/", "POST", [FORM], body.encode(), GRAPH)
    event = home.event(GRAPH, name="known " + what)
    assert (event["verdict"], event["body_cut"]) == ("allow", True)


def test_conversions_of_a_server_at_home_are_blocked_in_metas_own_words(home, far):
    data = [{"event_name": name, "event_time": 1, "action_source": "website", "user_data": {"em": ["a" * 64]}} for name in ("Lead", "Purchase")]
    with home.client(GRAPH) as client:
        answer = client.ask("/v19.0/1000000000000001/events", "POST", ["Content-Type: application/json"], json.dumps({"data": data}).encode(), GRAPH)
    assert (answer.status, answer.get("Paravent-Rule")) == (200, "meta/conversions-api")
    assert json.loads(answer.body)["events_received"] == 2
    assert far.received == b""
    assert home.event(GRAPH, name="Lead")["verdict"] == "block"


def test_a_reply_that_came_packed_all_the_same_is_no_reply(home):
    packed = gzip.compress(b'[{"code":200}]')
    far = home.origin(GRAPH, lambda connection: [connection.request(), connection.send(response(packed, fields=["Content-Encoding: gzip"]))])
    answer = ask(home, [told("packed"), ME])
    far.close()
    assert (answer.status, answer.get("Paravent-Error"), answer.body) == (502, "upstream-protocol", b"")


def test_what_names_other_bytes_goes_neither_there_nor_back(home, far):
    answer = ask(home, [told("named"), ME], fields=(FORM, "Range: bytes=0-1", "If-None-Match: x", "Accept-Encoding: gzip, br"))
    assert asked_of(answer)[1] == ME["relative_url"] and answer.get("ETag") is None
    assert b"Range" not in far.received and b"If-None-Match" not in far.received and b"gzip" not in far.received


def test_a_part_that_a_login_waits_for_goes_with_it(home, far):
    waits = {**ME, "depends_on": "first"}
    answer = ask(home, [{**told("waited for"), "name": "first"}, waits, told("not waited for")])
    assert [json.loads(part["body"]) for part in json.loads(answer.body)][2] == {"success": True}
    assert far.received.count(b"activities") == 1
    assert home.event(GRAPH, name="waited for")["verdict"] == "allow"
    assert home.event(GRAPH, name="not waited for")["verdict"] == "answer"


def test_a_login_that_speaks_of_activities_is_one(home, far):
    login = {"method": "POST", "relative_url": "v19.0/device/login?redirect_uri=https://a.example/activities"}
    assert asked_of(ask(home, [login, told("beside it")])) == [login["relative_url"], {"success": True}]


def test_a_blocked_part_of_another_kind_is_told_of_too(home, far):
    data = json.dumps([{"event_name": name, "event_time": 1} for name in ("One", "Two")])
    parts = [ME, {"method": "POST", "relative_url": "v19.0/1000000000000001/events", "body": "data=" + quote(data)}]
    answer = ask(home, parts)
    assert asked_of(answer)[1]["events_received"] == 2
    assert (home.event(GRAPH, name="Two")["verdict"], home.event(GRAPH, name="One")["rule"]) == ("block", "meta/conversions-api")


@pytest.mark.memory
def test_H9_many_batches_that_wait_for_meta_hold_little(home):
    far = home.origin(GRAPH, lambda connection: [connection.request(), connection.over.wait(30)])
    body = gzip.compress(b"x=" + b"y" * (7 * MIB) + b"&batch=" + quote(json.dumps([ME])).encode())
    clients = []
    with Peak(home.paravent) as peak:
        for _ in range(24):
            clients.append(home.client(GRAPH))
            clients[-1].head("/", "POST", [FORM, "Content-Encoding: gzip", f"Content-Length: {len(body)}"], GRAPH)
            clients[-1].send(body)
        eventually(lambda: far.received.count(b"POST / ") == 24, "the origin to be asked for all", 30)
    for client in clients:
        client.close()
    far.close()
    assert peak.risen < 64 * MIB, peak.risen


def test_many_small_batches_that_wait_are_read_all_the_same(home):
    far = home.origin(GRAPH, lambda connection: [connection.request(), connection.over.wait(30)])
    clients = []
    for number in range(80):
        clients.append(home.client(GRAPH))
        body = b"batch=" + quote(json.dumps([told("many"), ME])).encode()
        clients[-1].head("/", "POST", [FORM, f"Content-Length: {len(body)}"], GRAPH)
        clients[-1].send(body)
    eventually(lambda: names(home).count("many") == 80, "80 events", 20)
    assert all(e["verdict"] == "answer" for e in home.paravent.events() if e.get("name") == "many")
    for client in clients:
        client.close()
    far.close()
    assert b"activities" not in far.received
