"""Whoever waits for a training hears how far it is, and the training is the same."""

import math

import numpy as np
import pytest

from lessons_lib import SGD, Network, train
from lessons_lib.engine import telling


@pytest.fixture
def heard(monkeypatch):
    shares = []
    monkeypatch.setattr(telling, "listeners", {shares.append})
    monkeypatch.setattr(telling, "EVERY", 0)
    return shares


def trained(epochs, steps=None):
    rng = np.random.default_rng(0)
    x = rng.random((25, 3))
    net = Network.random((3, 4, 1), rng=rng)
    run = train(net, (x, x[:, :1]), SGD(0.5), batch_size=10, epochs=epochs, rng=rng)
    return [step.net.params.copy() for step, _ in zip(run, range(steps or 1000), strict=False)]


def test_the_share_that_is_done_is_told(heard):
    trained(epochs=4)  # of three steps each
    assert np.allclose(heard, np.arange(12) / 12)


def test_listening_changes_no_step(heard):
    with_listener = trained(epochs=2)
    telling.listeners.clear()
    assert np.array_equal(with_listener, trained(epochs=2))


def test_of_an_endless_training_no_share_is_told(heard):
    trained(epochs=math.inf, steps=5)
    assert not heard
