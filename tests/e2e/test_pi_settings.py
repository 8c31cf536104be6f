"""What packaging/pi/first-boot makes of the settings, run as it is, where nothing of it touches this computer."""
import shutil
import subprocess
from pathlib import Path

import pytest

from program import PROGRAM, REPOSITORY

pytestmark = pytest.mark.root
PARAVENT = "/etc/paravent/paravent.toml"

# What a Raspberry Pi has, as far as first-boot asks: everything is installed and enabled.
STANDS_IN = {
    "dpkg": "echo arm64",
    "dpkg-query": 'case "$*" in *Status*) echo installed ;; *) echo 1 ;; esac',
    "systemctl": 'if [ "$1" = is-enabled ]; then echo enabled; fi',
    "paravent": f'exec {PROGRAM} "$@"',
}
INSIDE = """
mount --make-rprivate /
mount -t tmpfs none /run
mount -t tmpfs none /usr/share
mount -t tmpfs none /var/lib
mkdir -p /usr/share/paravent
cp -r {repository}/packaging/avahi /usr/share/paravent/
mount --bind {folder}/etc /etc
PATH={folder}/bin:$PATH
"""


class Pi:
    def __init__(self, folder):
        self.folder = folder
        for name in ("etc/paravent", "bin", "boot"):
            (folder / name).mkdir(parents=True)
        for name in ("passwd", "group", "hosts", "os-release"):
            shutil.copy(Path("/etc") / name, folder / "etc")
            if name in ("passwd", "group"):
                with (folder / "etc" / name).open("a") as file:
                    file.write("paravent:x:64711:64711::/var/lib/paravent:/usr/sbin/nologin\n" if name == "passwd" else "paravent:x:64711:\n")
        for name in ("alternatives", "pam.d", "security"):  # awk, for one; and what runuser asks
            shutil.copytree(f"/etc/{name}", folder / "etc" / name, symlinks=True)
        shutil.copy(REPOSITORY / "config/paravent.toml", folder / PARAVENT[1:])
        shutil.copy(REPOSITORY / "packaging/pi/first-boot", folder / "boot")
        for name, text in STANDS_IN.items():
            (folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / "bin" / name).chmod(0o755)
        self.settings = folder / PARAVENT[1:]

    def run(self, script):
        before = INSIDE.format(repository=REPOSITORY, folder=self.folder)
        return subprocess.run(["unshare", "--mount", "--net", "sh", "-euc", before + script], capture_output=True, text=True, timeout=60)

    def first_boot(self, mode, name="paravent"):
        (self.folder / "boot/paravent.txt").write_text(f"mode = {mode}\nservers = 192.0.2.53\nname = {name}\n")
        done = self.run(f"umask 077\nexec sh {self.folder}/boot/first-boot")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def purge(self):
        """What the package's own script does then."""
        done = self.run(f"sh {REPOSITORY}/packaging/debian/paravent.postrm purge")
        assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr

    def names(self):
        return {name: (self.folder / "etc" / name).read_text() for name in ("hostname", "hosts") if (self.folder / "etc" / name).exists()}


@pytest.fixture
def pi(tmp_path):
    return Pi(tmp_path)


def test_the_settings_keep_their_owner_and_mode(pi):
    shutil.chown(pi.settings, 4711, 4712)
    pi.settings.chmod(0o640)
    assert 'clients = ["home"]' in pi.first_boot("proxy")
    after = pi.settings.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o7777) == (4711, 4712, 0o640)
    assert sorted(file.name for file in pi.settings.parent.iterdir()) == ["first-boot.before", "first-boot.read", "paravent.toml"]


def test_mode_gateway_makes_settings_by_which_the_rules_can_be_loaded(pi):
    pi.first_boot("gateway")
    shown = pi.run(f"paravent gateway show --config {PARAVENT} --state /run/none")
    assert shown.returncode == 0 and "redirect to :8443" in shown.stdout, shown.stderr
    forwarding = (pi.folder / "etc/sysctl.d/60-paravent.conf").read_text().splitlines()
    assert {"net.ipv4.ip_forward = 1", "net.ipv4.conf.*.send_redirects = 0"} <= set(forwarding)
    before = pi.settings.read_text()
    pi.first_boot("gateway")
    assert pi.settings.read_text() == before
    for mode in ("dns", "proxy"):
        pi.first_boot(mode)
        assert "\nredirected = []" in pi.settings.read_text() and not (pi.folder / "etc/sysctl.d/60-paravent.conf").exists()


@pytest.mark.parametrize("apply", ["sysctl -q -p", "/usr/lib/systemd/systemd-sysctl"])
def test_what_mode_gateway_writes_reaches_every_card(pi, apply):
    pi.first_boot("gateway")
    shown = pi.run(f"""
        ip link add here type veth peer name there
        {apply} /etc/sysctl.d/60-paravent.conf
        ip link add later type veth peer name still
        cd /proc/sys/net
        for card in here there later still; do
            cat ipv6/conf/$card/accept_ra ipv6/conf/$card/forwarding ipv4/conf/$card/send_redirects ipv4/conf/$card/forwarding
        done""")
    assert shown.returncode == 0 and shown.stdout.split() == ["2", "1", "0", "1"] * 4, shown.stdout + shown.stderr


@pytest.mark.parametrize("hosts", ["127.0.0.1\tlocalhost\n127.0.1.1 \tpi.home pi  # mine\n192.0.2.7\tprinter\n", "127.0.0.1\tlocalhost\n"])
@pytest.mark.parametrize("hostname", ["pi\n", None])
def test_a_purge_gives_back_the_name_however_often_it_was_changed(pi, hosts, hostname):
    (pi.folder / "etc/hosts").write_text(hosts)
    if hostname:
        (pi.folder / "etc/hostname").write_text(hostname)
    before = pi.names()
    for name in ("one", "two"):
        pi.first_boot("gateway", name)
        assert f"127.0.1.1\t{name}\n" in pi.names()["hosts"] and pi.names()["hostname"] == f"{name}\n"
    pi.purge()
    assert pi.names() == before
    assert sorted(file.name for file in pi.settings.parent.iterdir()) == ["paravent.toml"]  # dpkg's to take
    assert not [path for path in pi.folder.glob("etc/**/*paravent*") if path.is_file() and path != pi.settings]


def test_a_purge_leaves_what_the_owner_has_changed_since(pi):
    pi.first_boot("proxy")
    (pi.folder / "etc/hostname").write_text("attic\n")
    (pi.folder / "etc/hosts").write_text("127.0.1.1\tattic\n")
    pi.purge()
    assert pi.names() == {"hostname": "attic\n", "hosts": "127.0.1.1\tattic\n"}
