"""Who agrees with whom: the cosines between the wishes of a thousand images."""

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib.drawing import style
from lessons_lib.panels.controls import int_slider, stage_control
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.voting import VotingPanel

SHOWN = 25  # examples of each digit in the picture of agreement


@dataclass(frozen=True, eq=False)
class Cosines:
    """How far the examples agree, and which two digits are framed in the picture."""

    first: int
    second: int
    picture: np.ndarray  # (10 SHOWN, 10 SHOWN) of some examples, sorted by digit
    between: np.ndarray  # (10, 10) the mean over all pairs of examples of two digits
    cosines: dict[str, np.ndarray]  # "same digit" and "different digits" -> (pairs,)


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
            "first": int_slider(2, 0, 9, "Digit", "The rows of the framed block"),
            "second": int_slider(2, 0, 9, "and digit", "The columns of the framed block"),
            "stage": stage_control(self.nets),
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
        right.set(xlim=(-1, 1), ylim=(0, 1.02), yticks=[])
        right.set(xlabel="cosine of two examples' wishes", ylabel="how often")
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
        pairs = self.kept("pairs", state.stage, lambda: self._pairs(state.stage))
        return Cosines(state.first, state.second, *pairs)

    def _pairs(self, stage):
        """What the cosines of one stage are shown as: ``picture``, ``between`` and ``cosines``."""
        cosines, labels = self.cosines(stage), self.digits.labels
        others = ~np.eye(len(labels), dtype=bool)
        alike = labels[:, None] == labels
        members = np.eye(10)[labels]
        total = members.T @ np.where(others, cosines, 0) @ members
        pairs = np.outer(members.sum(0), members.sum(0)) - np.diag(members.sum(0))
        order = np.concatenate([np.flatnonzero(labels == digit)[:SHOWN] for digit in range(10)])
        by_pair = {"same digit": cosines[alike & others], "different digits": cosines[~alike]}
        return cosines[np.ix_(order, order)], total / pairs, by_pair

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
        one, other = result.first, result.second
        who = f"Two {one}s" if one == other else f"A {one} and a {other}"
        return (
            f"{who} agree by {result.between[one, other]:+.2f} on average. Over all pairs, "
            f"two images of the same digit agree by {means['same digit']:+.2f}, of different digits by "
            f"{means['different digits']:+.2f} (+1 the same direction, 0 at right angles, −1 opposite)."
        )

    def clicked(self, event):
        """A click on the picture frames the block there."""
        if event.axes is not self.image.axes:
            return None
        return {"first": min(9, int(event.y // SHOWN)), "second": min(9, int(event.x // SHOWN))}
