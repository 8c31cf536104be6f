"""Meta's export, taken in by the running program and put beside what it saw."""
import http.client
import io
import json
import os
import signal
import socket
import threading
import time
import zipfile
from pathlib import Path

import pytest

from conditions import eventually
from origin import mirror
from program import PROGRAM

pytestmark = pytest.mark.skipif(not (PROGRAM.parent / "paravent-import").exists(), reason="paravent-import does not stand beside the program")

DAY = 86400
INSIDE = "apps_and_websites_off_of_facebook/your_activity_off_meta_technologies.json"
STOPPED, PASSED, QUIET = "1000000000000001", "1000000000000002", "1000000000000003"


def export(companies, root="facebook-somebody/"):
    """A zip as Meta gives it: {name: (account, [(type, time)])}"""
    listed = [{"name": name, "events": [{"id": int(account), "type": kind, "timestamp": int(when)} for kind, when in events]}
              for name, (account, events) in companies.items()]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(root + INSIDE, json.dumps({"off_facebook_activity_v2": listed}))
        archive.writestr(root + "apps_and_websites_off_of_facebook/other.json", "{}")
    return file.getvalue()


def post(paravent, body, query=""):
    """(status, parsed reply) of a file that is sent whole."""
    connection = http.client.HTTPConnection("127.0.0.1", paravent.dashboard, timeout=60)
    token = (paravent.state / "token").read_text().strip()
    connection.request("POST", "/api/v1/import" + query, body, {"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text)


def begin(paravent, length=10_000_000, start=b'{"off_facebook_activity_v2":['):
    """An import whose sender has only begun."""
    sock = socket.create_connection(("127.0.0.1", paravent.dashboard), timeout=20)
    token = (paravent.state / "token").read_text().strip()
    sock.sendall(f"POST /api/v1/import HTTP/1.1\r\nHost: 127.0.0.1:{paravent.dashboard}\r\nAuthorization: Bearer {token}\r\n"
                 f"Content-Length: {length}\r\n\r\n".encode() + start)
    return sock


def helpers(paravent):
    """The process ids of the helper programs that it runs now."""
    found = []
    for task in Path(f"/proc/{paravent.pid}/task").iterdir():
        try:
            found += (task / "children").read_text().split()
        except OSError:
            pass
    return [int(pid) for pid in found]


def tell(paravent, site, account, name="Purchase"):
    answer = paravent.get(f"http://www.facebook.com/tr?id={account}&ev={name}&dl=https%3A%2F%2F{site}%2Fthanks&cd[value]=59.5&cd[currency]=EUR",
                          [f"Referer: http://{site}/"])
    assert answer.status == 200


@pytest.fixture
def house(start):
    return start(hosts=["www.facebook.com"])


def lists(body):
    return {key: [row["site"] or row["name"] for row in rows] for key, rows in body["lists"].items()}


def test_a_day_and_an_export_that_partly_agree_give_the_four_lists(netns, origin, start):
    origin(mirror, port=80)
    house = start(hosts=["www.facebook.com"])
    assert house.api("/exceptions", "POST", {"site": "passed.example"})[0] == 201
    for _ in range(3):
        tell(house, "stopped.example", STOPPED)
    for _ in range(2):
        tell(house, "passed.example", PASSED)
    tell(house, "quiet.example", QUIET, "ViewContent")
    eventually(lambda: len(house.events()) == 6, "all events are kept")
    now = time.time()
    done = post(house, export({
        "A name of its own": (PASSED, [("PURCHASE", now), ("PURCHASE", now)]),
        "stopped.example": (STOPPED, [("PURCHASE", now)]),
        "Elsewhere SARL": ("1000000000000009", [("CUSTOM", now), ("CUSTOM", now - 20 * DAY), ("CUSTOM", now - 400 * DAY)]),
    }), "?person=Ana")
    assert done[0] == 201, done
    status, body = house.api("/reconcile?person=Ana")
    assert status == 200
    assert lists(body) == {"stopped": ["stopped.example", "quiet.example"], "let_through": ["passed.example"],
                           "elsewhere": ["Elsewhere SARL", "stopped.example"], "only_here": ["quiet.example"]}
    rows = {(key, row["site"] or row["name"]): row for key, all_rows in body["lists"].items() for row in all_rows}
    assert [rows[at]["events"] for at in [("stopped", "stopped.example"), ("let_through", "passed.example"),
                                          ("elsewhere", "Elsewhere SARL"), ("elsewhere", "stopped.example"), ("only_here", "quiet.example")]] == [3, 2, 3, 1, 1]
    passed = rows["let_through", "passed.example"]
    assert (passed["name"], passed["in_meta"], passed["probably"]) == ("A name of its own", 2, False)
    assert passed["rules"] and passed["names"] == ["Purchase"] and passed["types"] == ["PURCHASE"]
    assert rows["elsewhere", "stopped.example"]["reasons"] == [{"reason": "same_day", "events": 1}]
    assert {r["reason"]: r["events"] for r in rows["elsewhere", "Elsewhere SARL"]["reasons"]} == {"other": 1, "before": 2}
    assert rows["stopped", "quiet.example"]["in_meta"] == 0
    assert body["totals"]["elsewhere"] == {"rows": 2, "companies": 2, "events": 4}
    assert sum(month["meta"] for month in body["months"]) == 6
    assert house.api("/reconcile")[1]["import"] is None  # the home's own is another

    month = time.strftime("%Y-%m", time.gmtime())
    status, withheld = house.api(f"/withheld?month={month}")
    assert status == 200 and withheld["events"] == 4 and withheld["purchases"] == {"events": 3, "sums": [{"currency": "EUR", "sum": 178.5, "events": 3}]}


def test_the_command_takes_all_parts_and_prints_the_lists(house, tmp_path):
    now = time.time()
    for number, companies in enumerate([{"one.example": ("11111", [("LEAD", now)])}, {"two.example": ("22222", [("LEAD", now)])}]):
        (tmp_path / f"part-{number}.zip").write_bytes(export(companies, root=""))
    done = house.cli("import", tmp_path / "part-0.zip", tmp_path / "part-1.zip", "--person", "Ana")
    assert done.returncode == 0 and "2 events of 2 companies" in done.stdout, done
    again = house.cli("import", tmp_path / "part-0.zip", tmp_path / "part-0.zip")
    assert again.returncode == 2 and "in that import already" in again.stderr
    assert "Imported as i1: " in done.stdout
    unknown = house.cli("reconcile", "--person", "Ana", "--import", "i999")
    assert unknown.returncode == 2 and "there is i1" in unknown.stderr and "/api/" not in unknown.stderr
    shown = house.cli("reconcile", "--person", "Ana")
    assert shown.returncode == 0 and "one.example" in shown.stdout and "In Meta's list, not let through here: 2 events" in shown.stdout
    assert json.loads(house.cli("reconcile", "--person", "Ana", "--json").stdout)["import"]["parts"] == 2
    (tmp_path / "no.zip").write_bytes(b"nothing of Meta's")
    wrong = house.cli("import", tmp_path / "no.zip")
    assert wrong.returncode == 2 and len(wrong.stderr.splitlines()) == 1 and "Ask Meta for it" in wrong.stderr
    assert house.cli("import", tmp_path).returncode == 2
    assert house.cli("import", tmp_path / "missing.zip").returncode == 2


def test_the_command_tells_what_was_let_through_also_where_meta_does_not_list_it(netns, origin, start, tmp_path):
    origin(mirror, port=80)
    house = start(hosts=["www.facebook.com"])
    assert house.api("/exceptions", "POST", {"site": "passed.example"})[0] == 201
    for _ in range(2):
        tell(house, "passed.example", PASSED)
    eventually(lambda: len(house.events()) == 2, "both events are kept")
    nothing = house.cli("reconcile").stdout
    assert "Seen here, let through, and in Meta's list: 0 events of 0 companies" in nothing
    assert "Let through here, and not in Meta's list (or not yet): 2 events" in nothing
    (tmp_path / "one.zip").write_bytes(export({"passed.example": (PASSED, [("PURCHASE", time.time()), ("LEAD", time.time())])}))
    assert house.cli("import", tmp_path / "one.zip").returncode == 0
    listed = house.cli("reconcile").stdout
    assert "Seen here, let through, and in Meta's list: 2 events of 1 company" in listed and "not yet" not in listed


def test_the_command_says_of_what_is_empty_or_not_read_what_it_is(house, tmp_path):
    file = tmp_path / "file.json"

    def said(text):
        file.write_text(text)
        return house.cli("import", file)

    assert said('{"off_facebook_activity_v2":[]}').stdout.splitlines()[0] == "Imported as i1: 0 events of 0 companies."
    some = said('{"off_facebook_activity_v2":[{"name":"a","events":[{"id":1},{"id":1,"type":"LEAD","timestamp":1760000000}]}]}')
    assert "1 entry could not be read." in some.stdout.splitlines()
    none = said('{"off_facebook_activity_v2":[{"name":"a","events":[{"id":1,"type":"LEAD"}]}]}')
    assert none.returncode == 2 and "its times cannot be read" in none.stderr
    empty = said("")
    assert empty.returncode == 2 and "missing or empty" in empty.stderr and "body" not in empty.stderr
    assert [one["id"] for one in house.api("/import")[1]["items"]] == ["i2", "i1"]


def test_of_an_export_in_parts_some_have_nothing_of_it(house, tmp_path):
    photos, listed, broken = tmp_path / "part-1.zip", tmp_path / "part-2.zip", tmp_path / "part-3.zip"
    with zipfile.ZipFile(photos, "w") as archive:
        archive.writestr("messages/photo.jpg", b"x" * 1000)
    listed.write_bytes(export({"one.example": ("11111", [("LEAD", time.time())])}))
    broken.write_bytes(listed.read_bytes()[:-30])
    done = house.cli("import", photos, listed)
    assert done.returncode == 0 and "1 event of 1 company" in done.stdout, done
    alone = house.cli("import", photos)
    assert alone.returncode == 2 and "Ask Meta for it" in alone.stderr
    assert len(house.api("/import")[1]["items"]) == 1
    spoilt = house.cli("import", listed, broken)
    assert spoilt.returncode == 2 and "part-3.zip" in spoilt.stderr and "nothing was kept" in spoilt.stderr
    assert len(house.api("/import")[1]["items"]) == 1


def test_the_next_file_need_not_wait_for_the_rest_of_a_wrong_one(house):
    sock = begin(house, 50_000_000, b"nothing of Meta's")
    good = export({"a.example": ("1", [("LEAD", time.time())])})

    def taken():
        sock.sendall(b"x" * 1000)  # it goes on, and never comes to its end
        return post(house, good)[0] == 201

    assert eventually(taken, "the next one is taken")
    sock.close()


def test_a_sender_who_leaves_half_way_leaves_nothing_behind(house):
    sock = begin(house)
    eventually(lambda: helpers(house), "the helper program runs")
    sock.close()
    eventually(lambda: not helpers(house), "the helper program has ended")
    assert house.api("/import")[1]["items"] == []
    assert eventually(lambda: post(house, export({"a.example": ("1", [("LEAD", time.time())])}))[0] == 201, "the next one is taken")


def test_a_whole_file_of_a_sender_who_broke_off_is_not_kept(house):
    whole = export({"a.example": ("1", [("LEAD", time.time())])})
    sock = begin(house, len(whole) + 100, whole)  # the archive is complete, the request is not
    eventually(lambda: helpers(house), "the helper program runs")
    time.sleep(0.3)  # longer than it takes to read it: nothing tells from outside that it was
    sock.close()
    eventually(lambda: not helpers(house), "the helper program has ended")
    assert house.api("/import")[1]["items"] == []


def test_one_at_a_time(house):
    sock = begin(house)
    eventually(lambda: helpers(house), "the helper program runs")
    status, problem = post(house, b"x" * 100)
    assert status == 409 and "another import" in problem["detail"]
    sock.close()


def test_a_helper_program_that_dies_is_said_and_nothing_is_kept(house):
    sock = begin(house)
    pid = eventually(lambda: helpers(house), "the helper program runs")[0]
    os.kill(pid, signal.SIGKILL)
    sock.sendall(b"x" * 100_000)
    answer = b""
    while piece := sock.recv(65536):
        answer += piece
    sock.close()
    assert answer.startswith(b"HTTP/1.1 400 ") and b"nothing of it was kept" in answer
    assert house.api("/import")[1]["items"] == []


def test_a_large_file_that_is_none_of_metas_gets_its_sentence(house):
    status, problem = post(house, b"\x00" * 50_000_000)
    assert status == 400 and "neither a zip" in problem["detail"]


@pytest.mark.memory
def test_a_large_file_is_read_in_pieces(house):
    """200 MB through a service that keeps none of it."""
    event = b'{"id":1000000000000001,"type":"PURCHASE","timestamp":1700000000},'
    piece = event * 15_000

    def body():
        yield b'{"off_facebook_activity_v2":[{"name":"shop.example","events":['
        for _ in range(200):
            yield piece
        yield event[:-1] + b"]}]}"

    assert post(house, export({"a.example": ("1", [("LEAD", 1_700_000_000)])}))[0] == 201  # what a first one takes once
    before, most = house.pss(), [0]
    watching = threading.Event()

    def watch():
        while not watching.wait(0.05):
            most[0] = max(most[0], house.pss())

    watcher = threading.Thread(target=watch)
    watcher.start()
    status, made = post(house, body())
    watching.set()
    watcher.join()
    assert (status, made["events"]) == (201, 3_000_001), made
    assert most[0] - before < 4 << 20, f"grew by {(most[0] - before) >> 10} KiB"


def test_imports_are_in_a_backup_and_go_when_everything_is_forgotten(house, tmp_path):
    assert post(house, export({"a.example": ("1", [("LEAD", time.time())])}), "?person=Ana")[0] == 201
    kept = house.api("/import")[1]["items"]
    assert house.cli("backup", tmp_path / "all.db").returncode == 0
    assert house.cli("forget", "--all").returncode == 0
    assert house.api("/import")[1]["items"] == [] and not list(house.state.glob("imports/*"))
    assert house.cli("restore", tmp_path / "all.db").returncode == 0
    assert house.api("/import")[1]["items"] == kept
    assert house.api(f"/import?id={kept[0]['id']}", "DELETE") == (200, {"forgotten": 1})
    assert house.api(f"/import?id={kept[0]['id']}", "DELETE")[0] == 404


def test_nothing_of_the_file_stands_anywhere_but_its_sums(house):
    secret = "1700000123"
    assert post(house, export({"a.example": ("1", [("LEAD", secret), ("LEAD", 1_700_000_000), ("LEAD", 1_700_000_200)])}))[0] == 201
    for file in house.folder.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file
    assert secret not in "\n".join(house.lines)
