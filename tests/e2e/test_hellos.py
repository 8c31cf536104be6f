"""What a client says first: in any segmentation, of any size, for whom; and sessions that are resumed for nobody else."""
import socket
import time

import pytest

from hand_tls import HandTls, in_records_of
from http1 import Stream
from inside import LAPTOP, PHONE, TLS12, TLS13, credulous
from origin import echo
from street import home, host  # noqa: F401 (fixtures)


def ask(hand, host):
    hand.write(f"GET /home HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert hand.read().startswith(b"HTTP/1.1 200")


def hand_of(home, host, **context):
    context.setdefault("alpn", ("http/1.1",))
    return HandTls(home.way(host), home.trusting(**context), host)


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_hello_in_records_of_few_bytes_is_understood(home, host, size, version):
    home.origin(host)
    hand = hand_of(home, host, highest=version)
    hand.socket.sendall(in_records_of(size, hand.hello()))
    ask(hand.finish(), host)
    assert home.ours(hand.tls.getpeercert(True))


def test_a_hello_in_segments_of_one_byte_is_understood(home, host):
    home.origin(host)
    hand = hand_of(home, host)
    hand.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in hand.hello():
        hand.socket.sendall(bytes([byte]))
    ask(hand.finish(), host)
    assert home.ours(hand.tls.getpeercert(True))


@pytest.mark.parametrize("cut", [1, 5, 6, 9, 43, 200])
def test_a_hello_in_two_segments_is_understood(home, host, cut):
    home.origin(host)
    hand = hand_of(home, host)
    hello = hand.hello()
    hand.socket.sendall(hello[:cut])
    time.sleep(0.3)  # longer than the program looks for bytes of the origin in between
    hand.socket.sendall(hello[cut:])
    ask(hand.finish(), host)
    assert home.ours(hand.tls.getpeercert(True))


def test_a_hello_that_came_with_the_connect_is_understood(home, host):
    home.origin(host)
    paravent = home.paravent
    with paravent.connect() as sock:
        hand = HandTls(sock, home.trusting(), host)
        sock.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() + hand.hello())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        assert head.startswith(b"HTTP/1.1 200")
        ask(hand.finish(), host)


LONG = tuple(f"{n:03}" + "x" * 252 for n in range(229)) + ("http/1.1",)  # 58,633 bytes of names that nobody knows


@pytest.mark.parametrize("size", [0, 1])
def test_a_hello_of_60_kilobytes_is_understood(home, host, size):
    home.origin(host)
    hand = hand_of(home, host, alpn=LONG)
    hello = hand.hello()
    assert 58_000 < len(hello) < 65_536
    hand.socket.sendall(in_records_of(1000, hello) if size else hello)
    ask(hand.finish(), host)
    assert home.ours(hand.tls.getpeercert(True)) and hand.tls.selected_alpn_protocol() == "http/1.1"


# Who is tunnelled


@pytest.mark.parametrize("sni", ["www.bank.example", "other.facebook.com", None], ids=str)
def test_a_hello_for_another_name_or_none_is_tunnelled(home, host, sni):
    leaf = home.leaf(host)
    home.origin(host, tls=leaf.context())
    for _ in range(2):
        with home.client(host, context=credulous(), sni=sni) as client:
            assert client.certificate == leaf.der
            assert client.ask("/x", host=host).status == 200
    assert home.event(host)["seen"] == "host"
    home.serves(host)


@pytest.mark.parametrize("remembered", [False, True], ids=["dialled", "remembered"])
def test_a_client_that_speaks_something_else_is_tunnelled(home, host, remembered):
    if remembered:
        first = home.origin(host)
        home.serves(host)
        first.close()
    home.origin(host, echo, tls=False)
    for words in (b"GET / HTTP/1.0\r\n\r\n", b"\x17\x03\x03\x00\x01x", b"SSH-2.0-x\r\n", b"\x16\x02\x00\x00\x05abcde", b"\x16\x03\x01\x00\x04\x02\x00\x00\x00"):
        stream = Stream(home.way(host))
        stream.socket.sendall(words)
        assert stream.exactly(len(words)) == words
        stream.socket.sendall(b"more" * 10_000)
        assert stream.exactly(40_000) == b"more" * 10_000
        stream.socket.close()


def test_an_origin_that_speaks_first_is_heard(home, host):
    def greets(connection):
        connection.send(b"220 ready\r\n")
        echo(connection)

    home.origin(host, greets, tls=False)
    stream = Stream(home.way(host))
    assert stream.exactly(11) == b"220 ready\r\n"
    stream.socket.sendall(b"quit")
    assert stream.exactly(4) == b"quit"


def test_a_client_that_offers_only_what_is_not_understood_is_tunnelled(home, host):
    leaf = home.leaf(host)
    home.origin(host, tls=leaf.context(alpn=("mqtt",)))
    with home.client(host, context=credulous(alpn=("mqtt",))) as client:
        assert client.certificate == leaf.der and client.socket.selected_alpn_protocol() == "mqtt"


@pytest.mark.parametrize("client, origin, chosen", [((), ("http/1.1",), None), (("http/1.1",), (), None), ((), (), None),
                                                    (("http/1.1",), ("http/1.1",), "http/1.1"), (("h2", "http/1.1"), ("http/1.1",), "http/1.1")],
                         ids=str)
def test_alpn_is_what_the_origin_chose(home, host, client, origin, chosen):
    home.origin(host, tls=home.leaf(host).context(alpn=origin))
    for _ in range(2):  # remembered the second time
        with home.client(host, context=home.trusting(alpn=client)) as made:
            assert made.socket.selected_alpn_protocol() == chosen
            assert made.ask("/home", host=host).status == 200


# Sessions


def session_of(home, host, context, **options):
    """A session of a connection that asked for something (tickets of TLS 1.3 come after the handshake)."""
    with home.client(host, context=context, **options) as client:
        assert client.ask("/home", host=host).status == 200
        return client.socket.session, client.socket.session_reused


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["TLS 1.2", "TLS 1.3"])
def test_a_clients_session_is_resumed_for_its_name_and_device_alone(home, host, version):
    other = home.next_host()
    for each in (host, other):
        home.origin(each)
    context = home.trusting(highest=version)
    session, reused = session_of(home, host, context, source=LAPTOP)
    assert session is not None and not reused
    assert session_of(home, host, context, session=session, source=LAPTOP)[1]
    assert not session_of(home, host, context, session=session, source=PHONE)[1]
    context.check_hostname = False  # the certificate that a session of another name would show is not this one's
    assert not session_of(home, other, context, session=session, source=LAPTOP)[1]


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["TLS 1.2", "TLS 1.3"])
def test_a_session_with_an_origin_is_resumed_for_its_name_and_device_alone(home, host, version):
    other = home.next_host()
    context = home.leaf(host, other).context(highest=version)
    far, there = home.origin(host, tls=context), home.origin(other, tls=context)

    def resumed(origin, name, source):
        before = len(origin.connections)
        with home.client(name, source=source) as client:
            assert client.ask("/home", host=name).status == 200
        assert len(origin.connections) == before + 1
        return origin.connections[before].resumed

    assert not resumed(far, host, LAPTOP)
    assert resumed(far, host, LAPTOP)
    assert not resumed(far, host, PHONE)
    assert not resumed(there, other, LAPTOP)
    assert resumed(there, other, LAPTOP)
