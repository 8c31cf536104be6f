"""A Raspberry Pi's first boot and what follows it, in this order, under a real systemd: set up, chosen on the page, undone.
On the Pi's cable hang a router, which speaks IPv6, and a phone, both in one other network. Runs as root in a container that
packaging/test-package boots; nothing is installed at the beginning, nor at the end."""
import json
import re
import shutil
import socket
import ssl
import struct
from pathlib import Path

import pytest

import readme
from conditions import eventually
from http1 import Closed, Stream, read_response
from installed import PACKAGES, SETTINGS, STATE, active, done, files, journal, main_pid, run, version
from network import Namespace, ip

PI, ROUTER, PASSWORD = "192.168.77.2", "192.168.77.1", "correct horse battery"
FIRMWARE, UNIT = Path("/boot/firmware"), Path("/etc/systemd/system/paravent-first-boot.service")
SOURCE = Path("/srv/paravent/packaging/pi")
SYSCTL = Path("/etc/sysctl.d/60-paravent.conf")
# Of what a Pi has and this root has not: a network's time, and Debian's servers.
CLOCK, IN_TIME = Path("/usr/local/bin/timedatectl"), Path("/run/in-time")
NO_SERVERS = Path("/etc/apt/apt.conf.d/99-no-servers")
# systemd-sysusers keeps a copy of the user files that it changes.
OF_THE_USER = {"/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/.pwd.lock"}


def card(name, peer, there):
    ip("link", "add", name, "type", "veth", "peer", "name", peer, *(["netns", there.path] if there else []))
    ip("link", "set", name, "up")


class Home:
    """The cable, and who is at its other end."""

    def __init__(self):
        self.far = Namespace()
        card("lan0", "eth0", self.far)
        ip("address", "add", f"{PI}/24", "dev", "lan0")
        card("other0", "other1", None)
        set_value("ipv6/conf/other0/accept_ra", 0)  # as a program does that listens to the router itself
        with self.far:
            ip("address", "add", f"{ROUTER}/24", "dev", "eth0")
            ip("link", "set", "eth0", "up")
        ip("route", "add", "default", "via", ROUTER)

    def advertise(self):
        """The router says to all that it is one (RFC 4861, section 4.2), for half an hour."""
        with self.far, socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as sock:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
            try:
                sock.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0), ("ff02::1", 0, 0, socket.if_nametoindex("eth0")))
            except OSError:
                pass  # its own address is not there yet

    def connect(self, port):
        """The phone's."""
        with self.far:
            return socket.create_connection((PI, port), 10)

    def ask(self, method, path, body=None, *fields):
        text = json.dumps(body or {}).encode() if method != "GET" else b""
        head = [f"{method} /api/v1{path} HTTP/1.1", f"Host: {PI}:8481", f"Origin: https://{PI}:8481", "Connection: close",
                "Content-Type: application/json", f"Content-Length: {len(text)}", *fields]
        # From the network it speaks https alone, by a certificate of the home's own authority.
        with ssl._create_unverified_context().wrap_socket(self.connect(8481), server_hostname="paravent.local") as sock:
            sock.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + text)
            return read_response(Stream(sock), method)

    def owner(self, method, path, body=None):
        """As the owner, who logs in for it: (status, what was answered)."""
        answer = self.ask("POST", "/session", {"password": PASSWORD})
        assert answer.status == 200, answer.body
        cookie = answer.get("Set-Cookie").split(";")[0]
        answer = self.ask(method, path, body, f"Cookie: {cookie}")
        return answer.status, json.loads(answer.body)

    def place(self):
        try:
            return self.owner("GET", "/place")[1]
        except (OSError, Closed):
            return {"done": None}  # it is being started anew

    def choose(self, mode, **more):
        """On the page; what came of it: the mode, and a sentence."""
        status, said = self.owner("PUT", "/place", {"mode": mode, **more})
        assert status == 200 and said["done"] is None, said
        came = eventually(lambda: self.place()["done"], f"mode {mode}", 60)
        eventually(lambda: active("paravent-place.service") in ("inactive", "failed"), "its end", 20)
        return came

    def becomes(self, mode):
        came = self.choose(mode)
        assert came["mode"] == mode, (came, place_journal())
        return came["said"]

    def close(self):
        for name in ("lan0", "other0", "late0"):
            run("ip", "link", "delete", name)
        self.far.close()


