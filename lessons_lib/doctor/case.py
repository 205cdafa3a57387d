"""`Case`: a small network with examples, everything backprop computes on the way, and the right gradient."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from lessons_lib.engine.functions import Activation, Cost, cross_entropy, sigmoid, softmax, squared_error

Array = np.ndarray
Blocks = list[tuple[Any, ...]]  # (dW, db) of each layer, arrays; None for one that is missing


@dataclass(frozen=True, eq=False)
class Case:
    """A network, examples and targets: what a backprop is tried on.

    Layers are counted from 0 here, from the input side; in words the first is "layer 1". The cost is the mean
    over examples, as everywhere in this library, and everything is computed in float64.

    Args:
        weights: one (n_out, n_in) array a layer.
        biases: one (n_out,) array a layer.
        x: (n, inputs) examples, one a row.
        y: (n, outputs) targets.
        hidden: the activation of every layer but the last.
        output: the activation of the last layer.
        cost: what is to be made small.

    Example:
        >>> case = Case.random((4, 6, 3), 5, seed=0)
        >>> [W.shape for W, b in case.gradients]
        [(6, 4), (3, 6)]
        >>> case.z[1].shape, case.a[2].shape, case.deltas[0].shape
        ((5, 3), (5, 3), (5, 6))
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    x: Array
    y: Array
    hidden: Activation = sigmoid
    output: Activation = sigmoid
    cost: Cost = squared_error

    @classmethod
    def random(
        cls, sizes: tuple[int, ...], n: int, *, seed: int, dtype: type = np.float64, **functions: Any
    ) -> "Case":
        """A case with nothing special about it: weights, biases and inputs of both signs, soft targets.

        Args:
            sizes: neurons in each layer, the inputs first.
            n: how many examples.
            seed: the same seed gives the same case.
            dtype: of all arrays.
            functions: ``hidden``, ``output`` and ``cost``.
        """
        rng = np.random.default_rng(seed)
        weights = [rng.normal(0, 1.6 / np.sqrt(i), (o, i)) for i, o in pairwise(sizes)]
        biases = [rng.normal(0, 0.7, o) for o in sizes[1:]]
        x, y = rng.normal(0, 1.2, (n, sizes[0])), rng.uniform(0.1, 0.9, (n, sizes[-1]))
        y /= y.sum(axis=1, keepdims=True)  # fair to softmax, and to every other output
        W: tuple[Array, ...] = tuple(array.astype(dtype) for array in weights)
        b: tuple[Array, ...] = tuple(array.astype(dtype) for array in biases)
        return cls(W, b, x.astype(dtype), y.astype(dtype), **functions)

    def with_functions(self, hidden: Activation, output: Activation, cost: Cost) -> "Case":
        """The same numbers in a network of other functions."""
        return replace(self, hidden=hidden, output=output, cost=cost)

    @property
    def depth(self) -> int:
        """How many layers of weights there are."""
        return len(self.weights)

    @property
    def n(self) -> int:
        """How many examples there are."""
        return len(self.x)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons in each layer, the inputs first."""
        return (self.weights[0].shape[1], *(len(W) for W in self.weights))

    def function(self, layer: int) -> Activation:
        """The activation of a layer."""
        return self.output if layer == self.depth - 1 else self.hidden

    @cached_property
    def double(self) -> tuple[list[Array], list[Array], Array, Array]:
        """Weights, biases, inputs and targets in float64."""
        weights, biases = ([np.asarray(v, float) for v in values] for values in (self.weights, self.biases))
        return weights, biases, np.asarray(self.x, float), np.asarray(self.y, float)

    @cached_property
    def trace(self) -> tuple[list[Array], list[Array]]:
        """The forward pass as a pair, ``z`` of each layer, and ``a`` with the inputs first."""
        weights, biases, x, _ = self.double
        z, a = [], [x]
        for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
            z.append(a[-1] @ W.T + b)
            a.append(self.function(layer)(z[-1]))
        return z, a

    @property
    def z(self) -> list[Array]:
        """The weighted sums of each layer, (n, n_out) each."""
        return self.trace[0]

    @property
    def a(self) -> list[Array]:
        """The activations, the inputs first; ``a[layer]`` goes into a layer, ``a[layer + 1]`` comes out."""
        return self.trace[1]

    @property
    def cancels(self) -> bool:
        """Whether the slope of the output cancels, so that δ is a − y (cross-entropy with its partner)."""
        return self.cost == cross_entropy and self.output in (sigmoid, softmax)

    @cached_property
    def error(self) -> Array:
        """What the output's slope is multiplied by, (n, outputs); ∂C/∂a, or a − y where the slope cancels."""
        a, y = self.a[-1], self.double[3]
        if self.cancels:
            return a * y.sum(axis=1, keepdims=True) - y if self.output == softmax else a - y
        if self.cost == cross_entropy:
            return softmax(a) * y.sum(axis=1, keepdims=True) - y
        return self.cost.derivative(a, y)

    @cached_property
    def deltas(self) -> list[Array]:
        """∂C/∂z of each layer and example, (n, n_out) each."""
        weights = self.double[0]
        output = self.error if self.cancels else self.output.backward(self.error, self.z[-1], self.a[-1])
        deltas = [output]
        for layer in reversed(range(self.depth - 1)):
            slope = deltas[0] @ weights[layer + 1]
            deltas.insert(0, self.hidden.backward(slope, self.z[layer], self.a[layer + 1]))
        return deltas

    @cached_property
    def gradients(self) -> Blocks:
        """The right answer, (∂C/∂W, ∂C/∂b) of each layer, averaged over examples."""
        before = self.a[:-1]
        return [(d.T @ a / self.n, d.mean(axis=0)) for d, a in zip(self.deltas, before, strict=True)]


def bounded(block: Array | None) -> Array | None:
    """A block of real numbers that can be squared; larger ones are as good as nan."""
    if block is None:
        return None
    kept = np.asarray(block) if np.result_type(block) == np.float32 else np.asarray(block, float)
    return np.where(np.abs(kept) < 1e18, kept, kept.dtype.type(np.nan))


def usual_cases(
    hidden: Activation = sigmoid, output: Activation = sigmoid, cost: Cost = squared_error, *, depth: int = 3
) -> list[Case]:
    """Three cases that tell right from nearly right.

    The first has layers of one width, so that a transposed product runs and shows; the second none, with a
    batch unlike any width; the third is one example in float32.

    Example:
        >>> [(case.sizes, case.n, str(case.x.dtype)) for case in usual_cases()]
        [((5, 5, 5, 5), 4, 'float64'), ((4, 6, 5, 3), 7, 'float64'), ((6, 4, 7, 5), 1, 'float32')]
    """
    functions: dict[str, Any] = {"hidden": hidden, "output": output, "cost": cost}
    square, falling, single = (5,) * (depth + 1), (4, 6, 5, 8, 9), (6, 4, 7, 8, 9)
    return [
        Case.random(square, 4, seed=14, **functions),
        Case.random((*falling[:depth], 3), 7, seed=15, **functions),
        Case.random((*single[:depth], 5), 1, seed=16, dtype=np.float32, **functions),
    ]
