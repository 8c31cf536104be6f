"""The life of the package on one computer: installed, used, upgraded, removed, purged, in this order. Runs as root in a
container that packaging/test-package boots; /srv/packages holds the package, a newer one and an older one."""
import json
import os
import pwd
import re
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from conditions import eventually
from http1 import Closed, Stream
from installed import (
    DASHBOARD, HTTP_PORT, PACKAGES, PROXY, SETTINGS, STATE, active, apt, blocks, connect, done, get, in_kernel, is_installed,
    is_purged_without_a_trace, journal, main_pid, open_to_the_tests, passes, put_into_settings, run, serving_pid, shown, tunnel, version)
from nameserver import NameServer, says
from neighbours import neighbours
from origin import Origin, certificate, mirror


def test_it_is_installed_and_runs(before):
    assert not any("paravent" in path for path in before)
    is_installed()
    assert run("systemctl", "is-enabled", "paravent.service").stdout.strip() == "enabled"
    assert run("systemctl", "is-enabled", "paravent-gateway.service", "paravent.socket", "paravent-steered.socket").stdout.split() == ["disabled"] * 3
    assert (SETTINGS.stat().st_uid, SETTINGS.stat().st_mode & 0o777) == (0, 0o644)
    assert str(SETTINGS) in done("dpkg-query", "-W", "-f=${Conffiles}", "paravent")


def test_the_proxy_and_the_dashboard_answer():
    assert blocks()
    assert get("/healthz", DASHBOARD, f"127.0.0.1:{DASHBOARD}").status == 200
    page = get("/", DASHBOARD, f"127.0.0.1:{DASHBOARD}")
    assert page.status == 200 and b"<html" in page.body.lower()


def test_it_runs_as_a_user_of_its_own_with_nothing_but_its_state():
    pid = main_pid()
    status = in_kernel(pid)
    user = pwd.getpwnam("paravent")
    assert int(status["Uid"].split()[0]) == user.pw_uid != 0
    assert user.pw_shell.endswith("nologin")
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    for path, mode in ((STATE, 0o700), (STATE / "token", 0o600)):
        assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (user.pw_uid, mode), path


def test_systemd_finds_little_to_fear_of_it():
    said = done("systemd-analyze", "security", "--no-pager", "--threshold=20", "paravent.service")
    score = float(re.search(r"Overall exposure level for paravent.service: ([\d.]+)", said).group(1))
    print(said)
    assert score <= 2.0


def test_units_are_as_systemd_wants_them():
    units = sorted(path for path in Path("/usr/lib/systemd/system").glob("paravent*"))
    assert len(units) == 8
    said = run("systemd-analyze", "verify", "--man=no", *units)
    ours = [line for line in said.stderr.splitlines() if "paravent" in line]
    assert said.returncode == 0 and not ours, said.stderr


def test_its_commands_find_the_service_for_root_and_say_why_to_others():
    assert json.loads(done("paravent", "status", "--json"))["version"]
    refused = run("paravent", "status", user="nobody", env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
    assert refused.returncode == 1
    assert f"{STATE}/token" in refused.stderr and "nobody" in refused.stderr and "sudo" in refused.stderr


def test_changed_settings_are_read_on_reload():
    open_to_the_tests()
    pid = main_pid()
    done("systemctl", "reload", "paravent.service")
    eventually(lambda: get(f"http://127.0.0.1:{HTTP_PORT}/", host="127.0.0.1").status == 200, "the new settings in force")
    assert main_pid() == pid and passes(tunnel())


def test_a_subscribed_list_is_fetched_within_the_bounds_of_the_unit():
    def serve(connection):
        connection.head()
        text = b"! a list\n||bought.example^\n"
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(text) + text)

    server = Origin(serve, 12003)
    done("paravent", "lists", "add", "tried", "http://127.0.0.1:12003/list.txt", "--insecure")
    eventually(lambda: get("http://bought.example/", host="bought.example").rule == "tried/2", "the list in force", 20)
    server.close()


def test_an_export_is_taken_in_within_the_bounds_of_the_unit(tmp_path):
    export = tmp_path / "your_activity_off_meta_technologies.json"
    event = {"id": 1000000000000001, "type": "PURCHASE", "timestamp": int(time.time()) - 86400}
    export.write_text(json.dumps({"off_facebook_activity_v2": [{"name": "shop.example", "events": [event]}]}))
    said = json.loads(done("paravent", "import", export, "--json"))
    assert "shop.example" in done("paravent", "reconcile", "--json"), said


def test_it_is_started_again_when_it_dies():
    pid = serving_pid()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: active() == "active" and main_pid() not in (0, pid), "the next process", 30)
    assert blocks()


