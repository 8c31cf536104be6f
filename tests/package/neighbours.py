"""Other computers, each a network of its own (`ip netns`) at a cable to this one: a phone of the home's, and the internet."""
import contextlib
import ctypes
import os

from installed import done, run
from origin import Origin

CLONE_NEWNET = 0x40000000


def enter(network):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Neighbour:
    """Its way out leads here. `ours` and `theirs` are the cable's ends, `beside` what else is reached there."""

    def __init__(self, name, ours, theirs, beside=()):
        self.name, self._servers = name, []
        done("ip", "netns", "add", name)
        done("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
        done("ip", "link", "set", f"to-{name}", "up")
        for link in ("lo", "eth0"):
            self.done("ip", "link", "set", link, "up")
        for end in ours:
            done("ip", "address", "add", end, "dev", f"to-{name}", "nodad")
        for end in theirs:
            self.done("ip", "address", "add", end, "dev", "eth0", "nodad")
        for end in ours:
            self.done("ip", "route", "add", "default", "via", end.split("/")[0])
        for address in beside:
            self.done("ip", "address", "add", address, "dev", "lo", "nodad")
            gate = next(end for end in theirs if (":" in end) == (":" in address))
            done("ip", "route", "add", address, "via", gate.split("/")[0])

    def command(self, *words):
        return ["ip", "netns", "exec", self.name, *words]

    def run(self, *words, **more):
        return run(*self.command(*words), **more)

    def done(self, *words):
        return done(*self.command(*words))

    def curl(self, *words):
        return self.run("curl", "-sS", "--max-time", "10", *words)

    @contextlib.contextmanager
    def entered(self):
        """This thread in its network: sockets that are made now stay there."""
        home, there = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        enter(there)
        try:
            yield
        finally:
            enter(home)
            os.close(home)
            os.close(there)

    def serves(self, make):
        """What make() opens there, until this is closed."""
        with self.entered():
            self._servers.append(make())
        return self._servers[-1]

    def origin(self, serve, port, address, **options):
        return self.serves(lambda: Origin(serve, port, address=address, **options))

    def close(self):
        for each in self._servers:
            each.close()
        run("ip", "link", "delete", f"to-{self.name}")
        run("ip", "netns", "delete", self.name)


@contextlib.contextmanager
def neighbours(*made):
    """Each is (name, ours, theirs, beside…)."""
    there = []
    try:
        for words in made:
            there.append(Neighbour(*words))
        yield there
    finally:
        for each in there:
            each.close()


@contextlib.contextmanager
def forwarding():
    """This computer passes on what others send through it."""
    names = ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
    was = [done("sysctl", "-n", name).strip() for name in names]
    try:
        done("sysctl", "-qw", *(f"{name}=1" for name in names))
        yield
    finally:
        done("sysctl", "-qw", *(f"{name}={value}" for name, value in zip(names, was)))
