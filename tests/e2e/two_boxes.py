"""A home of five namespaces on one bridge: two boxes, a phone, and the router, behind which is the world.

    first 192.168.1.2   second 192.168.1.3   phone 192.168.1.20   router 192.168.1.1, and the world's 81.2.69.1

What comes to the world's web server shows by its address which way it took: it has the address of a box, or the phone's.
"""
import os
import signal
import socket
import subprocess
import tomllib

from http1 import Closed, Stream, read_response
from nameserver import NameServer, says
from network import Namespace, ip
from origin import Origin, response
from program import REPOSITORY

FIRST, SECOND, PHONE, ROUTER, WORLD = "192.168.1.2", "192.168.1.3", "192.168.1.20", "192.168.1.1", "81.2.69.1"
RECIPE = REPOSITORY / "packaging/keepalived/keepalived.conf"


def who_came(connection):
    """A web server whose page is the address that asked for it."""
    while True:
        connection.request()
        connection.send(response(connection.peer[0].encode(), fields=["Content-Type: text/html", "Cache-Control: no-store"]))


class Home:
    """`first` and `second`: the boxes' programs, once they were started, each in the namespace of that name in `at`."""

    def __init__(self, start, names):
        self._start, self._closing = start, []
        self.at = {name: Namespace() for name in ("wire", "first", "second", "phone", "router")}
        with self.at["wire"]:
            ip("link", "add", "home", "type", "bridge")
            ip("link", "set", "home", "up")
            for name in ("first", "second", "phone", "router"):
                ip("link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", self.at[name].path)
                ip("link", "set", f"to-{name}", "master", "home", "up")
        for name, address in (("first", FIRST), ("second", SECOND), ("phone", PHONE), ("router", ROUTER)):
            with self.at[name]:
                ip("address", "add", f"{address}/24", "dev", "eth0")
                ip("link", "set", "eth0", "up")
                if name == "router":
                    ip("address", "add", f"{WORLD}/32", "dev", "lo")
                    self._closing.append(NameServer(says(dict.fromkeys(names, [WORLD])), port=53, address=WORLD))
                else:
                    ip("route", "add", "default", "via", ROUTER)

    def serve(self, port, **options):
        """The world's web server at that port."""
        return self.also("router", who_came, port, WORLD, **options)

    def also(self, place, serve, port, address, **options):
        """Another server, in that namespace."""
        with self.at[place]:
            self._closing.append(Origin(serve, port, address, **options))
        return self._closing[-1]

    def box(self, name, settings):
        """Paravent on that box, its ports those of the settings."""
        with self.at[name]:
            made = self._start({**settings, "resolver": {"servers": [WORLD]},
                                "limits": {"connect": "2s", "resolve": "2s", "drain": "1s"}}, hosts={})
        made.port, made.dashboard = 8480, 8481
        self._closing.append(Gone(made))
        setattr(self, name, made)
        return made

    def keepalived(self, name, config):
        self._closing.append(Keepalived(self.at[name], config))
        return self._closing[-1]

    # --- what the phone does --------------------------------------------------------------------------------------

    def ask(self, address, port, target, host):
        with self.at["phone"]:
            sock = socket.create_connection((address, port), 2)
        with sock:
            sock.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return read_response(Stream(sock))

    def asked(self, address, name):
        """What comes of that name's page through the proxy at the address: which box asked for it, "stopped", or nothing."""
        try:
            answer = self.ask(address, 8480, f"http://{name}/", name)
        except (OSError, Closed):
            return None
        return "stopped" if answer.rule else answer.body.decode() if answer.status == 200 else None

    def close(self):
        for each in reversed(self._closing):
            each.close()
        for each in self.at.values():
            each.close()


class Gone:
    """Leaves a program that a test stopped able to end."""

    def __init__(self, program):
        self.program = program

    def close(self):
        if self.program.alive():
            self.program.signal(signal.SIGCONT)


def settings_of(recipe):
    """What the recipe has the boxes' settings be: the lines of its first comment that are indented."""
    text = recipe.split("\nglobal_defs")[0]
    return tomllib.loads("\n".join(line[1:] for line in text.splitlines() if line.startswith("#     ")))


class Keepalived:
    """The real one, in a box, with a configuration of its own."""

    def __init__(self, place, config):
        self.log = config.with_suffix(".log")
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        pids = [f"--{kind}={config.with_suffix('.' + kind)}" for kind in ("pid", "vrrp_pid", "checkers_pid")]
        with place, self.log.open("w") as log:
            self.process = subprocess.Popen(["keepalived", "--dont-fork", "--log-console", "--vrrp", "--use-file", config, *pids],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
