"""The change backprop asks of each weight of the last layer, beside those of three Hebb rules."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.patches import Rectangle

from lessons_lib import backprop, forward
from lessons_lib.drawing import charts, style
from lessons_lib.engine.numerical import cosine
from lessons_lib.lessons.fire_together_wire_together.hebb import RULES
from lessons_lib.panels.controls import output_control
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset

BESIDE = ("plain Hebb", "Hebb with the label", "Oja")
VISIBLE = 0.1  # of the largest change in its table: what is less is too pale to disagree with


@dataclass(frozen=True, eq=False)
class Changes:
    """The change of the last layer's weights by each rule, and how well it agrees with backprop's."""

    pixels: np.ndarray  # (784,)
    output: np.ndarray  # (n_out,)
    before: np.ndarray  # (n_in,) the activations before the weights
    after: dict[str, np.ndarray]  # (n_out,) what stands for the neurons after them
    changes: dict[str, np.ndarray]  # (n_out, n_in)
    weight: tuple[int, int]  # the chosen one: the neuron after it, the neuron before it
    cosine: dict[str, float]
    agree: dict[str, int]  # weights pushed the same way
    against: dict[str, np.ndarray]  # (n_out, n_in) booleans: pushed the other way
    crossed: dict[
        str, np.ndarray
    ]  # (n_out, n_in) booleans: of these, where both changes are large enough to see


class FireTogether(ImagePanel):
    """The change one image asks of the weights of the last layer, by backprop and by three Hebb rules.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives; all of the same sizes.
        digits: the Dataset to choose square images from.
    """

    needs = Needs(hidden=(1, 10), width=128, outputs=("sigmoid", "softmax"), alike=True, square=True)

    title = "What each rule would change"
    presets = {
        "A right answer": Preset(
            {"stage": "after one epoch", "image": 0},
            "In the row of the 7 both agree. Hebb raises the nine other rows as well, which should fall.",
        ),
        "Confident but wrong": Preset(
            {"stage": "after one epoch", "image": 8, "after": 6},
            "Quint: output 6 fires and should not. Hebb would strengthen it, backprop weakens it.",
        ),
        "New network": Preset(
            {"stage": "untrained", "image": 0},
            "All outputs are half on, so backprop pushes nine rows down, and Hebb pushes all ten up.",
        ),
    }

    def controls(self):
        n_in, n_out = self.sizes[-2:]
        says = "The neuron before the weight"
        before = W.IntSlider(0, 0, n_in - 1, description="Hidden neuron", tooltip=says)
        return super().controls() | {"after": output_control(n_out), "before": before}

    def figure(self):
        fig, axes = style.figure(2, 3, height=560, width_ratios=(0.62, 1, 1))
        self.digit = charts.digit_image(axes[0, 0], np.zeros(784), title="the image")
        self.outputs = charts.activation_bars(axes[1, 0], np.zeros(self.sizes[-1]))
        style.title(axes[1, 0], "outputs $a$")
        names = ("backprop", *BESIDE)
        self.tables = {
            name: _outer(ax, *self.sizes[-2:]) for name, ax in zip(names, axes[:, 1:].flat, strict=True)
        }
        self.tables["backprop"].title.set_text(r"backprop: $-\delta \otimes a$")
        return fig

    def compute(self, state):
        net, one = self.chosen(state)
        trace = forward(net, one.pixels)
        a, out = trace.a[-2], trace.output
        after = {name: RULES[name].after(out, one.y)[0] for name in BESIDE}
        after = {"backprop": -backprop(net, trace, one.y).deltas[-1][0]} | after
        changes = {name: RULES[name].change(out, one.y, a, net.weights[-1]) for name in BESIDE}
        wished = np.outer(after["backprop"], a[0])
        return Changes(
            pixels=one.pixels[0],
            output=out[0],
            before=a[0],
            after=after,
            changes={"backprop": wished} | changes,
            weight=(state.after, state.before),
            cosine={name: cosine(changes[name], wished) for name in BESIDE},
            agree={name: int(np.sum(changes[name] * wished > 0)) for name in BESIDE},
            against={name: changes[name] * wished < 0 for name in BESIDE},
            crossed={
                name: (changes[name] * wished < 0) & _visible(changes[name]) & _visible(wished)
                for name in BESIDE
            },
        )

    def draw(self, result):
        self.digit.update(result.pixels)
        self.outputs.update(result.output)
        for name, table in self.tables.items():
            table.update(result.changes[name], result.after[name], result.before, result.weight)
        for name in BESIDE:
            rows, columns = np.nonzero(result.crossed[name])
            self.tables[name].marks.set_data(columns, rows)
            self.tables[name].title.set_text(style.minus(f"{name}: cosine {result.cosine[name]:+.2f}"))

    def describe(self, result):
        i, j = result.weight
        rules = "; ".join(
            f"{name} {result.agree[name]} the same way, {result.against[name].sum()} the other way"
            + (f" ({crosses} of them marked)" if (crosses := result.crossed[name].sum()) else "")
            for name in BESIDE
        )
        minus, a = result.after["backprop"][i], result.before[j]
        return (
            f"The weight from hidden neuron {j} to output {i}: −δ × a = {minus:+.3f} × {a:.3f} = "
            f"{result.changes['backprop'][i, j]:+.4f}, times the learning rate. Beside backprop's "
            f"{result.changes['backprop'].size} changes: {rules}."
        )

    def clicked(self, event):
        """A click on a cell of any table chooses that weight."""
        if event.axes not in [table.image.axes for table in self.tables.values()]:
            return None
        (after, before), (n_in, n_out) = (round(event.y), round(event.x)), self.sizes[-2:]
        inside = 0 <= after < n_out and 0 <= before < n_in
        return {"after": after, "before": before} if inside else None


def _visible(changes):
    return np.abs(changes) > VISIBLE * np.abs(changes).max()


def _outer(ax, n_in, n_out):
    """A table (n_out, n_in) of changes with its factors: `after` as a column at the left, `before` above."""
    wide, high = n_in / 16, n_out / 10  # of the two factors, which are a cell wide in a table of (10, 16)
    left, top, right, bottom = -0.5 - 1.5 * wide, -0.5 - 1.5 * high, n_in - 0.5, n_out - 0.5
    image = style.bare(ax).imshow(np.zeros((n_out, n_in)), cmap=style.SIGNED, aspect="auto")
    at_left = {"extent": (left, left + wide, bottom, -0.5), "aspect": "auto"}
    column = ax.imshow(np.zeros((n_out, 1)), cmap=style.SIGNED, **at_left)
    on_top = {"extent": (-0.5, right, top + high, top), "aspect": "auto"}
    row = ax.imshow(np.zeros((1, n_in)), cmap=style.ACTIVATION, vmin=0, vmax=1, **on_top)
    ax.add_patch(Rectangle((-0.5, -0.5), n_in, n_out, fill=False, edgecolor=style.LINE))
    ax.add_patch(Rectangle((left, -0.5), wide, n_out, fill=False, edgecolor=style.LINE))
    (marks,) = ax.plot([], [], "x", color=style.INK, markersize=4, markeredgewidth=1)
    chosen = ax.add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=style.ACCENT, linewidth=2.2))
    ax.set(xlim=(left - 0.1, right + 0.1), ylim=(bottom + 0.1, top - 0.1))
    charts.tick_labels(ax.yaxis, range(n_out))

    def update(changes, after, before, weight):
        for part, values in ((image, changes), (column, after[:, None])):
            most = 1.5 * charts.symmetric_limit(values)  # the strongest cell still shows a mark on it
            part.set_data(values)
            part.set_clim(-most, most)
        row.set_data(before[None])
        row.set_clim(min(0.0, before.min()), max(1.0, before.max()))
        chosen.set_xy((weight[1] - 0.5, weight[0] - 0.5))

    title = style.title(ax, " ")
    title.set_fontsize(style.TEXT)
    return charts.Drawn(update, image=image, column=column, row=row, marks=marks, title=title)
