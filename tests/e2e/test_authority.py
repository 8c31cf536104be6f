"""The home's certificate authority: the command, and what a thief of its keys can do with other people's verifiers."""
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
from pathlib import Path

import pytest

from conditions import eventually
from meta_stand_in import World, comes_through
from origin import mirror
from program import CHECKED, PROGRAM, free_port

BANK, FACEBOOK = "www.bank.example", "www.facebook.com"
PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\n[A-Za-z0-9+/=\n]+-----END \1-----\n")


def run(*words, **options):
    return subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=60, **options)


def done(result):
    assert result.returncode == 0, result.stderr + result.stdout
    return result.stdout


@pytest.fixture
def home(tmp_path):
    """paravent authority … on a state directory of its own."""
    (tmp_path / "paravent.toml").write_text("")

    def authority(*words, **options):
        return run(PROGRAM, "authority", *words, "--config", tmp_path / "paravent.toml", "--state", tmp_path / "state",
                   **options)

    authority.state = tmp_path / "state"
    authority.folder = tmp_path
    return authority


@pytest.fixture(params=["on disk", "by the service"])
def either(request, start):
    """The same where nothing runs, and where the running service does it."""
    if request.param == "on disk":
        return request.getfixturevalue("home")
    service = start()

    def authority(*words, **options):
        return run(PROGRAM, "authority", *words, "--config", service.config, "--state", service.state, **options)

    authority.state, authority.folder = service.state, service.folder
    return authority


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def blocks(text):
    """The PEM blocks of a file, as (kind, text)."""
    return [(match[1], match[0]) for match in PEM.finditer(text)]


# The command


def test_create_show_export_renew_remove(either):
    assert either("show").returncode == 1 and "authority create" in either("show").stderr
    made = done(either("create"))
    assert mode(either.state / "authority") == 0o700 and mode(either.state / "authority/1.pem") == 0o600
    shown = done(either("show"))
    fingerprint = re.search(r"SHA-256\s+((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", shown)[1]
    assert fingerprint in made and shown.startswith("Paravent") and "facebook.com" in shown and "paravent.local" in shown

    for name in ("root.pem", "root.crt", "root.der", "root.CER"):
        assert fingerprint in done(either("export", either.folder / name))
        der = name.endswith((".der", ".CER"))
        text = done(run("openssl", "x509", "-inform", "DER" if der else "PEM", "-in", either.folder / name, "-noout",
                        "-fingerprint", "-sha256", "-subject"))
        assert fingerprint in text and re.search(r"subject=CN ?= ?Paravent", text)
        assert "PRIVATE" not in (either.folder / name).read_bytes().decode("latin-1")

    assert "beside the first" in done(either("renew"))
    both = re.findall(r"SHA-256\s+(\S+)", done(either("show")))
    assert len(both) == 2 and both[1] == fingerprint and both[0] != fingerprint
    assert both[0] in done(either("export", either.folder / "second.pem"))  # the one that devices move to
    third = either("renew")
    assert third.returncode == 1 and "two certificate authorities already" in third.stderr
    assert "Removed" in done(either("remove", "--fingerprint", fingerprint[:11]))
    assert re.findall(r"SHA-256\s+(\S+)", done(either("show"))) == [both[0]]
    done(either("remove"))
    assert not (either.state / "authority").exists()
    assert either("remove").returncode == 1


def test_what_cannot_be_says_why_and_changes_nothing(either):
    assert either("renew").returncode == 1
    done(either("create"))
    before = (either.state / "authority/1.pem").read_bytes()
    again = either("create")
    assert again.returncode == 1 and "already" in again.stderr and "renew" in again.stderr
    assert either("export", either.folder / "none/root.pem").returncode == 1
    assert either("remove", "--fingerprint", "not one").returncode == 1
    for words in ([], ["make"], ["export"], ["create", "--passphrase-file", either.folder / "phrase"],
                  ["create", "--days", "7"]):
        wrong = either(*words)
        assert wrong.returncode == 2 and wrong.stderr.startswith("paravent: ") and wrong.stderr.count("\n") == 1, wrong
    assert either().stderr == "paravent: authority: one of create, show, export FILE, renew, remove\n"
    assert (either.state / "authority/1.pem").read_bytes() == before


def test_the_box_has_a_name_of_its_own(home):
    for name in ("com", "co.uk", "local", "192.168.1.2"):
        (home.folder / "paravent.toml").write_text(f'[dashboard]\nnames = ["{name}"]\n')
        refused = home("create")
        assert refused.returncode == 1 and name in refused.stderr
    assert not (home.state / "authority/1.pem").exists()


