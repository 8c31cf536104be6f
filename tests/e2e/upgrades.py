"""A service that is succeeded by a new version of itself: the program in a place of its own, and the processes that follow."""
import os
import re
import shutil
import signal
from pathlib import Path

import program
from conditions import eventually

BLOCKED = "connect.facebook.net"
# A new version that takes the state, and then does what a test adds.
SPEAKS = """#!/usr/bin/env python3
import os, socket, sys, time
channel = socket.socket(fileno=int(os.environ["PARAVENT_PREDECESSOR"].split()[0]))
channel.send(b"state")
assert channel.recv(16) == b"yours"
"""


class Line:
    """One paravent and its successors. `install` puts another program in its place, as a package's upgrade does."""

    def __init__(self, start, folder, monkeypatch, **options):
        self.built = program.PROGRAM
        self.file = Path(folder) / "bin" / "paravent"
        self.file.parent.mkdir()
        self.install()
        monkeypatch.setattr(program, "PROGRAM", self.file)
        self.paravent = start(**options)
        self.pids = [self.paravent.pid]
        self.codes = {}

    def install(self, text=None, mode=0o755):
        """The built program again, or another one: a new file under the old name."""
        fresh = self.file.with_name("paravent.dpkg-new")
        if text is None:
            shutil.copy(self.built, fresh)
        else:
            fresh.write_text(text)
        fresh.chmod(mode)
        fresh.rename(self.file)

    @property
    def pid(self):
        """The process that serves now."""
        return self.pids[-1]

    def ask(self):
        """Asks for an upgrade; the number of lines it had said before."""
        said = len(self.paravent.lines)
        os.kill(self.pid, signal.SIGUSR2)
        return said

    def follow(self, said, within=60):
        """The new process, once it serves."""

        def serves():
            for line in self.paravent.lines[said:]:
                if found := re.search(r"the new version serves \(process (\d+)\)", line):
                    return int(found[1])
                assert "this one goes on" not in line, line
            return None

        self.pids.append(eventually(serves, f"a new version that serves; it said {self.paravent.lines[said:]}", within))
        return self.pid

    def candidate(self, said):
        """The process of a new version that says "process N" and no more, once it said so."""
        return int(self.paravent.wait_line(r"^process \d+$", within=20, since=said).split()[1])

    def upgrade(self, within=60):
        return self.follow(self.ask(), within)

    def refusal(self, said, within=60):
        """The sentence with which the old one goes on."""
        return eventually(lambda: next((line for line in self.paravent.lines[said:] if "this one goes on" in line), None),
                          f"a sentence that says why; it said {self.paravent.lines[said:]}", within)

    def ended(self, pid):
        """The exit code, once the process has ended; None before."""
        if pid == self.pids[0]:
            return self.paravent.process.poll()
        if pid not in self.codes:
            found, status = os.waitpid(pid, os.WNOHANG)  # all of the line are children of who started the first
            if found != pid:
                return None
            self.codes[pid] = os.waitstatus_to_exitcode(status)
        return self.codes[pid]

    def wait_end(self, pid, within=20):
        eventually(lambda: self.ended(pid) is not None, f"the end of process {pid}; it said {self.paravent.lines[-8:]}", within)
        return self.ended(pid)

    def start_again(self):
        """After the end of all: the same program and state from the beginning."""
        self.paravent.start()
        self.pids = [self.paravent.pid]

    def stop(self):
        """All of them, cleanly."""
        for pid in self.pids:
            if pid == self.pids[0]:
                if self.paravent.alive():
                    self.paravent.signal(signal.SIGTERM)
            elif self.ended(pid) is None:
                os.kill(pid, signal.SIGTERM)
        codes = {pid: self.wait_end(pid) for pid in self.pids}
        report = [line for line in self.paravent.lines if program.SANITIZERS.search(line)]
        assert not report, "\n".join(self.paravent.lines[-60:])
        assert set(codes.values()) <= {0, -signal.SIGKILL}, (codes, self.paravent.lines[-20:])


def blocked(paravent):
    answer, stream = paravent.tunnel(BLOCKED)
    stream.socket.close()
    assert answer.status == 403


def passes(stream):
    stream.socket.sendall(b"still here")
    return stream.exactly(10) == b"still here"


def swallowing(stream):
    """Reads on, and keeps nothing."""

    def task(load):
        with stream.socket:
            while not load.over.is_set() and stream.socket.recv(65536):
                pass

    return task
