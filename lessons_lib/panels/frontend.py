"""The browser's part of every panel: read-out, errors, busy mark, names for screen readers, CSS."""

import asyncio
import threading
from pathlib import Path
from time import monotonic

import anywidget
import ipywidgets as W
import traitlets as T

from lessons_lib.drawing import style

_HERE = Path(__file__).parent
LATER = 0.04  # seconds that words wait, to leave kernel and browser to the picture


class Frontend(anywidget.AnyWidget):
    """The line under a picture, and good manners for the controls above it.

    It shows the sentence (a polite live region), an error, the progress of a run and the call that
    recreates the panel. In the browser it also gives every control of the panel its accessible name and
    right value, keeps the notebook's command keys away from them, marks the panel as busy when no answer
    came for 200 ms, and says so when the kernel is gone. `tell` sends all that changed in one message,
    `tell_later` does so a moment behind a picture.
    """

    # The text and not the path: given a path, anywidget would never let go of a widget.
    _esm = (_HERE / "frontend.js").read_text(encoding="utf-8")
    _css = style.css_variables() + (_HERE / "frontend.css").read_text(encoding="utf-8")

    sentence = T.Unicode().tag(sync=True)
    error = T.Unicode().tag(sync=True)
    call = T.Unicode().tag(sync=True)
    progress = T.Float(None, allow_none=True).tag(sync=True)  # 0..1, or None where nothing runs
    answered = T.Int().tag(sync=True)  # counts answers; the browser waits for the next
    named = T.List().tag(sync=True)  # [{"model": id, "css": class, "label": name}]

    def __init__(self):
        self._held, self._due = {}, None  # what `tell_later` was given, and when it has to be told
        self._lock = threading.RLock()  # callbacks may run in a thread beside the cells
        super().__init__()

    def tell(self, **traits):
        """Set traits and count one answer, in a single message."""
        with self._lock, self.hold_sync():
            traits, self._held, self._due = self._held | traits, {}, None
            self.set_trait("answered", self.answered + 1)
            for name, value in traits.items():
                self.set_trait(name, value)

    def tell_later(self, **traits):
        """The same a moment later, newest values only: sent with a picture, it would hold that up."""
        with self._lock:
            self._held = self._held | traits
            if self._due is None:
                self._due = monotonic() + LATER
                self._wait()
            elif monotonic() > self._due:  # a long cell, in which no timer runs
                self.tell()

    def _wait(self):
        try:
            asyncio.get_running_loop().call_later(LATER, self._tell_held)
        except RuntimeError:  # a script has no later
            self.tell()

    def _tell_held(self):
        with self._lock:
            if self._due is not None and self.comm is not None:
                self.tell()

    def name(self, controls, label=None):
        """Tell the browser what `controls` are called too: a dict of widgets; `label` for all, if given."""
        named = list(self.named)
        for key, control in controls.items():
            css = f"lessons-control-{key}"
            control.add_class(css)
            words = label or getattr(control, "description", "") or getattr(control, "tooltip", "") or key
            named.append({"model": control.model_id, "css": css, "label": words})
        self.named = named


def text(words, css):
    """Words as an HTML widget of the given CSS class, with formulas between dollar signs typeset."""
    html = W.HTMLMath(words)
    html.add_class(css)
    return html
