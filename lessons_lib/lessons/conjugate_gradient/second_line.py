"""Two lines in a small ravine, and what walking the second does to the slope along the first."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from matplotlib.collections import LineCollection

from lessons_lib.data.surfaces import Ravine
from lessons_lib.drawing import style
from lessons_lib.panels.controls import dropdown, float_slider
from lessons_lib.panels.panel import Panel, Preset

RAVINE, START = Ravine(condition_number=4), np.array([-4.0, 1.0])  # with these all numbers are short
STRETCH = np.array([1.0, 2.0])  # makes the ravine round: the square roots of its curvatures
FIRST, SECOND = style.INK, style.RULES["conjugate gradient"]  # the two lines


@dataclass(frozen=True)
class Line:
    """A line with its lowest point: place + step · direction."""

    place: np.ndarray  # (2,)
    direction: np.ndarray  # (2,)

    @property
    def slope(self) -> float:
        """How the cost changes along the line, per unit of the step, where it starts."""
        return float(RAVINE.gradient(self.place) @ self.direction)

    @property
    def curvature(self) -> float:
        """How that slope changes per unit of the step, d · H d."""
        return float(self.direction @ RAVINE.hessian() @ self.direction)

    @property
    def step(self) -> float:
        """Where the slope is 0."""
        return -self.slope / self.curvature

    @property
    def lowest(self) -> np.ndarray:
        """(2,) the lowest point of the line."""
        return self.place + self.step * self.direction


@dataclass(frozen=True)
class Lines:
    """Both lines, and what the second does to the first."""

    state: SimpleNamespace
    first: Line
    second: Line

    @property
    def shown(self) -> list[Line]:
        """Those that have been walked."""
        return [self.first, self.second][: 1 + (self.state.line == "the second")]

    @property
    def undone(self) -> float:
        """How the slope along the first line changes per unit of a step along the second, d · H d′."""
        return float(self.first.direction @ RAVINE.hessian() @ self.second.direction)

    @property
    def angle(self) -> float:
        """Degrees between the lines after stretching."""
        d, e = (line.direction * STRETCH for line in (self.first, self.second))
        return float(np.degrees(np.arccos(d @ e / np.linalg.norm(d) / np.linalg.norm(e))))


def rings(count=9):
    """(count, 121, 2) circles that are level lines of the stretched ravine."""
    turn = np.linspace(0, 2 * np.pi, 121)
    return np.linspace(0.5, 5.5, count)[:, None, None] * np.stack([np.cos(turn), np.sin(turn)], -1)


class SecondLine(Panel):
    """The first line goes straight downhill; β says how much of it is mixed into the second."""

    title = "Does the second line undo the first?"
    presets = {
        "The first line": Preset(
            {"line": "the first"}, "The slope along the line rises straight to 0: stop there."
        ),
        "Straight downhill": Preset(
            {"beta": 0.0},
            "Where the second line is lowest, the first has a slope again: some of it is undone.",
        ),
        "Conjugate": Preset({"beta": 0.36}, "The slope along the first line stays 0, so nothing is undone."),
        "Too much": Preset({"beta": 0.8}, "Now the first line's slope is spoiled the other way."),
    }

    def controls(self):
        return {
            "line": dropdown(["the first", "the second"], "Walk along", "How far we have come", "the second"),
            "beta": float_slider(0.0, -0.2, 1.0, 0.01, "β", "The share of the first direction in the second"),
        }

    def figure(self):
        fig, (plain, stretched, graph) = style.figure(1, 3, height=330, width_ratios=(1.45, 1, 1.25))
        self.maps = [
            (self._map(plain, np.ones(2), "the ravine, to scale"), np.ones(2)),
            (self._map(stretched, STRETCH, "stretched until round"), STRETCH),
        ]
        graph.axhline(0, color=style.LINE, linewidth=1, zorder=0)
        (self.own,) = graph.plot([], [])
        (self.before,) = graph.plot([], [], color=FIRST, linestyle="--")
        self.ends = graph.scatter([], [], s=36, zorder=3)
        self.words = [graph.text(0, 0, name) for name in ("this line", "the first line")]
        graph.set(xlim=(0, 1), ylim=(-36, 18), xlabel="step along the line", ylabel="slope")
        style.title(graph, "the slope along…")
        return fig

    def _map(self, ax, stretch, name):
        x, y = np.array([-4.6, 1.1]), np.array([-1.5, 1.5]) * stretch[1]
        ax.add_collection(LineCollection(rings() / STRETCH * stretch, colors="#b7bec7", linewidths=0.9))
        ax.plot([0], [0], "+", color=style.INK, markersize=10)
        ax.set(xlim=x, ylim=y, xticks=[-4, -2, 0], yticks=[-stretch[1], 0, stretch[1]], aspect="equal")
        style.title(ax, name)
        lines = [ax.plot([], [], color=c, linestyle=":", linewidth=1.2)[0] for c in (FIRST, SECOND)]
        steps = [ax.plot([], [], color=c, marker="o", markersize=5)[0] for c in (FIRST, SECOND)]
        return lines, steps

    def compute(self, state):
        first = Line(START, -RAVINE.gradient(START))
        second = Line(first.lowest, -RAVINE.gradient(first.lowest) + state.beta * first.direction)
        return Lines(state, first, second)

    def draw(self, result):
        for (lines, steps), stretch in self.maps:
            for k, (whole, walked) in enumerate(zip(lines, steps, strict=True)):
                line = result.shown[k] if k < len(result.shown) else None
                far = np.array([[-9.0], [9.0]])
                there = [] if line is None else (line.place + far * line.direction) * stretch
                whole.set_data(*np.reshape(there, (-1, 2)).T)
                ends = [] if line is None else np.array([line.place, line.lowest]) * stretch
                walked.set_data(*np.reshape(ends, (-1, 2)).T)
        self._draw_slopes(result, result.shown[-1])

    def _draw_slopes(self, result, line):
        steps, second = np.array([0, line.step]), line is result.second
        self.own.set_data(steps, line.slope + line.curvature * steps)
        self.own.set_color(SECOND if second else FIRST)
        left = result.undone * line.step if second else 0.0
        self.before.set_data(*(steps, [0, left]) if second else ([], []))
        self.ends.set_offsets([[line.step, left], [line.step, 0]])
        self.ends.set_color([FIRST, SECOND if second else FIRST])
        self.words[0].set_color(SECOND if second else FIRST)
        self.words[1].set_visible(second)
        up = -1 if left > 0 else 1  # the words stand at the ends, away from each other
        for words, end, way in zip(self.words, (0, left), (up, -up), strict=True):
            words.set(position=(line.step + 0.03, end + way), va="bottom" if way > 0 else "top")

    def describe(self, result):
        line, state = result.shown[-1], result.state
        where = f"so the line is lowest at a step of {line.step:.3g}"
        start = f"the slope starts at {line.slope:.3g} and grows by {line.curvature:.3g} per unit of the step"
        if state.line == "the first":
            return f"Along the first line {start}, {where}."
        left, cost = result.undone * line.step, round(float(RAVINE.cost(line.lowest)), 9)
        end = "stays 0: nothing is undone"
        if abs(left) > 1e-9:
            end = f"is {left:.3g} there, no longer 0: some of it is undone"
        return (
            f"β = {state.beta:.2f}: along the second line {start}, {where}. The slope along the first line "
            f"{end}. In the stretched picture the lines meet at {result.angle:.0f}°. The cost is now "
            f"{cost:.2g}."
        )
