import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lessons_lib.drawing import charts, style

RNG = np.random.default_rng(0)


@pytest.fixture
def ax():
    fig, ax = style.figure(width=300, height=200)
    yield ax
    fig.canvas.draw()  # whatever a test did to the artists can still be drawn


def test_a_digit_comes_as_bytes_or_as_floats(ax):
    pixels = RNG.integers(0, 256, 784).astype(np.uint8)
    digit = charts.digit_image(ax, pixels)
    np.testing.assert_allclose(digit.image.get_array(), (pixels / 255).reshape(28, 28))
    digit.update(np.full(784, 0.5))
    assert np.all(digit.image.get_array() == 0.5)


def test_a_grid_puts_digits_row_by_row_with_gaps(ax):
    digits = np.arange(5)[:, None] / 10 * np.ones(784)
    picture = charts.digit_grid(ax, digits, columns=3).image.get_array()
    assert picture.shape == (58, 88) and picture[0, 60] == 0.2 and picture[30, 30] == 0.4
    assert picture.mask[0, 28] and picture.mask[30, 60]


def test_a_mosaic_can_have_more_rows_than_tiles_fill():
    picture = charts.mosaic([np.arange(784.0)], 2, rows=2)
    assert picture.shape == (58, 58) and picture.count() == 784
    assert picture[0, 27] == 27 and picture[27, 0] == 27 * 28


def test_weights_have_zero_in_the_middle_of_the_scale(ax):
    drawn = charts.weights_image(ax, np.linspace(-3, 1, 784))
    assert drawn.image.get_clim() == (-3, 3)
    drawn.update(np.linspace(-1, 5, 784))
    assert drawn.image.get_clim() == (-5, 5)


def test_all_zero_weights_are_white(ax):
    drawn = charts.weights_image(ax, np.zeros(784))
    assert drawn.image.get_clim() == (-1, 1)


def test_accuracy_bars_carry_their_number_and_words_at_their_end(ax):
    drawn = charts.accuracy_bars(ax, {"one": "red", "other": "blue"}, room=1.5)
    drawn.update({"one": 0.25, "other": 0.5}, {"other": " of ten"})
    assert drawn.bars["other"].get_width() == 0.5
    assert [text.get_text() for text in drawn.values.values()] == ["25.0%", "50.0% of ten"]
    assert drawn.values["one"].get_position()[0] == 0.28


def test_activation_bars_are_as_long_and_as_bright_as_the_activation(ax):
    drawn = charts.activation_bars(ax, np.zeros(3))
    drawn.update([0.0, 0.25, 1.0])
    assert [bar.get_width() for bar in drawn.bars] == [0, 0.25, 1]
    assert [text.get_text() for text in drawn.values] == ["0.00", "0.25", "1.00"]
    brightness = [bar.get_facecolor()[0] for bar in drawn.bars]
    assert brightness == sorted(brightness) and brightness[-1] == 1


def test_an_activation_column_is_one_cell_a_neuron(ax):
    drawn = charts.activation_column(ax, np.zeros(16))
    drawn.update(np.linspace(0, 1, 16))
    assert drawn.image.get_array().shape == (16, 1)


def test_signed_bars_are_orange_up_and_blue_down(ax):
    drawn = charts.signed_bars(ax, np.zeros(3))
    drawn.update([2.0, -1.0, 0.0])
    assert [bar.get_height() for bar in drawn.bars] == [2, -1, 0]
    assert [bar.get_facecolor()[:3] for bar in drawn.bars[:2]] == [to_rgb(style.UP), to_rgb(style.DOWN)]
    assert ax.get_ylim()[1] == pytest.approx(2.16)


def test_arrows_end_at_their_values_and_a_given_limit_keeps_the_axis(ax):
    drawn = charts.signed_arrows(ax, np.zeros(2), limit=1)
    limits = ax.get_ylim()
    drawn.update([0.8, -0.05])
    assert [arrow.get_xy()[3].tolist() for arrow in drawn.arrows] == [[0, 0.8], [1, -0.05]]
    assert np.ptp(drawn.arrows[1].get_xy()[:, 1]) == pytest.approx(0.05) and ax.get_ylim() == limits


