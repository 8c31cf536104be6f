"""Security goals, row H8: SOCKS5 in every split, and each wrong request gets the reply code of RFC 1928, then the end."""
import pytest

from http1 import Closed, Stream
from origin import echo
from program import read_socks_reply, socks_address

GREETING = b"\x05\x01\x00"


def request(host, port, command=1):
    return bytes([5, command, 0]) + socks_address(host) + port.to_bytes(2, "big")


@pytest.fixture
def far(origin):
    return origin(echo)


def talk(paravent, *pieces):
    """Sends the greeting, reads its answer, then the pieces; the stream behind."""
    stream = Stream(paravent.connect())
    stream.socket.sendall(GREETING)
    assert stream.exactly(2) == b"\x05\x00"
    for piece in pieces:
        stream.socket.sendall(piece)
    return stream


def refused(paravent, far, data, codes):
    before = len(far.connections)
    stream = talk(paravent, data)
    with stream.socket:
        assert read_socks_reply(stream) in codes
        assert stream.rest() == b""
    assert len(far.connections) == before
    served(paravent, far)


def served(paravent, far):
    code, stream = paravent.socks("origin.example", far.port)
    with stream.socket as sock:
        assert code == 0
        sock.sendall(b"after")
        assert stream.exactly(5) == b"after"


def test_H8_every_split_of_greeting_and_request_is_understood(paravent, far):
    whole = GREETING + request("origin.example", far.port) + b"early"
    for at in range(1, len(whole)):
        with paravent.connect() as sock:
            stream = Stream(sock)
            sock.sendall(whole[:at])
            if at >= len(GREETING):
                assert stream.exactly(2) == b"\x05\x00", at
            sock.sendall(whole[at:])
            if at < len(GREETING):
                assert stream.exactly(2) == b"\x05\x00", at
            assert read_socks_reply(stream) == 0, at
            assert stream.exactly(5) == b"early", at


def test_H8_byte_by_byte_is_understood(paravent, far):
    with paravent.connect() as sock:
        stream = Stream(sock)
        for byte in GREETING + request("127.0.0.1", far.port) + b"early":
            sock.sendall(bytes([byte]))
        assert stream.exactly(2) == b"\x05\x00"
        assert read_socks_reply(stream) == 0
        assert stream.exactly(5) == b"early"


def test_H8_every_method_list_with_none_in_it_is_accepted(paravent, far):
    for methods in (b"\x00", b"\x01\x00", b"\x00\x01\x02", bytes(range(255))):
        with paravent.connect() as sock:
            stream = Stream(sock)
            sock.sendall(b"\x05" + bytes([len(methods)]) + methods)
            assert stream.exactly(2) == b"\x05\x00"
            sock.sendall(request("origin.example", far.port))
            assert read_socks_reply(stream) == 0


@pytest.mark.parametrize("methods", [b"", b"\x01", b"\x02\x01"])
def test_H8_a_greeting_without_our_method_gets_ff_and_the_end(paravent, far, methods):
    with paravent.connect() as sock:
        stream = Stream(sock)
        sock.sendall(b"\x05" + bytes([len(methods)]) + methods)
        assert stream.rest() == b"\x05\xff"
    served(paravent, far)


@pytest.mark.parametrize("command", [2, 3, 0, 9])
def test_H8_bind_and_udp_associate_get_reply_7(paravent, far, command):
    refused(paravent, far, request("127.0.0.1", far.port, command), {7})


@pytest.mark.parametrize("kind", [0, 2, 5, 255])
def test_H8_an_address_type_nobody_knows_gets_reply_8(paravent, far, kind):
    refused(paravent, far, bytes([5, 1, 0, kind]) + b"\x7f\x00\x00\x01" + far.port.to_bytes(2, "big"), {8})


@pytest.mark.parametrize("first", [b"\x04\x01\x01\xbb\x7f\x00\x00\x01\x00", b"\x06\x01\x00", b"\x00", b"\x16\x03\x01\x02\x00\x01"])
def test_H8_a_wrong_version_is_closed(start, far, first):
    paravent = start({"limits": {"head": "2s"}})
    with paravent.connect() as sock:
        sock.sendall(first)
        rest = Stream(sock).rest()
        assert b"\x05\x00" not in rest[:2] and not rest.startswith(b"\x00\x5a")
    served(paravent, far)


def test_H8_a_wrong_version_in_the_request_is_closed(paravent, far):
    stream = talk(paravent, b"\x04" + request("127.0.0.1", far.port)[1:])
    with stream.socket:
        try:
            assert read_socks_reply(stream) == 1
        except (Closed, AssertionError):
            pass
        assert stream.ended()
    served(paravent, far)


def test_H8_a_name_of_0_bytes_is_refused(paravent, far):
    refused(paravent, far, b"\x05\x01\x00\x03\x00" + far.port.to_bytes(2, "big"), {1, 4, 8})


def test_H8_a_name_of_255_bytes_is_refused(paravent, far):
    refused(paravent, far, request("a" * 255, far.port), {1, 4, 8})
    refused(paravent, far, request(("a" * 63 + ".") * 3 + "a" * 63, far.port), {1, 4, 8})


@pytest.mark.parametrize("name", [b"origin.example\x00", b"origin\x00.example", b"a b", b"origin.example:80", b"\xff\xfe", b"user@origin.example",
                                  b"origin.example/", b"[::1]"])
def test_H8_a_name_with_bytes_that_no_name_has_is_refused(paravent, far, name):
    refused(paravent, far, b"\x05\x01\x00\x03" + bytes([len(name)]) + name + far.port.to_bytes(2, "big"), {1, 2, 4, 8})


def test_H8_a_port_where_nobody_listens_gets_reply_5(paravent, far, ports):
    refused(paravent, far, request("127.0.0.1", ports[-1]), {5})


def test_H8_a_name_that_nobody_knows_gets_reply_4(start, far):
    paravent = start({"resolver": {"servers": ["127.0.0.1:9"]}, "limits": {"resolve": "2s"}})  # nobody answers there
    refused(paravent, far, request("unknown.example", far.port), {4})


def test_H8_a_blocked_name_gets_reply_2(start, far):
    paravent = start(hosts=["connect.facebook.net", "origin.example"])
    refused(paravent, far, request("connect.facebook.net", 443), {2})
