"""The time a lesson states is the time it takes: counted from the notebook, as `reading_time.py` says."""

import nbformat
import pytest
import reading_time
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


@pytest.mark.parametrize("path", reading_time.lessons(), ids=lambda path: path.stem)
def test_the_time_stated_is_the_time_counted(path):
    count = reading_time.count(path)
    assert count.stated, "the first cell should say *Time: N minutes*"
    assert count.minutes <= reading_time.LONGEST, f"the core takes {count.minutes:.1f} minutes: {count}"
    assert count.minutes <= count.stated <= count.most, (
        f"{count.stated} minutes are stated, {count.minutes:.1f} counted; state up to {count.most:.0f}"
    )


def test_words_are_those_of_the_prose():
    table = "| a | b |\n|---|---|\n| c | d |\n"
    code = "```python\nx = 1\n```\n"
    formula = "$$x = a + b$$ and $y$"
    assert reading_time.words(f"Two **words**\n\n{table}{code}{formula} see [the page](there.md) – now.") == 7


def test_what_a_lesson_holds_is_counted(tmp_path):
    book = new_notebook(
        cells=[
            new_markdown_cell("# 1\n\n*Time: 30 minutes.*"),
            new_code_cell("nets = stages()\npanels.Progress(nets)"),
            new_markdown_cell("## Predict\n\n" + "word " * 175),
            new_code_cell("panels.Prediction('?', ['a'], answer='a', panel=panels.votes(nets))"),
            new_code_cell("votes = panels.votes(nets)\nvotes"),
            new_code_cell("probe = panels.votes(nets)\nassert probe.result"),
            new_markdown_cell("## By hand: one\n\n### A detail"),
            new_code_cell("panels.show_source(votes)"),
            new_markdown_cell("## Your turn"),
            new_code_cell("panels.Question('?', {'a': ''}, answer='a')"),
            new_markdown_cell("## Going further\n\n" + "word " * 1000),
            new_code_cell("panels.polling(nets)"),
            new_markdown_cell("### By hand"),
            new_markdown_cell("## Summary"),
            new_code_cell("panels.your_guesses('01')"),
        ]
    )
    nbformat.write(book, tmp_path / "01_a.ipynb")
    count = reading_time.count(tmp_path / "01_a.ipynb")
    assert count == reading_time.Count(words=188, panels=2, questions=2, sections=13, stated=30)
    assert count.minutes == pytest.approx(188 / 180 + 3 + 1 + 13)
