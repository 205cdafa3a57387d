"""A page with a bare widget manager and a real kernel behind it: what VS Code and Google Colab are like.

The page has ipywidgets' own HTML manager and anywidget's module, both loaded by RequireJS, and nothing of
JupyterLab. Messages between page and kernel go through this process.
"""

import base64
import json
import shutil
import subprocess
import tarfile
import time
from pathlib import Path
from queue import Empty

import pytest
from jupyter_client.manager import start_new_kernel
from jupyter_core.paths import jupyter_path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = json.loads((ROOT / "package.json").read_text("utf-8"))["config"]["bare"]
ADDRESS = "http://lessons.invalid/"
PAGE = """<!doctype html><meta charset="utf-8"><title>A bare widget manager</title><body>
<script src="require.js"></script><script src="embed-amd.js"></script>
<script>
requirejs.config({ baseUrl: "/" });
const received = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const sent = (part) => {
  const bytes = new Uint8Array(part.buffer ?? part, part.byteOffset ?? 0, part.byteLength);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
};
const comms = new Map(), waiting = new Map();
let number = 0, manager;
const makeComm = (id) => ({
  comm_id: id,
  send(data, callbacks, metadata, buffers = []) {
    waiting.set(`page-${++number}`, callbacks);
    toKernel(`page-${number}`, id, data, buffers.map(sent));
    return `page-${number}`;
  },
  on_msg(heard) { this.heard = heard; },
  on_close(closed) { this.closed = closed; },
  open() {},
  close() {},
});
const loaded = new Promise((resolve, reject) => requirejs(["@jupyter-widgets/html-manager"], (module) => {
  const loader = (name) => new Promise((found, missing) => requirejs([name], found, missing));
  manager = new module.HTMLManager({ loader });
  resolve();
}, reject));
const open = (id) => comms.set(id, makeComm(id)).get(id);
let before = loaded;
window.fromKernel = (message) => (before = before.then(() => hear(message)).catch(console.error));
async function hear(message) {
  message.buffers = message.buffers.map(received);
  const id = message.content.comm_id, type = message.header.msg_type;
  if (type === "comm_open") await manager.handle_comm_open(open(id), message);
  else if (type === "comm_msg") await comms.get(id)?.heard?.(message);
  else if (type === "comm_close") comms.get(id)?.closed?.(message);
  else if (type === "status") waiting.get(message.parent_header.msg_id)?.iopub?.status?.(message);
}
window.show = async (id) => {
  await before;
  const view = await manager.create_view(await manager.get_model(id));
  await manager.display_view(view, document.body);
};
</script></body>"""


def npm_files():
    """The folder with require.js and embed-amd.js, fetched by npm the first time."""
    npm, folder = shutil.which("npm"), ROOT / "node_modules" / ".bare"
    if not npm:
        pytest.skip("needs npm")
    for package, file in PACKAGES.items():
        if not (folder / package / file).exists():
            (folder / package).mkdir(parents=True, exist_ok=True)
            packed = subprocess.check_output([npm, "pack", "--silent", package], cwd=folder, text=True)
            with tarfile.open(folder / packed.split()[-1]) as archive:
                content = archive.extractfile(f"package/{file}").read()
            (folder / package / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / package / file).write_bytes(content)
    return {Path(file).name: folder / package / file for package, file in PACKAGES.items()}


def anywidget_module():
    """The file that RequireJS loads as `anywidget`, as the package installs it."""
    found = [Path(folder, "nbextensions", "anywidget", "index.js") for folder in jupyter_path()]
    return next(path for path in found if path.exists())


class BarePage:
    """`page`, a Playwright page, with a kernel of its own; `views`: the widgets that cells displayed."""

    def __init__(self, page):
        self.page, self.views, self.errors = page, [], []
        self._files = npm_files() | {"anywidget.js": anywidget_module()}
        page.route("**/*", self._serve)
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.expose_function("toKernel", self._to_kernel)
        self._manager, self._client = start_new_kernel()
        page.goto(ADDRESS)

    def run(self, source, timeout=60):
        """Run a cell to its end, with every message brought to the page."""
        asked = self._client.execute(source, allow_stdin=False)
        ended = []
        self.until(lambda: ended, timeout, lambda message: ended.extend(self._ends(message, asked)))

    def show(self):
        """Show the last widget that a cell displayed."""
        self.page.evaluate("id => show(id)", self.views[-1])

    def until(self, condition, timeout=20, heard=lambda message: None):
        """Carry messages until the condition holds; its value."""
        give_up = time.monotonic() + timeout
        while not (value := condition()):
            assert time.monotonic() < give_up, f"this did not come within {timeout} s; {self.errors}"
            try:
                message = self._client.get_iopub_msg(timeout=0.02)
            except Empty:
                self.page.wait_for_timeout(10)  # lets the page speak
                continue
            self._to_page(message)
            heard(message)
        return value

    def close(self):
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def _serve(self, route):
        name = route.request.url.removeprefix(ADDRESS)
        if not name:
            route.fulfill(body=PAGE, content_type="text/html")
        elif name in self._files:
            route.fulfill(path=self._files[name], content_type="text/javascript")
        else:
            route.fulfill(status=404) if name == "favicon.ico" else route.abort()

    def _to_kernel(self, number, comm, data, buffers):
        message = self._client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        message["header"]["msg_id"] = number
        self._client.session.send(
            self._client.shell_channel.socket, message, buffers=[base64.b64decode(part) for part in buffers]
        )

    def _to_page(self, message):
        if message["header"]["msg_type"].startswith(("comm_", "status")):
            message["buffers"] = [base64.b64encode(bytes(part)).decode() for part in message["buffers"]]
            plain = json.loads(json.dumps(message, default=str))
            self.page.evaluate("message => { fromKernel(message); }", plain)

    def _ends(self, message, asked):
        """Take in what a cell shows; whether it ended."""
        if message["parent_header"].get("msg_id") != asked:
            return []
        content = message["content"]
        assert message["header"]["msg_type"] != "error", content.get("traceback")
        if view := content.get("data", {}).get("application/vnd.jupyter.widget-view+json"):
            self.views.append(view["model_id"])
        return [True] if content.get("execution_state") == "idle" else []
