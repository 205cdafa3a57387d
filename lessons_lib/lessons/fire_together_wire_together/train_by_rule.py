"""A last layer trained by backprop's rule and by each Hebb rule."""

from dataclasses import dataclass
from math import ceil

import ipywidgets as W
import numpy as np

from lessons_lib import Network, forward, sigmoid
from lessons_lib.drawing import charts, style
from lessons_lib.lessons.fire_together_wire_together.hebb import RULES
from lessons_lib.panels.controls import log_slider
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel

HEBB, OJA = style.DIGITS[2], style.DIGITS[5]  # one colour for a rule and its version with the label
COLORS = dict(zip(RULES, (style.INK, HEBB, HEBB, OJA, OJA), strict=True))
DASHED = ("plain Hebb", "Oja")  # the rules that never see a label
BATCH, LOOKS = 100, 25  # examples per step; pictures of a whole run


@dataclass(frozen=True, eq=False)
class Training:
    """A run so far: one layer for each rule."""

    learning_rate: float
    seen: list[int]  # examples, at each look
    accuracy: dict[str, list[float]]  # on the test set, at each look
    weights: dict[str, np.ndarray]  # (classes, n_in + 1): the bias comes last


class TrainByRule(TrainingPanel):
    """A fresh last layer on given hidden layers, trained by each rule on the same examples in the same order.

    Args:
        nets: dict of name -> network; its hidden layers are kept, its last layer is not.
        train: the Dataset to learn from, once through.
        test: the Dataset on which accuracy is measured.
    """

    title = "Train the last layer by each rule"
    presets = {
        "Trained hidden layers": Preset(
            {"stage": "trained"}, "What the label does, and what the error adds."
        ),
        "New hidden layers": Preset(
            {"stage": "untrained"},
            "The 16 activations hardly differ from image to image, so no rule gets far.",
        ),
        "A small rate": Preset(
            {"stage": "trained", "learning_rate": 0.01},
            "With steps a hundred times smaller, no rule gets far in 20,000 images.",
        ),
    }

    def __init__(self, nets, train, test, **state):
        self.nets, self.train, self.test, self._features = nets, train, test, {}
        super().__init__(**state)

    def controls(self):
        stages = list(self.nets)
        return {
            "stage": W.Dropdown(
                options=stages, value=stages[-1], description="Hidden layers", tooltip="From which network"
            ),
            "learning_rate": log_slider(
                1.0, -2, 1, "Learning rate", "The same for every rule", step=0.1, readout_format=".2f"
            ),
        }

    def figure(self):
        fig, (graph, race) = style.figure(1, 2, height=330, width_ratios=(1.4, 1))
        self.lines = {
            name: graph.plot([], [], color=color, linestyle="--" if name in DASHED else "-")[0]
            for name, color in COLORS.items()
        }
        graph.set(xlim=(0, len(self.train)), ylim=(0, 1), xlabel="examples seen", ylabel="test accuracy")
        graph.xaxis.set_major_formatter("{x:,.0f}")
        graph.grid(axis="y")
        self.what = style.title(graph, " ")
        self.reads = charts.accuracy_bars(race, COLORS, room=1.25)
        style.title(race, "test accuracy now")
        return fig

    def features(self, stage):
        """(n, n_in + 1) for training and testing: what goes into the last layer, and a 1 for the bias."""
        if stage not in self._features:
            a = (forward(self.nets[stage], data.pixels).a[-2] for data in (self.train, self.test))
            self._features[stage] = [np.column_stack([part, np.ones(len(part), part.dtype)]) for part in a]
        return self._features[stage]

    def run(self, state):
        a, a_test = self.features(state.stage)
        rng = np.random.default_rng(0)
        fresh = Network.random((a.shape[1] - 1, self.train.classes), rng=rng)
        weights = {name: np.column_stack([fresh.weights[0], fresh.biases[0]]) for name in RULES}
        steps, order = ceil(len(a) / BATCH), rng.permutation(len(a))
        seen, accuracy = [], {name: [] for name in RULES}
        for step in range(steps + 1):
            if step % max(1, steps // LOOKS) == 0 or step == steps:
                seen.append(min(step * BATCH, len(a)))
                for name, layer in weights.items():
                    answers = np.argmax(a_test @ layer.T, axis=1)
                    accuracy[name].append(float(np.mean(answers == self.test.labels)))
                yield Training(state.learning_rate, seen, accuracy, weights), step / steps
            rows = order[step * BATCH : (step + 1) * BATCH]
            for name, layer in weights.items() if len(rows) else ():
                out = sigmoid(a[rows] @ layer.T)
                layer += state.learning_rate * RULES[name].change(out, self.train.y[rows], a[rows], layer)

    def draw(self, result):
        self.what.set_text(
            f"learning rate {result.learning_rate:.2g} (dashed: these rules never see the label)"
        )
        for name, accuracy in result.accuracy.items():
            self.lines[name].set_data(result.seen, accuracy)
        self.reads.update({name: accuracy[-1] for name, accuracy in result.accuracy.items()})

    def describe(self, result):
        now = ", ".join(f"{name} {accuracy[-1]:.1%}" for name, accuracy in result.accuracy.items())
        largest = np.abs(result.weights["plain Hebb"]).max()
        return (
            f"After {result.seen[-1]:,} examples the accuracy on {len(self.test):,} test images is: {now}. "
            f"Plain Hebb's largest weight is {largest:.3g}."
        )
