"""What the owner sees and changes of interception: devices, bypasses, trust, by API and command line."""
import http.client
import json

import pytest

from conditions import eventually
from meta_stand_in import World, comes_through, curl
from origin import mirror
from schema import problems
from test_cli import done

HOST = "graph.facebook.com"
PAGE = f"https://{HOST}/v19.0/me"


@pytest.fixture
def house(netns, start, origin, tmp_path):
    """The program with an origin that stands for Meta's; no authority yet."""
    world = World(tmp_path / "world", [HOST, "www.facebook.com"])
    origin(mirror, port=443, tls=world.tls)
    paravent = start({"tls": {"trust": str(world.root)}}, hosts=[HOST, "www.facebook.com"])
    paravent.world, paravent.root = world.root, paravent.folder / "root.pem"
    return paravent


def intercept(house):
    """The home has an authority, and this computer is decrypted."""
    done(house.cli("authority", "create"))
    done(house.cli("authority", "export", house.root))
    done(house.cli("intercept", "127.0.0.1", "on"))


def items(house, path):
    status, page = house.api(path)
    assert status == 200
    _, document = house.api("/openapi.json")
    described = document["paths"]["/api/v1" + path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert problems(page, described, document) == []
    return page["items"]


def refuse_twice(house):
    """An app that trusts the world's root alone, twice."""
    for _ in range(2):
        assert not comes_through(house, PAGE, house.world)
    return eventually(lambda: items(house, "/bypasses"), "a bypass")


def blind_spots(house):
    return [spot for spot in house.api("/status")[1]["blind_spots"] if spot["kind"] == "bypass"]


def test_interception_is_switched_for_a_device_and_works_at_once(house):
    without = house.cli("intercept", "127.0.0.1", "on")
    assert without.returncode == 1 and without.stdout == ""
    assert "no certificate authority yet" in without.stderr and "`paravent authority create`" in without.stderr
    assert without.stderr.count("\n") == 1
    assert house.api("/devices/127.0.0.1", "PATCH", {"intercept": True})[0] == 409
    assert comes_through(house, PAGE, house.world)
    intercept(house)
    assert not comes_through(house, PAGE, house.world)
    assert comes_through(house, PAGE, house.root)
    (device,) = items(house, "/devices")
    assert device["intercept"] is True and device["trust"] == "unknown"
    assert "nothing is decrypted" in done(house.cli("intercept", device["id"], "off"))
    assert comes_through(house, PAGE, house.world)
    assert json.loads(done(house.cli("intercept", device["id"], "on", "--json")))["intercept"] is True


def test_a_bypass_is_shown_survives_a_restart_and_is_undone(house):
    intercept(house)
    assert items(house, "/bypasses") == [] and "No bypasses" in done(house.cli("bypasses"))
    (bypass,) = refuse_twice(house)
    (device,) = items(house, "/devices")
    assert (bypass["device"], bypass["host"], bypass["reason"]) == (device["id"], HOST, "unknown_ca")
    assert comes_through(house, PAGE, house.world)  # the app works again
    (spot,) = blind_spots(house)
    assert (spot["device"], spot["host"]) == (device["id"], HOST) and HOST in spot["text"]
    assert spot["text"] in done(house.cli("status"))
    assert HOST in done(house.cli("bypasses"))

    house.stop()
    house.start()
    assert [one["id"] for one in items(house, "/bypasses")] == [bypass["id"]]
    assert json.loads(done(house.cli("bypasses", "--json")))["items"] == [bypass]
    assert "Removed" in done(house.cli("bypasses", "--remove", bypass["id"]))
    assert items(house, "/bypasses") == [] and blind_spots(house) == []
    assert not comes_through(house, PAGE, house.world)
    house.stop()
    house.start()
    assert items(house, "/bypasses") == []


@pytest.mark.parametrize("words", [["--device", "127.0.0.1"], ["--all"], ["--all", "--also-device"]])
def test_forget_also_forgets_what_apps_refused(house, words):
    intercept(house)
    refuse_twice(house)
    done(house.cli("forget", "--site", "shop.example"))
    assert len(items(house, "/bypasses")) == 1
    done(house.cli("forget", *words))
    assert items(house, "/bypasses") == []
    assert HOST not in (house.state / "bypasses.json").read_text()


def ask(house, method, path, **fields):
    connection = http.client.HTTPConnection("127.0.0.1", house.dashboard, timeout=10)
    connection.request(method, path, headers=fields)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, answer.headers, body


def test_a_device_asks_whether_it_trusts_and_is_told_where_to_ask(paravent):
    _, document = paravent.api("/openapi.json")
    unknown = {"trust": "unknown", "check": "https://paravent.local/api/v1/self/check"}
    status, headers, body = ask(paravent, "POST", "/api/v1/self/check")  # no token
    assert (status, body) == (200, unknown) and headers["Access-Control-Allow-Origin"] is None
    assert problems(body, {"$ref": "#/components/schemas/SelfCheck"}, document) == []
    answer = paravent.get("http://paravent.local/api/v1/self/check", method="POST", body=b"")
    assert answer.status == 200 and json.loads(answer.body) == unknown
    for origin, expected in (("http://paravent.local", 200), ("https://paravent.local", 200), ("http://evil.example", 403),
                             ("http://127.0.0.1:1", 403), ("null", 403)):
        status, headers, body = ask(paravent, "POST", "/api/v1/self/check", Origin=origin)
        assert status == expected, origin
        assert headers["Access-Control-Allow-Origin"] == (origin if expected == 200 else None)
    assert ask(paravent, "POST", "/api/v1/self/check", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert ask(paravent, "GET", "/api/v1/self/check")[0] == 405


def test_a_device_that_trusts_proves_it_and_it_stays_known(house):
    intercept(house)
    with_root = curl(house, "https://paravent.local/api/v1/self/check", house.root, "-X", "POST")
    (authority,) = items(house, "/authority")
    assert json.loads(with_root.stdout) == {"trust": "yes", "authority": authority["fingerprint"]}, with_root.stderr
    assert [device["trust"] for device in items(house, "/devices")] == ["yes"]
    assert curl(house, "https://paravent.local/api/v1/self/check", house.world, "-X", "POST").returncode == 60
    house.stop()
    house.start()
    assert [device["trust"] for device in items(house, "/devices")] == ["yes"]


WRONG = [("POST", "/authority", {"renew": "yes"}, 400), ("POST", "/authority", {"passphrase": "short"}, 400),
         ("POST", "/authority", {"passphrase": "x" * 1025}, 400), ("POST", "/authority", {"lifetime": 1}, 400),
         ("POST", "/authority", ["renew"], 400), ("POST", "/authority", {"renew": True}, 409),
         ("DELETE", "/authority", None, 404), ("DELETE", "/authority?fingerprint=", None, 400),
         ("DELETE", "/authority?fingerprint=%1b%5b31m", None, 404), ("GET", "/authority?x=1", None, 400),
         ("DELETE", "/bypasses/b1", None, 404), ("DELETE", "/bypasses/%2e%2e", None, 404), ("GET", "/bypasses?device=x", None, 400),
         ("PATCH", "/devices/127.0.0.1", {"intercept": "on"}, 400)]


def test_wrong_input_is_one_clear_sentence_and_changes_nothing(paravent):
    for method, path, body, expected in WRONG:
        status, problem = paravent.api(path, method, body)
        assert status == expected, (method, path, body, problem)
        assert problem["detail"] and "\n" not in problem["detail"]
    for path in ("/authority", "/bypasses"):
        for method in ("GET", "POST", "DELETE"):
            assert paravent.api(path, method, token=False)[0] in (401, 405), (method, path)
    assert items(paravent, "/authority") == [] and items(paravent, "/devices") == []
    assert not (paravent.state / "authority").exists()
    for words in (["intercept"], ["intercept", "127.0.0.1"], ["intercept", "127.0.0.1", "maybe"], ["intercept", "nobody", "off"],
                  ["bypasses", "--remove", "b1"], ["bypasses", "--remove", "b1", "--json"], ["bypasses", "b1"]):
        result = paravent.cli(*words)
        assert result.returncode == 2 and result.stderr.count("\n") == 1 and result.stdout == "", (words, result)


def test_a_device_that_waits_for_an_authority_is_a_problem(start):
    house = start({"device": [{"name": "tablet", "address": "127.0.0.1", "intercept": True}]})
    (problem,) = house.api("/status")[1]["problems"]
    assert problem["code"] == "no_authority" and "tablet" in problem["text"] and "authority create" in problem["text"]
    done(house.cli("authority", "create"))
    assert house.api("/status")[1]["problems"] == []
    assert house.api("/status")[1]["authority"]["fingerprint"] in done(house.cli("status"))


def test_a_backup_has_the_authority_under_a_passphrase_alone(house, start):
    """D6: without one no key leaves; with it the authority moves to another box, and devices trust it as before."""
    phrase, other, open_file, locked = (house.folder / name for name in ("phrase", "other", "open.db", "locked.db"))
    phrase.write_text("correct horse\n")
    other.write_text("battery staple\n")
    intercept(house)
    assert "keys are not in it" in done(house.cli("backup", open_file))
    assert "encrypted by the passphrase" in done(house.cli("backup", locked, "--passphrase-file", phrase))
    assert b"PRIVATE KEY" not in open_file.read_bytes()
    assert b"ENCRYPTED PRIVATE KEY" in locked.read_bytes() and b"BEGIN PRIVATE KEY" not in locked.read_bytes()
    keys = [text.split("\n")[0] for text in (house.state / "authority/1.pem").read_text().split("BEGIN PRIVATE KEY-----\n")[1:]]
    assert len(keys) == 2 and not any(key.encode() in locked.read_bytes() for key in keys)
    (authority,) = items(house, "/authority")
    house.stop()

    fresh = start({"tls": {"trust": str(house.world)}}, hosts=[HOST, "www.facebook.com"])
    assert "none" not in done(fresh.cli("restore", open_file)) and items(fresh, "/authority") == []
    assert "left out" in done(fresh.cli("restore", locked)) and items(fresh, "/authority") == []
    wrong = fresh.cli("restore", locked, "--passphrase-file", other)
    assert wrong.returncode == 2 and "passphrase" in wrong.stderr and wrong.stderr.count("\n") == 1
    assert items(fresh, "/authority") == []
    done(fresh.cli("authority", "create"))  # gives way
    assert "So is the certificate authority" in done(fresh.cli("restore", locked, "--passphrase-file", phrase))
    assert items(fresh, "/authority") == [authority]
    assert comes_through(fresh, PAGE, house.root)
    assert not (fresh.state / "backup.tmp").exists()
