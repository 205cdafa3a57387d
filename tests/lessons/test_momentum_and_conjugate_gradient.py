"""Lesson 09: the ravine, the searches along a line and the race of rules, without a browser."""

import itertools
import re

import numpy as np
import pytest

from lessons_lib import SGD, Network, evaluate, load_mnist, panels, train
from lessons_lib.data.surfaces import Ravine, Rosenbrock
from lessons_lib.engine.optimizers import ConjugateGradient, Momentum, Nesterov
from lessons_lib.lessons.momentum_and_conjugate_gradient.ravine_walks import (
    contraction,
    largest_rate,
    largest_rate_nesterov,
    level_lines,
    walk,
)
from lessons_lib.runs.stages import stages


@pytest.fixture
def ravine():
    panel = panels.ravine_walks()
    yield panel
    panel.close()


@pytest.fixture
def searches():
    panel = panels.line_searches()
    yield panel
    panel.close()


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture
def race(mnist):
    nets = stages(mnist.train[:2000], epochs={"untrained": 0, "after one epoch": 10})
    panel = panels.rules_race(nets, mnist.train[:1000], mnist.test[:200], passes=6)
    yield panel
    panel.close()


# The ravine


def test_the_paths_are_the_rules_written_out(ravine):
    ravine.state = {"learning_rate": 0.03, "momentum": 0.6, "condition_number": 20, "evaluations": 25}
    slopes = np.array([1.0, 20.0])
    plain, heavy, ahead, v, n = (np.array([-2.0, 0.8]) for _ in range(5))
    v, n = 0 * v, 0 * n
    for _ in range(25):
        plain = plain - 0.03 * slopes * plain
        v = 0.6 * v + slopes * heavy
        heavy = heavy - 0.03 * v
        n = 0.6 * n + slopes * ahead
        ahead = ahead - 0.03 * (slopes * ahead + 0.6 * n)
    ends = {"plain descent": plain, "momentum": heavy, "Nesterov": ahead}
    for name, end in ends.items():
        assert np.allclose(ravine.result.walks[name].path[-1], end)
        assert np.allclose(np.transpose(ravine.maps[name].path.get_data())[-1], end)


def test_a_rule_that_was_flung_out_has_no_cost_but_a_time(ravine):
    ravine.apply("All flung out")
    spent = ravine.result.walks["plain descent"].spent[-1]
    assert spent < 40 and f"plain descent flung out after {spent}, momentum flung out" in ravine.sentence


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


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.7, 0.9])
def test_the_boundaries_divide_what_converges_from_what_does_not(momentum):
    for rule, largest in ((Momentum, largest_rate), (Nesterov, largest_rate_nesterov)):
        rate = largest(momentum, 30.0)
        sizes = []
        for factor in (0.97, 1.03):
            w, state = np.array([0.0, 1.0]), np.zeros(2)
            for _ in range(2000):
                update, state = rule(factor * rate, momentum).update(Ravine(30.0).gradient(w), state, w)
                w = w + update
            sizes.append(np.abs(w).max())
        assert sizes[0] < 1e-3 and not sizes[1] < 1e3


@pytest.mark.parametrize(("rate", "momentum"), [(0.05, 0.0), (0.05, 0.5), (0.01, 0.9), (0.12, 0.8)])
def test_the_factor_is_the_largest_eigenvalue_of_two_steps(rate, momentum):
    for curvature in (1.0, 30.0):
        two_steps = [[1 + momentum - rate * curvature, -momentum], [1, 0]]
        expected = np.abs(np.linalg.eigvals(two_steps)).max()
        assert contraction(rate, momentum, curvature) == pytest.approx(expected, abs=1e-9)


def test_level_lines_are_level():
    for line in level_lines(25.0):
        costs = Ravine(25.0).cost(line)
        assert np.ptp(costs) < 1e-9 * costs.max()


def test_the_start_is_dragged_on_a_map(ravine):
    ax = ravine.maps["momentum"].path.axes
    ravine.live.point("drag", ax, 1.5, -0.5)
    assert ravine.state["along"] == pytest.approx(1.5, abs=0.02)
    for way in ravine.result.walks.values():
        assert np.allclose(way.path[0], [ravine.state["along"], ravine.state["across"]])


def test_rate_and_momentum_are_dragged_on_the_map_of_stability(ravine):
    ravine.live.point("drag", ravine.stability, -2.0, 0.4)
    assert ravine.state["learning_rate"] == pytest.approx(0.01, rel=0.05)
    assert ravine.state["momentum"] == pytest.approx(0.4, abs=0.02)
    assert ravine.here.get_ydata()[0] == ravine.state["momentum"]