def test_before_the_day_of_the_build_nothing_is_made(home, tmp_path):
    source = tmp_path / "past.c"
    source.write_text("""#include <time.h>
        int clock_gettime(clockid_t id, struct timespec *t) { t->tv_sec = 1000; t->tv_nsec = id; return 0; }""")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        pytest.skip("no C compiler")
    if CHECKED:
        pytest.skip("a sanitizer wants to be loaded first")
    done(run(compiler, "-shared", "-fPIC", "-o", tmp_path / "past.so", source))
    past = home("create", env={**os.environ, "LD_PRELOAD": str(tmp_path / "past.so")})
    assert past.returncode == 1 and "clock says 1970-01-01" in past.stderr
    assert not (home.state / "authority").exists()
    done(home("create"))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_makes_it_for_the_services_user(home):
    home.state.mkdir(mode=0o700)
    os.chown(home.state, 65534, 65534)
    for folder in (home.folder, *home.folder.parents):  # that user must get there
        if folder.stat().st_uid == 0 and folder != Path("/") and "pytest" in str(folder):
            folder.chmod(0o711)
    phrase = home.folder / "phrase"
    phrase.write_text("correct horse\n")
    done(home("create", "--keep-root", home.folder / "root.key", "--passphrase-file", phrase))
    for path in (home.state / "authority", home.state / "authority/1.pem"):
        assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
    assert (home.folder / "root.key").stat().st_uid == 0  # who asked for it
    stranger = subprocess.run([str(PROGRAM), "authority", "renew", "--state", str(home.state)], capture_output=True,
                              text=True, timeout=60, user=1, group=1, extra_groups=[])
    assert stranger.returncode == 1


@pytest.mark.skipif(CHECKED, reason="a sanitizer looks for leaks by the means that strace uses")
def test_the_roots_key_is_never_written(home):
    """I4: every byte that the command writes is a PEM block, and none is the root's key."""
    trace = home.folder / "trace"
    calls = "trace=write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendfile,mmap,openat,open,creat"
    result = run("strace", "-f", "-y", "-s", "1000000", "-xx", "-o", trace, "-e", calls, PROGRAM, "authority", "create",
                 "--config", home.folder / "paravent.toml", "--state", home.state)
    if result.returncode != 0 and "ptrace" in result.stderr:
        pytest.skip("this machine allows no strace")
    done(result)
    written = {}
    for line in trace.read_text().splitlines():
        call = re.match(r"\d+\s+(\w+)\((?:(\d+)<([^>]*)>)?(.*)", line)
        if not call:
            continue
        name, descriptor, where, rest = call.groups()
        if name == "mmap":
            assert not ("MAP_SHARED" in rest and "PROT_WRITE" in rest), line
        elif name in ("openat", "open", "creat"):
            continue
        elif descriptor not in ("1", "2"):
            assert name == "write", line
            data = bytes.fromhex("".join(re.findall(r"\\x([0-9a-f]{2})", rest)))
            where = bytes.fromhex("".join(re.findall(r"\\x([0-9a-f]{2})", where))).decode() if "\\x" in where else where
            written[where] = written.get(where, b"") + data
    text = "".join(data.decode("ascii") for data in written.values())
    assert "".join(block for _, block in blocks(text)) == text and text
    assert [kind for kind, _ in blocks(text)] == ["CERTIFICATE", "CERTIFICATE", "PRIVATE KEY", "CERTIFICATE", "PRIVATE KEY",
                                                  "X509 CRL"]
    root = done(run("openssl", "x509", "-noout", "-pubkey", input=blocks(text)[0][1]))
    keys = [done(run("openssl", "pkey", "-pubout", input=block)) for kind, block in blocks(text) if "KEY" in kind]
    assert root not in keys and len(set(keys)) == 2
    assert (home.state / "authority/1.pem").read_text() == text


def test_two_homes_have_different_keys(home, tmp_path):
    done(home("create"))
    first = (home.state / "authority/1.pem").read_text()
    done(home("remove"))
    done(home("create"))
    second = (home.state / "authority/1.pem").read_text()
    keys = {block for text in (first, second) for kind, block in blocks(text) if kind == "PRIVATE KEY"}
    assert len(keys) == 4
    assert all("prime256v1" in done(run("openssl", "pkey", "-noout", "-text", input=key)) for key in keys)


