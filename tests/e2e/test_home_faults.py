"""What happens to a home's network: the uplink goes, addresses change, name servers die, IPv6 works by halves, phones leave.

Traffic flows wherever it physically can, what the box does by itself goes on, and everything heals without anybody's help.
"""
import contextlib
import os
import shutil
import subprocess
import threading
import time

import pytest

from conditions import eventually, seconds_until
from http1 import Closed, Stream
from nameserver import packet
from network import BOX, BOX6, PHONE6, UPLINK, UPLINK6, WORLD, WORLD6, Network, ip, nft, served
from origin import echo, floods, response, says

FILTER = """table inet fault {
    chain in  { type filter hook input priority 0; %s }
    chain out { type filter hook output priority 0; %s }
}"""


@pytest.fixture
def network(netns, start):
    with contextlib.closing(Network(start)) as made, made.box:
        yield made


@contextlib.contextmanager
def filtered(place, rule_in, rule_out=""):
    """These nftables rules are in force in that namespace."""
    if not shutil.which("nft", path=os.environ.get("PATH", "") + ":/usr/sbin"):
        pytest.skip("needs nftables")
    with place:
        nft(FILTER % (rule_in, rule_out))
    yield
    with place:
        nft("delete table inet fault")


def nft_rules():
    return subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout


def echoes(stream, words):
    stream.socket.sendall(words)
    return stream.exactly(len(words)) == words


# The uplink is gone, and comes back


@contextlib.contextmanager
def cable_pulled(network):
    with network.world:
        ip("link", "set", "eth0", "down")
    yield
    with network.world:
        Network.give("eth0", WORLD6)  # IPv6 addresses leave with the link


@contextlib.contextmanager
def provider_silent(network):
    with filtered(network.world, "drop;", "drop;"):
        yield


@contextlib.contextmanager
def no_route(network):
    ip("link", "set", "uplink", "down")
    yield
    Network.give("uplink", UPLINK6)


def outage(network, gone, seconds=0):
    network.start()
    network.names["tunnel.test-site.com"] = [WORLD]
    network.origin(echo, 443)
    assert served(network)
    answer, before = network.tunnel("tunnel.test-site.com")
    assert answer.status == 200 and echoes(before, b"before")
    with gone(network):
        before.socket.sendall(b"meanwhile")
        begin = time.monotonic()
        answer = network.fetch(path="/away")
        assert answer.status in (502, 504) and answer.error in ("dns", "connect", "timeout"), answer
        for n in range(3):
            assert network.fetch(f"n{n}.test-site.com").status in (502, 504)
        assert time.monotonic() - begin < 15, "each within the deadlines, which are 2 s for a name and 2 s for a connection"
        assert network.is_blocked() and network.healthy()
        told = eventually(lambda: network.problems().get("dns"), "the page tells what is wrong")
        assert "internet connection" in told, told
        while time.monotonic() < begin + seconds:
            served(network, name=f"n{int(time.monotonic())}.test-site.com")
            assert network.is_blocked() and network.healthy()
            time.sleep(1)
    assert seconds_until(lambda: served(network), "pages again", 30) < 5
    network.names["back.test-site.com"] = [WORLD]
    assert served(network, name="back.test-site.com") and "dns" not in network.problems()
    before.socket.settimeout(150)  # what was sent meanwhile is sent anew by the kernel, ever more seldom
    assert before.exactly(9) == b"meanwhile" and echoes(before, b"and after it"), "a tunnel that was open lives through it"
    before.socket.close()


@pytest.mark.parametrize("gone", [cable_pulled, provider_silent, no_route])
def test_the_uplink_goes_and_comes_back(network, gone):
    outage(network, gone)


@pytest.mark.extra
def test_the_uplink_is_gone_for_ten_minutes(network):
    outage(network, provider_silent, 600)


# The box's address changes


def test_the_home_gives_the_box_another_address(network):
    network.start()
    assert served(network)
    ip("address", "del", f"{BOX}/24", "dev", "lan")
    ip("address", "add", "192.168.1.77/24", "dev", "lan")
    assert network.fetch(address="192.168.1.77").status == 200
    assert network.healthy("192.168.1.77") and network.is_blocked(address="192.168.1.77")
    assert network.fetch(address=BOX6).status == 200
    ip("address", "add", f"{BOX}/24", "dev", "lan")
    assert served(network)


