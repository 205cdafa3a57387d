"""Ways to keep a network's weights in check, and to keep single neurons or layers from being relied on.

Pass any of them, in any order, to :func:`.train`:
``train(net, data, optimizer, rng=rng, regularizers=[L2(1e-4), Dropout(0.1)])``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from lessons_lib.engine.arrays import Array, Random
from lessons_lib.engine.functions import Activation
from lessons_lib.engine.network import Network
from lessons_lib.engine.residual import ResidualNetwork


class Regularizer:
    """What a regularizer may do to training; each subclass does one or two of these things."""

    def prepare(self, net: Network) -> Network:
        """The network to train: the one given, or a variant of it."""
        return net

    def thin(self, net: Network, batch: int, rng: Random) -> Network:
        """The network of this step, for ``batch`` examples: the one given, or one with parts left out."""
        return net

    def penalty(self, net: Network) -> tuple[float, Array] | None:
        """None, or ``(cost, gradient)``: a number added to the cost and its (n_params,) gradient."""
        return None

    def filter(self, net: Network, update: Array, index: int, rng: Random) -> Array:
        """The update (n_params,) that is really made at step ``index``."""
        return update


@dataclass(frozen=True)
class L2(Regularizer):
    """Adds λ Σ w² to the cost, so every step pulls every weight towards 0 in proportion to its size.

    The sum runs over the weights of all layers; biases are left alone, as they cannot make the network more
    sensitive to its input.

    Args:
        strength: λ. The default suits all of MNIST. The fewer examples, the more it helps: with 1,000 of
            them, a rate of 0.7 and batches of 10, 3e-4 raised test accuracy from 84.3 to 85.6 % (3 seeds).

    Raises:
        ValueError: if the strength is negative or not finite.

    Example:
        >>> from lessons_lib import Network
        >>> net = Network(np.array([3.0, -2.0, 5.0]), (2, 1))
        >>> cost, gradient = L2(0.1).penalty(net)
        >>> round(cost, 3), gradient
        (1.3, array([ 0.6, -0.4,  0. ]))

    Source: Krogh and Hertz, *A simple weight decay can improve generalization*, 1991.
    """

    strength: float = 1e-5

    def __post_init__(self) -> None:
        _check_strength(self.strength)

    def penalty(self, net: Network) -> tuple[float, Array] | None:
        cost = self.strength * sum(float(np.vdot(W, W)) for W in net.weights)
        return cost, _weights_only(net, lambda W: 2 * self.strength * W)


@dataclass(frozen=True)
class L1(Regularizer):
    """Adds ``λ Σ |w|`` to the cost, so every step pulls every weight towards 0 by the same amount.

    Weights that do little for the cost end near 0, the others stay. Biases are left alone, as in :class:`L2`.

    Args:
        strength: λ.

    Raises:
        ValueError: if the strength is negative or not finite.

    Example:
        >>> from lessons_lib import Network
        >>> net = Network(np.array([3.0, -2.0, 5.0]), (2, 1))
        >>> cost, gradient = L1(0.1).penalty(net)
        >>> round(cost, 3), gradient
        (0.5, array([ 0.1, -0.1,  0. ]))

    Source: Tibshirani, *Regression shrinkage and selection via the lasso*, 1996.
    """

    strength: float = 1e-5

    def __post_init__(self) -> None:
        _check_strength(self.strength)

    def penalty(self, net: Network) -> tuple[float, Array] | None:
        cost = self.strength * sum(float(np.abs(W).sum()) for W in net.weights)
        return cost, _weights_only(net, lambda W: self.strength * np.sign(W))


@dataclass(frozen=True)
class Dropout(Regularizer):
    """Silences each hidden neuron with probability ``rate``, drawn anew for every example and step.

    *Inverted* dropout: the neurons that stay are multiplied by 1 / (1 − rate), so that on average the next
    layer receives as much as before, and testing needs no change.

    Args:
        rate: the share silenced, 0 up to but not including 1. The usual 0.5 is meant for layers of hundreds
            of neurons; in layers of 16 it silences too much, hence the small default.

    Raises:
        ValueError: if the rate is outside its range.

    Example:
        >>> Dropout(0.5).mask((2, 4), np.random.default_rng(0), float)
        array([[2., 2., 2., 0.],
               [0., 0., 0., 0.]])

    Source: Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, 2014.
    """

    rate: float = 0.05

    def __post_init__(self) -> None:
        _check_rate(self.rate)

    def thin(self, net: Network, batch: int, rng: Random) -> Network:
        *hidden, output = net.activations
        masks = [self.mask((batch, width), rng, net.dtype) for width in net.sizes[1:-1]]
        return net.with_activations([*map(Masked, hidden, masks), output])

    def mask(self, shape: tuple[int, int], rng: Random, dtype: DTypeLike) -> Array:
        """(batch, n) what each neuron's activation is multiplied by: 0, or 1 / (1 − rate)."""
        kept = rng.random(shape, dtype=np.float32) >= self.rate
        return kept.astype(dtype) / (1 - self.rate)


