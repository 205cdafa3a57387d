"""Lesson 13: test images shown otherwise, without a browser."""

import numpy as np
import pytest

from lessons_lib import SGD, Dataset, Network, evaluate, load_mnist, panels, train
from lessons_lib.lessons.your_own_reader.shown_otherwise import WAYS, shown

TEST = load_mnist().test


@pytest.fixture(scope="module")
def net():
    rng = np.random.default_rng(0)
    net = Network.random((784, 16, 16, 10), rng=rng)
    for step in train(net, load_mnist().train, SGD(4.0), batch_size=100, rng=rng):
        pass
    return step.net


@pytest.fixture
def panel(net):
    panel = panels.shown_otherwise(net, TEST[:2000])
    yield panel
    panel.close()


def test_each_way_moves_the_pixels_where_it_says():
    picture = np.zeros((28, 28), np.uint8)
    picture[5, 20] = 200
    pixels = picture.reshape(1, 784)
    assert np.array_equal(shown(pixels, "as they are"), pixels)
    assert np.array_equal(shown(pixels, "inverted"), 255 - pixels)
    for way, shift, place in (
        ("transposed", (0, 0), (20, 5)),
        ("shifted", (3, 1), (6, 23)),
        ("shifted", (-4, -5), (0, 16)),
    ):
        moved = shown(pixels, way, *shift).reshape(28, 28)
        assert np.argwhere(moved).tolist() == [list(place)] and moved[place] == 200
    assert not shown(pixels, "shifted", 8, 0).any()  # beyond the edge, and not back in on the other side


@pytest.mark.parametrize("way", WAYS)
def test_the_bars_and_the_sentence_are_those_of_the_images_so_shown(net, panel, way):
    panel.state = {"way": way, "right": 3, "down": -2, "image": 4}
    pictures = TEST.pixels[:2000].reshape(-1, 28, 28)
    wanted = {
        "as they are": pictures,
        "inverted": 255 - pictures,
        "shifted": np.roll(pictures, (-2, 3), axis=(1, 2)),  # the margin of MNIST's digits is black
        "transposed": np.swapaxes(pictures, 1, 2),
    }[way].reshape(-1, 784)
    accuracy = evaluate(net, Dataset(wanted, TEST.labels[:2000])).accuracy
    assert abs(panel.bars.bars[way].get_width() - accuracy) < 2e-3
    assert f"the test accuracy is {panel.result.accuracy[way]:.1%}" in panel.sentence
    assert ("instead of" in panel.sentence) == (way != "as they are")
    assert np.allclose(panel.digit.image.get_array() * 255, wanted[4].reshape(28, 28))


def test_it_says_why(panel):
    for way, words in (("inverted", "white ink on black"), ("transposed", "neighbours")):
        panel.state = {"way": way}
        assert words in panel.sentence
    panel.state = {"way": "shifted", "right": -3, "down": 2, "image": 0}
    assert panel.sentence.startswith("Shifted by 3 to the left and 2 down, this 7 is read as ")
    assert "a shifted 7 is a 7" in panel.sentence


def test_the_sliders_are_there_for_shifts_only(panel):
    for way in WAYS:
        panel.state = {"way": way}
        assert (panel.inputs["right"].layout.display != "none") == (way == "shifted")


def test_images_of_another_size_are_refused(net):
    with pytest.raises(ValueError, match="pictures of 28 × 28 pixels; those in test have 64"):
        panels.shown_otherwise(net, Dataset(np.zeros((3, 64)), [0, 1, 2]))
