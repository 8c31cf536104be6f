"""Tunnels: no byte lost, each direction ends by itself, an end of any kind is passed on (rows R5 and R6 too)."""
import contextlib
import hashlib
import os
import socket
import struct
import threading

import pytest

from conditions import eventually, seconds_until
from http1 import Closed, Stream, read_response
from nameserver import NameServer
from origin import echo, floods, listens, response, silent


@pytest.fixture(params=["connect", "socks"])
def through(paravent, request):
    """through(origin): a stream through a tunnel of either protocol."""
    opened = []

    def open_one(far):
        if request.param == "connect":
            answer, stream = paravent.tunnel("origin.example", far.port)
            assert answer.status == 200 and answer.get("Content-Length") is None and answer.get("Transfer-Encoding") is None
        else:
            code, stream = paravent.socks("origin.example", far.port)
            assert code == 0
        opened.append(stream)
        return stream

    yield open_one
    for stream in opened:
        stream.socket.close()


def test_bytes_that_come_with_the_head_are_not_lost(paravent, origin):
    far = origin(echo)
    for early in (b"e", b"early" * 100, os.urandom(60000)):
        answer, stream = paravent.tunnel("origin.example", far.port, early)
        assert answer.status == 200
        with stream.socket as sock:
            sock.sendall(b"more")
            assert stream.exactly(len(early) + 4) == early + b"more"


def test_an_origin_that_speaks_first_is_heard(through, origin):
    def greets(connection):
        connection.send(b"220 ready\r\n")
        echo(connection)

    stream = through(origin(greets))
    assert stream.exactly(11) == b"220 ready\r\n"
    stream.socket.sendall(b"quit")
    assert stream.exactly(4) == b"quit"


def test_both_directions_at_once_are_whole(through, origin):
    size = 32 << 20
    stream = through(origin(echo))
    sent, got = hashlib.blake2b(), hashlib.blake2b()

    def write():
        block = os.urandom(1 << 20)
        for _ in range(size >> 20):
            stream.socket.sendall(block)
            sent.update(block)
        stream.socket.shutdown(socket.SHUT_WR)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    count = 0
    while data := stream.socket.recv(1 << 20):
        got.update(data)
        count += len(data)
    writer.join(10)
    assert (count, got.hexdigest()) == (size, sent.hexdigest())


def test_the_clients_half_close_passes_on_and_the_answer_still_comes(through, origin):
    def serve(connection):
        connection.send(b"got %d" % len(connection.rest()))

    stream = through(origin(serve))
    stream.socket.sendall(b"x" * 100000)
    stream.socket.shutdown(socket.SHUT_WR)
    assert stream.rest() == b"got 100000"


def test_the_origins_half_close_passes_on_and_it_still_hears(through, origin):
    def serve(connection):
        connection.send(b"bye")
        connection.socket.shutdown(socket.SHUT_WR)
        connection.rest()

    far = origin(serve)
    stream = through(far)
    assert stream.rest() == b"bye"
    stream.socket.sendall(b"still here")
    eventually(lambda: far.received == b"still here", "bytes at the origin after its own half-close")
    stream.socket.shutdown(socket.SHUT_WR)
    assert far.connection().over.wait(5)


def test_what_the_proxy_still_holds_when_the_origin_ends_arrives(paravent, origin):
    """A client that does not read until the origin has ended. Of one size or another the last bytes wait in a pipe by then."""
    data = os.urandom(8 << 20)
    far = origin(lambda connection: connection.send(data[:int(connection.line())]))
    for number, size in enumerate(range(1 << 20, len(data), 200_000)):
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
            sock.settimeout(30)
            sock.connect(("127.0.0.1", paravent.port))
            target = f"origin.example:{far.port}"
            sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n{size}\r\n".encode())
            far.connection(number).over.wait(0.3)  # the largest do not fit between the two
            stream = Stream(sock)
            assert read_response(stream, "CONNECT").status == 200
            got = stream.rest()
            assert len(got) == size and got == data[:size]


def test_a_reset_of_the_origin_reaches_the_client(through, origin):
    def serve(connection):
        connection.exactly(1)
        connection.reset()

    stream = through(origin(serve))
    stream.socket.sendall(b"x")
    with pytest.raises(ConnectionResetError):
        while stream.socket.recv(100):
            pass
        raise AssertionError("a clean end instead of a reset")


