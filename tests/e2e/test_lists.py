"""Subscribed lists: fetched by the helper program, kept, put in force, shown; added and taken away while it runs."""
import gzip
import json
import re
import threading
from pathlib import Path

import pytest

from conditions import eventually
from list_server import certificates, list_server, row_of, subscribed  # noqa: F401 (fixtures)
from http1 import Closed
from load import Load
from origin import echo, mirror
from program import PROGRAM
from test_parent import Parent
from test_r8_reload import Clients, status_of

HOSTS = ["origin.example", "tracker.example", "other.example"]
LIST = "! Title: far away\n! Expires: 2 days\n||tracker.example^\n##.advertisement\n"

pytestmark = pytest.mark.skipif(not (PROGRAM.parent / "paravent-fetch").exists(),
                                reason="paravent-fetch does not stand beside the program")


def serving(text, **fields):
    return lambda asked: asked.text(text, **fields)


def fetched(paravent, name="far"):
    return eventually(lambda: (row := row_of(paravent, name)) and row["checked"] and row, f"{name} is fetched; it is "
                      f"{row_of(paravent, name)}", 20)


def failed(paravent, name="far"):
    return eventually(lambda: (row := row_of(paravent, name))["error"] and row["error"] != "" and "not been fetched yet"
                      not in row["error"] and row, f"{name} fails", 20)


def update(paravent):
    status, body = paravent.api("/lists/update", "POST", {}, timeout=60)
    assert status == 200, body
    return {row["name"]: row for row in body["items"]}["far"]


def test_a_subscribed_list_is_fetched_on_start_and_in_force(start, origin, list_server, certificates):
    web = origin(mirror)
    server = list_server(serving(LIST))
    paravent = start(subscribed(certificates, server), HOSTS)
    row = fetched(paravent)
    assert (row["rules"], row["skipped"], row["skipped_by"], row["error"]) == (1, 1, {"cosmetic": 1}, None)
    assert (row["source"], row["category"], row["enabled"]) == (server.url(), "custom", True)
    assert row["updated"]
    answer = paravent.get(f"http://tracker.example:{web.port}/")
    assert (answer.status, answer.rule) == (403, "far/3")
    assert status_of(paravent, "origin.example", web) == 200
    assert row_of(paravent)["hits"] == 1
    kept = paravent.state / "lists"
    assert (kept / "far.txt").read_text() == LIST
    assert sorted(f.name for f in kept.iterdir()) == ["far.json", "far.txt"]
    assert all(f.stat().st_mode & 0o777 == 0o600 for f in kept.iterdir())
    shown = paravent.cli("lists")
    assert shown.returncode == 0 and "far skipped: cosmetic 1" in shown.stdout, shown


def test_what_has_not_changed_is_not_sent_again(start, list_server, certificates):
    def serve(asked):
        if asked.fields.get("if-none-match") == '"one"':
            asked.head("304 Not Modified", ETag='"one"')
        else:
            asked.text(LIST, ETag='"one"', Last_Modified="Tue, 24 Nov 2026 09:00:00 GMT")

    server = list_server(serve)
    paravent = start(subscribed(certificates, server), HOSTS)
    first = fetched(paravent)
    second = update(paravent)
    assert len(server.asked) == 2
    assert server.asked[1].fields["if-modified-since"] == "Tue, 24 Nov 2026 09:00:00 GMT"
    assert second["updated"] == first["updated"] and second["checked"] > first["checked"] and second["error"] is None
    shown = paravent.cli("lists", "update")
    assert "far: unchanged, 1 rules" in shown.stdout, shown
    # Without the text its ETag would only keep it away.
    (paravent.state / "lists/far.txt").unlink()
    assert update(paravent)["rules"] == 1 and "if-none-match" not in server.asked[-1].fields


def test_a_new_text_is_in_force_at_once_and_said(start, origin, list_server, certificates):
    web = origin(mirror)
    text = [LIST]
    server = list_server(lambda asked: asked.text(text[0]))
    paravent = start(subscribed(certificates, server), HOSTS)
    fetched(paravent)
    text[0] = "||other.example^\n||third.example^\n"
    shown = paravent.cli("lists", "update")
    assert shown.returncode == 0 and "far: new, 2 rules" in shown.stdout, shown
    assert (status_of(paravent, "tracker.example", web), status_of(paravent, "other.example", web)) == (200, 403)


def test_the_kept_text_is_in_force_after_a_start_without_asking(start, origin, list_server, certificates):
    web = origin(mirror)
    server = list_server(serving(LIST))
    paravent = start(subscribed(certificates, server), HOSTS)
    before = fetched(paravent)
    paravent.stop()
    paravent.start()
    assert status_of(paravent, "tracker.example", web) == 403
    assert row_of(paravent) == {**before, "hits": 1} and len(server.asked) == 1


