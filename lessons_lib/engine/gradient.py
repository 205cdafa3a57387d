"""The :class:`Gradient`: every example's wish for every parameter, in factored form."""

from copy import copy
from functools import lru_cache

import numpy as np


class Gradient:
    """Every example's wish for every parameter, kept as the two factors backprop gives for each layer.

    Example i's gradient for the weights of layer l is the outer product δ_i ⊗ a_i of its rows in
    ``deltas[l]`` (batch, n_out) and ``activations[l]`` (batch, n_in); for the biases it is δ_i. Sums and
    inner products of the wishes come from these factors, without the (batch, n_params) matrix.

    Attributes:
        net: the network they belong to.
        deltas: one (batch, n_out) array a layer, ∂C/∂z of each example.
        trace: what the forward pass computed; ``sample`` is that of some of the examples, always at hand.
        shared: None, or (n_params,) a wish that every example has besides, such as a penalty's.

    Example:
        >>> from lessons_lib import Network, backprop, forward
        >>> net = Network.random((3, 2), rng=np.random.default_rng(0))
        >>> grad = backprop(net, forward(net, np.ones((5, 3))), np.zeros((5, 2)))
        >>> np.allclose(grad.mean(), grad.per_example().mean(axis=0))
        True
    """

    def __init__(self, net, trace, deltas, shared=None):
        self.net, self.trace, self.deltas, self.shared = net, trace, deltas, shared
        self.sample = trace

    def __len__(self):
        return len(self.deltas[0])

    @property
    def activations(self):
        """What went into each layer, one (batch, n_in) array a layer."""
        return self.trace.a[:-1]

    def plus(self, shared):
        """This gradient with a wish (n_params,) added to every example's."""
        grad = copy(self)
        grad.shared = shared if self.shared is None else self.shared + shared
        return grad

    def mean(self, times=1):
        """(n_params,) the average wish, 1/n Σ_i g_i: the gradient of the mean cost; ``times`` a number."""
        mean = self.total()
        mean *= times / len(self)
        return mean if self.shared is None else mean + times * self.shared

    def combine(self, c):
        """(n_params,) the weighted sum Σ_i c_i g_i, for ``c`` (batch,)."""
        c = self._checked(c, (len(self),)).astype(self.net.dtype)
        total = self.total(c)
        return total if self.shared is None else total + c.sum() * self.shared

    def per_example(self):
        """(batch, n_params) one row an example: its own wish. The only method that builds this matrix."""
        rows = np.empty((len(self), self.net.n_params), self.net.dtype)
        start = 0
        for delta, a in zip(self.deltas, self.activations, strict=True):
            end = start + delta.shape[1] * a.shape[1]
            outer = rows[:, start:end].reshape(len(self), delta.shape[1], a.shape[1])
            np.einsum("ij,ik->ijk", delta, a, out=outer)
            start = end + delta.shape[1]
            rows[:, end:start] = delta
        if self.shared is not None:
            rows += self.shared
        return rows

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
        """(batch,) the lengths of the wishes: ‖g_i‖² = Σ_l ‖δ_i‖² (‖a_i‖² + 1)."""
        square = np.zeros(len(self), self.net.dtype)
        for delta, a in zip(self.deltas, self.activations, strict=True):
            square += np.einsum("ij,ij->i", delta, delta) * (np.einsum("ij,ij->i", a, a) + 1)
        return np.sqrt(square if self.shared is None else square + np.diagonal(self._cross()))

    def _cross(self):
        """What ``shared`` = s adds to the Gram matrix: g_i·s + s·g_j + s·s."""
        own = Gradient(self.net, self.trace, self.deltas).dot(self.shared)
        return own[:, None] + own[None, :] + self.shared @ self.shared

    def total(self, c=None):
        """(n_params,) the sum Σ_i g_i, or Σ_i c_i g_i for ``c`` (batch,): δᵀ a for W, Σ δ for b."""
        total, ones = np.empty_like(self.net.params), _ones(len(self), self.net.dtype)
        for (W, b), delta, a in zip(self.net.split(total), self.deltas, self.activations, strict=True):
            delta = delta if c is None else c[:, None] * delta
            delta.T.dot(a, out=W)
            ones.dot(delta, out=b)
        return total

    def _checked(self, vector, shape):
        vector = np.asarray(vector)
        if vector.shape != shape:
            raise ValueError(f"the vector has shape {vector.shape}; expected {shape}")
        return vector


@lru_cache(maxsize=8)
def _ones(n, dtype):
    return np.ones(n, dtype)
