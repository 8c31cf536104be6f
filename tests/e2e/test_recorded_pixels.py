"""Every pixel request of the recorded set, decoded, against a reading of its own: a few lines of Python written from how Meta
describes the fields (numbers, names, money, kinds of identifiers), without sight of proxy/activity."""
import gzip
import json
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from program import PROGRAM

RECORDED = Path(os.environ.get("PARAVENT_DATA", Path(__file__).parents[3] / "shared/rules-data")) / "requests-28k.jsonl.gz"
UNDEFINED, NOTHING = "eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded requests are not here")


def recorded():
    with gzip.open(RECORDED, "rt") as lines:
        for number, line in enumerate(lines, 1):
            request = json.loads(line)
            parts = urlsplit(request["url"])
            if parts.hostname in ("www.facebook.com", "facebook.com") and parts.path.rstrip("/") == "/tr":
                yield number, request, parse_qsl(parts.query, keep_blank_values=True)


def reading(fields):
    """What a person would write down about one request."""
    first = {}
    for name, value in fields:
        if value:
            first.setdefault(name, value)
    kinds = {name[name.index("[") + 1:-1] for name, value in fields
             if name.startswith(("ud[", "aud[", "udff[")) and value not in ("", UNDEFINED, NOTHING)}
    kinds |= {name for name in ("fbp", "fbc") if name in first}
    told = {"account": first.get("id"), "name": first.get("ev"), "currency": first.get("cd[currency]"), "identifiers": sorted(kinds) or None,
            "automatic": first.get("es") == "automatic", "event_id": "eid" in first, "limited_data_use": "LDU" in first.get("dpo", "")}
    if not (told["account"] or "").isdigit() and re.fullmatch(r"\d{13}", told["name"] or ""):  # a conversion pixel of old
        told["account"], told["name"] = told["name"], None
    try:
        told["value"] = float(first["cd[value]"])
    except (KeyError, ValueError):
        told["value"] = None
    if "dl" in first:
        told["host"] = urlsplit(first["dl"]).hostname
    return told


def test_the_recorded_pixel_requests_are_decoded_as_a_person_would_read_them():
    requests = list(recorded())
    assert len(requests) > 150
    lines = "".join(json.dumps({"url": r["url"], "frameUrl": r["frameUrl"], "method": "GET"}) + "\n" for _, r, _ in requests)
    program = subprocess.run([str(PROGRAM), "decode"], input=lines, capture_output=True, text=True, timeout=60)
    assert program.returncode == 0, program.stderr
    events = [json.loads(line) for line in program.stdout.splitlines()]
    assert [e["request"] for e in events] == list(range(1, len(requests) + 1))  # one request, one event
    wrong = []
    for event, (number, _, fields) in zip(events, requests):
        expected = reading(fields)
        host = expected.pop("host", None)
        found = {key: event.get(key) for key in expected}
        found["identifiers"] = sorted(found["identifiers"]) if found["identifiers"] else None
        if found != expected or event["product"] != "pixel" or (host and not (host + ".").endswith(event.get("site", "?") + ".")):
            wrong.append((number, expected, {key: found[key] for key in expected if found[key] != expected[key]}, event.get("site")))
    assert not wrong, wrong[:5]
    # The reading itself meets what it is there for.
    assert sum(1 for _, _, f in requests if reading(f)["identifiers"]) > 100
