"""Paravent as a service of systemd, under a user of its own. Runs as root in a container that packaging/test-booted boots."""
import json
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from conditions import eventually
from http1 import Closed, Stream, read_head, read_response
from origin import Origin, echo, mirror
from program import toml

PROGRAM = "/srv/paravent/build/release/paravent"
SETTINGS = Path("/etc/paravent/paravent.toml")
STATE = Path("/var/lib/paravent")
PROXY, LOW_PORT = 8480, 480
HTTP_PORT, TUNNEL_PORT = 12001, 12002
BLOCKED = "http://an.facebook.com/placementbid"


def systemctl(*words, check=True):
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True, timeout=90)
    assert not check or done.returncode == 0, done.stderr + journal()
    return done.stdout.strip()


def journal():
    return subprocess.run(["journalctl", "-u", "paravent.service", "-n", "30", "--no-pager"], capture_output=True, text=True).stdout


def shown(*properties):
    text = systemctl("show", "paravent.service", *(f"--property={name}" for name in properties))
    return dict(line.split("=", 1) for line in text.splitlines())


def stop(*units):
    systemctl("stop", *units)
    assert shown("Result", "ExecMainStatus") == {"Result": "success", "ExecMainStatus": "0"}, journal()


def main_pid():
    return int(shown("MainPID")["MainPID"])


def settings(**changed):
    """Writes the settings of this test; a section given here replaces the usual one."""
    usual = {"proxy": {"ports": [80, 443, HTTP_PORT, TUNNEL_PORT], "private_destinations": ["127.0.0.0/8"]},
             "resolver": {"hosts": "hosts", "servers": ["127.0.0.1:9"]},
             "limits": {"drain": "10s"}}
    SETTINGS.parent.mkdir(exist_ok=True)
    (SETTINGS.parent / "hosts").write_text("127.0.0.1 origin.example shop.example\n")
    SETTINGS.write_text(toml({**usual, **changed}))


def connect(port=PROXY):
    return socket.create_connection(("127.0.0.1", port), 10)


def get(url, port=PROXY):
    with connect(port) as sock:
        sock.sendall(f"GET {url} HTTP/1.1\r\nHost: {url.split('/')[2]}\r\n\r\n".encode())
        return read_response(Stream(sock))


def tunnel(host, tunnel_port, port=PROXY):
    stream = Stream(connect(port))
    stream.socket.sendall(f"CONNECT {host}:{tunnel_port} HTTP/1.1\r\nHost: {host}:{tunnel_port}\r\n\r\n".encode())
    return read_response(stream, "CONNECT"), stream


def passes(stream):
    stream.socket.sendall(b"still here")
    return stream.exactly(10) == b"still here"


@pytest.fixture(autouse=True)
def origins():
    web, raw = Origin(mirror, HTTP_PORT), Origin(echo, TUNNEL_PORT)
    yield
    web.close()
    raw.close()


@pytest.fixture
def service():
    """The service, started by systemd alone; at the end it must have left cleanly."""
    settings()
    systemctl("start", "paravent.service")
    yield
    stop("paravent.service")


def test_started_means_ready_and_what_is_blocked_is_blocked(service):
    # Type=notify: systemctl came back after READY=1, so nothing here waits.
    assert shown("ActiveState", "SubState") == {"ActiveState": "active", "SubState": "running"}
    assert get(f"http://origin.example:{HTTP_PORT}/").status == 200
    blocked = get(BLOCKED)
    assert blocked.status == 403 and blocked.rule == "meta/audience-network"
    assert get("http://connect.facebook.net/en_US/fbevents.js").rule == "meta/fbevents"
    answer, stream = tunnel("connect.facebook.net", 443)
    assert answer.status == 403 and answer.rule == "meta/loader-host"
    stream.socket.close()
    answer, stream = tunnel("origin.example", TUNNEL_PORT)
    assert answer.status == 200 and passes(stream)
    stream.socket.close()
    events = subprocess.run([PROGRAM, "events", "--json", "--config", SETTINGS, "--state", STATE], capture_output=True, text=True, timeout=30)
    assert events.returncode == 0, events.stderr
    assert {json.loads(line)["verdict"] for line in events.stdout.splitlines()} == {"block", "answer"}


