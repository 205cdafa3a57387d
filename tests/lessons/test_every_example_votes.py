"""Lesson 07: the votes, the agreement, the polls and the network that only listens to 2s."""

import numpy as np
import pytest

from lessons_lib import backprop, forward, load_mnist, numerical_gradient, panels
from lessons_lib.drawing.charts import round_up
from lessons_lib.drawing.style import minus
from lessons_lib.lessons.every_example_votes.polling import COUNTS, distance, poll_shares
from lessons_lib.runs.stages import stages


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test[:200]


@pytest.fixture(scope="module")
def nets():
    return stages(load_mnist().train[:5000], epochs={"untrained": 0, "after one epoch": 1, "trained": 4})


# One weight


@pytest.mark.parametrize(("layer", "to", "start"), [(2, 7, 7), (1, 15, 0), (0, 3, 400), (2, 0, 15)])
def test_a_vote_is_the_negative_slope_of_that_examples_cost(nets, digits, layer, to, start):
    panel = panels.votes(nets, digits, stage="trained", layer=layer, to_neuron=to, from_neuron=start)
    net = nets["trained"].with_params(nets["trained"].params.astype(float))
    index = [net.index(layer, "weight", to, start)]
    for k in (0, 5, 17):
        one = digits[k]
        slope = numerical_gradient(net, one.x.astype(float), one.y, indices=index, method="complex")[0]
        assert panel.result.votes[k] == pytest.approx(-slope, rel=1e-3, abs=1e-7)


def test_the_average_vote_is_the_negative_gradient(nets, digits):
    panel = panels.votes(nets, digits, stage="after one epoch")
    net = nets["after one epoch"]
    gradient = backprop(net, forward(net, digits.pixels), digits.y).mean()
    assert panel.result.mean == pytest.approx(-gradient[net.index(2, "weight", 7, 7)], rel=1e-3, abs=1e-7)


def test_the_histogram_holds_every_vote_and_the_line_marks_the_mean(nets, digits):
    panel = panels.votes(nets, digits)
    corners = [area.get_xy() for area in panel.histogram.areas]
    width = np.ptp(corners[0][:, 0]) / 40
    areas = [
        0.5 * abs(np.sum(xy[:, 0] * np.roll(xy[:, 1], 1) - xy[:, 1] * np.roll(xy[:, 0], 1))) for xy in corners
    ]
    counts = np.array([np.sum(digits.labels == digit) for digit in range(10)])
    assert np.allclose(np.array(areas) / width, counts, rtol=1e-6)
    assert panel.histogram.mean.get_xdata()[0] == pytest.approx(panel.result.votes.mean())
    assert [bar.get_width() for bar in panel.bars] == pytest.approx(panel.result.by_digit)
    assert f"{np.sum(panel.result.votes > 0)} want this weight up" in panel.sentence
    size = np.sort(np.abs(panel.result.votes))
    assert f"at most {np.median(size):.2g} in size" in panel.sentence
    assert f"holds {size[-20:].sum() / size.sum():.0%} of the total" in panel.sentence


def test_the_lower_histogram_shares_out_the_total_size_and_clips_nothing(nets, digits):
    panel = panels.votes(nets, digits, stage="trained")
    corners = [area.get_xy() for area in panel.sizes_histogram.areas]
    areas = [
        0.5 * abs(np.sum(xy[:, 0] * np.roll(xy[:, 1], 1) - xy[:, 1] * np.roll(xy[:, 0], 1))) for xy in corners
    ]
    size = np.abs(panel.result.votes)
    shares = [size[digits.labels == digit].sum() / size.sum() for digit in range(10)]
    assert np.allclose(np.array(areas) / (np.ptp(corners[0][:, 0]) / 40), shares, atol=1e-6)
    assert max(xy[:, 0].max() for xy in corners) >= size.max()  # the loudest is on the scale


def test_the_sentence_gives_the_error_of_the_mean(nets, digits):
    panel = panels.votes(nets, digits, stage="trained")
    votes, rng = panel.result.votes, np.random.default_rng(0)
    polls = [rng.choice(votes, len(votes)).mean() for _ in range(400)]  # a bootstrap
    given = float(panel.sentence.split("give or take ")[1].split()[0])
    assert given == pytest.approx(np.std(polls), rel=0.5)


def test_another_layer_brings_its_own_neurons(nets, digits):
    panel = panels.votes(nets, digits)
    panel.state = {"layer": 0, "to_neuron": 15, "from_neuron": 783}
    assert "None of 200 examples" in panel.sentence
    panel.inputs["layer"].value = 2
    assert panel.state == {"stage": "untrained", "layer": 2, "to_neuron": 9, "from_neuron": 15}


@pytest.mark.parametrize(
    ("value", "rounded"), [(0, 1), (0.0011, 0.002), (1, 1), (2.1, 5), (7, 10), (1e-9, 1e-9)]
)
def test_limits_are_round(value, rounded):
    assert round_up(value) == pytest.approx(rounded)


