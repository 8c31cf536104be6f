"""The dashboard's door, by the running program: tables D1 to D4 and D10, the password, PAC, what a device may ask."""
import http.client
import json
import ssl
import subprocess

import pytest

from conditions import eventually

BOX, PHONE, TABLET = "192.168.1.2", "192.168.1.20", "192.168.1.21"
LOADER = "connect.facebook.net"


class House:
    """A Paravent that the home's network may use, asked from one device or another, with that device's cookies."""

    def __init__(self, start):
        self.paravent = start({"dashboard": {"listen": "0.0.0.0:18481"}, "proxy": {"listen": ["0.0.0.0:18480"], "clients": ["home"]}},
                              hosts=[LOADER])
        self.cookies = {}

    def ask(self, method, path, body=None, device="127.0.0.1", secure=False, headers=None, host=None):
        """(status, fields, bytes)"""
        at = "127.0.0.1" if device == "127.0.0.1" else BOX
        source = (device, 0)
        if secure:
            context = ssl._create_unverified_context()
            connection = http.client.HTTPSConnection(at, 18481, timeout=10, source_address=source, context=context)
        else:
            connection = http.client.HTTPConnection(at, 18481, timeout=10, source_address=source)
        fields = {"Sec-Fetch-Site": "same-origin", **(headers or {})}
        if device in self.cookies:
            fields["Cookie"] = self.cookies[device]
        if host:
            fields["Host"] = host
        connection.request(method, path, None if body is None else json.dumps(body), fields)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if cookie := answer.getheader("Set-Cookie"):
            self.cookies[device] = cookie.split(";")[0]
        return answer.status, dict(answer.getheaders()), content

    def json(self, *words, **options):
        status, _, content = self.ask(*words, **options)
        assert status < 400, content
        return json.loads(content) if content else None


@pytest.fixture
def house(netns, start):
    return House(start)


def test_this_computer_opens_the_dashboard_without_a_password_and_the_network_does_not(house):
    assert house.ask("GET", "/api/v1/status")[0] == 401
    assert house.json("POST", "/api/v1/session", {}) == {"owner": True}
    assert house.json("GET", "/api/v1/status")["version"]
    assert house.ask("GET", "/api/v1/status", device=PHONE, secure=True)[0] == 401
    assert house.ask("POST", "/api/v1/session", {}, device=PHONE, secure=True)[0] == 403


def test_a_phone_sets_the_first_password_with_the_code_that_the_service_prints(house):
    line = house.paravent.wait_line("one-time code")
    code = line.split()[-1]
    assert house.paravent.cli("password", "--code").stdout.strip() == code
    assert house.ask("PUT", "/api/v1/password", {"new": "correct horse", "code": "1111-1111"}, device=PHONE, secure=True)[0] == 403
    assert house.ask("PUT", "/api/v1/password", {"new": "correct horse", "code": code}, device=PHONE, secure=True)[0] == 204
    assert house.json("GET", "/api/v1/status", device=PHONE, secure=True)["version"]
    # From now on this computer is asked as well, and the code is of no use.
    assert house.json("GET", "/api/v1/session")["login"] == "password"
    assert house.paravent.cli("password", "--code").returncode == 1
    assert house.ask("POST", "/api/v1/session", {"password": "correct horse"})[0] == 200
    house.paravent.stop()
    house.paravent.start()
    assert house.json("GET", "/api/v1/status", device=PHONE, secure=True)["version"]  # still logged in


def test_the_command_line_sets_a_password_and_everybody_has_to_log_in_again(house):
    house.json("POST", "/api/v1/session", {})
    done = house.paravent.cli("password", stdin="correct horse\n")
    assert done.returncode == 0, done.stderr
    assert house.ask("GET", "/api/v1/status")[0] == 401
    assert house.ask("POST", "/api/v1/session", {"password": "correct horse"})[0] == 200
    short = house.paravent.cli("password", stdin="short\n")
    assert short.returncode == 2 and "8 to 200" in short.stderr
    assert house.json("GET", "/api/v1/status")["version"]  # nothing was changed