def test_an_address_that_goes_and_comes_back_is_listened_on_again(network):
    network.start({"proxy": {"listen": [f"{BOX}:8480"]}})
    assert served(network)
    ip("address", "del", f"{BOX}/24", "dev", "lan")
    assert not served(network, timeout=1)
    told = network.problems().get("address")
    assert told and f"no longer has the address {BOX}," in told, network.problems()
    said = network.paravent.cli("doctor").stdout
    assert f"bad  ports:        nobody reaches {BOX}:8480" in said and "bad  proxy:" not in said, said
    ip("address", "add", f"{BOX}/24", "dev", "lan")
    assert served(network) and "address" not in network.problems()


def test_the_provider_gives_the_box_another_address(network):
    """Connections to origins that were kept begin at an address that is gone."""
    network.start({"limits": {"connect": "2s", "resolve": "2s", "idle": "2s"}})
    assert served(network) and served(network)
    kept = len(network.web.connections)
    assert kept == 1, "the origin's connection is kept"
    ip("address", "del", f"{UPLINK}/24", "dev", "uplink")
    ip("address", "add", "81.2.69.200/24", "dev", "uplink")
    ip("route", "replace", "default", "via", WORLD)
    assert seconds_until(lambda: served(network), "pages from the new address", 10) < 5
    assert network.web.connections[-1].peer[0] == "81.2.69.200"


# Name servers


def test_where_the_first_name_server_is_dead_the_second_is_asked(network):
    with network.world:
        ip("address", "add", "81.2.69.9/24", "dev", "eth0")
    network.start({"resolver": {"servers": ["81.2.69.9", WORLD]}, "limits": {"resolve": "5s"}})
    for n in range(5):
        network.names[f"n{n}.test-site.com"] = [WORLD]
        assert network.fetch(f"n{n}.test-site.com").status == 200
    with filtered(network.world, "ip daddr 81.2.69.9 drop;"):  # silent, where it refused before
        for n in range(5, 8):
            network.names[f"n{n}.test-site.com"] = [WORLD]
            assert network.fetch(f"n{n}.test-site.com").status == 200


def test_the_name_server_dies_and_comes_back(network):
    network.start()
    assert served(network)
    network.nameserver.dead = True
    begin = time.monotonic()
    answer = network.fetch("new.test-site.com")
    assert answer.status in (502, 504) and answer.error in ("dns", "timeout") and time.monotonic() - begin < 4
    assert served(network) and network.is_blocked() and network.healthy()
    assert "dns" not in network.problems(), "one name alone may have bad servers of its own"
    for name in ("newer.test-site.com", "newest.test-site.com"):
        assert not served(network, name=name)
    told = eventually(lambda: network.problems().get("dns"), "the page tells what is wrong")
    assert told.startswith("No name server has answered for some seconds"), told
    network.nameserver.dead = False
    network.names["new.test-site.com"] = [WORLD]
    assert seconds_until(lambda: served(network, name="new.test-site.com"), "the new name", 10) < 5
    assert "dns" not in network.problems()


def test_a_router_whose_own_line_is_down_says_that_it_failed(network):
    network.start()
    network.nameserver.answer = lambda name, kind, query, tcp: [packet(query, code=2)]
    for n in range(3):
        assert not served(network, name=f"n{n}.test-site.com")
    eventually(lambda: "dns" in network.problems(), "the page tells what is wrong")
    network.nameserver.answer = lambda name, kind, query, tcp: [packet(query, code=3)]
    assert not served(network, name="no.test-site.com")
    assert "dns" not in network.problems(), "that there is no such name is an answer"


def test_a_name_server_that_says_there_is_no_such_name_for_a_while_is_asked_again(network):
    """A router that is starting answers so to everything."""
    network.start()
    known, network.names = network.names, {}
    assert network.fetch().status == 502
    network.names = known
    assert seconds_until(lambda: served(network), "the name, once it is there", 20) < 10


# IPv6 works by halves


