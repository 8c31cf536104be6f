"""The service manager's watchdog: a beat at half the time it gives, from the process that serves."""
import contextlib
import socket
import struct
import time

from conditions import eventually
from load import Load
from origin import echo
from upgrades import Line

WITHIN = 0.8  # seconds in which the manager wants to hear


@contextlib.contextmanager
def manager(folder):
    """Hears what is said on NOTIFY_SOCKET: next() gives (process, lines)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hears:
        hears.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        hears.bind(str(folder / "notify"))
        hears.settimeout(20)

        def next_word():
            data, controls, _, _ = hears.recvmsg(4096, socket.CMSG_SPACE(12))
            return struct.unpack("3i", controls[0][2])[0], data.decode().split("\n")

        yield next_word


def settings_of(folder, **more):
    return {"env": {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": str(int(WITHIN * 1e6)), **more}}


def beats_in(next_word, seconds):
    """Who beat, in order, over a while."""
    beats, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        process, lines = next_word()
        if "WATCHDOG=1" in lines:
            beats.append(process)
    return beats


def test_it_beats_twice_in_the_time_that_the_service_manager_gives(start, tmp_path):
    with manager(tmp_path) as next_word:
        paravent = start(**settings_of(tmp_path))
        beats = beats_in(next_word, 5 * WITHIN)
        assert 6 <= len(beats) <= 14 and set(beats) == {paravent.pid}


def test_a_watchdog_of_another_process_is_none_of_ours(start, tmp_path):
    with manager(tmp_path) as next_word:
        paravent = start(**settings_of(tmp_path, WATCHDOG_PID="1"))
        assert "READY=1" in next_word()[1]
        paravent.stop()
        assert next_word()[1] == ["STOPPING=1"]


def test_after_an_upgrade_it_is_the_new_process_that_is_watched(start, tmp_path, monkeypatch, origin):
    raw = origin(echo)
    with manager(tmp_path) as next_word:
        run = Line(start, tmp_path, monkeypatch, settings={"limits": {"drain": "1min"}}, **settings_of(tmp_path))
        try:
            _, stream = run.paravent.tunnel("origin.example", raw.port)

            def talk(load):
                while not load.over.wait(0.05):
                    stream.socket.sendall(b"x")
                    stream.exactly(1)

            with Load([talk]):
                old, new = run.pid, run.upgrade()
                beats_in(next_word, 2 * WITHIN)  # what was said before
                beats = beats_in(next_word, 4 * WITHIN)
                assert run.ended(old) is None and set(beats) == {new} and len(beats) >= 4
            stream.socket.close()
            eventually(lambda: run.ended(old) == 0, "the end of the old one")
        finally:
            run.stop()
