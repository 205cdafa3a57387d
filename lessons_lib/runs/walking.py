"""The way of an update rule over a surface of two parameters, evaluation by evaluation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lessons_lib.data.surfaces import Ravine, Rosenbrock
from lessons_lib.engine.optimizers import ConjugateGradient, Optimizer
from lessons_lib.engine.optimizers.conjugate_gradient import LineSearch

AWAY = 1e3  # beyond this distance a path has left for good
BOTTOM = 1e-20  # a cost at which there is nothing left to search for


@dataclass(frozen=True, eq=False)
class Walk:
    """The way of a rule over a surface."""

    path: np.ndarray  # (steps + 1, 2)
    spent: np.ndarray  # (steps + 1,) evaluations made up to each point of the path
    searches: list[LineSearch]  # one a step; other rules than conjugate gradient have none
    flung: bool  # whether it ended because it was flung off the map


def walk(rule: Optimizer, surface: Ravine | Rosenbrock, start: ArrayLike, evaluations: int) -> Walk:
    """Follow a rule over a surface, from ``start`` (2,), for so many evaluations of cost and gradient."""

    def objective(w: np.ndarray) -> tuple[float, np.ndarray]:
        return float(surface.cost(w)), surface.gradient(w)

    w, state = np.asarray(start, float), rule.init(np.zeros(2))
    path, spent = [w], [0]
    searches: list[LineSearch] = []
    while spent[-1] < evaluations and np.abs(w).max() < AWAY:
        update, state = rule.update(surface.gradient(w), state, w, objective)
        if isinstance(rule, ConjugateGradient):
            searches.append(state)
        w = w + update
        path.append(w)
        spent.append(spent[-1] + (len(state.trials) - (spent[-1] > 0) if searches else 1))
        if searches and surface.cost(w) < BOTTOM:
            break
    return Walk(np.array(path), np.array(spent), searches, flung=bool(np.abs(w).max() >= AWAY))
