"""`paravent system-proxy`: this computer's own proxy setting, in the stores and by the programs of the desktops themselves."""
import json
import os
import subprocess

import pytest

from browser import CHROMIUM
from conditions import eventually
from desktop import Desktop, needs, needs_gnome
from origin import response, says
from program import PROGRAM, REPOSITORY

GENERATOR = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"
needs_kde = needs("kreadconfig5")
DEFAULTS = ["'none'", "''", "''"]


@pytest.fixture
def desktop(tmp_path):
    desktop = Desktop(tmp_path)
    yield desktop
    desktop.close_session()


@pytest.fixture
def computer(desktop, paravent):
    """A desktop and a running Paravent on it."""
    return Computer(desktop, paravent)


class Computer:
    def __init__(self, desktop, paravent):
        self.desktop, self.paravent = desktop, paravent
        self.pac = f"http://127.0.0.1:{paravent.dashboard}/proxy.pac"
        self.state = desktop.home / ".local/state/paravent"

    def command(self, *words):
        return self.desktop.run(PROGRAM, "system-proxy", *words, "--config", self.paravent.config, "--state", self.state)

    def does(self, *words):
        done = self.command(*words)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def fails(self, *words, status=1):
        done = self.command(*words)
        assert done.returncode == status, done
        return done.stderr

    def shown(self):
        return {item["place"]: item for item in json.loads(self.does("show", "--json"))["items"]}

    def remembers(self):
        return (self.state / "system-proxy.json").exists()


def page_to_requests(connection):
    """A page; to what Chromium sends beside (it tries TLS of its own accord) a closed connection."""
    if connection.socket.recv(4096).startswith(b"GET "):
        connection.send(response(b"<p>straight out</p>", fields=["Content-Type: text/html", "Connection: close"]))


def test_what_it_keeps_does_not_hide_the_installed_service_from_other_commands(netns, desktop, paravent):
    installed = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /var/lib && mkdir /var/lib/paravent && mount --bind "$0" /var/lib/paravent && exec "$@"',
                 paravent.state]
    done = desktop.run(*installed, PROGRAM, "authority", "create", "--config", paravent.config)
    assert done.returncode == 0 and list(paravent.state.glob("authority/*.pem"))
    kept = desktop.home / ".local/state/paravent"
    done = desktop.run(PROGRAM, "system-proxy", "on", "--shells", "--config", paravent.config)
    assert done.returncode == 0 and (kept / "system-proxy.json").exists()
    for words in (["status"], ["authority", "show"]):
        done = desktop.run(*installed, PROGRAM, *words, "--config", paravent.config)
        assert done.returncode == 0, done
    found = json.loads(desktop.run(*installed, PROGRAM, "doctor", "--json", "--config", paravent.config).stdout)["items"]
    said = {item["check"]: item for item in found}
    assert said["disk"]["state"] == "good" and "/var/lib/paravent" in said["disk"]["text"], found
    assert "there is no authority" not in said["certificates"]["text"]
    assert desktop.run(PROGRAM, "system-proxy", "off", "--config", paravent.config).returncode == 0
    assert not kept.exists()


def test_with_sudo_there_is_no_session_whose_environment_could_be_set(computer):
    computer.desktop.environment["SUDO_USER"] = "somebody"
    assert "run this without sudo" in computer.fails("on", "--shells")
    assert not computer.state.exists()
    said = computer.fails("on", "--network-manager")
    assert "with sudo there is nothing else to set" in said and "GNOME" not in said


def test_where_nothing_answers_the_environment_is_said_to_lead_nowhere(computer):
    computer.paravent.stop()
    said = computer.does("on", "--shells")
    assert "programs that follow the session's environment are offline" in said
    computer.does("off")


# --- GNOME --------------------------------------------------------------------------------------------------------


@needs_gnome
def test_gnome_gets_the_pac_and_has_nothing_of_ours_afterwards(computer):
    desktop = computer.desktop.open_session()
    assert computer.does("on") == f"GNOME: automatic, by {computer.pac}\n"
    assert desktop.gnome() == ["'auto'", f"'{computer.pac}'", "''"]
    assert computer.shown()["gnome"] == {"place": "gnome", "here": True, "setting": f"automatic, by {computer.pac}", "ours": True}
    assert computer.does("off") == "GNOME: as before: no proxy\n"
    assert desktop.gnome() == DEFAULTS
    assert desktop.dconf() == ""
    assert not computer.remembers()
    assert computer.does("off") == "Nothing of Paravent's is set.\n"


