"""Two weights at once: how the slope for one moves while the other one changes."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.drawing import style
from lessons_lib.engine.landscape import cost_line
from lessons_lib.lessons.which_weights_matter.sensitivity import (
    REACH,
    START,
    ExactPanel,
    axis_of,
    entry_slider,
    moved,
    slopes,
)
from lessons_lib.panels.controls import float_slider
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.words import entry_name

STEPS = np.geomspace(1e-4, 1, 33)  # learning rates
SHIFTS = np.linspace(-4, 4, 25)  # how far B is moved
TINY = 1e-4  # the wiggle that measures how a slope changes


@dataclass(frozen=True, eq=False)
class Entanglement:
    """The slope for A while B is moved, and what steps of all weights at once bring."""

    names: list[str]  # of A and B
    shift: float  # of B
    curves: list[np.ndarray]  # two of (len(REACH),): the cost against A, before and after the shift
    slope: float
    slope_moved: float
    slopes: np.ndarray  # (len(SHIFTS),) at each shift of B
    mixed: float  # the change of A's slope for a unit of B
    kept: np.ndarray  # (len(STEPS),) the fall of the cost as a share of what the slopes predict


class Entangled(ExactPanel):
    """The real cost: moving one weight changes the slope of another, and a small step is still right.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset to choose images from.
    """

    title = "On the real cost, weights do interfere"
    presets = {
        "B moved a little": Preset(
            {"stage": START, "shift": 0.25},
            "A's slope is nearly the same as before: the pale and dark lines agree.",
        ),
        "B moved far": Preset(
            {"stage": START, "shift": 3.0},
            "A's slope is a different number now: it held only for where B stood.",
        ),
        "Two that ignore each other": Preset(
            {"stage": START, "b": 0, "shift": 3.0},
            "B comes from a dark pixel: it moves nothing, and A's slope stays too.",
        ),
    }

    def controls(self):
        net, (a, b) = self.net, _two_weights(self.net)
        return super().controls() | {
            "a": entry_slider(a, net, "Weight A", "The weight whose slope is watched"),
            "b": entry_slider(b, net, "Weight B", "The weight that is moved"),
            "shift": float_slider(2.0, -4, 4, 0.25, "Move B by", "By how much B is changed"),
        }

    def figure(self):
        fig, (cost, slope, steps) = style.figure(1, 3, height=320)
        self._cost(cost)
        self._slope(slope)
        self._steps(steps)
        return fig

    def _cost(self, ax):
        (self.before,) = ax.plot(REACH, 0 * REACH, color=style.PALE, label="B as it was")
        (self.after,) = ax.plot(REACH, 0 * REACH, color=style.INK, label="B moved")
        (self.tangent,) = ax.plot([], [], "--", color=style.SLOPE, label="its tangent")
        (self.here,) = ax.plot([], [], "o", color=style.INK, markersize=8, zorder=5)
        ax.set(xlim=(-4.2, 4.2), ylim=(-0.1, 3), xlabel="change of A", ylabel="cost")
        ax.legend(loc="upper right")
        style.title(ax, "cost against A")

    def _slope(self, ax):
        ax.axhline(0, color=style.MUTED, linewidth=0.8)
        (self.slopes,) = ax.plot(SHIFTS, 0 * SHIFTS, color=style.INK)
        (self.mixed,) = ax.plot([], [], "--", color=style.SLOPE, label="as steep as it is at 0")
        (self.now,) = ax.plot([], [], "o", color=style.INK, markersize=8, zorder=5)
        ax.set(xlim=(-4.2, 4.2), ylim=(-0.5, 0.5), xlabel="change of B", ylabel="slope for A")
        ax.legend(loc="lower right")
        style.title(ax, "slope for A against B")

    def _steps(self, ax):
        ax.axhline(1, color=style.MUTED, linewidth=0.8)
        (self.kept,) = ax.plot(STEPS, 0 * STEPS, color=style.INK)
        ax.set(xscale="log", xlim=(STEPS[0], STEPS[-1]), ylim=(-0.6, 1.6))
        ax.set(xlabel="step: each moves by −step × slope", ylabel="measured ÷ predicted")
        ax.minorticks_off()
        style.title(ax, f"all {self.net.n_params:,} at once")

    def compute(self, state):
        net, one = self.chosen(state)

        def with_b_moved(shift):
            return net.with_params(moved(net.params, state.b, shift))

        def slope_at(shift):
            return slopes(with_b_moved(shift), one)[state.a]

        gradient = slopes(net, one)
        path = cost_line(net, one, -gradient, [0.0, *STEPS])
        return Entanglement(
            names=[entry_name(net.address(k), net.sizes) for k in (state.a, state.b)],
            shift=state.shift,
            curves=[
                cost_line(with_b_moved(shift), one, axis_of(net, state.a), REACH)
                for shift in (0.0, state.shift)
            ],
            slope=gradient[state.a],
            slope_moved=slope_at(state.shift),
            slopes=np.array([slope_at(shift) for shift in SHIFTS]),
            mixed=(slope_at(TINY) - slope_at(-TINY)) / (2 * TINY),
            kept=(path[1:] - path[0]) / (-STEPS * max(gradient @ gradient, 1e-30)),
        )

    def draw(self, result):
        middle = len(REACH) // 2
        for line, curve in zip((self.before, self.after), result.curves, strict=True):
            line.set_ydata(curve)
        height = result.curves[1][middle]
        self.tangent.set_data([-1.5, 1.5], height + result.slope_moved * np.array([-1.5, 1.5]))
        self.here.set_data([0], [height])
        self.slopes.set_ydata(result.slopes)
        self.mixed.set_data([-1.5, 1.5], result.slope + result.mixed * np.array([-1.5, 1.5]))
        self.now.set_data([result.shift], [result.slope_moved])
        self.kept.set_ydata(result.kept)

    def describe(self, result):
        return (
            f"A is {result.names[0]}, B is {result.names[1]}. With B moved by {result.shift:+.2f}, the slope "
            f"for A goes from {result.slope:+.3g} to {result.slope_moved:+.3g}; at the start it changes by "
            f"{result.mixed:+.3g} for each unit of B. A step of {STEPS[0]:g} of all weights at once brings "
            f"{result.kept[0]:.1%} of what the slopes predict, a step of {STEPS[-1]:g} only "
            f"{result.kept[-1]:.1%}."
        )


def _two_weights(net):
    """The weights into output 6 from neurons 1 and 3 before it, or as near to them as there are any."""
    n_in, n_out = net.sizes[-2:]
    return [net.index(len(net.sizes) - 2, "weight", min(6, n_out - 1), min(k, n_in - 1)) for k in (1, 3)]
