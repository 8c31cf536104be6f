"""Passwords, cookies, tokens and identifiers of intercepted requests leave no trace: not in the log, nor in the state directory."""
import hashlib
import json

import pytest

from inside import GRAPH, LAPTOP, REFUSED
from origin import response

SECRETS = {name: f"sesame{n}{hashlib.sha256(name.encode()).hexdigest()[:20]}" for n, name in enumerate(
    ["cookie", "set-cookie", "password", "bearer", "identifier", "email", "body", "page", "header", "app", "answer", "blocked", "broken"])}


def tell(home):
    """Requests of all kinds, each with a secret; some go to the origin, some are answered or refused."""
    s = SECRETS

    def serve(connection):
        while True:
            connection.request()
            connection.send(response(s["answer"].encode(), fields=[f"Set-Cookie: xs={s['set-cookie']}; Secure"]))

    far = home.origin(serve=serve)
    home.origin(GRAPH, serve)
    home.start()
    fields = [f"Cookie: c_user=1; xs={s['cookie']}", f"Authorization: Bearer {s['bearer']}", f"X-Custom: {s['header']}",
              f"Referer: https://shop.example/order?mail={s['page']}"]
    with home.client(source=LAPTOP) as client:
        assert client.ask("/login/device", "POST", fields, f"email=a&pass={s['password']}".encode()).status == 200
        assert client.ask(f"/tr?id=1000000000000001&ev=Purchase&ud[em]={s['email']}&ud[external_id]={s['identifier']}&fbp={s['identifier']}",
                          fields=fields).status == 200
        assert client.ask("/tr/", "POST", fields, f"id=1&ev=Lead&ud[ph]={s['body']}".encode()).status == 200
        assert client.ask(f"/audiencenetwork/?user={s['blocked']}", fields=fields).status == 403
    with home.client(GRAPH, source=LAPTOP) as client:
        assert client.ask("/v19.0/1/activities", "POST", fields, f"advertiser_id={s['app']}".encode(), host=GRAPH).status == 200
    for broken in (f"GET /{s['broken']} HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n", f"GET /\r\nCookie: {s['broken']}\r\n\r\n",
                   f"POST /x HTTP/1.1\r\nHost: www.facebook.com\r\nContent-Length: 1\r\nContent-Length: 2\r\nCookie: {s['broken']}\r\n\r\n"):
        with home.client(source=LAPTOP) as client:
            client.send(broken.encode())
            try:
                client.rest()
            except REFUSED:
                pass
    assert s["password"].encode() in far.received  # they were there to be kept
    home.event(name="Purchase", seen="full")
    home.event(GRAPH, verdict="answer")


def traces(home):
    places = {"the log": "\n".join(home.paravent.lines).encode(), "the events": json.dumps(home.paravent.events()).encode()}
    places |= {str(path.relative_to(home.state)): path.read_bytes() for path in home.state.rglob("*") if path.is_file()}
    assert "statistics.db" in places
    return [(name, place) for name, secret in SECRETS.items() for place, data in places.items() if secret.encode() in data]


@pytest.mark.parametrize("level", ["trace", "info"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_kept_at_the_usual_privacy(home, level, form):
    home.paravent = None
    settings = {"log": {"level": level, "format": form}}
    start = home.start
    home.start = lambda: start(settings)
    tell(home)
    assert traces(home) == []
    home.paravent.stop()
    places = {str(p.relative_to(home.state)): p.read_bytes() for p in home.state.rglob("*") if p.is_file()}
    assert [(n, p) for n, s in SECRETS.items() for p, data in places.items() if s.encode() in data] == []
    assert [n for n, s in SECRETS.items() if s in "\n".join(home.paravent.lines)] == []


def test_full_privacy_level_keeps_addresses_of_pages_and_still_no_secret_of_a_login(home):
    start = home.start
    home.start = lambda: start({"statistics": {"privacy": "full", "flush": "0s"}, "log": {"level": "trace"}})
    tell(home)
    found = {name for name, _ in traces(home)}
    assert not found & {"cookie", "set-cookie", "password", "bearer", "identifier", "email", "body", "header", "app", "answer"}, found
