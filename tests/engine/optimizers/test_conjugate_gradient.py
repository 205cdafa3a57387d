"""The line search and its conditions; toy surfaces; other batches; SciPy on all of MNIST."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons_lib import Network, load_mnist, squared_error, train
from lessons_lib.data.surfaces import Ravine, Rosenbrock
from lessons_lib.engine.optimizers import ConjugateGradient, LineSearch, Trial
from lessons_lib.engine.training import Objective


def descend(surface, w, steps=200, first_step=0.1):
    """Follow the rule over a toy surface; returns the points and the line searches."""
    rule, w = ConjugateGradient(first_step), np.array(w, float)
    state, path, searches = rule.init(w), [w], []
    for _ in range(steps):
        update, state = rule.update(
            surface.gradient(w), state, w, lambda p: (surface.cost(p), surface.gradient(p))
        )
        w = w + update
        path.append(w)
        searches.append(state)
        if np.abs(surface.gradient(w)).max() < 1e-8:
            break
    return np.array(path), searches


@settings(deadline=None, max_examples=50)
@given(
    condition=st.floats(1, 1000),
    angle=st.floats(0, 3.2),
    start=st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
    first=st.sampled_from([0.01, 0.1, 1.0, 10.0]),
)
def test_any_ravine_is_crossed_in_a_few_steps(condition, angle, start, first):
    path, _ = descend(Ravine(condition, angle), start, 30, first)
    assert np.abs(path[-1]).max() <= 1e-4


@pytest.mark.parametrize("start", [(-1.2, 1.0), (0.0, 0.0), (2.0, 2.0), (-3.0, -4.0)])
def test_rosenbrocks_valley(start):
    path, searches = descend(Rosenbrock(), start)
    np.testing.assert_allclose(path[-1], [1, 1], atol=1e-5)
    assert len(path) < 100
    costs = Rosenbrock().cost(path)
    assert (np.diff(costs) <= 1e-12).all(), "no step goes up"
    assert any(not search.restarted for search in searches)


@pytest.mark.parametrize("surface", [Ravine(50, 0.3), Rosenbrock()], ids=["ravine", "rosenbrock"])
def test_accepted_steps_satisfy_the_strong_wolfe_conditions(surface):
    path, searches = descend(surface, (-1.2, 1.0), 20)
    for w, after, search in zip(path, path[1:], searches, strict=False):
        start, chosen = search.start, search.chosen
        np.testing.assert_allclose(after, w + chosen.step * search.direction)
        assert search.accepted
        for trial in search.trials:  # what is reported is what the surface says
            point = w + trial.step * search.direction
            assert trial.cost == pytest.approx(surface.cost(point), rel=1e-9, abs=1e-12)
            assert trial.slope == pytest.approx(
                surface.gradient(point) @ search.direction, rel=1e-6, abs=1e-9
            )
        assert chosen.cost <= start.cost + 1e-4 * chosen.step * start.slope
        assert abs(chosen.slope) <= 0.1 * abs(start.slope)


def test_the_minimum_is_a_place_to_stay():
    rule, w = ConjugateGradient(), np.zeros(2)
    update, state = rule.update(np.zeros(2), rule.init(w), w, lambda p: (0.0, np.zeros(2)))
    assert not update.any()
    update, _ = rule.update(np.zeros(2), state, w, lambda p: (0.0, np.zeros(2)))
    assert not update.any()


def test_a_wall_of_infinite_cost_is_backed_away_from():
    def log_barrier(w):
        inside = w[0] < 1
        cost = w[0] ** 2 - 0.1 * np.log(1 - w[0]) if inside else np.inf
        return cost, np.array([2 * w[0] + 0.1 / (1 - w[0]) if inside else np.nan])

    rule, w = ConjugateGradient(first_step=5.0), np.array([-1.0])
    update, search = rule.update(log_barrier(w)[1], rule.init(w), w, log_barrier)
    assert search.accepted and any(trial.cost == np.inf for trial in search.trials)
    assert log_barrier(w + update)[0] < 0.2


def test_a_search_that_finds_nothing_stays_where_it_is():
    def uphill(w):  # the gradient it claims points the wrong way
        return float(np.abs(w).sum()), -np.sign(w)

    rule, w = ConjugateGradient(max_evaluations=4), np.ones(2)
    update, search = rule.update(uphill(w)[1], rule.init(w), w, uphill)
    assert not update.any() and not search.accepted and len(search.trials) == 5


def test_without_an_objective_it_says_what_it_needs():
    with pytest.raises(ValueError, match=r"needs objective\(params\)"):
        ConjugateGradient().update(np.ones(2), None, np.ones(2))


class Recorded(ConjugateGradient):
    """Conjugate gradient that keeps its line searches."""

    searches = None

    def update(self, *arguments):
        update, state = super().update(*arguments)
        self.searches.append(state)
        return update, state


def run(batch_size, epochs, examples=500, seed=0):
    rng, rule = np.random.default_rng(seed), Recorded()
    object.__setattr__(rule, "searches", [])
    net = Network.random((784, 16, 16, 10), rng=rng)
    data = load_mnist().train[:examples]
    steps = [
        (s.cost, s.evaluations) for s in train(net, data, rule, rng=rng, batch_size=batch_size, epochs=epochs)
    ]
    return rule.searches, np.array(steps)


def test_it_restarts_where_the_batch_is_another():
    searches, steps = run(batch_size=100, epochs=2)
    assert all(search.restarted for search in searches)
    assert steps[-1, 0] < steps[0, 0]


def test_on_the_full_batch_it_keeps_its_direction_and_pays_for_no_evaluation_twice():
    searches, steps = run(batch_size=500, epochs=30)
    assert sum(search.restarted for search in searches) < 10
    assert (np.diff(steps[:, 0]) <= 0).all()
    trials = np.array([len(search.trials) - 1 for search in searches])
    again = np.array([not search.accepted for search in searches])  # then the lowest was not the last
    assert steps[0, 1] == trials[0] + 2  # where it starts: once for the step's Gradient, once for the search
    np.testing.assert_array_equal(steps[1:, 1], trials[1:] + again[:-1])
    assert searches[1].direction.dtype == np.float32


def cost_after_100_evaluations(seed):
    """The best cost on all of MNIST: ours, and SciPy's from the same start."""
    optimize = pytest.importorskip("scipy.optimize")
    data, rng = load_mnist().train, np.random.default_rng(seed)
    net = Network.random((784, 16, 16, 10), rng=rng)
    used, ours = 0, np.inf
    for step in train(net, data, ConjugateGradient(), rng=rng, batch_size=len(data), epochs=100):
        used, ours = used + step.evaluations, min(ours, step.cost)
        if used >= 100:
            break
    objective, costs = Objective(net, squared_error, ()), []
    objective.load(data.pixels, data.y, rng)

    def flat(params):
        if len(costs) == 100:
            raise StopIteration
        cost, gradient = objective(params.astype(np.float32))
        costs.append(cost)
        return cost, gradient.astype(float)

    with pytest.raises(StopIteration):
        optimize.minimize(
            flat, net.params.astype(float), jac=True, method="CG", options={"gtol": 0, "maxiter": 1000}
        )
    return ours, min(costs)


