import time
from types import SimpleNamespace

import ipywidgets as W
import numpy as np
import pytest
from ipywidgets.widgets import widget

from lessons_lib.drawing import charts, style
from lessons_lib.panels import Panel, Preset, TrainingPanel


@pytest.fixture
def open_widgets():
    """The widgets that are not closed, by the names of their models."""
    return getattr(widget, "_instances", None) or W.Widget.widgets  # ipywidgets 7 has them in another place


class Bars(Panel):
    """Four bars of one height; `fault` says where it breaks."""

    title = "Bars"
    presets = {"High": Preset({"height": 0.9, "kind": "second"}, "All bars are high.")}

    def __init__(self, data, **state):
        self.data, self.computed = data, []
        super().__init__(**state)

    def controls(self):
        return {
            "height": W.FloatSlider(0.5, min=0, max=1, step=0.1, description="Height"),
            "kind": W.Dropdown(options={"first": [1], "second": [2]}, description="Kind"),
            "fault": W.Dropdown(options=["none", "compute", "draw", "describe"], description="Fault"),
        }

    def figure(self):
        fig, ax = style.figure(width=300, height=200)
        self.bars = charts.activation_bars(ax, np.zeros(4))
        return fig

    def compute(self, state):
        self.computed.append(state.height)
        if state.fault == "compute":
            raise ZeroDivisionError("planted in compute")
        return SimpleNamespace(height=state.height, fault=state.fault)

    def draw(self, result):
        self.bars.update(np.full(4, result.height))
        if result.fault == "draw":
            raise ZeroDivisionError("planted in draw")

    def describe(self, result):
        if result.fault == "describe":
            raise ZeroDivisionError("planted in describe")
        return f"The bars are {result.height:.1f} high."


class Count(TrainingPanel):
    """Counts to `goal`, 2 ms a number; the picture shows how far it is."""

    title = "Count"

    def __init__(self, **state):
        self.started, self.ended = 0, 0
        super().__init__(**state)

    def controls(self):
        return {
            "goal": W.IntSlider(20, 1, 1000, description="Goal"),
            "bad": W.IntSlider(-1, -1, 1000, description="Fails at"),
        }

    def figure(self):
        fig, ax = style.figure(width=300, height=200)
        ax.set(xlim=(0, 1), ylim=(0, 1000))
        (self.line,) = ax.plot([], [])
        return fig

    def run(self, state):
        self.started += 1
        try:
            for k in range(state.goal + 1):
                if k == state.bad:
                    raise ZeroDivisionError("planted in run")
                yield k, k / state.goal
                time.sleep(0.002)
        finally:
            self.ended += 1

    def draw(self, result):
        self.line.set_data([0, 1], [0, result])

    def describe(self, result):
        return f"Counted to {result}."


@pytest.fixture
def bars():
    panel = Bars(None)
    yield panel
    panel.close()


@pytest.fixture
def counter():
    panel = Count()
    yield panel
    panel.close()
