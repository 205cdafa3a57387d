"""Every preset of every panel: it is within range, computes, marks its button, and says something."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest

from lessons_lib import SGD, Network, load_mnist, panels
from lessons_lib.panels import links
from lessons_lib.panels.control_values import equal
from lessons_lib.runs.course import Course
from lessons_lib.runs.settings import Settings
from lessons_lib.runs.stages import stages

PANELS = {name: found for name in panels.PLACES if hasattr(found := getattr(panels, name), "presets")}
SAYS = {  # words that stand in the sentence of every preset of a panel
    "nudges": "This ",
    "fire_together": "The weight from",
    "bang_for_the_buck": "The weight from",
    "ravine_walks": "Cost after 40 evaluations",
    "line_searches": "Search ",
    "layers_at_work": "Before training",
    "memorising": "examples",
    "keep_training": "press Play",
    "momentum_seeds": "press Play",
}


@pytest.fixture(scope="module")
def given():
    """What panels are made from, under the names of their parameters; some panels want it otherwise."""
    mnist = load_mnist()
    course = Course(Settings(optimizer=SGD(4.0), epochs=1), mnist.train[:6000], mnist.test[:500])
    for _ in course.steps():
        pass
    nets = stages(mnist.train[:5000], epochs={"untrained": 0, "after one epoch": 3, "trained": 10})
    given = {
        "mnist": mnist,
        "nets": nets,
        "digits": mnist.test[:1000],
        "data": mnist.train[:6000],
        "train": mnist.train,
        "test": mnist.test[:1000],
        "net": Network([0.5, -0.4, -0.6, 0.8, 0.1, -0.2, 1.2, -0.9, 0.3], (2, 2, 1)),
        "x": np.array([[1.0, 0.5]]),
        "y": np.array([[1.0]]),
        "run": course.run("finished"),
    }
    otherwise = {
        "knock_outs": {"nets": {0.0: nets["untrained"], 0.1: nets["after one epoch"], 0.5: nets["trained"]}},
        "short_run": {"train": mnist.train[:2000]},
        "hidden_neurons": {"train": mnist.train[:200], "test": mnist.test[:100]},
        "close_up": {"data": mnist.train[:500]},
        "shown_otherwise": {"net": nets["trained"]},
    }
    return lambda name: given | otherwise.get(name, {})


@pytest.mark.parametrize("name", [name for name in PANELS if name != "compare"])
def test_each_preset_is_recognised_and_explained_and_every_address_leads_back(
    given, make_panel, monkeypatch, name
):
    panel = make_panel(name, given(name))
    assert panel.presets
    for preset, words in ((preset, found.sentence) for preset, found in panel.presets.items()):
        panel.apply(preset)
        pressed = [key for key, button in panel._preset_buttons.items() if button.button_style == "primary"]
        assert pressed == [preset] and panel.error is None
        assert words and panel._note.value == words
        assert SAYS.get(name, "") in panel.sentence and panel.sentence and "nan" not in panel.sentence
    assert not links.RESERVED & set(panel.inputs)
    for state in [{}, *(preset.state for preset in panel.presets.values()), *ends(panel)]:
        assert brought_back(panel, name, state, monkeypatch), state
    panel.close()


def ends(panel):
    """For each control the state in which it is at its end, another one than its default if there is any."""
    with panel.holding():
        panel._set_inputs(panel._defaults)
    for name, control in panel.inputs.items():
        if hasattr(control, "_options_values"):
            yield {name: control._options_values[-1]}
        elif hasattr(control, "max"):
            yield {name: control.base**control.max if hasattr(control, "base") else control.max}
        elif isinstance(control.value, (bool, tuple)):
            yield {name: () if isinstance(control.value, tuple) else not control.value}


def brought_back(panel, name, state, monkeypatch):
    """Whether the address of a state brings it back, as far as the controls go."""
    with monkeypatch.context() as only_now:
        only_now.setattr(type(panel), "refresh", lambda self: None)
        only_now.setattr(links, "displayed", lambda: [panel])
        with panel.holding():
            panel._set_inputs(panel._defaults)
            panel._set_inputs(state)
        before, address = panel.state, urlsplit(links.address(panel))
        values = dict(parse_qsl(address.query, keep_blank_values=True))
        room = list(links.LESSONS)[int(values.pop("lesson"))]
        assert address.path.endswith("run.html") and values.pop("panel") == name
        assert name in panels.PANELS[room].split()
        with panel.holding():
            panel._set_inputs(panel._initial)
        assert links.open_at(name, urlencode(values)) == ""
        return all(equal(before[key], value) for key, value in panel.state.items())
