"""Conversions API Gateways: read on the way where a site is observed, shown, and blocked where the owner agrees."""
import gzip
import json

import pytest

from conditions import eventually
from http1 import Stream, read_response
from inside import CONNECT, GUEST, LAPTOP
from origin import mirror, response
from reporting import SITE, mode, reporting_home

GATEWAY, OTHER = "capig.shop.example", "gw-1.cloud.example"
CONFIG = "/signals/config/1000000000000001?v=2.9.200&r=stable&domain=www.shop.example"
FROM = [f"Referer: https://www.{SITE}/", "Sec-Fetch-Dest: script"]
TOLD = ('{"event_name":"Purchase","event_time":1795511564,"event_source_url":"https://www.shop.example/thanks","event_id":"ob3_plugin-set_1",'
        '"custom_data":{"value":59,"currency":"EUR"}}')


def config(*hosts):
    endpoints = ",".join('{"endpoint":"https:\\/\\/%s\\/","alwaysRetry":true}' % host for host in hosts)
    return ('fbq.registerPlugin("1000000000000001", {__fbEventsPlugin: 1, plugin: function(fbq, instance, config) {\n'
            'config.set("1000000000000001", "openbridge", {"endpoints":[%s],"eventsFilter":{"filteringMode":"blocklist","eventNames":["Microdata"]}});\n'
            'fbq.loadPlugin("openbridge3");instance.configLoaded("1000000000000001"); }});' % endpoints).encode()


class Meta:
    """What stands at connect.facebook.net: it answers the configuration as its `say` says, and keeps the heads of requests."""

    def __init__(self):
        self.heads, self.say = [], lambda head: response(config(GATEWAY, OTHER))

    def __call__(self, connection):
        while True:
            head = connection.request()
            self.heads.append(head)
            connection.send(self.say(head))


@pytest.fixture(scope="module")
def meta():
    return Meta()


@pytest.fixture(scope="module")
def house(ports, tmp_path_factory, world, meta):
    from conftest import network, origins, programs

    with reporting_home(tmp_path_factory.mktemp("house"), network, programs, origins, ports, world, serve=meta,
                        hosts={GATEWAY: "127.0.3.1", OTHER: "127.0.3.2"}) as made:
        made.behind = {name: made._origin(mirror, port=443, address=made.hosts[name]) for name in (GATEWAY, OTHER)}
        yield made


@pytest.fixture(autouse=True)
def fresh(house, meta):
    """Each test begins without anything chosen, and with Meta's usual answer."""
    meta.say, meta.heads = (lambda head: response(config(GATEWAY, OTHER))), []
    yield
    assert house.paravent.api(f"/sites/{SITE}", "PATCH", {"mode": None, "block_gateway": None})[0] == 200


def ask_config(house, fields=FROM, target=CONFIG):
    with house.client(CONNECT) as client:
        return client.ask(target, fields=fields, host=CONNECT)


def site(house, **change):
    status, shown = house.paravent.api(f"/sites/{SITE}", "PATCH" if change else "GET", change or None)
    assert status == 200, shown
    return shown


def opened(house, host=GATEWAY, source=LAPTOP):
    """The answer to CONNECT."""
    stream = Stream(house.paravent.connect(source, 10))
    stream.socket.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    answer = read_response(stream, "CONNECT")
    return answer, stream.socket


def events(house, host=GATEWAY):
    return [e for e in house.paravent.events() if e["destination"] == host]


# Reading


def test_a_gateway_is_read_on_the_way_where_the_site_is_observed(house, meta):
    assert ask_config(house).body == b"" and site(house)["gateways"] == []
    with mode(house, SITE, "observe"):
        answer = ask_config(house)
        assert (answer.status, answer.body) == (200, config(GATEWAY, OTHER))
        shown = site(house)
        assert (shown["gateways"], shown["block_gateway"], shown["blocked_gateways"]) == ([GATEWAY, OTHER], False, [])
        listed, = [s for s in house.paravent.api("/sites")[1]["items"] if s["site"] == SITE]
        assert listed["gateways"] == [GATEWAY, OTHER]
        spots = [s for s in house.paravent.api("/status")[1]["blind_spots"] if s["kind"] == "gateway"]
        assert [s["host"] for s in spots] == [GATEWAY, OTHER] and SITE in spots[0]["text"]
        expected = {"mode": "observe", "gateways": [GATEWAY, OTHER]}
        eventually(lambda: json.loads((house.state / "policy.json").read_text())["sites"][SITE] == expected, "the file", 10)


