"""A home's network of three namespaces: a phone, the box that runs Paravent, and the world behind the box's uplink.

    phone 192.168.1.20 --lan-- 192.168.1.2 box 81.2.69.2 --uplink-- 81.2.69.1 world (its name server and its web servers)
          fd00:1::20           fd00:1::2       2a01:4f8:0:1::2      2a01:4f8:0:1::1

The test's own thread is in the box; `with network.phone:` and `with network.world:` take it elsewhere, and what is opened
there stays there. Nothing has a name that could outlive the test.
"""
import ctypes
import os
import socket
import subprocess

from http1 import Stream, read_response
from nameserver import NameServer, says
from origin import Origin, mirror

CLONE_NEWNET = 0x40000000
BOX, PHONE, BOX6, PHONE6 = "192.168.1.2", "192.168.1.20", "fd00:1::2", "fd00:1::20"
WORLD, UPLINK, WORLD6, UPLINK6 = "81.2.69.1", "81.2.69.2", "2a01:4f8:0:1::1", "2a01:4f8:0:1::2"


def libc(call, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, call)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def nft(text):
    subprocess.run(["nft", "-f", "-"], input=text, check=True, capture_output=True, text=True)


class Namespace:
    """A network namespace; inside `with` this thread, and what it starts, is in it."""

    def __init__(self):
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        libc("unshare", CLONE_NEWNET)
        self.descriptor = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        ip("link", "set", "lo", "up")
        libc("setns", before, CLONE_NEWNET)
        os.close(before)
        self.path = f"/proc/{os.getpid()}/fd/{self.descriptor}"  # how `ip` finds it
        self._before = []

    def __enter__(self):
        self._before.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
        libc("setns", self.descriptor, CLONE_NEWNET)
        return self

    def __exit__(self, *_):
        before = self._before.pop()
        libc("setns", before, CLONE_NEWNET)
        os.close(before)

    def close(self):
        os.close(self.descriptor)


class Network:
    """The three namespaces, a name server and a web server in the world; `paravent` once it was started."""

    def __init__(self, start):
        self._start, self._closing, self.paravent = start, [], None
        self.box, self.phone, self.world = Namespace(), Namespace(), Namespace()
        with self.box:
            for name, peer, there in (("lan", "wlan0", self.phone), ("uplink", "eth0", self.world)):
                ip("link", "add", name, "type", "veth", "peer", "name", peer, "netns", there.path)
            self.give("lan", BOX, BOX6)
            self.give("uplink", UPLINK, UPLINK6)
            self.route()
        with self.phone:
            self.give("wlan0", PHONE, PHONE6)
        with self.world:
            self.give("eth0", WORLD, WORLD6)
            self.names = {"web.test-site.com": [WORLD]}
            self.nameserver = NameServer(self._answer, port=53, address=WORLD)
            self.web = self.origin(mirror, port=80)
        self._closing += [self.nameserver]

    def _answer(self, *question):
        return says(self.names)(*question)

    @staticmethod
    def give(link, *addresses):
        for address in addresses:
            nodad = ["nodad"] if ":" in address else []
            ip("address", "add", f"{address}/{64 if nodad else 24}", "dev", link, *nodad)
        ip("link", "set", link, "up")

    @staticmethod
    def route():
        ip("route", "add", "default", "via", WORLD)
        ip("-6", "route", "add", "default", "via", WORLD6)

    def another(self, link, address):
        """One more device on the home's wire, in a namespace of its own."""
        made = Namespace()
        self._closing.append(made)
        with self.phone:
            ip("link", "add", "link", "wlan0", "name", link, "type", "macvlan", "mode", "bridge")
            ip("link", "set", link, "netns", made.path)
        with made:
            ip("address", "add", address, "dev", link)
            ip("link", "set", link, "up")
        return made

    def origin(self, serve, port, address=WORLD, **options):
        """A server in the world."""
        with self.world:
            self._closing.append(Origin(serve, port, address, **options))
        return self._closing[-1]

    def start(self, settings=None, **options):
        """The program in the box, open to the home; names are asked of the world's name server."""
        own = {"proxy": {"listen": ["0.0.0.0:8480", "[::]:8480"], "clients": ["home"]},
               "dashboard": {"listen": ["0.0.0.0:8481"]},
               "resolver": {"servers": [WORLD]},
               "limits": {"connect": "2s", "resolve": "2s", "idle": "5s", "tunnel_idle": "1h", "drain": "1s"}}
        for section, content in (settings or {}).items():
            own[section] = {**own.get(section, {}), **content}
        self.paravent = self._start(own, hosts={}, **options)
        self.paravent.port, self.paravent.dashboard = 8480, 8481
        return self.paravent

    # --- what the phone does --------------------------------------------------------------------------------------

    def connect(self, address=BOX, port=8480, timeout=10, source=PHONE):
        with self.phone:
            sock = socket.create_connection((address, port), timeout, (source, 0) if ":" not in address else None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def fetch(self, name="web.test-site.com", path="/", **way):
        """A page in plain http through the box."""
        with self.connect(**way) as sock:
            sock.sendall(f"GET http://{name}{path} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
            return read_response(Stream(sock))

    def tunnel(self, name="web.test-site.com", port=443, **way):
        """CONNECT; the answer, and the stream behind it (the caller closes stream.socket)."""
        stream = Stream(self.connect(**way))
        stream.socket.sendall(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode())
        return read_response(stream, "CONNECT"), stream

    def is_blocked(self, name="connect.facebook.net", **way):
        answer, stream = self.tunnel(name, **way)
        stream.socket.close()
        return answer.status == 403 and answer.rule is not None

    def healthy(self, address=BOX):
        """Whether the box's page answers the phone."""
        with self.connect(address, 8481) as sock:
            sock.sendall(f"GET /healthz HTTP/1.1\r\nHost: {address}:8481\r\nConnection: close\r\n\r\n".encode())
            return read_response(Stream(sock)).status == 200

    def problems(self):
        """What the box's status says is wrong, by code."""
        status, body = self.paravent.api("/status")
        assert status == 200, body
        return {each["code"]: each["text"] for each in body["problems"]}

    def close(self):
        for each in self._closing:
            each.close()
        for each in (self.box, self.phone, self.world):
            each.close()
