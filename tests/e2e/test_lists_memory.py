"""What EasyPrivacy takes of a small computer's memory, and what a refresh of it and EasyList costs. Needs PARAVENT_DATA."""
import gzip
import itertools
import os
from pathlib import Path

import pytest

from conditions import eventually
from list_server import certificates, list_server, row_of  # noqa: F401 (fixtures)
from memory import MIB, Peak, resident
from origin import mirror
from program import PROGRAM, REPOSITORY

DATA = Path(os.environ.get("PARAVENT_DATA", REPOSITORY.parent / "shared/rules-data"))
TEXTS = {name: next(DATA.glob(f"{name}-*.txt.gz"), None) for name in ("easylist", "easyprivacy")}

pytestmark = [pytest.mark.memory,
              pytest.mark.skipif(None in TEXTS.values(), reason="PARAVENT_DATA has no EasyList and EasyPrivacy"),
              pytest.mark.skipif(not (PROGRAM.parent / "paravent-fetch").exists(), reason="paravent-fetch is not there")]


def test_a_refresh_of_easylist_and_easyprivacy_raises_memory_by_less_than_10_MB(start, list_server, certificates):
    version = [0]

    def serve(asked):
        text = gzip.decompress(TEXTS[asked.path[1:]].read_bytes()) + f"||version{version[0]}.example^\n".encode()
        asked.text(gzip.compress(text, 1), Content_Encoding="gzip")

    server = list_server(serve)
    lists = [{"name": name, "url": server.url("/" + name), "category": "trackers"} for name in TEXTS]
    paravent = start({"list": lists, "tls": {"trust": str(certificates.authority)}})
    for name in TEXTS:
        eventually(lambda: row_of(paravent, name)["rules"] > 30_000, name, 60)
    for version[0] in range(1, 6):
        with Peak(paravent) as peak:
            status, body = paravent.api("/lists/update", "POST", {}, timeout=120)
        assert status == 200 and all(row["error"] is None for row in body["items"])
        print(f"refresh {version[0]}: from {peak.before / MIB:.1f} to {peak.most / MIB:.1f} MiB PSS, {peak.risen / MIB:.1f} more; "
              f"afterwards {paravent.pss() / MIB:.1f}")
        assert peak.risen < 10_000_000


def test_the_whole_service_with_easyprivacy_is_under_40_MB(start, origin, list_server, certificates):
    """Where a Raspberry Pi of 512 MB has it: fetched, kept over a restart, with some traffic behind it. RSS, helpers and all."""
    version = itertools.count()

    def serve(asked):
        text = gzip.decompress(TEXTS["easyprivacy"].read_bytes()) + f"||version{next(version)}.example^\n".encode()
        asked.text(gzip.compress(text, 1), Content_Encoding="gzip")

    server = list_server(serve)
    web = origin(mirror)
    paravent = start({"list": [{"name": "easyprivacy", "url": server.url("/easyprivacy"), "category": "trackers"}],
                      "tls": {"trust": str(certificates.authority)}})

    def measured(when):
        with Peak(paravent, lambda: resident(paravent.pid)) as whole:
            for _ in range(500):
                assert paravent.get(f"http://shop.example:{web.port}/").status == 200
                answer, stream = paravent.tunnel("connect.facebook.net")
                stream.socket.close()
                assert answer.status == 403
            assert paravent.api("/lists/update", "POST", {}, timeout=60)[0] == 200
        assert row_of(paravent, "easyprivacy")["rules"] > 30_000
        print(f"{when}: {whole.before / 1e6:.1f} MB RSS before, at most {whole.most / 1e6:.1f}")
        assert whole.most < 40_000_000

    eventually(lambda: row_of(paravent, "easyprivacy")["rules"] > 30_000, "the list", 60)
    measured("fetched")
    paravent.stop()
    paravent.start()
    measured("after a restart")
