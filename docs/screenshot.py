"""Take the picture of a panel that README shows: `make pictures`.

Opens the lesson in real JupyterLab, goes to its first panel as a learner sees it, and saves docs/panel.png.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

import driving  # noqa: E402  (lies beside the browser tests)

LESSON = "03_what_one_example_wants.ipynb"


def main():
    with tempfile.TemporaryDirectory() as workspace, driving.chromium() as browser:
        server = driving.LabServer(ROOT / "notebooks", workspace)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 1400}, device_scale_factor=2)
            notebook = driving.NotebookPage(page, server, LESSON)
            notebook.run_all()
            panel = next(
                panel for _, panel in notebook.panels() if panel.locator(".lessons-controls").count()
            )
            panel.locator(".live-figure canvas").first.wait_for()
            notebook.wait_idle()
            panel.screenshot(path=ROOT / "docs" / "panel.png", animations="disabled")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
