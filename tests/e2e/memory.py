"""How much memory the program takes, at rest and while something happens."""
import os
import re
import threading
from pathlib import Path

MIB = 1024 * 1024


MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ (\w+ \S+ \d+)")
SIZE = re.compile(r"^(Rss|Anonymous): +(\d+) kB")


def resident(pid):
    """RSS in bytes of a process and of the helpers that it started; a page of a file that two of them map is there once. Unlike
    PSS it does not become less by what else runs on the computer."""
    files, own = {}, 0
    for each in family(pid):
        mapping, sizes = None, {}
        for line in read(f"/proc/{each}/smaps").splitlines():
            if found := MAPPING.match(line):
                mapping, sizes = found[1], {}
            elif found := SIZE.match(line):
                sizes[found[1]] = int(found[2])
                if found[1] == "Anonymous":
                    own += sizes["Anonymous"]
                    files[mapping] = max(files.get(mapping, 0), sizes["Rss"] - sizes["Anonymous"])
    return 1024 * (own + sum(files.values()))


def family(pid, above=None):
    """The process and what came of it, but not what is about to be another program: until then it has its parent's very memory."""
    try:
        program = os.readlink(f"/proc/{pid}/exe")
    except OSError:  # it has just ended
        return []
    children = [child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in read(file).split()]
    return [] if program == above else [pid, *(each for child in children for each in family(child, program))]


def read(file):
    try:
        return Path(file).read_text()
    except OSError:
        return ""


class Peak:
    """The most memory (PSS, unless told how to measure) that the program had while the block ran, beyond what it had before."""

    def __init__(self, paravent, measure=None):
        self.measure = measure or paravent.pss
        self.before = self.measure()
        self.most, self.over = self.before, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self.over.wait(0.005):
            self.most = max(self.most, self.measure())

    @property
    def risen(self):
        return self.most - self.before

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(10)
