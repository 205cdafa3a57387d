"""Lesson 11: memorising, knocked-out neurons and layers at work, without a browser."""

import numpy as np
import pytest

from lessons_lib import SGD, Network, evaluate, forward, load_mnist, panels, sigmoid, train
from lessons_lib.engine.regularizers import L1, Dropout
from lessons_lib.lessons.keeping_weights_in_check.knock_outs import choices
from lessons_lib.lessons.keeping_weights_in_check.layers_at_work import compared


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture(scope="module")
def nets(mnist):
    def trained(rate):
        rng = np.random.default_rng(0)
        net, rules = Network.random((784, 16, 16, 10), rng=rng), [Dropout(rate)] if rate else []
        for step in train(
            net, mnist.train[:2000], SGD(1.4), batch_size=20, rng=rng, epochs=5, regularizers=rules
        ):
            pass
        return step.net

    return {rate: trained(rate) for rate in (0, 0.1, 0.5)}


def test_a_run_ends_where_plain_training_ends(mnist):
    panel = panels.memorising(mnist.train[:1000], mnist.test[:500], examples=200, penalty="L1", strength=1e-4)
    result = panel.run_to_end()
    rng = np.random.default_rng(0)
    net = Network.random((784, 16, 16, 10), rng=rng)
    few = mnist.train[:200]
    for step in train(net, few, SGD(1.4), batch_size=20, epochs=100, rng=rng, regularizers=[L1(1e-4)]):
        pass
    assert np.array_equal(result.first, step.net.weights[0])
    assert result.curves["train"][-1] == evaluate(step.net, few).accuracy
    assert result.curves["test"][-1] == evaluate(step.net, mnist.test[:500]).accuracy
    assert result.curves["share"][0] == 0 and result.curves["share"][-1] == 1


def test_the_sentence_and_the_picture_agree(mnist):
    panel = panels.memorising(mnist.train[:1000], mnist.test[:500], examples=200)
    result = panel.run_to_end()
    known, new = (panel.lines[name].get_ydata()[-1] for name in ("train", "test"))
    assert f"{known:.1%} of them are read correctly and {new:.1%} of new ones" in panel.sentence
    assert f"a gap of {100 * (known - new):.1f} points" in panel.sentence
    y = panel.histogram.get_ydata()[::2]
    assert np.sum(y[y >= 1]) == result.weights.size == 784 * 16 + 16 * 16 + 160
    shown = panel.pictures.get_array()
    assert np.allclose(shown[30:58, 60:88], result.first[6].reshape(28, 28))
    assert np.ma.getmaskarray(shown)[28].all()


@pytest.mark.parametrize("penalty", ["L1", "L2"])
@pytest.mark.parametrize("strength", [1e-5, 1e-2])
def test_extremes_of_the_strength(mnist, penalty, strength):
    panel = panels.memorising(
        mnist.train[:1000], mnist.test[:200], examples=500, penalty=penalty, strength=strength
    )
    panel.run_to_end()
    assert "nan" not in panel.sentence and panel.progress == pytest.approx(1)


@pytest.fixture
def knocked(nets, mnist):
    panel = panels.knock_outs(nets, mnist.test[:300], rate=0.1)
    yield panel
    panel.close()


def test_who_is_knocked_out_gives_zero(knocked, nets, mnist):
    knocked.state = {"knocked": 5, "choice": 7}
    takes_part = choices(32)[7] >= 5
    assert np.array_equal(knocked.result.silent, np.flatnonzero(~takes_part)) and (~takes_part).sum() == 5
    net, digits = nets[0.1], mnist.test[:300]
    hidden = forward(net, digits.pixels).a[1] * takes_part[:16]
    hidden = sigmoid(hidden @ net.weights[1].T + net.biases[1]) * takes_part[16:]
    answers = (hidden @ net.weights[2].T + net.biases[2]).argmax(axis=1)
    expected = np.mean(answers == digits.labels)
    assert knocked.marks["with"].get_ydata()[0] == pytest.approx(expected)
    assert f"this choice: {expected:.1%}" in knocked.sentence


def test_nobody_knocked_out_is_the_network_itself(knocked, nets, mnist):
    knocked.state = {"knocked": 0}
    for name, rate in (("without", 0), ("with", 0.1)):
        whole = evaluate(nets[rate], mnist.test[:300]).accuracy
        assert knocked.result.both[name].accuracy[0] == pytest.approx(np.full(30, whole))


