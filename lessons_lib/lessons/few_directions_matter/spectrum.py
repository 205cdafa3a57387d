"""The directions in which the examples' gradients lie, and what the strongest of them hold."""

from dataclasses import dataclass
from types import SimpleNamespace

import ipywidgets as W
import numpy as np
from matplotlib.collections import LineCollection

from lessons_lib import backprop, forward
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import int_slider, stage_control
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.voting import VotingPanel

MOST = 500  # examples, so that their eigenproblem keeps up with a slider
STILL = 0.2  # dots nearer to zero than this want next to nothing


def keep_controls(percent):
    """The two controls of what is kept."""
    return {
        "keep": int_slider(percent, 1, 100, "Keep %", "The share of the variance to keep, in percent"),
        "centred": W.Checkbox(
            False, description="Centred", tooltip="Subtract the mean gradient from every example's first"
        ),
    }


@dataclass(frozen=True, eq=False)
class Directions:
    """The principal directions v_k of per-example gradients, and what lies along them."""

    variances: np.ndarray  # (n,) the largest first
    points: np.ndarray  # (n, 2) each example along the first two directions
    mean: np.ndarray  # (n,) v_k · ḡ, the mean gradient along each direction
    length: float  # |ḡ|


def spectrum(K: np.ndarray, *, centred: bool = False) -> Directions:
    """The principal directions of per-example gradients, from their inner products alone.

    Args:
        K: (n, n) inner products, such as ``grad.gram()``.
        centred: subtract the mean gradient from every example's first.

    Example:
        >>> s = spectrum(np.array([[9.0, 0.0], [0.0, 1.0]]))
        >>> s.variances, abs(s.mean)
        (array([9., 1.]), array([1.5, 0.5]))
    """
    with_mean = K.mean(axis=1, dtype=float)  # (n,) g_i · ḡ
    own = K - with_mean[:, None] - with_mean + with_mean.mean() if centred else K.astype(float)
    variances, U = np.linalg.eigh(own)
    variances, U = np.maximum(variances[::-1], 0), U[:, ::-1]
    s = np.sqrt(np.maximum(variances, 1e-12 * variances[0]))
    mean = U.T @ (with_mean - with_mean.mean() * centred) / s
    signs = np.where(mean < 0, -1.0, 1.0)  # an eigenvector's sign is arbitrary: along the mean
    return Directions(variances, (U * s * signs)[:, :2], mean * signs, float(np.sqrt(with_mean.mean())))


def square_around(points):
    """Limits of equal axes that hold all ``points`` (n, 2) and the origin."""
    low, high = np.minimum(points.min(axis=0), 0), np.maximum(points.max(axis=0), 0)
    middle, half = (low + high) / 2, 0.56 * np.max(high - low)
    return {"xlim": (middle[0] - half, middle[0] + half), "ylim": (middle[1] - half, middle[1] + half)}


def still(points):
    """How many of the ``points`` (n, 2) are so near to zero that their examples want next to nothing."""
    return int(np.sum(np.hypot(*points.T) < STILL))


@dataclass(frozen=True, eq=False)
class Held:
    """What the strongest directions hold, and how many are kept."""

    state: SimpleNamespace
    points: np.ndarray  # (n, 2) each example along the first two directions
    mean: np.ndarray  # (2,) their mean
    variance: np.ndarray  # (n,) the share of the variance in the first 1, 2, ... directions
    cosine: np.ndarray  # (n,) of the mean gradient kept in as many with the full one
    count: int  # directions that are kept


