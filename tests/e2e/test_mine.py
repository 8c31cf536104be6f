"""The owner's own address or number is found again in what is told to Meta, and is itself kept nowhere ("was that mine?")."""
import base64
import csv
import hashlib
import hmac
import io
import json
import os
import pty
import stat
import subprocess
from urllib.parse import quote

import pytest

from conditions import eventually
from inside import GRAPH, LAPTOP, Home
from program import PROGRAM
from street import home, host  # noqa: F401 (fixtures)

MAIL, NUMBER = "anna.q7@mail.example", "+49 170 7654321"
FORM = "Content-Type: application/x-www-form-urlencoded"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


MAIL_HASH, NUMBER_HASH = sha256(MAIL), sha256("491707654321")
OTHER = sha256("ben@mail.example")


@pytest.fixture
def own(home):
    """The home with one address and one number given, and taken back after the test."""
    for kind, value in (("em", MAIL), ("ph", NUMBER)):
        assert home.paravent.api("/mine", "POST", {"kind": kind, "value": value})[0] == 201
    yield home
    assert home.paravent.api("/mine", "DELETE")[0] == 200


@pytest.fixture(scope="module")
def graph(street):
    return street.origin(GRAPH)


def pixel(home, host, query):
    with home.client(host, source=LAPTOP) as client:
        assert client.ask("/tr?id=1000000000000001&ev=Purchase&" + query, host=host).get("Paravent-Rule") == "meta/pixel-event"
    return home.event(host, name="Purchase")


@pytest.mark.parametrize("query, mine", [
    (f"ud[em]={MAIL_HASH}", ["em"]), (f"ud%5Bem%5D={MAIL_HASH.upper()}", ["em"]), (f"aud[em]={MAIL_HASH}", ["em"]),
    (f"udff[ph]={NUMBER_HASH}&ud[em]={OTHER}", ["ph"]), (f"ud[em]={OTHER}&udff[em]={MAIL_HASH}&ud[ph]={NUMBER_HASH}", ["em", "ph"]),
    ("ud[em]=Anna.Q7%40mail.example", ["em"]), ("ud[ph]=%2B49+170+7654321", ["ph"]),
    (f"ud[em]={OTHER}", None), (f"ud[ph]={MAIL_HASH}", None), (f"cud[em]={MAIL}&cd[x]=1", None), ("cd[x]=1", None)])
def test_an_event_says_where_it_told_the_owners_own(own, host, query, mine):
    own.origin(host)
    assert pixel(own, host, query).get("mine") == mine


def test_bodies_are_compared_too(own, graph):
    told = {"data": [{"event_name": "Bought", "user_data": {"em": [OTHER, MAIL_HASH], "ph": NUMBER_HASH}},
                     {"event_name": "Looked", "user_data": {"em": [OTHER]}}]}
    with own.client(GRAPH) as client:
        assert client.ask("/v19.0/1000000000000001/events", "POST", ["Content-Type: application/json"],
                          json.dumps(told).encode(), GRAPH).get("Paravent-Rule") == "meta/conversions-api"
        assert client.ask("/v19.0/1000000000000001/activities", "POST", [FORM],
                          f"event=CUSTOM_APP_EVENTS&ud[ph]={NUMBER_HASH}".encode(), GRAPH).status == 200
    assert own.event(GRAPH, name="Bought")["mine"] == ["em", "ph"]
    assert "mine" not in own.event(GRAPH, name="Looked")
    assert own.event(GRAPH, name="CUSTOM_APP_EVENTS")["mine"] == ["ph"]


def test_the_parts_of_a_batch_are_compared_too(own, graph):
    parts = [{"method": "POST", "relative_url": "v19.0/1000000000000001/activities", "body": f"event=Opened&ud[em]={MAIL_HASH}"},
             {"method": "POST", "relative_url": "v19.0/1000000000000001/activities", "body": f"event=Closed&ud[em]={OTHER}"}]
    with own.client(GRAPH) as client:
        assert client.ask("/", "POST", [FORM], ("batch=" + quote(json.dumps(parts))).encode(), GRAPH).status == 200
    assert own.event(GRAPH, name="Opened")["mine"] == ["em"]
    assert "mine" not in own.event(GRAPH, name="Closed")


def test_a_change_holds_at_once_also_for_connections_that_are_open(home, host):
    home.origin(host)

    def told(client, name):
        assert client.ask(f"/tr?id=1&ev={name}&ud[em]={MAIL_HASH}", host=host).status == 200
        return home.event(host, name=name).get("mine")

    with home.client(host) as client:
        assert told(client, "Before") is None
        assert home.paravent.cli("mine", "em", stdin=MAIL).returncode == 0
        assert told(client, "While") == ["em"]
        assert home.paravent.cli("mine", "em", "--remove", stdin=MAIL).returncode == 0
        assert told(client, "After") is None


