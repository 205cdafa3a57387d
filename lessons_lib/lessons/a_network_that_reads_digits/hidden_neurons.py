"""How many hidden neurons, and why they start at random: small networks, trained at once."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np

from lessons_lib import SGD, Network, evaluate, train
from lessons_lib.drawing import charts, style
from lessons_lib.drawing.canvas import canvas, label, place_image
from lessons_lib.panels.controls import marks
from lessons_lib.panels.first_layer import WeightPictures
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.panels.words import counted

SIZES = (1, 2, 4, 8, 16, 32, 64)  # neurons in each of the two hidden layers
RANDOM, ZEROS = "random", "all zeros"
HEIGHT = 320  # CSS pixels; the picture is laid out in them, y downward
PICTURES = (20, 52, 420, 240)  # left, top, greatest width and height of the pictures of the weights
PASSES = 2


@dataclass(frozen=True, eq=False)
class Trained:
    """Networks of all sizes that started alike, and the one that is chosen."""

    start: str
    hidden: int
    net: Network
    accuracies: np.ndarray  # (len(SIZES),) on the test images

    @property
    def accuracy(self):
        return float(self.accuracies[SIZES.index(self.hidden)])

    @property
    def alike(self):
        """Whether all neurons of the first hidden layer have the same weights, but for rounding."""
        W = self.net.weights[0]
        return self.hidden > 1 and np.ptp(W, axis=0).max() < 1e-4 * np.abs(W).max()


class HiddenNeurons(Panel):
    """Train networks with 1 to 64 neurons in each hidden layer, from a random start or from zeros.

    Args:
        train: the Dataset to learn from; a few thousand images are enough.
        test: the Dataset to read afterwards.
    """

    needs = Needs(square=True)

    title = "How many hidden neurons?"
    presets = {
        "Too few": Preset({"hidden": 2}, "Two neurons have to say it all: ten digits do not fit through."),
        "As in the lessons": Preset({"hidden": 16}, "Sixteen different pictures, 13,002 parameters."),
        "Many": Preset({"hidden": 64}, "Four times as many neurons as in the lessons, and hardly any gain."),
        "Start from zeros": Preset(
            {"hidden": 16, "start": ZEROS}, "Sixteen neurons with one picture between them."
        ),
    }

    def __init__(self, train, test, **state):
        self.train, self.test, self._trained = train, test, {}
        super().__init__(**state)

    def controls(self):
        return {
            "hidden": marks(
                SIZES, 16, "Hidden neurons", "How many there are in each of the two hidden layers"
            ),
            "start": W.ToggleButtons(
                options=[RANDOM, ZEROS], description="Start", tooltip="What the weights are before training"
            ),
        }

    def figure(self):
        fig, ax = canvas(HEIGHT)
        self.heading = label(ax, PICTURES[0], 24, size=style.TITLE)
        self.pictures = place_image(ax, *PICTURES, cmap=style.SIGNED)
        self._graph(fig.add_axes([0.6, 48 / HEIGHT, 0.375, (HEIGHT - 84) / HEIGHT]))
        return fig

    def _graph(self, ax):
        (self.curve,) = ax.plot([], [], "-o", color=style.INK, markersize=5)
        (self.chosen,) = ax.plot([], [], "o", color=style.ACCENT, markersize=9, zorder=4)
        ax.set(xscale="log", xlim=(0.85, 75), ylim=(0, 1), xlabel="neurons in each hidden layer")
        ax.set_xticks(SIZES, SIZES)
        ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        ax.minorticks_off()
        style.title(ax, "test accuracy")

    def compute(self, state):
        if state.start not in self._trained:
            self._trained[state.start] = [self._train(hidden, state.start) for hidden in SIZES]
        nets = self._trained[state.start]
        accuracies = np.array([evaluate(net, self.test).accuracy for net in nets])
        return Trained(state.start, state.hidden, nets[SIZES.index(state.hidden)], accuracies)

    def _train(self, hidden, start):
        rng = np.random.default_rng(0)
        net = Network.random((self.train.features, hidden, hidden, self.train.classes), rng=rng)
        if start == ZEROS:
            net = net.with_params(0 * net.params)
        for step in train(net, self.train, SGD(2.0), batch_size=10, epochs=PASSES, rng=rng):
            pass
        return step.net

    def draw(self, result):
        weights = result.net.weights[0]
        tiles = WeightPictures(weights.shape[1], result.hidden, shape=1)
        left, top, width, height = tiles.box(*PICTURES)
        self.pictures.set_data(tiles.mosaic(weights))
        self.pictures.set_extent((left, left + width, top + height, top))
        most = charts.symmetric_limit(weights)
        self.pictures.set_clim(-most, most)
        self.heading.set_text(f"weights of the {result.hidden} neurons of the first hidden layer")
        self.curve.set_data(SIZES, result.accuracies)
        self.chosen.set_data([result.hidden], [result.accuracy])

    def describe(self, result):
        neurons, net = counted(result.hidden, "neuron"), result.net
        same = " All neurons of a layer are still alike." if result.alike else ""
        return (
            f"With {result.hidden} {neurons} in each hidden layer, {net.n_params:,} parameters in all, and a "
            f"start from {'random weights' if result.start == RANDOM else 'zeros'}, the network reads "
            f"{result.accuracy:.1%} of {len(self.test):,} test images correctly after {PASSES} passes over "
            f"{len(self.train):,}.{same}"
        )
