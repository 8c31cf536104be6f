"""Stand-ins for Meta's scripts on the wire: what is given, by which mode, and who may hand in a report."""
import json
import re
import time

import pytest

from conditions import eventually
from inside import CONNECT, FACEBOOK, GUEST, LAPTOP, PHONE, TR
from reporting import SITE, TOKEN, Token, asked, form, house, mode, report, told  # noqa: F401 (fixture)

LOADER = "/en_US/fbevents.js"
PAGE = f"https://www.{SITE}/cart"
FROM = [f"Referer: https://www.{SITE}/", "Sec-Fetch-Dest: script"]


def loader(client, fields=FROM, target=LOADER):
    return client.ask(target, fields=fields, host=CONNECT)


@pytest.fixture
def client(house):
    with house.client(CONNECT) as made:
        yield made


@pytest.fixture
def said(house):
    """What reached the origin in Meta's place during the test."""
    before = len(house.far.received)
    return lambda: house.far.received[before:]


# What is given


def test_the_loader_gets_the_stand_in_that_reports(client, said):
    answer = loader(client)
    assert answer.status == 200 and answer.get("Content-Type").startswith("application/javascript")
    assert answer.get("Cache-Control") == "no-store" and answer.rule == "meta/fbevents"
    assert re.search(rb'\)\n\("[0-9a-f]{32}"\);\n$', answer.body) and b"Paravent's stand-in" in answer.body
    assert b"fbevents" not in said()


@pytest.mark.parametrize("fields, allowed, credentials", [
    ([], "*", None), (["Origin: https://shop.example", "Sec-Fetch-Mode: cors"], "https://shop.example", "true"), (["Origin: null"], "null", "true")])
def test_a_crossorigin_script_and_a_module_may_be_read(client, fields, allowed, credentials):
    answer = loader(client, [*FROM, *fields])
    assert answer.status == 200 and answer.body
    assert answer.all("Access-Control-Allow-Origin") == [allowed] and answer.get("Access-Control-Allow-Credentials") == credentials
    assert answer.get("Cross-Origin-Resource-Policy") == "cross-origin"
    assert allowed == "*" or answer.get("Vary") == "Origin"


@pytest.mark.parametrize("target", ["/signals/config/1000000000000001?v=2.9.200", "/signals/plugins/identity.js", "/signals/iwl.js", "/en_US/pcm.js",
                                    "/en_US/fbds.js"])
def test_the_loaders_parts_stay_empty_scripts(client, target, said):
    answer = loader(client, target=target)
    assert (answer.status, answer.body) == (200, b"") and answer.get("Content-Type").startswith("application/javascript")
    assert b"signals" not in said()


def test_over_plain_http_the_stand_in_is_silent(house):
    answer = house.paravent.get(f"http://{CONNECT}{LOADER}", fields=FROM)
    assert answer.status == 200 and answer.body.endswith(b'})\n("");\n')


# Modes


def test_a_silent_site_gets_the_stand_in_without_a_password(house, client):
    with mode(house, SITE, "silent"):
        assert loader(client).body.endswith(b'("");\n')
        assert not loader(client, ["Referer: https://other.example/"]).body.endswith(b'("");\n')
        assert not loader(client, []).body.endswith(b'("");\n')  # no page known
        assert report(client, form("FromSilent", PAGE)).status == 404
    assert not loader(client).body.endswith(b'("");\n')
    assert told(house, "FromSilent") == []


def test_an_observed_site_gets_metas_own_script_and_its_events_are_answered(house, client, said):
    with mode(house, SITE, "observe"):
        for target in (LOADER, "/signals/config/1000000000000001"):
            assert json.loads(loader(client, target=target).body)["target"] == target
        assert loader(client, ["Referer: https://other.example/"]).rule == "meta/fbevents"
        assert report(client, form("FromObserved", PAGE)).status == 404
        far = house.origin(FACEBOOK)
        with house.client(FACEBOOK) as facebook:
            assert facebook.ask(TR, fields=FROM).rule == "meta/pixel-event"
        assert b"/tr" not in far.received
    assert b"GET " + LOADER.encode() in said()
    logged = eventually(lambda: [e for e in house.paravent.events() if e["product"] == "loader" and e["verdict"] == "log"], "the loader's event")
    assert logged[-1]["site"] == SITE and logged[-1]["rule"] in ("meta/fbevents", "meta/signals-config")
    assert loader(client).rule == "meta/fbevents" and told(house, "FromObserved") == []


