"""A reader of HTTP/1 messages for tests: it says exactly what came, and never repairs anything."""
import socket


class Closed(Exception):
    """The peer ended the connection in the middle of a message (or before one)."""


class Stream:
    """A socket with its unread bytes; counts everything that was ever received."""

    def __init__(self, sock, record=None):
        self.socket = sock
        self.pending = bytearray()
        self.record = record if record is not None else bytearray()
        self.was_reset = False

    def more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            self.was_reset, data = True, b""
        if not data:
            raise Closed(bytes(self.pending))
        self.record += data
        self.pending += data

    def line(self):
        while b"\n" not in self.pending:
            self.more()
        end = self.pending.index(b"\n") + 1
        line = bytes(self.pending[:end])
        del self.pending[:end]
        assert line.endswith(b"\r\n"), line
        return line[:-2]

    def exactly(self, count):
        while len(self.pending) < count:
            self.more()
        data = bytes(self.pending[:count])
        del self.pending[:count]
        return data

    def rest(self):
        """Everything to the end of the stream."""
        try:
            while True:
                self.more()
        except Closed:
            data = bytes(self.pending)
            self.pending.clear()
            return data

    def ended(self):
        """True once the peer has closed or reset; only asked where nothing more is expected."""
        try:
            self.more()
            return False
        except Closed:
            return True
        except socket.timeout:
            return False


class Message:
    """A request or response: its first line, its fields as they came, its body."""

    def __init__(self, first, fields):
        self.first = first
        self.fields = fields
        self.body = b""
        self.trailers = []
        self.interim = []

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def all(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]

    @property
    def status(self):
        return int(self.first.split(" ", 2)[1])

    @property
    def error(self):
        return self.get("Paravent-Error")

    @property
    def rule(self):
        return self.get("Paravent-Rule")

    def __repr__(self):
        return f"<{self.first!r} {self.fields!r} {bytes(self.body[:200])!r}>"


def read_head(stream):
    first = stream.line().decode("latin-1")
    return Message(first, read_fields(stream))


def read_fields(stream):
    fields = []
    while line := stream.line():
        name, _, value = line.decode("latin-1").partition(":")
        fields.append((name, value.strip(" \t")))
    return fields


def read_chunks(stream, message):
    body = bytearray()
    while size := int(stream.line().split(b";")[0], 16):
        body += stream.exactly(size)
        assert stream.line() == b""
    message.trailers = read_fields(stream)
    return bytes(body)


def read_body(stream, message, until_close):
    if "chunked" in message.get("Transfer-Encoding", "").lower():
        return read_chunks(stream, message)
    if message.get("Content-Length") is not None:
        return stream.exactly(int(message.get("Content-Length")))
    body = stream.rest() if until_close else b""
    if stream.was_reset:
        raise Closed(body)  # a cut, and no end
    return body


def read_request(stream):
    message = read_head(stream)
    message.body = read_body(stream, message, until_close=False)
    return message


def read_response(stream, method="GET", interim=True):
    """The final response (interim ones are kept in .interim); raises Closed when the peer ends early."""
    before = []
    while True:
        message = read_head(stream)
        if not interim or not 100 <= message.status < 200 or message.status == 101:
            break
        before.append(message)
    message.interim = before
    tunnel = method == "CONNECT" and 200 <= message.status < 300
    if method != "HEAD" and message.status not in (101, 204, 304) and not tunnel:
        message.body = read_body(stream, message, until_close=True)
    return message
