"""Bodies, upgrades and ends inside intercepted TLS: whole or visibly cut, with bounded memory, in both directions."""
import hashlib
import json
import os
import select
import ssl
import time

import pytest

from conditions import eventually, seconds_until
from http1 import Closed, Stream, read_body, read_head, read_response
from inside import REFUSED, TR
from memory import MIB, Peak
from origin import floods, response
from street import home, host  # noqa: F401 (fixtures)

SIZE = 24 * MIB
BLOCK = os.urandom(MIB)


def digest_of_upload(connection):
    """Answers with the number and digest of a body's bytes, read as they come."""
    while True:
        head = read_head(connection)
        body = read_body(connection, head, until_close=False)
        connection.record.clear()
        connection.send(response(json.dumps([len(body), hashlib.blake2b(body).hexdigest(), head.trailers]).encode()))


def expected(size):
    return [size, hashlib.blake2b((BLOCK * (size // MIB + 1))[:size]).hexdigest()]


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385, 300_000])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_posted_body_arrives_whole(home, host, size, framing):
    home.origin(host, digest_of_upload)
    body = BLOCK[:size]
    with home.client(host) as client:
        for _ in range(2):
            if framing == "length":
                answer = client.ask("/upload", "POST", body=body, host=host)
            else:
                client.head("/upload", "POST", ["Transfer-Encoding: chunked", "Trailer: X-Sum"], host)
                for at in range(0, size, 50_000):
                    part = body[at:at + 50_000]
                    client.send(b"%x\r\n" % len(part) + part + b"\r\n")
                client.send(b"0\r\nX-Sum: 1\r\n\r\n")
                answer = read_response(client)
            assert json.loads(answer.body)[:2] == expected(size)


@pytest.mark.memory
def test_a_large_upload_is_whole_and_memory_bounded(home, host):
    home.origin(host, digest_of_upload)
    with home.client(host, timeout=120) as client, Peak(home.paravent) as peak:
        client.head("/upload", "POST", [f"Content-Length: {SIZE}"], host)
        for _ in range(SIZE // MIB):
            client.send(BLOCK)
        assert json.loads(read_response(client).body)[:2] == expected(SIZE)
    assert peak.risen < 4 * MIB, peak.risen


def big(chunked):
    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\n" + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: %d\r\n\r\n" % SIZE))
        for _ in range(SIZE // MIB):
            connection.send(b"%x\r\n" % MIB + BLOCK + b"\r\n" if chunked else BLOCK)
        if chunked:
            connection.send(b"0\r\nX-Sum: 7\r\n\r\n")
        connection.rest()

    return serve


@pytest.mark.memory
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_large_download_is_whole_and_memory_bounded(home, host, chunked):
    home.origin(host, big(chunked))
    with home.client(host, timeout=120) as client, Peak(home.paravent) as peak:
        answer = client.ask("/big", host=host, fields=["TE: trailers"])
        assert [len(answer.body), hashlib.blake2b(answer.body).hexdigest()] == expected(SIZE)
        assert not chunked or ("X-Sum", "7") in [tuple(t) for t in answer.trailers]
    assert peak.risen < 4 * MIB, peak.risen


@pytest.mark.memory
def test_a_client_that_does_not_read_stops_the_origin(home, host):
    sent = [0]

    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.send(b"100000\r\n" + BLOCK + b"\r\n")
            sent[0] += 1

    def stands():
        before = sent[0]
        time.sleep(0.5)
        return before == sent[0] > 0

    home.origin(host, serve)
    with home.client(host) as client, Peak(home.paravent) as peak:
        client.head("/", host=host)
        assert read_head(client).status == 200
        eventually(stands, "the origin to be stopped", 20)
    assert sent[0] < 40 and peak.risen < 4 * MIB, (sent, peak.risen)


def test_interim_responses_and_expect_pass(home, host):
    def serve(connection):
        head = connection.head()
        connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
        connection.send(response(connection.exactly(int(head.get("Content-Length")))))

    home.origin(host, serve)
    with home.client(host) as client:
        client.head("/", "POST", ["Expect: 100-continue", "Content-Length: 5"], host)
        assert read_head(client).status == 103 and read_head(client).status == 100
        client.send(b"hello")
        assert read_response(client).body == b"hello"


def test_head_has_no_body_and_the_connection_goes_on(home, host):
    home.origin(host, lambda c: [(h := c.head(), c.send(response(b"" if h.first.startswith("HEAD") else b"body").replace(
        b"Length: 0", b"Length: 4"))) for _ in range(3)])
    with home.client(host) as client:
        for method, body in (("HEAD", b""), ("GET", b"body"), ("HEAD", b"")):
            answer = client.ask("/", method, host=host)
            assert (answer.body, answer.get("Content-Length")) == (body, "4")
        answer = client.ask(TR, "HEAD", host=host)
        assert answer.status == 200 and answer.get("Paravent-Rule")


def websocket(connection):
    connection.head()
    connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nhello")
    while data := connection.socket.recv(65536):
        connection.send(data)
    connection.socket.unwrap()


def test_a_websocket_runs_both_ways_and_large(home, host):
    home.origin(host, websocket)
    with home.client(host, timeout=120) as client:
        client.head("/chat", fields=["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"], host=host)
        client.send(b"early")  # right behind the request
        answer = read_response(client)
        assert (answer.status, answer.get("Upgrade")) == (101, "websocket")
        assert client.exactly(10) == b"helloearly"
        sent, got, size = hashlib.blake2b(), hashlib.blake2b(), 8 * MIB
        for _ in range(size // MIB):
            client.send(BLOCK[:MIB // 2])
            sent.update(BLOCK[:MIB // 2])
            got.update(client.exactly(MIB // 2))
        assert got.digest() == sent.digest()


def both_ways(stream, data, count):
    """Sends and reads as either is possible, on one thread: a python TLS socket is no thing for two."""
    stream.socket.setblocking(False)
    left = memoryview(data)
    while left or len(stream.pending) < count:
        assert any(select.select([stream.socket], [stream.socket] if left else [], [], 60)), "nothing moves"
        for step in (lambda: stream.socket.send(left[:65536]) if left else 0, lambda: stream.more() or 0):
            try:
                left = left[step():]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
    stream.socket.settimeout(60)
    return stream.exactly(count)


def test_a_websocket_of_both_directions_at_once_is_whole(home, host):
    """Each floods the other: neither waits to be read."""
    flood = BLOCK * 8
    came = []

    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        came.append(both_ways(connection, flood, len(flood)))
        connection.send(b"end")
        connection.rest()

    home.origin(host, serve)
    with home.client(host, timeout=120) as client:
        client.head("/", fields=["Connection: Upgrade", "Upgrade: websocket"], host=host)
        assert read_response(client).status == 101
        assert both_ways(client, flood, len(flood)) == flood
        assert client.exactly(3) == b"end" and came == [flood]


# Ends


def test_a_client_that_leaves_in_mid_download_ends_the_origins(home, host):
    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")
        floods(connection)

    far = home.origin(host, serve)
    client = home.client(host)
    client.head("/", host=host)
    assert read_head(client).status == 200
    client.exactly(100_000)
    client.close()
    assert seconds_until(lambda: far.connection().over.is_set(), "the origin's connection to end", 20) < 1.0  # R6


def test_a_client_that_leaves_while_the_origin_thinks_ends_the_origins(home, host):
    far = home.origin(host, lambda c: (c.head(), c.rest()))
    client = home.client(host)
    client.head("/", host=host)
    eventually(lambda: b"GET /" in far.received, "the request at the origin")
    client.close()
    assert seconds_until(lambda: far.connection().over.is_set(), "the origin's connection to end", 20) < 1.0  # R6


def until_close(ending):
    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"half" * 1000)
        ending(connection)

    return serve


def test_a_body_until_close_is_passed_on_as_whole(home, host):
    """To HTTP/1.1 in chunks, and the connection goes on; to HTTP/1.0 until the end, which close_notify vouches for."""
    home.origin(host, until_close(lambda c: c.socket.unwrap()))
    with home.client(host) as client:
        for _ in range(2):
            assert client.ask("/", host=host).body == b"half" * 1000
        client.send(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = read_response(client)  # a cut would be an error here
        assert answer.body == b"half" * 1000 and answer.get("Transfer-Encoding") is None


@pytest.mark.parametrize("how", ["FIN", "RST"])
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_an_origin_cut_without_close_notify_is_a_cut_for_the_client(home, host, how, version):
    home.origin(host, until_close(lambda c: c.reset() if how == "RST" else c.socket.close()))
    with home.client(host) as client:
        client.send(f"GET / {version}\r\nHost: {host}\r\n\r\n".encode())
        with pytest.raises(REFUSED):
            answer = read_response(client)
            if how == "RST" and answer.status == 502:
                raise Closed(b"")  # the reset overtook the head: said, not hidden
            raise AssertionError(f"half a body of {len(answer.body)} bytes was passed on as a whole one")


def test_a_body_that_is_shorter_than_announced_is_a_cut(home, host):
    home.origin(host, lambda c: (c.head(), c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), c.socket.unwrap()))
    with home.client(host) as client, pytest.raises(REFUSED):
        client.ask("/", host=host)


def test_a_clean_end_of_a_client_is_answered_by_one(home, host):
    """Byte by byte: not every version of python minds when the other side just cuts."""
    home.origin(host)
    sock, incoming, outgoing = home.way(host), ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = home.trusting().wrap_bio(incoming, outgoing, server_hostname=host)

    def step(call, *arguments):
        while True:
            try:
                result = call(*arguments)
            except ssl.SSLWantReadError:
                result = None
            sock.sendall(outgoing.read())
            if result is not None:
                return result
            incoming.write(sock.recv(65536))

    step(lambda: tls.do_handshake() or True)
    step(tls.write, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert step(tls.read, 65536).startswith(b"HTTP/1.1 200")
    with pytest.raises(ssl.SSLWantReadError):
        tls.unwrap()
    sock.sendall(outgoing.read())
    alert = Stream(sock).rest()
    assert alert[:3] == b"\x17\x03\x03" and len(alert) == 24
