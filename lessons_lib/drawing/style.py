"""The look of the house: one palette, one set of sizes, and figures that carry their own background.

Everything drawn or laid out takes its colours, fonts and sizes from here, so that the same thing has the same
look in every lesson: *up* is orange, *down* is blue, an activation runs from black to white like the digit
itself, and the examples of one digit keep one colour.
"""

from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

PAPER, INK, MUTED, LINE, SHADE = "#ffffff", "#20242b", "#59616d", "#dcdfe4", "#f1f2f0"
PALE = "#b9bfc7"  # a curve that only keeps another one company
UP, DOWN = "#d9690c", "#2a6fb5"  # fills: an increase and a decrease
UP_TEXT, DOWN_TEXT = "#a64b00", "#1f5c9c"  # the same, dark enough for words on PAPER
ACCENT, ACCENT_DARK = "#6b3fa0", "#c9a8f0"  # the one accent: a guess, a selection, a focus; second: on dark
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

BACKING = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}  # behind words that may lie on a curve

FONT = "DejaVu Sans"  # ships with matplotlib, so figures agree on every machine
SMALL, TEXT, TITLE = 8.0, 9.0, 10.5  # points
DPI = 100  # one point is 100/72 CSS pixels
WIDTH = 860  # CSS pixels of a full-width figure

ACTIVATION = LinearSegmentedColormap.from_list("activation", ["#000000", "#ffffff"])
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#134a80", DOWN, "#a9cbe8", "#ffffff", "#f6c596", UP, "#8a3d00"]
)
AMOUNT = LinearSegmentedColormap.from_list("amount", [PAPER, "#d9d0e8", "#a48cc8", ACCENT, "#3a1d63"])
COST = LinearSegmentedColormap.from_list("cost", ["#f7f7f3", "#d5dbe0", "#a6b2bd", "#76858f", "#4a5763"])

_RC = {
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


def look():
    """A context in which matplotlib uses the house look: ``with style.look(): ...``."""
    return rc_context(_RC)


def figure(rows=1, columns=1, *, width=WIDTH, height=320, **subplots):
    """Make a figure with the house look.

    Arguments: `rows` and `columns` of axes; `width` and `height` in CSS pixels; `subplots` go to
    `Figure.subplots` (``width_ratios``, ``sharex``, ``squeeze``...).
    Returns ``(figure, axes)`` as `matplotlib.pyplot.subplots` does, outside pyplot: nothing stays registered.

    >>> fig, (left, right) = figure(1, 2, width=600, height=300)
    >>> fig.get_size_inches().tolist()
    [6.0, 3.0]
    """
    with look():
        fig = Figure(figsize=(width / DPI, height / DPI), layout="constrained")
        fig.get_layout_engine().set(w_pad=0.08, h_pad=0.08, wspace=0.05, hspace=0.06)
        return fig, fig.subplots(rows, columns, **subplots)


def bare(ax):
    """Take ticks and frame off `ax`, for pictures that are not graphs; returns `ax`."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax


def title(ax, text):
    """Set the title of `ax` in the house's size, left-aligned; returns its `Text`."""
    return ax.set_title(text, loc="left", fontsize=TITLE, color=INK, pad=8)


def signed_color(value, *, text=False):
    """The colour of a change: orange up, blue down, grey for none; `text=True`: dark enough for words.

    >>> signed_color(-0.2) == DOWN, signed_color(0) == MUTED
    (True, True)
    """
    if value == 0:
        return MUTED
    return (UP_TEXT if text else UP) if value > 0 else (DOWN_TEXT if text else DOWN)


def css_variables():
    """The palette as CSS custom properties, for what is laid out in the browser (``panels/frontend.css``)."""
    names = ("PAPER", "INK", "MUTED", "LINE", "SHADE", "ACCENT", "ACCENT_DARK", "ERROR", "ERROR_DARK")
    lines = "".join(f"  --lessons-{name.lower().replace('_', '-')}: {globals()[name]};\n" for name in names)
    return ":root {\n" + lines + "}\n"
