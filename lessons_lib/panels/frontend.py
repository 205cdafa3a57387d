"""The browser's part of every panel: read-out, errors, busy mark, names for screen readers, and CSS."""

import asyncio
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import ipywidgets as W
import traitlets as T

from lessons_lib.drawing import style
from lessons_lib.live.bundle import Bundled, bundle

_HERE = Path(__file__).parent
LATER = 0.04  # seconds for which words wait, so that the picture has kernel and browser to itself


class Frontend(Bundled):
    """The line under a picture, and good manners for the controls above it.

    It shows the sentence (a polite live region), an error, the progress of a run and the call that recreates
    the panel. In the browser it also gives every control of the panel its accessible name and right value,
    keeps the notebook's command keys away from the controls, marks the panel as busy when no answer has come
    for 200 ms, and says when the kernel is gone. :meth:`tell` sends everything that changed in one message;
    :meth:`tell_later` does so a moment after the picture.

    It also brings the values of sliders to the kernel, with fewer messages than ipywidgets: one with the
    newest values, and one back with picture, words and mark. At most two of them wait for an answer. In the
    kernel the sliders are set as ever, so ``value``, ``observe`` and links stay true. Where the page cannot
    do this, ipywidgets' own messages arrive instead.
    """

    # The text and not the path: given a path, anywidget would never let go of a widget.
    _esm = (_HERE / "frontend.js").read_text(encoding="utf-8")
    _css = style.css_variables() + (_HERE / "frontend.css").read_text(encoding="utf-8")

    sentence = T.Unicode().tag(sync=True)
    error = T.Unicode().tag(sync=True)
    call = T.Unicode().tag(sync=True)
    code = T.Unicode().tag(sync=True)  # something else to be copied, such as the code of a ballot
    link = T.Unicode().tag(sync=True)  # the address of the same state, whole or from the site's on
    progress = T.Float(None, allow_none=True).tag(sync=True)  # 0..1, or None where nothing runs
    answered = T.Int().tag(sync=True)  # counts answers; the browser waits for the next
    named: T.List = T.List().tag(sync=True)  # [{"model": id, "css": class, "label": name}]

    def __init__(self) -> None:
        self._held: dict = {}  # what `tell_later` was given
        self._due: float | None = None  # when it has to be told
        self._lock = threading.RLock()  # callbacks may run in a thread beside the cells
        self._controls: dict[str, W.Widget] = {}  # by the names that the browser has for them
        self._answering = False
        super().__init__()
        self.on_msg(self._relayed)

    def tell(self, **traits: Any) -> None:
        """Set traits and count one answer, in a single message."""
        with self._lock, self.hold_sync():
            traits, self._held, self._due = self._held | traits, {}, None
            self.set_trait("answered", self.answered + 1)
            for name, value in traits.items():
                self.set_trait(name, value)

    def tell_later(self, **traits: Any) -> None:
        """The same a moment later, the newest values only: sent with a picture, it would hold that up."""
        with self._lock:
            self._held = self._held | traits
            if self._answering:  # they leave with the picture, in the answer
                return
            if self._due is None:
                self._due = monotonic() + LATER
                self._wait()
            elif monotonic() > self._due:  # in a long cell no timer runs
                self.tell()

    def _wait(self):
        try:
            asyncio.get_running_loop().call_later(LATER, self._tell_held)
        except RuntimeError:  # without a loop, as in a script, there is no later
            self.tell()

    def _tell_held(self):
        with self._lock:
            if self._due is not None and self.comm is not None:
                self.tell()

    def _relayed(self, _, content, buffers):
        """The page has new values: set the controls, and send all that this changed as one answer."""
        try:
            with bundle() as messages, ExitStack() as each:  # an error in one leaves none of the others out
                self._answering = True
                each.callback(self._tell_in_answer)
                for model, state in content["states"].items():
                    each.callback(_put, self._controls[model], state)
        finally:
            self._answer(content, messages)

    def _tell_in_answer(self):
        with self._lock:
            self._answering = False
            self.tell()

    def _answer(self, content, messages):
        states = {
            model: self._controls[model].get_state(list(state)) for model, state in content["states"].items()
        }
        answer = {"relay": content["relay"], "number": content["number"], "states": states}
        sent = [buffer for message in messages for buffer in message.pop("buffers")]
        self.send(answer | {"messages": messages}, sent)

    def name(self, controls: Mapping[str, W.Widget], label: str | None = None) -> None:
        """Tell the browser what more controls are called; ``label``, if given, names all of them."""
        named = list(self.named)
        for key, control in controls.items():
            css = f"lessons-control-{key}"
            control.add_class(css)
            self._controls[control.model_id] = control
            words = label or getattr(control, "description", "") or getattr(control, "tooltip", "") or key
            named.append({"model": control.model_id, "css": css, "label": words})
        self.named = named


def _put(control, state):
    """``control.set_state(state)`` without its echo: an answer says what has become of the value."""
    with control._lock_property(**state), control.hold_trait_notifications():
        for name, value in state.items():
            control.set_trait(name, value)


def text(words: str, css: str) -> W.HTMLMath:
    """Words as an HTML widget of the CSS class ``css``, with formulas between dollar signs typeset."""
    html = W.HTMLMath(words)
    html.add_class(css)
    return html
