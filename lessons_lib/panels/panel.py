""":class:`Panel`: controls, a picture and one sentence that always agree."""

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from types import SimpleNamespace
from typing import Any, Self

import ipywidgets as W
from matplotlib.figure import Figure

from lessons_lib.drawing import style
from lessons_lib.live.figure import LiveFigure
from lessons_lib.live.pointing import PointerEvent
from lessons_lib.panels import links, name_of
from lessons_lib.panels.control_values import (
    call_literal,
    equal,
    option_value,
    set_checked,
    takes,
    within_a_step,
)
from lessons_lib.panels.display import CellOutput, box
from lessons_lib.panels.frontend import Frontend, text
from lessons_lib.panels.needs import Needs, check

Answer = Callable[[PointerEvent], dict[str, Any] | None]


@dataclass(frozen=True)
class Preset:
    """A state worth seeing, as keywords of the panel would give it, and a sentence on what to look for."""

    state: dict[str, Any] = field(default_factory=dict)
    sentence: str = ""


class Panel(CellOutput):
    """Controls, a picture and one sentence. A lesson's panel says what it shows; this class does the rest.

    Subclasses give ``title``, ``presets`` (by name), ``needs`` where they cannot take every network and all
    data, and five methods: :meth:`controls`, :meth:`figure`,
    :meth:`compute`, :meth:`draw` and :meth:`describe`. Some give more: ``clicked(event)`` answers a click in
    the picture with a dict of control values or None, ``dragged(event)`` every step of a drag;
    :meth:`arrange` lays the controls out; :meth:`below_picture` adds widgets below the picture.

    An exception in any of these is shown in the panel and raised, and the last good picture stays; the next
    change starts afresh. Events that arrive while a computation runs are merged: the newest values win.

    Args:
        state: values of controls by name, or labels of options; the others keep their defaults.

    Raises:
        ValueError: if there is no such control, its value is out of range, or the networks and data are not
            what the panel needs.
    """

    title = ""
    needs = Needs()
    presets: dict[str, Preset] = {}
    closed = False
    _usual = True  # whether its networks are of the lessons' own kind, of which presets speak
    clicked: Answer | None = None
    dragged: Answer | None = None

    def __new__(cls, *args: Any, **keywords: Any) -> Self:
        usual = check(cls, cls.needs, args, keywords)  # before a subclass computes anything from them
        panel = super().__new__(cls)
        panel._usual = usual
        return panel

    def __init__(self, **state: Any) -> None:
        self._lock = threading.RLock()  # a callback may run in another thread than the cells
        self._tickets, self._asked, self._done = count(1), 0, 0
        self._holding = False
        self.result: Any = None
        self.sentence = ""
        self.error: Exception | None = None
        self.inputs = self.controls()
        self._defaults = self.state
        self._set_inputs(state)
        self._initial = self.state
        self.presets = {name: preset for name, preset in self.presets.items() if self._holds(preset)}
        self._build()
        for control in self.inputs.values():
            control.observe(self._changed, "value")

    # What a lesson's panel gives

    def controls(self) -> dict[str, W.Widget]:
        """The controls by name; each has a ``value``, a ``description`` and a ``tooltip``."""
        raise NotImplementedError(f"{type(self).__name__} needs controls(): a dict of name -> ipywidget")

    def figure(self) -> Figure:
        """The picture, made once; the artists that will change stay on ``self``."""
        raise NotImplementedError(f"{type(self).__name__} needs figure(): make the figure once and return it")

    def compute(self, state: SimpleNamespace) -> Any:
        """The result for the controls' values ``state``; a pure function of them."""
        raise NotImplementedError(f"{type(self).__name__} needs compute(state): return a result")

    def draw(self, result: Any) -> None:
        """Show a result: matplotlib's setters on the artists kept, and nothing else."""
        raise NotImplementedError(f"{type(self).__name__} needs draw(result): set data on the artists")

    def describe(self, result: Any) -> str:
        """The sentence about a result: read-out, alt text, and what tests assert on. Its hyphens before
        numbers become minus signs."""
        raise NotImplementedError(f"{type(self).__name__} needs describe(result): return one sentence")

    def arrange(self, controls: list[W.Widget]) -> W.Widget:
        """The box that holds the controls."""
        return box("lessons-controls", *controls)

    def below_picture(self) -> list[W.Widget]:
        """Widgets below the picture, such as buttons."""
        return []

    # What can be done with it

    @property
    def state(self) -> dict[str, Any]:
        """The controls' values by name. Setting some of them moves the controls and recomputes at once."""
        return {name: control.value for name, control in self.inputs.items()}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        with self._lock:
            self._set_inputs(state)
            self.refresh()

    def apply(self, preset: str) -> None:
        """Go to the preset of this name: the starting state with the preset's values."""
        self.state = self._preset_state(self.presets[preset])

    def reset(self) -> None:
        """Go back to the state in which the panel was made."""
        self.state = self._initial

    def call(self) -> str:
        """The call that recreates this panel in its present state, as text for a cell."""
        name, given = _opening(type(self))  # type: ignore[arg-type]  # a class is hashable
        state = [f"{name}={value!r}" for name, value in self._plain_state().items()]
        return f"{name}({', '.join(given + state)})"

    def refresh(self) -> None:
        """Compute, draw and describe the present values; an error is shown in the panel, and raised."""
        with self._lock:
            self._done = self._asked
            try:
                self._show(self.compute(SimpleNamespace(**self.state)))
            except Exception as error:
                self._fail(error)
                raise

    def button(self, label: str, tooltip: str, act: Callable[[], object]) -> W.Button:
        """A button that calls ``act()``; an error in it is shown in the panel, and raised."""
        button = W.Button(description=label, tooltip=tooltip)
        button.add_class("lessons-asks")
        button.on_click(lambda _: self.guarded(act))
        return button

    def guarded(self, act: Callable, *args: Any) -> Any:
        """``act(*args)``; an error in it is shown in the panel, and raised."""
        try:
            return act(*args)
        except Exception as error:
            self._fail(error)
            raise

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Let controls be changed without a new computation: ``with panel.holding(): ...``."""
        before, self._holding = self._holding, True
        try:
            yield
        finally:
            self._holding = before

    def close(self) -> None:
        """Close the widgets and let go of figure and data: a notebook keeps what it has shown in ``Out``."""
        with self._lock:
            super().close()
            for name in set(vars(self)) - {"widget", "_lock"}:
                delattr(self, name)
            self.closed = True

    def __getattr__(self, name: str) -> Any:
        if self.closed:
            raise AttributeError(
                f"this {type(self).__name__} is closed, because its cell was run again; "
                "use the panel that the new run made"
            )
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def shown(self) -> None:
        super().shown()
        self.frontend.link = links.address(self)  # now its place among panels of its name is known

    # How it is done

    def _build(self):
        with style.look():
            self.fig = self.figure()
        self.live = LiveFigure(self.fig)  # before the first values are set: what they change is what moves
        self._first_result()
        self.live.alt = self.sentence
        if self.clicked or self.dragged:
            self.live.on_event(self._on_event)
        self.frontend = Frontend()
        self.frontend.name(self.inputs)
        self._note = text("", "lessons-note")
        self._preset_buttons = {
            name: self.button(name, preset.sentence, partial(self.apply, name))
            for name, preset in self.presets.items()
        }
        self._tell()
        self.frontend.tell()
        above = self._head(), self._note, self.arrange(self._styled_controls())
        super().__init__(box("lessons-panel", *above, self.live, *self.below_picture(), self.frontend))

    def _first_result(self):
        self.result = self.compute(SimpleNamespace(**self.state))
        self.draw(self.result)
        self.sentence = style.minus(self.describe(self.result))

    def _head(self):
        reset = self.button("Reset", "Go back to the state in which this panel started", self.reset)
        heading = text(f'<div role="heading" aria-level="3">{self.title}</div>', "lessons-title")
        return box("lessons-head", heading, box("lessons-buttons", *self._preset_buttons.values(), reset))

    def _styled_controls(self):
        for control in self.inputs.values():
            control.layout.width = "auto"
            if isinstance(control, W.Checkbox):
                control.indent = False
            if hasattr(control, "style"):
                control.style.description_width = "initial"
        return list(self.inputs.values())

    def _changed(self, change):
        if self.closed or self._holding:
            return
        self._asked = ticket = next(self._tickets)
        with self._lock:
            if self._done < ticket:  # else a newer change was computed meanwhile, and covered this one
                self.refresh()

    def _on_event(self, event):
        answer = {"click": self.clicked, "drag": self.dragged}.get(event.kind)
        state = answer and self.guarded(answer, event)
        if state:
            self.state = state

    def _show(self, result):
        try:
            self.draw(result)
            sentence = style.minus(self.describe(result))
        except Exception:
            with suppress(Exception):  # what was half drawn gives way to the last good result
                self.draw(self.result)
            raise
        self.result, self.sentence, self.error = result, sentence, None
        self.live.flush(alt=sentence)
        self._tell()

    def _fail(self, error):
        self.error = error
        self.live.flush()
        self.frontend.tell(error=f"{type(error).__name__}: {error}")

    def _tell(self, **more):
        where = {"call": self.call(), "link": links.address(self)}
        self.frontend.tell_later(sentence=self.sentence, error="", **where, **more)
        self._mark_preset()

    def _holds(self, preset):
        """Whether a preset can be reached, and speaks of a network like the one it was written for."""
        own = self._usual or self.presets is not type(self).presets  # else written for the lessons' networks
        named = "stage" in self.inputs and {"stage", "image"} & set(preset.state)
        values = preset.state.items()
        return (own or not named) and all(takes(self.inputs[name], value) for name, value in values)

    def _preset_state(self, preset):
        given = {name: option_value(self.inputs[name], value) for name, value in preset.state.items()}
        return self._initial | given

    def _is_at(self, preset, state):
        return all(within_a_step(value, state[name]) for name, value in self._preset_state(preset).items())

    def _mark_preset(self):
        """Mark the preset whose state the panel is in, and show its sentence."""
        state = self.state
        active = next((name for name, preset in self.presets.items() if self._is_at(preset, state)), None)
        self._note.value = self.presets[active].sentence if active else ""
        for name, button in self._preset_buttons.items():
            button.button_style = "primary" if name == active else ""

    def _set_inputs(self, state):
        unknown = set(state) - set(self.inputs)
        if unknown:
            raise ValueError(
                f"{type(self).__name__} has no control {', '.join(sorted(unknown))}; "
                f"it has {', '.join(self.inputs)}"
            )
        with self.holding():  # in the controls' order: one may move another that comes after it
            for name in filter(state.__contains__, self.inputs):
                set_checked(self.inputs[name], name, state[name])

    def _plain_state(self):
        """What differs from the defaults, as plain values or labels; what no call can hold is left out."""
        changed = [name for name, value in self.state.items() if not equal(value, self._defaults[name])]
        values = {name: call_literal(self.inputs[name]) for name in changed}
        return {name: value for name, value in values.items() if value is not None}

    def _repr_mimebundle_(self, **kwargs):
        picture, words = self.live.static_bundle()  # what a saved notebook shows where no kernel runs
        return super()._repr_mimebundle_(**kwargs) | picture, words


@cache  # every update writes a call, and looking up the signature took most of the time
def _opening(cls):
    """The name of a panel class, and the names of the arguments that a call gives besides the state."""
    parameters = inspect.signature(cls.__init__).parameters.items()
    own = [name for name, parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]
    return name_of(cls), own[1:]
