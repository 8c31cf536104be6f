"""The command line against the running program, and without it."""
import csv
import gzip
import io
import json
import os
import socket
import sqlite3
import stat
import subprocess

import pytest

from conditions import eventually
from http1 import Stream, read_response
from program import PROGRAM, REPOSITORY

HOSTS = ["connect.facebook.net", "www.facebook.com"]


@pytest.fixture
def house(start):
    return start(hosts=HOSTS)


def purchase(paravent, name="Purchase", site="shop.example"):
    answer = paravent.get(f"http://www.facebook.com/tr?id=1472749159700779&ev={name}&cd[value]=59.5&cd[currency]=EUR",
                          fields=[f"Referer: http://{site}/cart"])
    assert answer.status == 200


def loader(paravent):
    answer, stream = paravent.tunnel("connect.facebook.net")
    stream.socket.close()
    return answer.status


def done(result):
    assert result.returncode == 0, result.stderr
    return result.stdout


def alone(*arguments, stdin=None, env=None):
    return subprocess.run([str(PROGRAM), *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(env or {})})


def test_events_as_table_json_and_csv(house):
    assert "No events" in done(house.cli("events"))
    purchase(house)
    loader(house)
    table = done(house.cli("events")).splitlines()
    assert len(table) == 3 and table[0].startswith("TIME") and "Purchase 59.5 EUR" in table[2]
    lines = [json.loads(line) for line in done(house.cli("events", "--json")).splitlines()]
    assert [line["product"] for line in lines] == ["loader", "pixel"]
    rows = list(csv.DictReader(io.StringIO(done(house.cli("events", "--csv")))))
    assert [row["destination"] for row in rows] == ["connect.facebook.net", "www.facebook.com"]
    assert rows[1]["value"] == "59.5"


def test_all_events_are_printed_however_many_there_are(house):
    for number in range(2100):
        purchase(house, f"E{number}")
    assert len(done(house.cli("events", "--json")).splitlines()) == 2100
    rows = list(csv.DictReader(io.StringIO(done(house.cli("events", "--csv")))))
    assert [row["name"] for row in rows] == [f"E{number}" for number in reversed(range(2100))]
    limited = done(house.cli("events", "--json", "--limit", "1500")).splitlines()
    assert [json.loads(line)["name"] for line in limited] == [f"E{number}" for number in reversed(range(600, 2100))]
    assert "There are more" in done(house.cli("events"))


def test_events_are_chosen_by_the_words_of_the_line(house):
    purchase(house, "A", "shop.example")
    purchase(house, "B", "news.example")
    device = json.loads(done(house.cli("devices", "--json")))["items"][0]

    def names(*words):
        return [json.loads(line).get("name") for line in done(house.cli("events", "--json", *words)).splitlines()]

    assert names("--site", "shop.example") == ["A"]
    assert names("--since", "1h", "--limit", "1") == ["B"]
    assert names("--device", device["id"]) == names("--device", "127.0.0.1") == ["B", "A"]
    assert names("--verdict", "block") == [] and names("--product", "pixel") == ["B", "A"]


def three_hours_pass(house):
    """What is in the database so far becomes as old."""
    house.stop()
    with sqlite3.connect(house.state / "statistics.db") as db:
        db.execute("UPDATE events SET time = time - 3 * 3600 * 1000")
        db.execute("UPDATE counts SET hour = hour - 3")
    house.start()


def test_since_leaves_out_what_was_before(house):
    purchase(house, "Old")
    three_hours_pass(house)
    purchase(house, "New")

    def names(*words):
        return [json.loads(line)["name"] for line in done(house.cli("events", "--json", *words)).splitlines()]

    assert names("--since", "2h") == ["New"] and names("--since", "5h") == names() == ["New", "Old"]
    rows = list(csv.DictReader(io.StringIO(done(house.cli("events", "--csv", "--since", "2h")))))
    assert [row["name"] for row in rows] == ["New"]
    assert "Old" not in done(house.cli("events", "--since", "2h"))
    assert [json.loads(done(house.cli("stats", "--json", "--since", since)))["total"]["requests"] for since in ("1h", "5h")] == [1, 2]


