"""Words that name nothing: one line says which word it is, and what there is in its place."""
import subprocess

import pytest

from program import PROGRAM


@pytest.mark.parametrize("words, said", [
    (["gateway", "foo"], 'gateway: one of show, on, off, not "foo"'),
    (["system-proxy"], "system-proxy: one of on, off, show"),
    (["lists", "foo"], 'lists: one of update, add, remove, on, off, not "foo"'),
    (["lists", "--foo"], "The following argument was not expected: --foo"),
    (["foo"], 'there is no command "foo"'),
    ([], "which command?"),
])
def test_a_word_that_is_no_command_is_named_with_those_there_are(words, said):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"paravent: {said} (see paravent --help)\n")


def test_a_name_that_is_none_is_answered_with_those_there_are(paravent):
    for words, said in ((["lists", "on", "nope"], 'there is no list "nope"; there are pixel-event, '),
                        (["lists", "remove", "nope"], 'there is no list "nope"; there are pixel-event, '),
                        (["allow", "--remove", "99"], 'there is no exception "99"; there are none'),
                        (["bypasses", "--remove", "99"], 'there is no bypass "99"; there are none'),
                        (["device", "nope"], 'no device is called "nope": `paravent devices` shows them')):
        done = paravent.cli(*words)
        assert done.returncode == 2 and said in done.stderr, (words, done)
    assert paravent.cli("allow", "shop.example").returncode == 0
    assert 'there is 1' in paravent.cli("allow", "--remove", "99").stderr


def test_a_backup_into_a_folder_that_is_not_there_names_it(paravent):
    done = paravent.cli("backup", "nowhere/kept.backup")
    assert done.returncode == 1 and done.stderr == "paravent: nowhere/kept.backup: there is no folder nowhere\n"