def test_an_owner_may_keep_the_roots_key_under_a_passphrase(either):
    phrase, kept = either.folder / "phrase", either.folder / "root.key"
    phrase.write_text("short\n")
    assert either("create", "--keep-root", kept, "--passphrase-file", phrase).returncode == 2
    no_terminal = either("create", "--keep-root", kept, start_new_session=True, stdin=subprocess.DEVNULL)
    assert no_terminal.returncode == 2 and "--passphrase-file" in no_terminal.stderr
    phrase.write_text("correct horse battery\n")
    assert either("create", "--keep-root", either.folder / "none/root.key", "--passphrase-file", phrase).returncode == 1
    assert either("show").returncode == 1  # without the key there is no authority either
    done(either("create", "--keep-root", kept, "--passphrase-file", phrase))
    assert mode(kept) == 0o600 and kept.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    root = done(run("openssl", "x509", "-noout", "-pubkey", "-in", either.state / "authority/1.pem"))
    assert done(run("openssl", "pkey", "-in", kept, "-passin", f"file:{phrase}", "-pubout")) == root
    assert run("openssl", "pkey", "-in", kept, "-passin", "pass:wrong", "-pubout").returncode != 0
    assert either("renew", "--keep-root", kept, "--passphrase-file", phrase).returncode == 2  # it is not written over


# By the running service


@pytest.fixture
def house(netns, start, origin, tmp_path):
    """The program with an origin that stands for Facebook, and this computer to be decrypted."""
    world = World(tmp_path / "world", [FACEBOOK])
    origin(mirror, port=443, tls=world.tls)
    paravent = start({"tls": {"trust": str(world.root)},
                      "device": [{"name": "me", "address": "127.0.0.1", "intercept": True}]}, hosts=[FACEBOOK])
    paravent.world = world.root
    return paravent


def test_it_is_in_force_at_once(house):
    """No restart, no signal: the next connection is decrypted, and no longer after it is removed."""
    page, root = f"https://{FACEBOOK}/", house.folder / "root.pem"
    assert comes_through(house, page, house.world)
    said = len(house.lines)
    made = done(house.cli("authority", "create"))
    done(house.cli("authority", "export", root))
    assert comes_through(house, page, root) and not comes_through(house, page, house.world)
    status = house.api("/status")[1]
    assert status["authority"]["fingerprint"] in made and status["problems"] == []
    assert status["authority"]["fingerprint"] in done(house.cli("authority", "show"))
    done(house.cli("authority", "renew"))
    assert comes_through(house, page, root)  # I12: nobody has proved to trust the second
    done(house.cli("authority", "remove"))
    assert comes_through(house, page, house.world) and not comes_through(house, page, root)
    assert house.api("/status")[1]["authority"] is None
    assert not any("read anew" in line for line in house.lines[said:])


def crl_address(certificate):
    """Where the certificate (PEM) says that its issuer's revocation list is."""
    said = done(run("openssl", "x509", "-noout", "-ext", "crlDistributionPoints", input=certificate))
    return re.search(r"URI:(\S+)", said)[1]


