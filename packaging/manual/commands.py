"""The commands of a built paravent, as its --help tells them."""
import os
import re
import subprocess
from dataclasses import dataclass, field


@dataclass
class Word:
    """An option, or a positional word of a command."""
    names: list          # ["-h", "--help"], or ["URL"]
    value: str = ""      # what stands behind an option: FILE, DEVICE …; empty for a switch
    choices: list = field(default_factory=list)
    required: bool = False
    many: bool = False
    text: str = ""


@dataclass
class Command:
    path: list           # ["lists", "add"]
    text: str = ""
    words: list = field(default_factory=list)
    options: list = field(default_factory=list)
    below: list = field(default_factory=list)


def described(program, *path):
    """The command at this path, with those below it."""
    plain = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    done = subprocess.run([str(program), *path, "--help"], capture_output=True, text=True, check=True, timeout=20, env=plain)
    command, names = read(done.stdout, list(path))
    command.below = [described(program, *path, name) for name in names]
    return command


def everything(command):
    """The command and all below it, in the order of the help."""
    yield command
    for one in command.below:
        yield from everything(one)


def read(help_text, path):
    """One help text of CLI11's. Entries are two columns; which, the line of --help itself says."""
    lines = help_text.rstrip().split("\n")
    column = next(line.index("Print this help") for line in lines if "Print this help" in line)
    command, section, names = Command(path), "", []
    entries = {"options": [], "positionals": [], "subcommands": []}
    for line in lines:
        if heading := re.fullmatch(r"(\w+):\s*", line):
            section = heading.group(1).lower()
        elif not line.strip():
            continue
        elif not line.startswith("  "):
            if not section and not line.startswith("Usage:"):
                command.text = (command.text + " " + line.strip()).strip()
            elif section:
                section = "footer"
        elif section in entries:
            left, right = line[:column].strip(), line[column:].strip()
            if line[column - 1:column] not in ("", " "):  # a long left column, with its text on the next line
                left, right = line.strip(), ""
            if left:
                entries[section].append([left, right])
            else:
                entries[section][-1][1] = (entries[section][-1][1] + " " + right).strip()
    command.options = [word(left, text) for left, text in entries["options"]]
    command.words = [word(left, text) for left, text in entries["positionals"]]
    return command, [left.split()[0] for left, _ in entries["subcommands"]]


def word(left, text):
    """`--profile PROFILE:{off,log}`, `URL TEXT REQUIRED`, `FILE TEXT ... REQUIRED`, `--all Excludes: --fixed --again`"""
    left = re.sub(r" Excludes:( -[\w-]+)+", "", left)
    names, _, rest = left.partition(" ")
    made = Word(re.split(r",\s*", names), text=text)
    made.required, made.many = "REQUIRED" in rest, "..." in rest
    if choices := re.search(r"\{([^}]*)\}", rest):
        made.choices = choices.group(1).split(",")
    if made.names[0].startswith("-"):
        made.value = re.match(r"[^:\s]*", rest).group(0)
    return made
