"""The look of the house: one palette, one set of sizes, and figures that carry their own background.

Everything takes its colours, fonts and sizes from here, so the same thing looks the same in every lesson:
*up* is orange, *down* is blue, an activation runs from black to white like the digit itself, and the examples
of one digit keep one colour.
"""

import re
from contextlib import AbstractContextManager
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

PAPER, INK, MUTED, LINE, SHADE = "#ffffff", "#20242b", "#59616d", "#dcdfe4", "#f1f2f0"
PALE = "#b9bfc7"  # a curve shown only for comparison
UP, DOWN = "#d9690c", "#2a6fb5"  # fills: an increase and a decrease
UP_TEXT, DOWN_TEXT = "#a64b00", "#1f5c9c"  # the same, dark enough for words on PAPER
ACCENT, ACCENT_DARK = "#6b3fa0", "#c9a8f0"  # a guess, a selection, a focus; the second for dark themes
SLOPE = "#117733"  # a tangent, and what a slope says will happen
SECOND = "#0b7a75"  # a second measurement of the same thing
ERROR, ERROR_DARK = "#b3261e", "#ff9c94"

DIGITS = (
    "#332288",
    "#cc6677",
    "#117733",
    "#c9a227",
    "#4aa5d0",
    "#882255",
    "#44aa99",
    "#8a8a1e",
    "#aa4499",
    "#7a6651",
)

RULES = {  # the curve of each update rule
    "plain descent": INK,
    "momentum": UP_TEXT,
    "Nesterov": DOWN,
    "conjugate gradient": "#d0307a",
    "RMSProp": "#117733",
    "Adam": "#ad8f00",
}

BACKING = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}  # behind words that may lie on a curve

FONT = "DejaVu Sans"  # ships with matplotlib, so figures agree on every machine
SMALL, TEXT, TITLE = 8.0, 9.0, 10.5  # points
DPI = 100  # one point is 100/72 CSS pixels
WIDTH = 860  # CSS pixels of a full-width figure

ACTIVATION = LinearSegmentedColormap.from_list("activation", ["#000000", "#ffffff"])
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#134a80", DOWN, "#a9cbe8", "#ffffff", "#f6c596", UP, "#8a3d00"]
)
# From its middle on, white words can be read on it.
AMOUNT = LinearSegmentedColormap.from_list("amount", [PAPER, "#6b727d", INK])
COST = LinearSegmentedColormap.from_list("cost", ["#f7f7f3", "#d5dbe0", "#a6b2bd", "#76858f", "#4a5763"])

_RC: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": TEXT,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "figure.facecolor": PAPER,
    "figure.dpi": DPI,
    "savefig.facecolor": PAPER,
    "savefig.dpi": DPI,
    "axes.facecolor": PAPER,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": TEXT,
    "axes.titlesize": TITLE,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.titleweight": "normal",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
}


def look() -> AbstractContextManager[None]:
    """A context in which matplotlib uses the house look: ``with style.look(): ...``."""
    return rc_context(_RC)


def figure(
    rows: int = 1, columns: int = 1, *, width: float = WIDTH, height: float = 320, **subplots: Any
) -> tuple[Figure, Any]:
    """Make a figure with the house look.

    Args:
        rows, columns: how many axes.
        width, height: in CSS pixels.
        subplots: passed to ``Figure.subplots`` (``width_ratios``, ``sharex``, ``squeeze``...).

    Returns:
        ``(figure, axes)`` as from ``pyplot.subplots``, but outside pyplot, which would keep the figure.

    Example:
        >>> fig, (left, right) = figure(1, 2, width=600, height=300)
        >>> fig.get_size_inches().tolist()
        [6.0, 3.0]
    """
    with look():
        layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.05, hspace=0.06)
        fig = Figure(figsize=(width / DPI, height / DPI), layout=layout)
        return fig, fig.subplots(rows, columns, **subplots)


def bare(ax: Axes) -> Axes:
    """Take ticks and frame off ``ax``, for pictures that are not graphs; returns ``ax``."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax


def title(ax: Axes, text: str) -> Text:
    """Set the title of ``ax``, left-aligned and in the house's size."""
    return ax.set_title(text, loc="left", fontsize=TITLE, color=INK, pad=8)


def signed_color(value: float, *, text: bool = False) -> str:
    """The colour of a change: orange up, blue down, grey for none; with ``text``, dark enough for words.

    Example:
        >>> signed_color(-0.2) == DOWN, signed_color(0) == MUTED
        (True, True)
    """
    if value == 0:
        return MUTED
    return (UP_TEXT if text else UP) if value > 0 else (DOWN_TEXT if text else DOWN)


def minus(words: str) -> str:
    """The words with a minus sign (−) before every negative number, where Python writes a hyphen.

    Example:
        >>> minus(f"a slope of {-0.266:.3f} in a network 784-16-10, to within {1e-5:g}")
        'a slope of −0.266 in a network 784-16-10, to within 1e-05'
    """
    return re.sub(r"(?<![\w.)\]-])-(?=\.?\d)", "−", words)


def css_variables() -> str:
    """The palette as CSS custom properties, for what the browser lays out (``panels/frontend.css``)."""
    names = ("PAPER", "INK", "MUTED", "LINE", "SHADE", "ACCENT", "ACCENT_DARK", "ERROR", "ERROR_DARK")
    lines = "".join(f"  --lessons-{name.lower().replace('_', '-')}: {globals()[name]};\n" for name in names)
    return ":root {\n" + lines + "}\n"
