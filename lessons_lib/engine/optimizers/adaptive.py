"""Rules that give every parameter its own step length, from the size of its recent gradients."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lessons_lib.engine.arrays import Array, CostAndGradient
from lessons_lib.engine.optimizers.base import (
    RATES,
    SHARES,
    TINY,
    Gradients,
    Optimizer,
    mean_gradient,
    setting,
)
from lessons_lib.engine.optimizers.descent import flushed


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """Divide by the recent size of each gradient: s ← ρ s + (1 − ρ) g², w ← w − η g / (√s + ε).

    Tieleman and Hinton, *Neural Networks for Machine Learning*, lecture 6.5, 2012.

    Args:
        learning_rate: η. The default suits batches of 100; 0.003 suits batches of 10.
        decay: ρ, the share of the running mean square kept from one step to the next.
        epsilon: ε, keeps the division finite where a gradient has been 0 all along.

    Raises:
        ValueError: if a setting is outside its range.

    Example:
        >>> rule = RMSProp(learning_rate=0.1, decay=0.75)
        >>> update, s = rule.update(np.array([8.0]), rule.init(np.zeros(1)), np.zeros(1))
        >>> round(float(update[0]), 6), s  # −0.1 · 8 / √(0.25 · 64)
        (-0.2, array([16.]))
    """

    learning_rate: float = setting(0.007, RATES)
    decay: float = setting(0.99, SHARES)
    epsilon: float = setting(1e-8, TINY)

    def init(self, params: Array) -> Any:
        return np.zeros_like(params)

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
        g = mean_gradient(grad)
        s = flushed(self.decay * state + (1 - self.decay) * g**2)
        return -self.learning_rate * g / (np.sqrt(s) + self.epsilon), s


@dataclass(frozen=True)
class Adam(Optimizer):
    """Momentum over RMSProp: m ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g², w ← w − η m̂ / (√ŝ + ε).

    Both averages start at 0, so they are first divided by what they have seen: m̂ = m / (1 − β₁ᵗ),
    ŝ = s / (1 − β₂ᵗ). Kingma and Ba, *Adam: a method for stochastic optimization*, 2015.

    Args:
        learning_rate: η. The default suits batches of 100; 0.002 suits batches of 10.
        beta1: β₁, the share of the mean gradient kept from one step to the next.
        beta2: β₂, the same for the mean square. 0.999 is more usual; over a few thousand steps 0.99
            learns faster.
        epsilon: ε, keeps the division finite where a gradient has been 0 all along.

    Raises:
        ValueError: if a setting is outside its range.

    Example:
        >>> rule = Adam(learning_rate=0.1)
        >>> update, (t, m, s) = rule.update(np.array([8.0, -0.5]), rule.init(np.zeros(2)), np.zeros(2))
        >>> t, update.round(6)  # the first step has length η in every direction
        (1, array([-0.1,  0.1]))
    """

    learning_rate: float = setting(0.005, RATES)
    beta1: float = setting(0.9, SHARES)
    beta2: float = setting(0.99, SHARES)
    epsilon: float = setting(1e-8, TINY)

    def init(self, params: Array) -> Any:
        return 0, np.zeros_like(params), np.zeros_like(params)

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
        t, m, s = state
        g = mean_gradient(grad)
        t = t + 1
        m = flushed(self.beta1 * m + (1 - self.beta1) * g)
        s = flushed(self.beta2 * s + (1 - self.beta2) * g**2)
        m_hat, s_hat = m / (1 - self.beta1**t), s / (1 - self.beta2**t)
        return -self.learning_rate * m_hat / (np.sqrt(s_hat) + self.epsilon), (t, m, s)
