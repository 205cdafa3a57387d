import json
import re
from email.message import Message
from pathlib import Path

import ipywidgets as W
import pytest

from lessons_lib import panels
from lessons_lib.panels import display, links

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture(autouse=True)
def page(monkeypatch):
    """A page of its own, and a site without an address."""
    for name in ("_displayed", "_places"):
        monkeypatch.setattr(display, name, type(getattr(display, name))())
    monkeypatch.setattr(links, "site", lambda: "")


@pytest.fixture
def bars(bars, monkeypatch):
    """The panel of four bars, as if it were lesson 03's `nudges`."""
    monkeypatch.setattr(type(bars), "__module__", panels.PLACES["nudges"])
    bars.live._repr_mimebundle_ = bars.live.static_bundle = lambda **_: ({}, {})
    show(bars)
    return bars


def show(output):
    return output._repr_mimebundle_()


def query(panel):
    return links.address(panel).partition("panel=nudges&")[2]


def test_the_address_is_the_call(bars):
    bars.state = {"height": 0.2, "kind": "second"}
    assert links.address(bars) == "run.html?lesson=03&panel=nudges&height=0.2&kind=second"
    assert bars.frontend.link == links.address(bars)


def test_the_way_back_sets_the_controls_and_the_others_take_their_defaults(bars):
    bars.state = {"height": 0.2, "kind": "second"}
    there = query(bars)
    bars.state = {"height": 0.9, "kind": "first", "fault": "none"}
    assert links.open_at("nudges", there) == ""
    assert bars.state == {"height": 0.2, "kind": [2], "fault": "none"}
    assert links.open_at("nudges", "height=0.9") == ""
    assert bars.state == {"height": 0.9, "kind": [1], "fault": "none"}
    assert "0.9 high" in bars.sentence


def test_the_state_of_the_defaults_can_be_shared_too(bars):
    there = query(bars)
    bars.state = {"height": 0.9, "kind": "second"}
    assert links.open_at("nudges", there) == "" and bars.state == bars._defaults


def test_an_address_without_values_leaves_the_panel_as_the_lesson_shows_it(bars):
    bars.state = {"height": 0.9}
    assert links.open_at("nudges", "") == "" and bars.state["height"] == 0.9


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("height=7", "height cannot be '7'; it goes from 0 to 1"),
        ("height=nan", "it goes from 0 to 1"),
        ("height=-inf", "it goes from 0 to 1"),
        ("height=1e999", "it goes from 0 to 1"),
        ("height=high", "it goes from 0 to 1"),
        ("height=", "it goes from 0 to 1"),
        ("height=" + "9" * 1900, "it goes from 0 to 1"),
        ("kind=third", "kind cannot be 'third'; it is one of first, second"),
        ("kind=__import__('os').abort()", "it is one of first, second"),
        ("hight=0.2", "there is no 'hight'; there are height, kind, fault"),
        ("__class__=0.2", "there is no '__class__'"),
        ("<img src=x onerror=alert(1)>=1", "there is no '<img src'"),
        ("nonsense", "no list of values such as image=8"),
        ("height=%ff", "no list of values"),
        ("height=0.2&" * 500, "no list of values"),
        ("&&&", "no list of values"),
    ],
    ids=lambda words: words[:30],
)
def test_what_is_not_possible_is_said_in_a_sentence_and_the_rest_is_set(bars, wrong, words):
    said = links.open_at("nudges", wrong if "&" in wrong or "no list" in words else f"{wrong}&fault=none")
    assert words in said and said.endswith(".") and len(said) < 300
    assert bars.frontend.error == said
    assert bars.state["height"] == 0.5 and bars.error is None
    bars.state = {"height": 0.7}
    assert bars.frontend.error == ""


def test_one_wrong_value_does_not_keep_the_others_out(bars):
    assert "kind cannot be" in links.open_at("nudges", "kind=3&height=0.8")
    assert bars.state["height"] == 0.8


@pytest.mark.parametrize("name", ["wishes", "nothing", "<b>", "__init__", "nudges.close()", "x" * 999])
def test_a_panel_that_is_not_there_is_named_with_those_there_are(bars, name):
    said = links.open_at(name, "height=0.2")
    assert "is on this page; there are nudges." in said and len(said) < 200
    assert bars.state["height"] == 0.5


def test_the_second_one_is_found_by_its_number_in_the_order_of_the_cells(bars, monkeypatch):
    cells = iter(["a", "b", "a"])
    monkeypatch.setattr(display, "running_cell", lambda: (next(cells), None))
    monkeypatch.setattr(type(bars), "_replace_earlier_run", lambda self: None)
    display._displayed.clear()
    first, second, anew = (type(bars)(None) for _ in range(3))
    show(first)
    show(second)
    first.close()
    show(anew)  # the first cell was run again
    assert "nth" not in links.address(anew) and "nth=2" in links.address(second)
    assert second.frontend.link == links.address(second)
    links.open_at("nudges", "height=0.2", nth=2)
    links.open_at("nudges", "height=0.3", nth=1)
    assert (anew.state["height"], second.state["height"]) == (0.3, 0.2)
    links.open_at("nudges", "height=0.8", nth=9)  # there were more of them on the sender's page
    assert second.state["height"] == 0.8
    second.close()
    anew.close()


def test_what_is_made_and_not_shown_does_not_count(bars):
    probe = type(bars)(None)
    assert links.on_page("nudges") == [bars]
    probe.close()


def test_a_panel_behind_a_question_takes_the_state_once_the_guess_is_made(bars):
    display._displayed.clear()
    guess = panels.Prediction("How high?", (0.0, 1.0), answer=lambda panel: panel.state["height"], panel=bars)
    show(guess)
    assert links.open_at("nudges", "height=0.2") == "" and bars.state["height"] == 0.5
    guess.choose(0.4)
    assert guess.answer == 0.5 and bars.state["height"] == 0.2


def test_a_panel_of_no_lesson_has_no_address(counter):
    assert links.address(counter) == "" == counter.frontend.link


def test_the_address_of_the_site_comes_from_the_project(monkeypatch):
    monkeypatch.undo()
    for told, site in ({}, ""), ({"Project-URL": "Homepage, https://a.example/b"}, "https://a.example/b/"):
        message = Message()
        for name, value in told.items():
            message[name] = value
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(links, "metadata", lambda _, message=message: message)
            assert links.site.__wrapped__() == site
            patch.setattr(links.sys, "platform", "emscripten")  # there the page knows better
            assert links.site.__wrapped__() == ""


def test_the_lessons_have_the_numbers_of_their_notebooks():
    assert {f"{n}_{room}" for room, n in links.LESSONS.items()} == {
        path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")
    }


def test_a_lesson_shows_its_own_panels_only():
    """Else an address would lead to another lesson."""
    for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = "".join(line for cell in cells if cell["cell_type"] == "code" for line in cell["source"])
        used = set(re.findall(r"panels\.([a-z]\w+)\(", code)) & set(panels.PLACES)
        assert used <= set(panels.PANELS[path.stem[3:]].split())


def test_several_chosen_options_are_read_by_their_labels():
    chosen = W.SelectMultiple(options=["run 1, plain", "run 2"], value=["run 1, plain", "run 2"])
    assert links.read(chosen, links._write(chosen, chosen.value)) == chosen.value
    assert links.read(chosen, "") == ()