def test_a_dot_is_what_one_neuron_is_worth(knocked, nets, mnist):
    net, digits = nets[0], mnist.test[:300]
    W3 = net.weights[2].copy()
    W3[:, 4] = 0
    trace = forward(net, digits.pixels)
    without = np.mean((trace.a[2] @ W3.T + net.biases[2]).argmax(axis=1) == digits.labels)
    whole = evaluate(net, digits).accuracy
    lost = knocked.result.both["without"].lost
    assert lost[16 + 4] == pytest.approx(whole - without)
    drawn = knocked.ranked["without"].get_ydata()
    assert np.all(np.diff(drawn) <= 0) and np.allclose(np.sort(drawn), np.sort(100 * lost))
    worst = int(lost.argmax())
    assert knocked.named["without"].get_text() == f"most missed: layer {1 + worst // 16}, no. {worst % 16}"


@pytest.mark.parametrize("rate", [0.1, 0.5])
@pytest.mark.parametrize("count", [0, 16])
def test_extremes_of_knocking_out(knocked, rate, count):
    for choice in (0, 29):
        knocked.state = {"rate": rate, "knocked": count, "choice": choice}
        assert all(len(cross.get_xdata()) == count for cross in knocked.out.values())
        assert f"With {count} of 32" in knocked.sentence


@pytest.fixture
def layers(mnist):
    panel = panels.layers_at_work(mnist.train[:3000], mnist.test[:300])
    yield panel
    panel.close()


def test_a_frozen_layer_has_a_gradient_and_does_not_move(layers):
    layers.state = {"frozen": "the first"}
    result = layers.run_to_end()
    assert np.all(np.array(result.done)[:, 0] == 0) and np.all(np.array(result.wished)[:, 0] > 0)
    assert np.allclose(np.array(result.done)[:, 1:], np.array(result.wished)[:, 1:], rtol=1e-4)
    assert "moved in 0%, 100%, 100% of the steps" in layers.sentence
    assert [text.get_text() for text in layers.used][:4] == ["0%", "100%", "100%", ""]
    assert np.isnan(layers.done.get_xdata()[0]) and np.all(layers.done.get_xdata()[1:] > 0)
    assert "0 times" not in layers.sentence
    picture = layers.steps.get_array()
    assert not picture[0].any() and picture[1, -30:].all() and not picture[3:].any()


def test_layers_take_turns(layers):
    layers.state = {"frozen": "two in turn"}
    moved = np.array(layers.run_to_end().done) > 0
    assert np.all(moved.sum(axis=1) == 1) and np.array_equal(moved[:-3], moved[3:])


def test_skipped_blocks_have_no_gradient(layers):
    layers.state = {"hidden": 4, "blocks": "stochastic depth", "learning_rate": 0.5}
    result = layers.run_to_end()
    wished = np.array(result.wished)
    assert np.all(wished[:, [0, 4]] > 0)
    assert 0.05 < np.mean(wished[:, 1:4] == 0) < 0.4


def test_the_gradient_vanishes_with_depth(layers):
    first = []
    for hidden in (2, 5, 8):
        layers.state = {"hidden": hidden}
        first.append(layers.result.wished[0][0])
        assert layers.wished.get_xdata()[0] == pytest.approx(first[-1])
        assert "Press Play" in layers.sentence
    assert first[0] > 20 * first[1] > 400 * first[2]


@pytest.mark.parametrize("hidden", [1, 8])
@pytest.mark.parametrize("blocks", ["plain", "residual"])
@pytest.mark.parametrize("frozen", ["the last", "one at random", "two in turn"])
@pytest.mark.parametrize("rate", [2**-4, 8.0])
def test_extremes_of_the_layers(layers, hidden, blocks, frozen, rate):
    layers.state = {"hidden": hidden, "blocks": blocks, "frozen": frozen, "learning_rate": rate}
    layers.run_to_end()
    assert "nan" not in layers.sentence and layers.sentence.count("%") == hidden + 2


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (0.5, 1.0, ", 2 times as long"),
        (2e-5, 2e-2, ", 1,000 times as long"),
        (0.9, 0.3, "; the first is 3.0 times as long"),
        (1.0, 0.0, ""),
    ],
)
def test_lengths_are_compared_by_the_longer_one(first, last, words):
    assert compared(first, last) == words
