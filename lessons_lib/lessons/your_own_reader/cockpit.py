"""The cockpit, where every setting of a training can be turned while it runs."""

from dataclasses import dataclass

import numpy as np

from lessons_lib import Network, evaluate, forward
from lessons_lib.lessons.your_own_reader.cockpit_controls import controls, grouped, settings_of
from lessons_lib.lessons.your_own_reader.cockpit_picture import CockpitPicture
from lessons_lib.lessons.your_own_reader.runs import Runs
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.runs.course import Course
from lessons_lib.runs.settings import COSTS, Settings

TRIAL = 6_000  # examples that are trained on at once when a setting changes
HARDEST = 10  # misread images that are shown
MODERN = {
    "rule": "Adam",
    "learning_rate": 0.003,
    "activation": "relu",
    "output": "softmax",
    "cost": "cross_entropy",
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

    A changed setting trains a new network on its first 6,000 examples at once (600 steps or one pass at the
    most); Play goes on from there.

    Args:
        train: the Dataset to learn from.
        test: the Dataset to test on, of square images.
        runs: the :class:`~lessons_lib.lessons.your_own_reader.runs.Runs` that takes in finished and stopped
            runs.
    """

    title = "Cockpit"
    opens_over = False  # its start shows a trial already, and its list holds only the reader's own runs
    needs = Needs(square=True)
    presets = {
        "Plain": Preset({"epochs": 1}, "Gradient descent as in lesson 08. One pass takes it to about 92 %."),
        "Patient": Preset({"epochs": 20}, "The same rule for twenty passes. Where does the curve flatten?"),
        "Modern": Preset(
            MODERN | {"epochs": 20},
            "Other functions, another cost, another rule, and as many parameters as before.",
        ),
        "Top rung": Preset(
            MODERN | {"batch_size": 200, "l2": 1e-4, "epochs": 40},
            "Larger batches and a little L2, and forty passes to use them. It takes some seconds.",
        ),
        "Memorises": Preset(
            {"examples": 200, "batch_size": 10, "learning_rate": 2.0, "epochs": 200},
            "200 examples: the cost in training falls to nothing, the cost in the tests does not.",
        ),
        "Too fast": Preset(
            {"learning_rate": 30.0, "epochs": 1},
            "The steps are so long that the outputs get stuck. Nothing is learned.",
        ),
    }

    def __init__(self, train, test, runs=None, **state):
        self.train, self.test, self.runs = train, test, Runs() if runs is None else runs
        super().__init__(**state)

    def controls(self):
        return controls(len(self.train))

    # The run

    def run(self, state):
        settings = settings_of(state, self.train)
        self.course = course = Course(settings, self.train, self.test)
        trial = min(600, max(1, TRIAL // settings.batch_size), course.per_pass)
        yield from self._on(course, trial)

    def rewind(self):
        """Go back to the start of this pass over the data, or of the one before; halt there."""

        def elsewhere():
            self.course.rewind()
            return self.course, self.course.step / self.course.total, self._on(self.course)

        self.halt_at(elsewhere)

    def stop(self):
        if self.advanced and not self.over:
            self._keep("stopped")
        super().stop()

    def _on(self, course, first=0):
        """Train on, without a stop before step ``first``."""
        for _ in course.steps():
            if course.step >= first or course.done:
                yield course, course.step / course.total
        self._keep("finished")

    def _keep(self, ending):
        self.runs.add(self.course.run(ending))

    def look(self, course):
        net = course.net.with_params(course.net.params)
        with np.errstate(over="ignore", invalid="ignore"):  # a run that diverged is looked at like any other
            result = evaluate(net, self.test, cost=COSTS[course.settings.cost])
            order = self._hardest(
                net, course.settings, np.flatnonzero(result.predictions != self.test.labels)
            )
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

    def _hardest(self, net, settings, missed):
        """Of the test images ``missed`` those with the largest costs, the largest first."""
        if not len(missed):
            return missed
        trace = forward(net, self.test.pixels[missed])
        each = COSTS[settings.cost].per_example(
            trace.output, self.test.y[missed], net.activations[-1], trace.z[-1]
        )
        return missed[np.argsort(-each, kind="stable")[:HARDEST]]

    # The picture

    def figure(self):
        self.picture = CockpitPicture(*self.test.pixels.shape[1:], self.test.classes)
        return self.picture.fig

    def draw(self, result):
        self.picture.draw(result)

    def describe(self, result):
        if result.diverged:
            return f"After {result.step:,} steps the training broke off. {result.diverged}"
        mistakes = result.confusion - np.diag(np.diag(result.confusion))
        written, answer = np.unravel_index(int(mistakes.argmax()), mistakes.shape)
        worst = f" Most often a {written} is taken for a {answer} ({mistakes.max()} times)."
        return (
            f"{result.settings.words()}: after {result.passes:.3g} of {result.settings.epochs} passes over "
            f"{result.settings.examples:,} examples, {result.net.n_params:,} parameters read "
            f"{result.accuracy:.2%} of {len(self.test):,} test images correctly."
            f"{worst if mistakes.any() else ''}"
        )

    # Around it

    def arrange(self, controls):
        self._groups, arranged = grouped(self.inputs)
        self.frontend.name({"groups": self._groups}, label="Which settings")
        return arranged

    def player(self):
        buttons = super().player()
        rewind = (self.rewind, "Back to the start of this pass over the data; again: one more")
        return buttons | {"Rewind": rewind, "Stop": buttons.pop("Stop")}
