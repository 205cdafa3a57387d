"""Fixtures for the site that `make site OFFLINE=1` builds: a server, a browser, and who else was asked.

make test-site                                   three lessons, the door and a phone
make test-site LESSONS=all                       every lesson, and two in Firefox
"""

import http.server
import importlib.util
import os
import threading
from pathlib import Path

import driving
import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
CHOSEN = (
    "00",
    "03",
    "13",
)  # the first one, the one that all documents speak of, and the one with a drawing pad
ON_A_PHONE = "06"  # the lessons before it are tried on a phone
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# What Chromium asks for on its own account, whatever page it shows.
OF_THE_BROWSER = ("update.googleapis.com", "accounts.google.com", "content-autofill.googleapis.com")


def lessons():
    every = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    wanted = os.environ.get("LESSONS") or " ".join(CHOSEN)
    return [name for name in every if wanted == "all" or name[:2] in wanted.split()]


def pytest_generate_tests(metafunc):
    if "lesson" in metafunc.fixturenames:
        metafunc.parametrize("lesson", lessons())
    if "early_lesson" in metafunc.fixturenames:
        metafunc.parametrize("early_lesson", [name for name in lessons() if name < ON_A_PHONE])


def _serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The server of the built site: `.address` is where it is; `.folder` is a link to what it serves."""
    if not (SITE / "live" / "pyodide").is_dir():
        pytest.fail("There is no site yet: make site OFFLINE=1")
    spec = importlib.util.spec_from_file_location("serve", ROOT / "docs" / "site" / "serve.py")
    serve = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(serve)
    folder = tmp_path_factory.mktemp("served") / "site"
    folder.symlink_to(SITE)
    server = serve.server(folder)
    server.address, server.folder = _serve(server), folder
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
    """Headless Chromium."""
    with driving.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def proxy():
    """Whatever a page wants of another host than this machine goes to `Elsewhere`."""
    world = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    yield {"server": _serve(world), "bypass": "127.0.0.1"}
    world.shutdown()


@pytest.fixture(autouse=True)
def nobody_else_is_asked():
    Elsewhere.asked.clear()
    yield
    asked = [where for where in Elsewhere.asked if not any(own in where for own in OF_THE_BROWSER)]
    assert not asked, f"asked of other hosts: {asked}"


@pytest.fixture
def context(browser, proxy, request):
    """A browser that has never been here, or a phone; a failing test leaves a screenshot."""
    width, height = driving.VIEWPORT
    desk = {"viewport": {"width": width, "height": height}}
    size = PHONE if "phone" in request.node.name else desk
    context = browser.new_context(proxy=proxy, **size)
    yield context
    if getattr(request.node, "call_failed", False):
        folder = ROOT / "test-results"
        folder.mkdir(exist_ok=True)
        for number, page in enumerate(context.pages):
            page.screenshot(path=folder / f"{request.node.name.replace('/', '-')}-{number}.png")
    context.close()
