"""Sends recorded requests through the program, and stands in for every origin. Run as processes of their own by test_replay.py:

    replay.py origin PORT…               answers on every address; prints its count of connections when its input ends
    replay.py client PROXY FILE N OF     request N, N+OF, … of the file; prints LINE<TAB>OUTCOME<TAB>RULE<TAB>DETAIL for each"""
import json
import select
import socket
import sys

from http1 import Closed, Stream, read_request, read_response
from program import read_socks_reply, socks_address
from reading import default_port, host_of

DESTINATION = {"image": "image", "script": "script", "xhr": "empty", "fetch": "empty", "document": "iframe", "stylesheet": "style",
               "font": "font", "media": "video", "texttrack": "track", "manifest": "manifest", "ping": "empty"}


def serve(port, listener, count):
    sock, _ = listener.accept()
    with sock:
        sock.settimeout(10)
        stream = Stream(sock)
        try:
            if port == 80:
                read_request(stream)
                sock.sendall(b"HTTP/1.1 200 OK\r\nX-Origin: reached\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            else:
                stream.more()
                sock.sendall(b"reached " + stream.pending)
        except (OSError, Closed):
            return count
    return count + 1


def origin(ports):
    listeners = {}
    for port in map(int, ports):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", port))
        listener.listen(4096)
        listeners[listener.fileno()] = (port, listener)
    print("ready", flush=True)
    poll, count = select.poll(), 0
    for number in [0, *listeners]:
        poll.register(number, select.POLLIN | select.POLLHUP)
    while True:
        for number, _ in poll.poll():
            if number == 0:
                print(count, flush=True)
                return
            count = serve(*listeners[number], count)


def connected(proxy, source):
    sock = socket.socket()
    sock.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: many connections from one address
    sock.bind((source, 0))
    sock.settimeout(20)
    sock.connect(("127.0.0.1", proxy))
    return sock


def reached(stream, line):
    """That the tunnel ends at the stand-in: it says back what it was told."""
    token = b"%d\n" % line
    stream.socket.sendall(token)
    return stream.exactly(8 + len(token)) == b"reached " + token


def by_connect(stream, request, line):
    host, port = host_of(request["url"]), default_port(request["url"])
    stream.socket.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    answer = read_response(stream, "CONNECT")
    if answer.status == 200:
        return ("allow", "", "") if reached(stream, line) else ("lost", "", "")
    return ("block" if answer.status == 403 and answer.rule else f"error {answer.status}", answer.rule or "", answer.error or "")


def by_socks(stream, request, line):
    stream.socket.sendall(b"\x05\x01\x00")
    stream.exactly(2)
    stream.socket.sendall(b"\x05\x01\x00" + socks_address(host_of(request["url"])) + default_port(request["url"]).to_bytes(2, "big"))
    code = read_socks_reply(stream)
    if code == 0:
        return ("allow", "", "") if reached(stream, line) else ("lost", "", "")
    return ("block" if code == 2 else f"error {code}", "", "")


def by_absolute_form(stream, request, _):
    method, url = request.get("method", "GET"), request["url"].split("#")[0]
    fields = ["Host: " + host_of(url), "Referer: " + request["frameUrl"].split("#")[0], "User-Agent: Mozilla/5.0"]
    if request["cpt"] in DESTINATION:
        fields.append("Sec-Fetch-Dest: " + DESTINATION[request["cpt"]])
    body = b"{}" if method == "POST" else b""
    if body:
        fields += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    stream.socket.sendall("\r\n".join([f"{method} {url} HTTP/1.1", *fields]).encode("utf-8") + b"\r\n\r\n" + body)
    answer = read_response(stream, method)
    if answer.get("X-Origin"):
        return ("allow", "", "")
    verdict = {403: "block", 200: "answer", 204: "answer", 302: "answer"}.get(answer.status) if answer.rule else None
    return (verdict or f"error {answer.status}", answer.rule or "", f"{answer.status} {answer.get('Content-Type', '')} {len(answer.body)}"
            if verdict else answer.error or "")


def client(proxy, file, first, step):
    with open(file, encoding="utf-8") as lines:
        for line, text in enumerate(lines):
            if line % step != first:
                continue
            request = json.loads(text)
            way = by_absolute_form if not request["url"].startswith("https:") else by_socks if line % 3 == 0 else by_connect
            try:
                with connected(proxy, f"127.0.0.{10 + first}") as sock:
                    outcome = way(Stream(sock), request, line)
            except (OSError, Closed) as error:
                outcome = (f"error {type(error).__name__}", "", str(error)[:100])
            print(line, *outcome, sep="\t")


if __name__ == "__main__":
    if sys.argv[1] == "origin":
        origin(sys.argv[2:])
    else:
        client(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
