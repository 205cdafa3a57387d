"""Residual networks: layers that add to what they get, in place of replacing it."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Self

from numpy.typing import ArrayLike

from lessons_lib.engine.arrays import Array, Arrays
from lessons_lib.engine.functions import Activation, Cost, sigmoid
from lessons_lib.engine.network import Network


class ResidualNetwork(Network):
    """A :class:`.Network` in which hidden layers add their input: a_(l+1) = a_l + gain · f(z_l).

    Every hidden layer that is as wide as the one before it is such a *residual* layer.

    Args:
        params, sizes, activation, output: as for :class:`.Network`.
        gain: what f(z_l) is multiplied by in the residual layers.

    Example:
        >>> import numpy as np
        >>> ResidualNetwork.random((4, 3, 3, 2), rng=np.random.default_rng(0)).gains
        (None, 1.0, None)

    Source: He et al., *Deep Residual Learning for Image Recognition*, 2016.
    """

    def __init__(
        self,
        params: ArrayLike,
        sizes: Iterable[int],
        activation: Activation = sigmoid,
        output: Activation | None = None,
        gain: float = 1.0,
    ) -> None:
        super().__init__(params, sizes, activation, output)
        hidden = pairwise(self.sizes[:-1])
        self._gains = (*(gain if n_in == n_out else None for n_in, n_out in hidden), None)

    @property
    def gains(self) -> tuple[float | None, ...]:
        """What f(z) is multiplied by in each layer; None where the layer is not residual."""
        return self._gains

    def with_gains(self, gains: Iterable[float | None]) -> Self:
        """The same network, over the same parameters, with other gains, one a layer."""
        net = self._variant()
        net._gains = tuple(gains)
        return net

    def forward(self, x: Array) -> tuple[Arrays, Arrays]:
        """As :meth:`.Network.forward`; a residual layer adds to its input."""
        a, z = [x], []
        for (W, b, f), gain in zip(self.layers, self.gains, strict=True):
            z.append(a[-1] @ W.T + b)
            a.append(f(z[-1]) if gain is None else a[-1] + gain * f(z[-1]))
        return a, z

    def backward(self, a: Arrays, z: Arrays, y: Array, cost: Cost) -> Arrays:
        """As :meth:`.Network.backward`; a residual layer also hands the slope around itself, unchanged."""
        deltas, around = [cost.delta(a[-1], y, self.activations[-1], z[-1])], 0
        for layer in reversed(range(len(self.layers) - 1)):
            f, gain = self.activations[layer], self.gains[layer]
            slope = deltas[0] @ self.weights[layer + 1] + around
            around = 0 if gain is None else slope
            slope_f = slope if gain is None else gain * slope
            deltas.insert(0, f.backward(slope_f, z[layer], f(z[layer])))
        return deltas
