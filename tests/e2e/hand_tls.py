"""A TLS client whose bytes pass through the test's hands: it can send its hello in pieces, answer with an alert, or stop."""
import socket
import ssl

from inside import FACEBOOK, TLS12, TLS13, credulous

RECORD = 5  # bytes of a record's header (RFC 8446, section 5.1)


class HandTls:
    """One handshake over a socket, driven step by step."""

    def __init__(self, sock, context, host=FACEBOOK):
        self.socket = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host)

    def hello(self):
        """The client's first flight."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def server_flight(self):
        """What the server answers to the hello, up to ServerHelloDone or, with TLS 1.3, the first encrypted records."""
        data = b""
        while not holds_certificate(data):
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError(f"the server ended after {data[:40]!r}")
            data += more
        return data

    def alert(self, code):
        """A fatal alert in the clear, as a client sends it that has not changed its cipher yet."""
        self.socket.sendall(b"\x15\x03\x03\x00\x02\x02" + bytes([code]))

    def finish(self):
        """The rest of the handshake, as it should be; the client is usable by `write` and `read` then."""
        while True:
            try:
                self.tls.do_handshake()
                self.socket.sendall(self.outgoing.read())
                return self
            except ssl.SSLWantReadError:
                self.socket.sendall(self.outgoing.read())
                data = self.socket.recv(65536)
                if not data:
                    raise ConnectionError("the server ended in the middle of the handshake") from None
                self.incoming.write(data)

    def write(self, data):
        self.tls.write(data)
        self.socket.sendall(self.outgoing.read())

    def read(self):
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                data = self.socket.recv(65536)
                if not data:
                    return b""
                self.incoming.write(data)


def records(data):
    """(type, bytes) of the whole records in `data`."""
    found = []
    while len(data) >= RECORD and len(data) >= RECORD + int.from_bytes(data[3:5], "big"):
        size = RECORD + int.from_bytes(data[3:5], "big")
        found.append((data[0], data[RECORD:size]))
        data = data[size:]
    return found


def holds_certificate(data):
    """TLS 1.2: ServerHelloDone is there. TLS 1.3: its flight has a record of encrypted bytes."""
    handshake = b"".join(body for kind, body in records(data) if kind == 22)
    while len(handshake) >= 4:
        if handshake[0] == 14:
            return True
        handshake = handshake[4 + int.from_bytes(handshake[1:4], "big"):]
    return sum(len(body) for kind, body in records(data) if kind == 23) > 600


def in_records_of(size, hello):
    """The same handshake message in records that hold `size` bytes each."""
    message = b"".join(body for _, body in records(hello))
    return b"".join(hello[:3] + len(part).to_bytes(2, "big") + part
                    for part in (message[at:at + size] for at in range(0, len(message), size)))


def refuse(home, how, host=FACEBOOK, **way):
    """One connection that refuses our certificate: an alert's number, "verify" or "verify 1.2" (a real client without our
    root), "close" in the middle of the handshake, or "later" (after it, having asked for nothing). Returns once the
    program has seen it, which it shows by closing."""
    if how == "later":
        sock = home.client(host, **way).socket
    else:
        sock = home.way(host, **way)
        _refuse_in_handshake(sock, how, host)
    try:
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass
    except OSError:
        pass
    sock.close()


def _refuse_in_handshake(sock, how, host):
    if str(how).startswith("verify"):
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        context.maximum_version = TLS12 if how == "verify 1.2" else TLS13
        hand = HandTls(sock, context, host)
        try:
            hand.finish()
        except ssl.SSLCertVerificationError:
            sock.sendall(hand.outgoing.read())  # OpenSSL's own alert
            return
        raise AssertionError("a certificate of ours was taken by a client that has no root for it")
    hand = HandTls(sock, credulous(highest=TLS12), host)
    sock.sendall(hand.hello())
    hand.server_flight()
    if how != "close":
        hand.alert(how)
