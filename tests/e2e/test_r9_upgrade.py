"""Security goals, row R9: a new version of the program takes over while connections are open, and none is refused or cut."""
import os
import re
import signal
import threading
import time

import pytest

from conditions import eventually
from http1 import Closed, Stream, read_response
from load import Load
from origin import echo, floods, mirror
from upgrades import BLOCKED, blocked, passes, swallowing

PIXEL = b"id=1000000000000001&ev=Purchase&dl=https%3A%2F%2Fshop.example%2Fcart&cd[value]=59.00&cd[currency]=EUR"


def one_after_another(paravent, url, sent):
    """Opens a connection, asks, opens the next; each must be answered whole. `sent` takes one entry for each that was blocked."""

    def task(load):
        while not load.over.is_set():
            assert paravent.get(url).status == 200
            blocked(paravent)
            sent.append(1)

    return task


def twenty_at_once(paravent, url, sent):
    """Opens twenty, and only then asks by them, the last one first."""

    def task(load):
        while not load.over.is_set():
            streams = [Stream(paravent.connect()) for _ in range(20)]
            for stream in reversed(streams):
                stream.socket.sendall(f"CONNECT {BLOCKED}:443 HTTP/1.1\r\nHost: {BLOCKED}\r\n\r\n".encode())
                assert read_response(stream, "CONNECT").status == 403
                stream.socket.close()
                sent.append(1)

    return task


def test_R9_under_load_no_connection_is_refused_or_cut_and_every_event_is_counted_once(line, origin):
    web = origin(mirror)
    run = line({"limits": {"drain": "20s"}})
    paravent, sent, raised = run.paravent, [], []

    def noting(task):
        def noted(load):
            try:
                task(load)
            except BaseException as error:  # noqa: BLE001 - every failure is one of the program's
                raised.append(repr(error))

        return noted

    url = f"http://origin.example:{web.port}/"
    tasks = [one_after_another(paravent, url, sent)] * 3 + [twenty_at_once(paravent, url, sent)]
    with Load([noting(task) for task in tasks]):
        for _ in range(2):
            before = len(sent)
            eventually(lambda: len(sent) > before + 100, "load", 30)
            old, new = run.pid, run.upgrade()
            eventually(lambda: len(sent) > before + 200, "load after it", 30)
            assert run.wait_end(old) == 0
            assert os.stat(f"/proc/{new}/exe").st_ino == os.stat(run.file).st_ino
            run.install()
    assert not raised, raised[:3]
    assert len(sent) > 400
    assert paravent.totals()["block"] == len(sent)
    ids = [event["id"] for event in paravent.events()]
    assert len(ids) == len(sent) == len(set(ids))
    status = paravent.api("/status")[1]
    assert status["database"]["dropped"] == 0 and status["problems"] == [], status


def test_an_open_tunnel_lives_on_until_it_ends_and_the_old_process_with_it(line, origin):
    raw = origin(echo)
    run = line({"limits": {"drain": "1min"}})
    paravent, old = run.paravent, run.pid
    _, stream = paravent.tunnel("origin.example", raw.port)
    talking = threading.Event()

    def talk(load):  # a tunnel in which nothing moves is let go
        while not load.over.wait(0.02):
            assert passes(stream)
            talking.set()

    with Load([talk]) as load:
        run.install()
        new = run.upgrade()
        assert paravent.api("/status")[1]["uptime_s"] <= 5
        blocked(paravent)
        talking.clear()
        assert talking.wait(5) and run.ended(old) is None
        assert sorted(os.readlink(f"/proc/{pid}/exe").endswith("(deleted)") for pid in (old, new)) == [False, True]
    assert not load.failures
    stream.socket.close()
    assert run.wait_end(old) == 0
    blocked(paravent)
    assert paravent.totals()["block"] == 2


def test_the_drain_is_bounded(line, origin):
    raw = origin(floods)
    run = line({"limits": {"drain": "2s"}})
    paravent, old = run.paravent, run.pid
    _, stream = paravent.tunnel("origin.example", raw.port)
    with Load([swallowing(stream)]):
        run.upgrade()
        begin = time.monotonic()
        assert run.wait_end(old, 10) == 0
        assert time.monotonic() - begin > 1


