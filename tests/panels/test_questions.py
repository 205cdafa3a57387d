import inspect

import pytest

from lessons_lib import panels
from lessons_lib.drawing import charts


def test_a_question_explains_every_answer_and_can_be_tried_again():
    question = panels.Question("Which?", {"this": "Because.", "that": "Look again."}, answer="this")
    assert question.feedback == ""
    question.choose("that")
    assert not question.correct and question._frontend.sentence == "Not yet. Look again."
    question.choose("this")
    assert question.correct and question.feedback == "Right. Because."
    question.close()


def test_a_question_refuses_choices_it_does_not_have():
    with pytest.raises(ValueError, match="'x' is none of the choices: 'this'"):
        panels.Question("Which?", {"this": ""}, answer="x")
    question = panels.Question("Which?", {"this": ""}, answer="this")
    with pytest.raises(ValueError, match="none of the choices"):
        question.choose("x")
    question.close()


def test_a_prediction_shows_the_panel_after_the_guess_and_keeps_the_guess_above_it(bars):
    prediction = panels.Prediction(
        "How high?", (0.0, 1.0), answer=lambda panel: panel.result.height, panel=bars, because="It says so."
    )
    assert bars.widget not in prediction.widget.children and prediction.answer is None
    prediction._pick.value = 0.25
    guess, _ = prediction._locked.children[:2]
    guess.click()
    assert bars.widget in prediction.widget.children
    assert prediction.sentence == "Your guess: 0.25. What happened: 0.5. It says so."
    with pytest.raises(ValueError, match=r"made already: 0\.25"):
        prediction.choose(0.5)


def test_a_prediction_can_be_skipped(bars):
    prediction = panels.Prediction("How high?", ["low", "high"], answer="high", panel=bars)
    _, skip = prediction._locked.children[:2]
    skip.click()
    assert prediction.skipped and prediction.guess is None and bars.widget in prediction.widget.children
    assert prediction.sentence == "Skipped. What happened: high."


def test_a_lesson_can_mark_the_guess_its_own_way(bars):
    marked = []
    prediction = panels.Prediction(
        "How high?", (0, 10), answer=5, panel=bars, mark=lambda panel, guess: marked.append((panel, guess))
    )
    prediction.choose(3)
    assert marked == [(bars, 3)]


@pytest.mark.parametrize(("choices", "guess"), [((0, 10), 11), ((0, 10), "x"), (["a", "b"], "c")])
def test_a_guess_outside_the_choices_is_refused(choices, guess):
    prediction = panels.Prediction("?", choices, answer=1)
    with pytest.raises(ValueError):
        prediction.choose(guess)
    assert prediction.answer is None
    prediction.close()


def test_show_source_shows_the_file_s_own_lines_without_the_docstring_and_marks_what_it_is_asked_to():
    page = panels.show_source(charts.signed_arrows, lines="set_xy").data
    first = inspect.getsourcelines(charts.signed_arrows)[1]
    assert f">{first}</span>" in page and "Draw changes" not in page
    assert page.count("inset 3px 0") == 1 and "lessons_lib/drawing/charts.py" in page


def test_show_source_refuses_to_point_at_a_line_that_is_gone():
    with pytest.raises(ValueError, match="no line of signed_arrows contains 'delta'"):
        panels.show_source(charts.signed_arrows, lines=["delta"])


def test_show_source_shows_no_private_name():
    def _hidden():
        return 1

    with pytest.raises(ValueError, match="_hidden is private; give it a public name, or show what calls it"):
        panels.show_source(_hidden)
