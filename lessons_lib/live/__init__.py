"""Live pictures: matplotlib figures painted in the browser, and a pad to draw digits on.

Names are looked up when first used: the Jupyter server imports `lessons_lib.live.nodelay`, and should not
have to load matplotlib for it.
"""

from importlib import import_module

_PLACES = {"LiveFigure": "figure", "DigitPad": "pad", "centre_digit": "pad"}

__all__ = ["DigitPad", "LiveFigure", "centre_digit"]


def __getattr__(name):
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
