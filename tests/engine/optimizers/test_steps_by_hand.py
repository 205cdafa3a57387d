"""The first two steps of every rule, worked by hand on one or two numbers."""

import numpy as np
import pytest

from lessons_lib.engine.optimizers import (
    SGD,
    Adam,
    ConjugateGradient,
    EntropyScaledMomentum,
    GradientPCA,
    Momentum,
    Nesterov,
    RMSProp,
)
from lessons_lib.engine.optimizers.descent import flushed


def steps(rule, *gradients):
    """The updates for these gradients, one after the other; the parameters do not matter."""
    w = np.zeros(np.shape(gradients[0])[-1])
    state, updates = rule.init(w), []
    for g in gradients:
        update, state = rule.update(np.array(g, float), state, w)
        updates.append(update)
    return np.array(updates)


def test_sgd():
    np.testing.assert_allclose(steps(SGD(0.5), [4, -2], [1, 0]), [[-2, 1], [-0.5, 0]])


def test_momentum():  # v = 4, then 0.9 · 4 + 1 = 4.6
    np.testing.assert_allclose(steps(Momentum(0.5, 0.9), [4], [1]), [[-2], [-2.3]])


def test_nesterov():  # g + μv = 4 + 0.9 · 4 = 7.6, then 1 + 0.9 · 4.6 = 5.14
    np.testing.assert_allclose(steps(Nesterov(0.5, 0.9), [4], [1]), [[-3.8], [-2.57]])


def test_rmsprop():  # s = 0.25 · 16 = 4, then 0.75 · 4 + 0.25 · 4 = 4
    np.testing.assert_allclose(steps(RMSProp(0.1, decay=0.75), [4], [2]), [[-0.2], [-0.1]], rtol=1e-7)


def test_epsilon_is_added_to_the_root():  # √s = √(0.25 · 64) = 4; Adam's ŝ is 64
    np.testing.assert_allclose(steps(RMSProp(0.1, decay=0.75, epsilon=2.0), [8]), [[-0.1 * 8 / (4 + 2)]])
    np.testing.assert_allclose(steps(Adam(0.1, epsilon=2.0), [8]), [[-0.1 * 8 / (8 + 2)]])


def test_adam():
    # m = 0.5 · 4 = 2, m̂ = 2 / 0.5 = 4; s = 0.25 · 16 = 4, ŝ = 4 / 0.25 = 16: step 0.1 · 4 / 4.
    # m = 0.5 · 2 + 0.5 · 1 = 1.5, m̂ = 1.5 / 0.75 = 2; s = 0.75 · 4 + 0.25 = 3.25, ŝ = 3.25 / 0.4375 = 52/7.
    rule = Adam(0.1, beta1=0.5, beta2=0.75)
    np.testing.assert_allclose(steps(rule, [4], [1]), [[-0.1], [-0.2 / np.sqrt(52 / 7)]], rtol=1e-7)


def test_gradient_pca():
    # The first axis carries 9 + 9 of the rows' 18 + 2, the second 2: at 90 % only the first is left.
    rows = [[3, 1], [3, -1]]
    np.testing.assert_allclose(steps(GradientPCA(1.0, keep=0.9), rows, rows), [[-3, 0], [-3, 0]], atol=1e-12)
    # Here the second axis carries 8 of 10, and on it the rows cancel: the consensus is projected away.
    quarrel = [[1, 2], [1, -2]]
    np.testing.assert_allclose(steps(GradientPCA(1.0, keep=1), quarrel), [[0, 0]], atol=1e-12)
    np.testing.assert_allclose(steps(GradientPCA(1.0, keep=2), quarrel), [[-1, 0]], atol=1e-12)


def test_centred_gradient_pca_throws_the_consensus_away():
    rows = [[3, 1], [3, -1]]  # centred, only (0, ±1) is left, and the mean (3, 0) has no part along it
    np.testing.assert_allclose(steps(GradientPCA(1.0, keep=1, centred=True), rows), [[0, 0]], atol=1e-12)


SHARED, OWNED = [[3, 0], [3, 0]], [[0, 2], [0, 0]]


