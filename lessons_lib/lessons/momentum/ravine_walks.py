"""Four update rules in one ravine."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from matplotlib.collections import LineCollection

from lessons_lib.data.surfaces import Ravine
from lessons_lib.drawing import charts, style
from lessons_lib.engine.optimizers import SGD, ConjugateGradient, Momentum, Nesterov
from lessons_lib.panels.controls import float_slider, int_slider, log_slider
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.runs.walking import Walk, walk

COLORS = {name: style.RULES[name] for name in ("plain descent", "momentum", "Nesterov", "conjugate gradient")}
WIDE, HIGH = 2.4, 1.2  # the map shows -WIDE..WIDE along the valley, -HIGH..HIGH across
LOWEST, HIGHEST = 1e-12, 1e3  # the cost graph


def contraction(learning_rate, momentum, curvature):
    """By what factor momentum's distance from the bottom shrinks a step, in the long run; above 1 it grows.

    Along a direction of curvature λ two steps are tied by w₊ = (1 + μ − ηλ) w − μ w₋. The factor is the
    larger root, in size, of z² − (1 + μ − ηλ) z + μ.
    """
    sum_of_roots = 1 + momentum - learning_rate * curvature
    inside = sum_of_roots**2 - 4 * momentum
    real = (np.abs(sum_of_roots) + np.sqrt(np.maximum(inside, 0))) / 2
    return np.where(inside < 0, np.sqrt(momentum), real)


def largest_rate(momentum, condition_number):
    """The learning rate from which momentum diverges in the ravine; with momentum 0 it is plain descent's."""
    return 2 * (1 + momentum) / condition_number


def largest_rate_nesterov(momentum, condition_number):
    """The learning rate from which Nesterov's rule diverges in the ravine."""
    return largest_rate(momentum, condition_number) / (1 + 2 * momentum)


LARGEST = {"momentum": largest_rate, "Nesterov": largest_rate_nesterov}


def level_lines(condition_number, count=12):
    """Ellipses of equal cost, (count, 121, 2), from near the bottom to the corners of the map."""
    highest = Ravine(condition_number).cost(np.array([WIDE, HIGH]))
    axes = np.sqrt(2 * np.geomspace(0.02, highest, count))[:, None, None]
    turn = np.linspace(0, 2 * np.pi, 121)
    return axes * np.stack([np.cos(turn), np.sin(turn) / np.sqrt(condition_number)], axis=-1)


def ravine_map(ax, color, name):
    """An empty map of the ravine with its level lines and a path. ``update(condition_number, path)``."""
    lines = ax.add_collection(LineCollection(level_lines(10.0), linewidths=0.9, colors="#b7bec7"))
    (path,) = ax.plot([], [], color=color, linewidth=1.4, marker="o", markersize=3)
    (start,) = ax.plot([], [], "o", color=style.PAPER, markeredgecolor=color, markersize=9, zorder=5)
    ax.plot([0], [0], "+", color=style.MUTED, markersize=9)
    ax.set(xlim=(-WIDE, WIDE), ylim=(-HIGH, HIGH), xticks=[-2, 0, 2], yticks=[-1, 0, 1], aspect="equal")
    style.title(ax, name).set_color(color)

    def update(condition_number, points):
        lines.set_segments(level_lines(condition_number))
        path.set_data(*points.T)
        start.set_data(*points[:1].T)

    return charts.Drawn(update, lines=lines, path=path, start=start)


@dataclass(frozen=True, eq=False)
class Walks:
    """The paths of all rules, and how fast momentum is for other settings in the same ravine."""

    state: SimpleNamespace
    walks: dict[str, Walk]
    costs: dict[str, np.ndarray]  # (steps + 1,) at each point of a path
    factor: np.ndarray  # (momenta, rates) of :func:`contraction`, in the worse of the two directions


