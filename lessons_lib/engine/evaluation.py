"""How a network does on examples it is tested with."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.engine.arrays import Array, Data, Images
from lessons_lib.engine.functions import Cost, squared_error
from lessons_lib.engine.network import Network
from lessons_lib.engine.propagation import forward, mean_cost


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How a network does on a set of examples.

    Attributes:
        cost: the mean cost.
        accuracy: the share of examples whose largest output is the label's, 0 to 1.
        confusion: (n_out, n_out) whole numbers; row = label, column = answer.
        predictions: (n,) the answers.
    """

    cost: float
    accuracy: float
    confusion: Array
    predictions: Array

    def __repr__(self) -> str:
        return f"Evaluation(cost={self.cost:.4f}, accuracy={self.accuracy:.2%})"


def evaluate(net: Network, data: Data, *, cost: Cost = squared_error) -> Evaluation:
    """Test a network.

    Args:
        net: the network.
        data: a Dataset, or a pair ``(x, y)`` as for :func:`.train`.
        cost: the cost to report.

    Returns:
        An :class:`Evaluation`.

    Raises:
        ValueError: for data that does not fit the network.

    Example:
        >>> from lessons_lib import Network
        >>> net = Network.random((3, 2), rng=np.random.default_rng(0))
        >>> evaluate(net, (np.ones((4, 3)), np.eye(2)[[0, 1, 1, 0]])).confusion.sum()
        np.int64(4)
    """
    x, y = arrays_of(data)
    trace = forward(net, x)
    value = float(mean_cost(net, trace, y, cost))
    answers, labels = trace.output.argmax(axis=1), y.argmax(axis=1)
    confusion = np.bincount(labels * y.shape[1] + answers, minlength=y.shape[1] ** 2).reshape(y.shape[1], -1)
    return Evaluation(value, float(np.mean(answers == labels)), confusion, answers)


def arrays_of(data: Data) -> tuple[Array, Array]:
    """``(x, y)`` of a Dataset, its inputs as pixels, or of a pair of arrays."""
    if isinstance(data, Images):
        return data.pixels, data.y
    if not isinstance(data, tuple | list) or len(data) != 2 or isinstance(data[0], Images):
        raise ValueError(
            f"data is of type {type(data).__name__}; expected one Dataset, such as mnist.test, or a "
            "pair (x, y) of inputs and targets"
        )
    x, y = data
    return np.asarray(x), np.asarray(y)
