"""What happens to the disk under the state directory: the power goes in the middle of a flush, it is full, it turns read-only.

Here the whole state directory stands on a disk of its own; test_r1_kill and test_r2_database are about the database alone.
"""
import contextlib
import random
import signal
import sqlite3
import subprocess
import time

import pytest

from conditions import eventually
from conftest import ALL
from disk import Disk, OwnMounts, can_mount
from http1 import Closed
from load import Load
from origin import mirror
from program import CHECKED

pytestmark = [pytest.mark.root, pytest.mark.skipif(not can_mount(), reason="needs root, loop devices and mkfs.ext4: not here")]
HOSTS = ["connect.facebook.net", "origin.example"]
TIMES = 100 if ALL else 12


@pytest.fixture
def mountns():
    with OwnMounts():
        yield


@pytest.fixture
def disk(mountns, tmp_path):
    with contextlib.closing(Disk(tmp_path / "disk", tmp_path / "disk.img")) as made:
        yield made


@pytest.fixture
def placed(disk, start, tmp_path):
    """placed(settings, …): the program, whose state directory is a link to a folder of the disk."""

    def run(settings=None, **options):
        folder = tmp_path / "paravent-0"
        folder.mkdir(exist_ok=True)
        (disk.place / "state").mkdir(mode=0o700, exist_ok=True)
        (folder / "state").symlink_to(disk.place / "state")
        return start(settings, hosts=HOSTS, **options)

    return run


def blocked(paravent, times=1):
    for _ in range(times):
        answer, stream = paravent.tunnel("connect.facebook.net")
        stream.socket.close()
        assert answer.status == 403


def flows(paravent, web, times=5):
    for _ in range(times):
        assert paravent.get(f"http://origin.example:{web.port}/").status == 200
    blocked(paravent, times)


def problems(paravent):
    return {each["code"]: each["text"] for each in paravent.api("/status")[1]["problems"]}


# The power goes


def until_the_power_goes(paravent, answered):
    """Asks for a blocked host as fast as it can, and notes when each answer came."""

    def task(load):
        while not load.over.is_set():
            try:
                blocked(paravent)
                answered.append(time.monotonic())
                load.over.wait(0.004)
            except (OSError, Closed):
                load.over.wait(0.01)

    return task


def test_R1_the_power_goes_in_the_middle_of_a_flush(start, mountns, tmp_path):
    """The disk of each next start has only what had reached the disk before: what waited in memory is lost, as with a plug pulled."""
    disk = Disk(tmp_path / "disk-0", tmp_path / "image-0")
    (disk.place / "state").mkdir(mode=0o700)
    folder = tmp_path / "paravent-0"
    folder.mkdir()
    (folder / "state").symlink_to(disk.place / "state")
    paravent = start(hosts=HOSTS)
    assert paravent.cli("device", "192.168.1.20", "--name", "tablet").returncode == 0
    highest, token = 0, (paravent.state / "token").read_text()
    for round_number in range(1, TIMES + 1):
        answered = []
        with Load([until_the_power_goes(paravent, answered)] * 3):
            eventually(lambda: answered, "an answer")
            time.sleep(random.uniform(0.05, 0.5))
            highest = max([highest] + [e["id"] for e in paravent.api("/events?limit=1")[1]["items"]])
            flushed = eventually(lambda: on_disk(paravent), "a flush")
            paravent.kill()
        after = disk.after_power_cut(tmp_path / f"disk-{round_number}", tmp_path / f"image-{round_number}")
        disk.close()
        disk.image.unlink()
        disk = after
        (folder / "state").unlink()
        (folder / "state").symlink_to(disk.place / "state")
        paravent.start()
        status = paravent.api("/status")[1]
        assert status["database"]["state"] == "ok", (round_number, status["database"])
        assert not {"policy", "login", "state"} & set(problems(paravent)), problems(paravent)
        assert "tablet" in [d["name"] for d in paravent.api("/devices")[1]["items"]], "what was set stays set"
        assert (paravent.state / "token").read_text() == token
        assert on_disk(paravent) >= flushed, f"round {round_number}: what was flushed is gone"
        blocked(paravent)
        newest = eventually(lambda: paravent.api("/events?limit=1")[1]["items"], "an event")[0]["id"]
        assert newest > highest, f"round {round_number}: id {newest} was used before"
        highest = newest
    paravent.stop()
    with sqlite3.connect(paravent.state / "statistics.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    disk.close()


def on_disk(paravent):
    """The number of events in the database: what was flushed."""
    with contextlib.closing(sqlite3.connect(f"file:{paravent.state / 'statistics.db'}?mode=ro", uri=True, timeout=5)) as db:
        return db.execute("SELECT count(*) FROM events").fetchone()[0]


def strace_works():
    try:
        return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


@pytest.mark.skipif(CHECKED or not strace_works(), reason="strace is missing, may not be used here, or a sanitizer is in its way")
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_R1_killed_at_every_single_write_of_a_flush(start, call):
    """kill -9 before the 1st, 2nd, 3rd … write or sync of one thread, so that no place in the middle of a flush is left out."""
    paravent = start(hosts=HOSTS)
    blocked(paravent, 3)
    eventually(lambda: len(paravent.events()) == 3, "kept")
    paravent.stop()
    highest, reached = paravent_highest(paravent), 0
    for number in range(1, 41 if ALL else 13):
        paravent.before = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                           "-e", f"inject={call}:signal=KILL:when={number}"]
        paravent.start(ready=False)
        with contextlib.suppress(OSError, Closed, AssertionError):
            paravent.wait_line("listening on ", within=20)
            for _ in range(30):
                blocked(paravent)
        if paravent.alive():
            paravent.signal(signal.SIGTERM)  # the last flush has its writes too
        code = paravent.process.wait(30)
        paravent.reader.join(10)
        assert code in (0, -signal.SIGKILL), code
        reached += code != 0
        paravent.before = []
        paravent.start()
        assert paravent.api("/status")[1]["database"]["state"] == "ok", number
        blocked(paravent)
        newest = eventually(lambda: paravent.api("/events?limit=1")[1]["items"], "an event")[0]["id"]
        assert newest > highest
        highest = newest
        paravent.stop()
        with sqlite3.connect(paravent.state / "statistics.db") as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",), number
        if code == 0:
            break
    assert reached >= 3, "hardly ever killed: this test shows nothing"


