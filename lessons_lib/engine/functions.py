"""Activations and costs, each with its derivative beside it.

Activations act on arrays of any shape and also accept complex numbers, so that the complex-step check
of :func:`.numerical_gradient` can run through them. No input overflows.
"""

from typing import Any

import numpy as np

from lessons_lib.engine.arrays import Array

# Arrays without dimensions: numpy takes twice as long over a small array where it meets a Python number.
HALF, ONE = np.array(0.5, np.float32), np.array(1, np.float32)


class Named:
    """A function that is known by its ``name``; two of one class are the same function."""

    @property
    def name(self) -> str:
        """The name in formulas and controls, such as ``"sigmoid"``."""
        return type(self).__name__.lower()

    def __repr__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class Activation(Named):
    """A function applied to the weighted sums ``z`` of a layer, with its derivative.

    ``activation(z)`` is the value; ``activation.derivative(z, a)`` is its slope, where ``a = activation(z)``
    may be used to save work; ``activation.backward(slope, z, a)`` carries the slope ∂C/∂a back to ∂C/∂z.

    Example:
        >>> from lessons_lib import sigmoid
        >>> float(sigmoid(np.array(0.0)))
        0.5
    """

    def __call__(self, z: Array) -> Array:
        """The activations of the weighted sums ``z``."""
        raise NotImplementedError

    def derivative(self, z: Array, a: Array) -> Array:
        """The slope at ``z``, element by element; ``a`` is the activation there."""
        raise NotImplementedError

    def backward(self, slope: Array, z: Array, a: Array) -> Array:
        """∂C/∂z from ``slope`` = ∂C/∂a: the chain rule through this function."""
        return slope * self.derivative(z, a)

    def block(self, rows: slice) -> "Activation":
        """The function for some rows of a batch: the same one, unless it holds something for each row."""
        return self


class Sigmoid(Activation):
    """σ(z) = 1 / (1 + e^−z), with σ′ = σ (1 − σ). Written as ½ tanh ½z + ½, which cannot overflow."""

    def __call__(self, z: Array) -> Array:
        return HALF * np.tanh(HALF * np.asarray(z)) + HALF

    def derivative(self, z: Array, a: Array) -> Array:
        return a * (ONE - a)


