"""The clinic: six backprops, each with one mistake, beside measured slopes."""

from dataclasses import dataclass

import ipywidgets as W
import numpy as np

from lessons_lib import Network, numerical_gradient
from lessons_lib.drawing import style
from lessons_lib.engine.numerical import cosine
from lessons_lib.lessons.the_chain_rule.mistakes import MISTAKES, PATIENTS
from lessons_lib.panels.panel import Panel, Preset

SIZES = (4, 4, 4, 4)  # equal widths, so that every mistake runs without a complaint
BLOCKS = ("W1", "b1", "W2", "b2", "W3", "b3")
MARKS = {"1": ("o", "first layer"), "2": ("s", "second"), "3": ("^", "third")}


@dataclass(frozen=True, eq=False)
class Examination:
    """A patient's slopes beside measured ones. Gradients are dicts of block name -> vector."""

    name: str  # of the patient
    diagnosis: str
    measured: dict[str, np.ndarray]
    patient: dict[str, np.ndarray]
    diagnosed: dict[str, np.ndarray] | None  # what the diagnosis would give
    table: dict[str, tuple]  # block -> what `compare` says

    @property
    def healthy(self):
        return np.allclose(join(self.patient), join(self.measured), atol=1e-8)

    @property
    def fits(self):
        """Whether the diagnosis gives the patient's numbers."""
        seen = self.diagnosed is not None
        return seen and np.allclose(join(self.diagnosed), join(self.patient), atol=1e-12)


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
        drawn = "A backprop with this mistake is drawn as rings"
        return {
            "patient": W.Dropdown(
                options=list(PATIENTS), description="Patient", tooltip="Which broken backprop"
            ),
            "diagnosis": W.Dropdown(options=["none yet", *MISTAKES], description="Diagnosis", tooltip=drawn),
            "batch": W.IntSlider(5, 1, 20, description="Examples", tooltip="How many examples are averaged"),
            "network": W.IntSlider(0, 0, 20, description="Network", tooltip="Another random network 4-4-4-4"),
        }

    def figure(self):
        fig, (self.left, right) = style.figure(1, 2, height=390, width_ratios=(1, 1))
        self._graph(self.left)
        self._table(right)
        return fig

    def _graph(self, ax):
        ax.axline((0, 0), slope=1, color=style.LINE, linewidth=2.5, zorder=0)
        ax.axhline(0, color=style.LINE, linewidth=0.8, zorder=0)
        ax.set(xlabel="measured slope", ylabel="the patient's slope")
        self.dots = {}
        for block in BLOCKS:
            marker, name = MARKS[block[1]]
            fill, name = (style.INK, name) if block[0] == "W" else (style.PAPER, None)
            look = {"color": style.INK, "markerfacecolor": fill, "markersize": 5, "label": name}
            (self.dots[block],) = ax.plot([], [], marker, **look)
        (self.rings,) = ax.plot([], [], "o", markersize=10, markerfacecolor="none", color=style.ACCENT)
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.15), "ncols": 3}
        ax.legend(**below, title="filled: weights; hollow: biases", title_fontsize=style.SMALL)
        style.title(ax, "grey line: patient = measured")

    def _table(self, ax):
        style.bare(ax).set(xlim=(0, 1), ylim=(7.5, -1))
        for x, words in zip((0.02, 0.2, 0.48, 0.76), ("", "error", "length ratio", "cosine"), strict=True):
            ax.text(x, -0.3, words, color=style.MUTED)
        for k, block in enumerate(BLOCKS):
            ax.text(0.02, k + 0.7, block, fontsize=style.TITLE)
        self.cells = [
            [ax.text(x, k + 0.7, "", fontsize=style.TITLE) for x in (0.2, 0.48, 0.76)]
            for k in range(len(BLOCKS))
        ]
        style.title(ax, "block by block")

    def compute(self, state):
        net, x, y = case(state.network, state.batch)
        measured = blocks(net, numerical_gradient(net, x, y))

        def given_by(backprop):
            return blocks(net, backprop(net.weights, net.biases, x, y))

        patient, mistake = given_by(PATIENTS[state.patient]), MISTAKES.get(state.diagnosis)
        table = {block: compare(patient[block], measured[block]) for block in BLOCKS}
        diagnosed = mistake and given_by(mistake)
        return Examination(state.patient, state.diagnosis, measured, patient, diagnosed, table)

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
        found = "The check passes: nothing is wrong on these examples."
        if wrong:
            found = f"Wrong: {', '.join(wrong)}."
        if result.diagnosed is None:
            verdict = "Choose a diagnosis, and its slopes appear as rings."
        elif result.fits and result.healthy:
            verdict = "On these examples this mistake cannot be told from a healthy backprop: take others."
        elif result.fits:
            verdict = f"The diagnosis fits: “{result.diagnosis}” gives the same numbers, every one."
        else:
            verdict = f"The diagnosis does not fit: “{result.diagnosis}” would give other numbers."
        return f"Patient {result.name}. {found} {verdict}"


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
    """The blocks of a gradient as one vector again."""
    return np.concatenate(list(parts.values()))


def compare(patient, measured):
    """(relative error, ratio of the lengths, cosine) of a block; the cosine is NaN if the patient is zero."""
    p, m = np.linalg.norm(patient), np.linalg.norm(measured)
    angle = cosine(patient, measured) if p > 0 else np.nan
    return np.linalg.norm(patient - measured) / max(p, m), p / m, angle


def row_words(error, ratio, angle):
    """The three numbers of :func:`compare` in words."""
    off = "ok" if error < 1e-6 else f"{error:.2f}"
    return off, f"{ratio:.2f}", "–" if np.isnan(angle) else f"{angle:+.2f}"
