"""Security goals, row H4: whatever an origin sends, a client gets 502 or a closed connection, never another request's bytes."""
import pytest

from http1 import Closed, Stream, read_response
from origin import mirror, says

MARK = b"EVIL"


@pytest.fixture
def asked_twice(paravent, origin):
    """asked_twice(bytes): the answer to a request whose origin sends these bytes; then the same connection (or the next)
    asks a good origin and must get just that one's answer."""
    good = origin(mirror)

    def ask(data, keep=True, method="GET"):
        bad = origin(says(data, keep))
        line = "{} http://origin.example:{}/{} HTTP/1.1\r\nHost: origin.example\r\n\r\n"
        with paravent.connect() as sock:
            stream = Stream(sock)
            sock.sendall(line.format(method, bad.port, "bad").encode())
            try:
                first = read_response(stream, method)
            except Closed:
                first = None
            try:
                sock.sendall(line.format("GET", good.port, "good").encode())
                second = read_response(stream)
            except (Closed, ConnectionError):
                second = None
            if second is not None:
                assert second.status == 200 and b'"/good"' in second.body, second
            assert MARK not in bytes(stream.record).replace(b"EVIL-allowed", b"")
        after = paravent.get(f"http://origin.example:{good.port}/after")
        assert after.status == 200 and b'"/after"' in after.body
        return first

    return ask


def refused(answer):
    assert answer is None or (answer.status == 502 and answer.error == "upstream-protocol"), answer


def test_H4_both_lengths_in_a_response(asked_twice):
    refused(asked_twice(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nEVIL\r\n0\r\n\r\n"))


def test_H4_two_different_content_lengths_in_a_response(asked_twice):
    refused(asked_twice(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nEVIL!"))


@pytest.mark.parametrize("value", [b"+4", b"-4", b"4,5", b"0x4", b"99999999999999999999", b"4 4"])
def test_H4_a_content_length_that_is_not_digits(asked_twice, value):
    refused(asked_twice(b"HTTP/1.1 200 OK\r\nContent-Length: " + value + b"\r\n\r\nEVIL"))


@pytest.mark.parametrize("value", [b"gzip", b"xchunked", b"chunked, gzip", b"identity", b"chunked, chunked"])
def test_H4_a_transfer_encoding_nobody_knows(asked_twice, value):
    refused(asked_twice(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + value + b"\r\n\r\n4\r\nEVIL\r\n0\r\n\r\n"))


def test_H4_more_bytes_than_announced_never_reach_the_client(asked_twice):
    answer = asked_twice(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL")
    assert answer is None or answer.body == b"ok"


def test_H4_a_second_response_after_the_first_is_never_the_answer_to_another_request(paravent, origin):
    web = origin(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL", keep=True))
    for _ in range(4):
        answer = paravent.get(f"http://origin.example:{web.port}/")
        assert answer.body == b"ok"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_H4_a_status_without_body_ends_at_its_head(asked_twice, status):
    answer = asked_twice(b"HTTP/1.1 " + status + b"\r\nContent-Length: 4\r\n\r\nEVIL")
    assert answer is None or answer.status in (204, 304, 502)


def test_H4_head_with_a_body_ends_at_its_head(asked_twice):
    answer = asked_twice(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL", method="HEAD")
    assert answer is None or answer.status == 200


def test_H4_a_flood_of_interim_responses(asked_twice):
    refused(asked_twice(b"HTTP/1.1 100 Continue\r\n\r\n" * 10000 + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"))


def test_H4_a_flood_of_early_hints(asked_twice):
    refused(asked_twice(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 10000 + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"))


def test_H4_switching_protocols_that_nobody_asked_for(asked_twice):
    refused(asked_twice(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\nConnection: Upgrade\r\n\r\nEVIL"))


def test_H4_http_0_9(asked_twice):
    refused(asked_twice(b"<html>EVIL</html>", keep=False))


@pytest.mark.parametrize("line", [b"HTTP/2.0 200 OK", b"HTTP/1.10 200 OK", b"HTTP/1 200 OK", b"ICY 200 OK", b"http/1.1 200 OK", b"HTTP/1.1 2000 OK",
                                  b"HTTP/1.1 20 OK", b"HTTP/1.1 099 No", b"HTTP/1.1 2x0 OK", b"HTTP/1.1  200 OK", b"HTTP/1.1 -20 OK",
                                  b"HTTP/1.1 200 O\x00K", b"HTTP/1.1 200 O\rK", b" HTTP/1.1 200 OK", b"HTTP/3.1 200 OK"])
def test_H4_a_wrong_version_or_status_line(asked_twice, line):
    refused(asked_twice(line + b"\r\nContent-Length: 4\r\n\r\nEVIL"))


@pytest.mark.parametrize("field", [b"X-A : b", b"X\x00: b", b": b", b"nocolon", b"X-A: b\rSet-Cookie: c", b"X-A: b\x00c", b"Content-Length : 9"])
def test_H4_a_response_header_that_is_none(asked_twice, field):
    refused(asked_twice(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n" + field + b"\r\n\r\nEVIL"))


def test_H4_obs_fold_in_a_response_is_refused_or_unfolded(asked_twice):
    answer = asked_twice(b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\nok")
    assert answer is None or answer.status == 502 or answer.get("X-A") == "b c"


def test_H4_too_many_response_headers(asked_twice):
    refused(asked_twice(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n" + b"X-A: b\r\n" * 10000 + b"\r\nEVIL"))


def test_H4_a_response_head_without_end(asked_twice):
    refused(asked_twice(b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 300000 + b"\r\n\r\nEVIL"))


def test_H4_an_origin_that_says_nothing_and_closes(asked_twice):
    refused(asked_twice(b"", keep=False))


def test_H4_a_body_that_is_cut_is_never_whole_for_the_client(paravent, origin):
    for data in (b"Content-Length: 100\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", b"Transfer-Encoding: chunked\r\n\r\n64\r\nhello"):
        web = origin(says(b"HTTP/1.1 200 OK\r\n" + data))
        with pytest.raises(Closed):
            paravent.get(f"http://origin.example:{web.port}/")


@pytest.mark.parametrize("data", [b"5\r\nhello\r\n", b"64\r\nhello", b"5\r\nhello\r\n-1\r\n"])
def test_H4_a_body_that_is_cut_is_never_whole_for_a_client_of_http_1_0(paravent, origin, data):
    """It reads to the end of the connection, so that an end in good order would be the body's: a cut must be a reset."""
    web = origin(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data))
    with paravent.connect() as sock:
        sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.0\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            while sock.recv(65536):
                pass
            raise AssertionError("a clean end instead of a reset")


@pytest.mark.parametrize("chunk", [b"+5", b"5 ", b"ffffffffffffffff5", b"0x5", b"-5", b""])
def test_H4_a_malformed_chunk_is_never_whole_for_the_client(paravent, origin, chunk):
    web = origin(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + b"\r\nhello\r\n0\r\n\r\n", keep=True))
    try:
        assert paravent.get(f"http://origin.example:{web.port}/").status == 502
    except Closed:
        pass


def test_H4_a_body_that_ends_with_the_connection_is_delivered_whole(paravent, origin):
    web = origin(says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100000))
    assert len(paravent.get(f"http://origin.example:{web.port}/").body) == 100000
