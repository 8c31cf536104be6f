"""`paravent dns-records`: what it prints does, in real name servers, what it says, and nothing else."""
import re
import socket
import subprocess

import pytest

from name_servers import A, AAAA, HTTPS, HTTPS_DATA, PTR, TXT, UPSTREAM, Server
from program import PROGRAM

BOX, BOX6 = "192.168.1.2", "fd00::2"
DIALECTS = {"dnsmasq": "dnsmasq", "pihole": "dnsmasq", "unbound": "unbound"}
STEERED = ["connect.facebook.net", "www.facebook.com", "facebook.com", "graph.facebook.com"]
OTHERS = ["scontent.facebook.com", "static.www.facebook.com", "notfacebook.com", "shop.example", "facebook.net"]


def command(folder, *words, settings=""):
    config = folder / "paravent.toml"
    config.write_text(settings)
    return subprocess.run([PROGRAM, "dns-records", *words, "--config", config, "--state", folder / "state"], capture_output=True,
                          text=True, timeout=60)


def records(folder, dialect, *addresses):
    done = command(folder, "--for", dialect, *(word for each in addresses for word in ("--address", each)))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=[(dialect, both) for dialect in DIALECTS for both in (False, True)],
                ids=lambda given: given[0] + ("-both" if given[1] else "-ipv4"))
def steering(request, tmp_path):
    dialect, both = request.param
    server = Server(DIALECTS[dialect], tmp_path, records(tmp_path, dialect, BOX, *[BOX6] * both))
    server.v6 = [BOX6] if both else []
    yield server
    server.close()


def test_each_name_leads_to_the_box_and_to_nothing_else(steering):
    for name in STEERED:
        before = len(steering.above.asked)
        assert steering.addresses(name, A) == [BOX], name
        assert steering.addresses(name, AAAA) == steering.v6, name
        assert steering.ask(name, HTTPS) == (0, []), name
        assert steering.ask(name, TXT) == (0, []), name
        assert steering.addresses(name.upper(), A) == [BOX], name
        assert len(steering.above.asked) == before, "nothing of it was asked outside"


def test_names_below_and_beside_go_their_usual_way(steering):
    for name in OTHERS:
        assert steering.addresses(name, A) == [UPSTREAM[A]], name
        assert steering.addresses(name, AAAA) == [UPSTREAM[AAAA]], name
        assert steering.ask(name, HTTPS) == (0, [HTTPS_DATA]), name


def test_the_boxs_address_does_not_get_a_name_of_metas(steering):
    code, names = steering.ask("2.1.168.192.in-addr.arpa", PTR)
    assert all(b"facebook" not in name and b"atdmt" not in name for name in names), names


def test_an_ipv6_box_answers_ipv4_empty(tmp_path):
    for dialect, program in DIALECTS.items():
        server = Server(program, tmp_path, records(tmp_path, dialect, BOX6))
        try:
            assert server.addresses("www.facebook.com", A) == [], dialect
            assert server.addresses("www.facebook.com", AAAA) == [BOX6], dialect
        finally:
            server.close()


def test_adguards_rules_are_for_whole_names_alone(tmp_path):
    """AdGuard Home is in no Debian package: the lines are read as its documentation says they are."""
    lines = [line for line in records(tmp_path, "adguard", BOX, BOX6).splitlines() if line and not line.startswith("!")]
    rules = {}
    for line in lines:
        name, kind, value = re.fullmatch(r"\|([a-z0-9.-]+)\^\$dnsrewrite=NOERROR;(A|AAAA);(\S+)", line).groups()
        rules.setdefault(name, {})[kind] = value
    assert set(STEERED) <= set(rules) and not set(OTHERS) & set(rules)
    assert all(found == {"A": BOX, "AAAA": BOX6} for found in rules.values())


@pytest.mark.parametrize("dialect", [*DIALECTS, "adguard"])
def test_the_file_says_where_it_goes_how_it_is_undone_and_what_paravent_needs(tmp_path, dialect):
    head = records(tmp_path, dialect, BOX, BOX6).split("\n\n")[0]
    assert all(line[0] in "#!" for line in head.splitlines())
    for word in ("Where:", "Undo:", "[resolver]", "servers =", f'steered = ["{BOX}:443", "{BOX}:80", "[{BOX6}]:443", "[{BOX6}]:80"]'):
        assert word in head, word


def test_settings_that_do_not_go_with_it_are_noted(tmp_path):
    done = command(tmp_path, "--for", "unbound", "--address", BOX)
    assert "[resolver] servers is empty" in done.stderr and f"port 443 of {BOX}" in done.stderr and f"port 80 of {BOX}" in done.stderr
    good = f'[resolver]\nservers = ["9.9.9.9"]\n[proxy]\nsteered = ["{BOX}:443", "0.0.0.0:80"]\n'
    done = command(tmp_path, "--for", "unbound", "--address", BOX, settings=good)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words, said", [
    (("--for", "unbound"), "--address"), (("--address", BOX), "--for"), (("--for", "bind", "--address", BOX), "--for"),
    (("--for", "unbound", "--address", "box.local"), "no IP address"), (("--for", "unbound", "--address", "127.0.0.1"), "itself"),
    (("--for", "unbound", "--address", "::1"), "itself"), (("--for", "unbound", "--address", "0.0.0.0"), "no computer"),
    (("--for", "unbound", "--address", "fe80::1"), "link"), (("--for", "unbound", "--address", BOX, "--address", "192.168.1.3"), BOX)])