def test_an_overdue_list_is_asked_for_on_start(start, list_server, certificates):
    server = list_server(serving(LIST))
    paravent = start(subscribed(certificates, server), HOSTS)
    checked = fetched(paravent)["checked"]
    paravent.stop()
    facts = paravent.state / "lists/far.json"
    known = json.loads(facts.read_text())
    assert known["expires"] == 2 * 86400
    facts.write_text(json.dumps({**known, "checked": known["checked"] - 3 * 86_400_000}))
    paravent.start()
    eventually(lambda: len(server.asked) == 2, "it is asked for")
    eventually(lambda: row_of(paravent)["checked"] > checked, "it is there")


@pytest.mark.parametrize("way", ["encoding", "file"])
def test_a_packed_list_is_unpacked(start, list_server, certificates, way):
    packed = gzip.compress(LIST.encode())
    fields = {"Content_Encoding": "gzip"} if way == "encoding" else {"Content_Type": "application/gzip"}
    paravent = start(subscribed(certificates, list_server(serving(packed, **fields))), HOSTS)
    assert fetched(paravent)["rules"] == 1
    assert (paravent.state / "lists/far.txt").read_text() == LIST


def test_a_redirect_by_https_is_followed_and_not_for_ever(start, list_server, certificates):
    def serve(asked):
        number = int(asked.path.strip("/"))
        asked.head("302 Found", Location=f"/{number - 1}") if number else asked.text(LIST)

    server = list_server(serve)
    paravent = start(subscribed(certificates, server, "/5"), HOSTS)
    assert fetched(paravent)["rules"] == 1
    paravent.reload(subscribed(certificates, server, "/7"))
    assert "leads from one address to the next" in failed(paravent)["error"]
    assert row_of(paravent)["rules"] == 1


def test_plain_http_only_where_the_owner_says_so(start, list_server, certificates):
    server = list_server(serving(LIST), certificate=None)
    paravent = start(subscribed(certificates, server, entry={"insecure": True}), HOSTS)
    assert fetched(paravent)["rules"] == 1
    said = len(paravent.lines)
    paravent.reload(subscribed(certificates, server))
    paravent.wait_line("anybody on the way could change", since=said)
    assert paravent.cli("check").returncode != 0


def test_a_list_is_added_switched_and_removed_while_it_runs(start, origin, list_server, certificates):
    web = origin(mirror)
    server = list_server(serving(LIST))
    settings = {"tls": {"trust": str(certificates.authority)}}
    paravent = start(settings, HOSTS)
    status, row = paravent.api("/lists", "POST", {"name": "mine", "url": server.url(), "category": "tracking"})
    assert (status, row["name"], row["category"], row["enabled"]) == (201, "mine", "tracking", True)
    fetched(paravent, "mine")
    assert status_of(paravent, "tracker.example", web) == 403

    status, row = paravent.api("/lists/mine", "PATCH", {"enabled": False})
    assert (status, row["enabled"], row["rules"]) == (200, False, 0)
    assert status_of(paravent, "tracker.example", web) == 200
    paravent.stop()
    paravent.start()
    assert row_of(paravent, "mine")["enabled"] is False
    status, row = paravent.api("/lists/mine", "PATCH", {"enabled": True})
    assert (row["enabled"], row["rules"]) == (True, 1)

    assert paravent.api("/lists", "POST", {"name": "mine", "url": server.url()})[0] == 409
    assert paravent.api("/lists/mine", "DELETE")[0] == 204
    assert row_of(paravent, "mine") is None
    assert status_of(paravent, "tracker.example", web) == 200
    assert list((paravent.state / "lists").iterdir()) == []
    assert paravent.api("/lists/mine", "DELETE")[0] == 404
    assert paravent.api("/lists/pixel-event", "DELETE")[0] == 409


@pytest.mark.parametrize("wish, sentence", [
    ({"name": "meta", "url": "https://a.example/"}, "name: "), ({"name": "../x", "url": "https://a.example/"}, "name: "),
    ({"name": "login", "url": "https://a.example/"}, "Paravent's own"), ({"name": "x"}, "url: "),
    ({"name": "x", "url": "file:///etc/passwd"}, "url: "), ({"name": "x", "url": "http://a.example/"}, "insecure"),
    ({"name": "x", "url": "https://u:p@a.example/"}, "url: "), ({"name": "x", "url": 5}, "url: is a text"),
    ({"name": "x", "url": "https://a.example/", "category": "No Word"}, "category: ")])
def test_a_list_that_cannot_be_is_not_added(start, wish, sentence):
    paravent = start()
    before = paravent.api("/lists")[1]
    status, problem = paravent.api("/lists", "POST", wish)
    assert status == 400 and sentence in problem["detail"], problem
    assert paravent.api("/lists")[1] == before


