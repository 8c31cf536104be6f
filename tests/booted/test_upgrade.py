"""A new version while the service runs (security goals, row R9), and the watchdog, as systemd sees them. In the booted container."""
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conditions import eventually
from test_service import (BLOCKED, LOW_PORT, PROGRAM, TUNNEL_PORT, get, journal, main_pid, origins, passes, service, shown, sockets,  # noqa: F401
                          systemctl, tunnel)


@pytest.fixture
def file():
    """The program's file, which is put back at the end."""
    place, kept = Path(PROGRAM), Path(PROGRAM + ".kept")
    shutil.copy2(place, kept)
    yield place
    kept.rename(place)


def install(file, text=None):
    """What a package's upgrade does: another file under the same name."""
    fresh = file.with_name("paravent.dpkg-new")
    if text is None:
        shutil.copy2(file, fresh)
    else:
        fresh.write_text(text)
        fresh.chmod(0o755)
    fresh.rename(file)


def ask():
    systemctl("kill", "--kill-whom=main", "--signal=USR2", "paravent.service")


def new_main(old):
    return eventually(lambda: (pid := main_pid()) not in (0, old) and pid, "a new main process " + journal(), 30)


def answers():
    try:
        return get(BLOCKED).status == 403
    except OSError:
        return False


def is_running():
    return shown("ActiveState", "SubState", "NRestarts") == {"ActiveState": "active", "SubState": "running", "NRestarts": "0"}


def test_an_upgrade_changes_the_main_process_and_the_service_stays_active(service, file):  # noqa: F811
    _, stream = tunnel("origin.example", TUNNEL_PORT)
    old = main_pid()
    for _ in range(2):
        assert passes(stream)
        install(file)
        ask()
        new = new_main(old)
        assert os.stat(f"/proc/{new}/exe").st_ino == file.stat().st_ino
        assert get(BLOCKED).status == 403 and is_running()
        stream.socket.close()
        eventually(lambda: not Path(f"/proc/{old}").exists(), "the end of the old one", 30)
        assert is_running(), journal()
        old = new
        _, stream = tunnel("origin.example", TUNNEL_PORT)
    stream.socket.close()


def test_it_keeps_the_port_that_systemd_opened(sockets, file):  # noqa: F811
    assert get(BLOCKED, LOW_PORT).status == 403
    old = main_pid()
    install(file)
    ask()
    new_main(old)
    assert get(BLOCKED, LOW_PORT).status == 403 and is_running()
    eventually(lambda: not Path(f"/proc/{old}").exists(), "the end of the old one", 30)
    assert get(BLOCKED, LOW_PORT).status == 403 and is_running()


def test_a_broken_new_version_leaves_the_old_one_in_its_place(service, file):  # noqa: F811
    pid = main_pid()
    install(file, "#!/bin/sh\nexit 3\n")
    ask()
    eventually(lambda: "this one goes on" in journal(), "the reason in the journal", 30)
    assert main_pid() == pid and get(BLOCKED).status == 403 and is_running()


@pytest.fixture
def restarts():
    """The service is started again when it failed, as the package's is."""
    place = Path("/run/systemd/system/paravent.service.d")
    place.mkdir(parents=True, exist_ok=True)
    (place / "restarts.conf").write_text("[Service]\nRestart=on-failure\nRestartSec=1s\n")
    systemctl("daemon-reload")
    yield
    (place / "restarts.conf").unlink()
    systemctl("daemon-reload")


def test_a_new_version_that_dies_while_the_old_one_drains_is_started_again(restarts, service, file):  # noqa: F811
    _, stream = tunnel("origin.example", TUNNEL_PORT)
    old = main_pid()
    install(file)
    ask()
    new = new_main(old)
    assert passes(stream)  # which the old one waits for
    os.kill(new, signal.SIGKILL)
    # Well before the old one would have drained (10 s).
    third = eventually(lambda: (pid := main_pid()) not in (0, old, new) and pid, "a third process " + journal(), 8)
    eventually(answers, "an answer " + journal(), 10)
    assert not Path(f"/proc/{old}").exists() and main_pid() == third
    assert shown("ActiveState", "NRestarts") == {"ActiveState": "active", "NRestarts": "1"}
    stream.socket.close()


def test_after_an_upgrade_a_stop_waits_as_before(service, file):  # noqa: F811
    """systemd kills a main process that is not its own child without waiting for it."""
    old = main_pid()
    install(file)
    ask()
    new_main(old)
    eventually(lambda: not Path(f"/proc/{old}").exists(), "the end of the old one", 30)
    _, stream = tunnel("origin.example", TUNNEL_PORT)
    assert passes(stream)
    stopping = subprocess.Popen(["systemctl", "stop", "paravent.service"])
    eventually(lambda: shown("ActiveState")["ActiveState"] == "deactivating", "the stop")
    until = time.monotonic() + 2
    while time.monotonic() < until:
        assert passes(stream)
    assert stopping.poll() is None
    stream.socket.close()
    assert stopping.wait(30) == 0
    assert shown("Result", "ExecMainStatus") == {"Result": "success", "ExecMainStatus": "0"}, journal()
    assert "not our child" not in journal()


def test_one_that_hangs_is_ended_by_the_watchdog():
    systemctl("start", "paravent.service")
    eventually(lambda: get(BLOCKED).status == 403, "an answer")
    os.kill(main_pid(), signal.SIGSTOP)
    eventually(lambda: shown("Result")["Result"] == "watchdog", "systemd's notice " + journal(), 60)
    systemctl("reset-failed", "paravent.service", check=False)
    systemctl("stop", "paravent.service")
