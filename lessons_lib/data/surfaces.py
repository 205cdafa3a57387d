"""Two small surfaces on which a step can be followed by eye: a ravine and a banana-shaped valley."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Ravine:
    """A long valley: the quadratic cost E(w) = (u² + κ v²) / 2, with (u, v) the point w turned by `angle`.

    κ, the condition number, is how much steeper the walls are than the floor. The minimum is at (0, 0).

    Arguments:
        condition_number: κ >= 1; 1 is a round bowl.
        angle: radians from the first axis to the valley floor.

    Raises:
        ValueError: condition_number is below 1.

    >>> ravine = Ravine(condition_number=25)
    >>> ravine.cost(np.array([2.0, 1.0])), ravine.gradient(np.array([2.0, 1.0]))
    (np.float64(14.5), array([ 2., 25.]))

    Source: J. Nocedal, S. Wright, "Numerical Optimization", 2nd ed. (2006), section 3.3.
    """

    condition_number: float = 10.0
    angle: float = 0.0
    minimum: tuple[float, float] = field(default=(0.0, 0.0), init=False)

    def __post_init__(self):
        if not 1 <= self.condition_number < np.inf:
            raise ValueError(f"condition_number must be a finite number >= 1, got {self.condition_number}")

    def cost(self, w):
        """E(w) = w H w / 2 at points w (..., 2); returns (...)."""
        return np.einsum("...i,ij,...j->...", w, self.hessian(), w) / 2

    def gradient(self, w):
        """∇E(w) = H w at points w (..., 2); returns (..., 2)."""
        return np.asarray(w) @ self.hessian()

    def hessian(self, w=None):
        """H, (2, 2), the same at every point: κ across the valley, 1 along it."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        turn = np.array([[c, s], [-s, c]])
        return turn.T @ np.diag([1.0, self.condition_number]) @ turn


@dataclass(frozen=True)
class Rosenbrock:
    """A curved valley: E(w) = (1 - w₀)² + steepness (w₁ - w₀²)², with its minimum at (1, 1).

    Arguments:
        steepness: how steep the walls are; 100 is the usual choice.

    >>> Rosenbrock().cost(np.array([1.0, 1.0])), Rosenbrock().gradient(np.array([0.0, 1.0]))
    (np.float64(0.0), array([ -2., 200.]))

    Source: H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a function",
    The Computer Journal 3 (1960).
    """

    steepness: float = 100.0
    minimum: tuple[float, float] = field(default=(1.0, 1.0), init=False)

    def cost(self, w):
        """E(w) at points w (..., 2); returns (...)."""
        w0, w1 = np.moveaxis(np.asarray(w), -1, 0)
        return (1 - w0) ** 2 + self.steepness * (w1 - w0**2) ** 2

    def gradient(self, w):
        """∇E(w) at points w (..., 2); returns (..., 2)."""
        w0, w1 = np.moveaxis(np.asarray(w), -1, 0)
        across = 2 * self.steepness * (w1 - w0**2)
        return np.stack([-2 * (1 - w0) - 2 * w0 * across, across], axis=-1)

    def hessian(self, w):
        """The second derivatives at one point w (2,); returns (2, 2)."""
        w0, w1 = w
        return np.array(
            [
                [2 - 4 * self.steepness * (w1 - 3 * w0**2), -4 * self.steepness * w0],
                [-4 * self.steepness * w0, 2 * self.steepness],
            ]
        )
