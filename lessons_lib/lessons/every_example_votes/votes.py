"""What a thousand images want of one weight."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import dropdown, int_slider, stage_control
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.voting import VotingPanel

LAYERS = {"pixels → hidden 1": 0, "hidden 1 → hidden 2": 1, "hidden 2 → outputs": 2}
LOUD = 0.93  # the share of votes that fits between the outer bars of the histogram


@dataclass(frozen=True, eq=False)
class Ballot:
    """The votes of all examples on one weight."""

    votes: np.ndarray  # (n,) the change that each example wants
    labels: np.ndarray  # (n,) the digit that each example is
    mean: float
    by_digit: np.ndarray  # (10,) the average vote of each digit


class Votes(VotingPanel):
    """What every example wants of one weight: one colour a digit, and each digit's average."""

    title = "One weight, a thousand votes"
    presets = {
        "New network": Preset(
            {"stage": "untrained"}, "Nine digits in ten pull the same way: this output is too high for them."
        ),
        "After one epoch": Preset(
            {"stage": "after one epoch"}, "Most votes are near zero; a few loud ones on both sides decide."
        ),
        "Trained": Preset(
            {"stage": "trained"},
            "The network is right about nearly all, so few examples still want anything.",
        ),
        "A dark pixel": Preset(
            {"layer": 0, "to_neuron": 0, "from_neuron": 0},
            "The corner is dark in every image, so nobody has a vote on this weight.",
        ),
    }

    def controls(self):
        layer = dropdown(LAYERS, "Layer", "Where the weight stands", 2)
        to = int_slider(7, 0, 9, "To neuron", "The neuron that the weight leads to")
        start = int_slider(7, 0, 15, "From neuron", "The neuron or pixel it comes from")

        def fit(change):
            sizes = next(iter(self.nets.values())).sizes
            with self.holding():  # the change of layer itself recomputes, once both fit it
                start.max, to.max = sizes[change.new] - 1, sizes[change.new + 1] - 1

        layer.observe(fit, "value")
        return {"stage": stage_control(self.nets), "layer": layer, "to_neuron": to, "from_neuron": start}

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=360, width_ratios=(1.9, 1))
        self.histogram = charts.vote_histogram(left, np.zeros(1), np.zeros(1, int))
        left.set_xlabel(r"the change an example wants, $-\partial C_i/\partial w$   (outer bars: and beyond)")
        self.bars = right.barh(range(10), np.zeros(10), height=0.72, color=style.DIGITS)
        right.axvline(0, color=style.MUTED, linewidth=0.8)
        self.mean = right.axvline(0, color=style.INK, linewidth=2)
        right.set(ylim=(9.6, -0.6), xlabel="average vote; black line: of all")
        charts.tick_labels(right.yaxis, range(10), size=style.TEXT)
        right.locator_params(axis="x", nbins=4)
        left.locator_params(axis="x", nbins=6)
        style.title(right, "one colour a digit")
        self.axes = left, right
        return fig

    def compute(self, state):
        grad = self.wishes(state.stage)
        votes = (
            -grad.deltas[state.layer][:, state.to_neuron]
            * grad.activations[state.layer][:, state.from_neuron]
        )
        labels = self.digits.labels
        by_digit = np.array([votes[labels == digit].mean() for digit in range(10)])
        return Ballot(votes, labels, float(votes.mean()), by_digit)

    def draw(self, result):
        self.histogram.update(
            result.votes, result.labels, charts.round_up(np.quantile(np.abs(result.votes), LOUD))
        )
        for bar, mean in zip(self.bars, result.by_digit, strict=True):
            bar.set_width(mean)
        self.mean.set_xdata([result.mean, result.mean])
        most = charts.round_up(np.max(np.abs(result.by_digit)))
        self.axes[1].set_xlim(-most, most)

    def describe(self, result):
        size, n = np.abs(result.votes), len(result.votes)
        if not size.any():
            return (
                f"None of {n:,} examples wants this weight changed: what comes before it is 0 in all of them."
            )
        loud = np.sort(size)[-n // 10 :].sum() / size.sum()
        share = "more than 99%" if loud > 0.99 else f"{loud:.0%}"
        up, down = np.sum(result.votes > 0), np.sum(result.votes < 0)
        return (
            f"Of {n:,} examples {up} want this weight up and {down} down. The average vote is "
            f"{result.mean:+.2g}. Half of the votes are at most {np.median(size):.2g} in size, and the "
            f"loudest tenth holds {share} of the total size of all votes."
        )