def test_clients_that_insist_on_revocation_find_the_lists(house):
    """Leaf and intermediate name a list each, the box itself serves both, and nothing of them leaves the house."""
    root, chain = house.folder / "root.pem", house.folder / "chain.pem"
    done(house.cli("authority", "create"))
    done(house.cli("authority", "export", root))
    assert comes_through(house, f"https://{FACEBOOK}/", root)
    proxy = f"http://127.0.0.1:{house.port}"
    shown = done(run("openssl", "s_client", "-proxy", f"127.0.0.1:{house.port}", "-connect", f"{FACEBOOK}:443", "-servername",
                     FACEBOOK, "-showcerts", stdin=subprocess.DEVNULL))
    leaf, intermediate = [text for kind, text in blocks(shown) if kind == "CERTIFICATE"][:2]
    chain.write_text(intermediate)
    (house.folder / "leaf.pem").write_text(leaf)
    addresses = [crl_address(leaf), crl_address(intermediate)]
    identity = re.search(r"SHA-256\s+(\S+)", done(house.cli("authority", "show")))[1].replace(":", "")[:16].lower()
    assert addresses == [f"http://paravent.local/authority/{identity}/{name}.crl" for name in ("meta", "root")]

    crls = house.folder / "crls.pem"
    for number, address in enumerate([*addresses, addresses[0].replace("meta.crl", "box.crl")]):
        file = house.folder / f"{number}.der"
        said = done(run("curl", "-sSf", "--proxy", proxy, "-o", file, "-w", "%{content_type}", address))
        assert said == "application/pkix-crl"
        text = done(run("openssl", "crl", "-inform", "DER", "-in", file, "-text"))
        assert "No Revoked Certificates" in text and "X509v3 CRL Number" in text
        with crls.open("a") as out:
            out.write(blocks(text)[0][1])
    verify = ["openssl", "verify", "-purpose", "sslserver", "-x509_strict", "-crl_check_all", "-CAfile", root, "-untrusted", chain]
    assert run(*verify, house.folder / "leaf.pem").returncode != 0
    done(run(*verify, "-CRLfile", crls, house.folder / "leaf.pem"))
    curl = ["curl", "-sS", "--proxy", proxy, "--capath", "/dev/null", "--cacert", root, "-o", "/dev/null", f"https://{FACEBOOK}/"]
    done(run(*curl, "--crlfile", crls))
    only_root = house.folder / "root.crl.pem"
    only_root.write_text(done(run("openssl", "crl", "-inform", "DER", "-in", house.folder / "1.der")))
    assert run(*curl, "--crlfile", only_root).returncode != 0  # so the lists count

    strange = addresses[0].replace(identity, "0" * 16)
    assert run("curl", "-s", "--proxy", proxy, "-o", "/dev/null", "-w", "%{http_code}", strange).stdout == "404"
    done(house.cli("authority", "remove"))
    assert run("curl", "-s", "--proxy", proxy, "-o", "/dev/null", "-w", "%{http_code}", addresses[0]).stdout == "404"


def test_what_was_made_without_the_service_is_there_when_it_starts(house):
    house.stop()
    made = done(house.cli("authority", "create"))
    house.start()
    assert house.api("/authority")[1]["items"][0]["fingerprint"] in made
    assert house.api("/authority")[1]["items"][0]["fingerprint"] in done(house.cli("authority", "show"))


def test_another_services_address_is_no_reason_to_ask_it(paravent, tmp_path):
    state = tmp_path / "other"
    state.mkdir(mode=0o700)
    (state / "token").write_text("0" * 64 + "\n")
    done(run(PROGRAM, "authority", "create", "--config", paravent.config, "--state", state))
    assert (state / "authority/1.pem").exists() and paravent.api("/authority")[1]["items"] == []
    wrong = run(PROGRAM, "authority", "create", "--config", paravent.config, "--state", state / "none",
                env={**os.environ, "PARAVENT_TOKEN": "wrong"})
    assert wrong.returncode == 1 and not (state / "none").exists()


def test_of_several_commands_at_once_one_wins(either):
    state = ["--config", either.folder / "paravent.toml", "--state", either.state]
    for word, left in (("create", 1), ("renew", 2), ("remove", 0)):
        running = [subprocess.Popen([str(w) for w in (PROGRAM, "authority", word, *state)], stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True) for _ in range(4)]
        ended = [(each.communicate(timeout=60), each.returncode) for each in running]
        assert sorted(code for _, code in ended) == [0, 1, 1, 1], ended
        assert all(said[1].count("\n") == (0 if code == 0 else 1) for said, code in ended), ended
        assert len(list(either.state.glob("authority/*"))) == left


@pytest.mark.skipif(CHECKED, reason="a sanitizer looks for leaks by the means that strace uses")
def test_the_service_writes_no_roots_key_either(start):
    """I4, for a key that its owner keeps: not a byte of it leaves the service but under the passphrase."""
    house = start()
    trace, phrase, kept = (house.folder / name for name in ("trace", "phrase", "root.key"))
    phrase.write_text("correct horse battery\n")
    calls = "trace=write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendfile"
    strace = subprocess.Popen(["strace", "-f", "-s", "1000000", "-xx", "-o", trace, "-e", calls, "-p", str(house.pid)],
                              stderr=subprocess.PIPE, text=True)
    said = strace.stderr.readline()
    if "attached" not in said:
        strace.wait(10)
        pytest.skip("this machine allows no strace: " + said)
    try:
        done(house.cli("authority", "create", "--keep-root", kept, "--passphrase-file", phrase))
    finally:
        strace.terminate()
        strace.wait(10)
    sent = bytes.fromhex("".join(re.findall(r"\\x([0-9a-f]{2})", trace.read_text())))
    stored = (house.state / "authority/1.pem").read_bytes()
    assert stored in sent and kept.read_text() in sent.replace(b"\\n", b"\n").decode("latin-1")  # the trace sees what is written
    plain = run("openssl", "pkey", "-in", kept, "-passin", f"file:{phrase}").stdout
    der = subprocess.run(["openssl", "pkey", "-outform", "DER"], input=plain.encode(), capture_output=True).stdout
    scalar = der[der.index(b"\x02\x01\x01\x04\x20") + 5:][:32]
    root = done(run("openssl", "x509", "-noout", "-pubkey", "-in", house.state / "authority/1.pem"))
    assert done(run("openssl", "pkey", "-pubout", input=plain)) == root
    for secret in (scalar, scalar.hex().encode(), plain.splitlines()[1].encode(), b"correct horse"):
        assert secret not in sent
    everything = b"".join(file.read_bytes() for file in house.state.rglob("*") if file.is_file())
    assert b"correct horse" not in everything + "\n".join(house.lines).encode() and b"ENCRYPTED" not in everything


