"""The part of the set-up page on which the owner of a Raspberry Pi says what it is to do. The test is what puts it into effect."""
import pytest

from conditions import eventually
from program import serves_page
from test_pages import AXE, chromium, pytestmark as needs_chromium

pytestmark = needs_chromium
TITLE = {"en": "What this box does in the home", "fr": "Ce que fait ce boîtier dans la maison"}
SAID = {"en": "What your name server leads to this box goes through it. For names it asks 192.168.1.1.",
        "fr": "Ce que votre serveur de noms amène à ce boîtier passe par lui. Il demande les noms à 192.168.1.1."}
SAVE = {"en": "Save", "fr": "Enregistrer"}


@pytest.fixture
def pi(start):
    paravent = start()
    if not serves_page(paravent):
        pytest.skip("this program was built without the page")
    (paravent.state / "place").write_text("mode = proxy\n")
    (paravent.state / "place.done").write_text("mode = proxy\nsaid = Devices that are told its address go through this box.\n")
    return paravent


def logged_in(browser):
    browser.driver.get(browser.base + "/")
    eventually(lambda: browser.text("h1"), "the dashboard", 20)
    eventually(lambda: browser.driver.get_cookies(), "a session", 10)


def radio(browser, mode):
    return browser.driver.find_element("css selector", f"input[type=radio][value={mode}]")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_owner_chooses_and_reads_what_came_of_it_although_the_service_was_away(pi, tmp_path, language):
    with chromium(pi, tmp_path / "chromium", language) as browser:
        browser.look(360, "light")
        logged_in(browser)
        browser.driver.get(browser.base + "/setup")
        browser.says(TITLE[language])
        assert radio(browser, "proxy").is_selected() and not browser.driver.find_elements("name", "servers")
        # By the keyboard alone.
        radio(browser, "proxy").send_keys("\ue015")  # arrow down
        assert radio(browser, "dns").is_selected()
        field = browser.driver.find_element("name", "servers")
        field.send_keys("192.168.1.1, router\n")
        eventually(lambda: "192.168.1.1" in browser.text(".bad"), "the refusal", 10)
        assert (pi.state / "place").read_text() == "mode = proxy\n"
        field.clear()
        field.send_keys("192.168.1.1")
        browser.click(SAVE[language])
        eventually(lambda: (pi.state / "place").read_text() == "mode = dns\nservers = 192.168.1.1\n", "the choice in the file")
        eventually(lambda: browser.driver.find_elements("css selector", "[role=status] progress"), "progress", 10)
        if AXE.exists():
            assert browser.violations() == []
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 360
        browser.shoot(f"place-{language}")
        pi.stop()
        pi.start()
        (pi.state / "place.done").write_text(f"mode = dns\nsaid = {SAID['en']}\n")
        browser.says(SAID[language], 20)
        assert not browser.driver.find_elements("css selector", "progress") and radio(browser, "dns").is_selected()
        if AXE.exists():
            assert browser.violations() == []


def test_what_was_not_put_into_effect_is_said_with_its_reason(pi, tmp_path):
    (pi.state / "place").write_text("mode = dns\n")
    (pi.state / "place.done").write_text("said = no router was found to ask for names: <b>say</b> which\n")
    with chromium(pi, tmp_path / "chromium") as browser:
        logged_in(browser)
        browser.driver.get(browser.base + "/setup")
        browser.says("That did not work: no router was found to ask for names: <b>say</b> which")


def test_it_is_for_the_owner_alone_and_only_where_the_choice_is(pi, tmp_path):
    with chromium(pi, tmp_path / "chromium") as browser:
        browser.open("setup")
        assert TITLE["en"] not in browser.text("body") and not browser.driver.get_cookies()
        logged_in(browser)
        browser.driver.get(browser.base + "/setup")
        browser.says(TITLE["en"])
        (pi.state / "place").unlink()
        browser.open("setup")
        assert TITLE["en"] not in browser.text("body")
        assert browser.console() == []
