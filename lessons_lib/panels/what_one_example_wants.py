"""Lesson 03: the nudges one image asks of the outputs, and the three ways to give in to one of them."""

from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib import backprop, evaluate, forward, sigmoid, squared_error
from lessons_lib.drawing import charts, style
from lessons_lib.panels.panel import Panel, Preset

AVENUES = ("the bias", "the weights", "the activations before")


def image_controls(nets, digits, *, stage=None, image=0):
    """The two controls that choose a network by its stage, and an image by its number."""
    return {
        "stage": W.Dropdown(
            options=list(nets),
            value=stage or next(iter(nets)),
            description="Network",
            tooltip="How long it has been trained",
        ),
        "image": W.IntSlider(
            image, 0, len(digits) - 1, description="Image", tooltip="Which image of the test set"
        ),
    }


class Nudges(Panel):
    """What one image wants of the ten outputs, and what one step along its own gradient does.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset to choose images from.
    """

    title = "What one image wants"
    presets = {
        "Way off": Preset(
            {"stage": "untrained", "image": 0}, "Every output is far from its target: ten long arrows."
        ),
        "Nearly right": Preset(
            {"stage": "trained", "image": 0}, "The answer is right and sure: hardly any arrow is left."
        ),
        "Sure and wrong": Preset(
            {"stage": "after one epoch", "image": 8},
            "Two long arrows: down with the wrong answer, up with the right one.",
        ),
        "Too much": Preset(
            {"stage": "after one epoch", "image": 8, "learning_rate": 10**1.4},
            "This image is served, and what the network knew of the others suffers.",
        ),
    }

    def __init__(self, nets, digits, **state):
        self.nets, self.digits = nets, digits
        super().__init__(**state)

    def controls(self):
        return image_controls(self.nets, self.digits) | {
            "learning_rate": W.FloatLogSlider(
                1.0,
                base=10,
                min=-2,
                max=1.5,
                step=0.05,
                readout_format=".2f",
                description="Learning rate",
                tooltip="How far one step goes along this image's own gradient",
            ),
        }

    def figure(self):
        fig, (left, before, nudge, after) = style.figure(
            1, 4, height=330, width_ratios=(1.0, 1.15, 1.25, 1.15)
        )
        self.digit = charts.digit_image(left, np.zeros(784), title="the image")
        self.before = charts.activation_bars(before, np.zeros(10))
        self.arrows = charts.signed_arrows(nudge, np.zeros(10), limit=1.0)
        self.after = charts.activation_bars(after, np.zeros(10))
        style.title(before, "outputs $a$ now")
        style.title(nudge, "nudges $y - a$")
        style.title(after, "after one step")
        return fig

    def compute(self, state):
        net, one = self.nets[state.stage], self.digits[state.image]
        trace = forward(net, one.pixels)
        gradient = backprop(net, trace, one.y).mean()
        stepped = net.with_params(net.params - state.learning_rate * gradient)
        after = forward(stepped, one.pixels).output[0]
        return SimpleNamespace(
            pixels=one.pixels[0],
            label=int(one.labels[0]),
            output=trace.output[0],
            nudges=one.y[0] - trace.output[0],
            after=after,
            cost=squared_error(trace.output, one.y),
            cost_after=squared_error(after[None], one.y),
            accuracy=evaluate(net, self.digits).accuracy,
            accuracy_after=evaluate(stepped, self.digits).accuracy,
        )

    def draw(self, result):
        self.digit.update(result.pixels)
        self.before.update(result.output)
        self.arrows.update(result.nudges)
        self.after.update(result.after)

    def describe(self, result):
        label, nudges = result.label, result.nudges
        loudest = int(np.argmax(np.where(np.arange(10) == result.label, -1, result.output)))
        return (
            f"This {label} wants output {label} up by {nudges[label]:.2f}, and of the others it most "
            f"wants output {loudest} down, by {-nudges[loudest]:.2f}. The step changes its cost from "
            f"{result.cost:.3f} to {result.cost_after:.3f}; of {len(self.digits):,} test images the network "
            f"reads {result.accuracy:.1%} before and {result.accuracy_after:.1%} after."
        )


class ThreeAvenues(Panel):
    """One output neuron, one budget, three ways to spend it.

    A change of length ``budget`` goes to the neuron's bias, to its weights, or to the activations before it,
    each time in the direction that raises the output fastest.
    """

    title = "Three ways to raise one output"
    presets = {
        "Raise a 7": Preset(
            {"stage": "after one epoch", "image": 0, "neuron": 7},
            "Trained weights are strong, so the activations they multiply are the best buy.",
        ),
        "New network": Preset(
            {"stage": "untrained", "image": 0, "neuron": 7},
            "New weights are small, so the weights themselves are the best buy.",
        ),
    }

    def __init__(self, nets, digits, **state):
        self.nets, self.digits = nets, digits
        super().__init__(**state)

    def controls(self):
        return image_controls(self.nets, self.digits) | {
            "neuron": W.IntSlider(
                7, 0, 9, description="Output", tooltip="Which of the ten output neurons to raise"
            ),
            "budget": W.FloatSlider(
                0.5,
                min=0.0,
                max=2.0,
                step=0.05,
                description="Budget",
                tooltip="The length of the change, the same for all three",
            ),
        }

    def figure(self):
        fig, (race, spent) = style.figure(1, 2, height=300, width_ratios=(1.5, 1))
        self.race = charts.activation_bars(race, np.zeros(4), labels=("now", *AVENUES), digits=3)
        self.prices = spent.bar(("bias", "weights", "activations"), np.zeros(3), width=0.6, color=style.UP)
        self.amounts = [spent.text(k, 0, "", ha="center", va="bottom") for k in range(3)]
        spent.set(ylim=(0, 14))
        style.title(race, "the output, after spending the budget on…")
        style.title(spent, "what one unit of budget adds to $z$")
        return fig

    def compute(self, state):
        net = self.nets[state.stage]
        trace = forward(net, self.digits[state.image].pixels)
        before, w, z = trace.a[-2][0], net.weights[-1][state.neuron], trace.z[-1][0, state.neuron]
        speed = np.array([1.0, np.linalg.norm(before), np.linalg.norm(w)])
        return SimpleNamespace(
            neuron=state.neuron,
            budget=state.budget,
            output=sigmoid(z),
            speed=speed,
            raised=sigmoid(z + state.budget * speed),
        )

    def draw(self, result):
        self.race.update([result.output, *result.raised])
        for bar, text, speed in zip(self.prices, self.amounts, result.speed, strict=True):
            bar.set_height(speed)
            text.set(y=speed + 0.2, text=f"{speed:.2f}")

    def describe(self, result):
        best = int(np.argmax(result.speed))
        ways = ", ".join(f"{a:.3f} through {name}" for name, a in zip(AVENUES, result.raised, strict=True))
        return (
            f"A budget of {result.budget:.2f} takes output {result.neuron} from {result.output:.3f} to "
            f"{ways}. "
            f"The best buy is {AVENUES[best]}: z rises {result.speed[best]:.2f} for each unit spent."
        )