@pytest.fixture
def short_patience():
    """systemd's with a service that does not answer: the unit's own minute is long for a test."""
    assert shown("WatchdogUSec", "NotifyAccess", "Type") == {"WatchdogUSec": "1min", "NotifyAccess": "all", "Type": "notify"}
    drop_in = Path("/run/systemd/system/paravent.service.d/patience.conf")
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nWatchdogSec=10\n")
    done("systemctl", "daemon-reload")
    done("systemctl", "restart", "paravent.service")
    yield 10
    drop_in.unlink()
    drop_in.parent.rmdir()
    done("systemctl", "daemon-reload")
    done("systemctl", "restart", "paravent.service")


def test_it_is_started_again_when_it_hangs(short_patience):
    pid = serving_pid()
    os.kill(pid, signal.SIGSTOP)
    since = time.monotonic()
    eventually(lambda: active() == "active" and main_pid() not in (0, pid), "the next process", 3 * short_patience)
    assert time.monotonic() - since > short_patience / 2 and "Watchdog timeout" in journal()
    assert blocks() and not Path(f"/proc/{pid}").exists()


def test_its_memory_is_bounded_and_little():
    memory = int(re.search(r"MemTotal: +(\d+) kB", Path("/proc/meminfo").read_text())[1]) * 1024
    for name, share in (("MemoryHigh", 0.5), ("MemoryMax", 0.7)):
        assert int(shown(name)[name]) == pytest.approx(share * memory, rel=0.02), name
    assert int(in_kernel(serving_pid())["VmRSS"].split()[0]) < 40 * 1024, "kB"


def test_an_upgrade_keeps_connections_settings_and_state():
    done("paravent", "device", "192.0.2.7", "--name", "kept tablet")
    stream, pid, refused, stop = tunnel(), serving_pid(), [], threading.Event()
    carried = []

    def ask():
        # A tunnel in use, as a drain lets it go on; and new connections all the while.
        while not stop.is_set():
            carried.append(passes(stream))
            try:
                connect().close()
            except OSError as error:
                refused.append(error)
            time.sleep(0.05)

    asking = threading.Thread(target=ask)
    asking.start()
    # Nobody is there to be asked: the changed settings stay, the package's own lie beside them.
    result = apt("-o", "Dpkg::Options::=--force-confold", "install", PACKAGES / "newer.deb")
    eventually(lambda: main_pid() not in (0, pid), "the new process")
    there, since = Path(f"/proc/{pid}").exists(), len(carried)
    eventually(lambda: len(carried) > since + 10, "bytes in the tunnel after the upgrade")
    stop.set()
    asking.join()
    assert result.returncode == 0, result.stdout + result.stderr
    assert version().startswith("0.2.0"), version()
    assert there and all(carried) and not refused, journal()
    assert os.readlink(f"/proc/{main_pid()}/exe") == "/usr/bin/paravent"
    assert active() == "active" and blocks()
    assert "127.0.0.0/8" in SETTINGS.read_text() and "newer" in Path(f"{SETTINGS}.dpkg-dist").read_text()
    assert "kept tablet" in done("paravent", "devices")
    stream.socket.close()
    eventually(lambda: not Path(f"/proc/{pid}").exists(), "the old process's end", 20)
    assert active() == "active" and main_pid() != pid


def test_what_its_owner_switched_off_stays_off_over_an_upgrade():
    done("systemctl", "disable", "--now", "paravent.service")
    assert apt("--reinstall", "-o", "Dpkg::Options::=--force-confold", "install", PACKAGES / "newer.deb").returncode == 0
    assert active() == "inactive" and run("systemctl", "is-enabled", "paravent.service").stdout.strip() == "disabled"
    done("systemctl", "enable", "--now", "paravent.service")
    assert blocks()


def refuses_the_older():
    result = apt("--allow-downgrades", "install", PACKAGES / "older.deb")
    said = result.stdout + result.stderr
    assert result.returncode != 0 and "is older than the one here" in said and "paravent backup" in said, said


def test_a_downgrade_is_refused_with_the_way_out_and_changes_nothing():
    pid = main_pid()
    refuses_the_older()
    assert version() == f"{newer_version()} installed"
    assert main_pid() == pid and active() == "active" and blocks()


def newer_version():
    return done("dpkg-deb", "-f", PACKAGES / "newer.deb", "Version").strip()


def test_sockets_of_systemd_take_the_ports_over():
    done("systemctl", "stop", "paravent.service")
    done("systemctl", "start", "paravent.socket", "paravent-dashboard.socket")
    assert active() == "inactive"
    assert blocks()  # the first connection starts it
    assert get("/healthz", DASHBOARD, f"127.0.0.1:{DASHBOARD}").status == 200
    pid = main_pid()
    done("systemctl", "restart", "--no-block", "paravent.service")

    def answered_by_the_next():
        try:
            return blocks() and main_pid() not in (0, pid)  # where a connection is refused, this raises
        except Closed:
            return False  # taken by the one that was ending

    eventually(answered_by_the_next, "an answer of the new process", 40)
    done("systemctl", "stop", "paravent.socket", "paravent-dashboard.socket", "paravent.service")
    done("systemctl", "start", "paravent.service")


