"""The house's page as its people meet it: who logs in, whose session ends, who sets up a device on which the root is installed."""
import pytest

from browser import chromium as trusting_chromium
from browser import needs_chromium
from conditions import eventually
from program import serves_page
from test_pages import Browser, chromium

pytestmark = needs_chromium


@pytest.fixture
def house(start):
    paravent = start(hosts=["www.facebook.com", "connect.facebook.net"])
    if not serves_page(paravent):
        pytest.skip("this program was built without the page")
    return paravent


def write(browser, name, text):
    field = eventually(lambda: browser.driver.find_elements("name", name), f"a field {name}", 10)[0]
    field.clear()
    field.send_keys(text)


def test_a_password_is_asked_for_and_a_wrong_one_is_said_in_words(house, tmp_path):
    assert house.cli("password", stdin="correct horse\n").returncode == 0
    with chromium(house, tmp_path / "chromium") as browser:
        browser.driver.get(browser.base + "/")
        write(browser, "password", "wrong horse")
        browser.click("Log in")
        browser.says("not right")
        write(browser, "password", "correct horse")
        browser.click("Log in")
        browser.says("What did they want to know about us?")


def test_a_session_that_ended_leaves_the_page_and_asks_anew(house, tmp_path):
    assert house.cli("password", stdin="correct horse\n").returncode == 0
    with chromium(house, tmp_path / "chromium") as browser:
        browser.driver.get(browser.base + "/")
        write(browser, "password", "correct horse")
        browser.click("Log in")
        browser.says("What did they want to know about us?")
        assert house.cli("password", stdin="another horse\n").returncode == 0
        browser.driver.get(browser.base + "/#/lists")
        write(browser, "password", "another horse")
        browser.click("Log in")
        browser.says("Lists")
        eventually(lambda: not browser.driver.find_elements("name", "password"), "the form to go", 10)


@pytest.fixture
def device(home, tmp_path):
    """Chromium on a device through the proxy, with the home's root installed."""
    home.origin("www.facebook.com")
    home.origin("connect.facebook.net")
    home.start()
    if not serves_page(home.paravent):
        pytest.skip("this program was built without the page")
    with trusting_chromium(home, tmp_path / "chromium") as driver:
        browser = Browser(driver, home.paravent)
        browser.base = "http://paravent.local"
        yield browser


def test_setting_up_a_device_with_the_root_installed_ends_in_green(device, home):
    device.driver.get("http://paravent.local/setup")
    device.click("Run the test")
    device.says("All is well: Paravent stands between this device and Meta.", 20)
    assert home.paravent.api("/devices")[1]["items"][0]["trust"] == "yes"


def test_the_demo_shops_pixel_is_shown_and_stopped(device):
    device.driver.get("https://paravent.local/demo")
    device.click("Fire the pixel")
    device.says("Stopped. Paravent saw it and Meta did not:", 20)
    device.says("ParaventTest")
