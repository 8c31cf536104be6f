"""The disk under the state directory has no room when the service starts, and has some later."""
import errno
import os
import signal
import stat

import pytest

from conditions import eventually
from disk import OwnMounts, run

pytestmark = pytest.mark.root


@pytest.fixture
def started(start, tmp_path):
    """The program on a full disk, and what takes its room."""
    with OwnMounts():
        place = tmp_path / "disk"
        place.mkdir()
        run("mount", "-t", "tmpfs", "-o", "size=1m", "none", place)
        (place / "state").mkdir(mode=0o700)
        with open(place / "filler", "wb", buffering=0) as filler, pytest.raises(OSError) as full:
            while True:
                filler.write(b"\0" * 4096)
        assert full.value.errno == errno.ENOSPC
        (tmp_path / "paravent-0").mkdir()
        (tmp_path / "paravent-0/state").symlink_to(place / "state")
        yield start(), place / "filler"


@pytest.mark.parametrize("asked", [False, True])
def test_the_token_is_written_when_there_is_room(started, asked):
    paravent, filler = started
    assert not list(paravent.state.glob("token*")), "nothing empty is left"
    done = paravent.cli("status")
    assert done.returncode == 1 and "cannot read the service's token" in done.stderr
    assert any("commands cannot reach the service: No space left on device" in line for line in paravent.lines)
    filler.unlink()
    if asked:
        paravent.signal(signal.SIGHUP)
    eventually(lambda: paravent.cli("status").returncode == 0, "commands reach it", 15)
    assert stat.S_IMODE(os.stat(paravent.state / "token").st_mode) == 0o600
    eventually(lambda: "state" not in {each["code"] for each in paravent.api("/status")[1]["problems"]}, "all is well")
    token = (paravent.state / "token").read_text()
    paravent.stop()
    paravent.start()
    assert (paravent.state / "token").read_text() == token
