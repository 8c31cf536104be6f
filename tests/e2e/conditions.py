"""Waiting for conditions, never for the clock: every wait has a bound and says what it waited for."""
import time


def eventually(condition, what, within=5.0):
    """The first true value of condition(); an AssertionError that names `what` when there is none in time."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {within} s: {what}"
        time.sleep(0.01)


def seconds_until(condition, what, within=5.0):
    """How long the condition took to become true."""
    begin = time.monotonic()
    eventually(condition, what, within)
    return time.monotonic() - begin
