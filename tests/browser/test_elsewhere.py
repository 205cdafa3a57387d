"""Where there is no JupyterLab around, as in VS Code or Google Colab: lesson 03's panel answers to a key."""

import ipywidgets
import nbformat
import pytest
from bare_page import ROOT, BarePage
from classic_page import ClassicPage
from driving import PICTURE, picture_of, pixels_changed

LESSON = ROOT / "notebooks" / "03_what_one_example_wants.ipynb"


@pytest.fixture(params=[BarePage, ClassicPage])
def shown(request, browser):
    """The page, with the lesson run down to its panel, which is shown."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    shown = request.param(context.new_page())
    for cell in nbformat.read(LESSON, as_version=4).cells:
        if cell.cell_type == "code":
            shown.run(cell.source)
            if "panels.nudges(" in cell.source:
                shown.show()
                break
    yield shown
    shown.close()
    context.close()


def test_the_panel_answers_where_there_is_no_jupyterlab(shown):
    page = shown.page
    panel = page.get_by_role("group", name="What one image wants")
    picture, sentence = panel.locator(PICTURE), panel.locator(".lessons-sentence")
    shown.until(lambda: panel.locator(f"{PICTURE}[width]").count())
    shown.until(sentence.inner_text)
    page.evaluate("window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key))")
    slider = panel.get_by_role("slider", name="Image")
    shown.until(slider.count)
    before, words = picture_of(picture), sentence.inner_text()
    number = int(slider.get_attribute("aria-valuenow"))
    slider.focus()
    page.keyboard.press("ArrowRight")
    shown.until(lambda: sentence.inner_text() != words)
    shown.until(lambda: pixels_changed(before, picture_of(picture), at_least=100))
    assert int(slider.get_attribute("aria-valuenow")) == number + 1

    page.keyboard.press("a")
    page.keyboard.press("Shift+Enter")
    assert page.evaluate("heard") == ["Shift", "Enter"]  # no command key of the program around it is pressed
    assert not shown.errors
    assert panel.locator(".noUi-handle" if ipywidgets.__version__ >= "8" else ".ui-slider-handle").count()
