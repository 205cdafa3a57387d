"""The change backprop asks of each weight of the last layer, beside those of three Hebb rules."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib import forward
from lessons_lib.drawing import charts, style
from lessons_lib.engine.numerical import cosine
from lessons_lib.lessons.fire_together_wire_together.hebb import RULES
from lessons_lib.panels.controls import output_control
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.panel import Preset

BESIDE = ("plain Hebb", "label-clamped Hebb", "Oja")


@dataclass(frozen=True, eq=False)
class Changes:
    """The change of the last layer's weights by each rule, and how well it agrees with backprop's."""

    pixels: np.ndarray  # (784,)
    output: np.ndarray  # (10,)
    before: np.ndarray  # (16,) the activations before the weights
    after: dict[str, np.ndarray]  # (10,) what stands for the neurons after them
    changes: dict[str, np.ndarray]  # (10, 16)
    weight: tuple[int, int]  # the chosen one: the neuron after it, the neuron before it
    cosine: dict[str, float]
    agree: dict[str, int]  # weights pushed the same way
    against: dict[str, np.ndarray]  # (10, 16) booleans: pushed the other way


class FireTogether(ImagePanel):
    """The change one image asks of the 160 weights of the last layer, by backprop and by three Hebb rules.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset to choose images from.
    """

    title = "Who wires together?"
    presets = {
        "A right answer": Preset(
            {"stage": "after one epoch", "image": 0}, "The right row agrees; nine rows go against Hebb."
        ),
        "Sure and wrong": Preset(
            {"stage": "after one epoch", "image": 8, "after": 6},
            "Output 6 fires and should not: Hebb would make it worse, backprop weakens what fed it.",
        ),
        "New network": Preset(
            {"stage": "untrained", "image": 0}, "All outputs are half on, so nine rows are pushed down alike."
        ),
    }

    def controls(self):
        before = W.IntSlider(0, 0, 15, description="Hidden neuron", tooltip="The neuron before the weight")
        return super().controls() | {"after": output_control(), "before": before}

    def figure(self):
        fig, axes = style.figure(2, 3, height=560, width_ratios=(0.62, 1, 1))
        self.digit = charts.digit_image(axes[0, 0], np.zeros(784), title="the image")
        self.outputs = charts.activation_bars(axes[1, 0], np.zeros(10))
        style.title(axes[1, 0], "outputs $a$")
        names = ("backprop", *BESIDE)
        self.tables = {name: _outer(ax) for name, ax in zip(names, axes[:, 1:].flat, strict=True)}
        self.tables["backprop"].title.set_text(r"backprop: $-\delta \otimes a$")
        return fig

    def compute(self, state):
        net, one = self.chosen(state)
        trace = forward(net, one.pixels)
        a, out = trace.a[-2], trace.output
        changes = {name: RULES[name].change(out, one.y, a, net.weights[-1]) for name in self.tables}
        wished = changes["backprop"]
        return Changes(
            pixels=one.pixels[0],
            output=out[0],
            before=a[0],
            after={name: RULES[name].after(out, one.y)[0] for name in self.tables},
            changes=changes,
            weight=(state.after, state.before),
            cosine={name: cosine(changes[name], wished) for name in BESIDE},
            agree={name: int(np.sum(changes[name] * wished > 0)) for name in BESIDE},
            against={name: changes[name] * wished < 0 for name in BESIDE},
        )

    def draw(self, result):
        self.digit.update(result.pixels)
        self.outputs.update(result.output)
        for name, table in self.tables.items():
            table.update(result.changes[name], result.after[name], result.before, result.weight)
        for name in BESIDE:
            rows, columns = np.nonzero(result.against[name])
            self.tables[name].marks.set_data(columns, rows)
            self.tables[name].title.set_text(f"{name}: cos {result.cosine[name]:+.2f}, {len(rows)} against")

    def describe(self, result):
        i, j = result.weight
        rules = "; ".join(
            f"{name} {result.agree[name]} the same way, {result.against[name].sum()} the other way "
            f"(cosine {result.cosine[name]:+.2f})"
            for name in BESIDE
        )
        minus, a = result.after["backprop"][i], result.before[j]
        return (
            f"The weight from hidden neuron {j} to output {i}: −δ × a = {minus:+.3f} × {a:.3f} = "
            f"{result.changes['backprop'][i, j]:+.4f}, times the learning rate. Beside backprop's "
            f"160 changes: {rules}."
        )

    def clicked(self, event):
        """A click on a cell of any table chooses that weight."""
        if event.axes not in [table.image.axes for table in self.tables.values()]:
            return None
        after, before = round(event.y), round(event.x)
        return {"after": after, "before": before} if 0 <= after <= 9 and 0 <= before <= 15 else None


def _outer(ax):
    """A table of changes (10, 16) with its two factors: `after` as a column at the left, `before` on top."""
    image = style.bare(ax).imshow(np.zeros((10, 16)), cmap=style.SIGNED, aspect="auto")
    column = ax.imshow(np.zeros((10, 1)), cmap=style.SIGNED, aspect="auto", extent=(-2, -1, 9.5, -0.5))
    row = ax.imshow(
        np.zeros((1, 16)), cmap=style.ACTIVATION, vmin=0, vmax=1, aspect="auto", extent=(-0.5, 15.5, -1, -2)
    )
    ax.add_patch(Rectangle((-0.5, -0.5), 16, 10, fill=False, edgecolor=style.LINE))
    ax.add_patch(Rectangle((-2, -0.5), 1, 10, fill=False, edgecolor=style.LINE))
    (marks,) = ax.plot([], [], "x", color=style.INK, markersize=4, markeredgewidth=1)
    chosen = ax.add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=style.ACCENT, linewidth=2.2))
    ax.set(xlim=(-2.1, 15.6), ylim=(9.6, -2.1))
    charts.tick_labels(ax.yaxis, range(10))

    def update(changes, after, before, weight):
        for part, values in ((image, changes), (column, after[:, None])):
            most = 1.5 * charts.symmetric_limit(values)  # the strongest cell still shows a mark on it
            part.set_data(values)
            part.set_clim(-most, most)
        row.set_data(before[None])
        chosen.set_xy((weight[1] - 0.5, weight[0] - 0.5))

    title = style.title(ax, " ")
    title.set_fontsize(style.TEXT)
    return charts.Drawn(update, image=image, column=column, row=row, marks=marks, title=title)
