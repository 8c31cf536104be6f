"""`paravent doctor`: each check seen good, and seen bad with the thing really broken."""
import contextlib
import http.server
import json
import os
import pty
import shutil
import socket
import subprocess
import threading
import time

import pytest

from conftest import run
from disk import OwnMounts
from nameserver import NameServer, says
from ports import free_port
from program import CHECKED, PROGRAM, merged, toml

META, META6 = "157.240.7.35", "2a03:2880:f10c::25de"
NAMES = {"connect.facebook.net": [META, META6], "www.facebook.com": [META]}
CHECKS = ["settings", "service", "versions", "proxy", "ports", "names", "routes", "clock", "disk", "certificates", "lists", "gateway"]


@pytest.fixture
def names(netns):
    """A way out, and a name server that knows Meta's hosts."""
    run("ip", "link", "add", "out", "type", "veth", "peer", "name", "far")
    for card in ("out", "far"):
        run("ip", "link", "set", card, "up")
    run("ip", "address", "add", "10.3.0.2/24", "dev", "out")
    run("ip", "route", "add", "default", "via", "10.3.0.1")
    table = dict(NAMES)
    with contextlib.closing(NameServer(says(table))) as server:
        server.table = table
        yield server


@pytest.fixture
def home(names, start):
    def make(settings=None, **options):
        made = start({"resolver": {"servers": [names.where], "hosts": ""}, **(settings or {})}, **options)
        made.names = names
        return made

    return make


