"""Traffic that DNS records led here: exact names of ours alone, by their names, and never back to ourselves (table H10)."""
import contextlib
import json
import socket
import ssl
import subprocess

import pytest

from conditions import eventually
from conftest import run
from http1 import Closed, Stream, read_response
from inside import BANK, CONNECT, FACEBOOK, GUEST, LAPTOP, REFUSED, TR, Client, credulous
from origin import mirror

STEERED = "10.8.0.1"  # the box, as the home's own DNS gives it for Meta's names


@pytest.fixture
def box(home):
    """The home's program with steered ports 443 and 80, IPv4 and IPv6."""
    for address in ("fd00:8::1", "fd00:8::2"):
        run("ip", "address", "add", f"{address}/64", "dev", "lo", "nodad")
    home.start({"proxy": {"steered": [f"{STEERED}:443", f"{STEERED}:80", "[fd00:8::1]:443", "[fd00:8::1]:80"]}})
    return home


def way(source=LAPTOP, port=443, address=STEERED):
    return socket.create_connection((address, port), 20, (source, 0))


@contextlib.contextmanager
def client(box, host=FACEBOOK, source=LAPTOP, context=None, sni=..., address=STEERED):
    tls = (context or box.trusting()).wrap_socket(way(source, address=address), server_hostname=host if sni is ... else sni,
                                                  suppress_ragged_eofs=False)
    with Client(tls) as made:
        yield made


def still_serves(box):
    """That a plain request is served, so that "nothing happened" is no hanging proxy."""
    with client(box) as made:
        assert made.ask("/home").status == 200


def ask_plainly(head, source=LAPTOP, address=STEERED, method="GET"):
    with way(source, 80, address) as sock:
        sock.sendall(head.encode("latin-1"))
        return read_response(Stream(sock), method)


# --- TLS ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address, source", [(STEERED, LAPTOP), ("fd00:8::1", "fd00:8::2")])
def test_a_steered_name_is_looked_into_as_through_the_proxy(box, address, source):
    far = box.origin()
    if ":" in source:
        box.paravent.cli("intercept", source, "on")
    with client(box, source=source, address=address) as made:
        for target in (TR, "/home", TR):
            answer = made.ask(target, fields=["Referer: https://shop.example/p"])
            assert answer.status == 200 and (answer.get("Paravent-Rule") is not None) == (target == TR)
        assert box.ours(made.certificate)
    assert b"/home" in far.received and b"/tr" not in far.received
    assert box.event(seen="full", name="PageView")["verdict"] == "answer"


def test_without_interception_it_is_the_origin_that_is_seen(box):
    far = box.origin()
    with client(box, source=GUEST, context=credulous()) as made:
        assert not box.ours(made.certificate) and made.ask("/tr?id=1").status == 200
    assert b"/tr" in far.received
    assert box.event(seen="host")["verdict"] == "allow"


def test_a_host_that_is_stopped_is_cut_before_anything_is_dialled(box):
    far = box.origin(CONNECT)
    box.origin()
    with pytest.raises(REFUSED), client(box, CONNECT, GUEST, credulous()):
        pass
    assert box.event(CONNECT, verdict="block")["rule"] == "meta/loader-host"
    still_serves(box)
    assert not far.connections


@pytest.mark.parametrize("name", [None, BANK, "x.www.facebook.com", "facebook.com.shop.example", "h1.facebook.com", "127.0.0.1"])
def test_any_other_name_and_none_are_closed_undialled(box, name):
    elsewhere = [box.origin(host) for host in (BANK, "h1.facebook.com")]
    box.origin()
    with pytest.raises(REFUSED), client(box, context=credulous(), sni=name):
        pass
    still_serves(box)
    assert not any(each.connections for each in elsewhere)


def test_a_hello_may_come_byte_by_byte(box):
    box.origin()
    pieces = way()
    pieces.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = box.trusting().wrap_bio(incoming, outgoing, server_hostname=FACEBOOK)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    with pieces:
        for byte in outgoing.read():
            pieces.sendall(bytes([byte]))
        assert pieces.recv(1) == b"\x16"


def test_who_says_nothing_or_nonsense_is_closed(box):
    box.origin()
    with way() as sock:
        sock.sendall(b"\x16\x03\x01\x00\x05hello")
        assert sock.recv(100) == b""
    with way() as sock:
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(100) == b""
    still_serves(box)


