"""Update rules. Each is a frozen dataclass that reads like its equation; see :class:`Optimizer`."""

from lessons_lib.optimizers.adaptive import Adam, RMSProp
from lessons_lib.optimizers.base import Optimizer, Rows
from lessons_lib.optimizers.conjugate_gradient import ConjugateGradient, LineSearch, Trial
from lessons_lib.optimizers.pca import EntropyScaledMomentum, GradientPCA
from lessons_lib.optimizers.sgd import SGD, Momentum, Nesterov

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
