"""Every panel over a small zoo of networks and data unlike the lessons': it works, or says what it needs."""

import inspect
import re
import warnings
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pytest

from lessons_lib import Dataset, Network, backprop, forward, load_mnist, panels
from lessons_lib.data.mnist import TrainAndTest
from lessons_lib.engine.functions import relu, softmax
from lessons_lib.engine.residual import ResidualNetwork
from lessons_lib.panels import TrainingPanel
from lessons_lib.runs.course import Course
from lessons_lib.runs.settings import Settings

PANELS = [name for name in panels.PLACES if hasattr(getattr(panels, name), "presets")]
STEPS = 2  # of a run that are looked at; whole runs take too long here
DATA = {"digits", "data", "train", "test", "mnist"}
# Controls whose range follows from what is given
FITTED = [
    "image",
    "examples",
    "batch_size",
    "neuron",
    "entry",
    "index",
    "a",
    "b",
    "layer",
    "to_neuron",
    "from_neuron",
    "after",
    "before",
    "first",
    "second",
    "step",
    "knocked",
]


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


HIDDEN = (  # what draws single hidden neurons
    "reader addresses gradient_picture fire_together bang_for_the_buck wishes step_back polling knock_outs"
)
REFUSED = {animal: {"tiny_network"} for animal in ZOO}  # animal -> the panels that say what they need instead
for animal, names in {
    "784-10": HIDDEN,
    "784-300-10": HIDDEN,
    "ReLU and softmax": "reader step_back ten_biases",
    "residual": "reader wishes step_back knock_outs",
    "one image": "agreement spectrum only_twos",
    "two images": "",
    "only sevens": "only_twos",
    "8 × 8 pixels": "reader teach shown_otherwise",
    "27 classes": "votes spectrum teach",
    "2 classes": "only_twos",
}.items():
    REFUSED[animal] |= set(names.split())
OTHER_DATA = list(ZOO)[list(ZOO).index("one image") :]


def given(animal, name):
    """What panels are made from, under the names of their parameters."""
    net, data = animal.net, animal.data
    f, g = net.activations[0].name, net.activations[-1].name
    settings = Settings(sizes=net.sizes, activation=f, output=g, epochs=1)
    double = net.with_params(net.params.astype(float))
    return {
        "mnist": TrainAndTest(data, data),
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
    """Each panel with each animal that differs for it; six in seven of them only for ``pytest -m zoo``."""
    for n, name in enumerate(PANELS):
        parameters = set(inspect.signature(getattr(panels, name).__init__).parameters)
        animals = (
            list(ZOO) if parameters & {"nets", "net", "run"} else OTHER_DATA if parameters & DATA else []
        )
        for k, animal in enumerate(animals):
            often = animal == "784-30-10" or (n + k) % 7 == 0
            marks = [] if often else [pytest.mark.zoo]
            yield pytest.param(name, animal, id=f"{name}: {animal}", marks=marks)


@pytest.mark.parametrize(("name", "animal"), list(visits()))
def test_a_panel_works_or_says_what_it_needs(make_panel, name, animal):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)  # of other libraries
        try:
            panel = make_panel(name, given(ZOO[animal](), name))
        except ValueError as error:
            assert name in REFUSED[animal], error
            assert re.match(rf"panels.{name} .*[^ ]\. [A-Z].*\.$|panels.{name} .*\. panels\.", str(error)), (
                error
            )
            return
        assert name not in REFUSED[animal]
        for sentence in seen(panel):
            assert sentence and not re.search(r"\b(nan|inf)\b", sentence)
        panel.close()


# Numbers, each against a calculation of its own


@pytest.fixture
def small():
    """784-30-10 with larger weights than a new network has, so that no number is next to nothing."""
    net = network(784, 30, 10)
    return net.with_params(3 * net.params)


def outputs(net, params, x):
    """The outputs of sigmoid layers, from the formula."""
    a = x
    for W, b in net.split(params):
        a = 1 / (1 + np.exp(-(a @ W.T + b)))
    return a


def cost(net, params, one):
    return float(np.sum((outputs(net, params, one.x.astype(float)) - one.y) ** 2))


def test_gradient_picture_counts_the_slopes_there_are():
    net, data = network(784, 32, 8, 10), mnist()
    panel = panels.gradient_picture({"mine": net}, data, image=3)
    count = 32 * 785 + 8 * 33 + 10 * 9
    dark = 32 * int(np.sum(data.pixels[3] == 0))  # a weight from a dark pixel has no slope
    assert f"Of {count:,} slopes {dark:,} are exactly 0; the steepest {count // 100:,}," in panel.sentence
    panel.state = {"entry": count - 1}
    assert panel.title == f"All {count:,} slopes" and f"of {count:,}" in panel.facts[4].get_text()
    assert "the bias of output 9" in panel.sentence
    moved = net.params.astype(float)
    moved[-1] += 1e-6
    slope = (cost(net, moved, data[3]) - cost(net, net.params.astype(float), data[3])) / 1e-6
    assert f"the slope {slope:+.3g}" in panel.sentence
    panel.close()


