"""Security goals, row R7: a resolver that is dead, slow or lying, and an IPv6 that goes nowhere."""
import socket
import subprocess
import threading
import time

import pytest

from conditions import eventually, seconds_until
from http1 import Stream, read_response
from nameserver import A, AAAA, NameServer, encoded, packet, question_of, says
from origin import Origin, echo, mirror

LIMITS = {"resolve": "2s", "connect": "4s"}


@pytest.fixture
def nameserver():
    running = []

    def run(answer, **options):
        running.append(NameServer(answer, **options))
        return running[-1]

    yield run
    for each in running:
        each.close()


@pytest.fixture
def asking(start, nameserver, origin):
    """asking(answer): a program with this name server, and an origin on 127.0.0.1."""

    def run(answer, limits=None):
        server = nameserver(answer)
        paravent = start({"resolver": {"servers": [server.where]}, "limits": limits or LIMITS})
        paravent.server, paravent.web = server, origin(mirror)
        paravent.fetch = lambda name: paravent.get(f"http://{name}:{paravent.web.port}/")
        return paravent

    return run


def test_a_name_is_resolved_and_kept_for_its_ttl(asking):
    paravent = asking(says({"a.test-site.com": ["127.0.0.1"]}))
    for _ in range(10):
        assert paravent.fetch("a.test-site.com").status == 200
    assert len([1 for name, kind, _ in paravent.server.asked if kind == A]) == 1


def test_names_asked_at_once_are_one_query(asking):
    def slowly(name, kind, query, tcp):
        time.sleep(0.3)
        return says({"a.test-site.com": ["127.0.0.1"]})(name, kind, query, tcp)

    paravent = asking(slowly)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(paravent.fetch("a.test-site.com").status)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20
    assert len([1 for name, kind, _ in paravent.server.asked if kind == A]) <= 2


def test_a_name_that_does_not_exist_is_an_error_with_its_reason(asking):
    paravent = asking(says({}))
    answer = paravent.fetch("no.test-site.com")
    assert (answer.status, answer.error) in ((502, "dns"), (504, "dns"), (503, "dns"))


def test_R7_a_dead_resolver_is_an_error_within_the_deadline(asking):
    paravent = asking(lambda *_: None)
    begin = time.monotonic()
    answer = paravent.fetch("a.test-site.com")
    assert (answer.status, answer.error) in ((502, "dns"), (504, "dns"), (504, "timeout"))
    assert time.monotonic() - begin < 3
    assert paravent.fetch("origin.example").status == 200


def test_R7_a_resolver_that_refuses_is_an_error_within_the_deadline(asking):
    for code in (2, 5):
        paravent = asking(lambda name, kind, query, tcp: [packet(query, code=code)])
        answer = paravent.fetch("a.test-site.com")
        assert answer.error in ("dns", "timeout") and answer.status in (502, 503, 504)


def test_R7_a_slow_resolver_is_waited_for_up_to_the_deadline(asking):
    def slowly(name, kind, query, tcp):
        time.sleep(1)
        return says({"a.test-site.com": ["127.0.0.1"]})(name, kind, query, tcp)

    assert asking(slowly).fetch("a.test-site.com").status == 200


@pytest.mark.parametrize("lie", ["another id", "another name", "another type"])
def test_R7_a_lie_is_not_believed_and_the_truth_behind_it_is(asking, lie):
    def lies(name, kind, query, tcp):
        false = ["127.0.0.99"] if kind == A else []
        bad = {
            "another id": lambda: packet(query, false, number=bytes([query[0] ^ 1, query[1]])),
            "another name": lambda: packet(query, false, question=encoded("evil.test-site.com") + question_of(query)[2][-4:]),
            "another type": lambda: packet(query, false, question=encoded(name) + b"\0\x10\0\1"),
        }[lie]()
        return [bad, *says({"a.test-site.com": ["127.0.0.1"]})(name, kind, query, tcp)]

    assert asking(lies).fetch("a.test-site.com").status == 200


def test_R7_only_lies_are_an_error_within_the_deadline(asking):
    paravent = asking(lambda name, kind, query, tcp: [packet(query, ["127.0.0.1"] if kind == A else [], number=b"\0\0")])
    begin = time.monotonic()
    assert paravent.fetch("a.test-site.com").error in ("dns", "timeout")
    assert time.monotonic() - begin < 3


@pytest.mark.parametrize("garbage", [b"", b"\0", b"\0" * 11, b"\xff" * 600], ids=["nothing", "a byte", "half a head", "ones"])
def test_R7_garbage_is_an_error_within_the_deadline(asking, garbage):
    paravent = asking(lambda name, kind, query, tcp: [query[:2] + garbage])
    assert paravent.fetch("a.test-site.com").error in ("dns", "timeout")
    assert paravent.fetch("origin.example").status == 200


def test_R7_a_truncated_answer_is_asked_again_over_tcp(asking):
    def truncates(name, kind, query, tcp):
        return says({"a.test-site.com": ["127.0.0.1"]})(name, kind, query, tcp) if tcp else [packet(query, truncated=True)]

    paravent = asking(truncates)
    assert paravent.fetch("a.test-site.com").status == 200
    assert any(tcp for _, _, tcp in paravent.server.asked)


