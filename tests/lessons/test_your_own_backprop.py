"""Lesson 14: the planted mistakes and the check-up, without a browser."""

from itertools import combinations

import numpy as np
import pytest
from planting import good

from lessons_lib import cross_entropy, panels, relu, softmax, squared_error, tanh
from lessons_lib.doctor import Case, diagnose, examine, random_case, usual_cases
from lessons_lib.lessons.your_own_backprop.checkup import CLOSE, short
from lessons_lib.lessons.your_own_backprop.planted import MISTAKES, checked, fits, planted

KINDS = {  # what the doctor calls them
    "the opposite sign": "−1",
    "a 2 left out": "½",
    "a 2 too many": "2",
    "weights summed, not averaged": "n",
    "biases summed, not averaged": "n",
    "biases of layer 1 forgotten": "empty",
    "σ′ left out in the hidden layers": "slope missing",
    "σ′ left out in layer 1": "slope missing",
    "σ′ taken at a": "slope at a",
    "passed back without σ′": "passed back without slope",
    "W transposed on the way back": "W transposed",
    "weights updated too early": "W already updated",
    "sums z in place of activations": "z in place of a",
}


def numbers(panel):
    """The numbers written in the cells of each block."""
    return [[text.get_text() for row in block.numbers for text in row] for block in panel.blocks]


@pytest.mark.parametrize(
    "functions", [{}, {"hidden": tanh}, {"hidden": relu, "output": softmax, "cost": cross_entropy}]
)
def test_without_a_mistake_the_planted_backprop_is_right(functions):
    case = Case.random((4, 6, 5, 3), 7, seed=2, **functions)
    for pair, right in zip(planted(case), case.gradients, strict=True):
        assert np.allclose(pair[0], right[0]) and np.allclose(pair[1], right[1])


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_planted_mistake_is_named(mistake):
    found = checked(usual_cases()[0], (mistake,))
    assert [finding.kind for finding in found.findings] == [KINDS[mistake]]
    assert not found.unexplained


def test_of_two_planted_mistakes_both_are_named_and_nothing_else():
    case, pairs = usual_cases()[0], list(combinations(MISTAKES, 2))[::4]  # all of them would take a while
    named = 0
    for pair in pairs:
        if len({MISTAKES[mistake][0] for mistake in pair}) == 2:
            found = checked(case, pair)
            kinds, wanted = {finding.kind for finding in found.findings}, {KINDS[mistake] for mistake in pair}
            assert kinds <= wanted, (pair, found.message)
            named += kinds == wanted or found.right
    assert named >= 0.9 * len(pairs)


def test_the_picture_marks_what_is_wrong_and_nothing_else():
    panel = panels.checkup()
    panel.state = {"first": "biases of layer 1 forgotten"}
    shown = numbers(panel)
    assert shown[1] == ["0.00"] * 5
    assert not any("".join(block) for k, block in enumerate(shown) if k != 1)
    assert [block.image.get_array().count() for block in panel.blocks] == [0, 5, 0, 0, 0, 0]
    assert [line.get_text() for line in panel.states[0]] == ["weights: right", "biases: all × 0.00"]
    assert "Layer 1, biases" in panel.sentence
    panel.close()


def test_the_colours_are_the_ratio_to_the_true_slope():
    panel = panels.checkup(first="passed back without σ′", examples="all")
    right = panel.case.gradients
    given = planted(panel.case, source=MISTAKES["passed back without σ′"][1])
    for layer in range(3):
        for part in range(2):
            image = panel.blocks[2 * layer + part].image
            true = right[layer][part].reshape(image.get_array().shape)
            ratio = given[layer][part].reshape(true.shape) / true
            assert np.ma.allclose(image.get_array(), np.clip(ratio, -1, 3))
            assert np.array_equal(np.ma.getmaskarray(image.get_array()), np.abs(ratio - 1) < CLOSE)
    assert panel.blocks[0].image.get_clim() == (-1, 3)
    panel.close()


def ratios(panel):
    """The ratios of each layer's weights in the picture, nan where it is quiet."""
    return [np.ma.filled(block.image.get_array(), np.nan) for block in panel.blocks[::2]]