def test_curl_goes_to_the_box_and_reaches_the_origin(box):
    box.origin()
    done = subprocess.run(["curl", "-sS", "--max-time", "20", "--cacert", str(box.root), "--resolve", f"{FACEBOOK}:443:{STEERED}",
                           "--interface", LAPTOP, f"https://{FACEBOOK}/from-curl"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and json.loads(done.stdout)["target"] == "/from-curl", done.stderr


def test_strangers_are_closed_without_a_byte(box):
    box.origin()
    with way("198.51.100.7") as sock:
        try:
            sock.sendall(b"\x16")
            assert sock.recv(10) == b""
        except ConnectionError:
            pass
    still_serves(box)


# --- HTTP -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [STEERED, "fd00:8::1"])
def test_plain_http_goes_by_host(box, address, origin):
    far = origin(mirror, port=80, address=box.hosts[FACEBOOK])
    source = LAPTOP if address == STEERED else "fd00:8::2"
    answer = ask_plainly(f"GET /a HTTP/1.1\r\nHost: {FACEBOOK}\r\n\r\n", source, address)
    assert answer.status == 200 and json.loads(answer.body)["target"] == "/a"
    answer = ask_plainly(f"GET {TR} HTTP/1.1\r\nHost: {FACEBOOK}\r\n\r\n", source, address)
    assert answer.get("Paravent-Rule") and b"/tr" not in far.received


@pytest.mark.parametrize("head, status", [
    (f"GET / HTTP/1.1\r\nHost: {BANK}\r\n\r\n", 421),
    (f"GET / HTTP/1.1\r\nHost: x.{FACEBOOK}\r\n\r\n", 421),
    (f"GET / HTTP/1.1\r\nHost: {FACEBOOK}:8080\r\n\r\n", 421),
    (f"GET http://{BANK}/ HTTP/1.1\r\nHost: {FACEBOOK}\r\n\r\n", 421),
    (f"GET https://{FACEBOOK}/ HTTP/1.1\r\nHost: {FACEBOOK}\r\n\r\n", 400),
    (f"CONNECT {BANK}:443 HTTP/1.1\r\nHost: {BANK}:443\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.0\r\n\r\n", 400),
    (f"GET / HTTP/1.1\r\nHost: {FACEBOOK}\r\nHost: {BANK}\r\n\r\n", 400)])
def test_other_hosts_are_not_asked_in_plain_http(box, head, status, origin):
    bank, far = (origin(mirror, port=80, address=box.hosts[host]) for host in (BANK, FACEBOOK))
    method = head.split(" ")[0]
    answer = ask_plainly(head, method=method)
    assert answer.status == status and answer.get("Paravent-Error") == ("misdirected" if status == 421 else "bad-request"), answer
    assert ask_plainly(f"GET / HTTP/1.1\r\nHost: {FACEBOOK}\r\n\r\n").status == 200
    assert not bank.connections and len(far.connections) == 1


def test_socks_is_not_spoken_there(box):
    box.origin()
    with way(port=80) as sock:
        sock.sendall(b"\x05\x01\x00")
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(2)[:1] != b"\x05"
    still_serves(box)


# --- the box's own names --------------------------------------------------------------------------------------------------


def test_the_box_answers_to_its_own_name(box):
    answer = ask_plainly("GET /healthz HTTP/1.1\r\nHost: paravent.local\r\n\r\n")
    assert answer.status == 200
    answer = ask_plainly("GET /api/v1/status HTTP/1.1\r\nHost: paravent.local\r\n\r\n")
    assert answer.status in (301, 302, 307, 308) and answer.get("Location").startswith("https://paravent.local/")
    with client(box, "paravent.local") as made:
        assert made.ask("/healthz", host="paravent.local").status == 200
        assert made.ask("/api/v1/events", host="paravent.local").status in (401, 403)
        assert made.ask("/", host=FACEBOOK).status in (403, 421)


# --- loops ----------------------------------------------------------------------------------------------------------------


def test_a_loop_is_closed_and_said_until_it_is_over(box):
    def problem():
        return next((each for each in box.paravent.api("/status")[1]["problems"] if each["code"] == "dns-loop"), None)

    box.origin()
    right = dict(box.hosts)
    box.paravent.write_hosts({**right, FACEBOOK: STEERED, CONNECT: "10.8.0.9"})
    box.paravent.reload(box.paravent.settings)
    for host in (FACEBOOK, CONNECT):
        eventually(lambda: not reached(box, host), f"{host} to be closed")
        assert "resolver" in eventually(problem, "the loop in status")["text"]
    answer = ask_plainly(f"GET / HTTP/1.1\r\nHost: {FACEBOOK}\r\n\r\n")
    assert answer.status >= 500 and answer.get("Paravent-Error") == "loop" or answer.status == 403, answer
    box.paravent.write_hosts(right)
    box.paravent.reload(box.paravent.settings)
    eventually(lambda: reached(box, FACEBOOK), "a name that leads out")
    assert problem() is None


def reached(box, host):
    try:
        with client(box, host, context=credulous()) as made:
            return made.ask("/home", host=host).status == 200
    except (*REFUSED, Closed, OSError):
        return False