@pytest.mark.parametrize("how", ["drop", "reject", "reject with tcp reset"])
def test_ipv6_that_leads_nowhere_costs_little(network, how):
    network.start()
    rule = f"ip6 daddr {WORLD6} tcp dport 80 counter {how};"
    with filtered(network.world, rule):
        for n in range(5):
            name = f"n{n}.test-site.com"
            network.names[name] = [WORLD6, WORLD]
            begin = time.monotonic()
            assert network.fetch(name).status == 200
            assert time.monotonic() - begin < 1.5
        with network.world:
            assert "packets 0 " not in nft_rules(), "IPv6 was not even tried"
    assert all(c.peer[0] == UPLINK for c in network.web.connections)


def test_an_ipv6_address_without_a_way_out_costs_nothing(network):
    ip("-6", "route", "del", "default")
    ip("-6", "address", "flush", "dev", "uplink", "scope", "global")
    network.start()
    network.names["both.test-site.com"] = ["2a01:4f8:0:2::1", WORLD]
    begin = time.monotonic()
    assert network.fetch("both.test-site.com").status == 200
    assert time.monotonic() - begin < 1


def test_ipv6_that_loses_large_packets_ends_by_the_deadline(network):
    """The handshake works, the page never comes: nobody but the deadline can tell."""
    network.start({"limits": {"idle": "2s", "connect": "2s", "resolve": "2s"}})
    network.origin(says(response(b"x" * 100_000)), 80, WORLD6)
    network.names["six.test-site.com"] = [WORLD6]
    assert network.fetch("six.test-site.com").status == 200
    with filtered(network.world, "", "ip6 length > 1200 drop;"):
        begin = time.monotonic()
        try:
            assert network.fetch("six.test-site.com").status in (502, 504)
        except Closed:  # in the middle of the page
            pass
        assert time.monotonic() - begin < 8
        assert served(network), "IPv4 goes on"


def test_a_phone_comes_by_ipv6_while_ipv4_is_gone_from_the_home(network):
    network.start()
    ip("address", "del", f"{BOX}/24", "dev", "lan")
    assert network.fetch(address=BOX6).status == 200
    assert network.is_blocked(address=BOX6)


# A phone leaves in mid-download


def download(network, kind):
    """A phone in the middle of a download without an end; the origin's side of it, and the phone's."""
    if kind == "tunnel":
        far = network.origin(floods, 443)
        answer, stream = network.tunnel()
        assert answer.status == 200
    else:
        far = network.origin(says_for_ever, 80, "81.2.69.8")
        network.names["flood.test-site.com"] = ["81.2.69.8"]
        stream = Stream(network.connect())
        stream.socket.sendall(b"GET http://flood.test-site.com/ HTTP/1.1\r\nHost: flood.test-site.com\r\n\r\n")
    stream.exactly(1 << 20)
    return far.connection(), stream


def says_for_ever(connection):
    connection.head()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    floods(connection)


@pytest.mark.parametrize("kind", ["tunnel", "page"])
def test_a_phone_that_leaves_in_mid_download_is_let_go(network, kind):
    """Without a word: it walked out of the Wi-Fi's reach."""
    with network.world:
        ip("address", "add", "81.2.69.8/24", "dev", "eth0")
    paravent = network.start({"limits": {"idle": "2s", "tunnel_idle": "2s"}})
    far, stream = download(network, kind)
    with network.phone:
        ip("link", "set", "wlan0", "down")
    assert far.over.wait(15), "the origin's side is still open"
    eventually(lambda: paravent.api("/status")[1]["connections"]["open"] <= 1, "its connection is closed")
    with network.phone:
        Network.give("wlan0", PHONE6)
    assert served(network), "it comes home"
    stream.socket.close()


def test_a_phone_that_is_away_for_a_moment_gets_the_rest(network):
    data = bytes(range(256)) * 40_000
    network.start({"limits": {"tunnel_idle": "60s"}})
    go_on = threading.Event()

    def serve(connection):
        connection.send(data[:1_000_000])
        go_on.wait(20)
        connection.send(data[1_000_000:])

    network.origin(serve, 443)
    answer, stream = network.tunnel()
    assert answer.status == 200
    got = stream.exactly(500_000)
    with filtered(network.phone, "drop;", "drop;"):
        go_on.set()
        time.sleep(2)  # away for so long
    stream.socket.settimeout(60)
    assert got + stream.rest() == data
    stream.socket.close()
