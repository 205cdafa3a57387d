"""Messages of several widgets that leave for the browser as one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anywidget

_open = threading.local()  # a bundle takes what its own thread sends, and nobody else's


class Bundled(anywidget.AnyWidget):
    """A widget whose changes, while a :func:`bundle` is open, are put there instead of being sent."""

    _ipython_display_ = None  # ipywidgets 7 has one, which leaves out the picture for pages without a kernel

    def _send(self, msg, buffers=None):
        messages = getattr(_open, "messages", None)
        if messages is None or msg["method"] != "update" or self.comm is None:
            return super()._send(msg, buffers)
        names = [path[0] for path in msg["buffer_paths"]]  # of traits that are bytes
        messages.append({"model": self.model_id, "state": msg["state"], "names": names, "buffers": buffers})


@contextmanager
def bundle() -> Iterator[list[dict[str, Any]]]:
    """Collect the changes of all :class:`Bundled` widgets: the model of each, its state, and its buffers."""
    before, _open.messages = getattr(_open, "messages", None), []
    try:
        yield _open.messages
    finally:
        _open.messages = before
