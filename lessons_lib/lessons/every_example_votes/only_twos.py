"""Who is heard decides, so a network that meets only 2s says 2 to everything."""

from dataclasses import dataclass
from itertools import chain, islice
from types import SimpleNamespace

import numpy as np

from lessons_lib import SGD, forward
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import dropdown, int_slider, selection_slider
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.runs.descent import descend

STEPS = 400
RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 10.0)
LEVELS = (0.5, 0.9)  # shares of the test images called 2 whose first step is marked


@dataclass(frozen=True, eq=False)
class Answers:
    """How the test images were read at the start and after each step so far."""

    state: SimpleNamespace
    called: np.ndarray  # (steps + 1, classes) the share of the images called each digit
    right: np.ndarray  # (steps + 1,) the share read right

    @property
    def moments(self):
        """For each of ``LEVELS`` the first step after which that share is called a 2, or None."""
        reached = {level: np.flatnonzero(self.called[:, 2] >= level) for level in LEVELS}
        return {level: int(steps[0]) if len(steps) else None for level, steps in reached.items()}


def twos_and_others(given):
    """What is missing, if the examples to learn from do not hold 2s and other digits."""
    labels = given["train"].labels
    if (labels == 2).any() and (labels != 2).any():
        return None
    return "draws from 2s and from other digits; train holds only one of them. Give it more of the data."


class OnlyTwos(TrainingPanel):
    """Train on with a chosen share of 2s, and count how the test images are read after every step.

    Args:
        nets: dict of name -> network to start from.
        train: the Dataset to draw examples from, with replacement; some are 2s and some are not.
        test: the Dataset on which the network is asked after every step.
    """

    title = "The network that only listens to 2s"
    needs = Needs(also=twos_and_others)
    presets = {
        "New, only 2s": Preset({"stage": "untrained"}, "One step, and every image is called a 2."),
        "New, one at a time": Preset(
            {"stage": "untrained", "batch_size": 1, "learning_rate": 0.05},
            "With tiny steps it takes a handful.",
        ),
        "Trained, only 2s": Preset(
            {"stage": "trained", "learning_rate": 4.0}, "It gives way slowly: a 2 it knows asks for little."
        ),
        "Trained, nine in ten": Preset(
            {"stage": "trained", "share": 90, "learning_rate": 4.0},
            "One other digit in ten examples is enough to keep the rest alive.",
        ),
        "New, fair": Preset(
            {"stage": "untrained", "share": 10, "learning_rate": 4.0},
            "It gives all the same answer for a while, now one digit, now another; then it learns to read.",
        ),
    }

    def __init__(self, nets, train, test, **state):
        self.nets, self.train, self.test = nets, train, test
        super().__init__(**state)

    def controls(self):
        return {
            "stage": dropdown(list(self.nets), "Start from", "The network before"),
            "share": int_slider(100, 10, 100, "2s in 100", "How many of 100 examples are 2s", step=5),
            "batch_size": dropdown([1, 10, 100], "Batch size", "Examples averaged in one step", 100),
            "learning_rate": selection_slider(RATES, 1.0, "Learning rate", "How far one step goes"),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=350, width_ratios=(1, 1.5))
        n = self.test.classes
        colors = [style.DIGITS[k % len(style.DIGITS)] for k in range(n)]
        self.bars = left.bar(range(n), np.zeros(n), color=colors)
        left.set(ylim=(0, 1), ylabel="share of the test images", xlabel="is called a")
        charts.tick_labels(left.xaxis, range(n), size=style.TEXT)
        self.settings = style.title(left, " ")
        right.set_xscale("symlog", linthresh=1)
        right.set(xlim=(0, STEPS), ylim=(0, 1.04), xlabel="step")
        right.set_xticks([0, 1, 3, 10, 30, 100, 400], ["0", "1", "3", "10", "30", "100", "400"])
        right.minorticks_off()
        right.grid(axis="y")
        right.set_ylabel("share of the test images")
        (self.twos,) = right.plot([], [], color=style.DIGITS[2], label="called a 2")
        (self.right_ones,) = right.plot([], [], color=style.INK, linestyle="--", label="read correctly")
        right.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
        self.marks = {level: _mark(right, level) for level in LEVELS}
        return fig

    def run(self, state):
        start, called, right = self.nets[state.stage], [], []
        later = descend(start, SGD(state.learning_rate), self._batches(state))
        for step, net in enumerate(chain([start], islice(later, STEPS))):
            answers = forward(net, self.test.pixels).output.argmax(axis=1)
            called.append(np.bincount(answers, minlength=self.test.classes) / len(answers))
            right.append(np.mean(answers == self.test.labels))
            yield Answers(state, np.array(called), np.array(right)), step / STEPS

    def _batches(self, state):
        """Examples drawn with replacement, the chosen share of 2s among them on average."""
        rng, is_two = np.random.default_rng(0), self.train.labels == 2
        twos, others = np.flatnonzero(is_two), np.flatnonzero(~is_two)
        while True:
            heard = rng.random(state.batch_size) < state.share / 100
            drawn = rng.choice(twos, state.batch_size), rng.choice(others, state.batch_size)
            yield self.train[np.where(heard, *drawn)]

    def draw(self, result):
        state, moments = result.state, result.moments
        self.settings.set_text(
            f"{state.share}% 2s, {state.batch_size} per step, rate {state.learning_rate:.2g}"
        )
        for bar, share in zip(self.bars, result.called[-1], strict=True):
            bar.set_height(share)
        steps = np.arange(len(result.right))
        self.twos.set_data(steps, result.called[:, 2])
        self.right_ones.set_data(steps, result.right)
        for level, (mark, text) in self.marks.items():
            step = moments[level]
            seen = step is not None
            mark.set_data([step] if seen else [], [level] if seen else [])
            text.set(x=step if seen else 0, text=f"step {step}  " if seen else "")

    def describe(self, result):
        step = len(result.right) - 1
        half, most = (
            f"at step {moment}" if moment is not None else "not so far" for moment in result.moments.values()
        )
        return (
            f"After {step} {'step' if step == 1 else 'steps'} with {result.state.share}% 2s, "
            f"{result.called[-1, 2]:.1%} of {len(self.test):,} test images are called a 2, and "
            f"{result.right[-1]:.1%} are read correctly. Half called a 2: {half}; nine in ten: {most}."
        )


def _mark(ax, level):
    """A point for the step at which ``level`` was first reached, and its text to the left."""
    (point,) = ax.plot([], [], "o", color=style.INK, markeredgecolor=style.PAPER, markersize=8, zorder=4)
    text = ax.text(0, level, "", color=style.INK, ha="right", va="center", in_layout=False, clip_on=False)
    return point, text