@pytest.fixture(scope="module")
def was():
    """Names, and what the kernel does with them."""
    return names()


@pytest.fixture(scope="module")
def home(before, was):
    made = Home()
    yield made
    made.close()


def names():
    return Path("/etc/hostname").read_text(), Path("/etc/hosts").read_text(), done("hostname")


def place_journal():
    return run("journalctl", "-u", "paravent-place.service", "-u", "paravent-gateway.service", "-n", "60", "--no-pager", "-o", "cat").stdout


def said_at_boot():
    return run("journalctl", "-u", "paravent-first-boot.service", "--no-pager", "-o", "cat").stdout


def value(name):
    return int(Path("/proc/sys/net", name).read_text())


def set_value(name, number):
    Path("/proc/sys/net", name).write_text(f"{number}\n")


def forwards():
    return value("ipv4/ip_forward"), value("ipv6/conf/all/forwarding")


def heard():
    """The way out that the router's advertisement made."""
    return [line for line in done("ip", "-6", "route", "show", "default", "dev", "lan0").splitlines() if "proto ra" in line]


def hears(home):
    home.advertise()
    return heard()


def rules():
    return run("nft", "list", "table", "inet", "paravent").returncode == 0


def units():
    return {name: active(f"paravent-{name}") for name in ("steered.socket", "redirected.socket", "gateway.service", "place.path")}


def only(*names):
    return {name: "active" if name in names else "inactive" for name in units()}


def ending():
    return done("systemctl", "show", "paravent-first-boot.service", "--property=Result,ActiveState,SubState")


def test_at_the_first_boot_it_waits_for_the_time_and_then_sets_itself_up(before, was, home):
    assert not any("paravent" in path for path in before)
    folder = FIRMWARE / "paravent"
    folder.mkdir(parents=True)
    shutil.copy(SOURCE / "first-boot", folder)
    shutil.copy(SOURCE / "paravent.txt", folder)
    name = done("dpkg-deb", "--show", "--showformat=paravent_${Version}_${Architecture}.deb", PACKAGES / "here.deb")
    shutil.copy(PACKAGES / "here.deb", folder / name)
    shutil.copy(SOURCE / UNIT.name, UNIT)
    NO_SERVERS.write_text('Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\n')
    CLOCK.write_text(f"#!/bin/sh\n[ -e {IN_TIME} ] && echo yes || echo no\n")
    CLOCK.chmod(0o755)

    done("systemctl", "daemon-reload")
    done("systemctl", "enable", UNIT.name)
    done("systemctl", "start", "--no-block", UNIT.name)
    eventually(lambda: "waiting for the network's time" in said_at_boot(), "the wait", 30)
    assert not version().endswith(" installed"), "installed before the clock was right"
    IN_TIME.touch()
    eventually(lambda: active(UNIT.name) != "activating", "its end", 120)
    assert "Result=success" in ending(), said_at_boot()
    assert run("systemctl", "is-enabled", UNIT.name).stdout.strip() == "enabled"  # each start has another code to show
    said = said_at_boot()
    assert f"installed: {name}" in said and "mode proxy; the page is http://paravent.local:8481/setup" in said
    assert active() == active("avahi-daemon.service") == "active" and units() == only("place.path"), journal()
    assert done("hostname") == "paravent\n" and "127.0.1.1\tparavent" in Path("/etc/hosts").read_text().splitlines()
    assert forwards() == (0, 0)
    home.connect(8480).close()


def test_the_readmes_command_finds_all_as_it_should_be_and_tells_the_code(home):
    CLOCK.unlink()  # here no clock is ever right: it waits no longer than a minute
    pid = main_pid()
    said = done("sh", "-c", readme.block("A Raspberry Pi", "sudo sh"))
    assert "everything is as it should be" in said and main_pid() == pid
    code = re.search(r"the code for the first visit is (\S+)", said)[1]
    assert code == done("paravent", "password", "--code").strip()
    assert f"the code for the first visit is {code}" in said_at_boot()


def test_by_that_code_the_owner_comes_in_from_a_phone(home):
    code = done("paravent", "password", "--code").strip()
    assert home.ask("PUT", "/password", {"new": PASSWORD, "code": "00000000"}).status == 403
    assert home.ask("PUT", "/password", {"new": PASSWORD, "code": code}).status == 204
    status, chosen = home.owner("GET", "/place")
    assert status == 200 and (chosen["mode"], chosen["done"]["mode"]) == ("proxy", "proxy")


