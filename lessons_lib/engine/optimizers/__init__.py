"""Update rules. Each is a frozen dataclass that reads like its equation; see :class:`.Optimizer`."""

from lessons_lib.engine.optimizers.adaptive import Adam, RMSProp
from lessons_lib.engine.optimizers.base import Optimizer, Rows
from lessons_lib.engine.optimizers.conjugate_gradient import ConjugateGradient, LineSearch, Trial
from lessons_lib.engine.optimizers.descent import SGD, Momentum, Nesterov
from lessons_lib.engine.optimizers.few_directions import EntropyScaledMomentum, GradientPCA

__all__ = [
    "SGD",
    "Adam",
    "ConjugateGradient",
    "EntropyScaledMomentum",
    "GradientPCA",
    "LineSearch",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "Rows",
    "Trial",
]
