"""Runs: the settings of a training, its way step by step with a road back, and what is kept of it."""

from dataclasses import dataclass, field, fields
from math import ceil
from typing import NamedTuple

import numpy as np

from lessons_lib.functions import cross_entropy, relu, sigmoid, softmax, squared_error, tanh
from lessons_lib.network import Network, checked_sizes, n_params
from lessons_lib.optimizers import (
    SGD,
    Adam,
    ConjugateGradient,
    EntropyScaledMomentum,
    GradientPCA,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
)
from lessons_lib.regularizers import L1, L2, Dropout, LayerFreezing, StochasticDepth
from lessons_lib.training import evaluate, train

FUNCTIONS = {f.name: f for f in (sigmoid, tanh, relu, softmax)}
COSTS = {cost.name: cost for cost in (squared_error, cross_entropy)}
RULES = {
    rule.__name__: rule
    for rule in (
        SGD,
        Momentum,
        Nesterov,
        RMSProp,
        Adam,
        ConjugateGradient,
        GradientPCA,
        EntropyScaledMomentum,
    )
}
CHECKS = {kind.__name__: kind for kind in (L2, L1, Dropout, LayerFreezing, StochasticDepth)}
POINTS, LOOKS = 60, 6  # a pass over the data gives so many points of the cost, and so many tests


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run: the same settings on the same data give the same bits.

    Args:
        sizes: neurons in each layer, the inputs first.
        activation: the name of the hidden layers' function: "sigmoid", "tanh" or "relu".
        output: the name of the last layer's function: "sigmoid" or "softmax".
        cost: "squared_error" or "cross_entropy".
        init: "glorot" or "normal", see :meth:`lessons_lib.Network.random`.
        optimizer: any rule of :mod:`lessons_lib.optimizers`.
        regularizers: any of :mod:`lessons_lib.regularizers`.
        batch_size: examples a step.
        examples: how many of the training examples are used, from the first.
        epochs: how often to go through them.
        seed: for the start and for the shuffling.

    Raises:
        ValueError: for a name that does not exist, or a number out of range.

    Example:
        >>> Settings(batch_size=10).network()
        Network(784-16-16-10, sigmoid, 13,002 parameters)
    """

    sizes: tuple[int, ...] = (784, 16, 16, 10)
    activation: str = "sigmoid"
    output: str = "sigmoid"
    cost: str = "squared_error"
    init: str = "glorot"
    optimizer: Optimizer = field(default_factory=SGD)
    regularizers: tuple = ()
    batch_size: int = 100
    examples: int = 60_000
    epochs: int = 5
    seed: int = 0

    def __post_init__(self):
        object.__setattr__(self, "sizes", checked_sizes(self.sizes))
        object.__setattr__(self, "regularizers", tuple(self.regularizers))
        known = {"activation": FUNCTIONS, "output": FUNCTIONS, "cost": COSTS, "init": ("glorot", "normal")}
        for name, choices in known.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {', '.join(choices)}")
        for name, least in {"batch_size": 1, "examples": 1, "epochs": 1, "seed": 0}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}; expected a whole number of at least {least}")

    @property
    def n_params(self):
        """How many weights and biases the network has."""
        return n_params(self.sizes)

    def network(self, rng=None):
        """The untrained network; ``rng`` defaults to a new generator from the seed."""
        rng = np.random.default_rng(self.seed) if rng is None else rng
        f, g = FUNCTIONS[self.activation], FUNCTIONS[self.output]
        net = Network.random(self.sizes, rng=rng, activation=f, output=g, init=self.init)
        for regularizer in self.regularizers:
            net = regularizer.prepare(net)
        return net

    def data(self, dataset):
        """The part of a Dataset that is used."""
        return dataset if self.examples >= len(dataset) else dataset[: self.examples]

    def words(self):
        """The settings that differ from the defaults, and always the rule, in a few words."""
        changed = [f.name for f in fields(self) if getattr(self, f.name) != getattr(DEFAULTS, f.name)]
        rest = [_words(name, getattr(self, name)) for name in changed if name not in ("optimizer", "epochs")]
        return ", ".join([_rule_words(self.optimizer), *rest])


DEFAULTS = Settings()


def _rule_words(rule):
    """Such as ``Momentum 0.2 (momentum 0.8)``: the first setting always, others where they are not the default."""
    first, *rest = fields(rule)
    rest = [f"{f.name} {getattr(rule, f.name)}" for f in rest if getattr(rule, f.name) != f.default]
    value = getattr(rule, first.name)
    lead = f"{type(rule).__name__} {f'{value:.3g}' if isinstance(value, float) else value}"
    return lead + (f" ({', '.join(rest)})" if rest else "")


def _words(name, value):
    if name == "regularizers":
        return ", ".join(map(_rule_words, value))
    if name == "sizes":
        return "-".join(map(str, value))
    return {"output": "{} outputs", "batch_size": "batches of {:,}", "init": "{} start", "seed": "seed {}",
            "examples": "{:,} examples"}.get(name, "{}").format(value).replace("_", " ")  # fmt: skip


class Tested(NamedTuple):
    """A test of the network on the way: after how many steps, the cost, and the share of images read."""

    step: int
    cost: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Run:
    """What is kept of a run: its settings, its curves and the network it ended with.

    Attributes:
        settings: the :class:`Settings`.
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
    def accuracy(self):
        """The share of test images read at the end."""
        return float(self.accuracies[-1])

    @property
    def net(self):
        """The trained network."""
        return self.settings.network().with_params(self.params)

    def words(self):
        """The run in one line."""
        ended = "" if self.ending == "finished" else f", {self.ending.split('.')[0].lower()}"
        passes = f"{self.tested[-1]:.3g} pass{'' if self.tested[-1] == 1 else 'es'}"
        return f"{self.accuracy:.2%} {self.settings.words()}, {passes}{ended}"


