"""Figures that answer while the hand still moves, and a pad to draw a digit on."""

from .figure import LiveFigure
from .pad import DigitPad, centre_digit

__all__ = ["DigitPad", "LiveFigure", "centre_digit"]
