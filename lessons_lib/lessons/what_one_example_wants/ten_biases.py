"""From the nudge to the change of the bias: the slope of σ decides how much of a nudge arrives."""

from dataclasses import dataclass

import numpy as np

from lessons_lib import backprop, forward, squared_error
from lessons_lib.drawing import charts, style
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset

NUDGE, SLOPE, CHANGE = 2.0, 0.25, 8 / 27  # the largest there can be of 2 (y − a), a (1 − a) and their product


@dataclass(frozen=True, eq=False)
class Biases:
    """What one image wants of each output, and what that does to the outputs' biases."""

    pixels: np.ndarray  # (784,)
    nudges: np.ndarray  # (n_out,) −∂C/∂a
    slopes: np.ndarray  # (n_out,) σ′
    changes: np.ndarray  # (n_out,) −∂C/∂b, for a learning rate of 1


class TenBiases(ImagePanel):
    """The nudge of each output, the slope of its σ, and the change of its bias, one above the other.

    Args:
        nets, digits: as for :class:`~lessons_lib.panels.image_panel.ImagePanel`.
    """

    needs = Needs(outputs=("sigmoid",), square=True)
    title = "From the nudge to the bias"
    presets = {
        "Quint": Preset(
            {"stage": "after one epoch", "image": 8},
            "The longest nudge is 5's. But output 5 sits where σ is flat, and 6's bias changes most.",
        ),
        "New network": Preset(
            {"stage": "untrained", "image": 0},
            "No output is near 0 or 1, so all slopes are near ¼ and all nudges are cut alike.",
        ),
        "Quint, much later": Preset(
            {"stage": "trained", "image": 8},
            "Output 5 has reached the steep part of σ: now its bias moves too.",
        ),
    }

    def figure(self):
        fig, axes = style.figure(3, 2, height=470, width_ratios=(0.28, 1), sharex="col")
        self.digit = charts.digit_image(axes[0, 0], np.zeros(784), title="the image")
        for ax in axes[1:, 0]:
            ax.remove()
        blank = np.zeros(self.digits.classes)
        nudges, slopes, changes = axes[:, 1]
        self.rows = [
            charts.signed_arrows(nudges, blank, limit=NUDGE),
            _bars(slopes, len(blank)),
            charts.signed_arrows(changes, blank, limit=CHANGE),
        ]
        centred = {"ha": "center", "va": "center", "fontsize": style.SMALL}
        self.numbers = [[ax.text(k, 0, "", **centred) for k in range(len(blank))] for ax in axes[:, 1]]
        style.title(nudges, r"nudge of each output, $-\partial C/\partial a$")
        style.title(slopes, "times the slope σ′ of its σ at that point")
        style.title(changes, r"is the change of its bias, $-\partial C/\partial b$, for a learning rate of 1")
        return fig

    def compute(self, state):
        net, one = self.chosen(state)
        trace = forward(net, one.pixels)
        return Biases(
            pixels=one.pixels[0],
            nudges=-squared_error.derivative(trace.output, one.y)[0],
            slopes=net.activations[-1].derivative(trace.z[-1], trace.output)[0],
            changes=-net.split(backprop(net, trace, one.y).mean())[-1][1],
        )

    def draw(self, result):
        self.digit.update(result.pixels)
        rows = (  # values, their format, the largest there can be, and how far from 0 the number stands
            (result.nudges, "+.2f", NUDGE, -0.2 * NUDGE * np.sign(result.nudges)),  # across the zero line
            (result.slopes, ".3f", SLOPE, result.slopes + 0.12 * SLOPE),
            (result.changes, "+.3f", CHANGE, -0.2 * CHANGE * np.sign(result.changes)),
        )
        for row, texts, (values, form, most, places) in zip(self.rows, self.numbers, rows, strict=True):
            row.update(values)
            for text, value, y in zip(texts, values, places, strict=True):
                shown = abs(value) > 0.01 * most and len(values) <= charts.FEW
                text.set(y=y, text=style.minus(f"{value:{form}}") if shown else "")

    def describe(self, result):
        furthest, most = (int(np.argmax(np.abs(values))) for values in (result.nudges, result.changes))
        nudge, slope, change = (
            [f"{values[k]:{form}}" for k in (furthest, most)]
            for values, form in ((result.nudges, "+.2f"), (result.slopes, ".3f"), (result.changes, "+.3f"))
        )
        first = (
            f"Output {furthest} gets the largest nudge, {nudge[0]}, and has the slope {slope[0]}, so its "
            f"bias changes by {change[0]}. "
        )
        other = (
            f"Output {most} gets {nudge[1]}, has the slope {slope[1]}, and its bias changes more: "
            f"{change[1]}."
        )
        return first + (other if furthest != most else "No other bias changes more.")


def _bars(ax, n):
    """Bars for slopes, which have no sign."""
    bars = ax.bar(range(n), np.zeros(n), width=0.5, color=style.MUTED)
    ax.set_ylim(0, 1.25 * SLOPE)

    def update(slopes):
        for bar, slope in zip(bars, slopes, strict=True):
            bar.set_height(slope)

    return charts.Drawn(update, bars=bars)
