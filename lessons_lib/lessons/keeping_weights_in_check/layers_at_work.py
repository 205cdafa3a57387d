"""Which layers learn, when and how much, when some are frozen, many, or skipped at random."""

import math
from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from lessons_lib import SGD, Network, backprop, evaluate, forward, train
from lessons_lib.drawing import style
from lessons_lib.engine.regularizers import LayerFreezing, StochasticDepth
from lessons_lib.engine.residual import ResidualNetwork
from lessons_lib.panels.controls import dropdown, int_slider, log_slider
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.runs.stages import sizes_for

MOST = 8  # hidden layers
BATCH, MEMORY = 100, 60  # examples a step; steps in the picture
EVERY, LOOKS = 10, 200  # steps between two looks, or more; looks in a run, or fewer
FROZEN = ("none", "the first", "the last", "one at random", "two in turn")
BLOCKS = ("plain", "residual", "stochastic depth")
FAINTEST = 1e-7  # the left end of the scale of lengths


def regularizers(state):
    """What the panel's controls ask of ``train``."""
    freezing = {
        "none": [],
        "the first": [LayerFreezing((0,))],
        "the last": [LayerFreezing((state.hidden,))],
        "one at random": [LayerFreezing("random")],
        "two in turn": [LayerFreezing("rotating", min(2, state.hidden))],
    }
    return freezing[state.frozen] + [StochasticDepth(0.2)] * (state.blocks == "stochastic depth")


@dataclass(eq=False)
class Work:
    """How far a run has come, and what each layer did in its last steps."""

    state: SimpleNamespace
    seen: list  # examples, at each test
    accuracy: list  # in the tests
    wished: deque  # (layers,) a step: the length of each layer's part of the gradient
    done: deque  # (layers,) a step: how much of that was used
    moved: np.ndarray  # (layers,) the steps in which each layer moved
    steps: int = 0  # that were made


