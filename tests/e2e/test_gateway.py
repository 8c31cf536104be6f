"""`paravent gateway`: a phone's traffic to Meta is led to the box's Paravent, and to Meta itself as soon as that is gone."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from conditions import eventually, seconds_until
from conftest import run
from inside import BANK, CONNECT, FACEBOOK
from nameserver import NameServer, says
from origin import mirror
from program import PROGRAM
from three_networks import BOX, META, META6, PHONE, three_networks

pytestmark = pytest.mark.root
PORT = 9443
ELSEWHERE = "198.51.100.80"  # not one of Meta's networks


def nft(*words):
    done = subprocess.run(["nft", *words], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


@pytest.fixture
def networks():
    if not shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin"):
        pytest.skip("nftables is not installed")
    with three_networks() as made:
        if nft("list", "ruleset") is None:
            pytest.skip("this kernel has no nftables")
        made.meta.run("ip", "address", "add", f"{ELSEWHERE}/32", "dev", "lo")
        run("ip", "route", "add", f"{ELSEWHERE}/32", "via", "10.9.2.2")
        yield made


SETTINGS = {"proxy": {"redirected": [f"0.0.0.0:{PORT}", f"[::]:{PORT}"], "clients": ["home"], "private_destinations": []}}


class On:
    """A running `paravent gateway on`."""

    def __init__(self, paravent, *words):
        self.process = subprocess.Popen([PROGRAM, "gateway", "on", *words, "--config", paravent.config, "--state", paravent.state],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)
        self.lines, self.errors = [], []
        for pipe, lines in ((self.process.stdout, self.lines), (self.process.stderr, self.errors)):
            threading.Thread(target=lambda p=pipe, l=lines: l.extend(iter(p.readline, "")), daemon=True).start()
        eventually(lambda: self.said("in force") or self.process.poll() is not None, "the rules", 20)
        assert self.process.poll() is None, self.errors

    def said(self, pattern):
        return any(re.search(pattern, line) for line in self.lines)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(15)


@pytest.fixture
def on():
    started = []

    def make(*words):
        started.append(On(*words))
        return started[-1]

    yield make
    for each in started:
        each.end(signal.SIGKILL)
        nft("delete", "table", "inet", "paravent")


@pytest.fixture
def box(networks, start):
    return start(SETTINGS)


@pytest.fixture
def far(networks, world):
    """Meta, and somebody else with a name of Meta's."""
    return {(address, port): networks.origin(mirror, port, address,
                                             tls=world.good(FACEBOOK, BANK, CONNECT).context() if port == 443 else None)
            for address in (META, META6, ELSEWHERE) for port in (443, 80)}


def asked(networks, host=FACEBOOK, address=META, path="/there"):
    target = f"[{address}]" if ":" in address else address
    return networks.curl("-k", "--resolve", f"{host}:443:{target}", f"https://{host}{path}")


def seen(box, host=FACEBOOK):
    """How many tunnels to that host the box has had from anybody."""
    return sum(event["destination"] == host for event in box.events())


def reaches(networks, **where):
    done = asked(networks, **where)
    return done.returncode == 0 and json.loads(done.stdout)["target"] == "/there"


def test_meta_is_led_to_paravent_and_reached_by_it(networks, box, far, on):
    assert reaches(networks) and seen(box) == 0
    on(box)
    for number, address in enumerate((META, META6), 1):
        assert reaches(networks, address=address)
        eventually(lambda: seen(box) == number, "the event")
        own = "10.9.2.1" if address == META else "fd09:2::1"
        assert far[address, 443].connections[-1].peer[0] == own, "it was the box that came"
    assert asked(networks, host=CONNECT).returncode != 0, "what rules stop is stopped"
    plain = networks.curl("--resolve", f"{FACEBOOK}:80:{META}", f"http://{FACEBOOK}/there")
    assert json.loads(plain.stdout)["target"] == "/there" and far[META, 80].connections[-1].peer[0] == "10.9.2.1"


def test_everything_else_goes_its_own_way(networks, box, far, on):
    on(box)
    assert reaches(networks, host=BANK, address=ELSEWHERE)
    assert far[ELSEWHERE, 443].connections[-1].peer[0] == PHONE
    inner = networks.origin(mirror, 443, "10.9.2.2", tls=None)
    with networks.phone.entered():
        socket.create_connection(("10.9.2.2", 443), 5).close()  # a network at home
    assert inner.connection().peer[0] == PHONE
    other = networks.origin(mirror, 5222, META)
    with networks.phone.entered():
        socket.create_connection((META, 5222), 5).close()  # another port of Meta's
    assert other.connection().peer[0] == PHONE


