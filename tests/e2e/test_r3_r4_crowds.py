"""Security goals, rows R3 and R4: crowds of clients that mean no good, and descriptors that run out."""
import resource
import select
import socket

import pytest

from conditions import eventually
from http1 import Closed, Stream, read_response
from origin import floods, mirror


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def ended_of(streams):
    """How many of these sockets the other side has ended."""
    poll = select.poll()
    by_number = {}
    for sock in streams:
        poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLRDHUP)
        by_number[sock.fileno()] = sock
    return sum(1 for _, event in poll.poll(0) if event & (select.POLLRDHUP | select.POLLHUP | select.POLLERR))


@pytest.mark.memory
def test_R3_ten_thousand_half_open_clients_leave_room_for_others_and_are_closed(start, origin, many_descriptors):
    count = min(10000, many_descriptors * 2 // 5)
    web = origin(mirror)
    paravent = start({"limits": {"head": "8s"}})
    before = paravent.pss()
    crowd = []
    refused = 0
    for n in range(count):
        try:
            sock = socket.create_connection(("127.0.0.1", paravent.port), 10, (f"127.0.{1 + n % 20}.1", 0))
            sock.sendall(b"G")
            crowd.append(sock)
        except ConnectionError:
            refused += 1
    grown = paravent.pss() - before
    for _ in range(20):
        assert paravent.get(f"http://origin.example:{web.port}/").status == 200
    assert grown / count < 16 * 1024, grown / count
    assert refused < count / 5
    eventually(lambda: ended_of(crowd) == len(crowd), "every half-open client closed by the head's deadline", 30)
    for sock in crowd:
        sock.close()
    eventually(lambda: paravent.api("/status")[1]["connections"]["open"] <= 5, "nothing left open", 10)


@pytest.mark.parametrize("beginning", [b"GET http://origin.example/ HTTP/1.1\r\nX: ", b"\x05\xff", b"CONNECT origin"])
def test_R3_one_byte_at_a_time_does_not_stretch_the_heads_deadline(start, origin, beginning):
    paravent = start({"limits": {"head": "2s"}})
    web = origin(mirror)
    with paravent.connect() as sock:
        sock.sendall(beginning)
        sent = []

        def drip():
            try:
                sock.settimeout(0.1)
                data = sock.recv(1000)
                return True if not data or b"HTTP/1.1 408" in data else not sent.append(data)
            except socket.timeout:
                try:
                    sock.sendall(b"a")
                except ConnectionError:
                    return True
                return False
            except ConnectionError:
                return True

        eventually(drip, "closed by the head's deadline", 6)
        assert paravent.get(f"http://origin.example:{web.port}/").status == 200


def test_R3_a_slow_head_gets_408(start):
    paravent = start({"limits": {"head": "1s"}})
    with paravent.connect() as sock:
        sock.sendall(b"GET http://origin.example/ HTTP/1.1\r\nHost: ")
        stream = Stream(sock)
        answer = read_response(stream)
        assert (answer.status, answer.error) == (408, "timeout")
        assert stream.ended()


def test_R3_a_client_that_says_nothing_is_closed(start):
    paravent = start({"limits": {"head": "1s", "idle": "1s"}})
    with paravent.connect() as sock:
        assert Stream(sock).ended()


@pytest.mark.memory
def test_R3_clients_that_never_read_cost_others_nothing(start, origin):
    paravent = start({"limits": {"idle": "3s"}})
    web, flood = origin(mirror), origin(floods)
    before = paravent.pss()
    crowd = []
    for n in range(200):
        sock = paravent.connect()
        if n % 2:
            sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode() * 200)
        else:
            sock.sendall(f"CONNECT origin.example:{flood.port} HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        crowd.append(sock)
    for _ in range(20):
        assert paravent.get(f"http://origin.example:{web.port}/").status == 200
    assert (paravent.pss() - before) / len(crowd) < 256 * 1024
    for sock in crowd:
        sock.close()
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200


@pytest.mark.parametrize("kind", ["download", "tunnel"])
def test_R3_a_client_that_never_reads_is_closed_in_the_end(start, origin, kind):
    paravent = start({"limits": {"idle": "1s", "tunnel_idle": "1s"}})

    def serve(connection):
        if kind == "download":
            connection.head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        floods(connection)

    web = origin(serve)
    with paravent.connect() as sock:
        where = f"origin.example:{web.port}"
        target = where if kind == "tunnel" else f"http://{where}/"
        sock.sendall(f"{'CONNECT' if kind == 'tunnel' else 'GET'} {target} HTTP/1.1\r\nHost: {where}\r\n\r\n".encode())
        assert web.connection().over.wait(15), "the origin's side is still open"


def test_R3_pipelined_requests_stop_being_read_while_their_answers_wait(start, origin):
    """A client that sends for ever and never reads must run into a full socket."""
    paravent = start()
    web = origin(mirror)
    ask = f"GET http://origin.example:{web.port}/{'a' * 2000} HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode() * 30
    with paravent.connect() as sock:
        sock.settimeout(2)
        sent = 0
        with pytest.raises((TimeoutError, ConnectionError)):
            while sent < 256 << 20:
                sent += sock.send(ask)
        assert sent < 64 << 20
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200


def test_R3_a_single_client_leaves_the_last_tenth_to_others(start, origin):
    paravent = start({"limits": {"connections": 100}})
    web = origin(mirror)
    crowd = [paravent.connect(source="127.0.0.9") for _ in range(200)]
    eventually(lambda: ended_of(crowd) >= 100, "more than its share is refused", 5)
    with paravent.connect(source="127.0.0.8") as sock:
        sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        assert read_response(Stream(sock)).status == 200
    for sock in crowd:
        sock.close()


def test_R3_who_comes_when_all_places_are_taken_waits_and_is_served(start, origin):
    paravent = start({"limits": {"connections": 20}})
    web = origin(mirror)
    crowd = [paravent.connect(source=f"127.0.0.{9 + n % 2}") for n in range(20)]
    with paravent.connect(source="127.0.0.8") as sock:
        sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        sock.settimeout(0.5)
        with pytest.raises(TimeoutError):  # no end: it waits in the kernel's queue
            sock.recv(1)
        assert ended_of(crowd) == 0
        for gone in crowd:
            gone.close()
        sock.settimeout(10)
        assert read_response(Stream(sock)).status == 200


def test_R3_a_smaller_limit_holds_after_sighup(start, origin):
    paravent = start({"limits": {"connections": 200}})
    web = origin(mirror)
    said = len(paravent.lines)
    paravent.reload({"limits": {"connections": 20}})
    paravent.wait_line("were read anew", since=said)
    crowd = [paravent.connect(source="127.0.0.9") for _ in range(40)]
    eventually(lambda: ended_of(crowd) >= 20, "more than the new share is refused")
    with paravent.connect(source="127.0.0.8") as sock:
        sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        assert read_response(Stream(sock)).status == 200
    for sock in crowd:
        sock.close()


def test_R4_with_no_descriptor_left_accept_rests_and_comes_back(start, origin):
    web = origin(mirror)
    paravent = start(before=["prlimit", "--nofile=64:64"])
    crowd = [paravent.connect() for _ in range(120)]
    for sock in crowd:
        try:
            sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n".encode())
        except ConnectionError:
            pass
    eventually(lambda: paravent.cpu_share(0.5) < 0.25, "no busy loop while descriptors are out", 10)
    for sock in crowd:
        sock.close()

    def served():
        try:
            return paravent.get(f"http://origin.example:{web.port}/").status == 200
        except (Closed, OSError):
            return False

    eventually(served, "accept resumed by itself", 10)
    for _ in range(50):
        assert served()


def test_R4_tunnels_that_find_no_descriptor_for_their_origin_fail_with_a_reason(start, origin):
    web = origin(mirror)
    paravent = start(before=["prlimit", "--nofile=64:64"])
    held, answers = [], []
    for _ in range(60):
        try:
            answer, stream = paravent.tunnel("origin.example", web.port, timeout=1)
            held.append(stream.socket)
            answers.append((answer.status, answer.error))
        except (Closed, OSError):
            answers.append("closed")
        if answers[-3:] == ["closed"] * 3:
            break
    assert answers.count((200, None)) >= 8, answers
    assert all(a == "closed" or a[0] in (200, 502, 503) for a in answers), answers
    for sock in held:
        sock.close()
    eventually(lambda: paravent.get(f"http://origin.example:{web.port}/").status == 200, "served again", 10)
