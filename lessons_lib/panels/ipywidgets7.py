"""What ipywidgets 7 calls otherwise; Google Colab has it, and upgrading it there breaks Colab's widgets."""

from functools import wraps

import ipywidgets as W


def give_tooltips() -> None:
    """Let every widget take a ``tooltip``, as from ipywidgets 8 on; in 7 some name it otherwise."""
    if "tooltip" not in W.DOMWidget.class_trait_names():
        W.DOMWidget.__init__ = _with_tooltip(W.DOMWidget.__init__)


def _with_tooltip(init):
    @wraps(init)
    def __init__(self, *args, **given):
        if "tooltip" in given and not self.has_trait("tooltip"):
            words = given.pop("tooltip")
            if self.has_trait("description_tooltip"):
                given["description_tooltip"] = words
        init(self, *args, **given)

    return __init__