def test_a_reset_of_the_client_reaches_the_origin(through, origin):
    seen = []

    def serve(connection):
        connection.send(b"ready")
        try:
            while connection.socket.recv(100):
                pass
            seen.append("end")
        except ConnectionResetError:
            seen.append("reset")

    stream = through(origin(serve))
    assert stream.exactly(5) == b"ready"
    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()
    assert eventually(lambda: seen, "the end at the origin") == ["reset"]


def test_R6_a_client_gone_in_mid_download_ends_the_origins_side_within_a_second(through, origin):
    far = origin(floods)
    stream = through(far)
    stream.exactly(1 << 20)
    stream.socket.close()
    assert seconds_until(far.connection().over.is_set, "the origin's side ended") < 1


def test_R6_a_client_gone_while_the_origin_is_silent_ends_its_side_within_a_second(through, origin):
    far = origin(listens)
    stream = through(far)
    stream.socket.sendall(b"x")
    eventually(lambda: far.received, "the byte at the origin")
    stream.socket.close()
    assert seconds_until(far.connection().over.is_set, "the origin's side ended") < 1


def test_R6_a_client_gone_while_its_own_bytes_wait_ends_the_origins_side_within_a_second(through, origin):
    """The origin does not read: the proxy is full in that direction and must still see the client's reset."""
    over = threading.Event()

    def serve(connection):
        while connection.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1:  # TCP_ESTABLISHED
            if over.wait(0.05):
                return

    far = origin(serve)
    stream = through(far)
    stream.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        while True:
            stream.socket.send(b"x" * 65536)
    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()
    try:
        assert seconds_until(far.connection().over.is_set, "the origin's side ended") < 1
    finally:
        over.set()


@pytest.mark.parametrize("body", ["length", "chunked"])
def test_R6_a_client_gone_in_mid_response_ends_the_origins_side_within_a_second(paravent, origin, body):
    def serve(connection):
        connection.head()
        if body == "length":
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
            floods(connection)
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    web = origin(serve)
    sock = paravent.connect()
    sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
    Stream(sock).exactly(1 << 20)
    sock.close()
    assert seconds_until(web.connection().over.is_set, "the origin's side ended") < 1


def test_R6_a_client_gone_while_an_answer_is_awaited_ends_the_origins_side_within_a_second(paravent, origin):
    web = origin(listens)
    sock = paravent.connect()
    sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
    eventually(lambda: web.received, "the request at the origin")
    sock.close()
    assert seconds_until(web.connection().over.is_set, "the origin's side ended") < 1


@pytest.mark.memory
@pytest.mark.parametrize("kind", ["tunnel", "download", "upload"])
def test_R5_a_fast_side_and_a_slow_side_cost_less_than_256_kib_each(paravent, origin, kind):
    count = 64

    def serve(connection):
        if kind == "download":
            connection.head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        if kind == "upload":
            silent(connection)
        floods(connection)

    far = origin(serve)
    before = paravent.pss()
    streams = []
    for _ in range(count):
        if kind == "tunnel":
            answer, stream = paravent.tunnel("origin.example", far.port)
            assert answer.status == 200
        else:
            stream = Stream(paravent.connect())
            method, more = ("POST", "Content-Length: 99999999999\r\n") if kind == "upload" else ("GET", "")
            stream.socket.sendall(f"{method} http://origin.example:{far.port}/ HTTP/1.1\r\nHost: origin.example\r\n{more}\r\n".encode())
        stream.socket.setblocking(False)
        streams.append(stream)
    eventually(lambda: len(far.connections) == count, "every connection at the origin", 20)

    def stuck():
        """Nothing moves any more: all buffers between the fast and the slow side are full."""
        if kind == "upload":
            moved = 0
            for stream in streams:
                try:
                    moved += stream.socket.send(b"x" * 262144)
                except BlockingIOError:
                    pass
            return moved == 0
        return paravent.cpu_share(0.3) < 0.02

    eventually(stuck, "buffers full", 30)
    each = (paravent.pss() - before) / count
    for stream in streams:
        stream.socket.close()
    assert each < 256 * 1024, each


def test_an_idle_tunnel_is_closed_by_its_own_deadline(start, origin):
    paravent = start({"limits": {"tunnel_idle": "1s", "idle": "60s"}})
    far = origin(echo)
    _, stream = paravent.tunnel("origin.example", far.port)
    stream.socket.sendall(b"x")
    assert stream.exactly(1) == b"x"
    assert stream.ended()
    assert far.connection().over.wait(5)


