"""Security goals, row H1: a request that could be read in two ways is refused, the connection closed, nothing forwarded."""
import pytest

from conditions import eventually
from http1 import Stream, read_response
from origin import mirror

REFUSALS = {400, 413, 414, 431, 501}
SECOND = b"GET http://origin.example:%d/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def refused(paravent, origin):
    """refused(head, body, …): what came of a request whose head has {port} in it; checks all that row H1 says."""
    web = origin(mirror)

    def try_it(head, body=b"", within=REFUSALS):
        raw = head.replace(b"{port}", b"%d" % web.port) + body + SECOND % web.port
        with paravent.connect() as sock:
            stream = Stream(sock)
            try:
                sock.sendall(raw)
            except ConnectionError:
                pass
            answer = read_response(stream)
            assert answer.status in within, answer
            assert answer.error, answer
            assert stream.rest() == b"", "something after the refusal"
        assert b"smuggled" not in web.received
        assert web.received == b""
        plain = paravent.get(f"http://origin.example:{web.port}/after")
        assert plain.status == 200 and b"/after" in plain.body
        return answer

    return try_it


def post(*fields):
    return b"\r\n".join([b"POST http://origin.example:{port}/ HTTP/1.1", b"Host: origin.example:{port}", *fields]) + b"\r\n\r\n"


def get(*fields):
    return post(*fields).replace(b"POST", b"GET", 1)


def test_H1_content_length_twice_is_refused_and_nothing_forwarded(refused):
    refused(post(b"Content-Length: 5", b"Content-Length: 6"), b"hello!", {400})


def test_H1_content_length_list_of_different_values_is_refused_and_nothing_forwarded(refused):
    refused(post(b"Content-Length: 5, 6"), b"hello!", {400})


@pytest.mark.parametrize("value", [b"+5", b"-5", b"5 5", b"0x5", b"", b"5a", b"18446744073709551621", b"9" * 40])
def test_H1_content_length_that_is_not_digits_is_refused_and_nothing_forwarded(refused, value):
    refused(post(b"Content-Length: " + value), b"hello")


def test_H1_content_length_with_transfer_encoding_is_refused_and_nothing_forwarded(refused):
    refused(post(b"Content-Length: 5", b"Transfer-Encoding: chunked"), b"5\r\nhello\r\n0\r\n\r\n", {400})


@pytest.mark.parametrize("value", [b"gzip", b"xchunked", b"chunked, gzip", b"chunked, chunked", b"identity", b"chunked;q=1",
                                   b"\x0bchunked", b"chunked\x00", b"", b"gzip, chunked, identity"])
def test_H1_transfer_encoding_other_than_final_chunked_is_refused_and_nothing_forwarded(refused, value):
    refused(post(b"Transfer-Encoding: " + value), b"5\r\nhello\r\n0\r\n\r\n", {400, 501})


