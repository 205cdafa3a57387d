"""Three ways to raise an output: the bias, the weights, the activations before."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np

from lessons_lib import forward
from lessons_lib.drawing import charts, style
from lessons_lib.panels.controls import float_slider
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.panel import Preset

AVENUES = ("the bias", "the weights", "the activations before")


@dataclass(frozen=True, eq=False)
class Purchases:
    """What the same budget does to one output along each of the `AVENUES`."""

    neuron: int
    budget: float
    output: float  # before
    speed: np.ndarray  # (3,) what one unit of budget adds to z
    raised: np.ndarray  # (3,) the output afterwards


class ThreeAvenues(ImagePanel):
    """One output neuron, one budget, three ways to spend it.

    A change of length ``budget`` goes to the neuron's bias, to its weights, or to the activations before it,
    each time in the direction that raises its z fastest. What else moves with the activations before, moves.

    Args:
        nets, digits: as for :class:`~lessons_lib.panels.image_panel.ImagePanel`.
    """

    title = "Three ways to raise one output"
    presets = {
        "Raise a 7": Preset(
            {"stage": "after one epoch", "image": 0, "neuron": 7},
            "Trained weights are strong, so the activations they multiply give the most.",
        ),
        "New network": Preset(
            {"stage": "untrained", "image": 0, "neuron": 7},
            "New weights are small, so changing the weights themselves gives the most.",
        ),
    }

    def controls(self):
        last = self.digits.classes - 1
        words = "ten" if last == 9 else last + 1
        length = "The length of the change, the same for all three"
        return super().controls() | {
            "neuron": W.IntSlider(
                min(7, last),
                0,
                last,
                description="Output",
                tooltip=f"Which of the {words} output neurons to raise",
            ),
            "budget": float_slider(0.5, 0, 2, 0.05, "Budget", length),
        }

    def figure(self):
        fig, (race, spent) = style.figure(1, 2, height=300, width_ratios=(1.5, 1))
        self.race = charts.activation_bars(race, np.zeros(4), labels=("now", *AVENUES), digits=3)
        self.prices = spent.bar(("bias", "weights", "activations"), np.zeros(3), width=0.6, color=style.UP)
        self.amounts = [spent.text(k, 0, "", ha="center", va="bottom") for k in range(3)]
        spent.set(ylim=(0, 14))
        self.spent = spent
        style.title(race, "the output, after spending the budget on…")
        style.title(spent, "what one unit of budget adds to $z$")
        return fig

    def compute(self, state):
        net, one = self.chosen(state)
        trace = forward(net, one.pixels)
        k, before, W = state.neuron, trace.a[-2][0], net.weights[-1]
        speed = np.array([1.0, np.linalg.norm(before), np.linalg.norm(W[k])])
        along = np.zeros((3, len(W)))  # what a unit of budget does to every z
        along[:, k] = speed
        others = np.arange(len(W)) != k
        along[2, others] = W[others] @ W[k] / max(speed[2], 1e-30)
        raised = net.activations[-1](trace.z[-1] + state.budget * along)[:, k]
        return Purchases(k, state.budget, trace.output[0, k], speed, raised)

    def draw(self, result):
        self.race.update([result.output, *result.raised])
        for bar, text, speed in zip(self.prices, self.amounts, result.speed, strict=True):
            bar.set_height(speed)
            text.set(y=speed + 0.2, text=f"{speed:.2f}")
        charts.set_limits(self.spent, y=(0, max(14, 1.1 * result.speed.max())))

    def describe(self, result):
        best = int(np.argmax(result.speed))
        ways = ", ".join(f"{a:.3f} through {name}" for name, a in zip(AVENUES, result.raised, strict=True))
        return (
            f"A budget of {result.budget:.2f} takes output {result.neuron} from {result.output:.3f} to "
            f"{ways}. The best buy is {AVENUES[best]}: z rises {result.speed[best]:.2f} for each unit spent."
        )