def test_one_example_shows_rows_and_columns_and_an_average_blurs_them():
    panel = panels.checkup()
    a = panel.case.a[1][0]
    shown = np.reshape(numbers(panel)[0], (5, 5))
    assert (shown == shown[:, :1]).all() and shown[:, 0].tolist() == [short(1 / s) for s in a * (1 - a)]
    assert numbers(panel)[1] == shown[:, 0].tolist()  # the biases are off by the same
    assert panel.averaged.get_text() == "of one example"
    panel.state = {"examples": "all"}
    shown = np.reshape(numbers(panel)[0], (5, 5))
    assert not (shown == shown[:, :1]).all() and panel.averaged.get_text() == "averaged over 4 examples"

    panel.apply("Columns")
    first, second, last = ratios(panel)
    assert np.isnan(first).all() and np.isnan(panel.blocks[3].image.get_array().filled(np.nan)).all()
    for layer, into in ((1, second), (2, last)):
        columns = np.clip(panel.case.z[layer - 1][0] / panel.case.a[layer][0], -1, 3)
        assert np.allclose(into, columns)
    panel.close()


def test_the_doctor_tries_several_examples_whatever_is_shown():
    panel = panels.checkup(first="weights summed, not averaged")
    assert not "".join(map("".join, numbers(panel)))
    assert panel.sentence.endswith("One example alone does not show it; the doctor tried several.")
    assert panel.result.found is checked(panel.case, ("weights summed, not averaged",))
    panel.state = {"examples": "all"}
    assert "One example alone" not in panel.sentence and numbers(panel)[0] == ["4.00"] * 25
    panel.close()


def test_mistakes_of_one_step_do_not_go_together():
    panel = panels.checkup(first="σ′ taken at a", second="σ′ left out in layer 1")
    assert panel.sentence.startswith("Planted: σ′ taken at a; one step cannot")
    alone = panels.checkup(first="σ′ taken at a")
    assert numbers(panel) == numbers(alone)


def test_your_own_function_comes_first_and_others_can_be_compared():
    panel = panels.checkup(
        lambda weights, biases, x, y: [(-dW, db) for dW, db in good(weights, biases, x, y)]
    )
    assert panel.state["first"] == "yours"
    assert "Every layer, weights: your numbers have the opposite sign" in panel.sentence
    assert numbers(panel)[0] == ["−1.00"] * 25 and numbers(panel)[1] == [""] * 5
    assert panel.inputs["second"].disabled and panel.inputs["examples"].disabled
    panel.state = {"first": "the opposite sign"}
    assert not panel.inputs["second"].disabled
    assert numbers(panel)[1] == ["−1.00"] * 5


def test_a_right_function_is_quiet():
    panel = panels.checkup(examine(good))
    assert panel.sentence.startswith("Right: every layer")
    assert not "".join(map("".join, numbers(panel)))


def test_gradients_of_a_file_keep_the_shapes_of_their_case():
    case = random_case((3, 2, 4), 5, cost=squared_error)
    panel = panels.checkup(diagnose(case.gradients, case))
    assert [block.shape for block in panel.blocks] == [(2, 3), (2, 1), (4, 2), (4, 1)]
    assert not fits(case, "W transposed on the way back")
    assert "W transposed on the way back" not in panel.inputs["first"].options


def test_a_large_network_is_drawn_without_numbers():
    case = random_case((60, 40, 10), 3)
    panel = panels.checkup(diagnose([(2 * dW, db) for dW, db in case.gradients], case))
    assert panel.blocks[0].numbers is None and panel.blocks[0].image.get_array().count() == 2400
    assert panel.cell * (60 + 40 + 2.8) < 820


def test_what_cannot_be_read_is_shown_as_unknown():
    panel = panels.checkup(len)
    assert set("".join(map("".join, numbers(panel)))) == {"?"}
    assert "I do not know how to call your function" in panel.sentence


def test_a_slope_that_should_be_0_has_an_infinite_ratio():
    case = random_case((3, 4, 2), 1, hidden=relu)
    dead = next(k for k, z in enumerate(case.z[0][0]) if z < 0)
    wrong = [(dW.copy(), db.copy()) for dW, db in case.gradients]
    wrong[0][0][dead] = 1
    panel = panels.checkup(diagnose(wrong, case))
    assert [text.get_text() for text in panel.blocks[0].numbers[dead]] == ["∞"] * 3


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.5, "0.50"), (-1, "−1.00"), (-12.3, "−12"), (1e9, "≫"), (np.nan, "?"), (-np.inf, "−∞"), (-2000, "−≫")],
)
def test_ratios_in_few_characters(ratio, text):
    assert short(ratio) == text
