"""Lesson 04: the tables, the bang for the buck and the race of rules, without a browser."""

import numpy as np
import pytest

from lessons_lib import backprop, forward, load_mnist, panels, squared_error
from lessons_lib.lessons.fire_together_wire_together.hebb import RULES
from lessons_lib.runs.stages import stages


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test[:200]


@pytest.fixture(scope="module")
def nets(mnist):
    return stages(mnist.train[:5000], epochs={"untrained": 0, "after one epoch": 3, "trained": 10})


@pytest.fixture
def tables(nets, digits):
    panel = panels.fire_together(nets, digits, stage="after one epoch")
    yield panel
    panel.close()


def test_the_first_table_is_the_negative_gradient_of_the_last_layer(tables, nets, digits):
    net = nets["after one epoch"]
    tables.state = {"image": 5}
    gradient = backprop(net, forward(net, digits[5].pixels), digits[5].y).mean()
    shown = np.asarray(tables.tables["backprop"].image.get_array())
    assert np.allclose(shown, -net.split(gradient)[-1][0], atol=1e-7)


def test_every_table_is_its_column_times_its_row(tables):
    for name in ("backprop", "plain Hebb", "Hebb with the label"):
        table = tables.tables[name]
        column, row = (np.asarray(part.get_array()) for part in (table.column, table.row))
        assert np.allclose(table.image.get_array(), column * row, atol=1e-7)


def test_crosses_stand_where_the_signs_differ_and_both_changes_are_visible(tables):
    tables.state = {"image": 8}
    wished = tables.result.changes["backprop"]
    for name in ("plain Hebb", "Hebb with the label", "Oja"):
        columns, rows = tables.tables[name].marks.get_data()
        change = tables.result.changes[name]
        differ = np.sign(change) == -np.sign(wished)
        seen = (abs(change) > 0.1 * abs(change).max()) & (abs(wished) > 0.1 * abs(wished).max())
        assert np.array_equal(np.argwhere(differ & seen), np.column_stack([rows, columns]))
        same, marked = tables.result.agree[name], f" ({len(rows)} of them marked)" if len(rows) else ""
        assert f"{name} {same} the same way, {differ.sum()} the other way{marked}" in tables.sentence


def test_hebb_agrees_in_the_row_of_the_label_only(tables):
    against = tables.result.against["plain Hebb"]
    assert not against[7].any() and np.delete(against, 7, axis=0).all()


def test_a_click_chooses_the_weight_of_the_sentence(tables):
    tables.live.point("click", tables.tables["Oja"].image.axes, 3, 8)
    assert tables.state["after"] == 8 and tables.state["before"] == 3
    assert tables.sentence.startswith("The weight from hidden neuron 3 to output 8:")
    tables.live.point("click", tables.tables["Oja"].image.axes, -1.5, 8)  # on the column beside the cells
    assert tables.state["before"] == 3


def test_savings_are_what_a_changed_weight_really_saves(nets, digits):
    net, one = nets["trained"], digits[4]
    panel = panels.bang_for_the_buck(nets, digits, stage="trained", image=4, after=3, wiggle=0.1)
    trace = forward(net, one.pixels)
    sign = np.sign(backprop(net, trace, one.y).deltas[-1][0, 3])
    for j in (0, 9):
        params = net.params.copy()
        net.split(params)[-1][0][3, j] -= sign * 0.1
        cost = squared_error(forward(net.with_params(params), one.pixels).output, one.y)
        saved = (squared_error(trace.output, one.y) - cost) / 0.1
        assert panel.result.saved[j] == pytest.approx(saved, abs=1e-5)
    assert np.array_equal(panel.points.get_xdata(), panel.result.a)


@pytest.mark.parametrize("stage", ["untrained", "after one epoch", "trained"])
@pytest.mark.parametrize("image", [0, 199])
@pytest.mark.parametrize("wiggle", [0.01, 10**0.5])
def test_extremes_of_the_wiggle(nets, digits, stage, image, wiggle):
    for after in (0, 9):
        panel = panels.bang_for_the_buck(nets, digits, stage=stage, image=image, after=after, wiggle=wiggle)
        assert np.isfinite(panel.result.saved).all() and "nan" not in panel.sentence
        low, high = panel.right.get_ylim()
        assert low < panel.result.saved.min() and panel.result.saved.max() < high


def test_the_race_follows_the_rules_one_batch_at_a_time(nets, mnist):
    panel = panels.train_by_rule(nets, mnist.train[:100], mnist.test[:50], learning_rate=0.5)
    a, _ = panel.features("trained")
    start = {name: layer.copy() for name, layer in panel.result.weights.items()}
    out = 1 / (1 + np.exp(-a @ start["Oja"].T))
    panel.run_to_end()
    for name, rule in RULES.items():
        expected = start[name] + 0.5 * rule.change(out, mnist.train[:100].y, a, start[name])
        assert np.allclose(panel.result.weights[name], expected, atol=1e-4)


def test_the_label_makes_the_difference(nets, mnist):
    panel = panels.train_by_rule(nets, mnist.train[:5000], mnist.test[:1000])
    reads = {name: curve[-1] for name, curve in panel.run_to_end().accuracy.items()}
    assert (
        max(reads["plain Hebb"], reads["Oja"]) < 0.3 < 0.5 < reads["Hebb with the label"] < reads["backprop"]
    )
    assert f"backprop {reads['backprop']:.1%}" in panel.sentence
    assert panel.reads.bars["backprop"].get_width() == pytest.approx(reads["backprop"])


@pytest.mark.parametrize("rate", [0.01, 10.0])
def test_extremes_of_the_learning_rate(nets, mnist, rate):
    panel = panels.train_by_rule(nets, mnist.train[:1000], mnist.test[:100], learning_rate=rate)
    panel.run_to_end()
    assert "nan" not in panel.sentence and panel.result.seen[-1] == 1000
