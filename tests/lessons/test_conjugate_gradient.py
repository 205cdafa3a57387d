"""Lesson 10: two lines, the searches along a line and the race of rules, without a browser."""

import itertools
import re

import numpy as np
import pytest

from lessons_lib import Network, evaluate, load_mnist, panels, train
from lessons_lib.data.surfaces import Ravine, Rosenbrock
from lessons_lib.engine.optimizers import Momentum
from lessons_lib.lessons.conjugate_gradient.rules_race import MARKS, PLATEAU
from lessons_lib.runs.stages import stages


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


# Two lines


@pytest.fixture
def second():
    panel = panels.second_line()
    yield panel
    panel.close()


@pytest.mark.parametrize("beta", [-0.2, 0.0, 0.36, 0.8, 1.0])
def test_each_line_ends_at_its_lowest_point(second, beta):
    second.state = {"beta": beta}
    steps = np.linspace(0, 2, 20_001)[:, None]
    for line in second.result.shown:
        costs = Ravine(4).cost(line.place + steps * line.direction)
        assert np.allclose(line.lowest, line.place + steps[costs.argmin()] * line.direction, atol=1e-3)
    (_, walked), stretch = second.maps[1]
    assert np.allclose(np.transpose(walked[1].get_data())[-1], line.lowest * stretch)


def test_the_slope_along_the_first_line_is_drawn_as_it_is(second):
    second.state = {"beta": 0.5}
    first, line = second.result.shown
    there = Ravine(4).gradient(line.lowest)
    assert second.before.get_ydata()[-1] == pytest.approx(there @ first.direction)
    assert second.own.get_ydata()[-1] == pytest.approx(0, abs=1e-9)
    own, before = (words.get_position() for words in second.words)  # each at the end of its line
    assert line.step < own[0] == before[0] < line.step + 0.05
    assert own[1] == pytest.approx(0, abs=1.1)
    assert before[1] == pytest.approx(second.before.get_ydata()[-1], abs=1.1)
    assert second.before.get_color() == second.maps[0][0][1][0].get_color()  # as the first line on the map
    assert "some of it is undone" in second.sentence


def test_conjugate_lines_undo_nothing_and_meet_at_a_right_angle(second):
    second.apply("Conjugate")
    assert "stays 0: nothing is undone" in second.sentence and "meet at 90°" in second.sentence
    assert second.sentence.endswith("The cost is now 0.")
    second.apply("The first line")
    assert "starts at −32 and grows by 80" in second.sentence and not len(second.before.get_xdata())


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
    assert "this line and the last meet at 90.0°" in searches.sentence
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
    assert race.sentence.startswith("Cost and test accuracy after 2 of 2 passes")
    race.state = {"factor": 8.0, "stage": "untrained"}
    race.run_to_end()


def test_the_curves_fill_the_picture(race):
    for state in ({"passes": 2}, {"stage": "after one epoch", "passes": 2}):
        race.state = state
        costs = [cost for runner in race.run_to_end().runners.values() for cost in runner.cost]
        low, high = race.steps.get_ylim()
        assert low <= min(costs) and max(costs) <= high and {low, high} <= set(MARKS)


def test_the_plateau_is_what_saying_a_tenth_to_everything_costs(mnist):
    net = Network.random((784, 10), rng=np.random.default_rng(0))
    params = np.zeros(net.n_params)
    params[-10:] = np.log(0.1 / 0.9)  # σ of this is 0.1
    assert evaluate(net.with_params(params), mnist.test[:100]).cost == pytest.approx(PLATEAU, rel=1e-5)
