"""A user's desktop: a home of its own, a session bus, and the desktops' own programs to look at their settings."""
import os
import shutil
import subprocess

import pytest

GNOME = ("org.gnome.system.proxy", "mode"), ("org.gnome.system.proxy", "autoconfig-url"), ("org.gnome.system.proxy.http", "host")


def needs(*programs):
    missing = [name for name in programs if not shutil.which(name)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


needs_gnome = needs("gsettings", "dconf", "dbus-daemon")


class Desktop:
    def __init__(self, folder):
        self.home = folder / "home"
        self.config = self.home / ".config"
        runtime = folder / "run"
        for each in (self.config, runtime):
            each.mkdir(parents=True)
        runtime.chmod(0o700)
        hidden = ("DBUS_", "XDG_", "SUDO_", "http", "HTTP", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        self.environment |= {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(runtime)}
        self.bus = None

    def open_session(self):
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], env=self.environment,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        return self

    def close_session(self):
        if self.bus:
            self.bus.terminate()
            self.bus.wait(10)
            self.bus = None

    def run(self, *words, **more):
        return subprocess.run([str(word) for word in words], env=self.environment, capture_output=True, text=True, timeout=60, **more)

    def start(self, *words):
        return subprocess.Popen([str(word) for word in words], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def said(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def gnome(self):
        return [self.said("gsettings", "get", *key) for key in GNOME]

    def set_gnome(self, *values):
        for key, value in zip(GNOME, values):
            self.said("gsettings", "set", *key, value)

    def dconf(self):
        """Every value that somebody chose; defaults are not in it."""
        return self.said("dconf", "dump", "/system/proxy/")

    @property
    def kioslaverc(self):
        return self.config / "kioslaverc"

    def kde(self, key):
        return self.said("kreadconfig5", "--file", "kioslaverc", "--group", "Proxy Settings", "--key", key)