def test_a_download_that_waits_for_its_reader_is_not_cut(line, origin):
    size = 48 * 1024 * 1024
    raw = origin(lambda connection: connection.send(b"x" * size))
    run = line({"limits": {"drain": "1min"}})
    old = run.pid
    _, stream = run.paravent.tunnel("origin.example", raw.port)
    run.upgrade()
    until = time.monotonic() + 4  # longer than an idle tunnel is left alone
    while time.monotonic() < until:
        assert run.ended(old) is None
        time.sleep(0.1)
    for _ in range(size // 65536):
        stream.exactly(65536)
    stream.socket.close()
    assert run.wait_end(old) == 0


def test_the_new_one_is_a_child_of_whoever_started_the_old_one(line, origin):
    """A service manager waits at a stop, and sees a crash at once, only where its main process is its own child."""
    raw = origin(floods)
    run = line({"limits": {"drain": "5min"}})
    old = run.pid
    _, stream = run.paravent.tunnel("origin.example", raw.port)
    with Load([swallowing(stream)]):
        for _ in range(2):
            new = run.upgrade()
            assert int(re.search(r"PPid:\s+(\d+)", open(f"/proc/{new}/status").read())[1]) == os.getpid()
        assert run.ended(old) is None


def test_what_the_old_one_sees_to_its_end_is_counted_too_and_no_id_is_given_twice(line):
    run = line({"limits": {"drain": "1min"}})
    paravent, old = run.paravent, run.pid
    blocked(paravent)
    late = [Stream(paravent.connect()) for _ in range(3)]
    head = f"POST http://www.facebook.com/tr/ HTTP/1.1\r\nHost: www.facebook.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(PIXEL)}\r\n\r\n"
    for stream in late:
        stream.socket.sendall(head.encode() + PIXEL[:20])
    run.upgrade()
    for _ in range(5):
        blocked(paravent)
    for stream in late:
        stream.socket.sendall(PIXEL[20:])
        answer = read_response(stream)
        assert answer.rule == "meta/pixel-event" and answer.get("Connection") == "close"
    assert run.wait_end(old) == 0
    for _ in range(5):
        blocked(paravent)
    events = paravent.events()
    ids = [event["id"] for event in events]
    assert len(set(ids)) == len(ids) == 14
    assert [event.get("name") for event in events].count("Purchase") == 3
    total = paravent.totals()
    assert (total["block"], total["answer"]) == (11, 3)
    # And after a start from the beginning they are not used again.
    run.stop()
    run.start_again()
    blocked(paravent)
    assert paravent.events()[-1]["id"] > max(ids)


def test_what_the_owner_changed_goes_over_and_the_old_one_writes_nothing_of_it_any_more(line, origin):
    raw = origin(echo)
    run = line({"limits": {"drain": "1min"}})
    paravent, old = run.paravent, run.pid
    token = (paravent.state / "token").read_text()
    blocked(paravent)
    device = paravent.api("/devices")[1]["items"][0]["id"]
    assert paravent.api(f"/devices/{device}", "PATCH", {"name": "before"})[0] == 200
    assert paravent.api("/exceptions", "POST", {"site": "shop.example", "verdict": "allow"})[0] in (200, 201)
    _, stream = paravent.tunnel("origin.example", raw.port)
    with Load([lambda load: [passes(stream) for _ in iter(lambda: load.over.wait(0.05), True)]]):
        run.upgrade()
        assert (paravent.state / "token").read_text() == token
        assert paravent.api(f"/devices/{device}")[0] in (200, 404, 405)  # the token is good
        assert [each["name"] for each in paravent.api("/devices")[1]["items"] if each["id"] == device] == ["before"]
        assert [each["site"] for each in paravent.api("/exceptions")[1]["items"]] == ["shop.example"]
        assert paravent.api(f"/devices/{device}", "PATCH", {"name": "after"})[0] == 200
    stream.socket.close()
    assert run.wait_end(old) == 0
    os.kill(run.pid, signal.SIGKILL)
    run.wait_end(run.pid)
    run.start_again()
    assert [each["name"] for each in paravent.api("/devices")[1]["items"] if each["id"] == device] == ["after"]


def test_a_client_that_came_just_before_and_has_not_asked_yet_is_served(line):
    run = line()
    early = [Stream(run.paravent.connect()) for _ in range(50)]
    eventually(lambda: run.paravent.api("/status")[1]["connections"]["open"] >= 50, "all of them accepted")
    old = run.pid
    run.upgrade()
    for stream in early:
        stream.socket.sendall(f"CONNECT {BLOCKED}:443 HTTP/1.1\r\nHost: {BLOCKED}\r\n\r\n".encode())
    for stream in early:
        assert read_response(stream, "CONNECT").status == 403
        stream.socket.close()
    assert run.wait_end(old) == 0
    assert run.paravent.totals()["block"] == 50


def test_a_kept_connection_without_a_request_is_closed_cleanly(line, origin):
    web = origin(mirror)
    run = line()
    stream = Stream(run.paravent.connect())
    stream.socket.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
    assert read_response(stream).status == 200
    run.upgrade()
    with pytest.raises(Closed):
        stream.more()
    assert not stream.was_reset
