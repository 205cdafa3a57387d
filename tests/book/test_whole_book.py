"""The whole book in build/site, read as files and in Chromium: `make test-book`, after `make book`."""

import functools
import http.server
import threading
from pathlib import Path

import driving
import pytest
from reading import Book

SITE = Path(__file__).resolve().parents[2] / "build" / "site"
PAGES = sorted(path.stem for path in (SITE.parents[1] / "notebooks").glob("*.ipynb"))
LESSONS = [name for name in PAGES if name != "glossary"]
SHOWN = ["index", "03_what_one_example_wants", "10_conjugate_gradient", "glossary", "sheets"]
A_SHEET = "sheets/03_what_one_example_wants"
THEMES = ["light", "dark"]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
pytestmark = pytest.mark.book

SHIFTS = """() => { window.shifted = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true}); }"""
SCROLL = """async () => { for (let y = 0; y < document.body.scrollHeight; y += 600) {
  scrollTo(0, y); await new Promise((done) => setTimeout(done, 30)); } return window.shifted; }"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser():
    with driving.chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, address):
    """`opened(name, **context)`: a page in a browser; it may neither complain nor ask another host."""
    contexts, said = [], []

    def open_it(name, **context):
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda one: one.url.startswith((address, "data:")) or said.append(one.url))
        if context.get("java_script_enabled", True):
            page.add_init_script(f"({SHIFTS})()")
        page.goto(f"{address}{name}.html")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not said


@pytest.fixture(scope="module")
def book():
    return Book(SITE)


@pytest.mark.parametrize("name", ["index", "sheets", *PAGES, *(f"sheets/{name}" for name in LESSONS)])
def test_nothing_is_wrong_with_a_page(book, name):
    assert book.faults(f"{name}.html") == []


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_shows_panels_and_asks(book, name):
    assert book.pages[f"{name}.html"].select(".panel") and book.pages[f"{name}.html"].select(".ask")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*SHOWN, A_SHEET])
def test_axe_finds_nothing(opened, name, theme):
    page = opened(name, color_scheme=theme)
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate(driving.AXE_SCRIPT)
    found = page.evaluate("() => axe.run()")["violations"]
    assert not [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", SHOWN)
def test_nothing_moves_while_it_loads(opened, name, size):
    assert opened(name, viewport=size).evaluate(SCROLL) < 0.01


@pytest.mark.parametrize("name", ["index", "sheets", A_SHEET, *PAGES])
def test_a_phone_scrolls_no_page_sideways(opened, name):
    page = opened(name, viewport=PHONE, is_mobile=True, has_touch=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_guess_needs_no_script(opened):
    page = opened("03_what_one_example_wants", java_script_enabled=False)
    asked = page.locator(".prediction").first
    assert not asked.locator("details p").is_visible()
    asked.locator("input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert asked.locator("input").first.is_checked() and asked.locator("details p").first.is_visible()


def test_a_question_explains_the_choice_without_a_script(opened):
    page = opened("03_what_one_example_wants", java_script_enabled=False)
    asked = page.locator(".question").first
    asked.locator("label").nth(1).click()
    assert asked.locator("[role=status] p").nth(1).is_visible()
    assert not asked.locator("[role=status] p").nth(0).is_visible()


def test_pictures_are_dimmed_in_the_dark_and_never_on_paper(opened):
    def dimmed():
        return page.locator(".panel img").first.evaluate("(img) => getComputedStyle(img).filter")

    page = opened("03_what_one_example_wants", color_scheme="light")
    assert dimmed() == "none"
    page = opened("03_what_one_example_wants", color_scheme="dark")
    assert "brightness" in dimmed()
    page.emulate_media(media="print")
    assert dimmed() == "none"


def test_what_goes_on_to_the_right_fades_out_until_it_has_been_scrolled_there(opened):
    page = opened("03_what_one_example_wants", viewport=PHONE, is_mobile=True, has_touch=True)
    picture = page.locator(".panel .picture").first
    faded = "(one) => getComputedStyle(one).getPropertyValue('--fade')"
    assert picture.evaluate(faded) == "48px"
    picture.evaluate("async (one) => { one.scrollLeft = 9999; await new Promise(requestAnimationFrame); }")
    page.wait_for_function(
        "(one) => getComputedStyle(one).getPropertyValue('--fade') === '0px'", arg=picture.element_handle()
    )
    desk = opened("03_what_one_example_wants", viewport=DESK)
    assert desk.locator(".panel .picture").first.evaluate(faded) == "0px"


def test_the_search_leads_to_the_place(opened):
    page = opened("index")
    page.get_by_label("Search").fill("vanishing gradient")
    page.get_by_role("link", name="Glossary: vanishing gradient").click()
    page.wait_for_url("**/glossary.html#vanishing-gradient")
    page.get_by_label("Search").fill("quetzalcoatl")
    page.get_by_text("Nothing found").wait_for()
