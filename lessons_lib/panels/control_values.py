"""Values of controls: what stands for them, how they are set, and when two count as one."""

from math import isclose

import numpy as np


def meant(control, value):
    """What `value` stands for: if it is the label of one of the control's options, that option's value."""
    labels = getattr(control, "_options_labels", ())
    named = isinstance(value, str) and value in labels
    return control._options_values[labels.index(value)] if named else value


def give(control, name, value):
    """Give `control` a value, or the label of one of its options; refuse what it would cut to its range."""
    value = meant(control, value)
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
    """Equal, or as near as a slider can be moved to it by hand, step by step."""
    return isclose(a, b, rel_tol=0.01) if isinstance(a, float) else equal(a, b)
