"""Ports for one run of the tests: below those that the kernel gives to outgoing connections, and never the same one twice."""
import random
import socket

BLOCK = 64
FIRST, LAST = 12_000, 32_000  # name servers have those below; the kernel's own choices begin at 32768
_claims, _left = [], []


def block():
    """Ports that no other run on this machine takes: a name that lives as long as this process claims them."""
    for begin in random.sample(range(FIRST, LAST, BLOCK), (LAST - FIRST) // BLOCK):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0paravent-test-ports-{begin}")
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return list(range(begin, begin + BLOCK))
    raise RuntimeError("every block of test ports is taken")


def is_free(port, address):
    """Whether the port can be bound; false also where the address is another computer's."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as s:
        try:
            s.bind((address, port))
        except OSError:
            return False
    return True


def free_port(address="127.0.0.1"):
    """A port that was not handed out before in this run, and that nobody has now."""
    while True:
        if not _left:
            _left.extend(block())
        port = _left.pop()
        if is_free(port, address):
            return port
