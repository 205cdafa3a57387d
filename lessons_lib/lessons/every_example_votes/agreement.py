"""Who agrees with whom: the cosines between the wishes of a thousand images."""

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import int_slider, stage_control
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.voting import VotingPanel

SHOWN = 25  # examples of each digit in the picture of agreement


@dataclass(frozen=True, eq=False)
class Cosines:
    """How far the examples agree, and which two digits are framed in the picture."""

    first: int
    second: int
    picture: np.ndarray  # (n, n) of some examples, sorted by digit
    starts: np.ndarray  # (classes + 1,) where each digit begins in the picture, and where the last ends
    between: np.ndarray  # (classes, classes) the mean over all pairs of examples of two digits; NaN without
    cosines: dict[str, np.ndarray]  # "same digit" and "different digits" -> (pairs,)


class Agreement(VotingPanel):
    """Who agrees with whom: the cosine between the wishes of any two examples, for all parameters at once."""

    title = "Who agrees with whom"
    needs = Needs(alike=True, examples=2)
    presets = {
        "New network": Preset(
            {"stage": "untrained"}, "Everybody agrees, and images of the same digit almost completely."
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
        last = self.digits.classes - 1
        most = int(np.bincount(self.digits.labels).argmax())
        start = 2 if 2 in self.digits.labels else most
        return {
            "first": int_slider(start, 0, last, "Digit", "The rows of the framed block"),
            "second": int_slider(start, 0, last, "and digit", "The columns of the framed block"),
            "stage": stage_control(self.nets),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=400, width_ratios=(1, 1.1))
        _, self.starts = self._order()
        here = np.flatnonzero(np.diff(self.starts))  # the digits that there are
        n = self.starts[-1]
        self.image = left.imshow(np.zeros((n, n)), cmap=style.SIGNED, vmin=-1, vmax=1)
        style.bare(left)
        here = here[:: charts.thinned(len(here))]
        middle = (self.starts[here] + self.starts[here + 1]) / 2 - 0.5
        for axis in (left.xaxis, left.yaxis):
            axis.set_ticks(middle, [str(k) for k in here])
            axis.set_tick_params(length=0)
        left.set(xlabel="digit", ylabel="digit")
        self.block = left.add_patch(
            Rectangle((0, 0), SHOWN, SHOWN, fill=False, edgecolor=style.ACCENT, lw=2.5)
        )
        style.title(left, f"cosines of {SHOWN} images of each digit")
        fig.colorbar(self.image, ax=left, shrink=0.8, ticks=[-1, 0, 1])
        self.edges = np.linspace(-1, 1, 81)
        colors = {"same digit": style.INK, "different digits": style.MUTED}
        self.lines = {name: right.plot([], [], color=color)[0] for name, color in colors.items()}
        self.means = {name: right.axvline(0, color=color, linestyle="--") for name, color in colors.items()}
        self.names = {
            name: right.text(0.03, 0.94 - 0.08 * k, "", color=color, transform=right.transAxes)
            for k, (name, color) in enumerate(colors.items())
        }
        right.set(xlim=(-1, 1), ylim=(0, 1.02), yticks=[])
        right.set(xlabel="cosine of two examples' wishes", ylabel="how often")
        style.title(right, "all pairs; dashed: the mean")
        return fig

    def cosines(self, stage):
        """(n, n) the cosines, from the Gram matrix."""

        def make():
            gram = self.wishes(stage).gram()
            length = np.sqrt(np.diagonal(gram))
            length[length == 0] = 1  # who wants nothing agrees with nobody: 0
            return gram / length[:, None] / length

        return self.kept("cosines", stage, make)

    def compute(self, state):
        pairs = self.kept("pairs", state.stage, lambda: self._pairs(state.stage))
        return Cosines(state.first, state.second, *pairs)

    def _order(self):
        """The first examples of each digit, and where each digit begins among them."""
        labels = self.digits.labels
        shown = [np.flatnonzero(labels == digit)[:SHOWN] for digit in range(self.digits.classes)]
        return np.concatenate(shown), np.cumsum([0, *map(len, shown)])

    def _pairs(self, stage):
        """The cosines of one stage as they are shown: ``picture``, ``starts``, ``between``, ``cosines``."""
        cosines, labels = self.cosines(stage), self.digits.labels
        others = ~np.eye(len(labels), dtype=bool)
        alike = labels[:, None] == labels
        members = np.eye(self.digits.classes)[labels]
        total = members.T @ np.where(others, cosines, 0) @ members
        pairs = np.outer(members.sum(0), members.sum(0)) - np.diag(members.sum(0))
        between = np.divide(total, pairs, out=np.full_like(total, np.nan), where=pairs > 0)
        order, starts = self._order()
        by_pair = {"same digit": cosines[alike & others], "different digits": cosines[~alike]}
        return cosines[np.ix_(order, order)], starts, between, by_pair

    def draw(self, result):
        self.image.set_data(result.picture)
        down, across = result.starts[[result.first, result.second]]
        high, wide = np.diff(result.starts)[[result.first, result.second]]
        self.block.set(xy=(across - 0.5, down - 0.5), width=wide, height=high)
        for name, cosines in result.cosines.items():
            counts = np.histogram(cosines, self.edges)[0]
            heights = np.repeat(counts / max(counts.max(), 1), 2)
            self.lines[name].set_data(np.repeat(self.edges, 2)[1:-1], heights)
            mean = cosines.mean() if len(cosines) else np.nan
            self.means[name].set_xdata([mean] * 2)
            self.names[name].set_text(f"{name}: mean {mean:+.2f}" if len(cosines) else f"{name}: no pair")

    def describe(self, result):
        one, other, agreed = result.first, result.second, result.between[result.first, result.second]
        who = f"Two {one}s" if one == other else f"A {one} and a {other}"
        pair = f"{who} agree by {agreed:+.2f} on average."
        if np.isnan(agreed):
            which = f"no two {one}s" if one == other else f"no {one} together with a {other}"
            pair = f"Among these examples there are {which}."
        same, different = result.cosines.values()
        over = [f"of the same digit agree by {same.mean():+.2f}"] if len(same) else []
        if len(different):
            over.append(f"of different digits {'' if over else 'agree '}by {different.mean():+.2f}")
        return (
            f"{pair} Over all pairs, two images {', '.join(over)} (+1 the same direction, 0 at right angles, "
            "−1 opposite)."
        )

    def clicked(self, event):
        """A click on the picture frames the block there."""
        if event.axes is not self.image.axes:
            return None
        last = self.digits.classes - 1
        at = np.searchsorted(self.starts, (event.y + 0.5, event.x + 0.5), side="right") - 1
        first, second = np.clip(at, 0, last)
        return {"first": int(first), "second": int(second)}
