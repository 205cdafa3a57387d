import re

import numpy as np
import pytest

from lessons_lib.panels.exercise import Exercise

RNG = np.random.default_rng(0)
CASES = [(RNG.normal(size=3), RNG.normal(size=(3, 3))) for _ in range(3)]


@pytest.fixture
def exercise():
    return Exercise(
        lambda a, W: W @ a,
        CASES,
        hints=("Which index is summed?", "W @ a"),
        mistakes={"W is transposed.": lambda a, W: W.T @ a, "The sign is wrong.": lambda a, W: -W @ a},
    )


def test_the_right_answer_passes_and_stands_for_itself(exercise):
    def right(a, W):
        return (W * a).sum(axis=1)

    assert exercise.check(right) and exercise.stand_in(right) is right


@pytest.mark.parametrize("stub", [lambda a, W: None, lambda a, W: ...])
def test_an_empty_stub_gets_hints(exercise, stub):
    verdict = exercise.check(stub)
    assert not verdict and "returns nothing" in verdict.message
    assert verdict._repr_html_().count("<details>") == 2
    assert exercise.stand_in(stub) is exercise.reference


def test_not_implemented_is_an_empty_stub_too(exercise):
    def stub(a, W):
        raise NotImplementedError

    assert "returns nothing" in exercise.check(stub).message


def test_each_known_mistake_is_named(exercise):
    for message, wrong in exercise.mistakes.items():
        assert exercise.check(wrong).message == message


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda a, W: W @ a + 1, r"Your result at \[\d\] is .*; expected"),
        (lambda a, W: np.zeros(5), r"shape \(5,\); expected \(3,\)"),
        (lambda a, W: "text", r"is a str; expected an array of shape \(3,\)"),
        (lambda a, W: {}[0], r"raised KeyError"),
    ],
)
def test_other_answers_are_told_how_they_differ(exercise, wrong, words):
    assert re.search(words, exercise.check(wrong).message)


def test_a_mistake_that_no_case_shows_is_refused():
    with pytest.raises(ValueError, match="no case tells this mistake"):
        Exercise(lambda x: x * x, [(0.0,), (2.0,)], hints=(), mistakes={"You doubled it.": lambda x: 2 * x})
