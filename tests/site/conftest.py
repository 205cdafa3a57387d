"""Fixtures for the site that `make site OFFLINE=1` builds: a server, a browser, and who else was asked.

make test-site                                   three lessons, the door and a phone
make test-site LESSONS=all                       every lesson
"""

import http.server
import importlib.util
import os
import threading
from pathlib import Path

import driving
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
CHOSEN = (
    "00",
    "03",
    "13",
)  # the first one, the one that all documents speak of, and the one with a drawing pad


def lessons():
    every = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    wanted = os.environ.get("LESSONS") or " ".join(CHOSEN)
    return [name for name in every if wanted == "all" or name[:2] in wanted.split()]


def pytest_generate_tests(metafunc):
    if "lesson" in metafunc.fixturenames:
        metafunc.parametrize("lesson", lessons())


def _serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture(scope="session")
def site():
    """The server of the built site; `.address` is where it is."""
    if not (SITE / "live" / "pyodide").is_dir():
        pytest.fail("There is no site yet: make site OFFLINE=1")
    spec = importlib.util.spec_from_file_location("serve", ROOT / "docs" / "site" / "serve.py")
    serve = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(serve)
    server = serve.server(SITE)
    server.address = _serve(server)
    yield server
    server.shutdown()


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Stands in for the rest of the world: notes who was asked for, and has nothing."""

    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        self.send_error(502)

    do_CONNECT = do_POST = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; whatever it wants of another host than this machine goes to `Elsewhere`."""
    world = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    proxy = {"server": _serve(world), "bypass": "127.0.0.1"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=driving.find_chromium(), args=[*driving.BROWSER_ARGUMENTS], proxy=proxy
        )
        yield browser
        browser.close()
    world.shutdown()


@pytest.fixture(autouse=True)
def nobody_else_is_asked():
    Elsewhere.asked.clear()
    yield
    assert not Elsewhere.asked, f"asked of other hosts: {Elsewhere.asked}"


@pytest.fixture
def context(browser, request):
    """A browser that has never been here; a failing test leaves a screenshot of its pages."""
    width, height = driving.VIEWPORT
    context = browser.new_context(viewport={"width": width, "height": height})
    yield context
    if getattr(request.node, "call_failed", False):
        folder = ROOT / "test-results"
        folder.mkdir(exist_ok=True)
        for number, page in enumerate(context.pages):
            page.screenshot(path=folder / f"{request.node.name.replace('/', '-')}-{number}.png")
    context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call":
        item.call_failed = report.failed
    return report
