"""README's "One computer" as its user follows it: Paravent as a service of one person's session, and her desktop's setting,
which is Paravent's while that runs and what it was before while it does not."""
import os
import pwd
import signal
from pathlib import Path

import pytest

import readme
from conditions import eventually
from installed import active, apt, blocks, done, is_installed, is_purged_without_a_trace, run

TITLE, NAME = "One computer: its own setting", "anna"
BEFORE = "[Proxy Settings]\nProxy Config Script=http://office.example/pac\nProxyType=2\n"
PAC = "http://127.0.0.1:8481/proxy.pac"


class User:
    def __init__(self, name):
        done("useradd", "--create-home", "--shell", "/bin/bash", name)
        self.name, self.uid = name, pwd.getpwnam(name).pw_uid
        self.home = Path(pwd.getpwnam(name).pw_dir)
        self.may_sudo = Path("/etc/sudoers.d", name)
        self.may_sudo.write_text(f"{name} ALL=(ALL) NOPASSWD: ALL\n")
        self.kioslaverc = self.home / ".config/kioslaverc"
        done("loginctl", "enable-linger", name)
        eventually(Path(f"/run/user/{self.uid}/bus").exists, "her session's bus", 20)
        self.done("mkdir -p ~/.config")
        self.kioslaverc.write_text(BEFORE)
        os.chown(self.kioslaverc, self.uid, self.uid)

    def run(self, command):
        """In a shell of her KDE session."""
        return run("runuser", "-l", self.name, "-c", f"export XDG_RUNTIME_DIR=/run/user/{self.uid} XDG_CURRENT_DESKTOP=KDE; {command}")

    def done(self, command):
        result = self.run(command)
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}{self.journal()}"
        return result.stdout

    def types(self, block):
        """README's lines, one by one."""
        return [self.done(line) for line in block.splitlines()]

    def journal(self):
        return run("journalctl", f"_UID={self.uid}", "-n", "40", "--no-pager").stdout

    def pid(self):
        pid = int(self.done("systemctl --user show --property=MainPID --value paravent.service"))
        assert pid > 1, self.journal()  # 0 to kill(2) is everybody
        return pid

    def has_what_was_before(self):
        return self.kioslaverc.read_text() == BEFORE

    def has_paravents(self):
        return PAC in self.kioslaverc.read_text()

    def close(self):
        done("loginctl", "disable-linger", self.name)
        eventually(lambda: not Path(f"/run/user/{self.uid}").exists(), "the end of her session", 30)
        self.may_sudo.unlink()
        done("userdel", "--remove", self.name)


@pytest.fixture(scope="module")
def anna():
    user = User(NAME)
    yield user
    user.close()


@pytest.fixture(scope="module")
def before(anna, before):
    return before


@pytest.fixture(scope="module")
def service_block():
    return readme.block(TITLE, "sudo systemctl disable --now paravent")


def test_with_the_systems_service_the_setting_is_set_shown_and_put_back(before, anna):
    is_installed()
    on, shown, off = readme.block(TITLE, "paravent system-proxy on").splitlines()
    anna.done(on)
    assert anna.has_paravents() and PAC in anna.done(shown)
    anna.done(off)
    assert anna.has_what_was_before() and PAC not in anna.done(shown)


def test_readmes_commands_start_it_without_root(anna, service_block):
    anna.types(service_block)
    assert active() == "inactive" and anna.done("systemctl --user is-active paravent").strip() == "active"
    assert os.stat(f"/proc/{anna.pid()}").st_uid == anna.uid != 0
    assert blocks() and anna.has_what_was_before(), "who did not ask for the setting does not get it"
    assert '"version"' in anna.done("paravent status --json")


def test_where_she_asked_for_it_the_setting_goes_with_the_service(anna):
    anna.done(readme.block(TITLE, "paravent system-proxy on").splitlines()[0])
    assert anna.has_paravents()
    anna.done("systemctl --user stop paravent")
    assert anna.has_what_was_before()
    anna.done("systemctl --user start paravent")
    eventually(anna.has_paravents, "Paravent's setting again")
    assert blocks()


def test_killed_it_leaves_what_was_before_until_it_runs_again(anna):
    pid = anna.pid()
    os.kill(pid, signal.SIGKILL)
    eventually(anna.has_what_was_before, "what was before", 2)
    eventually(anna.has_paravents, "Paravent's setting again", 20)
    assert anna.pid() != pid and blocks()


def test_removed_it_leaves_her_what_was_before(anna):
    result = apt("remove", "paravent")
    assert result.returncode == 0, result.stdout + result.stderr
    assert anna.has_what_was_before(), result.stdout + result.stderr
    assert run("pgrep", "-x", "paravent").stdout == ""


def test_what_it_kept_is_hers_and_goes_by_readmes_command(before, anna):
    command = "systemctl --user disable paravent; rm -r ~/.local/state/paravent"
    kept = anna.home / ".local/state/paravent"
    assert (kept / "statistics.db").exists() and readme.mentions(TITLE, command)
    anna.done(command)
    assert not kept.exists()
    is_purged_without_a_trace(before, beside={anna.home / part for part in (
        ".config/systemd", ".config/systemd/user", ".config/systemd/user/default.target.wants", ".local", ".local/state")})
