"""Lesson 06: the tiny network, the gradient check, the clinic and the exercise, without a browser."""

import re

import numpy as np
import pytest

from lessons_lib import Network, backprop, checks, forward, panels, sigmoid
from lessons_lib.lessons.the_chain_rule.clinic import BLOCKS, case
from lessons_lib.lessons.the_chain_rule.mistakes import MISTAKES, PATIENTS, written_out
from lessons_lib.lessons.the_chain_rule.tiny_network import NAMES, STEPS

PARAMS = [0.5, -0.4, -0.6, 0.8, 0.1, -0.2, 1.2, -0.9, 0.3]


@pytest.fixture(scope="module")
def tiny():
    return Network(PARAMS, (2, 2, 1))


def cost_of(params, x1, x2, y):
    """The cost, written out without the library."""
    w11, w12, w21, w22, b1, b2, v1, v2, c = params
    h1, h2 = sigmoid(w11 * x1 + w12 * x2 + b1), sigmoid(w21 * x1 + w22 * x2 + b2)
    return float((sigmoid(v1 * h1 + v2 * h2 + c) - y) ** 2)


def slope_of(k, x1, x2, y, h=1e-6):
    up, down = (np.array(PARAMS) + sign * h * np.eye(9)[k] for sign in (1, -1))
    return (cost_of(up, x1, x2, y) - cost_of(down, x1, x2, y)) / (2 * h)


# The tiny network


@pytest.mark.parametrize("state", [{}, {"x1": -3.0, "x2": 9.0, "y": 0.0}, {"x1": 0.0, "x2": 0.0}])
@pytest.mark.parametrize("parameter", range(9))
def test_the_sentence_multiplies_to_the_measured_slope(tiny, state, parameter):
    panel = panels.tiny_network(tiny, parameter=parameter, **state)
    x1, x2, y = (panel.state[name] for name in ("x1", "x2", "y"))
    _, factors, rest, *_ = panel.sentence.replace("−", "-").split(" = ")  # Python reads no true minus sign
    product = rest.split(". ")[0]
    parts = [float(part.strip("()")) for part in factors.split(" × ")]
    assert np.prod(parts) == pytest.approx(float(product), rel=5e-3, abs=1e-5)
    assert float(product) == pytest.approx(slope_of(parameter, x1, x2, y), abs=1e-5)
    assert panel.result.cost == pytest.approx(cost_of(PARAMS, x1, x2, y))


def test_the_names_stand_in_the_order_of_the_vector(tiny):
    for k, (name, layer, i, j) in enumerate(NAMES):
        where = tiny.address(k)
        assert (where.layer, where.to_neuron + 1) == (layer, i), name
        assert where.from_neuron == (None if j is None else j - 1), name


def test_each_step_reveals_more_and_never_less(tiny):
    panel, seen = panels.tiny_network(tiny), []
    for step in range(len(STEPS)):
        panel.state = {"step": step}
        texts = [text.get_text() for text in panel.fig.axes[0].texts]
        seen.append(sum(map(len, texts[:-2])))
    assert seen == sorted(seen) and len(set(seen)) == len(seen)


def test_the_numbers_on_screen_are_those_of_the_result(tiny):
    panel = panels.tiny_network(tiny)
    assert panel.nodes[2][0].inside.get_text() == f"{panel.result.a[2][0]:.3f}"
    assert panel.edges[0].slope.get_text() == f"{slope_of(0, 1.0, 0.5, 1.0):+.4f}"
    delta = [float(word) for word in panel.nodes[1][1].below.get_text()[4:].replace("×", "=").split(" = ")]
    assert delta[0] * delta[1] == pytest.approx(delta[2], abs=1e-4)


@pytest.mark.parametrize(("place", "parameter"), [((370, 130), 4), ((640, 230), 8), ((166, 130), 0)])
def test_a_click_chooses_a_parameter(tiny, place, parameter):
    class Event:
        x, y = place

    assert panels.tiny_network(tiny).clicked(Event) == {"parameter": parameter}


# The gradient check


@pytest.fixture(scope="module")
def check(tiny):
    return panels.gradient_check(tiny, np.array([[1.0, 0.5]]), np.array([[1.0]]))


def test_truncation_falls_and_rounding_rises(check):
    central = [check.off_by("central", 10.0**e) for e in range(-15, 1)]
    assert central[-1] > central[-2] > central[-3] > 1e-7
    assert min(central) < 1e-8 < min(central[:2])


def test_the_complex_step_is_flat(check):
    assert max(check.off_by("complex", 10.0**e) for e in range(-15, -8)) < 1e-14


@pytest.mark.parametrize("exponent", [-15, -7.25, 0])
def test_picture_and_sentence_of_the_check_agree(check, exponent):
    check.state = {"exponent": float(exponent)}
    (h,), (error,) = check.points["central"].get_data()
    assert h == pytest.approx(10.0**exponent) and error == pytest.approx(
        max(check.result.error["central"], 1e-18)
    )
    number = check.rows[0].same.get_text() + check.rows[0].other.get_text().strip()
    assert float(number) == pytest.approx(check.result.costs[0], abs=1e-16)
    shared = max(0, len(check.rows[0].same.get_text()) - 2)
    words = {0: "no decimal.", 1: "their first decimal."}
    assert f"share {words.get(shared, f'their first {shared} decimals.')}" in check.sentence


