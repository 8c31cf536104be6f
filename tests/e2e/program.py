"""The real program, started with settings of the test's own, and what is asked of it from outside."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from conditions import eventually
from http1 import Stream, read_response
from ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("PARAVENT", REPOSITORY / "build/release/paravent"))
SANITIZERS = re.compile(r"AddressSanitizer|ThreadSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:")
CHECKED = "asan" in str(PROGRAM) or "ubsan" in str(PROGRAM) or "tsan" in str(PROGRAM)  # memory is not measured in these


def toml(settings):
    """Sections of plain values; a list of dictionaries becomes [[section]]."""

    def value(v):
        return "[" + ", ".join(map(value, v)) + "]" if isinstance(v, (list, tuple)) else json.dumps(v)

    lines = []
    for section, content in settings.items():
        for table in content if isinstance(content, list) else [content]:
            lines.append(f"[[{section}]]" if isinstance(content, list) else f"[{section}]")
            lines += [f"{key} = {value(v)}" for key, v in table.items()]
    return "\n".join(lines) + "\n"


def merged(first, second):
    result = {section: dict(content) if isinstance(content, dict) else list(content) for section, content in first.items()}
    for section, content in (second or {}).items():
        result[section] = {**result.get(section, {}), **content} if isinstance(content, dict) else content
    return result


class Paravent:
    """One running `paravent run`. Names in `hosts` resolve to 127.0.0.1 unless given as {name: address}."""

    def __init__(self, folder, ports=(), settings=None, hosts=(), env=None, before=(), descriptors=(), ready=True):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state = self.folder / "state"
        self.port, self.dashboard = free_port(), free_port()
        self.hosts = self.folder / "hosts"
        self.write_hosts(hosts)
        self.defaults = {
            "proxy": {"listen": [f"127.0.0.1:{self.port}"], "clients": ["loopback"], "ports": [80, 443, *ports],
                      "private_destinations": ["127.0.0.0/8"]},
            "dashboard": {"listen": f"127.0.0.1:{self.dashboard}"},
            "resolver": {"hosts": str(self.hosts), "servers": ["127.0.0.1:9"]},  # nobody answers there: no test asks the world
            "statistics": {"flush": "0s"},
            "limits": {"drain": "2s"},
        }
        self.config = self.folder / "paravent.toml"
        self.write_settings(settings)
        self.environment = {**os.environ, **(env or {})}
        self.before, self.descriptors_given = list(before), list(descriptors)
        self.lines, self.process = [], None
        self.start(ready)

    # --- its life -------------------------------------------------------------------------------------------------

    def write_settings(self, settings):
        self.settings = merged(self.defaults, settings)
        self.config.write_text(toml(self.settings))

    def write_hosts(self, hosts):
        pairs = hosts.items() if isinstance(hosts, dict) else ((name, "127.0.0.1") for name in hosts)
        self.hosts.write_text("".join(f"{address} {name}\n" for name, address in pairs))

    def start(self, ready=True):
        command = [*self.before, str(PROGRAM), "run", "--config", str(self.config), "--state", str(self.state)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env=self.environment, pass_fds=self.descriptors_given)
        self.began = len(self.lines)
        self.reader = threading.Thread(target=self._listen, args=(self.process.stderr,), daemon=True)
        self.reader.start()
        if ready:
            self.wait_line("listening on ", within=20)

    def _listen(self, pipe):
        for line in pipe:
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    def said(self, pattern, since=0):
        return next((line for line in self.lines[max(since, self.began):] if re.search(pattern, line)), None)

    def wait_line(self, pattern, within=5.0, since=0):
        """The first line of stderr (of this start, from number `since`) in which the pattern is found."""

        def found():
            line = self.said(pattern, since)
            assert line or self.process.poll() is None, f"ended with {self.process.returncode}: " + "\n".join(self.lines[-20:])
            return line

        return eventually(found, f"a line with {pattern!r} on stderr; it said {self.lines[-10:]}", within)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self, settings=None):
        self.write_settings(settings)
        self.signal(signal.SIGHUP)

    def kill(self):
        self.process.kill()
        self.process.wait(10)
        self.reader.join(10)

    def stop(self, within=20):
        """SIGTERM; asserts the clean ending that every test owes."""
        if self.alive():
            self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {within} s after SIGTERM: {self.lines[-10:]}") from None
        self.reader.join(10)
        report = [line for line in self.lines if SANITIZERS.search(line)]
        assert not report, "\n".join(self.lines[-60:])
        assert code == 0, f"exit {code}: " + "\n".join(self.lines[-20:])

    # --- as a client ----------------------------------------------------------------------------------------------

    def connect(self, source=None, timeout=10):
        sock = socket.create_connection(("127.0.0.1", self.port), timeout, (source, 0) if source else None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def send(self, data, method="GET", timeout=10):
        """One request as raw bytes on a fresh connection; the final response, or Closed."""
        with self.connect(timeout=timeout) as sock:
            sock.sendall(data)
            return read_response(Stream(sock), method)

    def get(self, url, fields=(), method="GET", body=None):
        head = [f"{method} {url} HTTP/1.1", f"Host: {urlsplit(url).netloc}", *fields]
        if body is not None:
            head.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + (body or b""), method)

    def tunnel(self, host, port=443, early=b"", timeout=10):
        """CONNECT; the response and the stream behind it (the caller closes stream.socket)."""
        name = f"[{host}]" if ":" in host else host
        stream = Stream(self.connect(timeout=timeout))
        stream.socket.sendall(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode() + early)
        return read_response(stream, "CONNECT"), stream

    def socks(self, host, port=443, timeout=10):
        """SOCKS5 CONNECT by name (or by address where host is one); the reply code and the stream behind it."""
        stream = Stream(self.connect(timeout=timeout))
        stream.socket.sendall(b"\x05\x01\x00")
        assert stream.exactly(2) == b"\x05\x00"
        stream.socket.sendall(b"\x05\x01\x00" + socks_address(host) + port.to_bytes(2, "big"))
        return read_socks_reply(stream), stream

    def api(self, path, method="GET", body=None, token=True, timeout=10):
        """(status, parsed body) of the HTTP API."""
        connection = http.client.HTTPConnection("127.0.0.1", self.dashboard, timeout=timeout)
        headers = {"Authorization": "Bearer " + (self.state / "token").read_text().strip()} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def cli(self, *arguments, stdin=None, timeout=30):
        command = [str(PROGRAM), *map(str, arguments), "--config", str(self.config), "--state", str(self.state)]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout, env=self.environment)

    def events(self):
        """All events, oldest first, by the pages of the API."""
        found, cursor = [], ""
        while True:
            status, page = self.api(f"/events?limit=500{cursor}")
            assert status == 200, page
            found += page["items"]
            if not page["next"]:
                return found[::-1]
            cursor = f"&cursor={page['next']}"

    def events_by_command(self):
        """What `paravent events --json` prints."""
        done = self.cli("events", "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def totals(self):
        status, body = self.api("/stats")
        assert status == 200, body
        return body["total"]

    # --- from outside ---------------------------------------------------------------------------------------------

    def pss(self):
        """Bytes of memory that are the program's own share."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return 1024 * int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])

    def written(self):
        """Bytes passed to write(2) and its kin, sockets included."""
        return int(re.search(r"wchar: (\d+)", Path(f"/proc/{self.pid}/io").read_text())[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_share(self, seconds=1.0):
        """The part of one core that it uses over a while."""
        begin, before = time.monotonic(), self.cpu_seconds()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / (time.monotonic() - begin)


def socks_address(host):
    for kind, family in ((b"\x01", socket.AF_INET), (b"\x04", socket.AF_INET6)):
        try:
            return kind + socket.inet_pton(family, host)
        except OSError:
            continue
    name = host.encode("latin-1")
    return b"\x03" + bytes([len(name)]) + name


def read_socks_reply(stream):
    version, code, reserved, kind = stream.exactly(4)
    assert (version, reserved) == (5, 0)
    stream.exactly({1: 4, 3: 0, 4: 16}[kind] + 2)
    return code


def serves_page(paravent):
    """Whether this program serves the built page at `/` (and not only a line of text)."""
    connection = http.client.HTTPConnection("127.0.0.1", paravent.dashboard, timeout=10)
    connection.request("GET", "/")
    body = connection.getresponse().read()
    connection.close()
    return b'<div id="page">' in body
