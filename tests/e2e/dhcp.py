"""DHCP (RFC 2131) as a home has it: real servers, and what a phone does with them."""
import contextlib
import fcntl
import os
import socket
import struct
import subprocess

import pytest

needs_dnsmasq = pytest.mark.skipif(not os.path.exists("/usr/sbin/dnsmasq"), reason="needs dnsmasq")

SIOCGIFHWADDR = 0x8927
DISCOVER, REQUEST, ACK = 1, 3, 5
ADDRESS, KIND, SERVER, WANTED, WPAD = 50, 53, 54, 55, 252
COMMAND = ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/stdin", "--port=0", "--bind-interfaces", "--leasefile-ro",
           "--pid-file=", "--user=root", "--dhcp-authoritative"]


@contextlib.contextmanager
def dhcp_server(place, link, first, last, pac):
    """dnsmasq there, with the line that the README has for it: it hands out the address of a PAC file."""
    with place:
        running = subprocess.Popen([*COMMAND, f"--interface={link}", f"--dhcp-range={first},{last},255.255.255.0,1h"],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    running.stdin.write(f'dhcp-option=252,"{pac}"\n')
    running.stdin.close()
    try:
        yield
    finally:
        running.terminate()
        running.wait(10)


class Phone:
    """What a phone's DHCP client says and hears on that link of its place."""

    def __init__(self, place, link):
        self.place, self.link, self.number = place, link, 0

    def offers(self):
        """{server: (address offered, address of the PAC file)} of all that answer its DHCPDISCOVER."""
        return {socket.inet_ntoa(options[SERVER]): (address, pac_of(options)) for address, options in self._ask(DISCOVER)}

    def lease(self, server):
        """Takes that server's offer; the address of the PAC file, as the server's DHCPACK has it."""
        address, _ = self.offers()[server]
        said = [options for _, options in self._ask(REQUEST, {ADDRESS: socket.inet_aton(address), SERVER: socket.inet_aton(server)})]
        (options,) = [options for options in said if options[KIND] == bytes([ACK])]
        return pac_of(options)

    def _ask(self, kind, more=None):
        self.number += 1
        with self.place, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            mac = fcntl.ioctl(sock, SIOCGIFHWADDR, struct.pack("256s", self.link.encode()))[18:24]
            for option in (socket.SO_BROADCAST, socket.SO_REUSEADDR):
                sock.setsockopt(socket.SOL_SOCKET, option, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.link.encode())
            sock.bind(("", 68))
            sock.settimeout(1.5)
            head = struct.pack("!BBBBIHH16x", 1, 1, 6, 0, self.number, 0, 0x8000) + mac + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63"
            options = {KIND: bytes([kind]), WANTED: bytes([1, SERVER, WPAD]), **(more or {})}
            sock.sendto(head + b"".join(bytes([name, len(data)]) + data for name, data in options.items()) + b"\xff", ("255.255.255.255", 67))
            with contextlib.suppress(TimeoutError):
                while True:
                    answer = sock.recv(2048)
                    if answer[4:8] == struct.pack("!I", self.number):
                        yield socket.inet_ntoa(answer[16:20]), options_of(answer[240:])


def pac_of(options):
    return options[WPAD].rstrip(b"\0").decode()


def options_of(data):
    options, at = {}, 0
    while data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        options[data[at]] = data[at + 2:at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return options
