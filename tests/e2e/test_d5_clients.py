"""Security goals, row D5: a client from outside the allowed networks is closed without a byte."""
import socket

import pytest

from conditions import eventually
from http1 import Stream, read_response
from origin import mirror

ASK = "GET http://origin.example:{}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n"


def is_served_or_closed(sock, request, allowed, source):
    """Served, or closed without a byte."""
    stream = Stream(sock)
    try:
        sock.sendall(request)
    except ConnectionError:
        pass
    if allowed:
        assert read_response(stream).status == 200, source
    else:
        assert stream.rest() == b"", source


@pytest.mark.parametrize("first", [b"", b"\x05\x01\x00", b"CONNECT origin.example:443 HTTP/1.1\r\nHost: origin.example\r\n\r\n", None])
def test_D5_a_client_from_outside_is_closed_without_a_byte(start, origin, first):
    web = origin(mirror)
    paravent = start({"proxy": {"clients": ["127.0.0.1"]}})
    before = paravent.totals()["requests"]
    with paravent.connect(source="127.0.0.2") as sock:
        try:
            sock.sendall(ASK.format(web.port).encode() if first is None else first)
        except ConnectionError:
            pass
        assert Stream(sock).rest() == b""
    assert web.connections == []
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200
    assert eventually(lambda: paravent.api("/status")[1]["connections"]["refused"], "the refusal counted") == 1
    assert eventually(lambda: paravent.totals()["requests"] > before, "only the allowed request counted")


@pytest.mark.parametrize("clients, allowed, refused", [
    (["127.0.0.0/30"], ["127.0.0.2"], ["127.0.0.4"]),
    (["127.0.0.1", "127.0.0.8"], ["127.0.0.1", "127.0.0.8"], ["127.0.0.2"]),
    (["loopback"], ["127.0.0.1", "127.200.1.1"], []),
    (["home"], [], []),
])
def test_D5_clients_are_addresses_networks_and_words(start, origin, clients, allowed, refused):
    web = origin(mirror)
    paravent = start({"proxy": {"clients": clients}})
    for source in allowed:
        with paravent.connect(source=source) as sock:
            sock.sendall(ASK.format(web.port).encode())
            assert read_response(Stream(sock)).status == 200, source
    for source in refused:
        with paravent.connect(source=source) as sock:
            assert Stream(sock).rest() == b"", source


def test_D5_home_is_the_private_ranges(netns, start, origin):
    paravent = start({"proxy": {"clients": ["home"], "listen": ["0.0.0.0:8480"]}, "dashboard": {"listen": "127.0.0.1:8481"}})
    paravent.port, paravent.dashboard = 8480, 8481
    web = origin(mirror)
    for source, allowed in {"192.168.1.20": True, "10.0.0.5": True, "172.31.0.1": True, "9.9.9.9": False, "172.32.0.1": False}.items():
        with paravent.connect(source=source) as sock:
            is_served_or_closed(sock, ASK.format(web.port).encode(), allowed, source)


def test_D5_the_dashboard_is_for_the_home_alone_whoever_may_use_the_proxy(netns, start):
    paravent = start({"proxy": {"clients": ["0.0.0.0/0"]}, "dashboard": {"listen": "0.0.0.0:8481"}})
    for source, allowed in {"192.168.1.20": True, "127.0.0.1": True, "9.9.9.9": False}.items():
        with socket.create_connection(("127.0.0.1", 8481), 10, (source, 0)) as sock:
            is_served_or_closed(sock, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8481\r\n\r\n", allowed, source)
