"""Forward and backward: :func:`forward` gives a :class:`Trace`, :func:`backprop` a :class:`Gradient`.

For one layer l, with a_0 = x, example by example:

    forward     z_l = a_l W_lᵀ + b_l             a_(l+1) = f(z_l)
    backward    δ_last = ∂C/∂z_last              δ_l = (δ_(l+1) W_(l+1)) ∘ f′(z_l)
    gradient    ∂C/∂W_l = δ_lᵀ a_l               ∂C/∂b_l = δ_l

Source of the four equations: Rumelhart, Hinton and Williams, *Learning representations by back-propagating
errors*, Nature 323 (1986); in this notation Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2.
"""

import math

import numpy as np

from lessons_lib.functions import squared_error
from lessons_lib.gradient import BLOCK, Gradient, blocks

TILE = 50  # rows of one matrix product: BLAS is faster on several of these than on one tall matrix


def forward(net, x, *, gains=None, out=None):
    """Run the examples ``x`` through the network, keeping everything on the way.

    Args:
        net: a :class:`~lessons_lib.network.Network`.
        x: (batch, n_in) floats, or uint8 pixels 0..255, which are read as 0..1.
        gains: one entry a layer, what f(z) is multiplied by: None, a number, or (batch, n_out). Dropout
            masks and skipped blocks are gains.
        out: a :class:`Trace` of the same network and batch size to overwrite.

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
    trace = (Trace(net, len(x)) if out is None else out).of(net, x, gains)
    for rows, sums in trace.blocks:
        a = trace.counts(rows)
        for layer, ((z, h), W, b, f) in enumerate(
            zip(sums, net.weights, net.biases, net.activations, strict=True)
        ):
            row_product(a, W.T, out=z)
            if layer == 0 and trace.unit != 1:
                z *= trace.unit
            z += b
            f(z, out=h)
            a = h if trace.plain else trace.passed(layer, rows, a, h)
    return trace


def backprop(net, trace, y, *, cost=squared_error):
    """Pass every example's wishes backward through the network.

    Args:
        net: the network that made ``trace``.
        trace: what :func:`forward` kept.
        y: (batch, n_out) the outputs wanted.
        cost: :data:`~lessons_lib.functions.squared_error` or :data:`~lessons_lib.functions.cross_entropy`.

    Returns:
        The :class:`Gradient`: ∂C/∂(every parameter) for every example. It reads the trace, so it is good
        until that is overwritten.

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
    deltas = [None] * len(net.weights)
    deltas[-1] = cost.delta(trace.output, y, net.activations[-1], trace.z[-1])
    wish = None  # ∂C/∂a: what the layers above ask of a layer's activations
    for layer in reversed(range(len(deltas) - 1)):
        passed = wish if net.skips[layer + 1] else None
        wish = row_product(deltas[layer + 1], net.weights[layer + 1])
        if passed is not None:  # a residual layer also hands the request on, unchanged
            wish += passed
        gain = trace.gains[layer]
        asked = wish if gain is None else wish * gain
        deltas[layer] = net.activations[layer].backward(asked, trace.z[layer], trace.h[layer])
    return Gradient(net, trace, deltas)


class Trace:
    """Everything one forward pass computed; good until it is passed to ``forward`` again.

    Attributes:
        x: (batch, n_in) the examples as given.
        z: one (batch, n_out) array a layer, the weighted sums.
        h: one (batch, n_out) array a layer, f(z); the same array as the next ``a`` in an ordinary layer.
        gains: one entry a layer, what ``h`` is multiplied by; None where it is 1.
        skips: one entry a layer, whether it is residual.
        plain: whether every layer passes on ``h`` itself.
        unit: what one count of ``x`` is worth, 1/255 for pixels.
        blocks: the rows of each block, with views of their z and h.
        scratch: (n_params,) room for a sum of gradients, with its layers in ``scratch_layers``.
    """

    def __init__(self, net, batch):
        self.z = tuple(np.empty((batch, n), net.dtype) for n in net.sizes[1:])
        self.h = tuple(np.empty((batch, n), net.dtype) for n in net.sizes[1:])
        self.blocks = [
            (rows, [(z[rows], h[rows]) for z, h in zip(self.z, self.h, strict=True)])
            for rows in blocks(batch)
        ]
        self.scratch = aligned((net.n_params,), net.dtype)
        self.scratch_layers = [(W, b[None]) for W, b in net.split(self.scratch)]
        self._floats = aligned((min(batch, BLOCK), net.sizes[0]), net.dtype)

    def of(self, net, x, gains=None):
        """Point the trace at other examples, before they are run."""
        self.x, self._held = checked_inputs(net, x), None
        if len(self.x) != len(self.z[0]):
            raise ValueError(f"out is a trace of {len(self.z[0])} examples; x has {len(self.x)}")
        self.unit = 1 / 255 if self.x.dtype == np.uint8 else 1
        self.gains, self.skips = net.gains if gains is None else tuple(gains), net.skips
        self.plain = gains is None and not net.residual
        self._hidden = list(self.h)
        return self

    @property
    def a(self):
        """One (batch, n) array a layer, the inputs first: the activations."""
        x = self.x if self.unit == 1 else np.multiply(self.x, self.unit, dtype=self._floats.dtype)
        return (x, *self._hidden)

    @property
    def output(self):
        """(batch, n_out) the activations of the last layer."""
        return self._hidden[-1]

    def hidden(self, layer):
        """(batch, n_out) what ``layer`` passes on: ``a[layer + 1]``."""
        return self._hidden[layer]

    def counts(self, rows):
        """The ``rows`` (a slice) of ``x`` as floats in steps of ``unit``: pixels count 0 to 255."""
        if self.unit == 1:
            return self.x[rows]
        if rows != self._held:
            self._held, self._kept = rows, self._floats[: rows.stop - rows.start]
            np.copyto(self._kept, self.x[rows])
        return self._kept

    def passed(self, layer, rows, a, h):
        """What a layer passes on: ``h``, times its gain, plus its input where the layer is residual."""
        gain, skip = self.gains[layer], self.skips[layer]
        if gain is None and not skip:
            return h
        if self._hidden[layer] is self.h[layer]:
            self._hidden[layer] = np.empty_like(self.h[layer])
        passed = self._hidden[layer][rows]
        passed[:] = h if gain is None else h * (gain[rows] if np.ndim(gain) else gain)
        if skip:
            passed += a if layer else a * self.unit
        return passed