@pytest.mark.parametrize(
    ("scale", "second"),
    [
        (
            "entropy",
            -0.5 * 3 - 3,
        ),  # all use the direction alike: H = 1, so the velocity of 3 decays by μ = 0.5
        ("inverse", -3),  # 1 − H = 0: the velocity is forgotten
        ("none", -0.5 * 3 - 3),
    ],
)
def test_entropy_scaled_momentum_along_a_shared_direction(scale, second):
    rule = EntropyScaledMomentum(1.0, momentum=0.5, scale=scale)
    np.testing.assert_allclose(steps(rule, SHARED, SHARED), [[-3, 0], [second, 0]], atol=1e-12)


@pytest.mark.parametrize(("scale", "second"), [("entropy", -1), ("inverse", -1.5), ("none", -1.5)])
def test_entropy_scaled_momentum_along_a_direction_one_example_owns(scale, second):
    rule = EntropyScaledMomentum(1.0, momentum=0.5, scale=scale)  # H = 0; the mean load is 1
    np.testing.assert_allclose(steps(rule, OWNED, OWNED), [[0, -1], [0, second]], atol=1e-12)


def test_velocity_outside_the_directions_decays_by_mu():
    rule = EntropyScaledMomentum(1.0, momentum=0.5)
    np.testing.assert_allclose(steps(rule, SHARED, OWNED), [[-3, 0], [-1.5, -1]], atol=1e-12)


def test_each_example_keeps_its_top_directions():
    rows = [[3, 1, 0], [3, -1, 0], [0, 0, 4], [0, 2, 4]]
    everything = steps(EntropyScaledMomentum(1.0, keep=1.0, top=3), rows)
    np.testing.assert_allclose(everything, [-np.mean(rows, axis=0)], atol=1e-12)
    _, _, V = np.linalg.svd(np.array(rows, float))
    loads = np.array(rows) @ V.T
    kept = np.where(np.abs(loads) == np.abs(loads).max(axis=1, keepdims=True), loads, 0)
    np.testing.assert_allclose(
        steps(EntropyScaledMomentum(1.0, keep=1.0, top=1), rows), [-(kept.mean(axis=0) @ V)], atol=1e-12
    )


def test_conjugate_gradient():
    """On a quadratic with H = diag(1, 2), from (2, 1): g = (2, 2), and the cubic finds each line's minimum.

    Along −g the best step is g·g / g·Hg = 8 / 12: to (2/3, −1/3), where g = (2/3, −2/3). Then
    β = g · (g − g_before) / |g_before|² = (8/9) / 8 = 1/9, so d = −g + β (−2, −2) = (−8/9, 4/9), and a step
    of 3/4 ends at the minimum.
    """
    H = np.array([1.0, 2.0])
    objective = lambda w: (w @ (H * w) / 2, H * w)  # noqa: E731
    rule, w = ConjugateGradient(first_step=0.1), np.array([2.0, 1.0])
    first, state = rule.update(H * w, rule.init(w), w, objective)
    np.testing.assert_allclose(first, [-4 / 3, -4 / 3])
    assert state.restarted and state.accepted and state.chosen is state.trials[-1]
    w = w + first
    second, state = rule.update(H * w, state, w, objective)
    np.testing.assert_allclose(state.direction, [-8 / 9, 4 / 9])
    assert not state.restarted
    np.testing.assert_allclose(w + second, [0, 0], atol=1e-12)


@pytest.mark.parametrize(
    "rule",
    [
        Momentum(momentum=0.5),
        Nesterov(momentum=0.5),
        RMSProp(decay=0.5),
        Adam(beta1=0.5, beta2=0.5),
        EntropyScaledMomentum(momentum=0.5),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_what_decays_ends_at_0_without_denormal_numbers_on_the_way(rule):
    w = np.zeros(2, np.float32)
    _, state = rule.update(np.ones(2, np.float32), rule.init(w), w)
    for _ in range(300):
        _, state = rule.update(np.zeros(2, np.float32), state, w)
        for average in state[1:] if isinstance(state, tuple) else [state]:
            assert not np.any((average != 0) & (np.abs(average) < np.finfo(np.float32).tiny))
    assert not average.any()


def test_flushing_changes_no_number_that_matters():
    v = np.array([1.0, -2.0, 3e-15, 1e-33, -1e-40, 0.0], np.float32)
    assert flushed(v) is v
    np.testing.assert_allclose(v, [1.0, -2.0, 3e-15, 0.0, 0.0, 0.0], rtol=1e-6)
