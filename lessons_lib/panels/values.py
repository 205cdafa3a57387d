"""Values of controls: what stands for them, how they are set, and when two count as one."""

from math import isclose, log

import ipywidgets as W
import numpy as np


def meant(control, value):
    """What `value` stands for: if it is the label of one of the control's options, that option's value."""
    labels = getattr(control, "_options_labels", ())
    named = isinstance(value, str) and value in labels
    return control._options_values[labels.index(value)] if named else value


def on_grid(control, value):
    """The nearest value that a slider can stand on. Given another, the browser would move there later."""
    if isinstance(control, W.FloatLogSlider) and value > 0:
        nearest = control.base ** _nearest_step(control, log(value, control.base))
    elif isinstance(control, (W.FloatSlider, W.IntSlider)):
        nearest = type(control.value)(_nearest_step(control, value))
    else:
        return value
    return value if isclose(value, nearest, rel_tol=1e-9, abs_tol=1e-9) else nearest


def _nearest_step(slider, place):
    if not slider.min <= place <= slider.max:
        return place
    step = slider.min + round((place - slider.min) / slider.step) * slider.step
    return min(step, slider.max, key=lambda other: abs(other - place))


def give(control, name, value):
    """Give `control` a value, or the label of one of its options; refuse what it would cut to its range."""
    value = on_grid(control, meant(control, value))
    before, control.value = control.value, value
    if not equal(control.value, value):
        allowed, control.value = control.value, before
        raise ValueError(f"{name}={value!r} is out of range; the nearest allowed is {allowed!r}")


def plain(control):
    """A control's value as it stands in a call: number, text, pair, or its option's label; else None."""
    if isinstance(control.value, (int, float, str, tuple)):
        return control.value
    return getattr(control, "label", None)


def equal(a, b):
    return bool(np.all(np.equal(a, b))) if isinstance(a, np.ndarray) else bool(a == b)


def near(a, b):
    """Equal, or as near as a browser's slider comes, which moves a value to its nearest step."""
    return isclose(a, b, rel_tol=0.01) if isinstance(a, float) else equal(a, b)
