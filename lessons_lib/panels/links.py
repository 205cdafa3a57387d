"""A panel's state as an address of the site, ``run.html?lesson=03&panel=nudges&image=8``, and the way back.

The address says what the call says that recreates the panel. Nothing of it is executed: a value is the label
of an option, a number, a text, or *True* or *False*, and only what the control could be set to by hand.
"""

import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, urlencode

import ipywidgets as W
from traitlets import TraitError

from lessons_lib.panels import PANELS, PLACES, name_of
from lessons_lib.panels.control_values import set_checked
from lessons_lib.panels.display import displayed

LONGEST = 2000  # characters of a query; what a panel writes has a few hundred
APART = "|"  # between the chosen options, where several may be
NAMED = 12  # options that a message lists
LESSONS = {room: f"{number:02d}" for number, room in enumerate(PANELS)}
RESERVED = {"lesson", "panel", "nth"}  # no control of a panel may be called so


@cache
def site() -> str:
    """The address of the site with a slash at its end; nothing where the project has none yet.

    In the browser edition it is nothing too: there the page itself knows its address, and completes what
    :func:`address` gives.
    """
    try:
        urls = metadata("lessons_lib").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    found = dict(url.split(", ", 1) for url in urls).get("Homepage", "")
    return f"{found.rstrip('/')}/" if found and sys.platform != "emscripten" else ""


def address(panel: Any) -> str:
    """The address that opens the lesson at this panel in its present state.

    Returns:
        The whole address, or only the part after the site's where that is not known; nothing for a panel that
        is in no lesson.
    """
    name = name_of(type(panel)).removeprefix("panels.")
    if name not in PLACES:
        return ""
    where = {"lesson": LESSONS[PLACES[name].split(".")[-2]], "panel": name}
    shown = on_page(name)
    if panel in shown[1:]:
        where["nth"] = str(shown.index(panel) + 1)
    return f"{site()}run.html?{urlencode(where | _written(panel))}"


def open_at(name: str, query: str = "", nth: int = 1) -> str:
    """Set the panel of this name that is on the page to the state of an address.

    What the query does not name takes its default, as in the panel's call; an empty query changes nothing. A
    panel that waits for a guess takes the state when the guess is made. What is not possible is left out.

    Args:
        name: the panel's name, such as ``"nudges"``.
        query: values of controls as an address has them, such as ``"image=8&learning_rate=3.0"``.
        nth: which of them, where a lesson shows it more than once; the last one if there are fewer.

    Returns:
        A sentence on what was not possible, which the panel shows too; nothing if all was.
    """
    shown = on_page(name)
    if not shown:
        there = ", ".join(dict.fromkeys(filter(None, map(_name, map(_panel_of, displayed())))))
        return f"No panel called {_short(name)} is on this page; there are {there or 'none yet'}."
    panel = shown[min(max(nth, 1), len(shown)) - 1]
    if not query:
        return ""
    try:
        if len(query) > LONGEST:
            raise ValueError
        given = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict"))
    except ValueError:
        return _tell(panel, ["this is no list of values such as image=8&learning_rate=3.0"])
    waiting = [one for one in _predictions(panel) if one.locked]
    for prediction in waiting:
        prediction.afterwards = lambda: _set(panel, given)
    return "" if waiting else _set(panel, given)


def on_page(name: str) -> list[Any]:
    """The panels of this name that are displayed, in the order of their cells."""
    return [panel for panel in map(_panel_of, displayed()) if _name(panel) == name]


def read(control: W.Widget, words: str) -> Any:
    """The value of a control that is written like this.

    Raises:
        LookupError, ValueError: if it has no such value.
    """
    if isinstance(control, W.SelectMultiple):
        return tuple(_options(control)[word] for word in _apart(words))
    if hasattr(control, "_options_values"):
        return _options(control)[words]
    kind = type(control.value)
    if kind is bool:
        return {"True": True, "False": False}[words]
    if kind is tuple:
        return tuple(map(int, _apart(words)))
    if kind not in (int, float, str) or (kind is float and not isfinite(float(words))):
        raise ValueError(f"no number or text: {words}")
    return kind(words)


def _written(panel):
    """The state as an address has it; never empty, since an empty query changes nothing."""
    state = panel._plain_state() or dict(list(panel.state.items())[:1])
    return {name: _write(panel.inputs[name], value) for name, value in state.items()}


def _write(control, value):
    if isinstance(value, tuple) and hasattr(control, "label"):
        value = control.label
    return APART.join(map(str, value)) if isinstance(value, tuple) else str(value)


def _apart(words):
    return [word for word in words.split(APART) if word]


def _options(control):
    """A control's options, by their label or, where they are numbers or texts, as these are written."""
    values, labels = control._options_values, control._options_labels
    plain = {str(value): value for value in values if isinstance(value, (int, float, str))}
    return plain | dict(zip(labels, values, strict=True))


def _set(panel, given):
    """Set the controls as the panel's call would, and say what could not be set."""
    unknown = ", ".join(_short(name) for name in sorted(given.keys() - panel.inputs)[:3])
    said = [f"there is no {unknown}; there are {', '.join(panel.inputs)}"] if unknown else []
    with panel.holding():
        panel._set_inputs(panel._defaults)
        for name in filter(given.__contains__, panel.inputs):
            control = panel.inputs[name]
            try:
                set_checked(control, name, read(control, given[name]))
            except (LookupError, ValueError, OverflowError, TraitError):
                said.append(f"{name} cannot be {_short(given[name])}; {_possible(control)}")
    panel.refresh()
    return _tell(panel, said)


def _possible(control):
    if hasattr(control, "_options_values"):
        labels = [str(label) for label in control._options_labels]
        return "it is one of " + ", ".join([*labels[:NAMED], "…"] if len(labels) > NAMED else labels)
    if hasattr(control, "min"):
        low, high = control.min, control.max
        if isinstance(control, W.FloatLogSlider):
            low, high = control.base**low, control.base**high
        return f"it goes from {low:g} to {high:g}"
    kinds = {bool: "it is True or False", tuple: f"it is numbers with {APART} between them"}
    return kinds.get(type(control.value), "no address can give it")


def _tell(panel, said):
    sentence = f"The link could not be followed in everything: {'. '.join(said)}." if said else ""
    if said:
        panel.frontend.tell(error=sentence)
    return sentence


def _panel_of(output):
    return getattr(output, "panel", None) or output


def _predictions(panel: Any) -> list[Any]:
    return [output for output in displayed() if getattr(output, "panel", None) is panel]


def _name(panel):
    name = name_of(type(panel))
    return name.removeprefix("panels.") if name.startswith("panels.") else ""


def _short(words):
    return repr(words if len(words) <= 40 else f"{words[:40]}…")
