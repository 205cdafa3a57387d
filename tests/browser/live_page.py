"""A page that runs live.js against a stand-in for anywidget's model: the painter alone, without JupyterLab."""

import base64
import functools
import http.server
import io
import threading

import lessons_lib.live
import numpy as np
from pathlib import Path
from PIL import Image

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
window.bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.start = async (module, state) => {
  window.model = new Model(state);
  window.widget = (await import(module)).default();
  window.stop = await widget.initialize({ model });
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
        page.goto(address)
        page.evaluate("([module, state]) => start(module, state)", [module, self._state(traits)])
        page.evaluate("async () => { window.views = [await show()]; }")
        self.exchange()

    def exchange(self):
        """Bring the page's messages to the kernel side, and changed traits to the page, until nothing is left to say."""
        for content in self.page.evaluate("() => model.sent.splice(0)"):
            self.widget._handle_custom_msg(content, [])
        for name, value in self._state(self.traits).items():
            if self.known.get(name) != value:
                self.known[name] = value
                self.page.evaluate(f"([name, value]) => model.set(name, {_js(value)})", [name, value])
        self.page.evaluate("async () => { await painted(); await painted(); await painted(); }")

    def canvas(self):
        """The pixels of the first view's canvas, (rows, cols, 4) uint8."""
        data = self.page.evaluate("() => document.querySelector('canvas').toDataURL('image/png')")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGBA"))

    def _state(self, traits):
        state = {name: getattr(self.widget, name) for name in traits}
        return {
            name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in state.items()
        }


def _js(value):
    return "bytes(value)" if isinstance(value, str) and len(value) > 200 else "value"


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
    """The mean difference of two pictures in grey levels of 255, and the share of pixels more than 64 levels apart."""
    gap = np.abs(picture[..., :3].astype(int) - other[..., :3]).max(axis=2)
    return gap.mean(), (gap > 64).mean()
