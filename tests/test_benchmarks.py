"""What `make bench` compares with does the same work: an epoch of each gives the parameters of `train`."""

import sys
from pathlib import Path

import numpy as np
import pytest

from lessons_lib import SGD, Network, load_mnist, train

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.beginners import ByExample, Scalars
from benchmarks.flat_loop import FlatLoop

RATE = 0.5


@pytest.fixture(scope="module")
def data():
    return load_mnist().train[:1_000]


@pytest.fixture(scope="module")
def net():
    return Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))


def trained(net, data, batch_size):
    for step in train(net, data, SGD(RATE), batch_size=batch_size, rng=np.random.default_rng(1)):
        pass
    return step.net.params


@pytest.mark.parametrize("batch_size", [1, 10, 100, 300, 450, 1_000])
def test_the_flat_loop_is_the_same_training(net, data, batch_size):
    loop = FlatLoop(net, data.pixels, np.array(data.y), RATE, batch_size)
    loop.epoch(np.random.default_rng(1))
    np.testing.assert_allclose(loop.params, trained(net, data, batch_size), atol=1e-5)


def test_an_example_at_a_time_is_the_same_training(net, data):
    some = data[:30]
    loop = ByExample(net, some.x, some.y, RATE)
    loop.epoch(10, np.random.default_rng(1))
    np.testing.assert_allclose(loop.params, trained(net, some, 10), atol=1e-6)


def test_a_number_at_a_time_is_the_same_training(net, data):
    some = data[:2]
    loop = Scalars(net, np.array(some.x), np.array(some.y), RATE)
    loop.step()
    np.testing.assert_allclose(loop.params, trained(net, some, 2), atol=1e-6)