def test_a_signed_table_shows_its_numbers(ax):
    drawn = charts.signed_table(ax, np.zeros((10, 16)), show_values=True)
    drawn.update(np.full((10, 16), -0.5))
    assert drawn.image.get_clim() == (-0.5, 0.5) and drawn.texts[17].get_text() == "-0.50"
    assert not charts.signed_table(ax, np.zeros((2, 2))).texts


def test_a_confusion_matrix_scales_with_the_mistakes(ax):
    counts = np.diag([900] * 10)
    counts[3, 5] = 40
    drawn = charts.confusion_matrix(ax, counts)
    assert drawn.texts[35].get_text() == "40" and drawn.texts[1].get_text() == ""
    assert drawn.image.get_clim()[1] == pytest.approx(64)


def test_curves_follow_their_data_or_keep_fixed_axes(ax):
    drawn = charts.curves(ax, ["train", "test"], x_limits=(0, 10), y_limits=(0, 1))
    drawn.update({"train": ([0, 1], [1.0, 0.5]), "test": ([], [])})
    assert drawn.ends["train"].get_text() == " train" and ax.get_xlim() == (0, 10)
    _, free = style.figure()
    drawn = charts.curves(free, ["cost"])
    drawn.update({"cost": (np.arange(100), np.arange(100) * 2.0)})
    assert free.get_xlim()[1] > 99 and free.get_ylim()[1] >= 198


def test_every_vote_is_in_the_histogram_once(ax):
    votes, labels = RNG.normal(size=500), RNG.integers(0, 10, 500)
    drawn = charts.vote_histogram(ax, votes, labels, bins=20, limit=1.0)

    def total(area):
        outline = area.get_xy()[:-1] if len(area.get_xy()) % 2 else area.get_xy()
        top, bottom = np.split(outline, 2)
        return np.sum(top[::2, 1] - bottom[::-1][::2, 1])

    assert [total(area) for area in drawn.areas] == [np.sum(labels == digit) for digit in range(10)]
    assert drawn.mean.get_xdata()[0] == votes.mean()
    drawn.update(np.ones(10), np.arange(10))
    assert drawn.mean_text.get_text() == "mean +1"


def test_a_path_moves_over_a_map_and_the_map_can_be_replaced(ax):
    x, y = np.linspace(-1, 1, 9), np.linspace(0, 1, 7)
    cost = x[None] ** 2 + y[:, None]
    drawn = charts.contour_path(ax, x, y, cost, np.zeros((1, 2)))
    drawn.update([[0, 0], [1, 1]])
    assert drawn.end.get_xydata().tolist() == [[1, 1]] and drawn.start.get_xydata().tolist() == [[0, 0]]
    collections = len(ax.collections)
    drawn.update(np.zeros((1, 2)), 2 * cost)
    assert len(ax.collections) == collections


def test_the_network_s_edges_are_coloured_by_sign_and_sized_by_weight(ax):
    weights = [RNG.normal(size=shape) for shape in ((16, 784), (16, 16), (10, 16))]
    weights[2][3, 5] = -100.0
    a = [RNG.random(n) for n in (784, 16, 16, 10)]
    drawn = charts.network_diagram(ax, weights, a, output_labels=range(10))
    edge = 24 * 16 + 16 * 16 + 3 * 16 + 5  # layer by layer, by target, by source
    assert len(drawn.edges.get_segments()) == 24 * 16 + 16 * 16 + 16 * 10
    assert np.argmax(drawn.edges.get_linewidths()[24 * 16 + 16 * 16 :]) == 3 * 16 + 5
    red, _, blue, alpha = drawn.edges.get_colors()[edge]
    assert blue > red and alpha == pytest.approx(0.9)
    np.testing.assert_allclose(drawn.nodes[3].get_array(), a[3])
    drawn.update([np.abs(W) for W in weights], a)
    colors = drawn.edges.get_colors()
    assert np.all(colors[:, 0] > colors[:, 2])
