"""Lesson 08: a careful and a drunk man on the real cost surface, and short runs that answer a dragged slider."""

import math
import time
from itertools import pairwise
from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib import SGD, Network, evaluate, style, train
from lessons_lib.landscape import cost_plane, pca_plane
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.training_panel import TrainingPanel

COLORS = {"careful": style.ACCENT, "drunk": style.UP_TEXT}
WORDS = {"careful": "careful man: full batch", "drunk": "drunk man: minibatches"}
LOOKS = 45  # points of the drunk man's path, at the least
LAYINGS = (5, 15, 45)  # looks after which the plane is laid anew, besides the last
GRID, FINE = 13, 96  # the surface is computed on GRID × GRID points and drawn on FINE × FINE
SURFACE = 200  # training images whose cost makes the surface
SLICE = 0.04  # seconds between two yields
SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000)  # right ends of the axis of seconds
LEVELS = 16  # shades of the surface


def size_slider(value, most):
    return W.FloatLogSlider(
        value,
        base=10,
        min=0,
        max=math.log10(most),
        step=0.01,
        readout_format=",.0f",
        description="Batch size",
        tooltip=f"Examples a step of the drunk man sees, 1 to {most:,}",
    )


def rate_slider(value):
    return W.FloatLogSlider(
        value,
        base=10,
        min=-2,
        max=1.5,
        step=0.05,
        readout_format=".3g",
        description="Learning rate",
        tooltip="How far a step goes along the mean gradient of its batch",
    )


def start(seed):
    """The network both men start from."""
    return Network.random((784, 16, 16, 10), rng=np.random.default_rng(seed))


class Walker:
    """A man on his way: the training, and its record at every point where it was measured.

    Attributes: `params`, `examples` touched, `seconds` of his own time, `cost` and `accuracy` on the test
    images; lists with one entry a point. `diverged` is None or a sentence.
    """

    def __init__(self, net, data, test, learning_rate, batch_size, seed):
        self.test, self.size, self.diverged = test, min(batch_size, len(data)), None
        rng = np.random.default_rng(seed)
        self._steps = train(net, data, SGD(learning_rate), batch_size=batch_size, epochs=math.inf, rng=rng)
        self.params, self.examples, self.seconds, self.cost, self.accuracy = [], [], [], [], []
        self.touched, self.clock = 0, 0.0
        self.measure(net)

    def walk(self, goal):
        """Step until ``goal`` examples are touched, never beyond it; yields every 40 ms; then measures."""
        step, begun = None, time.perf_counter()
        while self.touched + self.size <= goal and not self.diverged:
            step = next(self._steps)
            self.touched, self.diverged = step.examples, step.diverged
            if time.perf_counter() - begun > SLICE:
                self.clock += time.perf_counter() - begun
                yield
                begun = time.perf_counter()
        self.clock += time.perf_counter() - begun
        if step is not None:
            self.measure(step.net)

    def measure(self, net):
        seen = evaluate(net, self.test)
        self.params.append(net.params.copy())
        self.examples.append(self.touched)
        self.seconds.append(self.clock)
        self.cost.append(seen.cost)
        self.accuracy.append(seen.accuracy)


