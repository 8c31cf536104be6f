"""Meta's export on the page: a file is dropped, its list stands beside ours, a letter is written, a month is printed."""
import base64
import io
import json
import os
import re
import time
import zipfile
from urllib.parse import quote, urlencode

import pytest

from conditions import eventually
from program import serves_page
from test_pages import AXE, HOSTILE, chromium, pytestmark  # noqa: F401 (this file's mark too)
from test_pages import tell as tell_of_shop

FOLDER = "apps_and_websites_off_of_facebook"
STOPPED, OPEN, QUIET, STRANGER, EVIL = "1000000000000001", "2000000000000002", "3000000000000003", "4000000000000004", "5000000000000005"
LONG = "very-long-name-" * 15
EVIL_NAME = HOSTILE.split("\x1b")[0] + LONG
DAY = 86400
PAGES = ["meta/compare", "meta/letters", "meta/withheld", "meta"]
PERSON = "Ana"


def company(name, account, *events):
    """`events`: (type, seconds ago)."""
    now = int(time.time())
    # Meta writes UTF-8 as escapes of Latin-1.
    return {"name": name.encode().decode("latin-1"), "events": [{"id": int(account), "type": kind, "timestamp": now - ago} for kind, ago in events]}


def archive(*companies, padding=0, name="your_activity_off_meta_technologies.json"):
    """A zip as Meta gave them in 2025; with `padding` bytes of something else, which do not shrink."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        if padding:
            zipped.writestr("messages/photo.jpg", os.urandom(padding), zipfile.ZIP_STORED)
        if companies:
            zipped.writestr(f"{FOLDER}/{name}", json.dumps({"off_facebook_activity_v2": companies}))
        zipped.writestr("start_here.html", "<!doctype html><title>Your information</title>")
    return file.getvalue()


def usual():
    """Somebody before Paravent, somebody who was let through, one who was stopped and told it another way, and a name that wants
    to be more than a name."""
    return [company("Étrange SARL", STRANGER, ("PURCHASE", 400 * DAY), ("PAGE_VIEW", 400 * DAY), ("PAGE_VIEW", 390 * DAY)),
            company("open.example", OPEN, ("LEAD", 0)),
            company("Shop", STOPPED, ("PURCHASE", 0)),
            company(EVIL_NAME, EVIL, ("CUSTOM", 30 * DAY))]


def tell_past_the_rules(paravent, site, account, name):
    """An exception lets it pass; nobody listens where it goes, which is all the same here."""
    assert paravent.api("/exceptions", "POST", {"site": site})[0] == 201
    query = urlencode({"id": account, "ev": name, "dl": f"https://{site}/"})
    paravent.get(f"http://www.facebook.com/tr?{query}", [f"Referer: https://{site}/"])


@pytest.fixture(scope="module")
def house(ports, tmp_path_factory):
    from conftest import programs

    with programs(tmp_path_factory.mktemp("export"), ports) as start:
        paravent = start({"statistics": {"flush": "0s", "privacy": "full"}}, hosts=["www.facebook.com"])
        if not serves_page(paravent):
            pytest.skip("this program was built without the page")
        tell_of_shop(paravent)
        tell_of_shop(paravent, **{"ev": "Purchase", "cd[value]": "59.00", "cd[currency]": "EUR", "ud[em]": "a" * 64, "eid": "1"})
        tell_past_the_rules(paravent, "open.example", OPEN, "Lead")
        tell_past_the_rules(paravent, "quiet.example", QUIET, "Search")
        eventually(lambda: len(paravent.events()) == 4, "four events")
        yield paravent


@pytest.fixture(scope="module")
def box(house, tmp_path_factory):
    """The same with an import of Ana's, put in by the API."""
    assert put(house, PERSON, archive(*usual())) == 201
    return house


