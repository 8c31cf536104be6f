"""Bodies on their way to the dashboard: bounded for all together, within one deadline, and never read for a stranger."""
import json
import select
import socket

import pytest

from conditions import eventually
from http1 import Stream, read_response

MIB = 1024 * 1024


def token(paravent):
    return "Authorization: Bearer " + (paravent.state / "token").read_text().strip()


def send(paravent, path, *fields, body=b"", method="POST", port=None):
    """A request's head and as much of its body as is given; the answer is not read."""
    stream = Stream(socket.create_connection(("127.0.0.1", port or paravent.dashboard), timeout=20))
    head = "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{paravent.dashboard}", *fields])
    stream.socket.sendall(head.encode() + b"\r\n\r\n" + body)
    return stream


def answer(stream):
    with stream.socket:
        return read_response(stream)


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked", "Content-Length: 900000"])
def test_a_stranger_is_refused_before_the_body_is_read(paravent, framing):
    refused = answer(send(paravent, "/api/v1/exceptions", framing))
    assert refused.status == 401 and refused.get("Connection") == "close"
    assert answer(send(paravent, "/api/v1/exceptions", framing, "Authorization: Bearer wrong")).status == 401
    assert answer(send(paravent, "/api/v1/exceptions", framing, token(paravent), "Origin: http://evil.example")).status == 403


@pytest.mark.parametrize("method, path, status", [("POST", "/api/v1/nothing", 404), ("PUT", "/api/v1/events", 405)])
def test_what_is_not_there_is_said_before_the_body_is_read(paravent, method, path, status):
    assert answer(send(paravent, path, "Content-Length: 1000", token(paravent), method=method)).status == status


def test_a_stranger_is_refused_through_the_proxy_too(paravent):
    stream = send(paravent, "http://paravent.local/api/v1/exceptions", "Content-Length: 1000", port=paravent.port)
    assert answer(stream).status == 401


def test_the_body_is_asked_for_once_its_sender_is_known(paravent):
    body = json.dumps({"site": "shop.example"}).encode()
    stream = send(paravent, "/api/v1/exceptions", token(paravent), f"Content-Length: {len(body)}", "Expect: 100-continue")
    assert stream.line() == b"HTTP/1.1 100 Continue"
    while stream.line():
        pass
    stream.socket.sendall(body)
    made = answer(stream)
    assert made.status == 201 and made.interim == []


def test_who_is_refused_is_not_asked_for_a_body(paravent):
    refused = answer(send(paravent, "/api/v1/exceptions", "Content-Length: 10", "Expect: 100-continue"))
    assert (refused.status, refused.interim) == (401, [])


@pytest.mark.parametrize("fields", [["Expect: 100-continue"], []])
def test_a_length_over_the_limit_is_refused_at_once(paravent, fields):
    refused = answer(send(paravent, "/api/v1/restore", token(paravent), f"Content-Length: {MIB + 1}", *fields))
    assert (refused.status, refused.error, refused.interim) == (413, "too-large", [])


def test_a_body_without_a_length_is_refused_where_it_grows_over_the_limit(paravent):
    stream = send(paravent, "/api/v1/restore", token(paravent), "Transfer-Encoding: chunked")
    stream.socket.sendall(b"%x\r\n" % MIB + b"x" * MIB + b"\r\n")
    stream.socket.sendall(b"1\r\nx\r\n")
    assert answer(stream).status == 413


def test_a_body_that_drips_ends_with_the_deadline_of_the_whole(start):
    paravent = start({"limits": {"head": "1s", "idle": "60s"}})
    stream = send(paravent, "/api/v1/exceptions", token(paravent), "Content-Length: 100000")
    stream.socket.settimeout(0.1)

    def drip():
        try:
            stream.socket.sendall(b"x")
            return stream.line()
        except socket.timeout:
            return None

    assert eventually(drip, "the deadline of the whole body", within=10).startswith(b"HTTP/1.1 408 ")
    stream.socket.close()


def test_all_bodies_together_are_bounded_and_the_room_comes_back(paravent):
    """33 owners' requests that each wait with 256,000 bytes are more than 8 MiB: one finds no room."""
    known = token(paravent)
    held = [send(paravent, "/api/v1/restore", known, f"Content-Length: {MIB}", body=b"x" * 256_000) for _ in range(33)]
    sockets = {stream.socket: stream for stream in held}
    answered, _, _ = select.select(sockets, [], [], 9)
    assert answered, "a refusal where the bodies on their way take all there is"
    for each in answered:
        refused = answer(sockets.pop(each))
        assert (refused.status, refused.error) == (503, "busy")
    assert len(sockets) >= 30
    assert paravent.api("/status")[0] == 200  # what has no body goes on
    for each in sockets:
        each.close()

    def room():
        whole = answer(send(paravent, "/api/v1/restore", known, "Content-Length: 200000", body=b"x" * 200_000))
        return whole.status == 400  # read, and no backup

    eventually(room, "room for a body again")
