"""A 2-2-1 network with every number on screen, forward and back."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from matplotlib.patches import Circle

from lessons_lib import backprop, forward, squared_error
from lessons_lib.drawing import style
from lessons_lib.drawing.canvas import canvas, label, write
from lessons_lib.panels.controls import float_slider
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset

HEIGHT = 440  # CSS pixels; the picture is laid out in them, y downward
PLACES = [[(70, 130), (70, 330)], [(370, 130), (370, 330)], [(622, 230)]]  # the neurons, layer by layer
COST = (795, 230)
RADIUS = 30
LEAN = (0, -32, 0)  # how far the words below a neuron stand to its right, clear of the connections
NAMES = [  # the parameters in the order of the vector, and where each is shown
    *((f"w{i}{j} from x{j} to hidden {i}", 0, i, j) for i in (1, 2) for j in (1, 2)),
    *((f"b{i} of hidden {i}", 0, i, None) for i in (1, 2)),
    *((f"v{j} from hidden {j} to the output", 1, 1, j) for j in (1, 2)),
    ("c, bias of the output", 1, 1, None),
]
STEPS = (
    "the inputs",
    "hidden layer",
    "output",
    "cost",
    "δ of the output",
    "δ of the hidden layer",
    "all slopes",
)


@dataclass(frozen=True, eq=False)
class Passes:
    """Every number of one forward and one backward pass; the lists go layer by layer."""

    step: int
    parameter: int  # whose chain is shown
    y: float
    a: list[np.ndarray]  # the inputs come first
    z: list[np.ndarray]
    wish: list[np.ndarray]  # ∂C/∂a
    slope: list[np.ndarray]  # σ′
    delta: list[np.ndarray]
    cost: float
    gradient: np.ndarray  # (9,)


class TinyNetwork(Panel):
    """Every number of one forward and one backward pass, revealed step by step, and one chain of factors.

    Args:
        net: a float64 network 2-2-1.
    """

    title = "Every number, forward and back"
    needs = Needs(sizes=(2, 2, 1), activations=("sigmoid",), outputs=("sigmoid",))
    presets = {
        "Forward": Preset({"step": 3}, "From left to right: sums, activations, and the cost at the end."),
        "Back to the output": Preset({"step": 4}, "The first δ: what the cost says, times the slope of σ."),
        "Back to hidden": Preset(
            {"step": 5}, "δ of the output comes back through each weight, times the slope there."
        ),
        "All slopes": Preset(
            {"step": 6}, "Each weight's slope is the δ after it times the activation before."
        ),
        "Saturated": Preset(
            {"step": 6, "x1": 9.0, "x2": -3.0}, "σ is nearly flat there, so hardly any slope is left."
        ),
    }

    def __init__(self, net, **state):
        self.net = net
        super().__init__(**state)

    def controls(self):
        names = {name: k for k, (name, *_) in enumerate(NAMES)}
        return {
            "step": W.IntSlider(6, 0, 6, description="Step", tooltip="How far the computation has come"),
            "parameter": W.Dropdown(
                options=names, description="Parameter", tooltip="Whose chain is shown in purple"
            ),
            "x1": _slider(1.0, "x1", -3, 9),
            "x2": _slider(0.5, "x2", -3, 9),
            "y": _slider(1.0, "target y", 0, 1),
        }

    def figure(self):
        fig, ax = canvas(HEIGHT)
        self.edges = {}
        for k, (_, layer, i, j) in enumerate(NAMES):
            if j is not None:
                start, end = PLACES[layer][j - 1], PLACES[layer + 1][i - 1]
                self.edges[k] = _Edge(ax, start, end, symbol_of(k), (0.32, 0.45)[layer])
        ax.plot(*zip(PLACES[2][0], COST, strict=True), color=style.MUTED, linewidth=1.2, zorder=1)
        self.nodes = [
            [_Node(ax, *place, lean) for place in layer] for layer, lean in zip(PLACES, LEAN, strict=True)
        ]
        self.cost = _Node(ax, *COST, 0)
        for x, words in ((70, "inputs"), (370, "hidden layer"), (622, "output"), (800, "cost")):
            label(ax, x, 24, words, size=style.TITLE, ha="center")
        self.stage = label(ax, 20, HEIGHT - 16, color=style.MUTED)
        corner = {"ha": "right", "color": style.MUTED}
        label(ax, style.WIDTH - 20, HEIGHT - 16, "in italics: the slope of the cost", **corner)
        return fig

    def compute(self, state):
        x, y = np.array([[state.x1, state.x2]]), np.array([[state.y]])
        trace = forward(self.net, x)
        grad = backprop(self.net, trace, y)
        return Passes(
            step=state.step,
            parameter=state.parameter,
            y=state.y,
            a=[a[0] for a in trace.a],
            z=[z[0] for z in trace.z],
            wish=[grad.deltas[1][0] @ self.net.weights[1], 2 * (trace.output[0] - y[0])],
            slope=[a[0] * (1 - a[0]) for a in trace.a[1:]],
            delta=[delta[0] for delta in grad.deltas],
            cost=float(squared_error(trace.output, y)),
            gradient=grad.mean(),
        )

    def draw(self, result):
        chain, step = self._chain(result.parameter), result.step
        for k, edge in self.edges.items():
            edge.update(self.net.params[k], result.gradient[k] if step >= 6 else None, k in chain)
        for j, node in enumerate(self.nodes[0]):
            node.update(f"{result.a[0][j]:.2f}", f"x{j + 1}", "")
        for layer, i, name in ((0, 0, "h1"), (0, 1, "h2"), (1, 0, "a")):
            self._draw_neuron(result, layer, i, name)
        self.cost.update(
            f"{result.cost:.3f}" if step >= 3 else "",
            f"(a − {result.y:.2f})²",
            f"2(a − y) = {result.wish[1][0]:+.3f}" if step >= 4 else "",
        )
        write(self.stage, f"step {step} of 6: {STEPS[step]}", style.MUTED)

    def _draw_neuron(self, result, layer, i, name):
        forward, back, k = result.step > layer, result.step >= 5 - layer, (4 + i, 8)[layer]
        bias = f"bias {symbol_of(k)} = {self.net.params[k]:+.2f}"
        if result.step >= 6:
            bias += f",  slope {result.gradient[k]:+.4f}"
        self.nodes[layer + 1][i].update(
            f"{result.a[layer + 1][i]:.3f}" if forward else "",
            f"{name}:  z = {result.z[layer][i]:+.3f}" if forward else name,
            _delta(result, layer, i) if back else "",
            bias,
            chosen=k == result.parameter,
        )

    def _chain(self, parameter):
        """The edges on the way from a parameter to the output."""
        _, layer, i, j = NAMES[parameter]
        own = {parameter} if j is not None else set()
        return own | ({6 + i - 1} if layer == 0 else set())

    def describe(self, result):
        return self._product(result) if result.step == 6 else _told(result)

    def _product(self, result):
        """The chain of factors behind one slope, in words and in numbers."""
        _, layer, i, j = NAMES[result.parameter]
        factors = [("2(a − y)", 2 * (result.a[2][0] - result.y)), ("σ′(z)", result.slope[1][0])]
        if layer == 0:
            factors += [(f"v{i}", self.net.params[6 + i - 1]), (f"σ′(z{i})", result.slope[0][i - 1])]
        if j is not None:
            factors.append((f"{'x' if layer == 0 else 'h'}{j}", result.a[layer][j - 1]))
        words = " × ".join(word for word, _ in factors)
        numbers = " × ".join(f"({value:.4g})" if value < 0 else f"{value:.4g}" for _, value in factors)
        return (
            f"The slope of the cost for {symbol_of(result.parameter)}: {words} = {numbers} = "
            f"{result.gradient[result.parameter]:+.5f}. "
            f"The output is {result.a[2][0]:.3f}, the target {result.y:.2f}, the cost {result.cost:.4f}."
        )

    def clicked(self, event):
        """A click on a connection or a neuron chooses its weight or bias."""

        def gap(k):
            _, layer, i, j = NAMES[k]
            place = PLACES[layer + 1][i - 1] if j is None else self.edges[k].place
            return np.hypot(event.x - place[0], event.y - place[1])

        nearest = min(range(len(NAMES)), key=gap)
        return {"parameter": nearest} if gap(nearest) < 45 else None


def symbol_of(parameter):
    """Its name in formulas, such as w11."""
    return NAMES[parameter][0].split()[0].strip(",")


def _slider(value, name, low, high):
    return float_slider(value, low, high, 0.05, name, f"The number {name}")


def _told(result):
    """What the step before the last ones did, in a sentence."""
    (x1, x2), (h1, h2), (a,) = result.a
    (z1, z2), (z,) = result.z
    (d1, d2), (d,) = result.delta
    return (
        f"Two numbers come in, x1 = {x1:.2f} and x2 = {x2:.2f}.",
        f"Each hidden neuron adds up inputs times weights and its bias, z = {z1:+.3f} and {z2:+.3f}; "
        f"σ turns them into {h1:.3f} and {h2:.3f}.",
        f"The output does the same with the hidden activations: z = {z:+.3f}, which σ turns into {a:.3f}.",
        f"The target is {result.y:.2f}. The cost is the squared distance, {result.cost:.4f}.",
        f"Back: the cost says 2(a − y) = {result.wish[1][0]:+.4f} about the output; times σ′ this is its "
        f"δ = {d:+.4f}.",
        f"That δ goes back through v1 and v2, and times σ′ there it gives δ = {d1:+.4f} and {d2:+.4f}.",
    )[result.step]


def _delta(result, layer, i):
    wish, slope = result.wish[layer][i], result.slope[layer][i]
    return f"δ = {wish:+.4f} × {slope:.4f} = {result.delta[layer][i]:+.4f}"


class _Edge:
    """A connection with its weight, and below it the slope."""

    def __init__(self, ax, start, end, name, along):
        self.name = name
        self.place = tuple(np.array(start) + along * (np.array(end) - np.array(start)))
        (self.line,) = ax.plot(*zip(start, end, strict=True), color=style.MUTED, linewidth=1.2, zorder=1)
        look = {"ha": "center", "bbox": style.BACKING}
        x, y = self.place
        self.weight = label(ax, x, y - 8, size=style.TEXT, **look)
        self.slope = label(ax, x, y + 10, size=style.TEXT, style="italic", **look)

    def update(self, weight, slope, on_chain):
        self.line.set(color=style.ACCENT if on_chain else style.MUTED, linewidth=3 if on_chain else 1.2)
        write(self.weight, f"{self.name} = {weight:+.2f}", style.INK)
        words = "" if slope is None else f"{slope:+.4f}"
        write(self.slope, words, style.signed_color(slope or 0, text=True))


class _Node:
    """A neuron: its activation inside, a line above, and two below."""

    def __init__(self, ax, x, y, lean):
        circle = Circle((x, y), RADIUS, facecolor=style.PAPER, edgecolor=style.INK, zorder=2)
        self.circle = ax.add_patch(circle)
        self.inside = label(ax, x, y, size=style.TITLE, ha="center")
        self.above = label(ax, x, y - RADIUS - 13, size=style.TEXT, ha="center")
        self.below, self.last = (
            label(ax, x + lean, y + RADIUS + down, ha="center", bbox=style.BACKING) for down in (14, 32)
        )

    def update(self, inside, above, below, last="", *, chosen=False):
        write(self.inside, inside, style.INK)
        write(self.above, above, style.INK)
        write(self.below, below, style.INK)
        write(self.last, last, style.ACCENT if chosen else style.MUTED)
        self.circle.set(linewidth=3 if chosen else 1.2, edgecolor=style.ACCENT if chosen else style.INK)
