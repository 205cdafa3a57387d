"""Two small surfaces on which the eye can follow each step: a ravine and a banana-shaped valley."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Ravine:
    """A long valley: the quadratic cost E(w) = (u² + κ v²) / 2, where (u, v) is w turned by ``angle``.

    κ, the condition number, says how much steeper the walls are than the floor. The minimum is at (0, 0).

    Args:
        condition_number: κ ≥ 1; 1 is a round bowl.
        angle: radians from the first axis to the valley floor.

    Raises:
        ValueError: if ``condition_number`` is below 1 or not finite.

    Example:
        >>> ravine = Ravine(condition_number=25)
        >>> ravine.cost(np.array([2.0, 1.0])), ravine.gradient(np.array([2.0, 1.0]))
        (np.float64(14.5), array([ 2., 25.]))

    Source:
        Nocedal and Wright, *Numerical Optimization*, 2nd edition, 2006, section 3.3.
    """

    condition_number: float = 10.0
    angle: float = 0.0
    minimum: tuple[float, float] = field(default=(0.0, 0.0), init=False)

    def __post_init__(self) -> None:
        if not 1 <= self.condition_number < np.inf:
            raise ValueError(f"condition_number must be a finite number >= 1, got {self.condition_number}")

    def cost(self, w: ArrayLike) -> np.ndarray:
        """(...) the cost E(w) = w H w / 2 at the points ``w`` (..., 2)."""
        w = np.asarray(w)
        return np.einsum("...i,ij,...j->...", w, self.hessian(), w) / 2

    def gradient(self, w: ArrayLike) -> np.ndarray:
        """(..., 2) the gradient ∇E(w) = H w at the points ``w`` (..., 2)."""
        return np.asarray(w) @ self.hessian()

    def hessian(self, w: ArrayLike | None = None) -> np.ndarray:
        """(2, 2) the second derivatives H, the same at every point: κ across the valley, 1 along it."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        turn = np.array([[c, s], [-s, c]])
        return turn.T @ np.diag([1.0, self.condition_number]) @ turn


@dataclass(frozen=True)
class Rosenbrock:
    """A curved valley: E(w) = (1 - w₀)² + steepness (w₁ - w₀²)², with its minimum at (1, 1).

    Args:
        steepness: how steep the walls are; 100 is the usual choice.

    Example:
        >>> Rosenbrock().cost(np.array([1.0, 1.0])), Rosenbrock().gradient(np.array([0.0, 1.0]))
        (np.float64(0.0), array([ -2., 200.]))

    Source:
        Rosenbrock, *An automatic method for finding the greatest or least value of a function*, The Computer
        Journal 3, 1960.
    """

    steepness: float = 100.0
    minimum: tuple[float, float] = field(default=(1.0, 1.0), init=False)

    def cost(self, w: ArrayLike) -> np.ndarray:
        """(...) the cost E(w) at the points ``w`` (..., 2)."""
        w0, w1 = np.moveaxis(np.asarray(w), -1, 0)
        return (1 - w0) ** 2 + self.steepness * (w1 - w0**2) ** 2

    def gradient(self, w: ArrayLike) -> np.ndarray:
        """(..., 2) the gradient ∇E(w) at the points ``w`` (..., 2)."""
        w0, w1 = np.moveaxis(np.asarray(w), -1, 0)
        across = 2 * self.steepness * (w1 - w0**2)
        return np.stack([-2 * (1 - w0) - 2 * w0 * across, across], axis=-1)

    def hessian(self, w: ArrayLike) -> np.ndarray:
        """(2, 2) the second derivatives at one point ``w`` (2,)."""
        w0, w1 = np.asarray(w)
        return np.array(
            [
                [2 - 4 * self.steepness * (w1 - 3 * w0**2), -4 * self.steepness * w0],
                [-4 * self.steepness * w0, 2 * self.steepness],
            ]
        )
