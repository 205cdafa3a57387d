"""A digit of your own; what every layer makes of it, and what steps for it teach and destroy."""

import math
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib import SGD, Dataset, Network, evaluate, forward
from lessons_lib.drawing import charts, style
from lessons_lib.lessons.your_own_reader.cockpit_controls import RATES
from lessons_lib.panels.controls import dropdown, int_slider, marks, show_for
from lessons_lib.panels.digit_control import Drawing
from lessons_lib.panels.display import box
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.runs.descent import descend
from lessons_lib.runs.settings import COSTS

TEST, DRAWN = "test images", "my drawings"
DRAWING = ("drawing", "meant", "again")  # the controls for drawings
KNOWN = 2_000  # training images from which a layer's average answer to each digit is taken


@dataclass(frozen=True, eq=False)
class Reading:
    """What a network makes of one digit."""

    activations: list[np.ndarray]  # (n,) a layer, without the inputs
    thoughts: list[int]  # the digit that each hidden layer thinks of
    answer: int  # the digit it is read as
    sure: float  # the output of that digit


@dataclass(frozen=True, eq=False)
class Taught:
    """A digit and a network, before and after the nudges; pairs are (before, after)."""

    state: SimpleNamespace
    net: Network  # after
    pixels: np.ndarray  # (784,) of the digit
    meant: int  # what it is
    before: Reading
    after: Reading
    read: tuple  # (10,) the share of the test images of each digit that is read
    accuracy: tuple  # the share of all test images
    again: tuple | None  # the Reading of the second drawing


class Teach(Panel):
    """One digit, drawn or from the test, before and after some steps for it.

    Each is one step of gradient descent on this digit and, if wanted, on some training images beside it.
    To a layer it looks most like the digit whose average activations lie nearest.

    Args:
        run: a :class:`~lessons_lib.runs.course.Run`; its network is the one taught; it is not changed.
        train: the Dataset of 28 × 28 pixels, and of ten classes or fewer, from which averages and company are
            taken.
        test: the Dataset on which forgetting is measured.
    """

    needs = Needs(hidden=(0, 3), pixels=784, classes=10)

    title = "Teach it your handwriting"
    presets = {
        "Already right": Preset({"image": 0}, "The digit is read correctly, and asks for next to no change."),
        "One step": Preset({"image": 8, "nudges": 1}, "One step for one image."),
        "A hundred": Preset(
            {"image": 8, "nudges": 100}, "The image is learned. Look at the bars: what did the others pay?"
        ),
        "Mixed in": Preset(
            {"image": 8, "nudges": 100, "company": 99},
            "The same image among 99 others in every step: learned more slowly, and less is lost.",
        ),
    }

    def __init__(self, run, train, test, **state):
        self.run, self.train, self.test = run, train, test
        self.net, self.cost = run.net, COSTS[run.settings.cost]
        self.before = _Mind(self.net, train[:KNOWN], test)
        super().__init__(**state)

    def controls(self):
        rates, sources = [rate for rate in RATES if 0.01 <= rate <= 10], [TEST, DRAWN]
        controls = {
            "source": W.ToggleButtons(options=sources, description="Digit", tooltip="What it is taught"),
            "image": int_slider(
                min(8, len(self.test) - 1), 0, len(self.test) - 1, "Image", "The test image it is taught"
            ),
            "meant": dropdown(range(self.test.classes), "It is a", "The digit you drew"),
            "drawing": Drawing("Teach with this"),
            "again": Drawing("Then try this"),
            "nudges": int_slider(0, 0, 100, "Steps", "How many steps it takes for this digit"),
            "learning_rate": marks(rates, 0.2, "Learning rate", "How long one step is"),
            "company": int_slider(0, 0, 99, "Mixed with", "Training images beside yours in every step"),
        }
        show_for(controls["source"], {TEST: [controls["image"]], DRAWN: [controls[n] for n in DRAWING]})
        return controls

    # What it does

    def compute(self, state):
        drawn = state.source == DRAWN
        pixels = state.drawing if drawn else self.test.pixels[state.image]
        meant = int(state.meant if drawn else self.test.labels[state.image])
        net = self._taught(pixels, meant, state) if pixels.any() else self.net
        before = self.before
        after = before if net is self.net else _Mind(net, self.train[:KNOWN], self.test)
        second = drawn and state.again.any()
        return Taught(
            state=state,
            net=net,
            pixels=pixels,
            meant=meant,
            before=before.reads(pixels),
            after=after.reads(pixels),
            read=(before.read, after.read),
            accuracy=(before.accuracy, after.accuracy),
            again=(before.reads(state.again), after.reads(state.again)) if second else None,
        )

    def _taught(self, pixels, meant, state):
        """The network after the nudges; the company is drawn from the training images, always the same."""
        rng, train = np.random.default_rng(0), self.train
        company = (train[rng.integers(len(train), size=state.company)] for _ in range(state.nudges))
        batches = (
            Dataset(np.vstack([pixels, beside.pixels]), [meant, *beside.labels], train.classes)
            for beside in company
        )
        return [self.net, *descend(self.net, SGD(state.learning_rate), batches, cost=self.cost)][-1]

    # The picture

    def figure(self):
        fig, whole = style.figure(height=400)
        whole.remove()
        hidden = len(self.net.sizes) - 2
        rows = [["digit", *(f"b{k}" for k in range(hidden)), "before", "share"],
                ["digit", *(f"a{k}" for k in range(hidden)), "after", "share"]]  # fmt: skip
        axes = fig.subplot_mosaic(rows, width_ratios=[1, *[0.5] * hidden, 1, 1.25])
        self.digit = charts.digit_image(axes["digit"], np.zeros(784))
        self.caption = axes["digit"].set_xlabel("", fontsize=style.TEXT)
        self.layers = [
            [_Cells(axes[f"{row}{k}"], self.net.sizes[k + 1]) for k in range(hidden)] for row in "ba"
        ]
        self.outputs = [
            charts.activation_bars(axes[name], np.zeros(self.test.classes)) for name in ("before", "after")
        ]
        style.title(axes["before"], "before: outputs")
        style.title(axes["after"], "after: outputs")
        for k in range(hidden):
            style.title(axes[f"b{k}"], f"layer {k + 1}")
            style.title(axes[f"a{k}"], f"layer {k + 1}")
        self._shares(axes["share"])
        return fig

    def _shares(self, ax):
        n = self.test.classes
        self.bars = ax.barh(range(n), np.zeros(n), height=0.6, color=style.DIGITS)
        self.marks = ax.plot([], [], "|", color=style.INK, markersize=13, markeredgewidth=2)[0]
        ax.set(xlim=(0, 1.02), ylim=(n - 0.4, -0.6), xticks=(0, 0.5, 1))
        ax.set_xticklabels(["0%", "50%", "100%"])
        charts.tick_labels(ax.yaxis, range(n), size=style.TEXT)
        style.title(ax, "test accuracy, by digit\n(tick: before the steps)")

    def draw(self, result):
        self.digit.update(result.pixels)
        whose = "your" if result.state.source == DRAWN else "a"
        self.caption.set_text(f"{whose} {result.meant}" if result.pixels.any() else "the pad is empty")
        for cells, bars, seen in zip(self.layers, self.outputs, (result.before, result.after), strict=True):
            for layer, cell in enumerate(cells):
                cell.update(seen.activations[layer], seen.thoughts[layer])
            bars.update(np.clip(seen.activations[-1], 0, 1))
        for bar, share in zip(self.bars, result.read[1], strict=True):
            bar.set_width(share)
        self.marks.set_data(result.read[0], range(len(result.read[0])))

    def describe(self, result):
        if not result.pixels.any():
            return "The first pad is empty. Draw a digit on it, and say which one it is."
        first, nudges, company = result.before, result.state.nudges, result.state.company
        likes = ", ".join(f"a {digit} to layer {k}" for k, digit in enumerate(first.thoughts, start=1))
        whose = "your" if result.state.source == DRAWN else "this"
        said = f"It reads {whose} {result.meant} as {first.answer} ({first.sure:.2f})."
        said += f" It looks most like {likes}." if likes else ""
        before, after = result.accuracy
        if not nudges:
            return f"{said} The test accuracy is {before:.2%}."
        beside = f" among {company} other images" if company else ""
        times = "one step" if nudges == 1 else f"{nudges} steps"
        return (
            f"{said} After {times}{beside} it reads it as {result.after.answer} ({result.after.sure:.2f}), "
            f"and the test accuracy is {after:.2%} instead of {before:.2%}.{_lost(result)}{_again(result)}"
        )

    def below_picture(self):
        acts = {"No step": 0, "One step": 1, "A hundred steps": 100}
        self.nudge_buttons = {
            name: self.button(name, f"Set the steps to {n}", partial(setattr, self, "state", {"nudges": n}))
            for name, n in acts.items()
        }
        return [box("lessons-player", *self.nudge_buttons.values())]


