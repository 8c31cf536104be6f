"""The manual's pages, in man(7)'s macros."""
import re

from commands import everything


def escaped(text):
    """A line of text as roff takes it."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...").replace("’", "'")
    return "\\&" + text if text.startswith((".", "'")) else text


def spoken(word):
    left = ", ".join(f"\\fB{escaped(name)}\\fR" for name in word.names) if word.names[0].startswith("-") else f"\\fI{escaped(word.names[0])}\\fR"
    return left + (f" \\fI{escaped(word.value)}\\fR" if word.value else "")


def sentence(text):
    return text if not text or text[-1] in ".?!…" else text + "."


def entry(word):
    text = sentence(word.text)
    if word.choices:
        text = (text + " One of " + ", ".join(word.choices) + ".").strip()
    return [".TP", spoken(word), escaped(text or "As its name says.")]


def heading(command):
    line = " ".join(["paravent", *command.path])
    for word in command.words:
        shown = word.names[0] + ("..." if word.many else "")
        line += f" {shown}" if word.required else f" [{shown}]"
    return line


def commands_part(top):
    """What stands in the place of @COMMANDS@."""
    lines = []
    for command in everything(top):
        if command is top:
            continue
        lines += [f'.SS "{escaped(heading(command))}"', escaped(sentence(command.text))]
        for word in command.words + [option for option in command.options if "--help" not in option.names]:
            lines += entry(word)
    return "\n".join(lines)


def settings_block(block, seen):
    """One block of the settings file, without blank lines. A block in comments begins with sentences, which then stand
    under its heading; where there was that heading already, it is an example."""
    lines = [line.removeprefix("# ") for line in block]
    at = next((i for i, line in enumerate(lines) if re.fullmatch(r"\[\[?\w+\]?\]", line)), None)
    if at is None:
        return []
    sentences = [escaped(line) for line in lines[:at]]
    if lines[at] in seen:
        return [".PP", *sentences, ".PP", ".nf", ".RS", *map(escaped, lines[at:]), ".RE", ".fi"]
    seen.add(lines[at])
    made = [f'.SS "{escaped(lines[at])}"', *sentences]
    for line in lines[at + 1:]:
        key, _, text = line.partition(" # ")
        made += [".TP", f"\\fB{escaped(key.strip())}\\fR", escaped(text.strip())]
    return made


def toml_page(settings, template):
    """paravent.toml(5), from the settings file that is installed: its comments are the manual."""
    seen, lines = set(), []
    for block in settings.strip().split("\n\n"):
        lines += settings_block(block.split("\n"), seen)
    return template.replace("@SETTINGS@", "\n".join(lines))
