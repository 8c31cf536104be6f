"""Tables I1 and I2: an origin that is not in order is never hidden behind a certificate of ours; its client sees it."""
import base64
import shutil
import socket
import ssl
import subprocess

import pytest

from certificates import CA, LEAF, Issuer, openssl, self_signed
from conditions import eventually
from inside import LAPTOP, MOBILE, TLS12, TLS13, Relay, credulous

TLS10, TLS11 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
NOT_OFFERED = "not built into this OpenSSL, so no test can serve it; its absence from what is offered is tested instead"


def any_client():
    """Takes every version, cipher and certificate that OpenSSL still has."""
    return credulous(TLS10, TLS13, "ALL:COMPLEMENTOFALL")


@pytest.fixture(scope="module")
def working(street):
    """The home of all these tests; at another host it always looks inside, so that it does not simply tunnel everything."""
    street.origin(MOBILE)
    return street


@pytest.fixture
def home(working):
    yield working
    working.serves(MOBILE, source=LAPTOP)


@pytest.fixture
def host(working):
    return working.next_host()


def assert_shown_as_it_is(home, host, certificate, **options):
    """The client sees the origin's certificate byte for byte, each time, and the event says that only the host was seen."""
    for _ in range(2):
        assert home.shown(host, context=any_client(), source=LAPTOP, **options) == certificate
    event = home.event(host)
    assert (event["seen"], event["verdict"]) == ("host", "allow"), event


# I1: the certificate


def constrained(home, folder, host):
    extensions = CA + "nameConstraints=critical,permitted;DNS:elsewhere.example\n"
    return Issuer(folder / "constrained", "For elsewhere", home.world, extensions).sign("x", [host])


def leaf_as_ca(home, folder, host):
    return Issuer(folder / "leaf", above=home.world, leaf=home.leaf("bad.example")).sign("x", [host])


CERTIFICATES = {
    "expired": lambda home, folder, host: home.leaf(host, begins=-30, ends=-1),
    "not yet valid": lambda home, folder, host: home.leaf(host, begins=1),
    "for another name": lambda home, folder, host: home.leaf("www.other.example"),
    "for the domain above": lambda home, folder, host: home.leaf("facebook.com"),
    "wildcard over two labels": lambda home, folder, host: home.leaf("*.com"),
    "partial wildcard": lambda home, folder, host: home.leaf("h*.facebook.com"),
    "self-signed": lambda home, folder, host: self_signed(folder / "self", host),
    "unknown root": lambda home, folder, host: Issuer(folder / "unknown").sign("x", [host]),
    "intermediate left out": lambda home, folder, host: Issuer(folder / "i", "Hidden", home.world).sign("x", [host], complete=False),
    "name only in CN": lambda home, folder, host: home.world.sign(host),
    "name only in CN beside another SAN": lambda home, folder, host: home.world.sign(host, ["www.other.example"]),
    "leaf used as CA": leaf_as_ca,
    "no serverAuth": lambda home, folder, host: home.leaf(host, extensions=LEAF.replace("serverAuth", "clientAuth")),
    "name-constraint violation": constrained,
    "unknown critical extension": lambda home, folder, host: home.leaf(host, extensions=LEAF + "1.2.3.4=critical,ASN1:UTF8String:x\n"),
    "must staple and does not": lambda home, folder, host: home.leaf(host, extensions=LEAF + "tlsfeature=status_request\n"),
}


@pytest.mark.parametrize("what", CERTIFICATES)
def test_i1_a_certificate_that_is(home, tmp_path, host, what):
    leaf = CERTIFICATES[what](home, tmp_path, host)
    home.origin(host, tls=leaf.context())
    assert_shown_as_it_is(home, host, leaf.der)


GOOD = {
    "TLS 1.2": lambda home, folder, host: home.leaf(host), "TLS 1.3": lambda home, folder, host: home.leaf(host),
    "SOCKS": lambda home, folder, host: home.leaf(host), "RSA 2048": lambda home, folder, host: home.leaf(host, key=2048),
    "P-384": lambda home, folder, host: home.leaf(host, key="P-384", digest="sha384"),
    "wildcard": lambda home, folder, host: home.leaf("*.facebook.com"),
    "intermediate": lambda home, folder, host: Issuer(folder / "i", "Between", home.world).sign("x", [host]),
}


@pytest.mark.parametrize("how", GOOD)
def test_i1_the_control_a_good_origin_is_seen_inside(home, tmp_path, host, how):
    leaf = GOOD[how](home, tmp_path, host)
    far = home.origin(host, tls=leaf.context(highest=TLS12 if how == "TLS 1.2" else TLS13))
    home.serves(host, socks=how == "SOCKS")
    assert home.is_seen_inside(host)
    assert far.connection().version == ("TLSv1.2" if how == "TLS 1.2" else "TLSv1.3")


