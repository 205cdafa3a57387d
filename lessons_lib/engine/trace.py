"""The :class:`Trace` of a forward pass, its room to work in, and matrix products in the sizes BLAS likes."""

import math
import sys
from copy import copy

import numpy as np

try:
    from numpy._core._multiarray_umath import __cpu_features__ as CPU
except ImportError:  # a numpy that keeps this elsewhere: products are then made in one piece
    CPU = {}

BLOCK = 400  # rows handled at once: all their numbers stay in the processor's cache
# Multiplications up to which OpenBLAS has a faster kind of matrix product: on a PC, only with AVX-512.
SMALL = 1_000_000 if CPU.get("AVX512_SKX") else sys.maxsize
TILE = 50  # rows of one matrix product where it would not be SMALL


class Trace:
    """Everything one forward pass computed; good until it is passed to ``forward`` again.

    Attributes:
        x: (batch, n_in) the examples as given.
        z: one (batch, n_out) array a layer, the weighted sums.
        h: one (batch, n_out) array a layer, f(z).
        hidden: one (batch, n_out) array a layer, what it passes on; in an ordinary layer that is ``h``.
        gains: one entry a layer, what ``h`` is multiplied by; None where it is 1.
        plain: whether every layer is ordinary.
        unit: what one count of ``x`` is worth, 1/255 for pixels; None where ``x`` holds floats.
        parts: the rows and the Trace of each block, views of this one, where it has more than ``BLOCK`` rows.
        scratch: the :class:`Scratch` that all parts share.
    """

    def __init__(self, net, batch):
        self.z, self.h, self._altered = (
            [np.empty((batch, n), net.dtype) for n in net.sizes[1:]] for _ in range(3)
        )
        self.scratch = Scratch(net, min(batch, BLOCK))
        slices = [slice(start, min(start + BLOCK, batch)) for start in range(0, batch, BLOCK)]
        self.parts = [(rows, self._part(rows)) for rows in slices] if batch > BLOCK else []

    def _part(self, rows):
        part = copy(self)
        part.z, part.h, part._altered = (
            [array[rows] for array in arrays] for arrays in (self.z, self.h, self._altered)
        )
        part.parts = []
        return part

    def of(self, net, x, gains=None):
        """Point the trace at other examples, before they are run."""
        x = checked_inputs(net, x)
        if len(x) != len(self.z[0]):
            raise ValueError(f"out is a trace of {len(self.z[0])} examples; x has {len(x)}")
        self.plain = gains is None and not net.residual
        if gains is None:
            gains = net.gains
        else:
            gains = [None if gain is None else np.asarray(gain, net.dtype) for gain in gains]
        self._point(net, x, gains)
        for rows, part in self.parts:
            part.plain = self.plain
            part._point(net, x[rows], gains if self.plain else [g[rows] if np.ndim(g) else g for g in gains])
        return self

    def _point(self, net, x, gains):
        self.x, self.gains, self.skips = x, gains, net.skips
        self.unit = self.scratch.unit if x.dtype == np.uint8 else None
        self.scratch.holds = None
        self.hidden = self.h
        if not self.plain:
            self.hidden = [
                h if gain is None and not skip else altered
                for h, altered, gain, skip in zip(self.h, self._altered, gains, net.skips, strict=True)
            ]

    @property
    def a(self):
        """One (batch, n) array a layer, the inputs first: the activations."""
        return (self.worth(self.x if self.parts else self.counts()), *self.hidden)

    @property
    def output(self):
        """(batch, n_out) the activations of the last layer."""
        return self.hidden[-1]

    def counts(self):
        """``x`` as floats in steps of ``unit``: pixels count 0 to 255."""
        if self.unit is None:
            return self.x
        floats = self.scratch.floats[: len(self.x)]
        if self.scratch.holds is not self.x:
            np.copyto(floats, self.x)
            self.scratch.holds = self.x
        return floats

    def worth(self, counts, out=None):
        """``counts`` times ``unit``."""
        return counts if self.unit is None else np.multiply(counts, self.unit, out=out)

    def passed(self, layer, a, h):
        """What a layer passes on: ``h``, times its gain, plus its input where the layer is residual."""
        gain, skip = self.gains[layer], self.skips[layer]
        if gain is None and not skip:
            return h
        passed = np.multiply(h, 1 if gain is None else gain, out=self.hidden[layer])
        if skip:
            passed += a if layer else self.worth(a)
        return passed


class Scratch:
    """Room for work in progress, which all parts of a trace use in turn.

    Attributes:
        params: (n_params,) a sum of gradients, with its layers in ``layers``.
        floats: (rows, n_in) examples as floats; ``holds`` is the array they came from.
        unit: 1/255 in the network's number type.
    """

    def __init__(self, net, rows):
        self.params = aligned((net.n_params,), net.dtype)
        self.layers = [(W, b[None]) for W, b in net.split(self.params)]
        self.floats, self.holds = aligned((rows, net.sizes[0]), net.dtype), None
        self.unit = np.array(1 / 255, net.dtype)


def aligned(shape, dtype):
    """An empty array that begins on a cache line, from which BLAS reads up to a third faster."""
    dtype, line = np.dtype(dtype), 64
    room = np.empty(math.prod(shape) * dtype.itemsize + line, np.uint8)
    start = -room.ctypes.data % line
    return room[start : room.size - line + start].view(dtype).reshape(shape)


def row_product(a, b, out=None):
    """``a @ b``, ``TILE`` rows of ``a`` at a time where it is not ``SMALL`` and they divide evenly."""
    rows = len(a)
    if a.size * b.shape[1] <= SMALL or rows % TILE:
        return a.dot(b, out)
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