def test_from_then_on_it_does_not_run_at_each_boot(home):
    CLOCK.write_text("#!/bin/sh\necho yes\n")
    CLOCK.chmod(0o755)
    done("systemctl", "start", UNIT.name)
    CLOCK.unlink()
    assert run("systemctl", "is-enabled", UNIT.name).stdout.strip() == "disabled"


def test_dns_chosen_on_the_page_takes_ports_80_and_443_and_asks_the_router(home):
    pid = main_pid()
    assert ROUTER in home.becomes("dns")
    assert units() == only("steered.socket", "place.path")
    assert main_pid() != pid and f'servers = ["{ROUTER}"]' in SETTINGS.read_text()
    for port in (80, 443):
        home.connect(port).close()


def test_a_gateway_whose_rules_are_not_in_force_is_said_on_the_page(home):
    nft = Path("/usr/sbin/nft")
    nft.rename(nft.with_name("nft.away"))
    try:
        came = home.choose("gateway")
    finally:
        nft.with_name("nft.away").rename(nft)
    assert came["mode"] is None and "the rules are not in force" in came["said"], came
    assert "nft is not installed" in place_journal()
    assert "gateway" in home.becomes("gateway") and rules()
    home.becomes("dns")


def test_gateway_chosen_on_the_page_forwards_with_rules_and_still_hears_the_router(home):
    way = eventually(lambda: hears(home), "the router heard", 20)
    home.becomes("gateway")
    assert units() == only("redirected.socket", "gateway.service", "place.path"), place_journal()
    eventually(rules, "the rules", 10)
    assert forwards() == (1, 1) and value("ipv4/conf/lan0/send_redirects") == 0
    assert heard() and heard()[0].split()[:5] == way[0].split()[:5], "the way that was there is forgotten"
    done("ip", "-6", "route", "delete", *heard()[0].split()[:3], "dev", "lan0")
    eventually(lambda: hears(home), "the router heard by a computer that forwards", 10)
    assert (value("ipv6/conf/lan0/accept_ra"), value("ipv6/conf/other0/accept_ra")) == (2, 0)
    card("late0", "late1", None)
    assert value("ipv6/conf/late0/accept_ra") == 2
    home.connect(8443).close()


def test_what_it_wrote_does_so_at_every_boot(home):
    set_value("ipv4/ip_forward", 0)
    set_value("ipv6/conf/all/forwarding", 0)
    set_value("ipv6/conf/lan0/accept_ra", 1)
    done("/usr/lib/systemd/systemd-sysctl", SYSCTL)
    assert forwards() == (1, 1) and value("ipv6/conf/lan0/accept_ra") == 2
    set_value("ipv6/conf/other0/accept_ra", 0)


def test_back_in_mode_proxy_nothing_of_it_is_in_force(home):
    home.becomes("proxy")
    assert units() == only("place.path") and not rules() and not SYSCTL.exists()
    assert forwards() == (0, 0) and value("ipv4/conf/lan0/send_redirects") == 1
    assert [value(f"ipv6/conf/{name}/accept_ra") for name in ("default", "lan0", "late0", "other0")] == [1, 1, 1, 0]
    for port in (80, 443, 8443):
        with pytest.raises(ConnectionRefusedError):
            home.connect(port)


def test_purged_as_the_readme_has_it_all_is_as_before(home, before, was):
    set_value("ipv4/ip_forward", 1)  # something else's wish
    home.becomes("gateway")
    assert forwards() == (1, 1)
    undo = readme.block("A Raspberry Pi", "sudo apt purge").strip()
    done("sh", "-c", f"{undo} -y")
    assert not rules() and active() != "active"
    assert forwards() == (1, 0) and value("ipv6/conf/lan0/accept_ra") == 1
    set_value("ipv4/ip_forward", 0)
    assert names() == was
    shutil.rmtree(FIRMWARE)
    UNIT.unlink()
    NO_SERVERS.unlink()
    IN_TIME.unlink()
    done("systemctl", "daemon-reload")
    assert not STATE.exists()
    assert files() - before - OF_THE_USER == set() and before - files() == set()
