"""Tables I3, I6, I7, I10 to I12: what is served to clients, who is left alone, and two authorities side by side."""
import re
import shutil
import ssl
import subprocess
import time

import pytest

from certificates import LEAF, openssl
from inside import BANK, FACEBOOK, GUEST, LAPTOP, PHONE, REFUSED, TLS12, TLS13, credulous
from program import CHECKED

TLS10, TLS11 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1


# I3


@pytest.mark.parametrize("offer", ["TLS 1.0", "TLS 1.1", "AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256",
                                   "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-NULL-SHA", "ADH-AES128-GCM-SHA256", "AECDH-AES128-SHA"])
def test_i3_a_client_that_offers_only(street, offer):
    """Refused whether the origin was just verified or is remembered; the next client is served."""
    host = street.next_host()
    street.origin(host)
    version = {"TLS 1.0": TLS10, "TLS 1.1": TLS11}.get(offer, TLS12)
    weak = credulous(version, version, "ALL:COMPLEMENTOFALL" if "TLS" in offer else offer)
    for _ in range(3):
        with pytest.raises(REFUSED):
            street.client(host, context=weak)
        street.serves(host)  # and it is no refusal of our certificate: no bypass comes of it


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("far", [TLS12, TLS13], ids=["origin 1.2", "origin 1.3"])
def test_i3_both_versions_work_on_both_sides(street, version, far):
    host = street.next_host()
    there = street.origin(host, tls=street.leaf(host).context(far, far))
    with street.client(host, context=street.trusting(lowest=version, highest=version)) as client:
        assert client.socket.version() == {TLS12: "TLSv1.2", TLS13: "TLSv1.3"}[version]
        assert client.ask("/home", host=host).status == 200
    assert there.connection().version == {TLS12: "TLSv1.2", TLS13: "TLSv1.3"}[far]


def test_i3_an_origin_that_has_both_is_spoken_to_in_tls_1_3(street):
    host = street.next_host()
    there = street.origin(host)
    street.serves(host, context=street.trusting(highest=TLS12))
    assert there.connection().version == "TLSv1.3"


# I6


def x509(pem, *words):
    return openssl("x509", "-noout", *words, text=pem)


def chain(home, host):
    """All certificates that the program shows, PEM; `verified` is what openssl says of them with the home's root alone."""
    done = subprocess.run(["openssl", "s_client", "-proxy", f"127.0.0.1:{home.paravent.port}", "-connect", f"{host}:443", "-servername", host,
                           "-showcerts", "-CAfile", str(home.root), "-no-CApath", "-no-CAstore", "-verify_hostname", host, "-x509_strict",
                           "-verify_return_error"], input="", capture_output=True, text=True, timeout=60)
    assert "Verify return code: 0 (ok)" in done.stdout, done.stdout + done.stderr
    return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", done.stdout, re.S)[:-1] or [done.stdout]


def test_i6_the_leaf_of_a_real_connection(street):
    host = street.next_host()
    street.origin(host, tls=street.leaf(host, "www.other.example", key=2048).context())
    shown = chain(street, host)
    leaf = shown[0]
    text = x509(leaf, "-text")
    assert re.fullmatch(r"subject=\s*", x509(leaf, "-subject").strip())
    assert re.search(rf"Subject Alternative Name: critical\s+DNS:{re.escape(host)}\n", text), text  # just that host
    assert re.search(r"Extended Key Usage:\s+TLS Web Server Authentication\n", text)
    assert re.search(r"Key Usage: critical\s+Digital Signature\n", text)
    assert re.search(r"Basic Constraints: critical\s+CA:FALSE\n", text)
    assert "Authority Key Identifier" in text and "prime256v1" in text
    assert "other.example" not in text and "Authority Information Access" not in text  # nothing copied from the origin
    begins, ends = (time.mktime(time.strptime(x509(leaf, f"-{w}").split("=", 1)[1].strip(), "%b %d %H:%M:%S %Y GMT")) - time.timezone
                    for w in ("startdate", "enddate"))
    assert ends - begins <= 90 * 86400 and abs(time.time() - 2 * 86400 - begins) < 3600
    serial = int(x509(leaf, "-serial").split("=")[1], 16)
    assert 2 ** 100 < serial < 2 ** 128
    other = street.next_host()
    street.origin(other)
    assert x509(chain(street, other)[0], "-serial") != x509(leaf, "-serial")


def test_i6_the_chain_is_complete_and_the_key_is_the_homes_own(street):
    host = street.next_host()
    far = street.leaf(host)
    street.origin(host, tls=far.context())
    certificate = street.shown(host, context=street.trusting())  # verified with the root alone, so the intermediate was there
    pem = ssl.DER_cert_to_PEM_cert(certificate)
    assert x509(pem, "-pubkey") != x509(far.alone.read_text(), "-pubkey")
    assert x509(pem, "-pubkey") not in (street.state / "authority/1.pem").read_text()


# I7


