"""Recorded requests through the running program, held against the independent reading of the lists, request by request."""
import gzip
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from conditions import eventually
from nameserver import AAAA, NameServer, packet
from program import REPOSITORY
from reading import LISTS, PASS, Decision, Reading, concerns_meta, host_of

HERE = Path(__file__).resolve().parent
OURS = HERE.parent / "data/requests.jsonl"
RECORDED = Path(os.environ.get("PARAVENT_DATA", REPOSITORY.parent / "shared/rules-data")) / "requests-28k.jsonl.gz"
PROFILES = ["off", "log", "standard", "strict"]
STAND_INS = [f"93.184.216.{n}" for n in range(16, 32)]
CLIENTS = 4

pytestmark = pytest.mark.skipif(not LISTS.exists(), reason="rules/lists is not there")


def read_requests(file):
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def stand_in(name):
    return STAND_INS[sum(name.encode()) % len(STAND_INS)]


def everywhere(name, kind, query, tcp):
    """Every name exists, on IPv4 alone."""
    return [packet(query, [] if kind == AAAA else [stand_in(name)])]


def same(decision, outcome, request):
    """Whether what came through agrees with the reading; SOCKS5 has no room for a rule, and a log entry passes."""
    verdict, rule, _ = outcome
    expected = "allow" if decision.verdict == "log" else decision.verdict
    return verdict == expected and (expected == "allow" or not rule or rule == decision.rule)


def differences(decisions, outcomes, requests):
    return [(n, requests[n]["url"], decisions[n], outcomes.get(n)) for n in range(len(requests))
            if n not in outcomes or not same(decisions[n], outcomes[n], requests[n])]