def test_fire_together_counts_the_weights_there_are(small):
    data = mnist()
    panel = panels.fire_together({"mine": small}, data, image=2)
    params, x = small.params.astype(float), data.x[2].astype(float)
    (W, b), (V, c) = small.split(params)
    a = 1 / (1 + np.exp(-(W @ x + b)))
    out = 1 / (1 + np.exp(-(V @ a + c)))
    wish = [
        [2 * (data.y[2, i] - out[i]) * out[i] * (1 - out[i]) * a[j] for j in range(30)] for i in range(10)
    ]
    hebb = [[out[i] * a[j] for j in range(30)] for i in range(10)]
    same = sum(w * h > 0 for ws, hs in zip(wish, hebb, strict=True) for w, h in zip(ws, hs, strict=True))
    assert (
        f"Beside backprop's 300 changes: plain Hebb {same} the same way, {300 - same} the other"
        in panel.sentence
    )
    panel.close()


def test_sensitivity_names_the_layers_there_are(small):
    data = mnist()
    panel = panels.sensitivity({"mine": small}, data, b=784 * 30 + 30)
    assert "B is the weight from neuron 0 of the hidden layer to output 0." in panel.sentence
    assert "second" not in panel.sentence
    params = small.params.astype(float)
    moved = params.copy()
    moved[784 * 30 + 30] += panel.state["wiggle"]
    change = cost(small, moved, data[8]) - cost(small, params, data[8])
    assert f"and B by {change:+.6f}" in panel.sentence
    panel.close()


def test_three_avenues_tells_what_a_relu_softmax_network_does():
    net, data = ZOO["ReLU and softmax"]().net, mnist()
    panel = panels.three_avenues({"mine": net}, data, image=1, neuron=4, budget=1.0)
    *hidden, (W, b) = net.split(net.params.astype(float))
    a = data.x[1].astype(float)
    for V, c in hidden:
        a = np.maximum(V @ a + c, 0)

    def output(W, b, a):
        e = np.exp(W @ a + b)
        return e[4] / e.sum()

    bias, weights = b.copy(), W.copy()
    bias[4] += 1
    weights[4] += a / np.linalg.norm(a)
    expected = [output(W, bias, a), output(weights, b, a), output(W, b, a + W[4] / np.linalg.norm(W[4]))]
    assert panel.result.output == pytest.approx(output(W, b, a), rel=1e-5)
    assert panel.result.raised == pytest.approx(expected, rel=1e-5)
    panel.close()


def test_bang_for_the_buck_measures_what_a_relu_softmax_network_does():
    net, one = ZOO["ReLU and softmax"]().net, mnist()[:1]
    panel = panels.bang_for_the_buck({"mine": net}, one, after=2, wiggle=0.1)
    *hidden, (W, b) = net.split(net.params.astype(float))
    a = one.x[0].astype(float)
    for V, c in hidden:
        a = np.maximum(V @ a + c, 0)

    def cost(W):
        e = np.exp(W @ a + b)
        return np.sum((e / e.sum() - one.y[0]) ** 2)

    for j in range(16):
        way = []
        for step in (-0.1, 0.1):
            moved = W.copy()
            moved[2, j] += step
            way.append((cost(W) - cost(moved)) / 0.1)
        assert panel.result.saved[j] in (pytest.approx(way[0], abs=1e-6), pytest.approx(way[1], abs=1e-6))
    panel.close()


def test_wishes_of_30_neurons_add_up_to_the_slope_of_the_cost(small):
    one = mnist()[:1]
    panel = panels.wishes({"mine": small}, one, neuron=29)
    (W, b), (V, c) = small.split(small.params.astype(float))
    a = 1 / (1 + np.exp(-(W @ one.x[0] + b)))
    above, below = (
        np.sum((1 / (1 + np.exp(-(V @ (a + h * np.eye(30)[29]) + c))) - one.y[0]) ** 2) for h in (1e-6, -1e-6)
    )
    assert panel.result.nudge[29] == pytest.approx(-(above - below) / 2e-6, rel=1e-3, abs=1e-7)
    assert "10 of 10 outputs are heard" in panel.sentence
    panel.close()


def test_step_back_ends_at_the_pixels_whatever_lies_between(small):
    for net, steps in ((small, 5), (network(784, 16, 16, 16, 10), 9)):
        panel = panels.step_back({"mine": net}, mnist(), step=steps - 1)
        assert panel.inputs["step"].max == steps - 1
        assert (
            panel.sentence.startswith(f"Step {steps - 1}: backprop stops here")
            and "784 pixels" in panel.sentence
        )
        panel.state = {"step": 2}
        paths = net.weights[-1].size
        assert (
            f"{paths} weights carry wishes to the {'' if steps == 5 else 'third '}hidden layer"
            in panel.sentence
        )
        panel.close()


