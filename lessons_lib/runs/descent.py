"""`descend`: training over batches of any origin, where `train` shuffles a Dataset."""

from collections.abc import Iterable, Iterator

from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.functions import squared_error
from lessons_lib.engine.network import Network
from lessons_lib.engine.optimizers import Optimizer
from lessons_lib.engine.propagation import backprop, forward


def descend(
    net: Network, optimizer: Optimizer, batches: Iterable[Dataset], *, cost=squared_error
) -> Iterator[Network]:
    """Make one step for each batch.

    Args:
        net: the network to start from.
        optimizer: the update rule; one that searches along a line needs :func:`lessons_lib.train`.
        batches: the examples of each step.
        cost: the cost to bring down.

    Returns:
        An iterator of the network after each step.

    Example:
        >>> import numpy as np
        >>> from lessons_lib import SGD, Network, load_mnist
        >>> digits, net = load_mnist().test, Network.random((784, 10), rng=np.random.default_rng(0))
        >>> len(list(descend(net, SGD(1.0), [digits[:5], digits[2:9]])))
        2
    """
    state = optimizer.init(net.params)
    for batch in batches:
        grad = backprop(net, forward(net, batch.pixels), batch.y, cost=cost)
        update, state = optimizer.update(grad, state, net.params)
        net = net.with_params(net.params + update)
        yield net
