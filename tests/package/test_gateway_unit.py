"""paravent-gateway.service as README switches it on: a phone's way to Meta leads through this computer, with real nftables,
within the unit's own bounds; and every ending of anything gives the phone its own way back."""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

import readme
from conditions import eventually
from http1 import Closed, Stream, read_response
from installed import (
    PACKAGES, active, apt, done, in_kernel, is_installed, is_purged_without_a_trace, journal, main_pid, put_into_settings, run,
    serving_pid, typed)
from neighbours import forwarding, neighbours
from origin import certificate, mirror

TITLE, UNIT = "Devices without a proxy setting", "paravent-gateway.service"
FACEBOOK, STOPPED = "www.facebook.com", "connect.facebook.net"
ELSEWHERE = "198.51.100.80"
META, META6 = "157.240.7.35", "2a03:2880:f10c::25de"  # Meta's own, here and nowhere else
PHONE = {META: "192.168.1.20", META6: "fd09:1::20"}
BOX = {META: "10.9.2.1", META6: "fd09:2::1"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    _, context = certificate(tmp_path_factory.mktemp("tls"), FACEBOOK)
    here = ("phone", ["192.168.1.2/24", "fd09:1::1/64"], ["192.168.1.20/24", "fd09:1::20/64"])
    there = ("meta", ["10.9.2.1/24", "fd09:2::1/64"], ["10.9.2.2/24", "fd09:2::2/64"], [META, META6, ELSEWHERE])
    with forwarding(), neighbours(here, there) as (phone, meta):
        yield Home(phone, {address: meta.origin(mirror, 443, address, tls=context) for address in (META, META6, ELSEWHERE)})


class Home:
    def __init__(self, phone, meta):
        self.phone, self.meta = phone, meta

    def ask(self, address=META, host=FACEBOOK):
        target = f"[{address}]" if ":" in address else address
        return self.phone.curl("-k", "--resolve", f"{host}:443:{target}", f"https://{host}/there")

    def comer(self, address=META):
        """Who it is that Meta sees when the phone asks; None where the phone gets no answer."""
        asked = self.ask(address)
        if asked.returncode != 0 or json.loads(asked.stdout)["target"] != "/there":
            return None
        return self.meta[address].connections[-1].peer[0]

    def connection(self):
        with self.phone.entered():
            raw = socket.create_connection((META, 443), 10)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return Stream(context.wrap_socket(raw, server_hostname=FACEBOOK))

    def is_led(self):
        return [self.comer(address) for address in (META, META6)] == [BOX[META], BOX[META6]]

    def becomes_led(self):
        try:
            eventually(self.is_led, "the phone led here", 30)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{journal(UNIT)}\n{rules()}") from None

    def goes_its_own_way(self):
        return [self.comer(address) for address in (META, META6)] == [PHONE[META], PHONE[META6]]


def is_answered(stream):
    try:
        stream.socket.sendall(f"GET /held HTTP/1.1\r\nHost: {FACEBOOK}\r\n\r\n".encode())
        return read_response(stream).status == 200
    except (Closed, OSError):
        return False


def rules():
    return run("nft", "list", "table", "inet", "paravent").stdout


def test_before_it_is_switched_on_the_phone_goes_its_own_way(before, home):
    is_installed()
    put_into_settings(readme.block("A whole home", "[proxy]"))
    put_into_settings(readme.block(TITLE, "[proxy]\nredirected"))
    put_into_settings('[limits]\ndrain = "2min"')  # the old process's patience in an upgrade, on a busy machine
    done("systemctl", "restart", "paravent.service")
    assert active(UNIT) == "inactive" and home.goes_its_own_way() and not rules()


def test_readmes_command_leads_meta_here(home):
    typed(TITLE, "sudo systemctl enable --now paravent-gateway")
    assert active(UNIT) == "active", journal(UNIT)
    home.becomes_led()
    assert home.ask(host=STOPPED).returncode != 0, "what rules stop is stopped"
    shown = typed(TITLE, "paravent gateway show")
    assert shown.startswith(f"# Kept alive by process {main_pid(UNIT)}, and in force"), shown
    said = done("journalctl", f"_PID={main_pid(UNIT)}")
    assert "in force" in said and "forwards no IPv" not in said, "within its bounds it sees that this computer forwards"


def test_it_has_the_rights_that_it_needs_and_no_others():
    status = in_kernel(serving_pid(UNIT))
    net_admin, read_search = 1 << 12, 1 << 2
    assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")} == {net_admin | read_search}
    assert int(status["CapAmb"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    mounts = [line.split() for line in Path(f"/proc/{main_pid(UNIT)}/mountinfo").read_text().splitlines()]
    assert [options.split(",")[0] for _, _, _, _, place, options, *_ in mounts if place in ("/", "/run/paravent-gateway")] == ["ro", "rw"]


def test_systemd_finds_little_to_fear_of_it():
    said = done("systemd-analyze", "security", "--no-pager", UNIT)
    print(said)
    assert float(re.search(rf"Overall exposure level for {UNIT}: ([\d.]+)", said).group(1)) <= 2.0


def test_stopped_it_takes_its_rules_along(home):
    done("systemctl", "stop", UNIT)
    assert not rules() and home.goes_its_own_way()
    done("systemctl", "start", UNIT)
    home.becomes_led()


@pytest.mark.parametrize("line, elsewhere", [
    ("sudo paravent gateway on", PHONE[META]), ("sudo paravent gateway on --device tv", BOX[META])])
def test_by_hand_it_is_on_as_long_as_it_runs(home, line, elsewhere):
    assert line in [each.split(" # ")[0].strip() for each in readme.block(TITLE, "sudo paravent gateway on").splitlines()]
    done("systemctl", "stop", UNIT)
    done("paravent", "device", PHONE[META], "--name", "tv")
    by_hand = subprocess.Popen(["bash", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        eventually(lambda: home.comer(META) == BOX[META], "the phone led here", 10)
        assert home.comer(ELSEWHERE) == elsewhere, "what is not Meta's"
        done("paravent", "gateway", "off")
        assert by_hand.wait(10) == 0 and not rules() and home.goes_its_own_way()
    finally:
        by_hand.kill()
    done("systemctl", "start", UNIT)
    home.becomes_led()


def test_killed_it_leaves_no_rules_and_is_started_again(home):
    pid = serving_pid(UNIT)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not rules(), "the rules' end, before the next start", 4)
    assert home.goes_its_own_way()
    home.becomes_led()
    assert main_pid(UNIT) not in (0, pid)


def test_it_is_stopped_and_started_with_the_service(home):
    done("systemctl", "stop", "paravent.service")
    assert active(UNIT) == "inactive" and not rules() and home.goes_its_own_way()
    done("systemctl", "start", "paravent.service")
    home.becomes_led()


def test_a_service_that_is_killed_takes_nobodys_internet(home):
    os.kill(serving_pid(), signal.SIGKILL)
    eventually(lambda: home.comer() == PHONE[META], "the phone's own way", 4)
    home.becomes_led()


def test_an_upgrade_renews_it_and_cuts_nobody_off(home):
    service, keeper, stop = serving_pid(), serving_pid(UNIT), threading.Event()
    answers, comers, held = [], [], home.connection()

    def use(what, answers):
        while not stop.is_set():
            answers.append(what())

    asking = [threading.Thread(target=use, args=each) for each in ((home.comer, comers), (lambda: is_answered(held), answers))]
    for each in asking:
        each.start()
    result = apt("-o", "Dpkg::Options::=--force-confold", "install", PACKAGES / "newer.deb")
    stop.set()
    for each in asking:
        each.join()
    assert result.returncode == 0, result.stdout + result.stderr
    assert active(UNIT) == "active" and main_pid() != service
    assert main_pid(UNIT) != keeper and os.readlink(f"/proc/{serving_pid(UNIT)}/exe") == "/usr/bin/paravent"
    assert len(comers) > 3 and set(comers) <= {PHONE[META], BOX[META]}, comers
    assert len(answers) > 30 and all(answers), "what was led already goes on"
    home.becomes_led()
    assert re.findall(r"table (.*) {", done("nft", "list", "ruleset")) == ["inet paravent"]
    assert run("systemctl", "is-enabled", UNIT).stdout.strip() == "enabled"


def test_one_that_is_switched_off_stays_off_over_an_upgrade(home):
    done("systemctl", "disable", "--now", UNIT)
    assert apt("--reinstall", "-o", "Dpkg::Options::=--force-confold", "install", PACKAGES / "newer.deb").returncode == 0
    assert active(UNIT) == "inactive" and not rules() and home.goes_its_own_way()
    done("systemctl", "enable", "--now", UNIT)
    home.becomes_led()


def test_removed_it_leaves_no_rules(home):
    result = apt("remove", "paravent")
    assert result.returncode == 0, result.stdout + result.stderr
    assert not rules() and home.goes_its_own_way() and "paravent" not in done("nft", "list", "ruleset")


def test_purged_it_leaves_nothing(before):
    is_purged_without_a_trace(before)
