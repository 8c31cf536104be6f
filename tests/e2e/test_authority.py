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
from program import CHECKED, PROGRAM, free_port

BANK, FACEBOOK = "www.bank.example", "www.facebook.com"
PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----\n[A-Za-z0-9+/=\n]+-----END \1-----\n")


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


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def blocks(text):
    """The PEM blocks of a file, as (kind, text)."""
    return [(match[1], match[0]) for match in PEM.finditer(text)]


# The command


def test_create_show_export_renew_remove(home):
    assert home("show").returncode == 1 and "authority create" in home("show").stderr
    made = done(home("create"))
    assert mode(home.state / "authority") == 0o700 and mode(home.state / "authority/1.pem") == 0o600
    shown = done(home("show"))
    fingerprint = re.search(r"SHA-256\s+((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", shown)[1]
    assert fingerprint in made and shown.startswith("Paravent") and "facebook.com" in shown and "paravent.local" in shown

    for name in ("root.pem", "root.crt", "root.der", "root.CER"):
        assert fingerprint in done(home("export", home.folder / name))
        der = name.endswith((".der", ".CER"))
        text = done(run("openssl", "x509", "-inform", "DER" if der else "PEM", "-in", home.folder / name, "-noout",
                        "-fingerprint", "-sha256", "-subject"))
        assert fingerprint in text and re.search(r"subject=CN ?= ?Paravent", text)
        assert "PRIVATE" not in (home.folder / name).read_bytes().decode("latin-1")

    assert "beside the first" in done(home("renew"))
    both = re.findall(r"SHA-256\s+(\S+)", done(home("show")))
    assert len(both) == 2 and both[1] == fingerprint and both[0] != fingerprint
    assert both[0] in done(home("export", home.folder / "second.pem"))  # the one that devices move to
    third = home("renew")
    assert third.returncode == 1 and "two certificate authorities already" in third.stderr
    assert "Removed" in done(home("remove", "--fingerprint", fingerprint[:11]))
    assert re.findall(r"SHA-256\s+(\S+)", done(home("show"))) == [both[0]]
    done(home("remove"))
    assert not (home.state / "authority").exists()
    assert home("remove").returncode == 1


def test_what_cannot_be_says_why_and_changes_nothing(home):
    assert home("renew").returncode == 1
    done(home("create"))
    before = (home.state / "authority/1.pem").read_bytes()
    again = home("create")
    assert again.returncode == 1 and "already" in again.stderr and "renew" in again.stderr
    assert home("export", home.folder / "none/root.pem").returncode == 1
    assert home("remove", "--fingerprint", "not one").returncode == 1
    for words in ([], ["make"], ["export"], ["create", "--passphrase-file", home.folder / "phrase"],
                  ["create", "--days", "7"]):
        wrong = home(*words)
        assert wrong.returncode == 2 and wrong.stderr.startswith("paravent: ") and wrong.stderr.count("\n") == 1, wrong
    assert home().stderr == "paravent: authority: one of create, show, export FILE, renew, remove\n"
    assert (home.state / "authority/1.pem").read_bytes() == before


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
    assert [kind for kind, _ in blocks(text)] == ["CERTIFICATE", "CERTIFICATE", "PRIVATE KEY"] + ["CERTIFICATE",
                                                                                                 "PRIVATE KEY"]
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


def test_an_owner_may_keep_the_roots_key_under_a_passphrase(home):
    phrase, kept = home.folder / "phrase", home.folder / "root.key"
    phrase.write_text("short\n")
    assert home("create", "--keep-root", kept, "--passphrase-file", phrase).returncode == 2
    no_terminal = home("create", "--keep-root", kept, start_new_session=True, stdin=subprocess.DEVNULL)
    assert no_terminal.returncode == 2 and "--passphrase-file" in no_terminal.stderr
    phrase.write_text("correct horse battery\n")
    assert home("create", "--keep-root", home.folder / "none/root.key", "--passphrase-file", phrase).returncode == 1
    assert home("show").returncode == 1  # without the key there is no authority either
    done(home("create", "--keep-root", kept, "--passphrase-file", phrase))
    assert mode(kept) == 0o600 and kept.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    root = done(run("openssl", "x509", "-noout", "-pubkey", "-in", home.state / "authority/1.pem"))
    assert done(run("openssl", "pkey", "-in", kept, "-passin", f"file:{phrase}", "-pubout")) == root
    assert run("openssl", "pkey", "-in", kept, "-passin", "pass:wrong", "-pubout").returncode != 0
    assert home("renew", "--keep-root", kept, "--passphrase-file", phrase).returncode == 2  # it is not written over


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
