"""Training in other ways than :func:`.train`: over given batches, and from halt to halt."""

import math
import time
from collections.abc import Iterable, Iterator

import numpy as np

from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.evaluation import evaluate
from lessons_lib.engine.functions import Cost, squared_error
from lessons_lib.engine.network import Network
from lessons_lib.engine.optimizers import Optimizer
from lessons_lib.engine.propagation import backprop, forward
from lessons_lib.engine.training import train

SLICE = 0.04  # seconds between two yields


def descend(
    net: Network, optimizer: Optimizer, batches: Iterable[Dataset], *, cost: Cost = squared_error
) -> Iterator[Network]:
    """Make one step for each batch.

    Args:
        net: the network to start from.
        optimizer: the update rule; one that searches along a line needs :func:`.train`.
        batches: the examples of each step.
        cost: the cost to bring down.

    Returns:
        An iterator of the network after each step.
    """
    state = optimizer.init(net.params)
    for batch in batches:
        grad = backprop(net, forward(net, batch.pixels), batch.y, cost=cost)
        update, state = optimizer.update(grad, state, net.params)
        net = net.with_params(net.params + update)
        yield net


class TimedTraining:
    """A training over and over the same data that is measured wherever it halts.

    Args:
        net: the network to start from.
        data: what to learn from.
        optimizer: the update rule.
        batch_size: examples a step.
        seed: for the shuffling.
        test: what the accuracy is measured on, and the cost too if there is no ``probe``.
        probe: what the cost is measured on.

    Attributes:
        params: a list with one entry for each halt, the start first, as the next four are; (n_params,).
        examples: how many were touched up to there.
        seconds: of training up to there.
        cost: over the probe.
        accuracy: the share of ``test`` read.
        diverged: None, or a sentence that says why the training cannot go on.
    """

    def __init__(
        self,
        net: Network,
        data: Dataset,
        optimizer: Optimizer,
        *,
        batch_size: int,
        seed: int,
        test: Dataset,
        probe: Dataset | None = None,
    ) -> None:
        self.batch_size, self.test, self.probe = min(batch_size, len(data)), test, probe
        rng = np.random.default_rng(seed)
        self._steps = train(net, data, optimizer, batch_size=batch_size, epochs=math.inf, rng=rng)
        self.params: list[np.ndarray] = []
        self.examples: list[int] = []
        self.seconds: list[float] = []
        self.cost: list[float] = []
        self.accuracy: list[float] = []
        self.diverged: str | None = None
        self._measure(net, 0, 0.0)

    def advance(self, goal: float, *, beyond: bool = True) -> Iterator[None]:
        """Train until ``goal`` examples are touched, then measure; yields every 40 ms in between.

        Args:
            goal: how many examples, counted from the start.
            beyond: whether a last step that goes beyond the goal is made, or left out.
        """
        enough = goal if beyond else goal - self.batch_size + 1
        step, touched, seconds = None, self.examples[-1], self.seconds[-1]
        begun = time.perf_counter()
        while touched < enough and not self.diverged:
            step = next(self._steps)
            touched, self.diverged = step.examples, step.diverged
            if time.perf_counter() - begun > SLICE:
                seconds += time.perf_counter() - begun
                yield
                begun = time.perf_counter()
        if step is not None:
            self._measure(step.net, touched, seconds + time.perf_counter() - begun)

    def _measure(self, net, touched, seconds):
        seen = evaluate(net, self.test)
        self.params.append(net.params.copy())
        self.examples.append(touched)
        self.seconds.append(seconds)
        self.cost.append(evaluate(net, self.probe).cost if self.probe else seen.cost)
        self.accuracy.append(seen.accuracy)
