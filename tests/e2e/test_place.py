"""What a Raspberry Pi does in the home, chosen over the API. The file that its set-up would leave is put there by the test; what
its set-up makes of a choice is tested in packaging/pi/test."""
import json

import pytest

from test_api import owner, raw


@pytest.fixture
def pi(paravent):
    (paravent.state / "place").write_text("mode = proxy\n")
    (paravent.state / "place.done").write_text("mode = proxy\nsaid = Devices that are told its address go through this box.\n")
    return paravent


def test_it_is_not_offered_where_nothing_would_put_it_into_effect(paravent):
    assert paravent.api("/self")[1]["place"] is False
    for method, body in (("GET", None), ("PUT", {"mode": "dns"})):
        status, problem = paravent.api("/place", method, body)
        assert status == 404 and "paravent.toml" in problem["detail"]
    assert not list(paravent.state.glob("place*"))


def test_what_is_chosen_is_in_the_file_and_survives_a_restart(pi):
    assert pi.api("/place") == (200, {"mode": "proxy", "servers": [], "modes": ["proxy", "dns", "gateway"],
                                      "done": {"mode": "proxy", "said": "Devices that are told its address go through this box."}})
    status, chosen = pi.api("/place", "PUT", {"mode": "dns", "servers": ["192.168.1.1", "2001:db8::53"]})
    assert status == 200 and (chosen["mode"], chosen["servers"], chosen["done"]) == ("dns", ["192.168.1.1", "2001:db8::53"], None)
    assert (pi.state / "place").read_text() == "mode = dns\nservers = 192.168.1.1, 2001:db8::53\n"
    assert (pi.state / "place").stat().st_mode & 0o777 == 0o600
    pi.stop()
    (pi.state / "place.done").write_text("mode = dns\nsaid = Done.\n")
    pi.start()
    assert pi.api("/place")[1] == {**chosen, "done": {"mode": "dns", "said": "Done."}}


@pytest.mark.parametrize("body, about", [
    ({}, "mode"), ({"mode": "bridge"}, "mode"), ({"mode": None}, "mode"), ({"mode": "dns", "servers": "192.168.1.1"}, "servers"),
    ({"mode": "dns", "servers": ["pi.hole"]}, "servers"), ({"mode": "dns", "servers": ["192.168.1.1\nmode = proxy"]}, "servers"),
    ({"mode": "dns", "servers": [f"192.168.1.{n}" for n in range(5)]}, "servers"), ({"mode": "dns", "name": "pi"}, "name")])
def test_what_is_no_choice_is_refused_in_one_sentence(pi, body, about):
    status, problem = pi.api("/place", "PUT", body)
    assert status == 400 and about in problem["detail"]
    assert (pi.state / "place").read_text() == "mode = proxy\n" and pi.api("/place")[1]["done"]


def test_nobody_but_the_owner_chooses(pi):
    body = json.dumps({"mode": "gateway"})
    assert raw(pi, "GET", "/api/v1/place")[0] == 401
    assert raw(pi, "PUT", "/api/v1/place", body)[0] == 401
    assert raw(pi, "PUT", "/api/v1/place", body, **owner(pi), Origin="http://evil.example")[0] == 403
    assert raw(pi, "PUT", "/api/v1/place", body, **owner(pi), Sec_Fetch_Site="cross-site")[0] == 403
    # A browser's session without a word on where the page came from.
    fields = raw(pi, "POST", "/api/v1/session", "{}", Origin=f"http://127.0.0.1:{pi.dashboard}")[1]
    cookie = fields["Set-Cookie"].split(";")[0]
    assert raw(pi, "PUT", "/api/v1/place", body, Cookie=cookie)[0] in (401, 403)
    assert (pi.state / "place").read_text() == "mode = proxy\n"
    assert raw(pi, "PUT", "/api/v1/place", body, Cookie=cookie, Origin=f"http://127.0.0.1:{pi.dashboard}")[0] == 200


def test_a_file_that_is_not_in_order_is_said_and_not_written_over(pi):
    (pi.state / "place").write_text("mode = dns\nservers = $(reboot)\n")
    for method, body in (("GET", None), ("PUT", {"mode": "dns"})):
        status, problem = pi.api("/place", method, body)
        assert status == 404 and str(pi.state / "place") in problem["detail"] and "reboot" not in problem["detail"]
    (pi.state / "place").unlink()
    (pi.state / "place").mkdir()
    assert pi.api("/place")[0] == 404
