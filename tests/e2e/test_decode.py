"""What recorded requests told Meta: paravent decode."""
import base64
import gzip
import json
import subprocess

import pytest

from program import CHECKED, PROGRAM

PIXEL = ("https://www.facebook.com/tr/?id=1472749159700779&ev=Purchase&dl=https%3A%2F%2Fshop.example%2Fcart%3Fm%3DSECRET"
         "&cd[value]=59.00&cd[currency]=EUR&cd[contents]=%5B%7B%22id%22%3A%2242%22%2C%22quantity%22%3A1%7D%5D"
         "&ud[em]=SECRET-hash&eid=order-1")
LIST = json.dumps([{"_eventName": "fb_mobile_purchase", "_valueToSum": 5.5, "fb_currency": "USD"},
                   {"_eventName": "fb_mobile_activate_app"}])
ACTIVITIES = "https://graph.facebook.com/v19.0/123/activities"


def decode(*arguments, stdin=""):
    return subprocess.run([str(PROGRAM), "decode", *map(str, arguments)], input=stdin, capture_output=True, text=True,
                          timeout=60)


def events(*arguments, stdin=""):
    result = decode(*arguments, stdin=stdin)
    assert result.returncode == 0, result.stderr
    assert "SECRET" not in result.stdout + result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def lines(*requests):
    return "".join(json.dumps(request) + "\n" for request in requests)


def test_a_line_is_printed_as_an_event():
    assert events(stdin=lines({"url": PIXEL, "headers": {"Cookie": "c_user=SECRET", "User-Agent": "SECRET"}})) == [{
        "request": 1, "site": "shop.example", "page": "https://shop.example/cart", "destination": "www.facebook.com",
        "product": "pixel", "account": "1472749159700779", "name": "Purchase", "automatic": False, "value": 59.0,
        "currency": "EUR", "contents": [{"id": "42", "quantity": 1}], "identifiers": ["em", "c_user"], "event_id": True,
        "limited_data_use": False, "seen": "full"}]


def test_requests_keep_their_numbers_and_others_print_nothing():
    batch = json.dumps([{"method": "GET", "relative_url": "me"},
                        {"method": "POST", "relative_url": "7/activities?event=MOBILE_APP_INSTALL"}])
    found = events(stdin=lines(
        {"url": "https://shop.example/"},
        {"method": "POST", "url": "https://www.facebook.com/tr/", "headers": {"content-type": "text/plain"},
         "body": PIXEL.split("?")[1]},
        {"method": "POST", "url": ACTIVITIES, "body": "custom_events_file=" + LIST}) + "\n" + lines(
        {"method": "POST", "url": "https://graph.facebook.com/", "headers": {"Content-Type": "application/json"},
         "body": '{"batch":' + batch + "}"},
        {"method": "POST", "url": "https://graph.facebook.com/9/events",
         "body": '{"data":[{"event_name":"Lead","user_data":{"ph":["SECRET"]}},{"event_name":"Search"}]}'}))
    assert [(event["request"], event["name"]) for event in found] == [
        (2, "Purchase"), (3, "fb_mobile_purchase"), (3, "fb_mobile_activate_app"), (5, "MOBILE_APP_INSTALL"),
        (6, "Lead"), (6, "Search")]


