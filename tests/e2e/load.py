"""Clients that ask as fast as they can, in threads, for as long as a `with` lasts."""
import threading


class Load:
    """Each task is a function that works until `over` is set; what it raises of `expected` is noted, and ends it."""

    def __init__(self, tasks, expected=()):
        self.over, self.failures = threading.Event(), []
        self._expected = expected
        self._threads = [threading.Thread(target=self._run, args=(task,), daemon=True) for task in tasks]

    def _run(self, task):
        try:
            task(self)
        except self._expected as error:
            self.failures.append(repr(error))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a client that does not end"
