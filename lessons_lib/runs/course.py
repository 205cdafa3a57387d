"""A training on its way, with a way back, and what is kept of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np

from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.evaluation import evaluate
from lessons_lib.engine.network import Network
from lessons_lib.engine.optimizers.base import Optimizer
from lessons_lib.engine.training import train
from lessons_lib.runs.settings import COSTS, Settings

POINTS, TESTS = 60, 6  # a pass over the data gives so many points of the cost, and so many tests
BETWEEN = 2_000  # examples between two tests, or more: a test takes as long as training on some thousands


class Score(NamedTuple):
    """A test of the network on the way."""

    step: int  # after how many steps
    cost: float
    accuracy: float  # the share of images read


@dataclass(frozen=True, eq=False)
class Run:
    """What is kept of a run: its settings, its curves and the network it ended with.

    Attributes:
        settings: the :class:`.Settings`.
        passes: (n,) how often the data had been gone through at each point of ``costs``.
        costs: (n,) the cost in training, each the mean over the batches since the point before.
        tested: (m,) the same for the tests; the first is 0.
        accuracies: (m,) the share of test images read.
        params: (n_params,) the parameters at the end.
        ending: "finished", "stopped" or why the training could not go on.
    """

    settings: Settings
    passes: np.ndarray
    costs: np.ndarray
    tested: np.ndarray
    accuracies: np.ndarray
    params: np.ndarray
    ending: str

    @property
    def accuracy(self) -> float:
        """The share of test images read at the end."""
        return float(self.accuracies[-1])

    @property
    def net(self) -> Network:
        """The trained network."""
        return self.settings.network().with_params(self.params)

    def words(self) -> str:
        """The run in one line."""
        ended = "" if self.ending == "finished" else f", {self.ending.split('.')[0].lower()}"
        passes = f"{self.tested[-1]:.3g} pass{'' if self.tested[-1] == 1 else 'es'}"
        return f"{self.accuracy:.2%} {self.settings.words()}, {passes}{ended}"


class Mark(NamedTuple):
    """A place to go back to, always the start of a pass over the data."""

    step: int
    net: Network
    state: object  # of the optimizer
    rng: Mapping  # the state of its bit generator


class Tap(Optimizer):
    """An optimizer whose state can be taken out, and put back in."""

    def __init__(self, rule, mark):
        self.rule, self.state, self.fresh = rule, mark.state, mark.step == 0

    def init(self, params):
        self.state = self.rule.init(params) if self.fresh else self.state
        return self.state

    def update(self, grad, state, params, objective=None):
        update, self.state = self.rule.update(grad, state, params, objective)
        return update, self.state


class Course:
    """A run on its way: :func:`.train`, with its curves and with the means to go back.

    With ``rng = np.random.default_rng(settings.seed)`` the steps are, to the bit and also after going back,
    those of ``train(settings.network(rng), data, settings.optimizer, rng=rng, ...)``.

    Args:
        settings: the :class:`.Settings`.
        train: the Dataset to learn from.
        test: the Dataset to test on.

    Attributes:
        net: the network as it is now, good until the next step.
        step: how many were made.
        total: how many the whole run has.
        per_pass: the steps of one pass over the data.
        costs: pairs of a step and the mean cost of the batches since the pair before.
        tests: the :class:`Score` of each test.
        diverged: None, or a sentence that says why the training cannot go on.

    Example:
        >>> from lessons_lib import load_mnist
        >>> digits = load_mnist().test
        >>> course = Course(Settings(examples=1_000, epochs=2), digits[:1_000], digits[1_000:2_000])
        >>> for _ in course.steps():
        ...     pass
        >>> course.step, course.run("finished").tested
        (20, array([0., 2.]))
    """

    def __init__(self, settings: Settings, train: Dataset, test: Dataset) -> None:
        self.settings, self.test = settings, test
        self.data = settings.data(train)
        self.per_pass = ceil(len(self.data) / settings.batch_size)
        self.total = self.per_pass * settings.epochs
        self.point_every = max(1, self.per_pass // POINTS)
        self.test_every = max(1, self.per_pass // TESTS, BETWEEN // settings.batch_size)
        rng = np.random.default_rng(settings.seed)
        self.net = settings.network(rng)
        self.step = 0
        self.diverged: str | None = None
        self.marks = [Mark(0, self.net, None, rng.bit_generator.state)]
        self.costs: list[tuple[int, float]] = []
        self.tests = [self._tested()]
        self._recent: list[float] = []

    def steps(self) -> Iterator[None]:
        """Train on from the last mark; yields after each step."""
        mark, s = self.marks[-1], self.settings
        rng = np.random.default_rng()
        rng.bit_generator.state = mark.rng
        tap = Tap(s.optimizer, mark)
        for step in train(
            mark.net, self.data, tap, rng=rng, batch_size=s.batch_size, cost=COSTS[s.cost],
            epochs=s.epochs - mark.step // self.per_pass, regularizers=s.regularizers,
        ):  # fmt: skip
            self.step, self.net, self.diverged = mark.step + step.index + 1, step.net, step.diverged
            self.note(step.cost)
            if self.step % self.per_pass == 0:
                net = self.net.with_params(self.net.params)
                self.marks.append(Mark(self.step, net, tap.state, rng.bit_generator.state))
            yield

    def rewind(self) -> None:
        """Go back to the last start of a pass before this step; what came after it is forgotten."""
        earlier = [mark for mark in self.marks if mark.step < self.step]
        self.marks = earlier or self.marks[:1]
        self.step, self.net, self.diverged = self.marks[-1].step, self.marks[-1].net, None
        self.costs = [(step, cost) for step, cost in self.costs if step <= self.step]
        self.tests = [test for test in self.tests if test.step <= self.step]
        self._recent = []

    @property
    def passes(self) -> float:
        """How often the data has been gone through."""
        return self.step / self.per_pass

    @property
    def done(self) -> bool:
        """Whether it is over, because all steps are made or it diverged."""
        return self.step >= self.total or self.diverged is not None

    def run(self, ending: str) -> Run:
        """The :class:`Run` so far; its network is tested once more if it has moved since the last test."""
        tests = self.tests if self.tests[-1].step == self.step else [*self.tests, self._tested()]
        points = np.array(self.costs).reshape(-1, 2)
        return Run(
            self.settings,
            points[:, 0] / self.per_pass,
            points[:, 1],
            np.array([test.step for test in tests]) / self.per_pass,
            np.array([test.accuracy for test in tests]),
            self.net.params.copy(),
            self.diverged or ending,
        )

    def note(self, cost: float) -> None:
        """Take the cost of a step into the curves, and test the network where a test is due."""
        self._recent.append(cost)
        if self.step % self.point_every == 0 or self.done:
            self.costs.append((self.step, float(np.mean(self._recent))))
            self._recent = []
        if self.step % self.test_every == 0 or self.done:
            self.tests.append(self._tested())

    def _tested(self):
        with np.errstate(over="ignore", invalid="ignore"):  # a run that diverged is tested like any other
            result = evaluate(self.net, self.test, cost=COSTS[self.settings.cost])
        return Score(self.step, result.cost, result.accuracy)
