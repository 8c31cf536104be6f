"""Security goals, rows H2 and H3, and 'the target is the truth': what the origin gets to see of a request."""
import json

import pytest

from http1 import read_response, Stream
from origin import mirror, response, says


@pytest.fixture
def seen(paravent, origin):
    """seen(fields, …): the request as the origin saw it."""
    web = origin(mirror)

    def ask(fields=(), target="http://origin.example:{port}/p", host="origin.example:{port}", method="GET", body=b""):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *fields]
        raw = "\r\n".join(lines).replace("{port}", str(web.port)).encode("latin-1") + b"\r\n\r\n" + body
        answer = paravent.send(raw, method)
        assert answer.status == 200, answer
        result = json.loads(answer.body)
        result["names"] = [name.lower() for name, _ in result["fields"]]
        result["port"] = web.port
        return result

    return ask


def values(request, name):
    return [value for field, value in request["fields"] if field.lower() == name]


def test_H2_the_target_wins_over_another_host(seen):
    request = seen(host="other.example")
    assert values(request, "host") == [f"origin.example:{request['port']}"]
    assert request["target"] == "/p"


@pytest.mark.parametrize("host", ["", "other.example:99"])
def test_H2_the_target_wins_over_an_empty_host_and_another_port(seen, host):
    request = seen(host=host)
    assert values(request, "host") == [f"origin.example:{request['port']}"]


@pytest.mark.parametrize("path", ["/a/../b/./c", "/%7efoo/%2e%2e/x", "/?cd[x]=2&y={z}|^", "/a//b", "/%C3%A9?q=%20+", "/p?", "/;a=b?c?d"])
def test_H2_path_and_query_stay_untouched(seen, path):
    assert seen(target="http://origin.example:{port}" + path)["target"] == path


def test_H2_an_empty_path_becomes_a_slash_and_for_options_a_star(seen):
    assert seen(target="http://origin.example:{port}")["target"] == "/"
    assert seen(target="http://origin.example:{port}?q=1")["target"] == "/?q=1"
    assert seen(target="http://origin.example:{port}", method="OPTIONS")["target"] == "*"


def test_H2_a_name_in_upper_case_and_with_a_dot_is_the_same_name(seen):
    assert seen(target="http://ORIGIN.example:{port}/p")["target"] == "/p"
    assert seen(target="http://origin.example.:{port}/p")["target"] == "/p"


def test_H2_userinfo_in_the_target_is_refused(paravent, origin):
    web = origin(mirror)
    for target in (f"http://user@origin.example:{web.port}/", f"http://user:pw@origin.example:{web.port}/", f"http://@origin.example:{web.port}/"):
        answer = paravent.send(f"GET {target} HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
        assert (answer.status, answer.error) == (400, "bad-request"), target
    assert web.received == b""
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200


def test_H3_headers_that_connection_names_never_pass(seen):
    request = seen(["Connection: X-Secret, x-other", "X-Secret: 1", "X-Other: 2", "X-Kept: 3"])
    assert "x-secret" not in request["names"] and "x-other" not in request["names"]
    assert values(request, "x-kept") == ["3"]


def test_H3_two_connection_headers_count_as_one_list(seen):
    request = seen(["Connection: X-One", "X-One: 1", "Connection: close, X-Two", "X-Two: 2"])
    assert not {"x-one", "x-two"} & set(request["names"])


@pytest.mark.parametrize("field", ["Keep-Alive: timeout=5", "Trailer: X-T", "Upgrade: something/2", "Proxy-Connection: keep-alive",
                                   "Proxy-Authorization: Basic dTpw", "Proxy-Authenticate: Basic", "Proxy-Anything: 1"])
def test_H3_hop_by_hop_headers_never_pass(seen, field):
    assert field.split(":")[0].lower() not in seen([field])["names"]
    assert field.split(":")[0].lower() not in seen([field, "Connection: " + field.split(":")[0]])["names"] or field.startswith("Upgrade")


def test_H3_te_passes_as_the_proxys_own_word_about_trailers_alone(seen):
    """RFC 9110, 10.1.4: what the client accepts as a coding ends here; that trailers are welcome the proxy may say itself."""
    assert "te" not in seen()["names"]
    for field in ("TE: gzip", "TE: gzip, trailers;q=0.5", "TE: trailers"):
        request = seen([field, "Connection: TE"])
        assert values(request, "te") in ([], ["trailers"])
        assert values(request, "te") == [] or "te" in values(request, "connection")[0].lower()


def test_H3_connection_cannot_take_away_what_frames_the_message(paravent, origin):
    web = origin(mirror)
    raw = (f"POST http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example:{web.port}\r\n"
           "Connection: content-length, host, transfer-encoding\r\nContent-Length: 5\r\n\r\nhello").encode()
    answer = paravent.send(raw, "POST")
    if answer.status != 400:
        request = json.loads(answer.body)
        assert request["body"] == "hello" and values(request, "host") == [f"origin.example:{web.port}"]
    assert paravent.get(f"http://origin.example:{web.port}/").status == 200


def test_H3_ordinary_headers_pass_in_order_and_with_their_bytes(seen):
    fields = ["Cookie: a=1", "X-B: \xe9\xff", "X-A:   spaced  ", "X-B: two", "Accept:"]
    request = seen(fields)
    kept = [(name, value) for name, value in request["fields"] if name.lower() in ("cookie", "x-a", "x-b", "accept")]
    assert kept == [("Cookie", "a=1"), ("X-B", "\xe9\xff"), ("X-A", "spaced"), ("X-B", "two"), ("Accept", "")]


def test_H3_hop_by_hop_headers_of_a_response_never_pass(paravent, origin):
    web = origin(says(response(b"ok", fields=["Connection: X-Hop, close", "X-Hop: 1", "Keep-Alive: timeout=9", "X-Kept: 1",
                                              "Proxy-Connection: close", "Upgrade: h2c"])))
    with paravent.connect() as sock:
        stream = Stream(sock)
        for _ in range(2):  # the origin's "close" is the origin's alone
            sock.sendall(f"GET http://origin.example:{web.port}/ HTTP/1.1\r\nHost: origin.example\r\n\r\n".encode())
            answer = read_response(stream)
            assert answer.status == 200 and answer.get("X-Kept") == "1"
            for name in ("X-Hop", "Keep-Alive", "Upgrade"):
                assert answer.get(name) is None, name
            assert "X-Hop" not in answer.get("Connection", "")


@pytest.mark.parametrize("hops", ["0", "1"])
def test_max_forwards_is_obeyed(paravent, origin, hops):
    web = origin(mirror)
    answer = paravent.get(f"http://origin.example:{web.port}/", [f"Max-Forwards: {hops}"], method="OPTIONS")
    if hops == "0":
        assert answer.status == 200 and web.received == b""
    else:
        assert values(json.loads(answer.body), "max-forwards") == ["0"]
