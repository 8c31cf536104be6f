"""`[tls] remember`: a host that was verified is answered for without asking it, until something must go there."""
import ssl

import pytest

from conditions import eventually
from inside import CONNECT, FACEBOOK, LAPTOP, PHONE, REFUSED, TR, credulous

LOADER = "/en_US/fbevents.js"


def page(home, **options):
    """What a page with the pixel asks of Meta, each on a connection of its own; all of it is answered at home."""
    with home.client(CONNECT, **options) as client:
        script = client.ask(LOADER, fields=["Sec-Fetch-Dest: script", "Referer: https://shop.example/"], host=CONNECT)
        assert script.status == 200 and "javascript" in script.get("Content-Type") and script.get("Paravent-Rule")
    with home.client(**options) as client:
        for _ in range(3):
            pixel = client.ask(TR, fields=["Sec-Fetch-Dest: image", "Referer: https://shop.example/"])
            assert pixel.status == 200 and pixel.body[:6] == b"GIF89a" and pixel.get("Paravent-Rule")


def test_a_page_whose_requests_are_all_answered_at_home_opens_no_connection(home):
    origins = home.origin(), home.origin(CONNECT)
    home.start()
    home.serves(source=LAPTOP)
    home.shown(CONNECT, source=LAPTOP)
    before = [len(o.connections) for o in origins]
    assert before == [1, 1]
    for source in (LAPTOP, PHONE, None):
        page(home, source=source)
    assert [len(o.connections) for o in origins] == before
    assert b"/tr" not in origins[0].received and b"fbevents" not in origins[1].received
    home.serves(source=LAPTOP)  # what must go there does
    assert len(origins[0].connections) == before[0] + 1


def test_zero_always_asks(home):
    origins = home.origin(), home.origin(CONNECT)
    home.start({"tls": {"remember": "0s", "trust": str(home.world.file)}})
    for n in range(1, 4):
        page(home)
        assert [len(o.connections) for o in origins] == [n, n]
    assert b"/tr" not in origins[0].received


def test_it_is_forgotten_after_the_time_that_was_set(home):
    far = home.origin()
    home.start({"tls": {"remember": "1s", "trust": str(home.world.file)}})
    home.shown()
    eventually(lambda: (home.shown(), len(far.connections))[1] >= 2, "a second look at the origin", 10)


@pytest.mark.parametrize("bad", ["expired", "gone", "asks for the client's certificate"])
def test_a_remembered_origin_that_went_bad_is_cut_and_then_shown_as_it_is(home, bad):
    far = home.origin()
    home.start()
    home.serves()
    far.close()
    leaf = home.leaf(FACEBOOK, begins=-30, ends=-1 if bad == "expired" else 30)
    if bad != "gone":
        context = leaf.context()
        if bad.startswith("asks"):
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(home.world.file)
        far = home.origin(tls=context)
    with home.client() as client:
        assert client.ask(TR).status == 200  # nothing has to go there yet
        with pytest.raises(REFUSED):
            raise AssertionError(f"a page about the origin under a certificate of ours: {client.ask('/home').first}")
    if bad == "gone":
        answer, stream = home.paravent.tunnel(FACEBOOK)
        stream.socket.close()
        assert (answer.status, answer.error) == (502, "connect")
        home.origin()
        home.serves()
    else:
        assert home.shown(context=credulous()) == leaf.der
    assert b"/home" not in far.received or bad == "gone"


def test_a_change_of_what_is_trusted_forgets_what_was_verified(home):
    far = home.origin()
    home.start()
    home.serves()
    home.paravent.reload({**home.paravent.settings, "tls": {"trust": ""}})
    eventually(lambda: not home.is_seen_inside(), "the origin's own certificate, once its root is trusted no more")
    assert len(far.connections) >= 2