@pytest.mark.slow
def test_scipy_is_no_better_in_100_evaluations_of_all_60_000():
    ours, scipys = cost_after_100_evaluations(seed=1)
    assert ours <= scipys


@pytest.mark.parametrize(
    ("g", "before", "direction", "expected"),
    [
        ([0.0, 1.0], [1.0, 0.0], [-1.0, 0.0], ([-1.0, -1.0], False)),  # β = 1
        ([0.5, 0.0], [1.0, 0.0], [-1.0, -0.2], ([-0.5, 0.0], True)),  # β = −1/4, though still downhill
        ([1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], ([-1.0, 0.0], True)),  # β = 0: nothing to keep
        ([0.0, 1.0], [1.0, 0.0], [0.0, 5.0], ([0.0, -1.0], True)),  # β = 1, but uphill
    ],
)
def test_the_last_direction_is_kept_only_where_beta_is_positive_and_it_goes_down(
    g, before, direction, expected
):
    g, before, direction = map(np.array, (g, before, direction))
    start, chosen = Trial(0.0, 1.0, -1.0, before), Trial(0.5, 0.5, 0.0, g)
    last = LineSearch(direction, (start, chosen), chosen, True, False)
    d, restarted = ConjugateGradient().direction(g, last)
    np.testing.assert_allclose(d, expected[0])
    assert restarted is expected[1]
    assert ConjugateGradient().direction(g, None)[1]