@needs_gnome
def test_what_gnome_had_before_comes_back_also_after_two_ons(computer):
    desktop = computer.desktop.open_session()
    desktop.set_gnome("'manual'", "'http://office.example/pac'", "'proxy.example'")
    before = desktop.dconf()
    for words in (["on"], ["on"], ["on", "--all"], ["on", "--fixed"], ["on"]):
        computer.does(*words)
    assert desktop.gnome() == ["'auto'", f"'{computer.pac}'", "'proxy.example'"]
    computer.does("off")
    assert desktop.dconf() == before


@needs_gnome
@pytest.mark.parametrize("since", [["'auto'", "'http://office.example/pac'"], ["'none'"]])
def test_what_somebody_set_since_is_left_alone(computer, since):
    desktop = computer.desktop.open_session()
    computer.does("on")
    desktop.set_gnome(*since)
    assert "was changed since by something else" in computer.does("off")
    assert desktop.gnome()[:len(since)] == since
    assert computer.pac not in desktop.dconf()
    assert not computer.remembers()


@needs_gnome
def test_without_a_session_bus_it_says_so_and_remembers_nothing(computer):
    computer.desktop.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={computer.state}/no-bus"
    said = computer.fails("on")
    assert "no session bus answers" in said and "in the desktop's own session" in said
    assert not computer.remembers()
    del computer.desktop.environment["DBUS_SESSION_BUS_ADDRESS"]
    assert "needs the session's bus" in computer.fails("on")
    assert not computer.remembers()


@needs_gnome
def test_what_cannot_be_put_back_for_want_of_a_session_is_put_back_in_one(computer):
    desktop = computer.desktop.open_session()
    computer.does("on")
    address = desktop.environment.pop("DBUS_SESSION_BUS_ADDRESS")
    assert "no session bus answers" in computer.fails("off")
    assert computer.remembers()
    desktop.environment["DBUS_SESSION_BUS_ADDRESS"] = address
    computer.does("off")
    assert desktop.dconf() == ""


@needs_gnome
def test_fixed_is_the_address_itself_and_needs_somebody_there(computer):
    desktop = computer.desktop.open_session()
    computer.does("on", "--fixed")
    assert desktop.gnome() == ["'manual'", "''", "'127.0.0.1'"]
    straight = desktop.said("gsettings", "get", "org.gnome.system.proxy", "ignore-hosts")
    assert all(f"'{each}'" in straight for each in ("localhost", "127.0.0.0/8", "::1", "192.168.0.0/16", "fd00::/8", "*.local", "fritz.box"))
    assert desktop.said("gsettings", "get", "org.gnome.system.proxy.https", "port") == str(computer.paravent.port)
    computer.does("off")
    assert desktop.dconf() == ""
    computer.paravent.stop()
    assert "would be offline" in computer.fails("on", "--fixed")
    assert desktop.dconf() == ""
    assert "programs go straight out" in computer.does("on")


@needs_gnome
def test_our_address_written_anew_does_not_stay_behind(computer):
    desktop = computer.desktop.open_session()
    computer.does("on", "--fixed")
    desktop.said("gsettings", "set", "org.gnome.system.proxy.https", "host", "localhost")
    computer.paravent.stop()
    assert computer.does("off") == "GNOME: as before: no proxy\n"
    assert desktop.dconf() == ""
    assert not computer.remembers()


@needs_gnome
def test_the_service_puts_it_off_and_on_only_where_its_owner_asked(computer):
    """What the user's unit does at start and at stop."""
    desktop = computer.desktop.open_session()
    assert computer.does("on", "--again") == ""
    assert desktop.dconf() == ""
    computer.does("on", "--all")
    computer.does("off", "--for-now")
    assert desktop.dconf() == ""
    computer.does("on", "--again")
    assert desktop.gnome()[:2] == ["'auto'", f"'{computer.pac}?all'"]
    computer.does("off")
    assert computer.does("on", "--again") == ""
    assert desktop.dconf() == ""
    assert "excludes" in computer.fails("on", "--again", "--all", status=2)


@needs_gnome
def test_with_sudo_it_says_whose_desktop_it_would_be(computer):
    if os.geteuid() != 0:
        pytest.skip("needs root, as sudo gives it")
    desktop = computer.desktop.open_session()
    desktop.environment["SUDO_USER"] = "anna"
    assert "without sudo" in computer.fails("on")
    assert desktop.dconf() == ""


