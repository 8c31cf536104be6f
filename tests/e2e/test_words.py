"""The page's French words for what the service says in English: they can go stale, for no type ties them to the C++ sources
and to the rules. The files alone are read here; no program runs."""
import re

import pytest

from program import REPOSITORY

WORDS = REPOSITORY / "proxy/dashboard/web/src/words"
FRENCH = (WORDS / "fr-service.ts").read_text("utf-8")
ROW = re.compile(r"^ +\[/(.+)/, '(.+)'\],$", re.M)
ROWS = ROW.findall(FRENCH)
GAP = "\0"  # in a sentence of the sources: what is put in at run time

# What C++ is made of, as far as its literals go. Raw strings hold no sentences.
TOKEN = re.compile(r'''//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]*)\(.*?\)(?P=mark)"|\b\d[\d']*|'(?:\\.|[^'\\])+'|"(?P<text>(?:\\.|[^"\\])*)"|(?P<end>[;{}])|\s+|[^\s\d"'/;{}R]+|.''', re.S)


def sentences_of(source):
    """The literals of each statement as one text: those that stand side by side are one, else a gap is between them."""
    said, gap = "", True
    for token in TOKEN.finditer(source):
        if token["text"] is not None:
            said += (GAP if gap else "") + re.sub(r"\\(.)", r"\1", token["text"])
            gap = False
        elif token["end"]:
            if said:
                yield said + GAP
            said, gap = "", True
        elif not token[0].isspace() and not token[0].startswith(("//", "/*")):
            gap = True


@pytest.fixture(scope="module")
def service():
    sources = [path for folder in ("proxy", "rules", "config") for path in sorted((REPOSITORY / folder).rglob("*.[ch]pp"))]
    assert sources
    # A Raspberry Pi's script says on the page what came of a choice; a line of it holds a sentence whole.
    script = (REPOSITORY / "packaging/pi/first-boot").read_text("utf-8").splitlines()
    return script + [sentence for path in sources for sentence in sentences_of(path.read_text("utf-8")) if " " in sentence]


def free(pattern):
    """The pattern with all that stands in brackets left open, and without its ends: more may be said around it."""
    return re.sub(r"(?<!\\)\((?:\\.|[^()\\])*\)[?*+]?", r"[\\s\\S]*?", pattern.removeprefix("^").removesuffix("$"))


def test_sentences_are_put_together_as_the_compiler_does():
    source = r'''auto a = "one " /* "no" */ "sentence" + name + // "neither"
        "\"quoted\""; char c = '"'; f({400, "two"}); g(1'000, R"(raw "text")");'''
    assert list(sentences_of(source)) == [f'{GAP}one sentence{GAP}"quoted"{GAP}', f"{GAP}two{GAP}"]


def test_every_rule_of_ours_has_a_french_sentence():
    lists = sorted((REPOSITORY / "rules/lists").glob("*.txt"))
    own = {name for path in lists for name in re.findall(r"^!: (\S+)", path.read_text("utf-8"), re.M)}
    french = re.findall(r"^  '?([\w-]+)'?: ['`]\S.*['`],$", (WORDS / "fr-rules.ts").read_text("utf-8"), re.M)
    assert len(french) == len(set(french))
    # One rule stands in no list: the owner's wish to have a site's gateway blocked.
    assert '"gateway-of-site"' in (REPOSITORY / "proxy/server/stand_in.cpp").read_text("utf-8")
    assert set(french) == own | {"gateway-of-site"}


def test_every_mode_of_a_site_has_a_french_sentence():
    modes = re.findall(r'case SiteMode::\w+:\s+return "(\w+)";', (REPOSITORY / "proxy/policy/sites.cpp").read_text("utf-8"))
    block = re.search(r"^    modeTexts: \{\n(.*?)^    \}", (WORDS / "fr.ts").read_text("utf-8"), re.M | re.S)[1]
    assert sorted(re.findall(r"^ +(\w+): '.+',$", block, re.M)) == sorted(modes) != []


def test_every_row_of_the_table_is_read_here():
    assert len(ROWS) == len(re.findall(r"^ +\[/", FRENCH, re.M)) > 20


@pytest.mark.parametrize("pattern,french", ROWS, ids=[french[:40] for _, french in ROWS])
def test_the_service_still_says_what_a_french_sentence_stands_for(service, pattern, french):
    literal = re.sub(r"\[\\s\\S\]\*\?|\\S\+|\\d\+", "", free(pattern))
    assert len(literal) > 12, "a pattern of brackets alone would fit anything"
    assert any(re.search(free(pattern), sentence) for sentence in service)
    assert re.compile(pattern).groups >= max(map(int, re.findall(r"\{(\d)\}", french)), default=0)
    assert "'" not in french