@pytest.mark.parametrize("page", ["https://www.other.example/", None])
def test_the_config_of_another_page_tells_nothing_about_the_site(house, meta, page):
    with mode(house, SITE, "observe"):
        ask_config(house, [f"Referer: {page}"] if page else [])
        assert site(house)["gateways"] == []
    assert not [s for s in house.paravent.api("/sites")[1]["items"] if s["gateways"]]


def gzipped(head):
    return response(gzip.compress(config(GATEWAY)), fields=["Content-Encoding: gzip"])


def chunked(head):
    data = config(GATEWAY)
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in data)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"


def behind_much(head):
    return response(b" " * 500_000 + config(GATEWAY))


@pytest.mark.parametrize("say", [gzipped, chunked, behind_much])
def test_it_is_read_however_it_is_sent(house, meta, say):
    meta.say = say
    with mode(house, SITE, "observe"):
        answer = ask_config(house, [*FROM, "Accept-Encoding: gzip, deflate, br, zstd"])
        assert answer.status == 200 and (gzip.decompress(answer.body) if say is gzipped else answer.body).endswith(config(GATEWAY))
        assert site(house)["gateways"] == [GATEWAY]


def far_too_much(head):
    return response(b" " * 600_000 + config(GATEWAY))


def a_bomb(head):
    return response(gzip.compress(b" " * 50_000_000 + config(GATEWAY), mtime=0), fields=["Content-Encoding: gzip"])


def damaged(head):
    return response(gzip.compress(config(GATEWAY), mtime=0)[:20], fields=["Content-Encoding: gzip"])


def in_brotli(head):
    return response(config(GATEWAY), fields=["Content-Encoding: br"])


def not_there(head):
    return response(config(GATEWAY), "404 Not Found")


@pytest.mark.parametrize("say", [far_too_much, a_bomb, damaged, in_brotli, not_there])
def test_what_cannot_be_read_passes_as_it_is(house, meta, say):
    meta.say = say
    expected = say(None).partition(b"\r\n\r\n")[2]
    with mode(house, SITE, "observe"):
        answer = ask_config(house, [*FROM, "Accept-Encoding: gzip"])
        assert answer.body == expected and site(house)["gateways"] == []
    assert house.paravent.alive()


@pytest.mark.parametrize("accepts, asked", [("gzip, deflate, br, zstd", "gzip"), ("br", "identity"), (None, "identity")])
def test_meta_is_asked_for_all_of_it_in_a_form_that_is_read_here(house, meta, accepts, asked):
    with mode(house, SITE, "observe"):
        ask_config(house, [*FROM, *([f"Accept-Encoding: {accepts}"] if accepts else []), 'If-None-Match: "x"', "If-Modified-Since: x",
                           "Range: bytes=0-9", "X-Other: stays"])
        with house.client(CONNECT) as client:
            client.ask("/en_US/fbevents.js", fields=[*FROM, "Accept-Encoding: br", 'If-None-Match: "x"'], host=CONNECT)
    ours, script = meta.heads
    assert ours.all("Accept-Encoding") == [asked] and ours.get("X-Other") == "stays"
    assert not [name for name in ("If-None-Match", "If-Modified-Since", "Range") if ours.get(name)]
    assert (script.get("Accept-Encoding"), script.get("If-None-Match")) == ("br", '"x"')  # of no other request


def test_neither_metas_own_hosts_nor_the_shop_itself_nor_numbers_are_gateways(house, meta):
    meta.say = lambda head: response(config("graph.facebook.com", SITE, f"www.{SITE}", "192.0.2.1", "localhost", GATEWAY))
    with mode(house, SITE, "observe"):
        ask_config(house)
        assert site(house)["gateways"] == [GATEWAY]


# Blocking


