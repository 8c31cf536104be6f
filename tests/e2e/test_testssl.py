"""testssl.sh, a scanner of other people's, against the side of an intercepted connection that devices see."""
import contextlib
import json
import shutil
import subprocess
import threading

import pytest

from inside import Relay
from origin import mirror

HARMLESS = ("OK", "INFO", "LOW", "DEBUG")


class Patience:
    """A scanner breaks off many a handshake, as an app would that refuses the certificate; it is to see all of it nonetheless."""

    def __init__(self, home):
        self._home, self._over = home, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._over.wait(0.05):
            for bypass in self._home.paravent.api("/bypasses")[1]["items"]:
                self._home.paravent.api("/bypasses/" + bypass["id"], "DELETE")

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


@pytest.mark.extra
def test_testssl_finds_nothing_above_low(home, tmp_path):
    if not shutil.which("testssl"):
        pytest.skip("testssl.sh is not installed")
    home.start()
    host = home.next_host()
    home.origin(host, mirror)
    home.serves(host)
    report = tmp_path / "report.json"
    with Patience(home), contextlib.closing(Relay(home, host, 443)) as relay:
        # Protocols, ciphers, forward secrecy, order, certificate, known holes.
        subprocess.run(["testssl", "-p", "-s", "-f", "-P", "-S", "-U", "--ip=127.0.0.1", "--warnings=batch", "--color=0", "--add-ca",
                        str(home.root), "--jsonfile", str(report), f"{host}:{relay.port}"], cwd=tmp_path, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, timeout=900)
    found = {entry["id"]: entry for entry in json.loads(report.read_text())}
    assert "Paravent" in found["cert_caIssuers"]["finding"] and found["cert_chain_of_trust"]["severity"] == "OK"
    assert found["TLS1_3"]["finding"].startswith("offered") and found["heartbleed"]["severity"] == "OK"
    bad = {name: (entry["severity"], entry["finding"]) for name, entry in found.items() if entry["severity"] not in HARMLESS}
    assert not bad
