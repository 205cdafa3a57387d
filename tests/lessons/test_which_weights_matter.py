"""Lesson 02: sensitivities, the gradient as a picture, and one weight at a time, without a browser."""

import numpy as np
import pytest

from lessons_lib import checks, load_mnist, panels
from lessons_lib.lessons.which_weights_matter.sensitivity import find_pair
from lessons_lib.runs.stages import stages

LAST = 13_001
A_FEW = [0, 3_296, 12_543, 12_545, 12_600, 12_820, 12_929, 12_998, LAST]


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test[:50]


@pytest.fixture(scope="module")
def nets():
    return stages(load_mnist().train[:20_000], epochs={"untrained": 0, "after one epoch": 1})


@pytest.fixture
def bench(nets, digits):
    panel = panels.sensitivity(nets, digits)
    yield panel
    panel.close()


@pytest.fixture
def picture(nets, digits):
    panel = panels.gradient_picture(nets, digits)
    yield panel
    panel.close()


@pytest.fixture
def entangled(nets, digits):
    panel = panels.entangled(nets, digits)
    yield panel
    panel.close()


def cost_by_hand(net, pixels, label, changes=()):
    """The cost of one image, from the formula alone; `changes` are pairs (place in the vector, change)."""
    params = net.params.astype(float)
    for index, change in changes:
        params[index] += change
    a, start = pixels / 255.0, 0
    for n_in, n_out in ((784, 16), (16, 16), (16, 10)):
        W, start = params[start : start + n_in * n_out].reshape(n_out, n_in), start + n_in * n_out
        a, start = 1 / (1 + np.exp(-(W @ a + params[start : start + n_out]))), start + n_out
    return float(np.sum((a - np.eye(10)[label]) ** 2))


def cost_of(nets, digits, state, changes=()):
    one = digits[state["image"]]
    return cost_by_hand(nets[state["stage"]], one.pixels[0], int(one.labels[0]), changes)


# The bench


@pytest.mark.parametrize("stage", ["untrained", "after one epoch"])
@pytest.mark.parametrize("change", [0.01, -1.0, 4.0])
def test_the_measured_change_is_that_of_the_cost(bench, nets, digits, stage, change):
    bench.state = {"stage": stage, "a": 12_929, "b": 3_296, "wiggle": abs(change), "way": np.sign(change)}
    before = cost_of(nets, digits, bench.state)
    after = [cost_of(nets, digits, bench.state, [(k, change)]) for k in (12_929, 3_296)]
    assert np.allclose(bench.result.measured, np.array(after) - before, atol=1e-10)
    shown = [float(text.get_text().replace("−", "-")) for text in bench.numbers[2][:2]]
    assert np.allclose(shown, bench.result.measured, atol=1e-6)


@pytest.mark.parametrize("index", A_FEW)
def test_a_small_wiggle_gives_the_slope(bench, nets, digits, index):
    bench.state = {"a": index}
    up, down = (cost_of(nets, digits, bench.state, [(index, h)]) for h in (1e-5, -1e-5))
    assert bench.result.slopes[0] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-9)


def test_the_pair_of_the_preset_is_32_to_1_as_measured(bench):
    bench.apply("32 times")
    a, b = bench.result.measured
    assert a / b == pytest.approx(32, rel=0.05)
    assert f"a ratio of {a / b:.1f}" in bench.sentence


def test_a_large_wiggle_breaks_the_prediction(bench):
    bench.apply("Too far")
    assert abs(bench.result.predicted[0] - bench.result.measured[0]) > 0.3 * abs(bench.result.measured[0])


def test_the_curves_go_through_the_rings(bench, nets, digits):
    bench.state = {"wiggle": 2.0, "way": -1}
    for k, graph in enumerate(bench.graphs):
        (x,), (y,) = graph.after.get_data()
        assert x == -2.0
        assert np.interp(x, *graph.curve.get_data()) == pytest.approx(y, abs=1e-9)
        (x,), (y,) = graph.said.get_data()
        assert np.interp(x, *graph.line.get_data()) == pytest.approx(y)
        assert y - bench.result.cost == pytest.approx(-2 * bench.result.slopes[k])


