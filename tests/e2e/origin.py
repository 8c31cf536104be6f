"""Origins to script: each takes a function that plays one connection, and keeps every byte that reached it."""
import json
import os
import socket
import ssl
import struct
import subprocess
import threading

from conditions import eventually
from http1 import Closed, Stream, read_head, read_request


class Accepted(Stream):
    """One connection that reached an origin."""

    def __init__(self, sock, peer):
        super().__init__(sock)
        self.peer = peer
        self.over = threading.Event()
        self.version = self.resumed = self.certificate = None  # of TLS

    def secure(self, context):
        """TLS; what it was stays known when the socket is gone."""
        self.socket = tls = context.wrap_socket(self.socket, server_side=True)
        self.version, self.resumed, self.certificate = tls.version(), tls.session_reused, tls.getpeercert(True)

    def send(self, data):
        self.socket.sendall(data)

    def request(self):
        return read_request(self)

    def head(self):
        return read_head(self)

    def reset(self):
        """Ends the connection with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Origin:
    """Listens on a port and plays `serve(connection)` for each connection, on a thread of its own."""

    def __init__(self, serve, port, address="127.0.0.1", tls=None, receive_buffer=None):
        self.port = port
        self.address = address
        self.connections = []
        self.errors = []
        self.closed = False
        self._serve = serve
        self._tls = tls
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind((address, port))
        self._listener.listen(1024)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def received(self):
        """All bytes of all connections, in the order of the connections."""
        return b"".join(bytes(c.record) for c in self.connections)

    def connection(self, number=0, within=5.0):
        """The connection with that number, once it is there."""
        eventually(lambda: len(self.connections) > number, f"connection {number} at the origin", within)
        return self.connections[number]

    def _accept(self):
        while True:
            try:
                sock, peer = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._play, args=(sock, peer), daemon=True).start()

    def _play(self, sock, peer):
        sock.settimeout(60)
        connection = Accepted(sock, peer)
        self.connections.append(connection)
        try:
            if self._tls:
                connection.secure(self._tls)
            self._serve(connection)
        except (Closed, OSError):
            pass
        except Exception as error:  # noqa: BLE001 - shown by the test that looks at .errors
            self.errors.append(error)
        finally:
            connection.socket.close()
            connection.over.set()

    def close(self):
        self.closed = True
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        for connection in self.connections:
            try:
                connection.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def response(body=b"ok", status="200 OK", fields=()):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def mirror(connection):
    """Answers every request with what it was, as JSON; keeps the connection."""
    while True:
        try:
            request = connection.request()
        except Closed:
            return
        method, target, version = request.first.split(" ")
        seen = {"method": method, "target": target, "version": version, "fields": request.fields,
                "body": request.body.decode("latin-1"), "trailers": request.trailers}
        connection.send(response(b"" if method == "HEAD" else json.dumps(seen).encode(),
                                 fields=["Content-Type: application/json"]))


def echo(connection):
    """Sends back every byte; half-closes when the other side has."""
    while data := connection.socket.recv(65536):
        connection.record += data
        connection.send(data)
    connection.socket.shutdown(socket.SHUT_WR)


def says(data, keep=False):
    """Reads one request's head, sends these bytes, then closes (or waits for the other side to)."""

    def serve(connection):
        connection.head()
        connection.send(data)
        if keep:
            connection.rest()

    return serve


def floods(connection):
    """Reads a head if there is one to read, then sends for ever."""
    block = b"x" * 65536
    while True:
        connection.send(block)


def listens(connection):
    """Reads and never answers."""
    connection.rest()


def silent(connection):
    """Neither reads nor answers, until the test is over."""
    connection.over.wait(60)


def certificate(folder, name):
    """A self-made certificate for `name`; returns (certificate file, ssl context of an origin that shows it)."""
    key, file = os.path.join(folder, f"{name}.key"), os.path.join(folder, f"{name}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", file],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context
