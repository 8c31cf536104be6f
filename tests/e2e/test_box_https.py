"""The box's own https, where no authority vouches for it."""
import json
import socket
import ssl
import stat
import subprocess

from inside import credulous

HOST = "127.0.0.1"


def shown(house, name=None):
    """The certificate that the dashboard's port shows."""
    with socket.create_connection((HOST, house.dashboard), timeout=10) as raw:
        with credulous().wrap_socket(raw, server_hostname=name) as tls:
            return tls.getpeercert(True)


def curl(house, url, *options):
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", *map(str, options), url], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout


def resolved(house):
    return "--resolve", f"paravent.local:{house.dashboard}:{HOST}"


def test_https_works_before_there_is_an_authority_and_proves_nothing(start):
    house = start()
    origin = f"https://{HOST}:{house.dashboard}"
    assert curl(house, origin + "/healthz")[0] == 60  # nobody vouches for it
    assert curl(house, origin + "/healthz", "-k") == (0, "ok\n")
    code, said = curl(house, origin + "/api/v1/self/check", "-k", "-X", "POST")
    assert code == 0 and json.loads(said)["trust"] == "unknown", said
    # Served as https: a page of that very origin may ask, one of http may not.
    for scheme, status in (("https", 200), ("http", 403)):
        assert curl(house, origin + "/api/v1/self", "-k", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                    f"Origin: {scheme}://{HOST}:{house.dashboard}") == (0, str(status))
    # By name, and through the proxy.
    assert curl(house, f"https://paravent.local:{house.dashboard}/healthz", "-k", *resolved(house)) == (0, "ok\n")
    through = subprocess.run(["curl", "-sSk", "--proxy", f"http://127.0.0.1:{house.port}", "https://paravent.local/healthz"],
                             capture_output=True, text=True, timeout=30)
    assert (through.returncode, through.stdout) == (0, "ok\n")
    assert all(device["trust"] == "unknown" for device in house.api("/devices")[1]["items"])


def test_a_client_that_trusts_the_file_is_content_with_names_and_addresses(start):
    house = start()
    der = shown(house)
    file = house.state / "box.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    root = house.folder / "box.crt"
    root.write_text(ssl.DER_cert_to_PEM_cert(der))
    assert curl(house, f"https://{HOST}:{house.dashboard}/healthz", "--cacert", root) == (0, "ok\n")
    assert curl(house, f"https://paravent.local:{house.dashboard}/healthz", "--cacert", root, *resolved(house)) == (0, "ok\n")


def test_it_is_the_same_after_a_start(start):
    house = start()
    first = shown(house)
    house.stop()
    house.start()
    assert shown(house) == first and shown(house, "paravent.local") == first


def test_an_authority_vouches_for_names_and_the_box_itself_for_the_rest(start):
    house = start()
    own = shown(house)
    house.cli("authority", "create")
    curl(house, f"https://{HOST}:{house.dashboard}/api/v1/self/check", "-k", "-X", "POST")
    curl(house, f"https://{HOST}:{house.dashboard}/healthz", "-k")
    assert all(device["trust"] == "unknown" for device in house.api("/devices")[1]["items"])
    root = house.folder / "root.pem"
    house.cli("authority", "export", root)
    assert shown(house, "paravent.local") != own
    assert shown(house) == own and shown(house, "other.example") == own and shown(house, "www.facebook.com") == own
    assert curl(house, f"https://paravent.local:{house.dashboard}/healthz", "--cacert", root, *resolved(house)) == (0, "ok\n")
    name = f"https://other.example:{house.dashboard}/healthz"
    assert curl(house, name, "-k", "--resolve", f"other.example:{house.dashboard}:{HOST}", "-o", "/dev/null", "-w",
                "%{http_code}") == (0, "421")
