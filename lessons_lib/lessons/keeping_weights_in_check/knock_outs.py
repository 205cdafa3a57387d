"""Networks trained with and without dropout, tested with hidden neurons knocked out."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from lessons_lib import forward
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import int_slider, selection_slider
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset

POINTS = 16  # of the curves after the first, or more; up to half of all neurons are silenced
DRAWS = 30  # random choices of which ones


@dataclass(frozen=True, eq=False)
class Measured:
    """What one network loses with its neurons."""

    lost: np.ndarray  # (neurons,) the accuracy lost if this neuron alone is silenced
    accuracy: np.ndarray  # (counts, draws)


@dataclass(frozen=True, eq=False)
class KnockedOut:
    """Both networks measured, and the neurons that are silenced now."""

    state: SimpleNamespace
    both: dict[str, Measured]  # "without" and "with" dropout
    silent: np.ndarray  # (knocked,) counted through all hidden layers


def both_kinds(given):
    """What is missing, if there is no network without dropout, or none with."""
    if 0 in given["nets"] and any(given["nets"]):
        return None
    return (
        "compares dropout rates: it needs nets as {0: without, 0.2: with dropout}; "
        f"got {', '.join(map(repr, given['nets']))}. Name each network by its rate."
    )


class KnockOuts(Panel):
    """Accuracy with k random hidden neurons silenced, for a network trained with dropout and one without.

    Args:
        nets: dict of dropout rate -> trained network with one to three hidden layers, all of the same sizes;
            0 is without dropout.
        digits: the Dataset on which accuracy is measured.
    """

    needs = Needs(hidden=(1, 3), width=128, plain=True, alike=True, also=both_kinds)

    title = "Knock out hidden neurons"
    presets = {
        "One is missing": Preset({"knocked": 1}, "Most neurons are hardly missed, a few badly."),
        "Four are missing": Preset(
            {"knocked": 4}, "Which four they are matters: see how far the thin lines lie apart."
        ),
        "Half are missing": Preset(
            {"knocked": 16}, "Half of all neurons: what is left is far from what it was."
        ),
    }

    def __init__(self, nets, digits, **state):
        self.nets, self.digits, self._kept = nets, digits, {}
        self.hidden = nets[0].sizes[1:-1]
        self.neurons = sum(self.hidden)
        self.counts = counts(self.neurons)
        self.choices = choices(self.neurons)
        super().__init__(**state)

    def controls(self):
        rates = [(f"{rate:.0%}", rate) for rate in self.nets if rate]
        of_all, most, step = f"Of the {self.neurons} hidden neurons", self.counts[-1], self.counts.step
        return {
            "rate": selection_slider(rates, rates[len(rates) // 2][1], "Dropout", "Rate in training"),
            "knocked": int_slider(min(4 * step, most), 0, most, "Knocked out", of_all, step=step),
            "choice": int_slider(0, 0, DRAWS - 1, "Choice no.", "One of 30 random choices of the silenced"),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=370, width_ratios=(1, 1.15))
        self.left, n, most = left, self.neurons, self.counts[-1]
        self.colors = {"without": style.MUTED, "with": style.DOWN}
        left.axhline(0, color=style.LINE, linewidth=0.8, zorder=0)
        dots = {"marker": "o", "markersize": 4, "linewidth": 1}
        cross = {"color": style.ERROR, "markersize": 7, "markeredgewidth": 1.8, "zorder": 4}
        self.ranked = {name: left.plot([], [], color=c, **dots)[0] for name, c in self.colors.items()}
        self.out = {name: left.plot([], [], "x", **cross)[0] for name in self.colors}
        self.named = {
            name: left.text(0.97, y, "", color=self.colors[name], ha="right", transform=left.transAxes)
            for name, y in (("with", 0.95), ("without", 0.87))
        }
        left.set(xlim=(0, n + 1), xlabel=f"the {n} hidden neurons, most missed first")
        left.set_ylabel("points of accuracy lost without it")
        style.title(left, "who is missed (red: knocked out now)")
        self.bands = {name: right.plot([], [], color=c, linewidth=0.8)[0] for name, c in self.colors.items()}
        self.lines = {name: right.plot([], [], color=c)[0] for name, c in self.colors.items()}
        self.marks = {name: right.plot([], [], "o", color=c)[0] for name, c in self.colors.items()}
        self.values = {
            name: right.text(0.97, y, "", color=self.colors[name], ha="right", transform=right.transAxes)
            for name, y in (("with", 0.95), ("without", 0.87))
        }
        right.set(
            xlim=(-0.025 * most, 1.025 * most),
            ylim=(0, 1.12),
            xlabel="hidden neurons knocked out",
            ylabel="test accuracy",
        )
        right.grid(axis="y")
        style.title(right, "mean of 30 choices; thin: best and worst")
        return fig

    def measured(self, rate):
        """The :class:`Measured` of one network; computed once."""
        if rate not in self._kept:
            test = Silencer(self.nets[rate], self.digits)
            lost = test.accuracy - test(~np.eye(self.neurons, dtype=bool))
            self._kept[rate] = Measured(
                lost, np.array([test(self.choices >= count) for count in self.counts])
            )
        return self._kept[rate]

    def compute(self, state):
        silent = np.flatnonzero(self.choices[state.choice] < state.knocked)
        both = {"without": self.measured(0), "with": self.measured(state.rate)}
        return KnockedOut(state, both, silent)

    def draw(self, result):
        knocked, choice = result.state.knocked, result.state.choice
        k = self.counts.index(knocked)
        lost = 100 * np.concatenate([found.lost for found in result.both.values()])
        charts.set_limits(self.left, y=(min(-1.0, 1.1 * lost.min()), max(1.0, 1.25 * lost.max())))
        for name, found in result.both.items():
            order = np.argsort(-found.lost, kind="stable")
            rank, points = np.arange(1, self.neurons + 1), 100 * found.lost[order]
            self.ranked[name].set_data(rank, points)
            silent = np.isin(order, result.silent)
            self.out[name].set_data(rank[silent], points[silent])
            self.named[name].set_text(f"most missed: {self._name(order[0])}")
            low, high = found.accuracy.min(axis=1), found.accuracy.max(axis=1)
            self.bands[name].set_data([*self.counts, np.nan, *self.counts], [*low, np.nan, *high])
            self.lines[name].set_data(self.counts, found.accuracy.mean(axis=1))
            self.marks[name].set_data([knocked], [found.accuracy[k, choice]])
            how = f"{result.state.rate:.0%} dropout" if name == "with" else "without"
            self.values[name].set_text(f"{how}: {found.accuracy[k].mean():.1%}")

    def _name(self, neuron):
        """A hidden neuron by its layer and its number there."""
        layer = int(np.searchsorted(np.cumsum(self.hidden), neuron, side="right"))
        return f"layer {layer + 1}, no. {neuron - sum(self.hidden[:layer])}"

    def describe(self, result):
        both, state = result.both, result.state
        k = self.counts.index(state.knocked)
        mean = {name: found.accuracy[k].mean() for name, found in both.items()}
        these = {name: found.accuracy[k, state.choice] for name, found in both.items()}
        most = {name: found.lost.max() for name, found in both.items()}
        return (
            f"With {state.knocked} of {self.neurons} hidden neurons knocked out, the network trained with "
            f"{state.rate:.0%} dropout still reads {mean['with']:.1%} on average, the one without "
            f"{mean['without']:.1%} (this choice: "
            f"{these['with']:.1%} and {these['without']:.1%}). Its most missed neuron costs "
            f"{100 * most['with']:.0f} points, the other's {100 * most['without']:.0f}."
        )


def counts(neurons):
    """How many of so many neurons are silenced: none, and in even steps up to half of them."""
    most = max(1, neurons // 2)
    return range(0, most + 1, max(1, most // POINTS))


def choices(neurons):
    """A table (DRAWS, neurons): in each draw the places of the neurons in the order of their silencing."""
    rng = np.random.default_rng(0)
    order = np.array([rng.permutation(neurons) for _ in range(DRAWS)])
    return np.argsort(order, axis=1)


class Silencer:
    """Tests a network while some of its hidden neurons give 0.

    ``Silencer(net, digits)(masks)`` takes (n, hidden neurons) booleans, who takes part, and gives (n,)
    accuracies. The others are not scaled up.
    """

    def __init__(self, net, digits):
        self.net, self.labels = net, digits.labels
        trace = forward(net, digits.pixels)
        self.first = trace.a[1]
        self.accuracy = float(np.mean(trace.output.argmax(axis=1) == self.labels))

    def __call__(self, masks):
        ends = np.cumsum(self.net.sizes[1:-2])
        return np.array([self._one(*np.split(mask, ends)) for mask in masks])

    def _one(self, first, *others):
        hidden, (W, b, _) = self.first * first, self.net.layers[-1]
        for (V, c, f), mask in zip(self.net.layers[1:-1], others, strict=True):
            hidden = f(hidden @ V.T + c) * mask
        return np.mean((hidden @ W.T + b).argmax(axis=1) == self.labels)