def test_agreement_speaks_of_the_pairs_there_are():
    net, data = network(784, 16, 16, 10), mnist(100)
    data = data[data.labels == 7]
    panel = panels.agreement({"mine": net}, data)
    each = [backprop(net, forward(net, data.pixels[[k]]), data.y[[k]]).mean() for k in range(len(data))]
    pairs = [u @ v / np.linalg.norm(u) / np.linalg.norm(v) for u, v in combinations(each, 2)]
    assert panel.sentence.startswith(f"Two 7s agree by {np.mean(pairs):+.2f} on average.")
    assert f"of the same digit agree by {np.mean(pairs):+.2f} (+1" in panel.sentence
    assert "different digits" not in panel.sentence
    panel.state = {"second": 1}
    assert "there are no 7 together with a 1" in panel.sentence
    panel.close()


def test_votes_average_the_digits_there_are():
    net, data = network(784, 30, 10), mnist(3)  # a 7, a 2 and a 1
    panel = panels.votes({"mine": net}, data)
    assert panel.sentence.startswith("Of 3 examples ") and "loudest tenth holds" in panel.sentence
    missing = [digit for digit in range(10) if digit not in data.labels]
    assert not panel.result.by_digit[missing].any() and panel.result.by_digit[data.labels].all()
    panel.close()


def test_knock_outs_silence_each_of_30_neurons(small):
    data = mnist(100)
    panel = panels.knock_outs({0: small, 0.2: small}, data, knocked=3)
    assert panel.sentence.startswith("With 3 of 30 hidden neurons knocked out")
    params, lost = small.params.astype(float), panel.result.both["without"].lost
    whole = np.mean(outputs(small, params, data.x).argmax(axis=1) == data.labels)
    for k in (0, 17, 29):
        silenced = params.copy()
        small.split(silenced)[1][0][:, k] = 0
        left = np.mean(outputs(small, silenced, data.x).argmax(axis=1) == data.labels)
        assert lost[k] == pytest.approx(whole - left)
    panel.close()


def test_reader_reads_with_a_network_of_any_name(small):
    for net in (small, network(784, 16, 16, 10)):
        panel = panels.reader({"mine": net}, mnist())
        out = outputs(net, net.params.astype(float), mnist().x[:1])[0]
        assert (
            f"The network (mine) reads this 7 as {out.argmax()}: that output is brightest, " in panel.sentence
        )
        assert f"at {out.max():.2f}" in panel.sentence and not panel.presets
        panel.state = {"neuron": (len(net.sizes) - 2, 9)}
        assert f"For output 9, {net.sizes[-2]} products" in panel.sentence
        panel.close()


# Presets and needs


def test_presets_speak_of_the_lessons_own_networks():
    own, other = network(784, 16, 16, 10), network(784, 30, 10)
    for net, kept in ((own, True), (other, False)):
        panel = panels.nudges({"untrained": net, "trained": net}, mnist())
        assert ("Way off" in panel.presets) is kept
        assert "Confident but wrong" not in panel.presets  # there is no network "after one epoch"
        panel.close()
    panel = panels.addresses({"mine": other})
    assert panel.presets["First bias"].sentence == "After 30 rows of 784 weights come the 30 biases."
    panel.apply("First bias")
    assert panel.sentence.startswith("Entry 23,520 is the bias of neuron 0 of the hidden layer.")
    panel.close()


NET = network(784, 30, 10)
WRONG = {
    "a network by itself": (
        "votes",
        (NET, mnist()),
        'needs nets as a dict of name -> network, such as {"mine": net}',
    ),
    "no network": ("votes", ({}, mnist()), "got an empty dict"),
    "a step": ("votes", ({"mine": "step"}, mnist()), "Take its Network, such as step.net"),
    "all of MNIST": (
        "nudges",
        ({"mine": NET}, TrainAndTest(mnist(), mnist())),
        "needs digits as a Dataset, such as mnist.test",
    ),
    "other pixels": (
        "nudges",
        ({"mine": NET}, pictures(side=8)),
        "has 784 inputs and 10 outputs, the examples in digits",
    ),
    "other classes": (
        "nudges",
        ({"mine": NET}, pictures(classes=27)),
        "784 pixels and 27 classes. Train one from 784 to 27",
    ),
    "two kinds of data": (
        "short_run",
        (mnist(), pictures(side=8)),
        "needs the same pixels and classes everywhere",
    ),
    "two kinds of networks": (
        "votes",
        ({"a": NET, "b": network(784, 16, 10)}, mnist()),
        "Make a panel for each",
    ),
    "no picture": (
        "first_steps",
        (TrainAndTest(*[Dataset(np.zeros((9, 3)), np.zeros(9))] * 2),),
        "Pad them with zeros",
    ),
    "single precision": ("gradient_check", (NET, mnist().x[:1], mnist().y[:1]), "double precision"),
}


@pytest.mark.parametrize(("name", "arguments", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused_in_a_sentence(name, arguments, words):
    with pytest.raises(ValueError, match=rf"^panels\.{name} .*{re.escape(words)}"):
        getattr(panels, name)(*arguments)
