"""Drive real JupyterLab in a real browser: start a server, open a notebook, use it as a person would.

The fixtures in conftest.py hand these out to tests; docs/screenshot.py uses them too.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)

# Everything here switches off traffic to the outside, or a sandbox that a container does not offer.
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# What the browser may say without a fault of ours.
HARMLESS = ("favicon.ico", "net::ERR_INTERNET_DISCONNECTED", "net::ERR_NAME_NOT_RESOLVED")

# The order of headings is a matter of the whole page, and JupyterLab takes far cells off it.
AXE_OPTIONS = {"rules": {"heading-order": {"enabled": False}}, "resultTypes": ["violations"]}

VIEWPORT = 1280, 900

PICTURE = ".live-figure canvas"

SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
    "docmanager-extension/plugin": {"autosave": False},
}


def find_chromium():
    """The path of Chromium or Chrome: $CHROMIUM, or the first one found on this machine."""
    for name in (os.environ.get("CHROMIUM"), *BROWSERS):
        if name and (path := shutil.which(name)):
            return path
    raise FileNotFoundError("no Chromium or Chrome found; install one, or set CHROMIUM to its path")


@contextlib.contextmanager
def chromium():
    """A headless browser, as long as the `with` block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*BROWSER_ARGUMENTS])
        yield browser
        browser.close()


