"""H11: whatever ends between a page and Paravent while the page is open, what stands in Meta's place learns no event."""
import base64
import shutil
import subprocess

import pytest

from browser import ID, base_code, chromium, document, needs_chromium
from conditions import eventually
from hand_tls import refuse
from inside import CONNECT
from origin import response
from program import CHECKED
from reporting import SITE, meta

pytestmark = needs_chromium
TELLING = "fbq('track','Purchase',{value:59,currency:'EUR',content_name:'Red shoes'},{eventID:'e1'});"
INIT = f"'init','{ID}',{{em:'me@planted.example'}}"
DATA = [b"Purchase", b"EUR", b"Red", b"shoes", ID.encode(), b"planted", b"/cart", SITE.encode()]
PAD = base64.b64encode(bytes(2880)).decode()  # with which a report would be in the clear


def plays_along(target):
    """Meta, if it learnt to give tokens."""
    nonce = target.split("n=")[1]
    return f"(function(e){{e.paravent('{nonce}','{'0' * 32}','{'0' * 64}','{PAD}')}})(document.currentScript)".encode()


def shop(connection):
    while True:
        connection.request()
        connection.send(response(document(base_code(INIT, "'track','PageView'")).encode(), fields=["Content-Type: text/html"]))


@pytest.fixture
def house(home):
    """Its device logs in with Facebook, so that what is not looked into goes through to what stands in Meta's place."""
    home.scripts = {"/paravent/token.js": plays_along}
    home.far = home.origin(CONNECT, meta(home.scripts))
    home._origin(shop, port=80, address=home.hosts[SITE])
    return home


def begin(house, **options):
    house.start({"device": [{"name": "this", "address": "127.0.0.1", "intercept": True, "facebook_login": True}],
                 "limits": {"idle": "1s", "drain": "2s"}}, **options)


def opened(house, browser):
    browser.get(f"http://{SITE}/cart")
    eventually(lambda: browser.execute_script("return window.loader") == "loaded", "the loader's element", 30)


def told(house):
    return [e.get("name") for e in house.paravent.events() if e["product"] == "pixel"]


def asked(house):
    return house.far.received.count(b"GET /paravent/token.js")


def tells_nobody(house, browser):
    """The page goes on telling; the first time it asks for a token, whoever is there now, and then no more."""
    before = asked(house)
    browser.execute_script(TELLING)
    eventually(lambda: asked(house) == before + 1, "the page to ask for a token", 30)
    rest = "return [document.querySelectorAll('script[src*=paravent]').length, thrown.length]"
    eventually(lambda: browser.execute_script(rest) == [0, 0], "its elements to go", 30)
    browser.execute_script(TELLING * 3)
    assert browser.execute_script(rest) == [0, 0] and asked(house) == before + 1
    received = house.far.received
    assert b"report.js" not in received and not [word for word in DATA if word in received], received[-2000:]
    assert b"referer" not in received[received.index(b"/paravent/"):].lower()


def is_told_at_home(house):
    eventually(lambda: told(house) == ["PageView"], f"PageView; told were {told(house)}", 30)
    assert b"/paravent/" not in house.far.received
    # Connections that were looked into end by themselves, and what follows finds the new state.
    eventually(lambda: house.paravent.api("/status")[1]["connections"]["open"] <= 1, "its connections to end", 30)


def test_H11_interception_is_switched_off_in_mid_page(house, tmp_path):
    begin(house)
    with chromium(house, tmp_path / "browser") as browser:
        opened(house, browser)
        is_told_at_home(house)
        device = house.paravent.api("/devices")[1]["items"][0]["id"]
        assert house.paravent.api(f"/devices/{device}", "PATCH", {"intercept": False})[0] == 200
        tells_nobody(house, browser)
    assert told(house) == ["PageView"]


def test_H11_the_authority_is_removed_in_mid_page(house, tmp_path):
    begin(house)
    with chromium(house, tmp_path / "browser") as browser:
        opened(house, browser)
        is_told_at_home(house)
        house.authority("remove")
        tells_nobody(house, browser)
    assert told(house) == ["PageView"]


