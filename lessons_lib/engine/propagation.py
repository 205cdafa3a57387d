"""Forward and backward: :func:`forward` gives a :class:`Trace`, :func:`backprop` a :class:`Gradient`.

For one layer l, with a_0 = x, example by example:

    forward     z_l = a_l W_lᵀ + b_l             a_(l+1) = f(z_l)
    backward    δ_last = ∂C/∂z_last              δ_l = (δ_(l+1) W_(l+1)) ∘ f′(z_l)
    gradient    ∂C/∂W_l = δ_lᵀ a_l               ∂C/∂b_l = δ_l

Source of the four equations: Rumelhart, Hinton and Williams, *Learning representations by back-propagating
errors*, Nature 323 (1986); in this notation Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2.
"""

import numpy as np

from lessons_lib.engine.functions import squared_error
from lessons_lib.engine.gradient import BlockGradient, Gradient
from lessons_lib.engine.trace import Trace, row_product


def forward(net, x, *, gains=None, out=None):
    """Run the examples ``x`` through the network, keeping everything on the way.

    Args:
        net: a :class:`~lessons_lib.engine.network.Network`.
        x: (batch, n_in) floats, or uint8 pixels 0..255, which are read as 0..1.
        gains: one entry a layer, what f(z) is multiplied by: None, a number, or (batch, n_out); None in the
            last layer. Dropout masks and skipped blocks are gains.
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
    for _, part in trace.parts or [(None, trace)]:
        propagate(net, part)
    return trace


def propagate(net, trace):
    """Run the examples that ``trace`` points at through the layers."""
    a = trace.counts()
    for layer, (W, b, f) in enumerate(zip(net.weights, net.biases, net.activations, strict=True)):
        z = row_product(a, W.T, out=trace.z[layer])
        if not layer:
            trace.worth(z, out=z)
        z += b
        h = f(z, out=trace.h[layer])
        a = h if trace.plain else trace.passed(layer, a, h)


def backprop(net, trace, y, *, cost=squared_error):
    """Pass every example's wishes backward through the network.

    Args:
        net: the network that made ``trace``.
        trace: what :func:`forward` kept.
        y: (batch, n_out) the outputs wanted.
        cost: ``squared_error`` or ``cross_entropy`` of :mod:`lessons_lib.engine.functions`.

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
    if trace.parts:  # many examples, block by block
        grads = [backprop(net, part, y[rows], cost=cost) for rows, part in trace.parts]
        return BlockGradient(net, trace, grads)
    deltas = [None] * len(net.weights)
    deltas[-1] = cost.delta(trace.output, y, net.activations[-1], trace.z[-1])
    slope = None  # ∂C/∂a: how the cost rises with a layer's activations
    for layer in reversed(range(len(deltas) - 1)):
        passed = slope if net.skips[layer + 1] else None
        slope = row_product(deltas[layer + 1], net.weights[layer + 1])
        if passed is not None:  # a residual layer also hands it on, unchanged
            slope += passed
        gain = trace.gains[layer]
        slope_h = slope if gain is None else slope * gain
        deltas[layer] = net.activations[layer].backward(slope_h, trace.z[layer], trace.h[layer])
    return Gradient(net, trace, deltas)


def forward_backprop(net, x, y, *, cost=squared_error, gains=None, out=None):
    """:func:`forward` and :func:`backprop` in one, with the sum of the gradients where there are many.

    Block by block, so that the three of them find the examples still in the processor's cache.
    """
    trace = Trace(net, len(x)) if out is None else out
    if not trace.parts:
        return backprop(net, forward(net, x, gains=gains, out=trace), y, cost=cost)
    trace.of(net, x, gains)

    def gradient(rows, part):
        propagate(net, part)
        return backprop(net, part, y[rows], cost=cost)

    return BlockGradient.summed(net, trace, (gradient(rows, part) for rows, part in trace.parts))


def checked_targets(y, output):
    """``y`` in the outputs' number type, or a ``ValueError`` where its shape differs."""
    y = np.asarray(y)
    if y.shape != output.shape:
        raise ValueError(f"y has shape {y.shape}; expected one row of targets an example, {output.shape}")
    return y.astype(output.dtype, copy=False)


def mean_cost(net, trace, y, cost=squared_error):
    """The mean cost over the examples of a trace, computed from its z where that is more exact."""
    y = checked_targets(y, trace.output)
    return cost(trace.output, y, net.activations[-1], trace.z[-1])
