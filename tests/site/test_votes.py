"""Votes of a class without a server: codes of learners, pasted or as a file, in the teacher's notebook."""

import re

import pytest
from living import complaints, opened
from playwright.sync_api import expect

LESSON = "03_what_one_example_wants.ipynb"
FIRST, QUESTION = 2, 4  # cells: the imports, and the first question
CODE = re.compile(r"votes03;\S+")


@pytest.fixture
def somebody(browser, proxy, site):
    """Each call opens the lesson in a browser of its own, as far as the imports."""
    contexts = []

    def opens():
        contexts.append(browser.new_context(proxy=proxy))
        notebook = opened(contexts[-1], site, LESSON)
        notebook.run([FIRST])
        return notebook

    yield opens
    for context in contexts:
        context.close()


def shown(notebook, source):
    """What a cell with this source shows, put in before the first question as teaching.md has it."""
    number = notebook._in_lab(
        """panel.content.activeCellIndex = argument[0] - 1;
           await app.commands.execute('notebook:insert-cell-below');
           panel.content.activeCell.model.sharedModel.setSource(argument[1]);
           return panel.content.activeCellIndex;""",
        [QUESTION, source],
    )
    notebook.run([number, number + 1])
    return notebook.cell(number).locator(".lessons-panel").first


def guess(notebook, choice):
    """Guess the first question, as a learner does."""
    question = notebook.cell(QUESTION + 1)
    question.get_by_text(choice).click()
    question.get_by_role("button", name="Guess").click()
    notebook.wait_idle()


def test_a_class_votes_twice_in_the_browser_alone(somebody, tmp_path):
    learner, teacher = somebody(), somebody()
    ballot = shown(learner, 'panels.share_guesses("03")')
    votes = shown(teacher, 'panels.class_votes("03")')
    guess(learner, "output 5, the right answer")
    learner.cell(QUESTION)
    expect(ballot).to_contain_text(CODE)
    once = CODE.search(ballot.inner_text())[0]
    teacher.cell(QUESTION)
    votes.get_by_role("textbox", name="Codes").fill(f"Mia: {once}")
    expect(votes).to_contain_text("1 learner voted, 0 of them twice.")
    guess(learner, "output 6, the wrong answer")
    learner.cell(QUESTION)
    expect(ballot).to_contain_text(re.compile(r"votes03;\w+;\w+=a,b;"))
    (tmp_path / "codes.txt").write_text(CODE.search(ballot.inner_text())[0])
    with teacher.page.expect_file_chooser() as chooser:
        votes.get_by_role("button", name="Files").click()
    chooser.value.set_files(tmp_path / "codes.txt")
    expect(votes).to_contain_text("1 learner voted, 1 of them twice.")
    expect(votes.get_by_role("row", name="output 6, the wrong answer")).to_contain_text("0 1")
    complaints(learner)
    complaints(teacher)
