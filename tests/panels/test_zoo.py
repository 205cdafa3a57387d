"""Every panel, given networks and data of other kinds than the lessons': it works, or it says what it needs."""

import inspect
import re
import warnings
from dataclasses import dataclass, field

import numpy as np
import pytest

from lessons_lib import Dataset, Network, load_mnist, panels
from lessons_lib.data.mnist import MNIST
from lessons_lib.engine.functions import relu, sigmoid, softmax
from lessons_lib.engine.residual import ResidualNetwork
from lessons_lib.panels import TrainingPanel
from lessons_lib.runs.course import Course
from lessons_lib.runs.settings import Settings

PANELS = [name for name in panels.PLACES if hasattr(getattr(panels, name), "presets")]
STEPS = 2  # of a run that are looked at; whole runs take too long here
FITTED = (  # controls whose range follows from what is given
    "image", "examples", "batch_size", "neuron", "entry", "index", "a", "b", "layer", "to_neuron", "from_neuron",
    "after", "before", "first", "second", "step", "knocked",
)  # fmt: skip


def mnist(n=40):
    return load_mnist().test[:n]


def pictures(side=28, classes=10, n=40):
    """Examples without meaning, of another size or with other classes."""
    rng = np.random.default_rng(5)
    pixels = rng.integers(256, size=(n, side**2)) * rng.integers(2, size=(n, side**2))
    return Dataset(pixels, np.arange(n) % classes, classes)


def network(*sizes, kind=Network, **functions):
    return kind.random(sizes, rng=np.random.default_rng(3), **functions)


@dataclass(frozen=True)
class Animal:
    """A network with data that fit it."""

    net: Network
    data: Dataset = field(default_factory=mnist)


MODERN = {"activation": relu, "output": softmax}
ZOO = {
    "784-30-10": lambda: Animal(network(784, 30, 10)),
    "784-100-10": lambda: Animal(network(784, 100, 10)),
    "784-16-16-16-10": lambda: Animal(network(784, 16, 16, 16, 10)),
    "784-32-8-10": lambda: Animal(network(784, 32, 8, 10)),
    "784-10": lambda: Animal(network(784, 10)),
    "784-300-10": lambda: Animal(network(784, 300, 10)),
    "ReLU and softmax": lambda: Animal(network(784, 16, 16, 10, **MODERN)),
    "residual": lambda: Animal(network(784, 16, 16, 10, kind=ResidualNetwork)),
    "one image": lambda: Animal(network(784, 16, 16, 10), mnist(1)),
    "two images": lambda: Animal(network(784, 16, 16, 10), mnist(2)),
    "only sevens": lambda: Animal(network(784, 16, 16, 10), (data := mnist(100))[data.labels == 7]),
    "8 × 8 pixels": lambda: Animal(network(64, 16, 16, 10), pictures(side=8)),
    "27 classes": lambda: Animal(network(784, 16, 16, 27), pictures(classes=27)),
    "2 classes": lambda: Animal(network(784, 16, 16, 2), pictures(classes=2)),
}


OTHER_DATA = list(ZOO)[list(ZOO).index("one image") :]


def given(animal, name):
    """What panels are made from, under the names of their parameters."""
    net, data = animal.net, animal.data
    f, g = net.activations[0].name, net.activations[-1].name
    settings = Settings(sizes=net.sizes, activation=f, output=g, epochs=1)
    double = net.with_params(net.params.astype(float))
    return {
        "mnist": MNIST(data, data),
        "nets": {0: net, 0.2: net} if name == "knock_outs" else {"mine": net},
        "digits": data,
        "data": data,
        "train": data,
        "test": data,
        "net": double,
        "x": data.x[:1].astype(float),
        "y": data.y[:1].astype(float),
        "index": net.n_params - 1,
        "run": Course(settings, data, data).run("stopped"),
    }


def seen(panel):
    """The sentences of a panel: at its start, with the controls at their ends, and while it runs."""
    said = [panel.sentence]
    for name in filter(panel.inputs.__contains__, FITTED):
        control = panel.inputs[name]
        last = control._options_values[-1] if hasattr(control, "_options_values") else control.max
        panel.state = {name: control.base**last if hasattr(control, "base") else last}
        said.append(panel.sentence)
    if isinstance(panel, TrainingPanel):
        for _ in range(STEPS):
            panel.step()
            said.append(panel.sentence)
    return said


def visits():
    """Each panel with each animal that differs for it: some are given data alone."""
    for name in PANELS:
        parameters = set(inspect.signature(getattr(panels, name)).parameters)
        nets, data = (
            parameters & {"nets", "net", "run"},
            parameters & {"digits", "data", "train", "test", "mnist"},
        )
        for animal in ZOO if nets else OTHER_DATA if data else ():
            yield pytest.param(name, animal, id=f"{name}: {animal}")


@pytest.mark.parametrize(("name", "animal"), visits())
def test_a_panel_works_or_says_what_it_needs(make_panel, name, animal):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            panel = make_panel(name, given(ZOO[animal](), name))
        except ValueError as error:
            assert str(error).startswith(f"panels.{name} ") and str(error).count(". ") >= 1, error
            print("NEEDS", animal, "|", error)
            return
        for sentence in seen(panel):
            assert sentence and not re.search(r"\bnan\b|\binf\b", sentence)
        print("OK", animal, "|", panel.sentence)
        panel.close()
