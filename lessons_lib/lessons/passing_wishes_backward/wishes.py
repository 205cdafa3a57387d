"""The outputs' wishes, carried back through the weights and summed to one nudge for each neuron before."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np
import traitlets as T
from matplotlib.patches import Rectangle

from lessons_lib import backprop, forward
from lessons_lib.drawing import charts, style
from lessons_lib.panels.image_panel import ImagePanel
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.words import slope_name


class Toggles(W.HBox):
    """A row of buttons numbered from 0; `value` is the tuple of those that are pressed."""

    value = T.Tuple()

    def __init__(self, n, *, description, tooltip):
        self.description, self._setting = description, False
        self.buttons = [
            W.ToggleButton(description=str(k), tooltip=f"{tooltip} {k}", layout=W.Layout(width="36px"))
            for k in range(n)
        ]
        label = W.Label(description, layout=W.Layout(min_width="92px", width="auto"))
        row = W.Layout(flex_flow="row wrap", grid_gap="6px", grid_area="auto / 1 / auto / -1")
        super().__init__([label, *self.buttons], layout=row)
        for button in self.buttons:
            button.observe(self._pressed, "value")
        self.value = tuple(range(n))

    def _pressed(self, change):
        if not self._setting:
            self.value = tuple(k for k, button in enumerate(self.buttons) if button.value)

    @T.validate("value")
    def _there(self, proposal):
        return tuple(k for k in proposal.value if k in range(len(self.buttons)))

    @T.observe("value")
    def _show_value(self, change):
        self._setting = True
        for k, button in enumerate(self.buttons):
            button.value = k in change.new
        self._setting = False


@dataclass(frozen=True, eq=False)
class Asked:
    """What the outputs ask of the neurons before them, and what those who are heard ask together."""

    pixels: np.ndarray  # (784,)
    wishes: np.ndarray  # (n_out,) −δ
    asked: np.ndarray  # (n_out, n_in) wish × weight
    heard: np.ndarray  # (n_out,) booleans
    nudge: np.ndarray  # (n_in,) the sum over the outputs that are heard
    full: np.ndarray  # (n_in,) the sum of all
    slope: np.ndarray  # (n_in,) σ′
    neuron: int  # whose column is read out

    @property
    def passed_on(self):
        """(n_in,) the wishes −δ of the neurons before."""
        return self.nudge * self.slope


class Wishes(ImagePanel):
    """What each output asks of the neurons before it, and the sum of what those who are heard ask.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives; all of the same sizes.
        digits: the Dataset to choose square images from.
    """

    needs = Needs(
        hidden=(1, 10), width=128, outputs=("sigmoid", "softmax"), plain=True, alike=True, square=True
    )
    presets = {
        "All are heard": Preset(
            {"stage": "after one epoch", "image": 8}, "The nudge of backpropagation: all ten rows added up."
        ),
        "Only the right output": Preset(
            {"stage": "after one epoch", "image": 8, "heard": (5,)},
            "What output 5 would ask for if it were alone.",
        ),
        "Only the loudest": Preset(
            {"stage": "after one epoch", "image": 8, "heard": (6,)},
            "Output 6 should fall. Its row is most of the sum, but not all of it.",
        ),
        "Nobody": Preset(
            {"stage": "after one epoch", "image": 8, "heard": ()},
            "No wish, no nudge, no change in any layer before.",
        ),
    }

    def __init__(self, nets, digits, **state):
        self.n_in, self.n_out = next(iter(nets.values())).sizes[-2:]
        self.all = "ten" if self.n_out == 10 else str(self.n_out)
        self.title, self.slope = f"{self.all.capitalize()} wishes, one nudge", slope_name(nets)
        super().__init__(nets, digits, **state)

    def controls(self):
        return super().controls() | {
            "neuron": W.IntSlider(
                0,
                0,
                self.n_in - 1,
                description="Hidden neuron",
                tooltip="The column that the sentence adds up",
            ),
            "heard": Toggles(self.n_out, description="Outputs heard", tooltip="Hear output"),
        }

    def figure(self):
        fig, (left, ax) = style.figure(1, 2, height=470, width_ratios=(0.11, 1))
        self.digit = charts.digit_image(left, np.zeros(784), title="the image")
        left.set_anchor("N")
        style.bare(ax)
        self.wide, self.high = self.n_in / 16, self.n_out / 10  # of −δ, and of the rows below the table
        self.table = _Cells(ax, (self.n_out, self.n_in), top=0, left=0)
        self.deltas = _Cells(ax, (self.n_out, 1), top=0, left=-1.6 * self.wide, wide=self.wide)
        self.rows = {
            name: _Cells(ax, (1, self.n_in), top=self.n_out + (0.5 + k) * self.high, left=0, high=self.high)
            for k, name in enumerate("rsd")
        }
        frame = {"fill": False, "edgecolor": style.ACCENT, "linewidth": 2}
        column = Rectangle((0, 0), 1, self.n_out + 3.5 * self.high, **frame)
        self.column = ax.add_patch(column)
        self._name_cells(ax)
        return fig

    def _name_cells(self, ax):
        n_in, n_out, wide, high = self.n_in, self.n_out, self.wide, self.high
        ax.text(-1.1 * wide, -0.3 * high, "wish $-\\delta$", ha="center", va="bottom")
        ax.text(0, -0.3 * high, "what each output asks of hidden neuron…   (wish × weight)", va="bottom")
        shown, below = np.arange(0, n_out, charts.thinned(n_out)), ("sum: the nudge", f"slope {self.slope}")
        names = [*(f"output {k}" for k in shown), *below, f"wish = nudge × {self.slope}"]
        ax.set(xlim=(-1.7 * wide, n_in + 0.1 * wide), ylim=(n_out + 4.6 * high, -1.1 * high))
        rows = n_out + high * np.arange(1, 4)
        ax.yaxis.set_ticks([*(shown + 0.5), *rows], names, fontsize=style.SMALL)
        ax.yaxis.set_tick_params(length=0)
        for j in range(0, n_in, charts.thinned(n_in)):
            ax.text(j + 0.5, n_out + 4.1 * high, str(j), ha="center", va="center", fontsize=style.SMALL)

    def compute(self, state):
        net, one = self.chosen(state)
        trace = forward(net, one.pixels)
        wishes = -backprop(net, trace, one.y).deltas[-1][0]
        asked = wishes[:, None] * net.weights[-1]
        heard = np.isin(np.arange(self.n_out), state.heard)
        return Asked(
            pixels=one.pixels[0],
            wishes=wishes,
            asked=asked,
            heard=heard,
            nudge=asked[heard].sum(axis=0),
            full=asked.sum(axis=0),
            slope=net.activations[-2].derivative(trace.z[-2], trace.a[-2])[0],
            neuron=state.neuron,
        )

    def draw(self, result):
        self.digit.update(result.pixels)
        heard, full = result.heard[:, None], result.full
        self.table.update(result.asked, shown=heard)
        self.deltas.update(result.wishes[:, None], shown=heard)
        self.rows["r"].update(result.nudge[None], most=np.abs(full).max())
        self.rows["s"].update(result.slope[None], most=1e9, sign="")  # no colour: a slope is no wish
        self.rows["d"].update(result.passed_on[None], most=np.abs(full * result.slope).max())
        self.column.set_x(result.neuron)

    def describe(self, result):
        j, count = result.neuron, int(result.heard.sum())
        start = f"{count} of {self.n_out} outputs are heard. "
        if count:
            loudest = int(np.argmax(np.abs(result.asked[:, j]) * result.heard))
            start += f"Output {loudest} asks most of hidden neuron {j}: {result.asked[loudest, j]:+.3f}. "
        end = (
            f"The nudge of hidden neuron {j} is the sum, {result.nudge[j]:+.3f} (all {self.all}: "
            f"{result.full[j]:+.3f}). Times its slope {self.slope} = {result.slope[j]:.3f} this is its wish, "
            f"−δ = {result.passed_on[j]:+.3f}."
        )
        return start + end

    def clicked(self, event):
        """A click on an output's wish hears or silences it; a click in the table chooses a hidden neuron."""
        if event.axes is not self.table.image.axes or not 0 <= event.y < self.n_out + 3.5 * self.high:
            return None
        if event.x >= 0:
            return {"neuron": min(int(event.x), self.n_in - 1)}
        row = int(event.y)
        heard = set(self.state["heard"])
        return {"heard": tuple(sorted(heard ^ {row}))} if row < self.n_out else None


