"""Drawings become digits the way MNIST's did."""

import numpy as np
import pytest
from PIL import Image

from lessons_lib import load_mnist
from lessons_lib.live import DigitPad, centre_digit


def test_a_digit_of_mnist_is_left_as_it_is():
    digits = load_mnist().test.pixels[:500]
    centred = np.array([centre_digit(digit.reshape(28, 28)) for digit in digits])
    changed = np.abs(centred.astype(int) - digits).mean(axis=1)
    assert np.median(changed) == 0 and changed.max() < 1


def test_place_and_size_of_the_drawing_do_not_matter():
    digits = load_mnist().test.pixels[:50].reshape(-1, 28, 28)
    for scale, left, top in ((2, 0, 0), (3, 20, 5), (4, 0, 0)):
        pages = np.zeros((50, 112, 112), np.uint8)
        side = 28 * scale
        for page, digit in zip(pages, digits, strict=True):
            page[top : top + side, left : left + side] = Image.fromarray(digit).resize(
                (side, side), Image.Resampling.BILINEAR
            )
        alike = [
            np.corrcoef(centre_digit(page), digit.reshape(-1))[0, 1]
            for page, digit in zip(pages, digits, strict=True)
        ]
        assert np.mean(alike) > 0.9


def test_the_box_and_the_centre_of_mass():
    page = np.zeros((112, 112), np.uint8)
    page[10:90, 30:40] = 255
    picture = centre_digit(page).reshape(28, 28).astype(float)
    rows, cols = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    assert rows[-1] - rows[0] + 1 == 20 and cols[-1] - cols[0] + 1 in (2, 3)
    assert picture.max() == 255
    assert abs((picture.sum(axis=1) @ np.arange(28)) / picture.sum() - 14) <= 0.5


def test_a_dot_an_empty_page_and_a_wrong_shape():
    dot = np.zeros((112, 112))
    dot[0, 111] = 1
    assert centre_digit(dot).reshape(28, 28)[14, 14] == 255
    assert not centre_digit(np.zeros((112, 112))).any()
    with pytest.raises(ValueError, match="expected \\(height, width\\)"):
        centre_digit(np.zeros(784))


def test_the_pad_tells_of_drawings_and_of_clearing():
    pad, seen = DigitPad(), []
    pad.observe(lambda change: seen.append(change.new.sum()), "pixels")
    assert pad.pixels.shape == (784,) and pad.pixels.dtype == np.uint8 and not pad.pixels.any()
    pad.ink = memoryview(np.tri(112, dtype=np.uint8).tobytes())  # as it comes from the browser
    assert pad.pixels.any() and pad.seen == pad.pixels.tobytes()
    pad.clear()
    assert not pad.pixels.any() and len(seen) == 2 and seen[1] == 0
