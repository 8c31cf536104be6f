"""A home that looks inside Meta's hosts: the program with an authority, origins of a small world, and clients of them."""
import shutil
import socket
import ssl
import subprocess
import threading

from certificates import Issuer
from conditions import eventually
from http1 import Closed, Stream, read_response
from origin import mirror
from program import PROGRAM, merged, read_socks_reply, socks_address

FACEBOOK, CONNECT, MOBILE, GRAPH, BANK = ("www.facebook.com", "connect.facebook.net", "m.facebook.com", "graph.facebook.com",
                                          "www.bank.example")
COUNTERS = ("l.facebook.com", "lm.facebook.com", "l.instagram.com")  # by which links out of Meta's pages lead
LAPTOP, PHONE, GUEST = "10.7.0.2", "10.7.0.3", "10.7.0.4"  # devices: the last is one without interception
TR = "/tr?id=1000000000000001&ev=PageView&dl=https%3A%2F%2Fshop.example%2Fcart"
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
REFUSED = (ssl.SSLError, ConnectionError, Closed, socket.timeout)


def credulous(lowest=TLS12, highest=TLS13, ciphers="DEFAULT", alpn=("http/1.1",)):
    """A client's TLS that accepts whatever it is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(ciphers + ":@SECLEVEL=0")
    context.minimum_version, context.maximum_version = lowest, highest
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


class Client(Stream):
    """HTTP/1.1 inside TLS through the proxy. An HTTP/2 client would have the same `ask`."""

    def __init__(self, sock):
        super().__init__(sock)

    @property
    def certificate(self):
        return self.socket.getpeercert(True)

    def send(self, data):
        self.socket.sendall(data)

    def head(self, target, method="GET", fields=(), host=FACEBOOK):
        self.send("\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", *fields]).encode("latin-1") + b"\r\n\r\n")

    def ask(self, target, method="GET", fields=(), body=None, host=FACEBOOK):
        fields = list(fields) + ([f"Content-Length: {len(body)}"] if body is not None else [])
        self.head(target, method, fields, host)
        if body:
            self.send(body)
        return read_response(self, method)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class World:
    """What all homes of a run share: the root of the world, its good certificates, and an authority to begin with."""

    def __init__(self, folder):
        self.folder = folder
        self.root = Issuer(folder / "root")
        self._good, self._authority = {}, None

    def good(self, *names):
        if names not in self._good:
            self._good[names] = self.root.sign(names[0], names)
        return self._good[names]

    def authority(self):
        """A state directory with an authority, and beside it root.pem."""
        if not self._authority:
            self._authority = self.folder / "home"
            (self.folder / "empty.toml").write_text("")
            for words in (["create"], ["export", self.folder / "root.pem"]):
                authority(self._authority, self.folder / "empty.toml", *words)
        return self._authority


def authority(state, config, *words):
    done = subprocess.run([str(PROGRAM), "authority", *map(str, words), "--state", str(state), "--config", str(config)],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Home:
    """Settings, authority, origins; `paravent` once it was started."""

    def __init__(self, start, origin, folder, world):
        self._start, self._origin, self.folder, self.everything = start, origin, folder, world
        self.world = world.root
        self.paravent = None
        self.state = folder / "paravent-0" / "state"  # conftest's name for the first one that is started
        names = [FACEBOOK, CONNECT, MOBILE, GRAPH, BANK, "shop.example", *(f"h{n}.facebook.com" for n in range(120)),
                 *COUNTERS, "an.facebook.com"]
        self.hosts = {name: f"127.0.1.{n + 1}" for n, name in enumerate(names)}
        self.root = folder / "root.pem"
        self._left = [name for name in names if name.startswith("h")]
        self._opened = []

    def next_host(self):
        """A host in scope that no other test of this home had."""
        return self._left.pop(0)

    # --- the world ------------------------------------------------------------------------------------------------

    def leaf(self, *names, **options):
        return self.world.sign(names[0], names, **options)

    def origin(self, host=FACEBOOK, serve=mirror, tls=None, **options):
        """An origin for a host, with a good certificate unless `tls` is another context; without TLS where it is False."""
        context = self.everything.good(host).context() if tls is None else tls or None
        return self._origin(serve, port=443, address=self.hosts[host], tls=context, **options)

    def authority(self, *words):
        return authority(self.state, self.paravent.config, *words)

    def start(self, settings=None, **options):
        """The program, with interception on for this computer and two devices of the network."""
        if not self.state.exists():
            shutil.copytree(self.everything.authority(), self.state)
            shutil.copy(self.everything.folder / "root.pem", self.root)
        own = {"proxy": {"clients": ["loopback", "home"]}, "tls": {"trust": str(self.world.file)}, "log": {"level": "trace"},
               "device": [{"name": "this", "address": "127.0.0.1", "intercept": True},
                          {"name": "laptop", "address": LAPTOP, "intercept": True},
                          {"name": "phone", "address": PHONE, "intercept": True}, {"name": "guest", "address": GUEST}]}
        self.paravent = self._start(merged(own, settings), hosts=self.hosts, **options)
        return self.paravent

    # --- its clients ----------------------------------------------------------------------------------------------

    def trusting(self, **options):
        """A client's TLS as of a device on which the home's root is installed, and nobody else's."""
        context = credulous(**options)
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = True
        context.load_verify_locations(self.root)
        return context

    def way(self, host=FACEBOOK, source=None, socks=False, port=443, timeout=20):
        """A socket that leads to a host through the proxy, before any TLS; the caller closes it."""
        stream = Stream(self.paravent.connect(source, timeout))
        self._opened.append(stream.socket)
        if socks:
            stream.socket.sendall(b"\x05\x01\x00")
            assert stream.exactly(2) == b"\x05\x00"
            stream.socket.sendall(b"\x05\x01\x00" + socks_address(host) + port.to_bytes(2, "big"))
            code = read_socks_reply(stream)
            assert code == 0, code
        else:
            stream.socket.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            answer = read_response(stream, "CONNECT")
            assert answer.status == 200, answer.first
        assert not stream.pending
        return stream.socket

    def client(self, host=FACEBOOK, context=None, sni=..., session=None, **way):
        """A client after its TLS handshake; `context`: one that has the home's root unless given. A cut is an error."""
        sock = self.way(host, **way)
        tls = (context or self.trusting()).wrap_socket(sock, server_hostname=host if sni is ... else sni, session=session,
                                                       suppress_ragged_eofs=False)
        self._opened.append(tls)
        return Client(tls)

    def shown(self, host=FACEBOOK, **options):
        """The certificate (DER) that a credulous client is shown."""
        options.setdefault("context", credulous())
        with self.client(host, **options) as client:
            return client.certificate

    def ours(self, certificate):
        """Whether our authority made it."""
        pem = self.folder / "shown.pem"
        pem.write_text(ssl.DER_cert_to_PEM_cert(certificate))
        issuer = subprocess.run(["openssl", "x509", "-noout", "-issuer", "-in", str(pem)], capture_output=True, text=True).stdout
        return "Paravent" in issuer

    def is_seen_inside(self, host=FACEBOOK, **options):
        return self.ours(self.shown(host, **options))

    def serves(self, host=FACEBOOK, **options):
        """That an intercepted request gets its answer, so that "nothing happened" is no hanging proxy."""
        with self.client(host, **options) as client:
            answer = client.ask("/home", host=host)
            assert answer.status == 200, answer.first

    def event(self, destination=FACEBOOK, **expected):
        """The event at a destination that has these values; waits for it."""

        def found():
            return [e for e in self.paravent.events() if e["destination"] == destination
                    and all(e.get(k) == v for k, v in expected.items())]

        return eventually(found, f"an event at {destination} with {expected}; there are {self.paravent.events()}")[-1]

    def close(self):
        for sock in self._opened:
            sock.close()


class Relay:
    """A port whose every connection is a way through the proxy: for clients that know no proxy."""

    def __init__(self, home, host, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, args=(home, host, port), daemon=True).start()

    def _serve(self, home, host, port):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = home.way(host, port=port)
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(a, b), daemon=True).start()

    @staticmethod
    def _copy(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()
