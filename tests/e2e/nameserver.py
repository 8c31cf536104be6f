"""A DNS server for tests, on UDP and TCP, that can be as bad as the test wants."""
import random
import socket
import struct
import threading

A, AAAA = 1, 28


def question_of(query):
    """(name, type, the question's bytes) of a query with one question."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]])
        at += 1 + query[at]
    kind, = struct.unpack(">H", query[at + 1:at + 3])
    return b".".join(labels).decode("latin-1").lower(), kind, query[12:at + 5]


def encoded(name):
    return b"".join(bytes([len(label)]) + label for label in name.encode("latin-1").split(b".")) + b"\0"


def packet(query, addresses=(), ttl=300, code=0, truncated=False, number=None, question=None):
    """An answer to the query with these addresses of the asked type."""
    _, kind, own = question_of(query)
    flags = 0x8180 | (0x0200 if truncated else 0) | code
    head = struct.pack(">2sHHHHH", number or query[:2], flags, 1, len(addresses), 0, 0)
    family = socket.AF_INET6 if kind == AAAA else socket.AF_INET
    records = b""
    for address in addresses:
        data = socket.inet_pton(family, address)
        records += struct.pack(">HHHLH", 0xC00C, kind, 1, ttl, len(data)) + data
    return head + (question or own) + records


class NameServer:
    """answer(name, kind, query, tcp) returns packets to send (a list), or None to stay silent."""

    def __init__(self, answer, port=0, address="127.0.0.1"):
        self.answer, self.asked, self.dead = answer, [], False
        self.port = port or self.free_on_both(address)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, self.port))
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((address, self.port))
        self.tcp.listen(16)
        self.where = f"{address}:{self.port}"
        threading.Thread(target=self._udp, daemon=True).start()
        threading.Thread(target=self._tcp, daemon=True).start()

    @staticmethod
    def free_on_both(address):
        while True:
            port = random.randrange(10000, 11900)  # below the origins' ports and the kernel's own choices
            with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    tcp.bind((address, port))
                    udp.bind((address, port))
                    return port
                except OSError:
                    continue

    def _reply(self, query, tcp):
        name, kind, _ = question_of(query)
        self.asked.append((name, kind, tcp))
        return [] if self.dead else self.answer(name, kind, query, tcp) or []

    def _udp(self):
        while True:
            try:
                query, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            threading.Thread(target=self._send, args=(query, peer), daemon=True).start()

    def _send(self, query, peer):
        try:
            for each in self._reply(query, False):
                self.udp.sendto(each, peer)
        except OSError:
            pass

    def _tcp(self):
        while True:
            try:
                sock, _ = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with sock, sock.makefile("rb") as stream:
            while head := stream.read(2):
                query = stream.read(struct.unpack(">H", head)[0])
                for each in self._reply(query, True):
                    sock.sendall(struct.pack(">H", len(each)) + each)

    def close(self):
        self.udp.close()
        self.tcp.close()


def says(table, ttl=300):
    """Answers from {name: [addresses of both kinds]}; other names do not exist."""

    def answer(name, kind, query, tcp):
        if name not in table:
            return [packet(query, code=3)]
        return [packet(query, [a for a in table[name] if (":" in a) == (kind == AAAA)], ttl)]

    return answer