def test_the_commands_add_switch_and_remove(start, list_server, certificates):
    server = list_server(serving(LIST))
    paravent = start({"tls": {"trust": str(certificates.authority)}}, HOSTS)
    assert paravent.cli("lists", "add", "mine", server.url(), "--category", "tracking").returncode == 0
    assert fetched(paravent, "mine")["category"] == "tracking"
    assert "off, 0 rules" in paravent.cli("lists", "off", "mine").stdout
    assert "on, 1 rules" in paravent.cli("lists", "on", "mine").stdout
    assert paravent.cli("lists", "remove", "mine").returncode == 0
    again = paravent.cli("lists", "remove", "mine")
    assert (again.returncode, again.stdout) == (2, "") and "there is no list" in again.stderr
    assert paravent.cli("lists", "add", "mine", "ftp://a.example/").returncode == 2


def test_lists_do_not_go_through_a_proxy_of_the_environment(start, list_server, certificates):
    server = list_server(serving(LIST))
    nowhere = {name: "http://127.0.0.1:9/" for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY")}
    assert fetched(start(subscribed(certificates, server), HOSTS, env=nowhere))["rules"] == 1


def test_lists_go_through_the_parent_proxy_of_the_settings(start, origin, list_server, certificates):
    server = list_server(serving(LIST))
    parent = Parent(origin)
    paravent = start(subscribed(certificates, server, upstream={"proxy": f"http://127.0.0.1:{parent.port}"}), HOSTS)
    assert fetched(paravent)["rules"] == 1
    assert any(f"localhost:{server.port}" in str(wish) for wish in parent.asked), parent.asked


def test_check_holds_a_line_against_the_owners_own_file_alone(start, list_server, certificates, tmp_path):
    text = LIST + "/tracker(?=x)/\n"  # RE2 knows no such thing
    paravent = start(subscribed(certificates, list_server(serving(text))), HOSTS)
    assert fetched(paravent)["rules"] == 1
    result = paravent.cli("check")
    assert result.returncode == 0 and "no errors" in result.stdout, result
    own = tmp_path / "own.txt"
    own.write_text(text)
    paravent.write_settings({"list": [{"name": "own", "file": str(own)}]})
    result = paravent.cli("check")
    assert result.returncode == 1 and f"{own}:5:1: " in result.stderr, result


def awaiting(start, list_server, certificates):
    """A service whose list was asked for and does not come."""
    arrived = threading.Event()

    def serve(asked):
        arrived.set()
        server.closing.wait(60)

    server = list_server(serve)
    paravent = start(subscribed(certificates, server), HOSTS)
    assert arrived.wait(10)
    return paravent


def test_the_service_answers_while_a_list_is_awaited_and_ends_at_once(start, list_server, certificates):
    paravent = awaiting(start, list_server, certificates)
    waiting = threading.Thread(target=lambda: paravent.cli("lists", "update"), daemon=True)
    waiting.start()
    for _ in range(20):
        assert paravent.api("/status", timeout=5)[0] == 200
    helper = helper_of(paravent)
    paravent.stop(within=10)
    assert not Path(f"/proc/{helper}").exists()
    waiting.join(10)


def helper_of(paravent):
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == paravent.pid:
                return int(folder.name)
        except OSError:
            continue
    raise AssertionError("no helper program runs")


def test_the_helper_program_has_given_up_what_it_does_not_need(start, list_server, certificates):
    paravent = awaiting(start, list_server, certificates)
    process = Path(f"/proc/{helper_of(paravent)}")
    status = (process / "status").read_text()
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.M)
    assert re.search(r"^SigBlk:\s+0+$", status, re.M)
    limits = (process / "limits").read_text()
    assert re.search(r"Max file size\s+0\s+0", limits) and re.search(r"Max core file size\s+0\s+0", limits)
    assert re.search(r"Max cpu time\s+20\s+20", limits)
    assert (process / "environ").read_bytes() == b""
    kinds = [str((process / "fd" / name).readlink()).split(":")[0] for name in sorted((p.name for p in (process / "fd").iterdir()), key=int)]
    assert kinds[:3] == ["pipe", "pipe", "/dev/null"] and set(kinds[3:]) <= {"socket", "pipe", "anon_inode"}, kinds


def test_R8_a_refresh_under_load_drops_no_connection(start, origin, list_server, certificates):
    web, far = origin(mirror), origin(echo)
    text = ["||other.example^\n"]
    server = list_server(lambda asked: asked.text(text[0]))
    paravent = start(subscribed(certificates, server, entry={"name": "own"}), HOSTS)
    fetched(paravent, "own")
    clients = Clients(paravent, web, far)
    with Load([clients.requests, clients.tunnel] * 4, (OSError, Closed, AssertionError)) as load:
        for n in range(8):
            text[0] = "||tracker.example^\n" if n % 2 == 0 else "||other.example^\n"
            status, _ = paravent.api("/lists/update", "POST", {}, timeout=60)
            assert status == 200
            assert (status_of(paravent, "tracker.example", web) == 403) == (n % 2 == 0)
            before = clients.count
            eventually(lambda: clients.count > before + 20 or load.failures, "the load goes on")
    assert load.failures == []
