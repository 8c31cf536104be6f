"""What a refresh of EasyList and EasyPrivacy costs the running program in memory. Needs PARAVENT_DATA."""
import gzip
import os
from pathlib import Path

import pytest

from conditions import eventually
from list_server import certificates, list_server, row_of  # noqa: F401 (fixtures)
from memory import MIB, Peak
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
