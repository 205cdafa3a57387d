"""Short runs, trained anew for every position of a slider."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lessons_lib import SGD, evaluate, train
from lessons_lib.drawing import charts, style
from lessons_lib.lessons.minibatch_or_full_batch.walkers import rate_slider, size_slider, start, steps
from lessons_lib.panels.controls import int_slider
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import counted


@dataclass(frozen=True, eq=False)
class Curves:
    """What was measured on the way."""

    size: int  # examples a step
    costs: list  # of every batch
    points: list  # of pairs: examples touched, and the cost in the test
    accuracy: list  # in the same tests
    diverged: str | None


class ShortRun(Panel):
    """One pass over a few thousand examples, trained anew for every position of the sliders.

    Args:
        train: the Dataset to go through once.
        test: the Dataset on which cost and accuracy are measured on the way.
    """

    title = "A run for every position of the slider"
    presets = {
        "Too small": Preset(
            {"learning_rate": 0.05},
            "The cost falls to about 0.9, where all outputs are low, and stays there.",
        ),
        "About right": Preset({"learning_rate": 2.0}, "A steep fall, then a shallow one."),
        "Too large": Preset({"learning_rate": 8.0}, "The cost jumps, and the accuracy falls back with it."),
        "Exploding": Preset(
            {"learning_rate": 30.0}, "The first steps overshoot, and there is no slope to come back by."
        ),
        "One at a time": Preset(
            {"batch_size": 1.0, "learning_rate": 0.3},
            "6,000 small steps instead of 600: the same accuracy, several times as long.",
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
            "seed": int_slider(0, 0, 20, "Seed", "Another start, another shuffling"),
        }

    def figure(self):
        fig, (cost, accuracy) = style.figure(1, 2, height=300)
        (self.batches,) = cost.plot([], [], color="#b7bec7", linewidth=1)
        (self.cost,) = cost.plot([], [], color=style.DOWN)
        (self.accuracy,) = accuracy.plot([], [], color=style.DOWN, marker="o", markersize=4)
        charts.cost_axis(cost)
        accuracy.set(ylim=(0, 1))
        for ax in (cost, accuracy):
            ax.set(xlim=(0, len(self.train)), xlabel="examples touched")
            ax.xaxis.set_major_formatter("{x:,.0f}")
            ax.grid(axis="y")
        style.title(cost, "cost: blue on test images, grey on each batch")
        style.title(accuracy, "test accuracy")
        return fig

    def compute(self, state):
        size, net = round(state.batch_size), start(state.seed, self.train)
        last = math.ceil(len(self.train) / size)
        evenly = np.linspace(0, last, 13)[1:].astype(int) - 1
        looks = {last // 60, *evenly}  # one more soon after the start, where the cost falls steeply
        costs, tests = [], [(0, evaluate(net, self.test))]
        rng = np.random.default_rng(state.seed)
        for step in train(net, self.train, SGD(state.learning_rate), batch_size=size, rng=rng):
            costs.append(step.cost)
            if step.index in looks or step.diverged:
                tests.append((step.examples, evaluate(step.net, self.test)))
        points = [(examples, test.cost) for examples, test in tests]
        return Curves(size, costs, points, [test.accuracy for _, test in tests], step.diverged)

    def draw(self, result):
        examples, costs = np.transpose(result.points)
        self.batches.set_data(np.arange(len(result.costs)) * result.size, result.costs)
        self.cost.set_data(examples, costs)
        self.accuracy.set_data(examples, result.accuracy)

    def describe(self, result):
        (_, first), (_, last) = result.points[0], result.points[-1]
        rises = sum(b[1] > a[1] for a, b in pairwise(result.points))
        made, looks = steps(len(result.costs) * result.size, result.size), len(result.points) - 1
        return (
            f"{made} {counted(result.size, 'example')}: the cost went from {first:.3f} to {last:.3f}, and "
            f"rose {rises} {counted(rises, 'time')} in {looks} {counted(looks, 'test')}. "
            f"Test accuracy: {result.accuracy[-1]:.1%} of "
            f"{len(self.test):,} images.{f' {result.diverged}' if result.diverged else ''}"
        )