def test_guessing_a_password_takes_longer_and_longer_for_that_device_alone(house):  # D3
    assert house.paravent.cli("password", stdin="correct horse\n").returncode == 0
    for _ in range(3):
        assert house.ask("POST", "/api/v1/session", {"password": "wrong wrong"}, device=PHONE, secure=True)[0] == 403
    status, fields, _ = house.ask("POST", "/api/v1/session", {"password": "correct horse"}, device=PHONE, secure=True)
    assert status == 429 and int(fields["Retry-After"]) >= 1
    assert house.ask("POST", "/api/v1/session", {"password": "correct horse"}, device=TABLET, secure=True)[0] == 200
    eventually(lambda: house.ask("POST", "/api/v1/session", {"password": "correct horse"}, device=PHONE, secure=True)[0] == 200,
               "the wait ends", 5)
    kept = (house.paravent.state / "login.json").read_text()
    assert "correct horse" not in kept and (house.paravent.state / "login.json").stat().st_mode & 0o777 == 0o600


def test_plain_http_from_the_network_serves_what_a_device_needs_first_and_leads_on_from_the_rest(house):  # D10
    for path in ("/setup", "/proxy.pac", "/wpad.dat", "/healthz"):
        assert house.ask("GET", path, device=PHONE)[0] == 200, path
    for method, path in (("GET", "/"), ("GET", "/api/v1/status"), ("POST", "/api/v1/session"), ("GET", "/nothing")):
        status, fields, _ = house.ask(method, path, device=PHONE)
        assert (status, fields["Location"]) == (307, f"https://{BOX}:18481{path}")
    assert house.ask("GET", "/", device=PHONE, secure=True)[0] == 200


