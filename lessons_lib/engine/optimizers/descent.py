"""Gradient descent, plain and with momentum."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lessons_lib.engine.arrays import Array, CostAndGradient
from lessons_lib.engine.optimizers.base import RATES, SHARES, Gradients, Optimizer, mean_gradient, setting


@dataclass(frozen=True)
class SGD(Optimizer):
    """Step against the gradient: w ← w − η g.

    Over a part of the examples at a time it is *stochastic* gradient descent (Robbins and Monro, *A
    stochastic approximation method*, 1951); over all of them, plain gradient descent (Cauchy, 1847).

    Args:
        learning_rate: η, how far to step. The default suits batches of 100; 0.7 suits batches of 10.

    Raises:
        ValueError: if the learning rate is negative or not finite.

    Example:
        >>> sgd = SGD(learning_rate=0.5)
        >>> update, state = sgd.update(np.array([2.0]), sgd.init(np.zeros(1)), np.zeros(1))
        >>> float(update[0])
        -1.0
    """

    learning_rate: float = setting(4.0, RATES)

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
        return mean_gradient(grad, times=-self.learning_rate), state


@dataclass(frozen=True)
class Momentum(Optimizer):
    """A ball that rolls on: v ← μ v + g, w ← w − η v.

    Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964; in PyTorch's convention,
    where the learning rate multiplies the whole velocity.

    Args:
        learning_rate: η.
        momentum: μ, the share of the velocity kept from one step to the next.

    Example:
        >>> rule = Momentum(learning_rate=1.0, momentum=0.5)
        >>> update, v = rule.update(np.array([2.0]), rule.init(np.zeros(1)), np.zeros(1))
        >>> update, v = rule.update(np.array([2.0]), v, np.zeros(1))
        >>> float(update[0])  # −(0.5 · 2 + 2)
        -3.0
    """

    learning_rate: float = setting(0.2, RATES)
    momentum: float = setting(0.9, SHARES)

    def init(self, params: Array) -> Any:
        return np.zeros_like(params)

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
        v = flushed(self.momentum * state + mean_gradient(grad))
        return -self.learning_rate * v, v


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """Momentum that looks ahead: v ← μ v + g, w ← w − η (g + μ v).

    Nesterov, *A method for solving the convex programming problem with convergence rate O(1/k²)*, 1983, in
    the form of Sutskever et al., *On the importance of initialization and momentum in deep learning*, 2013.

    Args:
        learning_rate: η.
        momentum: μ, the share of the velocity kept from one step to the next.

    Example:
        >>> rule = Nesterov(learning_rate=1.0, momentum=0.5)
        >>> update, v = rule.update(np.array([2.0]), rule.init(np.zeros(1)), np.zeros(1))
        >>> float(update[0])  # −(2 + 0.5 · 2)
        -3.0
    """

    learning_rate: float = setting(0.4, RATES)
    momentum: float = setting(0.9, SHARES)

    def init(self, params: Array) -> Any:
        return np.zeros_like(params)

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
        g = mean_gradient(grad)
        v = flushed(self.momentum * state + g)
        return -self.learning_rate * (g + self.momentum * v), v


def flushed(v: Array) -> Array:
    """``v`` with values below about 1e-32 made 0, in place.

    What decays step by step ends in denormal numbers, with which processors are many times slower.
    """
    v += 1e-25
    v -= 1e-25
    return v
