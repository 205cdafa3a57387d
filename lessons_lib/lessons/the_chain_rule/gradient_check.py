"""The gradient check, and its wiggle h."""

from dataclasses import dataclass
from os.path import commonprefix

import numpy as np

from lessons_lib import backprop, forward, numerical_gradient
from lessons_lib.drawing import style
from lessons_lib.engine.propagation import mean_cost
from lessons_lib.panels.controls import float_slider
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset

EXPONENTS = np.arange(0, -15.01, -0.25)  # h from 1 to 1e-15
FLOOR = 1e-18  # where an error of exactly 0 is drawn
METHODS = {"central": style.INK, "complex": style.SECOND}
COUNTED = {0: "no decimal", 1: "their first decimal"}


@dataclass(frozen=True, eq=False)
class Measurement:
    """One slope, measured in both ways with the same wiggle."""

    h: float
    costs: list[float]  # at w + h and at w − h
    measured: dict[str, float]  # the slope by each of the `METHODS`
    error: dict[str, float]  # how far it is off, as a share of backprop's


def exact_slope(given):
    """What is missing, if there is no slope at the index whose digits could be compared."""
    net, x, y, index = given["net"], given["x"], given["y"], given.get("index", 0)
    if net.dtype != np.float64:
        return (
            f"compares 16 digits, and {net.dtype} has {np.finfo(net.dtype).precision}. Give it the network "
            "in double precision: net.with_params(net.params.astype(float))."
        )
    if not -net.n_params <= index < net.n_params:
        return f"has {net.n_params:,} parameters to choose from; index is {index}. Choose one from 0 up."
    if backprop(net, forward(net, x), y).mean()[index] == 0:
        return f"measures errors as shares of the slope, and the slope at index {index} is 0. Choose another."
    return None


class GradientCheck(Panel):
    """How far a measured slope is from backprop's, against the wiggle h.

    Args:
        net: a float64 network.
        x, y: (batch, n_in) examples and (batch, n_out) targets.
        index: which parameter is wiggled; its slope is not 0.
    """

    needs = Needs(also=exact_slope)

    title = "The gradient check"
    presets = {
        "Too large": Preset(
            {"exponent": -0.5}, "The wiggle is so large that the curve bends between its ends."
        ),
        "About right": Preset({"exponent": -5.0}, "The two errors are about equal, and both are small."),
        "Too small": Preset(
            {"exponent": -13.0}, "The two costs share nearly all their digits; little is left."
        ),
        "Nothing left": Preset({"exponent": -15.0}, "One or two digits differ, and rounding decides them."),
    }

    def __init__(self, net, x, y, index=0, **state):
        self.net, self.x, self.y, self.index = net, x, y, index
        self.exact = backprop(net, forward(net, x), y).mean()[index]
        self.curves = {name: [self.off_by(name, 10.0**e) for e in EXPONENTS] for name in METHODS}
        super().__init__(**state)

    def off_by(self, method, h):
        """How far the measured slope is off, as a share of backprop's."""
        return abs(self.measured(method, h) / self.exact - 1)

    def measured(self, method, h):
        return numerical_gradient(self.net, self.x, self.y, method=method, h=h, indices=[self.index])[0]

    def controls(self):
        return {"exponent": float_slider(-1.0, -15, 0, 0.25, "h = 10 to the", "The exponent of the wiggle h")}

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=370, width_ratios=(1.15, 1))
        left.set(xscale="log", yscale="log", xlim=(3, 3e-16), ylim=(1e-19, 10))
        left.set(xlabel="wiggle h, smaller to the right", ylabel="error / slope")
        left.grid(axis="y")
        self.points = {}
        for (name, color), dash, size in zip(METHODS.items(), ("-", "--"), (11, 6), strict=True):
            error = np.maximum(self.curves[name], FLOOR)  # where both fall together, both are seen
            left.plot(10.0**EXPONENTS, error, color=color, linewidth=1.8, linestyle=dash)
            look = {"color": color, "markersize": size, "markeredgecolor": style.PAPER}
            (self.points[name],) = left.plot([], [], "o", **look)
        left.text(1e-10, 1e-1, "central difference:\nrounding", ha="center", va="center")
        left.text(1e-2, 1e-3, "truncation")
        left.text(1e-9, 2e-15, "complex step", color=style.SECOND, ha="center")
        style.title(left, "error of the measured slope")
        style.bare(right).set(xlim=(0, 1), ylim=(0, 1))
        style.title(right, "digit by digit")
        self.rows = [_Digits(right, 0.92 - 0.19 * k) for k in range(5)]
        return fig

    def compute(self, state):
        h = 10.0**state.exponent
        costs = []
        for step in (h, -h):
            params = self.net.params.copy()
            params[self.index] += step
            costs.append(float(mean_cost(self.net, forward(self.net.with_params(params), self.x), self.y)))
        measured = {name: self.measured(name, h) for name in METHODS}
        error = {name: self.off_by(name, h) for name in METHODS}
        return Measurement(h, costs, measured, error)

    def draw(self, result):
        for name, point in self.points.items():
            point.set_data([result.h], [max(result.error[name], FLOOR)])
        up, down = (f"{cost:.17f}" for cost in result.costs)
        slopes = [f"{slope:+.16f}" for slope in (*result.measured.values(), self.exact)]
        names = (
            "the cost at w + h    (bold: unlike the one below)",
            "the cost at w − h    (bold: unlike the one above)",
            "their difference / 2h    (bold: unlike backprop)",
            "complex step    (bold: unlike backprop)",
            "backprop",
        )
        others = (down, up, slopes[2], slopes[2], slopes[2])
        for row, name, number, other in zip(self.rows, names, (up, down, *slopes), others, strict=True):
            row.update(name, number, other)

    def describe(self, result):
        up, down = (f"{cost:.17f}" for cost in result.costs)
        decimals = max(0, shared(up, down) - 2)
        together = COUNTED.get(decimals, f"their first {decimals} decimals")
        return (
            f"With h = {result.h:.2g} the two costs share {together}. "
            f"The central difference is off by {result.error['central']:.1e} of the slope, "
            f"the complex step by {result.error['complex']:.1e}."
        )


class _Digits:
    """A number in two shades: what it shares with another one is grey, the rest is black and bold."""

    def __init__(self, ax, y):
        look = {"family": "DejaVu Sans Mono", "fontsize": style.TITLE, "va": "center"}
        self.name = ax.text(0.02, y, "", fontsize=style.SMALL, color=style.MUTED, va="center")
        self.same = ax.text(0.02, y - 0.07, "", color=style.MUTED, **look)
        self.other = ax.text(0.02, y - 0.07, "", color=style.INK, weight="bold", **look)

    def update(self, name, number, other):
        same = shared(number, other)
        self.name.set_text(name)
        self.same.set_text(number[:same])
        self.other.set_text(" " * same + number[same:])


def shared(one, other):
    """How many characters two texts have in common from the left."""
    return len(commonprefix([one, other]))  # noqa: RUF071  characters, not parts of a path