def test_wrong_words_are_named(tmp_path, words, said):
    done = command(tmp_path, *words)
    assert done.returncode == 2 and done.stdout == "" and said in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_a_list_switched_off_steers_nothing_more(tmp_path):
    all_names = records(tmp_path, "unbound", BOX)
    off = '[[list]]\nname = "audience-network"\nenabled = false\n'
    fewer = command(tmp_path, "--for", "unbound", "--address", BOX, settings=off).stdout
    assert "an.facebook.com" in all_names and len(fewer) < len(all_names)


@pytest.fixture
def pihole(netns):
    """Something with Pi-hole's name that has ports 80 and 443 of every address, as Pi-hole's own pages do."""
    from conftest import run
    run("ip", "link", "add", "eth9", "type", "veth", "peer", "name", "far9")
    run("ip", "link", "set", "eth9", "up")
    run("ip", "address", "add", f"{BOX}/24", "dev", "eth9")
    code = ("import ctypes, socket, sys, time\nctypes.CDLL(None).prctl(15, b'pihole-FTL')\n"
            "made = [socket.create_server((host, port), family=socket.AF_INET6 if ':' in host else socket.AF_INET)\n"
            "        for host in ('0.0.0.0', '::') for port in (80, 443)]\nprint('up', flush=True)\ntime.sleep(600)\n")
    process = subprocess.Popen(["/usr/bin/python3", "-c", code], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"up\n"
    yield process
    process.kill()
    process.wait()


def test_a_pihole_on_the_same_ports_is_noticed_and_a_second_address_proposed(pihole, tmp_path):
    done = command(tmp_path, "--for", "pihole", "--address", BOX)
    assert done.returncode == 1 and done.stdout == ""
    for word in ("pihole-FTL", "every address", "ip address add 192.168.1.3/24 dev eth9", "--address 192.168.1.3",
                 f'webserver.port "{BOX}:80o,{BOX}:443os"'):
        assert word in done.stderr, done.stderr
    assert command(tmp_path, "--for", "pihole", "--address", "10.77.0.1").returncode == 0  # another computer's address


def test_paravents_own_ports_are_no_stranger(netns, tmp_path, start):
    from conftest import run
    run("ip", "address", "add", f"{BOX}/24", "dev", "lo")
    made = start({"proxy": {"steered": [f"{BOX}:443", f"{BOX}:80"]}})
    assert socket.create_connection((BOX, 443), 5)
    done = made.cli("dns-records", "--for", "pihole", "--address", BOX)
    assert (done.returncode, done.stderr) == (0, "")


HOLD = ("import ctypes, socket, sys, time\nctypes.CDLL(None).prctl(15, sys.argv[1].encode())\n"
        "made = [socket.create_server(('0.0.0.0', port)) for port in (80, 443)]\nprint('up', flush=True)\ntime.sleep(600)\n")


@pytest.fixture
def held(netns):
    """Ports 80 and 443 of every address, held by a program of this name."""
    from conftest import run
    run("ip", "address", "add", f"{BOX}/24", "dev", "lo")
    running = []

    def hold(name):
        running.append(subprocess.Popen(["/usr/bin/python3", "-c", HOLD, name], stdout=subprocess.PIPE))
        assert running[-1].stdout.readline() == b"up\n"

    yield hold
    for process in running:
        process.kill()
        process.wait()


def test_ports_that_systemd_holds_for_paravent_are_no_strangers(held, tmp_path, systemd):
    held("systemd")
    words = ["dns-records", "--for", "pihole", "--address", BOX]
    units = {"paravent-steered.socket": ["0.0.0.0:80", "0.0.0.0:443"]}
    done = systemd(units, words, settings='[resolver]\nservers = ["9.9.9.9"]\n')
    assert (done.returncode, done.stderr) == (0, "")
    done = systemd(units, words, settings='[resolver]\nservers = ["9.9.9.9"]\n', user=65534)
    assert (done.returncode, done.stderr) == (0, ""), "nor for a user who may not see whose they are"
    done = systemd({"paravent.socket": ["127.0.0.1:8480"]}, words)
    assert done.returncode == 1 and "belongs to systemd" in done.stderr, "another unit's"


def test_ports_whose_owner_cannot_be_seen_are_noted(held, systemd):
    held("pihole-FTL")
    done = systemd({}, ["dns-records", "--for", "pihole", "--address", BOX], user=65534)
    assert done.returncode == 0 and "only root can see" in done.stderr and "www.facebook.com" in done.stdout
