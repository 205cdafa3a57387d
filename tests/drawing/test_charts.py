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


def test_arrows_are_orange_up_and_blue_down_and_fit_the_axis(ax):
    drawn = charts.signed_arrows(ax, np.zeros(3))
    drawn.update([2.0, -1.0, 0.0])
    assert [arrow.get_xy()[3, 1] for arrow in drawn.arrows] == [2, -1, 0]
    assert [a.get_facecolor()[:3] for a in drawn.arrows[:2]] == [to_rgb(style.UP), to_rgb(style.DOWN)]
    assert ax.get_ylim() == pytest.approx((-2.16, 2.16))


def test_arrows_end_at_their_values_and_a_given_limit_keeps_the_axis(ax):
    drawn = charts.signed_arrows(ax, np.zeros(2), limit=1)
    limits = ax.get_ylim()
    drawn.update([0.8, -0.05])
    assert [arrow.get_xy()[3].tolist() for arrow in drawn.arrows] == [[0, 0.8], [1, -0.05]]
    assert np.ptp(drawn.arrows[1].get_xy()[:, 1]) == pytest.approx(0.05) and ax.get_ylim() == limits


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


def test_words_keep_apart_from_each_other_and_from_dots():
    dots = np.random.default_rng(0).normal(size=(8, 2))
    near = 0.01 + np.vstack([dots, dots[:1]])  # two of them at one place
    words = charts.apart(near, 0.5, fixed=dots)
    for k, place in enumerate(words):
        others = np.vstack([np.delete(words, k, axis=0), dots])
        assert np.linalg.norm(others - place, axis=1).min() > 0.48
    assert np.allclose(charts.apart([[0.0], [3.0]], 1.0), [[0], [3]], atol=1e-4)


def test_grey_levels_of_another_type_are_refused_not_drawn_white():
    levels = np.arange(784) % 256
    assert np.array_equal(charts.unit(levels.astype(np.uint8)), levels / 255)
    for kind in (int, float):
        with pytest.raises(ValueError, match=r"go up to 255.*Divide them by 255"):
            charts.unit(levels.astype(kind))