@needs_gnome
@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
@pytest.mark.parametrize("kind", ["GNOME", "KDE"])
def test_chromium_goes_by_the_setting_and_straight_out_when_paravent_is_gone(computer, origin, kind):
    desktop = computer.desktop.open_session()
    desktop.environment["XDG_CURRENT_DESKTOP"] = kind
    if kind == "KDE":
        desktop.environment["KDE_SESSION_VERSION"] = "5"
    site = origin(page_to_requests)

    def page(host, profile):
        done = desktop.run(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                           "--disable-background-networking", "--disable-component-update", "--disable-sync",
                           f"--user-data-dir={desktop.home / profile}", f"--host-resolver-rules=MAP shop.example 127.0.0.1:{site.port}, MAP cx.atdmt.com 127.0.0.1:{site.port}, MAP * ~NOTFOUND, "
                           "EXCLUDE 127.0.0.1",
                           "--dump-dom", f"http://{host}/page")
        return done.stdout

    computer.does("on")
    assert "straight out" in page("shop.example", "one")
    assert not computer.paravent.events()
    assert "straight out" not in page("cx.atdmt.com", "one")
    assert [event["destination"] for event in computer.paravent.events()][:1] == ["cx.atdmt.com"]
    computer.paravent.kill()
    assert "straight out" in page("cx.atdmt.com", "two")


@needs_gnome
@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
@pytest.mark.parametrize("kind", ["GNOME", "KDE"])
def test_with_a_fixed_address_chromium_goes_straight_to_the_home(computer, origin, kind):
    desktop = computer.desktop.open_session()
    desktop.environment |= {"XDG_CURRENT_DESKTOP": kind} | ({"KDE_SESSION_VERSION": "5"} if kind == "KDE" else {})
    site = origin(page_to_requests)
    computer.does("on", "--fixed")
    for host in ("192.168.7.1", "nas.local"):
        done = desktop.run(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                           "--disable-background-networking", "--disable-component-update", "--disable-sync",
                           f"--user-data-dir={desktop.home / host}", f"--host-resolver-rules=MAP {host} 127.0.0.1:{site.port}",
                           "--dump-dom", f"http://{host}/page")
        assert "straight out" in done.stdout, (host, done)


# --- KDE ----------------------------------------------------------------------------------------------------------


@needs_kde
def test_kde_gets_the_pac_and_its_file_back_byte_by_byte(computer):
    desktop = computer.desktop
    text = "[$Version]\nupdate_info=kioslave.upd:kde2.2/r1\n\n[Proxy Settings]\nNoProxyFor=intranet\nProxyType=0\n\n[Other]\na=b\n"
    desktop.kioslaverc.write_text(text)
    assert f"KDE: automatic, by {computer.pac}\n" in computer.does("on")
    assert (desktop.kde("ProxyType"), desktop.kde("Proxy Config Script")) == ("2", computer.pac)
    assert (desktop.kde("NoProxyFor"), desktop.said("kreadconfig5", "--file", "kioslaverc", "--group", "Other", "--key", "a")) == ("intranet", "b")
    computer.does("off")
    assert desktop.kioslaverc.read_text() == text


@needs_kde
def test_a_file_of_kdes_that_was_not_there_goes_again(computer):
    desktop = computer.desktop
    assert computer.shown()["kde"]["here"] is False
    desktop.environment["XDG_CURRENT_DESKTOP"] = "KDE"
    computer.does("on", "--fixed")
    assert (desktop.kde("ProxyType"), desktop.kde("httpsProxy")) == ("1", f"http://127.0.0.1 {computer.paravent.port}")
    computer.does("off")
    assert not desktop.kioslaverc.exists()


@needs_kde
def test_kdes_two_proxies_are_told_apart_and_ours_goes_however_it_is_written(computer):
    desktop = computer.desktop
    desktop.kioslaverc.write_text("[Proxy Settings]\nProxyType=0\nNoProxyFor=intranet\n")
    ours = f"http://127.0.0.1 {computer.paravent.port}"
    for theirs, left in ((ours.replace(" ", ":"), ("0", "", "")), ("http://office.example 3128", ("1", "", "http://office.example 3128"))):
        computer.does("on", "--fixed")
        assert desktop.kde("NoProxyFor").startswith("intranet,") and {"192.168.0.0/16", ".local", "<local>"} <= set(desktop.kde("NoProxyFor").split(","))
        desktop.kioslaverc.write_text(desktop.kioslaverc.read_text().replace(f"httpsProxy={ours}", f"httpsProxy={theirs}"))
        computer.does("off")
        assert (desktop.kde("ProxyType"), desktop.kde("httpProxy"), desktop.kde("httpsProxy")) == left
        assert desktop.kde("NoProxyFor") == "intranet"
        assert not computer.remembers()


