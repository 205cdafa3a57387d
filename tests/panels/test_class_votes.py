import json
import os
import time

import pytest

from lessons_lib import panels
from lessons_lib.panels import ballots, guesses, votes_page
from lessons_lib.panels.ballots import Ballot, mark_of

HIGH, MANY = "How high?", "How many?"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A notebook's folder and a session of its own, on no hub."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LESSONS_CLASS", raising=False)
    fresh_session(monkeypatch)
    return tmp_path


def fresh_session(monkeypatch):
    for name in ("asked", "made", "pages"):
        monkeypatch.setattr(guesses, name, type(getattr(guesses, name))())


def ask():
    """The two questions of a lesson."""
    return (
        panels.Prediction(HIGH, ["low", "middle", "high"], answer="high"),
        panels.Prediction(MANY, (0, 160), answer=144),
    )


def press_guess(prediction, guess):
    prediction._pick.value = guess
    prediction._guess()


def code(word, **votes):
    """A learner's code: high="a" or high="ac" for a second vote, many="10" or "10,20"."""
    both = {HIGH: ",".join(votes.get("high", "")), MANY: votes.get("many", "")}
    items = {mark_of(question): (*given.split(","), None)[:2] for question, given in both.items() if given}
    return Ballot("03", word, items).code


# The learner


def test_where_guesses_are_shared_the_first_one_shows_nothing_and_the_second_one_all(folder):
    page = panels.share_guesses("03")
    high, many = ask()
    assert page.code == "" == page._frontend.code
    press_guess(high, "low")
    assert (
        high.locked
        and high.answer is None
        and "Your first vote: low." in high.sentence + high._frontend.sentence
    )
    high._guess()  # a double click
    assert high.locked
    [first], damaged = ballots.read(page._frontend.code)
    assert not damaged and first.votes == {mark_of(HIGH): ("a", None)}
    press_guess(high, "high")
    press_guess(many, 12)
    assert high.right and many.locked
    [second], _ = ballots.read(page.code)
    assert second.word == first.word
    assert second.votes == {mark_of(HIGH): ("a", "c"), mark_of(MANY): ("12", None)}
    panels.your_guesses("03")
    entry = json.loads((folder / "guesses.json").read_text("utf-8"))["03"][HIGH]
    assert (entry["first"], entry["guess"], entry["right"]) == ("low", "high", True)
    page.close()


def test_without_sharing_a_question_is_asked_once():
    high, _ = ask()
    press_guess(high, "low")
    assert high.guess == "low" and high.first is None
    page = panels.share_guesses("03")  # afterwards, it counts as a first vote
    assert ballots.read(page.code)[0][0].votes == {mark_of(HIGH): ("a", None)}
    page.close()
    assert guesses.sharing() is None


def test_after_a_restart_the_code_takes_the_place_of_the_earlier_one(monkeypatch):
    page, (high, _) = panels.share_guesses("03"), ask()
    press_guess(high, "low")
    press_guess(high, "high")
    panels.your_guesses("03")
    before = page.code
    fresh_session(monkeypatch)
    ask_again = ask()
    assert panels.share_guesses("03").code == before and ask_again


def test_what_is_no_choice_is_refused_as_a_vote_too():
    high, many = ask()
    with pytest.raises(ValueError, match="none of the choices"):
        high.vote("lower")
    with pytest.raises(ValueError, match="from 0 to 160"):
        many.vote(1000)


@pytest.mark.parametrize("lesson", ["3", 3, "99", "../03", ""])
def test_a_lesson_that_is_none_is_refused(lesson):
    for show in (panels.share_guesses, panels.class_votes):
        with pytest.raises(ValueError, match="is no lesson; give its number as text, from '00' to '14'"):
            show(lesson)


# The codes


def test_a_code_is_read_among_other_words():
    one, two = code("aaaaa", high="a"), code("bbbbb", high="bc", many="-0.5,144")
    found, damaged = ballots.read(f"Ann: {one}.\nme too <b>{two.upper()}</b>, and '{one}'")
    assert [ballot.code for ballot in found] == [one, two] and not damaged
    assert found[1].votes[mark_of(MANY)] == ("-0.5", "144")


