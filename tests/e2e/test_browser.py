"""Debian's Chromium through the proxy: a shop's page works, the pixel's loader does not load, and the event is there."""
import os
import shutil

import pytest

from conditions import eventually
from origin import certificate, response

selenium = pytest.importorskip("selenium", reason="python3-selenium is not installed")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromium-driver are not installed")

# Meta's documented base code, with the account of nobody.
BASE_CODE = """
!function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){n.callMethod?n.callMethod.apply(n,arguments):n.queue.push(arguments)};
if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';n.queue=[];t=b.createElement(e);t.async=!0;t.src=v;
t.onerror=function(){document.title='loader failed'};t.onload=function(){document.title='loader loaded'};
s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,document,'script','https://connect.facebook.net/en_US/fbevents.js');
fbq('init','1000000000000001');fbq('track','PageView');
"""
PAGE = f"""<!doctype html><html><head><title>shop</title><link rel="icon" href="data:,"><script>{BASE_CODE}</script>
<noscript><img height="1" width="1" src="https://www.facebook.com/tr?id=1000000000000001&ev=PageView&noscript=1"></noscript></head>
<body><h1>Shop</h1><button id="buy" onclick="fbq('track','Purchase',{{value:59,currency:'EUR'}});
fetch('/cart',{{method:'POST',body:'4711'}}).then(r=>r.text()).then(t=>document.getElementById('said').textContent=t)">Buy</button>
<p id="said"></p><img id="logo" src="/logo.gif"></body></html>""".encode()
GIF = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


def shop(connection):
    while True:
        request = connection.request()
        path = request.first.split(" ")[1]
        body, kind = {"/": (PAGE, "text/html"), "/logo.gif": (GIF, "image/gif"), "/cart": (b"in your cart", "text/plain")}.get(path, (b"", "text/plain"))
        connection.send(response(body, "200 OK" if body else "404 Not Found", [f"Content-Type: {kind}"]))


@pytest.fixture
def browse(tmp_path):
    """browse(paravent): a fresh headless Chromium that sends everything through the proxy."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    running = []

    def run(paravent, *extra):
        options = Options()
        options.binary_location = CHROMIUM
        for argument in ["--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path / 'chromium'}",
                         f"--proxy-server=http://127.0.0.1:{paravent.port}", "--proxy-bypass-list=<-loopback>",
                         *(["--no-sandbox"] if os.geteuid() == 0 else []), *extra]:
            options.add_argument(argument)
        running.append(webdriver.Chrome(options=options, service=Service(DRIVER)))
        running[-1].set_page_load_timeout(60)
        return running[-1]

    yield run
    for each in running:
        each.quit()


def test_a_shop_with_the_pixel_works_and_the_loader_is_blocked(start, origin, browse):
    web = origin(shop)
    paravent = start(hosts=["shop.example", "connect.facebook.net", "www.facebook.com"])
    browser = browse(paravent)
    browser.get(f"http://shop.example:{web.port}/")
    assert browser.find_element("tag name", "h1").text == "Shop"
    eventually(lambda: browser.title == "loader failed", f"the loader's element to fail; title {browser.title!r}", 20)
    assert browser.execute_script("return document.getElementById('logo').naturalWidth") == 1
    browser.find_element("id", "buy").click()
    eventually(lambda: browser.find_element("id", "said").text == "in your cart", "the page's own script to work", 10)
    assert browser.execute_script("return fbq.callMethod === undefined && fbq.queue.length") == 3

    def event():
        return [e for e in paravent.events_by_command() if e["destination"] == "connect.facebook.net"]

    first = eventually(event, "the event in `paravent events --json`")[0]
    assert (first["product"], first["verdict"], first["seen"]) == ("loader", "block", "host")
    assert first["rule"].startswith("meta/")
    assert not {"site", "page", "name", "account"} & set(first), first
    assert b"POST /cart" in web.received


def test_the_noscript_image_is_a_blind_spot_that_is_recorded(start, origin, browse):
    """Without interception only the host is seen: the image's request is tunnelled, and its event says so."""
    web = origin(shop)
    paravent = start(hosts=["shop.example", "connect.facebook.net", "www.facebook.com"])
    browser = browse(paravent, "--blink-settings=scriptEnabled=false")
    browser.get(f"http://shop.example:{web.port}/")
    events = eventually(lambda: [e for e in paravent.events() if e["destination"] == "www.facebook.com"], "the event of the noscript image", 20)
    assert (events[0]["verdict"], events[0]["seen"]) == ("allow", "host")


def test_the_control_with_profile_off_the_same_page_loads_the_loader(netns, start, origin, browse, tmp_path):
    """So the first test can fail: a stand-in for Meta's host serves a loader, and nothing keeps the page from it."""

    def serve(connection):
        connection.request()
        connection.send(response(b"fbq.callMethod=function(){};", fields=["Content-Type: application/javascript"]))

    web = origin(shop)
    meta = origin(serve, port=443, tls=certificate(tmp_path, "connect.facebook.net")[1])
    paravent = start({"policy": {"profile": "off"}}, hosts=["shop.example", "connect.facebook.net", "www.facebook.com"])
    browser = browse(paravent, "--ignore-certificate-errors")
    browser.get(f"http://shop.example:{web.port}/")
    eventually(lambda: browser.title == "loader loaded", "the loader's element to load", 20)
    assert b"GET /en_US/fbevents.js" in meta.received
    assert paravent.events() == []