def test_H1_transfer_encoding_twice_is_refused_and_nothing_forwarded(refused):
    refused(post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"), b"5\r\nhello\r\n0\r\n\r\n", {400, 501})


def test_H1_transfer_encoding_in_http_1_0_is_refused_and_nothing_forwarded(refused):
    refused(post(b"Transfer-Encoding: chunked").replace(b"HTTP/1.1", b"HTTP/1.0"), b"5\r\nhello\r\n0\r\n\r\n", {400, 501})


@pytest.mark.parametrize("size", [b"ffffffffffffffff1", b"10000000000000005", b"-5", b"+5", b"0x5", b"5 ", b" 5", b"", b"g", b"5\t",
                                  b"5 ;a=b\x00"])
def test_H1_chunk_size_that_is_not_plain_is_refused_and_nothing_forwarded(refused, size):
    refused(post(b"Transfer-Encoding: chunked"), size + b"\r\nhello\r\n0\r\n\r\n", {400, 413})


def test_H1_chunk_size_line_ended_by_a_bare_lf_is_refused_and_nothing_forwarded(refused):
    refused(post(b"Transfer-Encoding: chunked"), b"5\nhello\r\n0\r\n\r\n", {400})


def test_H1_chunk_data_longer_than_its_size_is_refused_and_nothing_forwarded(refused):
    refused(post(b"Transfer-Encoding: chunked"), b"5\r\nhelloX\r\n0\r\n\r\n", {400})


def test_H1_a_fault_behind_whole_chunks_is_refused_and_nothing_forwarded(refused):
    refused(post(b"Transfer-Encoding: chunked"), b"5\r\nhello\r\n" * 100 + b"5\r\nhelloX\r\n0\r\n\r\n", {400})


def test_H1_chunk_extensions_without_end_are_refused_and_nothing_forwarded(refused):
    refused(post(b"Transfer-Encoding: chunked"), b"5;" + b"a" * 70000 + b"\r\nhello\r\n0\r\n\r\n", {400, 413, 431})


def test_H1_trailers_without_end_are_refused_and_nothing_forwarded(refused):
    trailers = b"".join(b"X-%d: y\r\n" % n for n in range(10000))
    refused(post(b"Transfer-Encoding: chunked"), b"0\r\n" + trailers + b"\r\n", {400, 413, 431})


@pytest.mark.parametrize("fault", [b"X\r\n0\r\n\r\n", b"5\r\nworldX\r\n0\r\n\r\n", b"5\r\nworld\r\n-1\r\n", b"0\r\nX : y\r\n\r\n"])
def test_H1_a_fault_that_comes_later_ends_the_connection_to_the_origin_without_the_end_of_a_body(paravent, origin, fault):
    """Bodies are streamed, so whole chunks before it may be there: never what came with the fault, never an end (RFC 9112,
    section 8: a message cut short is incomplete), and no other request on that connection."""
    web = origin(mirror)
    head = post(b"Transfer-Encoding: chunked").replace(b"{port}", b"%d" % web.port)
    with paravent.connect() as sock:
        stream = Stream(sock)
        sock.sendall(head + b"5\r\nhello\r\n")
        eventually(lambda: web.received.endswith(b"hello\r\n"), "the whole chunk at the origin")
        sock.sendall(fault + SECOND % web.port)
        answer = read_response(stream)
        assert (answer.status, answer.error) == (400, "bad-request")
        assert stream.rest() == b""
    assert web.connection().over.wait(5), "the connection to the origin is still open"
    assert web.received.endswith(b"\r\n5\r\nhello\r\n") and b"smuggled" not in web.received
    assert paravent.get(f"http://origin.example:{web.port}/after").status == 200
    assert len(web.connections) == 2 and b"/after" in web.connection(1).record


def test_H1_bare_lf_in_a_header_is_refused_and_nothing_forwarded(refused):
    refused(get(b"X-A: b\nX-C: d"), within={400})


def test_H1_a_head_of_bare_lf_lines_is_refused_and_nothing_forwarded(refused):
    refused(get(b"X-A: b").replace(b"\r\n", b"\n"), within={400})


def test_H1_bare_cr_in_a_header_is_refused_and_nothing_forwarded(refused):
    refused(get(b"X-A: b\rX-C: d"), within={400})


@pytest.mark.parametrize("fold", [b" ", b"\t"])
def test_H1_obs_fold_is_refused_and_nothing_forwarded(refused, fold):
    refused(get(b"X-A: b", fold + b"continued"), within={400})


def test_H1_folded_first_header_is_refused_and_nothing_forwarded(refused):
    refused(b"GET http://origin.example:{port}/ HTTP/1.1\r\n Host: a\r\nHost: origin.example:{port}\r\n\r\n", within={400})


@pytest.mark.parametrize("field", [b"Content-Length : 5", b"Transfer-Encoding\t: chunked", b"X-A : b"])
def test_H1_space_before_the_colon_is_refused_and_nothing_forwarded(refused, field):
    refused(post(field), within={400})


@pytest.mark.parametrize("field", [b"X-A: b\x00c", b"X\x00A: b", b"X-A\x00: b", b"X-\x7f: b", b"X-A: b\x01", b"X(A): b", b": b",
                                   b"no colon"])
def test_H1_nul_and_what_no_token_is_are_refused_and_nothing_forwarded(refused, field):
    refused(get(field), within={400})


def test_H1_nul_in_the_target_is_refused_and_nothing_forwarded(refused):
    refused(b"GET http://origin.example:{port}/a\x00b HTTP/1.1\r\nHost: origin.example\r\n\r\n", within={400})


def test_H1_header_over_64_kib_is_refused_and_nothing_forwarded(refused):
    assert refused(get(b"X-A: " + b"b" * 66000)).error in ("too-large", "too-many-headers")


def test_H1_head_over_64_kib_in_small_headers_is_refused_and_nothing_forwarded(refused):
    refused(get(*(b"X-%d: " % n + b"b" * 1000 for n in range(80))), within={431, 413, 400})


def test_H1_ten_thousand_headers_are_refused_and_nothing_forwarded(refused):
    assert refused(get(*(b"X-%d: y" % n for n in range(10000)))).error in ("too-large", "too-many-headers")


def test_H1_ten_thousand_empty_names_of_one_byte_are_refused_and_nothing_forwarded(refused):
    refused(get(*(b"a:",) * 10000), within={431, 413, 400})


def test_H1_request_line_over_64_kib_is_refused_and_nothing_forwarded(refused):
    refused(b"GET http://origin.example:{port}/" + b"a" * 66000 + b" HTTP/1.1\r\nHost: origin.example\r\n\r\n", within={414, 413, 431})


def test_H1_endless_method_is_refused_and_nothing_forwarded(refused):
    refused(b"A" * 66000 + b" http://origin.example:{port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n")


def test_H1_two_hosts_are_refused_and_nothing_forwarded(refused):
    refused(get(b"Host: other.example"), within={400})


@pytest.mark.parametrize("host", [b"a b", b"a,b", b"user@origin.example", b"origin.example/x", b"origin.example:80:80"])
def test_H1_a_host_that_is_none_is_refused_and_nothing_forwarded(refused, host):
    refused(b"GET http://origin.example:{port}/ HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", within={400})


def test_H1_http_1_1_without_host_is_refused_and_nothing_forwarded(refused):
    refused(b"GET http://origin.example:{port}/ HTTP/1.1\r\nX-A: b\r\n\r\n", within={400})


@pytest.mark.parametrize("line", [b"GET  http://origin.example:{port}/ HTTP/1.1", b"GET http://origin.example:{port}/  HTTP/1.1",
                                  b"GET\thttp://origin.example:{port}/ HTTP/1.1", b"GET http://origin.example:{port}/",
                                  b"GET http://origin.example:{port}/ HTTP/1.1 ", b"GET http://origin.example:{port}/a b HTTP/1.1",
                                  b"G(T http://origin.example:{port}/ HTTP/1.1", b" GET http://origin.example:{port}/ HTTP/1.1"])
def test_H1_a_request_line_of_another_shape_is_refused_and_nothing_forwarded(refused, line):
    refused(line + b"\r\nHost: origin.example:{port}\r\n\r\n", within={400})


@pytest.mark.parametrize("version", [b"HTTP/1.2x", b"HTTP/2.0", b"HTTP/0.9", b"http/1.1", b"HTTP/1.10", b"HTTP/11", b"HTCPCP/1.0"])
def test_H1_another_version_is_refused_and_nothing_forwarded(refused, paravent, version):
    refused(b"GET http://origin.example:{port}/ " + version + b"\r\nHost: origin.example:{port}\r\n\r\n", within={400, 501, 505})