def from_another_device(house, name):
    """A purchase of a device that is not this computer."""
    with socket.create_connection(("127.0.0.1", house.port), 10, ("192.168.1.20", 0)) as sock:
        sock.sendall(f"GET http://www.facebook.com/tr?id=1472749159700779&ev={name} HTTP/1.1\r\nHost: www.facebook.com\r\n"
                     "Referer: http://shop.example/cart\r\n\r\n".encode())
        assert read_response(Stream(sock)).status == 200


def test_one_devices_events_are_forgotten_and_the_others_stay(netns, start):
    house = start({"proxy": {"clients": ["home"]}}, hosts=HOSTS)
    purchase(house, "Mine")
    from_another_device(house, "Theirs")
    assert [event["name"] for event in house.events()] == ["Mine", "Theirs"]
    assert [json.loads(line)["name"] for line in done(house.cli("events", "--json", "--device", "192.168.1.20")).splitlines()] == ["Theirs"]
    assert "Forgotten: 1 event, and what was known of 1 device." in done(house.cli("forget", "--device", "192.168.1.20", "--also-device"))
    assert [event["name"] for event in house.events()] == ["Mine"]
    assert [device["addresses"] for device in json.loads(done(house.cli("devices", "--json")))["items"]] == [["127.0.0.1"]]


