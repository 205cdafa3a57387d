"""Forward and backward: :func:`forward` gives a :class:`Trace`, :func:`backprop` a :class:`.Gradient`.

For one layer l, with a_0 = x, example by example:

    forward     z_l = a_l W_lᵀ + b_l             a_(l+1) = f(z_l)
    backward    δ_last = ∂C/∂z_last              δ_l = (δ_(l+1) W_(l+1)) ∘ f′(z_l)
    gradient    ∂C/∂W_l = δ_lᵀ a_l               ∂C/∂b_l = δ_l

:meth:`Network.forward <lessons_lib.engine.network.Network.forward>` and ``Network.backward`` are these lines.
What stands here goes around them: checks, pixels as floats, and many examples a block at a time.

Source of the four equations: Rumelhart, Hinton and Williams, *Learning representations by back-propagating
errors*, Nature 323 (1986); in this notation Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2.
"""

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lessons_lib.engine.arrays import Array, Arrays, Images
from lessons_lib.engine.functions import Cost, squared_error
from lessons_lib.engine.gradient import Gradient
from lessons_lib.engine.network import Network
from lessons_lib.engine.threads import one_thread

BLOCK = 400  # rows handled at once: all their numbers stay in the processor's cache
BRIGHT = 50  # inputs from 0 to a number between this and 255 are grey levels that were not scaled


class Trace:
    """Everything one forward pass computed.

    Args:
        x: (batch, n_in) the examples as given.
        outputs: one (batch, n_out) array a layer, its activations.
        z: one (batch, n_out) array a layer, the weighted sums.
        inputs: ``x`` as floats, if they are at hand; those of many examples are made for whoever asks.
    """

    def __init__(self, x: Array, outputs: Arrays, z: Arrays, inputs: Array | None = None) -> None:
        self.x, self.outputs, self.z, self._inputs = x, outputs, z, inputs

    @property
    def a(self) -> Arrays:
        """The activations, the inputs first, one (batch, n) array a layer."""
        inputs = floats(self.x, self.output.dtype) if self._inputs is None else self._inputs
        return [inputs, *self.outputs]

    @property
    def output(self) -> Array:
        """(batch, n_out) the activations of the last layer."""
        return self.outputs[-1]


@one_thread
def forward(net: Network, x: ArrayLike) -> Trace:
    """Run the examples ``x`` through the network, keeping everything on the way.

    Args:
        net: a :class:`~lessons_lib.engine.network.Network`.
        x: (batch, n_in) floats, or uint8 pixels 0..255, which are read as 0..1. Grey levels 0..255 of another
            type are refused; ``Network.forward`` takes any numbers.

    Returns:
        The :class:`Trace`.

    Raises:
        ValueError: if ``x`` has no rows, the wrong number of columns, numbers that are not finite or not
            real, or whole numbers above 1 or grey levels 0..255 that are not uint8.

    Example:
        >>> from lessons_lib import Network
        >>> net = Network.random((3, 2), rng=np.random.default_rng(0))
        >>> forward(net, np.ones((5, 3))).output.shape
        (5, 2)
    """
    x = checked_inputs(net, x)
    if len(x) <= BLOCK:
        return _forward(net, x)
    room = np.empty((BLOCK, x.shape[1]), net.dtype)
    parts = [_forward(net.block(rows), x[rows], room) for rows in blocks(len(x))]
    return Trace(x, _joined(part.outputs for part in parts), _joined(part.z for part in parts))


@one_thread
def backprop(net: Network, trace: Trace, y: ArrayLike, *, cost: Cost = squared_error) -> Gradient:
    """Pass the slopes of every example's cost backward through the network.

    Args:
        net: the network that made ``trace``.
        trace: what :func:`forward` kept.
        y: (batch, n_out) the outputs wanted.
        cost: ``squared_error`` or ``cross_entropy`` of :mod:`lessons_lib.engine.functions`.

    Returns:
        The :class:`.Gradient`: ∂C/∂(every parameter) for every example.

    Raises:
        ValueError: if ``y`` has another shape than the outputs.

    Example:
        >>> from lessons_lib import Network
        >>> net = Network.random((3, 2), rng=np.random.default_rng(0))
        >>> trace = forward(net, np.ones((5, 3)))
        >>> backprop(net, trace, np.zeros((5, 2))).mean().shape
        (8,)
    """
    y = checked_targets(net, y, len(trace.x))
    if len(y) <= BLOCK:
        return Gradient(net, trace, net.backward(trace.a, trace.z, y, cost))
    a = [trace.x, *trace.outputs]  # the way back does not read the inputs
    deltas = [
        net.block(rows).backward(_rows(a, rows), _rows(trace.z, rows), y[rows], cost)
        for rows in blocks(len(y))
    ]
    return BlockGradient(net, trace, _joined(deltas))


def gradient(
    net: Network, x: ArrayLike, y: ArrayLike, *, cost: Cost = squared_error, room: Array | None = None
) -> tuple[float, Gradient]:
    """:func:`forward` and :func:`backprop` in one, while a block of examples is in the processor's cache.

    Args:
        net, x, y, cost: as for :func:`forward` and :func:`backprop`.
        room: (rows, n_in) an array for a block of pixels as floats, to be used again and again.

    Returns:
        ``(cost, Gradient)``: the mean cost and its gradient, good until ``room`` is used again.

    Raises:
        ValueError: as :func:`forward` and :func:`backprop` do.
    """
    x = checked_inputs(net, x)
    return gradient_of_checked(net, x, checked_targets(net, y, len(x)), cost, room)


