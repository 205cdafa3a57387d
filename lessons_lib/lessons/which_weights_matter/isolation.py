"""One weight at a time. A formula where the others make no difference, and the real cost."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import float_slider
from lessons_lib.panels.panel import Panel, Preset

GHOSTS = (-2, -1, 0, 1, 2)  # the other weight's values for which pale lines are drawn


@dataclass(frozen=True, eq=False)
class Sum:
    """E, and what it is the sum of."""

    w: np.ndarray  # (2,)
    terms: np.ndarray  # (2,) what each weight is multiplied by: x and x²
    E: float


class Isolation(Panel):
    """E = w₁x + w₂x²: the slope for one weight, with the other held still."""

    title = "One weight at a time"
    presets = {
        "Large x": Preset({"x": 2.0}, "The second weight counts twice as much as the first: x² against x."),
        "Small x": Preset({"x": 0.5}, "The second weight counts half as much as the first."),
        "x = 0": Preset({"x": 0.0}, "Neither weight makes any difference to E."),
        "Negative x": Preset({"x": -1.5}, "Raising the first weight lowers E; raising the second raises it."),
    }

    def controls(self):
        starts = {"w1": ("w₁", 1.0), "w2": ("w₂", -0.5), "x": ("x", 1.5)}
        return {
            name: float_slider(start, -2, 2, 0.05, word, f"The value of {word}")
            for name, (word, start) in starts.items()
        }

    def figure(self):
        fig, axes = style.figure(1, 2, height=320)
        self.graphs = [self._graph(axes[0], "₁", "₂", "x"), self._graph(axes[1], "₂", "₁", "x²")]
        return fig

    @staticmethod
    def _graph(ax, own, other, term):
        ghosts = [ax.plot([-2, 2], [0, 0], color=style.PALE)[0] for _ in GHOSTS]
        (line,) = ax.plot([-2, 2], [0, 0], color=style.INK)
        (run,) = ax.plot([], [], color=style.MUTED)
        (rise,) = ax.plot([], [], color=style.UP, linewidth=3)
        (here,) = ax.plot([0], [0], "o", color=style.INK, markersize=9, zorder=5)
        words = ax.text(-2.3, 10.6, "", fontsize=style.TITLE)
        ax.set(xlim=(-2.5, 3.3), ylim=(-12.5, 12.5), xlabel=f"w{own}", ylabel="E")
        style.title(ax, f"E against w{own}; pale: other values of w{other}")

        def update(E, w, slope, other_w, other_slope):
            ends = np.array([-2.0, 2.0])
            for ghost, value in zip(ghosts, GHOSTS, strict=True):
                ghost.set_ydata(slope * ends + value * other_slope)
            line.set_ydata(slope * ends + other_w * other_slope)
            here.set_data([w], [E])
            run.set_data([w, w + 1], [E, E])
            rise.set(data=([w + 1, w + 1], [E, E + slope]), color=style.signed_color(slope))
            words.set_text(style.minus(f"∂E/∂w{own} = {term} = {slope:.2f}"))

        return charts.Drawn(update, ghosts=ghosts, line=line)

    def compute(self, state):
        w, terms = np.array([state.w1, state.w2]), np.array([state.x, state.x**2])
        return Sum(w, terms, float(w @ terms))

    def draw(self, result):
        first, second = zip(result.w, result.terms, strict=True)
        self.graphs[0].update(result.E, *first, *second)
        self.graphs[1].update(result.E, *second, *first)

    def describe(self, result):
        x, x2 = result.terms
        sign = "−" if result.w[1] < 0 else "+"
        return (
            f"E = {result.w[0]:.2f} · {x:.2f} {sign} {abs(result.w[1]):.2f} · {x2:.2f} = {result.E:.2f}. "
            f"Raise w₁ by 1, and E changes by {x:.2f}, whatever w₂ is; raise w₂ by 1, and E changes by "
            f"{x2:.2f}, whatever w₁ is."
        )
