"""Backpropagation lessons: a network, its gradients and the ways to use them, in numpy alone.

Pictures live in :mod:`lessons_lib.panels`; importing this package loads no plotting or widget library.
"""

import logging
import sys

from lessons_lib.data.idx import load_idx
from lessons_lib.data.mnist import Dataset, load_mnist
from lessons_lib.engine.evaluation import evaluate
from lessons_lib.engine.functions import cross_entropy, identity, relu, sigmoid, softmax, squared_error, tanh
from lessons_lib.engine.gradient import Gradient
from lessons_lib.engine.network import Network
from lessons_lib.engine.numerical import numerical_gradient
from lessons_lib.engine.optimizers import SGD
from lessons_lib.engine.propagation import backprop, forward
from lessons_lib.engine.training import train

__version__ = "0.1.0"

if sys.platform == "emscripten":  # where matplotlib finds its fonts anew at each start, which is no fault
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

__all__ = [
    "SGD",
    "Dataset",
    "Gradient",
    "Network",
    "backprop",
    "cross_entropy",
    "evaluate",
    "forward",
    "identity",
    "load_idx",
    "load_mnist",
    "numerical_gradient",
    "relu",
    "sigmoid",
    "softmax",
    "squared_error",
    "tanh",
    "train",
]
