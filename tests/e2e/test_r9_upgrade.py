"""Security goals, row R9: a new version of the program takes over while connections are open, and none is refused or cut."""
import json
import os
import re
import signal
import socket
import sqlite3
import threading
import time

import pytest

from conditions import eventually
from http1 import Closed, Stream, read_response
from load import Load
from origin import echo, floods, mirror
from upgrades import Line

BLOCKED = "connect.facebook.net"
PIXEL = b"id=1000000000000001&ev=Purchase&dl=https%3A%2F%2Fshop.example%2Fcart&cd[value]=59.00&cd[currency]=EUR"


@pytest.fixture
def line(start, tmp_path, monkeypatch):
    made = []

    def make(settings=None, **options):
        made.append(Line(start, tmp_path, monkeypatch, settings=settings, hosts=["origin.example", "shop.example", BLOCKED, "www.facebook.com"],
                         **options))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def blocked(paravent):
    answer, stream = paravent.tunnel(BLOCKED)
    stream.socket.close()
    assert answer.status == 403


def passes(stream):
    stream.socket.sendall(b"still here")
    return stream.exactly(10) == b"still here"


def swallowing(stream):
    """Reads on, and keeps nothing."""

    def task(load):
        with stream.socket:
            while not load.over.is_set() and stream.socket.recv(65536):
                pass

    return task


def ids_in(paravent):
    (file,) = paravent.state.glob("*.db")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5) as db:
        return [n for (n,) in db.execute("SELECT id FROM events ORDER BY id")]


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


def test_a_signal_to_end_hurries_the_old_one(line, origin):
    raw = origin(floods)
    run = line({"limits": {"drain": "5min"}})
    paravent, old = run.paravent, run.pid
    _, stream = paravent.tunnel("origin.example", raw.port)
    with Load([swallowing(stream)]):
        run.upgrade()
        said = len(paravent.lines)
        os.kill(old, signal.SIGUSR2)
        eventually(lambda: any("another upgrade is for the one that runs on" in each for each in paravent.lines[said:]), "a word about it")
        assert run.ended(old) is None
        os.kill(old, signal.SIGTERM)
        assert run.wait_end(old, 5) == 0
    blocked(paravent)


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


# --- new versions that are none ---------------------------------------------------------------------------------------------

SPEAKS = """#!/usr/bin/env python3
import os, socket, sys, time
channel = socket.socket(fileno=int(os.environ["PARAVENT_PREDECESSOR"].split()[0]))
channel.send(b"state")
assert channel.recv(16) == b"yours"
"""
NONE = {
    "not executable": (SPEAKS, 0o644, "Permission denied"),
    "no program": ("neither ELF nor script", 0o755, "Exec format error"),
    "ends at once": ("#!/bin/sh\nexit 3\n", 0o755, "it ended before it served"),
    "crashes": ("#!/bin/sh\nkill -SEGV $$\n", 0o755, "it ended before it served"),
    "fails with the state in its hands": (SPEAKS + "sys.exit(9)\n", 0o755, "it ended before it served"),
}


@pytest.mark.parametrize("fault", NONE)
def test_a_new_version_that_fails_leaves_the_old_one_as_it_was(line, origin, fault):
    web, raw = origin(mirror), origin(echo)
    text, mode, why = NONE[fault]
    run = line()
    paravent = run.paravent
    _, stream = paravent.tunnel("origin.example", raw.port)
    blocked(paravent)
    run.install(text, mode)
    sentence = run.refusal(run.ask())
    assert why in sentence and run.ended(run.pid) is None
    assert passes(stream)
    stream.socket.close()
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200
    # It counts, gives ids and keeps changes as before.
    blocked(paravent)
    device = paravent.api("/devices")[1]["items"][0]["id"]
    assert paravent.api(f"/devices/{device}", "PATCH", {"name": "kept"})[0] == 200
    assert '"kept"' in (paravent.state / "policy.json").read_text()
    eventually(lambda: len(ids_in(paravent)) == 2, "both events on the disk")
    assert paravent.totals()["block"] == 2
    # And the next one may succeed.
    run.install()
    old = run.pid
    run.upgrade()
    assert run.wait_end(old) == 0
    blocked(paravent)
    ids = [event["id"] for event in paravent.events()]
    assert len(ids) == 3 and ids == sorted(set(ids))


def test_while_the_new_version_has_the_state_the_old_one_counts_on_and_refuses_changes(line):
    run = line()
    paravent = run.paravent
    blocked(paravent)
    device = paravent.api("/devices")[1]["items"][0]["id"]
    run.install(SPEAKS + "print('process', os.getpid(), file=sys.stderr, flush=True)\nchannel.recv(16)\n")
    said = run.ask()
    new = run.candidate(said)
    blocked(paravent)
    assert paravent.totals()["block"] == 2 and len(paravent.events()) == 2
    status, problem = paravent.api(f"/devices/{device}", "PATCH", {"name": "lost"})
    assert status == 503 and "try again in a moment" in problem["detail"]
    # A second upgrade is not begun, a reload waits for the outcome.
    os.kill(run.pid, signal.SIGUSR2)
    paravent.wait_line("an upgrade is under way already", since=said)
    os.kill(run.pid, signal.SIGHUP)
    os.kill(new, signal.SIGKILL)
    assert "it ended before it served" in run.refusal(said)
    paravent.wait_line("settings and lists were read anew", since=said)
    blocked(paravent)
    ids = [event["id"] for event in paravent.events()]
    assert len(ids) == 3 and ids == sorted(set(ids))
    assert paravent.api(f"/devices/{device}", "PATCH", {"name": "kept"})[0] == 200