@pytest.mark.parametrize("level, kept", [("counters", None), ("events", ["em"]), ("full", ["em"])])
def test_each_privacy_level_keeps_it_with_the_event_or_not_at_all(own, host, level, kept):
    own.origin(host)
    device = own.paravent.cli("device", LAPTOP, "--privacy", level)
    assert device.returncode == 0, device.stderr
    with own.client(host, source=LAPTOP) as client:
        assert client.ask(f"/tr?id=1&ev=Level&ud[em]={MAIL_HASH}", host=host).status == 200
    with own.client(host) as client:  # another device's event is the sign that the first was dealt with
        assert client.ask(f"/tr?id=1&ev=Next&ud[em]={OTHER}", host=host).status == 200
    own.event(host, name="Next")
    events = [e for e in own.paravent.events() if e["destination"] == host and e["name"] == "Level"]
    assert [e.get("mine") for e in events] == ([kept] if kept else [])
    rows = [r for r in csv.DictReader(io.StringIO(own.paravent.cli("events", "--csv").stdout)) if r["destination"] == host]
    assert [r["mine"] for r in rows if r["name"] == "Level"] == (["em"] if kept else [])
    assert own.paravent.cli("device", LAPTOP, "--privacy", "events").returncode == 0


def test_the_table_says_it(own, host):
    own.origin(host)
    pixel(own, host, f"ud[em]={MAIL_HASH}&fbp=fb.1.1.1")
    assert "em fbp (mine: em)" in own.paravent.cli("events").stdout


# The command


def test_the_command_says_how_much_is_kept_and_removes_it(home):
    def said(*words, stdin=""):
        done = home.paravent.cli("mine", *words, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, "")
        assert not any(word in done.stdout for word in (MAIL, "anna", "7654321", MAIL_HASH)), done.stdout
        return done.stdout

    assert "Nothing was given" in said()
    assert said("em", stdin=MAIL + "\n") == "Events are compared with 1 e-mail address.\n"
    assert said("em", stdin="ANNA.Q7@mail.example") == "Events are compared with 1 e-mail address.\n"
    assert said("em", stdin="ben@mail.example") == "Events are compared with 2 e-mail addresses.\n"
    assert said("ph", stdin=NUMBER) == "Events are compared with 2 e-mail addresses and 1 phone number.\n"
    assert home.paravent.api("/mine")[1] == {"items": [{"kind": "em", "count": 2}, {"kind": "ph", "count": 1}], "next": None}
    assert said("em", "--remove", stdin="ben@mail.example") == "Removed: 1 e-mail address.\n"
    assert said("em", "--remove") == "Removed: 1 e-mail address.\n"
    assert said("ph", "--remove", stdin="0049 170 76543-21") == "Removed: 1 phone number.\n"
    assert "Nothing was given" in said()
    assert not list(home.state.glob("mine*"))


WRONG = [(("em",), ""), (("em",), "\n"), (("em",), "anna.mail.example"), (("em",), "anna@mail.example\nben@mail.example"),
         (("em",), "a" * 300 + "@mail.example"), (("em",), "a@b.example" * 100_000), (("em",), "anna@mail.example\0x"),
         (("ph",), ""), (("ph",), "+49 anna 170"), (("ph",), "0170 1234567"), (("ph",), "1" * 40), (("ph",), "12"),
         (("fn",), "anna"), (("anna@mail.example",), ""), (("em", "anna@mail.example"), ""), (("em", "--remove", "anna@mail.example"), ""),
         (("em", "--remove"), "anna"), (("em", "--remove"), "anna@other.example"), (("--remove",), "anna@mail.example")]


@pytest.mark.parametrize("words, stdin", WRONG)
def test_what_cannot_be_taken_is_one_clear_line_that_does_not_repeat_it(own, words, stdin):
    before = own.paravent.api("/mine")
    kept = (own.state / "mine.json").read_bytes()
    done = own.paravent.cli("mine", *words, stdin=stdin)
    assert done.returncode == 2 and done.stdout == "", (done.returncode, done.stdout, done.stderr)
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("paravent: ") and "anna" not in done.stderr, done.stderr
    assert own.paravent.api("/mine") == before and (own.state / "mine.json").read_bytes() == kept


