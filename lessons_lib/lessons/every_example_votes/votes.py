"""What a thousand images want of one weight."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import dropdown, int_slider, stage_control
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.voting import VotingPanel
from lessons_lib.panels.words import counted


@dataclass(frozen=True, eq=False)
class Ballot:
    """The votes of all examples on one weight."""

    votes: np.ndarray  # (n,) the change that each example wants
    labels: np.ndarray  # (n,) the digit that each example is
    mean: float
    by_digit: np.ndarray  # (classes,) the average vote of each digit; 0 where there is none
    unlit: bool  # whether what comes before the weight is 0 in all of them


class Votes(VotingPanel):
    """What every example wants of one weight, counted by heads and by sizes, and each digit's average."""

    title = "One weight, a thousand votes"
    needs = Needs(alike=True, classes=10)
    presets = {
        "New network": Preset(
            {"stage": "untrained"}, "Nine digits in ten pull the same way: this output is too high for them."
        ),
        "After one epoch": Preset(
            {"stage": "after one epoch"},
            "Most votes are near zero. Count sizes, and the few loud ones are all there is.",
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
        sizes = self.sizes
        names = ["pixels", *(f"hidden {k}" for k in range(1, len(sizes) - 1)), "outputs"]
        layers = {f"{start} → {end}": k for k, (start, end) in enumerate(pairwise(names))}
        layer = dropdown(layers, "Layer", "Which layer the weight is in", len(layers) - 1)
        before, after = (n - 1 for n in sizes[-2:])
        to = int_slider(min(7, after), 0, after, "To neuron", "The neuron that the weight leads to")
        start = int_slider(min(7, before), 0, before, "From neuron", "The neuron or pixel it comes from")

        def fit(change):
            with self.holding():  # the change of layer itself recomputes, once both fit it
                start.max, to.max = sizes[change.new] - 1, sizes[change.new + 1] - 1

        layer.observe(fit, "value")
        return {"stage": stage_control(self.nets), "layer": layer, "to_neuron": to, "from_neuron": start}

    def figure(self):
        fig, axes = style.figure(2, 2, height=440, width_ratios=(1.9, 1))
        grid = axes[0, 1].get_gridspec()
        for ax in axes[:, 1]:
            ax.remove()
        (heads, sizes), right = axes[:, 0], fig.add_subplot(grid[:, 1])
        self.histogram = charts.vote_histogram(heads, np.zeros(1), np.zeros(1, int))
        self.sizes_histogram = charts.vote_histogram(sizes, np.zeros(1), np.zeros(1, int), by_size=True)
        self.sizes_histogram.mean_text.set_visible(False)
        style.title(heads, "counting heads")
        style.title(sizes, "counting sizes")
        sizes.set(
            ylabel="share of the total", xlabel=r"the change an example wants, $-\partial C_i/\partial w$"
        )
        n = self.digits.classes
        self.bars = right.barh(range(n), np.zeros(n), height=0.72, color=style.DIGITS)
        right.axvline(0, color=style.MUTED, linewidth=0.8)
        self.mean = right.axvline(0, color=style.INK, linewidth=2)
        right.set(ylim=(n - 0.4, -0.6), xlabel="average vote; black line: of all")
        charts.tick_labels(right.yaxis, range(n), size=style.TEXT)
        right.locator_params(axis="x", nbins=4)
        for ax in (heads, sizes):
            ax.locator_params(axis="x", nbins=6)
        style.title(right, "one colour per digit")
        self.averages = right
        return fig

    def compute(self, state):
        grad = self.wishes(state.stage)
        before = grad.activations[state.layer][:, state.from_neuron]
        votes = -grad.deltas[state.layer][:, state.to_neuron] * before
        labels = self.digits.labels
        each = [votes[labels == digit] for digit in range(self.digits.classes)]
        by_digit = np.array([some.mean() if len(some) else 0.0 for some in each])
        return Ballot(votes, labels, float(votes.mean()), by_digit, not before.any())

    def draw(self, result):
        for histogram in (self.histogram, self.sizes_histogram):
            histogram.update(result.votes, result.labels)
        for bar, mean in zip(self.bars, result.by_digit, strict=True):
            bar.set_width(mean)
        self.mean.set_xdata([result.mean, result.mean])
        most = charts.round_up(np.max(np.abs(result.by_digit)))
        self.averages.set_xlim(-most, most)

    def describe(self, result):
        size, n = np.abs(result.votes), len(result.votes)
        if not size.any():
            why = "what comes before it is" if result.unlit else "the slope of the neuron after it is"
            examples = counted(n, "example")
            return f"None of {n:,} {examples} wants this weight changed: {why} 0 in all of them."
        loud = np.sort(size)[min(-n // 10, -1) :].sum() / size.sum()
        share = "more than 99%" if loud > 0.99 else f"{loud:.0%}"
        error = np.std(result.votes) / np.sqrt(n)
        up, down = np.sum(result.votes > 0), np.sum(result.votes < 0)
        return (
            f"Of {n:,} {counted(n, 'example')} {up} want this weight up and {down} down. The average vote is "
            f"{result.mean:+.2g}, give or take {error:.1g} by the chance of who was asked. "
            f"Half of the votes are at most {np.median(size):.2g} in size, and the "
            f"loudest tenth holds {share} of the total size of all votes."
        )
