"""[upstream] proxy: everything goes through a parent, which is told names and not addresses."""
import base64
import json
import socket
import threading

import pytest

from http1 import read_response
from origin import echo, mirror, response


class Parent:
    """A proxy that takes CONNECT, absolute-form and SOCKS5, notes what it was asked, and dials 127.0.0.1 whatever the name."""

    def __init__(self, origin, refuse=None):
        self.asked, self.refuse, self.users = [], refuse, []
        self.origin = origin(self._serve)
        self.port = self.origin.port

    def _serve(self, connection):
        connection.more()
        self._socks(connection) if connection.pending[0] == 5 else self._http(connection)

    def _socks(self, connection):
        methods = connection.exactly(connection.exactly(2)[1])
        with_password = 2 in methods
        connection.send(b"\x05\x02" if with_password else b"\x05\x00")
        if with_password:  # RFC 1929
            assert connection.exactly(1) == b"\x01"
            self.users.append(b":".join(connection.exactly(connection.exactly(1)[0]) for _ in range(2)))
            connection.send(b"\x01\x00")
        _, command, _, kind = connection.exactly(4)
        host = connection.exactly(connection.exactly(1)[0]).decode() if kind == 3 else socket.inet_ntoa(connection.exactly(4))
        port = int.from_bytes(connection.exactly(2), "big")
        self.asked.append(("SOCKS", host, port))
        connection.send(b"\x05" + bytes([self.refuse or 0]) + b"\x00\x01\0\0\0\0\0\0")
        if not self.refuse:
            self._relay(connection, port)

    def _http(self, connection):
        head = connection.head()
        method, target, _ = head.first.split(" ")
        self.asked.append((method, target))
        if authorization := head.get("Proxy-Authorization"):
            scheme, credentials = authorization.split(" ")
            assert scheme == "Basic"
            self.users.append(base64.b64decode(credentials, validate=True))
        if self.refuse:
            connection.send(response(b"no", f"{self.refuse} No"))
        elif method == "CONNECT":
            connection.send(b"HTTP/1.1 200 OK\r\nVia: parent\r\n\r\n")
            self._relay(connection, int(target.rsplit(":", 1)[1]))
        else:
            connection.send(response(json.dumps({"target": target}).encode()))

    @staticmethod
    def _relay(connection, port):
        with socket.create_connection(("127.0.0.1", port)) as far:
            far.sendall(connection.pending)

            def back():
                while data := far.recv(65536):
                    connection.send(data)
                try:
                    connection.socket.shutdown(socket.SHUT_WR)
                except OSError:  # gone already
                    pass

            thread = threading.Thread(target=back, daemon=True)
            thread.start()
            while data := connection.socket.recv(65536):
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)
            thread.join(10)


@pytest.fixture(params=["http", "socks5"])
def through_parent(start, origin, request):
    def run(refuse=None, user=""):
        parent = Parent(origin, refuse)
        paravent = start({"upstream": {"proxy": f"{request.param}://{user}127.0.0.1:{parent.port}"},
                          "proxy": {"private_destinations": []}}, hosts=["connect.facebook.net"])
        paravent.parent, paravent.kind = parent, request.param
        return paravent

    return run


def test_a_tunnel_goes_through_the_parent_by_its_name(through_parent, origin):
    paravent, far = through_parent(), origin(echo)
    answer, stream = paravent.tunnel("unresolvable.example", far.port, b"early")
    assert answer.status == 200
    with stream.socket as sock:
        sock.sendall(b"more")
        assert stream.exactly(9) == b"earlymore"
    expected = ("CONNECT", f"unresolvable.example:{far.port}") if paravent.kind == "http" else ("SOCKS", "unresolvable.example", far.port)
    assert paravent.parent.asked == [expected]


def test_socks_goes_through_the_parent_by_its_name(through_parent, origin):
    paravent, far = through_parent(), origin(echo)
    code, stream = paravent.socks("unresolvable.example", far.port)
    assert code == 0
    with stream.socket as sock:
        sock.sendall(b"more")
        assert stream.exactly(4) == b"more"
    assert "unresolvable.example" in str(paravent.parent.asked)


def test_a_plain_request_goes_through_the_parent(through_parent, origin):
    paravent, web = through_parent(), origin(mirror)
    answer = paravent.get(f"http://unresolvable.example:{web.port}/p")
    assert answer.status == 200 and json.loads(answer.body)["target"].endswith("/p")
    assert "unresolvable.example" in str(paravent.parent.asked)


@pytest.mark.parametrize("user", ["someone:p", "someone:p~", "someone:p~x", "~~~:>>>"])
def test_the_parent_is_told_user_and_password_and_nobody_else_is(through_parent, origin, user):
    paravent, web = through_parent(user=user + "@"), origin(mirror)
    answer, stream = paravent.tunnel("unresolvable.example", web.port)
    assert answer.status == 200
    with stream.socket as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(stream).status == 200
    assert paravent.get(f"http://unresolvable.example:{web.port}/", ["Proxy-Authorization: Basic Y2xpZW50OnB3"]).status == 200
    assert paravent.parent.users == [user.encode()] * 2
    assert b"authorization" not in web.received.lower()


def test_what_is_blocked_never_reaches_the_parent(through_parent):
    paravent = through_parent()
    answer, stream = paravent.tunnel("connect.facebook.net")
    stream.socket.close()
    assert answer.status == 403 and paravent.parent.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "192.168.1.1", "::ffff:10.0.0.1", "localhost", "www.localhost"])
def test_what_is_known_to_be_inside_is_refused_with_a_parent_too(through_parent, ports, host):
    paravent = through_parent()
    answer, stream = paravent.tunnel(host, ports[-1])
    stream.socket.close()
    assert (answer.status, answer.error) == (403, "refused-destination") and paravent.parent.asked == []


def test_a_parent_that_refuses_is_an_error_with_a_reason(through_parent, origin):
    paravent, far = through_parent(refuse=5), origin(echo)
    if paravent.kind == "http":
        paravent.parent.refuse = 407
    answer, stream = paravent.tunnel("unresolvable.example", far.port)
    stream.socket.close()
    assert answer.status in (502, 503) and answer.error == "connect"
    assert far.connections == []


def test_a_parent_that_is_gone_is_an_error_with_a_reason(start, ports):
    paravent = start({"upstream": {"proxy": f"http://127.0.0.1:{ports[-1]}"}})
    answer, stream = paravent.tunnel("unresolvable.example", 443)
    stream.socket.close()
    assert (answer.status, answer.error) == (502, "connect")


def test_bytes_that_come_with_the_parents_answer_are_not_lost(start, origin):
    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 3000 + b"\r\n\r\nhello")
        connection.rest()

    parent = origin(serve)
    paravent = start({"upstream": {"proxy": f"http://127.0.0.1:{parent.port}"}})
    answer, stream = paravent.tunnel("unresolvable.example", 443)
    with stream.socket:
        assert answer.status == 200 and answer.get("X-Long") is None
        assert stream.exactly(5) == b"hello"
