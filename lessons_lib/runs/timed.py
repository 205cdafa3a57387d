"""`TimedTraining`: a training that halts at goals, so that trainings can be compared there."""

import math
import time
from collections.abc import Iterator

import numpy as np

from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.evaluation import evaluate
from lessons_lib.engine.network import Network
from lessons_lib.engine.optimizers import Optimizer
from lessons_lib.engine.training import train

SLICE = 0.04  # seconds between two yields


class TimedTraining:
    """A training that goes over its data again and again, and is measured wherever it halts.

    Args:
        net: the network to start from.
        data: the Dataset to learn from.
        optimizer: the update rule.
        batch_size: examples a step.
        seed: for the shuffling.
        test: the Dataset on which the accuracy is measured.
        probe: the Dataset on which the cost is measured; ``test`` by default.

    Attributes:
        params, examples, seconds, cost, accuracy: lists with one entry for each halt, the start first: the
            parameters (n_params,), the examples touched and the seconds of training up to there, the cost
            and the share of ``test`` read.
        diverged: None, or a sentence that says why the training cannot go on.

    Example:
        >>> from lessons_lib import SGD, Network, load_mnist
        >>> digits, net = load_mnist().test[:300], Network.random((784, 10), rng=np.random.default_rng(0))
        >>> run = TimedTraining(net, digits, SGD(1.0), batch_size=100, seed=0, test=digits)
        >>> for _ in run.advance(450):
        ...     pass
        >>> run.examples
        [0, 500]
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
    ):
        self.batch_size, self.test, self.probe = min(batch_size, len(data)), test, probe
        rng = np.random.default_rng(seed)
        self._steps = train(net, data, optimizer, batch_size=batch_size, epochs=math.inf, rng=rng)
        self.params, self.examples, self.seconds, self.cost, self.accuracy = [], [], [], [], []
        self.diverged = None
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
        self.cost.append(evaluate(net, self.probe).cost if self.probe is not None else seen.cost)
        self.accuracy.append(seen.accuracy)