def examined(paravent, before=(), **options):
    """{check: [its findings]} and the exit status of what it says now."""
    command = [*before, str(PROGRAM), "doctor", "--json", "--config", str(paravent.config), "--state", str(paravent.state)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert done.stderr == "", done.stderr
    body, found = json.loads(done.stdout), {}
    for item in body["items"]:
        found.setdefault(item["check"], []).append(item)
    wrong = [item for item in body["items"] if item["state"] == "bad"]
    assert done.returncode == (1 if wrong else 0) and body["good"] == (not wrong), body
    assert all(item.get("advice") for item in wrong), "what is wrong has a way out"
    return found


def states(found):
    return {check: {item["state"] for item in items} for check, items in found.items()}


def wrong(found, check, *words):
    """The check, and it alone, says so."""
    assert [c for c, s in states(found).items() if "bad" in s] == [check], found
    text = " ".join(item["text"] + " " + item.get("advice", "") for item in found[check] if item["state"] == "bad")
    for word in words:
        assert word in text, text


def test_a_healthy_home_is_good_in_every_check(home):
    made = home()
    found = examined(made)
    assert list(found) == CHECKS
    assert {check for check, s in states(found).items() if s != {"good"}} <= {"clock"}, found  # a container's clock has no keeper
    assert META in found["names"][0]["text"] or META6 in found["names"][0]["text"]
    done = made.cli("doctor")
    assert done.returncode == 0 and done.stdout.endswith("All is good.\n") and "\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == len(CHECKS) + 1, "one line each"


def test_an_address_for_all_where_this_computer_alone_is_let_in(home):
    made = home({"proxy": {"listen": [f"0.0.0.0:{free_port()}"]}})
    noted = [item for item in examined(made)["proxy"] if item["state"] == "note"]
    assert len(noted) == 1 and "so they are refused" in noted[0]["text"] and 'clients = ["home"]' in noted[0]["advice"]


def test_colours_are_for_a_terminal(home):
    made = home()
    ours, theirs = pty.openpty()
    process = subprocess.Popen([PROGRAM, "doctor", "--config", made.config, "--state", made.state], stdout=theirs)
    os.close(theirs)
    text = b""
    with contextlib.suppress(OSError):
        while piece := os.read(ours, 4096):
            text += piece
    assert process.wait(20) == 0 and b"\x1b[32mgood" in text
    os.close(ours)


def test_without_a_service_it_looks_at_the_rest(home):
    made = home()
    made.stop()
    found = examined(made)
    wrong(found, "service", "does not run", str(made.dashboard), "systemctl start")
    assert "proxy" not in found and "free" in found["ports"][0]["text"] and found["lists"][0]["state"] == "good"


def test_settings_with_an_error(home):
    made = home()
    made.config.write_text(made.config.read_text().replace("[statistics]", '[statistics]\nretention = "soon"'))
    found = examined(made)
    wrong(found, "settings", "retention", "paravent check")
    # Of what the settings say, nothing is told from the defaults.
    assert list(found) == ["settings", "versions", "clock", "disk", "certificates"]


def test_another_program_at_the_dashboards_address_is_not_the_service(home):
    made = home()
    made.stop()
    with socket.create_server(("127.0.0.1", made.dashboard)):
        found = examined(made)
        text = found["service"][0]
        assert text["state"] == "bad" and "belongs to" in text["text"] and "python" in text["text"], found


def test_a_name_server_that_blocks_metas_names_itself(home):
    made = home()
    made.names.table["www.facebook.com"] = ["0.0.0.0"]
    wrong(examined(made), "names", "0.0.0.0", "blocks Meta's names itself", "[resolver] servers")


def test_a_token_of_another_service(home):
    made = home()
    (made.state / "token").write_text("0" * 64 + "\n")
    wrong(examined(made), "service", "--state")


def test_ports_of_the_settings_that_nobody_listens_on(home):
    made = home()
    made.write_settings({"resolver": {"servers": [made.names.where], "hosts": ""}, "proxy": {"listen": [f"127.0.0.1:{made.port}", "127.0.0.1:9999"]}})
    wrong(examined(made), "ports", "127.0.0.1:9999", "restart")


def test_a_port_that_another_program_has(home):
    made = home()
    made.stop()
    with socket.create_server(("127.0.0.1", made.port)):
        found = examined(made)
    assert states(found)["ports"] >= {"bad"}
    text = next(item["text"] for item in found["ports"] if item["state"] == "bad")
    assert f"127.0.0.1:{made.port}" in text and "python" in text


def test_a_service_that_takes_connections_and_does_not_answer(home):
    """Another program stands at the proxy's address; the real service runs on another one."""
    made = home()
    with socket.create_server(("127.0.0.1", 9998)) as deaf:
        deaf.listen(5)
        made.write_settings({"resolver": {"servers": [made.names.where], "hosts": ""}, "proxy": {"listen": ["127.0.0.1:9998"]}})
        found = examined(made)
    assert states(found)["proxy"] == {"bad"} and "does not answer" in found["proxy"][0]["text"]


def test_a_service_of_another_version(home):
    made = home()
    status = json.dumps({**made.api("/status")[1], "version": "0.0.9"}).encode()
    made.stop()

    class Old(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802 - the library's name
            self.send_response(200)
            self.send_header("Content-Length", str(len(status)))
            self.end_headers()
            self.wfile.write(status)

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", made.dashboard), Old) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = examined(made)
        server.shutdown()
    assert states(found)["versions"] == {"bad"} and "0.0.9" in found["versions"][0]["text"]


def test_a_name_server_that_is_dead(home):
    made = home({"limits": {"drain": "2s", "resolve": "1s"}})
    made.names.dead = True
    wrong(examined(made), "names", made.names.where)


def test_a_name_server_that_leads_paravent_to_itself(home):
    made = home()
    made.names.table["connect.facebook.net"] = ["10.3.0.2"]
    wrong(examined(made), "names", "this very computer", "[resolver] servers")


def test_no_way_out(home):
    made = home()
    run("ip", "route", "del", "default", "via", "10.3.0.1")
    wrong(examined(made), "routes", "no default route")


def faked(when):
    if not shutil.which("faketime"):
        pytest.skip("faketime is not installed")
    if CHECKED:
        pytest.skip("a sanitizer and faketime do not go together")
    return ["env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", when]


def test_a_clock_from_before_the_build(home):
    made = home()
    found = examined(made, faked("1970-01-02 00:00:00"))
    wrong(found, "clock", "1970", "timedatectl")


def test_a_disk_without_room_and_one_that_cannot_be_written(home, tmp_path):
    made = home()

    def mounted(*words):
        script = f'mount --make-rprivate / && {" ".join(words)} && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", script, "sh"]

    spare = tmp_path / "spare"
    shutil.copytree(made.state, spare, ignore=shutil.ignore_patterns("lock"))
    found = examined(made, mounted(f"mount -t tmpfs -o size=1m none {made.state} && cp -r {spare}/. {made.state}/"))
    wrong(found, "disk", "left for", "make room")
    found = examined(made, mounted(f"mount --bind {made.state} {made.state} && mount -o remount,ro,bind {made.state}"))
    wrong(found, "disk", "cannot be written")


@pytest.mark.parametrize("by_a_link", [False, True])
def test_a_database_on_a_disk_of_its_own_is_looked_at_too(netns, home, tmp_path, by_a_link):
    with OwnMounts():
        place = tmp_path / "another disk"
        place.mkdir()
        run("mount", "-t", "tmpfs", "-o", "size=100m", "none", str(place))
        made = home(None if by_a_link else {"statistics": {"path": str(place / "statistics.db")}})
        if by_a_link:
            made.stop()
            (place / "statistics.db").touch(0o600)
            for file in made.state.glob("statistics.db*"):
                file.unlink()
            (made.state / "statistics.db").symlink_to(place / "statistics.db")
            made.start()
        found = examined(made)["disk"]
        assert [item["state"] for item in found] == ["good", "good"], found
        assert str(made.state) in found[0]["text"] and f"left for {place} ([statistics] path)" in found[1]["text"]
        with open(place / "filler", "wb") as filler:
            filler.write(b"\0" * (70 << 20))
        found = examined(made)
        wrong(found, "disk", f"left for {place} ([statistics] path)", "make room")
        assert [item["state"] for item in found["disk"]] == ["good", "bad"], found["disk"]


def test_a_state_directory_that_its_owner_cannot_write(home):
    made = home()
    os.chown(made.state, 65534, 65534)
    made.state.chmod(0o500)
    try:
        wrong(examined(made), "disk", "by its owner", "chmod")
    finally:
        made.state.chmod(0o700)
        os.chown(made.state, 0, 0)


def test_an_authority_that_is_damaged_and_one_that_expires(home):
    made = home()
    assert made.cli("authority", "create").returncode == 0
    found = examined(made)
    assert "more days" in found["certificates"][0]["text"] and states(found)["certificates"] == {"good"}
    found = examined(made, faked("+4000 days"))
    assert "bad" in states(found)["certificates"] and "renew" in found["certificates"][0]["advice"]
    found = examined(made, faked("1970-01-02 00:00:00"))  # the clock is what is wrong
    assert states(found)["certificates"] == {"note"} and "this clock cannot say" in found["certificates"][0]["text"]
    file = next((made.state / "authority").iterdir())
    file.write_bytes(file.read_bytes()[:200])
    wrong(examined(made), "certificates", "is no authority", "authority remove")
    for words in (["authority", "remove"], ["authority", "create"]):
        assert made.cli(*words).returncode == 0
    assert states(examined(made))["certificates"] == {"good"}


@pytest.mark.parametrize("settings, said", [
    ({"tls": {"trust": "/nowhere/trust.pem"}}, "[tls] trust: /nowhere/trust.pem holds no certificates that could be read (No such file"),
    ({"resolver": {"hosts": "/nowhere/hosts"}}, "[resolver] hosts: /nowhere/hosts: No such file or directory, so none of its names is known"),
])
def test_a_file_that_the_settings_name_and_that_is_not_there(home, settings, said):
    made = home()
    made.config.write_text(toml(merged(made.settings, settings)))
    wrong(examined(made), "settings", said, "correct the path")
    checked = made.cli("check")
    assert f"{made.config}: {said}" in checked.stderr, checked
    # Without its names the service runs, and takes them up when they come; without its certificates it does not start.
    assert checked.returncode == (1 if "tls" in settings else 0) and checked.stderr.startswith("note: ") == ("tls" not in settings)


def test_lists_that_are_broken_or_old(home, tmp_path):
    made = home({"list": [{"name": "mine", "file": str(tmp_path / "missing.txt")}]})
    wrong(examined(made), "lists", "mine", "mend the file")
    made.stop()
    found = examined(made)
    assert states(found)["lists"] == {"bad"}, "also without the service"


def test_a_subscription_nobody_fetched_for_weeks(home):
    made = home()
    ago = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 30 * 86400))
    status = made.api("/status")[1]
    status["lists"].append({"name": "easy", "source": "https://lists.example/easy.txt", "category": "other", "enabled": True, "rules": 5,
                            "skipped": 0, "skipped_by": {}, "hits": 0, "updated": ago, "checked": ago, "error": None})
    text = json.dumps(status).encode()
    made.stop()

    class Neglected(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802 - the library's name
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", made.dashboard), Neglected) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = examined(made)
        server.shutdown()
    assert states(found)["lists"] == {"bad"} and "easy was last fetched 30 days ago" in found["lists"][0]["text"]


@pytest.fixture
def firewall(names):
    if not shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin") or subprocess.run(["nft", "list", "ruleset"]).returncode != 0:
        pytest.skip("there is no nftables here")
    for setting, value in (("ip_forward", "1"), ("conf/all/send_redirects", "0"), ("conf/out/send_redirects", "0")):
        with open(f"/proc/sys/net/ipv4/{setting}", "w") as file:
            file.write(value)


REDIRECTED = {"proxy": {"redirected": ["0.0.0.0:9443"], "clients": ["home"]}}


def test_the_gateway_as_the_settings_want_it_and_not(home, firewall):
    made = home(REDIRECTED)
    wrong(examined(made), "gateway", "nothing leads traffic there", "paravent-gateway")
    with subprocess.Popen([PROGRAM, "gateway", "on", "--config", made.config, "--state", made.state], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as keeper:
        while "in force" not in keeper.stdout.readline():
            assert keeper.poll() is None
        assert states(examined(made))["gateway"] == {"good"}
        with open("/proc/sys/net/ipv4/ip_forward", "w") as file:
            file.write("0")
        wrong(examined(made), "gateway", "forwards no IPv4", "ip_forward=1")
        keeper.kill()
    wrong(examined(made), "gateway", "without effect")
    run("nft", "flush", "ruleset")
    rules = "table inet own {\nchain c {\ntype nat hook prerouting priority dstnat\nip daddr 157.240.0.0/16 tcp dport 443 redirect to :9443\n}\n}\n"
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
    assert states(examined(made))["gateway"] == {"good"}, "rules of one's own will do"


def test_a_gateway_where_nft_is_not_installed(home):
    made = home(REDIRECTED)
    there = [f"{folder}/nft" for folder in ("/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin") if os.path.exists(f"{folder}/nft")]
    script = "".join(["mount --make-rprivate /\n", *(f"mount --bind /dev/null {nft}\n" for nft in there), 'exec "$@"'])
    without = ["unshare", "--mount", "sh", "-ec", script, "sh"]
    wrong(examined(made, without), "gateway", "nft is not installed", "apt-get install nftables")
    on = subprocess.run([*without, PROGRAM, "gateway", "on", "--config", made.config, "--state", made.state], capture_output=True, text=True, timeout=30)
    assert on.returncode == 1 and "apt-get install nftables" in on.stderr, on


def test_a_gateway_whose_port_somebody_else_holds(home, firewall):
    made = home(REDIRECTED)
    made.stop()
    with socket.create_server(("0.0.0.0", 9443)), subprocess.Popen(
            [PROGRAM, "gateway", "on", "--config", made.config, "--state", made.state], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True) as keeper:
        try:
            said = keeper.stdout.readline() + keeper.stdout.readline()
            text = " ".join(item["text"] for item in examined(made)["gateway"] if item["state"] == "bad")
        finally:
            keeper.terminate()
    assert "does not answer on 0.0.0.0:9443" in said and "in force" in said
    assert "does not answer on 0.0.0.0:9443" in text


def test_a_gateway_for_devices_that_may_not_come(home, firewall):
    made = home({"proxy": {"redirected": ["0.0.0.0:9443"]}})
    wrong(examined(made), "gateway", "lets in this computer alone", 'clients = ["home"]')


def test_rules_left_over_that_nobody_wants(home, firewall):
    made = home()
    run("nft", "add", "table", "inet", "paravent")
    wrong(examined(made), "gateway", "gateway off")
    assert made.cli("gateway", "off").returncode == 0
    assert states(examined(made))["gateway"] == {"good"}


def test_what_the_service_says_of_itself_is_repeated(home):
    made = home({"device": [{"name": "kitchen", "address": "10.3.0.9", "intercept": True}]})
    wrong(examined(made), "service", "kitchen", "authority create")


def test_nobodys_settings_make_it_stumble(tmp_path):
    (tmp_path / "paravent.toml").write_text(toml({"resolver": {"servers": ["127.0.0.1:9"]}, "dashboard": {"listen": "127.0.0.1:1"}}))
    done = subprocess.run([PROGRAM, "doctor", "--config", tmp_path / "paravent.toml", "--state", tmp_path / "none"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == "" and "does not run" in done.stdout


def test_a_proxy_that_does_not_let_this_computer_in_is_no_broken_one(home):
    made = home({"proxy": {"clients": ["192.168.0.0/16"]}})
    found = examined(made)
    assert states(found)["proxy"] == {"note"} and "clients" in found["proxy"][0]["text"], found
    assert "bad" not in set().union(*states(found).values()), found


def test_with_a_parent_the_way_to_it_is_what_counts(home):
    with socket.create_server(("127.0.0.1", 9997)) as parent:
        made = home({"upstream": {"proxy": "http://127.0.0.1:9997"}})
        made.names.dead = True
        run("ip", "route", "del", "default", "via", "10.3.0.1")
        found = examined(made)
        assert states(found)["names"] == states(found)["routes"] == {"good"}, found
        assert "127.0.0.1:9997" in found["routes"][0]["text"]
        parent.close()
        wrong(examined(made), "routes", "127.0.0.1:9997", "takes no connection")


def test_a_parent_that_nobody_knows(home):
    made = home({"upstream": {"proxy": "http://parent.example:9997"}})
    wrong(examined(made), "names", "parent.example", "[resolver] servers")
    made.names.table["parent.example"] = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 9997)):
        found = examined(made)
        assert states(found)["names"] == states(found)["routes"] == {"good"}, found


def ports_found(done):
    return [item for item in json.loads(done.stdout)["items"] if item["check"] == "ports"]


def test_ports_that_systemd_holds_are_ours_where_the_unit_is(systemd):
    code = ("import ctypes, socket, time\nctypes.CDLL(None).prctl(15, b'systemd')\n"
            "made = [socket.create_server(('127.0.0.1', port)) for port in (8480, 8481, 9480)]\nprint('up', flush=True)\ntime.sleep(600)\n")
    with subprocess.Popen(["/usr/bin/python3", "-c", code], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"up\n"
            units = {"paravent.socket": ["127.0.0.1:9480"], "paravent-dashboard.socket": ["127.0.0.1:8481"]}
            found = ports_found(systemd(units, ["doctor", "--json"]))
            assert [item["state"] for item in found] == ["good"] and "127.0.0.1:9480" in found[0]["text"], found
            found = ports_found(systemd({}, ["doctor", "--json"]))
            assert {item["state"] for item in found} == {"bad"} and "belongs to systemd" in found[0]["text"], found
        finally:
            process.kill()