class Spectrum(VotingPanel):
    """How few directions the examples' gradients need, and how much of the mean gradient lies in them.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset whose first examples, 500 at the most, are looked at.
    """

    needs = Needs(classes=10, examples=2)

    title = "How many directions do the examples need?"
    presets = {
        "New network": Preset(
            {"stage": "untrained"}, "Ten tight bundles, one per digit: few directions hold nearly everything."
        ),
        "After one epoch": Preset(
            {"stage": "after one epoch"}, "The examples disagree now, and need many more directions."
        ),
        "Trained": Preset(
            {"stage": "trained"}, "Most examples are content and stay at zero; a few long arrows decide."
        ),
        "Centred": Preset(
            {"stage": "untrained", "centred": True},
            "The mean is gone from the picture, and with it the way downhill.",
        ),
    }

    def controls(self):
        most = min(MOST, len(self.digits))
        count = int_slider(
            min(300, most), min(50, most), most, "Examples", "How many gradients to look at", step=50
        )
        return {"stage": stage_control(self.nets), "examples": count} | keep_controls(90)

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=390, width_ratios=(1, 1.15))
        self.spokes = LineCollection([], linewidths=0.9, alpha=0.55)
        left.add_collection(self.spokes, autolim=False)
        self.dots = [left.plot([], [], "o", color=color, markersize=4)[0] for color in style.DIGITS]
        self.names = [
            left.text(
                0, 0, "", color=color, fontsize=style.TITLE, ha="center", va="center", bbox=style.BACKING
            )
            for color in style.DIGITS
        ]
        self.arrow = left.plot([], [], color=style.INK, linewidth=2.4)[0]
        look = {"color": style.INK, "markersize": 10, "fillstyle": "none", "markeredgewidth": 1.8}
        self.tip = left.plot([], [], "D", **look)[0]
        left.axhline(0, color=style.LINE, linewidth=0.8, zorder=0)
        left.axvline(0, color=style.LINE, linewidth=0.8, zorder=0)
        left.set(xlabel="along the first direction", ylabel="along the second", aspect="equal")
        left.locator_params(nbins=5)
        self.still = style.title(left, "one arrow per example")
        self.left, looks = left, {"variance": (style.INK, "-"), "cosine": (style.MUTED, "--")}
        self.lines = {name: right.plot([], [], dash, color=color)[0] for name, (color, dash) in looks.items()}
        self.border = right.axvline(1, 0.22, color=style.ACCENT)
        self.marks = {name: right.plot([], [], "o", color=style.ACCENT)[0] for name in looks}
        self.values = {
            name: right.text(0.97, y, "", color=color, ha="right", transform=right.transAxes)
            for (name, (color, _)), y in zip(looks.items(), (0.14, 0.06), strict=True)
        }
        right.set(
            xscale="log", xlim=(0.9, MOST), ylim=(0, 1.04), xlabel="directions kept, the strongest first"
        )
        right.set_xticks([1, 10, 100, MOST], ["1", "10", "100", str(MOST)])
        right.grid(axis="y")
        style.title(right, "what they hold")
        return fig

    def spectrum(self, state):
        """The :class:`Directions` of the first examples, as many as the state says; computed once."""

        def make():
            net, some = self.nets[state.stage], self.digits[: state.examples]
            grad = backprop(net, forward(net, some.pixels), some.y)
            return spectrum(grad.gram(), centred=state.centred)

        return self.kept("spectrum", (state.stage, state.examples, state.centred), make)

    def compute(self, state):
        found = self.spectrum(state)
        share = np.cumsum(found.variances) / found.variances.sum()
        cosine = np.sqrt(np.cumsum(found.mean**2)) / found.length
        count = int(np.searchsorted(share, state.keep / 100 * (1 - 1e-9))) + 1
        count = min(count, len(share))
        return Held(state, found.points, found.mean[:2], share, np.minimum(cosine, 1), count)

    def draw(self, result):
        labels = self.digits.labels[: result.state.examples]
        by_digit = [result.points[labels == digit] for digit in range(len(self.dots))]
        for own, dots in zip(by_digit, self.dots, strict=True):
            dots.set_data(*own.T)
        self._name_furthest(by_digit, square_around(result.points))
        self.spokes.set_segments(np.stack([np.zeros_like(result.points), result.points], axis=1))
        self.spokes.set_color([style.DIGITS[label] for label in labels])
        self.still.set_text(f"one arrow per example ({still(result.points)} too short to see)")
        self.arrow.set_data([0, result.mean[0]], [0, result.mean[1]])
        self.tip.set_data([result.mean[0]], [result.mean[1]])
        self.left.set(**square_around(result.points))
        count = result.count
        self.border.set_xdata([count, count])
        for name, words in (("variance", "of the variance"), ("cosine", "cosine to the full gradient")):
            values = getattr(result, name)
            self.lines[name].set_data(np.arange(1, len(values) + 1), values)
            self.marks[name].set_data([count], [values[count - 1]])
            number = f"{values[count - 1]:.0%}" if name == "variance" else f"{values[count - 1]:.2f}"
            self.values[name].set_text(f"{number} {words}")

    def _name_furthest(self, by_digit, limits):
        """Write each digit at its longest arrow, if that is long enough, and no two over each other."""
        furthest = [max(own, key=np.linalg.norm, default=np.zeros(2)) for own in by_digit]
        named = [digit for digit, end in enumerate(furthest) if np.linalg.norm(end) > STILL]
        ends = np.reshape([furthest[digit] for digit in named], (-1, 2))
        moved = charts.apart(1.09 * ends, 0.06 * np.ptp(limits["xlim"]), fixed=ends)
        places = dict(zip(named, moved, strict=True))
        for digit, name in enumerate(self.names):
            name.set(position=places.get(digit, (0, 0)), text=str(digit) if digit in places else "")

    def describe(self, result):
        count, state = result.count, result.state
        about = "after the mean is taken off, " if state.centred else ""
        plural = "direction holds" if count == 1 else "directions hold"
        return (
            f"For {state.examples} examples, {about}{count} {plural} {result.variance[count - 1]:.0%} of the "
            f"variance. The mean gradient, kept in these only, has cosine {result.cosine[count - 1]:.2f} to "
            f"the full one. {still(result.points)} of the dots lie within {STILL} of zero."
        )