class _Mark(NamedTuple):
    """A place to go back to, always the start of a pass over the data."""

    step: int
    net: Network
    state: object
    rng: dict


class _Tap:
    """An update rule whose state can be taken out, and put back in."""

    def __init__(self, rule, mark):
        self.rule, self.state, self.fresh = rule, mark.state, mark.step == 0

    def init(self, params):
        self.state = self.rule.init(params) if self.fresh else self.state
        return self.state

    def update(self, grad, state, params, objective=None):
        update, self.state = self.rule.update(grad, state, params, objective)
        return update, self.state


class Course:
    """A run on its way: :func:`lessons_lib.train`, with its curves and with the means to go back.

    The steps are those of ``train(settings.network(rng), data, settings.optimizer, rng=rng, ...)`` with ``rng =
    np.random.default_rng(settings.seed)``, to the bit, also after going back.

    Args:
        settings: the :class:`Settings`.
        train: the Dataset to learn from.
        test: the Dataset to test on.

    Example:
        >>> from lessons_lib import load_mnist
        >>> digits = load_mnist().test
        >>> course = Course(Settings(examples=1_000, epochs=2), digits[:1_000], digits[1_000:2_000])
        >>> for _ in course.steps():
        ...     pass
        >>> course.step, len(course.run("finished").accuracies)
        (20, 21)
    """

    def __init__(self, settings, train, test):
        self.settings, self.test = settings, test
        self.data = settings.data(train)
        self.per_pass = ceil(len(self.data) / settings.batch_size)
        self.total = self.per_pass * settings.epochs
        self.stride, self.look_every = (max(1, self.per_pass // often) for often in (POINTS, LOOKS))
        rng = np.random.default_rng(settings.seed)
        self.net = settings.network(rng)
        self.step, self.diverged = 0, None
        self.marks = [_Mark(0, self.net, None, rng.bit_generator.state)]
        self.costs, self.tests, self._recent = [], [self._tested()], []

    def steps(self):
        """Train on from where it stands, which is a mark; yields after each step."""
        mark, s = self.marks[-1], self.settings
        rng = np.random.default_rng()
        rng.bit_generator.state = mark.rng
        tap = _Tap(s.optimizer, mark)
        for step in train(
            mark.net, self.data, tap, rng=rng, batch_size=s.batch_size, cost=COSTS[s.cost],
            epochs=s.epochs - mark.step // self.per_pass, regularizers=s.regularizers,
        ):  # fmt: skip
            self.step, self.net, self.diverged = mark.step + step.index + 1, step.net, step.diverged
            self._note(step.cost)
            if self.step % self.per_pass == 0:
                net = self.net.with_params(self.net.params)
                self.marks.append(_Mark(self.step, net, tap.state, rng.bit_generator.state))
            yield

    def rewind(self):
        """Go back to the last start of a pass before this step; what came after it is forgotten."""
        earlier = [mark for mark in self.marks if mark.step < self.step]
        self.marks = earlier or self.marks[:1]
        self.step, self.net, self.diverged = self.marks[-1].step, self.marks[-1].net, None
        self.costs = [(step, cost) for step, cost in self.costs if step <= self.step]
        self.tests = [test for test in self.tests if test.step <= self.step]
        self._recent = []

    @property
    def passes(self):
        """How often the data has been gone through."""
        return self.step / self.per_pass

    @property
    def done(self):
        """Whether it is over: all steps made, or diverged."""
        return self.step >= self.total or self.diverged is not None

    def run(self, ending):
        """The :class:`Run` so far; its network is tested once more if it moved since the last test."""
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

    def _note(self, cost):
        self._recent.append(cost)
        if self.step % self.stride == 0 or self.done:
            self.costs.append((self.step, float(np.mean(self._recent))))
            self._recent = []
        if self.step % self.look_every == 0 or self.step % self.per_pass == 0 or self.done:
            self.tests.append(self._tested())

    def _tested(self):
        result = evaluate(self.net, self.test, cost=COSTS[self.settings.cost])
        return Tested(self.step, result.cost, result.accuracy)