class LabServer:
    """A JupyterLab server on a random port over `folder`, with settings of its own in `workspace`."""

    APPLICATION = ("jupyterlab", "--expose-app-in-browser", "--LabApp.news_url=None")

    def __init__(self, folder, workspace):
        self.folder, workspace = Path(folder), Path(workspace)
        self._runtime = workspace / "runtime"
        self._write_settings(workspace / "settings")
        folders = {
            "JUPYTER_CONFIG_DIR": workspace / "config",
            "JUPYTER_DATA_DIR": workspace / "data",
            "JUPYTER_RUNTIME_DIR": self._runtime,
            "JUPYTERLAB_SETTINGS_DIR": workspace / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": workspace / "workspaces",
            "IPYTHONDIR": workspace / "ipython",
        }
        command = [sys.executable, "-m", *self.APPLICATION, "--no-browser", "--allow-root"]
        command += ["--ServerApp.port=0", f"--ServerApp.root_dir={self.folder}"]
        self.log = workspace / "server.log"
        with self.log.open("w") as log:
            environment = os.environ | {name: str(path) for name, path in folders.items()}
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self._address = self._wait_for_address()

    @staticmethod
    def _write_settings(folder):
        for name, values in SETTINGS.items():
            path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))

    def _wait_for_address(self, timeout=180):
        give_up = time.monotonic() + timeout
        while time.monotonic() < give_up and self.process.poll() is None:
            for path in self._runtime.glob("jpserver-*.json"):
                with contextlib.suppress(json.JSONDecodeError):  # still being written
                    return json.loads(path.read_text())
            time.sleep(0.1)
        self.process.terminate()
        raise RuntimeError(f"JupyterLab did not start within {timeout} s:\n{self.log.read_text()[-3000:]}")

    def url(self, notebook=""):
        """The address that opens `notebook` alone, in a fresh workspace."""
        address = self._address
        return f"{address['url']}lab/tree/{notebook}?reset&token={address['token']}"

    def stop(self):
        """End the server and every kernel it started."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class NotebookPage:
    """One notebook open in JupyterLab, in a browser page; where the page has JupyterLab already, it stays.

    `page` is the Playwright page, for all that has no method here; `console_errors` collects what the browser
    complained about.
    """

    def __init__(self, page, server, name):
        self.page, self.server, self.name, self.console_errors = page, server, name, []
        page.on("console", self._hear)
        page.on("pageerror", self._hear_uncaught)
        if page.url.startswith(server.url().split("?")[0]):
            self._in_lab("await app.commands.execute('docmanager:open', {path: argument});", name)
        else:
            page.goto(server.url(name))
        page.wait_for_function(
            """name => {
                const panel = window.jupyterapp?.shell.currentWidget;
                return panel?.context?.path === name
                    && panel.sessionContext.session?.kernel?.connectionStatus === 'connected'
                    && panel.sessionContext.session.kernel.status === 'idle'; }""",
            arg=name,
            timeout=90_000,
            polling=50,
        )
        self._in_lab("[...app.shell.widgets('main')].forEach(other => other === panel || other.dispose());")

    def close(self):
        """Shut the kernel down and stop listening. The page is as it was, and can open the next notebook."""
        self._in_lab("await panel?.sessionContext?.shutdown();")
        if self.page.locator("body[data-jp-theme-light='false']").count():
            self.set_theme(dark=False)
        self.set_viewport(*VIEWPORT)
        self.page.mouse.move(0, 0)
        self.page.remove_listener("console", self._hear)
        self.page.remove_listener("pageerror", self._hear_uncaught)

    def _hear(self, message):
        said = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(harmless in said for harmless in HARMLESS):
            self.console_errors.append(said)

    def _hear_uncaught(self, error):
        self.console_errors.append(f"uncaught: {error}")

    def _in_lab(self, script, argument=None):
        """Run JavaScript with `app`, JupyterLab, and `panel`, the notebook in front."""
        body = "async argument => { const app = window.jupyterapp, panel = app.shell.currentWidget; %s }"
        return self.page.evaluate(body % script, argument)

    # --- the notebook ------------------------------------------------------------------------------------

    def run_all(self, timeout=300):
        """Run every cell from top to bottom and wait until the kernel has answered them all (seconds)."""
        self._run("app.commands.execute('notebook:run-all-cells')", timeout)

    def run(self, numbers, timeout=300):
        """Run the cells with these numbers (from 0), one after the other, and wait until all are answered."""
        one_by_one = """(async () => { for (const number of argument.numbers) {
            panel.content.deselectAll();
            panel.content.activeCellIndex = number;
            await app.commands.execute('notebook:run-cell'); } })()"""
        self._run(one_by_one, timeout, list(numbers))

    def _run(self, promise, timeout, numbers=()):
        ran = self._in_lab(
            f"""const late = new Promise(done => setTimeout(() => done('late'), argument.timeout * 1000));
                return await Promise.race([{promise}, late]);""",
            {"timeout": timeout, "numbers": numbers},
        )
        if ran == "late":
            raise TimeoutError(f"{self.name}: the cells still run after {timeout} s")
        self.wait_idle()

    def wait_idle(self, timeout=60):
        """Wait until the kernel has been idle and the page has painted twice."""
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'",
            timeout=timeout * 1000,
        )
        self._in_lab("for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);")

    def outputs(self):
        """The outputs of every cell as the notebook would store them: a list of lists of dicts."""
        return self._in_lab("return panel.content.widgets.map(cell => cell.model.outputs?.toJSON() ?? []);")

    def error_outputs(self):
        """Every error a person would see: tracebacks, stderr, and what stands in a `.lessons-error` box."""
        return self._in_lab(
            """const said = output => output.output_type === 'error' ? `${output.ename}: ${output.evalue}`
                   : output.name === 'stderr' ? `stderr: ${output.text}` : '';
               return panel.content.widgets.flatMap((cell, number) => {
                   const boxes = [...cell.node.querySelectorAll('.lessons-error')].filter(box => !box.hidden);
                   const outputs = cell.model.outputs?.toJSON() ?? [];
                   return [...outputs.map(said), ...boxes.map(box => box.textContent.trim())]
                       .filter(words => words).map(words => `cell ${number}: ${words}`);
               });"""
        )

    def cell(self, number):
        """The cell with this number (from 0), scrolled into view.

        JupyterLab keeps only the cells that are near, so look at one before asking for the next.
        """
        self._in_lab(
            """const cell = panel.content.widgets[argument];
               await panel.content.scrollToItem(argument, 'auto', 0);
               cell.node.dataset.number = argument;""",
            number,
        )
        return self.page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) [data-number='{number}']")

    def panels(self):
        """(cell number, locator) for every panel; asking for the next one scrolls to it."""
        numbers = self._in_lab(
            """const shows = cell => cell.model.outputs?.toJSON().some(
                   output => output.data?.['application/vnd.jupyter.widget-view+json']);
               return [...panel.content.widgets.keys()].filter(k => shows(panel.content.widgets[k]));"""
        )
        for number in numbers:
            cell = self.cell(number)
            cell.locator(".lessons-panel, .lessons-networks, .lessons-guesses").first.wait_for()
            self.wait_idle()
            yield from ((number, panel) for panel in cell.locator(".lessons-panel").all())

    # --- using it ----------------------------------------------------------------------------------------

    def focus_slider(self, name, within=None):
        """Focus the slider whose accessible name is `name` and return it."""
        slider = (within or self.page).get_by_role("slider", name=name).first
        slider.scroll_into_view_if_needed()
        slider.focus()
        return slider

    def press(self, *keys):
        """Press keys one after the other, as a person with a keyboard does."""
        for key in keys:
            self.page.keyboard.press(key)

    def picture(self, locator):
        """What is on the screen there: an RGB image."""
        return picture_of(locator)

    def wait_for_change(self, locator, before, timeout=10):
        """Wait until the picture there differs from `before`; the new one, or None if it never did."""
        give_up = time.monotonic() + timeout
        while time.monotonic() < give_up:
            after = self.picture(locator)
            if pixels_changed(before, after):
                return after
            time.sleep(0.1)
        return None

    # --- how it looks ------------------------------------------------------------------------------------

    def set_theme(self, dark):
        """Switch JupyterLab to its dark or its light theme."""
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        self._in_lab("await app.commands.execute('apputils:change-theme', {theme: argument});", theme)
        body = self.page.locator(f"body[data-jp-theme-light='{'false' if dark else 'true'}']")
        body.wait_for(state="attached", timeout=30_000)

    def set_viewport(self, width, height):
        """Make the window this large, in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def accessibility_problems(self, within):
        """What the axe rules find inside one of our own elements, a locator: one line a rule and element."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        violations = within.evaluate(
            "async (element, options) => (await axe.run(element, options)).violations", AXE_OPTIONS
        )
        return [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]}"
            for rule in violations
            for node in rule["nodes"]
        ]


def picture_of(locator):
    """What is on the screen there: an RGB image."""
    return Image.open(io.BytesIO(locator.screenshot(animations="disabled"))).convert("RGB")


def pixels_changed(before, after, at_least=1, tolerance=8):
    """Do two pictures differ in `at_least` pixels by more than `tolerance` grey levels (or in size)?"""
    if before.size != after.size:
        return True
    difference = np.asarray(ImageChops.difference(before, after)).max(axis=-1)
    return int((difference > tolerance).sum()) >= at_least
