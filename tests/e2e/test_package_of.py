"""Which package the scripts of packaging take where none is named, and what they say of one that does not fit. They run in a
copy of their folder, beside packages that are empty but for their name; none comes so far as to make a root."""
import shutil
import subprocess

import pytest

from program import REPOSITORY

CONTROL = "Package: paravent\nVersion: {}\nArchitecture: {}\nMaintainer: none <none@localhost>\nDescription: none\n"
OWN = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip() if shutil.which("dpkg") else ""

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="packages are Debian's")


@pytest.fixture
def tree(tmp_path):
    shutil.copytree(REPOSITORY / "packaging", tmp_path / "packaging")
    (tmp_path / "build/packages").mkdir(parents=True)
    return tmp_path


def package(tree, version, arch):
    folder = tree / "made/DEBIAN"
    folder.mkdir(parents=True)
    (folder / "control").write_text(CONTROL.format(version, arch))
    made = tree / f"build/packages/paravent_{version}_{arch}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder.parent, made], check=True, capture_output=True)
    shutil.rmtree(folder.parent)
    return str(made.relative_to(tree))


def run(tree, *words):
    return subprocess.run([str(word) for word in words], cwd=tree, capture_output=True, text=True, timeout=60)


def package_of(tree, *words):
    return run(tree, "bash", "-euo", "pipefail", "-c", '. packaging/root.sh; package_of "$@"', "packaging/some", *words)


def refusal(tree, *words):
    """Its one line."""
    done = run(tree, *words)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and not done.stdout, (done.returncode, done.stdout, done.stderr)
    return done.stderr


def test_it_is_the_newest_for_that_release_and_computer(tree):
    for version in ("0.9.0", "0.9.0~deb12", "0.10.0~deb12", "0.11.0~deb13"):
        for arch in ("amd64", "arm64"):
            package(tree, version, arch)
    for suite, version in (("bookworm", "0.10.0~deb12"), ("trixie", "0.11.0~deb13"), ("forky", "0.9.0")):
        assert package_of(tree, suite, "arm64").stdout == f"build/packages/paravent_{version}_arm64.deb\n"


def test_where_there_is_none_it_says_what_makes_it(tree):
    package(tree, "0.1.0~deb12", "arm64")
    (tree / "build/packages/paravent-tests_0.1.0~deb12_arm64.tar").touch()
    for words, makes in ((["trixie", "arm64"], "packaging/build-deb --suite trixie --arch arm64 makes it"),
                         (["bookworm", "armhf"], "packaging/build-deb --suite bookworm --arch armhf makes it"),
                         (["trixie", "arm64", "tests"], "packaging/build-deb --suite trixie --arch arm64 --tests makes it"),
                         (["forky", "arm64"], "packaging/build-deb makes it")):
        done = package_of(tree, *words)
        assert done.returncode == 1 and done.stderr.endswith(f": {makes}\n") and done.stderr.count("\n") == 1, done.stderr
    assert package_of(tree, "bookworm", "arm64", "tests").stdout.endswith("paravent-tests_0.1.0~deb12_arm64.tar\n")


def test_each_place_says_what_makes_its_package(tree):
    assert "--suite trixie --arch arm64 makes it" in refusal(tree, "packaging/pi/make-image", "a.img")
    assert "--suite bookworm --arch arm64 makes it" in refusal(tree, "packaging/pi/make-image", "--suite", "12", "a.img")
    assert f"--suite trixie --arch {OWN} makes it" in refusal(tree, "packaging/pi/test")
    assert f"_{OWN}.deb in build/packages: packaging/build-deb" in refusal(tree, "packaging/container/build")
    assert not (tree / "a.img").exists()


def test_a_package_for_another_release_or_computer_is_refused_with_what_makes_the_right_one(tree):
    deb = package(tree, "0.1.0~deb12", "arm64")
    for words, makes in ((["packaging/pi/make-image", "--suite", "trixie", deb, "a.img"], "--suite trixie --arch arm64"),
                         (["packaging/pi/test", "--suite", "13", deb], "--suite trixie --arch arm64"),
                         (["packaging/pi/test", "--arch", "armhf", deb], "--suite bookworm --arch armhf"),
                         (["packaging/pi/make-image", package(tree, "0.1.0~deb13", "armhf"), "a.img"], "--suite trixie --arch arm64")):
        said = refusal(tree, *words)
        assert "is for " in said and f"packaging/build-deb {makes} makes that one" in said


def test_words_that_contradict_each_other_are_refused(tree):
    deb = package(tree, "0.1.0~deb12", "arm64")
    for words in (["packaging/container/build", deb, "other.deb"], ["packaging/container/build", "one", "--tag", "two"],
                  ["packaging/container/build", "--tag"], ["packaging/container/build", "--none"],
                  ["packaging/pi/make-image", deb], ["packaging/pi/make-image", "--suite", "potato", "a.img"],
                  ["packaging/pi/test", "none.deb"], ["packaging/pi/test", "--tests", "none.tar", deb]):
        assert refusal(tree, *words)
    assert (tree / deb).exists()
