"""The life of the service: ready line, descriptors handed over, sd_notify, drain, and what it says when it cannot start."""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from conditions import eventually
from http1 import Stream, read_head, read_response
from origin import echo, floods, mirror
from ports import free_port
from program import PROGRAM

HANDS_OVER = ("import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_PID=sys.argv[2] or str(os.getpid()), LISTEN_FDS='1'); "
              "os.set_inheritable(3, True); os.execv(sys.argv[3], sys.argv[3:])")


def test_the_ready_line_names_every_address_proxy_first(start):
    other = free_port()
    paravent = start({"proxy": {}})
    paravent.stop()
    paravent.write_settings({"proxy": {"listen": [f"127.0.0.1:{paravent.port}", f"127.0.0.1:{other}"]}})
    paravent.start()
    line = paravent.said("listening on ")
    assert f"listening on 127.0.0.1:{paravent.port} 127.0.0.1:{other}" in line
    for port in (paravent.port, other):
        socket.create_connection(("127.0.0.1", port), 2).close()


def test_the_token_is_there_before_the_ready_line_and_private(paravent):
    token = paravent.state / "token"
    assert token.stat().st_mode & 0o777 == 0o600 and len(token.read_text().split()) == 1
    assert paravent.state.stat().st_mode & 0o777 == 0o700


def test_a_listening_socket_from_the_service_manager_is_used(start, origin):
    web = origin(mirror)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        port = listener.getsockname()[1]
        paravent = start(before=[sys.executable, "-c", HANDS_OVER, str(listener.fileno()), ""], descriptors=[listener.fileno()], ready=False)
        line = paravent.wait_line("listening on ", within=20)
        assert f"127.0.0.1:{port}" in line
        paravent.port = port
        assert paravent.get(f"http://origin.example:{web.port}/").status == 200


def test_where_the_service_manager_holds_the_ports_its_addresses_are_the_boxs_own(start):
    """What guards the page and what names the proxy in the PAC file go by them, also after the settings were read anew."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        paravent = start(before=[sys.executable, "-c", HANDS_OVER, str(listener.fileno()), ""], descriptors=[listener.fileno()], ready=False,
                         env={"LISTEN_FDNAMES": "dashboard"})
        assert f"127.0.0.1:{port}" in paravent.wait_line("listening on ", within=20)
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port), 10) as sock:
                sock.sendall(f"GET /proxy.pac HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
                answer = read_response(Stream(sock))
            assert answer.status == 200 and f"127.0.0.1:{paravent.port}".encode() in answer.body, answer
            paravent.signal(signal.SIGHUP)
            paravent.wait_line("were read anew", within=20)


def test_a_listening_socket_that_was_meant_for_another_process_is_left_alone(start):
    """sd_listen_fds(3): LISTEN_PID says for whom, since a child inherits the variables."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        paravent = start(before=[sys.executable, "-c", HANDS_OVER, str(listener.fileno()), "1"], descriptors=[listener.fileno()])
        assert f"127.0.0.1:{listener.getsockname()[1]}" not in paravent.said("listening on ")
        assert f"127.0.0.1:{paravent.port}" in paravent.said("listening on ")


