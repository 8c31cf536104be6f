"""Security goals, row R8: SIGHUP takes new settings and lists under load; nothing is dropped, a bad file changes nothing."""
import signal
import socket
import threading

import pytest

from conditions import eventually
from http1 import Closed, Stream, read_head, read_response
from load import Load
from origin import echo, mirror

HOSTS = ["origin.example", "tracker.example", "other.example", "connect.facebook.net"]


def with_list(paravent, text, **settings):
    (paravent.folder / "own.txt").write_text(text)
    return {"list": [{"name": "own", "file": str(paravent.folder / "own.txt"), "category": "custom"}], **settings}


def status_of(paravent, name, web):
    return paravent.get(f"http://{name}:{web.port}/").status


class Clients:
    """Keep-alive clients and tunnels that must never see an end; one request in two goes to a host that a list may block."""

    def __init__(self, paravent, web, far):
        self.paravent, self.web, self.far, self.count = paravent, web, far, 0

    def requests(self, load):
        while not load.over.is_set():
            with self.paravent.connect() as sock:
                self._on_one_connection(Stream(sock), load)

    def _on_one_connection(self, stream, load):
        while not load.over.is_set():
            for name, expected in (("origin.example", {200}), ("tracker.example", {200, 403})):
                stream.socket.sendall(f"GET http://{name}:{self.web.port}/ HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
                answer = read_response(stream)
                assert answer.status in expected, answer
                assert answer.status == 200 or answer.rule == "own/1", answer
                self.count += 1
                if "close" in answer.get("Connection", ""):  # said in the answer: no drop
                    return

    def tunnel(self, load):
        _, stream = self.paravent.tunnel("origin.example", self.far.port)
        with stream.socket as sock:
            while not load.over.is_set():
                sock.sendall(b"x" * 1000)
                stream.exactly(1000)
                stream.record.clear()


def test_R8_reload_under_load_drops_no_connection(start, origin):
    web, far = origin(mirror), origin(echo)
    paravent = start(hosts=HOSTS)
    clients = Clients(paravent, web, far)
    with Load([clients.requests, clients.tunnel] * 4, (OSError, Closed, AssertionError)) as load:
        for n in range(10):
            blocked = n % 2 == 0
            paravent.reload(with_list(paravent, "||tracker.example^\n" if blocked else "||other.example^\n",
                                      limits={"drain": "2s", "idle": f"{30 + n}s"}))
            eventually(lambda: (status_of(paravent, "tracker.example", web) == 403) == blocked, f"reload {n} in force", 10)
            before = clients.count
            eventually(lambda: clients.count > before + 20 or load.failures, "the load goes on")
    assert load.failures == []


def test_R8_a_new_list_is_in_force_and_names_its_rule(start, origin):
    web = origin(mirror)
    paravent = start(hosts=HOSTS)
    assert status_of(paravent, "tracker.example", web) == 200
    paravent.reload(with_list(paravent, "! a comment\n||tracker.example^\n"))
    eventually(lambda: status_of(paravent, "tracker.example", web) == 403, "the new list in force")
    assert paravent.get(f"http://tracker.example:{web.port}/").rule == "own/2"
    assert status_of(paravent, "origin.example", web) == 200


@pytest.mark.parametrize("bad, place", [
    ("[proxy\n", ":1:"), ("[proxy]\nlisten = 12\n", ":2:"), ("[policy]\nprofile = \"sometimes\"\n", ":2:"), ("[policy]\nprofil = \"log\"\n", ":2:"),
    ("[limits]\nhead = \"10 parsecs\"\n", ":2:"), ("\xff\xfe", ":1:")])
def test_R8_bad_settings_leave_the_old_in_force_and_say_why(start, origin, bad, place):
    web = origin(mirror)
    paravent = start(hosts=HOSTS)
    paravent.reload(with_list(paravent, "||tracker.example^\n"))
    eventually(lambda: status_of(paravent, "tracker.example", web) == 403, "the list in force")
    said = len(paravent.lines)
    paravent.config.write_bytes(bad.encode("latin-1"))
    paravent.signal(signal.SIGHUP)
    paravent.wait_line(r"paravent\.toml" + place, since=said)
    assert status_of(paravent, "tracker.example", web) == 403
    assert status_of(paravent, "origin.example", web) == 200
    paravent.reload(None)
    eventually(lambda: status_of(paravent, "tracker.example", web) == 200, "the repaired settings in force")


def test_R8_a_list_that_is_gone_leaves_the_old_in_force_and_says_why(start, origin):
    web = origin(mirror)
    paravent = start(hosts=HOSTS)
    settings = with_list(paravent, "||tracker.example^\n")
    paravent.reload(settings)
    eventually(lambda: status_of(paravent, "tracker.example", web) == 403, "the list in force")
    said = len(paravent.lines)
    (paravent.folder / "own.txt").unlink()
    paravent.reload(settings)
    paravent.wait_line("own.txt", since=said)
    assert status_of(paravent, "tracker.example", web) == 403


def test_R8_a_tunnel_to_a_host_that_becomes_blocked_is_closed_and_others_live(start, origin):
    def serve(connection):
        if connection.exactly(1) == b"G":
            connection.head()
            connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
        else:
            connection.send(b"x")
        echo(connection)

    far = origin(serve)
    paravent = start(hosts=HOSTS)
    _, blocked = paravent.tunnel("tracker.example", far.port)
    code, by_socks = paravent.socks("tracker.example", far.port)
    upgraded = Stream(paravent.connect())  # a WebSocket is a tunnel as well
    upgraded.socket.sendall(f"GET http://tracker.example:{far.port}/ HTTP/1.1\r\nHost: tracker.example\r\n"
                            "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n".encode())
    assert read_head(upgraded).status == 101
    _, other = paravent.tunnel("origin.example", far.port)
    streams = [blocked, by_socks, upgraded, other]
    for stream in streams:
        stream.socket.sendall(b"x")
        assert stream.exactly(1) == b"x"
    paravent.reload(with_list(paravent, "||tracker.example^\n"))
    assert blocked.ended() and by_socks.ended() and upgraded.ended()
    other.socket.sendall(b"y")
    assert other.exactly(1) == b"y"
    for stream in streams:
        stream.socket.close()


def test_R8_a_tunnel_survives_a_reload_that_changes_nothing(start, origin):
    far = origin(echo)
    paravent = start(hosts=HOSTS)
    _, stream = paravent.tunnel("tracker.example", far.port)
    for _ in range(5):
        said = len(paravent.lines)
        paravent.reload(None)
        paravent.wait_line("", since=said)
        stream.socket.sendall(b"x")
        assert stream.exactly(1) == b"x"
    stream.socket.close()


def test_R8_a_changed_profile_judges_the_next_request(start):
    paravent = start(hosts=HOSTS)
    answer, stream = paravent.tunnel("connect.facebook.net")
    stream.socket.close()
    assert answer.status == 403
    paravent.reload({"policy": {"profile": "off"}})

    def goes_through():
        result, tunnel = paravent.tunnel("connect.facebook.net")
        tunnel.socket.close()
        return result.error == "connect"  # nobody listens at 127.0.0.1:443, but it was dialled

    eventually(goes_through, "profile off in force")


def test_R8_a_changed_profile_judges_the_next_request_on_an_open_connection(start, origin):
    web = origin(mirror)
    paravent = start(hosts=HOSTS)
    paravent.reload(with_list(paravent, "||tracker.example^\n"))
    eventually(lambda: status_of(paravent, "tracker.example", web) == 403, "the list in force")
    with paravent.connect() as sock:
        stream = Stream(sock)

        def status():
            sock.sendall(f"GET http://tracker.example:{web.port}/ HTTP/1.1\r\nHost: tracker.example\r\n\r\n".encode())
            return read_response(stream).status

        assert status() == 403
        assert paravent.api("/devices/127.0.0.1", "PATCH", {"profile": "off"})[0] == 200
        assert status() == 200
        assert paravent.api("/devices/127.0.0.1", "PATCH", {"profile": "standard"})[0] == 200
        assert status() == 403


def test_R8_a_tunnel_ends_with_the_exception_that_allowed_it_and_others_live(start, origin):
    far = origin(echo)
    paravent = start(hosts=HOSTS)
    _, exception = paravent.api("/exceptions", "POST", {"site": "connect.facebook.net"})
    streams = [paravent.tunnel(name, far.port)[1] for name in ("connect.facebook.net", "origin.example")]
    for stream in streams:
        stream.socket.sendall(b"x")
        assert stream.exactly(1) == b"x"
    assert paravent.api("/exceptions/" + exception["id"], "DELETE")[0] == 204
    excepted, other = streams
    assert excepted.ended()
    other.socket.sendall(b"y")
    assert other.exactly(1) == b"y"
    for stream in streams:
        stream.socket.close()


def test_R8_a_kept_connection_does_not_outlive_the_settings_that_allowed_it(start, origin):
    web = origin(mirror)
    paravent = start({"proxy": {"workers": 1}}, hosts=HOSTS)
    assert status_of(paravent, "origin.example", web) == 200
    said = len(paravent.lines)
    paravent.reload({"proxy": {"workers": 1, "private_destinations": []}})
    paravent.wait_line("were read anew", since=said)
    answer = paravent.get(f"http://origin.example:{web.port}/")
    assert (answer.status, answer.error) == (403, "refused-destination")
    assert len(web.connections) == 1


@pytest.mark.memory
@pytest.mark.parametrize("kind", ["upgrade", "download", "upload", "events"])
def test_R8_what_goes_on_for_long_does_not_keep_the_rules_of_its_day(start, origin, kind):
    """Each generation of a large list would be megabytes for as long as one exchange lasts that began under it."""
    generations = 8
    large = "".join(f"||t{n}.tracker-{n % 977}.example^\n" for n in range(150_000))

    def serve(connection):
        connection.head()
        if kind == "upgrade":
            connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nbegun")
        elif kind == "download":
            connection.send(b"HTTP/1.1 200 OK\r\n\r\nbegun")
        connection.rest()

    web = origin(serve)
    paravent = start(hosts=HOSTS)
    token = (paravent.state / "token").read_text().strip()
    head = {"upgrade": "Upgrade: x\r\nConnection: upgrade\r\n", "upload": "Content-Length: 1000\r\n"}.get(kind, "")
    streams = []

    def begin():
        to_dashboard = kind == "events"
        streams.append(Stream(socket.create_connection(("127.0.0.1", paravent.dashboard if to_dashboard else paravent.port), 10)))
        if to_dashboard:
            target, host, more = "/api/v1/events/stream", f"127.0.0.1:{paravent.dashboard}", f"Authorization: Bearer {token}\r\n"
        else:
            target, host, more = f"http://origin.example:{web.port}/", "origin.example", head
        method = "POST" if kind == "upload" else "GET"
        streams[-1].socket.sendall(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
        if kind == "upload":
            streams[-1].socket.sendall(b"begun")
            eventually(lambda: web.received.count(b"begun") == len(streams), "the upload at the origin")
        else:
            while b"\r\n\r\n" not in streams[-1].record:
                streams[-1].more()

    def reload(text):
        said = len(paravent.lines)
        paravent.reload(with_list(paravent, text))
        paravent.wait_line("were read anew", within=20, since=said)

    reload("||tracker.example^\n")
    without = paravent.pss()
    reload(large)
    one = paravent.pss() - without
    assert one > 1 << 20, "the list is too small to be seen"
    for n in range(generations):
        begin()
        reload(large + f"||generation-{n}.example^\n")
    reload("||tracker.example^\n")

    def let_go():  # memory goes back to the system with the next reload
        reload("||tracker.example^\n")
        return paravent.pss() - without < 3 * one

    eventually(let_go, "one rule set in memory, not one for each exchange", 20)
    for stream in streams:
        stream.socket.close()
