"""The lessons' network at three ages: many effects differ between a new network and a trained one."""

from collections.abc import Mapping

import numpy as np

from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.functions import sigmoid
from lessons_lib.engine.network import Network
from lessons_lib.engine.optimizers import SGD
from lessons_lib.engine.training import train

STAGES = {"untrained": 0, "after one epoch": 1, "trained": 20}  # name -> epochs


def sizes_for(data: Dataset) -> tuple[int, ...]:
    """The sizes of the lessons' network for these data: two hidden layers of 16 between pixels and classes.

    Example:
        >>> from lessons_lib import load_mnist
        >>> sizes_for(load_mnist().test)
        (784, 16, 16, 10)
    """
    return (data.pixels.shape[1], 16, 16, data.classes)


def stages(data: Dataset, *, seed: int = 0, epochs: Mapping[str, int] = STAGES) -> dict[str, Network]:
    """Train the lessons' network, 784-16-16-10 for MNIST, and keep it at each stage.

    Args:
        data: the training set, such as ``load_mnist().train``.
        seed: the same seed gives the same networks.
        epochs: name -> number of epochs after which the network is kept, in rising order.

    Returns:
        name -> network. Batches of 100 at a learning rate of 4; the default takes 20 epochs, two to four
        seconds.

    Raises:
        ValueError: for data that does not fit the network.

    Example:
        >>> from lessons_lib import load_mnist
        >>> nets = stages(load_mnist().test[:200], epochs={"new": 0, "old": 2})
        >>> list(nets), nets["new"].sizes
        (['new', 'old'], (784, 16, 16, 10))
    """
    rng = np.random.default_rng(seed)
    net, done, kept = Network.random(sizes_for(data), rng=rng, activation=sigmoid), 0, {}
    for name, goal in epochs.items():
        if goal > done:
            for step in train(net, data, SGD(4.0), batch_size=100, epochs=goal - done, rng=rng):
                pass
            net, done = step.net, goal
        kept[name] = net
    return kept
