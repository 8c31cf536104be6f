"""README's sections for a home's computer followed as they stand: installed from the Debian package, opened to the home, used by
a phone on another cable, and Meta's names steered here by the home's own name server."""
import json
import plistlib
import re
import subprocess
from pathlib import Path

import pytest

import readme
from conditions import eventually
from installed import (
    BLOCKED, PACKAGES, SETTINGS, STATE, active, blocks, done, get, journal, main_pid, nothing_is_left, put_into_settings, run,
    serving_pid, typed)
from nameserver import NameServer, says
from neighbours import forwarding, neighbours
from origin import certificate, mirror

PACKAGE, STEERED = "As a Debian package", "Devices without a proxy setting"
HOME, PHONE = "A whole home", "A phone, a tablet, another computer"
BOX, PHONES = "192.168.1.2", "192.168.1.20"
FACEBOOK, STOPPED, BELOW, STRANGER = "www.facebook.com", "connect.facebook.net", "scontent.facebook.com", "bank.example"
ADDRESSES = {FACEBOOK: "157.240.7.35", STOPPED: "157.240.7.36", BELOW: "157.240.7.37", STRANGER: "198.51.100.7"}
TR = "/tr?id=1000000000000001&ev=PageView"
RESOLV = Path("/etc/netns/phone/resolv.conf")


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """The phone, whose name server is the box; and the internet, with Meta, a bank, and the name server of README's settings."""
    _, context = certificate(tmp_path_factory.mktemp("tls"), FACEBOOK)
    RESOLV.parent.mkdir(parents=True)
    RESOLV.write_text(f"nameserver {BOX}\n")
    try:
        here = ("phone", [f"{BOX}/24"], [f"{PHONES}/24"])
        there = ("internet", ["10.9.2.1/24"], ["10.9.2.2/24"], [*ADDRESSES.values(), "9.9.9.9"])
        with forwarding(), neighbours(here, there) as (phone, internet):
            internet.serves(lambda: NameServer(says({name: [address] for name, address in ADDRESSES.items()}), 53, "9.9.9.9"))
            phone.servers = {(name, port): internet.origin(mirror, port, address, tls=context if port == 443 else None)
                             for name, address in ADDRESSES.items() for port in (80, 443)}
            yield phone
    finally:
        RESOLV.unlink()
        RESOLV.parent.rmdir()
        RESOLV.parent.parent.rmdir()


@pytest.fixture(scope="module")
def phone(networks):
    return networks


# --- As a Debian package --------------------------------------------------------------------------------------------------


def test_the_package_is_installed_by_its_line(phone, before, tmp_path):
    line = next(line for line in readme.block(PACKAGE, "packaging/build-deb").splitlines() if line.startswith("sudo apt install"))
    name = re.search(r"\./build/packages/(\S+)", line).group(1)
    version, architecture = (done("dpkg-deb", "-f", PACKAGES / "here.deb", field).strip() for field in ("Version", "Architecture"))
    own = f"paravent_{version}_{architecture}.deb"
    assert re.sub(r"deb\d+", "deb", name) == re.sub(r"deb\d+", "deb", own), "README names another version"
    there = tmp_path / "build/packages" / own
    there.parent.mkdir(parents=True)
    there.symlink_to(PACKAGES / "here.deb")
    done("bash", "-c", line.replace(name, own), cwd=tmp_path)
    assert active() == "active" and blocks(), journal()
    assert get("/healthz", 8481, "127.0.0.1:8481").status == 200, "the house's page at 127.0.0.1:8481"


def test_its_manual_and_completions_lie_where_programs_look():
    listed = done("dpkg", "-L", "paravent").splitlines()
    for path in ("man/man1/paravent.1.gz", "man/man5/paravent.toml.5.gz", "bash-completion/completions/paravent",
                 "zsh/vendor-completions/_paravent", "fish/vendor_completions.d/paravent.fish"):
        assert f"/usr/share/{path}" in listed, listed


def test_its_commands_do_what_is_said():
    pid = serving_pid()
    put_into_settings('[policy]\nprofile = "log"')
    typed(PACKAGE, "sudo systemctl reload paravent")
    eventually(lambda: not get("http://an.facebook.com/placementbid").rule, "the changed settings in force")
    put_into_settings('[policy]\nprofile = "standard"')
    typed(PACKAGE, "sudo systemctl reload paravent")
    eventually(blocks, "the settings of before")
    assert main_pid() == pid
    assert "Paravent" in typed(PACKAGE, "sudo paravent status")
    assert "Started" in typed(PACKAGE, "journalctl -u paravent")
    assert re.search(r"Overall exposure level for paravent.service: 1\.\d", typed(PACKAGE, "systemd-analyze security paravent"))


