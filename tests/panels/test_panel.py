import asyncio
import gc
import threading
import time
import weakref
from pathlib import Path

import ipywidgets as W
import numpy as np
import pytest

from lessons_lib import panels


def heights(panel):
    return [bar.get_width() for bar in panel.bars.bars]


def test_a_moved_control_reaches_picture_sentence_and_alt_text(bars):
    bars.inputs["height"].value = 0.3
    assert heights(bars) == [0.3] * 4
    assert bars.sentence == bars.frontend.sentence == bars.live.alt == "The bars are 0.3 high."


def test_where_a_loop_runs_words_follow_the_picture_in_one_message(bars):
    words, frontend = "The bars are {} high.", bars.frontend

    async def session():
        answered = frontend.answered
        for height in (0.3, 0.7):
            bars.state = {"height": height}
        assert bars.live.alt == bars.sentence == words.format(0.7) != frontend.sentence
        await asyncio.sleep(0.1)
        assert frontend.sentence == bars.sentence and frontend.answered == answered + 1
        for height in (0.2, 0.4):
            bars.state = {"height": height}
            time.sleep(0.1)  # as in a long cell, which keeps the loop waiting
        assert frontend.sentence == words.format(0.4)
        bars.state = {"height": 0.6}
        bars.close()
        await asyncio.sleep(0.1)

    asyncio.run(session())


def test_setting_the_state_moves_the_controls_and_computes_once(bars):
    before = len(bars.computed)
    bars.state = {"height": 0.7, "kind": [2]}
    assert bars.inputs["height"].value == 0.7 and bars.inputs["kind"].label == "second"
    assert len(bars.computed) == before + 1 and bars.result.height == 0.7


def test_an_unknown_control_or_a_value_out_of_range_is_refused_with_what_there_is(bars):
    with pytest.raises(ValueError, match="no control size; it has height, kind, fault"):
        bars.state = {"size": 1}
    with pytest.raises(ValueError, match=r"height=7 is out of range; the nearest allowed is 1\.0"):
        bars.state = {"height": 7}
    assert bars.state["height"] == 0.5


@pytest.mark.parametrize("place", ["compute", "draw", "describe"])
def test_a_fault_is_shown_and_raised_and_the_last_good_picture_stays(bars, place):
    bars.state = {"height": 0.3}
    with pytest.raises(ZeroDivisionError):
        bars.state = {"height": 0.8, "fault": place}
    assert bars.frontend.error == f"ZeroDivisionError: planted in {place}"
    assert isinstance(bars.error, ZeroDivisionError)
    assert heights(bars) == [0.3] * 4 and bars.sentence == "The bars are 0.3 high."
    bars.state = {"fault": "none"}
    assert bars.error is None and bars.frontend.error == "" and heights(bars) == [0.8] * 4


def test_a_fault_in_a_callback_reaches_whoever_moved_the_control(bars):
    with pytest.raises(ZeroDivisionError):
        bars.inputs["fault"].value = "compute"


def test_presets_mark_themselves_explain_themselves_and_reset_undoes_them(bars):
    bars._preset_buttons["High"].click()
    assert bars.state["height"] == 0.9 and bars._note.value == "All bars are high."
    assert bars._preset_buttons["High"].button_style == "primary"
    bars.reset()
    assert bars.state["height"] == 0.5 and bars._note.value == ""


@pytest.mark.parametrize(("height", "there"), [(0.905, True), (0.895, True), (0.8, False), (1.0, False)])
def test_a_preset_is_marked_where_a_hand_comes_as_close_as_a_slider_lets_it(bars, height, there):
    bars.state = {"height": height, "kind": "second"}
    assert (bars._preset_buttons["High"].button_style == "primary") == there


def test_the_printed_call_recreates_the_panel(bars):
    assert bars.call() == "Bars(data)"
    bars.apply("High")
    assert bars.call() == "Bars(data, height=0.9, kind='second')"
    again = eval(bars.call(), {"Bars": type(bars), "data": None})
    assert again.state == bars.state and again.sentence == bars.sentence
    again.close()


