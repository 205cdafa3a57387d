"""A hundred steps of both men from close by: one strolls, one staggers."""

from dataclasses import dataclass
from itertools import islice

import numpy as np

from lessons_lib import SGD, evaluate, train
from lessons_lib.drawing import style
from lessons_lib.engine.optimizers.few_directions import principal
from lessons_lib.lessons.minibatch_or_full_batch.walkers import COLORS, WORDS, rate_slider, size_slider
from lessons_lib.panels.controls import stage_control
from lessons_lib.panels.panel import Panel, Preset

STEPS = 100  # of each man


@dataclass(frozen=True, eq=False)
class Gait:
    """A hundred steps of one man."""

    places: np.ndarray  # (STEPS + 1, 2) on the plane that is drawn
    detour: float  # the length of the way over the distance it covers
    cost: float  # at its end


@dataclass(frozen=True, eq=False)
class Gaits:
    """Both men's steps from the same place, and the cost there."""

    stage: str
    cost: float
    men: dict[str, Gait]


class CloseUp(Panel):
    """A hundred steps of the careful and of the drunk man from the same place, true to scale.

    To the right is where the careful man ends up; upward is the direction in which the drunk man's single
    steps scatter most. A plane chosen for the places instead of the steps hides the stagger.

    Args:
        nets: dict of name -> network to start from, as :func:`lessons_lib.runs.stages.stages` gives.
        data: the Dataset that both learn from; the careful man asks all of it before every step.
    """

    title = "A hundred steps from close by"
    presets = {
        "After one epoch": Preset(
            {"stage": "after one epoch"}, "Both get to the same place; one of them takes the scenic route."
        ),
        "New network": Preset(
            {"stage": "untrained"}, "The drunk man is sober: a hundred images say what all of them say."
        ),
        "A thousand each": Preset(
            {"stage": "after one epoch", "batch_size": 1000.0}, "With bigger batches he sobers up."
        ),
    }

    def __init__(self, nets, data, **state):
        self.nets, self.data, self._paths = nets, data, {}
        super().__init__(**state)

    def controls(self):
        return {
            "stage": stage_control(self.nets, list(self.nets)[min(1, len(self.nets) - 1)]),
            "batch_size": size_slider(100.0, len(self.data)),
            "learning_rate": rate_slider(10**0.5),
        }

    def figure(self):
        fig, self.axes = style.figure(height=300)
        self.axes.set_xlabel("the way the careful man goes")
        self.axes.set_ylabel("sideways, on the same scale")
        self.lines = {
            name: self.axes.plot([], [], color=color, marker="o", markersize=3, linewidth=1)[0]
            for name, color in COLORS.items()
        }
        for place, (name, words) in zip((0.93, 0.86), WORDS.items(), strict=True):
            self.axes.text(
                0.02, place, words, color=COLORS[name], transform=self.axes.transAxes, bbox=style.BACKING
            )
        (self.begin,) = self.axes.plot([0], [0], "o", color=style.PAPER, markeredgecolor=style.INK)
        return fig

    def path(self, stage, size, rate):
        """(steps + 1, n_params) where the steps lead; computed once."""
        if (stage, size, rate) not in self._paths:
            net, rng = self.nets[stage], np.random.default_rng(0)
            run = train(net, self.data, SGD(rate), batch_size=size, epochs=STEPS, rng=rng)
            steps = [step.net.params.copy() for step in islice(run, STEPS)]  # `train` reuses its array
            self._paths[stage, size, rate] = np.array([net.params, *steps])
        return self._paths[stage, size, rate]

    def compute(self, state):
        net, sizes = self.nets[state.stage], {"careful": len(self.data), "drunk": round(state.batch_size)}
        paths = {name: self.path(state.stage, size, state.learning_rate) for name, size in sizes.items()}
        plane, men = plane_of(**paths), {}
        for name, path in paths.items():
            cost = evaluate(net.with_params(path[-1]), self.data).cost
            men[name] = Gait((path - path[0]) @ plane.T, detour(path), cost)
        return Gaits(state.stage, evaluate(net, self.data).cost, men)

    def draw(self, result):
        places = np.concatenate([man.places for man in result.men.values()])
        for name, man in result.men.items():
            self.lines[name].set_data(*man.places.T)
        low, high = places.min(axis=0), places.max(axis=0)
        wide, tall = self.axes.get_window_extent().size
        scale = 1.1 * max((high[0] - low[0]) / wide, (high[1] - low[1]) / tall, 1e-9)  # of both axes
        (x, y), half = (low + high) / 2, scale / 2
        self.axes.set(xlim=(x - half * wide, x + half * wide), ylim=(y - half * tall, y + half * tall))

    def describe(self, result):
        careful, drunk = result.men["careful"], result.men["drunk"]
        strolled, staggered = (len(man.places) - 1 for man in (careful, drunk))
        return (
            f"Network {result.stage}. In {staggered} steps the drunk man walks {drunk.detour:.1f} times as "
            f"far as he gets, and the cost goes from {result.cost:.3f} to {drunk.cost:.3f}. In {strolled} "
            f"steps the careful man walks {careful.detour:.1f} times as far as he gets, and the cost goes to "
            f"{careful.cost:.3f}."
        )


def plane_of(careful, drunk):
    """(2, n_params) where the careful man goes; at right angles, where the drunk man's steps scatter most."""
    ahead = careful[-1] - careful[0]
    ahead = ahead / (np.linalg.norm(ahead) or 1)
    moves = np.diff(drunk, axis=0)
    moves = moves - np.outer(moves @ ahead, ahead)
    _, strongest = principal(moves @ moves.T, keep=1)
    aside = (strongest.T @ moves).sum(axis=0)  # of the one; there is none where nothing moves
    return np.array([ahead, aside / (np.linalg.norm(aside) or 1)])


def detour(path):
    """The length of a way over the distance from its first to its last place."""
    way, gone = np.linalg.norm(np.diff(path, axis=0), axis=1).sum(), np.linalg.norm(path[-1] - path[0])
    return way / gone if gone else 1.0
