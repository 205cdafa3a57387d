"""Residual networks: by hand, which layers are blocks, and what a block hands on."""

import copy
import pickle

import numpy as np
import pytest

from lessons_lib import Network, backprop, forward, relu, sigmoid, softmax
from lessons_lib.engine.residual import ResidualNetwork


def random(sizes, **options):
    return ResidualNetwork.random(sizes, rng=np.random.default_rng(0), **options)


def test_by_hand():
    """The 2-2-1 network of test_propagation.py, whose hidden layer now adds its input x = (1, 2)."""
    L = np.log(3)
    net = ResidualNetwork(np.array([L, 0, L, -L, 0, 0, L, L, -L]), (2, 2, 1))
    trace = forward(net, np.array([[1.0, 2.0]]))
    np.testing.assert_allclose(trace.a[1], [[1 + 3 / 4, 2 + 1 / 4]])
    np.testing.assert_allclose(trace.z[1], [[3 * L]])
    out = 27 / 28  # σ(3 ln 3)
    last = 2 * (out - 1) * out * (1 - out)
    grad = backprop(net, trace, np.array([[1.0]]))
    np.testing.assert_allclose(grad.deltas[0], [[last * L * 3 / 16] * 2])
    np.testing.assert_allclose(net.split(grad.mean())[1][0], [[last * 7 / 4, last * 9 / 4]])


def test_blocks_are_hidden_layers_as_wide_as_the_one_before():
    gains = random((4, 4, 5, 5, 5)).gains
    assert gains == (1.0, None, 1.0, None), "the first may add the inputs, the last never"
    assert random((4, 3, 4)).gains == (None, None) and random((4, 4)).gains == (None,)


def test_without_blocks_it_is_a_plain_network():
    net, x, y = random((4, 3, 5, 2), dtype=np.float64), np.ones((6, 4)), np.zeros((6, 2))
    plain = Network(net.params, net.sizes)
    ours, theirs = (backprop(n, forward(n, x), y).mean() for n in (net, plain))
    np.testing.assert_allclose(ours, theirs, atol=1e-15)


def test_a_block_with_gain_0_hands_its_input_and_its_slope_on():
    net = random((4, 3, 3, 2), dtype=np.float64).with_gains([None, 0.0, None])
    (W0, b0, _), _, (W2, b2, _) = net.layers
    without = Network(np.concatenate([W0.ravel(), b0, W2.ravel(), b2]), (4, 3, 2))
    x, y = np.random.default_rng(1).random((5, 4)), np.zeros((5, 2))
    trace, expected = forward(net, x), forward(without, x)
    np.testing.assert_array_equal(trace.output, expected.output)
    ours, theirs = backprop(net, trace, y).deltas, backprop(without, expected, y).deltas
    np.testing.assert_allclose(ours[0], theirs[0], atol=1e-15)
    assert not ours[1].any()


def test_variants_keep_the_kind_and_the_gains():
    net = random((4, 4, 4, 2), activation=relu, output=softmax).with_gains([0.5, 2.0, None])
    for other in (
        net.with_params(np.zeros(net.n_params)),
        net.with_activations([sigmoid, sigmoid, softmax]),
        copy.deepcopy(net),
        pickle.loads(pickle.dumps(net)),
    ):
        assert type(other) is ResidualNetwork and other.gains == net.gains and other.sizes == net.sizes
    with pytest.raises(AttributeError):
        net.gains = ()


def test_pixels_are_added_as_0_to_1():
    pixels, y = np.array([[0, 51], [255, 102]], np.uint8), np.ones((2, 1))
    net = random((2, 2, 1))
    counts, floats = forward(net, pixels), forward(net, (pixels / 255).astype(np.float32))
    np.testing.assert_allclose(counts.output, floats.output, rtol=1e-6)
    np.testing.assert_allclose(*(backprop(net, trace, y).mean() for trace in (counts, floats)), rtol=1e-5)
