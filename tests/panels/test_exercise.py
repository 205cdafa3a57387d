"""`Exercise`: what it calls right, what it names, and that no function can spoil it."""

import re

import numpy as np
import pytest

from lessons_lib.panels.exercise import Exercise

RNG = np.random.default_rng(0)
CASES = [(RNG.normal(size=(4, n)), RNG.normal(size=n)) for n in (4, 3)]


@pytest.fixture(scope="module")
def exercise():
    return Exercise(
        lambda W, a, *, product=lambda W, a: W @ a, times=1: times * product(W, a),
        CASES,
        hints=("Which index is summed?", "W @ a"),
        ways={
            "product": {"W is transposed.": lambda W, a: W.T @ a},
            "times": {"The sign is wrong.": -1, "It is doubled.": 2},
        },
    )


def test_the_right_answer_passes_and_stands_for_itself(exercise):
    def right(W, a):
        return (W * a).sum(axis=1)

    assert exercise.check(right) and exercise.stand_in(right) is right


@pytest.mark.parametrize("stub", [lambda W, a: None, lambda W, a: ...])
def test_an_empty_stub_gets_hints(exercise, stub):
    verdict = exercise.check(stub)
    assert not verdict and "returns nothing" in verdict.message
    assert verdict._repr_html_().count("<details>") == 2
    assert exercise.stand_in(stub) is exercise.reference


def test_not_implemented_is_an_empty_stub_too(exercise):
    def stub(W, a):
        raise NotImplementedError

    assert "returns nothing" in exercise.check(stub).message


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda W, a: W.T @ a, "W is transposed."),  # raises where W is not square, as the known mistake does
        (lambda W, a: -2 * W @ a / 2, "The sign is wrong."),
        (lambda W, a: -W.T @ a, "W is transposed. And: The sign is wrong."),
        (lambda W, a: 2 * (W.T @ a), "W is transposed. And: It is doubled."),
    ],
)
def test_mistakes_are_named_alone_and_in_pairs(exercise, wrong, words):
    assert exercise.check(wrong).message == words


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda W, a: W @ a + np.arange(4), r"Your result at \[\d\] is .*; expected"),
        (lambda W, a: 3 * (W @ a), r"Every number is 3 times what it should be\."),
        (lambda W, a: np.zeros(5), r"shape \(5,\); expected \(4,\).* Given: float64 of shape \(4, 4\)"),
        (lambda W, a: "text", r"is a str; expected an array"),
        (lambda W, a: [[1], [2, 3]], r"a list of pieces of unlike shapes"),
        (lambda W, a: {}[0], r"raised KeyError"),
        (lambda W, a: exit(), r"raised SystemExit"),
        (lambda W, a: next(iter(())), r"raised StopIteration"),
        (lambda a: a, r"raised TypeError"),
        (
            lambda W, a: W @ a if len(a) == 4 else None,
            r"1 of 2 cases are right\. Here your function returns nothing",
        ),
        (lambda W, a: W @ a * np.nan, r"Your result at \[0\] is nan"),
    ],
)
def test_other_answers_are_told_how_they_differ(exercise, wrong, words):
    verdict = exercise.check(wrong)
    assert not verdict and re.search(words, verdict.message), verdict.message


def test_what_cannot_be_called_is_refused_in_words(exercise):
    assert "without calling it" in exercise.check(CASES[0][0]).message


def test_different_mistakes_with_the_same_numbers_are_both_offered():
    either = Exercise(
        lambda x, *, one=0, two=0: x + one + two,
        [(1.0,), (2.0,)],
        hints=(),
        ways={"one": {"One more.": 1}, "two": {"One too many.": 1}},
    )
    assert either.check(lambda x: x + 1).message == "either One more. Or: One too many."


def test_nothing_the_readers_function_does_spoils_the_next_check(exercise):
    def emptying(W, a):
        W[:], a[:] = 0, 0
        return W @ a

    def resizing(W, a):
        a.resize(2, refcheck=False)
        return a

    for spoiling in (emptying, resizing):
        verdict = exercise.check(spoiling)
        assert not verdict and "changes what it was given" in verdict.message
    assert exercise.check(lambda W, a: W @ a) and not exercise.check(lambda W, a: 0 * (W @ a))


