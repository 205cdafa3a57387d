from itertools import combinations

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb

from lessons_lib.drawing import style

LIGHT, DARK = "#ffffff", "#111111"  # JupyterLab's grounds behind text
SEEN = {  # linear RGB as it is seen without one kind of cone (Machado, Oliveira and Fernandes 2009)
    "with all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
}


def contrast(one, other):
    """The contrast ratio of WCAG 2.1, from relative luminances."""

    def luminance(color):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("color", ["INK", "MUTED", "UP_TEXT", "DOWN_TEXT", "ACCENT", "ERROR"])
def test_words_on_paper_and_on_the_light_theme_can_be_read(color):
    assert contrast(getattr(style, color), style.PAPER) >= 4.5
    assert contrast(getattr(style, color), LIGHT) >= 4.5


@pytest.mark.parametrize("color", ["ACCENT_DARK", "ERROR_DARK"])
def test_words_on_the_dark_theme_can_be_read(color):
    assert contrast(getattr(style, color), DARK) >= 4.5
    assert contrast(getattr(style, color), "#212121") >= 4.5


@pytest.mark.parametrize("color", ["UP", "DOWN"])
def test_fills_stand_out_from_paper(color):
    assert contrast(getattr(style, color), style.PAPER) >= 3


def test_the_signed_map_is_orange_up_blue_down_and_white_at_zero():
    up, down = style.SIGNED(0.9), style.SIGNED(0.1)
    assert up[0] > up[2] and down[2] > down[0] and min(style.SIGNED(0.5)[:3]) > 0.98


def test_ten_digits_have_ten_colours():
    assert len(set(style.DIGITS)) == 10


@pytest.mark.parametrize("eyes", SEEN)
def test_no_two_rules_look_alike_to_colour_blind_readers_either(eyes):
    linear = np.array([to_rgb(color) for color in style.RULES.values()]) ** 2.2
    seen = np.clip(linear @ np.transpose(SEEN[eyes]), 0, 1) ** (1 / 2.2)
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 0.18


def test_purple_is_kept_for_what_is_chosen():
    assert style.ACCENT not in style.RULES.values()
    assert all(np.ptp(style.AMOUNT(share)[:3]) < 0.1 for share in np.linspace(0, 1, 11))


def test_white_words_can_be_read_on_large_amounts():
    assert all(contrast(style.AMOUNT(share), style.PAPER) >= 4.5 for share in (0.51, 0.75, 1.0))


def test_a_figure_has_its_own_background_and_stays_out_of_pyplot():
    fig, axes = style.figure(1, 2, width=500, height=250)
    assert fig.get_facecolor()[:3] == to_rgb(style.PAPER) and (fig.bbox.width, fig.bbox.height) == (500, 250)
    assert not pyplot.get_fignums() and axes.shape == (2,)
    assert axes[0].xaxis.label.get_fontfamily() == [style.FONT]


def test_the_look_ends_with_its_context():
    before = pyplot.rcParams["font.size"]
    with style.look():
        assert pyplot.rcParams["font.size"] == style.TEXT
    assert pyplot.rcParams["font.size"] == before


def test_the_palette_reaches_the_browser():
    assert f"--lessons-accent-dark: {style.ACCENT_DARK};" in style.css_variables()
