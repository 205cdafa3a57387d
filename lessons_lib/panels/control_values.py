"""Values of controls: what stands for them, how they are set, and when two count as one."""

from math import isclose

import numpy as np


def option_value(control, value):
    """The option's value if `value` is the label of one of the control's options; else `value` itself."""
    labels = getattr(control, "_options_labels", ())
    named = isinstance(value, str) and value in labels
    return control._options_values[labels.index(value)] if named else value


def set_checked(control, name, value):
    """Set a control to a value, or to the option of this label; refuse what it would cut to its range."""
    value = option_value(control, value)
    before, control.value = control.value, value
    if not equal(control.value, value):
        allowed, control.value = control.value, before
        raise ValueError(f"{name}={value!r} is out of range; the nearest allowed is {allowed!r}")


def call_literal(control):
    """A control's value as it is written in a call: number, text, pair or its option's label; else None."""
    if isinstance(control.value, (int, float, str, tuple)):
        return control.value
    return getattr(control, "label", None)


def equal(a, b):
    """Whether two values are the same; arrays are compared whole."""
    return bool(np.all(np.equal(a, b))) if isinstance(a, np.ndarray) else bool(a == b)


def within_a_step(a, b):
    """Equal, or as near as a slider can be moved to it by hand, step by step."""
    return isclose(a, b, rel_tol=0.01) if isinstance(a, float) else equal(a, b)
