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

from functools import cached_property

import numpy as np

from lessons_lib.engine.functions import squared_error
from lessons_lib.engine.gradient import Gradient

BLOCK = 400  # rows handled at once: all their numbers stay in the processor's cache


class Trace:
    """Everything one forward pass computed.

    Attributes:
        x: (batch, n_in) the examples as given.
        z: one (batch, n_out) array a layer, the weighted sums.
    """

    def __init__(self, x, a, z):
        self.x, self._a, self.z = x, a, z

    @property
    def a(self):
        """The activations, the inputs first, one (batch, n) array a layer."""
        if self._a[0] is None:  # the inputs of many examples, as floats, are made only for those who ask
            return [floats(self.x, self.output.dtype), *self._a[1:]]
        return self._a

    @property
    def output(self):
        """(batch, n_out) the activations of the last layer."""
        return self._a[-1]

    def block(self, rows, room=None):
        """The Trace of some of the examples; ``room`` is for their pixels as floats."""
        inputs = floats(self.x[rows], self.output.dtype, room)
        return Trace(self.x[rows], [inputs, *_rows(self._a[1:], rows)], _rows(self.z, rows))


def forward(net, x):
    """Run the examples ``x`` through the network, keeping everything on the way.

    Args:
        net: a :class:`~lessons_lib.engine.network.Network`.
        x: (batch, n_in) floats, or uint8 pixels 0..255, which are read as 0..1.

    Returns:
        The :class:`Trace`.

    Raises:
        ValueError: if ``x`` has no rows, the wrong number of columns, or numbers that are not finite.

    Example:
        >>> from lessons_lib import Network
        >>> net = Network.random((3, 2), rng=np.random.default_rng(0))
        >>> forward(net, np.ones((5, 3))).output.shape
        (5, 2)
    """
    x = checked_inputs(net, x)
    if len(x) <= BLOCK:
        return Trace(x, *net.forward(floats(x, net.dtype)))
    room = np.empty((BLOCK, x.shape[1]), net.dtype)
    passes = [net.block(rows).forward(floats(x[rows], net.dtype, room)) for rows in blocks(len(x))]
    return Trace(x, [None, *_joined(a[1:] for a, _ in passes)], _joined(z for _, z in passes))


def backprop(net, trace, y, *, cost=squared_error):
    """Pass every example's wishes backward through the network.

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
    y = checked_targets(y, trace.output)
    if len(y) <= BLOCK:
        return Gradient(net, trace, net.backward(trace.a, trace.z, y, cost))
    deltas = [
        net.block(rows).backward([None, *_rows(trace._a[1:], rows)], _rows(trace.z, rows), y[rows], cost)
        for rows in blocks(len(y))
    ]
    return BlockGradient(net, trace, _joined(deltas))


def gradient(net, x, y, *, cost=squared_error, room=None):
    """:func:`forward` and :func:`backprop` in one, while a block of examples is in the processor's cache.

    Args:
        net, x, y, cost: as for :func:`forward` and :func:`backprop`.
        room: (rows, n_in) an array for a block of pixels as floats, to be used again and again.

    Returns:
        ``(cost, Gradient)``: the mean cost and its gradient, good until ``room`` is used again.

    Raises:
        ValueError: as :func:`forward` and :func:`backprop` do.
    """
    x, y = checked_inputs(net, x), np.asarray(y)
    return _gradient(net, x, y, cost, room)


def _gradient(net, x, y, cost, room=None):
    if len(x) <= BLOCK:
        a, z = net.forward(floats(x, net.dtype, room))
        grad = Gradient(net, Trace(x, a, z), net.backward(a, z, y, cost))
        return cost(a[-1], y, net.activations[-1], z[-1]), grad
    value, total = 0, np.zeros_like(net.params)
    room = np.empty((BLOCK, x.shape[1]), net.dtype) if room is None else room
    for rows in blocks(len(x)):
        part_value, part = _gradient(net.block(rows), x[rows], y[rows], cost, room)
        value += part_value * (len(part) / len(x))
        total += part.total()
    return value, SummedGradient(net, x, y, cost, total, part.trace)


class BlockGradient(Gradient):
    """The :class:`.Gradient` of more than one block of examples, which it adds up a block at a time."""

    def total(self, c=None):
        total, room = 0, np.empty((BLOCK, self.net.sizes[0]), self.net.dtype)
        for rows in blocks(len(self)):
            part = Gradient(self.net, self.trace.block(rows, room), _rows(self.deltas, rows))
            total += part.total(None if c is None else c[rows])
        return total


class SummedGradient(BlockGradient):
    """The :class:`.Gradient` of many examples whose sum is known; its factors are computed when asked for."""

    def __init__(self, net, x, y, cost, total, sample):
        self.net = net.with_params(net.params)  # a training goes on with its own
        self.x, self.y, self.cost, self.known, self.shared = x, y, cost, total, None
        self.sample = sample

    def __len__(self):
        return len(self.x)

    @cached_property
    def trace(self):
        return forward(self.net, self.x)

    @cached_property
    def deltas(self):
        return backprop(self.net, self.trace, self.y, cost=self.cost).deltas

    def total(self, c=None):
        return self.known.copy() if c is None else super().total(c)


def mean_cost(net, trace, y, cost=squared_error):
    """The mean cost over the examples of a trace, computed from its z where that is more exact."""
    y = checked_targets(y, trace.output)
    return cost(trace.output, y, net.activations[-1], trace.z[-1])


def blocks(n):
    """The slices that cut n rows into blocks."""
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]


def floats(x, dtype, out=None):
    """Examples as floating-point numbers, pixels 0..255 as 0..1; written to the first rows of ``out``."""
    if x.dtype != np.uint8:
        return x
    a = np.empty(x.shape, dtype) if out is None else out[: len(x)]
    np.copyto(a, x)
    a *= dtype.type(1 / 255)
    return a


def checked_inputs(net, x):
    """``x`` as an array the network can read, or a ``ValueError`` that says what is wrong with it."""
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != net.sizes[0] or not len(x):
        raise ValueError(f"x has shape {x.shape}; expected (batch, {net.sizes[0]}) with at least one example")
    if x.dtype == np.uint8:
        return x
    if not np.isfinite(x.sum()) and not np.isfinite(x).all():
        row = int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])
        raise ValueError(f"x holds a number that is not finite (NaN or infinity), first in example {row}")
    return x.astype(net.dtype, copy=False)


def checked_targets(y, output):
    """``y`` in the outputs' number type, or a ``ValueError`` where its shape differs."""
    y = np.asarray(y)
    if y.shape != output.shape:
        raise ValueError(f"y has shape {y.shape}; expected one row of targets an example, {output.shape}")
    return y.astype(output.dtype, copy=False)


def _rows(arrays, rows):
    return [array[rows] for array in arrays]


def _joined(blocks):
    """One array a layer, from a list of them for each block."""
    return [np.concatenate(arrays) for arrays in zip(*blocks, strict=True)]
