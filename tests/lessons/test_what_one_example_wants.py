"""Lesson 03: the nudges, the ten biases and the three avenues, without a browser."""

import numpy as np
import pytest

from lessons_lib import forward, load_mnist, panels, sigmoid, squared_error
from lessons_lib.runs.stages import stages


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test[:200]


@pytest.fixture(scope="module")
def nets(digits):
    return stages(load_mnist().train[:5000], epochs={"untrained": 0, "after one epoch": 1, "trained": 3})


def test_arrows_are_twice_as_long_as_the_outputs_are_off(nets, digits):
    panel = panels.nudges(nets, digits, stage="trained", image=3)
    output = forward(nets["trained"], digits[3].pixels).output[0]
    tips = [arrow.get_xy()[3, 1] for arrow in panel.arrows.arrows]
    assert np.allclose(tips, 2 * (digits[3].y[0] - output), atol=1e-6)


@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_a_small_step_serves_the_image_it_was_made_for(nets, digits, rate):
    panel = panels.nudges(nets, digits, image=5, learning_rate=rate)
    assert panel.result.cost_after < panel.result.cost
    assert f"to {panel.result.cost_after:.3f}" in panel.sentence


def test_no_step_changes_nothing(nets, digits):
    panel = panels.nudges(nets, digits, stage="trained", learning_rate=0.01)
    assert panel.result.accuracy == pytest.approx(panel.result.accuracy_after, abs=0.02)


@pytest.mark.parametrize("stage", ["untrained", "after one epoch"])
def test_the_biases_change_as_wiggling_each_of_them_says(nets, digits, stage):
    panel = panels.ten_biases(nets, digits, stage=stage, image=8)
    net = nets[stage].with_params(nets[stage].params.astype(float))
    z, h = forward(net, digits[8].pixels).z[-1], 1e-5
    wiggled = [
        squared_error(sigmoid(z + sign * step), digits[8].y) for step in h * np.eye(10) for sign in (1, -1)
    ]
    measured = -np.subtract(wiggled[::2], wiggled[1::2]) / (2 * h)
    assert np.allclose(panel.result.changes, measured, atol=1e-4)
    assert np.allclose(panel.result.nudges * panel.result.slopes, measured, atol=1e-4)
    slopes, changes = panel.rows[1:]
    shown = [arrow.get_xy()[3, 1] for arrow in changes.arrows]
    assert np.allclose(shown, measured, atol=1e-4)
    assert np.allclose([bar.get_height() for bar in slopes.bars], panel.result.slopes)


def test_the_largest_nudge_need_not_be_the_largest_change(nets, digits):
    panel = panels.ten_biases(nets, digits, stage="untrained")
    seen = set()
    for image in range(len(digits)):
        panel.state = {"image": image}
        same = np.abs(panel.result.nudges).argmax() == np.abs(panel.result.changes).argmax()
        assert ("No other bias changes more" in panel.sentence) == same
        assert "-" not in panel.sentence and "nan" not in panel.sentence
        seen.add(bool(same))
    assert seen == {True, False}


@pytest.mark.parametrize("stage", ["untrained", "trained"])
def test_the_budget_is_worth_what_a_real_change_of_that_length_brings(nets, digits, stage):
    panel = panels.three_avenues(nets, digits, stage=stage, image=2, neuron=4, budget=0.3)
    trace = forward(nets[stage], digits[2].pixels)
    before, w, b = trace.a[-2][0], nets[stage].weights[-1][4], nets[stage].biases[-1][4]
    by_bias = sigmoid(w @ before + b + 0.3)
    by_weights = sigmoid((w + 0.3 * before / np.linalg.norm(before)) @ before + b)
    by_activations = sigmoid(w @ (before + 0.3 * w / np.linalg.norm(w)) + b)
    assert np.allclose(panel.result.raised, [by_bias, by_weights, by_activations], atol=1e-5)
