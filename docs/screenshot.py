"""Take the moving picture that README opens with: `make pictures`.

Opens lesson 03 in real JupyterLab, drags a slider of its first panel with the mouse, and saves the frames as
docs/drag.gif: one palette for all of them, and of each frame only what changed.
"""

import io
import math
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

import driving  # noqa: E402  (lies beside the browser tests)

LESSON = "03_what_one_example_wants.ipynb"
SLIDER = "Learning rate"
WAY = (0.57, 0.93, 0.12, 0.57)  # where the handle turns, as shares of the slider's length
STEP = 0.03  # the most that it moves from one frame to the next
FRAME, REST = 90, 1500  # milliseconds that a frame stays, and the last one
COLORS = 128
POINTER = """() => {
    const arrow = document.createElement("div");
    arrow.style.cssText = "position:fixed;z-index:9999;pointer-events:none;width:17px;height:24px";
    const shape = '<path d="M1 1v19l5-4 3 7 3-1-3-7h7z" fill="#111" stroke="#fff"/>';
    arrow.innerHTML = `<svg viewBox="0 0 17 24">${shape}</svg>`;
    document.body.append(arrow);
    addEventListener("mousemove", (event) => {
        arrow.style.left = event.clientX + "px";
        arrow.style.top = event.clientY + "px";
    }, true);
}"""  # a screenshot has no mouse pointer


def main():
    with tempfile.TemporaryDirectory() as workspace, driving.chromium() as browser:
        server = driving.LabServer(ROOT / "notebooks", workspace)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 1100}, device_scale_factor=2)
            notebook = driving.NotebookPage(page, server, LESSON)
            notebook.run_all()
            panel = next(
                panel for _, panel in notebook.panels() if panel.locator(".lessons-controls").count()
            )
            panel.locator(driving.PICTURE).first.wait_for()
            notebook.wait_idle()
            save(list(dragged(notebook, panel)), ROOT / "docs" / "drag.gif")
        finally:
            server.stop()


def dragged(notebook, panel):
    """A picture of the panel for each step of the mouse along ``WAY``."""
    page = notebook.page
    page.evaluate(POINTER)
    panel.evaluate("node => node.scrollIntoView({block: 'center'})")
    slider = panel.get_by_role("slider", name=SLIDER)
    track = slider.locator("xpath=ancestor::*[contains(@class, 'noUi-target')]").bounding_box()
    x, y, _, height = slider.bounding_box().values()
    page.mouse.move(x + height / 2, y + height / 2)
    page.mouse.down()
    for share in positions():
        page.mouse.move(track["x"] + share * track["width"], y + height / 2)
        page.wait_for_timeout(60)
        notebook.wait_idle()
        yield Image.open(io.BytesIO(panel.screenshot(animations="disabled"))).convert("RGB")
    page.mouse.up()


def positions():
    """Shares of the slider's length: quick halfway between two turns, slow where it turns."""
    for start, end in pairwise(WAY):
        count = math.ceil(abs(end - start) / STEP)
        for k in range(count):
            yield start + (end - start) * (1 - math.cos(math.pi * k / count)) / 2
    yield WAY[-1]


def save(frames, path):
    """Save frames as a GIF that repeats, with one palette made from first, middle and last."""
    width, height = frames[0].size
    chosen = Image.new("RGB", (width, 3 * height))
    for k, frame in enumerate((frames[0], frames[len(frames) // 2], frames[-1])):
        chosen.paste(frame, (0, k * height))
    palette = chosen.quantize(COLORS)
    first, *others = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    times = [FRAME] * len(others) + [REST]
    first.save(path, save_all=True, append_images=others, duration=times, loop=0, optimize=True)
    print(f"{path.name}: {len(frames)} frames of {width} × {height}, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
