"""Security goals, row H7: where the proxy does not go, by whatever name or notation; each refusal gives its reason."""
import ssl
import subprocess

import pytest

from http1 import Closed, Stream, read_response
from inside import credulous
from origin import mirror

INSIDE = {"mapped.example": "::ffff:127.0.0.1", "loop.example": "127.0.0.1", "loop6.example": "::1", "meta-data.example": "169.254.169.254",
          "zero.example": "0.0.0.0", "zero6.example": "::", "ten.example": "10.1.2.3", "home.example": "192.168.1.1", "home172.example": "172.16.0.9",
          "linklocal.example": "fe80::1", "unique.example": "fd00::1", "shared.example": "100.64.0.1", "multi.example": "224.0.0.251",
          "broadcast.example": "255.255.255.255", "nat64.example": "64:ff9b::7f00:1", "compatible.example": "::127.0.0.1"}
LITERALS = ["127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "169.254.169.254", "0.0.0.0", "[::]", "10.0.0.1", "localhost",
            "192.168.0.1", "[fe80::1]", "[fd12::1]", "224.0.0.1"]
NUMERIC = ["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "017700000001", "0177.0.0.1", "0"]
GOOD = "127.9.9.9"  # the one address inside that these tests allow, so that something can be served after each refusal


@pytest.fixture
def guarded(start, origin):
    """The program with one allowed address inside, an origin there and one on 127.0.0.1 that must never be reached."""
    paravent = start({"proxy": {"private_destinations": [GOOD + "/32"]}}, hosts={**INSIDE, "good.example": GOOD})
    paravent.good = origin(mirror, address=GOOD)
    paravent.never = origin(mirror, address="0.0.0.0")
    return paravent


def then_a_plain_request_is_served(paravent):
    assert paravent.get(f"http://good.example:{paravent.good.port}/").status == 200
    assert paravent.never.connections == []


def connect(paravent, target, more=b"", fields=""):
    with paravent.connect() as sock:
        stream = Stream(sock)
        sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{fields}\r\n".encode() + more)
        answer = read_response(stream, "CONNECT")
        assert answer.status != 200, answer
        assert stream.rest() == b"" or not more
        return answer


@pytest.mark.parametrize("host", [*INSIDE, *LITERALS])
def test_H7_a_destination_inside_is_refused_with_its_reason(guarded, host):
    port = guarded.never.port
    answer = connect(guarded, f"{host}:{port}")
    assert (answer.status, answer.error) == (403, "refused-destination")
    answer = guarded.get(f"http://{host}:{port}/")
    assert (answer.status, answer.error) == (403, "refused-destination")
    code, stream = guarded.socks(host.strip("[]"), port)
    assert code == 2 and stream.rest() == b""
    stream.socket.close()
    then_a_plain_request_is_served(guarded)


@pytest.mark.parametrize("host", NUMERIC)
def test_H7_an_address_in_another_notation_is_no_way_round(guarded, host):
    port = guarded.never.port
    assert connect(guarded, f"{host}:{port}").status in (400, 403, 502, 503, 504)
    assert guarded.get(f"http://{host}:{port}/").status in (400, 403, 502, 503, 504)
    code, stream = guarded.socks(host, port)
    stream.socket.close()
    assert code in (1, 2, 4, 8)
    then_a_plain_request_is_served(guarded)


def test_H7_port_25_is_refused(guarded):
    for port in (25, 22, 8080, 6000):
        answer = connect(guarded, f"good.example:{port}")
        assert (answer.status, answer.error) == (403, "refused-port"), port
        assert guarded.get(f"http://good.example:{port}/").error == "refused-port"
        code, stream = guarded.socks("good.example", port)
        stream.socket.close()
        assert code == 2
    then_a_plain_request_is_served(guarded)


@pytest.mark.parametrize("add", [1 << 16, 1 << 32, 1 << 64])
def test_H7_ports_that_wrap_are_refused(guarded, add):
    for port in (guarded.good.port + add, 443 + add):
        assert connect(guarded, f"good.example:{port}").status == 400, port
        answer = guarded.get(f"http://good.example:{port}/")
        assert (answer.status, answer.error) == (400, "bad-request"), port
    assert guarded.good.connections == []
    then_a_plain_request_is_served(guarded)


@pytest.mark.parametrize("port", ["", "0", "+443", "-443", "0x1bb", "443a", " 443", "44 3", "443:443", "00000000000443x"])
def test_H7_a_port_that_is_no_number_is_refused(guarded, port):
    assert connect(guarded, f"good.example:{port}").status in (400, 403)
    then_a_plain_request_is_served(guarded)


@pytest.mark.parametrize("target", ["/path", "http://good.example:{port}/", "good.example:{port}/path", "good.example", "*", ":{port}",
                                    "user@good.example:{port}", "user:pw@good.example:{port}", "good.example:{port}?q", "good.example:{port}#f",
                                    "good\\.example:{port}", "good%2eexample%00:{port}", "[good.example]:{port}", "[127.9.9.9]:{port}"])
def test_H7_connect_to_what_is_no_host_and_port_is_refused(guarded, target):
    assert connect(guarded, target.format(port=guarded.good.port)).error == "bad-request"
    assert guarded.good.connections == []
    then_a_plain_request_is_served(guarded)


@pytest.mark.parametrize("field", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_H7_connect_with_a_body_is_refused(guarded, field):
    answer = connect(guarded, f"good.example:{guarded.good.port}", b"hello", field + "\r\n")
    assert answer.status == 400
    assert b"hello" not in guarded.good.received
    then_a_plain_request_is_served(guarded)


def test_H7_bytes_after_a_refused_connect_belong_to_nobody(guarded):
    with guarded.connect() as sock:
        stream = Stream(sock)
        early = f"GET http://good.example:{guarded.good.port}/early HTTP/1.1\r\nHost: good.example\r\n\r\n".encode()
        sock.sendall(b"CONNECT good.example:25 HTTP/1.1\r\nHost: good.example:25\r\n\r\n" + early)
        assert read_response(stream, "CONNECT").status == 403
        assert stream.rest() == b""
    assert guarded.good.received == b""
    then_a_plain_request_is_served(guarded)


def test_H7_the_dashboard_and_the_proxy_itself_are_refused_even_where_loopback_is_allowed(start):
    paravent = start()
    paravent.stop()
    own = [paravent.port, paravent.dashboard]
    paravent.defaults["proxy"]["ports"] += own
    paravent.write_settings(None)
    paravent.start()
    for port in own:
        for host in ("127.0.0.1", "localhost", "127.0.0.2"):
            if host != "127.0.0.2":
                answer, stream = paravent.tunnel(host, port)
                stream.socket.close()
                assert (answer.status, answer.error in ("refused-destination", "loop")) == (403, True) or answer.error == "loop", (host, port, answer)
                answer = paravent.get(f"http://{host}:{port}/api/v1/status")
                assert answer.error in ("refused-destination", "loop"), (host, port, answer)
            code, stream = paravent.socks(host, port)
            stream.socket.close()
            assert code != 0, (host, port)


def test_H7_every_address_of_this_computer_leads_to_the_proxy_itself_where_it_listens_on_all(netns, start):
    subprocess.run(["ip", "address", "add", "192.168.77.1/32", "dev", "lo"], check=True, capture_output=True)
    paravent = start({"proxy": {"listen": ["0.0.0.0:8480"], "ports": [8480], "private_destinations": ["127.0.0.0/8", "192.168.0.0/16"]}})
    paravent.port = 8480
    for host in ("192.168.77.1", "127.0.0.1", "127.0.0.2", "0.0.0.0"):
        answer, stream = paravent.tunnel(host, 8480)
        stream.socket.close()
        assert (answer.status, answer.error) == (403, "loop"), host
    answer, stream = paravent.tunnel("192.168.77.2", 8480)  # local here as well, but no address of an interface
    stream.socket.close()
    assert answer.status == 200


@pytest.mark.parametrize("port", [80, 443])
def test_H7_the_dashboards_name_is_no_destination(start, port):
    paravent = start()
    answer, stream = paravent.tunnel("paravent.local", port)
    if port == 443:  # ends here, at the box's own https, and nowhere else
        assert answer.status == 200
        with credulous().wrap_socket(stream.socket, server_hostname="paravent.local") as tls:
            assert ssl.DER_cert_to_PEM_cert(tls.getpeercert(True)) in (paravent.state / "box.pem").read_text()
    else:
        assert (answer.status, answer.error) == (403, "refused-destination")
    stream.socket.close()
    code, stream = paravent.socks("paravent.local", port)
    stream.socket.close()
    assert code == 2


def test_H7_a_scheme_that_is_not_http_is_refused(guarded):
    for target in ("ftp://good.example/", "file:///etc/passwd", "gopher://good.example:80/", "https://good.example/"):
        try:
            answer = guarded.send(f"GET {target} HTTP/1.1\r\nHost: good.example\r\n\r\n".encode())
            assert answer.status in (400, 403, 501), target
        except Closed:
            raise AssertionError(f"no answer to {target}") from None
    then_a_plain_request_is_served(guarded)
