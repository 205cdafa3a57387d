"""The network: one vector, views into it, addresses that invert, and what it refuses."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons_lib import Network, relu, sigmoid, softmax, tanh

sizes_of_networks = st.lists(st.integers(1, 6), min_size=2, max_size=5)


def random(sizes=(3, 4, 2), seed=0, **options):
    return Network.random(sizes, rng=np.random.default_rng(seed), **options)


def test_the_readers_network_has_13_002_parameters():
    net = random((784, 16, 16, 10))
    assert net.n_params == 13_002 == 784 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10
    assert [W.shape for W in net.weights] == [(16, 784), (16, 16), (10, 16)]
    assert [b.shape for b in net.biases] == [(16,), (16,), (10,)]


def test_parameters_are_stored_layer_by_layer_weights_then_biases():
    net = Network(np.arange(17.0), (3, 2, 3))
    np.testing.assert_array_equal(net.weights[0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(net.biases[0], [6, 7])
    np.testing.assert_array_equal(net.weights[1], [[8, 9], [10, 11], [12, 13]])
    np.testing.assert_array_equal(net.biases[1], [14, 15, 16])
    assert all(np.shares_memory(part, net.params) for part in (*net.weights, *net.biases))


def test_a_network_never_changes():
    source = np.zeros(17)
    net = Network(source, (3, 2, 3))
    source[:] = 1
    assert not net.params.any()
    for array in (net.params, net.weights[0], net.biases[1]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    for name in ("params", "sizes", "activations", "weights", "biases", "layers", "dtype", "n_params"):
        with pytest.raises(AttributeError):
            setattr(net, name, getattr(net, name))


def test_with_params_keeps_everything_but_the_numbers():
    net = random((4, 4, 4, 2), activation=tanh, output=softmax)
    for copied in (True, False):
        other = net.with_params(np.ones(net.n_params), copy=copied)
        assert (other.params == 1).all() and other.sizes == net.sizes
        assert other.activations == (tanh, tanh, softmax) and not (net.params == 1).any()


def test_with_activations_keeps_everything_but_the_functions():
    net = random((4, 4, 2))
    other = net.with_activations([relu, softmax])
    assert [f for _, _, f in other.layers] == [relu, softmax] and other.activations == (relu, softmax)
    assert np.shares_memory(other.params, net.params) and net.activations == (sigmoid, sigmoid)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_is_a_whole_network_that_never_changes_either(again):
    net = random((3, 4, 2), activation=relu, output=softmax)
    other = again(net)
    assert type(other) is Network and other is not net and other != net
    np.testing.assert_array_equal(other.params, net.params)
    assert (other.sizes, other.activations) == (net.sizes, net.activations)
    assert all(np.shares_memory(part, other.params) for part in (*other.weights, *other.biases))
    with pytest.raises(ValueError, match="read-only"):
        other.weights[0][0] = 1


def test_without_a_copy_the_network_follows_its_vector():
    params = np.zeros(17)
    net = Network(params, (3, 2, 3)).with_params(params, copy=False)
    params[0] = 5
    assert net.weights[0][0, 0] == 5


@given(sizes_of_networks)
def test_every_address_inverts_and_names_the_right_number(sizes):
    net = Network(np.arange(sum(n * (m + 1) for m, n in pairwise(sizes)), dtype=float), sizes)
    for i in range(net.n_params):
        address = net.address(i)
        assert net.index(*address) == i
        if address.kind == "weight":
            assert net.weights[address.layer][address.to_neuron, address.from_neuron] == i
        else:
            assert net.biases[address.layer][address.to_neuron] == i and address.from_neuron is None


def test_addresses_that_do_not_exist():
    net = random()
    for index in (-1, net.n_params):
        with pytest.raises(ValueError, match=f"index is {index}; expected 0 to {net.n_params - 1}"):
            net.address(index)
    wrong = [(2, "bias", 0), (0, "slope", 0, 0), (0, "bias", 0, 1), (0, "weight", 0), (0, "weight", 4, 0)]
    for address in [*wrong, (0, "weight", 0, 3), (0, "bias", 4), (0, "bias", -1)]:
        with pytest.raises(ValueError, match=r"expected|a weight has one|no connection"):
            net.index(*address)


@given(sizes_of_networks, st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_bits(sizes, seed):
    np.testing.assert_array_equal(random(sizes, seed).params, random(sizes, seed).params)
    assert random(sizes, seed).dtype == np.float32


def test_glorot_weights_lie_within_their_bound_and_biases_are_0():
    net = random((100, 50, 10))
    for W, b, total in zip(net.weights, net.biases, (150, 60), strict=True):
        bound = np.sqrt(6 / total)
        assert np.abs(W).max() <= bound and W.std() == pytest.approx(bound / np.sqrt(3), rel=0.1)
        assert not b.any()


def test_the_older_start_is_standard_normal():
    net = random((100, 50, 10), init="normal", dtype=np.float64)
    assert net.params.std() == pytest.approx(1, rel=0.05) and net.biases[0].any()
    assert net.dtype == np.float64


def test_the_output_may_have_another_activation():
    assert random(activation=relu).activations == (relu, relu)
    assert random(activation=relu, output=sigmoid).activations == (relu, sigmoid)


def test_printing():
    assert repr(random((784, 16, 10))) == "Network(784-16-10, sigmoid, 12,730 parameters)"
    assert repr(random(activation=relu, output=softmax)) == "Network(3-4-2, relu, 26 parameters)"


@pytest.mark.parametrize("sizes", [(3,), (), (3, 0, 2), (3, -1), (3, 2.5)])
def test_unusable_sizes(sizes):
    with pytest.raises(ValueError, match="expected two or more whole numbers of at least 1"):
        random(sizes)


def test_unusable_parameters():
    with pytest.raises(ValueError, match=r"shape \(16,\); sizes \(3, 2, 3\) need \(17,\)"):
        Network(np.zeros(16), (3, 2, 3))
    with pytest.raises(ValueError, match="expected floating-point"):
        Network(np.zeros(17, int), (3, 2, 3))
    with pytest.raises(ValueError, match="init is 'he'"):
        random(init="he")
