"""Lesson 01: every activation, one neuron's sum, and where each parameter lives."""

import math

import numpy as np
import pytest

from lessons_lib import load_mnist, panels
from lessons_lib.drawing.style import minus
from lessons_lib.lessons.a_network_that_reads_digits.reader import DRAWN, TEST, Columns
from lessons_lib.panels.digit_control import Drawing
from lessons_lib.runs.stages import stages

LAYERS = ((0, 16), (1, 16), (2, 10))


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test[:50]


@pytest.fixture(scope="module")
def nets():
    return stages(load_mnist().train[:3000], epochs={"untrained": 0, "after one epoch": 1, "trained": 3})


@pytest.fixture
def reader(nets, digits):
    panel = panels.reader(nets, digits)
    yield panel
    panel.close()


@pytest.fixture
def places(nets):
    panel = panels.addresses(nets)
    yield panel
    panel.close()


def activations_by_hand(net, pixels):
    """Every activation in plain Python: no arrays, no library."""
    layers = [[p / 255 for p in pixels.tolist()]]
    for W, b in zip(net.weights, net.biases, strict=True):
        sums = [
            sum(w * a for w, a in zip(row, layers[-1], strict=True)) + bias
            for row, bias in zip(W.tolist(), b.tolist(), strict=True)
        ]
        layers.append([1 / (1 + math.exp(-z)) for z in sums])
    return layers


@pytest.mark.parametrize("stage", ["untrained", "trained"])
def test_it_shows_every_activation(reader, nets, digits, stage):
    reader.state = {"stage": stage, "image": 3}
    wanted = np.concatenate(activations_by_hand(nets[stage], digits[3].pixels[0])[1:])
    assert np.allclose(reader.cells.get_array(), wanted, atol=1e-4)
    shown = [float(text.get_text()) for text in reader.numbers]
    assert np.allclose(shown, wanted, atol=0.0051)


@pytest.mark.parametrize("neuron", [(0, 0), (0, 15), (1, 0), (1, 15), (2, 0), (2, 9)])
def test_the_sum_has_the_numbers_of_the_chosen_neuron(reader, nets, digits, neuron):
    reader.state = {"stage": "trained", "image": 1, "neuron": neuron}
    layer, k = neuron
    before = activations_by_hand(nets["trained"], digits[1].pixels[0])[layer]
    w, b = nets["trained"].weights[layer][k], nets["trained"].biases[layer][k]
    total = float(np.dot(w.astype(float), before))
    shape = (28, 28) if layer == 0 else (16, 1)
    for picture, values in zip(reader.pictures, (before, w, w * before), strict=True):
        assert np.allclose(picture.get_array(), np.reshape(values, shape), atol=1e-4)
    numbers = [float(text.get_text()) for text in reader.entries[2]] if layer else []
    assert np.allclose(numbers, (w * before)[:16] if layer else [], atol=0.0051)
    assert reader.result.z == pytest.approx(total + b, abs=1e-3)
    shown = reader.formulas[0].get_text().split("= ")
    assert float(shown[-1]) == pytest.approx(total + b, abs=2e-3)
    assert float(shown[-2].split(" ")[0]) == pytest.approx(total, abs=2e-3)
    assert reader.dot.get_ydata()[0] == pytest.approx(1 / (1 + math.exp(-total - b)), abs=1e-3)


def test_a_z_off_the_scale_is_said_to_be_so(nets, digits):
    steep, seen = {name: net.with_params(6 * net.params) for name, net in nets.items()}, set()
    reader = panels.reader(steep, digits)
    for k in range(16):
        reader.state = {"neuron": (0, k)}
        z, x = reader.result.z, reader.dot.get_xdata()[0]
        seen.add(abs(z) > 8)
        assert (reader.beyond.get_text() == "off the scale") == (abs(z) > 8)
        assert x == pytest.approx(z if abs(z) <= 8 else np.sign(z) * 8)
    assert seen == {True, False}
    reader.close()