class Masked(Activation):
    """An activation f times a mask (batch, n): m f(z), with the slope m f′(z)."""

    def __init__(self, f: Activation, mask: Array) -> None:
        self.f, self.mask = f, mask

    def __call__(self, z: Array) -> Array:
        return self.mask * self.f(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return self.mask * self.f.derivative(z, self.f(z))

    def backward(self, slope: Array, z: Array, a: Array) -> Array:
        return self.f.backward(self.mask * slope, z, self.f(z))

    def block(self, rows: slice) -> Activation:
        return Masked(self.f, self.mask[rows])


@dataclass(frozen=True)
class StochasticDepth(Regularizer):
    """Skips each residual layer with probability ``rate``, drawn anew for every step.

    A skipped layer hands its input on: a_(l+1) = a_l + kept · f(z_l), with kept 0 or 1. For testing f(z_l)
    is multiplied by the share of steps in which it took part, 1 − rate. All layers share
    one rate.

    ``prepare`` makes hidden layers residual where their widths match, in a network that is not residual yet.
    Residual layers add up, so they need a smaller learning rate: for SGD over batches of 100, about 2 with
    one of them and 0.5 with four.

    Args:
        rate: how often a layer is skipped, 0 up to but not including 1.

    Raises:
        ValueError: if the rate is outside its range, or no hidden layer is as wide as the one before.

    Example:
        >>> from lessons_lib import Network
        >>> rng = np.random.default_rng(0)
        >>> net = StochasticDepth(0.2).prepare(Network.random((3, 4, 4, 2), rng=rng))
        >>> net.gains
        (None, 0.8, None)

    Source: Huang et al., *Deep networks with stochastic depth*, 2016.
    """

    rate: float = 0.2

    def __post_init__(self) -> None:
        _check_rate(self.rate)

    def prepare(self, net: Network) -> Network:
        f, output = net.activations[0], net.activations[-1]
        net = ResidualNetwork(net.params, net.sizes, f, output, gain=1 - self.rate)
        if not any(net.gains):
            raise ValueError(
                f"no hidden layer of {net.sizes} is as wide as the layer before it, so none can be skipped; "
                "use equal widths, such as (784, 16, 16, 10)"
            )
        return net

    def thin(self, net: Any, batch: int, rng: Random) -> Network:
        return net.with_gains(
            None if gain is None else float(rng.random() >= self.rate) for gain in net.gains
        )


@dataclass(frozen=True)
class LayerFreezing(Regularizer):
    """In each step some layers do not learn, so the others cannot count on them moving along.

    With rotation it is sometimes called rotated locking. The cost and its gradient are those of the whole
    network; a frozen layer's part of the update is left out. An optimizer's velocity goes on underneath.

    Args:
        layers: ``"random"``, layers drawn anew for every step; ``"rotating"``, neighbouring layers taking
            turns; or the numbers of the layers that never learn, such as ``(0,)``.
        count: how many are frozen at a time, for ``"random"`` and ``"rotating"``.

    Raises:
        ValueError: if a layer does not exist, or none would be left to learn.

    Example:
        >>> from lessons_lib import Network
        >>> net = Network.random((2, 1, 1), rng=np.random.default_rng(0))
        >>> LayerFreezing((0,)).filter(net, np.ones(5), 0, None)
        array([0., 0., 0., 1., 1.])

    Source: training a part of the layers at a time is the idea of Brock et al., *FreezeOut: accelerate
    training by progressively freezing layers*, 2017.
    """

    layers: str | tuple[int, ...] = "random"
    count: int = 1

    def __post_init__(self) -> None:
        if isinstance(self.layers, str):
            if self.layers not in ("random", "rotating"):
                raise ValueError(
                    f"layers is {self.layers!r}; expected 'random', 'rotating' or a tuple of layer numbers"
                )
        else:
            object.__setattr__(self, "layers", tuple(self.layers))
        if self.count != int(self.count) or self.count < 1:
            raise ValueError(f"count is {self.count}; expected a whole number of at least 1")

    def prepare(self, net: Network) -> Network:
        n, fixed = len(net.weights), set() if isinstance(self.layers, str) else set(self.layers)
        if not fixed <= set(range(n)):
            raise ValueError(f"layers is {self.layers}; this network has layers 0 to {n - 1}")
        count = self.count if isinstance(self.layers, str) else len(fixed)
        if count >= n:
            raise ValueError(f"{count} of {n} layers would be frozen; leave at least one to learn")
        return net

    def frozen(self, n: int, index: int, rng: Random) -> Iterable[int]:
        """The numbers of the frozen layers, of ``n``, at step ``index``."""
        if self.layers == "random":
            return rng.choice(n, self.count, replace=False)
        if isinstance(self.layers, str):  # rotating
            return [(index + turn) % n for turn in range(self.count)]
        return self.layers

    def filter(self, net: Network, update: Array, index: int, rng: Random) -> Array:
        update = update.copy()
        layers = net.split(update)
        for layer in self.frozen(len(layers), index, rng):
            W, b = layers[layer]
            W[:], b[:] = 0, 0
        return update


def _weights_only(net: Network, slope: Callable[[Array], Array]) -> Array:
    """(n_params,) with ``slope(W)`` at the weights and 0 at the biases."""
    gradient = np.zeros_like(net.params)
    for (part, _), W in zip(net.split(gradient), net.weights, strict=True):
        part[:] = slope(W)
    return gradient


def _check_strength(strength: float) -> None:
    if not (np.isfinite(strength) and strength >= 0):
        raise ValueError(f"strength is {strength}; expected a finite number of at least 0, such as 1e-4")


def _check_rate(rate: float) -> None:
    if not 0 <= rate < 1:
        raise ValueError(f"rate is {rate}; expected a share of at least 0 and below 1, such as 0.2")
