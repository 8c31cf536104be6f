"""Chromium with the home's root installed: a login at a stand-in for www.facebook.com works while its /tr is answered at home."""
import os
import shutil
import subprocess

import pytest

from conditions import eventually
from inside import CONNECT, FACEBOOK
from origin import response
from test_browser import CHROMIUM, DRIVER, shop

selenium = pytest.importorskip("selenium", reason="python3-selenium is not installed")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER and shutil.which("certutil")),
                                reason="chromium, chromium-driver and libnss3-tools are not installed")

TRACK = "<script>new Image().src='/tr?id=1000000000000001&ev=%s&dl='+encodeURIComponent(location.href)</script>"
FORM = ("<!doctype html><link rel=icon href='data:,'><title>Log in</title><form method=post action='/login/device'><input id=email name=email>"
        "<input id=pass name=pass type=password><button id=go>Log in</button></form>" + TRACK % "PageView").encode()


def meta(connection):
    """A little Facebook: a form, a session cookie, a page for those who have it, and /tr, which nobody should reach."""
    while True:
        request = connection.request()
        method, path, _ = request.first.split(" ")
        cookie = request.get("Cookie", "")
        if method == "POST":
            good = b"pass=open+sesame" in request.body
            connection.send(response(b"", "302 Found", ["Location: /home", f"Set-Cookie: xs={'good' if good else 'bad'}; Secure; HttpOnly; Path=/"]))
        elif path == "/home":
            name = "Hello, it is you" if "xs=good" in cookie else "Who are you"
            body = f"<!doctype html><link rel=icon href='data:,'><title>Home</title><h1>{name}</h1>{TRACK % 'Home'}"
            connection.send(response(body.encode(), fields=["Content-Type: text/html"]))
        else:
            connection.send(response(FORM, fields=["Content-Type: text/html", 'Alt-Svc: h3=":443"']))


@pytest.fixture
def browse(home, tmp_path):
    """A fresh Chromium whose every connection goes through the proxy, and that trusts the home's root beside its own."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    running = []

    def run():
        folder = tmp_path / "browser"
        database = folder / ".pki/nssdb"
        database.mkdir(parents=True)
        for words in (["-N", "--empty-password"], ["-A", "-n", "home", "-t", "C,,", "-i", str(home.root)]):
            subprocess.run(["certutil", *words, "-d", f"sql:{database}"], check=True, capture_output=True)
        options = Options()
        options.binary_location = CHROMIUM
        for argument in ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                         "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}",
                         f"--proxy-server=http://127.0.0.1:{home.paravent.port}", "--proxy-bypass-list=<-loopback>",
                         *(["--no-sandbox"] if os.geteuid() == 0 else [])]:
            options.add_argument(argument)
        running.append(webdriver.Chrome(options=options, service=Service(DRIVER, env={**os.environ, "HOME": str(folder)})))
        running[-1].set_page_load_timeout(120)
        return running[-1]

    yield run
    for each in running:
        each.quit()


def test_a_login_works_while_the_pixel_is_answered_at_home(home, browse):
    far = home.origin(serve=meta)
    home.start()
    browser = browse()
    browser.get(f"https://{FACEBOOK}/")
    browser.find_element("id", "email").send_keys("me@mail.example")
    browser.find_element("id", "pass").send_keys("open sesame")
    browser.find_element("id", "go").click()
    eventually(lambda: browser.title == "Home", "the page after the login", 60)
    assert browser.find_element("tag name", "h1").text == "Hello, it is you"
    for name in ("PageView", "Home"):
        event = eventually(lambda: [e for e in home.paravent.events() if e.get("name") == name], f"the event {name}", 30)[0]
        assert (event["seen"], event["verdict"], event["destination"], event["site"]) == ("full", "answer", FACEBOOK, "facebook.com")
    assert b"POST /login/device" in far.received and b"/tr" not in far.received
    assert home.is_seen_inside()  # no bypass came of it


def test_a_shop_with_the_pixel_works_with_the_stand_in(home, browse):
    far = home.origin(CONNECT)
    home._origin(shop, port=80, address=home.hosts["shop.example"])
    home.start()
    browser = browse()
    browser.get("http://shop.example/")
    eventually(lambda: browser.title == "loader loaded", f"the loader's element to load; title {browser.title!r}", 60)
    assert browser.execute_script("return typeof fbq.callMethod + fbq.queue.length") == "function0"
    browser.find_element("id", "buy").click()
    eventually(lambda: browser.find_element("id", "said").text == "in your cart", "the page's own script to work", 30)
    event = home.event(CONNECT, seen="full", product="loader")
    assert (event["product"], event["verdict"], event["site"]) == ("loader", "answer", "shop.example")
    assert b"fbevents" not in far.received
