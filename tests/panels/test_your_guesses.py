import json
from datetime import date

import pytest

from lessons_lib import panels
from lessons_lib.panels import guesses

TODAY = date.today().isoformat()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A notebook's folder and a session of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("asked", "made", "pages"):
        monkeypatch.setattr(guesses, name, type(getattr(guesses, name))())
    return tmp_path


def ask(question="How high?", choices=("low", "high"), answer="high"):
    return panels.Prediction(question, choices, answer=answer)


def in_file(folder):
    return json.loads((folder / "guesses.json").read_text("utf-8"))


def test_a_guess_is_shown_against_what_happened_and_kept(folder):
    first, second = ask(), ask("How many?", (0, 160), 144)
    first.choose("low")
    second.choose(130)
    page = panels.your_guesses("03")
    assert page.rows == [("How high?", "low", "high", "no"), ("How many?", "130", "144", "yes")]
    assert page.sentences[0] == "Right guesses in this lesson: 1 of 2."
    assert "within a tenth" in page.html and "guesses.json" in repr(page)
    assert in_file(folder) == {
        "03": {
            "How high?": {"guess": "low", "happened": "high", "right": False, "date": TODAY},
            "How many?": {"guess": 130, "happened": 144, "right": True, "date": TODAY},
        }
    }
    assert [path.name for path in folder.iterdir()] == ["guesses.json"]


@pytest.mark.parametrize(
    ("guess", "answer", "right"), [(60, 50, True), (61, 50, False), (40, 50, True), (39, 50, False)]
)
def test_a_number_is_right_within_a_tenth_of_its_range(guess, answer, right):
    prediction = ask("How many?", (0, 100), answer)
    prediction.choose(guess)
    assert prediction.right is right


def test_where_nothing_is_guessed_one_sentence_stands_and_nothing_is_written(folder):
    prediction = ask()
    page = panels.your_guesses("03")
    assert not page.rows and page.sentences[1] == [] and "not guessed in this lesson yet" in page.html
    assert "high" not in page.html  # what happens is not given away
    prediction.skip()
    assert page.rows == [("How high?", "skipped", "high", "")]
    assert not list(folder.iterdir())


def test_the_page_follows_a_guess_that_is_made_after_it(folder):
    prediction, other = ask(), ask("And how wide?")
    page = panels.your_guesses("03")
    prediction.choose("high")
    assert page.rows == [("How high?", "high", "high", "yes"), ("And how wide?", "no guess yet", "", "")]
    assert page.widget.value == page.html and in_file(folder)["03"]["How high?"]["right"]
    other.close()
    again = panels.your_guesses("03")
    assert len(again.rows) == 1


def test_the_latest_guess_takes_the_place_of_an_earlier_one_and_other_entries_stay(folder):
    guesses.keep("02", {"Old?": {"guess": 1, "happened": 2, "right": False, "date": "2024-01-02"}})
    ask().choose("low")
    panels.your_guesses("03")
    again = ask()
    page = panels.your_guesses("03")
    assert page.rows == [("How high?", "low", "high", "no")]  # until it is guessed anew
    again.choose("high")
    entry = {"guess": "high", "happened": "high", "right": True, "date": TODAY}
    assert in_file(folder)["03"]["How high?"] == entry
    assert in_file(folder)["02"]["Old?"]["date"] == "2024-01-02"


def test_a_new_session_shows_what_the_file_has(folder):
    ask().choose("low")
    panels.your_guesses("03")
    guesses.asked.clear()
    assert panels.your_guesses("03").rows == [("How high?", "low", "high", "no")]
    (folder / "guesses.json").unlink()  # whoever deletes it is forgotten
    assert not panels.your_guesses("03").rows and not list(folder.iterdir())


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        '{"03": 1}',
        '{"03": {"How high?": {"guess": 1}}}',
        "[" * 100_000,
        b"\xff\xfe\x00",
    ],
    ids=["empty", "cut", "list", "null", "number", "entry", "deep", "bytes"],
)
def test_a_damaged_file_is_named_and_left_as_it_is(folder, damage):
    file = folder / "guesses.json"
    file.write_bytes(damage if isinstance(damage, bytes) else damage.encode())
    before = file.read_bytes()
    prediction = ask()
    page = panels.your_guesses("03")
    prediction.choose("high")
    assert page.rows == [("How high?", "high", "high", "yes")]
    assert page.sentences[1][-1].startswith("guesses.json in this notebook's folder cannot be read")
    assert "Kept in" not in page.html
    assert "cannot be read" in panels.your_guesses().html
    assert file.read_bytes() == before
    file.unlink()
    panels.your_guesses("03")
    assert in_file(folder)["03"]["How high?"]["right"]  # kept as soon as it can be


def test_where_nothing_can_be_written_the_page_says_so(folder):
    (folder / "guesses.part").mkdir()  # where the new file would be made
    ask().choose("high")
    page = panels.your_guesses("03")
    assert page.rows == [("How high?", "high", "high", "yes")]
    assert "could not be written to guesses.json" in page.html and "Kept in" not in page.html


def test_without_a_lesson_it_counts_the_whole_course(folder):
    course = panels.your_guesses()
    assert not course.rows and course.sentences[0].startswith("No guesses are kept yet.")
    for lesson, rights in {"01": [False], "02": [False, True], "11": [True, True], "13": [True]}.items():
        for number, right in enumerate(rights):
            entry = {"guess": 1, "happened": 1, "right": right, "date": TODAY}
            guesses.keep(lesson, {f"Question {number}?": entry})
    course = panels.your_guesses()
    assert course.rows == [
        ("01", "0 of 1", "○"),
        ("02", "1 of 2", "○●"),
        ("11", "2 of 2", "●●"),
        ("13", "1 of 1", "●"),
    ]
    assert course.sentences[0] == "Right guesses in the course so far: 4 of 6."
    assert course.sentences[1][0] == (
        "In the first half of these lessons 1 of 3 were right, in the second half 3 of 3."
    )
    ask().choose("low")
    panels.your_guesses("12")
    assert ("12", "0 of 1", "○") in course.rows  # it follows too


def test_questions_and_guesses_are_text_and_no_html():
    ask("Is <b> < $x$?", ("a & b", "c"), "c").choose("a & b")
    page = panels.your_guesses("03")
    assert "Is &lt;b&gt; &lt; $x$?" in page.html and "a &amp; b" in page.html
    bundle = page._repr_mimebundle_()
    assert bundle["text/html"] == page.html and "Is <b> < $x$?  a & b  c  no" in bundle["text/plain"]


def test_a_number_that_is_negative_has_a_true_minus(folder):
    ask("How much?", (-2.0, 2.0), -0.123456).choose(-0.5)
    assert panels.your_guesses("03").rows == [("How much?", "−0.5", "−0.1235", "yes")]
    assert in_file(folder)["03"]["How much?"]["happened"] == -0.123456


def test_what_is_closed_follows_no_more(folder):
    page = panels.your_guesses("03")
    prediction = ask()
    page.close()
    prediction.choose("high")
    assert not list(folder.iterdir())
