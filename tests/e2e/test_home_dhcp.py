"""A second DHCP server in the home hands out another name server to the box. (Another proxy, to a phone: test_home_dhcp_proxy.py.)"""
import contextlib
import subprocess

import pytest

from disk import OwnMounts
from nameserver import NameServer, packet
from network import WORLD, Network, ip, served

# A chroot may be root and still have no mounts of its own.
needs_mounts = pytest.mark.skipif(subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0,
                                  reason="needs a mount namespace, which is not allowed here")


@pytest.fixture
def network(netns, start):
    with contextlib.closing(Network(start)) as made, made.box:
        yield made


@pytest.fixture
def resolv_conf(tmp_path):
    """/etc/resolv.conf, of this test alone, as the text of a DHCP client; empty to begin with."""
    file = tmp_path / "resolv.conf"
    file.write_text("")
    with OwnMounts():
        subprocess.run(["mount", "--bind", file, "/etc/resolv.conf"], check=True, capture_output=True)
        yield file


@needs_mounts
def test_a_second_dhcp_server_names_another_name_server(network, resolv_conf):
    """The box's own: what is handed out is asked at once, and the first one again when the second is found and unplugged."""
    with network.world:
        ip("address", "add", "81.2.69.9/24", "dev", "eth0")
        second = NameServer(lambda name, kind, query, tcp: [packet(query, code=3)], port=53, address="81.2.69.9")
    with contextlib.closing(second):
        resolv_conf.write_text(f"nameserver {WORLD}\n")
        network.start({"resolver": {"servers": []}})
        assert served(network)
        resolv_conf.write_text("nameserver 81.2.69.9\n")
        assert not served(network, name="web2.test-site.com") and second.asked, "the new one is asked, whatever it says"
        assert served(network), "what is known goes on"
        resolv_conf.write_text(f"nameserver {WORLD}\n")
        network.names["web3.test-site.com"] = [WORLD]
        assert served(network, name="web3.test-site.com")