@pytest.mark.parametrize("first", ["client", "origin"])
def test_a_tunnel_of_which_one_side_has_ended_waits_no_longer_than_idle(start, origin, first):
    paravent = start({"limits": {"tunnel_idle": "60s", "idle": "1s"}})

    def serve(connection):
        if first == "origin":
            connection.socket.shutdown(socket.SHUT_WR)
            assert connection.rest() == b"x"
        else:
            connection.over.wait(20)  # neither reads nor ends

    far = origin(serve)
    _, stream = paravent.tunnel("origin.example", far.port)
    with stream.socket as sock:
        sock.sendall(b"x")
        if first == "client":
            sock.shutdown(socket.SHUT_WR)
            assert stream.ended()
        else:
            assert far.connection().over.wait(10), "the origin's side is still open"
    far.connection().over.set()


def test_a_tunnel_with_traffic_in_one_direction_is_not_idle(start, origin):
    paravent = start({"limits": {"tunnel_idle": "1s"}})

    def drips(connection):
        for _ in range(25):
            connection.send(b"x")
            connection.over.wait(0.1)

    _, stream = paravent.tunnel("origin.example", origin(drips).port)
    assert stream.rest() == b"x" * 25


def test_connect_is_answered_after_the_dial(paravent, ports):
    answer, stream = paravent.tunnel("origin.example", ports[-1])  # nobody listens there
    with stream.socket:
        assert (answer.status, answer.error) == (502, "connect")


@pytest.fixture
def black_hole(ports):
    """A port whose listener's queue is full: it drops the SYN, as a black hole does."""
    with contextlib.ExitStack() as held:
        full = held.enter_context(socket.socket())
        full.bind(("127.0.0.1", ports[-2]))
        full.listen(0)
        for _ in range(4):
            fill = held.enter_context(socket.socket())
            fill.setblocking(False)
            fill.connect_ex(("127.0.0.1", ports[-2]))
        yield ports[-2]


def test_a_destination_that_does_not_answer_is_given_up_at_the_deadline(start, black_hole):
    paravent = start({"limits": {"connect": "1s"}})
    answer, stream = paravent.tunnel("origin.example", black_hole)
    stream.socket.close()
    assert answer.status == 504 and answer.error in ("timeout", "connect")


def test_a_client_gone_while_its_destination_does_not_answer_is_waited_for_no_longer(start, black_hole):
    paravent = start({"limits": {"connect": "60s"}})

    def connections():
        return paravent.api("/status")[1]["connections"]["open"]

    with paravent.connect() as sock:
        sock.sendall(f"CONNECT origin.example:{black_hole} HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        eventually(lambda: connections() == 2, "the client and who asks")
    eventually(lambda: connections() == 1, "the client's connection given up")


def test_a_client_gone_during_the_dial_leaves_nothing_behind(start, origin, ports):
    dumb = NameServer(lambda *_: None)
    paravent = start({"resolver": {"servers": [dumb.where]}, "limits": {"resolve": "1s"}})
    for _ in range(40):
        with paravent.connect() as sock:
            sock.sendall(b"CONNECT nowhere.example:443 HTTP/1.1\r\nHost: nowhere.example:443\r\n\r\n")
    web = origin(lambda connection: connection.send(response()) if connection.head() else None)
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200
    eventually(lambda: paravent.descriptors() < 40 and paravent.api("/status")[1]["connections"]["open"] <= 1, "the descriptors are given back", 10)
    dumb.close()


def test_connect_over_http_1_0_works(paravent, origin):
    far = origin(echo)
    with paravent.connect() as sock:
        stream = Stream(sock)
        sock.sendall(f"CONNECT origin.example:{far.port} HTTP/1.0\r\n\r\n".encode())
        assert read_response(stream, "CONNECT").status == 200
        sock.sendall(b"x")
        assert stream.exactly(1) == b"x"


def test_a_tunnel_after_a_plain_exchange_on_the_same_connection_works(paravent, origin):
    web = origin(lambda c: (c.head(), c.send(response(b"page"))))
    far = origin(echo)
    with paravent.connect() as sock:
        stream = Stream(sock)
        sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        assert read_response(stream).body == b"page"
        sock.sendall(f"CONNECT origin.example:{far.port} HTTP/1.1\r\nHost: origin.example\r\n\r\nearly".encode())
        assert read_response(stream, "CONNECT").status == 200
        assert stream.exactly(5) == b"early"
        sock.shutdown(socket.SHUT_WR)
        with pytest.raises(Closed):
            stream.more()
