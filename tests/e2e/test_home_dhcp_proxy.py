"""A second DHCP server in the home hands out another proxy (option 252): a phone that took its lease goes past the box."""
import contextlib
import socket
import subprocess
import threading
from types import SimpleNamespace

import pytest

from browser import chromium, needs_chromium
from conditions import eventually
from dhcp import Phone, dhcp_server, needs_dnsmasq
from origin import response, says
from program import serves_page
from two_boxes import FIRST, SECOND, WORLD, Home

META, LOADER = "www.facebook.com", "connect.facebook.net"
OTHERS_PROXY = f"{SECOND}:3128"
# As a company's file is: the home itself goes straight, all else by that proxy.
OTHERS_PAC = f'function FindProxyForURL(url, host) {{ return /^192\\.168\\./.test(host) ? "DIRECT" : "PROXY {OTHERS_PROXY}"; }}'

pytestmark = [pytest.mark.root, needs_dnsmasq, needs_chromium]


def others_proxy(connection):
    """Somebody else's: it brings each CONNECT to the world, and knows no names of this home."""
    method, target, _ = connection.request().first.split(" ")
    if method != "CONNECT":
        connection.send(response(b"<h1>No such host</h1>", "502 Bad Gateway", ["Content-Type: text/html"]))
        return
    with socket.create_connection((WORLD, int(target.rpartition(":")[2])), 10) as far:
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        back = threading.Thread(target=copy, args=(far, connection.socket), daemon=True)
        back.start()
        copy(connection.socket, far)
        back.join()


def copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def home(netns, start, world):
    with contextlib.closing(Home(start, [META, LOADER])) as made:
        made.serve(443, tls=world.good(META, LOADER).context())
        made.world = world.root
        made.box("first", {"proxy": {"listen": ["0.0.0.0:8480"], "clients": ["home"]}, "dashboard": {"listen": "0.0.0.0:8481"}})
        with made.at["first"]:
            if not serves_page(made.first):
                pytest.skip("this program was built without the page")
        yield made


@contextlib.contextmanager
def browsing(home, folder, pac):
    """The phone's browser, with the PAC file that the lease named."""
    folder.mkdir()
    about = SimpleNamespace(root=home.world.file, world=home.world, hosts={META: WORLD, LOADER: WORLD}, paravent=home.first)
    with home.at["phone"], chromium(about, folder, f"--proxy-pac-url={pac}", proxy=None) as browser:
        yield browser


def shown(browser, url):
    """The text of the page, an error's too."""
    from selenium.common.exceptions import WebDriverException
    try:
        browser.get(url)
    except WebDriverException as error:
        return str(error.msg)
    return browser.find_element("tag name", "body").text


def run_the_pages_test(browser):
    """What the set-up page says when its test is run."""
    button = eventually(lambda: browser.find_elements("xpath", "//button[text()='Run the test']"), "the page's test", 20)[0]
    button.click()
    eventually(lambda: "through the proxy." in browser.find_element("tag name", "body").text, "what came of the test", 20)
    return browser.find_element("tag name", "body").text


def comes_through(browser):
    """Whether the set-up page finds so: opened by the box's number it sends on to its name, and there it is green or does not open."""
    shown(browser, f"http://{FIRST}:8481/setup")
    said = run_the_pages_test(browser)
    assert "This page did not come through the proxy." in said and "if it opens and the test is green there, the proxy is set" in said
    link = browser.find_element("partial link text", "paravent.local/setup").get_attribute("href")
    opened = shown(browser, link)
    return "Run the test" in opened and "This page came through the proxy." in run_the_pages_test(browser)


def loader_stopped(home):
    with home.at["first"]:
        return [event for event in home.first.events() if event["destination"] == LOADER and event["verdict"] == "block"]


def test_a_phone_with_another_servers_lease_goes_past_the_box_and_its_set_up_page_says_so(home, tmp_path):
    phone = Phone(home.at["phone"], "eth0")
    ours, other = f"http://{FIRST}:8481/wpad.dat", f"http://{SECOND}/wpad.dat"
    home.also("second", says(response(OTHERS_PAC.encode(), fields=["Content-Type: application/x-ns-proxy-autoconfig"])), 80, SECOND)
    home.also("second", others_proxy, 3128, SECOND)
    with dhcp_server(home.at["first"], "eth0", "192.168.1.100", "192.168.1.110", ours):
        with dhcp_server(home.at["second"], "eth0", "192.168.1.120", "192.168.1.130", other):
            eventually(lambda: set(phone.offers()) == {FIRST, SECOND}, "both servers answer, and the phone takes either", 20)
            pac = phone.lease(SECOND)
            with home.at["phone"]:
                assert subprocess.run(["curl", "-sS", "--fail", pac], capture_output=True, text=True).stdout == OTHERS_PAC
            with browsing(home, tmp_path / "wrong", pac) as browser:
                assert shown(browser, f"https://{META}/") == SECOND, "traffic flows, by the other proxy"
                assert shown(browser, f"https://{LOADER}/") == SECOND and not loader_stopped(home), "and nothing is stopped"
                assert not comes_through(browser)
            with home.at["first"]:  # which is all that the owner can see of it: nothing of the phone's, and that this may be so
                assert home.first.totals()["requests"] == 0
                assert "bypassing" in {spot["kind"] for spot in home.first.api("/status")[1]["blind_spots"]}
            assert home.asked(FIRST, LOADER) == "stopped", "nobody who still uses the box is hurt"
        eventually(lambda: set(phone.offers()) == {FIRST}, "the second server is unplugged", 20)
        before = len(loader_stopped(home))
        with browsing(home, tmp_path / "right", phone.lease(FIRST)) as browser:
            assert shown(browser, f"https://{META}/") == FIRST
            assert shown(browser, f"https://{LOADER}/") not in (FIRST, SECOND)
            eventually(lambda: len(loader_stopped(home)) > before, "the loader, stopped at the box")
            assert comes_through(browser)
