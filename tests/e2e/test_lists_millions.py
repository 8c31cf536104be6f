"""Lists larger and stranger than anybody's: ten million rules, a line of 100 MB, NUL bytes, invalid UTF-8. The running
program bounds its memory, counts what it skipped, says what it refused, and keeps the other lists in force."""
import gzip
import json
import re
import resource
import shutil
import subprocess

import pytest

from memory import MIB
from origin import mirror
from program import PROGRAM, toml

MILLIONS = 10_000_000
MOST = 1024 * MIB  # of memory in use, while ten million rules are read
PATIENCE = 900     # seconds, on a machine that does other things

pytestmark = [pytest.mark.extra, pytest.mark.memory]

STRANGE = (b"||first.example^\n" + b"a" * 100_000_000 + b"\n"
           b"\xff\xfe.example\n"                # no UTF-8
           b"0.0.0.0 \xc3\x28.example\n"        # the first half of a letter
           b"||b\xff.example/x\n"
           b"/p\xc3\x28q\n"                     # bytes of a path may be any
           b"||last.example^\n")


def rules_of_three_kinds(begin, end):
    kinds = "||h%d.ex^\n", "||a.ex/p%d/\n", "||h%d.ex^\n", "/x%d/y*\n"
    return "".join(kinds[n % 4] % n for n in range(begin, end)).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The lists' files, some 40 MB; they and the state that grows beside them go at the end."""
    made = tmp_path_factory.mktemp("millions")
    with gzip.open(made / "millions.gz", "wb", 1) as packed, open(made / "plain.txt", "wb") as plain:
        for begin in range(0, MILLIONS, 100_000):
            piece = rules_of_three_kinds(begin, begin + 100_000)
            packed.write(piece)
            if begin < MILLIONS // 2:
                plain.write(piece)
    (made / "strange.gz").write_bytes(gzip.compress(STRANGE, 1))
    (made / "nul.txt").write_bytes(b"||nul.example^\n||n\0ul.example^\n")
    (made / "binary.txt").write_bytes(b"||nul.example^\n" + bytes(5000))
    (made / "beyond.gz").write_bytes(gzip.compress(b"\n" * (40 * MIB), 1))
    (made / "small.txt").write_text("||small.example^\n")
    yield made
    shutil.rmtree(made)


def bounded(*words, stdin=None):
    """The program with the address space that ten million rules may take; what it printed."""
    limit = MOST + 256 * MIB  # libraries and stacks are counted in it, used or not
    return subprocess.run([str(PROGRAM), *map(str, words)], input=stdin, capture_output=True, timeout=PATIENCE,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))


def judged(folder, lists, *urls):
    asked = "".join(json.dumps({"url": url, "frameUrl": "https://shop.example/", "cpt": "script"}) + "\n" for url in urls)
    words = [word for name in lists for word in ("--list", folder / name)]
    done = bounded("match", *words, stdin=asked.encode())
    assert done.returncode == 0, done.stderr
    return [line.split("\t", 1)[1] for line in done.stdout.decode().splitlines()]


def test_match_judges_by_ten_million_rules(folder):
    assert judged(folder, ["millions.gz"], "https://www.h0.ex/", "https://a.ex/p9999997/", "https://b.ex/x3/y", "https://b.ex/x4/y",
                  "https://h9999998.ex/") == [
        "block\tmillions.gz:1 ||h0.ex^", "block\tmillions.gz:9999998 ||a.ex/p9999997/", "block\tmillions.gz:4 /x3/y*", "pass\t",
        "block\tmillions.gz:9999999 ||h9999998.ex^"]


def test_match_reads_on_behind_a_line_of_100_MB_and_NUL_bytes(folder):
    assert judged(folder, ["strange.gz", "nul.txt"], "https://first.example/", "https://last.example/", "https://nul.example/",
                  "https://shop.example/") == [
        "block\tstrange.gz:1 ||first.example^", "block\tstrange.gz:7 ||last.example^", "block\tnul.txt:1 ||nul.example^", "pass\t"]


def entries(folder):
    names = ["millions.gz", "strange.gz", "plain.txt", "nul.txt", "binary.txt", "beyond.gz", "small.txt"]
    return [{"name": name.split(".")[0], "file": str(folder / name), "category": "custom"} for name in names]


REFUSED = {"plain": "is larger than 64 MiB", "binary": "is no text", "beyond": "and the lists before it have more text than can be taken, 256 MiB"}


def test_check_says_what_is_skipped_and_refused(folder, tmp_path):
    config = tmp_path / "paravent.toml"
    config.write_text(toml({"list": entries(folder)}))
    done = bounded("check", "--config", config, "--state", tmp_path / "state")
    said = done.stderr.decode().splitlines()
    assert done.returncode == 1
    for name, fault in REFUSED.items():
        assert sum(line.startswith(f"list {name}: ") and fault in line and "none of its rules is in force" in line for line in said) == 1
    lines = [int(line.removeprefix(f"{folder / 'strange.gz'}:").split(":")[0]) for line in said if "strange.gz:" in line]
    assert lines == [2, 3, 4, 5]
    assert sum("nul.txt:2:" in line for line in said) == 1
    assert len(said) == len(REFUSED) + len(lines) + 1
    assert all(len(line) < 300 and line.isprintable() for line in said)


def most_memory(paravent):
    with open(f"/proc/{paravent.pid}/status") as status:
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read())[1]) * 1024


def test_the_service_counts_what_it_skipped_and_goes_on_with_the_other_lists(folder, start, origin):
    web = origin(mirror)
    paravent = start({"list": entries(folder)}, ["small.example", "h9999998.ex", "last.example", "nul.example", "free.example"], ready=False)
    paravent.wait_line("listening on ", within=PATIENCE)
    try:
        shown = json.loads(paravent.cli("lists", "--json").stdout)["items"]
        rows = {row["name"]: row for row in shown}
        counts = {name: (rows[name]["rules"], rows[name]["skipped"], rows[name]["skipped_by"]) for name in ("millions", "strange", "nul", "small")}
        assert counts == {"millions": (MILLIONS, 0, {}), "strange": (3, 4, {"too long": 1, "bad host": 3}), "nul": (1, 1, {"blanks or binary": 1}),
                          "small": (1, 0, {})}
        table = paravent.cli("lists").stdout.splitlines()
        for name, fault in REFUSED.items():
            assert fault in rows[name]["error"] and rows[name]["rules"] == 0
            assert sum(line.startswith(f"Not in order: {name}: ") and fault in line for line in table) == 1
        assert any(re.match(rf"millions\b.*\b{MILLIONS}\b", line) for line in table), table
        for host, rule in {"small.example": "small/1", "h9999998.ex": "millions/9999999", "last.example": "strange/7", "nul.example": "nul/1"}.items():
            assert paravent.get(f"http://{host}:{web.port}/").rule == rule
        assert paravent.get(f"http://free.example:{web.port}/").status == 200
        print(f"{most_memory(paravent) / MIB:.0f} MiB at most, {paravent.pss() / MIB:.0f} now")
        assert most_memory(paravent) < MOST
    finally:
        paravent.stop(120)
        shutil.rmtree(paravent.state)
