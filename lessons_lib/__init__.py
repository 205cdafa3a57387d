"""Backpropagation lessons: a network, its gradients and the ways to use them, in numpy alone.

Pictures live in :mod:`lessons_lib.panels`; importing this package loads no plotting or widget library.
"""

from lessons_lib.backprop import Trace, backprop, forward, numerical_gradient
from lessons_lib.data import Dataset, load_mnist
from lessons_lib.functions import cross_entropy, identity, relu, sigmoid, softmax, squared_error, tanh
from lessons_lib.gradient import Gradient
from lessons_lib.network import Network
from lessons_lib.optimizers import SGD
from lessons_lib.training import evaluate, train

__all__ = [
    "SGD",
    "Dataset",
    "Gradient",
    "Network",
    "Trace",
    "backprop",
    "cross_entropy",
    "evaluate",
    "forward",
    "identity",
    "load_mnist",
    "numerical_gradient",
    "relu",
    "sigmoid",
    "softmax",
    "squared_error",
    "tanh",
    "train",
]