@needs("dbus-monitor", "dbus-send")
def test_kdes_programs_are_told_to_read_it_again(computer):
    desktop = computer.desktop.open_session()
    desktop.environment["XDG_CURRENT_DESKTOP"] = "KDE"
    log = desktop.home / "bus"
    with log.open("w") as out:
        monitor = subprocess.Popen(["dbus-monitor", "--session", "interface=org.kde.KIO.Scheduler"], env=desktop.environment, stdout=out)
    try:
        eventually(lambda: "NameAcquired" in log.read_text() or "NameLost" in log.read_text(), "dbus-monitor listens")
        computer.does("on")
        eventually(lambda: "member=reparseSlaveConfiguration" in log.read_text(), "the signal")
    finally:
        monitor.terminate()
        monitor.wait(10)


# --- several at once ------------------------------------------------------------------------------------------------


THEIRS = "[Proxy Settings]\nProxyType=1\nhttpProxy=http://corp 3128\n"


@pytest.mark.parametrize("before, pair", [(["on"], (["on", "--again"], ["off", "--for-now"])), ([], (["on", "--fixed"], ["on"]))])
def test_of_two_at_once_none_forgets_what_was_before(computer, before, pair):
    for number in range(15):
        computer.desktop.kioslaverc.write_text(THEIRS)
        if before:
            computer.does(*before)
        both = [computer.desktop.start(PROGRAM, "system-proxy", *words, "--config", computer.paravent.config, "--state", computer.state)
                for words in (pair if number % 2 else pair[::-1])]
        for each in both:
            said = each.communicate(timeout=60)
            assert each.returncode == 0, said
        computer.does("off")
        assert computer.desktop.kioslaverc.read_text() == THEIRS, f"round {number}"
        assert not computer.state.exists()


@pytest.mark.parametrize("before, one, other", [([], ["on"], ["on", "--fixed"]), (["on"], ["on", "--again"], ["off", "--for-now"])])
def test_one_that_is_in_the_middle_is_waited_for(computer, tmp_path, before, one, other):
    """It is held up by gsettings, whose part a script plays here."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "gsettings").write_text(f"#!/bin/sh\n: >{tmp_path}/held\nwhile [ ! -e {tmp_path}/on ]; do sleep 0.05; done\nexit 1\n")
    (programs / "gsettings").chmod(0o755)
    computer.desktop.kioslaverc.write_text(THEIRS)
    computer.desktop.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={tmp_path}/no-bus"
    place = ["--config", computer.paravent.config, "--state", computer.state]
    path = computer.desktop.environment["PATH"]
    if before:
        computer.command(*before)
    computer.desktop.environment["PATH"] = f"{programs}:{path}"
    first = computer.desktop.start(PROGRAM, "system-proxy", *one, *place)
    eventually((tmp_path / "held").exists, "the first is in the middle")
    computer.desktop.environment["PATH"] = path
    second = computer.desktop.start(PROGRAM, "system-proxy", *other, *place)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(1)
    (tmp_path / "on").touch()
    for each in (first, second):
        each.communicate(timeout=60)
    computer.command("off")
    assert computer.desktop.kioslaverc.read_text() == THEIRS


# --- the environment ------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not os.path.exists(GENERATOR), reason="systemd's user-environment-generators are not installed")
def test_shells_get_the_proxy_only_when_asked_and_lose_it(computer, origin):
    desktop = computer.desktop
    site = origin(says(response(b"page")))
    (desktop.config / "kioslaverc").touch()
    computer.does("on")
    assert not (desktop.config / "environment.d").exists()
    computer.does("on", "--shells")
    environment = dict(line.split("=", 1) for line in desktop.said(GENERATOR).splitlines())
    assert environment["https_proxy"] == f"http://127.0.0.1:{computer.paravent.port}"
    curl = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://an.facebook.com/"], capture_output=True, text=True,
                          env={**desktop.environment, **environment})
    assert curl.stdout == "403"
    straight = subprocess.run(["curl", "-s", f"http://127.0.0.1:{site.port}/"], capture_output=True, text=True,
                              env={**desktop.environment, **environment})
    assert straight.stdout == "page"
    for host in ("192.168.7.1", "10.1.2.3", "100.64.7.1", "nas.local", "printer.lan", "fritz.box", "box.home.arpa"):
        home = subprocess.run(["curl", "-s", "-w", " by proxy %{http_connect}", "--connect-to", f"{host}:80:127.0.0.1:{site.port}", f"http://{host}/"],
                              capture_output=True, text=True, env={**desktop.environment, **environment})
        assert home.stdout == "page by proxy 000", host
    computer.does("off")
    assert not (desktop.config / "environment.d").exists()


def test_a_service_of_the_session_takes_the_environment_away_and_does_not_bring_it_back(computer):
    """A session reads it before such a service starts, and would keep it after the service's end."""
    file = computer.desktop.config / "environment.d" / "50-paravent.conf"
    computer.does("on", "--shells")
    assert file.exists()
    computer.does("off", "--for-now")
    assert not file.exists()
    assert "shells: left out" in computer.does("on", "--again")
    assert not file.exists()


