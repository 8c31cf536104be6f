"""Security goals, row R1: kill -9 under load loses at most one flush interval of statistics, never the database."""
import random
import sqlite3
import time

from conftest import ALL
from http1 import Closed
from load import Load

TIMES = 100 if ALL else 20


def asking(paravent, answers):
    """Asks for a blocked host as fast as it can, also while nobody is there, and notes when each answer came."""

    def task(load):
        while not load.over.is_set():
            try:
                answer, stream = paravent.tunnel("connect.facebook.net", timeout=2)
                stream.socket.close()
                assert answer.status == 403
                answers.append(time.monotonic())
                load.over.wait(0.004)  # 20 rounds stay below the 50,000 rows of a day, beyond which nothing newer is shown
            except (OSError, Closed):
                load.over.wait(0.01)

    return task


def test_R1_kill_9_under_load_loses_at_most_one_flush_and_never_the_database(start):
    paravent = start(hosts=["connect.facebook.net"])
    flushed, highest = 0, 0
    for round_number in range(TIMES):
        answers = []
        with Load([asking(paravent, answers)] * 3):
            over = time.monotonic() + random.uniform(0.1, 0.6)
            while time.monotonic() < over or not answers:
                time.sleep(0.01)
            page = paravent.api("/events?limit=1")[1]["items"]
            killed = time.monotonic()
            paravent.kill()
        highest = max([highest] + [event["id"] for event in page])
        flushed += sum(1 for answered in answers if answered < killed - 0.25)  # flush "0s": at once; a quarter of a second is generous
        paravent.start()
        status = paravent.api("/status")[1]
        assert status["database"]["state"] == "ok", (round_number, status["database"])
        answer, stream = paravent.tunnel("connect.facebook.net")
        stream.socket.close()
        newest = paravent.api("/events?limit=1")[1]["items"][0]
        assert newest["id"] > highest, f"round {round_number}: id {newest['id']} was used before the kill"
        highest = newest["id"]
    paravent.stop()
    with sqlite3.connect(database(paravent)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    paravent.start()
    assert paravent.totals()["block"] >= flushed + TIMES


def test_R1_what_was_flushed_before_the_kill_is_there_afterwards(start):
    paravent = start(hosts=["connect.facebook.net"])
    for _ in range(20):
        _, stream = paravent.tunnel("connect.facebook.net")
        stream.socket.close()

    def rows():
        with sqlite3.connect(f"file:{database(paravent)}?mode=ro", uri=True, timeout=5) as db:
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            return max([db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables], default=0)

    end = time.monotonic() + 5
    while rows() < 20:
        assert time.monotonic() < end, "20 events on disk"
        time.sleep(0.05)
    paravent.kill()
    paravent.start()
    assert len(paravent.events()) == 20


def database(paravent):
    (file,) = paravent.state.glob("*.db")
    return file
