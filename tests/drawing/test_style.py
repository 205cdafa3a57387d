import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb

from lessons_lib.drawing import style

LIGHT, DARK = "#ffffff", "#111111"  # JupyterLab's grounds behind text


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
