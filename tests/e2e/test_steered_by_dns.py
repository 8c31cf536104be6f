"""From the home's own name server to Meta: a phone that knows nothing of a proxy asks a real name server, which has the records
that `paravent dns-records` printed, and so comes to the box, which judges it and asks another name server for the real address."""
import contextlib
import json
import subprocess
import tomllib

import pytest

from conditions import eventually
from disk import OwnMounts
from name_servers import Server
from network import BOX, BOX6, UPLINK, UPLINK6, WORLD, Network, ip
from origin import mirror
from program import PROGRAM
from test_home_dhcp import needs_mounts

META, META6 = "157.240.7.35", "2a03:2880:f10c::25de"
ALLOWED, STOPPED, ELSEWHERE = "www.facebook.com", "connect.facebook.net", "scontent.facebook.com"
CLOSED = (35, 56)  # what curl says of a connection that ends in its handshake

pytestmark = [pytest.mark.root, needs_mounts]


class Home:
    """The network with a name server beside Paravent on the box, as with a Pi-hole, and Meta in the world."""

    def __init__(self, network, dialect, folder, world):
        self.network, self.folder = network, folder
        for name in (ALLOWED, STOPPED, ELSEWHERE):
            network.names[name] = [META, META6]
        with network.world:
            ip("address", "add", f"{META}/32", "dev", "lo")
            ip("address", "add", f"{META6}/128", "dev", "lo", "nodad")
        self.root = world.root.file
        tls = world.good(ALLOWED, STOPPED).context()
        self.meta = {address: (network.origin(mirror, 443, address, tls=tls), network.origin(mirror, 80, address))
                     for address in (META, META6)}
        printed = subprocess.run([PROGRAM, "dns-records", "--for", dialect, "--address", BOX, "--address", BOX6, "--config",
                                  self.file("paravent.toml", ""), "--state", folder / "state"], capture_output=True, text=True, timeout=60)
        assert printed.returncode == 0, printed.stderr
        self.dns = Server("unbound" if dialect == "unbound" else "dnsmasq", folder, printed.stdout, address=BOX, above=WORLD)
        # What its first lines say of the settings, which is taken as it stands but for the other name server's address.
        lines = printed.stdout.split("In paravent.toml:\n")[1].split("\n\n")[0].splitlines()
        self.settings = tomllib.loads("\n".join(line.lstrip("# ") for line in lines))
        assert set(self.settings) == {"resolver", "proxy"} and len(self.settings["proxy"]["steered"]) == 4

    def file(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def start(self, server=WORLD):
        return self.network.start({**self.settings, "resolver": {"servers": [server]}})

    def phone(self, *words):
        """A program on the phone, which has the home's name server from its DHCP lease."""
        lease = self.file("resolv.conf", f"nameserver {BOX}\n")
        with OwnMounts():
            subprocess.run(["mount", "--bind", lease, "/etc/resolv.conf"], check=True, capture_output=True)
            with self.network.phone:
                return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)

    def curl(self, url, *words):
        """(exit status, status, where it went, Paravent's rule, what it was shown)"""
        written = "\n%{http_code} %{remote_ip} %header{paravent-rule}"
        done = self.phone("curl", "-sS", "--max-time", "20", "--cacert", self.root, "--write-out", written, *words, url)
        body, _, written = done.stdout.rpartition("\n")
        return (done.returncode, *written.split(" "), body)

    def came(self):
        """Who came to Meta, and every byte of it."""
        origins = [origin for both in self.meta.values() for origin in both]
        return {connection.peer[0] for origin in origins for connection in origin.connections}, b"".join(origin.received for origin in origins)


@pytest.fixture(params=["dnsmasq", "pihole", "unbound"])
def steered(request, netns, start, tmp_path, world):
    with contextlib.closing(Network(start)) as network, network.box:
        home = Home(network, request.param, tmp_path, world)
        with contextlib.closing(home.dns):
            yield home


def test_a_phone_that_asks_the_homes_name_server_comes_to_the_box_and_is_judged(steered):
    steered.start()
    said = steered.phone("/usr/bin/python3", "-c", "import socket, sys\nfor each in socket.getaddrinfo(sys.argv[1], 443, type=socket.SOCK_STREAM):"
                         " print(each[4][0])", ALLOWED)
    assert set(said.stdout.split()) == {BOX, BOX6}, said
    for family, box in (("-4", BOX), ("-6", BOX6)):
        for scheme in ("https", "http"):
            path = f"/by-{scheme}{family}"
            status, code, where, rule, body = steered.curl(f"{scheme}://{ALLOWED}{path}", family)
            assert (status, code, where, rule, json.loads(body)["target"]) == (0, "200", box, "", path)
            assert path.encode() in steered.came()[1]
        assert steered.curl(f"https://{STOPPED}/en_US/fbevents.js", family)[0] in CLOSED
        status, _, where, rule, _ = steered.curl(f"http://{STOPPED}/en_US/fbevents.js", family)
        assert (status, where) == (0, box) and rule.startswith("meta/"), rule
    who, said = steered.came()
    assert who <= {UPLINK, UPLINK6} and b"fbevents" not in said, "the box alone came to Meta, and with what is allowed alone"
    assert "dns-loop" not in steered.network.problems()
    assert {(event["destination"], event["verdict"]) for event in steered.network.paravent.events()} >= {(STOPPED, "block"), (ALLOWED, "allow")}
    # A name below is left to itself, so the phone has its real address, to which nothing leads in this home.
    said = steered.phone("getent", "ahosts", ELSEWHERE)
    assert META in said.stdout and BOX not in said.stdout, said


def test_H10_paravent_asks_the_very_name_server_that_leads_here(steered):
    """It finds itself, closes what came, goes round nowhere, and says what to change; with another name server all is well."""
    paravent = steered.start(server=BOX)
    assert steered.curl(f"https://{ALLOWED}/", "-4")[0] in CLOSED
    text = eventually(lambda: steered.network.problems().get("dns-loop"), "the loop in status", 10)
    assert "[resolver] servers" in text
    status, code, where, rule, _ = steered.curl(f"http://{ALLOWED}/", "-4")
    assert (status, code, where, rule) == (0, "403", BOX, ""), code
    assert not steered.came()[0] and paravent.api("/status")[1]["connections"]["total"] < 10
    paravent.reload({**paravent.settings, "resolver": {"servers": [WORLD]}})
    eventually(lambda: steered.curl(f"https://{ALLOWED}/", "-4")[:2] == (0, "200"), "the phone reaches Meta", 20)
    assert "dns-loop" not in steered.network.problems()
