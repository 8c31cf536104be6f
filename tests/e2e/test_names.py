"""Whom the program asks for names: its own hosts file first, the system's hosts, name servers; and never twice in vain."""
import signal

from conditions import eventually
from nameserver import NameServer, says
from origin import mirror


def fetch(paravent, name, web):
    return paravent.get(f"http://{name}:{web.port}/")


def test_the_hosts_file_is_asked_before_any_server(start, origin):
    server, web = NameServer(says({"both.test-site.com": ["127.0.0.99"]})), origin(mirror)
    paravent = start({"resolver": {"servers": [server.where]}}, hosts={"both.test-site.com": "127.0.0.1"})
    assert fetch(paravent, "both.test-site.com", web).status == 200
    assert server.asked == []
    server.close()


def test_the_hosts_file_takes_comments_several_names_and_ipv6(start, origin):
    web = origin(mirror)
    paravent = start()
    paravent.hosts.write_text("# a comment\n127.0.0.1\tone.example two.example # more\n\n::1 six.example\n127.0.0.1 six.example\nnonsense\n")
    paravent.signal(signal.SIGHUP)
    eventually(lambda: fetch(paravent, "one.example", web).status == 200, "the new hosts file in force")
    for name in ("two.example", "TWO.example", "two.example.", "six.example"):
        assert fetch(paravent, name, web).status == 200, name


def test_a_change_of_the_hosts_file_holds_after_sighup(start, origin):
    web = origin(mirror, address="127.0.0.7")
    paravent = start(hosts={"moves.example": "127.0.0.6"})
    assert fetch(paravent, "moves.example", web).status == 502
    paravent.write_hosts({"moves.example": "127.0.0.7"})
    paravent.signal(signal.SIGHUP)
    eventually(lambda: fetch(paravent, "moves.example", web).status == 200, "the new address in force")


def test_other_name_servers_are_asked_after_sighup(start, origin):
    name = "moves.test-site.com"
    one, other, web = NameServer(says({})), NameServer(says({name: ["127.0.0.1"]})), origin(mirror)
    paravent = start({"resolver": {"servers": [one.where]}})
    assert fetch(paravent, name, web).status == 502
    paravent.reload({"resolver": {"servers": [other.where]}})
    eventually(lambda: fetch(paravent, name, web).status == 200, "the other server's answer")
    for server in (one, other):
        server.close()


def test_localhost_is_this_machine_whatever_a_server_says(start, origin):
    server, web = NameServer(says({"localhost": ["127.0.0.99"]})), origin(mirror)
    paravent = start({"resolver": {"servers": [server.where]}})
    assert fetch(paravent, "localhost", web).status == 200
    assert server.asked == []
    server.close()


def test_an_address_as_a_host_is_never_asked_for(start, origin):
    server, web = NameServer(says({})), origin(mirror)
    paravent = start({"resolver": {"servers": [server.where]}})
    assert fetch(paravent, "127.0.0.1", web).status == 200
    assert server.asked == []
    server.close()


def test_a_name_in_unicode_is_asked_in_its_ascii_form(start, origin):
    server, web = NameServer(says({"xn--bcher-kva.test-site.com": ["127.0.0.1"]})), origin(mirror)
    paravent = start({"resolver": {"servers": [server.where]}})
    assert fetch(paravent, "xn--bcher-kva.test-site.com", web).status == 200
    code, stream = paravent.socks("xn--bcher-kva.test-site.com", web.port)
    stream.socket.close()
    assert code == 0
    server.close()