# The clinic


def test_the_written_out_backprop_is_right():
    net, x, y = case(seed=5, batch=7)
    assert np.allclose(written_out(net.weights, net.biases, x, y), backprop(net, forward(net, x), y).mean())


def test_every_mistake_has_one_patient():
    assert sorted(map(id, PATIENTS.values())) == sorted(map(id, MISTAKES.values()))


WRONG = {  # what the blocks of each patient must look like
    "the sign": set(BLOCKS),
    "σ′ missing in hidden layers": {"W1", "b1", "W2", "b2"},
    "W transposed on the way back": {"W1", "b1", "W2", "b2"},
    "not averaged": set(BLOCKS),
    "bias forgotten": {"b1", "b2", "b3"},
    "the wrong layer's activations": {"W1", "W2", "W3"},
}


@pytest.mark.parametrize("patient", PATIENTS)
@pytest.mark.parametrize("network", [0, 13, 20])
def test_the_check_finds_the_sick_blocks_and_only_its_own_diagnosis_fits(patient, network):
    panel = panels.clinic(patient=patient, network=network)
    mistake = next(name for name, made in MISTAKES.items() if made is PATIENTS[patient])
    assert {block for block in BLOCKS if panel.result.table[block][0] > 1e-6} == WRONG[mistake]
    for diagnosis in MISTAKES:
        panel.state = {"diagnosis": diagnosis}
        assert panel.result.fits == (diagnosis == mistake)
        assert ("fits:" in panel.sentence) == (diagnosis == mistake)


def test_one_example_hides_a_missing_mean():
    panel = panels.clinic(diagnosis="not averaged")
    panel.apply("A batch of one")
    assert panel.result.healthy and "passes" in panel.sentence
    panel.state = {"diagnosis": "not averaged"}
    assert "cannot be told" in panel.sentence


# The exercise


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("the sign", "Every layer: your numbers have the opposite sign"),
        ("σ′ missing in hidden layers", "The hidden layers: .* σ′ left out.*The output layer is right"),
        (
            "W transposed on the way back",
            "into the hidden layers: .* W transposed.* output layer is right",
        ),
        ("not averaged", "times the number of examples"),
        ("bias forgotten", "Every layer, biases: .*The weights are right"),
        ("the wrong layer's activations", "activations of another layer.*The biases are right"),
    ],
)
def test_the_mistakes_of_all_patients_are_located_and_named(mistake, words):
    verdict = checks.backprop.check(MISTAKES[mistake])
    assert not verdict and re.search(words, verdict.message), verdict.message


def test_the_solution_passes_and_the_stub_gets_hints():
    def my_backprop(weights, biases, x, y):
        a = [x]
        for W, b in zip(weights, biases, strict=True):
            a.append(1 / (1 + np.exp(-(a[-1] @ W.T + b))))
        delta, pieces = 2 * (a[-1] - y) * a[-1] * (1 - a[-1]), []
        for layer in reversed(range(len(weights))):
            dW, db = delta.T @ a[layer] / len(x), delta.sum(axis=0) / len(x)
            pieces = [dW.ravel(), db, *pieces]
            delta = (delta @ weights[layer]) * a[layer] * (1 - a[layer])
        return np.concatenate(pieces)

    assert checks.backprop.check(my_backprop)
    verdict = checks.backprop.check(lambda weights, biases, x, y: ...)
    assert not verdict and len(verdict.hints) == 2 and "returns nothing" in verdict.message


def test_diagnoses_are_judged_one_by_one():
    right = {letter: next(n for n, made in MISTAKES.items() if made is p) for letter, p in PATIENTS.items()}
    assert checks.check_diagnoses(right)
    assert checks.check_diagnoses(right | {"B": "the sign"}).message.endswith("Still open: B.")
    assert "Right" not in checks.check_diagnoses(dict.fromkeys("ABCDEF", "")).message


@pytest.mark.parametrize(
    ("patient", "words"),
    [
        ("D", "Sign"),
        ("E", "W transposed"),
        ("B", "The wrong layer’s activations"),
        ("C", "σ' missing in hidden layers"),
        ("A", " not averaged "),
    ],
)
def test_a_diagnosis_may_be_short_or_typed_with_another_apostrophe(patient, words):
    assert checks.check_diagnoses({patient: words}).message.startswith(f"Right: {patient}. ")


def test_words_that_are_not_in_the_list_are_told_apart_from_wrong_ones():
    verdict = checks.check_diagnoses({"A": "gradient too long", "B": "the sign", "C": ...})
    assert verdict.message == "Still open: A, B, C, D, E, F. Not in the list: A, C."


@pytest.mark.parametrize(
    ("step", "words"), [(1, "+0.400 and −0.400"), (3, "0.1165"), (4, "−0.6827"), (5, "+0.0332")]
)
def test_the_sentence_tells_the_present_step(tiny, step, words):
    assert words in panels.tiny_network(tiny, step=step).sentence


def test_diagnoses_that_are_no_dict_or_of_nobody_are_told_so():
    assert "give a dict" in checks.check_diagnoses(None).message
    assert "No patient is called Z" in checks.check_diagnoses({"Z": "not averaged"}).message
    assert "No patient is called 1" in checks.check_diagnoses({1: "x"}).message
