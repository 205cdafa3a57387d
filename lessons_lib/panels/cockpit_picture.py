"""The picture of the cockpit: curves above; first-layer weights, confusion and the hardest images below."""

import numpy as np

from lessons_lib import figures, style

TICKS = (0.0, 0.5, 0.8, 0.9, 0.93, 0.95, 0.96, 0.98)  # shares of images read, with the ladder among them
SHOWN = 16  # first-layer neurons with a picture


def height_of(share):
    """Where a share of images read stands on the axis: each halving of the errors is one step up."""
    return -np.log2(np.maximum(1 - np.asarray(share, float), 0.01))


def share_axis(ax):
    """Let the vertical axis show shares of images read on the scale of :func:`height_of`."""
    ax.set(ylim=(0, height_of(0.98)))
    ax.set_yticks([height_of(share) for share in TICKS], [f"{share:.0%}" for share in TICKS])
    ax.grid(axis="y")


class CockpitPicture:
    """The artists of the cockpit's figure; ``draw(look)`` gives them what one moment looks like."""

    def __init__(self):
        self.fig, axes = style.figure(2, 3, height=500, width_ratios=(1, 1, 1.05), height_ratios=(1, 1.12))
        (cost, read, note), (weights, confusion, hardest) = axes
        self._curves(cost, read)
        self.note = style.bare(note).text(0, 1, "", va="top", fontsize=style.TEXT, linespacing=1.7)
        note.set(xlim=(0, 1), ylim=(0, 1))
        self.weights = style.bare(weights).imshow(np.zeros((118, 118)), cmap=style.SIGNED, vmin=-1, vmax=1)
        style.title(weights, "first-layer weights")
        self.confusion = figures._cells(confusion, np.zeros((10, 10)), style.AMOUNT, range(10), range(10))
        confusion.set(xlabel="read as", ylabel="written")
        style.title(confusion, "mistakes")
        self.hardest = figures.digit_grid(hardest, np.zeros((10, 784)), columns=5)
        hardest.set(ylim=(74, -14))
        self.names = [hardest.text(-1, y, "", fontsize=style.SMALL, family="DejaVu Sans Mono") for y in (-3, 70)]
        style.title(hardest, "hardest images")

    def _curves(self, cost, read):
        self.training = cost.plot([], [], color=style.MUTED, linewidth=1.1)[0]
        self.testing = cost.plot([], [], color=style.ACCENT)[0]
        self.read = read.plot([], [], color=style.ACCENT)[0]
        self.now = [ax.plot([], [], "o", color=style.ACCENT, markersize=6)[0] for ax in (cost, read)]
        cost.grid(axis="y")
        share_axis(read)
        for ax in (cost, read):
            ax.set_xlabel("passes over the examples")
        style.title(cost, "cost: training, tests")
        style.title(read, "test images read")
        self.axes = cost, read

    def draw(self, look):
        """Show a :class:`~lessons_lib.panels.your_own_reader.Look`."""
        self._draw_curves(look)
        self.weights.set_data(_mosaic(look.net.weights[0][:SHOWN]))
        mistakes = look.confusion - np.diag(np.diag(look.confusion))
        self.confusion.set_data(mistakes)
        self.confusion.set_clim(0, max(1, mistakes.max()))
        self._draw_hardest(look)
        self._draw_note(look)

    def _draw_curves(self, look):
        passes, cost, share = look.tests.T
        self.training.set_data(*look.costs.T)
        self.testing.set_data(passes, cost)
        self.read.set_data(passes, height_of(share))
        for dot, y in zip(self.now, (cost[-1], height_of(share[-1])), strict=True):
            dot.set_data(passes[-1:], [y])
        top = 1.0 if look.settings.cost == "squared_error" else 2.5
        for ax in self.axes:
            _limit(ax, "x", (0, look.settings.epochs))
        _limit(self.axes[0], "y", (0, top))

    def _draw_hardest(self, look):
        digits = np.zeros((10, 784), np.uint8)
        digits[: len(look.hardest)] = look.hardest
        self.hardest.update(digits)
        names = [f"{label} as {answer}" for label, answer in look.labels]
        for text, row in zip(self.names, (names[:5], names[5:]), strict=True):
            text.set_text("  ".join(row))

    def _draw_note(self, look):
        s = look.settings
        self.note.set_text(
            f"{'-'.join(map(str, s.sizes))}: {look.net.n_params:,} parameters\n"
            f"pass {look.passes:.2f} of {s.epochs}, step {look.step:,}\n"
            f"reads {look.accuracy:.2%} of the test images"
        )


def _limit(ax, axis, limits):
    """Set the limits of an axis if they are new: a frame drawn again takes time."""
    if getattr(ax, f"get_{axis}lim")() != limits:
        getattr(ax, f"set_{axis}lim")(limits)


def _mosaic(weights):
    """(k, 784) with k up to 16 -> a masked 4 x 4 picture, each neuron scaled to its largest weight."""
    mosaic = np.full((4, 30, 4, 30), np.nan)
    for k, w in enumerate(weights):
        mosaic[k // 4, :28, k % 4, :28] = w.reshape(28, 28) / figures.symmetric_limit(w)
    return np.ma.masked_invalid(mosaic.reshape(120, 120)[:118, :118])
