"""What the stand-in for Meta's pixel does on the wire, in its words: ask for a token, seal a report, hand it in."""
import base64
import contextlib
import json
import re
import secrets
from urllib.parse import urlencode

import pytest

from inside import CONNECT, Home
from origin import response

TOKEN = re.compile(rb'e\.paravent\("(\w+)","(\w+)","(\w+)","([A-Za-z0-9+/=]+)"\)')
SITE = "shop.example"


def meta(scripts):
    """An origin's part: scripts by their path, and all else said back as JSON."""

    def serve(connection):
        while True:
            request = connection.request()
            method, target, _ = request.first.split(" ")
            script = scripts.get(target.split("?")[0])
            if script is None:
                connection.send(response(json.dumps({"target": target}).encode() if method != "HEAD" else b"", fields=["Content-Type: application/json"]))
            else:
                script = script if isinstance(script, bytes) else script(target)
                connection.send(response(script, fields=["Content-Type: application/javascript", "Access-Control-Allow-Origin: *"]))

    return serve


@contextlib.contextmanager
def reporting_home(folder, network, programs, origins, ports, world, settings=None, hosts=None, serve=None):
    """A home whose program runs, keeps everything of an event, and looks inside; `far` is what stands at Meta's place.
    `hosts`: more of the world, name -> address; `serve`: what stands there instead of `scripts`."""
    with network(), programs(folder, ports) as start, origins(ports) as origin:
        with contextlib.closing(Home(start, origin, folder, world)) as made:
            made.scripts = {}  # path -> what Meta has there; all else is said back
            made.hosts.update(hosts or {})
            made.far = made.origin(CONNECT, serve or meta(made.scripts))
            made.start({"statistics": {"flush": "0s", "privacy": "full"}, **(settings or {})})
            yield made


@pytest.fixture(scope="module")
def house(ports, tmp_path_factory, world):
    """One for all tests of a file: each takes events and pages of its own."""
    from conftest import network, origins, programs

    with reporting_home(tmp_path_factory.mktemp("house"), network, programs, origins, ports, world) as made:
        yield made


@contextlib.contextmanager
def mode(home, site, name):
    assert home.paravent.api(f"/sites/{site}", "PATCH", {"mode": name})[0] == 200
    try:
        yield
    finally:
        assert home.paravent.api(f"/sites/{site}", "PATCH", {"mode": None})[0] == 200


class Token:
    def __init__(self, answer):
        found = TOKEN.search(answer.body)
        assert answer.status == 200 and found, answer
        self.nonce, self.password, self.text, pad = (part.decode() for part in found.groups())
        self.pad = base64.b64decode(pad)

    def sealed(self, form):
        mixed = bytes(a ^ b for a, b in zip(form.encode(), self.pad))
        return base64.urlsafe_b64encode(mixed).decode().rstrip("=")

    def target(self, form):
        return f"/paravent/report.js?t={self.text}&r={self.sealed(form)}"


def asked(client, nonce=None, fields=()):
    return client.ask(f"/paravent/token.js?n={nonce or secrets.token_hex(16)}", fields=fields, host=CONNECT)


def form(name, page, **more):
    return urlencode({"id": "1000000000000001", "ev": name, "dl": page, **more})


def report(client, text, token=None, fields=()):
    return client.ask((token or Token(asked(client))).target(text), fields=fields, host=CONNECT)


def told(home, name):
    """The pixel's events of that name."""
    return [e for e in home.paravent.events() if e["product"] == "pixel" and e.get("name") == name]
