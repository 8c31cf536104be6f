"""A second DHCP server in the home hands out what is wrong: another name server to the box, another proxy to a phone."""
import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess

import pytest

from conditions import eventually
from disk import OwnMounts
from http1 import Stream, read_response
from inside import credulous
from nameserver import NameServer, packet
from network import BOX, WORLD, Network, ip, served

SIOCGIFHWADDR = 0x8927
# A chroot may be root and still have no mounts of its own.
needs_mounts = pytest.mark.skipif(subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0,
                                  reason="needs a mount namespace, which is not allowed here")


@pytest.fixture
def network(netns, start):
    with contextlib.closing(Network(start)) as made, made.box:
        yield made


@pytest.fixture
def resolv_conf(tmp_path):
    """/etc/resolv.conf, of this test alone, as the text of a DHCP client; empty to begin with."""
    file = tmp_path / "resolv.conf"
    file.write_text("")
    with OwnMounts():
        subprocess.run(["mount", "--bind", file, "/etc/resolv.conf"], check=True, capture_output=True)
        yield file


@needs_mounts
def test_a_second_dhcp_server_names_another_name_server(network, resolv_conf):
    """The box's own: what is handed out is asked at once, and the first one again when the second is found and unplugged."""
    with network.world:
        ip("address", "add", "81.2.69.9/24", "dev", "eth0")
        second = NameServer(lambda name, kind, query, tcp: [packet(query, code=3)], port=53, address="81.2.69.9")
    with contextlib.closing(second):
        resolv_conf.write_text(f"nameserver {WORLD}\n")
        network.start({"resolver": {"servers": []}})
        assert served(network)
        resolv_conf.write_text("nameserver 81.2.69.9\n")
        assert not served(network, name="web2.test-site.com") and second.asked, "the new one is asked, whatever it says"
        assert served(network), "what is known goes on"
        resolv_conf.write_text(f"nameserver {WORLD}\n")
        network.names["web3.test-site.com"] = [WORLD]
        assert served(network, name="web3.test-site.com")


DHCP_SERVER = ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--bind-interfaces",
               "--leasefile-ro", "--pid-file=", "--user=root", "--dhcp-authoritative"]


@contextlib.contextmanager
def dhcp_server(place, link, first, last, pac):
    """A real one, which hands out the address of a PAC file (option 252)."""
    with place:
        running = subprocess.Popen([*DHCP_SERVER, f"--interface={link}", f"--dhcp-range={first},{last},255.255.255.0,1h",
                                    f"--dhcp-option=252,{pac}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait(10)


def offers(network, link, number):
    """{server: address of the PAC file} of all servers that answer a phone's DHCPDISCOVER (RFC 2131) on that interface."""
    found = {}
    with network.phone, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        mac = fcntl.ioctl(sock, SIOCGIFHWADDR, struct.pack("256s", link.encode()))[18:24]
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, link.encode())
        sock.bind(("", 68))
        sock.settimeout(1.5)
        head = struct.pack("!BBBBIHH16x", 1, 1, 6, 0, number, 0, 0x8000) + mac + bytes(10 + 64 + 128)
        sock.sendto(head + b"\x63\x82\x53\x63" + b"\x35\x01\x01" + b"\x37\x03\x01\x36\xfc" + b"\xff", ("255.255.255.255", 67))
        with contextlib.suppress(TimeoutError):
            while True:
                options = dhcp_options(sock.recv(2048)[240:])
                found[socket.inet_ntoa(options[54])] = options[252].rstrip(b"\0").decode()
    return found


def dhcp_options(data):
    options, at = {}, 0
    while data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        options[data[at]] = data[at + 2:at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return options


def comes_through_the_box(network, way):
    """What the set-up page's test tells the phone that opens it; from the network the page speaks https."""
    host = f"{BOX}:8481" if way == "straight" else "paravent.local"
    if way == "straight":
        sock = network.connect(port=8481)
    else:
        answer, stream = network.tunnel(host)
        assert answer.status == 200
        sock = stream.socket
    with credulous().wrap_socket(sock, server_hostname="paravent.local") as tls:
        tls.sendall(f"GET /api/v1/self HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = read_response(Stream(tls))
    assert answer.status == 200, answer
    return json.loads(answer.body)["via_proxy"]


@pytest.mark.skipif(not os.path.exists("/usr/sbin/dnsmasq"), reason="needs dnsmasq")
def test_a_second_dhcp_server_hands_out_another_proxy(network):
    """A phone takes one of two offers. With the wrong one it goes past the box, and the set-up page on it says just that."""
    network.start()
    second = network.another("second", "192.168.1.254/24")  # on the same wire, another device of the home
    with network.phone:
        ip("link", "add", "link", "wlan0", "name", "phone2", "type", "macvlan", "mode", "bridge")
        ip("link", "set", "phone2", "up")
    ours, other = f"http://{BOX}:8481/wpad.dat", "http://192.168.1.254/wpad.dat"
    with dhcp_server(network.box, "lan", "192.168.1.100", "192.168.1.110", ours):
        found = eventually(lambda: offers(network, "phone2", 1), "the home's own server answers", 20)
        assert found == {BOX: ours}
        with dhcp_server(second, "second", "192.168.1.120", "192.168.1.130", other):
            both = {BOX: ours, "192.168.1.254": other}
            eventually(lambda: offers(network, "phone2", 2) == both, "both servers answer, and the phone takes either", 20)
            assert comes_through_the_box(network, "straight") is False
            assert network.healthy() and served(network), "nobody who still uses the box is hurt"
        eventually(lambda: offers(network, "phone2", 3) == {BOX: ours}, "the second server is unplugged", 20)
    with network.connect(port=8481) as sock:
        sock.sendall(f"GET /wpad.dat HTTP/1.1\r\nHost: {BOX}:8481\r\nConnection: close\r\n\r\n".encode())
        assert f"{BOX}:8480" in read_response(Stream(sock)).body.decode(), "what the home's own server points to"
    assert comes_through_the_box(network, "by the proxy") is True
