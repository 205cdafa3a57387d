"""Lessons in the browser edition: all cells run, pictures are painted and change, no other host is asked."""

import time

import driving
import numpy as np
from living import complaints, opened

SEEN = 12  # colours that even the plainest picture has: axes, letters and their soft edges
MINUTES = 10


def test_a_lesson_runs_and_its_pictures_are_seen(context, site, lesson):
    notebook = opened(context, site, lesson)
    notebook.run_all(timeout=60 * MINUTES)
    complaints(notebook)
    panels = 0
    for number, panel in notebook.panels():
        where = f"{lesson}, cell {number}"
        for picture in panel.locator(driving.PICTURE).all():
            if picture.is_visible():
                panels += 1
                assert colours(notebook, picture) >= SEEN, f"{where}: there is nothing in the picture"
        if panel.locator(".lessons-controls").count():
            move_a_slider(notebook, panel, where)
        play(notebook, panel, where)
        draw(notebook, panel, where)
    assert panels, "a lesson shows at least one picture"
    complaints(notebook)


def colours(notebook, picture):
    picture.scroll_into_view_if_needed()
    give_up = time.monotonic() + 10
    while True:
        found = len(np.unique(np.asarray(notebook.picture(picture)).reshape(-1, 3), axis=0))
        if found >= SEEN or time.monotonic() > give_up:
            return found
        time.sleep(0.2)


def move_a_slider(notebook, panel, where):
    """One slider of the panel at least must change its picture; not each does so in each state."""
    picture = panel.locator(driving.PICTURE).first
    sliders = [slider for slider in panel.get_by_role("slider", disabled=False).all() if slider.is_visible()]
    if not sliders or not picture.count() or not picture.is_visible():
        return
    for slider in sliders:
        assert slider.get_attribute("aria-label"), f"{where}: a slider has no name"
    assert any(moves(notebook, slider, picture) for slider in sliders), (
        f"{where}: no slider changes the picture"
    )


def moves(notebook, slider, picture):
    for key, patience in (("ArrowRight", 3), ("ArrowLeft", 3), ("End", 10), ("Home", 10)):
        notebook.wait_idle()
        before = notebook.picture(picture)
        slider.press(key)
        if notebook.wait_for_change(picture, before, timeout=patience):
            return True
    return False


def play(notebook, panel, where):
    button = panel.get_by_role("button", name="Play", exact=True)
    if not button.count() or not button.first.is_visible():
        return
    picture = panel.locator(driving.PICTURE).first
    before = notebook.picture(picture)
    button.first.click()
    assert notebook.wait_for_change(picture, before, timeout=30), f"{where}: Play changes nothing"
    pause = panel.get_by_role("button", name="Pause", exact=True).first
    if pause.is_enabled():  # a short run is over by now
        pause.click()
    notebook.wait_idle()


def draw(notebook, panel, where):
    sheet = panel.locator(".digit-pad-sheet canvas").first
    if not sheet.count() or not sheet.is_visible():
        return
    sheet.scroll_into_view_if_needed()
    before = notebook.picture(sheet)
    box, mouse = sheet.bounding_box(), notebook.page.mouse
    mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.2)
    mouse.down()
    for share in np.linspace(0.2, 0.8, 12):
        mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * share)
    mouse.up()
    assert notebook.wait_for_change(sheet, before), f"{where}: nothing is drawn on the pad"
    notebook.wait_idle()
