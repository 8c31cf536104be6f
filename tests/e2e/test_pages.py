"""The house's page in Debian's Chromium: every page in both languages, light and dark, wide and narrow; nothing on the console,
nothing that axe-core finds, nothing that a stranger's text can do. Screenshots stay in PARAVENT_SCREENSHOTS."""
import contextlib
import os
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest

from conditions import eventually
from program import REPOSITORY, serves_page

selenium = pytest.importorskip("selenium", reason="python3-selenium is not installed")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
AXE = REPOSITORY / "proxy/dashboard/web/node_modules/axe-core/axe.min.js"
SHOTS = Path(os.environ.get("PARAVENT_SCREENSHOTS", REPOSITORY / "build/screenshots"))
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromium-driver are not installed")

PAGES = ["today", "events", "sites", "devices", "lists", "blind", "meta", "settings", "setup", "demo"]
HOSTILE = "<img src=x onerror=document.title='gone'>\u202egnp.exe\x1b[31m"
TITLES = {"en": "What did they want to know about us?", "fr": "Qu’ont-ils voulu savoir de nous ?"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def tell(paravent, **fields):
    """What a page's pixel says, in plain http, so that it is seen whole."""
    query = urlencode({"id": "1000000000000001", "ev": "PageView", "dl": "https://shop.example/", **fields})
    assert paravent.get(f"http://www.facebook.com/tr?{query}", ["Referer: https://shop.example/"]).status == 200


@pytest.fixture(scope="module")
def house(ports, tmp_path_factory):
    """A program that has something to show; without the page built in there is nothing to test."""
    from conftest import programs

    with programs(tmp_path_factory.mktemp("pages"), ports) as start:
        paravent = start({"statistics": {"flush": "0s", "privacy": "full"}}, hosts=["www.facebook.com", "connect.facebook.net"])
        if not serves_page(paravent):
            pytest.skip("this program was built without the page")
        tell(paravent)
        tell(paravent, **{"ev": "Purchase", "cd[value]": "59.00", "cd[currency]": "EUR", "ud[em]": "a" * 64, "ud[ph]": "b" * 64, "eid": "1"})
        tell(paravent, ev=HOSTILE, **{"cd[content_name]": HOSTILE})
        paravent.tunnel("connect.facebook.net")[1].socket.close()
        paravent.api("/devices/127.0.0.1", "PATCH", {"name": HOSTILE.split("\x1b")[0]})
        eventually(lambda: len(paravent.events()) == 4, "four events")
        yield paravent


class Browser:
    def __init__(self, driver, paravent):
        self.driver, self.base = driver, f"http://127.0.0.1:{paravent.dashboard}"

    def look(self, width, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})

    def open(self, page):
        self.driver.get("about:blank")
        self.driver.get(f"{self.base}/{page}" if page in ("setup", "demo") else f"{self.base}/#/{page}")
        eventually(lambda: self.text("h1"), f"the heading of {page}", 20)
        eventually(lambda: not self.driver.find_elements("css selector", "progress"), f"{page} to be read", 20)

    def text(self, selector):
        found = self.driver.find_elements("css selector", selector)
        return found[0].text if found else ""

    def click(self, words, selector="button"):
        def button():
            return next((one for one in self.driver.find_elements("css selector", selector) if words in one.text and one.is_enabled()), None)

        self.driver.execute_script("arguments[0].click()", eventually(button, f"a {selector} with {words!r}", 10))

    def says(self, words, within=10):
        return eventually(lambda: words in self.text("body"), f"{words!r} on the page", within)

    def console(self):
        """What the browser complained of, the program's deliberate refusals aside."""
        # The browser's own new tab may find the network slow.
        return [entry["message"] for entry in self.driver.get_log("browser") if not entry["message"].startswith("chrome://")]

    def violations(self):
        # The page's policy lets no script of ours in, so the tool stands outside it.
        self.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        self.driver.execute_script(AXE.read_text())
        found = self.driver.execute_async_script(
            "const done = arguments[1]; axe.run(document, {runOnly: arguments[0]}).then("
            "r => done(r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 200))])))", RULES)
        self.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})
        return found

    def shoot(self, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(SHOTS / f"{name}.png"))


@contextlib.contextmanager
def chromium(paravent, folder, language="en", *extra):
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = CHROMIUM
    for argument in ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={folder}", f"--lang={language}", f"--accept-lang={language}",
                     *(["--no-sandbox"] if os.geteuid() == 0 else []), *extra]:
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        driver.set_page_load_timeout(60)
        driver.set_script_timeout(60)
        yield Browser(driver, paravent)
    finally:
        driver.quit()