def put(paravent, person, content):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", paravent.dashboard, timeout=30)
    token = (paravent.state / "token").read_text().strip()
    connection.request("POST", f"/api/v1/import?person={quote(person)}", content, {"Authorization": f"Bearer {token}", "Content-Type": "application/zip"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.fixture
def browser(house, tmp_path):
    with chromium(house, tmp_path / "chromium") as made:
        yield made


@pytest.fixture(scope="module", params=["en", "fr"])
def reader(request, box, tmp_path_factory):
    with chromium(box, tmp_path_factory.mktemp("chromium"), request.param) as made:
        made.language = request.param
        yield made


def files(tmp_path, **contents):
    """Written down, so that a person could choose them."""
    paths = []
    for name, content in contents.items():
        paths.append(tmp_path / name.replace("__", "."))
        paths[-1].write_bytes(content)
    return paths


def drop(browser, *paths):
    browser.driver.find_element("css selector", "main input[type=file]").send_keys("\n".join(map(str, paths)))


def imports(paravent, person):
    status, body = paravent.api("/import")
    assert status == 200, body
    return [one for one in body["items"] if one["person"] == person]


def opened(browser):
    """All lines of the four lists, opened."""
    for line in browser.driver.find_elements("css selector", ".line.company[aria-expanded=false]"):
        browser.driver.execute_script("arguments[0].click()", line)


def section(browser, name):
    return browser.text(f".compared.{name}")


def on_paper(browser):
    """What a printer would get, as text, and the pages of the PDF."""
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    text = browser.text("body")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    pdf = base64.b64decode(browser.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"])
    assert pdf.startswith(b"%PDF")
    return text, int(re.search(rb"/Type /Pages\s*/Count (\d+)", pdf)[1])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_in_order_in_both_languages_light_dark_wide_and_narrow(reader, page):
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in proxy/dashboard/web")
    for width in (1280, 360):
        for scheme in ("light", "dark"):
            reader.look(width, scheme)
            reader.open(f"{page}?person={PERSON}")
            opened(reader)
            where = f"{page.replace('/', '-')}-{reader.language}-{width}-{scheme}"
            wide = reader.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{where}: {wide} pixels too wide"
            reader.shoot(f"export-{where}")
            assert reader.console() == [], where
            assert reader.violations() == [], where


def test_a_dropped_file_is_sent_with_progress_and_becomes_four_lists(house, browser, tmp_path):
    [path] = files(tmp_path, export__zip=archive(*usual(), padding=3_000_000))
    browser.open("meta/compare?person=Dora")
    browser.says("No list of Meta’s is here yet.")
    link = browser.driver.find_element("css selector", "main a[target=_blank]")
    assert link.get_attribute("href") == "https://www.facebook.com/dyi"
    # Each state is there for a moment only, so all of them are written down.
    browser.driver.execute_script("""
        window.states = [];
        new MutationObserver(() => { const list = document.querySelector('.files'); if (list) states.push(list.innerText); })
            .observe(document.body, {subtree: true, childList: true, characterData: true});""")
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000})
    drop(browser, path)
    browser.says("Read: 6 messages by 4 companies.", 60)
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
    states = " ".join(browser.driver.execute_script("return states"))
    assert len(set(re.findall(r"(\d+) % sent", states))) > 2, states
    assert "adding up …" in states
    browser.says("Meta lists 6 messages by 4 companies.")
    assert [(one["companies"], one["events"], one["parts"]) for one in imports(house, "Dora")] == [(4, 6, 1)]
    assert "2 messages by one site or app did not leave this home" in section(browser, "stopped")
    assert "Shop" in section(browser, "stopped") and "Meta lists one message of it" in section(browser, "stopped")
    assert "passed here, and Meta lists the company" in section(browser, "let_through") and "open.example" in section(browser, "let_through")
    elsewhere = section(browser, "elsewhere")
    assert "in Meta’s list, never let through here" in elsewhere and "Étrange SARL" in elsewhere and "3 before Paravent" in elsewhere
    assert "one on a day on which it was stopped here" in elsewhere
    assert "quiet.example" in section(browser, "only_here")
    opened(browser)
    browser.says("a purchase")
    browser.says("Before Paravent: clear your past activity at Meta")
    browser.says("most likely by the company’s own server")
    assert browser.console() == []


def test_two_parts_become_one_import_and_the_same_part_again_is_refused(house, browser, tmp_path):
    first, second, none = files(tmp_path, part1__zip=archive(company("one.example", STRANGER, ("LEAD", 90 * DAY))),
                                part2__zip=archive(company("one.example", STRANGER, ("LEAD", 80 * DAY)), company("two.example", QUIET, ("SEARCH", 70 * DAY))),
                                photos__zip=archive(padding=1000))
    browser.open("meta/compare?person=Eva")
    drop(browser, none, first, second)
    browser.says("Read: 3 messages by 2 companies.", 30)
    browser.says("That is no harm where Meta’s download came in parts")
    assert [(one["companies"], one["events"], one["parts"]) for one in imports(house, "Eva")] == [(2, 3, 2)]
    browser.open("meta/compare?person=Eva")
    chosen = browser.driver.find_elements("css selector", "main section select option")[-1]
    chosen.click()
    drop(browser, second)
    browser.says("This part is there already")
    assert [one["parts"] for one in imports(house, "Eva")] == [2]


def test_a_wrong_file_gives_a_sentence_and_no_import(house, browser, tmp_path):
    wrong, picture = files(tmp_path, notes__json=b'{"shopping": ["bread"]}', **{"<img src=x>\u202egpj__zip": b"\xff\xd8\xff\xe0 no zip at all"})
    browser.open("meta/compare?person=Finn")
    drop(browser, wrong, picture)
    browser.says("No file could be used.", 30)
    said = [one.text for one in browser.driver.find_elements("css selector", ".files p.bad")]
    assert len(said) == 2
    for text in said:
        assert re.match(r"(This file cannot be used|None of Meta’s list is in this file)\. Paravent says: \w.{10,}", text), text
    assert imports(house, "Finn") == []
    browser.says("No list of Meta’s is here yet.")
    html = browser.driver.execute_script("return document.querySelector('.files').innerHTML")
    assert "&lt;img src=x&gt; gpj.zip" in html and "\u202e" not in html


def test_an_import_can_be_forgotten(house, browser):
    assert put(house, "Gus", archive(*usual())) == 201
    browser.open("meta/compare?person=Gus")
    browser.says("Meta lists 6 messages by 4 companies.")
    browser.click("Gus", ".danger")
    browser.click("Forget", "dialog .danger")
    browser.says("No list of Meta’s is here yet.")
    assert imports(house, "Gus") == []


def test_a_strangers_name_is_inert_on_every_page(box, browser):
    for page in ("compare", "letters", "withheld"):
        browser.open(f"meta/{page}?person={PERSON}")
        opened(browser)
        html = browser.driver.execute_script("return document.body.innerHTML + document.title")
        assert not any(mark in html for mark in "\u202e\u200f\x1b"), page
        assert browser.driver.find_elements("css selector", "main img") == [], page
        assert browser.driver.title != "gone", page
    browser.open(f"meta/compare?person={PERSON}")
    assert "very-long-name-" in section(browser, "elsewhere")
    opened(browser)
    letter = browser.driver.find_elements("css selector", ".compared.elsewhere a.button")
    urls = [one.get_attribute("href") for one in letter if "onerror" in one.get_attribute("href")]
    assert urls
    browser.open(urls[0].split("#/")[1])
    text = eventually(lambda: browser.driver.find_element("css selector", "textarea").get_property("value"), "a letter")
    assert "<img src=x" in text and not any(mark in text for mark in "\u202e\u200f\x1b")
    assert browser.driver.find_elements("css selector", "main img") == []
    assert browser.console() == []


def test_a_tick_stays_and_its_dates_go_into_a_calendar(box, browser):
    browser.open(f"meta?person={PERSON}")
    assert browser.driver.find_elements("css selector", "a[href*='checklist.ics']") == []
    tick = browser.driver.find_elements("css selector", ".tick input")[6]  # to delete the account, which has due dates
    browser.driver.execute_script("arguments[0].click()", tick)
    browser.says("Done on")
    _, checklist = box.api(f"/checklist?person={PERSON}")
    assert [item["id"] for item in checklist["items"] if item["done"]] == ["delete"]
    link = eventually(lambda: browser.driver.find_elements("css selector", "a[href*='checklist.ics']"), "the calendar")[0]
    calendar = browser.driver.execute_async_script("fetch(arguments[0]).then(r => r.text()).then(arguments[1])", link.get_attribute("href"))
    assert calendar.startswith("BEGIN:VCALENDAR") and calendar.count("BEGIN:VEVENT") == 2
    browser.driver.execute_script("arguments[0].click()", browser.driver.find_elements("css selector", ".tick input")[6])
    eventually(lambda: not any(item["done"] for item in box.api(f"/checklist?person={PERSON}")[1]["items"]), "the tick to go")


def test_a_letter_in_french_is_printed_alone(box, browser):
    browser.open(f"meta/compare?person={PERSON}")
    opened(browser)
    browser.click("Write a letter", ".compared.stopped a.button")
    browser.says("Paravent sends nothing. This is a draft and no legal advice.")
    browser.click("Objection (article 21)", ".choices label")
    browser.click("Français", ".choices label")
    area = browser.driver.find_element("css selector", "textarea")
    text = eventually(lambda: area.get_property("value") if "Objet : opposition" in area.get_property("value") else "", "the letter in French")
    for part in (PERSON, "shop.example", STOPPED, "un achat (Purchase)", "mon adresse e-mail (hachée)", "API Conversions", "article 21 du RGPD"):
        assert part in text, part
    area.send_keys("\nP.-S. Merci.")
    browser.says("The text is yours now")
    printed, pages = on_paper(browser)
    assert printed.startswith(PERSON + "\n") and printed.rstrip().endswith("P.-S. Merci.")
    for part in ("Letters", "Paravent sends nothing", "Objection (article 21)", "Your data at Meta"):
        assert part not in printed, part
    assert pages in (1, 2)
    browser.click("Write it anew")
    eventually(lambda: "Merci" not in area.get_property("value"), "the letter as it was")


def test_a_letter_to_a_company_that_somebody_types(box, browser):
    browser.open(f"meta/letters?person={PERSON}")
    field = browser.driver.find_element("css selector", "main input[type=text]")
    field.send_keys("shop.example")
    area = browser.driver.find_element("css selector", "textarea")
    eventually(lambda: STOPPED in area.get_property("value"), "what is known of that site", 10)
    field.clear()
    field.send_keys("Nobody Ltd")
    browser.says("Of this company nothing is known here")
    assert "Nobody Ltd\n" in area.get_property("value") and STOPPED not in area.get_property("value")


def test_a_month_is_printed_on_a_sheet_and_saved_as_a_table(box, browser):
    browser.open("meta/withheld")
    browser.says("messages to Meta did not leave this home")
    browser.says("One purchase was withheld.")
    printed, pages = on_paper(browser)
    assert printed.startswith("What Meta did not learn in") and "shop.example" in printed and "EUR" in printed
    assert "Save as CSV" not in printed and pages == 1
    link = browser.driver.find_element("css selector", "a[href*='withheld.csv']").get_attribute("href")
    table = browser.driver.execute_async_script("fetch(arguments[0]).then(r => r.text()).then(arguments[1])", link)
    assert table.splitlines()[0].strip() == "site,product,event,events,currency,sum,identifiers"
    assert any(line.startswith("shop.example,pixel,Purchase,1,EUR,59") for line in table.splitlines())
    choice = browser.driver.find_element("css selector", "main select")
    assert len(choice.find_elements("css selector", "option")) == 13
    choice.find_elements("css selector", "option")[-1].click()
    browser.says("Nothing was withheld in this month")
