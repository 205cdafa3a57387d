"""Figures that answer while the hand still moves, and a pad to draw a digit on."""

from .figure import LiveFigure

__all__ = ["LiveFigure"]
