"""Lesson 05: the table of wishes and the way back, without a browser."""

import numpy as np
import pytest

from lessons_lib import Network, backprop, forward, load_mnist, panels, squared_error
from lessons_lib.lessons.passing_wishes_backward.step_back import steps_back
from lessons_lib.lessons.passing_wishes_backward.wishes import Toggles
from lessons_lib.runs.stages import stages


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test[:200]


@pytest.fixture(scope="module")
def nets():
    return stages(load_mnist().train[:5000], epochs={"untrained": 0, "after one epoch": 3, "trained": 10})


@pytest.fixture
def table(nets, digits):
    panel = panels.wishes(nets, digits, stage="after one epoch", image=8)
    yield panel
    panel.close()


@pytest.fixture
def back(nets, digits):
    panel = panels.step_back(nets, digits, stage="after one epoch", image=8)
    yield panel
    panel.close()


def wiggled_cost(net, layer, a, y):
    """The cost as a function of the activations that go into `layer`, with what comes before cut off."""
    rest = [
        np.concatenate([W.ravel(), b]) for W, b in zip(net.weights[layer:], net.biases[layer:], strict=True)
    ]
    return squared_error(forward(Network(np.concatenate(rest), net.sizes[layer:]), a).output, y)


def measured_nudges(net, layer, one):
    """The nudges of the neurons before `layer`, by wiggling each of them."""
    net = Network(net.params.astype(float), net.sizes)
    a, h = forward(net, one.pixels).a[layer], 1e-5
    costs = [[wiggled_cost(net, layer, a + s * w, one.y) for s in (1, -1)] for w in h * np.eye(a.shape[1])]
    return np.array([-(up - down) / (2 * h) for up, down in costs])


def test_the_nudge_is_what_wiggling_a_hidden_neuron_measures(table, nets, digits):
    assert np.allclose(table.result.nudge, measured_nudges(nets["after one epoch"], 2, digits[8]), atol=1e-4)


def test_the_last_row_is_backprops_delta(table, nets, digits):
    net = nets["after one epoch"]
    delta = backprop(net, forward(net, digits[8].pixels), digits[8].y).deltas[1][0]
    assert np.allclose(table.result.passed_on, -delta, atol=1e-6)
    assert np.allclose(table.rows["d"].image.get_array()[0], -delta, atol=1e-6)
    assert table.rows["s"].texts[0].get_text() == f"{table.result.slope[0]:.2f}"  # no sign: it is no wish


def test_silenced_rows_leave_the_sum_and_the_picture(table):
    table.state = {"heard": (5, 6), "neuron": 3}
    asked = table.result.asked
    assert np.allclose(table.result.nudge, asked[5] + asked[6])
    assert np.flatnonzero(np.asarray(table.table.image.get_array()).any(axis=1)).tolist() == [5, 6]
    assert "2 of 10 outputs are heard" in table.sentence
    sum_ = f"{table.result.nudge[3]:+.3f}".replace("-", "−")
    assert f"The nudge of hidden neuron 3 is the sum, {sum_}" in table.sentence


def test_a_button_silences_an_output_and_hears_it_again(table):
    button = table.inputs["heard"].buttons[6]
    button.value = False
    assert table.state["heard"] == (0, 1, 2, 3, 4, 5, 7, 8, 9) and not table.result.heard[6]
    button.value = True
    assert np.allclose(table.result.nudge, table.result.full)


def test_clicks_silence_outputs_and_choose_neurons(table):
    axes = table.table.image.axes
    table.live.point("click", axes, -1.0, 4.5)
    assert 4 not in table.state["heard"]
    table.live.point("click", axes, -1.0, 4.5)
    assert table.state["heard"] == tuple(range(10))
    table.live.point("click", axes, 9.5, 11.0)
    assert table.state["neuron"] == 9 and table.column.get_x() == 9


def test_nobody_heard_is_no_nudge(table):
    table.apply("Nobody")
    assert not table.result.nudge.any() and "0 of 10" in table.sentence