class _Mind:
    """A network with what it makes of digits: averages by layer, and how it does on a test."""

    def __init__(self, net, known, test):
        self.net = net
        trace, result = forward(net, known.pixels), evaluate(net, test)
        counts = known.y.sum(axis=0)[:, None]
        self.averages = [known.y.T @ a / np.maximum(counts, 1) for a in trace.a[1:-1]]
        self.accuracy = result.accuracy
        self.read = np.diag(result.confusion) / np.maximum(result.confusion.sum(axis=1), 1)

    def reads(self, pixels):
        """The :class:`Reading` of a digit (784,)."""
        activations = [a[0] for a in forward(self.net, pixels[None]).a[1:]]
        layers = zip(self.averages, activations[:-1], strict=True)
        thoughts = [int(np.linalg.norm(averages - a, axis=1).argmin()) for averages, a in layers]
        answer = int(activations[-1].argmax())
        return Reading(activations, thoughts, answer, float(activations[-1][answer]))


class _Cells:
    """The activations of a hidden layer as cells in columns of 8, and what the layer thinks of below."""

    def __init__(self, ax, size):
        self.size, self.rows = size, min(8, size)
        self.image = style.bare(ax).imshow(
            self._arranged(np.zeros(size)), cmap=style.ACTIVATION, vmin=0, vmax=1
        )
        ax.spines[:].set(visible=True, color=style.MUTED)
        self.thought = ax.set_xlabel("", fontsize=style.TEXT)

    def _arranged(self, a):
        columns = math.ceil(self.size / self.rows)
        cells = np.full(self.rows * columns, np.nan)
        cells[: self.size] = a
        return np.ma.masked_invalid(cells.reshape(columns, self.rows).T)

    def update(self, a, thought):
        self.image.set_data(self._arranged(a))
        self.image.set_clim(min(0.0, float(a.min())), max(1.0, float(a.max())))
        self.thought.set_text(f"like a {thought}")


def _lost(result):
    """Which digit lost most, in a sentence; empty if none lost a hundredth."""
    change = result.read[1] - result.read[0]
    worst = int(change.argmin())
    if change[worst] > -0.01:
        return ""
    return f" The {worst}s lost most: {result.read[0][worst]:.0%} to {result.read[1][worst]:.0%}."


def _again(result):
    """How the second drawing is read, in a sentence; empty without one."""
    if result.again is None:
        return ""
    before, after = result.again
    return f" It reads your second drawing as {after.answer}, before as {before.answer}."
