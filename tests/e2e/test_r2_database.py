"""Security goals, row R2: whatever happens to the database, traffic flows, and counting goes on."""
import os
import sqlite3
import subprocess

import pytest

from conditions import eventually
from origin import mirror

# A chroot may be root and still have no mounts of its own.
needs_mounts = pytest.mark.skipif(subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0,
                                  reason="needs a mount namespace, which is not allowed here")

NAMES = ["connect.facebook.net", "origin.example"]


def traffic_flows(paravent, web, times=10):
    for _ in range(times):
        assert paravent.get(f"http://origin.example:{web.port}/").status == 200
        answer, stream = paravent.tunnel("connect.facebook.net")
        stream.socket.close()
        assert answer.status == 403


def counted(paravent, blocked, what="counting goes on"):
    eventually(lambda: paravent.totals()["block"] >= blocked, what)


def database(paravent):
    return paravent.state / "statistics.db"


def stopped_with_history(start, web):
    """A program that has ten events in its database, and is not running."""
    paravent = start(hosts=NAMES)
    traffic_flows(paravent, web)
    counted(paravent, 10)
    paravent.stop()
    assert database(paravent).exists()
    return paravent


def moved_aside(paravent, web):
    """What must be true after a start with a database that is none."""
    paravent.start()
    traffic_flows(paravent, web)
    counted(paravent, 10)
    assert len(paravent.events()) >= 10
    state = paravent.api("/status")[1]["database"]["state"]
    assert state == "moved", state
    assert len([f for f in paravent.state.iterdir() if f.name.startswith("statistics") and not f.name.endswith(("-wal", "-shm"))]) >= 2
    with sqlite3.connect(database(paravent)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 5000])
def test_R2_a_truncated_database_is_moved_aside_and_counting_goes_on(start, origin, size):
    web = origin(mirror)
    paravent = stopped_with_history(start, web)
    if size >= os.path.getsize(database(paravent)):
        pytest.skip("the database is smaller")
    os.truncate(database(paravent), size)
    if size < 100:  # without a whole header SQLite takes it for an empty database: nothing to move
        paravent.start()
        traffic_flows(paravent, web)
        counted(paravent, 10)
    else:
        moved_aside(paravent, web)


@pytest.mark.parametrize("spot", ["header", "schema", "everywhere"])
def test_R2_a_bit_flipped_database_is_moved_aside_and_counting_goes_on(start, origin, spot):
    web = origin(mirror)
    paravent = stopped_with_history(start, web)
    data = bytearray(database(paravent).read_bytes())
    at = {"header": range(16), "schema": range(100, 4096), "everywhere": range(0, len(data), 3)}[spot]
    for n in at:
        data[n] ^= 0x55
    database(paravent).write_bytes(data)
    moved_aside(paravent, web)


def test_R2_a_database_that_is_a_text_file_is_moved_aside(start, origin):
    web = origin(mirror)
    paravent = stopped_with_history(start, web)
    database(paravent).write_text("no database\n" * 1000)
    moved_aside(paravent, web)


def test_R2_a_database_that_is_damaged_while_it_runs_stops_no_traffic(start, origin):
    web = origin(mirror)
    paravent = start(hosts=NAMES)
    traffic_flows(paravent, web)
    counted(paravent, 10)
    for file in paravent.state.glob("statistics.db*"):
        size = os.path.getsize(file)
        with open(file, "r+b") as f:
            f.write(b"\x55" * size)
    traffic_flows(paravent, web, 30)
    counted(paravent, 20, "counting goes on after the damage")
    assert paravent.alive()


def test_R2_a_database_that_is_deleted_while_it_runs_stops_no_traffic(start, origin):
    web = origin(mirror)
    paravent = start(hosts=NAMES)
    traffic_flows(paravent, web)
    for file in paravent.state.glob("statistics.db*"):
        file.unlink()
    traffic_flows(paravent, web, 30)
    counted(paravent, 30)


@pytest.mark.parametrize("parts", [["-wal"], ["-wal", "-shm"]])
def test_R2_a_log_deleted_while_another_program_looks_into_the_database_takes_nothing_along(start, origin, parts):
    web = origin(mirror)
    paravent = start(hosts=NAMES)
    traffic_flows(paravent, web)
    counted(paravent, 10)
    other = sqlite3.connect(database(paravent))
    before = other.execute("SELECT count(*) FROM events").fetchone()[0]
    assert before >= 1
    for part in parts:
        os.unlink(f"{database(paravent)}{part}")
    traffic_flows(paravent, web, 30)
    counted(paravent, 40)
    kept = len(paravent.events())
    other.close()
    traffic_flows(paravent, web)
    counted(paravent, 50)
    assert paravent.api("/status")[1]["database"]["state"] == "ok"
    paravent.stop()
    paravent.start()
    assert len(paravent.events()) >= kept >= before
    assert paravent.totals()["block"] == 50
    with sqlite3.connect(database(paravent)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("when", ["before the start", "while it runs"])
def test_R2_a_locked_database_stops_no_traffic_and_counting_goes_on(start, origin, when):
    web = origin(mirror)
    paravent = stopped_with_history(start, web)
    if when == "while it runs":
        paravent.start()
    lock = sqlite3.connect(database(paravent), timeout=5, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    if when == "before the start":
        paravent.start()
    traffic_flows(paravent, web, 20)
    assert paravent.alive()
    lock.execute("ROLLBACK")
    lock.close()
    traffic_flows(paravent, web)
    counted(paravent, 30, "30 blocked requests counted, of which 20 came under the lock")


def test_R2_a_database_in_a_directory_that_is_none_stops_no_traffic(start, origin, tmp_path):
    web = origin(mirror)
    (tmp_path / "file").write_text("")
    paravent = start({"statistics": {"flush": "0s", "path": str(tmp_path / "file" / "statistics.db")}}, hosts=NAMES)
    traffic_flows(paravent, web)
    assert paravent.api("/status")[1]["database"]["state"] == "off"
    counted(paravent, 10)


@pytest.mark.root
@needs_mounts
def test_R2_a_read_only_file_system_stops_no_traffic(start, origin, tmp_path):
    web = origin(mirror)
    place = tmp_path / "mount"
    place.mkdir()
    paravent = start({"statistics": {"path": str(place / "statistics.db")}}, hosts=NAMES,
                     before=["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o ro tmpfs {place} && exec "$@"', "sh"])
    traffic_flows(paravent, web)
    assert paravent.api("/status")[1]["database"]["state"] == "off"
    counted(paravent, 10)


@pytest.mark.root
@needs_mounts
@pytest.mark.parametrize("kilobytes", [0, 16, 200])
def test_R2_a_full_disk_stops_no_traffic_and_counting_goes_on(start, origin, tmp_path, kilobytes):
    web = origin(mirror)
    place = tmp_path / "mount"
    place.mkdir()
    fill = f"head -c $((1048576 - 1024 * {kilobytes})) /dev/zero > {place}/filler"
    paravent = start({"statistics": {"path": str(place / "statistics.db")}}, hosts=NAMES,
                     before=["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=1m tmpfs {place} && {fill}; exec "$@"', "sh"])
    traffic_flows(paravent, web, 300)
    counted(paravent, 300)
    os.unlink(f"/proc/{paravent.pid}/root{place}/filler")  # somebody tidies up
    traffic_flows(paravent, web)
    counted(paravent, 310)
    eventually(lambda: paravent.alive() and len(paravent.events()) >= 10, "events again, once there is room")