# --- NetworkManager -------------------------------------------------------------------------------------------------

NETWORK = r"""
set -eu
for folder in /run /var/lib/NetworkManager /etc/NetworkManager/system-connections; do mount -t tmpfs none "$folder"; done
mkdir -p /run/dbus /run/udev
mount -o remount,ro /sys
ip link set lo up
ip link add eth7 type veth peer name out7
ip link set eth7 up; ip link set out7 up
dbus-daemon --system --nofork --nopidfile >/dev/null 2>&1 &
bus=$!
for i in $(seq 50); do [ -S /run/dbus/system_bus_socket ] && break; sleep 0.1; done
printf '[main]\nplugins=keyfile\nno-auto-default=*\ndns=none\n' >/run/settings.conf
NetworkManager --debug --config /run/settings.conf >/dev/null 2>&1 &
manager=$!
trap 'kill $manager $bus' EXIT
for i in $(seq 100); do nmcli general >/dev/null 2>&1 && break; sleep 0.1; done
nmcli device set eth7 managed yes
for name in Home Office; do
    nmcli connection add type ethernet con-name "$name" ifname eth7 ipv4.method manual ipv4.addresses 10.9.8.7/24 ipv6.method disabled >/dev/null
done
nmcli connection modify Office proxy.method auto proxy.pac-url http://office.example/pac
nmcli connection up Home >/dev/null
now() { nmcli -t -e no -g proxy.method,proxy.pac-url connection show "$1" | paste -sd' '; }
"""


def in_network(computer, story):
    return subprocess.run(["unshare", "-n", "-m", "sh", "-c", NETWORK + story], env={
        **computer.desktop.environment, "PARAVENT": f"{PROGRAM} system-proxy", "PLACE": f"--config {computer.paravent.config} --state {computer.state}"},
        capture_output=True, text=True, timeout=120)


@pytest.mark.root
@needs("NetworkManager", "nmcli", "dbus-daemon", "unshare")
def test_networkmanagers_connections_get_the_pac_and_lose_it_even_when_another_one_is_up(computer):
    done = in_network(computer, """
        $PARAVENT on --network-manager $PLACE; now Home; now Office
        nmcli connection up Office >/dev/null
        $PARAVENT on --network-manager $PLACE; now Office
        $PARAVENT show $PLACE | grep Manager
        $PARAVENT off $PLACE; now Home; now Office
        """)
    assert done.returncode == 0, done
    pac = computer.pac
    lines = [line for line in done.stdout.splitlines() if not line.startswith(("Nothing answers", "GNOME", "KDE"))]
    # Of two that are up NetworkManager names now the one, now the other first.
    assert sorted(lines) == sorted([f'NetworkManager, "Home": automatic, by {pac}', f"auto {pac}", "auto http://office.example/pac",
                     f'NetworkManager, "Home": automatic, by {pac}', f'NetworkManager, "Office": automatic, by {pac}', f"auto {pac}",
                     f'NetworkManager, "Home": automatic, by {pac} (set by Paravent)',
                     f'NetworkManager, "Office": automatic, by {pac} (set by Paravent)',
                     'NetworkManager, "Home": as before: no proxy',
                     'NetworkManager, "Office": as before: automatic, by http://office.example/pac',
                     "none ", "auto http://office.example/pac"]), done