def test_while_the_new_version_has_the_state_the_old_one_writes_no_file_of_it(netns, line):
    run = line({"proxy": {"clients": ["loopback", "home"]}})
    paravent = run.paravent
    kept = paravent.state / "policy.json"
    run.install(SPEAKS + "print('process', os.getpid(), file=sys.stderr, flush=True)\nchannel.recv(16)\n")
    said = run.ask()
    new = run.candidate(said)
    before = kept.read_bytes()
    with paravent.connect(source="192.168.7.7") as sock:  # a device that nobody knew: worth a writing
        sock.sendall(f"CONNECT {BLOCKED}:443 HTTP/1.1\r\nHost: {BLOCKED}\r\n\r\n".encode())
        assert read_response(Stream(sock), "CONNECT").status == 403
    eventually(lambda: "policy.json" in json.dumps(paravent.api("/status")[1]["problems"]), "a writing that was refused", 15)
    assert kept.read_bytes() == before and b"192.168.7.7" not in before
    os.kill(new, signal.SIGKILL)
    run.refusal(said)
    assert b"192.168.7.7" in kept.read_bytes()
    assert paravent.api("/status")[1]["problems"] == []


def test_the_first_process_of_a_container_says_that_it_cannot_be_succeeded(netns, start):
    """The container ends with it, and the connections of its successor."""
    paravent = start(hosts=[BLOCKED], before=["unshare", "--pid", "--fork", "--kill-child"])
    (first,) = open(f"/proc/{paravent.pid}/task/{paravent.pid}/children").read().split()
    os.kill(int(first), signal.SIGUSR2)
    assert "start another container" in paravent.wait_line("this one goes on")
    blocked(paravent)
    os.kill(int(first), signal.SIGTERM)  # unshare keeps it from itself
    assert paravent.process.wait(20) == 0


def test_a_new_version_that_says_nothing_is_given_up(line):
    run = line()
    run.install("#!/bin/sh\necho process $$ >&2\nexec sleep 1000\n")
    said = run.ask()
    new = run.candidate(said)
    blocked(run.paravent)
    assert "it said nothing" in run.refusal(said, 40)
    blocked(run.paravent)
    assert run.wait_end(new, 2) == -signal.SIGKILL


def test_a_stop_during_an_upgrade_ends_both(line):
    run = line()
    run.install(SPEAKS + "print('process', os.getpid(), file=sys.stderr, flush=True)\nchannel.recv(16)\n")
    said = run.ask()
    new = run.candidate(said)
    run.paravent.stop()
    assert run.wait_end(new, 2) == -signal.SIGKILL


# --- what the new one is told -------------------------------------------------------------------------------------------------


def test_the_service_manager_hears_the_new_main_process(line, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)

        def hears(word):
            while True:
                said = manager.recv(4096).decode().split("\n")
                if word in said:
                    return said
                assert "STOPPING=1" not in said

        run = line(env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert f"MAINPID={run.pid}" in hears("READY=1")
        old, new = run.pid, run.upgrade()
        assert f"MAINPID={new}" in hears("READY=1")
        assert run.wait_end(old) == 0
        manager.settimeout(0.3)
        with pytest.raises(TimeoutError):  # the old one's end is no word about the service
            hears("anything else")


def test_the_sockets_are_the_same_and_nothing_else_is_inherited(line):
    run = line()
    paravent = run.paravent

    def inodes(pid):
        return {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}

    def listening(port):
        rows = [row.split() for row in open("/proc/net/tcp").read().splitlines()[1:]]
        return {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}

    before = {port: listening(port) for port in (paravent.port, paravent.dashboard)}
    count = len(os.listdir(f"/proc/{run.pid}/fd"))
    old = run.pid
    for _ in range(3):
        run.upgrade()
    assert run.wait_end(old) == 0
    for port, sockets in before.items():
        assert listening(port) == sockets and sockets <= inodes(run.pid)
    assert abs(len(os.listdir(f"/proc/{run.pid}/fd")) - count) <= 2
    environment = open(f"/proc/{run.pid}/environ", "rb").read().split(b"\0")
    assert [each for each in environment if each.startswith(b"LISTEN_FDS=")] == [b"LISTEN_FDS=2"]
    assert json.dumps(paravent.api("/status")[1]["problems"]) == "[]"


def test_the_old_one_lets_go_of_the_sockets_wholly(line, origin):
    """They live on in the new process: epoll would go on telling the old one of them if they were not taken out of it."""
    raw = origin(floods)
    run = line({"limits": {"drain": "1min"}})
    paravent, old = run.paravent, run.pid
    _, stream = paravent.tunnel("origin.example", raw.port)

    def watched():
        found = set()
        for fd in os.listdir(f"/proc/{old}/fd"):
            if "eventpoll" in os.readlink(f"/proc/{old}/fd/{fd}"):
                found |= {int(inode, 16) for inode in re.findall(r"ino:([0-9a-f]+)", open(f"/proc/{old}/fdinfo/{fd}").read())}
        return found

    def listening():
        rows = [row.split() for row in open("/proc/net/tcp").read().splitlines()[1:]]
        return {int(row[9]) for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) in (paravent.port, paravent.dashboard)}

    assert listening() and listening() <= watched()
    with Load([swallowing(stream)]):
        run.upgrade()
        eventually(lambda: not listening() & watched(), "sockets that nobody watches in the old one")
        assert listening() and run.ended(old) is None


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
