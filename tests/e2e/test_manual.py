"""What tells of the program elsewhere says what the program itself says: manual pages, completion."""
import importlib.util
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader

import pytest

from program import PROGRAM, REPOSITORY

MANUAL = REPOSITORY / "packaging/manual"
BASH = REPOSITORY / "packaging/completion/paravent.bash"


@pytest.fixture(scope="module")
def maker():
    """packaging/manual/make, as a module."""
    before = list(sys.path)
    loader = SourceFileLoader("make_manual", str(MANUAL / "make"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_manual", loader))
    loader.exec_module(module)
    yield module
    sys.path[:] = before


def test_manual_pages_and_completion_are_in_step_with_the_help_and_the_settings(maker):
    old = [path.name for path, text in maker.made(PROGRAM).items() if path.read_text() != text]
    assert not old, f"{old}: run packaging/manual/make {PROGRAM}"


def test_the_manual_tells_of_every_command_and_option(maker):
    page = (MANUAL / "paravent.1").read_text().replace("\\-", "-").replace("\\fB", "").replace("\\fR", "")
    sections = {part.split('"')[1]: part for part in page.split(".SS ")[1:]}
    from commands import described, everything
    seen = 0
    for command in everything(described(PROGRAM)):
        if not command.path:
            continue
        name = " ".join(["paravent", *command.path])
        own = [text for heading, text in sections.items() if heading == name or heading.startswith(name + " ")]
        assert own, name
        for option in command.options:
            assert any(option.names[-1] in text for text in own) or option.names[-1] == "--help", (name, option.names)
            seen += 1
    assert seen > 50  # the help itself was understood


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
@pytest.mark.parametrize("page", ["paravent.1", "paravent.toml.5"])
def test_roff_has_nothing_against_the_pages(page):
    done = subprocess.run(["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-rCHECKSTYLE=3", MANUAL / page], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and not done.stderr, done.stderr


def completed(*words):
    """What bash offers for the last word."""
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _paravent; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-u", "-c", script, "bash", BASH, "paravent", *words], capture_output=True, text=True, timeout=10)
    assert not done.stderr, done.stderr
    return done.stdout.split()


def test_bash_completes_commands_options_their_words_and_files(tmp_path):
    assert completed("ev") == ["events"]
    assert completed("events", "--ver") == ["--verdict"]
    assert completed("events", "--verdict", "") == ["allow", "log", "block", "answer"]
    assert completed("events", "--since", "7d", "--pro") == ["--product"]
    assert completed("events", "--device", "") == []
    assert completed("--config", "x", "lists", "ad") == ["add"]
    assert completed("profile", "tablet", "st") == ["standard", "strict"]
    (tmp_path / "export.zip").write_text("")
    assert completed("import", str(tmp_path / "ex")) == [str(tmp_path / "export.zip")]
    assert completed("authority", "create", "--keep-root", str(tmp_path / "ex")) == [str(tmp_path / "export.zip")]


def test_bash_runs_nothing_that_stands_on_the_line(tmp_path):
    word = f"a[$(touch {tmp_path}/ran)]"
    completed(word, "--")
    completed("events", word, "--device", word, "")
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_completes_commands_and_options():
    def offered(line):
        script = f"source {REPOSITORY}/packaging/completion/paravent.fish; complete -C '{line}'"
        done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=30)
        assert not done.stderr, done.stderr
        return [row.split("\t")[0] for row in done.stdout.splitlines()]

    assert offered("paravent ev") == ["events"]
    assert offered("paravent events --verdict ") == ["allow", "answer", "block", "log"]
    assert offered("paravent lists ad") == ["add"]


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_can_read_its_completion():
    done = subprocess.run(["zsh", "-n", REPOSITORY / "packaging/completion/_paravent"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0 and not done.stderr, done.stderr
