"""The clinic: six backprops, each with one mistake, beside measured slopes."""

from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib import Network, numerical_gradient
from lessons_lib.drawing import style
from lessons_lib.lessons.the_chain_rule.mistakes import MISTAKES, PATIENTS
from lessons_lib.panels.panel import Panel, Preset

SIZES = (4, 4, 4, 4)  # equal widths, so that every mistake runs without a complaint


BLOCKS = ("W1", "b1", "W2", "b2", "W3", "b3")


MARKS = {"1": ("o", "first layer"), "2": ("s", "second"), "3": ("^", "third")}


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