def aligned(shape, dtype):
    """An empty array that begins on a cache line, from which BLAS reads up to a third faster."""
    dtype, line = np.dtype(dtype), 64
    room = np.empty(math.prod(shape) * dtype.itemsize + line, np.uint8)
    start = -room.ctypes.data % line
    return room[start : room.size - line + start].view(dtype).reshape(shape)


def row_product(a, b, out=None):
    """``a @ b``, ``TILE`` rows of ``a`` at a time where it is wide and they divide evenly."""
    rows, width = a.shape
    if width < 2 * TILE or rows % TILE:
        return np.matmul(a, b, out=out)
    tiles = None if out is None else out.reshape(rows // TILE, TILE, -1)
    return np.matmul(a.reshape(rows // TILE, TILE, -1), b, out=tiles).reshape(rows, -1)


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


def numerical_gradient(net, x, y, *, cost=squared_error, method="central", h=None, indices=None):
    """The gradient of the mean cost, measured: wiggle one parameter at a time and see what the cost does.

    ``method="central"``: (C(w + h) − C(w − h)) / 2h, with an error of order h² and rounding of order ε/h.
    ``method="complex"``: Im C(w + ih) / h, which subtracts nothing and is exact to rounding for tiny h
    (Squire and Trapp, *Using complex variables to estimate derivatives of real functions*, SIAM Review 40,
    1998).

    Args:
        net, x, y, cost: as for :func:`forward` and :func:`backprop`; float64 networks give the sharpest
            answer.
        h: the wiggle; 1e-5 for central differences and 1e-30 for the complex step unless given.
        indices: which parameters; all of them unless given.

    Returns:
        (n_params,), or (len(indices),) the measured slopes.

    Raises:
        ValueError: for an unknown method or a wiggle that is not positive.

    Example:
        >>> from lessons_lib import Network
        >>> net = Network.random((3, 2), rng=np.random.default_rng(0), dtype=np.float64)
        >>> x, y = np.ones((5, 3)), np.zeros((5, 2))
        >>> np.allclose(numerical_gradient(net, x, y), backprop(net, forward(net, x), y).mean())
        True
    """
    if method not in ("central", "complex"):
        raise ValueError(f"method is {method!r}; expected 'central' or 'complex'")
    h = (1e-30 if method == "complex" else 1e-5) if h is None else h
    if not h > 0:
        raise ValueError(f"h is {h}; expected a positive wiggle")
    step = 1j * h if method == "complex" else h
    params = net.params.astype(np.result_type(net.dtype, type(step)))
    wiggled = net.with_params(params, copy=False)

    def cost_at(i, value):
        kept, params[i] = params[i], value
        here = mean_cost(wiggled, forward(wiggled, x), y, cost)
        params[i] = kept
        return here

    def slope(i):
        if method == "complex":
            return cost_at(i, params[i] + step).imag / h
        return (cost_at(i, params[i] + h) - cost_at(i, params[i] - h)) / (2 * h)

    return np.array([slope(i) for i in (range(net.n_params) if indices is None else indices)])


def mean_cost(net, trace, y, cost=squared_error):
    """The mean cost over the examples of a trace, computed from its z where that is more exact."""
    y = checked_targets(y, trace.output)
    return cost(trace.output, y, net.activations[-1], trace.z[-1])
