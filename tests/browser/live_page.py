"""A page that runs live.js against a stand-in for anywidget's model: the painter alone, without
JupyterLab.
"""

import base64
import functools
import http.server
import io
import threading
from pathlib import Path

import numpy as np
from PIL import Image

import lessons_lib.live

FOLDER = Path(lessons_lib.live.__file__).parent

MODEL = """
class Model {
  constructor(state) { this.state = state; this.sent = []; this.heard = {}; }
  get(name) { return this.state[name]; }
  set(name, value) { this.state[name] = value; for (const f of this.heard["change:" + name] ?? []) f(value); }
  save_changes() { this.saved = (this.saved ?? 0) + 1; }
  on(name, f) { (this.heard[name] ??= new Set()).add(f); }
  off(name, f) { this.heard[name]?.delete(f); }
  trigger(name, ...args) { for (const f of this.heard[name] ?? []) f(...args); }
  send(content) { this.sent.push(content); }
  listeners() { return Object.values(this.heard).reduce((sum, set) => sum + set.size, 0); }
}
window.decoded = (value) => value?.base64 === undefined ? value
  : new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer);
window.start = async (module, state) => {
  window.model = new Model(Object.fromEntries(Object.entries(state).map(([name, value]) => [name,
  decoded(value)]))); const { default: widget } = await import(module);
  window.widget = typeof widget === "function" ? widget() : widget;
  window.stop = await window.widget.initialize?.({ model });
};
window.show = async () => {
  const el = document.createElement("div");
  document.body.append(el);
  const close = await widget.render({ model, el });
  return { el, close };
};
window.painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/favicon.ico":
            return self.send_error(204)
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        page = f'<!doctype html><link rel="stylesheet" href="live.css"><body><script>{MODEL}</script></body>'
        self.wfile.write(page.encode())

    def log_message(self, *args):
        pass


class LivePage:
    """One LiveFigure (or other widget of lessons_lib.live) shown on a page.

    page: a Playwright page. The widget's kernel side runs here; `exchange()` carries messages both ways.
    """

    def __init__(self, page, address, widget, module, traits):
        self.page, self.widget, self.traits = page, widget, traits
        self.known = {}
        widget.send = self._tell
        page.goto(address)
        page.evaluate("([module, state]) => start(module, state)", [module, self._state(traits)])
        page.evaluate("async () => { window.views = [await show()]; }")
        self.exchange()

    def exchange(self):
        """Bring the page's messages to the kernel side, and changed traits to the page, until nothing is left
        to say.
        """
        for content in self.page.evaluate("() => model.sent.splice(0)"):
            self.widget._handle_custom_msg(content, [])
        for name, value in self._state(self.traits).items():
            if self.known.get(name) != value:
                self.known[name] = value
                self.page.evaluate("([name, value]) => model.set(name, decoded(value))", [name, value])
        self.page.evaluate("async () => { await painted(); await painted(); await painted(); }")

    def canvas(self):
        """The pixels of the first view's canvas, (rows, cols, 4) uint8."""
        data = self.page.evaluate("() => document.querySelector('canvas').toDataURL('image/png')")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGBA"))

    def _tell(self, content, buffers=None):
        self.page.evaluate("content => model.trigger('msg:custom', content)", content)

    def _state(self, traits):
        """The widget's traits; bytes as {base64: text}."""
        state = {name: getattr(self.widget, name) for name in traits}
        return {
            name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
            for name, value in state.items()
        }


def serve():
    """A server of the widgets' JavaScript on a free port; returns it and its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=FOLDER))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}/"


def saved(figure, ratio=1):
    """What `figure.savefig` draws at a pixel ratio, (rows, cols, 4) uint8."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=figure._original_dpi * ratio)
    return np.asarray(Image.open(file).convert("RGBA"))


def difference(picture, other):
    """The mean difference of two pictures in grey levels of 255, and the share of pixels more than 64 levels
    apart.
    """
    gap = np.abs(picture[..., :3].astype(int) - other[..., :3]).max(axis=2)
    return gap.mean(), (gap > 64).mean()
