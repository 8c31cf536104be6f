"""Security goals, row H5: Expect, HEAD, trailers, chunked upload, upgrade to WebSocket, 103 and HTTP/1.0 pass as the RFCs say."""
import json

import pytest

from conditions import eventually
from http1 import Closed, Stream, read_fields, read_response
from origin import echo, mirror, response, says


@pytest.fixture
def client(paravent):
    """client(): a connection to the proxy as a stream; all are closed at the end."""
    opened = []

    def connect():
        opened.append(Stream(paravent.connect()))
        return opened[-1]

    yield connect
    for stream in opened:
        stream.socket.close()


def ask(stream, web, method="GET", path="/", fields=(), body=b"", version="1.1"):
    lines = [f"{method} http://origin.example:{web.port}{path} HTTP/{version}", f"Host: origin.example:{web.port}", *fields]
    stream.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def test_H5_expect_waits_for_the_origins_100_and_then_the_body_passes(client, origin):
    def serve(connection):
        connection.head()
        assert not connection.pending
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.send(response(connection.exactly(5)))

    web, stream = origin(serve), client()
    ask(stream, web, "POST", fields=["Expect: 100-continue", "Content-Length: 5"])
    assert stream.line().startswith(b"HTTP/1.1 100")
    read_fields(stream)
    stream.socket.sendall(b"hello")
    assert read_response(stream).body == b"hello"


def test_H5_expect_refused_by_the_origin_reaches_the_client_before_any_body(client, origin):
    web, stream = origin(says(response(b"no", "417 Expectation Failed"), keep=True)), client()
    ask(stream, web, "POST", fields=["Expect: 100-continue", "Content-Length: 1000000"])
    answer = read_response(stream)
    assert (answer.status, answer.interim) == (417, [])


def test_H5_expect_with_a_silent_origin_the_body_passes_when_the_client_sends_it_anyway(client, origin):
    def serve(connection):
        connection.head()
        connection.send(response(connection.exactly(5)))

    web, stream = origin(serve), client()
    ask(stream, web, "POST", fields=["Expect: 100-continue", "Content-Length: 5"])
    eventually(lambda: b"100-continue" in web.received, "the head at the origin")
    stream.socket.sendall(b"hello")
    assert read_response(stream).body == b"hello"


def test_H5_head_keeps_the_length_has_no_body_and_the_connection_goes_on(client, origin):
    def serve(connection):
        while True:
            head = connection.head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n" if head.first.startswith("HEAD") else response(b"next"))

    web, stream = origin(serve), client()
    ask(stream, web, "HEAD")
    answer = read_response(stream, "HEAD")
    assert answer.get("Content-Length") == "1234"
    ask(stream, web)
    assert read_response(stream).body == b"next"


