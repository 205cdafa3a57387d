"""Conjugate gradient: search along a line, then choose the next line so as not to spoil the last."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lessons_lib.engine.arrays import Array, CostAndGradient
from lessons_lib.engine.optimizers.base import Gradients, Optimizer, Range, is_count, mean_gradient, setting

ENOUGH_DECREASE = 1e-4  # c1: the share of the decrease promised by the first slope that a step must bring


class Trial(NamedTuple):
    """One point of the line params + step · direction: the ``cost`` there, its ``slope`` and ``gradient``."""

    step: float
    cost: float
    slope: float
    gradient: Array


@dataclass(frozen=True, eq=False)
class LineSearch:
    """What one search along a line found. It is also the state of :class:`ConjugateGradient`.

    Attributes:
        direction: (n_params,) the line is params + step · direction.
        trials: every :class:`Trial`, in the order they were made; the first is the start, at step 0.
        chosen: the one that was taken; the start itself if no lower one was found.
        accepted: whether it satisfies the strong Wolfe conditions.
        restarted: whether the direction is straight downhill, with nothing kept of the last one.
    """

    direction: Array
    trials: tuple[Trial, ...]
    chosen: Trial
    accepted: bool
    restarted: bool

    @property
    def start(self) -> Trial:
        """The :class:`Trial` at step 0."""
        return self.trials[0]


@dataclass(frozen=True)
class ConjugateGradient(Optimizer):
    """Nonlinear conjugate gradient: d ← −g + β d, then search along d for a low and flat point.

        β = max(0, g · (g − g_before) / ‖g_before‖²)      (Polak and Ribière, never negative)

    A step α along d is accepted by the strong Wolfe conditions, C(α) ≤ C(0) + c₁ α C′(0) and
    ``|C′(α)| ≤ c₂ |C′(0)|``, with c₁ = 1e-4. The search interpolates by cubics.

    It is meant for the full batch, or a large one that stays. Where the cost is another one than that of the
    last step, as with minibatches, it restarts with d = −g. The state after a step is its
    :class:`LineSearch`.

    Args:
        first_step: how far to go, in parameter space, for the first trial of a search after a restart.
        max_evaluations: how often one search may compute the cost and its gradient.
        flat_enough: c₂, the share of the first slope that a step may leave. Conjugate gradient wants it
            small; near 0 the search goes on to the valley itself, as the theory of quadratics supposes.

    Raises:
        ValueError: if a setting is outside its range; in ``update``, if there is no ``objective``.

    Example:
        >>> def bowl(w):  # cost and gradient of 2 u² + v² / 2
        ...     return 2 * w[0] ** 2 + w[1] ** 2 / 2, w * np.array([4.0, 1.0])
        >>> rule, w = ConjugateGradient(), np.array([1.0, 1.0])
        >>> state = rule.init(w)
        >>> for _ in range(4):
        ...     update, state = rule.update(bowl(w)[1], state, w, bowl)
        ...     w = w + update
        >>> bool(np.abs(w).max() < 0.02)
        True

    Source: Nocedal and Wright, *Numerical Optimization*, 2nd ed. 2006, sections 3.5 and 5.2.
    """

    first_step: float = setting(
        0.1, Range(lambda v: np.isfinite(v) and v > 0, "a positive length, such as 1.0")
    )
    max_evaluations: int = setting(
        12, Range(lambda v: is_count(v) and v >= 2, "a whole number of at least 2")
    )
    flat_enough: float = setting(
        0.1, Range(lambda v: 0 < v < 1, "a share of the first slope between 0 and 1, such as 0.1")
    )

    def init(self, params: Array) -> Any:
        return None

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
        if objective is None:
            raise ValueError(
                "ConjugateGradient searches along a line and needs objective(params) -> (cost, gradient); "
                "train() passes it, on a surface write update(g, state, w, lambda w: (cost(w), gradient(w)))"
            )
        g = mean_gradient(grad)
        same = state is not None and np.array_equal(g, state.chosen.gradient)  # no other batch since then
        d, restarted = self.direction(g, state if same else None)
        start = Trial(0.0, state.chosen.cost if same else objective(params)[0], float(g @ d), g)
        if start.slope == 0:  # the gradient is 0: nowhere to go
            return np.zeros_like(params), LineSearch(d, (start,), start, True, restarted)
        line = _Line(objective, params, d, start, self.max_evaluations, self.flat_enough)
        chosen, accepted = line.search(self._first(start, d, state))
        return chosen.step * d, LineSearch(d, tuple(line.trials), chosen, accepted, restarted)

    def direction(self, g: Array, last: LineSearch | None) -> tuple[Array, bool]:
        """The next direction, and whether it is a restart."""
        if last is not None and last.chosen.step > 0:
            before = last.start.gradient
            beta = float(g @ (g - before)) / float(before @ before)
            d = beta * last.direction - g
            if beta > 0 and g @ d < 0:
                return d, False
        return -g, True

    def _first(self, start: Trial, d: Array, last: LineSearch | None) -> float:
        """The first step length to try: the one that promises as much decrease as the last search did."""
        if last is not None and last.chosen.step > 0:
            return last.chosen.step * min(last.start.slope / start.slope, 10.0)
        return self.first_step / float(np.sqrt(d @ d))


class _Line:
    """A line through parameter space, and the trials made on it."""

    def __init__(
        self,
        objective: CostAndGradient,
        params: Array,
        direction: Array,
        start: Trial,
        max_evaluations: int,
        flat_enough: float,
    ) -> None:
        self.objective, self.params, self.direction = objective, params, direction
        self.trials, self.left, self.flat_enough = [start], max_evaluations, flat_enough

    def at(self, step: float) -> Trial:
        """Try a step length."""
        step = float(step)
        cost, g = self.objective(self.params + step * self.direction)
        slope = float(g @ self.direction)
        finite = np.isfinite(cost) and np.isfinite(slope)
        self.trials.append(Trial(step, float(cost), slope, g) if finite else Trial(step, np.inf, np.inf, g))
        self.left -= 1
        return self.trials[-1]

    def search(self, step: float) -> tuple[Trial, bool]:
        """``(trial, True)`` with one that satisfies the strong Wolfe conditions, or ``(lowest, False)``."""
        low = self.trials[0]
        while self.left:
            trial = self.at(step)
            if not self._decreases(trial) or trial.cost > low.cost:
                return self._close_in(low, trial)
            if self._flat(trial):
                return trial, True
            if trial.slope > 0:
                return self._close_in(trial, low)
            low, step = trial, low.step + _beyond(low, trial) * (trial.step - low.step)
        return low, False

    def _close_in(self, low: Trial, high: Trial) -> tuple[Trial, bool]:
        """There is a valley between ``low``, the lowest so far, and ``high``: narrow it down."""
        while self.left:
            trial = self.at(low.step + max(_valley(low, high), 0.05) * (high.step - low.step))
            if not self._decreases(trial) or trial.cost >= low.cost:
                high = trial
                continue
            if self._flat(trial):
                return trial, True
            if trial.slope * (high.step - low.step) > 0:
                high = low
            low = trial
        return low, False

    def _decreases(self, trial: Trial) -> bool:
        start = self.trials[0]
        return trial.cost <= start.cost + ENOUGH_DECREASE * trial.step * start.slope

    def _flat(self, trial: Trial) -> bool:
        return abs(trial.slope) <= -self.flat_enough * self.trials[0].slope


def _beyond(a: Trial, b: Trial) -> float:
    """Where to look when the cost still falls at ``b``: at the valley, or far out if none is ahead."""
    valley = _valley(a, b)
    return np.clip(valley, 1.2, 10) if valley > 1 else 10


def _valley(a: Trial, b: Trial) -> float:
    """Where the cubic with the costs and slopes of ``a`` and ``b`` has its valley: 0 is ``a``, 1 is ``b``."""
    if not np.isfinite(b.cost):
        return 0.0
    slope_a, slope_b = a.slope * (b.step - a.step), b.slope * (b.step - a.step)
    mixed = slope_a + slope_b - 3 * (b.cost - a.cost)
    root = mixed**2 - slope_a * slope_b
    if root < 0:
        return np.inf
    below = slope_b - slope_a + 2 * np.sqrt(root)
    return 1 - (slope_b + np.sqrt(root) - mixed) / below if below else np.inf