def test_a_signal_puts_the_program_at_the_same_path_in_its_place():
    pid = serving_pid()
    assert readme.mentions("A new version while it runs", "`kill -USR2`")
    done("bash", "-c", f"kill -USR2 {pid}")
    eventually(lambda: main_pid() not in (0, pid), "the next process", 25)
    eventually(lambda: active() == "active" and blocks(), "its answer", 10)
    eventually(lambda: not Path(f"/proc/{pid}").exists(), "the old one's end", 40)


# --- A phone, a tablet; a whole home --------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", [PHONE, HOME])
def test_opened_to_the_home_it_is_a_phones_proxy(phone, title):
    def use(url):
        return phone.curl("-ikx", f"http://{BOX}:8480", url)

    shipped = subprocess.run(["tar", "-xO", "./etc/paravent/paravent.toml"], capture_output=True, check=True,
                             input=subprocess.run(["dpkg-deb", "--fsys-tarfile", PACKAGES / "here.deb"], capture_output=True).stdout)
    SETTINGS.write_bytes(shipped.stdout)
    put_into_settings('[resolver]\nservers = ["9.9.9.9"]')
    done("systemctl", "restart", "paravent.service")
    assert use(BLOCKED).returncode != 0, "as it comes it is this computer's own"
    put_into_settings(readme.block(title, "[proxy]"))
    done("systemctl", "restart", "paravent.service")
    stopped, before = use(BLOCKED), len(phone.servers[STRANGER, 443].connections)
    assert "Paravent-Rule: meta/audience-network" in stopped.stdout, stopped
    assert '"/there"' in use(f"https://{STRANGER}/there").stdout
    assert len(phone.servers[STRANGER, 443].connections) == before + 1


def test_a_device_gets_all_that_the_box_hands_out(phone):
    for url in readme_urls():
        answer = phone.curl("-i", url)
        assert answer.stdout.startswith("HTTP/1.1 200"), (url, answer)
    pac = phone.curl(f"http://{BOX}:8481/proxy.pac").stdout
    assert "FindProxyForURL" in pac and f"PROXY {BOX}:8480" in pac and "DIRECT" in pac
    everything = phone.curl(f"http://{BOX}:8481/proxy.pac?all").stdout
    assert "FindProxyForURL" in everything and everything != pac
    assert "<html" in phone.curl(f"http://{BOX}:8481/setup").stdout.lower()
    assert readme.mentions(HOME, "`/paravent.mobileconfig`")
    profile = plistlib.loads(phone.curl(f"http://{BOX}:8481/paravent.mobileconfig?ssid=Home").stdout.encode())
    wifi = next(each for each in profile["PayloadContent"] if each["PayloadType"] == "com.apple.wifi.managed")
    assert (wifi["SSID_STR"], wifi["ProxyPACURL"]) == ("Home", f"http://{BOX}:8481/proxy.pac")


def readme_urls():
    text = "\n".join(readme.section(HOME))
    urls = sorted(set(re.findall(r"http://192\.168\.1\.2:8481[^`\"\s)]*", text)))
    assert [url.rsplit("/", 1)[1] for url in urls] == ["proxy.pac", "setup", "wpad.dat"]
    return urls


def test_dnsmasq_takes_the_line_for_its_dhcp(tmp_path):
    line = re.search(r"`(dhcp-option=252[^`]*)`", "\n".join(readme.section(HOME))).group(1)
    (tmp_path / "dhcp.conf").write_text(f"dhcp-range=192.168.1.100,192.168.1.200\n{line}\n")
    assert run("dnsmasq", "--test", "-C", tmp_path / "dhcp.conf").returncode == 0


# --- Devices without a proxy setting --------------------------------------------------------------------------------------


def test_the_steered_ports_come_by_their_socket(phone):
    put_into_settings(readme.block(STEERED, "[proxy]\nsteered"))
    for command in ("sudo systemctl stop paravent", "sudo systemctl enable --now paravent-steered.socket", "sudo systemctl start paravent"):
        typed(PACKAGE, command)
    assert active() == "active" and blocks(), journal()
    assert "421" in phone.curl("-w", "%{http_code}", "--resolve", f"{STRANGER}:80:{BOX}", f"http://{STRANGER}/").stdout


class HomesNameServer:
    """dnsmasq, of which Pi-hole is made too, as the home's own: with README's records, and without."""

    def __init__(self, folder):
        self.folder, self.process = folder, None
        (folder / "dnsmasq.d").mkdir()

    def start(self):
        words = ["dnsmasq", "--keep-in-foreground", "-C", "/dev/null", f"--conf-dir={self.folder}/dnsmasq.d", f"--listen-address={BOX}",
                 "--bind-interfaces", "--no-resolv", "--no-hosts", "--server=9.9.9.9", "--user=root", "--pid-file="]
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        eventually(self.answers, "its answer", 10)

    def answers(self):
        assert self.process.poll() is None, self.process.stderr.read()
        return done("ss", "-Hlun", f"src {BOX}:53")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


@pytest.fixture
def name_server(tmp_path):
    server = HomesNameServer(tmp_path)
    yield server
    server.stop()


