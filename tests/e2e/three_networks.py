"""A phone, a box and Meta, each in a network of its own: the phone's way out leads through the box. Needs root."""
import contextlib
import os
import subprocess

from conftest import CLONE_NEWNET, libc, run
from origin import Origin

PHONE, PHONE6, BOX, BOX6 = "10.9.1.2", "fd09:1::2", "10.9.1.1", "fd09:1::1"
META, META6 = "157.240.7.35", "2a03:2880:f10c::25de"  # public addresses, here and nowhere else


class Network:
    """Another network namespace, kept by a process that only waits."""

    def __init__(self):
        self._held = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        own = os.stat("/proc/self/ns/net").st_ino
        while os.stat(f"/proc/{self._held.pid}/ns/net").st_ino == own:
            assert self._held.poll() is None, "no network namespace can be made here"
        self.pid = self._held.pid

    def command(self, *words):
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", *words]

    def run(self, *words):
        run(*self.command(*words))

    @contextlib.contextmanager
    def entered(self):
        """This thread in it: sockets that are made now stay there."""
        home, there = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        libc("setns", there, CLONE_NEWNET)
        try:
            yield
        finally:
            libc("setns", home, CLONE_NEWNET)
            os.close(home)
            os.close(there)

    def close(self):
        self._held.kill()
        self._held.wait()


class Networks:
    def __init__(self):
        self.phone, self.meta = Network(), Network()
        self._origins = []
        run("ip", "link", "set", "lo", "up")
        for other, name, (own4, own6, far4, far6) in ((self.phone, "phone", (BOX, BOX6, PHONE, PHONE6)),
                                                      (self.meta, "meta", ("10.9.2.1", "fd09:2::1", "10.9.2.2", "fd09:2::2"))):
            run("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "to-box", "netns", str(other.pid))
            run("ip", "link", "set", f"to-{name}", "up")
            other.run("ip", "link", "set", "lo", "up")
            other.run("ip", "link", "set", "to-box", "up")
            run("ip", "address", "add", f"{own4}/24", "dev", f"to-{name}")
            run("ip", "address", "add", f"{own6}/64", "dev", f"to-{name}", "nodad")
            other.run("ip", "address", "add", f"{far4}/24", "dev", "to-box")
            other.run("ip", "address", "add", f"{far6}/64", "dev", "to-box", "nodad")
            other.run("ip", "route", "add", "default", "via", own4)
            other.run("ip", "-6", "route", "add", "default", "via", own6)
        self.meta.run("ip", "address", "add", f"{META}/32", "dev", "lo")
        self.meta.run("ip", "address", "add", f"{META6}/128", "dev", "lo", "nodad")
        run("ip", "route", "add", f"{META}/32", "via", "10.9.2.2")
        run("ip", "-6", "route", "add", f"{META6}/128", "via", "fd09:2::2")
        for setting in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            with open(f"/proc/sys/net/{setting}", "w") as file:
                file.write("1")

    def origin(self, serve, port, address=META, **options):
        with self.meta.entered():
            self._origins.append(Origin(serve, port, address=address, **options))
        return self._origins[-1]

    def curl(self, *words):
        """As the phone, which knows Meta's addresses from elsewhere."""
        return subprocess.run(self.phone.command("curl", "-sS", "--max-time", "10", *words), capture_output=True, text=True, errors="replace", timeout=30)

    def close(self):
        for each in self._origins:
            each.close()
        self.phone.close()
        self.meta.close()


@contextlib.contextmanager
def three_networks():
    """The box is this thread's network (and what the thread starts)."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    libc("unshare", CLONE_NEWNET)
    networks = None
    try:
        networks = Networks()
        yield networks
    finally:
        if networks:
            networks.close()
        libc("setns", home, CLONE_NEWNET)
        os.close(home)
