"""Real name servers of Debian's packages, each with one file of records, in front of a server of the test's own."""
import shutil
import socket
import struct
import subprocess

import pytest

from conditions import eventually
from nameserver import NameServer, encoded, packet

A, PTR, TXT, AAAA, HTTPS = 1, 12, 16, 28, 65
UPSTREAM = {A: "198.51.100.9", AAAA: "2001:db8::9", HTTPS: None, TXT: None}
HTTPS_DATA = b"\x00\x01\x00\x00\x04\x00\x04\xc6\x33\x64\x09"  # priority 1, this name, ipv4hint 198.51.100.9


def world(name, kind, query, tcp):
    """Every name exists, with an address of each kind and an HTTPS record."""
    if kind == HTTPS:
        answer = bytearray(packet(query))
        answer[6:8] = b"\x00\x01"
        return [bytes(answer) + struct.pack(">HHHLH", 0xC00C, HTTPS, 1, 300, len(HTTPS_DATA)) + HTTPS_DATA]
    return [packet(query, [UPSTREAM[kind]] if UPSTREAM.get(kind) else [])]


def skipped(data, at):
    """Behind a name."""
    while data[at]:
        if data[at] >= 0xC0:
            return at + 2
        at += 1 + data[at]
    return at + 1


class Server:
    """dnsmasq (which Pi-hole is made of) or unbound, started with a file of records."""

    def __init__(self, program, folder, records, address=None, above=None):
        """At an address of a home (port 53, and asked from everywhere) where one is given; `above` is who it asks then."""
        binary = shutil.which(program) or shutil.which(program, path="/usr/sbin")
        if not binary:
            pytest.skip(f"{program} is not installed")
        self.above = None if above else NameServer(world)
        self.address, self.port = (address, 53) if address else ("127.0.0.1", NameServer.free_on_both("127.0.0.1"))
        asks, its_port = (above, 53) if above else ("127.0.0.1", self.above.port)
        file, config = folder / "records.conf", folder / f"{program}.conf"
        file.write_text(records)
        if program == "dnsmasq":
            config.write_text(f"port={self.port}\nlisten-address={self.address}\nbind-interfaces\nno-resolv\nno-hosts\n"
                              f"server={asks}#{its_port}\nconf-file={file}\n")
            command = [binary, "--keep-in-foreground", f"--conf-file={config}", "--user=", "--pid-file="]
        else:
            config.write_text(f'server:\n  interface: {self.address}@{self.port}\n  do-daemonize: no\n  username: ""\n  chroot: ""\n'
                              f'  pidfile: ""\n  directory: "{folder}"\n  use-syslog: no\n  do-not-query-localhost: no\n'
                              f'  module-config: "iterator"\n  access-control: 0.0.0.0/0 allow\n  include: "{file}"\n'
                              f'forward-zone:\n  name: "."\n  forward-addr: {asks}@{its_port}\n')
            command = [binary, "-c", str(config)]
        self.log = open(folder / f"{program}.log", "w+")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        eventually(self._answers, "an answer", 20)

    def _answers(self):
        self.log.seek(0)
        assert self.process.poll() is None, self.log.read()
        try:
            return self.ask("up.example", A, 0.5) is not None
        except OSError:
            return False

    def ask(self, name, kind, timeout=5):
        """(rcode, the data of its records)"""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            sock.connect((self.address, self.port))
            sock.send(struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + encoded(name) + struct.pack(">HH", kind, 1))
            data = sock.recv(4096)
        at, found = skipped(data, 12) + 4, []
        for _ in range(struct.unpack(">H", data[6:8])[0]):
            at = skipped(data, at)
            size = struct.unpack(">H", data[at + 8:at + 10])[0]
            found.append(data[at + 10:at + 10 + size])
            at += 10 + size
        return data[3] & 15, found

    def addresses(self, name, kind):
        code, found = self.ask(name, kind)
        assert code == 0, (name, kind, code)
        return [socket.inet_ntop(socket.AF_INET if kind == A else socket.AF_INET6, each) for each in found]

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        if self.above:
            self.above.close()
        self.log.close()
