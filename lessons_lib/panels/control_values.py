"""Values of controls: what stands for them, how they are set, and when two count as the same."""

from math import isclose
from typing import Any

import ipywidgets as W
import numpy as np


def option_value(control: W.Widget, value: Any) -> Any:
    """The value of the option that has this label; ``value`` itself if it is no option's label."""
    labels = getattr(control, "_options_labels", ())
    named = isinstance(value, str) and value in labels
    return control._options_values[labels.index(value)] if named else value


def takes(control: W.Widget, value: Any) -> bool:
    """Whether a control has this value, or an option with this label, in its range."""
    if hasattr(control, "_options_values"):
        return any(equal(value, own) for own in (*control._options_values, *control._options_labels))
    if not hasattr(control, "min"):
        return True
    low, high = control.min, control.max
    if isinstance(control, W.FloatLogSlider):
        low, high = control.base**low, control.base**high
    return bool(low <= value <= high or within_a_step(value, low) or within_a_step(value, high))


def set_checked(control: W.Widget, name: str, value: Any) -> None:
    """Set a control to a value, or to the option with this label.

    Raises:
        ValueError: if the control would cut the value to its range; it then keeps the one it had.
    """
    value = option_value(control, value)
    before, control.value = control.value, value
    if not equal(control.value, value):
        allowed, control.value = control.value, before
        raise ValueError(f"{name}={value!r} is out of range; the nearest allowed is {allowed!r}")


def call_literal(control: W.Widget) -> Any:
    """A control's value as a call can hold it: number, text, pair or the option's label; else None."""
    if isinstance(control.value, (int, float, str, tuple)):
        return control.value
    return getattr(control, "label", None)


def equal(a: Any, b: Any) -> bool:
    """Whether two values are the same; arrays are compared whole."""
    return bool(np.all(np.equal(a, b))) if isinstance(a, np.ndarray) else bool(a == b)


def within_a_step(a: Any, b: Any) -> bool:
    """Whether two values are equal, or as close as a slider's steps let a hand come."""
    return isclose(a, b, rel_tol=0.01) if isinstance(a, float) else equal(a, b)