def test_a_right_function_that_works_in_place_is_right_and_is_given_copies_from_then_on(exercise):
    def in_place(W, a):
        W *= a
        return W.sum(axis=1)

    verdict = exercise.check(in_place)
    assert verdict and "Your function changes what it was given (W). Work on a copy" in verdict.message
    W, a = (array.copy() for array in CASES[1])
    W.flags.writeable = False  # as the parameters of a network are
    assert np.allclose(exercise.stand_in(in_place)(W, a), W @ a) and np.array_equal(W, CASES[1][0])


def test_what_the_readers_function_prints_is_heard_once_and_warnings_never(exercise, capsys, recwarn):
    def talking(W, a):
        print("here I am")
        return W @ a / np.zeros(4)

    exercise.check(talking)
    assert capsys.readouterr().out == "here I am\n" and not recwarn.list


def test_a_mistake_that_no_case_shows_is_refused():
    with pytest.raises(ValueError, match="no case tells this mistake"):
        Exercise(
            lambda x, *, square=lambda x: x * x: square(x),
            [(0.0,), (2.0,)],
            hints=(),
            ways={"square": {"You doubled it.": lambda x: 2 * x}},
        )


def test_every_right_way_passes_and_has_the_same_mistakes():
    slope = Exercise(
        lambda f, x, h, *, over=2: (f(x + h) - f(x - h)) / (over * h),
        [(np.exp, 0.5, 0.3), (np.exp, -1.0, 0.2)],
        also=[lambda f, x, h, *, over=1: (f(x + h) - f(x)) / (over * h)],
        hints=(),
        ways={"over": {"You divided by three wiggles.": 3}},
    )
    assert slope.check(lambda f, x, h: (f(x + h) - f(x)) / h)
    assert slope.check(lambda f, x, h: (f(x + h) - f(x)) / 3 / h).message == "You divided by three wiggles."


def test_a_function_that_calls_its_own_check_is_told_so(exercise):
    def attempt(a, b):
        return exercise.check(attempt)

    assert "calls its own check" in exercise.check(attempt).message
    assert exercise.check(exercise.reference)


class Unwilling:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")


class Speechless(Exception):
    def __str__(self):
        raise ValueError("no words")


def raises(error):
    raise error


endless = []
endless.append(endless)


@pytest.mark.parametrize(
    "odd",
    [
        lambda right: np.broadcast_to(0.0, (10**7, 10**7)),
        lambda right: 10**400,
        lambda right: [10**400],
        lambda right: Unwilling(),
        lambda right: np.ndarray,
        lambda right: endless,
        lambda right: raises(Speechless),
        lambda right: raises(GeneratorExit),
        lambda right: np.asarray(right, float).astype(str),
        lambda right: right + 99j,
        lambda right: np.ma.masked_array(right, mask=True),
    ],
)
def test_a_result_that_is_no_array_of_real_numbers_is_refused_and_nothing_raised(exercise, odd):
    verdict = exercise.check(lambda *given: odd(exercise.reference(*given)))
    assert not verdict and verdict.message
    assert exercise.check(exercise.reference)


def test_a_result_that_is_used_again_for_the_next_is_read_when_it_comes(exercise):
    shared = {}

    def attempt(*given):
        right = np.asarray(exercise.reference(*given), float)
        kept = shared.setdefault(right.shape, right.copy())
        kept[...] = right
        return kept

    assert exercise.check(attempt)


def test_a_tuple_becomes_an_array_where_the_right_answer_is_one(exercise):
    given = exercise.cases[0]
    stand_in = exercise.stand_in(lambda *given: tuple(np.atleast_1d(exercise.reference(*given))))
    assert isinstance(stand_in(*given), np.ndarray)


def test_what_is_imported_in_the_first_call_is_no_memory_of_the_answer():
    exercise = Exercise(
        lambda x, *, times=2: times * x, [(np.ones(3),)], ways={"times": {"Once.": 1}}, hints=("", ""),
        room=(50_000, "Too large."),
    )  # fmt: skip
    imported = []

    def attempt(x):
        if not imported:
            imported.append(np.zeros(100_000))
        return 2 * x

    assert exercise.check(attempt)
    assert exercise.check(lambda x: 2 * x + np.zeros((300, 300))[:1, :3].sum()).message == "Too large."


def test_a_stand_in_prints_nothing(exercise, capsys):
    def attempt(*given):
        print("computing")
        return exercise.reference(*given)

    exercise.check(attempt)
    assert capsys.readouterr().out == "computing\n"
    exercise.stand_in(attempt)
    assert capsys.readouterr().out == ""
