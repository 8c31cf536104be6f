"""A full house: 200 devices, each with a MAC address of its own and 20 connections at once."""
import contextlib
import resource
import selectors
import socket
import subprocess
import threading

import pytest

from conditions import eventually
from http1 import Stream, read_response
from network import BOX, WORLD, Network

DEVICES, EACH = 200, 20


@pytest.fixture
def network(netns, start):
    with contextlib.closing(Network(start)) as made, made.box:
        yield made


def can_have_devices():
    done = subprocess.run(["unshare", "-n", "sh", "-c", "ip link add veth7 type veth peer name veth8 && ip link add link veth7 type macvlan"],
                          capture_output=True)
    return done.returncode == 0


class Device:
    """One of many on the home's network, with its own interface, MAC address and IP address."""

    def __init__(self, network, number):
        self.network, self.link, self.address = network, f"d{number}", f"192.168.1.{30 + number}"
        self.streams = []

    def connect(self):
        with self.network.phone:
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.link.encode())
            sock.settimeout(60)
            sock.bind((self.address, 0))
            sock.connect((BOX, 8480))
        self.streams.append(Stream(sock))
        return self.streams[-1]

    def ask(self, host, port=443):
        stream = self.connect()
        stream.socket.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        return read_response(stream, "CONNECT").status

    def asks_once_more(self):
        assert self.ask("connect.facebook.net") == 403
        self.streams.pop().socket.close()

    def close(self):
        for stream in self.streams:
            stream.socket.close()


def devices(network):
    lines = []
    for n in range(DEVICES):
        lines += [f"link add link wlan0 name d{n} type macvlan mode bridge", f"address add 192.168.1.{30 + n}/24 dev d{n}",
                  f"link set d{n} up"]
    with network.phone:
        for name, value in (("arp_ignore", "1"), ("arp_announce", "2"), ("rp_filter", "0")):  # each answers for itself alone
            with open(f"/proc/sys/net/ipv4/conf/all/{name}", "w", encoding="ascii") as file:
                file.write(value)
        subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True, capture_output=True)
    return [Device(network, n) for n in range(DEVICES)]


class Echoes:
    """A server in the world that sends back what it gets, for thousands at once, on one thread."""

    def __init__(self, network):
        with network.world:
            self.listener = socket.create_server((WORLD, 443), backlog=4096)
        self.poll = selectors.DefaultSelector()
        self.poll.register(self.listener, selectors.EVENT_READ)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.over.is_set():
            for key, _ in self.poll.select(0.2):
                if key.fileobj is self.listener:
                    self.poll.register(self.listener.accept()[0], selectors.EVENT_READ)
                    continue
                data = b""
                with contextlib.suppress(ConnectionError):
                    data = key.fileobj.recv(4096)
                if data:
                    key.fileobj.sendall(data)
                else:
                    self.poll.unregister(key.fileobj)
                    key.fileobj.close()

    def close(self):
        self.over.set()
        self.thread.join(10)
        for key in list(self.poll.get_map().values()):
            key.fileobj.close()


def at_once(work, things, threads=16):
    """work(thing) for all of them on a few threads; what went wrong is raised here."""
    left, failures = list(things), []

    def run():
        while left and not failures:
            try:
                work(left.pop())
            except IndexError:
                return
            except Exception as error:  # noqa: BLE001 - raised below
                failures.append(error)

    crew = [threading.Thread(target=run) for _ in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if failures:
        raise failures[0]


def macs(paravent):
    return len({device["mac"] for device in paravent.api("/devices")[1]["items"] if device["mac"]})


@pytest.mark.memory
@pytest.mark.skipif(not can_have_devices(), reason="needs root and macvlan interfaces, which are not to be had here")
@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 3 * DEVICES * EACH, reason="too few descriptors are allowed here")
def test_two_hundred_devices_with_twenty_connections_each(network):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    everybody, far = devices(network), Echoes(network)
    try:
        network.names["tunnel.test-site.com"] = [WORLD]
        paravent = network.start({"limits": {"head": "60s", "idle": "60s", "resolve": "5s"}})
        before, descriptors = paravent.pss(), paravent.descriptors()

        def joins(device):
            assert device.ask("connect.facebook.net") == 403
            for _ in range(EACH):
                assert device.ask("tunnel.test-site.com") == 200
            for stream in device.streams[1:]:
                stream.socket.sendall(b"hello")
                assert stream.exactly(5) == b"hello"

        at_once(joins, everybody)
        status = paravent.api("/status")[1]["connections"]
        assert status["tunnels"] == DEVICES * EACH and status["refused"] == 0, status
        assert (paravent.pss() - before) / (DEVICES * EACH) < 16 * 1024
        assert network.fetch().status == 200 and network.is_blocked(), "and one more"

        def says_again(device):
            for stream in device.streams[1:]:
                stream.socket.sendall(b"still here")
                assert stream.exactly(10) == b"still here"

        at_once(says_again, everybody)

        def known_by_mac():
            """Who comes in a crowd is known by its address at first; every 30 s the box looks who has which MAC address."""
            at_once(lambda device: device.asks_once_more(), everybody)
            return macs(paravent) >= DEVICES

        eventually(known_by_mac, "each known by its MAC address", 120)
        for device in everybody:
            device.close()
        eventually(lambda: paravent.api("/status")[1]["connections"]["tunnels"] == 0, "every tunnel is over", 20)
        eventually(lambda: paravent.descriptors() <= descriptors + 8, "every descriptor is given back", 20)
        assert network.fetch().status == 200
    finally:
        far.close()
        for device in everybody:
            device.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