def test_i1_by_socks_as_well(home, host):
    leaf = home.leaf(host, begins=-30, ends=-1)
    home.origin(host, tls=leaf.context())
    assert_shown_as_it_is(home, host, leaf.der, socks=True)


def test_i1_a_host_is_looked_into_again_once_its_certificate_is_in_order(home, host):
    bad = home.leaf(host, begins=-30, ends=-1)
    far = home.origin(host, tls=bad.context())
    assert home.shown(host) == bad.der
    far.close()
    home.origin(host)
    assert home.is_seen_inside(host)


# I2: weak keys, signatures, protocols and ciphers


def by_rsa(home, folder):
    """ECDSA has no MD5: whoever signs with it has an RSA key."""
    return Issuer(folder / "rsa", "With RSA", home.world, key=2048)


def weak_parent(home, folder, host, digest):
    """An intermediate that was signed so, above a leaf in order."""
    above = by_rsa(home, folder)
    made = above.sign("Weak", extensions=CA, digest=digest, shared=False)
    return Issuer(folder / "weak", above=above, leaf=made).sign("x", [host])


KEYS = {
    "RSA-1024": lambda home, folder, host: home.leaf(host, key=1024), "RSA-512": lambda home, folder, host: home.leaf(host, key=512),
    "SHA-1": lambda home, folder, host: by_rsa(home, folder).sign("x", [host], digest="sha1"),
    "SHA-1 with ECDSA": lambda home, folder, host: home.leaf(host, digest="sha1"),
    "MD5": lambda home, folder, host: by_rsa(home, folder).sign("x", [host], digest="md5"),
    "SHA-1 above": lambda home, folder, host: weak_parent(home, folder, host, "sha1"),
    "MD5 above": lambda home, folder, host: weak_parent(home, folder, host, "md5"),
    "RSA-1024 above": lambda home, folder, host: Issuer(folder / "weak", "Short", home.world, key=1024).sign("x", [host]),
}


@pytest.mark.parametrize("what", KEYS)
@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["TLS 1.2", "TLS 1.3"])
def test_i2_a_certificate_with(home, tmp_path, host, what, version):
    if version == TLS13 and what == "RSA-512":
        pytest.skip("TLS 1.3 has no signature for such a key")
    leaf = KEYS[what](home, tmp_path, host)
    home.origin(host, tls=leaf.context(highest=version))
    assert_shown_as_it_is(home, host, leaf.der)


# (versions, ciphers, key) of an origin that has nothing better
PROTOCOLS = {
    "TLS 1.0": (TLS10, "DEFAULT", 2048), "TLS 1.1": (TLS11, "DEFAULT", 2048), "NULL": (TLS12, "NULL-SHA256", 2048),
    "NULL with ECDHE": (TLS12, "ECDHE-RSA-NULL-SHA", 2048), "RSA key exchange": (TLS12, "AES128-GCM-SHA256", 2048),
    "CBC": (TLS12, "ECDHE-ECDSA-AES128-SHA256", "P-256"), "DH of 2048 bits": (TLS12, "DHE-RSA-AES128-GCM-SHA256", 2048),
}


@pytest.mark.parametrize("what", PROTOCOLS)
def test_i2_an_origin_with(home, host, what):
    version, ciphers, kind = PROTOCOLS[what]
    leaf = home.leaf(host, key=kind)
    context = leaf.context(version, version, ciphers)
    if what.startswith("DH"):
        context.load_dh_params(parameters(home, 2048))
    home.origin(host, tls=context)
    assert_shown_as_it_is(home, host, leaf.der)


OAKLEY = {1024: "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6D"
                "F25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651"
                "ECE65381FFFFFFFFFFFFFFFF"}  # RFC 2409, section 6.2: nobody has to look for a prime


def parameters(home, bits):
    file = home.folder / f"dh{bits}.pem"
    if bits in OAKLEY:
        body = b"\x02\x81\x81\x00" + bytes.fromhex(OAKLEY[bits]) + b"\x02\x01\x02"
        text = base64.encodebytes(b"\x30\x81" + bytes([len(body)]) + body).decode()
        file.write_text(f"-----BEGIN DH PARAMETERS-----\n{text}-----END DH PARAMETERS-----\n")
    else:
        openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", f"group:ffdhe{bits}", "-out", file)
    return file