def quic(networks, address):
    """What comes of a datagram to port 443: "refused", or the reply."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with networks.phone.entered(), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(3)
        sock.connect((address, 443))
        try:
            sock.send(b"initial")
            return sock.recv(100)
        except ConnectionRefusedError:
            return "refused"


@pytest.fixture
def echo(networks):
    def serve(sock):
        with contextlib.suppress(OSError):
            while True:
                data, peer = sock.recvfrom(100)
                sock.sendto(data, peer)

    with contextlib.ExitStack() as stack:
        for address in (META, META6, ELSEWHERE):
            with networks.meta.entered():
                sock = stack.enter_context(socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM))
            sock.bind((address, 443))
            threading.Thread(target=serve, args=(sock,), daemon=True).start()
        yield


def test_quic_of_the_same_flows_is_refused_at_once(networks, box, echo, on):
    assert quic(networks, META) == quic(networks, META6) == b"initial"
    keeper = on(box)
    assert quic(networks, META) == quic(networks, META6) == "refused"
    assert quic(networks, ELSEWHERE) == b"initial"
    keeper.end()
    assert quic(networks, META) == quic(networks, META6) == b"initial"


def test_the_box_itself_is_never_redirected(networks, box, far, on):
    on(box)
    done = subprocess.run(["curl", "-sSk", "--max-time", "5", "--resolve", f"{FACEBOOK}:443:{META}", f"https://{FACEBOOK}/there"],
                          capture_output=True, text=True)
    assert json.loads(done.stdout)["target"] == "/there" and seen(box) == 0
    for _ in range(5):
        assert reaches(networks)
    assert len(far[META, 443].connections) == 6, "each once"


FIREWALL = """table inet theirs {
chain input { type filter hook input priority filter; policy %s;
    ct state established,related accept
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport { 22, 8480, 8481 } accept
    %s
}
}
"""


@pytest.mark.parametrize("policy, last", [("drop", ""), ("accept", "reject")])
def test_a_firewall_that_knows_nothing_of_its_port_leaves_the_home_its_internet(networks, box, far, on, policy, last):
    subprocess.run(["nft", "-f", "-"], input=FIREWALL % (policy, last), text=True, check=True)
    try:
        keeper = on(box)
        for address, kind in ((META, "IPv4"), (META6, "IPv6")):
            eventually(lambda: reaches(networks, address=address), "Meta, round Paravent", 30)
            assert far[address, 443].connections[-1].peer[0] not in ("10.9.2.1", "fd09:2::1"), "it was the phone that came"
            eventually(lambda: keeper.said(f"another firewall .* {kind} goes its own way.*Let TCP port {PORT} in"), keeper.lines)
            assert reaches(networks, address=address)
        assert_both_are_said_to_be_dropped(box)
    finally:
        nft("delete", "table", "inet", "theirs")


def assert_both_are_said_to_be_dropped(box):
    cause = f"what was led to 0.0.0.0:{PORT} and [::]:{PORT} did not come there when it was last tried: another firewall on this computer drops it"
    doctor = box.cli("doctor").stdout
    assert cause in doctor and "ufw allow" in doctor, doctor
    shown = box.cli("gateway", "show").stdout.splitlines()[0]
    assert f"without effect, as {cause}" in shown and "ufw allow" in shown, shown


def test_a_firewall_that_comes_later_is_named_too(networks, box, far, on):
    keeper = on(box)
    for address in (META, META6):
        assert reaches(networks, address=address)
    assert ", and in force:" in box.cli("gateway", "show").stdout.splitlines()[0]
    subprocess.run(["nft", "-f", "-"], input=FIREWALL % ("drop", ""), text=True, check=True)
    try:
        for address, kind in ((META, "IPv4"), (META6, "IPv6")):
            eventually(lambda: reaches(networks, address=address) and keeper.said(f"another firewall .* {kind} goes"), "Meta, round Paravent", 30)
        assert_both_are_said_to_be_dropped(box)
    finally:
        nft("delete", "table", "inet", "theirs")


def test_of_two_families_the_one_that_is_dropped_is_named(networks, box, far, on):
    keeper = on(box)
    subprocess.run(["nft", "-f", "-"], text=True, check=True, input=f"""table inet theirs {{
        chain input {{
        type filter hook input priority filter; policy accept
        meta nfproto ipv6 iifname "to-phone" tcp dport {PORT} drop
        }}
        }}""")
    try:
        eventually(lambda: reaches(networks, address=META6) and keeper.said("IPv6 goes its own way"), "Meta, round Paravent", 30)
        assert reaches(networks)
        shown = box.cli("gateway", "show").stdout.splitlines()[0]
        assert f"in force, but what was led to [::]:{PORT} did not come there" in shown, shown
        assert f"what was led to [::]:{PORT} did not" in box.cli("doctor").stdout
    finally:
        nft("delete", "table", "inet", "theirs")


def test_where_paravent_does_not_answer_show_says_where(networks, box, on):
    keeper = on(box)
    box.stop()
    eventually(lambda: keeper.said("IPv6 goes its own way"), "its word")
    cause = f"Paravent does not answer on 0.0.0.0:{PORT} and [::]:{PORT}"
    assert f"without effect, as {cause}" in box.cli("gateway", "show").stdout.splitlines()[0]
    assert cause in box.cli("doctor").stdout
    box.start()
    eventually(lambda: keeper.said("IPv6 is led there"), "it is led again")
    assert ", and in force:" in box.cli("gateway", "show").stdout.splitlines()[0]


def test_off_and_every_ending_leave_no_trace(networks, box, on):
    before = nft("list", "ruleset")
    for ending in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        keeper = on(box)
        assert "table inet paravent" in nft("list", "ruleset")
        assert keeper.end(ending) == 0 and nft("list", "ruleset") == before
    keeper = on(box)
    done = box.cli("gateway", "off")
    assert done.returncode == 0 and "taken back" in done.stdout
    assert keeper.process.wait(5) == 0 and nft("list", "ruleset") == before
    done = box.cli("gateway", "off")
    assert done.returncode == 0 and "no rules" in done.stdout


def test_rules_without_their_keeper_are_swept_away(networks, box, on):
    on(box).end(signal.SIGKILL)
    assert nft("list", "table", "inet", "paravent")
    for words in (["gateway", "show"], ["doctor"]):
        assert "without effect in 15 seconds" in box.cli(*words).stdout, words
    eventually(lambda: "elements" not in nft("list", "set", "inet", "paravent", "open"), "they have gone by", 17)
    for words in (["gateway", "show"], ["doctor"]):
        said = box.cli(*words).stdout
        assert "without effect" in said and "without effect in" not in said, words
    assert box.cli("gateway", "off").returncode == 0
    assert nft("list", "ruleset") == ""
    on(box)  # and nothing of it stands in the way of the next


def in_a_group_of_its_own(box, *before):
    """`gateway on` as a shell starts it: Ctrl-C reaches it and what it has started."""
    keeper = subprocess.Popen([*before, PROGRAM, "gateway", "on", "--config", box.config, "--state", box.state], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, start_new_session=True)
    while "in force as long" not in keeper.stdout.readline():
        assert keeper.poll() is None, keeper.stderr.read()
    return keeper


def test_a_second_ctrl_c_does_not_leave_the_rules_there(networks, box):
    for milliseconds in (1, 2, 3, 4, 6, 8) * 2:
        keeper = in_a_group_of_its_own(box)
        os.killpg(keeper.pid, signal.SIGINT)
        time.sleep(milliseconds / 1000)
        os.killpg(keeper.pid, signal.SIGINT)
        said = keeper.communicate(timeout=15)
        assert keeper.returncode == 0 and "taken back" in said[0], said
        assert nft("list", "ruleset") == "", f"{milliseconds} ms"


NFT_THAT = """#!/bin/sh
if [ -e "{folder}/{word}" ]; then {instead}; fi
exec "{folder}/nft" "$@"
"""


@pytest.fixture
def another_nft(tmp_path):
    """In place of nft, one that does something else as long as a file is there; and how a command is given it."""
    shutil.copy(shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin"), tmp_path / "nft")
    (tmp_path / "program").write_text(NFT_THAT.format(folder=tmp_path, word="refuses", instead=f'touch {tmp_path}/refused; echo "Error: Device or resource busy"; exit 1'))
    (tmp_path / "program").chmod(0o755)
    return ["unshare", "--mount", "sh", "-c", f'mount --bind {tmp_path}/program /usr/sbin/nft && exec "$@"', "sh"]


def test_rules_that_cannot_be_taken_back_are_not_said_to_be(networks, box, another_nft, tmp_path):
    keeper = in_a_group_of_its_own(box, *another_nft)
    (tmp_path / "refuses").touch()
    keeper.send_signal(signal.SIGINT)
    out, error = keeper.communicate(timeout=15)
    assert keeper.returncode == 1 and "taken back" not in out, out
    assert "still loaded" in error and "resource busy" in error and "`paravent gateway off`" in error and "15 seconds" in error
    assert nft("list", "table", "inet", "paravent")
    (tmp_path / "refuses").unlink()
    assert "taken back" in box.cli("gateway", "off").stdout and nft("list", "ruleset") == ""


def test_an_nft_that_refuses_once_is_asked_again(networks, box, another_nft, tmp_path):
    keeper = in_a_group_of_its_own(box, *another_nft)
    (tmp_path / "refuses").touch()
    keeper.send_signal(signal.SIGINT)
    eventually(lambda: (tmp_path / "refused").exists(), "a refusal")
    (tmp_path / "refuses").unlink()
    out, _ = keeper.communicate(timeout=15)
    assert keeper.returncode == 0 and "taken back" in out and nft("list", "ruleset") == ""


def test_without_nft_it_is_not_said_that_there_are_no_rules(networks, box, on):
    on(box).end(signal.SIGKILL)
    hidden = ["unshare", "--mount", "sh", "-c", 'for file in /usr/sbin/nft /sbin/nft; do [ ! -e $file ] || mount --bind /dev/null $file; done; exec "$@"', "sh"]
    done = subprocess.run([*hidden, PROGRAM, "gateway", "off"], capture_output=True, text=True)
    assert done.returncode == 1 and "nft is not installed" in done.stderr and "apt-get install nftables" in done.stderr, done
    shown = subprocess.run([*hidden, PROGRAM, "gateway", "show", "--config", box.config, "--state", box.state], capture_output=True, text=True)
    assert shown.stdout.startswith("# nft is not installed"), shown
    assert nft("list", "table", "inet", "paravent")


@pytest.mark.parametrize("address", [META, META6])
def test_the_phone_reaches_meta_when_the_service_is_killed_and_is_led_again_when_it_is_back(networks, box, far, on, address):
    keeper = on(box)
    assert reaches(networks, address=address)
    box.kill()
    assert seconds_until(lambda: reaches(networks, address=address), "Meta", 5) < 3
    assert far[address, 443].connections[-1].peer[0] not in ("10.9.2.1", "fd09:2::1"), "by itself"
    eventually(lambda: keeper.said("goes its own way"), "its word")
    box.start()
    eventually(lambda: reaches(networks, address=address) and far[address, 443].connections[-1].peer[0] in ("10.9.2.1", "fd09:2::1"),
               "it is led again", 5)


PORT_IS_HELD = [("0.0.0.0", socket.AF_INET), ("::", socket.AF_INET6)]


def test_a_port_that_is_held_without_a_service_takes_nothing(networks, box, far, on):
    """systemd keeps the port of a service that fails; nobody accepts there."""
    keeper = on(box)
    assert reaches(networks)
    box.kill()
    with contextlib.ExitStack() as stack:
        for address, family in PORT_IS_HELD:
            stack.enter_context(socket.create_server((address, PORT), family=family, backlog=1))
        for address in (META, META6):
            assert seconds_until(lambda: reaches(networks, address=address), "Meta", 12) < 12
            assert far[address, 443].connections[-1].peer[0] not in ("10.9.2.1", "fd09:2::1"), "by itself"
        keeper.end()
        on(box)
        assert reaches(networks) and far[META, 443].connections[-1].peer[0] == PHONE, "nor after a new start"


def test_a_service_that_hangs_takes_nothing_until_it_goes_on(networks, box, far, on):
    keeper = on(box)
    assert reaches(networks)
    box.signal(signal.SIGSTOP)
    try:
        eventually(lambda: keeper.said("goes its own way"), "its word", 10)
        assert reaches(networks) and far[META, 443].connections[-1].peer[0] == PHONE
    finally:
        box.signal(signal.SIGCONT)
    eventually(lambda: reaches(networks) and far[META, 443].connections[-1].peer[0] == "10.9.2.1", "it is led again", 5)


def connections_so_far(box):
    done = subprocess.run(["curl", "-sS", "-H", f"Authorization: Bearer {(box.state / 'token').read_text().strip()}",
                           f"http://127.0.0.1:{box.dashboard}/metrics"], capture_output=True, text=True, check=True)
    return int(float(re.search(r"^paravent_connections_total (\S+)", done.stdout, re.M)[1]))


def test_to_be_asked_whether_it_lives_counts_nothing(networks, box):
    before = connections_so_far(box)
    for address in ("127.0.0.1", "::1", "10.9.1.1") * 5:
        with socket.create_connection((address, PORT), 5) as sock:
            assert sock.recv(100) == b"Paravent is here.\n" and sock.recv(1) == b""
    assert connections_so_far(box) == before + 1, "which is this question"
    assert not box.events() and box.api("/devices")[1]["items"] == []
    with networks.phone.entered():
        sock = socket.create_connection((BOX, PORT), 5)
    sock.sendall(b"?")
    with contextlib.suppress(ConnectionError), sock:
        assert sock.recv(100) == b"", "a device learns nothing"


GLOBAL = "2a01:4f8:1:1::"


def with_global_addresses(networks, prefix, change="add"):
    nodad = ["nodad"] if change == "add" else []
    run("ip", "address", change, f"{prefix}1/64", "dev", "to-phone", *nodad)
    networks.phone.run("ip", "address", change, f"{prefix}20/64", "dev", "to-box", *nodad)


def test_a_phone_that_speaks_from_its_global_address_is_led_and_served(networks, box, far, on):
    def came():
        done = networks.curl("-k", "--resolve", f"{FACEBOOK}:443:[{META6}]", f"https://{FACEBOOK}/there")
        assert done.returncode == 0, done.stderr
        return far[META6, 443].connections[-1].peer[0]

    with_global_addresses(networks, GLOBAL)
    assert came() == f"{GLOBAL}20", "as its system chooses (RFC 6724)"
    on(box)
    assert came() == "fd09:2::1"
    with_global_addresses(networks, GLOBAL, "del")
    other = "2a01:4f8:2:2::"
    with_global_addresses(networks, other)
    eventually(lambda: came() == "fd09:2::1", "the provider's new prefix is taken", 12)


def test_a_device_that_would_be_turned_away_goes_its_own_way(networks, start, box, far, on):
    """Of a network that is nobody's card's here."""
    elsewhere = "2a01:4f8:3:3::20"
    networks.phone.run("ip", "address", "add", f"{elsewhere}/128", "dev", "to-box", "nodad")
    run("ip", "-6", "route", "add", f"{elsewhere}/128", "via", "fd09:1::2")
    on(box)
    done = networks.curl("-k", "--interface", elsewhere, "--resolve", f"{FACEBOOK}:443:[{META6}]", f"https://{FACEBOOK}/there")
    assert done.returncode == 0 and far[META6, 443].connections[-1].peer[0] == elsewhere
    with networks.phone.entered():
        sock = socket.create_connection((BOX, PORT), 5)  # and by itself as little
    sock.close()


def test_only_ports_that_paravent_serves_are_led_to_it(networks, start, far, on):
    box = start({**SETTINGS, "proxy": {**SETTINGS["proxy"], "ports": [443]}})
    on(box)
    plain = networks.curl("--resolve", f"{FACEBOOK}:80:{META}", f"http://{FACEBOOK}/there")
    assert json.loads(plain.stdout)["target"] == "/there" and far[META, 80].connections[-1].peer[0] == PHONE
    assert reaches(networks) and far[META, 443].connections[-1].peer[0] == "10.9.2.1"


LIAR = """
import socket
door = socket.socket(socket.AF_UNIX)
door.bind("\\0paravent-gateway")
door.listen()
print("bound", flush=True)
while True:
    asker, _ = door.accept()
    asker.recv(1)
    asker.send(b"d")
    asker.close()