@pytest.fixture
def browser(house, tmp_path):
    with chromium(house, tmp_path / "chromium") as made:
        yield made


@pytest.fixture(scope="module", params=["en", "fr"])
def reader(request, house, tmp_path_factory):
    with chromium(house, tmp_path_factory.mktemp("chromium"), request.param) as made:
        made.language = request.param
        yield made


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_in_order_in_both_languages_light_dark_wide_and_narrow(reader, page):
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in proxy/dashboard/web")
    for width in (1280, 360):
        for scheme in ("light", "dark"):
            reader.look(width, scheme)
            reader.open(page)
            where = f"{page}-{reader.language}-{width}-{scheme}"
            assert reader.driver.execute_script("return document.documentElement.lang") == reader.language
            wide = reader.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{where}: {wide} pixels too wide"
            reader.shoot(where)
            assert reader.console() == [], where
            assert reader.violations() == [], where


def test_today_answers_the_first_question_without_scrolling(reader):
    for width in (1280, 360):
        reader.look(width, "light")
        reader.open("today")
        assert reader.text("h1") == TITLES[reader.language]
        bottom = reader.driver.execute_script("return document.querySelector('.strongest').getBoundingClientRect().bottom")
        assert bottom <= 800, f"{width}: the answer ends at {bottom}"


def test_a_strangers_text_is_inert(browser):                                                     # D9
    for page in ("events", "devices", "sites", "today", "setup"):
        browser.open(page)
        for line in browser.driver.find_elements("css selector", ".line, summary")[:6]:
            browser.driver.execute_script("arguments[0].click()", line)
        html = browser.driver.execute_script("return document.body.innerHTML + document.title")
        assert not any(mark in html for mark in "\u202e\u200f\x1b"), page
        assert browser.driver.find_elements("css selector", "main img[src=x]") == [], page
        assert "gone" != browser.driver.title, page
    assert browser.console() == []


def test_events_appear_as_they_happen(house, browser):
    browser.open("events")
    browser.driver.find_element("css selector", "input[type=checkbox]").click()
    browser.says("● Live")
    tell(house, ev="Lead", dl="https://live.example/")
    browser.says("One new event")
    browser.says("an enquiry")


def test_two_clicks_allow_a_site_for_ten_minutes(house, browser):
    browser.open("events")
    browser.click("a purchase", ".line")
    browser.click("Allow here for 10 minutes")
    browser.says("is allowed on")
    _, exceptions = house.api("/exceptions")
    assert [(e["site"], e["verdict"], bool(e["until"])) for e in exceptions["items"]] == [("shop.example", "allow", True)]
    browser.click("Undo")
    eventually(lambda: house.api("/exceptions")[1]["items"] == [], "the exception to end")


def test_a_paused_home_is_said_in_red_on_every_page_and_ends_with_one_click(house, browser):
    browser.open("today")
    browser.click("Pause for the whole home")
    browser.says("The whole home is not protected until")
    assert house.api("/settings")[1]["paused_until"]
    browser.open("lists")
    browser.says("The whole home is not protected until")
    browser.click("End the pause now")
    eventually(lambda: house.api("/settings")[1]["paused_until"] is None, "the pause to end")


def test_the_page_outlives_a_restart(start, tmp_path):
    paravent = start()
    if not serves_page(paravent):
        pytest.skip("this program was built without the page")
    with chromium(paravent, tmp_path / "chromium") as browser:
        browser.open("events")
        browser.driver.find_element("css selector", "input[type=checkbox]").click()
        browser.says("● Live")
        paravent.stop()
        browser.says("Paravent is restarting")
        paravent.start()
        eventually(lambda: "Paravent is restarting" not in browser.text("body"), "the page to notice", 15)
        browser.says("● Live")


def test_a_recording_is_read_and_only_what_concerns_meta_leaves_the_browser(browser, tmp_path):
    entry = "https://www.facebook.com/tr?" + urlencode({"id": "1", "ev": "Lead", "dl": "https://har.example/"})
    recording = tmp_path / "recording.har"
    recording.write_text('{"log":{"entries":[{"request":{"method":"GET","url":"%s","headers":[]}},'
                         '{"request":{"method":"GET","url":"https://bank.example/","headers":[]}}]}}' % entry)
    browser.open("today")
    browser.driver.find_element("css selector", "input[type=file]").send_keys(str(recording))
    browser.says("har.example tells Meta: an enquiry")
