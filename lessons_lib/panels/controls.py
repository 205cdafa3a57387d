"""Controls that several lessons share."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import ipywidgets as W

from lessons_lib import Dataset


def image_controls(
    nets: Collection[str], digits: Dataset, *, stage: str | None = None, image: int = 0
) -> dict[str, W.Widget]:
    """The two controls that choose a network by its stage and an image by its number."""
    return {
        "stage": stage_control(nets, stage),
        "image": int_slider(image, 0, len(digits) - 1, "Image", "Which image of the test set"),
    }


def output_control(outputs: int) -> W.IntSlider:
    """The slider that chooses one of so many output neurons."""
    last = outputs - 1
    return int_slider(min(7, last), 0, last, "Output neuron", f"The neuron after the weight, 0 to {last}")


def dropdown(options: Any, name: str, tooltip: str, value: Any = None) -> W.Dropdown:
    """A list to choose from; the first option unless ``value`` says another."""
    chosen = {} if value is None else {"value": value}
    return W.Dropdown(options=options, description=name, tooltip=tooltip, **chosen)


def int_slider(value: int, low: int, high: int, name: str, tooltip: str, *, step: int = 1) -> W.IntSlider:
    """A slider over whole numbers."""
    return W.IntSlider(value, low, high, step, description=name, tooltip=tooltip)


def float_slider(
    value: float, low: float, high: float, step: float, name: str, tooltip: str
) -> W.FloatSlider:
    """A slider over decimal numbers; ipywidgets' own takes none of them by position."""
    return W.FloatSlider(value, min=low, max=high, step=step, description=name, tooltip=tooltip)


def log_slider(
    value: float,
    low: float,
    high: float,
    name: str,
    tooltip: str,
    *,
    base: float = 10,
    step: float = 0.02,
    readout_format: str = ".3g",
) -> W.FloatLogSlider:
    """A slider from ``base**low`` to ``base**high``, in steps of a factor ``base**step``."""
    return W.FloatLogSlider(
        value,
        base=base,
        min=low,
        max=high,
        step=step,
        readout_format=readout_format,
        description=name,
        tooltip=tooltip,
    )


def show_for(choice: W.Widget, widgets: Mapping[str, Sequence[W.Widget]]) -> None:
    """Show the widgets of the chosen option and hide the others; ``widgets`` is a dict of option -> list."""

    def show(_=None):
        for name, group in widgets.items():
            for widget in group:
                widget.layout.display = "" if name == choice.value else "none"

    choice.observe(show, "value")
    show()


def selection_slider(options: Sequence, value: Any, name: str, tooltip: str) -> W.SelectionSlider:
    """A slider over chosen values; the browser rounds those of other sliders to a grid."""
    return W.SelectionSlider(options=options, value=value, description=name, tooltip=tooltip)


def marks(options: Sequence[float], value: float, name: str, tooltip: str) -> W.SelectionSlider:
    """A slider over chosen numbers, labelled with them."""
    labelled = [(f"{option:,}" if isinstance(option, int) else f"{option:g}", option) for option in options]
    return selection_slider(labelled, value, name, tooltip)


def stage_control(nets: Collection[str], value: str | None = None) -> W.Dropdown:
    """The dropdown that chooses a network by its stage; the first one unless ``value`` names another."""
    return dropdown(list(nets), "Network", "How long it has been trained", value)
