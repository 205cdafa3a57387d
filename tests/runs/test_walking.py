"""The walk of a rule over a surface: where it leads, and what it costs."""

import numpy as np

from lessons_lib import SGD
from lessons_lib.data.surfaces import Ravine
from lessons_lib.engine.optimizers import ConjugateGradient
from lessons_lib.runs.walking import walk


def test_conjugate_gradient_needs_two_lines_from_anywhere():
    rng = np.random.default_rng(1)
    for condition_number in (1.5, 10, 100, 300):
        start = rng.uniform(-2, 2, 2)
        way = walk(ConjugateGradient(flat_enough=1e-6), Ravine(condition_number), start, 60)
        assert len(way.searches) <= 2
        assert Ravine(condition_number).cost(way.path[-1]) < 1e-12 * Ravine(condition_number).cost(start)


def test_evaluations_are_all_counted():
    calls = []

    class Counted(Ravine):
        def gradient(self, w):
            calls.append(w)
            return super().gradient(w)

    way = walk(SGD(0.05), Counted(10), (1.0, 1.0), 7)
    assert way.spent[-1] == len(calls) == 7
    way = walk(ConjugateGradient(flat_enough=1e-6), Ravine(10), (1.0, 1.0), 60)
    trials = sum(len(search.trials) - 1 for search in way.searches)
    assert way.spent[-1] == 1 + trials  # the start, and every trial
