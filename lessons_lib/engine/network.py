"""The network: layer sizes, one flat vector of parameters, and the layers as views into it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lessons_lib.engine.arrays import Array, Arrays, Random
from lessons_lib.engine.functions import Activation, Cost, sigmoid


class Address(NamedTuple):
    """Where a parameter lives: ``layer`` 0 is the first; ``from_neuron`` is None for a bias."""

    layer: int
    kind: str
    to_neuron: int
    from_neuron: int | None


class Network:
    """A fully connected network, a_(l+1) = f(a_l Wₗᵀ + bₗ), whose parameters are one flat vector.

    The vector holds the layers in order, each its ``W`` (n_out, n_in) row by row and then its ``b`` (n_out,).
    A Network never changes: :meth:`with_params` gives a new one over another vector.

    Args:
        params: (n_params,) the parameters; they are copied.
        sizes: neurons in each layer, the inputs first, such as ``(784, 16, 16, 10)``.
        activation: f of the hidden layers, and of the last one where ``output`` is not given.
        output: f of the last layer.

    Raises:
        ValueError: if sizes are not positive whole numbers, or ``params`` has another length than they need.

    Example:
        >>> net = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
        >>> net.params.shape, net.weights[0].shape, net.biases[2].shape
        ((13002,), (16, 784), (10,))
        >>> net.address(9_041)
        Address(layer=0, kind='weight', to_neuron=11, from_neuron=417)
    """

    def __init__(
        self,
        params: ArrayLike,
        sizes: Iterable[int],
        activation: Activation = sigmoid,
        output: Activation | None = None,
    ) -> None:
        self._sizes = checked_sizes(sizes)
        hidden = len(self._sizes) - 2
        self._activations = (activation,) * hidden + (output or activation,)
        self._adopt(np.array(params))

    def _adopt(self, params: Array) -> None:
        params = params.view()
        if params.shape != (n_params(self.sizes),):
            raise ValueError(
                f"params has shape {params.shape}; sizes {self.sizes} need ({n_params(self.sizes)},)"
            )
        if not np.issubdtype(params.dtype, np.inexact):
            raise ValueError(f"params has dtype {params.dtype}; expected floating-point numbers")
        params.flags.writeable = False
        self._params = params
        self._weights, self._biases = zip(*self.split(params), strict=True)
        self._lay()

    def _lay(self) -> None:
        self._layers = tuple(zip(self._weights, self._biases, self._activations, strict=True))

    def forward(self, x: Array) -> tuple[Arrays, Arrays]:
        """A block of examples ``x`` (batch, n_in) through the layers: z = a Wᵀ + b, and then f(z).

        Returns:
            ``(a, z)``: the activations, ``x`` first, and the weighted sums, one (batch, n) array a layer.
        """
        a, z = [x], []
        for W, b, f in self.layers:
            z.append(a[-1] @ W.T + b)
            a.append(f(z[-1]))
        return a, z

    def backward(self, a: Arrays, z: Arrays, y: Array, cost: Cost) -> Arrays:
        """The way back, from the cost of the outputs: δ_l = (δ_(l+1) W_(l+1)) ∘ f′(z_l).

        Args:
            a, z: what :meth:`forward` gave.
            y: (batch, n_out) the outputs wanted.
            cost: a :class:`~lessons_lib.engine.functions.Cost`.

        Returns:
            One (batch, n_out) array a layer, δ = ∂C/∂z of each example.
        """
        deltas = [cost.delta(a[-1], y, self.activations[-1], z[-1])]
        for layer in reversed(range(len(self.layers) - 1)):
            slope = deltas[0] @ self.weights[layer + 1]
            deltas.insert(0, self.activations[layer].backward(slope, z[layer], a[layer + 1]))
        return deltas

    @classmethod
    def random(
        cls,
        sizes: Iterable[int],
        *,
        rng: Random,
        activation: Activation = sigmoid,
        output: Activation | None = None,
        dtype: DTypeLike = np.float32,
        init: str = "glorot",
    ) -> Self:
        """A network with random weights.

        ``init="glorot"`` draws weights uniformly from ±√(6 / (n_in + n_out)) and sets biases to 0 (Glorot and
        Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010).
        ``init="normal"`` is the older start: every weight and bias from N(0, 1).

        Args:
            sizes: neurons in each layer, the inputs first.
            rng: a ``np.random.Generator``; the same generator state gives the same network.
            activation, output: see :class:`Network`.
            dtype: ``np.float32`` for speed, ``np.float64`` for checks.
            init: ``"glorot"`` or ``"normal"``.

        Raises:
            ValueError: for unusable sizes or an unknown ``init``.
        """
        sizes = checked_sizes(sizes)
        if init not in ("glorot", "normal"):
            raise ValueError(f"init is {init!r}; expected 'glorot' or 'normal'")
        layers = []
        for n_in, n_out in pairwise(sizes):
            bound = np.sqrt(6 / (n_in + n_out))
            glorot = init == "glorot"
            W = rng.uniform(-bound, bound, n_out * n_in) if glorot else rng.standard_normal(n_out * n_in)
            layers += [W, np.zeros(n_out) if glorot else rng.standard_normal(n_out)]
        return cls(np.concatenate(layers).astype(dtype), sizes, activation, output)

    @property
    def params(self) -> Array:
        """(n_params,) the parameters, read-only."""
        return self._params

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons in each layer, the inputs first."""
        return self._sizes

    @property
    def activations(self) -> tuple[Activation, ...]:
        """The function f of each layer."""
        return self._activations

    @property
    def weights(self) -> tuple[Array, ...]:
        """The matrix W (n_out, n_in) of each layer, a view of ``params``."""
        return self._weights

    @property
    def biases(self) -> tuple[Array, ...]:
        """The biases b (n_out,) of each layer, a view of ``params``."""
        return self._biases

    @property
    def layers(self) -> tuple[tuple[Array, Array, Activation], ...]:
        """``(W, b, f)`` of each layer."""
        return self._layers

    @property
    def n_params(self) -> int:
        """How many weights and biases there are."""
        return len(self.params)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The number type of the parameters, and of everything computed from them."""
        return self.params.dtype

    def with_params(self, params: Array, *, copy: bool = True) -> Self:
        """The same network over another vector (n_params,); ``copy=False`` lets it follow that array."""
        net = self._variant()
        net._adopt(np.array(params) if copy else params)
        return net

    def with_activations(self, activations: Iterable[Activation]) -> Self:
        """The same network, over the same parameters, with other functions, one a layer."""
        net = self._variant()
        net._activations = tuple(activations)
        net._lay()
        return net

    def _variant(self) -> Self:
        net = object.__new__(type(self))
        vars(net).update(vars(self))
        return net

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._adopt(self._params)  # arrays come out of a pickle writable, and no longer views of one vector

    def block(self, rows: slice) -> Self:
        """The network as some rows of a batch meet it; only masks over the batch make a difference."""
        functions = [f.block(rows) for f in self.activations]
        same = all(f is known for f, known in zip(functions, self.activations, strict=True))
        return self if same else self.with_activations(functions)

    def split(self, vector: Array) -> list[tuple[Array, Array]]:
        """The ``(W, b)`` views of each layer into a vector (n_params,), such as a gradient."""
        return [(vector[W].reshape(shape), vector[b]) for W, shape, b in _places(self.sizes)]

    def address(self, index: int) -> Address:
        """The :class:`Address` of ``params[index]``; ``ValueError`` outside 0 … n_params − 1."""
        if not 0 <= index < self.n_params:
            raise ValueError(f"index is {index}; expected 0 to {self.n_params - 1}")
        starts = [n_params(self.sizes[: layer + 1]) for layer in range(len(self.weights))]
        layer = sum(start <= index for start in starts) - 1
        n_in, n_out = self.sizes[layer : layer + 2]
        index -= starts[layer]
        if index < n_out * n_in:
            return Address(layer, "weight", index // n_in, index % n_in)
        return Address(layer, "bias", index - n_out * n_in, None)

    def index(self, layer: int, kind: str, to_neuron: int, from_neuron: int | None = None) -> int:
        """The inverse of :meth:`address`; ``ValueError`` where no parameter lives."""
        if not 0 <= layer < len(self.weights):
            raise ValueError(f"layer is {layer}; expected 0 to {len(self.weights) - 1}")
        n_in, n_out = self.sizes[layer], self.sizes[layer + 1]
        if kind not in ("weight", "bias") or (kind == "bias") != (from_neuron is None):
            raise ValueError(
                f"kind is {kind!r} with from_neuron {from_neuron}; a weight has one, a bias has none"
            )
        if not 0 <= to_neuron < n_out or not 0 <= (from_neuron or 0) < n_in:
            raise ValueError(
                f"no connection from {from_neuron} to {to_neuron}: layer {layer} is {n_in} → {n_out}"
            )
        start = n_params(self.sizes[: layer + 1])
        return start + (n_out * n_in + to_neuron if from_neuron is None else to_neuron * n_in + from_neuron)

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.sizes))
        return f"{type(self).__name__}({sizes}, {self.activations[0]}, {self.n_params:,} parameters)"


@lru_cache(maxsize=64)  # counting anew costs 2 % of a step over 10 examples
def _places(sizes: tuple[int, ...]) -> list[tuple[slice, tuple[int, int], slice]]:
    """Where each layer's W begins and ends in the vector, the shape of W, and the same for b."""
    places, start = [], 0
    for n_in, n_out in pairwise(sizes):
        end = start + n_out * n_in
        places.append((slice(start, end), (n_out, n_in), slice(end, end + n_out)))
        start = end + n_out
    return places


def n_params(sizes: Sequence[int]) -> int:
    """How many parameters layers of these sizes need: Σ n_out (n_in + 1)."""
    return sum(n_out * (n_in + 1) for n_in, n_out in pairwise(sizes))


def checked_sizes(sizes: Iterable[int]) -> tuple[int, ...]:
    """``sizes`` as a tuple, or a ``ValueError`` that says what is wrong with them."""
    sizes = tuple(sizes)
    if len(sizes) < 2 or any(int(size) != size or size < 1 for size in sizes):
        raise ValueError(
            f"sizes is {sizes}; expected two or more whole numbers of at least 1, the inputs first"
        )
    return tuple(int(size) for size in sizes)
