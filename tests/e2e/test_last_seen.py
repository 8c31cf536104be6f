"""A device's "last seen" moves with what it does, not only with its first visit."""
from datetime import datetime

from conditions import eventually


def last_seen(paravent):
    (device,) = paravent.api("/devices")[1]["items"]
    return datetime.fromisoformat(device["last_seen"].replace("Z", "+00:00"))


def test_a_device_that_comes_again_was_seen_again(start):
    paravent = start()

    def comes():
        answer, stream = paravent.tunnel("connect.facebook.net")
        stream.socket.close()
        assert answer.status == 403
        return last_seen(paravent)

    first = comes()
    eventually(lambda: comes() > first, "it was seen again, which is noted every ten seconds", 30)