def paravent_highest(paravent):
    with sqlite3.connect(paravent.state / "statistics.db") as db:
        return db.execute("SELECT max(rowid) FROM events").fetchone()[0]


# The disk is full


def test_a_full_disk_stops_nothing_and_the_page_says_so(placed, disk, origin):
    web = origin(mirror)
    paravent = placed()
    flows(paravent, web)
    eventually(lambda: len(paravent.events()) == 5, "kept")
    disk.fill()
    flows(paravent, web, 200)
    eventually(lambda: paravent.totals()["block"] == 205, "counting goes on")
    told = eventually(lambda: problems(paravent).get("database"), "the page says that the disk is full", 10)
    assert "full" in told.lower() or "space" in told.lower(), told
    paravent.cli("device", "192.168.1.20", "--name", "tablet")
    assert "policy" in problems(paravent), problems(paravent)
    assert "tablet" in [d["name"] for d in paravent.api("/devices")[1]["items"]], "in force, if only in memory"
    disk.tidy()
    eventually(lambda: "database" not in problems(paravent), "the database is written again", 10)
    flows(paravent, web)
    paravent.cli("device", "192.168.1.20", "--name", "kitchen tablet")
    assert "policy" not in problems(paravent)
    paravent.stop()
    paravent.start()
    assert paravent.totals()["block"] == 210, "also what was counted while it was full"
    assert "kitchen tablet" in [d["name"] for d in paravent.api("/devices")[1]["items"]]


@pytest.mark.parametrize("left", [0, 4096, 20_000])
def test_a_start_on_a_full_disk_serves(placed, disk, origin, left):
    web = origin(mirror)
    disk.fill(left)
    paravent = placed()
    flows(paravent, web)
    if left == 0:
        assert problems(paravent), "the page says what is wrong"


# The disk is read-only


def test_a_disk_that_fails_while_it_runs_stops_nothing(placed, disk, origin):
    web = origin(mirror)
    paravent = placed()
    flows(paravent, web)
    eventually(lambda: len(paravent.events()) == 5, "kept")
    disk.fail()
    flows(paravent, web, 50)
    eventually(lambda: paravent.totals()["block"] == 55, "counting goes on")
    told = eventually(lambda: problems(paravent).get("database"), "the page says that nothing can be written", 10)
    assert "statistics.db" in told or "read-only" in told.lower() or "written" in told, told
    assert paravent.api("/events?limit=100")[0] == 200


def test_a_disk_that_is_read_only_at_the_start_and_then_writable(placed, disk, origin):
    """As when a file system is checked: nothing is restarted afterwards."""
    web = origin(mirror)
    paravent = placed()
    flows(paravent, web)
    paravent.stop()
    disk.read_only()
    paravent.start()
    flows(paravent, web)
    said = eventually(lambda: problems(paravent), "the page says that nothing can be written")
    assert {"database", "policy", "state"} & set(said), said
    disk.read_only(False)
    flows(paravent, web)
    eventually(lambda: "database" not in problems(paravent), "the database is written again", 10)
    paravent.cli("device", "192.168.1.20", "--name", "tablet")
    eventually(lambda: not problems(paravent), "nothing is wrong any more", 10)
    paravent.stop()
    paravent.start()
    assert "tablet" in [d["name"] for d in paravent.api("/devices")[1]["items"]]