class _Cells:
    """A table of signed numbers at a place in an axes, each cell with its number where that has room."""

    def __init__(self, ax, shape, *, top, left, wide=1.0, high=1.0):
        rows, columns = shape
        extent = (left, left + wide * columns, top + high * rows, top)
        self.image = ax.imshow(np.zeros(shape), cmap=style.SIGNED, aspect="auto", extent=extent)
        ax.add_patch(Rectangle((left, top), wide * columns, high * rows, fill=False, edgecolor=style.LINE))
        places = [(left + wide * (j + 0.5), top + high * (i + 0.5)) for i, j in np.ndindex(shape)]
        inside = {"ha": "center", "va": "center", "fontsize": style.SMALL, "in_layout": False}
        self.texts = [ax.text(*xy, "", **inside) for xy in places]
        self.roomy = columns <= charts.FEW

    def update(self, values, *, shown=True, most=None, sign="+"):
        """Colour and number of each cell; where not `shown`, the cell is blank and its number grey."""
        limit = 1.6 * (most or charts.symmetric_limit(values))  # the strongest cell still shows dark numbers
        shown = np.broadcast_to(shown, values.shape)
        self.image.set_data(np.where(shown, values, 0))
        self.image.set_clim(-limit, limit)
        for text, value, on in zip(self.texts, values.flat, shown.flat, strict=True):
            words = "·" if abs(value) < 0.005 else style.minus(f"{value:{sign}.2f}")
            text.set(text=words if self.roomy else "", color=style.INK if on else "#9aa1ab")