def test_at_a_terminal_the_command_asks(home):
    master, terminal = pty.openpty()
    process = subprocess.Popen([str(PROGRAM), "mine", "em", "--config", str(home.paravent.config), "--state", str(home.state)],
                               stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.write(master, MAIL.encode() + b"\n")
    out, asked = process.communicate(timeout=30)
    os.close(master)
    os.close(terminal)
    assert process.returncode == 0 and "1 e-mail address" in out and asked.startswith("The e-mail address")
    assert home.paravent.api("/mine", "DELETE")[1] == {"removed": 1}


# What is kept


def places(home):
    found = {str(path.relative_to(home.folder)): path.read_bytes() for path in home.folder.rglob("*") if path.is_file()}
    return found | {"the log": "\n".join(home.paravent.lines).encode()}


def forms_of_the_values():
    """All that would give the values away."""
    for text in (MAIL, MAIL.split("@")[0], "491707654321", "7654321", NUMBER):
        for data in (text.encode(), text.upper().encode()):
            yield data
            yield base64.b64encode(data)
            yield hashlib.md5(data).hexdigest().encode()
    for value in (MAIL, "491707654321"):
        digest = hashlib.sha256(value.encode()).digest()
        yield from (digest, digest.hex().encode(), digest.hex().upper().encode(), base64.b64encode(digest), digest[:8], digest.hex()[:16].encode())


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_values_and_their_hashes_stand_nowhere(netns, start, origin, tmp_path, world, form):
    made = Home(start, origin, tmp_path, world)
    made.origin()
    paravent = made.start({"log": {"level": "trace", "format": form}, "statistics": {"privacy": "full", "flush": "0s"}})
    answers = []
    assert paravent.cli("mine", "em", stdin=MAIL).returncode == 0
    answers.append(paravent.api("/mine", "POST", {"kind": "ph", "value": NUMBER}))
    for wrong in ({"kind": "xx", "value": MAIL}, {"kind": "ph", "value": MAIL}, {"kind": "em", "value": NUMBER}, {"value": MAIL}):
        answers.append(paravent.api("/mine", "POST", wrong))
        assert answers[-1][0] == 400
    answers.append(paravent.api("/mine"))
    with made.client(source=LAPTOP) as client:
        for query in (f"ud[em]={MAIL_HASH}&ud[ph]={NUMBER_HASH}", f"ud[em]={MAIL}&udff[ph]=491707654321", f"cd[note]={MAIL}&cd[x]={MAIL_HASH}"):
            assert client.ask("/tr?id=1&ev=Purchase&" + query).status == 200
        assert client.ask("/tr/", "POST", [FORM], f"id=1&ev=Lead&ud[em]={MAIL_HASH}".encode()).status == 200
    made.event(name="Lead", mine=["em"])
    answers += [paravent.api("/status"), paravent.events(), paravent.cli("events").stdout, paravent.cli("status").stdout,
                paravent.cli("events", "--csv").stdout]
    backup = tmp_path / "home.backup"
    assert paravent.cli("backup", backup).returncode == 0
    file = made.state / "mine.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text())
    # That it is what it is said to be, and that looking for it can succeed.
    mark = hmac.new(bytes.fromhex(kept["key"]), hashlib.sha256(MAIL.encode()).digest(), hashlib.sha256).hexdigest()
    assert kept["em"] == [mark] and len(kept["ph"]) == 1
    assert kept["key"].encode() not in backup.read_bytes() and mark.encode() not in backup.read_bytes()
    paravent.stop()
    everywhere = places(made) | {"answers": repr(answers).encode(), "argv": b""}
    assert "paravent-0/state/statistics.db" in everywhere and "paravent-0/state/mine.json" in everywhere
    assert [(place, secret) for secret in forms_of_the_values() for place, data in everywhere.items() if secret in data] == []
    assert [place for place, data in everywhere.items() if mark.encode() in data] == ["paravent-0/state/mine.json"]
    made.close()


def test_it_outlives_a_kill_and_goes_with_the_last_value(home):
    assert home.paravent.cli("mine", "em", stdin=MAIL).returncode == 0
    home.paravent.kill()
    home.paravent.start()
    assert home.paravent.api("/mine")[1]["items"] == [{"kind": "em", "count": 1}]
    key = json.loads((home.state / "mine.json").read_text())["key"]
    assert home.paravent.cli("mine", "em", "--remove", stdin=MAIL).returncode == 0
    assert not list(home.state.glob("mine*"))
    assert home.paravent.cli("mine", "em", stdin=MAIL).returncode == 0
    assert json.loads((home.state / "mine.json").read_text())["key"] != key
    assert home.paravent.api("/mine", "DELETE", {"kind": "em"})[1] == {"removed": 1}


def test_a_full_disk_changes_nothing_and_says_so(own):
    (own.state / "mine.json.new").mkdir()
    try:
        status, problem = own.paravent.api("/mine", "POST", {"kind": "em", "value": "ben@mail.example"})
        assert status == 500 and "nothing was changed" in problem["detail"]
        assert own.paravent.api("/mine")[1]["items"] == [{"kind": "em", "count": 1}, {"kind": "ph", "count": 1}]
    finally:
        (own.state / "mine.json.new").rmdir()