def test_H5_trailers_of_a_response_pass(client, origin):
    web, stream = origin(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n", keep=True)), client()
    ask(stream, web, fields=["TE: trailers", "Connection: TE"])
    answer = read_response(stream)
    assert answer.body == b"hello" and ("X-Sum", "9") in answer.trailers


def test_H5_a_client_that_does_not_ask_for_trailers_gets_none(client, origin):
    web, stream = origin(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n", keep=True)), client()
    ask(stream, web)
    answer = read_response(stream)
    assert answer.body == b"hello" and answer.trailers == []


def test_H5_trailers_of_a_request_pass(client, origin):
    web, stream = origin(mirror), client()
    ask(stream, web, "POST", fields=["Transfer-Encoding: chunked", "Trailer: X-Sum"], body=b"5;a=b\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n")
    seen = json.loads(read_response(stream).body)
    assert seen["body"] == "hello" and ["X-Sum", "9"] in seen["trailers"]


def test_H5_trailers_cannot_frame_or_route(client, origin):
    web, stream = origin(mirror), client()
    ask(stream, web, "POST", fields=["Transfer-Encoding: chunked"], body=b"0\r\nContent-Length: 9\r\nHost: other.example\r\nTransfer-Encoding: x\r\n\r\n")
    answer = read_response(stream)
    if answer.status == 200:
        assert not {name.lower() for name, _ in json.loads(answer.body)["trailers"]} & {"content-length", "host", "transfer-encoding"}


def test_H5_a_chunked_upload_is_streamed_and_not_collected(client, origin):
    web, stream = origin(mirror), client()
    ask(stream, web, "POST", fields=["Transfer-Encoding: chunked"], body=b"5\r\nfirst\r\n")
    eventually(lambda: b"first" in web.received, "the first chunk at the origin while the second is not yet sent")
    stream.socket.sendall(b"6\r\nsecond\r\n0\r\n\r\n")
    assert json.loads(read_response(stream).body)["body"] == "firstsecond"


def test_H5_a_chunked_download_is_streamed_and_not_collected(client, origin):
    def serve(connection):
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        connection.line()  # the client's body, sent once it has the first chunk
        connection.send(b"0\r\n\r\n")

    web, stream = origin(serve), client()
    ask(stream, web, "POST", fields=["Content-Length: 4"], body=b"")
    while b"first" not in stream.pending:
        stream.more()
    stream.socket.sendall(b"ok\r\n")
    assert read_response(stream).body == b"first"


def test_H5_an_upgrade_to_websocket_carries_both_ways(client, origin):
    def serve(connection):
        head = connection.head()
        assert head.get("Upgrade") == "websocket" and "upgrade" in head.get("Connection", "").lower()
        assert head.get("Sec-WebSocket-Key") == "dGhlIHNhbXBsZSBub25jZQ=="
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x05early")
        connection.send(connection.exactly(4))
        echo(connection)

    web, stream = origin(serve), client()
    ask(stream, web, fields=["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="])
    answer = read_response(stream)
    assert answer.status == 101 and answer.get("Upgrade") == "websocket" and answer.get("Sec-WebSocket-Accept")
    assert stream.exactly(7) == b"\x81\x05early"
    stream.socket.sendall(b"abcd")
    assert stream.exactly(4) == b"abcd"
    stream.socket.sendall(b"GET / HTTP/1.1\r\n\r\n\x00\xff")
    assert stream.exactly(20) == b"GET / HTTP/1.1\r\n\r\n\x00\xff"


def test_H5_an_upgrade_that_the_origin_ignores_is_an_ordinary_response(client, origin):
    web, stream = origin(mirror), client()
    ask(stream, web, fields=["Upgrade: websocket", "Connection: Upgrade"])
    assert read_response(stream).status == 200
    ask(stream, web, path="/next")
    assert json.loads(read_response(stream).body)["target"] == "/next"


def test_H5_103_passes_before_the_final_response(client, origin):
    web, stream = origin(says(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + response(b"page"), keep=True)), client()
    ask(stream, web)
    answer = read_response(stream)
    assert answer.body == b"page"
    assert [(i.status, i.get("Link")) for i in answer.interim] == [(103, "</a.css>; rel=preload")]


def test_H5_interim_responses_never_reach_an_http_1_0_client(client, origin):
    web, stream = origin(says(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response(b"page"))), client()
    ask(stream, web, version="1.0")
    assert read_response(stream, interim=False).status == 200


def test_H5_an_http_1_0_client_without_host_gets_its_body_plain_and_the_connection_closed(client, origin):
    web, stream = origin(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", keep=True)), client()
    stream.socket.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.0\r\n\r\n".encode())
    answer = read_response(stream)
    assert answer.get("Transfer-Encoding") is None and answer.body == b"helloworld"
    assert stream.ended()
    assert b"HTTP/1.1\r\nHost: origin.example" in web.received.replace(b"host:", b"Host:")


def test_H5_an_http_1_0_origin_is_understood(client, origin):
    web, stream = origin(says(b"HTTP/1.0 200 OK\r\n\r\nhello")), client()
    ask(stream, web)
    answer = read_response(stream)
    assert answer.first.startswith("HTTP/1.1 200") and answer.body == b"hello"


def test_H5_connection_close_of_the_client_closes_after_the_answer(client, origin):
    web, stream = origin(mirror), client()
    ask(stream, web, fields=["Connection: close"])
    answer = read_response(stream)
    assert answer.status == 200 and stream.ended()
    assert "close" in answer.get("Connection", "")


def test_H5_pipelined_requests_are_answered_in_order(client, origin):
    first_may_go = []

    def slow(connection):
        connection.head()
        eventually(lambda: first_may_go, "leave for the slow answer", 10)
        connection.send(response(b"slow"))

    lazy, web, stream = origin(slow), origin(mirror), client()
    ask(stream, lazy)
    ask(stream, web, "POST", "/second", ["Content-Length: 3"], b"two")
    ask(stream, web, "GET", "/third")
    eventually(lambda: lazy.received, "the first request at its origin")
    first_may_go.append(True)
    assert read_response(stream).body == b"slow"
    assert json.loads(read_response(stream).body)["body"] == "two"
    assert json.loads(read_response(stream).body)["target"] == "/third"


def test_H5_a_pipeline_of_many_requests_is_answered_whole(client, origin):
    web, stream = origin(mirror), client()
    for n in range(200):
        ask(stream, web, path=f"/{n}")
    assert [json.loads(read_response(stream).body)["target"] for _ in range(200)] == [f"/{n}" for n in range(200)]


def test_H5_a_method_nobody_knows_passes(client, origin):
    web, stream = origin(mirror), client()
    ask(stream, web, "PROPFIND")
    assert json.loads(read_response(stream).body)["method"] == "PROPFIND"


def test_H5_an_answer_before_the_upload_is_over_reaches_the_client(client, origin):
    web, stream = origin(says(response(b"enough", "413 Content Too Large", ["Connection: close"]), keep=True)), client()
    ask(stream, web, "POST", fields=["Content-Length: 50000000"], body=b"x" * 65536)
    assert read_response(stream).body == b"enough"
    with pytest.raises((Closed, ConnectionError)):  # the rest of the upload is never taken for a request
        while True:
            stream.socket.sendall(b"GET / HTTP/1.1\r\n\r\n" * 1000)
            stream.socket.settimeout(0.01)
            try:
                stream.more()
            except TimeoutError:
                pass
    assert web.received.count(b"POST ") == 1 and bytes(stream.pending) == b""