LATER = """#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t) {
    int r = (int)syscall(SYS_clock_gettime, id, t);
    if (id == CLOCK_REALTIME && access(getenv("LATER"), F_OK) == 0) t->tv_sec += 40L * 365 * 86400;
    return r;
}
time_t time(time_t *t) { struct timespec now; clock_gettime(CLOCK_REALTIME, &now); if (t) *t = now.tv_sec; return now.tv_sec; }
"""


def test_H11_the_authority_expires_in_mid_page(house, tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler or CHECKED:
        pytest.skip("needs a C compiler, and no sanitizer that wants to be loaded first")
    (tmp_path / "later.c").write_text(LATER)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "later.so", tmp_path / "later.c"], check=True)
    begin(house, env={"LD_PRELOAD": str(tmp_path / "later.so"), "LATER": str(tmp_path / "later")})
    with chromium(house, tmp_path / "browser") as browser:
        opened(house, browser)
        is_told_at_home(house)
        (tmp_path / "later").touch()
        tells_nobody(house, browser)


def test_H11_the_host_is_bypassed_in_mid_page(house, tmp_path):
    begin(house)
    with chromium(house, tmp_path / "browser") as browser:
        opened(house, browser)
        is_told_at_home(house)
        for _ in range(2):
            refuse(house, "close", CONNECT)
        tells_nobody(house, browser)
    assert told(house) == ["PageView"]


def test_H11_the_proxy_is_gone_in_mid_page_and_the_browser_goes_by_itself(house, tmp_path):
    begin(house)
    pac = f'function FindProxyForURL(url, host) {{ return "PROXY 127.0.0.1:{house.paravent.port}; DIRECT"; }}'
    url = "data:application/x-ns-proxy-autoconfig;base64," + base64.b64encode(pac.encode()).decode()
    with chromium(house, tmp_path / "browser", f"--proxy-pac-url={url}", proxy=None) as browser:
        opened(house, browser)
        is_told_at_home(house)
        house.paravent.stop()
        tells_nobody(house, browser)


@pytest.mark.parametrize("meta_says", ["plays along", "nothing"])
@pytest.mark.parametrize("way", ["through the proxy, not looked into", "without a proxy"])
def test_H11_the_script_comes_from_a_cache_where_nobody_is_at_home(house, tmp_path, way, meta_says):
    begin(house)
    with house.client(CONNECT) as client:
        kept = client.ask("/en_US/fbevents.js", fields=[f"Referer: http://{SITE}/"], host=CONNECT).body
    assert b"Paravent's stand-in" in kept
    house.scripts["/en_US/fbevents.js"] = kept
    if meta_says == "nothing":
        del house.scripts["/paravent/token.js"]
    device = house.paravent.api("/devices")[1]["items"][0]["id"]
    assert house.paravent.api(f"/devices/{device}", "PATCH", {"intercept": False})[0] == 200
    with chromium(house, tmp_path / "browser", proxy=way.startswith("through")) as browser:
        opened(house, browser)
        eventually(lambda: asked(house) == 1, "the page to ask for a token", 30)
        browser.execute_script(TELLING)
        eventually(lambda: browser.execute_script("return document.querySelectorAll('script[src*=paravent]').length") == 0, "its elements to go", 30)
        browser.execute_script(TELLING)
        assert asked(house) == 1 and browser.execute_script("return fbq.getState().pixels[0].eventCount") == 3
    received = house.far.received
    after = received[received.index(b"/paravent/token.js"):]
    assert b"report.js" not in received and not [word for word in DATA if word in after], after[:2000]
    assert told(house) == []


def test_H11_the_control_a_page_that_reports_to_whoever_answers_would_be_seen(house, tmp_path):
    """So that the tests above can fail: the same page with a stand-in that knows the password which Meta here uses."""
    begin(house)
    with house.client(CONNECT) as client:
        kept = client.ask("/en_US/fbevents.js", fields=[f"Referer: http://{SITE}/"], host=CONNECT).body
    house.scripts["/en_US/fbevents.js"] = kept[:kept.rindex(b'("')] + b'("' + b"0" * 32 + b'");'
    with chromium(house, tmp_path / "browser", proxy=False) as browser:
        opened(house, browser)
        eventually(lambda: b"report.js?t=" in house.far.received, "a report at Meta's place", 30)
