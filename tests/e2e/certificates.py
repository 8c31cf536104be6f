"""Certificates of a small world for tests: roots, intermediates and leaves, good ones and bad ones, all made by openssl."""
import ssl
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
LEAF = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n"
SETTINGS = """[ca]
default_ca = here
[here]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = none
[any]
commonName = optional
"""


def openssl(*words, text=None):
    done = subprocess.run(["openssl", *map(str, words)], input=text, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


_keys = {}


def make_key(path, kind="P-256", shared=True):
    """An EC key of that curve, or an RSA key of that many bits; leaves share them unless told not to."""
    if shared and kind in _keys:
        Path(path).write_text(_keys[kind])
        return
    words = ["RSA", "-pkeyopt", f"rsa_keygen_bits:{kind}"] if isinstance(kind, int) else ["EC", "-pkeyopt", f"ec_paramgen_curve:{kind}"]
    openssl("genpkey", "-algorithm", *words, "-out", path)
    if shared:
        _keys[kind] = Path(path).read_text()


def der(path):
    """The first certificate of a PEM file."""
    return ssl.PEM_cert_to_DER_cert("-----BEGIN" + Path(path).read_text().split("-----BEGIN", 1)[1].split("-----END", 1)[0]
                                    + "-----END CERTIFICATE-----\n")


def from_now(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Issuer:
    """A certificate with its key that signs others; self-signed unless another one signed it."""

    def __init__(self, folder, name="The world's root", above=None, extensions=CA, key="P-256", leaf=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.above = above
        self.made = 0
        self.key, self.file = self.folder / "issuer.key", self.folder / "issuer.pem"
        if leaf:  # whoever has a leaf has its key, and may try to sign with it
            self.key, self.file = leaf.key, leaf.alone
        elif above:
            made = above.sign(name, extensions=extensions, names=None, key=key, shared=isinstance(key, int))  # RSA takes long
            self.key, self.file = made.key, made.alone
        else:
            make_key(self.key, key, shared=False)
            (self.folder / "extensions").write_text("[req]\ndistinguished_name=dn\n[dn]\n[v3]\n" + extensions)
            openssl("req", "-x509", "-new", "-key", self.key, "-subj", f"/CN={name}", "-days", "30", "-out", self.file,
                    "-config", self.folder / "extensions", "-extensions", "v3")
        (self.folder / "index").touch()
        (self.folder / "settings").write_text(SETTINGS.format(folder=self.folder))

    def chain(self):
        """The certificates that a server sends behind its own: all up to the root, without it."""
        return self.file.read_text() + self.above.chain() if self.above else ""

    def sign(self, name, names=(), extensions=LEAF, key="P-256", begins=-1, ends=30, digest="sha256", complete=True, shared=True):
        """A leaf with these names (none: the common name's alone), valid between days from now."""
        self.made += 1
        made = Leaf(self.folder / f"{self.made}")
        make_key(made.key, key, shared)
        alternatives = ",".join(f"DNS:{n}" for n in (names if names is not None else ()))
        made.path("ext").write_text(extensions + (f"subjectAltName={alternatives}\n" if alternatives else ""))
        openssl("req", "-new", "-key", made.key, "-subj", f"/CN={name}", "-out", made.path("request"))
        openssl("ca", "-batch", "-notext", "-config", self.folder / "settings", "-cert", self.file, "-keyfile", self.key, "-in",
                made.path("request"), "-out", made.alone, "-startdate", from_now(begins), "-enddate", from_now(ends), "-md", digest,
                "-extfile", made.path("ext"))
        made.file.write_text(made.alone.read_text() + (self.chain() if complete else ""))
        return made


class Leaf:
    """Files: `file` is what a server shows, `alone` the leaf without its chain."""

    def __init__(self, stem):
        self.stem = Path(stem)
        self.key, self.file, self.alone = self.path("key"), self.path("chain.pem"), self.path("pem")

    def path(self, ending):
        return self.stem.with_name(self.stem.name + "." + ending)

    @property
    def der(self):
        return der(self.alone)

    def context(self, lowest=None, highest=None, ciphers=None, alpn=("http/1.1",)):
        """An origin's TLS that shows this certificate; whatever OpenSSL has is allowed where `ciphers` asks for it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers((ciphers or "DEFAULT") + ":@SECLEVEL=0")
        context.minimum_version = lowest or ssl.TLSVersion.TLSv1_2
        context.maximum_version = highest or ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(self.file, self.key)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context


def self_signed(folder, name, names=None):
    """A server's certificate that vouches for itself."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    made = Leaf(folder / "self")
    make_key(made.key)
    openssl("req", "-x509", "-new", "-key", made.key, "-subj", f"/CN={name}", "-days", "30", "-addext",
            "subjectAltName=" + ",".join(f"DNS:{n}" for n in names or [name]), "-out", made.alone)
    made.file.write_text(made.alone.read_text())
    return made
