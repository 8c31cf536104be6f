"""A box without a battery clock wakes in 1970, serves, and has its clock set (rows I10 and R2 say what else must hold)."""
import contextlib
import os
import shutil
import socket
import subprocess
import time
from datetime import datetime, timezone

import pytest

from conditions import eventually
from origin import echo, mirror
from inside import credulous
from program import CHECKED, PROGRAM

CLOCK = """#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long offset(void) {
    long seconds = 0;
    FILE *f = fopen(getenv("CLOCK_OFFSET"), "r");
    if (f) { if (fscanf(f, "%ld", &seconds) != 1) seconds = 0; fclose(f); }
    return seconds;
}
int clock_gettime(clockid_t id, struct timespec *t) {
    int r = (int)syscall(SYS_clock_gettime, id, t);
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) t->tv_sec += offset();
    return r;
}
time_t time(time_t *t) { struct timespec now; clock_gettime(CLOCK_REALTIME, &now); if (t) *t = now.tv_sec; return now.tv_sec; }
int gettimeofday(struct timeval *restrict t, void *restrict zone) {
    struct timespec now; clock_gettime(CLOCK_REALTIME, &now); (void)zone;
    t->tv_sec = now.tv_sec; t->tv_usec = now.tv_nsec / 1000; return 0;
}
"""
HOSTS = ["connect.facebook.net", "an.facebook.com", "origin.example"]


class Clock:
    """The program's own clock: `set` to seconds since 1970, or right."""

    def __init__(self, folder):
        compiler = shutil.which("cc") or shutil.which("gcc")
        if not compiler or CHECKED:
            pytest.skip("needs a C compiler, and no sanitizer that wants to be loaded first")
        (folder / "clock.c").write_text(CLOCK)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "clock.so", folder / "clock.c"], check=True)
        self.file = folder / "offset"
        self.environment = {"LD_PRELOAD": str(folder / "clock.so"), "CLOCK_OFFSET": str(self.file)}

    def _write(self, offset):
        new = self.file.with_suffix(".new")
        new.write_text(str(offset))
        new.rename(self.file)

    def set(self, seconds):
        self._write(int(seconds - time.time()))

    def set_right(self):
        self._write(0)


@pytest.fixture
def clock(tmp_path):
    made = Clock(tmp_path)
    made.set(1000)
    return made


def blocked(paravent, name="connect.facebook.net"):
    answer, stream = paravent.tunnel(name)
    stream.socket.close()
    assert answer.status == 403


def year_of(event):
    return datetime.fromisoformat(event["time"].replace("Z", "+00:00")).astimezone(timezone.utc).year


def test_in_1970_everything_flows_and_the_page_says_that_the_clock_is_wrong(start, origin, clock):
    web = origin(mirror)
    paravent = start(env=clock.environment, hosts=HOSTS)
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200
    blocked(paravent)
    eventually(lambda: paravent.totals()["block"] == 1, "counted")
    status = paravent.api("/status")[1]
    assert status["clock"] == "before_build" and "clock" in [p["code"] for p in status["problems"]]
    clock.set_right()
    status = paravent.api("/status")[1]
    assert status["clock"] == "ok" and "clock" not in [p["code"] for p in status["problems"]]
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200


def test_a_clock_that_is_set_ends_no_connection_and_no_deadline(start, origin, clock):
    """Fifty-six years go by in a moment, and back: neither tunnels nor requests that wait may take that for a deadline."""
    paravent = start({"limits": {"head": "30s", "idle": "30s", "tunnel_idle": "1h"}}, env=clock.environment, hosts=HOSTS)
    far, web = origin(echo), origin(mirror)
    answer, stream = paravent.tunnel("origin.example", far.port)
    assert answer.status == 200
    with contextlib.closing(stream.socket), paravent.connect() as half:
        head = f"GET http://origin.example:{web.port}/ HTTP/1.1\r\n".encode()
        half.sendall(head)
        for move in (clock.set_right, lambda: clock.set(1000), clock.set_right):
            move()
            blocked(paravent)
            time.sleep(0.6)  # more than one tick of the deadlines
            stream.socket.sendall(b"still here")
            assert stream.exactly(10) == b"still here"
        half.sendall(b"Host: origin.example\r\n\r\n")
        assert half.recv(100).startswith(b"HTTP/1.1 200")


