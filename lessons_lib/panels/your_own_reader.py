"""Lesson 12: the cockpit, where every setting of a training can be turned while it runs."""

from dataclasses import dataclass, fields
from types import SimpleNamespace

import ipywidgets as W
import numpy as np

from lessons_lib import Network, evaluate, forward
from lessons_lib.panels.cockpit_picture import CockpitPicture
from lessons_lib.panels.panel import Preset, _box
from lessons_lib.panels.run_list import RunList
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.regularizers import L1, L2, Dropout, LayerFreezing, StochasticDepth
from lessons_lib.runs import COSTS, RULES, Course, Settings

TRIAL = 6_000  # examples that are trained on at once when a setting changes
BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
EXAMPLES = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000)
STRENGTHS = (0.0, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
FROZEN = {"none": None, "one at random": "random", "always the first": (0,)}
GROUPS = {
    "How it learns": "rule learning_rate momentum decay beta1 beta2 keep scale batch_size",
    "The network": "first second activation output cost init",
    "Keeping it in check": "l2 l1 dropout frozen depth",
    "The run": "epochs examples seed",
}


@dataclass(frozen=True, eq=False)
class Look:
    """What the cockpit shows at one moment of a run; everything in it belongs to the same step."""

    settings: Settings
    step: int
    passes: float
    net: Network
    accuracy: float
    confusion: np.ndarray
    hardest: np.ndarray  # (k, 784) pixels of the test images with the largest costs among the misread
    labels: np.ndarray  # (k, 2) what each of them is, and what it is read as
    costs: np.ndarray  # (n, 2) passes, cost in training
    tests: np.ndarray  # (m, 3) passes, cost in the tests, share read
    diverged: str | None


class Cockpit(TrainingPanel):
    """Every setting of a training, and the run that follows from them.

    A changed setting trains a new network on its first 6,000 examples at once; Play goes on from there.

    Args:
        train: the Dataset to learn from.
        test: the Dataset to test on.
        runs: the :class:`~lessons_lib.panels.run_list.RunList` to which finished and stopped runs are added.
    """

    title = "Cockpit"
    presets = {
        "Plain": Preset({"epochs": 1}, "Gradient descent as in lesson 08. One pass takes it to about 92 %."),
        "Patient": Preset({"epochs": 20}, "The same rule for twenty passes. Where does the curve flatten?"),
        "Modern": Preset(
            {
                "rule": "Adam",
                "learning_rate": 0.003,
                "activation": "relu",
                "output": "softmax",
                "cost": "cross_entropy",
                "epochs": 20,
            },
            "Other functions, another cost, another rule, and as many parameters as before.",
        ),
        "Memorises": Preset(
            {"examples": 200, "batch_size": 10, "learning_rate": 2.0, "epochs": 200},
            "200 examples: the cost in training falls to nothing, the cost in the tests does not.",
        ),
        "Too fast": Preset(
            {"learning_rate": 30.0, "epochs": 1}, "The steps are so long that the outputs get stuck. Nothing is learned."
        ),
    }

    def __init__(self, train, test, runs=None, **state):
        self.train, self.test, self.runs = train, test, RunList() if runs is None else runs
        super().__init__(**state)

    # Settings

    def controls(self):
        controls = _learning() | _network() | _checks() | _extent(len(self.train))
        controls["rule"].observe(lambda change: _adopt(controls, change.new), "value")
        _adopt(controls, controls["rule"].value)
        return controls

    def settings(self, state=None):
        """The :class:`~lessons_lib.runs.Settings` that the controls stand for."""
        state = state or SimpleNamespace(**self.state)
        rule = RULES[state.rule]
        own = {f.name: getattr(state, f.name) for f in fields(rule) if hasattr(state, f.name)}
        hidden = (state.first, state.second) if state.second else (state.first,)
        return Settings(
            sizes=(self.train.pixels.shape[1], *hidden, self.train.classes),
            activation=state.activation,
            output=state.output,
            cost=state.cost,
            init=state.init,
            optimizer=rule(**own),
            regularizers=_regularizers(state),
            batch_size=state.batch_size,
            examples=state.examples,
            epochs=state.epochs,
            seed=state.seed,
        )

    # The run

    def run(self, state):
        settings = self.settings(state)
        if "keep" in {f.name for f in fields(settings.optimizer)} and settings.batch_size > 1_000:
            raise ValueError(
                f"{state.rule} compares every example of a batch with every other; {settings.batch_size:,} are too "
                "many, choose batches of at most 1,000"
            )
        self.course = course = Course(settings, self.train, self.test)
        trial = min(600, max(1, TRIAL // settings.batch_size))
        for _ in course.steps():
            if course.step >= trial or course.done:
                yield course, course.step / course.total
        self._keep("finished")

    def compute(self, state):
        return self._look(super().compute(state))

    def rewind(self):
        """Go back to the start of this pass over the data, or of the one before; halt there."""
        with self._lock:
            self._cancel()
            self.course.rewind()
            self._run, self.progress = self._on(self.course), self.course.step / self.course.total
            self._show(self.course)
        self._show_buttons()

    def stop(self):
        with self._lock:
            if self._run is not None and self._played:
                self._keep("stopped")
            super().stop()

    def _on(self, course):
        for _ in course.steps():
            yield course, course.step / course.total
        self._keep("finished")

    def _advance(self, until):
        self._played = True
        super()._advance(until)

    def _cancel(self):
        self._played = False
        super()._cancel()

    _played = False  # whether this run went beyond what a changed setting shows

    def _keep(self, ending):
        self.runs.add(self.course.run(ending))

    def _show(self, result):
        super()._show(self._look(result) if isinstance(result, Course) else result)

    def _look(self, course):
        cost, net = COSTS[course.settings.cost], course.net.with_params(course.net.params)
        result = evaluate(net, self.test, cost=cost)
        missed = np.flatnonzero(result.predictions != self.test.labels)
        order = missed[:1]
        if len(missed):
            trace, y = forward(net, self.test.pixels[missed]), self.test.y[missed]
            each = cost.per_example(trace.output, y, net.activations[-1], trace.z[-1])
            order = missed[np.argsort(-each, kind="stable")[:10]]
        tests = [(test.step / course.per_pass, test.cost, test.accuracy) for test in course.tests]
        return Look(
            settings=course.settings,
            step=course.step,
            passes=course.passes,
            net=net,
            accuracy=result.accuracy,
            confusion=result.confusion,
            hardest=self.test.pixels[order],
            labels=np.column_stack([self.test.labels[order], result.predictions[order]]),
            costs=np.array(course.costs, float).reshape(-1, 2) / (course.per_pass, 1),
            tests=np.array([*tests, (course.passes, result.cost, result.accuracy)]),
            diverged=course.diverged,
        )

    # The picture

    def figure(self):
        self.picture = CockpitPicture()
        return self.picture.fig

    def draw(self, result):
        self.picture.draw(result)

    def describe(self, result):
        if result.diverged:
            return f"After {result.step:,} steps the training broke off. {result.diverged}"
        mistakes = result.confusion - np.diag(np.diag(result.confusion))
        written, answer = np.unravel_index(int(mistakes.argmax()), mistakes.shape)
        worst = (
            f" Most often a {written} is taken for a {answer} ({mistakes.max()} times)." if mistakes.any() else ""
        )
        of = f" of {result.settings.epochs}" if result.settings.epochs > 1 else ""
        return (
            f"{result.settings.words()}: after {result.passes:.3g}{of} passes over {result.settings.examples:,} "
            f"examples, {result.net.n_params:,} parameters read {result.accuracy:.2%} of {len(self.test):,} test "
            f"images.{worst}"
        )

    # Around it

    def _set_inputs(self, state):
        """In the controls' order: a rule brings its own learning rate, so what is given has to come after it."""
        super()._set_inputs({name: state[name] for name in self.inputs if name in state} | state)

    def _control_box(self):
        super()._control_box()
        groups = {
            title: _box("lessons-controls", *(self.inputs[name] for name in names.split()))
            for title, names in GROUPS.items()
        }
        choice = W.ToggleButtons(options=list(GROUPS), tooltips=[f"Settings: {title}" for title in GROUPS])
        choice.add_class("lessons-groups")

        def show(_=None):
            for title, box in groups.items():
                box.layout.display = "" if title == choice.value else "none"

        choice.observe(show, "value")
        show()
        self._groups = choice
        return W.VBox([choice, *groups.values()])

    def _player(self):
        (row,) = super()._player()
        rewind = self._button("Rewind", "Back to the start of this pass over the data; again: one more", self.rewind)
        self._player_buttons["Rewind"] = rewind
        row.children = (*row.children[:3], rewind, *row.children[3:])
        self.frontend.named = [
            *self.frontend.named,
            {"model": self._groups.model_id, "css": "lessons-groups", "label": "Which settings"},
        ]
        return [row]


def _log(value, low, high, name, tooltip):
    return W.FloatLogSlider(
        value, base=10, min=low, max=high, step=0.05, readout_format=".3g", description=name, tooltip=tooltip
    )


def _share(value, most, name, tooltip, step=0.01):
    return W.FloatSlider(value, min=0.0, max=most, step=step, description=name, tooltip=tooltip)


def _choice(options, value, name, tooltip):
    return W.Dropdown(options=options, value=value, description=name, tooltip=tooltip)


def _marks(options, value, name, tooltip):
    """A slider over a few values, shown with commas or as they are."""
    labelled = [(f"{option:,}" if isinstance(option, int) else f"{option:g}", option) for option in options]
    return W.SelectionSlider(options=labelled, value=value, description=name, tooltip=tooltip)


def _learning():
    return {
        "rule": _choice(list(RULES), "SGD", "Rule", "How the gradient becomes a step"),
        "learning_rate": _log(4.0, -4, 1.5, "Learning rate", "How far to step"),
        "momentum": _share(0.9, 0.99, "Momentum", "The share of the velocity that is kept"),
        "decay": _share(0.99, 0.999, "Decay", "How long the sizes of gradients are remembered", 0.001),
        "beta1": _share(0.9, 0.99, "β₁", "How long Adam remembers gradients"),
        "beta2": _share(0.99, 0.999, "β₂", "How long Adam remembers the sizes of gradients", 0.001),
        "keep": W.FloatSlider(
            0.95, min=0.5, max=1.0, step=0.01, description="Keep", tooltip="Share of the gradients' variance to keep"
        ),
        "scale": _choice(["entropy", "inverse", "none"], "entropy", "Scale", "What the momentum is scaled by"),
        "batch_size": _marks(BATCHES, 100, "Batch size", "Examples a step"),
    }


def _network():
    return {
        "first": W.IntSlider(16, 1, 64, description="First layer", tooltip="Neurons in the first hidden layer"),
        "second": W.IntSlider(
            16, 0, 64, description="Second layer", tooltip="Neurons in the second hidden layer; 0: no such layer"
        ),
        "activation": _choice(["sigmoid", "tanh", "relu"], "sigmoid", "Activation", "f of the hidden layers"),
        "output": _choice(["sigmoid", "softmax"], "sigmoid", "Output", "f of the last layer"),
        "cost": _choice(
            {"squared error": "squared_error", "cross-entropy": "cross_entropy"},
            "squared_error",
            "Cost",
            "What is brought down",
        ),
        "init": _choice({"Glorot": "glorot", "normal": "normal"}, "glorot", "Start", "How weights are drawn"),
    }


def _checks():
    return {
        "l2": _marks(STRENGTHS, 0.0, "L2", "λ: pull weights towards 0 in proportion to their size"),
        "l1": _marks(STRENGTHS, 0.0, "L1", "λ: pull all weights towards 0 alike"),
        "dropout": _share(0.0, 0.5, "Dropout", "Share of hidden neurons silenced in training"),
        "frozen": _choice(FROZEN, None, "Frozen layer", "A layer that does not learn in a step"),
        "depth": _share(0.0, 0.5, "Skip layers", "How often a residual layer is skipped; needs equal widths"),
    }


def _extent(most):
    sizes = [size for size in EXAMPLES if size < most] + [most]
    return {
        "epochs": W.IntSlider(5, 1, 200, description="Passes", tooltip="How often to go through the examples"),
        "examples": _marks(sizes, most, "Examples", "How many training images are used"),
        "seed": W.IntSlider(0, 0, 20, description="Seed", tooltip="Another start, another shuffling"),
    }


def _adopt(controls, name):
    """Show the sliders that a rule has, and set them to its defaults."""
    own = {f.name: f.default for f in fields(RULES[name])}
    for setting in GROUPS["How it learns"].split()[1:-1]:
        controls[setting].layout.display = "" if setting in own else "none"
        if setting in own:
            controls[setting].value = own[setting]


def _regularizers(state):
    wanted = [
        (state.l2, L2),
        (state.l1, L1),
        (state.dropout, Dropout),
        (state.frozen, LayerFreezing),
        (state.depth, StochasticDepth),
    ]
    return tuple(kind(value) for value, kind in wanted if value)