def test_it_runs_as_an_ordinary_user_without_capabilities_and_its_state_is_private(service):
    pid = main_pid()
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    uid = int(status["Uid"].split()[0])
    assert uid != 0 and status["NoNewPrivs"] == "1"
    assert {name: int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == dict.fromkeys(("CapPrm", "CapEff", "CapBnd", "CapAmb"), 0)
    state = Path(f"/proc/{pid}/root{STATE}")  # as the service sees it: newer systemd maps the owner of what lies on the disk
    for path, mode in ((state, 0o700), (state / "token", 0o600)):
        kept = path.stat()
        assert (kept.st_uid, kept.st_mode & 0o777) == (uid, mode), path


def test_a_reload_takes_new_settings_and_drops_nothing(service):
    pid = main_pid()
    _, stream = tunnel("origin.example", TUNNEL_PORT)
    assert get(f"http://shop.example:{HTTP_PORT}/").status == 200
    (SETTINGS.parent / "own.txt").write_text("shop.example\n")
    settings(list=[{"name": "own", "file": "own.txt"}])
    systemctl("reload", "paravent.service")
    eventually(lambda: get(f"http://shop.example:{HTTP_PORT}/").status == 403, "the new list in force")
    assert passes(stream)
    stream.socket.close()
    assert main_pid() == pid and shown("ActiveState") == {"ActiveState": "active"}


def test_a_reload_of_broken_settings_leaves_the_old_ones_and_says_why(service):
    SETTINGS.write_text("[proxy]\nlisten = [\"nowhere\"]\n")
    systemctl("reload", "paravent.service")
    eventually(lambda: "the old settings stay in force" in journal() and "paravent.toml:2:" in journal(), "the reason in the journal")
    assert get(f"http://origin.example:{HTTP_PORT}/").status == 200
    assert shown("ActiveState") == {"ActiveState": "active"}


def test_broken_settings_at_the_start_fail_the_unit_with_the_reason_in_the_journal():
    SETTINGS.parent.mkdir(exist_ok=True)
    SETTINGS.write_text("[proxy]\nlisten = [\"nowhere\"]\n")
    systemctl("start", "paravent.service", check=False)
    assert shown("ActiveState") == {"ActiveState": "failed"}
    assert "paravent.toml:2:" in journal()
    systemctl("reset-failed", "paravent.service")


def test_a_stop_lets_a_download_finish(service):
    go_on = threading.Event()

    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        assert go_on.wait(20)
        connection.send(b"world")

    slow = Origin(serve, HTTP_PORT, address="127.0.0.2")
    with connect() as sock:
        stream = Stream(sock)
        sock.sendall(f"GET http://127.0.0.2:{HTTP_PORT}/ HTTP/1.1\r\nHost: 127.0.0.2:{HTTP_PORT}\r\n\r\n".encode())
        assert read_head(stream).status == 200 and stream.exactly(5) == b"hello"
        systemctl("stop", "--no-block", "paravent.service")
        eventually(lambda: shown("ActiveState") == {"ActiveState": "deactivating"}, "the stop under way")
        go_on.set()
        assert stream.exactly(5) == b"world" and stream.ended()
    eventually(lambda: shown("ActiveState") == {"ActiveState": "inactive"}, "the end of the service")
    slow.close()
    assert not slow.errors


def test_a_killed_service_can_start_again(service):
    os.kill(main_pid(), signal.SIGKILL)
    eventually(lambda: shown("ActiveState") == {"ActiveState": "failed"}, "systemd's notice of the end")
    systemctl("start", "paravent.service")
    assert get(BLOCKED).status == 403


@pytest.fixture
def sockets():
    settings()
    systemctl("start", "paravent.socket")
    yield
    stop("paravent.socket", "paravent.service")


def test_the_first_connection_starts_it_on_a_port_that_systemd_opened(sockets):
    assert shown("ActiveState") == {"ActiveState": "inactive"}
    assert get(BLOCKED, LOW_PORT).status == 403
    assert get(f"http://origin.example:{HTTP_PORT}/", LOW_PORT).status == 200
    with pytest.raises(ConnectionRefusedError):
        connect(PROXY)  # the settings' own address is not opened beside the socket unit's
    status = subprocess.run([PROGRAM, "status", "--config", SETTINGS, "--state", STATE], capture_output=True, text=True, timeout=30)
    assert status.returncode == 0, status.stderr


def test_a_restart_refuses_no_connection_where_systemd_holds_the_port(sockets):
    assert get(BLOCKED, LOW_PORT).status == 403
    pid = main_pid()
    systemctl("restart", "--no-block", "paravent.service")

    def answered_by_the_next():
        try:
            answer = get(BLOCKED, LOW_PORT)  # where it is refused, this raises
        except Closed:
            return False  # taken by the one that was ending
        assert answer.status == 403
        return main_pid() not in (0, pid)

    eventually(answered_by_the_next, "an answer of the new process", 30)
