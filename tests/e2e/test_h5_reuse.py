"""Connections are kept and used again on both sides, and a connection that an origin dropped costs nobody an answer."""
import json
import threading

import pytest

from conditions import eventually
from http1 import Stream, read_response
from origin import mirror, response


@pytest.fixture
def one_worker(start):
    return start({"proxy": {"workers": 1}})


def ask(stream, web, path="/", method="GET", fields=(), body=b""):
    lines = [f"{method} http://origin.example:{web.port}{path} HTTP/1.1", f"Host: origin.example:{web.port}", *fields]
    stream.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return read_response(stream)


def test_one_client_connection_uses_one_connection_to_the_origin(one_worker, origin):
    web = origin(mirror)
    with one_worker.connect() as sock:
        stream = Stream(sock)
        for n in range(50):
            assert json.loads(ask(stream, web, f"/{n}").body)["target"] == f"/{n}"
    assert len(web.connections) == 1


def test_the_next_client_uses_the_connection_of_the_last(one_worker, origin):
    web = origin(mirror)
    for _ in range(10):
        assert one_worker.get(f"http://origin.example:{web.port}/").status == 200
    assert len(web.connections) <= 2


def test_one_client_connection_reaches_many_origins(one_worker, origin):
    webs = [origin(mirror) for _ in range(4)]
    with one_worker.connect() as sock:
        stream = Stream(sock)
        for n in range(20):
            seen = json.loads(ask(stream, webs[n % 4]).body)
            assert ["Host", f"origin.example:{webs[n % 4].port}"] in [[name.title(), value] for name, value in seen["fields"]]
    assert all(len(web.connections) == 1 for web in webs)


def test_what_is_not_idempotent_is_never_sent_twice(one_worker, origin):
    """RFC 9110, 9.2.2: the origin may have acted on it before it closed."""
    seen = []

    def takes_and_closes(connection):
        first = connection.head()
        seen.append(first)
        if first.first.startswith("GET"):
            connection.send(response(b"first"))
            seen.append(connection.head())

    web = origin(takes_and_closes)
    with one_worker.connect() as sock:
        stream = Stream(sock)
        assert ask(stream, web).body == b"first"
        assert ask(stream, web, "/order", "POST", ["Content-Length: 0"]).status == 502
    assert len([head for head in seen if head.first.startswith("POST")]) == 1


def test_a_kept_connection_that_the_origin_has_closed_costs_no_answer(one_worker, origin):
    def once(connection):
        connection.head()
        connection.send(response(b"once"))

    web = origin(once)
    with one_worker.connect() as sock:
        stream = Stream(sock)
        for n in range(20):
            assert ask(stream, web).body == b"once", n
    assert len(web.connections) == 20


def test_a_kept_connection_that_dies_as_it_is_used_again_is_tried_anew(one_worker, origin):
    """The origin reads the second request and closes without a word: RFC 9112, 9.3.1 allows GET to be sent again."""

    def closes_at_the_second(connection):
        connection.head()
        connection.send(response(b"once"))
        connection.head()

    web = origin(closes_at_the_second)
    with one_worker.connect() as sock:
        stream = Stream(sock)
        for n in range(6):
            assert ask(stream, web).body == b"once", n


def test_a_post_that_an_origin_may_have_read_is_never_sent_twice(one_worker, origin):
    def closes_at_the_post(connection):
        if connection.head().first.startswith("GET"):
            connection.send(response(b"got"))
            connection.request()

    web = origin(closes_at_the_post)
    with one_worker.connect() as sock:
        stream = Stream(sock)
        assert ask(stream, web).body == b"got"
        answer = ask(stream, web, method="POST", fields=["Content-Length: 5"], body=b"hello")
        assert answer.status == 502
    assert web.received.count(b"POST ") == 1
    assert one_worker.get(f"http://origin.example:{web.port}/").body == b"got"


def test_an_answer_that_nobody_asked_for_is_nobodys(one_worker, origin):
    """It comes while its connection is kept for the next request, which must not get it."""
    answered, said = threading.Event(), threading.Event()

    def says_more(connection):
        connection.head()
        connection.send(response(b"asked"))
        answered.wait(10)
        connection.send(response(b"unasked"))
        said.set()
        connection.rest()

    web = origin(says_more)
    with one_worker.connect() as sock:
        stream = Stream(sock)
        assert ask(stream, web).body == b"asked"
        answered.set()
        assert said.wait(10)
        assert ask(stream, web).body == b"asked"
    assert len(web.connections) == 2


def test_an_idle_kept_connection_is_closed_in_the_end(start, origin):
    paravent = start({"limits": {"idle": "1s"}})
    web = origin(mirror)
    with paravent.connect() as sock:
        stream = Stream(sock)
        assert ask(stream, web).status == 200
        eventually(lambda: web.connections[0].over.is_set(), "the origin's side closed", 5)
        assert stream.ended()
