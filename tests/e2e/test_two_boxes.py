"""Two boxes in one home: behind one address by keepalived, as its recipe says, and in one PAC file, as a browser follows it."""
import contextlib
import re
import shutil
import signal
from types import SimpleNamespace

import pytest

from browser import chromium, needs_chromium
from conditions import eventually
from network import ip
from two_boxes import FIRST, PHONE, RECIPE, SECOND, WORLD, Home, settings_of

SHARED = "192.168.1.4"  # the recipe's own
PAGE, TRACKER = "web.test-site.com", "an.facebook.com"

pytestmark = pytest.mark.root


@pytest.fixture
def home(netns, start):
    with contextlib.closing(Home(start, [PAGE, TRACKER, "www.facebook.com", "connect.facebook.net"])) as made:
        made.serve(80)
        yield made


def recipe_for(name):
    """The recipe, and on the second box what its first comment says of the second."""
    text = RECIPE.read_text()
    state, priority = re.search(r"on the second write `(state \w+)` and `(priority \d+)`", text).groups()
    if name == "second":
        changed = text.replace("    state MASTER\n", f"    {state}\n").replace("    priority 100\n", f"    {priority}\n")
        assert changed.count(state + "\n") == changed.count(priority + "\n") == 1
        return changed
    return text


@pytest.fixture
def shared(home, tmp_path):
    """Both boxes run, each with the recipe and its settings; the first one has the address."""
    if not shutil.which("keepalived", path="/usr/sbin:/usr/bin:/sbin:/bin"):
        pytest.skip("keepalived is not installed")
    home.kept = {}
    for name in ("first", "second"):
        home.box(name, settings_of(RECIPE.read_text()))
        (tmp_path / name).mkdir()
        config = tmp_path / name / "keepalived.conf"
        config.write_text(recipe_for(name))
        home.kept[name] = home.keepalived(name, config)
    answers_by(home, FIRST, 30)
    return home


def answers_by(home, box, within):
    said = lambda: {name: kept.log.read_text().splitlines()[-8:] for name, kept in home.kept.items()}  # noqa: E731
    try:
        eventually(lambda: home.asked(SHARED, PAGE) == box, f"{box} answers at the shared address", within)
    except AssertionError as error:
        raise AssertionError(f"{error}; {said()}") from None


def all_is_well(home):
    """Through the address both have: what is to be stopped is stopped, and the PAC file from it names it."""
    assert home.asked(SHARED, TRACKER) == "stopped"
    pac = home.ask(SHARED, 8481, "/proxy.pac", f"{SHARED}:8481").body.decode()
    assert f'"PROXY {SHARED}:8480; DIRECT"' in pac, pac


@pytest.mark.parametrize("ending", ["killed", "hangs", "stopped", "unplugged"])
def test_the_other_box_answers_at_the_same_address_until_the_first_is_well_again(shared, ending):
    first = shared.first
    all_is_well(shared)
    if ending == "unplugged":
        with shared.at["wire"]:
            ip("link", "set", "to-first", "down")
    else:
        {"killed": first.kill, "stopped": first.stop, "hangs": lambda: first.signal(signal.SIGSTOP)}[ending]()
    answers_by(shared, SECOND, 20)
    all_is_well(shared)
    if ending == "unplugged":
        with shared.at["wire"]:
            ip("link", "set", "to-first", "up")
    elif ending == "hangs":
        first.signal(signal.SIGCONT)
    else:
        with shared.at["first"]:
            first.start()
    answers_by(shared, FIRST, 30)
    all_is_well(shared)


OPEN = {"proxy": {"listen": ["0.0.0.0:8480"], "clients": ["home"]}, "dashboard": {"listen": "0.0.0.0:8481"}}


def loads(browser, name):
    """Whether a page of that host is shown."""
    from selenium.common.exceptions import WebDriverException
    try:
        browser.get(f"https://{name}/")
    except WebDriverException:  # net::ERR_TUNNEL_CONNECTION_FAILED
        return False
    return shown(browser) in (FIRST, SECOND, PHONE)


def shown(browser):
    return browser.find_element("tag name", "body").text


@needs_chromium
def test_a_browser_takes_the_second_box_of_the_pac_where_the_first_is_dead_and_goes_straight_out_without_both(home, world, tmp_path):
    """The page says whose address asked for it. Each box stops the loader; where both are dead nothing is protected, and all is there."""
    meta, loader = "www.facebook.com", "connect.facebook.net"
    home.serve(443, tls=world.good(meta, loader).context())
    for name in ("first", "second"):
        home.box(name, OPEN)
    pac = f"http://{FIRST}:8481/proxy.pac?also={SECOND}:8480"
    folk = SimpleNamespace(root=world.root.file, world=world.root, hosts={meta: WORLD, loader: WORLD}, paravent=home.first)
    with home.at["phone"], chromium(folk, tmp_path / "browser", f"--proxy-pac-url={pac}", proxy=None) as browser:

        def asked_by():
            browser.get(f"https://{meta}/")
            return shown(browser)

        assert asked_by() == FIRST and not loads(browser, loader)
        home.first.kill()
        assert asked_by() == SECOND and not loads(browser, loader)
        home.second.kill()
        assert asked_by() == PHONE and loads(browser, loader)
