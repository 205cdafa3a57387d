"""The :class:`Gradient`: every example's own gradient, in factored form."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from lessons_lib.engine.arrays import Array, Arrays
from lessons_lib.engine.network import Network
from lessons_lib.engine.threads import one_thread

if TYPE_CHECKING:
    from lessons_lib.engine.propagation import Trace


class Gradient:
    """The per-example gradients of a batch, kept as the two factors backprop gives for each layer.

    Example i's gradient for the weights of layer l is the outer product δ_i ⊗ a_i of its rows in
    ``deltas[l]`` (batch, n_out) and ``activations[l]`` (batch, n_in); for the biases it is δ_i. Sums and
    inner products come from these factors, without the (batch, n_params) matrix.

    Attributes:
        net: the network they belong to.
        trace: what the forward pass computed.
        deltas: one (batch, n_out) array a layer, ∂C/∂z of each example.
        penalty: None, or the gradient (n_params,) of a penalty, which is part of every example's.
        first_z: the z of some of the examples, the first ones; always at hand.

    Example:
        >>> from lessons_lib import Network, backprop, forward
        >>> net = Network.random((3, 2), rng=np.random.default_rng(0))
        >>> grad = backprop(net, forward(net, np.ones((5, 3))), np.zeros((5, 2)))
        >>> np.allclose(grad.mean(), grad.per_example().mean(axis=0))
        True
    """

    def __init__(self, net: Network, trace: Trace, deltas: Arrays) -> None:
        self.net, self.trace, self.deltas, self.first_z = net, trace, deltas, trace.z
        self.penalty: Array | None = None

    def __len__(self) -> int:
        return len(self.deltas[0])

    @property
    def activations(self) -> Arrays:
        """What went into each layer, one (batch, n_in) array a layer."""
        return self.trace.a[:-1]

    def with_penalty(self, penalty: Array) -> Gradient:
        """This Gradient with a penalty's (n_params,) added to every example's."""
        grad = copy(self)
        grad.penalty = penalty if self.penalty is None else self.penalty + penalty
        return grad

    @one_thread
    def total(self, c: Array | None = None) -> Array:
        """The sum over the examples: δᵀ a for the weights of a layer, Σ δ for its biases; no penalty.

        Args:
            c: (batch,) what to multiply each example's gradient by; 1 unless given.

        Returns:
            (n_params,) Σ_i g_i, or Σ_i c_i g_i.
        """
        total, ones = np.empty(self.net.n_params, self.net.dtype), _ones(len(self), self.net.dtype)
        for (W, b), delta, a in zip(self.net.split(total), self.deltas, self.activations, strict=True):
            delta = delta if c is None else c[:, None] * delta
            delta.T.dot(a, out=W)  # for a single example `@` takes 30 µs, `dot` 6 µs
            ones.dot(delta, out=b)
        return total

    def mean(self, times: float = 1) -> Array:
        """(n_params,) ``times`` the mean 1/n Σ_i g_i, which is the gradient of the mean cost."""
        mean = self.total()
        mean *= times / len(self)
        return mean if self.penalty is None else mean + times * self.penalty

    def combine(self, c: ArrayLike) -> Array:
        """(n_params,) the weighted sum Σ_i c_i g_i, for ``c`` (batch,)."""
        c = self._checked(c, (len(self),)).astype(self.net.dtype)
        total = self.total(c)
        return total if self.penalty is None else total + c.sum() * self.penalty

    @one_thread
    def per_example(self) -> Array:
        """(batch, n_params) each example's gradient in a row. The only method that builds this matrix."""
        rows = np.empty((len(self), self.net.n_params), self.net.dtype)
        start = 0
        for delta, a in zip(self.deltas, self.activations, strict=True):
            end = start + delta.shape[1] * a.shape[1]
            outer = rows[:, start:end].reshape(len(self), delta.shape[1], a.shape[1])
            np.einsum("ij,ik->ijk", delta, a, out=outer)
            start = end + delta.shape[1]
            rows[:, end:start] = delta
        if self.penalty is not None:
            rows += self.penalty
        return rows

    @one_thread
    def dot(self, vector: ArrayLike) -> Array:
        """(batch,) the inner products g_i · v with one vector (n_params,)."""
        vector = self._checked(vector, (self.net.n_params,))
        total = np.zeros(len(self), np.result_type(vector, self.net.dtype))
        for (V, v), delta, a in zip(self.net.split(vector), self.deltas, self.activations, strict=True):
            total += np.einsum("ij,ij->i", a @ V.T + v, delta)
        return total if self.penalty is None else total + self.penalty @ vector

    @one_thread
    def gram(self) -> Array:
        """(batch, batch) the inner products g_i · g_j, who agrees: Σ_l (Δ_l Δ_lᵀ) ∘ (A_l A_lᵀ + 1)."""
        total: Any = None
        for delta, a in zip(self.deltas, self.activations, strict=True):
            part = a @ a.T
            part += 1
            part *= delta @ delta.T
            total = part if total is None else np.add(total, part, out=total)
        return total if self.penalty is None else total + self._cross(self.penalty)

    def norms(self) -> Array:
        """(batch,) the lengths of the gradients: ‖g_i‖² = Σ_l ‖δ_i‖² (‖a_i‖² + 1)."""
        square = np.zeros(len(self), self.net.dtype)
        for delta, a in zip(self.deltas, self.activations, strict=True):
            square += np.einsum("ij,ij->i", delta, delta) * (np.einsum("ij,ij->i", a, a) + 1)
        return np.sqrt(square if self.penalty is None else square + np.diagonal(self._cross(self.penalty)))

    def _cross(self, s: Array) -> Array:
        """(batch, batch) what a penalty's gradient s adds to the Gram matrix: g_i · s + s · g_j + s · s."""
        own = Gradient(self.net, self.trace, self.deltas).dot(s)
        return own[:, None] + own[None, :] + s @ s

    def _checked(self, vector: ArrayLike, shape: tuple[int, ...]) -> Array:
        vector = np.asarray(vector)
        if vector.shape != shape:
            raise ValueError(f"the vector has shape {vector.shape}; expected {shape}")
        return vector


@lru_cache(maxsize=8)  # making them anew costs 2 % of a step over 10 examples
def _ones(n: int, dtype: np.dtype[Any]) -> Array:
    return np.ones(n, dtype)
