"""Controls that several lessons share."""

from collections.abc import Collection, Mapping, Sequence

import ipywidgets as W

from lessons_lib import Dataset


def image_controls(
    nets: Collection[str], digits: Dataset, *, stage: str | None = None, image: int = 0
) -> dict[str, W.Widget]:
    """The two controls that choose a network by its stage and an image by its number."""
    return {
        "stage": stage_control(nets, stage),
        "image": W.IntSlider(
            image, 0, len(digits) - 1, description="Image", tooltip="Which image of the test set"
        ),
    }


def output_control() -> W.IntSlider:
    """The slider that chooses an output neuron."""
    return W.IntSlider(7, 0, 9, description="Output neuron", tooltip="The neuron after the weight, 0 to 9")


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


def marks(options: Sequence[float], value: float, name: str, tooltip: str) -> W.SelectionSlider:
    """A slider over chosen values; the browser rounds those of other sliders to a grid."""
    labelled = [(f"{option:,}" if isinstance(option, int) else f"{option:g}", option) for option in options]
    return W.SelectionSlider(options=labelled, value=value, description=name, tooltip=tooltip)


def show_chosen(choice, widgets):
    """Show the one of ``widgets``, a dict, whose name is the value of ``choice``, and hide the others."""
    show_for(choice, {name: [widget] for name, widget in widgets.items()})


def stage_control(nets: Collection[str], value: str | None = None) -> W.Dropdown:
    """The dropdown that chooses a network by its stage; the first one unless ``value`` names another."""
    return W.Dropdown(
        options=list(nets),
        value=value or next(iter(nets)),
        description="Network",
        tooltip="How long it has been trained",
    )