def test_a_gateway_is_blocked_where_the_owner_agrees_and_not_before(house, meta):
    far = house.behind[GATEWAY]
    plain = house._origin(mirror, port=80, address=house.hosts[GATEWAY])
    with mode(house, SITE, "observe"):
        ask_config(house)
        answer, tunnel = opened(house)
        assert answer.status == 200
        shown = site(house, block_gateway=True)
        assert shown["blocked_gateways"] == [GATEWAY, OTHER] and "every device" in shown["block_gateway_text"]
        assert Stream(tunnel).ended()  # what is open is judged again
        before = len(far.connections)
        for host in (GATEWAY, OTHER):
            for source in (LAPTOP, GUEST):
                answer, _ = opened(house, host, source)
                assert (answer.status, answer.rule) == (403, "meta/gateway-of-site")
        assert len(far.connections) == before
        event = eventually(lambda: [e for e in events(house) if e["verdict"] == "block"], "the event")[-1]
        assert (event["product"], event["rule"], event["seen"]) == ("conversions", "meta/gateway-of-site", "host")

        asked = len(plain.connections)
        answer = house.paravent.get(f"http://{GATEWAY}/events?cee=no", [f"Referer: https://www.{SITE}/", "Content-Type: application/json"], "POST",
                                    TOLD.encode())
        assert (answer.status, answer.rule) == (403, "meta/gateway-of-site") and len(plain.connections) == asked
        event = eventually(lambda: [e for e in events(house) if e.get("name") == "Purchase"], "the event")[-1]
        assert (event["product"], event["verdict"], event["site"], event["value"]) == ("conversions", "block", SITE, 59)
        assert house.paravent.get(f"http://{GATEWAY}/x", ["Referer: https://www.other.example/"]).status == 200  # for that site alone

        why = house.paravent.api(f"/why?url=https://{GATEWAY}/events")[1]
        assert (why["verdict"], why["rule"], why["category"]) == ("block", "meta/gateway-of-site", "conversions")
        assert not [s for s in house.paravent.api("/status")[1]["blind_spots"] if s["kind"] == "gateway"]
    assert opened(house)[0].status == 403  # the owner's answer does not end with the observation
    site(house, block_gateway=False)
    assert opened(house)[0].status == 200


def test_an_exception_of_the_owner_goes_before(house, meta):
    with mode(house, SITE, "observe"):
        ask_config(house)
        site(house, block_gateway=True)
        exception = house.paravent.api("/exceptions", "POST", {"site": OTHER})[1]
        assert opened(house, OTHER)[0].status == 200
        assert house.paravent.api(f"/exceptions/{exception['id']}", "DELETE")[0] == 204
        assert opened(house, OTHER)[0].status == 403


def test_a_host_of_others_that_is_named_later_waits_for_the_owner(house, meta):
    with mode(house, SITE, "observe"):
        site(house, block_gateway=True)
        ask_config(house)
        shown = site(house)
        assert (shown["gateways"], shown["blocked_gateways"]) == ([GATEWAY, OTHER], [GATEWAY])
        assert opened(house)[0].status == 403 and opened(house, OTHER)[0].status == 200
        assert [s["host"] for s in house.paravent.api("/status")[1]["blind_spots"] if s["kind"] == "gateway"] == [OTHER]
        site(house, block_gateway=True)
        assert opened(house, OTHER)[0].status == 403


# The command line


def test_the_command_line_shows_and_sets_it(house, meta):
    cli = house.paravent.cli
    done = cli("site", f"www.{SITE}", "--mode", "observe")
    assert done.returncode == 0 and f"{SITE}: observe." in done.stdout
    ask_config(house)
    done = cli("site", SITE, "--block-gateway", "yes")
    assert done.returncode == 0 and f"{GATEWAY} (blocked), {OTHER} (blocked)" in done.stdout and "every device" in done.stdout
    shown = json.loads(cli("site", SITE, "--json").stdout)
    assert (shown["mode"], shown["block_gateway"], shown["blocked_gateways"]) == ("observe", True, [GATEWAY, OTHER])
    table = cli("sites").stdout
    assert [line for line in table.splitlines() if SITE in line and "observe" in line and f"{GATEWAY} (blocked)" in line], table
    assert SITE in [s["site"] for s in json.loads(cli("sites", "--since", "1d", "--json").stdout)["items"]]
    assert "blocked" not in cli("site", SITE, "--block-gateway", "no").stdout
    for words in (["site"], ["site", SITE, "--mode", "loud"], ["site", SITE, "--block-gateway", "perhaps"]):
        assert cli(*words).returncode == 2
    assert cli("site", "no site").returncode == 2