def test_toggles_report_once_for_each_change():
    toggles, seen = Toggles(4, description="Rows", tooltip="Row"), []
    toggles.observe(lambda change: seen.append(change.new), "value")
    toggles.value = (1, 3)
    assert [button.value for button in toggles.buttons] == [False, True, False, True]
    toggles.buttons[0].value = True
    assert seen == [(1, 3), (0, 1, 3)]


def test_the_call_recreates_the_table(table):
    table.state = {"heard": (5,)}
    assert "heard=(5,)" in table.call()


@pytest.mark.parametrize("stage", ["untrained", "trained"])
def test_each_nudge_on_the_way_is_what_wiggling_measures(nets, digits, stage):
    panel = panels.step_back(nets, digits, stage=stage, image=8, step=6)
    nudges = [panel.result.pixel_nudges, *panel.result.nudges[:2]]
    for layer, nudge in enumerate(nudges):
        assert np.allclose(nudge, measured_nudges(nets[stage], layer, digits[8]), atol=1e-4)


def test_each_wish_is_nudge_times_slope(back):
    for nudge, slope, wish in zip(back.result.nudges, back.result.slopes, back.result.wishes, strict=True):
        assert np.allclose(wish, nudge * slope, atol=1e-6)


def test_columns_of_a_kind_share_a_scale_and_run_in_reading_direction(back):
    back.state = {"step": 6}
    images = back.heading.axes.images  # nudge, σ′, wish of each layer, the first layer first; then a
    for kind, values in ((0, back.result.nudges), (2, back.result.wishes)):
        most = max(np.abs(layer).max() for layer in values)
        assert all(np.allclose(image.get_clim(), (-most, most)) for image in images[kind:9:3])
    lefts = [image.get_extent()[0] for image in images]
    outputs, second, first = lefts[6:9], lefts[3:6], lefts[:3]
    assert [lefts[9], *outputs, *second, *first] == sorted(lefts)


def test_the_shade_of_a_slope_is_its_share_of_the_steepest(back, nets, digits):
    back.state = {"step": 6}
    activations = forward(nets["after one epoch"], digits[8].pixels).a[1:]
    for a, image in zip(activations, back.heading.axes.images[1::3], strict=False):
        assert np.allclose(image.get_array()[:, 0], a[0] * (1 - a[0]) / 0.25, atol=1e-6)  # σ′ is 1/4 at most
        assert image.get_clim() == (0, 1)


STEPS = steps_back(["first hidden", "second hidden"], "σ′")


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_each_step_marks_its_lines_and_says_its_number(back, step):
    back.state = {"step": step}
    marked = [line for line in back.code.value.split("<div") if "box-shadow" in line]
    assert len(marked) == len(STEPS[step][1])
    assert back.sentence.startswith(f"Step {step}:") and f"Step {step}:" in back.heading.get_text()


def test_the_wishes_arrive_one_column_after_the_other(back):
    def reached(step):
        back.state = {"step": step}
        axes = back.heading.axes
        return sum(not np.ma.getmaskarray(image.get_array()).any() for image in axes.images)

    assert [reached(step) for step in range(len(STEPS))] == [1, 4, 5, 7, 8, 10, 10]


def test_edges_carry_wishes_in_the_two_steps_that_sum(back):
    for step in range(len(STEPS)):
        back.state = {"step": step}
        lit = [bool(edges.get_colors()[:, 3].any()) for edges in back.edges]
        assert lit == [step == 4, step == 2]


@pytest.mark.parametrize("image", [0, 199])
@pytest.mark.parametrize("stage", ["untrained", "after one epoch", "trained"])
def test_extremes(nets, digits, image, stage):
    for step in (0, 6):
        panel = panels.step_back(nets, digits, stage=stage, image=image, step=step)
        assert "nan" not in panel.sentence
    for neuron in (0, 15):
        panel = panels.wishes(nets, digits, stage=stage, image=image, neuron=neuron)
        assert "nan" not in panel.sentence
