"""How much memory the program takes while something happens."""
import threading

MIB = 1024 * 1024


class Peak:
    """The most memory (PSS) that the program had while the block ran, beyond what it had before."""

    def __init__(self, paravent):
        self.paravent, self.before = paravent, paravent.pss()
        self.most, self.over = self.before, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self.over.wait(0.005):
            self.most = max(self.most, self.paravent.pss())

    @property
    def risen(self):
        return self.most - self.before

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(10)