@pytest.mark.parametrize("change", [0.01, -1.0, 4.0])
def test_the_magnifier_shows_both_wiggles_on_one_scale(bench, nets, digits, change):
    bench.state = {"wiggle": abs(change), "way": np.sign(change)}
    before = cost_of(nets, digits, bench.state)
    ends, halves = (
        np.array([cost_of(nets, digits, bench.state, [(bench.state[k], part * change)]) for k in "ab"])
        - before
        for part in (1, 0.5)
    )
    largest = np.abs([ends, change * bench.result.slopes]).max()
    for k, near in enumerate(bench.magnified):
        assert near.curve.get_ydata()[[0, 10, 20]] == pytest.approx(
            [0, halves[k] / largest, ends[k] / largest]
        )
        assert near.after.get_ydata()[0] == pytest.approx(ends[k] / largest)
        assert near.said.get_ydata()[0] == pytest.approx(change * bench.result.slopes[k] / largest)


def test_a_dark_pixel_makes_no_difference(bench):
    bench.apply("A dark pixel")
    assert bench.result.measured[0] == 0 and bench.result.slopes[0] == 0


def test_pairs_have_the_ratio_asked_for():
    gradient = np.array([0.0, 0.9, -0.31, 0.0097, -0.0098, 0.33])
    assert find_pair(gradient) == (2, 4)
    assert find_pair(gradient, steep=0.9, ratio=0.9 / 0.33) == (1, 5)


@pytest.mark.parametrize(
    "state",
    [
        {"a": 0, "b": 0},
        {"a": LAST, "b": LAST},
        {"image": 0},
        {"image": 49},
        {"wiggle": 1e-3},
        {"wiggle": 4.0, "stage": "untrained"},
    ],
)
def test_extremes_of_the_bench(bench, state):
    bench.state = state
    assert np.isfinite(bench.result.measured).all()
    low, high = bench.graphs[0].curve.axes.get_ylim()
    assert all(low < curve.min() and curve.max() < high for curve in bench.result.curves)


# The gradient as a picture


def test_the_picture_holds_all_slopes(picture, nets, digits):
    shown = [np.ma.compressed(image.get_array()) for image in picture.pictures]
    assert sum(map(len, shown)) == 13_002
    assert np.allclose(np.sort(np.concatenate(shown)), np.sort(picture.result.gradient))


@pytest.mark.parametrize("index", A_FEW)
def test_the_slope_that_is_read_out_is_that_of_the_cost(picture, nets, digits, index):
    picture.state = {"entry": index}
    up, down = (cost_of(nets, digits, picture.state, [(index, h)]) for h in (1e-5, -1e-5))
    assert picture.result.slope == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-9)
    words = "rises" if picture.result.slope > 0 else "falls" if picture.result.slope < 0 else "stays the same"
    assert f"the cost {words} as it grows" in picture.sentence


@pytest.mark.parametrize("index", A_FEW)
def test_the_ring_is_on_the_cell_that_chooses_it(picture, index):
    picture.state = {"entry": index}
    x, y = picture.ring.get_xdata()[0], picture.ring.get_ydata()[0]
    image = next(i for i in picture.pictures if _inside(i.get_extent(), x, y))
    left, right, bottom, top = image.get_extent()
    rows, columns = image.get_array().shape
    cell = int((y - top) / (bottom - top) * rows), int((x - left) / (right - left) * columns)
    assert image.get_array()[cell] == pytest.approx(picture.result.gradient[index])
    picture.state = {"entry": 5}
    picture.live.point("click", picture.ring.axes, x, y)
    assert picture.state["entry"] == index


def test_signs_and_sizes_are_shown_apart(picture):
    gradient = picture.result.gradient
    for show, expected in (("which way", np.sign(gradient)), ("how much", np.abs(gradient))):
        picture.state = {"show": show}
        shown = np.concatenate([np.ma.compressed(image.get_array()) for image in picture.pictures])
        assert np.allclose(np.sort(shown), np.sort(expected))


