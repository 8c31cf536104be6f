"""Security goals, row R10: what a day of home traffic costs an SD card."""
import os
import signal
import sqlite3
import threading
from pathlib import Path

import pytest

from conditions import eventually

EVENTS = 5000


def ask_blocked(paravent, count, threads=4):
    def some(n):
        for _ in range(n):
            answer, stream = paravent.tunnel("connect.facebook.net")
            stream.socket.close()
            assert answer.status == 403

    crew = [threading.Thread(target=some, args=(count // threads,)) for _ in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()


def written_at_the_end(paravent):
    """Stops the program; the bytes it ever passed to write(2), read from what is left of it before it is reaped."""
    paravent.signal(signal.SIGTERM)
    os.waitid(os.P_PID, paravent.pid, os.WEXITED | os.WNOWAIT)
    return paravent.written()


def on_disk(paravent):
    return sum(file.stat().st_size for file in Path(paravent.state).rglob("*") if file.is_file())


def test_R10_five_thousand_events_pass_less_than_6_mb_to_write(start):
    paravent = start({"statistics": {"flush": "10min"}}, hosts=["connect.facebook.net"])
    before = paravent.written()
    ask_blocked(paravent, EVENTS)
    eventually(lambda: paravent.totals()["block"] == EVENTS, "all events counted before any flush")
    assert paravent.api("/events?limit=1")[1]["items"], "queries cover what is not flushed yet"
    total = written_at_the_end(paravent) - before
    paravent.stop()
    paravent.start()
    assert paravent.totals()["block"] == EVENTS
    assert total < 6_000_000, total
    assert on_disk(paravent) < 6_000_000


def test_R10_nothing_is_written_between_two_flushes(start):
    paravent = start({"statistics": {"flush": "10min"}}, hosts=["connect.facebook.net"])
    ask_blocked(paravent, 100)
    before = {file.name: file.stat().st_mtime_ns for file in paravent.state.glob("statistics*")}
    ask_blocked(paravent, 500)
    eventually(lambda: paravent.totals()["block"] == 600, "counted")
    assert {file.name: file.stat().st_mtime_ns for file in paravent.state.glob("statistics*")} == before


def test_R10_a_shorter_interval_holds_after_sighup(start):
    paravent = start({"statistics": {"flush": "10min"}}, hosts=["connect.facebook.net"])
    ask_blocked(paravent, 100)

    def rows():
        with sqlite3.connect(f"file:{paravent.state / 'statistics.db'}?mode=ro", uri=True, timeout=5) as db:
            return db.execute("SELECT count(*) FROM events").fetchone()[0]

    assert rows() == 0
    paravent.reload({"statistics": {"flush": "0s"}})
    eventually(lambda: rows() == 100, "what waited is on disk")


@pytest.mark.extra
def test_R10_a_day_in_144_flushes_passes_less_than_6_mb_to_write(start):
    paravent = start({"statistics": {"flush": "1s"}}, hosts=["connect.facebook.net"])
    before = paravent.written()
    for _ in range(144):
        ask_blocked(paravent, 36)
        changed = {file.name: file.stat().st_mtime_ns for file in paravent.state.glob("statistics*")}
        eventually(lambda: {file.name: file.stat().st_mtime_ns for file in paravent.state.glob("statistics*")} != changed, "a flush", 5)
    total = written_at_the_end(paravent) - before
    paravent.stop()
    assert total < 6_000_000, total
