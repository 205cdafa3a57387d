"""Lesson 06: the gradient check and its wiggle h, and a clinic of broken backprops."""

from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib import Network, backprop, forward, numerical_gradient
from lessons_lib.clinic import MISTAKES, PATIENTS
from lessons_lib.drawing import style
from lessons_lib.engine.propagation import mean_cost
from lessons_lib.panels.panel import Panel, Preset

EXPONENTS = np.arange(0, -15.01, -0.25)  # h from 1 to 1e-15
FLOOR = 1e-18  # where an error of exactly 0 is drawn
METHODS = {"central": style.INK, "complex": style.ACCENT}
SIZES = (4, 4, 4, 4)  # equal widths, so that every mistake runs without a complaint
BLOCKS = ("W1", "b1", "W2", "b2", "W3", "b3")
COUNTED = {0: "no decimal", 1: "their first decimal"}
MARKS = {"1": ("o", "first layer"), "2": ("s", "second"), "3": ("^", "third")}


class GradientCheck(Panel):
    """How far a measured slope is from backprop's, against the wiggle h.

    Args:
        net: a float64 network.
        x, y: (batch, n_in) examples and (batch, n_out) targets.
        index: which parameter is wiggled.
    """

    title = "The gradient check"
    presets = {
        "Too large": Preset(
            {"exponent": -0.5}, "The wiggle is so large that the curve bends between its ends."
        ),
        "About right": Preset({"exponent": -5.0}, "The two errors are about equal, and both small."),
        "Too small": Preset(
            {"exponent": -13.0}, "The two costs share nearly all their digits; little is left."
        ),
        "Nothing left": Preset({"exponent": -15.0}, "One or two digits differ, and rounding decides them."),
    }

    def __init__(self, net, x, y, index=0, **state):
        self.net, self.x, self.y, self.index = net, x, y, index
        self.exact = backprop(net, forward(net, x), y).mean()[index]
        self.curves = {name: [self.off_by(name, 10.0**e) for e in EXPONENTS] for name in METHODS}
        super().__init__(**state)

    def off_by(self, method, h):
        """How far the measured slope is off, as a share of backprop's."""
        return abs(self.measured(method, h) / self.exact - 1)

    def measured(self, method, h):
        return numerical_gradient(self.net, self.x, self.y, method=method, h=h, indices=[self.index])[0]

    def controls(self):
        return {
            "exponent": W.FloatSlider(
                -1.0,
                min=-15,
                max=0,
                step=0.25,
                description="h = 10 to the",
                tooltip="The exponent of the wiggle h",
            )
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=370, width_ratios=(1.15, 1))
        left.set(xscale="log", yscale="log", xlim=(3, 3e-16), ylim=(1e-19, 10))
        left.set(xlabel="wiggle h, smaller to the right", ylabel="error / slope")
        left.grid(axis="y")
        self.points = {}
        for (name, color), dash, size in zip(METHODS.items(), ("-", "--"), (11, 6), strict=True):
            error = np.maximum(self.curves[name], FLOOR)  # where both fall together, both are seen
            left.plot(10.0**EXPONENTS, error, color=color, linewidth=1.8, linestyle=dash)
            look = {"color": color, "markersize": size, "markeredgecolor": style.PAPER}
            (self.points[name],) = left.plot([], [], "o", **look)
        left.text(1e-10, 1e-1, "central difference:\nrounding", ha="center", va="center")
        left.text(1e-2, 1e-3, "truncation")
        left.text(1e-9, 2e-15, "complex step", color=style.ACCENT, ha="center")
        style.title(left, "error of the measured slope")
        style.bare(right).set(xlim=(0, 1), ylim=(0, 1))
        style.title(right, "digit by digit")
        self.rows = [_Digits(right, 0.92 - 0.19 * k) for k in range(5)]
        return fig

    def compute(self, state):
        h = 10.0**state.exponent
        costs = []
        for step in (h, -h):
            params = self.net.params.copy()
            params[self.index] += step
            costs.append(float(mean_cost(self.net, forward(self.net.with_params(params), self.x), self.y)))
        return SimpleNamespace(
            h=h,
            costs=costs,
            measured={name: self.measured(name, h) for name in METHODS},
            error={name: self.off_by(name, h) for name in METHODS},
        )

    def draw(self, result):
        for name, point in self.points.items():
            point.set_data([result.h], [max(result.error[name], FLOOR)])
        up, down = (f"{cost:.17f}" for cost in result.costs)
        slopes = [f"{slope:+.16f}" for slope in (*result.measured.values(), self.exact)]
        names = (
            "the cost at w + h    (purple: unlike the one below)",
            "the cost at w − h    (purple: unlike the one above)",
            "their difference / 2h    (purple: unlike backprop)",
            "complex step    (purple: unlike backprop)",
            "backprop",
        )
        others = (down, up, slopes[2], slopes[2], slopes[2])
        for row, name, number, other in zip(self.rows, names, (up, down, *slopes), others, strict=True):
            row.update(name, number, other)

    def describe(self, result):
        up, down = (f"{cost:.17f}" for cost in result.costs)
        decimals = max(0, shared(up, down) - 2)
        together = COUNTED.get(decimals, f"their first {decimals} decimals")
        return (
            f"With h = {result.h:.2g} the two costs share {together}. "
            f"The central difference is off by {result.error['central']:.1e} of the slope, "
            f"the complex step by {result.error['complex']:.1e}."
        )


