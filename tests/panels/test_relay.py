"""What the kernel does with values that a panel's front end relays, and what goes back."""

import threading

import ipywidgets as W
import pytest


@pytest.fixture
def sent(bars, open_widgets, monkeypatch):
    """The messages that leave from now on: (widget, data, buffers)."""
    if W.__version__ < "8":
        pytest.skip("ipywidgets 7 sends nothing without a kernel")
    bars.live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    heard = []

    def publish(comm, msg_type, data=None, metadata=None, buffers=None, **keys):
        if msg_type == "comm_msg":
            heard.append((open_widgets[comm.comm_id], data, buffers))

    monkeypatch.setattr(type(bars.frontend.comm), "publish_msg", publish)
    return heard


def relay(panel, number=1, **states):
    """As the page does it: values by the names of controls."""
    by_model = {panel.inputs[name].model_id: state for name, state in states.items()}
    content = {"relay": "page", "number": number, "states": by_model}
    panel.frontend._handle_custom_msg(content, [])


def test_one_message_brings_picture_words_and_mark(bars, sent):
    answered = bars.frontend.answered
    relay(bars, number=7, height={"value": 0.3})
    ((widget, data, buffers),) = sent
    answer = data["content"]
    assert widget is bars.frontend and data["method"] == "custom"
    assert (answer["relay"], answer["number"]) == ("page", 7)
    assert answer["states"] == {bars.inputs["height"].model_id: {"value": 0.3}}
    picture, words = answer["messages"]
    assert picture["model"] == bars.live.model_id and words["model"] == bars.frontend.model_id
    assert picture["names"] == ["packet"] and buffers == [bars.live.packet]
    assert picture["state"] == {"alt": bars.sentence}
    assert words["state"]["sentence"] == bars.sentence == "The bars are 0.3 high."
    assert words["state"]["answered"] == answered + 1


def test_value_observe_and_links_stay_true(bars, sent):
    height, other, seen = bars.inputs["height"], W.FloatText(), []
    height.observe(lambda change: seen.append((change.old, change.new)), "value")
    W.link((height, "value"), (other, "value"))
    relay(bars, height={"value": 1})  # a page has no 1.0
    assert (height.value, other.value, seen) == (1.0, 1.0, [(0.5, 1.0)])
    assert all(widget is not height for widget, _, _ in sent)  # no echo
    other.close()


def test_a_value_that_the_kernel_changes_is_told(bars, sent):
    relay(bars, height={"value": 7})
    *before, (_, answer, _) = sent
    assert bars.inputs["height"].value == 1.0 == bars.result.height
    assert answer["content"]["states"] == {bars.inputs["height"].model_id: {"value": 1.0}}
    assert [(widget, data["state"]) for widget, data, _ in before] == [
        (bars.inputs["height"], {"value": 1.0})
    ]


@pytest.mark.parametrize("place", ["compute", "draw", "describe"])
def test_an_error_is_raised_shown_and_answered_and_no_value_is_left_out(bars, sent, place):
    with bars.holding():
        bars.inputs["fault"].value = place
    sent.clear()
    height, kind = bars.inputs["height"].model_id, bars.inputs["kind"].model_id
    content = {"relay": "page", "number": 1, "states": {height: {"value": 0.2}, kind: {"index": 1}}}
    with pytest.raises(ZeroDivisionError):
        bars.frontend._relayed(bars.frontend, content, [])
    assert bars.state["height"] == 0.2 and bars.state["kind"] == [2]
    _, data, _ = sent[-1]
    told = [m["state"].get("error") for m in data["content"]["messages"]]
    assert f"ZeroDivisionError: planted in {place}" in told and not told[-1]
    with bars.holding():
        bars.inputs["fault"].value = "none"
    relay(bars, number=2, height={"value": 0.4})
    assert bars.frontend.error == "" and bars.frontend.sentence == "The bars are 0.4 high."


def test_every_picture_of_a_callback_is_in_the_answer(bars, sent):
    def twice(change):
        bars.bars.bars[0].set_width(0.123)
        bars.live.flush()

    bars.inputs["height"].observe(twice, "value")
    relay(bars, height={"value": 0.3})
    ((_, data, buffers),) = sent
    assert [m["names"] for m in data["content"]["messages"]][:2] == [["packet"], ["packet"]]
    assert len(buffers) == 2 and buffers[1] == bars.live.packet


def test_what_another_thread_or_a_later_turn_changes_leaves_by_itself(bars, sent):
    def elsewhere(change):
        thread = threading.Thread(target=lambda: setattr(bars.live, "alt", "from elsewhere"))
        thread.start()
        thread.join()

    bars.inputs["height"].observe(elsewhere, "value")
    relay(bars, height={"value": 0.3})
    assert [(data["method"], widget) for widget, data, _ in sent] == [
        ("update", bars.live),
        ("custom", bars.frontend),
    ]
    bars.live.alt = "later"
    assert sent[-1][1]["state"] == {"alt": "later"}


def test_a_panel_may_be_closed_by_what_it_was_told(bars, sent):
    bars.inputs["height"].observe(lambda change: bars.close(), "value")
    relay(bars, height={"value": 0.3})
    assert bars.closed