def test_R7_cached_names_are_served_while_the_resolver_is_dead(asking):
    paravent = asking(says({"a.test-site.com": ["127.0.0.1"]}))
    assert paravent.fetch("a.test-site.com").status == 200
    paravent.server.dead = True
    assert paravent.fetch("a.test-site.com").status == 200


def test_R7_a_stale_answer_is_better_than_none(asking):
    paravent = asking(says({"a.test-site.com": ["127.0.0.1"]}, ttl=1))
    assert paravent.fetch("a.test-site.com").status == 200
    paravent.server.dead = True
    before = len(paravent.server.asked)
    target = f"a.test-site.com:{paravent.web.port}"

    def tunnelled():  # a tunnel is dialled anew each time, a plain request may find a connection of the pool
        with paravent.connect() as sock:
            sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            return read_response(Stream(sock), "CONNECT").status == 200

    took = []

    def asked_in_vain():
        took.append(seconds_until(tunnelled, "served although the time to live is over"))
        return len(paravent.server.asked) > before

    eventually(asked_in_vain, "the resolver to be asked again", 8)
    assert tunnelled()
    assert max(took) < 2  # nobody waits for a dead resolver to the end


def test_R7_a_name_that_resolves_inside_is_refused_as_the_resolver_says_it(asking):
    paravent = asking(says({"a.test-site.com": ["192.168.1.1"], "b.test-site.com": ["::ffff:10.0.0.1"]}))
    for name in ("a.test-site.com", "b.test-site.com"):
        answer = paravent.fetch(name)
        assert (answer.status, answer.error) == (403, "refused-destination")


def test_R7_where_ipv6_is_refused_ipv4_is_used(asking):
    paravent = asking(says({"a.test-site.com": ["::1", "127.0.0.1"]}))
    paravent.write_settings({"proxy": {"private_destinations": ["127.0.0.0/8", "::1/128"]}, "resolver": {"servers": [paravent.server.where]}, "limits": LIMITS})
    paravent.stop()
    paravent.start()
    assert paravent.fetch("a.test-site.com").status == 200


def test_R7_an_ipv6_black_hole_costs_less_than_300_ms(netns, asking):
    """A listener whose queue is full drops every SYN, as a network without a way out does."""
    hole = "2a01:4f8:0:1::1"
    subprocess.run(["ip", "-6", "address", "add", hole + "/128", "dev", "lo", "nodad"], check=True, capture_output=True)
    paravent = asking(says({f"{n}.test-site.com": [hole, "127.0.0.1"] for n in range(5)}))
    with socket.socket(socket.AF_INET6) as full:
        full.bind((hole, paravent.web.port))
        full.listen(0)
        fill = [socket.socket(socket.AF_INET6) for _ in range(4)]
        for sock in fill:
            sock.setblocking(False)
            sock.connect_ex((hole, paravent.web.port))
        times = []
        for n in range(5):
            begin = time.monotonic()
            assert paravent.fetch(f"{n}.test-site.com").status == 200
            times.append(time.monotonic() - begin)
        for sock in fill:
            sock.close()
    assert min(times) > 0.01, "IPv6 was not tried first"
    assert sorted(times)[2] < 0.3, times


def test_R7_an_aaaa_question_that_nobody_answers_does_not_hold_up_ipv4(asking):
    def only_a(name, kind, query, tcp):
        return None if kind == AAAA else [packet(query, ["127.0.0.1"])]

    paravent = asking(only_a)
    begin = time.monotonic()
    assert paravent.fetch("a.test-site.com").status == 200
    assert time.monotonic() - begin < 1, "it waited for the deadline, which is 2 s"


def test_R7_a_new_line_in_the_hosts_file_outranks_what_a_server_said(asking):
    """Whatever its time to live: the owner's own word is asked first, always."""
    paravent = asking(says({"a.test-site.com": ["127.0.0.1"]}, ttl=3600))
    at_home = Origin(echo, paravent.web.port, "127.0.0.7")

    def tunnelled():  # dialled anew each time; a plain request may find a connection of the pool
        answer, stream = paravent.tunnel("a.test-site.com", paravent.web.port)
        stream.socket.close()
        assert answer.status == 200

    tunnelled()
    assert not at_home.connections
    paravent.write_hosts({"a.test-site.com": "127.0.0.7"})
    eventually(lambda: tunnelled() or at_home.connections, "the hosts file's address is dialled")
    at_home.close()


def test_R7_a_question_to_the_system_that_hangs_does_not_delay_the_end(netns, start):
    """getaddrinfo, which names of the local network are asked by, cannot be interrupted."""
    dumb = NameServer(lambda *_: None, port=53, address="0.0.0.0")
    paravent = start({"limits": {"resolve": "1s", "drain": "1s"}}, env={"RES_OPTIONS": "timeout:30 attempts:5"})
    answer = paravent.get("http://printer/")
    assert answer.status == 504 and answer.error in ("dns", "timeout")
    assert any(name.split(".")[0] == "printer" for name, _, _ in dumb.asked)
    paravent.stop(within=8)
    dumb.close()
