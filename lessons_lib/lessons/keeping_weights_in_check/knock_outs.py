"""Networks trained with and without dropout, tested with hidden neurons knocked out."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from lessons_lib import forward, sigmoid
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import int_slider, selection_slider
from lessons_lib.panels.panel import Panel, Preset

COUNTS = np.arange(0, 17)  # how many of the 32 hidden neurons are silenced
DRAWS = 30  # random choices of which ones


@dataclass(frozen=True, eq=False)
class Measured:
    """What one network loses with its neurons."""

    lost: np.ndarray  # (32,) the accuracy lost if this neuron alone is silenced
    accuracy: np.ndarray  # (counts, draws)


@dataclass(frozen=True, eq=False)
class KnockedOut:
    """Both networks measured, and the neurons that are silenced now."""

    state: SimpleNamespace
    both: dict[str, Measured]  # "without" and "with" dropout
    silent: np.ndarray  # (knocked,) from 0 to 31


class KnockOuts(Panel):
    """Accuracy with k random hidden neurons silenced, for a network trained with dropout and one without.

    Args:
        nets: dict of dropout rate -> trained network with two hidden layers; 0 is without dropout.
        digits: the Dataset on which accuracy is measured.
    """

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
        super().__init__(**state)

    def controls(self):
        rates = [(f"{rate:.0%}", rate) for rate in self.nets if rate]
        return {
            "rate": selection_slider(rates, rates[len(rates) // 2][1], "Dropout", "Rate in training"),
            "knocked": int_slider(4, 0, 16, "Knocked out", "Of the 32 hidden neurons"),
            "choice": int_slider(0, 0, DRAWS - 1, "Choice no.", "One of 30 random choices of the silenced"),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=370, width_ratios=(1, 1.15))
        self.left = left
        self.colors = {"without": style.MUTED, "with": style.ACCENT}
        self.bars = {
            name: left.barh(np.arange(32) + shift, np.zeros(32), height=0.4, color=color)
            for (name, color), shift in zip(self.colors.items(), (-0.2, 0.2), strict=True)
        }
        (self.out,) = left.plot(
            [], [], "x", color=style.ERROR, markersize=6, markeredgewidth=1.8, clip_on=False
        )
        left.axhline(15.5, color=style.LINE)
        left.set(ylim=(32, -1), xlabel="accuracy lost if this one is silenced")
        left.set_yticks([7.5, 23.5], ["hidden\n1", "hidden\n2"])
        left.tick_params(axis="y", length=0)
        style.title(left, "who is missed (red: knocked out now)")
        self.bands = {name: right.plot([], [], color=c, linewidth=0.8)[0] for name, c in self.colors.items()}
        self.lines = {name: right.plot([], [], color=c)[0] for name, c in self.colors.items()}
        self.marks = {name: right.plot([], [], "o", color=c)[0] for name, c in self.colors.items()}
        self.values = {
            name: right.text(0.97, y, "", color=self.colors[name], ha="right", transform=right.transAxes)
            for name, y in (("with", 0.95), ("without", 0.87))
        }
        right.set(
            xlim=(-0.4, 16.4), ylim=(0, 1.12), xlabel="hidden neurons knocked out", ylabel="test accuracy"
        )
        right.grid(axis="y")
        style.title(right, "mean of 30 choices; thin: best and worst")
        return fig

    def measured(self, rate):
        """The :class:`Measured` of one network; computed once."""
        if rate not in self._kept:
            test = Silencer(self.nets[rate], self.digits)
            lost = test.accuracy - test(~np.eye(32, dtype=bool))
            self._kept[rate] = Measured(lost, np.array([test(masks) for masks in choices()]))
        return self._kept[rate]

    def compute(self, state):
        silent = np.flatnonzero(~choices()[state.knocked][state.choice])
        both = {"without": self.measured(0), "with": self.measured(state.rate)}
        return KnockedOut(state, both, silent)

    def draw(self, result):
        k, choice = result.state.knocked, result.state.choice
        lost = np.concatenate([found.lost for found in result.both.values()])
        most = charts.round_up(lost.max())
        least = min(-0.08 * most, 1.1 * lost.min())
        self.left.set_xlim(least, most)
        self.out.set_data(np.full(len(result.silent), least / 2), result.silent)
        for name, found in result.both.items():
            for bar, lost in zip(self.bars[name], found.lost, strict=True):
                bar.set_width(lost)
            low, high = found.accuracy.min(axis=1), found.accuracy.max(axis=1)
            self.bands[name].set_data([*COUNTS, np.nan, *COUNTS], [*low, np.nan, *high])
            self.lines[name].set_data(COUNTS, found.accuracy.mean(axis=1))
            self.marks[name].set_data([k], [found.accuracy[k, choice]])
            how = f"{result.state.rate:.0%} dropout" if name == "with" else "without"
            self.values[name].set_text(f"{how}: {found.accuracy[k].mean():.1%}")

    def describe(self, result):
        k, both, state = result.state.knocked, result.both, result.state
        mean = {name: found.accuracy[k].mean() for name, found in both.items()}
        these = {name: found.accuracy[k, state.choice] for name, found in both.items()}
        most = {name: found.lost.max() for name, found in both.items()}
        return (
            f"With {k} of 32 hidden neurons knocked out, the network trained with {state.rate:.0%} dropout "
            f"still reads {mean['with']:.1%} on average, the one without {mean['without']:.1%} (this choice: "
            f"{these['with']:.1%} and {these['without']:.1%}). Its most missed neuron costs "
            f"{100 * most['with']:.0f} points, the other's {100 * most['without']:.0f}."
        )


def choices():
    """For each of ``COUNTS`` a table (DRAWS, 32) of who takes part; a draw has one order in all tables."""
    rng = np.random.default_rng(0)
    order = np.array([rng.permutation(32) for _ in range(DRAWS)])
    places = np.argsort(order, axis=1)
    return [places >= count for count in COUNTS]


class Silencer:
    """Tests a network with two hidden layers while some of their neurons give 0.

    ``Silencer(net, digits)(masks)`` takes (n, hidden neurons) booleans, who takes part, and gives (n,)
    accuracies. The others are not scaled up.
    """

    def __init__(self, net, digits):
        self.net, self.labels = net, digits.labels
        trace = forward(net, digits.pixels)
        self.first = trace.a[1]
        self.accuracy = float(np.mean(trace.output.argmax(axis=1) == self.labels))

    def __call__(self, masks):
        return np.array([self._one(*np.split(mask, [self.first.shape[1]])) for mask in masks])

    def _one(self, first, second):
        _, W2, W3 = self.net.weights
        _, b2, b3 = self.net.biases
        hidden = sigmoid((self.first * first) @ W2.T + b2) * second
        return np.mean((hidden @ W3.T + b3).argmax(axis=1) == self.labels)
