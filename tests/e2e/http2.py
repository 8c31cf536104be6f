"""HTTP/2 for tests: a client and an origin on python3-h2, and frames made by hand for what no library sends."""
import json
import socket

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

from http1 import Closed, Message

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9


def frame(kind, payload=b"", flags=0, stream=0):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def plain_header(name, value):
    """A field as HPACK literal without indexing, neither part Huffman-coded."""
    assert len(name) < 127 and len(value) < 127
    return b"\x00" + bytes([len(name)]) + name.encode("latin-1") + bytes([len(value)]) + value.encode("latin-1")


class Reset(Exception):
    """The peer ended a stream; its code."""


class Session:
    """What both ends share: a socket, h2's machine, and the events that came."""

    def __init__(self, sock, client):
        self.socket = sock
        config = h2.config.H2Configuration(client_side=client, header_encoding="utf-8", validate_outbound_headers=False,
                                           normalize_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.flush()

    def flush(self):
        if data := self.h2.data_to_send():
            self.socket.sendall(data)

    def events(self):
        """The next ones; Closed where the connection ended."""
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            raise Closed(b"")
        found = self.h2.receive_data(data)
        self.flush()
        return found


class Client(Session):
    """HTTP/2 inside TLS; `ask` as inside.Client has it."""

    def __init__(self, sock, window=None):
        super().__init__(sock, True)
        self.open, self.ended, self.gone = {}, {}, None
        self.credit = window is None  # gives window back by itself
        if window is not None:
            self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
            self.flush()

    def begin(self, target, method="GET", fields=(), end=True, host="www.facebook.com", pseudo=()):
        head = [(":method", method), (":scheme", "https"), (":authority", host), (":path", target), *pseudo, *fields]
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, head, end_stream=end)
        self.open[stream] = Message("", [])
        self.flush()
        return stream

    def send(self, stream, data, end=False):
        """All of it, as the windows allow."""
        while data or end:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(data))
            if data and room <= 0:
                self.step()
                continue
            self.h2.send_data(stream, data[:room], end_stream=end and room == len(data))
            data = data[room:]
            self.flush()
            if not data:
                return

    def step(self):
        for event in self.events():
            stream = getattr(event, "stream_id", None)
            message = self.open.get(stream)
            if isinstance(event, h2.events.ConnectionTerminated):
                self.gone = event.error_code
            elif isinstance(event, h2.events.StreamReset) and message:
                self.ended[stream] = Reset(event.error_code)
            elif isinstance(event, h2.events.InformationalResponseReceived) and message:
                message.interim.append(event.headers)
            elif isinstance(event, h2.events.ResponseReceived) and message:
                message.fields = [(n, v) for n, v in event.headers if not n.startswith(":")]
                message.first = "HTTP/2 " + dict(event.headers)[":status"]
            elif isinstance(event, h2.events.DataReceived) and message:
                message.body += event.data
                if self.credit:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
                    self.flush()
            elif isinstance(event, h2.events.TrailersReceived) and message:
                message.trailers = event.headers
            elif isinstance(event, h2.events.StreamEnded) and message:
                self.ended[stream] = message

    def answer(self, stream):
        while stream not in self.ended:
            self.step()
        if isinstance(self.ended[stream], Reset):
            raise self.ended[stream]
        return self.ended[stream]

    def ask(self, target, method="GET", fields=(), body=None, host="www.facebook.com"):
        stream = self.begin(target, method, fields, body is None, host)
        if body is not None:
            self.send(stream, body, end=True)
        return self.answer(stream)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class Raw:
    """Frames by hand, after the preface; what the other side says is kept."""

    def __init__(self, sock, settings=b""):
        self.socket = sock
        self.heard = bytearray()
        sock.sendall(PREFACE + frame(SETTINGS, settings))

    def send(self, *frames):
        self.socket.sendall(b"".join(frames))

    def request(self, stream, *fields, end=True, method="GET", path="/", scheme="https", authority="www.facebook.com"):
        head = [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path), *fields]
        return frame(HEADERS, b"".join(plain_header(n, v) for n, v in head), 4 | (1 if end else 0), stream)

    def frames(self, within=5.0):
        """Until the connection ends; (kind, flags, stream, payload) each."""
        self.socket.settimeout(within)
        try:
            while data := self.socket.recv(65536):
                self.heard += data
        except (ConnectionError, socket.timeout, OSError):
            pass
        found, rest = [], bytes(self.heard)
        while len(rest) >= 9:
            size = int.from_bytes(rest[:3], "big")
            found.append((rest[3], rest[4], int.from_bytes(rest[5:9], "big") & 0x7fffffff, rest[9:9 + size]))
            rest = rest[9 + size:]
        return found

    def refusal(self, within=5.0):
        """("goaway", code) or ("reset", code) of the first that came; None where neither did."""
        for kind, _, _, payload in self.frames(within):
            if kind == GOAWAY and payload[4:8] != bytes(4):
                return "goaway", int.from_bytes(payload[4:8], "big")
            if kind == RST:
                return "reset", int.from_bytes(payload[:4], "big")
        return None


def mirrored(session, stream, seen):
    """What the request was, as JSON."""
    body = b"" if seen["method"] == "HEAD" else json.dumps(seen).encode()
    session.h2.send_headers(stream, [(":status", "200"), ("content-type", "application/json"), ("content-length", str(len(body)))],
                            end_stream=not body)
    if body:
        session.queue(stream, body)


def mirror2(answer=None):
    """An origin that speaks HTTP/2: each request is answered with what it was, as JSON, or by `answer(session, stream, seen)`."""

    def serve(connection):
        session = Session(connection.socket, False)
        requests = {}
        queues = {}

        def push():
            for stream in list(queues):
                while queues[stream]:
                    room = min(session.h2.local_flow_control_window(stream), session.h2.max_outbound_frame_size)
                    if room <= 0:
                        break
                    piece, queues[stream] = queues[stream][:room], queues[stream][room:]
                    session.h2.send_data(stream, piece, end_stream=not queues[stream])
                if not queues[stream]:
                    del queues[stream]
            session.flush()

        session.queue = lambda stream, data: (queues.__setitem__(stream, data), push())
        while True:
            for event in session.events():
                stream = getattr(event, "stream_id", None)
                if isinstance(event, h2.events.RequestReceived):
                    pseudo = {n: v for n, v in event.headers if n.startswith(":")}
                    requests[stream] = {"method": pseudo[":method"], "target": pseudo[":path"], "authority": pseudo[":authority"],
                                        "fields": [(n, v) for n, v in event.headers if not n.startswith(":")], "body": "", "trailers": []}
                    connection.record += (pseudo[":method"] + " " + pseudo[":path"] + "\n").encode()
                elif isinstance(event, h2.events.DataReceived):
                    requests[stream]["body"] += event.data.decode("latin-1")
                    session.h2.acknowledge_received_data(event.flow_controlled_length, stream)
                elif isinstance(event, h2.events.TrailersReceived):
                    requests[stream]["trailers"] = event.headers
                elif isinstance(event, h2.events.StreamEnded):
                    seen = requests.pop(stream)
                    try:
                        (answer or mirrored)(session, stream, seen)
                    except h2.exceptions.StreamClosedError:
                        pass  # its reset came with the same bytes: the client gave it up
            push()

    return serve