def test_the_modes_are_shown_kept_and_said_in_words(house):
    paravent = house.paravent
    for name in ("silent", "observe", "report"):
        status, site = paravent.api("/sites/www.kept.example", "PATCH", {"mode": name})
        assert (status, site["site"], site["mode"]) == (200, "kept.example", name)
    assert paravent.api("/sites/kept.example", "PATCH", {"mode": "observe"})[1]["mode_text"].count("asked of Meta") == 1
    shown = [s for s in paravent.api("/sites")[1]["items"] if s["site"] == "kept.example"]
    assert shown and shown[0]["mode"] == "observe"
    assert json.loads((house.state / "policy.json").read_text())["sites"]["kept.example"] == "observe"
    for body in ({"mode": "loud"}, {"mode": 1}, {}, {"mode": "silent", "block": True}):
        assert paravent.api("/sites/kept.example", "PATCH", body)[0] == 400
    assert paravent.api("/sites/not%20a%20site", "PATCH", {"mode": "silent"})[0] == 400
    assert paravent.api("/sites/kept.example", "PATCH", {"mode": None})[1]["mode"] == "report"
    assert not [s for s in paravent.api("/sites")[1]["items"] if s["site"] == "kept.example"]


def test_why_tells_what_is_given(house):
    def why(device="this"):
        return house.paravent.api(f"/why?url=https://{CONNECT}{LOADER}&from={PAGE}&device={device}")[1]

    assert why()["answer"] == "fbevents.js (report)" and "tells Paravent alone" in why()["sentence"]
    with mode(house, SITE, "silent"):
        assert why()["answer"] == "fbevents.js (silent)" and "tells nobody" in why()["sentence"]
    with mode(house, SITE, "observe"):
        assert (why()["verdict"], why()["answer"]) == ("log", None) and "only while Paravent looks inside" in why()["sentence"]
    assert why("guest")["answer"] == "403 to CONNECT"


# Reports


def test_a_report_becomes_one_event(house, client, said):
    text = form("Purchase", PAGE, ik="em,ph,fbp", eid="1", dpo="LDU", **{
        "cd[value]": "59", "cd[currency]": "EUR", "cd[content_name]": "Red shoes", "cd[contents]": '[{"id":"4711","quantity":1,"item_price":59}]'})
    answer = report(client, text)
    assert (answer.status, answer.body) == (200, b"") and answer.get("Cache-Control") == "no-store"
    event, = eventually(lambda: told(house, "Purchase"), "the event")
    event = {k: v for k, v in event.items() if k not in ("id", "time", "device", "address")}
    assert event == {"site": SITE, "page": PAGE, "destination": CONNECT, "product": "pixel", "account": "1000000000000001", "name": "Purchase",
                     "automatic": False, "value": 59, "currency": "EUR", "contents": [{"id": "4711", "quantity": 1, "item_price": 59}],
                     "custom": {"content_name": "Red shoes"}, "identifiers": ["em", "ph", "fbp"], "event_id": True, "limited_data_use": True,
                     "verdict": "answer", "rule": "meta/fbevents", "seen": "full"}
    assert b"/paravent/" not in said()


def test_a_token_answers_the_nonce_and_is_a_script_for_everybody(client):
    answer = asked(client, "0123456789abcdef", ["Origin: https://shop.example"])
    assert Token(answer).nonce == "0123456789abcdef" and answer.get("Content-Type").startswith("application/javascript")
    assert answer.get("Cache-Control") == "no-store" and answer.get("Access-Control-Allow-Origin") == "https://shop.example"
    assert loader(client).body.endswith(b'("' + Token(answer).password.encode() + b'");\n')


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65, "%22);alert(1);(%22", "abcdefgh%0a", "ABCDEFGH"])
def test_a_nonce_that_could_be_more_than_a_word_gets_no_token(client, nonce, said):
    answer = client.ask(f"/paravent/token.js?n={nonce}", host=CONNECT)
    assert (answer.status, answer.body) == (404, b"") and b"/paravent/" not in said()


def test_a_token_is_good_once(house, client):
    token = Token(asked(client))
    assert [report(client, form("Once", PAGE), token).status for _ in range(3)] == [200, 403, 403]
    assert len(told(house, "Once")) == 1


def test_a_forged_token_is_refused(house, client):
    token = Token(asked(client))
    good, token.text = token.text, token.text[:-1] + ("0" if token.text[-1] != "0" else "1")
    assert report(client, form("Forged", PAGE), token).status == 403
    for text in ("", "0" * 64, good[::-1], good.upper()):
        token.text = text
        assert report(client, form("Forged", PAGE), token).status == 403
    assert client.ask("/paravent/report.js?" + form("Forged", PAGE), host=CONNECT).status == 403
    assert told(house, "Forged") == []


def test_a_token_is_for_its_device_and_for_its_report(house, client):
    token, other = Token(asked(client)), Token(asked(client))
    with house.client(CONNECT, source=PHONE) as phone:
        assert report(phone, form("Elsewhere", PAGE), token).status == 403
    other.pad = token.pad
    assert report(client, form("Elsewhere", PAGE), other).status == 404  # it opens to noise
    assert told(house, "Elsewhere") == []