def test_i2_an_origin_with_dh_of_1024_bits(home, host):
    """Of 512 bits OpenSSL serves none any more, at no security level."""
    leaf = home.leaf(host, key=2048)
    context = leaf.context(TLS12, TLS12, "DHE-RSA-AES128-GCM-SHA256")
    context.load_dh_params(parameters(home, 1024))
    home.origin(host, tls=context)
    assert_shown_as_it_is(home, host, leaf.der)


@pytest.mark.parametrize("ciphers", ["ADH-AES128-GCM-SHA256", "AECDH-AES128-SHA"])
def test_i2_an_anonymous_origin(home, host, ciphers):
    """It has no certificate to show: the client speaks to it as if nobody were between."""
    context = home.leaf(host, key=2048).context(TLS12, TLS12, ciphers)
    context.load_dh_params(parameters(home, 2048))
    home.origin(host, tls=context)
    with home.client(host, context=any_client()) as client:
        assert client.certificate is None and client.socket.cipher()[0] == ciphers
        assert client.ask("/x", host=host).status == 200
    assert home.event(host)["seen"] == "host"


@pytest.mark.parametrize("cipher", ["ARCFOUR-128", "3DES-CBC"])
def test_i2_an_origin_by_gnutls_with(home, host, ports, cipher):
    """RC4 and 3DES: this OpenSSL has neither, GnuTLS still does; it plays both ends."""
    if not (shutil.which("gnutls-serv") and shutil.which("gnutls-cli")):
        pytest.skip("gnutls-bin is not installed, and OpenSSL has no " + cipher)
    leaf = home.leaf(host, key=2048)
    priority = f"NONE:+VERS-TLS1.2:+{cipher}:+SHA1:+RSA:+ECDHE-RSA:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:%VERIFY_ALLOW_SIGN_WITH_SHA1"
    port = ports[-20 - len(cipher)]  # it takes all addresses, where others have 443 already
    server = subprocess.Popen(["gnutls-serv", "--priority", priority, "-p", str(port), "--x509certfile", str(leaf.file), "--x509keyfile",
                               str(leaf.key), "--echo"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        def listens():
            with socket.socket() as probe:
                return server.poll() is not None or probe.connect_ex((home.hosts[host], port)) == 0

        eventually(listens, "gnutls-serv", 10)
        if server.poll() is not None:
            pytest.skip(f"this GnuTLS does not serve {cipher}: {server.stdout.read().decode()[-200:]}")
        relay = Relay(home, host, port)
        done = subprocess.run(["gnutls-cli", "--insecure", "--print-cert", "--sni-hostname", host, "--priority", priority, "-p",
                               str(relay.port), "127.0.0.1"], input="", capture_output=True, text=True, timeout=60)
        relay.close()
        assert leaf.alone.read_text().strip() in done.stdout and cipher in done.stdout, done.stdout + done.stderr
    finally:
        server.kill()
        server.wait()
    assert home.event(host)["seen"] == "host"


@pytest.mark.parametrize("cipher", ["EXP-RC4-MD5", "EXP-DES-CBC-SHA", "IDEA-CBC-SHA", "SSLv3"])
def test_i2_an_origin_that_no_library_serves_any_more(cipher):
    known = subprocess.run(["openssl", "ciphers", "-s", f"{cipher}:@SECLEVEL=0"], capture_output=True, text=True)
    if known.returncode != 0 or cipher == "SSLv3" or cipher not in known.stdout:
        pytest.skip(f"{cipher}: " + NOT_OFFERED)
    pytest.fail(f"{cipher} can be served here: it deserves a test")


def offered(home, host):
    """What the program says to an origin first: (versions, cipher suites) of its ClientHello."""
    far = home.origin(host, lambda connection: connection.exactly(100), tls=False)
    with pytest.raises(OSError):
        home.client(host, context=credulous())
    hello = bytes(far.connection().record)
    assert hello[0] == 22 and hello[5] == 1
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    size = int.from_bytes(hello[at:at + 2], "big")
    suites = {hello[i:i + 2].hex() for i in range(at + 2, at + 2 + size, 2)}
    at += 2 + size
    at += 1 + hello[at] + 2
    versions = set()
    while at < len(hello):
        kind, length = int.from_bytes(hello[at:at + 2], "big"), int.from_bytes(hello[at + 2:at + 4], "big")
        if kind == 43:
            versions = {hello[i:i + 2].hex() for i in range(at + 5, at + 4 + length, 2)}
        at += 4 + length
    return versions, suites


def test_i2_nothing_weak_is_offered(home, host):
    """Export, RC4, 3DES, NULL, anonymous, CBC: what is not offered no origin can choose."""
    versions, suites = offered(home, host)
    assert versions == {"0303", "0304"}
    assert suites <= {"1301", "1302", "1303", "c02b", "c02c", "c02f", "c030", "cca8", "cca9", "00ff"}, suites
