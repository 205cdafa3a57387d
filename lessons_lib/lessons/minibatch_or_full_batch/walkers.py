"""A careful and a drunk man on the real cost surface."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.ticker import MaxNLocator

from lessons_lib import SGD, Network
from lessons_lib.drawing import charts, style
from lessons_lib.engine.landscape import Plane, cost_plane, pca_plane
from lessons_lib.panels.controls import int_slider, log_slider
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.panels.words import counted
from lessons_lib.runs.descent import TimedTraining
from lessons_lib.runs.stages import sizes_for

COLORS = {"careful": style.INK, "drunk": style.UP_TEXT}
WORDS = {"careful": "careful man: full batch", "drunk": "drunk man: minibatches"}
LOOKS = 45  # points of the drunk man's path, or more
LAYINGS = (1, 3, 9, 27)  # looks after which the plane is laid anew, besides the last
GRID, FINE = 13, 180  # the surface is computed on GRID × GRID points and drawn on FINE × FINE
SURFACE = 200  # training images whose cost makes the surface
LEVELS = 16  # shades of the surface


def _curve(ax, name):
    """A curve that is empty at first; the careful man's few points are marked."""
    (line,) = ax.plot([], [], color=COLORS[name], marker="o" if name == "careful" else "", markersize=3)
    return line


def _short(value, place):
    """A tick's number, with k for thousands."""
    return f"{value / 1000:,.3g}k" if value >= 1000 else f"{value:.3g}"


def size_slider(value, most):
    """The slider of the batch size, from 1 to ``most``, all examples."""
    seen = f"Examples behind each step of the drunk man, 1 to {most:,}"
    return log_slider(
        min(value, float(most)), 0, math.log10(most), "Batch size", seen, step=0.01, readout_format=",.0f"
    )


def rate_slider(value):
    """The slider of the learning rate."""
    goes = "How far a step goes along the mean gradient of its batch"
    return log_slider(value, -2, 1.5, "Learning rate", goes, step=0.05)


def start(seed, data):
    """The network both men start from: two hidden layers of 16 between what the data need."""
    return Network.random(sizes_for(data), rng=np.random.default_rng(seed))


@dataclass(frozen=True, eq=False)
class Map:
    """The plane that holds most of both paths, and the cost over a square of it."""

    plane: Plane
    centre: np.ndarray  # (2,) the middle of the square, in coordinates of the plane
    reach: float  # from there to each side
    along: np.ndarray  # (GRID,) the places at which the cost is known, from the centre
    costs: np.ndarray  # (GRID, GRID)


@dataclass(frozen=True, eq=False)
class Walk:
    """How far both men have come."""

    men: dict[str, TimedTraining]
    budget: int  # examples that each may touch
    map: Map


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
            {"learning_rate": 8.0},
            "The drunk man runs well for a while, and is thrown about near the bottom.",
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
            "passes": int_slider(1, 1, 100, "Passes", "How often each man touches every example"),
            "seed": int_slider(0, 0, 20, "Seed", "Another start, another shuffling"),
        }

    def figure(self):
        fig, axes = style.figure(2, 3, height=440, width_ratios=(1.75, 1, 1))
        grid = axes[0, 0].get_gridspec()
        for ax in axes[:, 0]:
            ax.remove()
        self._map(fig.add_subplot(grid[:, 0]))
        kinds = product(("cost", "accuracy"), ("examples", "seconds"))
        self.graphs = [
            (ax, by, what, {name: _curve(ax, name) for name in COLORS})
            for ax, (what, by) in zip(axes[:, 1:].flat, kinds, strict=True)
        ]
        for ax, by, what, _ in self.graphs:
            ax.set(ylim=(0, 1), xlabel="examples touched" if by == "examples" else by)
            if what == "cost":
                charts.cost_axis(ax)
            ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
            ax.xaxis.set_major_formatter(_short)
            ax.grid(axis="y")
            style.title(ax, {"cost": "test cost", "accuracy": "test accuracy"}[what])
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
            ax.text(0.02, place, words, color=COLORS[name], transform=ax.transAxes, bbox=style.BACKING)
        self.size_text = style.title(ax, " ")

    def run(self, state):
        net, budget, rule = (
            start(state.seed, self.train),
            state.passes * len(self.train),
            SGD(state.learning_rate),
        )
        sizes = {"careful": len(self.train), "drunk": round(state.batch_size)}
        men = {
            name: TimedTraining(net, self.train, rule, batch_size=size, seed=state.seed, test=self.test)
            for name, size in sizes.items()
        }
        result = Walk(men, budget, self._lay(net, men))
        yield result, 0.0
        looks = max(LOOKS, state.passes)
        for look in range(1, looks + 1):
            for man in men.values():
                for _ in man.advance(budget * look // looks, beyond=False):
                    yield result, (look - 1) / looks
            if look == looks or look in LAYINGS:
                result = Walk(men, budget, self._lay(net, men))
            yield result, look / looks

    def _lay(self, net, men):
        """The plane of both paths as they are now, and the cost over it."""
        paths = [np.array(man.params) for man in men.values()]
        plane = pca_plane(*paths)
        points = plane.project(np.concatenate(paths))
        low, high = points.min(axis=0), points.max(axis=0)
        centre, reach = (low + high) / 2, 0.62 * max(np.max(high - low), 0.1)
        along = np.linspace(-reach, reach, GRID)
        costs = cost_plane(net, self.train[:SURFACE], plane, centre[0] + along, centre[1] + along)
        return Map(plane, centre, reach, along, costs)

    def draw(self, result):
        laid = result.map
        for name, man in result.men.items():
            points = (laid.plane.project(np.array(man.params)) - laid.centre) / laid.reach
            self.paths[name].set_data(*points.T)
            self.feet[name].set_data(*points[-1:].T)
            self.begin.set_data(*points[:1].T)
        self.surface.set_data(shades(laid.costs))
        share = sum(laid.plane.share)
        self.size_text.set_text(f"this plane captures {share:.0%} of both paths" if share else "the start")
        longest = max(man.seconds[-1] for man in result.men.values())
        ends = {"examples": result.budget, "seconds": charts.round_up(max(longest, 0.1))}
        for ax, by, what, lines in self.graphs:
            charts.set_limits(ax, x=(0, ends[by]))
            for name, man in result.men.items():
                lines[name].set_data(getattr(man, by), getattr(man, what))

    def describe(self, result):
        words = [
            f"the {name} man has made {steps(man.examples[-1], man.batch_size)} in {man.seconds[-1]:.2g} s "
            f"and reads {man.accuracy[-1]:.1%} correctly"
            for name, man in result.men.items()
        ]
        fallen = [f" The {name} man: {man.diverged}" for name, man in result.men.items() if man.diverged]
        share = sum(result.map.plane.share)
        plane = f" The plane captures {share:.1%} of both paths." if share else ""
        touched = max(man.examples[-1] for man in result.men.values())
        return f"Of {touched:,} examples touched: {'; '.join(words)}.{plane}{''.join(fallen)}"


def steps(touched, size):
    """How many steps that was, in words."""
    count = math.ceil(touched / size)
    return f"{count:,} {counted(count, 'step')} of {size:,}"


def shades(costs):
    """A small grid of costs as a fine one in steps, 0 to 1, so that its edges are level lines."""
    place, fine = np.arange(len(costs)), np.linspace(0, len(costs) - 1, FINE)
    rows = np.array([np.interp(fine, place, row) for row in costs])
    both = np.array([np.interp(fine, place, column) for column in rows.T]).T
    spread = np.ptp(both) or 1.0
    return np.floor(LEVELS * (both - both.min()) / spread) / LEVELS
