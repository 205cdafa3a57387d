"""One weight at a time. A formula where the others make no difference, and the real cost."""

from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib.drawing import style
from lessons_lib.panels.panel import Panel, Preset

GHOSTS = (-2, -1, 0, 1, 2)  # the other weight's values for which pale lines are drawn


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
        words = {"w1": "w₁", "w2": "w₂", "x": "x"}
        start = {"w1": 1.0, "w2": -0.5, "x": 1.5}
        return {
            name: W.FloatSlider(
                start[name], min=-2, max=2, step=0.05, description=words[name], tooltip=f"The value of {word}"
            )
            for name, word in words.items()
        }

    def figure(self):
        fig, axes = style.figure(1, 2, height=320)
        self.graphs = [self._graph(ax, *names) for ax, names in zip(axes, ("₁₂", "₂₁"), strict=True)]
        return fig

    def _graph(self, ax, own, other):
        ghosts = [ax.plot([-2, 2], [0, 0], color=style.PALE)[0] for _ in GHOSTS]
        (line,) = ax.plot([-2, 2], [0, 0], color=style.INK)
        (run,) = ax.plot([], [], color=style.MUTED)
        (rise,) = ax.plot([], [], color=style.UP, linewidth=3)
        (here,) = ax.plot([0], [0], "o", color=style.ACCENT, markersize=9, zorder=5)
        words = ax.text(-2.3, 10.6, "", fontsize=style.TITLE)
        ax.set(xlim=(-2.5, 3.3), ylim=(-12.5, 12.5), xlabel=f"w{own}", ylabel="E")
        style.title(ax, f"E against w{own}; pale: other values of w{other}")
        return SimpleNamespace(ghosts=ghosts, line=line, run=run, rise=rise, here=here, words=words)

    def compute(self, state):
        w, terms = np.array([state.w1, state.w2]), np.array([state.x, state.x**2])
        return SimpleNamespace(w=w, x=state.x, terms=terms, E=float(w @ terms))

    def draw(self, result):
        for k, graph in enumerate(self.graphs):
            slope, rest = result.terms[k], result.terms[1 - k]
            ends = np.array([-2.0, 2.0])
            for ghost, value in zip(graph.ghosts, GHOSTS, strict=True):
                ghost.set_ydata(slope * ends + value * rest)
            graph.line.set_ydata(slope * ends + result.w[1 - k] * rest)
            w = result.w[k]
            graph.here.set_data([w], [result.E])
            graph.run.set_data([w, w + 1], [result.E, result.E])
            graph.rise.set_data([w + 1, w + 1], [result.E, result.E + slope])
            graph.rise.set_color(style.signed_color(slope))
            name = ("∂E/∂w₁ = x", "∂E/∂w₂ = x²")[k]
            graph.words.set_text(f"{name} = {slope:.2f}")

    def describe(self, result):
        x, x2 = result.terms
        sign = "−" if result.w[1] < 0 else "+"
        return (
            f"E = {result.w[0]:.2f} · {x:.2f} {sign} {abs(result.w[1]):.2f} · {x2:.2f} = {result.E:.2f}. "
            f"Raise w₁ by 1, and E changes by {x:.2f}, whatever w₂ is; raise w₂ by 1, and E changes by "
            f"{x2:.2f}, whatever w₁ is."
        )