class LayersAtWork(TrainingPanel):
    """A network with any number of hidden layers of 16, seen layer by layer.

    Args:
        train: the Dataset to learn from.
        test: the Dataset on which accuracy is measured.
    """

    title = "Which layers learn, when, and how much"
    presets = {
        "All learn": Preset({}, "Every layer moves in every step, by its own share of the gradient."),
        "First frozen": Preset(
            {"frozen": "the first"}, "The first layer's gradient is there, but nothing is done about it."
        ),
        "One at random": Preset(
            {"frozen": "one at random"},
            "Each layer rests in a third of the steps; the others learn meanwhile.",
        ),
        "Six hidden layers": Preset(
            {"hidden": 6},
            "Read the dots from below: each layer back, the gradient shrinks. (The first has more weights.)",
        ),
        "Six, residual": Preset(
            {"hidden": 6, "blocks": "residual", "learning_rate": 0.5},
            "Each layer adds to what it gets, so the gradient has a way around it.",
        ),
        "Stochastic depth": Preset(
            {"hidden": 6, "blocks": "stochastic depth", "learning_rate": 0.5},
            "White gaps: steps in which a layer was skipped.",
        ),
    }

    def __init__(self, train, test, **state):
        self.train, self.test = train, test
        super().__init__(**state)

    def controls(self):
        smaller = "Residual blocks need a smaller one"
        return {
            "hidden": int_slider(2, 1, MOST, "Hidden layers", "Layers of 16 neurons"),
            "blocks": dropdown(BLOCKS, "Blocks", "What a layer does with its input"),
            "frozen": dropdown(FROZEN, "Frozen", "Which layers do not learn"),
            "learning_rate": log_slider(
                4.0, -4, 3, "Learning rate", smaller, base=2, step=0.25, readout_format=".2f"
            ),
            "epochs": int_slider(1, 1, 20, "Epochs", "Times through the examples"),
        }

    def figure(self):
        fig, (when, much, graph) = style.figure(1, 3, height=350, width_ratios=(1.05, 1, 0.85))
        look = {"vmin": 0, "vmax": 1, "aspect": "auto", "interpolation": "nearest"}
        self.steps = when.imshow(np.zeros((MOST + 1, MEMORY)), cmap=style.AMOUNT, **look)
        when.set_xlabel(f"the last {MEMORY} steps, newest on the right")
        when.set_xticks([])
        style.title(when, "when: does the layer move?")
        (self.wished,) = much.plot([], [], "o", color=style.PALE, markersize=11)
        (self.done,) = much.plot([], [], "o", color=style.INK, markersize=6)
        much.set(xscale="log", xlim=(FAINTEST, 1e3))
        much.set_xlabel("grey: length of the gradient; black: used")
        much.grid(axis="both")
        much.set_xticks([1e-6, 1e-4, 1e-2, 1])
        along_rows = much.get_yaxis_transform()
        self.used = [
            much.text(0.98, k, "", ha="right", va="center", transform=along_rows, clip_on=True)
            for k in range(MOST + 1)
        ]
        much.minorticks_off()
        style.title(much, "how much")
        for ax in (when, much):
            ax.set_yticks(range(MOST + 1), [f"layer {k + 1}" for k in range(MOST + 1)])
            ax.tick_params(axis="y", length=0)
        self.layers = when, much
        (self.line,) = graph.plot([], [], color=style.INK)
        self.value = graph.text(0.96, 0.05, "", ha="right", transform=graph.transAxes, bbox=style.BACKING)
        self.graph = graph
        graph.set(ylim=(0, 1), xlabel="examples seen", ylabel="test accuracy")
        graph.locator_params(axis="x", nbins=4)
        graph.xaxis.set_major_formatter("{x:,.0f}")
        graph.grid(axis="y")
        style.title(graph, "while it trains")
        return fig

    def run(self, state):
        rng = np.random.default_rng(0)
        pixels, *_, classes = sizes_for(self.train)
        sizes = (pixels, *[16] * state.hidden, classes)
        kind = Network if state.blocks == "plain" else ResidualNetwork
        net = kind.random(sizes, rng=rng)
        first = self.train[:BATCH]
        start = norms(net, backprop(net, forward(net, first.pixels), first.y).mean())
        steps, moved = math.ceil(len(self.train) / BATCH) * state.epochs, np.zeros(len(start))
        wished, done = deque([start], MEMORY), deque([np.zeros_like(start)], MEMORY)
        result = Work(state, [0], [evaluate(net, self.test).accuracy], wished, done, moved)
        yield result, 0.0
        wished.clear(), done.clear()
        every = max(EVERY, steps // LOOKS)
        for step in self._steps(net, state, rng):
            done.append(norms(step.net, step.update) / state.learning_rate)
            held = state.frozen != "none"  # else the whole gradient is used
            wished.append(norms(step.net, step.grad.mean()) if held else done[-1])
            moved += done[-1] > 0
            result.steps += 1
            if (step.index + 1) % every == 0 or step.index + 1 == steps or step.diverged:
                result.seen.append(step.examples)
                result.accuracy.append(evaluate(step.net, self.test).accuracy)
                yield result, (step.index + 1) / steps

    def _steps(self, net, state, rng):
        rule, rules = SGD(state.learning_rate), regularizers(state)
        return train(
            net, self.train, rule, batch_size=BATCH, epochs=state.epochs, rng=rng, regularizers=rules
        )

    def draw(self, result):
        wished, done = np.array(result.wished), np.array(result.done)
        layers = wished.shape[1]
        recent = np.zeros((MOST + 1, MEMORY))
        recent[:layers, MEMORY - len(done) :] = shade(done.T)
        self.steps.set_data(recent)
        for ax in self.layers:
            ax.set_ylim(layers - 0.5, -0.5)
        wished, done = wished.mean(axis=0), done.mean(axis=0)
        self.wished.set_data(np.maximum(wished, FAINTEST), range(layers))
        self.done.set_data(np.where(done > 0, np.maximum(done, FAINTEST), np.nan), range(layers))
        for k, text in enumerate(self.used):
            text.set_text(f"{done[k] / wished[k]:.0%}" if k < layers and wished[k] else "")
        self.graph.set_xlim(0, len(self.train) * result.state.epochs)
        self.line.set_data(result.seen, result.accuracy)
        self.value.set_text(f"rate {result.state.learning_rate:.2g}: {result.accuracy[-1]:.1%}")

    def describe(self, result):
        wished = np.mean(result.wished, axis=0)
        sizes = (
            f"The gradient has length {wished[0]:.2g} in the first layer and {wished[-1]:.2g} in the last"
            f"{compared(wished[0], wished[-1])}"
        )
        if result.seen[-1] == 0:
            return f"Before training: {sizes.lower()[0]}{sizes[1:]}. Press Play to train."
        shares = ", ".join(f"{share:.0%}" for share in result.moved / result.steps)
        return (
            f"{sizes}. So far the layers moved in {shares} of the steps. After {result.seen[-1]:,} examples "
            f"the test accuracy is {result.accuracy[-1]:.1%}."
        )


def compared(first, last):
    """How many times as long the longer of two lengths is, in words."""
    if not min(first, last) > 0:
        return ""
    ratio = max(first, last) / min(first, last)
    return (
        f", {ratio:,.0f} times as long"
        if last > 1.5 * first
        else f"; the first is {ratio:,.1f} times as long"
    )


def norms(net, vector):
    """(layers,) the length of each layer's part of a vector (n_params,)."""
    return np.array([np.sqrt(np.vdot(W, W) + np.vdot(b, b)) for W, b in net.split(vector)])


def shade(moved):
    """Step lengths as shades 0..1: 0 where nothing moved, else darker by powers of ten up to 1."""
    return np.where(moved > 0, np.clip(1 + np.log10(np.maximum(moved, FAINTEST)) / 4, 0.15, 1), 0)
