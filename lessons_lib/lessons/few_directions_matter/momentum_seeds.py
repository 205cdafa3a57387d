"""Entropy-scaled momentum beside what it should be compared with, over several seeds."""

import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

from lessons_lib import SGD, Network, evaluate, train
from lessons_lib.drawing import charts, style
from lessons_lib.engine.optimizers import EntropyScaledMomentum, Momentum
from lessons_lib.engine.optimizers.few_directions import entropy
from lessons_lib.panels.controls import int_slider, log_slider
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.panels.words import counted
from lessons_lib.runs.stages import sizes_for


@dataclass(frozen=True)
class EvenlyScaledMomentum(EntropyScaledMomentum):
    """The control: in each step every direction gets the mean of all H, and only that differs."""

    def _decay(self, U):
        return np.full(U.shape[1], entropy(U**2).mean(), U.dtype)


TUNED = {  # each at the best, or nearly, of the learning rates tried for it
    "SGD": SGD(2.0),
    "momentum 0.9": Momentum(0.1),
    "scale none": EntropyScaledMomentum(0.1, scale="none"),
    "scale entropy": EntropyScaledMomentum(0.4),
    "scale inverse": EntropyScaledMomentum(0.4, scale="inverse"),
    "scale mean": EvenlyScaledMomentum(0.4),
}
OWN = style.DIGITS[9], style.DOWN_TEXT, style.SECOND, style.DIGITS[5]
COLORS = dict(zip(TUNED, (style.RULES["plain descent"], style.RULES["momentum"], *OWN), strict=True))
BATCH, EVERY, MOST_SEEDS = 20, 120, 6  # examples per step; steps between two looks
SLICE = 10  # steps between two moments at which the panel can answer


@dataclass(frozen=True, eq=False)
class Seeds:
    """What each rule has done from each start so far."""

    state: SimpleNamespace
    curves: dict[str, list]  # a pair of lists per run: examples seen, test accuracy
    final: dict[str, list]  # the test accuracy at the end of each finished run

    @property
    def complete(self):
        """How many seeds every rule has run from; only these compare them."""
        return min(len(final) for final in self.final.values())