def test_what_was_kept_before_the_box_slept_outlives_a_start_in_1970(start, origin, clock):
    """The retention of a clock that jumps: nothing of today may go when 1970 is over, and nothing is counted twice."""
    clock.set_right()
    paravent = start(env=clock.environment, hosts=HOSTS)
    for _ in range(5):
        blocked(paravent)
    eventually(lambda: len(paravent.events()) == 5, "kept")
    last = paravent.events()[-1]["id"]
    paravent.stop()
    clock.set(1000)
    paravent.start()
    for _ in range(3):
        blocked(paravent, "an.facebook.com")
    eventually(lambda: len(paravent.events()) >= 8, "all of them, whatever their year")
    clock.set_right()
    for _ in range(2):
        blocked(paravent)
    eventually(lambda: [e["id"] for e in paravent.events() if e["id"] > last][-2:], "newer events")
    paravent.stop()
    paravent.start()
    events = [e for e in paravent.events() if year_of(e) > 2000]
    assert len(events) == 7, events
    ids = [e["id"] for e in paravent.events()]
    assert ids == sorted(set(ids)), "an id is never used twice"


def test_what_was_allowed_for_a_while_in_1970_ends_when_the_clock_is_set(start, clock):
    paravent = start(env=clock.environment, hosts=HOSTS)
    done = paravent.cli("allow", "connect.facebook.net", "--for", "10m")
    assert done.returncode == 0, done.stderr
    answer, stream = paravent.tunnel("connect.facebook.net")
    stream.socket.close()
    assert answer.status != 403
    clock.set_right()
    blocked(paravent)


def test_a_password_and_a_login_survive_the_clock(start, clock):
    """Sessions have an end: a session of today is none in 1970 that lasts for ever, and the password itself holds always."""
    clock.set_right()
    paravent = start(env=clock.environment, hosts=HOSTS)
    done = paravent.cli("password", stdin="a password of this home\n")
    assert done.returncode == 0, done.stderr
    clock.set(1000)
    status, _ = paravent.api("/session", "POST", {"password": "a password of this home"}, token=False)
    assert status < 300
    status, _ = paravent.api("/session", "POST", {"password": "another"}, token=False)
    assert status in (401, 403)
    clock.set_right()
    status, _ = paravent.api("/session", "POST", {"password": "a password of this home"}, token=False)
    assert status < 300


def test_before_the_day_of_an_authority_that_a_fast_clock_made_everything_passes_untouched(home, clock):
    """Nobody would accept its certificates yet: not shown to anybody, and said; with its day it is in force by itself."""
    clock.set(time.time() + 20 * 86400)
    home.folder.joinpath("empty.toml").write_text("")
    for words in (["create"], ["export", home.root]):
        subprocess.run([PROGRAM, "authority", *words, "--state", home.state, "--config", home.folder / "empty.toml"],
                       env={**os.environ, **clock.environment}, check=True, capture_output=True, timeout=60)
    clock.set_right()
    home.origin()
    paravent = home.start(env=clock.environment)
    assert not home.is_seen_inside()
    with socket.create_connection(("127.0.0.1", paravent.dashboard), 10) as sock:  # and the page has its own certificate meanwhile
        with credulous().wrap_socket(sock, server_hostname="paravent.local") as page:
            page.sendall(b"GET /healthz HTTP/1.1\r\nHost: paravent.local\r\nConnection: close\r\n\r\n")
            assert page.recv(100).startswith(b"HTTP/1.1 200")
    problems = [each["text"] for each in paravent.api("/status")[1]["problems"] if each["code"] == "authority_expires"]
    assert len(problems) == 1 and "is not valid yet by this computer's clock" in problems[0], problems
    said = paravent.cli("doctor")
    assert "is not valid yet" in said.stdout and said.returncode == 1
    clock.set(time.time() + 19 * 86400)
    assert home.is_seen_inside()
