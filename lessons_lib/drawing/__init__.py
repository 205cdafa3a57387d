"""Palette and fonts, and from arrays to matplotlib artists; no widgets, no mathematics."""

import logging

# The warning that the font cache is built, which in a browser happens at every start, stands there in red.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
