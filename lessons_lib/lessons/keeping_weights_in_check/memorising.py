"""Training on few examples, with a penalty on the weights, and the gap between train and test."""

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from lessons_lib import SGD, Network, evaluate, train
from lessons_lib.drawing import charts, style
from lessons_lib.engine.regularizers import L1, L2
from lessons_lib.panels.controls import dropdown, selection_slider
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.runs.stages import sizes_for

EXAMPLES = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000)
STRENGTHS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
PENALTIES = {"none": None, "L2": L2, "L1": L1}
BATCH, RATE = 20, 1.4
TOUCHED = 20_000  # examples looked at in a run: 20 epochs of 1,000, at least one epoch of all
LOOKS, CHECKED = 50, 2_000  # pictures of a run; training examples that are tested, or fewer
WIDEST, BINS, NEAR = 1.5, 75, 0.01  # the histogram's range and bins; what counts as nearly zero


@dataclass(frozen=True, eq=False)
class Learned:
    """What a run has come to."""

    state: SimpleNamespace
    curves: dict[str, list]  # "share" of the run made, and there the accuracies in "train" and "test"
    weights: np.ndarray  # (n_weights,) of all layers
    first: np.ndarray  # (16, pixels) those of the first layer


class Memorising(TrainingPanel):
    """One network trained on a few examples, its accuracy on them and on new ones, and its weights.

    Args:
        train: the Dataset of square images from whose beginning the few examples are taken.
        test: the Dataset of new examples.
    """

    needs = Needs(square=True)

    title = "Few examples, and a penalty on the weights"
    presets = {
        "1,000 examples": Preset(
            {"penalty": "none"}, "The training examples are soon known by heart; new ones are not."
        ),
        "200 examples": Preset(
            {"examples": 200, "penalty": "none"},
            "Every training example is read correctly, three new ones in ten are not.",
        ),
        "All of them": Preset(
            {"examples": 60_000, "penalty": "none"}, "Too many to know by heart: the two curves run together."
        ),
        "L2": Preset(
            {"penalty": "L2", "strength": 1e-3},
            "The speckles fade, and what is left is smoother and smaller.",
        ),
        "L1": Preset(
            {"penalty": "L1", "strength": 3e-4}, "A few strong weights stay; most of the others go to zero."
        ),
        "Too much": Preset(
            {"penalty": "L2", "strength": 1e-2},
            "The penalty outweighs the examples: every weight is squeezed out.",
        ),
    }

    def __init__(self, train, test, **state):
        self.train, self.test = train, test
        super().__init__(**state)

    def controls(self):
        strengths = [(f"{strength:.0e}", strength) for strength in STRENGTHS]
        few = [n for n in EXAMPLES if n <= len(self.train)] or [len(self.train)]
        counts = [(f"{n:,}", n) for n in few]
        return {
            "examples": selection_slider(
                counts, min(1_000, few[-1]), "Examples", "How many it may learn from"
            ),
            "penalty": dropdown(list(PENALTIES), "Penalty", "What is added to the cost"),
            "strength": selection_slider(strengths, 3e-4, "Strength λ", "How much the penalty counts"),
        }

    def figure(self):
        fig, (graph, weights, pictures) = style.figure(1, 3, height=340, width_ratios=(1.1, 1, 0.95))
        colors = {"train": style.UP, "test": style.DOWN}
        self.lines = {name: graph.plot([], [], color=color)[0] for name, color in colors.items()}
        self.values = {
            name: graph.text(0.96, y, "", color=colors[name], ha="right", transform=graph.transAxes)
            for name, y in (("train", 0.45), ("test", 0.37))
        }
        graph.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="share of the run", ylabel="accuracy")
        graph.grid(axis="y")
        self.what = style.title(graph, "")
        (self.histogram,) = weights.plot([], [], color=style.INK, linewidth=1.5)
        weights.axvline(0, color=style.LINE, linewidth=0.8, zorder=0)
        weights.set(
            xlim=(-WIDEST, WIDEST), yscale="log", ylim=(0.8, 2e4), xlabel="weight (outer bins: and beyond)"
        )
        self.near = weights.text(0.03, 0.95, "", va="top", transform=weights.transAxes, bbox=style.BACKING)
        style.title(weights, "how many weights")
        self.pictures = style.bare(pictures).imshow(
            np.zeros((118, 118)), cmap=style.SIGNED, vmin=-0.6, vmax=0.6
        )
        pictures.set_facecolor(style.SHADE)
        style.title(pictures, "the first layer's 16 pictures")
        return fig

    def run(self, state):
        few, kind = self.train[: state.examples], PENALTIES[state.penalty]
        rng = np.random.default_rng(0)
        net = Network.random(sizes_for(few), rng=rng)
        epochs = max(1, TOUCHED // len(few))
        steps = epochs * math.ceil(len(few) / BATCH)
        penalties = [kind(state.strength)] if kind else []
        curves = {"share": [], "train": [], "test": []}
        yield self._look(net, few, curves, 0.0, state), 0.0
        run = train(net, few, SGD(RATE), batch_size=BATCH, epochs=epochs, rng=rng, regularizers=penalties)
        for step in run:
            done = (step.index + 1) / steps
            if (step.index + 1) % (steps // LOOKS) == 0 or done == 1 or step.diverged:
                yield self._look(step.net, few, curves, done, state), done

    def _look(self, net, few, curves, share, state):
        curves["share"].append(share)
        curves["train"].append(evaluate(net, few[:CHECKED]).accuracy)
        curves["test"].append(evaluate(net, self.test).accuracy)
        weights = np.concatenate([W.ravel() for W in net.weights])
        return Learned(state, curves, weights, net.weights[0].copy())

    def draw(self, result):
        self.what.set_text(f"{result.state.examples:,} examples, {penalty(result.state)}")
        for name, line in self.lines.items():
            line.set_data(result.curves["share"], result.curves[name])
            self.values[name].set_text(f"{name}: {result.curves[name][-1]:.1%}")
        edges = np.linspace(-WIDEST, WIDEST, BINS + 1)
        counts = np.histogram(np.clip(result.weights, -WIDEST, WIDEST), edges)[0]
        self.histogram.set_data(np.repeat(edges, 2)[1:-1], np.repeat(np.maximum(counts, 0.5), 2))
        self.near.set_text(f"nearly zero: {nearly_zero(result.weights):.0%}")
        self.pictures.set_data(charts.mosaic(result.first, 4))

    def describe(self, result):
        known, new = result.curves["train"][-1], result.curves["test"][-1]
        size = np.median(np.abs(result.weights))
        how, state = penalty(result.state), result.state
        return (
            f"{how[0].upper()}{how[1:]}, {state.examples:,} examples: {known:.1%} of them are read "
            f"correctly and {new:.1%} of new ones, a gap of {100 * (known - new):.1f} points. "
            f"Half of the weights are smaller than {size:.2g}, and {nearly_zero(result.weights):.0%} lie "
            f"within {NEAR} of zero."
        )


def penalty(state):
    """The penalty in words."""
    return "no penalty" if state.penalty == "none" else f"{state.penalty} with λ = {state.strength:.0e}"


def nearly_zero(weights):
    """The share of weights within ``NEAR`` of zero."""
    return float(np.mean(np.abs(weights) < NEAR))