@pytest.mark.parametrize("host", ["rebound.example:18481", "192.168.1.99.example:18481", "evil.example"])
def test_a_name_bound_anew_to_the_box_gets_nothing(house, host):  # D1
    for path in ("/", "/setup", "/api/v1/session", "/proxy.pac"):
        assert house.ask("GET", path, device=PHONE, secure=True, host=host)[0] == 421, path
    assert house.ask("GET", "/healthz")[0] == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"},
                                     {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": ""}])
def test_other_sites_pages_change_nothing_though_the_browser_is_logged_in(house, headers):  # D2
    house.json("POST", "/api/v1/session", {})
    assert house.ask("PATCH", "/api/v1/settings", {"profile": "off"}, headers=headers)[0] in (401, 403)
    assert house.ask("POST", "/api/v1/exceptions", {"site": "evil.example"}, headers=headers)[0] in (401, 403)
    assert house.json("GET", "/api/v1/settings")["profile"] == "standard"
    assert house.json("GET", "/api/v1/exceptions")["items"] == []


def blocked(house, device):
    """One stopped tunnel to the loader's host."""
    connection = http.client.HTTPConnection(BOX, 18480, timeout=10, source_address=(device, 0))
    connection.set_tunnel(LOADER, 443)
    with pytest.raises(OSError, match="403"):
        connection.connect()
    connection.close()


def test_a_device_sees_its_own_events_and_nobody_elses(house):  # D4
    blocked(house, PHONE)
    blocked(house, TABLET)
    mine = house.json("GET", "/api/v1/self/events", device=PHONE, secure=True)["items"]
    assert [event["address"] for event in mine] == [PHONE]
    self = house.json("GET", "/api/v1/self", device=PHONE, secure=True)
    assert self["proxy"] == f"{BOX}:18480" and self["login_stopped"] and self["owner_sees"] == "events"
    for path in ("/api/v1/events", "/api/v1/events.csv", "/api/v1/events/stream", "/api/v1/devices", "/api/v1/stats",
                 "/api/v1/today", "/api/v1/backup", "/api/v1/settings"):
        assert house.ask("GET", path, device=PHONE, secure=True)[0] == 401, path


def test_a_device_lets_a_site_pass_for_ten_minutes_where_the_owner_allows_that(house):
    blocked(house, PHONE)
    ask = ("POST", "/api/v1/self/exceptions", {"site": LOADER})
    assert house.ask(*ask, device=PHONE, secure=True)[0] == 403
    house.json("POST", "/api/v1/session", {})
    house.json("PATCH", "/api/v1/settings", {"guests_may_ask": True})
    assert house.ask(*ask, device=PHONE, secure=True)[0] == 201
    assert house.json("GET", "/api/v1/why?url=https://connect.facebook.net/&device=" + PHONE)["verdict"] == "allow"
    blocked(house, TABLET)


def test_a_paused_home_stops_nothing_until_the_pause_ends(house):
    blocked(house, PHONE)
    assert "paused until" in house.paravent.cli("pause", "--for", "10m").stdout
    house.json("POST", "/api/v1/session", {})
    assert house.json("GET", "/api/v1/settings")["paused_until"]
    connection = http.client.HTTPConnection(BOX, 18480, timeout=10, source_address=(PHONE, 0))
    connection.set_tunnel(LOADER, 443)
    with pytest.raises(OSError, match="50[0-9]"):  # it was dialled, where nobody is
        connection.connect()
    house.json("PATCH", "/api/v1/settings", {"paused_until": None})
    blocked(house, PHONE)


PAC_ENGINE = """
    const fs = require("fs"), vm = require("vm");
    const world = {dnsDomainIs: (host, domain) => host.endsWith(domain), isPlainHostName: host => !host.includes(".")};
    vm.runInNewContext(fs.readFileSync(process.argv[1], "utf8"), world);
    console.log(JSON.stringify(process.argv.slice(2).map(host => world.FindProxyForURL("https://" + host + "/", host))));
"""
HERE, STRAIGHT = f"PROXY {BOX}:18480; DIRECT", "DIRECT"


def pac_says(house, query, hosts, tmp_path):
    """What the file says of each host, by a JavaScript engine."""
    (tmp_path / "proxy.pac").write_bytes(house.ask("GET", "/proxy.pac" + query, device=PHONE)[2])
    done = subprocess.run(["node", "-e", PAC_ENGINE, str(tmp_path / "proxy.pac"), *hosts], capture_output=True, text=True, check=True)
    return dict(zip(hosts, json.loads(done.stdout)))


def test_the_pac_file_does_in_a_real_engine_what_it_says(house, tmp_path):
    here = ["www.facebook.com", "Connect.Facebook.NET", "facebook.com", "paravent.local"]
    straight = ["notfacebook.com", "bank.example", "router"]
    assert pac_says(house, "", here + straight, tmp_path) == {**dict.fromkeys(here, HERE), **dict.fromkeys(straight, STRAIGHT)}


def test_the_pac_file_for_all_leaves_the_home_alone(house, tmp_path):
    here = ["www.facebook.com", "bank.example", "paravent.local", "11.0.0.1", "172.32.0.1", "100.128.0.1", "10.example.com",
            "2001:db8::1", "[2001:db8::1]", "lan.example", "10.0.0.1.nip.example"]
    straight = ["router", "localhost", "nas.lan", "Printer.Local", "fritz.box", "disk.home.arpa", "127.0.0.1", "10.0.0.1",
                "192.168.7.1", "172.16.0.1", "172.31.9.9", "169.254.1.1", "100.64.0.1", "fd00::1", "[fd12:3456::1]", "fe80::1", "::1"]
    assert pac_says(house, "?all", here + straight, tmp_path) == {**dict.fromkeys(here, HERE), **dict.fromkeys(straight, STRAIGHT)}


def test_settings_changed_on_the_page_outlive_a_restart_and_go_back(house):
    house.json("POST", "/api/v1/session", {})
    house.json("PATCH", "/api/v1/settings", {"profile": "log", "retention": "3d", "language": "fr"})
    house.paravent.stop()
    house.paravent.start()
    settings = house.json("GET", "/api/v1/settings")
    assert (settings["profile"], settings["retention"], settings["language"]) == ("log", "3d", "fr")
    assert settings["from_file"]["profile"] == "standard"
    house.json("PATCH", "/api/v1/settings", {"profile": None, "retention": None})
    assert house.json("GET", "/api/v1/settings")["profile"] == "standard"
