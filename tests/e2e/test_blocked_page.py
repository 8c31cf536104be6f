"""What a person gets who opens a blocked address: a page that says why, and on this computer a button that allows it for ten minutes."""
import html
import re
import time
from datetime import datetime
from urllib.parse import quote, urlsplit

import pytest

from http1 import Stream, read_response
from inside import GUEST
from origin import mirror
from street import home  # noqa: F401 (fixture)

HOST = "an.facebook.com"
PERSON = "Accept: text/html,application/xhtml+xml"


@pytest.fixture
def blocked(home):
    """A host that is blocked, with an origin behind it; asks it as a person does, or by another method and fields."""
    origin = home._origin(mirror, port=80, address=home.hosts[HOST])

    def ask(target, method="GET", fields=(PERSON,), source=None):
        with home.paravent.connect(source) as sock:
            sock.sendall("\r\n".join([f"{method} http://{HOST}{target} HTTP/1.1", f"Host: {HOST}", "Content-Length: 0", *fields]).encode() + b"\r\n\r\n")
            return read_response(Stream(sock), method)

    yield ask
    origin.close()
    for each in home.paravent.api("/exceptions")[1]["items"]:
        home.paravent.api("/exceptions/" + each["id"], "DELETE")


def action(page):
    return html.unescape(re.search(rb'action="([^"]+)"', page).group(1).decode())


def test_a_person_may_open_it_for_ten_minutes_on_this_computer(home, blocked):
    target = "/ads?a=1&b=%22x&c=%2F"
    page = blocked(target)
    assert page.status == 403 and page.get("Content-Type").startswith("text/html")
    text = page.body.decode()
    assert re.search(f"rule {page.get('Paravent-Rule')}\\. [A-Z]", text) and "Allow for ten minutes" in text
    answer = blocked(action(page.body), "POST", [f"Origin: http://{HOST}"])
    assert (answer.status, answer.get("Location")) == (303, f"http://{HOST}{target}")
    assert blocked(target).status == 200
    exception = home.paravent.api("/exceptions")[1]["items"][0]
    left = datetime.fromisoformat(exception["until"].replace("Z", "+00:00")).timestamp() - time.time()
    assert exception["site"] == HOST and exception["device"] and exception["verdict"] == "allow" and 500 < left <= 600
    assert blocked("/", source=GUEST).status == 403  # nobody else's


@pytest.mark.parametrize("spoil", [lambda path: path.replace("k=", "k=0"), lambda path: re.sub("k=[0-9a-f]+", "k=", path),
                                   lambda path: "/paravent/allow", lambda path: path.replace("allow?", "allowed?")])
def test_only_the_page_has_what_it_takes(home, blocked, spoil):
    assert blocked(spoil(action(blocked("/").body)), "POST").status == 403
    assert home.paravent.api("/exceptions")[1]["items"] == []


def test_no_other_site_presses_the_button(home, blocked):
    path = action(blocked("/").body)
    for origin in ("https://evil.example", f"https://{HOST}", f"http://{HOST}.evil.example"):
        assert blocked(path, "POST", [f"Origin: {origin}"]).status == 403
    assert blocked(path, "GET").status == 403
    assert blocked(path, "POST", source=GUEST).status == 403
    assert home.paravent.api("/exceptions")[1]["items"] == []


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "/a\r\nX: y", "/\\evil.example", ""])
def test_it_leads_back_to_where_the_page_was_and_nowhere_else(blocked, to):
    path = re.sub("to=.*", "to=" + quote(to, safe=""), action(blocked("/").body))
    location = blocked(path, "POST").get("Location")
    assert urlsplit(location).netloc == HOST and "\n" not in location and location.count("//") == 1


def test_a_device_of_the_network_is_told_whom_to_ask(blocked):
    page = blocked("/", source=GUEST).body.decode()
    assert "<form" not in page and f"paravent allow {HOST} --for 10m" in page


def test_a_program_is_told_in_a_sentence(blocked):
    answer = blocked("/", fields=["Accept: application/json"])
    assert answer.status == 403 and answer.get("Content-Type").startswith("text/plain") and b"<" not in answer.body