class Walkers(TrainingPanel):
    """Two men walk down the same cost from the same point, on equal numbers of examples touched.

    The careful man asks all examples before each step, the drunk man a few. Their paths are seen on the plane
    that holds most of both (principal components), over the real cost in that plane, which is laid anew each
    time the walk has become three times as long.

    Args:
        train: the Dataset to learn from.
        test: the Dataset on which cost and accuracy are measured.
    """

    title = "The careful man and the drunk man"
    presets = {
        "One pass": Preset({}, "Both touch every image once: 600 steps against a single one."),
        "Ten careful steps": Preset({"passes": 10}, "The careful man gets ten steps, the drunk man 6,000."),
        "Too small": Preset({"learning_rate": 0.05}, "Both are safe and hardly get anywhere."),
        "Too large": Preset(
            {"learning_rate": 15.0}, "The drunk man is thrown about; look at how far apart his points lie."
        ),
        "Exploding": Preset(
            {"learning_rate": 30.0}, "One step throws the outputs to where no gradient gets through."
        ),
    }

    def __init__(self, train, test, **state):
        self.train, self.test = train, test
        super().__init__(**state)

    def controls(self):
        return {
            "batch_size": size_slider(100.0, len(self.train)),
            "learning_rate": rate_slider(10**0.5),
            "passes": W.IntSlider(
                1, 1, 100, description="Passes", tooltip="How often each man touches every example"
            ),
            "seed": W.IntSlider(0, 0, 20, description="Seed", tooltip="Another start, another shuffling"),
        }

    def figure(self):
        fig, axes = style.figure(2, 3, height=440, width_ratios=(1.75, 1, 1))
        grid = axes[0, 0].get_gridspec()
        for ax in axes[:, 0]:
            ax.remove()
        self._map(fig.add_subplot(grid[:, 0]))
        self.graphs = [
            (ax, by, what, {name: ax.plot([], [], color=color)[0] for name, color in COLORS.items()})
            for ax, (what, by) in zip(
                axes[:, 1:].flat,
                [(what, by) for what in ("cost", "accuracy") for by in ("examples", "seconds")],
                strict=True,
            )
        ]
        for ax, by, what, _ in self.graphs:
            ax.set(ylim=(0, 1), xlabel="examples touched" if by == "examples" else by)
            ax.grid(axis="y")
            style.title(ax, what)
        return fig

    def _map(self, ax):
        self.surface = style.bare(ax).imshow(
            np.zeros((FINE, FINE)), origin="lower", extent=(-1, 1, -1, 1), cmap=style.COST, vmin=0, vmax=1
        )
        self.paths, self.feet = {}, {}
        for name, color in COLORS.items():
            (self.paths[name],) = ax.plot([], [], color=color, linewidth=1.6, marker="o", markersize=3)
            (self.feet[name],) = ax.plot([], [], "o", color=color, markeredgecolor=style.PAPER, markersize=9)
        (self.begin,) = ax.plot([], [], "o", color=style.PAPER, markeredgecolor=style.INK, markersize=8)
        for place, (name, words) in zip((0.07, 0.02), WORDS.items(), strict=True):
            box = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.5}
            ax.text(0.02, place, words, color=COLORS[name], transform=ax.transAxes, bbox=box)
        self.size_text = style.title(ax, " ")

    def run(self, state):
        size = round(state.batch_size)
        net, n, budget = start(state.seed), len(self.train), state.passes * len(self.train)
        sizes = {"careful": n, "drunk": size}
        men = {
            name: Walker(net, self.train, self.test, state.learning_rate, size, state.seed)
            for name, size in sizes.items()
        }
        result = SimpleNamespace(men=men, size=size, budget=budget, map=self._lay(net, men))
        yield result, 0.0
        looks = max(LOOKS, state.passes)
        for look in range(1, looks + 1):
            for man in men.values():
                for _ in man.walk(budget * look // looks):
                    yield result, (look - 1) / looks
            if look == looks or look in LAYINGS:
                result.map = self._lay(net, men)
            yield result, look / looks

    def _lay(self, net, men):
        """The plane of both paths as they are now, and the cost over it."""
        paths = [np.array(man.params) for man in men.values()]
        plane = pca_plane(*paths)
        points = plane.project(np.concatenate(paths))
        low, high = points.min(axis=0), points.max(axis=0)
        centre, reach = (low + high) / 2, 0.62 * max(np.max(high - low), 0.1)
        along = np.linspace(-reach, reach, GRID)
        data = self.train[:SURFACE]
        costs = cost_plane(net, data, plane, centre[0] + along, centre[1] + along)
        return SimpleNamespace(plane=plane, centre=centre, reach=reach, along=along, costs=costs, data=data)

    def draw(self, result):
        laid = result.map
        for name, man in result.men.items():
            points = (laid.plane.project(np.array(man.params)) - laid.centre) / laid.reach
            self.paths[name].set_data(*points.T)
            self.feet[name].set_data(*points[-1:].T)
            self.begin.set_data(*points[:1].T)
        self.surface.set_data(shades(laid.costs))
        share = sum(laid.plane.share)
        self.size_text.set_text(f"this plane holds {share:.0%} of their ways" if share else "the start")
        longest = max(man.seconds[-1] for man in result.men.values())
        ends = {"examples": result.budget, "seconds": next(end for end in SECONDS if end >= longest)}
        for ax, by, what, lines in self.graphs:
            ax.set_xlim(0, ends[by])
            for name, man in result.men.items():
                lines[name].set_data(getattr(man, by), getattr(man, what))

    def describe(self, result):
        words = [
            f"the {name} man ({'full batch' if name == 'careful' else f'batches of {result.size:,}'}) has made "
            f"{man.touched // man.size:,} steps in {man.seconds[-1]:.2g} s and reads {man.accuracy[-1]:.1%}"
            for name, man in result.men.items()
        ]
        fallen = [f" The {name} man: {man.diverged}" for name, man in result.men.items() if man.diverged]
        share = sum(result.map.plane.share)
        plane = f" The plane holds {share:.1%} of the variance of their paths." if share else ""
        touched = max(man.touched for man in result.men.values())
        return f"Of {touched:,} examples touched: {'; '.join(words)}.{plane}{''.join(fallen)}"


def shades(costs):
    """A small grid of costs as a fine one in steps, 0 to 1, so that its edges are level lines."""
    place, fine = np.arange(len(costs)), np.linspace(0, len(costs) - 1, FINE)
    rows = np.array([np.interp(fine, place, row) for row in costs])
    both = np.array([np.interp(fine, place, column) for column in rows.T]).T
    spread = np.ptp(both) or 1.0
    return np.floor(LEVELS * (both - both.min()) / spread) / LEVELS


class ShortRun(Panel):
    """One pass over a few thousand examples, trained anew for every position of the sliders.

    Args:
        train: the Dataset to go through once.
        test: the Dataset on which cost and accuracy are measured on the way.
    """

    title = "A run for every position of the slider"
    presets = {
        "Too small": Preset({"learning_rate": 0.05}, "The cost falls and falls, and never gets anywhere."),
        "Right": Preset({"learning_rate": 2.0}, "A steep fall, then a shallow one."),
        "Too large": Preset({"learning_rate": 8.0}, "The cost jumps, and the accuracy falls back with it."),
        "Exploding": Preset(
            {"learning_rate": 30.0}, "The first steps overshoot, and there is no slope to come back by."
        ),
        "One at a time": Preset(
            {"batch_size": 1.0, "learning_rate": 0.3}, "6,000 small steps in the place of 600."
        ),
        "All at once": Preset(
            {"batch_size": 6000.0, "learning_rate": 3.0}, "One careful step for the same work."
        ),
    }

    def __init__(self, train, test, **state):
        self.train, self.test = train, test
        super().__init__(**state)

    def controls(self):
        return {
            "batch_size": size_slider(10.0, len(self.train)),
            "learning_rate": rate_slider(2.0),
            "seed": W.IntSlider(0, 0, 20, description="Seed", tooltip="Another start, another shuffling"),
        }

    def figure(self):
        fig, (cost, accuracy) = style.figure(1, 2, height=300)
        (self.batches,) = cost.plot([], [], color=style.LINE, linewidth=1)
        (self.cost,) = cost.plot([], [], color=style.UP_TEXT)
        (self.accuracy,) = accuracy.plot([], [], color=style.UP_TEXT, marker="o", markersize=4)
        cost.set(ylim=(0, 2), ylabel="cost")
        accuracy.set(ylim=(0, 1), ylabel="test images read")
        for ax in (cost, accuracy):
            ax.set(xlim=(0, len(self.train)), xlabel="examples touched")
            ax.grid(axis="y")
        style.title(cost, "grey: each batch before its step; line: 1,000 test images")
        return fig

    def compute(self, state):
        size, net = round(state.batch_size), start(state.seed)
        steps = -(-len(self.train) // size)
        looks = set(np.linspace(0, steps, 13)[1:].astype(int) - 1)
        costs, points, accuracy = [], [], []
        result = SimpleNamespace(size=size, costs=costs, points=points, accuracy=accuracy, diverged=None)
        self._look(result, 0, net)
        rng = np.random.default_rng(state.seed)
        for step in train(net, self.train, SGD(state.learning_rate), batch_size=size, rng=rng):
            costs.append(step.cost)
            if step.index in looks or step.diverged:
                self._look(result, step.examples, step.net)
            result.diverged = step.diverged
        return result

    def _look(self, result, examples, net):
        seen = evaluate(net, self.test)
        result.points.append((examples, seen.cost))
        result.accuracy.append(seen.accuracy)

    def draw(self, result):
        examples, costs = np.transpose(result.points)
        self.batches.set_data(np.arange(len(result.costs)) * result.size, result.costs)
        self.cost.set_data(examples, costs)
        self.accuracy.set_data(examples, result.accuracy)

    def describe(self, result):
        rises = sum(b[1] > a[1] for a, b in pairwise(result.points))
        return (
            f"{len(result.costs):,} steps of {result.size:,} examples bring the cost from "
            f"{result.points[0][1]:.3f} to {result.points[-1][1]:.3f}; it rose between {rises} of "
            f"{len(result.points) - 1} looks. Of {len(self.test):,} test images {result.accuracy[-1]:.1%} are "
            f"read.{f' {result.diverged}' if result.diverged else ''}"
        )