def test_a_start_before_a_connection_is_up_keeps_what_its_owner_asked_for(computer, tmp_path):
    """As NetworkManager tells it by its nmcli, whose part a script plays here."""
    folder = tmp_path / "network"
    folder.mkdir()
    (folder / "nmcli").write_text(f"""#!/bin/sh
        shift 3
        case "$*" in
        *--active) [ -e {folder}/up ] && echo a-uuid:802-3-ethernet ;;
        "--get-values proxy."*) cat {folder}/$2 2>/dev/null || echo ;;
        "connection modify"*) shift 3; while [ $# -gt 1 ]; do printf %s "$2" >{folder}/$1; shift 2; done ;;
        esac
        exit 0
        """)
    (folder / "nmcli").chmod(0o755)
    computer.desktop.environment["PATH"] = f"{folder}:{computer.desktop.environment['PATH']}"
    (folder / "up").touch()
    computer.does("on", "--network-manager")
    computer.does("off", "--for-now")
    assert (folder / "proxy.method").read_text() == "none"
    (folder / "up").unlink()
    said = computer.command("on", "--again")
    assert "NetworkManager: left out: no connection of it is active" in said.stdout
    (folder / "up").touch()
    computer.does("on", "--again")
    assert (folder / "proxy.method").read_text() == "auto"


@pytest.mark.root
@needs("NetworkManager", "nmcli", "dbus-daemon", "unshare")
def test_a_connection_that_was_deleted_since_is_said(computer):
    done = in_network(computer, """
        $PARAVENT on --network-manager $PLACE >/dev/null
        nmcli connection delete Home >/dev/null
        $PARAVENT off $PLACE
        """)
    assert done.returncode == 0 and "is no more, so there is nothing to put back" in done.stdout, done
    assert not computer.remembers()


# --- and the user's unit --------------------------------------------------------------------------------------------


@needs("systemd-analyze")
def test_the_users_unit_is_in_order(tmp_path):
    text = (REPOSITORY / "packaging/systemd/user/paravent.service").read_text().replace("/usr/bin/paravent", str(PROGRAM))
    unit = tmp_path / "paravent.service"
    unit.write_text(text)
    done = subprocess.run(["systemd-analyze", "--user", "--man=no", "verify", str(unit)], capture_output=True, text=True,
                          env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)})
    assert done.returncode == 0 and str(unit) not in done.stderr, done


def test_a_memory_that_is_not_in_order_is_said(computer):
    computer.state.mkdir(parents=True)
    (computer.state / "system-proxy.json").write_text("{")
    for word in ("on", "off", "show"):
        assert "is not in order" in computer.fails(word)


# --- and an uninstall -----------------------------------------------------------------------------------------------


@pytest.mark.root
@needs_gnome
@needs("runuser", "dbus-run-session", "getent", "unshare")
def test_an_uninstall_puts_back_every_users_setting_also_of_one_who_is_not_logged_in(computer, tmp_path):
    """As root, for a user who exists in this test alone."""
    story = f"""
        set -eu
        printf 'anna:x:4242:4242::{tmp_path}/anna:/bin/sh\\n' >{tmp_path}/passwd
        cat /etc/passwd >>{tmp_path}/passwd
        mount --bind {tmp_path}/passwd /etc/passwd
        mkdir {tmp_path}/anna && chown 4242:4242 {tmp_path}/anna
        chmod o+x {tmp_path} {tmp_path}/.. {tmp_path}/../..
        anna() {{ runuser -u anna -- env -i HOME={tmp_path}/anna PATH=/usr/bin:/bin dbus-run-session "$@"; }}
        anna {PROGRAM} system-proxy on --config {tmp_path}/settings.toml >/dev/null
        anna gsettings get org.gnome.system.proxy mode
        PARAVENT={PROGRAM} {REPOSITORY}/packaging/desktop/system-proxy-off
        anna dconf dump /system/proxy/
        """
    (tmp_path / "settings.toml").write_text("")
    (tmp_path / "settings.toml").chmod(0o644)
    done = subprocess.run(["unshare", "-m", "sh", "-c", story], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == ["'auto'", "paravent: the proxy setting of anna:", "GNOME: as before: no proxy"], done