def test_the_service_manager_hears_ready_and_stopping(start, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        paravent = start(env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        said = manager.recv(4096).decode().split("\n")
        assert "READY=1" in said
        paravent.signal(signal.SIGTERM)
        while "STOPPING=1" not in manager.recv(4096).decode().split("\n"):
            pass
        paravent.stop()


@pytest.mark.parametrize("settings", [None, "[proxy\n"])
def test_the_service_manager_hears_of_a_reload_and_its_end(start, tmp_path, settings):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        paravent = start(env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert "READY=1" in manager.recv(4096).decode()
        if settings:
            paravent.config.write_text(settings)
        paravent.signal(signal.SIGHUP)
        assert "RELOADING=1" in manager.recv(4096).decode()
        assert "READY=1" in manager.recv(4096).decode()


def test_sigterm_lets_a_download_finish_and_refuses_new_connections(start, origin):
    go_on = []

    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        eventually(lambda: go_on, "leave to go on", 15)
        connection.send(b"world")

    paravent = start({"limits": {"drain": "15s"}})
    web = origin(serve)
    with paravent.connect() as sock:
        stream = Stream(sock)
        sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        assert read_head(stream).status == 200
        assert stream.exactly(5) == b"hello"
        paravent.signal(signal.SIGTERM)

        def refused():
            try:
                with paravent.connect(timeout=2) as probe:
                    return Stream(probe).ended()
            except (ConnectionRefusedError, ConnectionResetError):  # reset: it was in the queue that closed
                return True

        eventually(refused, "new connections refused")
        assert paravent.alive()
        go_on.append(True)
        assert stream.exactly(5) == b"world"
        assert stream.ended()
    begin = time.monotonic()
    paravent.stop()
    assert time.monotonic() - begin < 5, "it ends as soon as nothing is left to drain"


def test_sigterm_with_an_idle_client_ends_at_once(start, origin):
    paravent = start({"limits": {"drain": "30s"}})
    web = origin(mirror)
    with paravent.connect() as idle, paravent.connect() as silent:
        stream = Stream(idle)
        idle.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        assert read_response(stream).status == 200
        paravent.stop(within=10)
        assert stream.ended() and Stream(silent).ended()


def test_sigterm_waits_for_a_tunnel_no_longer_than_drain(start, origin):
    paravent = start({"limits": {"drain": "1s"}})
    _, stream = paravent.tunnel("origin.example", origin(echo).port)
    paravent.signal(signal.SIGTERM)
    stream.socket.sendall(b"still")
    assert stream.exactly(5) == b"still"
    paravent.stop(within=8)
    assert stream.ended()
    stream.socket.close()


def test_sigterm_waits_for_a_tunnel_that_is_never_quiet_no_longer_than_drain(start, origin):
    paravent = start({"limits": {"drain": "1s"}})
    _, stream = paravent.tunnel("origin.example", origin(floods).port)
    reader = threading.Thread(target=lambda: list(iter(lambda: len(stream.socket.recv(1 << 20)), 0)), daemon=True)
    reader.start()
    paravent.stop(within=8)
    reader.join(5)
    assert not reader.is_alive()
    stream.socket.close()


def test_sigterm_does_not_wait_for_a_tunnel_that_is_quiet(start, origin):
    paravent = start({"limits": {"drain": "60s"}})
    _, stream = paravent.tunnel("origin.example", origin(echo).port)
    paravent.stop(within=10)
    assert stream.ended()
    stream.socket.close()


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM, signal.SIGTERM], [signal.SIGHUP, signal.SIGTERM], [signal.SIGPIPE, signal.SIGTERM]])
def test_other_signals_end_it_cleanly_too(start, signals):
    paravent = start()
    for number in signals:
        if paravent.alive():
            paravent.signal(number)
    paravent.stop()


def test_an_address_in_use_is_one_clear_line_and_exit_1(start):
    paravent = start()
    other = start(ready=False, settings={"proxy": {"listen": [f"127.0.0.1:{paravent.port}"]}})
    assert other.process.wait(10) == 1
    other.reader.join(5)
    assert any(f"127.0.0.1:{paravent.port}" in line for line in other.lines), other.lines
    assert paravent.alive()


def test_a_state_directory_in_use_is_one_clear_line_and_exit_1(start):
    paravent, other = start(), start()
    other.stop()
    other.state = paravent.state
    other.start(ready=False)
    assert other.process.wait(10) == 1
    other.reader.join(5)
    assert any("another Paravent" in line and str(paravent.state) in line for line in other.lines), other.lines
    assert paravent.alive() and paravent.api("/status")[0] == 200


def test_bad_settings_at_the_start_are_named_with_their_place(start, tmp_path):
    paravent = start()
    paravent.stop()
    paravent.config.write_text("[proxy]\nlisten = [\"127.0.0.1:84800\"]\n")
    paravent.start(ready=False)
    assert paravent.process.wait(10) in (1, 2)
    paravent.reader.join(5)
    assert any("paravent.toml:2:" in line for line in paravent.lines[paravent.began:]), paravent.lines


def test_it_starts_anew_at_once_on_the_same_ports(start, origin):
    paravent = start()
    web = origin(mirror)
    for _ in range(5):
        with paravent.connect() as sock:
            sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
            assert read_response(Stream(sock)).status == 200
            paravent.stop()
        paravent.start()
    assert os.path.exists(paravent.state / "token")


def test_nobody_is_served_before_the_start_has_said_what_is_wrong(start):
    """What is said at the start is read from lists that a request could replace meanwhile: so requests wait."""
    house = start({"list": [{"name": f"gone-{n}", "file": f"/nowhere/{n}.txt"} for n in range(2000)]})
    house.stop()
    token = (house.state / "token").read_text().strip()
    command = [str(PROGRAM), "run", "--config", str(house.config), "--state", str(house.state)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:  # a pipe that nobody empties holds up the telling
        def connected():
            try:
                return socket.create_connection(("127.0.0.1", house.dashboard), timeout=1)
            except OSError:
                assert process.poll() is None
                return None

        try:
            stream = Stream(eventually(connected, "a dashboard that listens", within=20))
            stream.socket.sendall(f"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{house.dashboard}\r\n"
                                  f"Authorization: Bearer {token}\r\n\r\n".encode())
            with pytest.raises(socket.timeout):
                stream.socket.recv(1)
            said = []
            reader = threading.Thread(target=lambda: said.extend(process.stderr), daemon=True)
            reader.start()
            stream.socket.settimeout(20)
            assert read_response(stream).status == 200
            stream.socket.close()
            process.terminate()
            assert process.wait(20) == 0
            reader.join(10)
        finally:
            process.kill()
    assert any(b"list gone-1999: " in line for line in said)