class _Digits:
    """A number in two colours: what it shares with another one is black, the rest is purple."""

    def __init__(self, ax, y):
        look = {"family": "DejaVu Sans Mono", "fontsize": style.TITLE, "va": "center"}
        self.name = ax.text(0.02, y, "", fontsize=style.SMALL, color=style.MUTED, va="center")
        self.same = ax.text(0.02, y - 0.07, "", color=style.INK, **look)
        self.other = ax.text(0.02, y - 0.07, "", color=style.ACCENT, **look)

    def update(self, name, number, other):
        same = shared(number, other)
        self.name.set_text(name)
        self.same.set_text(number[:same])
        self.other.set_text(" " * same + number[same:])


def shared(one, other):
    """How many characters two texts have in common from the left."""
    return next(
        (k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


class Clinic(Panel):
    """Six backprops, each with one mistake: their slopes beside measured ones."""

    title = "The clinic"
    presets = {
        "First patient": Preset(
            {"patient": "A"}, "All points lie on one straight line, but not on the grey one."
        ),
        "A batch of one": Preset(
            {"patient": "A", "batch": 1}, "The check passes: with one example this mistake cannot show."
        ),
        "One layer is right": Preset(
            {"patient": "C"}, "The last layer is right, and every layer before it is off."
        ),
    }

    def controls(self):
        return {
            "patient": W.Dropdown(
                options=list(PATIENTS), description="Patient", tooltip="Which broken backprop"
            ),
            "diagnosis": W.Dropdown(
                options=["none yet", *MISTAKES],
                description="Diagnosis",
                tooltip="A backprop with this mistake is drawn as rings",
            ),
            "batch": W.IntSlider(5, 1, 20, description="Examples", tooltip="How many examples are averaged"),
            "network": W.IntSlider(0, 0, 20, description="Network", tooltip="Another random network 4-4-4-4"),
        }

    def figure(self):
        fig, (left, right) = style.figure(1, 2, height=390, width_ratios=(1, 1))
        left.axline((0, 0), slope=1, color=style.LINE, linewidth=2.5, zorder=0)
        left.axhline(0, color=style.LINE, linewidth=0.8, zorder=0)
        left.set(xlabel="measured slope", ylabel="the patient's slope")
        self.dots = {}
        for block in BLOCKS:
            marker, name = MARKS[block[1]]
            fill, name = (style.INK, name) if block[0] == "W" else (style.PAPER, None)
            look = {"color": style.INK, "markerfacecolor": fill, "markersize": 5, "label": name}
            (self.dots[block],) = left.plot([], [], marker, **look)
        (self.rings,) = left.plot([], [], "o", markersize=10, markerfacecolor="none", color=style.ACCENT)
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.15), "ncols": 3}
        left.legend(**below, title="filled: weights; hollow: biases", title_fontsize=style.SMALL)
        style.title(left, "grey line: patient = measured")
        self.left = left
        style.bare(right).set(xlim=(0, 1), ylim=(7.5, -1))
        for x, words in zip((0.02, 0.2, 0.48, 0.76), ("", "error", "length ratio", "cosine"), strict=True):
            right.text(x, -0.3, words, color=style.MUTED)
        for k, block in enumerate(BLOCKS):
            right.text(0.02, k + 0.7, block, fontsize=style.TITLE)
        self.cells = [
            [right.text(x, k + 0.7, "", fontsize=style.TITLE) for x in (0.2, 0.48, 0.76)]
            for k in range(len(BLOCKS))
        ]
        style.title(right, "block by block")
        return fig

    def compute(self, state):
        net, x, y = case(state.network, state.batch)
        measured = blocks(net, numerical_gradient(net, x, y))
        patient = blocks(net, PATIENTS[state.patient](net.weights, net.biases, x, y))
        diagnosed = None
        if state.diagnosis in MISTAKES:
            diagnosed = blocks(net, MISTAKES[state.diagnosis](net.weights, net.biases, x, y))
        return SimpleNamespace(
            patient_name=state.patient,
            diagnosis=state.diagnosis,
            measured=measured,
            patient=patient,
            diagnosed=diagnosed,
            table={block: compare(patient[block], measured[block]) for block in BLOCKS},
            healthy=np.allclose(join(patient), join(measured), atol=1e-8),
            fits=diagnosed is not None and np.allclose(join(diagnosed), join(patient), atol=1e-12),
        )

    def draw(self, result):
        for block, dots in self.dots.items():
            dots.set_data(result.measured[block], result.patient[block])
        seen = result.diagnosed is not None
        self.rings.set_data(join(result.measured) if seen else [], join(result.diagnosed) if seen else [])
        most = 1.15 * np.max(np.abs([join(result.measured), join(result.patient)]))
        self.left.set(xlim=(-most, most), ylim=(-most, most))
        for cells, block in zip(self.cells, BLOCKS, strict=True):
            row = result.table[block]
            for cell, words, number, healthy in zip(cells, row_words(*row), row, (0, 1, 1), strict=True):
                cell.set(text=words, color=style.UP_TEXT if abs(number - healthy) > 1e-6 else style.INK)

    def describe(self, result):
        wrong = [block for block in BLOCKS if result.table[block][0] > 1e-6]
        found = (
            f"Wrong: {', '.join(wrong)}."
            if wrong
            else "The check passes: nothing is wrong on these examples."
        )
        if result.diagnosed is None:
            verdict = "Choose a diagnosis, and its slopes appear as rings."
        elif result.fits and result.healthy:
            verdict = "The diagnosis cannot be told from good health here: take other examples."
        elif result.fits:
            verdict = f"The diagnosis fits: “{result.diagnosis}” gives the same numbers, every one."
        else:
            verdict = f"The diagnosis does not fit: “{result.diagnosis}” would give other numbers."
        return f"Patient {result.patient_name}. {found} {verdict}"


def case(seed, batch):
    """A random network 4-4-4-4 with examples and targets: ``(net, x, y)``."""
    rng = np.random.default_rng(seed)
    net = Network.random(SIZES, rng=rng, dtype=np.float64, init="normal")
    return net, rng.normal(size=(batch, 4)), rng.random((batch, 4))


def blocks(net, gradient):
    """A gradient (n_params,) as a dict of block name -> vector."""
    return {
        f"{kind}{layer}": part.ravel()
        for layer, parts in enumerate(net.split(gradient), start=1)
        for kind, part in zip("Wb", parts, strict=True)
    }


def join(parts):
    return np.concatenate(list(parts.values()))


def compare(patient, measured):
    """(relative error, ratio of the lengths, cosine) of a block."""
    p, m = np.linalg.norm(patient), np.linalg.norm(measured)
    cosine = patient @ measured / (p * m) if p > 0 else np.nan
    return np.linalg.norm(patient - measured) / max(p, m), p / m, cosine


def row_words(error, ratio, cosine):
    return (
        "ok" if error < 1e-6 else f"{error:.2f}",
        f"{ratio:.2f}",
        "–" if np.isnan(cosine) else f"{cosine:+.2f}",
    )
