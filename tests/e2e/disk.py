"""A small disk of a test's own: an ext4 file system in a file, mounted where nobody else sees it, that can fill up, turn
read-only, or lose its power."""
import ctypes
import errno
import os
import shutil
import subprocess
import time

CLONE_FS, CLONE_NEWNS = 0x00000200, 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 0x40000


def libc(call, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, call)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def can_mount():
    """Whether this computer lets us have disks of our own: containers often have no loop devices."""
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
        return False
    return subprocess.run(["unshare", "-m", "losetup", "--find"], capture_output=True).returncode == 0


class OwnMounts:
    """Inside `with` this thread, and what it starts, has a table of mounts of its own."""

    def __enter__(self):
        self.before = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY)
        self.folder = os.getcwd()
        libc("unshare", CLONE_NEWNS)
        libc("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
        return self

    def __exit__(self, *_):
        libc("unshare", CLONE_FS)  # threads that were started here share it, and then no change of mounts is allowed
        libc("setns", self.before, CLONE_NEWNS)
        os.close(self.before)
        os.chdir(self.folder)


class Disk:
    """Mounted at `place` until the table of mounts goes; `image` is what really stands on it."""

    def __init__(self, place, image, megabytes=16):
        self.place, self.image = place, image
        place.mkdir(parents=True, exist_ok=True)
        if not image.exists():
            with open(image, "wb") as file:
                file.truncate(megabytes << 20)
            run("/usr/sbin/mkfs.ext4", "-q", "-F", "-m", "0", image)
        self.device = run("losetup", "--find", "--show", image).strip()
        run("mount", self.device, place)

    def fill(self, left=0):
        """Takes all its room but so many bytes."""
        free = os.statvfs(self.place)
        size = free.f_bavail * free.f_frsize - left
        filler = os.open(self.place / "filler", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            while size > 0:
                size -= os.write(filler, b"\0" * min(size, 4096))
            os.fsync(filler)
        except OSError as error:  # full a little earlier than it said
            assert error.errno == errno.ENOSPC, error
        finally:
            os.close(filler)

    def tidy(self):
        (self.place / "filler").unlink()

    def fail(self):
        """A card that gives up: the kernel takes no more writes, also of files that are open, until it is mounted anew."""
        run("mount", "-o", "remount,abort", self.place)

    def read_only(self, yes=True):
        run("mount", "-o", "remount,ro" if yes else "remount,rw", self.place)

    def _written(self):
        with open(f"/sys/block/{os.path.basename(self.device)}/stat", encoding="ascii") as file:
            return file.read().split()[4:8]

    def after_power_cut(self, place, image):
        """The disk as it is found when the power is back: only what had been sent to it, nothing that still waited in memory."""
        for _ in range(100):
            before = self._written()
            shutil.copyfile(self.image, image)
            if self._written() == before:
                return Disk(place, image)
            time.sleep(0.01)
        raise AssertionError("the disk does not come to rest")

    def close(self):
        subprocess.run(["umount", self.place], capture_output=True)
        subprocess.run(["losetup", "--detach", self.device], capture_output=True)
