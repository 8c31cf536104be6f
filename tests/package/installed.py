"""The installed package as its tests handle it: apt, systemd, the service, a request and a tunnel through it."""
import os
import socket
import subprocess
from pathlib import Path

from http1 import Closed, Stream, read_response

PACKAGES = Path("/srv/packages")
SETTINGS, STATE = Path("/etc/paravent/paravent.toml"), Path("/var/lib/paravent")
PROXY, DASHBOARD = 8480, 8481
HTTP_PORT, TUNNEL_PORT = 12001, 12002
BLOCKED = "http://an.facebook.com/placementbid"
# What a package manager and a journal write is theirs.
THEIRS = ("/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/cache", "/var/log", "/var/lib/apt", "/var/lib/dpkg", "/srv", "/root",
          "/etc/mtab", "/var/lib/systemd/random-seed", "/var/lib/systemd/timers", "/var/lib/systemd/timesync")


def run(*words, within=400, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=within, stdin=subprocess.DEVNULL, **more)


def done(*words, **more):
    result = run(*words, **more)
    assert result.returncode == 0, f"{words}: {result.stdout}\n{result.stderr}\n{journal()}"
    return result.stdout


def apt(*words):
    return run("apt-get", "-y", "-q", "--no-install-recommends", *words)


def journal():
    return run("journalctl", "-u", "paravent.service", "-n", "40", "--no-pager").stdout


def shown(*properties):
    text = done("systemctl", "show", "paravent.service", *(f"--property={name}" for name in properties))
    return dict(line.split("=", 1) for line in text.splitlines())


def active(unit="paravent.service"):
    return run("systemctl", "is-active", unit).stdout.strip()


def main_pid():
    return int(shown("MainPID")["MainPID"])


def serving_pid():
    pid = main_pid()
    assert pid > 1, journal()  # 0 to kill(2) is everybody
    return pid


def version():
    return run("dpkg-query", "-W", "-f=${Version} ${db:Status-Status}", "paravent").stdout


def connect(port=PROXY):
    return socket.create_connection(("127.0.0.1", port), 10)


def get(target, port=PROXY, host="an.facebook.com"):
    with connect(port) as sock:
        sock.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return read_response(Stream(sock))


def blocks(port=PROXY):
    return get(BLOCKED, port).rule == "meta/audience-network"


def tunnel():
    stream = Stream(connect())
    stream.socket.sendall(f"CONNECT 127.0.0.1:{TUNNEL_PORT} HTTP/1.1\r\nHost: 127.0.0.1:{TUNNEL_PORT}\r\n\r\n".encode())
    assert read_response(stream, "CONNECT").status == 200
    return stream


def passes(stream):
    try:
        stream.socket.sendall(b"still here")
        return stream.exactly(10) == b"still here"
    except (Closed, OSError):
        return False


def files():
    """Every file, link and folder that is not a package manager's or the system's own diary."""
    found = set()
    for folder, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in THEIRS]
        found.update(path for path in (os.path.join(folder, name) for name in folders + names) if path not in THEIRS)
    return found


def open_to_the_tests():
    """The settings as an owner would change them: this computer's own servers may be reached."""
    text = SETTINGS.read_text()
    text = text.replace("private_destinations = []", 'private_destinations = ["127.0.0.0/8"]')
    text = text.replace('drain = "30s"', 'drain = "2min"')  # the old process's patience in an upgrade, on a busy machine
    text = text.replace("ports = [80, 443]", f"ports = [80, 443, {HTTP_PORT}, {TUNNEL_PORT}]")
    SETTINGS.write_text(text)