# Agreement


@pytest.mark.parametrize("stage", ["untrained", "trained"])
def test_cosines_are_those_of_the_long_lists(nets, digits, stage):
    panel = panels.agreement(nets, digits, stage=stage, first=4, second=9)
    net = nets[stage]
    rows = backprop(net, forward(net, digits.pixels), digits.y).per_example().astype(float)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T
    assert np.allclose(panel.cosines(stage), cosines, atol=1e-3)
    fours, nines = digits.labels == 4, digits.labels == 9
    assert panel.result.between[4, 9] == pytest.approx(cosines[np.ix_(fours, nines)].mean(), abs=1e-3)
    own = cosines[np.ix_(fours, fours)]
    n = fours.sum()
    assert panel.result.between[4, 4] == pytest.approx((own.sum() - n) / (n * (n - 1)), abs=1e-3)
    assert minus(f"{panel.result.between[4, 9]:+.2f}") in panel.sentence


def test_images_of_one_digit_agree_more(nets, digits):
    for stage in nets:
        cosines = panels.agreement(nets, digits, stage=stage).result.cosines
        assert cosines["same digit"].mean() > cosines["different digits"].mean() + 0.15


# Polls


def test_polls_are_shares_that_sum_to_one():
    shares = poll_shares(np.random.default_rng(0), 30, 7, 5)
    assert shares.shape == (5, 30) and np.allclose(shares.sum(axis=1), 1)
    assert np.allclose(shares * 7, np.round(shares * 7))


def test_the_error_of_a_poll_is_the_distance_of_the_means(nets, digits):
    net = nets["trained"]
    rows = backprop(net, forward(net, digits.pixels), digits.y).per_example().astype(float)
    shares = poll_shares(np.random.default_rng(0), len(digits), 5, 3)
    apart = np.linalg.norm(shares @ rows - rows.mean(axis=0), axis=1)
    assert np.allclose(distance(rows @ rows.T, shares), apart, rtol=1e-6)


@pytest.mark.parametrize("stage", ["untrained", "trained"])
def test_the_error_falls_like_one_over_the_root_of_n(nets, digits, stage):
    result = panels.polling(nets, digits, stage=stage).result
    assert np.all(np.abs(np.log(result.measured * np.sqrt(COUNTS) / result.spread)) < 0.5)


def test_the_bars_are_the_mean_of_the_poll(nets, digits):
    panel = panels.polling(nets, digits, count=20, poll=3)
    net, chosen = nets["after one epoch"], np.random.default_rng(3).integers(200, size=20)
    asked = np.mean(
        [backprop(net, forward(net, digits[k].pixels), digits[k].y).mean() for k in chosen], axis=0
    )
    assert np.allclose([bar.get_height() for bar in panel.bars], -net.split(asked)[2][0][2], atol=1e-6)
    assert "The mean of these 20 votes" in panel.sentence
    promised = panel.result.spread / np.sqrt(20)
    assert f"/√20 = {promised:.2g}." in panel.sentence


# Only 2s


@pytest.fixture(scope="module")
def only_twos(nets, digits):
    return panels.only_twos(nets, load_mnist().train[:5000], digits)


def test_a_new_network_calls_everything_a_2_at_once(only_twos):
    only_twos.apply("New, only 2s")
    result = only_twos.run_to_end()
    assert result.moments[0.9] == 1 and result.called[-1, 2] == 1
    assert "nine in ten: at step 1." in only_twos.sentence
    assert only_twos.marks[0.9][0].get_xdata()[0] == 1


def test_a_fair_share_teaches_all_digits(only_twos):
    only_twos.apply("New, fair")
    result = only_twos.run_to_end()
    assert result.right[-1] > 0.7 and result.called[-1, 2] < 0.3


def test_one_other_digit_in_ten_keeps_the_rest(only_twos):
    shown = {}
    for share in (90, 100):
        only_twos.state = {"stage": "trained", "share": share, "learning_rate": 4.0}
        shown[share] = only_twos.run_to_end().right[-1]
    assert shown[90] > shown[100] + 0.2


def test_before_the_first_step_nothing_is_marked(only_twos):
    only_twos.state = {"stage": "trained", "share": 100, "learning_rate": 1.0, "batch_size": 1}
    assert len(only_twos.result.right) == 1
    assert "Half called a 2: not so far" in only_twos.sentence
    assert only_twos.settings.get_text() == "100% 2s, 1 per step, rate 1"
    assert len(only_twos.marks[0.5][0].get_xdata()) == 0


@pytest.mark.parametrize("kind", ["votes", "agreement", "polling"])
def test_extremes(nets, digits, kind):
    panel = getattr(panels, kind)(nets, digits)
    for name, control in panel.inputs.items():
        for end in ("min", "max"):
            if hasattr(control, end):
                panel.state = {name: getattr(control, end)}
                assert panel.error is None and "nan" not in panel.sentence