def test_follow_prints_what_was_asked_for_alone(house):
    command = [str(PROGRAM), "events", "--follow", "--json", "--product", "pixel", "--config", str(house.config), "--state", str(house.state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as follower:
        try:
            os.set_blocking(follower.stdout.fileno(), False)
            lines = []

            def two_came():  # followed from some moment on; before each of these there is a loader's event
                loader(house)
                purchase(house)
                lines.append(follower.stdout.readline())
                return len(list(filter(None, lines))) >= 2

            eventually(two_came, "two events from --follow")
            assert {json.loads(line)["product"] for line in filter(None, lines)} == {"pixel"}
        finally:
            follower.terminate()


def test_follow_prints_each_event_as_it_happens(house):
    command = [str(PROGRAM), "events", "--follow", "--json", "--config", str(house.config), "--state", str(house.state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as follower:
        try:
            # Followed from some moment on: events are made until one of them comes.
            os.set_blocking(follower.stdout.fileno(), False)

            def line():
                purchase(house, "Seen")
                return follower.stdout.readline()

            assert json.loads(eventually(line, "an event from --follow"))["name"] == "Seen"
        finally:
            follower.terminate()


def test_what_pages_wrote_is_inert_on_a_terminal(house):
    purchase(house, "%1B]0;owned%07%E2%80%AEx%C2%9B31m")
    for words in ([], ["--json"], ["--csv"]):
        text = done(house.cli("events", *words))
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(text), words


def test_a_device_is_described_by_address_name_and_id(house):
    assert "profile strict" in done(house.cli("profile", "192.168.1.20", "strict"))
    assert "TV" in done(house.cli("device", "192.168.1.20", "--name", "TV", "--meta-apps", "no"))
    device = json.loads(done(house.cli("device", "TV", "--facebook-login", "yes", "--privacy", "counters", "--json")))
    assert (device["profile"], device["meta_apps"], device["facebook_login"], device["privacy"]) == ("strict", False, True,
                                                                                                   "counters")
    assert device["id"] in done(house.cli("devices"))
    assert "TV" in done(house.cli("device", device["id"]))


def test_a_device_is_shown_by_every_name_it_has_and_none_is_made(house):
    done(house.cli("device", "192.168.1.20", "--name", "Kitchen"))
    shown = done(house.cli("device", "Kitchen"))
    for name in ("kitchen", "192.168.1.20", shown.split("(")[1].split(")")[0]):
        assert done(house.cli("device", name)) == shown
    assert done(house.cli("events", "--device", "KITCHEN")) == done(house.cli("events"))
    missed = house.cli("device", "Kitchem")
    assert missed.returncode == 2 and "did you mean Kitchen" in missed.stderr
    assert house.cli("device", "192.168.1.21").returncode == 2
    assert len(json.loads(done(house.cli("devices", "--json")))["items"]) == 1


ESCAPE = "\x1b[31m\u202e"


@pytest.mark.parametrize("words", [
    [ESCAPE], ["--" + ESCAPE], ["events", ESCAPE], ["events", "--site", ESCAPE], ["events", "--device", ESCAPE], ["events", "--since", ESCAPE],
    ["events", "--product", ESCAPE], ["stats", "--by", ESCAPE], ["device", ESCAPE], ["device", ESCAPE, "--name", "x"], ["device", "192.168.1.2", "--name", ESCAPE],
    ["profile", ESCAPE, "strict"], ["pause", "--for", ESCAPE], ["pause", "--for", "1m", "--device", ESCAPE], ["allow", ESCAPE],
    ["allow", "a.example", "--device", ESCAPE], ["allow", "--remove", ESCAPE], ["why", ESCAPE], ["why", "a.example", "--from", ESCAPE],
    ["why", "a.example", "--device", ESCAPE], ["why", "a.example", "--type", ESCAPE], ["forget", "--site", ESCAPE], ["forget", "--device", ESCAPE],
    ["intercept", ESCAPE, "off"], ["bypasses", "--remove", ESCAPE], ["authority", "remove", "--fingerprint", ESCAPE], ["backup", ESCAPE + "/x"], ["restore", ESCAPE], ["match", "--list", ESCAPE]])
def test_what_was_typed_comes_back_inert(house, words):
    result = house.cli(*words)
    assert result.returncode in (1, 2) and len(result.stderr.splitlines()) == 1, result
    assert not {"\x1b", "\u202e"} & set(result.stdout + result.stderr), result


def test_a_settings_file_is_named_inertly(tmp_path):
    result = alone("check", "--config", tmp_path / ESCAPE, "--state", tmp_path)
    assert result.returncode == 1 and not {"\x1b", "\u202e"} & set(result.stderr), result


def test_output_that_cannot_be_written_is_a_failure(house):
    purchase(house)
    for words in (["events"], ["events", "--json"], ["events", "--csv"], ["stats"], ["status", "--json"], ["devices"], ["lists"]):
        command = [str(PROGRAM), *words, "--config", str(house.config), "--state", str(house.state)]
        with open("/dev/full", "w") as full:
            result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
        assert result.returncode == 1 and "could not be written" in result.stderr, (words, result)


def test_a_backup_replaces_plain_files_alone(house):
    pipe, link, aim = house.folder / "pipe", house.folder / "link", house.folder / "aim"
    os.mkfifo(pipe)
    assert house.cli("backup", pipe).returncode == 2
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    aim.write_text("untouched")
    link.symlink_to(aim)
    done(house.cli("backup", link))
    assert aim.read_text() == "untouched"
    assert not list(house.folder.glob("*.part"))


def test_pause_lets_everything_pass_and_ends(house):
    assert loader(house) == 403
    assert "paused until" in done(house.cli("pause", "--for", "10m"))
    assert loader(house) != 403
    assert "paused until" not in done(house.cli("pause", "--for", "0s"))
    assert loader(house) == 403


def test_pause_and_allow_hold_for_the_named_device_alone(house):
    device = json.loads(done(house.cli("device", "192.168.1.20", "--name", "TV", "--json")))
    assert loader(house) == 403
    assert "TV" in done(house.cli("pause", "--for", "10m", "--device", "TV"))
    assert loader(house) == 403
    exception = json.loads(done(house.cli("allow", "connect.facebook.net", "--device", "TV", "--json")))
    assert (exception["device"], exception["until"]) == (device["id"], None)
    assert loader(house) == 403
    (mine,) = [other for other in json.loads(done(house.cli("devices", "--json")))["items"] if other["id"] != device["id"]]
    assert mine["paused_until"] is None
    done(house.cli("pause", "--for", "10m", "--device", mine["id"]))
    assert loader(house) != 403


def test_an_exception_and_a_pause_end_by_themselves(house):
    for words in (["allow", "connect.facebook.net", "--for", "4s"], ["pause", "--for", "4s"]):
        assert loader(house) == 403
        done(house.cli(*words))
        assert loader(house) != 403, words
        eventually(lambda: loader(house) == 403, f"the end of {words}", 15)


def test_allow_makes_shows_and_removes_an_exception(house):
    text = done(house.cli("allow", "connect.facebook.net", "--for", "10m"))
    assert "every site that uses connect.facebook.net" in text
    assert loader(house) != 403
    (exception,) = json.loads(done(house.cli("allow", "--list", "--json")))["items"]
    assert exception["id"] in done(house.cli("allow", "--list"))
    done(house.cli("allow", "--remove", exception["id"]))
    assert "No exceptions" in done(house.cli("allow", "--list"))
    assert loader(house) == 403


def test_status_stats_and_lists(house):
    purchase(house)
    loader(house)
    assert "Problems     none" in done(house.cli("status"))
    assert json.loads(done(house.cli("status", "--json")))["database"]["state"] == "ok"
    assert json.loads(done(house.cli("stats", "--json", "--since", "7d")))["total"]["requests"] == 2
    assert "meta/pixel-event" in done(house.cli("stats", "--by", "rule"))
    rows = {row["name"]: row for row in json.loads(done(house.cli("lists", "--json")))["items"]}
    assert (rows["pixel-event"]["hits"], rows["pixel-loader"]["hits"], rows["meta-ai"]["enabled"]) == (1, 1, False)
    assert "pixel-event" in done(house.cli("lists", "update"))


def test_forget_needs_to_know_what(house):
    purchase(house, "A", "shop.example")
    purchase(house, "B", "news.example")
    assert house.cli("forget").returncode == 2
    assert house.cli("forget", "--all", "--site", "shop.example").returncode == 2
    assert len(house.events()) == 2
    assert "Forgotten: 1 event." in done(house.cli("forget", "--site", "shop.example"))
    assert [event["name"] for event in house.events()] == ["B"]
    done(house.cli("forget", "--all", "--also-device"))
    assert house.events() == []


@pytest.mark.parametrize("events", [1, 3000])
def test_a_backup_is_restored_whole(house, events):
    for number in range(events):
        purchase(house, f"Kept{number}")
    done(house.cli("allow", "old.example"))
    file = house.folder / "backup.db"
    assert "authority" in done(house.cli("backup", file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    done(house.cli("forget", "--all"))
    (exception,) = json.loads(done(house.cli("allow", "--list", "--json")))["items"]
    done(house.cli("allow", "--remove", exception["id"]))
    purchase(house, "Later")
    done(house.cli("restore", file))
    assert [event["name"] for event in house.events()] == [f"Kept{number}" for number in range(events)]
    assert len(json.loads(done(house.cli("allow", "--list", "--json")))["items"]) == 1
    purchase(house, "After")
    assert house.events()[-1]["name"] == "After"
    assert not list(house.state.glob("backup.tmp*"))


def test_a_wrong_backup_is_one_line_and_changes_nothing(house):
    purchase(house, "Kept")
    file = house.folder / "backup.db"
    done(house.cli("backup", file))
    torn = house.folder / "torn.db"
    torn.write_bytes(file.read_bytes()[:2500])
    for wrong in (torn, house.config, house.folder / "missing.db", house.folder):
        result = house.cli("restore", wrong)
        assert result.returncode == 2 and len(result.stderr.splitlines()) == 1, result.stderr
    assert [event["name"] for event in house.events()] == ["Kept"]


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["status", "more"], ["events", "--since", "7x"], ["events", "--limit", "0"], ["events", "--limit", "-1"],
    ["events", "--verdict", "deny"], ["events", "--follow", "--csv"], ["events", "--json", "--csv"],
    ["events", "--product", "pixels"], ["events", "--device", "nobody"], ["stats", "--by", "year"], ["device"],
    ["device", "nobody"], ["device", "nobody", "--name", "x"], ["device", "192.168.1.2", "--meta-apps", "perhaps"],
    ["device", "192.168.1.2", "--privacy", "none"], ["profile", "192.168.1.2", "lax"], ["profile", "192.168.1.2"], ["pause"],
    ["pause", "--for", "soon"], ["allow"], ["allow", "a b"], ["allow", "shop.example", "--list"],
    ["allow", "--remove", "none"], ["allow", "--list", "--for", "10m"], ["allow", "--remove", "1", "--device", "192.168.1.2"],
    ["allow", "a.example", "--for", "0s"], ["device", "192.168.1.2"], ["intercept", "nobody", "off"], ["bypasses", "--remove", "none"], ["allow", "shop.example", "--for", "10"], ["why"], ["why", "ftp://a.example/"],
    ["why", "a.example", "--type", "picture"], ["why", "a.example", "--method", "GET /"], ["why", "a.example", "--profile", "lax"], ["match"],
    ["match", "--list", "/nowhere.txt"], ["backup"], ["backup", "/"], ["restore"]])
def test_wrong_input_is_one_clear_line_and_exit_2(house, words):
    result = house.cli(*words)
    assert result.returncode == 2 and result.stdout == "", result
    assert len(result.stderr.splitlines()) == 1 and result.stderr.startswith("paravent: "), result.stderr
    assert json.loads(done(house.cli("devices", "--json")))["items"] == []
    assert json.loads(done(house.cli("allow", "--list", "--json")))["items"] == []


def test_config_and_state_stand_before_or_after(house):
    place = ["--config", house.config, "--state", house.state]
    assert alone(*place, "status").returncode == 0
    assert alone("lists", "update", *place).returncode == 0
    assert alone("status", env={"PARAVENT_CONFIG": str(house.config), "STATE_DIRECTORY": str(house.state)}).returncode == 0


def test_help_is_everywhere():
    for words in ([], ["events"], ["lists", "update"], ["match"]):
        result = alone(*words, "--help")
        assert result.returncode == 0 and "Usage" in result.stdout


def test_the_token_is_needed_and_can_be_given(house):
    token = (house.state / "token").read_text().strip()
    assert stat.S_IMODE((house.state / "token").stat().st_mode) == 0o600
    config = ["--config", house.config]
    assert alone("status", *config, "--state", "/nowhere", env={"PARAVENT_TOKEN": token}).returncode == 0
    wrong = alone("status", *config, "--state", "/nowhere", env={"PARAVENT_TOKEN": "wrong"})
    assert wrong.returncode == 1 and len(wrong.stderr.splitlines()) == 1
    missing = alone("status", *config, "--state", "/nowhere")
    assert missing.returncode == 1 and "/nowhere/token" in missing.stderr and "user " in missing.stderr


def test_without_the_service_why_answers_and_the_rest_says_so(house):
    running = json.loads(done(house.cli("why", "https://www.facebook.com/tr?id=1", "--json")))
    done(house.cli("allow", "connect.facebook.net"))
    house.stop()
    assert json.loads(done(house.cli("why", "https://www.facebook.com/tr?id=1", "--json"))) == running
    assert json.loads(done(house.cli("why", "connect.facebook.net", "--json")))["rule"].startswith("exception/")
    result = house.cli("status")
    assert result.returncode == 1 and "not running" in result.stderr and len(result.stderr.splitlines()) == 1


def test_why_names_rule_list_and_answer_in_words():
    def why(*words):
        return alone("why", *words, "--state", "/nowhere", "--config", os.devnull)

    text = done(why("https://www.facebook.com/tr?id=1"))
    assert "would be answered by Paravent with an empty picture" in text and "meta/pixel-event" in text
    assert "needs inside  yes" in text and "only the host www.facebook.com is seen" in text
    assert json.loads(done(why("http://www.facebook.com/tr", "--profile", "log", "--json")))["verdict"] == "log"
    assert json.loads(done(why("https://shop.example/", "--json")))["verdict"] == "allow"


def test_check_prints_every_error_with_its_place(tmp_path):
    config = tmp_path / "paravent.toml"
    config.write_text('[proxy]\nlisten = ["nowhere"]\n[policy]\nprofil = "strict"\n')
    result = alone("check", "--config", config, "--state", tmp_path / "state")
    assert result.returncode == 1
    assert f"{config}:2:" in result.stderr and f"{config}:4:" in result.stderr
    config.write_text('[[list]]\nname = "mine"\nfile = "mine.txt"\n')
    assert alone("check", "--config", config, "--state", tmp_path / "state").returncode == 1
    (tmp_path / "mine.txt").write_text("||ads.example^\n")
    assert "no errors" in done(alone("check", "--config", config, "--state", tmp_path / "state"))
    assert not (tmp_path / "state").exists()


def test_check_notes_what_is_not_there_yet_and_ends_well(tmp_path):
    config = tmp_path / "paravent.toml"
    config.write_text('[[device]]\nname = "tablet"\naddress = "192.168.1.20"\nintercept = true\n'
                      '[[list]]\nname = "far"\nurl = "https://lists.example/far.txt"\n')
    result = alone("check", "--config", config, "--state", tmp_path / "state")
    assert result.returncode == 0 and "no errors" in result.stdout, result
    notes = result.stderr.splitlines()
    assert all(note.startswith("note: ") for note in notes)
    for said in ("intercept of device tablet has no effect before there is a certificate authority", "list far: it has not been fetched yet"):
        assert [note for note in notes if said in note], (said, notes)
    assert not (tmp_path / "state").exists()


ANSWERS = {"1x1 GIF": (200, "image/gif", 43), "empty script": (200, "application/javascript", 0), "204": (204, None, 0),
           "empty style sheet": (200, "text/css", 0), "empty page": (200, "text/html", 0),
           "empty text": (200, "text/plain", 0), '{"success":true}': (200, "application/json", 16), "403": (403, None, None),
           "fbevents.js (silent)": (200, "application/javascript", (REPOSITORY / "rules/surrogates/fbevents.js").stat().st_size + 6)}


@pytest.mark.parametrize("asked, fetched_as", [("script", "script"), ("image", "image"), ("stylesheet", "style"),
                                               ("document", "document"), ("xmlhttprequest", "empty"), ("font", "font")])
@pytest.mark.parametrize("method, url", [
    ("GET", "http://www.facebook.com/tr?id=1"), ("POST", "http://www.facebook.com/tr/"), ("OPTIONS", "http://www.facebook.com/tr/"),
    ("GET", "http://connect.facebook.net/en_US/fbevents.js"), ("POST", "http://graph.facebook.com/v19.0/1/activities"),
    ("GET", "http://pixel.facebook.com/x")])
def test_what_why_promises_is_what_is_sent(house, method, url, asked, fetched_as):
    why = json.loads(done(house.cli("why", url, "--type", asked, "--method", method, "--json")))
    answer = house.get(url, fields=[f"Sec-Fetch-Dest: {fetched_as}"], method=method)
    status, kind, size = ANSWERS[why["answer"]]
    assert (answer.status, answer.rule) == (status, why["rule"])
    if kind:
        assert (answer.get("Content-Type").split(";")[0], len(answer.body)) == (kind, size)


def test_match_judges_lines_by_the_lists_alone(tmp_path):
    (tmp_path / "a.txt").write_text("! comment\n||tracker.example^\n@@||tracker.example/ok\n")
    with gzip.open(tmp_path / "b.txt.gz", "wt") as packed:
        packed.write("||ads.example/pixel\n")
    requests = [{"url": "https://tracker.example/x.js", "frameUrl": "https://shop.example/", "cpt": "script"},
                {"url": "https://tracker.example/ok", "frameUrl": "https://shop.example/", "cpt": "xhr"},
                {"url": "https://shop.example/", "frameUrl": "https://shop.example/", "cpt": "document"},
                {"url": "http://ads.example/pixel?x=1", "frameUrl": "https://shop.example/", "cpt": "image"}]
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    result = alone("match", "--list", tmp_path / "a.txt", "--list", tmp_path / "b.txt.gz", "--time", stdin=lines)
    assert done(result) == ("1\tblock\ta.txt:2 ||tracker.example^\n2\tpass\ta.txt:3 @@||tracker.example/ok\n3\tpass\t\n"
                            "4\tblock\tb.txt.gz:1 ||ads.example/pixel\n")
    numbers = json.loads(result.stderr)
    assert set(numbers) == {"load_ms", "live_bytes", "rss_bytes", "requests", "mean_ns", "p50_ns", "p99_ns"}
    assert numbers["requests"] == 4
    bad = alone("match", "--list", tmp_path / "a.txt", stdin="{\n")
    assert bad.returncode == 2 and "line 1" in bad.stderr