def test_i7_a_host_that_no_rule_needs_to_see_inside(street):
    leaf = street.leaf(BANK)
    far = street.origin(BANK, tls=leaf.context())
    for source in (None, LAPTOP):
        assert street.shown(BANK, source=source) == leaf.der
    with street.client(BANK, context=credulous()) as client:
        assert client.ask("/tr?id=1", host=BANK).status == 200
    assert b"GET /tr?id=1" in far.received
    assert [e for e in street.paravent.events() if e["destination"] == BANK] == []


def test_i7_a_device_without_interception(street):
    host = street.next_host()
    leaf = street.leaf(host)
    street.origin(host, tls=leaf.context())
    street.serves(host, source=LAPTOP)
    assert street.shown(host, source=GUEST) == leaf.der  # also while the host is remembered
    assert street.event(host, seen="host")
    assert street.shown(host, source="10.7.0.99") == leaf.der  # one that nobody described
    assert street.is_seen_inside(host, source=LAPTOP)


def test_i7_without_an_authority_everything_is_tunnelled(netns, start, origin, world, tmp_path, home):
    home.state.mkdir(parents=True)
    home.start()
    leaf = home.leaf(FACEBOOK)
    home.origin(tls=leaf.context())
    assert home.shown() == leaf.der


# I10


PAST = """#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t) {
    int r = (int)syscall(SYS_clock_gettime, id, t);
    if (id == CLOCK_REALTIME && access(getenv("PAST"), F_OK) == 0) t->tv_sec = 1000;
    return r;
}
time_t time(time_t *t) { struct timespec now; clock_gettime(CLOCK_REALTIME, &now); if (t) *t = now.tv_sec; return now.tv_sec; }
"""


def test_i10_a_clock_before_the_build_looks_into_nothing_and_heals_by_itself(home, tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler or CHECKED:
        pytest.skip("needs a C compiler, and no sanitizer that wants to be loaded first")
    (tmp_path / "past.c").write_text(PAST)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "past.so", tmp_path / "past.c"], check=True)
    past = tmp_path / "past"
    past.touch()
    leaf = home.leaf(FACEBOOK)
    home.origin(tls=leaf.context())
    home.start(env={"LD_PRELOAD": str(tmp_path / "past.so"), "PAST": str(past)})
    assert home.shown() == leaf.der
    answer, stream = home.paravent.tunnel("an.facebook.com")
    stream.socket.close()
    assert answer.status == 403  # rules about hosts go on
    past.unlink()
    assert home.is_seen_inside()
    past.touch()
    assert home.shown() == leaf.der


# I11


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("demand", [ssl.CERT_REQUIRED, ssl.CERT_OPTIONAL], ids=["required", "optional"])
def test_i11_an_origin_that_asks_for_the_clients_certificate(street, version, demand):
    host = street.next_host()
    leaf, own = street.leaf(host), street.leaf("me", extensions=LEAF.replace("serverAuth", "clientAuth"))
    context = leaf.context(version, version)
    context.verify_mode = demand
    context.load_verify_locations(street.world.file)
    far = street.origin(host, tls=context)
    mine = credulous()
    mine.load_cert_chain(own.file, own.key)
    for _ in range(2):
        with street.client(host, context=mine, source=LAPTOP) as client:
            assert client.certificate == leaf.der
            assert client.ask("/private", host=host).status == 200
    assert [c.certificate for c in far.connections if b"/private" in c.record] == [own.der] * 2
    assert street.event(host)["seen"] == "host"


# I12


def ask_box(home, context, source):
    """A request to the box itself over TLS; which root the device has, this proves."""
    with home.client("paravent.local", context=context, source=source) as client:
        assert client.ask("/", host="paravent.local").status in (200, 404)


@pytest.fixture
def two(home):
    """A home whose laptop has proved to trust the first authority, when a second one is made beside it: .first and .second
    are the TLS of devices that have one of the two roots."""
    home.origin()
    home.start()
    home.first = home.trusting()
    ask_box(home, home.first, LAPTOP)
    home.paravent.stop()
    home.authority("renew")
    home.authority("export", home.folder / "second.pem")
    home.paravent.start()
    home.second = credulous()
    home.second.verify_mode, home.second.check_hostname = ssl.CERT_REQUIRED, True
    home.second.load_verify_locations(home.folder / "second.pem")
    return home


def test_i12_a_second_authority_locks_nobody_out(two):
    for _ in range(2):
        for source in (LAPTOP, PHONE):
            two.serves(context=two.first, source=source)
        two.paravent.stop()
        two.paravent.start()


def test_i12_the_box_itself_is_served_by_the_newest_and_who_refuses_it_keeps_the_first(two):
    with pytest.raises(ssl.SSLCertVerificationError):
        ask_box(two, two.first, LAPTOP)
    two.serves(context=two.first, source=LAPTOP)
    ask_box(two, two.first, LAPTOP)  # who refused the newest gets the first for a while
    ask_box(two, two.second, PHONE)
    two.serves(context=two.first, source=LAPTOP)


def test_i12_a_device_moves_once_it_has_proved_to_trust_the_second(two):
    ask_box(two, two.second, PHONE)
    two.serves(context=two.second, source=PHONE)
    two.serves(context=two.first, source=LAPTOP)
    two.paravent.stop()
    two.paravent.start()
    two.serves(context=two.second, source=PHONE)
    two.serves(context=two.first, source=LAPTOP)