def test_the_first_layers_weights_are_a_picture(reader, nets):
    reader.state = {"neuron": (0, 7)}
    assert np.array_equal(reader.pictures[1].get_array(), nets["trained"].weights[0][7].reshape(28, 28))


def test_a_click_on_any_neuron_chooses_it(reader):
    columns = Columns((784, 16, 16, 10))
    for layer, size in LAYERS:
        for k in range(size):
            x, y = columns.middle(layer, k)
            assert columns.at(x, y) == (layer, k)
    x, y = columns.middle(2, 6)
    reader.live.point("click", reader.cells.axes, x, y)
    assert reader.state["neuron"] == (2, 6) and "output 6" in reader.sentence


def test_a_click_beside_the_neurons_changes_nothing(reader):
    before = reader.state["neuron"]
    reader.live.point("click", reader.cells.axes, 60, 200)
    assert reader.state["neuron"] == before


def test_every_neuron_can_be_chosen_without_a_mouse(reader):
    options = list(reader.inputs["neuron"].options.values())
    assert options == [(layer, k) for layer, size in LAYERS for k in range(size)]


def test_it_reads_what_is_drawn(reader, digits):
    drawing = digits[4].pixels[0]
    reader.state = {"source": DRAWN, "drawing": drawing}
    from_pad = reader.result.activations
    assert "your drawing" in reader.sentence
    reader.state = {"source": TEST, "image": 4}
    assert all(np.array_equal(a, b) for a, b in zip(from_pad, reader.result.activations, strict=True))


def test_strokes_on_the_pad_arrive_in_the_picture(reader):
    reader.state = {"source": DRAWN}
    ink = np.zeros((112, 112), np.uint8)
    ink[20:90, 50:60] = 255
    reader.inputs["drawing"].ink = ink.tobytes()
    assert reader.digit.get_array().max() == 1
    reader.inputs["drawing"].clear()
    assert reader.digit.get_array().max() == 0


def test_the_pad_is_there_when_it_is_wanted(reader):
    pad = reader.inputs["drawing"]
    assert pad.layout.display == "none"
    reader.apply("Draw your own")
    assert pad.layout.display != "none"
    reader.reset()
    assert pad.layout.display == "none"


def test_reset_wipes_the_pad(reader):
    reader.state = {"source": DRAWN, "drawing": np.full(784, 7, np.uint8)}
    reader.reset()
    assert not reader.inputs["drawing"].pixels.any()


def test_a_drawing_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="784"):
        Drawing("Digit").value = np.zeros(5, np.uint8)


def test_the_call_recreates_the_reader(reader):
    reader.state = {"image": 7, "neuron": (1, 3)}
    assert reader.call() == "panels.reader(nets, digits, image=7, neuron=(1, 3))"


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (0, "from pixel 0 (row 0, column 0) to neuron 0 of the first hidden layer"),
        (12_543, "from pixel 783 (row 27, column 27) to neuron 15 of the first hidden layer"),
        (12_544, "the bias of neuron 0 of the first hidden layer"),
        (12_560, "from neuron 0 of the first hidden layer to neuron 0 of the second hidden layer"),
        (12_832, "from neuron 0 of the second hidden layer to output 0"),
        (12_992, "the bias of output 0"),
        (13_001, "the bias of output 9"),
    ],
)
def test_every_entry_is_named(places, nets, index, words):
    places.state = {"index": index, "stage": "trained"}
    assert words in places.sentence
    assert minus(f"it is {nets['trained'].params[index]:.3f}") in places.sentence


@pytest.mark.parametrize("index", [0, 9_041, 12_543, 12_550, 12_700, 12_820, 12_900, 12_995, 13_001])
def test_the_ring_is_where_a_click_chooses_the_entry(places, index):
    places.state = {"index": index}
    x, y = places.ring.get_xdata()[0], places.ring.get_ydata()[0]
    places.state = {"index": 5}
    places.live.point("click", places.ring.axes, x, y)
    assert places.state["index"] == index