FACEBOOK, STRANGER, BOX = "www.facebook.com", "bank.example", "192.168.1.2"


@pytest.fixture
def outside(tmp_path):
    """A phone's network that has the servers of two names, besides; and the service, whose resolver knows them."""
    _, context = certificate(tmp_path, STRANGER)
    addresses = {FACEBOOK: "157.240.7.35", STRANGER: "198.51.100.7"}
    text = SETTINGS.read_text()
    with neighbours(("outside", [f"{BOX}/24"], ["192.168.1.20/24"], [*addresses.values(), "9.9.9.9"])) as (network,):
        network.serves(lambda: NameServer(says({name: [address] for name, address in addresses.items()}), 53, "9.9.9.9"))
        for name, address in addresses.items():
            for port, tls in ((443, context), (80, None)):
                setattr(network, f"{name}:{port}", network.origin(mirror, port, address, tls=tls))
        put_into_settings('[proxy]\nclients = ["home"]\n[resolver]\nservers = ["9.9.9.9"]')
        done("systemctl", "stop", "paravent.service")
        yield network
    SETTINGS.write_text(text)
    done("systemctl", "stop", "paravent-steered.socket", "paravent-redirected.socket", "paravent.service")
    done("systemctl", "start", "paravent.service")


def comes_to(outside, name, port=443):
    """What a device sees that was told that the name is this box."""
    scheme = "https" if port == 443 else "http"
    return outside.curl("-k", "-w", "%{http_code}", "--resolve", f"{name}:{port}:{BOX}", f"{scheme}://{name}/healthz")


def test_low_ports_come_as_descriptors(outside):
    done("systemctl", "start", "paravent-steered.socket", "paravent.service")
    assert int(in_kernel(main_pid())["CapEff"], 16) == 0
    for port in (80, 443):
        assert '"/healthz"' in comes_to(outside, FACEBOOK, port).stdout, journal()
        before = len(getattr(outside, f"{STRANGER}:{port}").connections)
        refused = comes_to(outside, STRANGER, port)
        assert refused.stdout[-3:] == ("421" if port == 80 else "000") and (refused.returncode == 0) == (port == 80), refused
        assert len(getattr(outside, f"{STRANGER}:{port}").connections) == before == 0, "and nothing is dialled"
    own = comes_to(outside, "paravent.local", 80)
    assert own.stdout.endswith("200") and "ok" in own.stdout, own
    asked = done("curl", "-sSkx", f"http://127.0.0.1:{PROXY}", f"https://{STRANGER}/healthz")
    assert '"/healthz"' in asked and len(getattr(outside, f"{STRANGER}:443").connections) == 1, "its server is there all the while"
    assert blocks(), journal()  # the ports of the settings are opened beside them


def test_the_redirected_port_comes_as_a_descriptor(outside):
    done("systemctl", "start", "paravent-redirected.socket", "paravent.service")
    with connect(8443) as sock:
        assert sock.recv(100) == b"Paravent is here.\n", "what its own gateway asks for"
    with outside.entered():
        stranger = socket.create_connection((BOX, 8443), 10)
    with stranger:
        stranger.sendall(f"GET / HTTP/1.1\r\nHost: {FACEBOOK}\r\n\r\n".encode())
        assert Stream(stranger).ended(), "who comes by himself is closed"
    assert not getattr(outside, f"{FACEBOOK}:80").connections and blocks(), journal()


def test_removed_it_is_stopped_and_what_is_the_owners_stays():
    done("systemctl", "enable", "paravent.socket")
    result = apt("remove", "paravent")
    assert result.returncode == 0, result.stdout + result.stderr
    assert active() != "active" and not Path("/usr/bin/paravent").exists()
    with pytest.raises(ConnectionRefusedError):
        connect()
    assert not [path for path in Path("/proc").glob("[0-9]*/comm") if comm(path) == "paravent"]
    assert SETTINGS.exists() and (STATE / "policy.json").exists()


def comm(path):
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def test_an_older_one_is_refused_also_where_only_the_state_is_left():
    refuses_the_older()


def test_installed_again_it_knows_what_it_knew():
    result = apt("-o", "Dpkg::Options::=--force-confold", "install", PACKAGES / "newer.deb")
    assert result.returncode == 0, result.stdout + result.stderr
    assert active() == "active", journal()
    assert "kept tablet" in done("paravent", "devices") and "127.0.0.0/8" in SETTINGS.read_text()


def test_purged_it_leaves_nothing_but_its_users_number(before):
    is_purged_without_a_trace(before)


def test_after_a_purge_any_version_can_be_installed():
    result = apt("install", PACKAGES / "older.deb")
    assert result.returncode == 0, result.stdout + result.stderr
    assert active() == "active" and blocks()
    assert "kept tablet" not in done("paravent", "devices")
    assert apt("purge", "paravent").returncode == 0
