"""Controls that several lessons share."""

import ipywidgets as W


def image_controls(nets, digits, *, stage=None, image=0):
    """The two controls that choose a network by its stage and an image by its number."""
    return {
        "stage": stage_control(nets, stage),
        "image": int_slider(image, 0, len(digits) - 1, "Image", "Which image of the test set"),
    }


def output_control():
    """The slider that chooses an output neuron."""
    return int_slider(7, 0, 9, "Output neuron", "The neuron after the weight, 0 to 9")


def dropdown(options, name, tooltip, value=None):
    """A list to choose from; the first option unless ``value`` says another."""
    chosen = {} if value is None else {"value": value}
    return W.Dropdown(options=options, description=name, tooltip=tooltip, **chosen)


def int_slider(value, low, high, name, tooltip, *, step=1):
    """A slider over whole numbers."""
    return W.IntSlider(value, low, high, step, description=name, tooltip=tooltip)


def float_slider(value, low, high, step, name, tooltip):
    """A slider over decimal numbers; ipywidgets' own takes none of them by position."""
    return W.FloatSlider(value, min=low, max=high, step=step, description=name, tooltip=tooltip)


def log_slider(value, low, high, name, tooltip, *, base=10, step=0.02, readout_format=".3g"):
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


def show_for(choice, widgets):
    """Show the widgets of the chosen option and hide the others; ``widgets`` is a dict of option -> list."""

    def show(_=None):
        for name, group in widgets.items():
            for widget in group:
                widget.layout.display = "" if name == choice.value else "none"

    choice.observe(show, "value")
    show()


def selection_slider(options, value, name, tooltip):
    """A slider over chosen values; the browser rounds those of other sliders to a grid."""
    return W.SelectionSlider(options=options, value=value, description=name, tooltip=tooltip)


def marks(options, value, name, tooltip):
    """A slider over chosen numbers, labelled with them."""
    labelled = [(f"{option:,}" if isinstance(option, int) else f"{option:g}", option) for option in options]
    return selection_slider(labelled, value, name, tooltip)


def stage_control(nets, value=None):
    """The dropdown that chooses a network by its stage; the first one unless ``value`` names another."""
    return dropdown(list(nets), "Network", "How long it has been trained", value)