@pytest.mark.parametrize("place", range(len("votes03;aaaaa;xxx=a,b;xxx")))
def test_a_code_with_one_sign_changed_is_damaged_or_gone(place):
    whole = code("aaaaa", high="ab")
    other = "k" if whole[place] != "k" else "m"
    found, damaged = ballots.read(whole[:place] + other + whole[place + 1 :])
    assert not found and (damaged or place < len("votes03;"))


@pytest.mark.parametrize(
    "hostile",
    [
        "votes03;",
        "votes03;;;;;;",
        "votes03;aaaaa;aaa=a",
        "votes03;" + ";".join(["aaa=a"] * 5000),
        "votes03;aaaaa;aaa=999999999999999999999;aaa",
        "votes03;aaaaa;aaa=__import__('os');aaa",
        "votes03;<script>alert(1)</script>;aaa",
        "\x00\ud800votes03;=;=;=",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_hostile_codes_are_damaged_ones(hostile):
    page = panels.class_votes("03")
    page.inputs["codes"].value = hostile
    assert page.sentence.startswith("Damaged, so ask for it again: votes03") and not page.tables
    assert len(page.sentence) < 200 and "<" not in page._page.value
    page.close()


def test_a_code_has_few_questions():
    many = {mark_of(str(k)): ("a", None) for k in range(ballots.QUESTIONS + 1)}
    assert not ballots.read(Ballot("03", "aaaaa", many).code)[0]


def test_questions_of_a_lesson_have_marks_of_their_own():
    from pathlib import Path

    for path in (Path(panels.__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if "panels.Prediction(" in "".join(cell["source"])]
        assert len({mark_of(source) for source in code}) == len(code)


# The teacher


def test_votes_are_counted_before_and_after():
    first = ask()
    page = panels.class_votes("03")
    assert page.sentence == votes_page.NOTHING.format(lesson="03")
    page.inputs["codes"].value = "\n".join(
        [code("aaaaa", high="a", many="12"), code("bbbbb", high="a"), code("ccccc", high="b", many="150")]
    )
    assert page.sentence == "3 learners voted, 0 of them twice."
    [(title, rows), (other, bins)] = page.tables
    assert (title, other) == (HIGH, MANY) and "After" not in page._page.value
    assert "Before (3)" in page._page.value and "Before (2)" in page._page.value
    assert rows == [("low", 2, 0, False), ("middle", 1, 0, False), ("high", 0, 0, False)]
    assert [(row[0], row[1]) for row in bins if row[1]] == [("0 to 16", 1), ("144 to 160", 1)]
    page.inputs["codes"].value += "\n" + code("aaaaa", high="ac") + code("bbbbb", high="aa").join(" \n")
    assert page.sentence == "3 learners voted, 2 of them twice."
    assert page.tables[0][1] == [("low", 2, 1, False), ("middle", 1, 0, False), ("high", 0, 1, False)]
    assert "After (2)" in page._page.value and "what happened" not in page._page.value
    first[0].choose("high")  # the teacher has seen it too
    assert page.tables[0][1][2] == ("high", 0, 1, True) and "what happened" in page._page.value
    page.close()


def test_an_older_code_takes_no_second_vote_back():
    ask_them = ask()
    page = panels.class_votes("03")
    page.inputs["codes"].value = f"{code('aaaaa', high='ac')} {code('aaaaa', high='a')}"
    assert page.tables[0][1][2] == ("high", 0, 1, False) and ask_them


def test_votes_on_questions_that_are_not_known_are_counted_as_they_stand():
    page = panels.class_votes("03")
    page.inputs["codes"].value = code("aaaaa", high="ac")
    [(title, rows)] = page.tables
    assert title.startswith("Question ") and "run the lesson's cells" in title
    assert rows == [("a", 1, 0, False), ("c", 0, 1, False)]


def test_a_vote_beyond_the_choices_is_counted_as_none_of_them():
    asked = ask()
    page = panels.class_votes("03")
    page.inputs["codes"].value = f"{code('aaaaa', high='z', many='9999')} {code('bbbbb', high='5', many='b')}"
    assert [rows[-1][:2] for _, rows in page.tables] == [("none of the choices", 2)] * 2 and asked


def test_codes_of_another_lesson_and_text_without_a_code_are_told():
    page = panels.class_votes("04")
    page.inputs["codes"].value = code("aaaaa", high="a")
    assert page.sentence == "1 code of another lesson not counted." and not page.tables
    page.inputs["codes"].value = "Good morning"
    assert page.sentence == "There is no code in this; one begins with votes04;"
    page.inputs["codes"].value = "x" * (ballots.LONGEST + 1)
    assert page._frontend.error.startswith("That is too much text")


@pytest.mark.parametrize("kind", [8, 7], ids=lambda kind: f"as ipywidgets {kind} has it")
def test_files_are_read_whatever_is_in_them(kind):
    asked = ask()
    page = panels.class_votes("03")
    content = [code("aaaaa", high="a").encode(), b"\xff\xfe" + code("bbbbb", high="b").encode() + b"\x00"]
    files = [{"name": f"{k}", "content": memoryview(one)} for k, one in enumerate(content)]
    page._take(
        "files", votes_page._text_of(tuple(files) if kind == 8 else {one["name"]: one for one in files})
    )
    assert page.sentence.startswith("2 learners voted") and asked


def test_on_a_hub_a_click_gives_the_votes_to_the_class(folder, monkeypatch):
    shared = folder / "class"
    shared.mkdir()
    monkeypatch.setenv("LESSONS_CLASS", str(shared))
    page, (high, _) = panels.share_guesses("03"), ask()
    page.give()
    assert "guess first" in page._frontend.sentence
    press_guess(high, "low")
    assert not list(shared.iterdir())  # nothing goes anywhere without the click
    page.give()
    assert "Press again after your second vote." in page._frontend.sentence
    votes = panels.class_votes("03")
    assert votes.sentence == "1 learner voted, 0 of them twice."
    press_guess(high, "high")
    page.give()
    votes.read_folder()
    assert votes.sentence == "1 learner voted, 1 of them twice."
    assert [file.read_text() for file in shared.iterdir()] == [page.code]
    votes.start_afresh()
    votes.read_folder()
    assert votes.sentence.startswith("No votes yet")
    shared.rename(folder / "gone")
    page.give()
    assert page._frontend.sentence.endswith("Show the code instead.")
    page.close()
    votes.close()


def test_in_the_folder_only_small_plain_and_recent_files_count(folder, monkeypatch):
    shared = folder / "class"
    shared.mkdir()
    monkeypatch.setenv("LESSONS_CLASS", str(shared))
    for name in ("03-good", "03-old", "03-large", "04-other", "notes"):
        (shared / f"{name}.txt").write_text(
            code((name + "aaaaa")[3:8].replace("l", "k").replace("o", "k"), high="a")
        )
    os.utime(shared / "03-old.txt", (time.time() - 7 * 3600,) * 2)
    (shared / "03-large.txt").write_text(" " * 5000 + code("mmmmm", high="a"))
    (shared / "03-folder.txt").mkdir()
    (folder / "secret").write_text(code("nnnnn", high="a"))
    (shared / "03-link.txt").symlink_to(folder / "secret")
    (shared / "03-dangling.txt").symlink_to(folder / "nowhere")
    page = panels.class_votes("03")
    assert page.sentence == "1 learner voted, 0 of them twice."
    page.close()


def test_words_of_a_question_are_text_and_no_html():
    asked = panels.Prediction("Is <b> < $x$?", ["<i>", "no"], answer="no")
    page = panels.class_votes("03")
    page.inputs["codes"].value = Ballot("03", "aaaaa", {mark_of(asked.question): ("a", None)}).code
    assert "Is &lt;b&gt; &lt; $x$?" in page._page.value and "&lt;i&gt;" in page._page.value