def test_a_pointer_beside_the_maps_changes_nothing(ravine):
    before = ravine.state
    ravine.live.point("click", ravine.cost_axes, 5, 1)
    assert ravine.state == before


def test_presets_and_extremes_of_the_ravine(ravine):
    for name in ravine.presets:
        ravine.apply(name)
        assert ravine.sentence.startswith("Cost after 40 evaluations")
        assert ("the same rule" in ravine.sentence) == (ravine.state["momentum"] == 0)
        assert np.max(ravine.shrink.get_array()) == 1  # somewhere it is darkest
    for state in (
        {"condition_number": 1, "along": 0.0, "across": 0.0},
        {"condition_number": 300, "learning_rate": 10**0.5, "momentum": 0.98, "evaluations": 200},
    ):
        ravine.state = state
        assert np.isfinite(ravine.result.costs["conjugate gradient"][-1])


# Searches along a line


def test_each_evaluation_shows_one_more_trial(searches):
    seen = []
    for evaluation in range(1, 9):
        searches.state = {"evaluation": evaluation}
        seen.append((searches.result.number, len(searches.result.trials)))
    first = len(searches.result.search.trials)
    assert seen[:3] == [(0, 1), (0, 2), (0, 3)] and first >= 2
    assert all(later > before for before, later in itertools.pairwise(seen) if later != before)


@pytest.mark.parametrize("surface", ["ravine", "curved valley"])
def test_trials_lie_on_the_line_and_have_the_cost_of_the_surface(searches, surface):
    searches.state = {"surface": surface, "evaluation": 9}
    hills = Ravine(30.0) if surface == "ravine" else Rosenbrock()
    result = searches.result
    for trial in result.trials:
        place = result.path[-1] + trial.step * result.search.direction
        assert trial.cost == pytest.approx(hills.cost(place), rel=1e-6, abs=1e-20)
        assert trial.slope == pytest.approx(
            hills.gradient(place) @ result.search.direction, rel=1e-6, abs=1e-9
        )
    drawn = np.transpose(searches.tried.get_data())
    assert np.allclose(drawn[-1], result.path[-1] + result.trials[-1].step * result.search.direction)


def test_the_two_lines_are_conjugate(searches):
    searches.state = {"evaluation": 60}
    first, second = searches.result.directions
    assert abs(first @ Ravine(30.0).hessian() @ second) < 1e-9 * np.linalg.norm(first) * np.linalg.norm(
        second
    )
    arrived = re.search(r"arrived at the bottom with evaluation (\d+)", searches.sentence)
    searches.state = {"evaluation": int(arrived[1]) - 1}
    assert not searches.result.finished


def test_the_curve_goes_through_the_trials(searches):
    searches.state = {"evaluation": 5}
    x, y = searches.points.get_data()
    curve_x, curve_y = searches.curve.get_data()
    assert np.allclose(np.interp(x, curve_x, curve_y), y, atol=2e-3)


def test_extremes_of_the_searches(searches):  # in the ravine, with its bottom at (0, 0)
    for start in ((-2.2, -1.2), (2.2, 2.0), (0.0, 0.0)):
        for evaluation in (1, 60):
            searches.state = {"along": start[0], "across": start[1], "evaluation": evaluation}
            assert "nan" not in searches.sentence


# The race


def test_all_rules_start_at_one_network_and_their_curves_are_train_s(race, mnist):
    some = mnist.train[:1000]
    runners = race.run_to_end().runners
    assert len({runner.cost[0] for runner in runners.values()}) == 1
    start = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    rng = np.random.default_rng(0)
    for step in train(start, some, Momentum(0.4), batch_size=1000, epochs=6, rng=rng):
        pass
    assert runners["momentum"].cost[-1] == evaluate(step.net, some).cost
    assert np.array_equal(runners["momentum"].params[-1], step.net.params)
    assert race.reads.bars["momentum"].get_width() == runners["momentum"].accuracy[-1]


def test_every_rule_gets_the_same_number_of_evaluations(race):
    runners = race.run_to_end().runners
    examples = {name: runner.examples[-1] for name, runner in runners.items()}
    search = examples.pop("conjugate gradient")
    assert set(examples.values()) == {6000} and 6000 <= search <= 18_000  # a search is not broken off


def test_other_starts_and_batches(race):
    race.state = {"stage": "after one epoch", "batch_size": 100, "passes": 2}
    runners = race.run_to_end().runners
    assert runners["plain descent"].examples[-1] == 2000 and runners["plain descent"].cost[0] < 0.9
    assert race.sentence.startswith("Cost and test images read after 2 of 2 passes")
    race.state = {"factor": 8.0, "stage": "untrained"}
    race.run_to_end()
