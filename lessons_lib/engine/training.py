"""Training as a generator: each ``next()`` is one step, and whoever iterates owns the clock."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lessons_lib.engine.arrays import Array, Arrays, Data, Random
from lessons_lib.engine.evaluation import arrays_of
from lessons_lib.engine.functions import Cost, softmax, squared_error
from lessons_lib.engine.gradient import Gradient
from lessons_lib.engine.network import Network
from lessons_lib.engine.optimizers.base import Optimizer
from lessons_lib.engine.propagation import BLOCK, checked_inputs, gradient_of_checked
from lessons_lib.engine.regularizers import Regularizer
from lessons_lib.engine.telling import told
from lessons_lib.engine.threads import one_thread

READ = 300  # examples fetched from the data at once: one look for many small batches
CHECK_EVERY = 10  # steps between two looks for saturated layers
LOOK = 100  # examples that are enough to tell a layer that is saturated
PATIENCE = 1_000  # examples in a row that find a layer saturated before training is called off
EXPLODING = 1e6  # a cost from which on each update is looked at before it is made
NOT_FINITE = "The cost is no longer a finite number. Start again with a smaller learning rate."


def train(
    net: Network,
    data: Data,
    optimizer: Optimizer,
    *,
    rng: Random,
    batch_size: int = 100,
    epochs: float = 1,
    cost: Cost = squared_error,
    regularizers: Sequence[Regularizer] = (),
) -> Iterator[Step]:
    """Train a network, one step at a time.

    Every epoch shuffles the examples and cuts them into batches. A ``batch_size`` of at least ``len(data)``
    means the full batch: every step then sees all examples in their own order. The same arguments and the
    same state of ``rng`` give the same bits.

    Args:
        net: the :class:`~lessons_lib.engine.network.Network` to start from; it is not changed.
        data: a :class:`.Dataset`, or a pair ``(x, y)`` of (n, n_in) inputs and
            (n, n_out) targets.
        optimizer: an update rule of :mod:`lessons_lib.engine.optimizers`.
        rng: a ``np.random.Generator`` for the shuffling and for what regularizers draw.
        batch_size: examples a step.
        epochs: how often to go through the data; ``math.inf`` goes on until the caller stops.
        cost: what to bring down, plus the penalties of the regularizers.
        regularizers: any of :mod:`lessons_lib.engine.regularizers`.

    Yields:
        A :class:`Step` after each update. It is a view: the next step overwrites it, ``snapshot()`` keeps
        one. When the training diverges, the last step says so in ``step.diverged`` and the generator ends.

    Raises:
        ValueError: for data that does not fit the network, a batch size or number of epochs that is no whole
            number of at least 1, or an ``rng`` that is no generator.

    Example:
        >>> from lessons_lib import SGD
        >>> x = np.random.default_rng(0).random((500, 3))
        >>> rng = np.random.default_rng(0)
        >>> net = Network.random((3, 4, 1), rng=rng)
        >>> for step in train(net, (x, x[:, :1]), SGD(0.5), epochs=2, rng=rng):
        ...     pass
        >>> step.index, step.examples
        (9, 1000)
    """
    x, y = arrays_of(data)
    x = checked_inputs(net, x)
    _check(x, y, net, batch_size, epochs, rng)
    for regularizer in regularizers:
        net = regularizer.prepare(net)
    return _steps(
        net, x, y.astype(net.dtype, copy=False), optimizer, rng, batch_size, epochs, cost, regularizers
    )


def _steps(
    net: Network,
    x: Array,
    y: Array,
    optimizer: Optimizer,
    rng: Random,
    batch_size: int,
    epochs: float,
    cost: Cost,
    regularizers: Sequence[Regularizer],
) -> Iterator[Step]:
    params = net.params.copy()
    net = net.with_params(params, copy=False)
    objective, watch = Objective(net, cost, regularizers), _Watch(net)
    state, examples = optimizer.init(params), 0
    total = epochs * math.ceil(len(x) / batch_size)
    for index, batch in enumerate(told(batches(x, y, batch_size, epochs, rng), total)):
        objective.load(*batch, rng)
        # overflow is told as divergence instead
        with one_thread, np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            value, grad = objective.at(params)
            diverged = watch.trouble(index, value, grad)
            if not diverged:
                update, state = optimizer.update(grad, state, params, objective)
                for regularizer in regularizers:
                    update = regularizer.filter(net, update, index, rng)
                if value > EXPLODING and not np.isfinite(update).all():
                    diverged = NOT_FINITE
            if diverged:
                update = np.zeros_like(params)
            params += update
        examples += objective.evaluations * len(grad)
        yield Step(index, net, value, grad, update, objective.evaluations, examples, state, diverged)
        if diverged:
            return


def batches(x: Array, y: Array, batch_size: int, epochs: float, rng: Random) -> Iterator[tuple[Array, Array]]:
    """``(x, y)`` of each step, shuffled anew for every epoch; good until the next one."""
    while epochs > 0 and batch_size >= len(x):  # the full batch, in its own order
        epochs -= 1
        yield x, y
    ahead = batch_size * max(1, READ // batch_size)
    read = [(data, np.empty_like(data[:ahead])) for data in (x, y)]
    while epochs > 0:
        epochs -= 1
        order = rng.permutation(len(x))
        for rows in (order[start : start + ahead] for start in range(0, len(x), ahead)):
            # mode="clip" skips a check of indices that are known to be good
            xs, ys = (data.take(rows, axis=0, out=out[: len(rows)], mode="clip") for data, out in read)
            for start in range(0, len(rows), batch_size):
                yield xs[start : start + batch_size], ys[start : start + batch_size]


@dataclass(slots=True)
class Step:
    """One step of training. Its net, grad and update are views, good until the next step.

    Attributes:
        index: the number of the step, from 0.
        net: the network after the update.
        cost: the cost of the batch before the update, penalties included.
        grad: the :class:`.Gradient` of the batch before the update.
        update: (n_params,) what was added to the parameters.
        evaluations: how often this step computed the cost and its gradient; more than one in a line search.
        examples: how many examples have been looked at since the start, again for each evaluation.
        state: the optimizer's state after the update, such as a velocity or a line search.
        diverged: None, or a sentence that says why the training cannot go on.
    """

    index: int
    net: Network
    cost: float
    grad: Gradient | Array
    update: Array
    evaluations: int
    examples: int
    state: Any
    diverged: str | None = None

    def snapshot(self) -> Step:
        """A copy that later steps leave alone; its ``grad`` is the mean gradient (n_params,)."""
        net = self.net.with_params(self.net.params)
        return replace(self, net=net, grad=self.grad.mean(), update=self.update.copy())


class Objective:
    """The cost of one batch as a function of the parameters.

    ``objective(params)`` is ``(cost, mean gradient)``; ``evaluations`` counts how often that was computed.
    """

    def __init__(self, net: Network, cost: Cost, regularizers: Sequence[Regularizer]) -> None:
        self.net, self.cost, self.regularizers = net, cost, regularizers
        self.x = self.y = np.empty((0, 0))
        self._last: tuple[Array, float, Gradient] | None = None
        self._room: Array | None = None

    def load(self, x: Array, y: Array, rng: Random) -> None:
        """Point at the examples of a batch, and draw what is random for this step."""
        self.evaluations, self.thinned = 0, self.net
        for regularizer in self.regularizers:
            self.thinned = regularizer.thin(self.thinned, len(x), rng)
        if x is not self.x or self.thinned is not self.net:
            self._last = None
        self.x, self.y = x, y
        if self._room is None:
            self._room = np.empty((min(len(x), BLOCK), x.shape[1]), self.net.dtype)

    def __call__(self, params: Array) -> tuple[float, Array]:
        net = self.thinned.with_params(params)
        value, grad = self._evaluate(net)
        self._last = net.params, value, grad
        return value, grad.mean()

    def at(self, params: Array) -> tuple[float, Gradient]:
        """``(cost, Gradient)`` at the parameters of the net being trained; free if they were just tried."""
        if self._last is not None and np.array_equal(self._last[0], params):
            (_, value, grad), self._last = self._last, None
            return value, grad
        return self._evaluate(self.thinned)

    def _evaluate(self, net: Network) -> tuple[float, Gradient]:
        self.evaluations += 1
        value, grad = gradient_of_checked(net, self.x, self.y, self.cost, self._room)
        for regularizer in self.regularizers:
            penalty = regularizer.penalty(net)
            if penalty is not None:
                value, grad = value + penalty[0], grad.with_penalty(penalty[1])
        return float(value), grad


class _Watch:
    """Looks for what ends training early: a cost that is no number, layers that pass no gradient."""

    def __init__(self, net: Network) -> None:
        self.net, self.stuck = net, 0

    def trouble(self, index: int, value: float, grad: Gradient) -> str | None:
        if not math.isfinite(value):
            return NOT_FINITE
        if index % CHECK_EVERY and len(grad) < PATIENCE:
            return None
        layer = self._saturated(grad.first_z) if value > 0.5 else None
        self.stuck = 0 if layer is None else self.stuck + len(grad) * CHECK_EVERY
        if self.stuck < PATIENCE:
            return None
        return (
            f"Layer {layer} is saturated: f′(z) is nearly 0 for all its neurons and examples; no gradient "
            "gets through. Start again with a smaller learning rate."
        )

    def _saturated(self, sums: Arrays) -> int | None:
        """The first layer whose slopes are all below 1e-3, or None."""
        for layer, (f, z) in enumerate(zip(self.net.activations, sums, strict=True)):
            z = z[:LOOK]
            if f != softmax and f.derivative(z, f(z)).max() < 1e-3:
                return layer
        return None


def _check(x: Array, y: Array, net: Network, batch_size: int, epochs: float, rng: Random) -> None:
    if len(x) != len(y) or y.ndim != 2 or y.shape[1] != net.sizes[-1]:
        raise ValueError(
            f"targets have shape {y.shape}; expected ({len(x)}, {net.sizes[-1]}), one row an example"
        )
    if not np.isfinite(y).all():
        raise ValueError("targets hold a number that is not finite (NaN or infinity)")
    if not isinstance(batch_size, int | np.integer) or batch_size < 1:
        raise ValueError(f"batch_size is {batch_size!r}; expected a whole number of at least 1")
    if not isinstance(epochs, int | float | np.number) or not (
        epochs == math.inf or 1 <= epochs == epochs // 1
    ):
        raise ValueError(f"epochs is {epochs!r}; expected at least 1, a whole number or math.inf")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng is {rng!r}; expected a generator, such as rng=np.random.default_rng(0)")
