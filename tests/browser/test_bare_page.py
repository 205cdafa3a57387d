"""Where there is no JupyterLab around: VS Code, Google Colab. Lesson 03's panel on a bare widget manager."""

import ipywidgets
import nbformat
import pytest
from bare_page import ROOT, BarePage
from driving import PICTURE, picture_of, pixels_changed

LESSON = ROOT / "notebooks" / "03_what_one_example_wants.ipynb"


@pytest.fixture
def bare(browser):
    """The page, with the lesson run down to its panel, which is shown."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    bare = BarePage(context.new_page())
    for cell in nbformat.read(LESSON, as_version=4).cells:
        if cell.cell_type == "code" and not bare.page.locator(PICTURE).count():
            bare.run(cell.source)
            if "panels.nudges(" in cell.source:
                bare.show()
                break
    yield bare
    bare.close()
    context.close()


def test_the_panel_answers_on_a_bare_widget_manager(bare):
    page = bare.page
    bare.until(lambda: page.locator(f"{PICTURE}[width]").count())
    bare.until(lambda: page.locator(".lessons-sentence").inner_text())
    page.evaluate("window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key))")
    slider = page.get_by_role("slider", name="Image")
    bare.until(slider.count)
    before, words = picture_of(page.locator(PICTURE)), page.locator(".lessons-sentence").inner_text()
    number = int(slider.get_attribute("aria-valuenow"))
    slider.focus()
    page.keyboard.press("ArrowRight")
    bare.until(lambda: page.locator(".lessons-sentence").inner_text() != words)
    bare.until(lambda: pixels_changed(before, picture_of(page.locator(PICTURE)), at_least=100))
    assert int(slider.get_attribute("aria-valuenow")) == number + 1

    page.keyboard.press("a")
    page.keyboard.press("Shift+Enter")
    assert page.evaluate("heard") == ["Shift", "Enter"]  # no command key of the program around it is pressed
    assert not bare.errors
    assert page.locator(".noUi-handle" if ipywidgets.__version__ >= "8" else ".ui-slider-handle").count()