class Tanh(Activation):
    """tanh(z), with tanh′ = 1 − tanh²."""

    def __call__(self, z: Array) -> Array:
        return np.tanh(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return 1 - a * a


class ReLU(Activation):
    """max(0, z), with slope 1 where z > 0 and 0 elsewhere (the convention at the corner is 0)."""

    def __call__(self, z: Array) -> Array:
        return z * (np.real(z) > 0)

    def derivative(self, z: Array, a: Array) -> Array:
        return (np.real(z) > 0).astype(np.real(z).dtype)


class Identity(Activation):
    """z itself, with slope 1."""

    def __call__(self, z: Array) -> Array:
        return z

    def derivative(self, z: Array, a: Array) -> Array:
        return np.ones_like(z)


class Softmax(Activation):
    """e^z_j / Σ_k e^z_k along the last axis. The largest z is subtracted first, so nothing overflows.

    Every output depends on every z of its row, so ``derivative`` is the Jacobian: ∂a_j/∂z_k = a_j (1[j = k] −
    a_k).
    """

    def __call__(self, z: Array) -> Array:
        a = np.exp(z - np.real(z).max(axis=-1, keepdims=True))
        return a / a.sum(axis=-1, keepdims=True)

    def derivative(self, z: Array, a: Array) -> Array:
        return a[..., :, None] * (np.eye(a.shape[-1], dtype=a.dtype) - a[..., None, :])

    def backward(self, slope: Array, z: Array, a: Array) -> Array:
        return a * (slope - np.sum(slope * a, axis=-1, keepdims=True))


sigmoid, tanh, relu, identity, softmax = Sigmoid(), Tanh(), ReLU(), Identity(), Softmax()


class Cost(Named):
    """How wrong the outputs are. ``cost(a, y)`` is the mean over examples of ``cost.per_example(a, y)``.

    ``per_example`` and ``delta`` also take the last layer's activation and its ``z``, where that is more
    exact than its outputs ``a``.

    Example:
        >>> from lessons_lib import squared_error
        >>> float(squared_error(np.array([[0.5, 0.0]]), np.array([[1.0, 0.0]])))
        0.25
    """

    def __call__(
        self, a: Array, y: Array, activation: Activation | None = None, z: Array | None = None
    ) -> Any:
        """The mean cost of outputs ``a`` (batch, n_out) against targets ``y`` of the same shape."""
        return self.per_example(a, y, activation, z).sum() / len(a)

    def per_example(
        self, a: Array, y: Array, activation: Activation | None = None, z: Array | None = None
    ) -> Array:
        """The cost of each example, (batch,)."""
        raise NotImplementedError

    def derivative(self, a: Array, y: Array) -> Array:
        """∂C/∂a of each example, (batch, n_out): which way its cost rises."""
        raise NotImplementedError

    def delta(self, a: Array, y: Array, activation: Activation, z: Array) -> Array:
        """∂C/∂z of each example in the last layer, (batch, n_out)."""
        return activation.backward(self.derivative(a, y), z, a)


class SquaredError(Cost):
    """C = Σ_j (a_j − y_j)² for one example, with ∂C/∂a_j = 2 (a_j − y_j)."""

    name = "squared_error"

    def per_example(
        self, a: Array, y: Array, activation: Activation | None = None, z: Array | None = None
    ) -> Array:
        error = a - y
        return np.einsum("ij,ij->i", error, error)

    def __call__(
        self, a: Array, y: Array, activation: Activation | None = None, z: Array | None = None
    ) -> Any:
        error = (a - y).ravel()
        return error.dot(error) / len(a)

    def derivative(self, a: Array, y: Array) -> Array:
        return 2 * (a - y)


class CrossEntropy(Cost):
    """The surprise −log p of the right answer.

    * softmax outputs: C = −Σ_j y_j log a_j;
    * sigmoid outputs, ten separate yes-or-no questions: C = −Σ_j [y_j log a_j + (1 − y_j) log(1 − a_j)];
    * other outputs are no probabilities: softmax is applied to them first.

    For softmax and sigmoid alike, ∂C/∂z = a − y: the slope of the activation cancels (Bishop, *Pattern
    Recognition and Machine Learning*, 2006, section 5.2). Computed from z, so that an ``a`` rounded to 0 is
    never put into a logarithm. Called with outputs alone, ``cross_entropy(a, y)``, it takes them as
    softmax's.
    """

    name = "cross_entropy"

    def per_example(
        self, a: Array, y: Array, activation: Activation | None = None, z: Array | None = None
    ) -> Array:
        activation = activation or softmax
        if activation == sigmoid:
            return np.sum(_softplus(z) - y * z, axis=-1)
        if activation == softmax and z is None:
            return -np.sum(y * np.log(np.maximum(a, np.finfo(a.dtype).tiny)), axis=-1)
        return -np.sum(y * _log_softmax(z if activation == softmax else a), axis=-1)

    def derivative(self, a: Array, y: Array) -> Array:
        """∂C/∂a for softmax outputs: −y / a."""
        return -y / np.maximum(a, np.finfo(a.dtype).tiny)

    def delta(self, a: Array, y: Array, activation: Activation, z: Array) -> Array:
        if activation == sigmoid:
            return a - y
        total = np.sum(y, axis=-1, keepdims=True)  # 1 for a one-hot y
        if activation == softmax:
            return a * total - y
        return activation.backward(softmax(a) * total - y, z, a)


def _log_softmax(z: Any) -> Array:
    z = z - np.real(z).max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def _softplus(z: Any) -> Array:
    """log(1 + e^z): the larger of z and 0, plus log(1 + e^−|z|)."""
    positive = relu(z)
    return positive + np.log1p(np.exp(z - 2 * positive))


squared_error, cross_entropy = SquaredError(), CrossEntropy()
