"""Training along the kept directions of each batch only."""

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from lessons_lib import SGD, evaluate, train
from lessons_lib.drawing import style
from lessons_lib.engine.numerical import cosine
from lessons_lib.engine.optimizers import GradientPCA
from lessons_lib.engine.optimizers.few_directions import principal
from lessons_lib.lessons.few_directions_matter.spectrum import keep_controls
from lessons_lib.panels.controls import dropdown, log_slider
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel

BATCH, LOOKS = 20, 40  # examples per step; pictures of a whole run


@dataclass(frozen=True, eq=False)
class Curves:
    """What both runs have come to."""

    state: SimpleNamespace
    seen: list  # examples, at each test
    accuracy: dict[str, list]  # of "kept" and "SGD", in the tests
    cosine: list  # of the kept to the full gradient, at each test after the start
    count: list  # of the directions that were kept there


class KeepTraining(TrainingPanel):
    """Training along the kept directions of each batch, beside plain SGD on the same batches.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        train: the Dataset to learn from, once through.
        test: the Dataset on which accuracy is measured.
    """

    title = "Training along a few directions"
    presets = {
        "Keep 99 %": Preset({"keep": 99}, "Hardly anything is lost, and the two curves run together."),
        "Keep 50 %": Preset(
            {"keep": 50},
            "Two or three directions per batch. The rest is small, but it is what tells digits apart.",
        ),
        "50 %, after one epoch": Preset(
            {"keep": 50, "stage": "after one epoch", "learning_rate": 2**-1.75},
            "At a rate for a network that far on, half of the variance is enough to go on learning.",
        ),
        "Centred": Preset(
            {"keep": 99, "centred": True},
            "Nearly all of the variance, but without the direction that all agree on.",
        ),
    }

    def __init__(self, nets, train, test, **state):
        self.nets, self.train, self.test = nets, train, test
        super().__init__(**state)

    def controls(self):
        stage = dropdown(list(self.nets), "Start from", "Which network to train")
        rate = log_slider(
            2.0, -5, 3, "Learning rate", "The same for both", base=2, step=0.25, readout_format=".2f"
        )
        return {"stage": stage, **keep_controls(90), "learning_rate": rate}

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=340, width_ratios=(1.25, 1))
        looks = {"SGD": (style.RULES["plain descent"], "--"), "kept": (style.DOWN, "-")}
        self.lines = {name: left.plot([], [], dash, color=color)[0] for name, (color, dash) in looks.items()}
        self.values = {
            name: left.text(
                0.97, y, "", color=looks[name][0], ha="right", transform=left.transAxes, bbox=style.BACKING
            )
            for name, y in (("kept", 0.5), ("SGD", 0.42))
        }
        left.set(xlim=(0, len(self.train)), ylim=(0, 1), xlabel="examples seen", ylabel="test accuracy")
        left.grid(axis="y")
        style.title(left, "on the way")
        (self.cosine,) = right.plot([], [], color=style.SECOND, marker="o", markersize=3)
        self.count = right.text(0.03, 0.05, "", transform=right.transAxes)
        right.set(xlim=(0, len(self.train)), ylim=(-0.05, 1.05), xlabel="examples seen")
        right.grid(axis="y")
        style.title(right, "cosine of kept to full gradient")
        for ax in (left, right):
            ax.xaxis.set_major_formatter("{x:,.0f}")
        return fig

    def run(self, state):
        net, keep = self.nets[state.stage], state.keep / 100
        rules = {
            "kept": GradientPCA(state.learning_rate, keep=keep, centred=state.centred),
            "SGD": SGD(state.learning_rate),
        }
        runs = [
            train(net, self.train, rule, batch_size=BATCH, rng=np.random.default_rng(0))
            for rule in rules.values()
        ]
        result = Curves(state, [0], {name: [evaluate(net, self.test).accuracy] for name in rules}, [], [])
        yield result, 0.0
        steps = math.ceil(len(self.train) / BATCH)
        every = max(1, steps // LOOKS)
        for k, (kept, plain) in enumerate(zip(*runs, strict=True), start=1):
            if k % every == 0 or k == steps:
                result.seen.append(kept.examples)
                result.accuracy["kept"].append(evaluate(kept.net, self.test).accuracy)
                result.accuracy["SGD"].append(evaluate(plain.net, self.test).accuracy)
                result.cosine.append(cosine(kept.update, -kept.grad.mean()))
                result.count.append(directions(kept.grad, keep, state.centred))
            yield result, k / steps

    def draw(self, result):
        for name, words in (
            ("kept", f"keeping {result.state.keep} %"),
            ("SGD", f"SGD, rate {result.state.learning_rate:.2g}"),
        ):
            self.lines[name].set_data(result.seen, result.accuracy[name])
            self.values[name].set_text(f"{words}: {result.accuracy[name][-1]:.1%}")
        self.cosine.set_data(result.seen[1:], result.cosine)
        self.count.set_text(f"directions: {result.count[-1]} of {BATCH}" if result.count else "")

    def describe(self, result):
        now = {name: values[-1] for name, values in result.accuracy.items()}
        what = f"{result.state.keep} % of the {'centred ' if result.state.centred else ''}variance"
        if not result.count:
            return f"Keeping {what}: press Play. Both start at a test accuracy of {now['SGD']:.1%}."
        return (
            f"After {result.seen[-1]:,} examples, keeping {what} has a test accuracy of {now['kept']:.1%}, "
            f"plain SGD {now['SGD']:.1%}. A batch of {BATCH} kept {np.mean(result.count):.0f} directions on "
            f"average, with cosine {np.mean(result.cosine):.2f} to the full gradient."
        )


def directions(grad, keep, centred):
    """How many directions hold the share ``keep`` of the variance."""
    K = grad.gram()
    if centred:
        K = K - K.mean(axis=0) - K.mean(axis=1)[:, None] + K.mean()
    return len(principal(K, keep)[0])
