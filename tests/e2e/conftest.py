"""What every end-to-end test stands on: the real program, origins on ports it may reach, network namespaces."""
import ctypes
import os
import subprocess

import pytest

from origin import Origin
from ports import block
from program import CHECKED, PROGRAM, Paravent

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
ALL = os.environ.get("PARAVENT_TESTS_ALL") == "1"


def pytest_configure(config):
    config.addinivalue_line("markers", "root: needs root (namespaces); skipped elsewhere")
    config.addinivalue_line("markers", "memory: measures memory; skipped for builds with a sanitizer")
    config.addinivalue_line("markers", "extra: slow; only with PARAVENT_TESTS_ALL=1")


def pytest_collection_modifyitems(items):
    reasons = [("root", os.geteuid() != 0, "needs root for namespaces"),
               ("memory", CHECKED, "memory is not measured under a sanitizer"),
               ("extra", not ALL, "slow: set PARAVENT_TESTS_ALL=1")]
    for item in items:
        if "netns" in item.fixturenames or "mountns" in item.fixturenames:
            item.add_marker(pytest.mark.root)
        for mark, applies, reason in reasons:
            if applies and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def ports():
    """Ports below the kernel's own choices, for origins; the program is told that it may go there."""
    return block()


@pytest.fixture
def origin(ports):
    """origin(serve, …) starts one on a port that the program may reach."""
    started = []

    def start(serve, port=None, **options):
        for candidate in [port] if port else ports:
            if candidate in (o.port for o in started):
                continue
            try:
                started.append(Origin(serve, candidate, **options))
                return started[-1]
            except OSError:
                if port:
                    raise
        raise RuntimeError("no free port for an origin")

    yield start
    for each in started:
        each.close()
    for each in started:
        assert not each.errors, each.errors


@pytest.fixture
def start(tmp_path, ports):
    """start(settings, …) runs the program; at the end it must leave cleanly, without a sanitizer's report."""
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not built")
    running = []

    def run(settings=None, hosts=("origin.example", "shop.example"), **options):
        folder = tmp_path / f"paravent-{len(running)}"
        running.append(Paravent(folder, ports, settings, hosts, **options))
        return running[-1]

    yield run
    problems = []
    for each in running:
        if each.process.returncode is None:
            try:
                each.stop()
            except AssertionError as error:
                problems.append(str(error))
    assert not problems, "\n".join(problems)


@pytest.fixture
def paravent(start):
    """The program with the settings of program.py."""
    return start()


def libc(call, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, call)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def netns():
    """This thread (and what it starts) in a network of its own, where every IPv4 and IPv6 address is local."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    libc("unshare", CLONE_NEWNET)
    try:
        run("ip", "link", "set", "lo", "up")
        run("ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo")
        run("ip", "-6", "route", "add", "local", "::/0", "dev", "lo")
        yield
    finally:
        libc("setns", home, CLONE_NEWNET)
        os.close(home)
