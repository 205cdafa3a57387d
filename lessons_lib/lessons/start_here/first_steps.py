"""One small panel in which a network learns before your eyes."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np

from lessons_lib import SGD, Network, evaluate, forward, train
from lessons_lib.drawing import charts, style
from lessons_lib.drawing.canvas import canvas, label, place_image
from lessons_lib.panels.controls import log_slider
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import counted
from lessons_lib.runs.stages import sizes_for

HEIGHT = 300  # CSS pixels; the picture is laid out in them, y downward
SHOWN = 12  # test images in the picture
LOOKS = 12  # looks at the network on its way, besides the one before the training
ROWS = (0, 1, 2, 4, 12)  # the looks whose readings are written out
LEFT, TOP, PITCH, SIDE = 424, 44, 36, 32  # of the first test image, from one to the next, and its side
LINE = 36  # from one row of readings to the next


@dataclass(frozen=True, eq=False)
class Reading:
    """What a network reads before, during and after one pass over some images."""

    images: int  # it has learned from
    seen: np.ndarray  # (LOOKS + 1,) images seen at each look
    answers: np.ndarray  # (LOOKS + 1, SHOWN) digits, or fewer
    accuracies: np.ndarray  # (LOOKS + 1,) on all test images

    @property
    def accuracy(self):
        """On all test images, after the training."""
        return float(self.accuracies[-1])


class FirstSteps(Panel):
    """Train a new network each time a slider moves, and see how well it reads on the way.

    Args:
        mnist: what :func:`.load_mnist` gives.
    """

    needs = Needs(square=True)

    title = "A network learns while you watch"
    presets = {
        "Too small": Preset({"learning_rate": 0.01}, "Steps so small that it has hardly moved."),
        "About right": Preset(
            {"learning_rate": 10**0.3}, "After one pass over the images it reads most digits correctly."
        ),
        "Too large": Preset({"learning_rate": 10**1.4}, "Steps so long that it jumps past every good place."),
    }  # fmt: skip

    def __init__(self, mnist, **state):
        self.mnist, self._test = mnist, mnist.test[:1000]
        super().__init__(**state)

    def controls(self):
        self._most = most = min(12_000, len(self.mnist.train))
        low = min(1000, most)
        goes = "How long each training step is"
        return {
            "learning_rate": log_slider(
                10**0.3, -2, 1.5, "Learning rate", goes, step=0.05, readout_format=".2f"
            ),
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
        fig, ax = canvas(HEIGHT)
        shown = self._test.pixels[:SHOWN]
        for k, pixels in enumerate(shown):
            image = place_image(ax, LEFT + k * PITCH, TOP, SIDE, SIDE, cmap=style.ACTIVATION, vmin=0, vmax=1)
            image.set_data(charts.square(charts.unit(pixels)))
        label(ax, LEFT, 20, "what it reads them as (bold: correct)", size=style.TITLE)
        lines = [TOP + SIDE + 24 + row * LINE for row in range(len(ROWS))]
        self.times = [label(ax, LEFT - 12, y, size=style.TEXT, ha="right") for y in lines]
        across = [LEFT + k * PITCH + SIDE / 2 for k in range(len(shown))]
        self.answers = [[label(ax, x, y, size=12, ha="center") for x in across] for y in lines]
        self._curve(fig.add_axes([0.065, 48 / HEIGHT, 0.25, (HEIGHT - 82) / HEIGHT]))
        return fig

    def _curve(self, ax):
        (self.curve,) = ax.plot([], [], "-o", color=style.INK, markersize=4)
        ax.set(xlim=(0, 1.03 * self._most), ylim=(0, 1), xlabel="images it has learned from")
        ticks = np.linspace(0, self._most, 4).round().astype(int)
        ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        style.title(ax, "test accuracy")

    def compute(self, state):
        rng = np.random.default_rng(0)
        net = Network.random(sizes_for(self.mnist.train), rng=rng)
        data, rule = self.mnist.train[: state.images], SGD(state.learning_rate)
        seen, looks = np.linspace(0, state.images, LOOKS + 1), [self._look(net)]
        for step in train(net, data, rule, batch_size=10, rng=rng):
            if step.examples >= seen[len(looks)]:
                looks.append(self._look(step.net))
        looks += [looks[-1]] * (len(seen) - len(looks))  # of a training that ended early
        return Reading(state.images, seen, *map(np.array, zip(*looks, strict=True)))

    def _look(self, net):
        answers = forward(net, self._test.pixels[:SHOWN]).output.argmax(axis=1)
        return answers, evaluate(net, self._test).accuracy

    def draw(self, result):
        self.curve.set_data(result.seen, result.accuracies)
        labels = self._test.labels[:SHOWN]
        for look, time, texts in zip(ROWS, self.times, self.answers, strict=True):
            time.set_text(f"after {result.seen[look]:,.0f} images" if look else "before training")
            for text, answer, digit in zip(texts, result.answers[look], labels, strict=True):
                right = answer == digit
                text.set(
                    text=str(answer),
                    color=style.INK if right else style.MUTED,
                    weight="bold" if right else "normal",
                )

    def describe(self, result):
        right = int(np.sum(result.answers[-1] == self._test.labels[:SHOWN]))
        shown, images = result.answers.shape[1], counted(result.images, "image")
        return (
            f"A new network looked at {result.images:,} {images} once. It read {result.accuracies[0]:.1%} of "
            f"{len(self._test):,} test images correctly before, and {result.accuracy:.1%} afterwards; "
            f"of these {shown} digits it now reads {right} correctly."
        )
