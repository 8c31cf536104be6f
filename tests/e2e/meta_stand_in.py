"""Stand-ins for Meta's hosts: certificates of a root that the program is told to trust, and clients that look at them."""
import ssl
import subprocess


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class World:
    """A root of the world outside, and a certificate of its for `hosts`."""

    def __init__(self, folder, hosts):
        folder.mkdir()
        self.root, key = folder / "world.pem", folder / "world.key"
        leaf, leaf_key, request, extensions = (folder / name for name in ("leaf.pem", "leaf.key", "leaf.csr", "extensions"))
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *curve, "-keyout", key, "-out", self.root, "-subj", "/CN=The world's root", "-days", "3")
        openssl("req", *curve, "-keyout", leaf_key, "-out", request, "-subj", "/CN=x")
        names = ",".join(f"DNS:{host}" for host in hosts)
        extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-in", request, "-CA", self.root, "-CAkey", key, "-CAcreateserial", "-out", leaf, "-days", "2",
                "-extfile", extensions)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(leaf, leaf_key)


def curl(paravent, url, root, *words):
    """curl through the proxy, trusting that root alone."""
    return subprocess.run(["curl", "-sS", "--max-time", "15", "--http1.1", "--noproxy", "", "--proxy",
                           f"http://127.0.0.1:{paravent.port}", "--cacert", str(root), "--capath", "/dev/null", *words, url],
                          capture_output=True, text=True, timeout=30)


def comes_through(paravent, url, root):
    """Whether a client that trusts that root alone takes the certificate it is shown."""
    result = curl(paravent, url, root)
    assert result.returncode in (0, 35, 60), result.stderr  # 60: the certificate; 35: the handshake
    return result.returncode == 0
