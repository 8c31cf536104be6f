"""Traffic that the box's firewall redirected here goes where it was going, whatever the names in it say (table H10)."""
import json
import shutil
import socket
import ssl
import subprocess

import pytest

from conditions import eventually
from inside import BANK, CONNECT, FACEBOOK, REFUSED, TR, credulous
from origin import mirror
from three_networks import BOX, META, META6, PHONE, PHONE6, three_networks

pytestmark = pytest.mark.root
PORT = 9443
RULES = f"""table inet test {{
    chain prerouting {{
        type nat hook prerouting priority dstnat
        iifname "to-phone" ip daddr {META} tcp dport {{ 80, 443 }} redirect to :{PORT}
        iifname "to-phone" ip6 daddr {META6} tcp dport {{ 80, 443 }} redirect to :{PORT}
    }}
}}"""


@pytest.fixture(scope="module")
def networks():
    if not shutil.which("nft"):
        pytest.skip("nftables is not installed")
    with three_networks() as made:
        loaded = subprocess.run(["nft", "-f", "-"], input=RULES, capture_output=True, text=True)
        if loaded.returncode != 0:
            pytest.skip(f"this kernel has no nftables: {loaded.stderr.strip()}")
        yield made


@pytest.fixture
def box(networks, start, tmp_path, world):
    """The program on the box; interception for the phone once it is asked for."""
    state = tmp_path / "paravent-0" / "state"
    shutil.copytree(world.authority(), state)
    settings = {"proxy": {"redirected": [f"0.0.0.0:{PORT}", f"[::]:{PORT}"], "clients": ["home"], "private_destinations": []},
                "tls": {"trust": str(world.root.file)}}
    made = start(settings, hosts={FACEBOOK: "10.9.2.2", BANK: "10.9.2.2"})  # a name must not decide where it goes
    made.world = world
    return made


def https(networks, *words, host=FACEBOOK, address=META, port=443):
    target = f"[{address}]" if ":" in address else address
    return networks.curl("--resolve", f"{host}:{port}:{target}", *words)


def events(box, **expected):
    return [e for e in box.events() if all(e.get(key) == value for key, value in expected.items())]


@pytest.fixture
def far(networks, world):
    """Meta: TLS and plain http, IPv4 and IPv6, each with a certificate for two names."""
    made = {(address, port): networks.origin(mirror, port, address, tls=world.good(FACEBOOK, BANK, CONNECT).context() if port == 443 else None)
            for address in (META, META6) for port in (443, 80)}
    yield made
    for each in made.values():
        each.close()


def served(done, target):
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["target"] == target


@pytest.mark.parametrize("address", [META, META6])
def test_tls_goes_to_the_original_address_untouched(networks, box, far, world, address):
    served(https(networks, "--cacert", str(world.root.file), f"https://{FACEBOOK}/there", address=address), "/there")
    assert len(far[address, 443].connections) == 1
    eventually(lambda: events(box, destination=FACEBOOK, seen="host", verdict="allow"), "the event")


@pytest.mark.parametrize("address, phone", [(META, PHONE), (META6, PHONE6)])
def test_a_device_that_wants_it_is_looked_into(networks, box, far, world, address, phone):
    assert box.cli("intercept", phone, "on").returncode == 0
    root = str(world.folder / "root.pem")
    done = https(networks, "--cacert", root, f"https://{FACEBOOK}/home", f"https://{FACEBOOK}{TR}", address=address)
    assert done.returncode == 0, done.stderr
    assert b"/home" in far[address, 443].received and b"/tr" not in far[address, 443].received
    eventually(lambda: events(box, destination=FACEBOOK, name="PageView", verdict="answer", seen="full"), "the event")


@pytest.mark.parametrize("address", [META, META6])
def test_plain_http_is_judged_by_its_host_and_goes_to_the_original_address(networks, box, far, address):
    target = f"[{address}]" if ":" in address else address
    served(networks.curl("--resolve", f"{FACEBOOK}:80:{target}", f"http://{FACEBOOK}/plain"), "/plain")
    done = networks.curl("-i", "--resolve", f"{FACEBOOK}:80:{target}", f"http://{FACEBOOK}{TR}")
    assert "Paravent-Rule: meta/" in done.stdout and b"/tr" not in far[address, 80].received


@pytest.mark.parametrize("host", [BANK, "paravent.local", "nowhere.example"])
def test_a_name_that_does_not_belong_to_the_address_changes_nothing(networks, box, far, world, host):
    served(https(networks, "-k", f"https://{host}/odd", host=host), "/odd")
    served(networks.curl("--resolve", f"{host}:80:{META}", f"http://{host}/odd"), "/odd")
    assert len(far[META, 443].connections) == 1 and len(far[META, 80].connections) == 1


def test_a_connection_without_a_name_goes_on(networks, box, far):
    served(networks.curl("-k", f"https://{META}/unnamed"), "/unnamed")


def test_what_is_neither_tls_nor_http_goes_on(networks, box, world):
    def echo(connection):
        connection.send(connection.exactly(6)[::-1])

    for port in (80, 443):
        chat = networks.origin(echo, port)
        with networks.phone.entered():
            sock = socket.create_connection((META, port), 10)
        with sock:
            sock.sendall(b"WA\x06\x03hi")
            assert sock.recv(6) == b"ih\x03\x06AW"
        chat.close()


def test_a_stopped_host_is_cut_and_nothing_is_dialled(networks, box, far):
    done = https(networks, "-k", f"https://{CONNECT}/en_US/fbevents.js", host=CONNECT)
    assert done.returncode != 0
    eventually(lambda: events(box, destination=CONNECT, verdict="block"), "the event")
    assert not far[META, 443].connections
    served(https(networks, "-k", f"https://{FACEBOOK}/after"), "/after")


def test_who_comes_to_the_port_by_itself_is_closed(networks, box, far):
    with networks.phone.entered():
        sock = socket.create_connection((BOX, PORT), 10)
    with sock, pytest.raises(REFUSED):
        credulous().wrap_socket(sock, server_hostname=FACEBOOK)
    served(https(networks, "-k", f"https://{FACEBOOK}/after"), "/after")


def test_an_address_at_home_is_not_dialled(networks, box, far):
    """Somebody else's rules lead a device's traffic for another device at home here."""
    subprocess.run(["nft", "add", "rule", "inet", "test", "prerouting", "iifname", "to-phone", "ip", "daddr", "10.9.2.2",
                    "tcp", "dport", "443", "redirect", "to", f":{PORT}"], check=True)
    inner = networks.origin(mirror, 443, "10.9.2.2", tls=None)
    with networks.phone.entered():
        sock = socket.create_connection(("10.9.2.2", 443), 10)
    with sock, pytest.raises((*REFUSED, ssl.SSLError)):
        credulous().wrap_socket(sock, server_hostname=FACEBOOK)
    served(https(networks, "-k", f"https://{FACEBOOK}/after"), "/after")
    assert not inner.connections
    inner.close()
