"""The controls of the cockpit, and the settings they stand for."""

from dataclasses import fields

import ipywidgets as W

from lessons_lib.engine.regularizers import L1, L2, Dropout, LayerFreezing, StochasticDepth
from lessons_lib.panels.controls import dropdown, float_slider, int_slider, marks, show_for
from lessons_lib.panels.display import box
from lessons_lib.runs.settings import OPTIMIZERS, Settings

BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
EXAMPLES = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000)
RATES = tuple(float(f"{lead}e{power}") for power in range(-4, 2) for lead in (1, 1.5, 2, 3, 4, 5, 7))[:-3]
STRENGTHS = (0.0, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
COST_NAMES = {"squared error": "squared_error", "cross-entropy": "cross_entropy"}
FROZEN = {"none": "", "one at random": "random", "always the first": (0,)}
PLAIN = ("activation", "output", "cost", "init", "batch_size", "examples", "epochs", "seed")
GROUPS = {
    "How it learns": "rule learning_rate momentum decay beta1 beta2 keep scale batch_size",
    "The network": "first second activation output cost init",
    "Keeping it in check": "l2 l1 dropout frozen depth",
    "The run": "epochs examples seed",
}
MOST_COMPARED = 1_000  # examples in a batch whose gradients are compared with one another


def controls(examples):
    """All controls by name, for a training set of so many examples."""
    made = _learning() | _network() | _regularizing() | _extent(examples)
    made["rule"].observe(lambda change: _adopt(made, change.new), "value")
    _adopt(made, made["rule"].value)
    return made


def settings_of(state, data):
    """The :class:`~lessons_lib.runs.settings.Settings` that the values of the controls stand for."""
    own = {name: getattr(state, name) for name in _own(state.rule) if hasattr(state, name)}
    if "keep" in own and state.batch_size > MOST_COMPARED:
        raise ValueError(
            f"{state.rule} compares every example of a batch with every other; {state.batch_size:,} are too "
            f"many, choose batches of at most {MOST_COMPARED:,}"
        )
    hidden = (state.first, state.second) if state.second else (state.first,)
    return Settings(
        sizes=(data.features, *hidden, data.classes),
        optimizer=OPTIMIZERS[state.rule](**own),
        regularizers=_regularizers(state),
        **{name: getattr(state, name) for name in PLAIN},
    )


def grouped(inputs):
    """``(choice, box)``: the controls in groups, of which one is shown at a time."""
    groups = {
        title: box("lessons-controls", *map(inputs.get, names.split())) for title, names in GROUPS.items()
    }
    choice = W.ToggleButtons(options=list(GROUPS), tooltips=[f"Settings: {title}" for title in GROUPS])
    show_for(choice, {title: [box] for title, box in groups.items()})
    return choice, W.VBox([choice, *groups.values()], layout=W.Layout(grid_gap="10px"))


def _own(rule):
    """The settings of a rule by name, with their defaults."""
    return {field.name: field.default for field in fields(OPTIMIZERS[rule])}


def _share(value, most, name, tooltip, step=0.01):
    return float_slider(value, 0.0, most, step, name, tooltip)


def _learning():
    return {
        "rule": dropdown(list(OPTIMIZERS), "Rule", "How the gradient becomes a step"),
        "learning_rate": marks(RATES, 4.0, "Learning rate", "How far to step"),
        "momentum": _share(0.9, 0.99, "Momentum", "The share of the velocity that is kept"),
        "decay": _share(0.99, 0.999, "Decay", "How long the sizes of gradients are remembered", 0.001),
        "beta1": _share(0.9, 0.99, "β₁", "How long Adam remembers gradients"),
        "beta2": _share(0.99, 0.999, "β₂", "How long Adam remembers the sizes of gradients", 0.001),
        "keep": float_slider(0.95, 0.5, 1.0, 0.01, "Keep", "Share of the gradients' variance to keep"),
        "scale": dropdown(["entropy", "inverse", "none"], "Scale", "What scales the momentum"),
        "batch_size": marks(BATCHES, 100, "Batch size", "Examples per step"),
    }


def _network():
    return {
        "first": int_slider(16, 1, 64, "First layer", "Neurons in it"),
        "second": int_slider(16, 0, 64, "Second layer", "Neurons in it; 0: no such layer"),
        "activation": dropdown(["sigmoid", "tanh", "relu"], "Activation", "f of the hidden layers"),
        "output": dropdown(["sigmoid", "softmax"], "Output", "f of the last layer"),
        "cost": dropdown(COST_NAMES, "Cost", "What the training brings down"),
        "init": dropdown({"Glorot": "glorot", "normal": "normal"}, "Start", "How weights are drawn"),
    }


def _regularizing():
    return {
        "l2": marks(STRENGTHS, 0.0, "L2", "λ: pull weights towards 0 in proportion to their size"),
        "l1": marks(STRENGTHS, 0.0, "L1", "λ: pull all weights towards 0 alike"),
        "dropout": _share(0.0, 0.5, "Dropout", "Share of hidden neurons silenced in training"),
        "frozen": dropdown(FROZEN, "Frozen layer", "A layer that does not learn in a step"),
        "depth": _share(0.0, 0.5, "Skip layers", "How often a residual layer is skipped; needs equal widths"),
    }


def _extent(most):
    sizes = [size for size in EXAMPLES if size < most] + [most]
    return {
        "epochs": int_slider(5, 1, 200, "Passes", "How often it sees the examples"),
        "examples": marks(sizes, most, "Examples", "How many training images are used"),
        "seed": int_slider(0, 0, 20, "Seed", "Another start, another shuffling"),
    }


def _adopt(controls, name):
    """Show the sliders that a rule has, and set them to its defaults."""
    own = _own(name)
    for setting in GROUPS["How it learns"].split()[1:-1]:
        controls[setting].layout.display = "" if setting in own else "none"
        if setting in own:
            controls[setting].value = own[setting]


def _regularizers(state):
    wanted = [
        (state.l2, L2),
        (state.l1, L1),
        (state.dropout, Dropout),
        (state.frozen, LayerFreezing),
        (state.depth, StochasticDepth),
    ]
    return tuple(kind(value) for value, kind in wanted if value)
