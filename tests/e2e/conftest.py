"""What every end-to-end test stands on: the real program, origins on ports it may reach, network namespaces."""
import contextlib
import ctypes
import os
import subprocess
import tempfile

import pytest

from inside import Home, World
from origin import Origin
from ports import block
from program import CHECKED, PROGRAM, Paravent
from upgrades import BLOCKED, Line

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
        if {"netns", "mountns", "street"} & set(item.fixturenames):
            item.add_marker(pytest.mark.root)
        for mark, applies, reason in reasons:
            if applies and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def ports():
    """Ports below the kernel's own choices, for origins; the program is told that it may go there."""
    return block()


@contextlib.contextmanager
def origins(ports):
    started = []

    def start(serve, port=None, **options):
        for candidate in [port] if port else ports:
            if (options.get("address", "127.0.0.1"), candidate) in ((o.address, o.port) for o in started if not o.closed):
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
def origin(ports):
    """origin(serve, …) starts one on a port that the program may reach."""
    with origins(ports) as start:
        yield start


@contextlib.contextmanager
def programs(folder, ports):
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not built")
    running = []

    def run(settings=None, hosts=("origin.example", "shop.example"), **options):
        running.append(Paravent(folder / f"paravent-{len(running)}", ports, settings, hosts, **options))
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
def start(tmp_path, ports):
    """start(settings, …) runs the program; at the end it must leave cleanly, without a sanitizer's report."""
    with programs(tmp_path, ports) as run:
        yield run


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


@contextlib.contextmanager
def network():
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


@pytest.fixture
def netns():
    """This thread (and what it starts) in a network of its own, where every IPv4 and IPv6 address is local."""
    with network():
        yield


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The root that homes trust, and one authority, made once: keys take their time."""
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def home(netns, start, origin, tmp_path, world):
    """A home that looks inside Meta's hosts, in a network of its own; see inside.py."""
    with contextlib.closing(Home(start, origin, tmp_path, world)) as made:
        yield made


@pytest.fixture(scope="module")
def street(ports, tmp_path_factory, world):
    """A home whose program runs already and serves all tests of a file; each takes hosts of its own (`next_host`)."""
    folder = tmp_path_factory.mktemp("street")
    with network(), programs(folder, ports) as start, origins(ports) as origin:
        with contextlib.closing(Home(start, origin, folder, world)) as made:
            made.start()
            yield made


@pytest.fixture
def systemd(netns):
    """systemd(units, words, …): the command where systemctl says that these socket units are active: {unit: [address:port]}."""
    if not os.access("/usr/bin/systemctl", os.X_OK):
        pytest.skip("there is no systemctl to stand in for")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        config, fake = f"{folder}/paravent.toml", f"{folder}/systemctl"

        def command(units, words, settings="", user=0):
            with open(config, "w") as file:
                file.write(settings)
            said = "\n".join(f"Id={unit}\nActiveState=active\n" + "".join(f"Listen={each} (Stream)\n" for each in sockets)
                             for unit, sockets in units.items())
            with open(fake, "w") as file:
                file.write(f"#!/bin/sh\n/bin/cat <<'END'\n{said}END\n")
            os.chmod(fake, 0o755)
            script = f'mount --bind {fake} /usr/bin/systemctl && exec setpriv --reuid {user} --clear-groups "$@"'
            return subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", PROGRAM, *words, "--config", config, "--state",
                                   f"{folder}/state"], capture_output=True, text=True, timeout=60)

        yield command


@pytest.fixture
def line(start, tmp_path, monkeypatch):
    made = []

    def make(settings=None, **options):
        made.append(Line(start, tmp_path, monkeypatch, settings=settings, hosts=["origin.example", "shop.example", BLOCKED, "www.facebook.com"],
                         **options))
        return made[-1]

    yield make
    for each in made:
        each.stop()
