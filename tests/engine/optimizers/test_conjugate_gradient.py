"""The line search and its conditions; toy surfaces; other batches; SciPy on the digits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons_lib import Network, load_mnist, squared_error, train
from lessons_lib.data.surfaces import Ravine, Rosenbrock
from lessons_lib.engine.optimizers import ConjugateGradient, LineSearch, Trial
from lessons_lib.engine.optimizers.conjugate_gradient import _beyond, _valley
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
    assert not update.any() and state.accepted
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


def test_where_the_slope_is_no_number_is_a_wall_too():
    def half(w):
        return float((w[0] - 1) ** 2), np.array([2 * (w[0] - 1) if w[0] < 1.5 else np.nan])

    rule, w = ConjugateGradient(first_step=1.6), np.zeros(1)
    update, search = rule.update(half(w)[1], rule.init(w), w, half)
    assert search.trials[1].cost == search.trials[1].slope == np.inf
    assert half(update)[0] < 0.2


def parabola(w):
    """(w − 1)², from 1 at w = 0 down to 0 at w = 1, and its slope."""
    return float((w[0] - 1) ** 2), 2 * (w - 1)


@pytest.mark.parametrize(
    ("first", "flat_enough", "tried"),
    [
        (1.05, 0.1, [1.05]),  # flat enough at once
        (0.25, 0.1, [0.25, 1]),  # still falling: on to the valley
        (0.05, 0.1, [0.05, 0.5, 1]),  # on, but to no more than ten times as far at once
        (0.95, 0.001, [0.95, 1.14, 1]),  # on, but by no less than a fifth
        (1.5, 0.1, [1.5, 1]),  # lower, but rising: back to the valley
        (5, 0.1, [5, 1]),  # higher than the start: back
        (100, 0.1, [100, 5, 1]),  # back, but to no less than a twentieth at once
        (1.02, 0.001, [1.02, 0.969, 1]),  # back, and by no less than a twentieth
    ],
)
def test_a_search_over_a_parabola_goes_straight_to_the_valley(first, flat_enough, tried):
    rule, w = ConjugateGradient(float(first), flat_enough=flat_enough), np.zeros(1)
    update, search = rule.update(parabola(w)[1], None, w, parabola)
    assert [trial.step * search.direction[0] for trial in search.trials] == pytest.approx([0, *tried])
    assert search.accepted and update == pytest.approx(tried[-1])


@pytest.mark.parametrize(("first", "lowest"), [(0.05, 0.5), (1.02, 1.02), (100, 0)])
def test_when_the_evaluations_run_out_the_lowest_trial_is_taken(first, lowest):
    rule, w = ConjugateGradient(float(first), max_evaluations=2, flat_enough=0.001), np.zeros(1)
    update, search = rule.update(parabola(w)[1], None, w, parabola)
    assert len(search.trials) == 3 and not search.accepted and update == pytest.approx(lowest)


@pytest.mark.parametrize(("slope", "factor"), [(-4.0, 1), (-8.0, 2), (-4000.0, 10)])
def test_the_first_trial_is_at_most_ten_times_the_last_step(slope, factor):
    before = Trial(0.0, 2.0, slope, np.array([-3.0]))
    last = LineSearch(np.array([2.0]), (before,), Trial(0.01, 1.0, 0.0, np.array([-9.0])), True, True)
    _, search = ConjugateGradient().update(np.array([-2.0]), last, np.zeros(1), parabola)  # its slope is −4
    assert search.trials[1].step == pytest.approx(0.01 * factor)
    failed = LineSearch(np.array([2.0]), (before,), before, False, True)
    _, search = ConjugateGradient(0.1).update(np.array([-2.0]), failed, np.zeros(1), parabola)
    assert search.trials[1].step == pytest.approx(0.1 / 2)


@pytest.mark.parametrize(("gained", "enough"), [(7e-4, False), (9e-4, True)])
def test_a_flat_point_is_not_enough_where_the_cost_has_hardly_fallen(gained, enough):
    """Along d = 2, with a slope of −4, a step of 2 has to bring 1e-4 · 2 · 4 = 8e-4."""

    def shoulder(w):
        return (1 - gained, np.zeros(1)) if w[0] == 4 else parabola(w)

    _, search = ConjugateGradient(4.0).update(parabola(np.zeros(1))[1], None, np.zeros(1), shoulder)
    assert search.trials[1].step == 2 and (search.chosen is search.trials[1]) is enough
    assert search.accepted


CURVES = {
    "quartic": lambda w: (w - 1) ** 4 + 0.1 * w**2,
    "steep on one side": lambda w: np.exp(4 * (w - 1)) - 2 * w,
    "wavy": lambda w: (w - 1) ** 2 + 0.3 * np.cos(5 * w),
    "far": lambda w: np.sqrt(1 + (w - 30) ** 2),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("first", [0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0])
def test_a_search_over_any_smooth_curve_ends_in_a_valley_of_it(name, first):
    curve = CURVES[name]

    def objective(w):
        return float(curve(w)[0]), curve(w + 1e-30j).imag / 1e-30

    w = np.zeros(1)
    rule = ConjugateGradient(first, flat_enough=0.01, max_evaluations=20)
    update, search = rule.update(objective(w)[1], None, w, objective)
    cost, slope = objective(w + update)
    assert search.accepted and len(search.trials) <= 13
    assert cost < objective(w)[0] and abs(slope[0]) <= 0.01 * abs(objective(w)[1][0])


def cubic(valley, top):
    """Cost and slope of the cubic with these two flat points."""
    sign = np.sign(valley - top)
    p = sign * np.polynomial.Polynomial.fromroots([valley, top]).integ()
    return p, p.deriv()


def test_the_valley_of_a_cubic_is_found_from_two_points():
    rng = np.random.default_rng(0)
    for valley, top, *steps in rng.uniform(-3, 3, (200, 4)):
        cost, slope = cubic(valley, top)
        a, b = (Trial(step, cost(step), slope(step), None) for step in steps)
        assert a.step + _valley(a, b) * (b.step - a.step) == pytest.approx(valley, abs=1e-4)


def test_between_a_falling_point_and_a_higher_one_the_valley_lies_in_the_first_two_thirds():
    rng = np.random.default_rng(0)
    for higher, slope, other in zip(*rng.exponential(1, (2, 500)), rng.normal(0, 100, 500), strict=True):
        assert 0 < _valley(Trial(0.0, 0.0, -slope, None), Trial(1.0, higher, other, None)) < 2 / 3 + 1e-9


def test_where_there_is_no_valley():
    rising = Trial(0.0, 0.0, -1.0, None), Trial(1.0, -1.0, -1.0, None)  # a straight line
    assert _valley(*rising) == np.inf
    assert _valley(Trial(0.0, 0.0, -1.0, None), Trial(1.0, -4 / 3, -2.0, None)) == np.inf  # −t − t³/3
    assert _valley(rising[0], Trial(1.0, np.inf, np.inf, None)) == 0


@pytest.mark.parametrize(("valley", "goes_to"), [(1.05, 1.2), (3, 3), (9.5, 9.5), (50, 10)])
def test_beyond_is_the_valley_within_reason(valley, goes_to):
    a, b = (Trial(t, (t - valley) ** 2, 2 * (t - valley), None) for t in (0.0, 1.0))
    assert _beyond(a, b) == pytest.approx(goes_to)


def test_beyond_a_point_where_no_valley_is_ahead_is_far_out():
    cost, slope = cubic(-2, 0.5)  # its valley lies behind; at 1 it falls for good
    a, b = (Trial(t, cost(t), slope(t), None) for t in (0.6, 1.0))
    assert _valley(a, b) < 1 and _beyond(a, b) == 10


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
    """The best cost on 500 digits: ours, and SciPy's from the same start."""
    optimize = pytest.importorskip("scipy.optimize")
    data, rng = load_mnist().train[:500], np.random.default_rng(seed)
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


def test_from_four_starts_it_comes_about_as_low_as_scipy_in_100_evaluations_of_500_digits():
    """Single starts scatter fivefold either way. Straight downhill, or halving the line, is 6 times worse."""
    ours, scipys = np.mean([cost_after_100_evaluations(seed) for seed in range(4)], axis=0)
    assert ours <= 1.5 * scipys


@pytest.mark.parametrize(
    ("g", "before", "direction", "expected"),
    [
        ([0.0, 1.0], [1.0, 0.0], [-1.0, 0.0], ([-1.0, -1.0], False)),  # β = 1
        ([0.5, 0.0], [1.0, 0.0], [-1.0, -0.2], ([-0.5, 0.0], True)),  # β = −1/4, though still downhill
        ([1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], ([-1.0, 0.0], True)),  # β = 0: nothing to keep
        ([0.0, 1.0], [1.0, 0.0], [0.0, 5.0], ([0.0, -1.0], True)),  # β = 1, but uphill
        ([0.0, 1.0], [1.0, 0.0], [-1.0, 1.0], ([0.0, -1.0], True)),  # β = 1, but level
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