def gradient_of_checked(
    net: Network, x: Array, y: Array, cost: Cost, room: Array | None
) -> tuple[float, Gradient]:
    """:func:`gradient` of examples that have been checked, as those of a training are."""
    if len(x) <= BLOCK:
        return _gradient(net, x, y, cost, room)
    value, total = 0.0, np.zeros_like(net.params)
    first_z: Arrays = []
    room = np.empty((BLOCK, x.shape[1]), net.dtype) if room is None else room
    for rows in blocks(len(x)):
        part_value, part = _gradient(net.block(rows), x[rows], y[rows], cost, room)
        value += part_value * len(part) / len(x)
        total += part.total()
        first_z = first_z or part.first_z
    return value, SummedGradient(net, x, y, cost, total, first_z)


def _forward(net: Network, x: Array, room: Array | None = None) -> Trace:
    a, z = net.forward(floats(x, net.dtype, room))
    return Trace(x, a[1:], z, inputs=a[0])


def _gradient(net: Network, x: Array, y: Array, cost: Cost, room: Array | None) -> tuple[float, Gradient]:
    trace = _forward(net, x, room)
    grad = Gradient(net, trace, net.backward(trace.a, trace.z, y, cost))
    return cost(trace.output, y, net.activations[-1], trace.z[-1]), grad


class BlockGradient(Gradient):
    """The :class:`.Gradient` of more than one block of examples, which it adds up a block at a time."""

    def total(self, c: Array | None = None) -> Array:
        total, room = np.zeros_like(self.net.params), np.empty((BLOCK, self.net.sizes[0]), self.net.dtype)
        for rows in blocks(len(self)):
            inputs = floats(self.trace.x[rows], self.net.dtype, room)
            trace = Trace(inputs, _rows(self.trace.outputs, rows), _rows(self.trace.z, rows), inputs)
            part = Gradient(self.net, trace, _rows(self.deltas, rows))
            total += part.total(None if c is None else c[rows])
        return total


class SummedGradient(BlockGradient):
    """The :class:`.Gradient` of many examples whose sum is known; the rest is computed for whoever asks."""

    def __init__(self, net: Network, x: Array, y: Array, cost: Cost, known: Array, first_z: Arrays) -> None:
        self.net = net.with_params(net.params)  # a training goes on with its own
        self.x, self.y, self.cost, self.known, self.first_z = x, y, cost, known, first_z
        self.penalty = None

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def trace(self) -> Trace:  # type: ignore[override]  # an attribute of the others
        return forward(self.net, self.x)

    @cached_property
    def deltas(self) -> Arrays:  # type: ignore[override]
        return backprop(self.net, self.trace, self.y, cost=self.cost).deltas

    def total(self, c: Array | None = None) -> Array:
        return self.known.copy() if c is None else super().total(c)


def mean_cost(net: Network, trace: Trace, y: ArrayLike, cost: Cost = squared_error) -> Any:
    """The mean cost over the examples of a trace, computed from its z where that is more exact."""
    y = checked_targets(net, y, len(trace.x))
    return cost(trace.output, y, net.activations[-1], trace.z[-1])


def blocks(n: int) -> list[slice]:
    """The slices that cut n rows into blocks."""
    return [slice(start, start + BLOCK) for start in range(0, n, BLOCK)]


def floats(x: Array, dtype: np.dtype[Any], out: Array | None = None) -> Array:
    """Examples as floating-point numbers, pixels 0..255 as 0..1; written to the first rows of ``out``."""
    if x.dtype != np.uint8:
        return x
    a = np.empty(x.shape, dtype) if out is None else out[: len(x)]
    np.copyto(a, x)
    a *= dtype.type(1 / 255)
    return a


def checked_inputs(net: Network, x: ArrayLike) -> Array:
    """``x`` as an array the network can read, or a ``ValueError`` that says what is wrong with it."""
    if type(x) is not np.ndarray:  # no look for pixels in each step of a training
        if isinstance(x, Images):
            raise ValueError(f"x is a {type(x).__name__}; pass its .pixels")
        x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != net.sizes[0] or not len(x):
        raise ValueError(f"x has shape {x.shape}; expected (batch, {net.sizes[0]}) with at least one example")
    if x.dtype == np.uint8:
        return x
    if x.dtype.kind not in "fbiuO":
        raise ValueError(f"x has numbers of type {x.dtype}; a network reads real ones, such as floats 0..1")
    low, high = x.min(), x.max()
    if not math.isfinite(low) or not math.isfinite(high):
        row = int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])
        raise ValueError(f"x holds a number that is not finite (NaN or infinity), first in example {row}")
    # not converted, as no one could tell this of a dark batch
    if high > 1 and (x.dtype.kind in "iu" or (low >= 0 and BRIGHT < high <= 255)):
        top = max(255, high)
        raise ValueError(
            f"x has numbers from {low:g} to {high:g}, of type {x.dtype}; these look like grey levels "
            f"0..{top:g}, and a network reads 0..1. Divide them by {top:g}, or, for whole numbers 0..255, "
            "write x.astype(np.uint8)"
        )
    return x.astype(net.dtype, copy=False)


def checked_targets(net: Network, y: ArrayLike, batch: int) -> Array:
    """``y`` in the network's number type, or a ``ValueError`` where it is not one row an example."""
    y, shape = np.asarray(y), (batch, net.sizes[-1])
    if y.shape != shape:
        raise ValueError(f"y has shape {y.shape}; expected one row of targets an example, {shape}")
    return y.astype(net.dtype, copy=False)


def _rows(arrays: Arrays, rows: slice) -> Arrays:
    return [array[rows] for array in arrays]


def _joined(blocks: Iterable[Arrays]) -> Arrays:
    """One array a layer, from those of each block."""
    return [np.concatenate(arrays) for arrays in zip(*blocks, strict=True)]
