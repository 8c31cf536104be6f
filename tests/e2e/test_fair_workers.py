"""One worker serves many: a client whose both sides are always ready does not keep it from the others.

strace makes the program slower than its clients, so that it never has to wait for them; the clients throw away what they
get without looking at it.
"""
import socket
import subprocess
import threading

import pytest

from conditions import eventually
from http1 import Stream, read_response
from origin import mirror
from program import CHECKED

SLOWLY = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=recvfrom,sendmsg", "-e", "inject=sendmsg:delay_exit=200"]
BLOCK = b"x" * (1 << 20)


def can_trace():
    try:
        return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


class Counted:
    """Reads for ever and keeps nothing but the count."""

    def __init__(self, sock):
        self.count = 0
        self.socket = sock
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        room = bytearray(1 << 20)
        try:
            while n := self.socket.recv_into(room, len(room), socket.MSG_TRUNC):
                self.count += n
        except OSError:
            pass


def floods(sock, data):
    def run():
        try:
            while True:
                sock.sendall(data)
        except OSError:
            pass

    threading.Thread(target=run, daemon=True).start()


@pytest.mark.skipif(CHECKED, reason="a sanitizer looks for leaks by the means that strace uses")
@pytest.mark.skipif(not can_trace(), reason="strace is missing or may not be used here")
@pytest.mark.parametrize("kind", ["download", "upload"])
def test_a_client_that_is_always_ready_lets_others_be_served(start, origin, kind):
    sinks = []

    def serve(connection):
        connection.head()
        if kind == "upload":
            sinks.append(Counted(connection.socket))
        else:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n")
            floods(connection.socket, BLOCK)
        connection.over.wait(60)

    paravent = start({"proxy": {"workers": 1}}, before=SLOWLY)
    busy, other = origin(serve), origin(mirror)
    head = f"http://origin.example:{busy.port}/ HTTP/1.1\r\nHost: origin.example\r\n"
    with paravent.connect() as sock:
        if kind == "download":
            sock.sendall(f"GET {head}\r\n".encode())
            sinks.append(Counted(sock))
        else:
            sock.sendall(f"POST {head}Content-Length: 99999999999999\r\n\r\n".encode())
            floods(sock, BLOCK)
        eventually(lambda: sinks and sinks[0].count > 256 << 20, "bytes flow", 60)
        for _ in range(3):
            with paravent.connect() as second:
                second.sendall(f"GET http://origin.example:{other.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
                assert read_response(Stream(second)).status == 200
        before = sinks[0].count
        eventually(lambda: sinks[0].count > before, "the first goes on")
        sock.shutdown(socket.SHUT_RDWR)
    for connection in busy.connections:
        connection.over.set()
