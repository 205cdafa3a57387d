"""One small panel in which everything already happens."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np

from lessons_lib import SGD, Network, evaluate, forward, train
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import log_slider
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import counted
from lessons_lib.runs.stages import sizes_for

SHOWN = 12  # test images in the picture


@dataclass(frozen=True, eq=False)
class Reading:
    """What a network reads after one pass over some images."""

    images: int  # it has learned from
    answers: np.ndarray  # (SHOWN,) digits, or fewer
    accuracy: float  # on all test images


class FirstSteps(Panel):
    """Train a new network each time a slider moves, and read some digits with it.

    Args:
        mnist: what :func:`.load_mnist` gives.
    """

    needs = Needs(square=True)

    title = "A network learns while you watch"
    presets = {
        "Timid": Preset({"learning_rate": 0.01}, "Steps so small that it has hardly moved."),
        "Right": Preset({"learning_rate": 10**0.3}, "After one pass over the images, most digits are read."),
        "Wild": Preset({"learning_rate": 10**1.4}, "Steps so long that it jumps past every good place."),
    }  # fmt: skip

    def __init__(self, mnist, **state):
        self.mnist, self._test = mnist, mnist.test[:1000]
        super().__init__(**state)

    def controls(self):
        most = min(12_000, len(self.mnist.train))
        low = min(1000, most)
        goes = "How long each training step is"
        return {
            "learning_rate": log_slider(0.1, -2, 1.5, "Learning rate", goes, step=0.05, readout_format=".2f"),
            "images": W.IntSlider(
                min(6000, most),
                low,
                most,
                low,
                description="Images",
                tooltip="How many images it learns from",
            ),
        }

    def figure(self):
        fig, axes = style.figure(2, SHOWN // 2, height=300)
        shown = zip(axes.ravel(), self._test.pixels, strict=False)
        self.digits = [charts.digit_image(ax, pixels) for ax, pixels in shown]
        self.answers = [ax.text(14, -1.5, "", ha="center", va="bottom") for ax in axes.ravel()]
        return fig

    def compute(self, state):
        rng = np.random.default_rng(0)
        net = Network.random(sizes_for(self.mnist.train), rng=rng)
        data, rule = self.mnist.train[: state.images], SGD(state.learning_rate)
        for step in train(net, data, rule, batch_size=10, rng=rng):
            pass
        answers = forward(step.net, self._test.pixels[:SHOWN]).output.argmax(axis=1)
        return Reading(state.images, answers, evaluate(step.net, self._test).accuracy)

    def draw(self, result):
        for text, answer, label in zip(self.answers, result.answers, self._test.labels, strict=False):
            right = answer == label
            words, color = ("", style.INK) if right else ("? no", style.UP_TEXT)
            text.set(text=f"a {answer}{words}", color=color)

    def describe(self, result):
        right = int(np.sum(result.answers == self._test.labels[:SHOWN]))
        shown, images = len(result.answers), counted(result.images, "image")
        return (
            f"A new network looked at {result.images:,} {images} once. It now reads {right} of these {shown} "
            f"digits and {result.accuracy:.1%} of {len(self._test):,} it has never seen."
        )
