"""Serve a folder the way a web host does, compressed: `python docs/site/serve.py build/site [PORT]`."""

import functools
import gzip
import sys
from email.utils import formatdate
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PACKED = {".js", ".mjs", ".css", ".html", ".json", ".wasm", ".ipynb", ".svg", ".ico", ".txt", ".webmanifest"}


@functools.cache
def packed(path, changed):
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


class Handler(SimpleHTTPRequestHandler):
    """Files, compressed where that pays, and "not modified" where the browser has them already."""

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".wasm": "application/wasm",
        ".mjs": "text/javascript",
    }

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.split("?")[0].endswith("/"):
            path /= "index.html"
        if not path.is_file() or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return super().do_GET()
        stamp = formatdate(path.stat().st_mtime, usegmt=True)
        if self.headers.get("If-Modified-Since") == stamp:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            return self.end_headers()
        zipped = path.suffix in PACKED
        content = packed(path, path.stat().st_mtime) if zipped else path.read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Last-Modified", stamp)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)
        self.server.sent.append((self.path, len(content)))

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # ask each time whether there is something newer
        super().end_headers()

    def log_message(self, *args):
        pass


def server(folder, port=0):
    """A server on this machine; port 0 takes a free one. `.sent` lists what it sent, with its bytes."""
    serving = ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=str(folder)))
    serving.daemon_threads = True
    serving.sent = []
    return serving


if __name__ == "__main__":
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 8000
    print(f"http://127.0.0.1:{port}/run.html   (Ctrl+C ends it)")
    server(Path(sys.argv[1]).resolve(), port).serve_forever()
