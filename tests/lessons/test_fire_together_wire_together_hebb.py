"""Hebb's and Oja's rules: by hand, against backprop, and what Oja showed of his."""

import numpy as np
import pytest

from lessons_lib import Network, backprop, forward
from lessons_lib.lessons.fire_together_wire_together.hebb import RULES


@pytest.fixture
def layer():
    """One layer of sigmoid neurons, five examples: (net, a, y, out)."""
    rng = np.random.default_rng(0)
    net = Network.random((6, 3), rng=rng, dtype=np.float64)
    a, y = rng.random((5, 6)), np.eye(3)[[0, 1, 2, 1, 0]]
    return net, a, y, forward(net, a).output


def test_the_backprop_rule_is_backprop(layer):
    net, a, y, out = layer
    gradient = backprop(net, forward(net, a), y).mean()
    change = RULES["backprop"].change(out, y, a, net.weights[0])
    assert np.allclose(change, -net.split(gradient)[0][0])


@pytest.mark.parametrize("name", RULES)
def test_each_rule_example_by_example(layer, name):
    net, a, y, out = layer
    after = {"plain Hebb": out, "Oja": out, "backprop": 2 * (y - out) * out * (1 - out)}.get(name, y)
    W = net.weights[0]
    expected = np.zeros_like(W)
    for n, i, j in np.ndindex(5, 3, 6):
        kept = after[n, i] * W[i, j] if "Oja" in name else 0.0
        expected[i, j] += after[n, i] * (a[n, j] - kept) / 5
    assert np.allclose(RULES[name].change(out, y, a, W), expected)


def test_oja_rests_where_the_weights_are_the_activation_over_the_output():
    a, out = np.array([[0.2, 0.6]]), np.array([[0.5]])
    assert np.allclose(RULES["Oja"].change(out, None, a, a / out), 0)


def test_oja_with_the_label_comes_to_rest_at_the_mean_image_of_the_class(layer):
    _, a, y, out = layer
    means = y.T @ a / y.sum(axis=0)[:, None]
    assert np.allclose(RULES["Oja with the label"].change(out, y, a, means), 0)
