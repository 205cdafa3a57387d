"""What an average of n votes is worth."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import int_slider, selection_slider, stage_control
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.voting import VotingPanel

COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DRAWS = 100  # polls behind each measured point


@dataclass(frozen=True, eq=False)
class Poll:
    """The mean of ``count`` votes beside the mean of all, whose length is the unit of every error."""

    count: int
    spread: float  # the root of the mean square error of single votes
    measured: np.ndarray  # (counts,) the errors of many polls
    error: float  # of this poll
    cosine: float  # of its direction with that of the mean of all
    votes: np.ndarray  # (n_in,) its mean on the weights into output 2
    all_votes: np.ndarray  # (n_in,) the mean of all on the same weights


class Polling(VotingPanel):
    """The mean of n votes beside the mean of all: how far off it is, against 1/√n."""

    title = "Ask n of a thousand"
    needs = Needs(hidden=(1, 10), width=128, alike=True)
    presets = {
        "Ask one": Preset(
            {"count": 1},
            "Most single votes are next to nothing and a few are huge; none looks like the mean.",
        ),
        "Ask a hundred": Preset({"count": 100}, "A hundred times as many votes, a tenth of the error."),
        "New network": Preset(
            {"stage": "untrained", "count": 10}, "All say nearly the same, so ten are plenty."
        ),
    }

    def controls(self):
        return {
            "stage": stage_control(self.nets, list(self.nets)[min(1, len(self.nets) - 1)]),
            "count": selection_slider(COUNTS, 10, "Votes n", "How many examples are asked"),
            "poll": int_slider(0, 0, 99, "Poll", "Another draw of n examples"),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=350, width_ratios=(1.1, 1))
        left.set(xscale="log", yscale="log", xlim=(0.8, 1300), ylim=(0.01, 60), xlabel="votes asked, n")
        left.set_ylabel("error of their mean / length of the mean of all")
        left.grid(axis="y")
        (self.line,) = left.plot([], [], color=style.MUTED, label=r"expected, falls like $1/\sqrt{n}$")
        look = {"color": style.INK, "markersize": 5, "label": f"measured, {DRAWS} polls each"}
        (self.points,) = left.plot([], [], "o", **look)
        look = {"color": style.UP, "markersize": 10, "markeredgecolor": style.PAPER, "label": "this poll"}
        (self.here,) = left.plot([], [], "o", **look)
        left.legend(loc="lower left")
        style.title(left, "how far off the mean of n votes is")
        n, self.output = self.sizes[-2], min(2, self.sizes[-1] - 1)
        self.bars = right.bar(range(n), np.zeros(n), width=0.7)
        look = {"color": style.INK, "markersize": 13 * min(1, 16 / n), "markeredgewidth": 2}
        (self.marks,) = right.plot(range(n), np.zeros(n), "_", **look)
        right.axhline(0, color=style.MUTED, linewidth=0.8)
        charts.tick_labels(right.xaxis, range(n))
        right.set(xlabel="weight from hidden neuron", ylabel="average vote")
        style.title(right, f"into output {self.output}: of n (bars), of all (marks)")
        self.right = right
        return fig

    def compute(self, state):
        n, grad = len(self.digits), self.wishes(state.stage)
        shares = poll_shares(np.random.default_rng(state.poll), n, state.count, 1)[0]
        gram = self.kept("gram", state.stage, lambda: grad.gram().astype(float))
        everyone = np.full(n, 1 / n)
        length = np.sqrt(everyone @ gram @ everyone)
        asked = np.sqrt(shares @ gram @ shares)
        return Poll(
            count=state.count,
            spread=np.sqrt(np.trace(gram) / n - length**2) / length,
            measured=self.kept("measured", state.stage, lambda: self._measured(gram, length)),
            error=distance(gram, shares[None])[0] / length,
            cosine=shares @ gram @ everyone / (asked * length),
            votes=-(shares * grad.deltas[-1][:, self.output]) @ grad.activations[-1],
            all_votes=-(everyone * grad.deltas[-1][:, self.output]) @ grad.activations[-1],
        )

    def _measured(self, gram, length):
        """For each count the root mean square error of many polls, as a share of the mean's length."""
        rng = np.random.default_rng(1)
        polls = (poll_shares(rng, len(gram), count, DRAWS) for count in COUNTS)
        return np.array([np.sqrt(np.mean(distance(gram, shares) ** 2)) for shares in polls]) / length

    def draw(self, result):
        counts = np.array(COUNTS)
        self.line.set_data(counts, result.spread / np.sqrt(counts))
        self.points.set_data(counts, result.measured)
        self.here.set_data([result.count], [result.error])
        for bar, vote in zip(self.bars, result.votes, strict=True):
            bar.set_height(vote)
            bar.set_facecolor(style.signed_color(vote))
        self.marks.set_ydata(result.all_votes)
        most = charts.round_up(1.05 * max(np.max(np.abs(result.votes)), np.max(np.abs(result.all_votes))))
        self.right.set_ylim(-most, most)

    def describe(self, result):
        n, spread = result.count, result.spread
        votes = "This one vote is" if n == 1 else f"The mean of these {n:,} votes is"
        promise = (
            ""
            if n == 1
            else f", so the mean of {n:,} should be by {spread:.2g}/√{n:,} = {spread / np.sqrt(n):.2g}"
        )
        return (
            f"{votes} off by {result.error:.2g} times the length of the mean of all. "
            f"Single votes are off by {spread:.2g} (root of the mean square: a few loud ones count most)"
            f"{promise}. "
            f"Its direction agrees with the mean of all by a cosine of {result.cosine:+.2f}."
        )


def poll_shares(rng, n, count, draws):
    """(draws, n) the weight of each example in the mean of ``count`` drawn at random, with replacement."""
    chosen = rng.integers(n, size=(draws, count)).astype(np.intp)  # what bincount takes where it has 32 bits
    return np.array([np.bincount(row, minlength=n) for row in chosen]) / count


def distance(gram, shares):
    """(draws,) how far Σ c_i g_i lies from the mean of all: √(vᵀ G v) with v = c − 1/n."""
    v = shares - 1 / len(gram)
    return np.sqrt(np.maximum(0, np.einsum("ij,ij->i", v @ gram, v)))
