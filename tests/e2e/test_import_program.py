"""paravent-import: Meta's export on its standard input, what it comes to as lines on its standard output. Also D8: exports
that were made to do harm."""
import hashlib
import io
import json
import os
import random
import struct
import subprocess
import sys
import threading
import zipfile
import zlib

import pytest

from conftest import ALL
from program import CHECKED, PROGRAM

IMPORT = PROGRAM.parent / "paravent-import"
pytestmark = pytest.mark.skipif(not IMPORT.exists(), reason="paravent-import does not stand beside the program")
MIB = 1024 * 1024
FOLDER = "apps_and_websites_off_of_facebook/"
ACTIVITY = FOLDER + "your_activity_off_meta_technologies.json"
PAGES = FOLDER + "your_activity_off_meta_technologies/"
INSTAGRAM = "apps_and_websites_off_of_instagram/apps_and_websites/your_activity_off_meta_technologies.json"
NOON = 1_700_049_600  # 2023-11-15, day 19676

# Waits for the program with its memory: the most of one child that has ended is that child's alone.
MEASURE = """import resource, subprocess, sys
status = subprocess.run([sys.argv[1]]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status if status >= 0 else 100 - status)"""


class Result:
    """What came of one run; `pieces` are written to a pipe, one after the other."""

    def __init__(self, *pieces, timeout=120, measured=False):
        command = [sys.executable, "-c", MEASURE, str(IMPORT)] if measured else [str(IMPORT)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.sha256, self.written = hashlib.sha256(), 0
        feeder = threading.Thread(target=self._feed, args=(process.stdin, pieces))
        feeder.start()
        errors = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
        reader.start()
        killer = threading.Timer(timeout * (5 if CHECKED else 1), process.kill)
        killer.start()
        output = process.stdout.read()
        self.status = process.wait()
        killer.cancel()
        feeder.join()
        reader.join()
        words = errors[0].decode()
        assert self.status in (0, 1), (self.status, words)
        lines = [json.loads(line) for line in output.decode().splitlines()]
        if measured and not CHECKED:
            assert int(words.split()[-1]) * 1024 < 64 * MIB
        if self.status == 1:
            assert len(lines) == 1 and lines[0].keys() - {"nothing"} == {"error"}  # an error never follows data
        self.error = lines[0]["error"] if self.status else None
        self.rows, self.end = ([], None) if self.status else (lines[:-1], lines[-1]["end"])
        assert self.status or self.end["sha256"] == self.sha256.hexdigest()

    def _feed(self, pipe, pieces):
        try:
            with pipe:
                for piece in pieces:
                    for part in [piece] if isinstance(piece, bytes) else piece:
                        self.sha256.update(part)
                        self.written += len(part)
                        pipe.write(part)
        except BrokenPipeError:
            pass  # it has seen enough


def event(kind="PURCHASE", account=853766335050306, time=NOON):
    return {"id": account, "type": kind, "timestamp": time}


def v2(*businesses, key="off_facebook_activity_v2"):
    return json.dumps({key: [{"name": name, "events": events} for name, events in businesses]}, indent=1).encode()


def labels(*businesses, words=("ID", "Event", "Received on")):
    return json.dumps([{"title": name, "fbid": "7", "media": [], "label_values": [{"label": "Events", "vec": [
        {"dict": [{"label": words[0], "value": str(e["id"])}, {"label": words[1], "value": e["type"]},
                  {"label": words[2], "timestamp_value": e["timestamp"]}]} for e in events]}]} for name, events in businesses]).encode()


def page(name, *events):
    """Of (id, event, received on)."""
    tables = "".join(f"<table><tr><td>ID</td><td>{i}</td></tr><tr><td>Event</td><td>{e}</td></tr>"
                     f"<tr><td>Received on</td><td>{t}</td></tr></table>" for i, e, t in events)
    return f"<!doctype html><html><head><style>a{{}}</style></head><body><h2>{name}</h2>{tables}</body></html>".encode()


def index(*files):
    links = "".join(f'<div><a href="{PAGES}{file}">x</a></div>' for file in files)
    return f"<html><body><h1>Activity</h1>{links}</body></html>".encode()


class Streamed(io.RawIOBase):
    """A file that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self):
        self.content = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.content += data
        return len(data)


def zipped(entries, streamed=False, method=zipfile.ZIP_DEFLATED, force_zip64=False):
    out = Streamed() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            with archive.open(name, "w", force_zip64=force_zip64) as entry:
                entry.write(content)
    return bytes(out.content) if streamed else out.getvalue()


ONE = v2(("shop.example", [event(), event("PAGE_VIEW", time=NOON - 86_400)]))
ROW = {"name": "shop.example", "account": "853766335050306", "types": {"PAGE_VIEW": 1, "PURCHASE": 1}, "first": NOON - 86_400,
       "last": NOON, "days": [[19675, 1], [19676, 1]], "months": [[646, 2]]}


# --- what is read -------------------------------------------------------------------------------------------------

def test_a_file_and_its_zip_come_to_the_same():
    for content in (ONE, b"\xef\xbb\xbf" + ONE, zipped({ACTIVITY: ONE})):
        result = Result(content)
        assert result.rows == [ROW]
        assert {k: result.end[k] for k in ("source", "events", "skipped", "zoned", "files")} == {
            "source": "facebook", "events": 2, "skipped": 0, "zoned": True, "files": 1}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("force_zip64", [False, True])
def test_zips_of_each_kind_are_read(streamed, method, force_zip64):
    content = zipped({"facebook-ana/": b"", "facebook-ana/photos/1.jpg": os.urandom(300_000), "facebook-ana/" + ACTIVITY: ONE,
                      "facebook-ana/posts/posts_1.json": b"not even JSON", "facebook-ana/" + FOLDER + "settings.json": b"["},
                     streamed, method, force_zip64)
    assert Result(content).rows == [ROW]


def test_pieces_of_a_pipe_make_no_difference():
    content = zipped({ACTIVITY: ONE})
    assert Result([content[i:i + 1] for i in range(len(content))]).rows == [ROW]


def test_the_shape_of_2026_is_read_in_any_language():
    words = ("Kennung", "Ereignis", "Empfangen am")
    result = Result(labels(("shop.example", [event("Purchase"), event("Page view", time=NOON - 86_400)]), words=words))
    assert result.rows == [ROW]


def test_instagrams_export_is_told_by_its_key_and_by_its_folder():
    by_key = Result(v2(("shop.example", [event()]), key="apps_and_websites_off_meta_activity"))
    by_folder = Result(zipped({"ig/" + INSTAGRAM: labels(("shop.example", [event()]))}))
    assert by_key.end["source"] == by_folder.end["source"] == "instagram"
    both = Result(zipped({ACTIVITY: ONE, INSTAGRAM: labels(("shop.example", [event()]))}))
    assert both.end["source"] == "both" and both.end["files"] == 2 and both.rows[0]["types"]["PURCHASE"] == 2


def test_text_written_as_latin_1_escapes_is_mended():
    content = b'{"off_facebook_activity_v2":[{"name":"Caf\\u00c3\\u00a9","events":[{"id":1,"type":"LEAD","timestamp":1700049600}]}]}'
    assert Result(content).rows[0]["name"] == "Café"


@pytest.mark.parametrize("first", ["index", "pages"])
def test_of_html_only_linked_pages_count_wherever_the_index_stands(first):
    at = {PAGES + "shop 1.html": page("shop.example", (12, "PURCHASE", "Nov 15, 2023, 12:00 PM")),
          PAGES + "b.html": page("b.example", (12, "LEAD", "15.11.2023, 12:00")),
          PAGES + "0.html": page("shop.example", (12, "PURCHASE", "Nov 15, 2023, 12:00 PM"), (12, "LEAD", "whenever"))}
    start = {FOLDER + "your_activity_off_meta_technologies.html": index("shop%201.html", "b.html")}
    entries = {**start, **at} if first == "index" else {**at, **start}
    result = Result(zipped({"root/" + name: content for name, content in entries.items()}))
    assert [(row["name"], row["types"], row["last"]) for row in result.rows] == [("b.example", {"LEAD": 1}, NOON),
                                                                                ("shop.example", {"PURCHASE": 1}, NOON)]
    assert result.end["zoned"] is False and result.end["skipped"] == 0 and result.end["files"] == 4


def test_pages_whose_index_lies_in_another_part_count_once():
    again = page("shop.example", (12, "PURCHASE", "Nov 15, 2023, 12:00 PM"))
    result = Result(zipped({PAGES + "shop.html": again, PAGES + "0.html": again}))
    assert result.rows[0]["types"] == {"PURCHASE": 1}
    # Here it repeats a page of the other part.
    result = Result(zipped({PAGES + "b.html": page("b.example", (12, "LEAD", "15.11.2023, 12:00")), PAGES + "0.html": again}))
    assert [row["name"] for row in result.rows] == ["b.example"]


def test_a_page_by_itself_is_read_and_an_index_by_itself_asks_for_the_rest():
    assert Result(page("shop.example", (12, "LEAD", "2023-11-15T12:00:00Z"))).end["zoned"] is True
    assert "without its pages" in Result(index("a.html")).error


def test_a_style_sheet_in_every_place_of_a_piece_hides_no_page():
    for filling in range(16_325, 16_384, 3):
        content = b"<html><head><style>" + b"x" * filling + page("shop.example", (12, "LEAD", "15.11.2023, 12:00"))[37:]
        assert Result(content).end["events"] == 1, filling


def test_what_cannot_be_read_is_counted():
    result = Result(v2(("shop.example", [event(), {"id": 1}, 5, event(time=0)])))
    assert result.end["events"] == 1 and result.end["skipped"] == 3


def test_an_export_without_events_is_one():
    assert Result(v2()).end["events"] == 0
    assert Result(zipped({ACTIVITY: b"[]"})).end["events"] == 0


# --- what is refused, and what it says ------------------------------------------------------------------------------

@pytest.mark.parametrize("content", [b"{}", b"[]", b"<html></html>", json.dumps({"friends_v2": [{"name": "x"}]}).encode(),
                                     zipped({"posts/posts_1.json": b"{}"}), zipped({ACTIVITY: b"{}"})], ids=range(6))
def test_what_holds_no_such_activity_says_what_to_ask_for(content):
    error = Result(content).error
    assert "holds none of what others told Meta about you" in error and "Apps and websites off of Facebook" in error


@pytest.mark.parametrize("content, words", [
    (b"", "is empty"), (b"   ", "neither a zip"), (b"Rar!\x1a\x07\x00", "neither a zip"), (b"%PDF-1.7", "neither a zip"),
    (zipped({}), "holds none"), (ONE.decode().encode("utf-16"), "UTF-16"), (b"\xef\xbb\xbf", "neither a zip"),
    (zipped({ACTIVITY: ONE.decode().encode("utf-16")}), "UTF-16"), (ONE[:-3], "breaks off"), (ONE + b"x", "no good JSON")], ids=range(10))
def test_other_files_are_refused_with_a_way_out(content, words):
    assert words in Result(content).error


def test_neither_words_nor_a_terminal_are_taken():
    given = subprocess.run([IMPORT, "file.zip"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    assert given.returncode == 2 and "takes no words" in given.stderr and not given.stdout
    ours, theirs = os.openpty()
    seen = subprocess.run([IMPORT], stdin=theirs, capture_output=True, text=True, timeout=20)
    os.close(ours), os.close(theirs)
    assert seen.returncode == 2 and not seen.stdout


# --- D8: made to do harm ----------------------------------------------------------------------------------------------

def test_a_zip_cut_anywhere_is_an_error():
    content = zipped({"a.txt": b"x", ACTIVITY: ONE, "z.txt": b"y" * 100})
    for size in [*range(4, len(content) - 30, 7), *range(len(content) - 30, len(content))]:
        assert Result(content[:size]).error, size


def test_a_zip_that_lost_an_entry_in_the_middle_is_an_error():
    content = zipped({ACTIVITY: ONE, PAGES + "x.json": b"y" * 100, "last.txt": b"z" * 50})
    start = content.index(b"PK\x03\x04", 10)
    end = content.index(b"PK\x03\x04", start + 10)
    assert "damaged" in Result(content[:start] + content[end:]).error


def test_a_wrong_check_sum_is_an_error():
    content = bytearray(zipped({ACTIVITY: ONE}, method=zipfile.ZIP_STORED))
    content[content.index(b"PURCHASE")] ^= 1
    assert "damaged" in Result(bytes(content)).error


@pytest.mark.parametrize("name", ["/" + ACTIVITY, "../" + ACTIVITY, "a/../../" + ACTIVITY, "C:/" + ACTIVITY, "..\\" + ACTIVITY])
def test_names_that_lead_out_of_the_archive_are_not_read(name, tmp_path):
    before = set(os.listdir("/tmp"))
    assert "holds none" in Result(zipped({name: ONE})).error
    assert Result(zipped({name: v2(("evil.example", [event()])), ACTIVITY: ONE})).rows == [ROW]
    assert not any(FOLDER.rstrip("/") in entry for entry in set(os.listdir("/tmp")) - before)


def test_a_link_is_a_text_that_is_no_json():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(ACTIVITY)
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    error = Result(out.getvalue()).error
    assert error and "root:" not in error


def test_an_encrypted_entry_says_so_and_another_one_does_not_matter():
    content = bytearray(zipped({"photos/1.jpg": b"x" * 50, ACTIVITY: ONE}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(signature) + at] |= 1  # of the last entry
    assert "password" in Result(bytes(content)).error
    content = bytearray(zipped({"photos/1.jpg": b"x" * 50, ACTIVITY: ONE}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    assert Result(bytes(content)).rows == [ROW]


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_ways_of_packing_that_meta_does_not_use_are_refused(method):
    assert "packed in a way" in Result(zipped({ACTIVITY: ONE}, method=method)).error


def deflated(piece, times, name=ACTIVITY, head=b"", tail=b""):
    """A zip with one entry, its content head + times * piece + tail, made without unpacking it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    whole = zlib.compressobj(9, zlib.DEFLATED, -15)
    unit = whole.compress(piece) + whole.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it, so it can be repeated
    last = zlib.compressobj(9, zlib.DEFLATED, -15)
    body += unit * times + last.compress(tail) + last.flush()
    size, name = len(head) + len(piece) * times + len(tail), name.encode()
    extra = struct.pack("<HHQQ", 1, 16, size, len(body))
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 45, 0, 8, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra)) + name + extra
    central = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 45, 45, 0, 8, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra),
                          0, 0, 0, 0, 0) + name + extra
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local) + len(body), 0)
    return local + body + central + end


