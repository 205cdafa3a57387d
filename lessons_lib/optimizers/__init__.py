"""Update rules. Each is a frozen dataclass that reads like its equation; see :class:`Optimizer`."""

from lessons_lib.optimizers.base import Optimizer
from lessons_lib.optimizers.sgd import SGD, Momentum, Nesterov

__all__ = ["SGD", "Momentum", "Nesterov", "Optimizer"]
