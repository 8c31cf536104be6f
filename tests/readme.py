#!/usr/bin/env python3
"""What README.md tells a person to type, so that the tests of a place type exactly that.

As a module: blocks(TITLE), block(TITLE, BEGINNING), mentions(TITLE, WORDS). As a command: tests/readme.py TITLE [BEGINNING]
prints the first two.
A title is a heading's text without its number signs. A block is a run of lines that are indented by four spaces, as
Markdown has it, without that indentation. What is not found is an error: a README that lost a command fails its test."""
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def section(title):
    """The lines below a heading, up to the next heading of whatever level."""
    lines = README.read_text(encoding="utf-8").splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("#") and line.lstrip("#").strip() == title]
    if len(heads) != 1:
        raise LookupError(f'README.md has {len(heads)} sections "{title}"')
    below = lines[heads[0] + 1:]
    end = next((number for number, line in enumerate(below) if line.startswith("#")), len(below))
    return below[:end]


def blocks(title):
    """Its indented blocks, in order, each a text of one or more lines."""
    found, before = [], ""
    for line in section(title):
        if line.startswith("    ") and line.strip():
            if before == "":
                found.append([])
            if found:
                found[-1].append(line[4:])
        before = line.strip()
    return ["\n".join(block) + "\n" for block in found]


def block(title, beginning=""):
    """The one of its blocks that begins so."""
    found = [text for text in blocks(title) if text.startswith(beginning)]
    if len(found) != 1:
        raise LookupError(f'README.md, "{title}": {len(found)} blocks begin with "{beginning}"')
    return found[0]


def mentions(title, words):
    """Whether the section has these words, wherever its lines break."""
    return words in " ".join(" ".join(section(title)).split())


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3 or sys.argv[1].startswith("-"):
        print(f"{__doc__}", file=sys.stdout if sys.argv[1:] == ["--help"] else sys.stderr)
        sys.exit(0 if sys.argv[1:] == ["--help"] else 2)
    try:
        print("\n".join(blocks(sys.argv[1])) if len(sys.argv) == 2 else block(*sys.argv[1:]), end="")
    except LookupError as error:
        print(f"tests/readme.py: {error}", file=sys.stderr)
        sys.exit(1)