@pytest.mark.parametrize("piece", [b"\0", pytest.param(b" ", marks=pytest.mark.extra), pytest.param(b"[", marks=pytest.mark.extra)])
def test_ten_gigabytes_of_one_byte(piece):
    size = (100 if CHECKED else 10_000) * MIB
    content = deflated(piece * MIB, size // MIB, head=b'{"x":"' if piece == b"[" else b"")
    error = Result(content, timeout=550, measured=True).error
    assert "far more than an export" in error if piece != b"\0" and not CHECKED else error


def test_ten_gigabytes_of_something_else_are_passed_over():
    bomb = deflated(b"\0" * MIB, 10_000, name="photos/1.jpg")
    good = zipped({ACTIVITY: ONE})
    local = bomb[:bomb.index(b"PK\x01\x02")]
    central, end = good[good.index(b"PK\x01\x02"):good.index(b"PK\x05\x06")], good[good.index(b"PK\x05\x06"):]
    assert Result(local + good[:good.index(b"PK\x01\x02")] + central + end, measured=True).rows == [ROW]


def test_a_gigabyte_of_json_through_a_pipe():
    size = (20 if CHECKED else 1_000 if ALL else 200) * MIB
    for head, piece, tail in (
            (b'{"off_facebook_activity_v2":[{"name":"', b"x" * MIB, b'","events":[]}]}'),
            (b'{"', b"x" * MIB, b'":[]}'),
            (b'{"off_facebook_activity_v2":[{"name":"a","events":[{"id":', b"1" * MIB, b',"timestamp":1700049600}]}]}')):
        result = Result([head], (piece for _ in range(size // MIB)), [tail], measured=True)
        assert result.written > size
        assert "holds none" in result.error if piece[0:1] != b"1" and b"off" not in head else result.end


def test_a_depth_of_100_000():
    times = 100_000
    for content in (b"[" * times, b'{"off_facebook_activity_v2":' * times, b'{"x":' + b"[" * times + b"]" * times + b"}",
                    b"<div>" * times, b"<html><table>" + b"<tr><td><table>" * times):
        assert "deep" in Result(content, measured=True).error, content[:30]


def test_html_that_does_not_end():
    for begin in (b"<html><!-- ", b'<a href="', b"<html><script>", b"<html><p>", b"<html><p title='>"):
        assert Result([begin], (b"x" * MIB for _ in range(200)), measured=True).error


def test_more_businesses_than_are_taken():
    def businesses(number):
        yield b'{"off_facebook_activity_v2":['
        for i in range(number):
            yield b'%s{"name":"shop%d.example","events":[{"id":%d,"type":"LEAD","timestamp":%d}]}' % (b"," * (i > 0), i, i, NOON - i)
        yield b"]}"

    assert len(Result(businesses(50_000), measured=True).rows) == 50_000
    assert "more than Paravent takes" in Result(businesses(70_000), measured=True).error


def test_rows_as_large_as_they_can_be():
    def businesses():
        yield b'{"off_facebook_activity_v2":['
        events = b",".join(b'{"id":1,"type":"T%d-%s","timestamp":%d}' % (k, b"x" * 60, NOON - k * 86_400) for k in range(100))
        for i in range(15_000):
            yield b'%s{"name":"%d%s","events":[%s]}' % (b"," * (i > 0), i, "\u00e9".encode() * 200, events)
        yield b"]}"

    assert "more than Paravent takes" in Result(businesses(), measured=True).error


def test_links_without_end():
    def links():
        yield b"<html>"
        for i in range(300_000):
            yield b'<a href="%d.html">x</a>' % i

    assert "more than Paravent takes" in Result(links(), measured=True).error


def test_random_bytes():
    numbers = random.Random(8)
    whole = zipped({"a/" + ACTIVITY: ONE, "a/" + PAGES + "1.html": page("a", (1, "LEAD", "15.11.2023, 12:00"))}, streamed=True)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(numbers.randrange(1, 20)):
            damaged[numbers.randrange(len(damaged))] = numbers.randrange(256)
        Result(bytes(damaged))  # either way within its bounds, and never by a signal
    for head in (b"", b"PK\x03\x04", b"{", b"<"):
        assert Result(head + numbers.randbytes(100_000)).error


def test_the_program_opens_nothing_once_it_reads(tmp_path):
    trace = tmp_path / "trace"
    try:
        subprocess.run(["strace", "-f", "-o", trace, IMPORT], input=zipped({ACTIVITY: ONE}), capture_output=True, timeout=60)
        lines = trace.read_text().splitlines()
    except (FileNotFoundError, PermissionError):
        pytest.skip("no strace")
    read = next((n for n, line in enumerate(lines) if " read(0" in line), None)
    if read is None:
        pytest.skip("nothing can be traced here")
    later = [line for line in lines[read:] if any(call in line for call in (" open", " socket(", " connect(", " execve("))]
    assert all(" = -1 EMFILE" in line for line in later)  # libarchive would like to know the time zone
    assert any("RLIMIT_NOFILE" in line and "rlim_cur=3" in line for line in lines[:read])
