"""Test images as they are, inverted, shifted or transposed: what the network reads, and why it is lost."""

from dataclasses import dataclass
from functools import cache

import ipywidgets as W
import numpy as np

from lessons_lib import Dataset, evaluate, forward
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import int_slider, show_for
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset

AS_IS, INVERTED, SHIFTED, TRANSPOSED = WAYS = ("as they are", "inverted", "shifted", "transposed")
SIDE = 28
WHY = {
    AS_IS: "",
    INVERTED: " It learned from white ink on black. Now the ground is white, and its light reaches weights "
    "at the edge that training never moved: where all images are black, the gradient is 0.",
    SHIFTED: " Each weight belongs to one pixel. The same ink on other pixels meets other weights: nothing "
    "in the network knows that a shifted {label} is a {label}.",
    TRANSPOSED: " Rows have become columns: the ink of each pixel now meets the weights of another. Nothing "
    "in the network knows which pixels are neighbours.",
}


@dataclass(frozen=True, eq=False)
class Shown:
    """One image as it is shown, and how many test images are read in each way."""

    way: str
    right: int
    down: int
    pixels: np.ndarray  # (784,) uint8
    label: int
    outputs: np.ndarray  # (n_out,)
    accuracy: dict  # way -> share of the test images


class ShownOtherwise(Panel):
    """Test images shown otherwise than in training: what is read, and how many of all are read.

    Args:
        net: a trained :class:`.Network`; it is not trained any further.
        test: the :class:`.Dataset` of 28 × 28 pixels that is shown.
    """

    title = "The same digit, shown otherwise"
    needs = Needs(pixels=SIDE**2)
    presets = {
        "As it is": Preset({"image": 0, "way": AS_IS}, "What it learned from looks like this."),
        "Inverted": Preset({"image": 0, "way": INVERTED}, "Black ink on white, as on most paper."),
        "Two pixels": Preset({"image": 0, "way": SHIFTED, "right": 2, "down": 0}, "Hardly to be seen."),
        "Six pixels": Preset({"image": 0, "way": SHIFTED, "right": 6, "down": 0}, "Still easy for you."),
        "Transposed": Preset({"image": 0, "way": TRANSPOSED}, "Rows and columns have changed places."),
    }

    def __init__(self, net, test, **state):
        self.net, self.test = net, test
        self.accuracy = cache(self._accuracy)
        super().__init__(**state)

    def controls(self):
        way = W.ToggleButtons(options=WAYS, description="Shown", tooltip="How the test images are shown")
        controls = {
            "way": way,
            "image": int_slider(0, 0, len(self.test) - 1, "Image", "The test image that is drawn"),
            "right": int_slider(2, -10, 10, "Right", "Pixels by which the images are shifted to the right"),
            "down": int_slider(0, -10, 10, "Down", "Pixels by which the images are shifted down"),
        }
        sliders = [controls["right"], controls["down"]]
        show_for(way, {choice: sliders if choice == SHIFTED else [] for choice in WAYS})
        return controls

    # What it does

    def compute(self, state):
        shift = state.right, state.down
        one = self.test[state.image]
        pixels = shown(one.pixels, state.way, *shift)
        return Shown(
            way=state.way,
            right=state.right,
            down=state.down,
            pixels=pixels[0],
            label=int(one.labels[0]),
            outputs=forward(self.net, pixels).output[0],
            accuracy={way: self.accuracy(way, *(shift if way == SHIFTED else (0, 0))) for way in WAYS},
        )

    def _accuracy(self, way, right, down):
        pixels = shown(self.test.pixels, way, right, down)
        return evaluate(self.net, Dataset(pixels, self.test.labels, self.test.classes)).accuracy

    # The picture

    def figure(self):
        fig, whole = style.figure(height=330)
        whole.remove()
        axes = fig.subplot_mosaic([["digit", "outputs", "read"]], width_ratios=[1, 1, 1.6])
        self.digit = charts.digit_image(axes["digit"], np.zeros(SIDE**2))
        self.caption = axes["digit"].set_xlabel("", fontsize=style.TEXT)
        self.outputs = charts.activation_bars(axes["outputs"], np.zeros(self.net.sizes[-1]))
        style.title(axes["outputs"], "its outputs")
        self.bars = charts.accuracy_bars(axes["read"], dict.fromkeys(WAYS, style.MUTED), room=1.3)
        style.title(axes["read"], "test accuracy")
        return fig

    def draw(self, result):
        self.digit.update(result.pixels)
        self.caption.set_text(f"a {result.label}")
        self.outputs.update(np.clip(result.outputs, 0, 1))
        self.bars.update(result.accuracy, dict.fromkeys(WAYS, ""))
        for way, bar in self.bars.bars.items():
            bar.set_color(style.ACCENT if way == result.way else style.MUTED)

    def describe(self, result):
        answer = int(result.outputs.argmax())
        read, usual = result.accuracy[result.way], result.accuracy[AS_IS]
        usually = "" if result.way == AS_IS else f" instead of {usual:.1%}"
        return (
            f"{self._how(result)}, this {result.label} is read as {answer} "
            f"({result.outputs[answer]:.2f}), and the test accuracy is {read:.1%}{usually}."
            f"{WHY[result.way].format(label=result.label)}"
        )

    @staticmethod
    def _how(result):
        if result.way != SHIFTED:
            return "As it is" if result.way == AS_IS else result.way.capitalize()
        across, along = ("right" if result.right >= 0 else "left"), ("down" if result.down >= 0 else "up")
        return f"Shifted by {abs(result.right)} to the {across} and {abs(result.down)} {along}"


def shown(pixels, way, right=0, down=0):
    """Images (n, 784) uint8 shown in one of the ``WAYS``; what is shifted in is black."""
    pictures = pixels.reshape(-1, SIDE, SIDE)
    if way == INVERTED:
        pictures = 255 - pictures
    elif way == TRANSPOSED:
        pictures = pictures.transpose(0, 2, 1)
    elif way == SHIFTED:
        room = max(abs(right), abs(down))
        page = np.pad(pictures, ((0, 0), (room, room), (room, room)))
        pictures = page[:, room - down : room - down + SIDE, room - right : room - right + SIDE]
    return pictures.reshape(-1, SIDE**2)
