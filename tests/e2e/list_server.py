"""A server of filter lists with certificates of the test's own, and what it may do wrong."""
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    """An authority and certificates of it for localhost, as PEM files in a folder."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.authority = self.folder / "authority.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=The test's authority", "-keyout", self.folder / "authority.key", "-out", self.authority)
        self.good = self.issue("good")

    def issue(self, name, host="localhost", address=True, signed=True):
        key, request, certificate = (self.folder / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{host}" + (",IP:127.0.0.1,IP:198.51.100.7\n" if address else "\n"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}",
                "-keyout", key, "-out", request)
        signer = (["-CA", self.authority, "-CAkey", self.folder / "authority.key"] if signed else ["-signkey", key])
        openssl("x509", "-req", "-in", request, *signer, "-days", "30", "-extfile", extensions, "-out", certificate)
        return certificate, key

    def expired(self):
        """Valid in 2020 alone: only `openssl ca` takes both dates on every Debian."""
        certificate, key = self.issue("expired")
        index = self.folder / "index"
        index.write_text("")
        (self.folder / "serial").write_text("01\n")
        config = self.folder / "ca.cnf"
        config.write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={index}\nserial={self.folder}/serial\nnew_certs_dir={self.folder}\n"
                          "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        openssl("ca", "-batch", "-config", config, "-cert", self.authority, "-keyfile", self.folder / "authority.key",
                "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-extfile", self.folder / "expired.ext",
                "-in", self.folder / "expired.csr", "-out", certificate)
        return certificate, key


class Asked:
    """One request, and how to answer it."""

    def __init__(self, connection, head):
        self.connection = connection
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = first.split(" ", 2)
        self.fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    def head(self, status="200 OK", **fields):
        lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
        self.send("\r\n".join([*lines, "Connection: close"]).encode() + b"\r\n\r\n")

    def send(self, data):
        self.connection.sendall(data)

    def text(self, text, status="200 OK", **fields):
        body = text.encode() if isinstance(text, str) else text
        self.head(status, Content_Length=len(body), **fields)
        self.send(body)


class ListServer:
    """Calls serve(asked) for each request, on a thread of its own; each connection carries one."""

    def __init__(self, serve, certificate=None, address="127.0.0.1"):
        self.serve, self.asked, self.closing = serve, [], threading.Event()
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.listening = socket.create_server((address, 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path="/list.txt"):
        return f"{'https' if self.context else 'http'}://localhost:{self.port}{path}"

    def _accept(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(60)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            asked = Asked(connection, head[:head.index(b"\r\n\r\n")])
            self.asked.append(asked)
            self.serve(asked)
            if self.context:
                connection.unwrap()
        except OSError:  # the client has had enough, which is what many tests want
            pass
        finally:
            connection.close()

    def close(self):
        self.closing.set()
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def list_server(certificates):
    """list_server(serve) starts one that speaks https with a good certificate; certificate=None: plain http."""
    started = []

    def start(serve, certificate=certificates.good, **options):
        started.append(ListServer(serve, certificate, **options))
        return started[-1]

    yield start
    for server in started:
        server.close()


def subscribed(certificates, server, path="/list.txt", **more):
    """Settings with a list "far" by that server's address."""
    entry = {"name": "far", "url": server.url(path), "category": "custom", **more.pop("entry", {})}
    return {"list": [entry], "tls": {"trust": str(certificates.authority)}, **more}


def row_of(paravent, name="far"):
    return next((row for row in paravent.api("/lists")[1]["items"] if row["name"] == name), None)