class MomentumSeeds(TrainingPanel):
    """Six rules from the same starts over the same batches: one run per seed, one dot per run.

    Args:
        train: the Dataset to learn from.
        test: the Dataset on which accuracy is measured.
    """

    title = "Six rules, several seeds"
    presets = {
        "One epoch": Preset({}, "How far apart are two dots of one rule? Nothing smaller is a difference."),
        "Two epochs": Preset({"epochs": 2}, "Later the rules lie closer together, and so do their seeds."),
        "Half the rates": Preset(
            {"rates": 0.5}, "Each rule was tuned. Off its best rate another one may look better."
        ),
    }

    def __init__(self, train, test, **state):
        self.train, self.test = train, test
        super().__init__(**state)

    def controls(self):
        times = "Multiplies every rule's own learning rate"
        return {
            "seeds": int_slider(3, 1, MOST_SEEDS, "Seeds", "How many runs of each rule"),
            "epochs": int_slider(1, 1, 5, "Epochs", "Times through the examples"),
            "rates": log_slider(1.0, -2, 2, "Learning rates ×", times, base=2, step=1, readout_format=".2f"),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=360, width_ratios=(1.15, 1))
        self.lines = {
            name: [left.plot([], [], color=color, linewidth=1.2)[0] for _ in range(MOST_SEEDS)]
            for name, color in COLORS.items()
        }
        left.set(ylim=(0, 1), xlabel="examples seen", ylabel="test accuracy")
        left.xaxis.set_major_formatter("{x:,.0f}")
        left.grid(axis="y")
        style.title(left, "on the way, one line per run")
        self.left = left
        self.dots, self.means, self.values = {}, {}, {}
        for k, (name, color) in enumerate(COLORS.items()):
            (self.dots[name],) = right.plot([], [], "o", color=color, markersize=6, alpha=0.7)
            (self.means[name],) = right.plot([], [], color=color, linewidth=2.5)
            self.values[name] = right.text(
                0.99, k, "", color=color, va="center", ha="right", transform=right.get_yaxis_transform()
            )
        right.set(ylim=(len(TUNED) - 0.4, -0.6), xlim=(0.55, 1), xlabel="test accuracy at the end of a run")
        right.grid(axis="x")
        charts.tick_labels(right.yaxis, TUNED, size=style.TEXT)
        self.what = style.title(right, "")
        return fig

    def run(self, state):
        steps = math.ceil(len(self.train) / BATCH) * state.epochs
        whole, done = steps * len(TUNED) * state.seeds, 0
        curves, final = {name: [] for name in TUNED}, {name: [] for name in TUNED}
        result = Seeds(state, curves, final)
        yield result, 0.0
        for seed in range(state.seeds):
            for name in TUNED:
                curves[name].append(([], []))
                for _ in self._one(name, seed, state, curves[name][-1]):
                    done += SLICE
                    yield result, min(done / whole, 1.0)
                final[name].append(curves[name][-1][1][-1])
        yield result, 1.0

    def _one(self, name, seed, state, curve):
        """Train by one rule from one start; fill in the curve; pause every few steps."""
        rng = np.random.default_rng(seed)
        net = Network.random(sizes_for(self.train), rng=rng)
        rule = replace(TUNED[name], learning_rate=state.rates * TUNED[name].learning_rate)
        for step in train(net, self.train, rule, batch_size=BATCH, epochs=state.epochs, rng=rng):
            if step.index % EVERY == 0:
                look(curve, step, self.test)
            if step.index % SLICE == SLICE - 1:
                yield
        look(curve, step, self.test)

    def draw(self, result):
        self.left.set_xlim(0, len(self.train) * result.state.epochs)
        self.what.set_text(f"one dot per run, {result.state.seeds} of each; bar: mean")
        for k, name in enumerate(TUNED):
            for seed, line in enumerate(self.lines[name]):
                runs = result.curves[name]
                line.set_data(*(runs[seed] if seed < len(runs) else ([], [])))
            final = result.final[name]
            self.dots[name].set_data(np.maximum(final, 0.553), np.full(len(final), k))
            mean = np.mean(final[: result.complete] or final) if final else np.nan
            self.means[name].set_data([mean] * 2, [k - 0.3, k + 0.3])
            self.values[name].set_text(f"{mean:.1%}" if final else "")

    def describe(self, result):
        done = result.complete
        runs = sum(len(final) for final in result.final.values())
        if not any(result.curves.values()):
            return f"{len(TUNED)} rules, {result.state.seeds} seeds each, from the same starts: press Play."
        if not done:
            return f"{runs} of {len(TUNED) * result.state.seeds} runs are done; more to come."
        return verdict({name: np.array(final[:done]) for name, final in result.final.items()})


def look(curve, step, test):
    """Append the examples seen and the test accuracy to a curve."""
    curve[0].append(step.examples)
    curve[1].append(evaluate(step.net, test).accuracy)


def verdict(final):
    """In words, what the accuracies (one array (seeds,) per rule, the same seeds) say, and what they do not.

    A rule is called ahead of another only if it is ahead on every one of at least three seeds, and by more on
    average than its own seeds differ.
    """
    order = sorted(final, key=lambda name: -final[name].mean())
    best, n = order[0], len(final[order[0]])
    if n < 3:
        means = ", ".join(f"{name} {final[name].mean():.1%}" for name in order)
        return f"After {n} {counted(n, 'seed')}: {means}. At least three can tell rules apart."
    behind = [name for name in order[1:] if ahead(final[best], final[name])]
    level = [name for name in order[1:] if name not in behind]
    means = ", ".join(f"{name} {final[name].mean():.1%} ± {np.ptp(final[name]) / 2:.1%}" for name in order)
    if level:
        say = f"{best} has the highest mean, but these seeds do not set it apart from {', '.join(level)}."
    else:
        say = f"{best} is ahead of all the others on every seed."
    return f"After {n} seeds (mean ± half the spread): {means}. {say}"


def ahead(a, b):
    """Whether ``a`` is above ``b`` on every seed, and by more on average than its own seeds differ."""
    return bool(np.all(a > b) and np.mean(a - b) > np.ptp(a))
