"""Firefox by its own remote protocol, WebDriver BiDi; Playwright asks for more than Debian's Firefox has."""

import base64
import contextlib
import io
import json
import shutil
import subprocess
import time
from pathlib import Path

import websocket
from PIL import Image

NAMES = "firefox-esr", "firefox"
OPTIONS = "--headless", "--no-remote", "--remote-debugging-port=0"
QUIET = {  # a fresh profile that asks nobody and shows no pages of its own
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


def find_firefox():
    """The path of a Firefox on this machine, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """The one page of a Firefox without a window; `complaints` collects the errors in its console.

    Args:
        profile: an empty folder.
        size: width and height, in CSS pixels.
    """

    def __init__(self, profile: Path, size):
        prefs = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in QUIET.items()]
        (profile / "user.js").write_text("".join(prefs))
        command = [find_firefox(), *OPTIONS, "--profile", profile]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._asked, self.complaints = 0, []
        at = _wait_for(lambda: json.loads((profile / "WebDriverBiDiServer.json").read_text()))
        address = f"ws://{at['ws_host']}:{at['ws_port']}/session"
        self._socket = _wait_for(
            lambda: websocket.create_connection(address, timeout=300, suppress_origin=True)
        )
        self._command("session.new", capabilities={})
        self._command("session.subscribe", events=["log.entryAdded"])
        self._top = self._command("browsingContext.getTree")["contexts"][0]["context"]
        viewport = dict(zip(("width", "height"), size, strict=True))
        self._command("browsingContext.setViewport", context=self._top, viewport=viewport)
        self.inside = self._top  # what `run`, `press` and `picture` are about: the page, or its frame

    def close(self):
        """End it."""
        self._process.terminate()
        self._process.wait(30)

    def goto(self, address):
        """Open an address."""
        self._command("browsingContext.navigate", context=self._top, url=address, wait="interactive")

    def enter_frame(self):
        """From now on `run`, `press` and `picture` are about the page in the page's frame."""
        [page] = self._command("browsingContext.getTree", root=self._top)["contexts"]
        self.inside = page["children"][0]["context"]

    def run(self, script):
        """The value of a JavaScript expression, which may be a promise of it; what JSON can say."""
        target = {"context": self.inside}
        script = f"(async () => JSON.stringify(await ({script}) ?? null))()"
        got = self._command("script.evaluate", expression=script, target=target, awaitPromise=True)
        if got["type"] == "exception":
            raise RuntimeError(got["exceptionDetails"]["text"])
        return json.loads(got["result"]["value"])

    def wait_for(self, script, timeout):
        """Wait until an expression is true (seconds)."""
        give_up = time.monotonic() + timeout
        while not self.run(script):
            if time.monotonic() > give_up:
                raise TimeoutError(f"after {timeout} s still not: {script}")
            time.sleep(0.2)

    def press(self, key):
        """Press a key, as WebDriver names it."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self._command("input.performActions", context=self.inside, actions=[keyboard])

    def picture(self, selector):
        """What is on the screen where the first element is that a selector finds: an RGB image."""
        expression, target = f"document.querySelector({json.dumps(selector)})", {"context": self.inside}
        found = self._command("script.evaluate", expression=expression, target=target, awaitPromise=False)
        clip = {"type": "element", "element": {"sharedId": found["result"]["sharedId"]}}
        shot = self._command("browsingContext.captureScreenshot", context=self.inside, clip=clip)
        return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")

    def _command(self, method, **params):
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._asked:
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.complaints.append(answer["params"]["text"])
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['message']}")
        return answer["result"]


def _wait_for(make, timeout=60):
    give_up = time.monotonic() + timeout
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError, ValueError):
            return make()
        time.sleep(0.1)
    return make()