"""


def test_a_stranger_cannot_stand_in_the_way_nor_speak_for_the_keeper(networks, box, on):
    liar = subprocess.Popen(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/usr/bin/python3", "-c", LIAR],
                            stdout=subprocess.PIPE, text=True, cwd="/")
    try:
        assert liar.stdout.readline() == "bound\n"
        assert "no rules" in box.cli("gateway", "off").stdout
        keeper = on(box)
        assert f"process {keeper.process.pid}" in box.cli("gateway", "show").stdout.splitlines()[0]
        held = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "flock", "-n", "/run/paravent-gateway", "true"],
                              capture_output=True, text=True, cwd="/")
        assert held.returncode != 0 and "Permission" in held.stderr, "whoever holds its lock keeps the next one waiting"
        assert f"process {keeper.process.pid}" in box.cli("gateway", "on").stderr
        done = box.cli("gateway", "off")
        assert done.returncode == 0 and "taken back" in done.stdout
        assert keeper.process.wait(5) == 0 and nft("list", "ruleset") == ""
        on(box).end(signal.SIGKILL)
        assert box.cli("gateway", "off").returncode == 0 and nft("list", "ruleset") == ""
    finally:
        liar.kill()
        liar.wait()


def test_an_nft_that_reads_nothing_ends(networks, box, tmp_path):
    deaf = tmp_path / "nft"
    deaf.write_text("#!/bin/sh\nexec sleep 1000\n")
    deaf.chmod(0o755)
    many = [word for i in range(8000) for word in ("--device", f"10.77.{i // 250}.{i % 250}")]  # more than a pipe holds
    done = subprocess.run(["timeout", "40", "unshare", "--mount", "sh", "-c", f'mount --bind {deaf} /usr/sbin/nft && exec "$@"', "sh",
                           PROGRAM, "gateway", "on", *many, "--config", box.config, "--state", box.state], capture_output=True, text=True)
    assert (done.returncode, "did not answer" in done.stderr) == (1, True), done.stderr[-500:]


def test_the_phone_reaches_meta_when_all_is_killed(networks, box, far, on):
    keeper = on(box)
    keeper.end(signal.SIGKILL)
    box.kill()
    assert not reaches(networks)
    eventually(lambda: reaches(networks), "Meta", 17)


def test_without_a_service_nothing_is_redirected_at_all(networks, box, far, on):
    box.stop()
    on(box)
    assert reaches(networks) and far[META, 443].connections[-1].peer[0] == PHONE


def test_another_firewalls_start_takes_the_rules_only_for_seconds(networks, box, on):
    keeper = on(box)
    run("nft", "flush", "ruleset")
    eventually(lambda: nft("list", "table", "inet", "paravent"), "the rules", 8)
    eventually(lambda: keeper.said("they are back"), "its word")


def mac_of(networks):
    return re.search(r"ether (\S+)", subprocess.run(networks.phone.command("ip", "link", "show", "to-box"), capture_output=True,
                                                    text=True).stdout)[1]


@pytest.mark.parametrize("kind", ["address", "network", "mac", "described"])
def test_a_chosen_device_is_led_with_all_its_web_traffic_and_nobody_else(networks, start, far, on, kind):
    device = {"address": PHONE, "network": "10.9.1.0/29", "mac": mac_of(networks).upper(), "described": "kitchen"}[kind]
    box = start({**SETTINGS, "device": [{"name": "kitchen", "address": PHONE}]})
    on(box, "--device", device)
    assert reaches(networks, host=BANK, address=ELSEWHERE)
    assert far[ELSEWHERE, 443].connections[-1].peer[0] == "10.9.2.1"
    inner = networks.origin(mirror, 443, "10.9.2.2", tls=None)
    with networks.phone.entered():
        socket.create_connection(("10.9.2.2", 443), 5).close()
    assert inner.connection().peer[0] == PHONE, "what goes to a network at home is none of this"
    if kind == "mac":
        assert reaches(networks, address=META6) and far[META6, 443].connections[-1].peer[0] == "fd09:2::1"
    networks.phone.run("ip", "address", "add", "10.9.1.77/24", "dev", "to-box")
    networks.curl("-k", "--interface", "10.9.1.77", "--resolve", f"{BANK}:443:{ELSEWHERE}", f"https://{BANK}/there")
    assert far[ELSEWHERE, 443].connections[-1].peer[0] == ("10.9.2.1" if kind == "mac" else "10.9.1.77")


def test_the_boxs_own_pages_are_no_traffic_to_lead(networks, box, on):
    own = "203.0.113.1"
    run("ip", "address", "add", f"{own}/32", "dev", "lo")
    on(box, "--device", PHONE)
    with socket.create_server((own, 443)) as server:
        with networks.phone.entered():
            client = socket.create_connection((own, 443), 5)
        server.settimeout(5)
        accepted, peer = server.accept()
        assert peer[0] == PHONE
        accepted.close()
        client.close()


def test_a_device_that_the_service_has_seen_is_known_by_its_name(networks, box, far, on):
    assert box.cli("device", PHONE, "--name", "Anna's phone").returncode == 0
    on(box, "--device", "Anna's phone")
    assert reaches(networks, host=BANK, address=ELSEWHERE)
    assert far[ELSEWHERE, 443].connections[-1].peer[0] == "10.9.2.1"


def test_a_name_of_metas_that_is_served_elsewhere_is_found(networks, start, far, on):
    server = NameServer(says({FACEBOOK: [ELSEWHERE], CONNECT: [META]}))
    box = start({**SETTINGS, "resolver": {"servers": [server.where]}})
    on(box)
    eventually(lambda: ELSEWHERE in nft("list", "set", "inet", "paravent", "found4"), "the address", 10)
    assert META not in nft("list", "set", "inet", "paravent", "found4"), "that is in Meta's networks"
    assert reaches(networks, address=ELSEWHERE)
    assert far[ELSEWHERE, 443].connections[-1].peer[0] == "10.9.2.1"
    server.close()


def test_show_prints_what_on_loads(networks, box, on, tmp_path):
    shown = box.cli("gateway", "show")
    assert shown.returncode == 0 and shown.stdout.startswith("# Not in force")
    (tmp_path / "rules.nft").write_text(shown.stdout)
    run("nft", "-f", str(tmp_path / "rules.nft"))
    by_hand = nft("list", "table", "inet", "paravent")
    run("nft", "delete", "table", "inet", "paravent")
    keeper = on(box)
    loaded = re.sub(r"\n\t\telements = \{ ipv4 expires[^}]*\}", "", nft("list", "table", "inet", "paravent"))
    assert loaded == by_hand
    assert f"process {keeper.process.pid}" in box.cli("gateway", "show").stdout.splitlines()[0]


def test_what_is_missing_is_said_in_one_line(networks, start, on):
    box = start({"proxy": {"redirected": []}})
    for word in ("on", "show"):
        done = box.cli("gateway", word)
        assert done.returncode == 1 and "[proxy] redirected is empty" in done.stderr, done.stderr
    box.write_settings({"proxy": {"redirected": ["127.0.0.1:9443"]}})
    assert "loopback" in box.cli("gateway", "on").stderr
    box.write_settings({"proxy": {"redirected": ["0.0.0.0:9443"]}})
    done = box.cli("gateway", "on")
    assert done.returncode == 1 and "lets in this computer alone" in done.stderr and 'clients = ["home"]' in done.stderr
    box.write_settings({"proxy": {"redirected": ["0.0.0.0:9443"], "clients": ["home"]}})
    done = box.cli("gateway", "on", "--device", "nobody's phone")
    assert done.returncode == 2 and "nobody's phone" in done.stderr
    keeper = on(box)
    assert any("no IPv6 address" in line for line in keeper.errors)
    done = box.cli("gateway", "on")
    assert done.returncode == 1 and f"process {keeper.process.pid}" in done.stderr
    with tempfile.TemporaryDirectory() as everybodys:
        os.chmod(everybodys, 0o755)
        config = Path(everybodys) / "paravent.toml"
        config.write_text(box.config.read_text().replace(str(box.hosts), ""))
        for word in ("on", "off"):
            weak = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", PROGRAM, "gateway", word,
                                   "--config", config, "--state", everybodys], capture_output=True, text=True)
            assert weak.returncode == 1 and "only root" in weak.stderr, weak.stderr
    assert keeper.process.poll() is None


def test_a_box_that_forwards_nothing_is_told(networks, box, on):
    for setting in ("ipv4/ip_forward", "ipv4/conf/all/send_redirects"):
        with open(f"/proc/sys/net/{setting}", "w") as file:
            file.write("0" if "forward" in setting else "1")
    keeper = on(box)
    assert any("net.ipv4.ip_forward=1" in line for line in keeper.errors)
    assert any("send_redirects=0" in line for line in keeper.errors)
