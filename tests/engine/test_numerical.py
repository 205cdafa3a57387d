"""Backprop against wiggling each parameter, by the complex step and central differences; and cosines."""

import numpy as np
import pytest

from lessons_lib import (
    Network,
    backprop,
    cross_entropy,
    forward,
    identity,
    numerical_gradient,
    relu,
    sigmoid,
    softmax,
    squared_error,
    tanh,
)
from lessons_lib.engine.numerical import cosine
from lessons_lib.engine.residual import ResidualNetwork


def problem(f, sizes, kind=Network, **options):
    rng = np.random.default_rng(1)
    net = kind.random(sizes, rng=rng, activation=f, dtype=np.float64, init="normal", **options)
    return net, rng.random((6, sizes[0])), np.eye(sizes[-1])[rng.integers(sizes[-1], size=6)]


def relative(ours, theirs):
    return np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)


@pytest.mark.parametrize("sizes", [(2, 3), (3, 8, 2), (4, 6, 6, 3)], ids=str)
@pytest.mark.parametrize("cost", [squared_error, cross_entropy], ids=repr)
@pytest.mark.parametrize("f", [sigmoid, tanh, relu, identity, softmax], ids=repr)
@pytest.mark.parametrize("kind", [Network, ResidualNetwork])
def test_backprop_is_what_wiggling_measures(f, cost, sizes, kind):
    net, x, y = problem(f, sizes, kind)
    ours = backprop(net, forward(net, x), y, cost=cost).mean()
    assert relative(ours, numerical_gradient(net, x, y, cost=cost, method="complex")) <= 1e-12
    assert relative(ours, numerical_gradient(net, x, y, cost=cost)) <= 1e-7


@pytest.mark.parametrize("method", ["central", "complex"])
def test_what_is_measured_are_real_numbers_also_with_a_whole_h_or_a_float32_network(method):
    net, x, y = problem(identity, (3, 2))  # the cost is a parabola, which central differences measure exactly
    exact = backprop(net, forward(net, x), y).mean()
    single = net.with_params(net.params.astype(np.float32))
    for measured in (
        numerical_gradient(net, x, y, method="central", h=1),
        numerical_gradient(single, x, y, method=method),
    ):
        assert measured.dtype == np.float64
        np.testing.assert_allclose(measured, exact, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("output", [sigmoid, softmax, identity], ids=repr)
@pytest.mark.parametrize("cost", [squared_error, cross_entropy], ids=repr)
def test_hidden_and_output_activations_may_differ(output, cost):
    net, x, y = problem(relu, (3, 5, 4, 3), output=output)
    ours = backprop(net, forward(net, x), y, cost=cost).mean()
    assert relative(ours, numerical_gradient(net, x, y, cost=cost, method="complex")) <= 1e-12


def test_stochastic_depths_testing_gain_is_part_of_the_slope():
    net, x, y = problem(tanh, (3, 4, 4, 4, 2))
    net = ResidualNetwork(net.params, net.sizes, tanh, gain=0.7)
    ours = backprop(net, forward(net, x), y).mean()
    assert relative(ours, numerical_gradient(net, x, y, method="complex")) <= 1e-12


def test_central_differences_err_by_truncation_and_by_rounding():
    net, x, y = problem(sigmoid, (3, 4, 2))
    exact = backprop(net, forward(net, x), y).mean()
    error = {h: relative(numerical_gradient(net, x, y, h=h), exact) for h in (1e-1, 1e-2, 1e-5, 1e-12)}
    assert error[1e-1] / error[1e-2] == pytest.approx(100, rel=0.1), "truncation falls with h²"
    assert error[1e-12] > 1e3 * error[1e-5], "below a good h, rounding takes over"


def test_only_the_parameters_asked_for():
    net, x, y = problem(sigmoid, (3, 4, 2))
    everything = numerical_gradient(net, x, y)
    np.testing.assert_array_equal(numerical_gradient(net, x, y, indices=[5, 0]), everything[[5, 0]])


def test_unusable_arguments():
    net, x, y = problem(sigmoid, (3, 4, 2))
    with pytest.raises(ValueError, match="method is 'forward'; expected 'central' or 'complex'"):
        numerical_gradient(net, x, y, method="forward")
    for h in (0, -1, np.nan):
        with pytest.raises(ValueError, match="expected a positive wiggle"):
            numerical_gradient(net, x, y, h=h)


@pytest.mark.parametrize(
    ("v", "expected"), [([1, 0], 1), ([-3, 0], -1), ([0, 2], 0), ([0, 0], 0), ([3, 3], 0.5**0.5)]
)
def test_cosine(v, expected):
    u, v = np.array([2.0, 0.0]), np.array(v, float)
    assert cosine(u, v) == cosine(v, u) == pytest.approx(expected)
    assert cosine(u[:, None], v[:, None]) == pytest.approx(expected)
