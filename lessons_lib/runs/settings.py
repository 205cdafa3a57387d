"""Settings: all that decides a training, as plain values that can be compared, put in words and stored."""

from dataclasses import dataclass, field, fields

import numpy as np

from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.functions import cross_entropy, relu, sigmoid, softmax, squared_error, tanh
from lessons_lib.engine.network import Network, checked_sizes, n_params
from lessons_lib.engine.optimizers import (
    SGD,
    Adam,
    ConjugateGradient,
    EntropyScaledMomentum,
    GradientPCA,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
)
from lessons_lib.engine.regularizers import L1, L2, Dropout, LayerFreezing, StochasticDepth

FUNCTIONS = {f.name: f for f in (sigmoid, tanh, relu, softmax)}
COSTS = {cost.name: cost for cost in (squared_error, cross_entropy)}
OPTIMIZERS = {
    cls.__name__: cls
    for cls in (SGD, Momentum, Nesterov, RMSProp, Adam, ConjugateGradient, GradientPCA, EntropyScaledMomentum)
}
REGULARIZERS = {cls.__name__: cls for cls in (L2, L1, Dropout, LayerFreezing, StochasticDepth)}


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run: the same settings on the same data give the same bits.

    Args:
        sizes: neurons in each layer, the inputs first.
        activation: the name of the hidden layers' function: "sigmoid", "tanh" or "relu".
        output: the name of the last layer's function: "sigmoid" or "softmax".
        cost: "squared_error" or "cross_entropy".
        init: "glorot" or "normal", see :meth:`.Network.random`.
        optimizer: any of :mod:`lessons_lib.engine.optimizers`.
        regularizers: any of :mod:`lessons_lib.engine.regularizers`.
        batch_size: examples a step.
        examples: how many of the training examples are used, from the first.
        epochs: how often to go through them.
        seed: for the first parameters and for the shuffling.

    Raises:
        ValueError: for a name that does not exist, or a number out of range.

    Example:
        >>> Settings(batch_size=10).network()
        Network(784-16-16-10, sigmoid, 13,002 parameters)
    """

    sizes: tuple[int, ...] = (784, 16, 16, 10)
    activation: str = "sigmoid"
    output: str = "sigmoid"
    cost: str = "squared_error"
    init: str = "glorot"
    optimizer: Optimizer = field(default_factory=SGD)
    regularizers: tuple = ()
    batch_size: int = 100
    examples: int = 60_000
    epochs: int = 5
    seed: int = 0

    def __post_init__(self):
        object.__setattr__(self, "sizes", checked_sizes(self.sizes))
        object.__setattr__(self, "regularizers", tuple(self.regularizers))
        known = {"activation": FUNCTIONS, "output": FUNCTIONS, "cost": COSTS, "init": ("glorot", "normal")}
        for name, choices in known.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {', '.join(choices)}")
        for name, least in {"batch_size": 1, "examples": 1, "epochs": 1, "seed": 0}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}; expected a whole number of at least {least}")

    @property
    def n_params(self) -> int:
        """How many weights and biases the network has."""
        return n_params(self.sizes)

    def network(self, rng: np.random.Generator | None = None) -> Network:
        """The untrained network; ``rng`` defaults to a new generator from the seed."""
        rng = np.random.default_rng(self.seed) if rng is None else rng
        f, g = FUNCTIONS[self.activation], FUNCTIONS[self.output]
        net = Network.random(self.sizes, rng=rng, activation=f, output=g, init=self.init)
        for regularizer in self.regularizers:
            net = regularizer.prepare(net)
        return net

    def data(self, dataset: Dataset) -> Dataset:
        """The part of a Dataset that is used."""
        return dataset if self.examples >= len(dataset) else dataset[: self.examples]

    def words(self) -> str:
        """The optimizer, and the settings that differ from the defaults, in a few words."""
        changed = [f.name for f in fields(self) if getattr(self, f.name) != getattr(DEFAULTS, f.name)]
        rest = [_words(name, getattr(self, name)) for name in changed if name not in ("optimizer", "epochs")]
        return ", ".join([_setting_words(self.optimizer), *rest])


DEFAULTS = Settings()


def _setting_words(thing):
    """Such as ``Momentum 0.2 (momentum 0.8)``: the first setting, and others that are not the default."""
    first, *rest = fields(thing)
    rest = [f"{f.name} {getattr(thing, f.name)}" for f in rest if getattr(thing, f.name) != f.default]
    value = getattr(thing, first.name)
    lead = f"{type(thing).__name__} {f'{value:.3g}' if isinstance(value, float) else value}"
    return lead + (f" ({', '.join(rest)})" if rest else "")


def _words(name, value):
    if name == "regularizers":
        return ", ".join(map(_setting_words, value))
    if name == "sizes":
        return "-".join(map(str, value))
    return {"output": "{} outputs", "batch_size": "batches of {:,}", "init": "{} start", "seed": "seed {}",
            "examples": "{:,} examples"}.get(name, "{}").format(value).replace("_", " ")  # fmt: skip