def test_bodies_may_be_packed_and_pages_come_from_frame_or_referer():
    body = ("event=CUSTOM_APP_EVENTS&anon_id=SECRET&custom_events=" + LIST).encode()
    packed = base64.b64encode(gzip.compress(body)).decode()
    fields = {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    found = events(stdin=lines(
        {"method": "POST", "url": ACTIVITIES, "headers": fields, "bodyBase64": packed},
        {"method": "POST", "url": ACTIVITIES, "headers": fields, "body": body.decode()},
        {"url": "https://connect.facebook.net/en_US/fbevents.js", "frameUrl": "https://www.shop.example/a"},
        {"url": "https://connect.facebook.net/en_US/fbevents.js", "headers": {"referer": "https://news.example/"}},
        {"url": "https://www.facebook.com/tr/", "frameUrl": "https://www.facebook.com/tr/"}))
    assert [event.get("name") for event in found[:4]] == ["fb_mobile_purchase", "fb_mobile_activate_app"] * 2
    assert [event.get("site") for event in found[4:]] == ["shop.example", "news.example", None]
    assert [event["product"] for event in found[4:]] == ["loader", "loader", "pixel"]


def entry(url, **request):
    return {"pageref": "page_1", "startedDateTime": "2026-11-24T09:12:44.120Z", "time": 1,
            "_initiator": {"type": "script", "stack": {"parent": {"parent": {}}}},
            "request": {"method": "GET", "url": url, "headers": [], "cookies": [], "queryString": [], **request},
            "response": {"status": 200, "content": {"text": "x" * 1000, "entries": [{"request": {"url": PIXEL}}]}}}


def har(path, *entries, text=lambda whole: whole):
    whole = {"log": {"version": "1.2", "creator": {"name": "browser", "version": "1"},
                     "pages": [{"id": "page_1", "title": "https://www.shop.example/cart", "pageTimings": {}}],
                     "entries": list(entries)}}
    path.write_text(text(json.dumps(whole, indent=1)))
    return path


def test_a_har_is_read_entry_by_entry(tmp_path):
    path = har(tmp_path / "a.har", entry("https://shop.example/"), entry(PIXEL), entry(
        "https://www.facebook.com/tr/", method="POST", postData={"mimeType": "multipart/form-data; boundary=b", "params": [
            {"name": "id", "value": "77"}, {"name": "ev", "value": "Add to cart"}, {"name": "cd[a]", "value": "x&y"}]}),
        entry(ACTIVITIES, method="POST", postData={
            "mimeType": "", "encoding": "base64", "text": base64.b64encode(("custom_events=" + LIST).encode()).decode()}),
        entry("https://connect.facebook.net/en_US/fbevents.js"))
    found = events("--har", path)
    assert [(event["request"], event.get("name")) for event in found] == [
        (2, "Purchase"), (3, "Add to cart"), (4, "fb_mobile_purchase"), (4, "fb_mobile_activate_app"), (5, None)]
    assert found[0]["time"] == "2026-11-24T09:12:44.120Z"
    assert found[1]["custom"] == {"a": "x&y"}
    assert found[4]["site"] == "shop.example"
    packed = tmp_path / "a.har.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert events("--har", packed) == found


def test_half_a_character_in_a_har_does_not_stop_it(tmp_path):
    lone = '"\\ud83d" , "\\ude00", "\\ud83d\\ude00", "\\\\ud83d", "\\ud83d\\n"'
    path = har(tmp_path / "a.har", entry(PIXEL), text=lambda whole: whole.replace('"cookies": []', f'"cookies": [{lone}]'))
    assert len(events("--har", path)) == 1
    for blanks in range(65_500, 65_560):  # at the end of what is read at once
        path.write_text('{"x":"' + "x" * (blanks - 6) + '\\ud83d\\ude00\\ud83d","log":{"entries":[]}}')
        assert events("--har", path) == []


def test_a_line_may_be_odd_where_nobody_looks():
    deep = "[" * 1000 + "]" * 1000
    found = events(stdin=f'{{"url":"{PIXEL}","x":{deep},"y":"\\ud83d"}}\n')
    assert len(found) == 1


def test_a_mark_of_the_byte_order_does_not_stop_it():
    assert len(events(stdin="\ufeff" + lines({"url": PIXEL}, {"url": PIXEL}))) == 2


def test_a_preflight_is_no_second_event(tmp_path):
    path = har(tmp_path / "a.har", entry(PIXEL, method="OPTIONS"), entry(PIXEL, method="POST"),
               entry("blob:https://www.facebook.com/tr/?id=1&ev=X"), entry("chrome-extension://abc/tr?id=1&ev=X"))
    assert [(event["request"], event["name"]) for event in events("--har", path)] == [(2, "Purchase")]


def test_a_frame_without_an_address_has_its_page_from_the_referer():
    found = events(stdin=lines({"url": "https://www.facebook.com/tr/?id=1&ev=X", "frameUrl": "about:srcdoc",
                                "headers": {"Referer": "https://shop.example/a"}}))
    assert found[0]["site"] == "shop.example"


def test_a_line_without_an_end_is_not_read_for_ever():
    program = subprocess.run(["/bin/sh", "-c", f'yes | tr -d "\\n" | "{PROGRAM}" decode'], capture_output=True, text=True, timeout=60)
    assert program.returncode == 2 and "line 1 is longer than 16 MiB" in program.stderr


@pytest.mark.parametrize("text, said", [
    ("{", "line 1"), ("\n[1]\n", "line 2"), ('{"url":7}', "line 1"), ('{"method":"GET"}', 'line 1 has no "url"'),
    ('{"url":"https://www.facebook.com/tr","headers":[]}', "line 1"),
    ('{"url":"https://www.facebook.com/tr","bodyBase64":"a!"}', "line 1"),
    ('{"url":"https://www.facebook.com/tr","body":{}}', "line 1"), ("\x1b[2J", "line 1")])
def test_a_wrong_line_is_named(text, said):
    result = decode(stdin=text)
    assert result.returncode == 2
    assert said in result.stderr and len(result.stderr.splitlines()) == 1 and "\x1b" not in result.stderr


@pytest.mark.parametrize("text, line", [
    ("", 1), ("{\n", 2), ('{"log":\n{"entries":\n[ x ]}}', 3), ('{"log":{"pages":[]}}', 1), ("[]", 1),
    ('{"log":{"entries":[\n{"request":{}}]}}', 2), ('{"log":{"entries":[\n7]}}', 2), ('{"log":{"entries":[]}}\n{', 2)])
def test_a_wrong_har_is_named_with_its_line(tmp_path, text, line):
    path = tmp_path / "bad.har"
    path.write_text(text)
    result = decode("--har", path)
    assert result.returncode == 2
    assert f"bad.har:{line}: " in result.stderr and len(result.stderr.splitlines()) == 1
    missing = decode("--har", tmp_path / "none.har")
    assert missing.returncode == 2 and "none.har" in missing.stderr
    assert decode("--har", tmp_path).returncode == 2


@pytest.mark.skipif(CHECKED, reason="a sanitizer's memory is not the program's")
def test_a_large_har_takes_no_memory_of_its_size(tmp_path):
    path = tmp_path / "large.har"
    reply = json.dumps("y" * 1_000_000)
    with path.open("w") as out:
        out.write('{"log":{"entries":[')
        for number in range(100):
            out.write(("," if number else "") + f'{{"response":{{"content":{{"text":{reply}}}}},"request":{{"url":"{PIXEL}"}}}}')
        out.write("]}}")
    program = subprocess.run(["/bin/sh", "-c", f'ulimit -v 400000; exec "{PROGRAM}" decode --har "{path}"'],
                             capture_output=True, text=True, timeout=60)
    assert program.returncode == 0, program.stderr
    assert len(program.stdout.splitlines()) == 100
