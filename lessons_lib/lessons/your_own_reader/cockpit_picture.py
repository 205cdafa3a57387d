"""The picture of the cockpit: curves above; first-layer weights, confusion and the hardest images below."""

from math import isqrt

import numpy as np

from lessons_lib.drawing import charts, style

TICKS = (0.0, 0.5, 0.8, 0.9, 0.93, 0.95, 0.96, 0.98)  # shares of images read, the rungs among them
SHOWN = 16  # first-layer neurons with a picture
COUNTED = 4  # cells of the table of mistakes that carry their number
TOPS = {  # (cost, outputs) -> the upper end of the axis of costs
    ("squared_error", "sigmoid"): 1.2,
    ("squared_error", "softmax"): 1.2,
    ("cross_entropy", "sigmoid"): 4.0,
    ("cross_entropy", "softmax"): 2.5,
}


def height_of(share):
    """Where a share of images read stands on the axis: each halving of the errors is one step up."""
    return -np.log2(np.maximum(1 - np.asarray(share, float), 0.01))


def share_axis(ax):
    """Let the vertical axis show shares of images read on the scale of :func:`height_of`."""
    ax.set(ylim=(0, height_of(0.98)), ylabel="test accuracy (stretched)")
    ax.set_yticks([height_of(share) for share in TICKS], [f"{share:.0%}" for share in TICKS])
    ax.grid(axis="y")


class CockpitPicture:
    """The artists of the cockpit's figure; ``draw(look)`` gives them what one moment looks like.

    Args:
        pixels: of an image.
        classes: that there are.
    """

    def __init__(self, pixels, classes):
        self.pixels, self.classes = pixels, classes
        self.fig, whole = style.figure(height=560)
        whole.remove()
        rows = [["cost"] * 3 + ["read"] * 3, ["weights"] * 2 + ["mistakes"] * 2 + ["hardest"] * 2]
        axes = self.fig.subplot_mosaic(rows, height_ratios=(1.2, 1))
        self._curves(axes["cost"], axes["read"])
        self.weights = style.bare(axes["weights"]).imshow(
            np.zeros((118, 118)), cmap=style.SIGNED, vmin=-1, vmax=1
        )
        style.title(axes["weights"], "first-layer weights")
        self._mistakes(axes["mistakes"])
        self._hardest(axes["hardest"])

    def _curves(self, cost, read):
        self.training = cost.plot([], [], color=style.UP, linewidth=1.1, label="training")[0]
        self.testing = cost.plot([], [], color=style.DOWN, label="tests")[0]
        cost.legend(loc="upper right", handlelength=1.4)
        self.read = read.plot([], [], color=style.DOWN)[0]
        look = {"color": style.DOWN, "markersize": 6, "clip_on": False}
        self.now = [ax.plot([], [], "o", **look)[0] for ax in (cost, read)]
        cost.grid(axis="y")
        share_axis(read)
        for ax in (cost, read):
            ax.set_xlabel("passes over the examples")
        style.title(cost, "cost")
        style.title(read, "test accuracy")
        self.axes = cost, read

    def _mistakes(self, ax):
        n = self.classes
        self.confusion = style.bare(ax).imshow(np.zeros((n, n)), cmap=style.AMOUNT, aspect="auto")
        charts.tick_labels(ax.xaxis, range(n))
        charts.tick_labels(ax.yaxis, range(n))
        for lines in (ax.hlines, ax.vlines):
            lines(np.arange(1, n) - 0.5, -0.5, n - 0.5, color=style.LINE, linewidth=0.8)
        ax.set(xlabel="read as", ylabel="written")
        look = {"ha": "center", "va": "center", "color": style.PAPER, "fontsize": style.SMALL}
        self.counts = [ax.text(0, 0, "", **look) for _ in range(COUNTED)]
        style.title(ax, "mistakes in the test")

    def _hardest(self, ax):
        self.hardest = charts.digit_grid(ax, np.zeros((10, self.pixels)), columns=5)
        side = isqrt(self.pixels)
        unit, pitch = side / 28, side + charts.GAP  # a name stands as far from its image, whatever its pixels
        high = 2 * side + charts.GAP
        ax.set(ylim=(high + 14 * unit, -16 * unit))
        places = [(pitch * column + side / 2, y) for y in (-7 * unit, high + 7 * unit) for column in range(5)]
        self.names = [ax.text(x, y, "", ha="center", va="center", fontsize=style.SMALL) for x, y in places]
        ax.set_anchor("N")
        style.title(ax, "hardest: what it is → read as")

    def draw(self, look):
        """Show a :class:`~lessons_lib.lessons.your_own_reader.cockpit.Look`."""
        self._draw_curves(look)
        scaled = [w / charts.symmetric_limit(w) for w in look.net.weights[0][:SHOWN]]
        self.weights.set_data(charts.mosaic(scaled, 4, rows=4))
        self._draw_mistakes(look.confusion - np.diag(np.diag(look.confusion)))
        digits = np.zeros((10, self.pixels), np.uint8)
        digits[: len(look.hardest)] = look.hardest
        self.hardest.update(digits)
        names = [f"{label} → {answer}" for label, answer in look.labels]
        for text, name in zip(self.names, names + [""] * (10 - len(names)), strict=True):
            text.set_text(name)

    def _draw_curves(self, look):
        passes, cost, share = look.tests.T
        self.training.set_data(*look.costs.T)
        self.testing.set_data(passes, cost)
        self.read.set_data(passes, height_of(share))
        for dot, y in zip(self.now, (cost[-1], height_of(share[-1])), strict=True):
            dot.set_data(passes[-1:], [y])
        top = TOPS[look.settings.cost, look.settings.output]
        for ax in self.axes:
            charts.set_limits(ax, x=(0, look.settings.epochs))
        charts.set_limits(self.axes[0], y=(0, top))

    def _draw_mistakes(self, mistakes):
        most = max(1, mistakes.max())
        self.confusion.set_data(mistakes)
        self.confusion.set_clim(0, most)
        order = np.argsort(-mistakes, axis=None, kind="stable")[:COUNTED]
        for text, place in zip(self.counts, order, strict=False):
            written, answer = divmod(int(place), self.classes)
            count = mistakes[written, answer]
            text.set(position=(answer, written), text=str(count) if most / 2 < count < 1000 else "")
