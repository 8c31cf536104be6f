"""The shortest way through the program in each of its protocols; when this fails, look no further."""
import json

from origin import echo, mirror


def test_a_plain_request_is_served(paravent, origin):
    web = origin(mirror)
    answer = paravent.get(f"http://shop.example:{web.port}/cart?a=1")
    assert answer.status == 200
    seen = json.loads(answer.body)
    assert (seen["method"], seen["target"]) == ("GET", "/cart?a=1")


def test_a_tunnel_carries_both_ways(paravent, origin):
    far = origin(echo)
    answer, stream = paravent.tunnel("origin.example", far.port)
    assert answer.status == 200
    with stream.socket as sock:
        sock.sendall(b"hello")
        assert stream.exactly(5) == b"hello"


def test_socks_carries_both_ways_by_name_and_by_address(paravent, origin):
    far = origin(echo)
    for host in ("origin.example", "127.0.0.1"):
        code, stream = paravent.socks(host, far.port)
        assert code == 0
        with stream.socket as sock:
            sock.sendall(b"hello")
            assert stream.exactly(5) == b"hello"


def test_the_loader_is_blocked_and_its_event_is_there(start):
    paravent = start(hosts=["connect.facebook.net"])
    answer, stream = paravent.tunnel("connect.facebook.net")
    stream.socket.close()
    assert answer.status == 403
    assert answer.rule.startswith("meta/")
    (event,) = paravent.events()
    assert paravent.events_by_command() == [event]
    assert (event["destination"], event["product"], event["verdict"], event["seen"]) == (
        "connect.facebook.net", "loader", "block", "host")
    assert event["rule"] == answer.rule
