"""With nothing but a browser, from the book: read, run, move, draw, save, close, and find it all again."""

import driving
import numpy as np
import pytest
from playwright.sync_api import expect
from test_door import ready, sources, write

PATIENCE = 120_000  # milliseconds
NOTE = "# My first stroke"


@pytest.fixture
def somebody(browser, proxy, tmp_path):
    """Opens a browser that somebody has at home: what it keeps is there when it is opened again."""

    def opened():
        width, height = driving.VIEWPORT
        return browser.browser_type.launch_persistent_context(
            tmp_path,
            executable_path=driving.find_chromium(),
            args=[*driving.BROWSER_ARGUMENTS],
            viewport={"width": width, "height": height},
            proxy=proxy,
        )

    return opened


def test_from_the_book_to_a_lesson_and_back_again_the_next_day(somebody, site):
    if not (site.folder / "03_what_one_example_wants.html").exists():
        pytest.skip("the book is not built: make site OFFLINE=1")
    browser = somebody()
    page = browser.new_page()
    page.goto(f"{site.address}/03_what_one_example_wants.html")
    page.get_by_role("link", name="What one image wants").first.click()
    panel = ready(page).locator(".lessons-panel", has_text="What one image wants").first
    said = panel.locator(".lessons-sentence").inner_text()
    panel.get_by_role("slider", name="Learning rate").press("ArrowRight")
    expect(panel.locator(".lessons-sentence")).not_to_have_text(said)

    page.goto(f"{site.address}/run.html?lesson=13&panel=teach&nth=2")
    panel = ready(page).locator(".lessons-panel", has_text="Teach it your handwriting").last
    panel.get_by_text("my drawings").click()
    sheet = panel.locator(".digit-pad-sheet canvas").first
    sheet.scroll_into_view_if_needed()
    before = sheet.screenshot()
    box = sheet.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    for share in np.linspace(0.2, 0.8, 12):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * share)
    page.mouse.up()
    assert sheet.screenshot() != before
    write(page, NOTE)
    page.wait_for_timeout(2500)  # it is saved a second after it was written
    browser.close()

    browser = somebody()
    page = browser.new_page()
    page.goto(f"{site.address}/run.html?lesson=13")
    ready(page)
    assert NOTE in sources(page)
    browser.close()
