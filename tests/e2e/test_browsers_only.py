"""A device of which only the browsers are looked into: its apps are not made to fail first (issue: phones and apps)."""
import ssl
import subprocess

import pytest

from browser import CHROMIUM, chromium, needs_chromium
from http1 import Stream, read_response
from inside import FACEBOOK, GRAPH, LAPTOP, PHONE, Client, credulous
from origin import response, says

BROWSER = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
VIEW = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36"
ONLY = {"device": [{"name": "this", "address": "127.0.0.1", "intercept": True, "browsers_only": True},
                   {"name": "laptop", "address": LAPTOP, "intercept": True},
                   {"name": "phone", "address": PHONE, "intercept": True, "browsers_only": True}]}


def is_seen_inside(home, user_agent, host=FACEBOOK, source=PHONE):
    """By a client that says so with its CONNECT; and that what it asks is answered either way."""
    stream = Stream(home.paravent.connect(source, 20))
    said = f"User-Agent: {user_agent}\r\n" if user_agent else ""
    stream.socket.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n{said}\r\n".encode())
    assert read_response(stream, "CONNECT").status == 200
    with Client(credulous().wrap_socket(stream.socket, server_hostname=host)) as client:
        assert client.ask("/home", host=host).status == 200
        return home.ours(client.certificate)


@pytest.mark.parametrize("user_agent, inside", [(BROWSER, True), ("com.apple.WebKit.Networking/8619.1 CFNetwork/1494 Darwin/23.4.0", True),
                                               (VIEW, False), ("okhttp/4.12.0", False), ("Dalvik/2.1.0 (Linux; U; Android 14)", False),
                                               ("", False)])
def test_what_says_that_it_is_a_browser_is_looked_into_and_nothing_else(home, user_agent, inside):
    home.start(ONLY)
    home.origin()
    assert is_seen_inside(home, user_agent) is inside
    assert is_seen_inside(home, user_agent, source=LAPTOP)  # the one without that answer


def test_apps_that_trust_nobody_else_work_at_the_first_try_and_leave_no_bypass(home):
    home.start(ONLY)
    home.origin(GRAPH)
    proper = credulous()
    proper.load_verify_locations(home.world.file)
    proper.verify_mode, proper.check_hostname = ssl.CERT_REQUIRED, True
    with home.client(GRAPH, proper, source=PHONE) as app:
        assert app.ask("/v19.0/1/activities", host=GRAPH).status == 200
    with home.client(GRAPH, proper, source=PHONE, socks=True) as app:  # no word in SOCKS to say who asks
        assert app.ask("/v19.0/1/activities", host=GRAPH).status == 200
    assert home.paravent.api("/bypasses")[1]["items"] == []
    assert home.event(GRAPH, verdict="allow")["seen"] == "host"


def test_the_blind_spot_is_said_and_ends_with_the_answer(home):
    home.start(ONLY)

    def spots():
        return [spot for spot in home.paravent.api("/status")[1]["blind_spots"] if spot["kind"] == "browsers_only"]

    said = {spot["text"].split(" (")[0] for spot in spots()}
    assert said == {"Of this", "Of phone"}, spots()
    for name in ("this", "phone"):
        assert home.paravent.cli("device", name, "--browsers-only", "no").returncode == 0
    assert spots() == []
    home.origin()
    assert is_seen_inside(home, "okhttp/4.12.0")  # in force at once


@pytest.mark.skipif(subprocess.run(["which", "curl"], capture_output=True).returncode != 0, reason="curl is not installed")
def test_curl_is_no_browser_unless_it_says_so(home):
    home.start(ONLY)
    home.origin(serve=says(response(b"hello")))

    def accepts(root, *words):
        return subprocess.run(["curl", "-s", "-x", f"http://127.0.0.1:{home.paravent.port}", "--cacert", str(root), *words,
                               f"https://{FACEBOOK}/home"], capture_output=True, text=True).stdout == "hello"

    assert accepts(home.world.file) and not accepts(home.root)
    assert accepts(home.root, "-A", BROWSER) and not accepts(home.world.file, "-A", BROWSER)


@needs_chromium
def test_chromium_says_that_it_is_a_browser(home, tmp_path):
    assert CHROMIUM
    home.start(ONLY)
    home.origin(serve=says(response(b"<title>inside</title>", fields=["Content-Type: text/html"])))
    with chromium(home, tmp_path / "user") as browser:
        browser.get(f"https://{FACEBOOK}/tr?id=1000000000000001&ev=PageView")
        home.event(FACEBOOK, seen="full", name="PageView")
