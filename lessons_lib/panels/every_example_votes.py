"""Lesson 07: what a thousand images want of one weight, and who agrees with whom."""

from types import SimpleNamespace

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib import backprop, forward
from lessons_lib.drawing import charts, style
from lessons_lib.panels.panel import Panel, Preset

LAYERS = {"pixels → hidden 1": 0, "hidden 1 → hidden 2": 1, "hidden 2 → outputs": 2}
SHOWN = 25  # examples of each digit in the picture of agreement
LOUD = 0.93  # the share of votes that fits between the outer bars of the histogram


class VotingPanel(Panel):
    """A panel over the wishes of many examples, computed once for each stage of the network.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset whose examples vote.
    """

    def __init__(self, nets, digits, **state):
        self.nets, self.digits, self._kept = nets, digits, {}
        super().__init__(**state)

    def stage_control(self):
        return W.Dropdown(
            options=list(self.nets), description="Network", tooltip="How long it has been trained"
        )

    def wishes(self, stage):
        """The Gradient of all examples under one network."""

        def make():
            net = self.nets[stage]
            return backprop(net, forward(net, self.digits.pixels), self.digits.y)

        return self.kept("wishes", stage, make)

    def kept(self, what, stage, make):
        """What was made for this stage before, or is made now."""
        if (what, stage) not in self._kept:
            self._kept[what, stage] = make()
        return self._kept[what, stage]


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
        layer = W.Dropdown(options=LAYERS, value=2, description="Layer", tooltip="Where the weight stands")
        to = W.IntSlider(7, 0, 9, description="To neuron", tooltip="The neuron that the weight leads to")
        start = W.IntSlider(7, 0, 15, description="From neuron", tooltip="The neuron or pixel it comes from")

        def fit(change):
            sizes = next(iter(self.nets.values())).sizes
            with self._hold():  # the change of layer itself recomputes, once both fit it
                start.max, to.max = sizes[change.new] - 1, sizes[change.new + 1] - 1

        layer.observe(fit, "value")
        return {"stage": self.stage_control(), "layer": layer, "to_neuron": to, "from_neuron": start}

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
        labels, mean = self.digits.labels, float(votes.mean())
        return SimpleNamespace(
            votes=votes,
            labels=labels,
            mean=mean,
            by_digit=np.array([votes[labels == digit].mean() for digit in range(10)]),
            up=int(np.sum(votes > 0)),
            down=int(np.sum(votes < 0)),
            weight=float(self.nets[state.stage].weights[state.layer][state.to_neuron, state.from_neuron]),
        )

    def draw(self, result):
        self.histogram.update(result.votes, result.labels, round_up(np.quantile(np.abs(result.votes), LOUD)))
        for bar, mean in zip(self.bars, result.by_digit, strict=True):
            bar.set_width(mean)
        self.mean.set_xdata([result.mean, result.mean])
        most = round_up(np.max(np.abs(result.by_digit)))
        self.axes[1].set_xlim(-most, most)

    def describe(self, result):
        size, n = np.abs(result.votes), len(result.votes)
        if not size.any():
            return (
                f"None of {n:,} examples wants this weight changed: what comes before it is 0 in all of them."
            )
        loud = np.sort(size)[-n // 10 :].sum() / size.sum()
        share = "more than 99%" if loud > 0.99 else f"{loud:.0%}"
        return (
            f"Of {n:,} examples {result.up} want this weight up and {result.down} down. The average vote is "
            f"{result.mean:+.2g}. Half of the votes are at most {np.median(size):.2g} in size, and the "
            f"loudest tenth holds {share} of the total size of all votes."
        )


def round_up(value):
    """The next of 1, 2, 5 times a power of ten that is not below `value`; 1 for 0."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9)))


class Agreement(VotingPanel):
    """Who agrees with whom: the cosine between the wishes of any two examples, for all 13,002 parameters."""

    title = "Who agrees with whom"
    presets = {
        "New network": Preset(
            {"stage": "untrained"}, "Everybody agrees, and images of one digit almost fully."
        ),
        "After one epoch": Preset(
            {"stage": "after one epoch"}, "Blocks on the diagonal: a digit still agrees with its own."
        ),
        "4 and 9, trained": Preset(
            {"stage": "trained", "first": 4, "second": 9},
            "Two digits that look alike pull against each other.",
        ),
    }

    def controls(self):
        return {
            "first": W.IntSlider(2, 0, 9, description="Digit", tooltip="The rows of the framed block"),
            "second": W.IntSlider(
                2, 0, 9, description="and digit", tooltip="The columns of the framed block"
            ),
            "stage": self.stage_control(),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=400, width_ratios=(1, 1.1))
        self.image = left.imshow(np.zeros((10 * SHOWN, 10 * SHOWN)), cmap=style.SIGNED, vmin=-1, vmax=1)
        style.bare(left)
        for axis in (left.xaxis, left.yaxis):
            axis.set_ticks((np.arange(10) + 0.5) * SHOWN - 0.5, [str(k) for k in range(10)])
            axis.set_tick_params(length=0)
        left.set(xlabel="digit", ylabel="digit")
        self.block = left.add_patch(
            Rectangle((0, 0), SHOWN, SHOWN, fill=False, edgecolor=style.ACCENT, lw=2.5)
        )
        style.title(left, f"cosines of {SHOWN} images of each digit")
        fig.colorbar(self.image, ax=left, shrink=0.8, ticks=[-1, 0, 1])
        self.edges = np.linspace(-1, 1, 81)
        colors = {"same digit": style.ACCENT, "different digits": style.MUTED}
        self.lines = {name: right.plot([], [], color=color)[0] for name, color in colors.items()}
        self.means = {name: right.axvline(0, color=color, linestyle="--") for name, color in colors.items()}
        self.names = {
            name: right.text(0.03, 0.94 - 0.08 * k, "", color=color, transform=right.transAxes)
            for k, (name, color) in enumerate(colors.items())
        }
        right.set(
            xlim=(-1, 1),
            ylim=(0, 1.02),
            yticks=[],
            xlabel="cosine of two examples' wishes",
            ylabel="how often",
        )
        style.title(right, "all pairs; dashed: the mean")
        return fig

    def cosines(self, stage):
        """(n, n) the cosines, from the Gram matrix."""

        def make():
            gram = self.wishes(stage).gram()
            length = np.sqrt(np.diagonal(gram))
            return gram / length[:, None] / length

        return self.kept("cosines", stage, make)

    def compute(self, state):
        return SimpleNamespace(
            first=state.first,
            second=state.second,
            **self.kept("pairs", state.stage, lambda: self._pairs(state.stage)),
        )

    def _pairs(self, stage):
        cosines, labels = self.cosines(stage), self.digits.labels
        others = ~np.eye(len(labels), dtype=bool)
        alike = labels[:, None] == labels
        members = np.eye(10)[labels]
        total = members.T @ np.where(others, cosines, 0) @ members
        pairs = np.outer(members.sum(0), members.sum(0)) - np.diag(members.sum(0))
        order = np.concatenate([np.flatnonzero(labels == digit)[:SHOWN] for digit in range(10)])
        return {
            "picture": cosines[np.ix_(order, order)],
            "between": total / pairs,
            "cosines": {"same digit": cosines[alike & others], "different digits": cosines[~alike]},
        }

    def draw(self, result):
        self.image.set_data(result.picture)
        self.block.set_xy((result.second * SHOWN - 0.5, result.first * SHOWN - 0.5))
        for name, cosines in result.cosines.items():
            counts = np.histogram(cosines, self.edges)[0]
            self.lines[name].set_data(np.repeat(self.edges, 2)[1:-1], np.repeat(counts / counts.max(), 2))
            self.means[name].set_xdata([cosines.mean()] * 2)
            self.names[name].set_text(f"{name}: mean {cosines.mean():+.2f}")

    def describe(self, result):
        means = {name: cosines.mean() for name, cosines in result.cosines.items()}
        who = (
            f"Two {result.first}s"
            if result.first == result.second
            else f"A {result.first} and a {result.second}"
        )
        return (
            f"{who} agree by {result.between[result.first, result.second]:+.2f} on average. Over all pairs, "
            f"two images of the same digit agree by {means['same digit']:+.2f}, of different digits by "
            f"{means['different digits']:+.2f} (+1 the same direction, 0 at right angles, −1 opposite)."
        )

    def clicked(self, event):
        """A click on the picture frames the block there."""
        if event.axes is not self.image.axes:
            return None
        return {"first": min(9, int(event.y // SHOWN)), "second": min(9, int(event.x // SHOWN))}
