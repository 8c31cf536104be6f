"""Large bodies are streamed: the proxy's memory does not grow with them."""
import hashlib
import threading

import pytest

from http1 import Stream, read_head, read_response
from origin import response

SIZE = 200 * 1024 * 1024
BLOCK = bytes(range(256)) * 256
MAY_GROW = 6 * 1024 * 1024


def whole_sum():
    digest = hashlib.blake2b()
    for _ in range(SIZE // len(BLOCK)):
        digest.update(BLOCK)
    return digest.hexdigest()


def send_blocks(sock, chunked=False):
    for _ in range(SIZE // len(BLOCK)):
        sock.sendall(b"%x\r\n%s\r\n" % (len(BLOCK), BLOCK) if chunked else BLOCK)
    if chunked:
        sock.sendall(b"0\r\n\r\n")


class Peak:
    """The highest PSS of a program while the block runs."""

    def __init__(self, paravent):
        self.paravent, self.highest, self.over = paravent, 0, threading.Event()

    def __enter__(self):
        self.before = self.paravent.pss()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def _watch(self):
        while not self.over.wait(0.05):
            self.highest = max(self.highest, self.paravent.pss())

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    @property
    def grown(self):
        return self.highest - self.before


@pytest.mark.memory
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_download_of_200_mib_is_streamed(paravent, origin, framing):
    def serve(connection):
        connection.head()
        field = {"length": b"Content-Length: %d\r\n" % SIZE, "chunked": b"Transfer-Encoding: chunked\r\n", "close": b""}[framing]
        connection.send(b"HTTP/1.1 200 OK\r\n" + field + b"\r\n")
        send_blocks(connection.socket, framing == "chunked")

    web = origin(serve)
    with paravent.connect() as sock, Peak(paravent) as peak:
        sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.0\r\n\r\n".encode())
        stream = Stream(sock)
        assert read_head(stream).status == 200
        digest, count = hashlib.blake2b(stream.pending), len(stream.pending)
        while data := sock.recv(1 << 20):
            digest.update(data)
            count += len(data)
    assert (count, digest.hexdigest()) == (SIZE, whole_sum())
    assert peak.grown < MAY_GROW, peak.grown


@pytest.mark.memory
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_upload_of_200_mib_is_streamed(paravent, origin, framing):
    def serve(connection):
        connection.head()
        if framing == "length":
            digest, left = hashlib.blake2b(connection.pending), SIZE - len(connection.pending)
            while left:
                data = connection.socket.recv(1 << 20)
                digest.update(data)
                left -= len(data)
        else:
            digest = hashlib.blake2b()
            while size := int(connection.line(), 16):
                digest.update(connection.exactly(size))
                connection.record.clear()
                connection.line()
            connection.line()
        connection.send(response(digest.hexdigest().encode()))

    web = origin(serve)
    field = f"Content-Length: {SIZE}" if framing == "length" else "Transfer-Encoding: chunked"
    with paravent.connect(timeout=60) as sock, Peak(paravent) as peak:
        sock.sendall(f"POST http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n{field}\r\n\r\n".encode())
        send_blocks(sock, framing == "chunked")
        assert read_response(Stream(sock)).body.decode() == whole_sum()
    assert peak.grown < MAY_GROW, peak.grown


def test_an_upgrade_while_a_body_is_on_its_way_is_no_upgrade(paravent, origin):
    """The body's bytes and the new protocol's would share the connection."""

    def switches_early(connection):
        connection.head()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
        connection.over.wait(5)

    web = origin(switches_early)
    with paravent.connect() as sock:
        sock.sendall(f"POST http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example:{web.port}\r\n"
                     "Upgrade: x\r\nConnection: upgrade\r\nContent-Length: 1000\r\n\r\n".encode() + b"a" * 10)
        assert read_response(Stream(sock)).status == 502
    assert b"Upgrade" not in web.received


MANY = 3000
SMALL_CHUNKS = b"".join(b"1\r\n%c\r\n" % (97 + n % 26) for n in range(MANY)) + b"0\r\n\r\n"
TOGETHER = bytes(97 + n % 26 for n in range(MANY))


def chunks_of(stream):
    """The chunks of a body, each as it came."""
    while size := int(stream.line(), 16):
        yield stream.exactly(size)
        assert stream.line() == b""
    stream.line()


def test_many_small_chunks_that_are_there_go_on_as_few(paravent, origin):
    at_origin = []

    def serve(connection):
        connection.head()
        at_origin.extend(chunks_of(connection))
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + SMALL_CHUNKS)

    web = origin(serve)
    with paravent.connect() as sock:
        stream = Stream(sock)
        sock.sendall(f"POST http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n".encode() + SMALL_CHUNKS)
        assert read_head(stream).status == 200
        at_client = list(chunks_of(stream))
    for chunks in (at_origin, at_client):
        assert b"".join(chunks) == TOGETHER
        assert len(chunks) < MANY / 50, len(chunks)


def test_a_chunk_goes_on_whole_while_the_next_is_awaited(paravent, origin):
    """Its line end as well: there are readers that take a chunk only when they have that."""

    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n")
        assert [connection.line(), connection.line()] == [b"3", b"two"]
        connection.send(b"one\r\n")
        connection.rest()

    web = origin(serve)
    with paravent.connect() as sock:
        stream = Stream(sock)
        sock.sendall(f"POST http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n".encode())
        assert read_head(stream).status == 200
        assert [stream.line(), stream.line()] == [b"3", b"one"]
