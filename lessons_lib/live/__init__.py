"""Live pictures: matplotlib figures painted in the browser, and a pad to draw digits on.

Names are looked up on first use: the Jupyter server imports :mod:`lessons_lib.live.nodelay`, and should not
load matplotlib for that.
"""

from importlib import import_module
from typing import Any

_PLACES = {"LiveFigure": "figure", "DigitPad": "pad", "centre_digit": "pad"}

__all__ = ["DigitPad", "LiveFigure", "centre_digit"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
