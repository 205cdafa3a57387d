"""Lesson 09: the paths down a ravine, and a network's own, without a browser."""

import numpy as np
import pytest

from lessons_lib import SGD, Network, evaluate, load_mnist, panels, train
from lessons_lib.data.surfaces import Ravine
from lessons_lib.engine.optimizers import Momentum, Nesterov
from lessons_lib.lessons.momentum.network_ravine import STEPS, bent, curvatures
from lessons_lib.lessons.momentum.ravine_walks import (
    contraction,
    largest_rate,
    largest_rate_nesterov,
    level_lines,
)


@pytest.fixture
def ravine():
    panel = panels.ravine_walks()
    yield panel
    panel.close()


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


def test_a_rule_that_was_thrown_out_has_no_cost_but_a_time(ravine):
    ravine.apply("All thrown out")
    spent = ravine.result.walks["plain descent"].spent[-1]
    assert spent < 40 and f"plain descent thrown out after {spent}, momentum thrown out" in ravine.sentence


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


# The network's own ravine


@pytest.fixture(scope="module")
def digits():
    return load_mnist().train[:200]


@pytest.fixture
def small(digits):
    """A network whose last layer is so small that its second derivatives can be written down."""
    return Network.random((784, 2, 10), rng=np.random.default_rng(1))


def hessian_of_the_last_layer(net, digits, h=1e-3):
    """Second derivatives of the cost for the last 30 parameters, from costs alone."""
    n, wiggles = 30, np.zeros((30, net.n_params))
    wiggles[:, -n:] = h * np.eye(n)
    exact = net.with_params(net.params.astype(float))

    def cost(v):
        return evaluate(exact.with_params(exact.params + v), digits).cost

    return np.array(
        [[cost(a + b) - cost(a - b) - cost(b - a) + cost(-a - b) for a in wiggles] for b in wiggles]
    ) / (4 * h * h)


def test_how_the_gradient_bends_is_the_hessian_times_the_direction(small, digits):
    H = hessian_of_the_last_layer(small, digits)
    for k in (0, 7, 19, 29):
        v = np.zeros(small.n_params)
        v[k - 30] = 1
        assert np.allclose(bent(small, digits, v)[-30:], H[k], atol=1e-4)


def test_no_direction_is_steeper_than_the_steepest(small, digits):
    found = curvatures(small, digits)
    assert np.linalg.norm(found.steepest) == pytest.approx(1)
    assert found.largest >= np.linalg.eigvalsh(hessian_of_the_last_layer(small, digits)).max() * 0.99
    assert np.linalg.norm(bent(small, digits, found.steepest)) == pytest.approx(found.largest, rel=0.02)
    assert 0 < found.mean < found.largest / 50


def test_the_rules_walk_as_training_does(digits):
    nets = {"new": Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))}
    panel = panels.network_ravine(nets, digits, plain_rate=3.0, momentum_rate=0.3)
    result = panel.run_to_end()
    for name, rule in (("plain descent", SGD(3.0)), ("momentum", Momentum(0.3, 0.9))):
        rng = np.random.default_rng(0)
        for step in train(nets["new"], digits, rule, batch_size=200, epochs=STEPS, rng=rng):
            pass
        assert result.costs[name][-1] == pytest.approx(evaluate(step.net, digits).cost, rel=1e-3)
        assert panel.lines[name].get_ydata()[-1] == result.costs[name][-1]
    assert f"safe up to a rate of {2 / result.found.largest:.2g}" in panel.sentence
    places = [text.get_position() for text in panel.ends.values()]
    assert min(x for x, _ in places) > STEPS  # past the ends of both curves, and one above the other
    assert abs(np.diff(np.log([y for _, y in places]))[0]) > 0.06 * np.ptp(np.log(panel.graph.get_ylim()))
    assert panel.curves["a random one"].get_ydata()[8] == pytest.approx(result.costs["momentum"][0])
    panel.close()
