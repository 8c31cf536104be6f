"""The two processes of an upgrade, as whoever started them sees them: signals, words to the service manager, descriptors."""
import json
import os
import re
import signal
import socket
import time

import pytest

from conditions import eventually
from load import Load
from origin import floods
from upgrades import SPEAKS, blocked, swallowing


def test_signals_for_all_of_the_service_do_not_end_the_new_one_before_it_hears_them(line):
    """As `systemctl kill --signal=HUP` sends them."""
    run = line(before=["setsid"])
    for delay in (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.03, 0.06):
        said, old = run.ask(), run.pid
        time.sleep(delay)
        os.killpg(run.pids[0], signal.SIGHUP)
        run.follow(said)
        run.wait_end(old)
    blocked(run.paravent)


def test_a_stop_that_comes_when_the_new_one_has_just_begun_to_serve_ends_both_in_order(line, tmp_path):
    """It may be the service's main process already, and one that is killed is a failure to the service manager."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        run = line(env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert f"MAINPID={run.pid}".encode() in manager.recv(4096)
        manager.settimeout(0.2)
        for _ in range(10):
            old, said, new = run.pid, run.ask(), None
            while new is None:  # the old one is let go for a moment at a time, so that it does not hear the last word
                os.kill(old, signal.SIGSTOP)
                try:
                    new = int(re.search(rb"MAINPID=(\d+)", manager.recv(4096))[1])
                except TimeoutError:
                    os.kill(old, signal.SIGCONT)
                    time.sleep(0.002)
            time.sleep(0.1)  # for what it may have said in its moment
            if not run.paravent.said("the new version serves", said):
                break
            run.pids.append(new)  # it heard it all the same: once more, with the next one
            os.kill(old, signal.SIGCONT)
            run.wait_end(old)
        else:
            pytest.fail("the old one heard the last word each time")
        os.kill(old, signal.SIGTERM)
        os.kill(old, signal.SIGCONT)
        assert run.wait_end(new) == 0 and run.wait_end(old) == 0
        manager.settimeout(0.3)
        assert b"STOPPING=1" in manager.recv(4096)


def test_a_signal_to_end_hurries_the_old_one(line, origin):
    raw = origin(floods)
    run = line({"limits": {"drain": "5min"}})
    paravent, old = run.paravent, run.pid
    _, stream = paravent.tunnel("origin.example", raw.port)
    with Load([swallowing(stream)]):
        run.upgrade()
        said = len(paravent.lines)
        os.kill(old, signal.SIGUSR2)
        eventually(lambda: any("an upgrade is for the one that runs on" in each for each in paravent.lines[said:]), "a word about it")
        assert run.ended(old) is None
        os.kill(old, signal.SIGTERM)
        assert run.wait_end(old, 5) == 0
    blocked(paravent)


def test_a_stop_during_an_upgrade_ends_both(line):
    run = line()
    run.install(SPEAKS + "print('process', os.getpid(), file=sys.stderr, flush=True)\nchannel.recv(16)\n")
    said = run.ask()
    new = run.candidate(said)
    run.paravent.stop()
    assert run.wait_end(new, 2) == -signal.SIGKILL


def test_a_program_whose_file_was_replaced_at_its_start_finds_the_next_one(line):
    run = line(before=["sh", "-c", 'file=$1; shift; exec 9<"$file"; rm "$file"; exec /proc/self/fd/9 "$@"', "sh"])
    assert os.readlink(f"/proc/{run.pid}/exe").endswith(" (deleted)")
    run.install()
    run.upgrade()
    blocked(run.paravent)


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