class RavineWalks(Panel):
    """Plain descent, momentum, Nesterov and conjugate gradient in one ravine, from one start.

    The start is dragged on any of the maps, learning rate and momentum on the map of stability.
    """

    title = "Four ways down a ravine"
    presets = {
        "A round bowl": Preset(
            {"condition_number": 1, "learning_rate": 0.5, "momentum": 0.0},
            "The gradient points at the bottom: plain descent needs nothing more.",
        ),
        "A ravine": Preset(
            {"condition_number": 30, "learning_rate": 0.05, "momentum": 0.0},
            "Plain descent jumps from wall to wall and creeps along the floor.",
        ),
        "Momentum": Preset(
            {"condition_number": 30, "learning_rate": 0.04, "momentum": 0.7},
            "The jumps across cancel in the velocity, the small pulls along the floor add up.",
        ),
        "A little faster": Preset(
            {"condition_number": 30, "learning_rate": 0.05, "momentum": 0.7},
            "Nesterov's rule has a lower limit than momentum, and is the first to be thrown out.",
        ),
        "Too fast": Preset(
            {"condition_number": 30, "learning_rate": 0.08, "momentum": 0.3},
            "Past its limit plain descent climbs the walls; momentum is still within its own.",
        ),
        "All thrown out": Preset(
            {"condition_number": 30, "learning_rate": 0.15, "momentum": 0.5},
            "Only the rule that measures its step lengths comes down.",
        ),
    }

    def controls(self):
        kept = "The share of the velocity kept; 0 is plain descent"
        place = "Where {} the valley the walks start; or drag the ring on a map"
        return {
            "condition_number": int_slider(30, 1, 300, "Condition number", "How much steeper the walls are"),
            "learning_rate": log_slider(0.04, -3, 0.5, "Learning rate", "Conjugate gradient has none"),
            "momentum": float_slider(0.7, 0, 0.98, 0.01, "Momentum", kept),
            "along": float_slider(-2.0, -WIDE, WIDE, 0.05, "Start, along", place.format("along")),
            "across": float_slider(0.8, -HIGH, HIGH, 0.05, "Start, across", place.format("across")),
            "evaluations": int_slider(40, 1, 200, "Evaluations", "How many gradients each rule may compute"),
        }

    def figure(self):
        fig, axes = style.figure(2, 3, height=440, width_ratios=(1, 1, 1.05))
        self.maps = {
            name: ravine_map(ax, color, name)
            for (name, color), ax in zip(COLORS.items(), axes[:, :2].flat, strict=True)
        }
        self._cost_graph(axes[0, 2])
        self._stability_map(axes[1, 2])
        return fig

    def _cost_graph(self, ax):
        self.costs = {name: ax.plot([], [], color=color)[0] for name, color in COLORS.items()}
        ax.set(yscale="log", ylim=(LOWEST, HIGHEST), xlabel="evaluations")
        self.cost_axes = ax
        ax.set_yticks([1e-12, 1e-8, 1e-4, 1])
        ax.grid(axis="y")
        style.title(ax, "cost, in the colours of the maps")

    def _stability_map(self, ax):
        self.rates, self.momenta = np.geomspace(1e-3, 10**0.5, 70), np.linspace(0, 0.98, 50)
        edge = {"zorder": 3, "linewidth": 2}
        picture = {"origin": "lower", "extent": (-3, 0.5, 0, 0.98), "aspect": "auto"}
        self.shrink = ax.imshow(np.zeros((50, 70)), **picture, cmap=style.AMOUNT, vmin=0, vmax=1)
        self.edges = {name: ax.plot([], [], color=COLORS[name], **edge)[0] for name in LARGEST}
        ring = {"markeredgecolor": style.INK, "markeredgewidth": 2, "markersize": 9, "clip_on": False}
        (self.here,) = ax.plot([], [], "o", color=style.PAPER, zorder=5, **ring)
        for place, side in ((0.02, "left"), (0.98, "right")):
            words = "slow" if side == "left" else "diverges"
            ax.text(place, 0.03, words, ha=side, color=style.MUTED, transform=ax.transAxes)
        ax.set(xlim=(-3, 0.5), ylim=(0, 0.98), xlabel="learning rate", ylabel="momentum")
        ax.set_xticks([-3, -2, -1, 0], ["0.001", "0.01", "0.1", "1"])
        style.title(ax, "where momentum is fast (dark)")
        self.stability = ax

    def compute(self, state):
        rate, mu, surface = state.learning_rate, state.momentum, Ravine(state.condition_number)
        rules = (SGD(rate), Momentum(rate, mu), Nesterov(rate, mu), ConjugateGradient(flat_enough=1e-6))
        start = state.along, state.across
        walks = {
            name: walk(rule, surface, start, state.evaluations)
            for name, rule in zip(COLORS, rules, strict=True)
        }
        costs = {name: surface.cost(way.path) for name, way in walks.items()}
        curvatures = 1.0, state.condition_number
        factors = [contraction(self.rates, self.momenta[:, None], curvature) for curvature in curvatures]
        return Walks(state, walks, costs, np.maximum(*factors))

    def draw(self, result):
        state = result.state
        charts.set_limits(self.cost_axes, x=(0, state.evaluations))
        for name, way in result.walks.items():
            self.maps[name].update(state.condition_number, way.path)
            self.costs[name].set_data(way.spent, np.clip(result.costs[name], LOWEST / 10, HIGHEST * 10))
        speed = np.clip(-np.log(np.maximum(result.factor, 1e-9)), 0, 0.5)
        self.shrink.set_data(speed / speed.max())  # darkest where it is fastest in this ravine
        for name, largest in LARGEST.items():
            self.edges[name].set_data(np.log10(largest(self.momenta, state.condition_number)), self.momenta)
        self.here.set_data([np.log10(state.learning_rate)], [state.momentum])

    def describe(self, result):
        state, ends = result.state, ", ".join(f"{name} {_end(result, name)}" for name in result.costs)
        searches = len(result.walks["conjugate gradient"].searches)
        lines = "1 line search" if searches == 1 else f"{searches} line searches"
        plain = largest_rate(0, state.condition_number)
        momentum, nesterov = (largest(state.momentum, state.condition_number) for largest in LARGEST.values())
        others = f"momentum from {momentum:.3g}, Nesterov from {nesterov:.3g}"
        if state.momentum == 0:
            others = "and without momentum the next two are the same rule"
        return (
            f"Cost after {state.evaluations} evaluations: {ends} (in {lines}). "
            f"The learning rate is {state.learning_rate:.3g}; plain descent diverges from {plain:.3g}, "
            f"{others}."
        )

    def clicked(self, event):
        """On a map the start goes to the pointer; on the map of stability, learning rate and momentum do."""
        if event.axes is self.stability:
            rate, mu = np.clip((event.x, event.y), (-3, 0), (0.5, 0.98))
            return {"learning_rate": float(10**rate), "momentum": float(mu)}
        if event.axes in [drawn.path.axes for drawn in self.maps.values()]:
            along, across = np.clip((event.x, event.y), (-WIDE, -HIGH), (WIDE, HIGH))
            return {"along": float(along), "across": float(across)}
        return None

    dragged = clicked


def _end(result, name):
    """Where a rule's walk ended, in words: its cost, or when it was thrown off the map."""
    walk = result.walks[name]
    return f"thrown out after {walk.spent[-1]}" if walk.flung else f"{result.costs[name][-1]:.2g}"
