"""The :class:`Gradient`: every example's wish for every parameter, in factored form."""

from functools import lru_cache

import numpy as np

BLOCK = 200  # rows handled at once: their activations stay in the processor's cache
COLUMNS = 272  # columns of one matrix product: several of these are faster in BLAS than one wide one


class Gradient:
    """Every example's wish for every parameter, kept as the two factors backprop gives for each layer.

    Example i's gradient for the weights of layer l is the outer product δ_i ⊗ a_i of its rows in
    ``deltas[l]`` (batch, n_out) and ``activations[l]`` (batch, n_in); for the biases it is δ_i. Sums and
    inner products of the wishes come from these factors, without the (batch, n_params) matrix.

    Attributes:
        net: the network they belong to.
        deltas: one (batch, n_out) array a layer, ∂C/∂z of each example.
        shared: None, or (n_params,) a wish that every example has besides, such as a penalty's.

    Example:
        >>> from lessons_lib import Network, backprop, forward
        >>> net = Network.random((3, 2), rng=np.random.default_rng(0))
        >>> grad = backprop(net, forward(net, np.ones((5, 3))), np.zeros((5, 2)))
        >>> np.allclose(grad.mean(), grad.per_example().mean(axis=0))
        True
    """

    def __init__(self, net, trace, deltas, shared=None):
        self.net, self.trace, self.deltas, self.shared = net, trace, tuple(deltas), shared

    def __len__(self):
        return len(self.deltas[0])

    @property
    def activations(self):
        """One (batch, n_in) array a layer: what went into it."""
        return self.trace.a[:-1]

    def plus(self, shared):
        """This gradient with a wish (n_params,) added to every example's."""
        return Gradient(
            self.net, self.trace, self.deltas, shared if self.shared is None else self.shared + shared
        )

    def mean(self):
        """(n_params,) the average wish, 1/n Σ_i g_i: the gradient of the mean cost."""
        mean = self._sum(self.deltas) * (1 / len(self))
        return mean if self.shared is None else mean + self.shared

    def combine(self, c):
        """(n_params,) the weighted sum Σ_i c_i g_i, for ``c`` (batch,)."""
        c = self._checked(c, (len(self),)).astype(self.net.dtype)
        total = self._sum([c[:, None] * delta for delta in self.deltas])
        return total.copy() if self.shared is None else total + c.sum() * self.shared

    def per_example(self):
        """(batch, n_params) one row an example: its own wish. The only method that builds this matrix."""
        rows = np.empty((len(self), self.net.n_params), self.net.dtype)
        start = 0
        for delta, a in zip(self.deltas, self.activations, strict=True):
            end = start + delta.shape[1] * a.shape[1]
            outer = rows[:, start:end].reshape(len(self), delta.shape[1], a.shape[1])
            np.multiply(delta[:, :, None], a[:, None, :], out=outer)
            start = end + delta.shape[1]
            rows[:, end:start] = delta
        return rows if self.shared is None else rows + self.shared

    def dot(self, vector):
        """(batch,) the inner products g_i · v with one vector (n_params,)."""
        vector = self._checked(vector, (self.net.n_params,))
        total = np.zeros(len(self), np.result_type(vector, self.net.dtype))
        for (V, v), delta, a in zip(self.net.split(vector), self.deltas, self.activations, strict=True):
            total += np.einsum("ij,ij->i", a @ V.T + v, delta)
        return total if self.shared is None else total + self.shared @ vector

    def gram(self):
        """(batch, batch) the inner products g_i · g_j, who agrees: Σ_l (Δ_l Δ_lᵀ) ∘ (A_l A_lᵀ + 1)."""
        total = None
        for delta, a in zip(self.deltas, self.activations, strict=True):
            part = a @ a.T
            part += 1
            part *= delta @ delta.T
            total = part if total is None else np.add(total, part, out=total)
        return total if self.shared is None else total + self._cross()

    def norms(self):
        """(batch,) the lengths of the wishes: |g_i|² = Σ_l |δ_i|² (|a_i|² + 1)."""
        square = np.zeros(len(self), self.net.dtype)
        for delta, a in zip(self.deltas, self.activations, strict=True):
            square += np.einsum("ij,ij->i", delta, delta) * (np.einsum("ij,ij->i", a, a) + 1)
        return np.sqrt(square if self.shared is None else square + np.diagonal(self._cross()))

    def _cross(self):
        """What ``shared`` = s adds to the Gram matrix: g_i·s + s·g_j + s·s."""
        own = Gradient(self.net, self.trace, self.deltas).dot(self.shared)
        return own[:, None] + own[None, :] + self.shared @ self.shared

    def _sum(self, deltas):
        """Σ_i g_i by blocks, in the scratch of the trace, where it stays until the next sum."""
        first, *others = self.trace.blocks
        total = self._block_sum(deltas, first[0])
        if others:
            total = total.copy()
        for rows, _ in others:
            total += self._block_sum(deltas, rows)
        return total

    def _block_sum(self, deltas, rows):
        """δᵀ a for the weights; 1ᵀ δ for the biases, which is faster in BLAS than δ.sum(0)."""
        trace, ones = self.trace, _ones(rows.stop - rows.start, self.net.dtype)
        a, unit = trace.counts(rows), trace.unit
        for layer, (W, b) in enumerate(trace.scratch_layers):
            delta = deltas[layer][rows]
            np.matmul(ones, delta, out=b)
            outer_sum(delta if layer or unit == 1 else delta * unit, a, out=W)
            a = trace.hidden(layer)[rows]
        return trace.scratch

    def _checked(self, vector, shape):
        vector = np.asarray(vector)
        if vector.shape != shape:
            raise ValueError(f"the vector has shape {vector.shape}; expected {shape}")
        return vector


def outer_sum(delta, a, out):
    """Σ_i δ_i ⊗ a_i = ``delta.T @ a``, ``COLUMNS`` of ``a`` at a time where both are large."""
    if len(a) < COLUMNS // 4 or a.shape[1] < 2 * COLUMNS:
        return np.matmul(delta.T, a, out=out)
    for start in range(0, a.shape[1], COLUMNS):
        columns = slice(start, start + COLUMNS)
        np.matmul(delta.T, a[:, columns], out=out[:, columns])


def blocks(n):
    """Slices that cover ``range(n)``, ``BLOCK`` rows at a time."""
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]


@lru_cache(maxsize=8)
def _ones(n, dtype):
    return np.ones((1, n), dtype)