def test_the_sorted_curve_falls_and_has_the_entry_on_it(picture):
    places, sizes = picture.lines["all"].get_data()
    assert np.all(np.diff(sizes) <= 0) and sizes[0] == np.abs(picture.result.gradient).max()
    (rank,), (size,) = picture.place.get_data()
    assert np.interp(rank, places, sizes) == pytest.approx(size, rel=0.05)
    larger = np.sum(np.abs(picture.result.gradient) > size)
    assert rank == larger + 1


def test_dark_pixels_have_no_slope(picture, digits):
    dark = ~digits[8].pixels[0].astype(bool)
    first = picture.result.blocks[0]
    assert not first[:, dark].any() and picture.result.flat >= 16 * dark.sum()


def test_a_gap_between_two_pictures_chooses_nothing(picture):
    assert picture.clicked(_Event(picture.pictures[0], (3, 29))) is None
    assert picture.clicked(_Event(None, None)) is None


# One weight at a time


def test_isolated_slopes_ignore_the_other_weight():
    panel = panels.isolation(x=1.5)
    for w2 in (-2.0, 0.0, 2.0):
        panel.state = {"w1": 0.0, "w2": w2}
        x, y = panel.graphs[0].line.get_data()
        assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(1.5)
        assert np.isclose(panel.result.E, w2 * 1.5**2)
    panel.close()


@pytest.mark.parametrize("x", [-2.0, 0.0, 2.0])
@pytest.mark.parametrize("w", [-2.0, 2.0])
def test_everything_stays_inside_the_picture(x, w):
    panel = panels.isolation(x=x, w1=w, w2=w)
    low, high = panel.graphs[0].line.axes.get_ylim()
    for graph in panel.graphs:
        for line in (graph.line, *graph.ghosts):
            assert low <= line.get_ydata().min() and line.get_ydata().max() <= high
    panel.close()


def test_the_mixed_derivative_is_that_of_the_cost(entangled, nets, digits):
    a, b, h = entangled.state["a"], entangled.state["b"], 1e-3
    corners = [
        cost_of(nets, digits, entangled.state, [(a, s * h), (b, t * h)]) * s * t
        for s in (-1, 1)
        for t in (-1, 1)
    ]
    assert entangled.result.mixed == pytest.approx(sum(corners) / (4 * h * h), rel=1e-3, abs=1e-6)


def test_moving_one_weight_changes_the_slope_of_another(entangled, nets, digits):
    entangled.state = {"shift": 3.0}
    a, b = entangled.state["a"], entangled.state["b"]
    up, down = (cost_of(nets, digits, entangled.state, [(b, 3.0), (a, h)]) for h in (1e-5, -1e-5))
    assert entangled.result.slope_moved == pytest.approx((up - down) / 2e-5, rel=1e-4)
    assert abs(entangled.result.slope_moved - entangled.result.slope) > 0.02


def test_small_steps_keep_the_promise(entangled):
    kept = entangled.result.kept
    assert abs(kept[0] - 1) < 0.01 and abs(kept[0] - 1) < 0.2 * abs(kept[8] - 1)


def test_panels_can_be_made_twice(nets, digits):
    for _ in range(2):  # a panel named like its file would be hidden by it the second time
        panels.gradient_picture(nets, digits).close()
        panels.isolation().close()


# The exercises of lessons 01 and 02


def test_a_one_sided_slope_passes():
    def one_sided(f, w, i, h):
        moved = w.astype(float)
        moved[i] += h
        return (f(moved) - f(w)) / h

    assert checks.slope.check(one_sided)


def test_a_slope_that_changes_its_input_is_told_so():
    def careless(f, w, i, h):
        before = f(w)
        w[i] += h
        return (f(w) - before) / h

    assert "changes what it was given" in checks.slope.check(careless).message


class _Event:
    def __init__(self, artist, index):
        self.artist, self.index = artist, index


def _inside(extent, x, y):
    left, right, bottom, top = extent
    return left <= x <= right and top <= y <= bottom
