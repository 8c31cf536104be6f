"""An upgrade that does not come about: the service goes on as it was (security goals, row R9)."""
import json
import os
import platform
import signal
import sqlite3
import subprocess

import pytest

from conditions import eventually
from http1 import Stream, read_response
from origin import echo, mirror
from program import CHECKED
from upgrades import BLOCKED, SPEAKS, blocked, passes


def ids_in(paravent):
    (file,) = paravent.state.glob("*.db")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5) as db:
        return [n for (n,) in db.execute("SELECT id FROM events ORDER BY id")]


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


@pytest.mark.skipif(CHECKED, reason="a sanitizer looks for leaks by the means that strace uses")
@pytest.mark.skipif(platform.machine() != "x86_64", reason="clone's arguments are in another order")
def test_a_process_that_is_refused_late_costs_no_descriptor(line):
    """Beyond TasksMax= the kernel has written the number of a pidfd, and then takes it back: by then it may be a client's."""
    run = line()
    client = Stream(run.paravent.connect())
    # Any descriptor that has its uses: the highest one.
    number = eventually(lambda: max(int(fd) for fd in os.listdir(f"/proc/{run.pid}/fd")), "a descriptor")
    held = os.readlink(f"/proc/{run.pid}/fd/{number}")
    poked = number.to_bytes(4, "little").hex()
    tracer = subprocess.Popen(["strace", "-f", "-p", str(run.pid), "-e", f"inject=clone:error=EAGAIN:poke_exit=@arg3={poked}"],
                              stderr=subprocess.PIPE, text=True)
    if "attached" not in (said := tracer.stderr.readline()):
        tracer.wait(10)
        pytest.skip("this machine allows no strace: " + said)
    try:
        assert "Resource temporarily unavailable" in run.refusal(run.ask())
    finally:
        tracer.send_signal(signal.SIGINT)
        traced = tracer.communicate(timeout=20)[1]
    assert "clone(" in traced and "(INJECTED" in traced, traced
    assert os.readlink(f"/proc/{run.pid}/fd/{number}") == held
    client.socket.sendall(f"CONNECT {BLOCKED}:443 HTTP/1.1\r\nHost: {BLOCKED}\r\n\r\n".encode())
    assert read_response(client, "CONNECT").status == 403


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