# A thief


@pytest.fixture
def thief(home):
    """Signs with the intermediate's key from the state directory: names and extensions as openssl has them."""
    done(home("create"))
    done(home("export", home.folder / "root.pem"))
    parts = blocks((home.state / "authority/1.pem").read_text())
    assert [kind for kind, _ in parts[:3]] == ["CERTIFICATE", "CERTIFICATE", "PRIVATE KEY"]
    (home.folder / "intermediate.pem").write_text(parts[1][1])
    (home.folder / "stolen.key").write_text(parts[2][1])
    done(run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", home.folder / "leaf.key"))

    def sign(names, purpose="serverAuth", subject="/"):
        (home.folder / "extensions").write_text(
            f"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={purpose}\n"
            f"subjectAltName=critical,{names}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n")
        request = done(run("openssl", "req", "-new", "-key", home.folder / "leaf.key", "-subj", subject))
        leaf = done(run("openssl", "x509", "-req", "-CA", home.folder / "intermediate.pem", "-CAkey",
                        home.folder / "stolen.key", "-days", "30", "-extfile", home.folder / "extensions",
                        input=request))
        (home.folder / "leaf.pem").write_text(leaf)
        (home.folder / "chain.pem").write_text(leaf + parts[1][1])
        return home.folder

    sign.folder = home.folder
    return sign


CRIMES = {
    "bank": (f"DNS:{BANK}", "serverAuth"), "bank beside Facebook": (f"DNS:{FACEBOOK},DNS:{BANK}", "serverAuth"),
    "wildcard": ("DNS:*.example", "serverAuth"), "IPv4": ("IP:127.0.0.1", "serverAuth"),
    "router": (f"DNS:{FACEBOOK},IP:192.168.1.1", "serverAuth"), "IPv6": (f"DNS:{FACEBOOK},IP:2620:fe::fe", "serverAuth"),
}


def openssl_accepts(folder, purpose="sslserver"):
    result = run("openssl", "verify", "-purpose", purpose, "-CAfile", folder / "root.pem", "-untrusted",
                 folder / "intermediate.pem", folder / "leaf.pem")
    return result.returncode == 0, result.stdout + result.stderr


def certtool_accepts(folder):
    # The root stands behind the chain: certtool looks for it there.
    result = run("certtool", "--verify", "--load-ca-certificate", folder / "root.pem", "--infile", folder / "chain.pem")
    return result.returncode == 0, result.stdout + result.stderr


def nss_accepts(folder, usage="1"):
    database = folder / "nss"
    if not database.exists():
        database.mkdir()
        done(run("certutil", "-N", "-d", f"sql:{database}", "--empty-password"))
        done(run("certutil", "-A", "-d", f"sql:{database}", "-n", "home", "-t", "C,C,C", "-i", folder / "root.pem"))
    words = ""
    for way in (["-pp"], []):  # the two verifiers that NSS has
        result = run("vfychain", *way, "-d", f"sql:{database}", "-u", usage, "-a", folder / "leaf.pem", "-a",
                     folder / "intermediate.pem")
        words += result.stdout + result.stderr
    return "Chain is good!" in words, words


def nss_accepts_twice(folder):
    words = nss_accepts(folder)[1]
    return words.count("Chain is good!") == 2, words


@pytest.mark.parametrize("crime", CRIMES)
def test_a_stolen_key_speaks_for_nobody_else(thief, crime):
    """I5, as verifiers of certificates see it; each accepts the same chain for a host of Meta's."""
    for accepts in (openssl_accepts, certtool_accepts, nss_accepts):
        good, words = (nss_accepts_twice if accepts == nss_accepts else accepts)(thief(f"DNS:{FACEBOOK}"))
        assert good, words
        bad, words = accepts(thief(*CRIMES[crime]))
        assert not bad, (accepts.__name__, words)
    if "bank" in crime:
        assert "permitted subtree violation" in openssl_accepts(thief.folder)[1]
    if crime == "IPv4":
        assert "excluded subtree violation" in openssl_accepts(thief.folder)[1]


def test_a_stolen_key_signs_neither_mail_nor_programs(thief):
    for names in (f"DNS:{FACEBOOK}", "email:me@facebook.com", "email:me@bank.example"):
        for purpose in ("emailProtection", "codeSigning", "clientAuth", "timeStamping"):
            folder = thief(names, purpose)
            for checked in ("smimesign", "smimeencrypt", "sslclient", "timestampsign"):
                assert not openssl_accepts(folder, checked)[0], (names, purpose, checked)
            for usage in ("0", "4", "5", "6"):  # SSL client, e-mail, e-mail, programs
                assert not nss_accepts(folder, usage)[0], (names, purpose, usage)
    assert "permitted subtree violation" in openssl_accepts(thief("email:me@bank.example"))[1]


@pytest.fixture
def server(thief):
    """An openssl s_server with what the thief signed."""
    started = []

    def start(names, purpose="serverAuth"):
        folder, port = thief(names, purpose), free_port()
        started.append(subprocess.Popen(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", folder / "leaf.pem", "-key",
             folder / "leaf.key", "-cert_chain", folder / "intermediate.pem", "-www", "-quiet"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

        def listens():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0

        eventually(listens, "openssl s_server")
        return port

    yield start
    for each in started:
        each.kill()
        each.wait()


def curl_accepts(folder, host, port):
    result = run("curl", "-sS", "--noproxy", "*", "--cacert", folder / "root.pem", "--capath", "/dev/null", "--resolve",
                 f"{host}:{port}:127.0.0.1", "-o", "/dev/null", f"https://{host}:{port}/")
    return result.returncode == 0, result.stderr


def gnutls_accepts(folder, host, port):
    result = run("gnutls-cli", "--x509cafile", folder / "root.pem", "--verify-hostname", host, "--sni-hostname", host,
                 "-p", port, "127.0.0.1", stdin=subprocess.DEVNULL)
    return result.returncode == 0 and "Handshake was completed" in result.stdout, result.stdout + result.stderr


def python_accepts(folder, host, port):
    context = ssl.create_default_context(cafile=str(folder / "root.pem"))
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            with context.wrap_socket(raw, server_hostname=host):
                return True, ""
    except ssl.SSLError as error:
        return False, str(error)


def test_clients_refuse_a_bank_that_a_stolen_key_vouches_for(server, thief):
    for accepts in (curl_accepts, gnutls_accepts, python_accepts):
        good, words = accepts(thief.folder, FACEBOOK, server(f"DNS:{FACEBOOK}"))
        assert good, words
        assert not accepts(thief.folder, BANK, server(f"DNS:{BANK}"))[0]
        assert not accepts(thief.folder, BANK, server(f"DNS:{FACEBOOK},DNS:{BANK}"))[0]
        assert not accepts(thief.folder, "127.0.0.1", server("IP:127.0.0.1"))[0]


def test_chromium_refuses_a_bank_that_a_stolen_key_vouches_for(server, thief):
    home = thief.folder / "home"
    database = home / ".pki/nssdb"
    database.mkdir(parents=True)
    done(run("certutil", "-N", "-d", f"sql:{database}", "--empty-password"))
    done(run("certutil", "-A", "-d", f"sql:{database}", "-n", "home", "-t", "C,,", "-i", thief.folder / "root.pem"))

    def page(host, port):
        return run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server",
                   f"--user-data-dir={home / 'profile'}", "--host-resolver-rules=MAP * 127.0.0.1", "--dump-dom",
                   f"https://{host}:{port}/", env={**os.environ, "HOME": str(home)}).stdout

    assert "Ciphers supported in s_server" in page(FACEBOOK, server(f"DNS:{FACEBOOK}"))
    for host, names in ((BANK, f"DNS:{BANK}"), (BANK, f"DNS:{FACEBOOK},DNS:{BANK}"), ("127.0.0.1", "IP:127.0.0.1")):
        assert "Ciphers supported in s_server" not in page(host, server(names)), names