def test_a_token_grows_old(house, client):
    token, begin = Token(asked(client)), time.monotonic()
    eventually(lambda: time.monotonic() - begin > 10.6, "ten seconds, for which a token is good", 15)
    assert report(client, form("Late", PAGE), token).status == 403
    assert told(house, "Late") == []


def test_a_report_on_the_way_shows_nothing_to_who_has_not_given_the_token(client):
    token = Token(asked(client))
    target = token.target(form("Purchase", PAGE, ik="em"))
    assert not re.search(r"Purchase|shop|1000000000000001", target) and len(target) < 4096
    assert Token(asked(client)).target(form("Purchase", PAGE, ik="em")).split("r=")[1] != target.split("r=")[1]


@pytest.mark.parametrize("text", ["", "id=1", "ev=x", "id=x&ev=y", "%", "\x00" * 50])
def test_a_report_of_nothing_is_no_event(house, client, text):
    before = len(house.paravent.events())
    assert report(client, text).status == 404
    assert len(house.paravent.events()) == before


def test_no_identifiers_value_gets_in(house, client):
    hash_of_me = "f" * 64
    text = form("Hostile", f"https://{SITE}/u/me@mail.example?em={hash_of_me}", ik=f"em,me@mail.example,{hash_of_me},nonsense", **{
        "cd[content_name]": "me@mail.example", "cd[content_category]": hash_of_me, "cd[email]": "x", "cd[search_string]": "fb.1.1549980788732.221006875"})
    assert report(client, text).status == 200
    event, = told(house, "Hostile")
    assert event["identifiers"] == ["em"] and "custom" not in event and event["page"] == f"https://{SITE}/"
    assert b"me@mail.example" not in (house.state / "statistics.db").read_bytes()


# What is ours goes nowhere else


@pytest.fixture(params=["exception", "off", "paused", "log"])
def spared(request, house):
    """A connection of the laptop's that is looked into, which from now on does not get the stand-in."""
    client = house.client(CONNECT, source=LAPTOP)
    api = house.paravent.api
    device = next(d for d in api("/devices")[1]["items"] if d["name"] == "laptop")["id"]
    changes = {"off": ({"profile": "off"}, {"profile": None}), "log": ({"profile": "log"}, {"profile": None}),
               "paused": ({"paused_until": "2090-01-01T00:00:00Z"}, {"paused_until": None})}
    if request.param in changes:
        there, back = changes[request.param]
        assert api(f"/devices/{device}", "PATCH", there)[0] == 200
        yield client
        assert api(f"/devices/{device}", "PATCH", back)[0] == 200
    else:
        exception = api("/exceptions", "POST", {"site": CONNECT})[1]
        yield client
        assert api(f"/exceptions/{exception['id']}", "DELETE")[0] == 204


def test_reports_go_nowhere_where_the_stand_in_is_not_given(house, spared, said):
    with spared as client:
        for target in ("/paravent/token.js?n=0123456789abcdef", "/paravent/report.js?t=1&r=2", "/paravent/other", "/paravent/"):
            answer = client.ask(target, host=CONNECT)
            assert (answer.status in (403, 404), answer.body) == (True, b""), target
        assert json.loads(client.ask("/en_US/other.js", host=CONNECT).body)["target"] == "/en_US/other.js"
    assert b"/paravent/" not in said() and b"/en_US/other.js" in said()


def test_an_exception_for_the_site_spares_it_from_reports(house, client, said):
    exception = house.paravent.api("/exceptions", "POST", {"site": SITE})[1]
    try:
        assert report(client, form("Excepted", PAGE)).status == 404
        assert report(client, form("Excepted", "https://other.example/")).status == 200
    finally:
        house.paravent.api(f"/exceptions/{exception['id']}", "DELETE")
    assert [e["site"] for e in told(house, "Excepted")] == ["other.example"] and b"/paravent/" not in said()


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_get_nothing(client, method, said):
    body = b"x" if method in ("POST", "PUT") else None
    for target in ("/paravent/token.js?n=0123456789abcdef", "/paravent/report.js?t=1&r=2"):
        answer = client.ask(target, method, body=body, host=CONNECT)
        assert (answer.status, answer.body) == (404, b"")
    assert b"/paravent/" not in said()


def test_other_hosts_have_no_such_paths(house):
    far = house.origin("m.facebook.com")
    with house.client("m.facebook.com") as client:
        assert json.loads(client.ask("/paravent/token.js?n=0123456789abcdef", host="m.facebook.com").body)["target"].startswith("/paravent/")
    assert far.connections


def test_who_is_not_looked_into_gets_no_token(house, said):
    answer, stream = house.paravent.tunnel(CONNECT)  # this computer is
    stream.socket.close()
    assert answer.status == 200
    with pytest.raises(AssertionError, match="403"):
        house.client(CONNECT, source=GUEST)
    assert b"/paravent/" not in said()