def command_for_records():
    return readme.block(STEERED, "paravent dns-records").splitlines()[0].split(" # ")[0].strip()


@pytest.mark.parametrize("dialect", ["pihole", "dnsmasq"])
def test_the_homes_dns_leads_a_device_here_and_only_with_metas_names(phone, name_server, dialect):
    name_server.start()
    assert seen(phone, FACEBOOK) == PHONES, "without the records a device goes its own way"
    name_server.stop()
    records = name_server.folder / "dnsmasq.d/paravent.conf"
    records.write_text(done("bash", "-c", command_for_records().replace("--for pihole", f"--for {dialect}")))
    name_server.start()
    # plain HTTP: judged by its path
    stopped = phone.curl("-i", f"http://{FACEBOOK}{TR}")
    assert "Paravent-Rule" in stopped.stdout, stopped
    assert not any(b"/tr" in each.record for each in phone.servers[FACEBOOK, 80].connections)
    assert json.loads(phone.curl(f"http://{FACEBOOK}/there").stdout)["target"] == "/there"
    # TLS: stopped by its name, or carried on by the box to where the name really is
    assert phone.curl("-k", f"https://{STOPPED}/en_US/fbevents.js").returncode != 0 and not phone.servers[STOPPED, 443].connections
    assert seen(phone, FACEBOOK) == "10.9.2.1"
    # names below them, and other people's, as ever
    assert seen(phone, BELOW) == PHONES and seen(phone, STRANGER) == PHONES
    name_server.stop()
    records.unlink()
    name_server.start()
    assert seen(phone, FACEBOOK) == PHONES, "the file taken away, all is as before"


def seen(phone, name):
    """Who comes to the name's own server when the phone asks it."""
    answer = phone.curl("-k", f"https://{name}/there")
    assert answer.returncode == 0 and json.loads(answer.stdout)["target"] == "/there", answer
    return phone.servers[name, 443].connections[-1].peer[0]


EDITOR = Path("/usr/local/bin/editor")


class PiHolesPages:
    """A program of Pi-hole's name that has ports 80 and 443, as its own pages do."""

    def __init__(self, address):
        code = (f"import ctypes, socket, time\nctypes.CDLL(None).prctl(15, b'pihole-FTL')\n"
                f"made = [socket.create_server(('{address}', port)) for port in (80, 443)]\nprint('up', flush=True)\ntime.sleep(600)\n")
        self.process = subprocess.Popen(["python3", "-c", code], stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"up\n"

    def close(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def switched_off():
    units = ("paravent-steered.socket", "paravent.service")
    done("systemctl", "stop", *units)
    yield
    EDITOR.unlink(missing_ok=True)
    done("systemctl", "stop", *units)
    done("systemctl", "revert", units[0])
    done("systemctl", "start", *units)


def test_beside_a_pihole_the_socket_takes_a_second_address(phone, switched_off):
    pihole = PiHolesPages("0.0.0.0")
    said = run("bash", "-c", command_for_records())
    assert said.returncode == 1 and "webserver.port" in said.stderr and "192.168.1.3/24" in said.stderr, said
    pihole.close()
    pihole = PiHolesPages(BOX)  # as it was told to
    try:
        done("ip", "address", "add", "192.168.1.3/24", "dev", "to-phone")
        for words in ("`[Socket]`, an empty `ListenStream=` and then `ListenStream=192.168.1.3:80` and `:443`", "dns-records"):
            assert readme.mentions(PACKAGE, words), words
        # Somebody at a terminal, whose editor writes this above the comments.
        EDITOR.write_text("#!/bin/sh\nfor file; do :; done\nsed -i '/^### Anything between/a [Socket]\\n"
                          "ListenStream=\\nListenStream=192.168.1.3:80\\nListenStream=192.168.1.3:443' \"$file\"\n")
        EDITOR.chmod(0o755)
        edit = "sudo systemctl edit paravent-steered.socket"
        assert readme.mentions(PACKAGE, edit)
        done("script", "-qec", edit, "/dev/null")
        for command in ("sudo systemctl enable --now paravent-steered.socket", "sudo systemctl start paravent"):
            typed(PACKAGE, command)
        answer = phone.curl("-i", "--resolve", f"{FACEBOOK}:80:192.168.1.3", f"http://{FACEBOOK}{TR}")
        assert "Paravent-Rule" in answer.stdout, (answer, journal())
    finally:
        pihole.close()


# --- and away -------------------------------------------------------------------------------------------------------------


def test_removed_and_purged_by_its_words(before):
    typed(PACKAGE, "apt remove paravent", input="y\n")
    assert active() != "active" and SETTINGS.exists() and (STATE / "policy.json").exists()
    typed(PACKAGE, "apt purge paravent", input="y\n")
    assert not STATE.exists() and not SETTINGS.exists()
    nothing_is_left(before)