class Replay:
    """One program in a network where every name leads to a stand-in; `run` sends the requests and returns the outcomes."""

    def __init__(self, start, folder, requests, profile):
        self.requests, self.file = requests, folder / "requests.jsonl"
        self.file.write_text("".join(json.dumps(r) + "\n" for r in requests), encoding="utf-8")
        names = sorted({host_of(r["url"]) for r in requests})
        in_file = {n: stand_in(n) for i, n in enumerate(names) if i % 2 or "." not in n or n.endswith(".local")}
        self.nameserver = NameServer(everywhere)
        self.paravent = start({"proxy": {"ports": [80, 443, 8443], "private_destinations": []}, "policy": {"profile": profile},
                               "resolver": {"servers": [self.nameserver.where]}, "statistics": {"flush": "10min"}}, hosts=in_file)

    def run(self):
        script = [sys.executable, str(HERE / "replay.py")]
        origin = subprocess.Popen([*script, "origin", "80", "443", "8443"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert origin.stdout.readline() == "ready\n"
            clients = [subprocess.Popen([*script, "client", str(self.paravent.port), str(self.file), str(n), str(CLIENTS)],
                                        stdout=subprocess.PIPE, text=True, encoding="utf-8") for n in range(CLIENTS)]
            outcomes = {}
            for client in clients:
                for line in client.communicate(timeout=300)[0].splitlines():
                    number, verdict, rule, detail = line.split("\t")
                    outcomes[int(number)] = (verdict, rule, detail)
                assert client.returncode == 0
            self.reached = int(origin.communicate("", timeout=30)[0])
        finally:
            origin.kill()
            self.nameserver.close()
        return outcomes


@pytest.fixture
def replay(netns, start, tmp_path):
    return lambda requests, profile: Replay(start, tmp_path, requests, profile)


def holds(replayed, profile):
    """Replays, compares each request with the reading, then the statistics with what was sent."""
    requests, reading = replayed.requests, Reading()
    decisions = [reading.decide(profile, r) for r in requests]
    outcomes = replayed.run()
    wrong = differences(decisions, outcomes, requests)
    assert not wrong, f"{len(wrong)} of {len(requests)}: " + "\n".join(map(str, wrong[:20]))
    came_through = sum(1 for d in decisions if d.verdict in ("allow", "log"))
    assert replayed.reached == came_through
    statistics_add_up(replayed, profile, decisions)
    return decisions, outcomes


def statistics_add_up(replayed, profile, decisions):
    requests, paravent = replayed.requests, replayed.paravent
    expected = Counter(d.verdict for d in decisions)
    if profile == "off":
        assert paravent.events() == []
        total = paravent.totals()
        assert (total["log"], total["block"], total["answer"]) == (0, 0, 0)
        return
    total = eventually(lambda: (t := paravent.totals())["requests"] >= len(requests) and t, "every request counted")
    assert total == {"requests": len(requests), **{v: expected[v] for v in ("allow", "log", "block", "answer")}}
    events = paravent.events()
    meta = [(r, d) for r, d in zip(requests, decisions) if concerns_meta(r["url"])]
    seen = Counter((e["destination"], e["verdict"], e.get("rule") if e["verdict"] != "allow" else None, e["seen"]) for e in events)
    sent = Counter((host_of(r["url"]), d.verdict, d.rule, "host" if r["url"].startswith("https:") else "full") for r, d in meta)
    assert seen == sent, (seen - sent, sent - seen)
    ids = [e["id"] for e in events]
    assert len(set(ids)) == len(ids) and ids == sorted(ids)


@pytest.mark.skipif(not RECORDED.exists(), reason=f"the recording is not there: {RECORDED} (PARAVENT_DATA)")
@pytest.mark.parametrize("profile", PROFILES)
def test_the_recording_comes_through_as_the_lists_say(replay, profile):
    decisions, _ = holds(replay(read_requests(RECORDED), profile), profile)
    count = Counter(d.verdict for d in decisions)
    print(f"\n| {profile} | {len(decisions)} | {count['allow']} | {count['log']} | {count['block']} | {count['answer']} |")


@pytest.mark.skipif(not RECORDED.exists(), reason=f"the recording is not there: {RECORDED} (PARAVENT_DATA)")
@pytest.mark.parametrize("profile", PROFILES)
def test_what_the_recording_sent_to_meta_is_judged_by_its_path_when_it_is_seen_whole(replay, profile):
    """The same requests in plain HTTP: a stand-in for what interception will see."""
    requests = [{**r, "url": r["url"].replace("https:", "http:", 1)} for r in read_requests(RECORDED) if concerns_meta(r["url"])]
    assert len(requests) > 800
    holds(replay(requests, profile), profile)


@pytest.mark.parametrize("profile", PROFILES)
def test_our_own_requests_come_through_as_the_lists_say(replay, profile):
    holds(replay(read_requests(OURS), profile), profile)


def test_an_answer_fits_who_asked(replay):
    requests = read_requests(OURS)
    decisions, outcomes = holds(replay(requests, "standard"), "standard")
    kinds = Counter()
    for n, (request, decision) in enumerate(zip(requests, decisions)):
        if decision.verdict == "answer":
            status, content, size = (outcomes[n][2].split(" ") + ["", ""])[:3]
            kinds[request["cpt"]] += 1
            if request["cpt"] == "image":
                assert (status, content) == ("200", "image/gif") and 0 < int(size) < 100, (request, outcomes[n])
            elif request["cpt"] == "script":
                assert status == "200" and "javascript" in content, (request, outcomes[n])
            else:
                assert status in ("200", "204", "302"), (request, outcomes[n])
    assert kinds["image"] and kinds["script"] and kinds["xhr"] + kinds["ping"] + kinds["fetch"]


def test_ten_wrong_verdicts_put_in_by_hand_are_all_found(replay):
    requests, reading = read_requests(OURS), Reading()
    decisions = [reading.decide("standard", r) for r in requests]
    outcomes = replay(requests, "standard").run()
    assert differences(decisions, outcomes, requests) == []
    chosen = sorted(random.sample(range(len(requests)), 10))
    for n in chosen:
        decisions[n] = Decision("block", "meta/wrong") if decisions[n].verdict == "allow" else PASS
    assert [n for n, *_ in differences(decisions, outcomes, requests)] == chosen


def test_the_reading_itself_reads_as_the_documents_say():
    reading = Reading()

    def verdict(url, profile="standard", page="http://shop.example/", cpt="script", method="GET"):
        return reading.decide(profile, {"url": url, "frameUrl": page, "cpt": cpt, "method": method}).verdict

    assert verdict("https://connect.facebook.net/en_US/fbevents.js") == "block"
    assert verdict("http://connect.facebook.net/en_US/fbevents.js") == "answer"
    assert verdict("https://www.facebook.com/tr?id=1") == "allow"
    assert verdict("http://www.facebook.com/tr?id=1") == "answer"
    assert verdict("http://www.facebook.com/tr/?id=1", "log") == "log"
    assert verdict("http://www.facebook.com/trust") == "allow"
    assert verdict("https://an.facebook.com/") == "block"
    assert verdict("https://xan.facebook.com/") == "allow"
    assert verdict("http://www.facebook.com/plugins/like.php") == "allow"
    assert verdict("http://www.facebook.com/plugins/like.php", "strict") == "block"
    assert verdict("http://www.facebook.com/plugins/like.php", "strict", "http://www.facebook.com/") == "allow"
    assert verdict("https://graph.facebook.com/v19.0/1/events", "strict") == "allow"
    assert verdict("http://graph.facebook.com/v19.0/1/events", method="POST") == "block"
    assert verdict("http://graph.facebook.com/v19.0/1/activities", method="POST") == "answer"
    assert verdict("http://www.facebook.com/v19.0/dialog/oauth", "strict") == "allow"
    assert verdict("https://www.facebook.com/", "off") == "allow"
