"""How well each rule learns to read: real MNIST, the documented defaults, the figures the lessons rely on."""

import numpy as np
import pytest

from lessons_lib import SGD, Network, evaluate, load_mnist, train
from lessons_lib.engine.optimizers import (
    Adam,
    EntropyScaledMomentum,
    GradientPCA,
    Momentum,
    Nesterov,
    RMSProp,
)
from lessons_lib.engine.regularizers import Dropout, LayerFreezing, StochasticDepth
from lessons_lib.runs.stages import stages


def accuracy(rule, *, epochs, batch_size=100, seed=0, sizes=(784, 16, 16, 10), **options):
    """On the test images, after training on all of the others."""
    rng = np.random.default_rng(seed)
    net = Network.random(sizes, rng=rng)
    for step in train(
        net, load_mnist().train, rule, rng=rng, epochs=epochs, batch_size=batch_size, **options
    ):
        assert step.diverged is None
    return evaluate(step.net, load_mnist().test).accuracy


def test_sgd_one_epoch_by_tens():
    assert accuracy(SGD(0.7), epochs=1, batch_size=10) >= 0.91


def test_sgd_twenty_epochs_by_hundreds():
    """As the lessons train; their file, if there is one, is of this very code."""
    assert evaluate(stages(load_mnist().train)["trained"], load_mnist().test).accuracy >= 0.945


@pytest.mark.parametrize(
    "rule", [Momentum(), Nesterov(), RMSProp(), Adam()], ids=lambda rule: type(rule).__name__
)
def test_five_epochs_at_the_defaults(rule):
    """Measured: 93.8 to 94 %. Single runs scatter by about 0.3 %."""
    assert accuracy(rule, epochs=5, seed=1) >= 0.93


@pytest.mark.parametrize(
    "rule", [GradientPCA(), EntropyScaledMomentum()], ids=lambda rule: type(rule).__name__
)
def test_two_epochs_along_a_few_directions(rule):
    """Momentum without the entropy reaches 75 %; one direction alone, or centred ones, under 20 %."""
    assert accuracy(rule, epochs=2) >= 0.88


def test_freezing_one_layer_at_random_costs_little():
    """All layers learning: 92.8 %; two of three frozen at a time: 90.4 %."""
    assert accuracy(SGD(), epochs=2, regularizers=[LayerFreezing("random")]) >= 0.915


def test_freezing_the_first_layer_costs_a_lot():
    assert accuracy(SGD(), epochs=2, regularizers=[LayerFreezing((0,))]) <= 0.7


def test_dropout_trains_but_hurts_so_small_a_network():
    dropped = {rate: accuracy(SGD(), epochs=2, regularizers=[Dropout(rate)]) for rate in (0.05, 0.5)}
    assert dropped[0.05] >= 0.9 and dropped[0.5] <= dropped[0.05] - 0.1


def test_stochastic_depth_trains_what_is_too_deep_without_residual_layers():
    deep = (784, 16, 16, 16, 16, 16, 10)
    assert accuracy(SGD(0.5), epochs=2, sizes=deep) <= 0.2
    assert accuracy(SGD(0.5), epochs=2, sizes=deep, regularizers=[StochasticDepth()]) >= 0.88
