"""The installed package as its tests handle it: apt, systemd, the service, a request and a tunnel through it."""
import os
import pwd
import socket
import subprocess
from pathlib import Path

import readme
from http1 import Closed, Stream, read_response

PACKAGES = Path("/srv/packages")
SETTINGS, STATE = Path("/etc/paravent/paravent.toml"), Path("/var/lib/paravent")
PROXY, DASHBOARD = 8480, 8481
HTTP_PORT, TUNNEL_PORT = 12001, 12002
BLOCKED = "http://an.facebook.com/placementbid"
# What a package manager and a journal write is theirs.
THEIRS = ("/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/cache", "/var/log", "/var/lib/apt", "/var/lib/dpkg", "/srv", "/root",
          "/etc/mtab", "/var/lib/systemd/random-seed", "/var/lib/systemd/timers", "/var/lib/systemd/timesync")


def run(*words, within=400, input="", **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, errors="replace", timeout=within, input=input,
                          **more)


def done(*words, **more):
    result = run(*words, **more)
    assert result.returncode == 0, f"{words}: {result.stdout}\n{result.stderr}\n{journal()}"
    return result.stdout


def apt(*words):
    return run("apt-get", "-y", "-q", "--no-install-recommends", *words)


def typed(title, command, **more):
    """A command that README has below that title, as somebody at a shell of root's types it."""
    assert readme.mentions(title, command), f'README, "{title}", does not say: {command}'
    return done("bash", "-c", command, **more)


def journal(unit="paravent.service"):
    return run("journalctl", "-u", unit, "-n", "40", "--no-pager").stdout


def shown(*properties, unit="paravent.service"):
    text = done("systemctl", "show", unit, *(f"--property={name}" for name in properties))
    return dict(line.split("=", 1) for line in text.splitlines())


def active(unit="paravent.service"):
    return run("systemctl", "is-active", unit).stdout.strip()


def main_pid(unit="paravent.service"):
    return int(shown("MainPID", unit=unit)["MainPID"])


def serving_pid(unit="paravent.service"):
    pid = main_pid(unit)
    assert pid > 1, journal(unit)  # 0 to kill(2) is everybody
    return pid


def in_kernel(pid):
    """What /proc/PID/status says: user, capabilities, seccomp."""
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


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


def put_into_settings(block):
    """Lines of README's where they belong in the file, as a person edits it: every key stands there with its default."""
    lines, section = SETTINGS.read_text().splitlines(), None
    for line in block.splitlines():
        if line.startswith("["):
            section = lines.index(line.strip())
            continue
        key = line.split("=")[0].strip()
        end = next((at for at in range(section + 1, len(lines)) if lines[at].startswith("[")), len(lines))
        places = [at for at in range(section, end) if lines[at].split("=")[0].strip() == key]
        assert len(places) == 1, f"{key} below {lines[section]}: {places}"
        lines[places[0]] = line
    SETTINGS.write_text("\n".join(lines) + "\n")


def is_installed(deb="here.deb"):
    result = apt("install", PACKAGES / deb)
    assert result.returncode == 0, result.stdout + result.stderr
    assert active() == "active", journal()


def is_purged_without_a_trace(before, beside=()):
    result = apt("purge", "paravent")
    assert result.returncode == 0, result.stdout + result.stderr
    nothing_is_left(before, beside)


def nothing_is_left(before, beside=()):
    """But for the user's number: `before` is what files() found before the package came, `beside` what may be new."""
    # systemd-sysusers keeps a copy of the user files that it changes.
    copies = ("/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/.pwd.lock")
    left = [path for path in sorted(files() - before) if path not in copies and Path(path) not in beside]
    assert left == [], "\n".join(left)
    assert pwd.getpwnam("paravent").pw_shell.endswith("nologin")