def test_changes_that_pile_up_behind_a_slow_computation_are_merged(bars):
    slow, bars.compute = bars.compute, lambda state: (time.sleep(0.02), slow(state))[1]
    before = len(bars.computed)
    with bars._lock:  # as if a computation were running: 50 events arrive meanwhile, in a thread each
        move = bars.inputs["height"].set_trait
        threads = [threading.Thread(target=move, args=("value", k / 50)) for k in range(50)]
        for thread in threads:
            thread.start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert len(bars.computed) - before <= 2
    assert bars.result.height == bars.inputs["height"].value


@pytest.mark.skipif(W.__version__ < "8", reason="ipywidgets 7 sends nothing without a kernel")
def test_an_update_sends_at_most_one_message_for_the_read_out(bars):
    sent = []
    bars.frontend.send_state = lambda key=None: sent.append(set(key))
    bars.inputs["height"].value = 0.2
    assert len(sent) == 1 and {"sentence", "answered"} <= sent[0]


def test_closing_leaves_no_widget_and_no_thread(bars, open_widgets):
    before, threads = set(open_widgets), threading.active_count()
    for _ in range(5):
        panel = type(bars)(None)
        panel.inputs["height"].value = 0.2
        panel.close()
    gc.collect()
    assert set(open_widgets) == before and threading.active_count() == threads


def test_a_closed_panel_lets_go_of_its_figure_and_says_that_it_is_closed(bars):
    panel = type(bars)(None)
    figure = weakref.ref(panel.fig)
    panel.close()
    panel.close()
    gc.collect()
    assert figure() is None
    with pytest.raises(AttributeError, match="this Bars is closed, because its cell was run again"):
        panel.state  # noqa: B018


def test_a_cell_that_runs_again_closes_what_its_earlier_run_made(bars, monkeypatch):
    from lessons_lib.panels import display

    runs = [("cell", "run 1"), ("cell", "run 1"), ("cell", "run 2"), ("other", "run 3")]
    monkeypatch.setattr(display, "running_cell", lambda: runs.pop(0))
    first, second, third, fourth = (display.CellOutput(W.Box()) for _ in range(4))
    assert [made.widget.comm is None for made in (first, second, third, fourth)] == [True, True, False, False]
    third.close()
    fourth.close()


def test_the_saved_picture_has_the_sentence_as_its_alt_text(bars):
    data, words = bars._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG") and "application/vnd.jupyter.widget-view+json" in data
    assert words["image/png"]["alt"] == bars.sentence


def test_negative_numbers_in_the_sentence_have_a_true_minus(bars):
    bars.describe = lambda result: f"A slope of {-result.height:.1f} in a 784-16-10 network."
    bars.state = {"height": 0.9}
    assert bars.sentence == "A slope of −0.9 in a 784-16-10 network."


def test_every_control_is_named_for_screen_readers(bars):
    assert [named["label"] for named in bars.frontend.named] == ["Height", "Kind", "Fault"]


def test_a_click_in_the_picture_can_set_controls(bars):
    from types import SimpleNamespace

    bars.clicked = lambda event: {"height": round(event.x, 1)}
    bars._on_event(SimpleNamespace(kind="click", x=0.42))
    assert bars.state["height"] == 0.4
    bars.clicked = lambda event: 1 / 0
    with pytest.raises(ZeroDivisionError):
        bars._on_event(SimpleNamespace(kind="click", x=0.42))
    assert "ZeroDivisionError" in bars.frontend.error


def test_array_values_are_compared_whole():
    from lessons_lib.panels.control_values import equal

    assert equal(np.arange(3), np.arange(3)) and not equal(np.arange(3), np.zeros(3))


def test_unknown_panels_are_named_with_those_there_are():
    with pytest.raises(AttributeError, match=r"no panel is called 'nonsense'; there are .*Question"):
        panels.nonsense  # noqa: B018


def test_no_panel_is_called_like_a_file():
    """An imported file would hide it: `panels.name` would be the module."""
    files = {path.stem for path in Path(panels.__file__).parent.glob("*.py")}
    assert not files & set(panels.PLACES)
