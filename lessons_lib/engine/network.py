"""The network: layer sizes, one flat vector of parameters, and the layers as views into it."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lessons_lib.engine.functions import Activation, sigmoid


class Address(NamedTuple):
    """Where a parameter lives: ``layer`` 0 is the first; ``from_neuron`` is None for a bias."""

    layer: int
    kind: str
    to_neuron: int
    from_neuron: int | None


@dataclass(frozen=True, eq=False)
class Network:
    """A fully connected network, a_(l+1) = f(a_l Wₗᵀ + bₗ), whose parameters are one flat vector.

    The vector holds the layers in order, each its ``W`` (n_out, n_in) row by row and then its ``b`` (n_out,).
    A Network never changes: :meth:`with_params` gives a new one over another vector.

    Args:
        params: (n_params,) the parameters; they are copied.
        sizes: neurons in each layer, the inputs first, such as ``(784, 16, 16, 10)``.
        activation: f of the hidden layers, and of the last one where ``output`` is not given.
        output: f of the last layer.
        residual: whether a hidden layer as wide as the one before adds its input, a_(l+1) = a_l + f(z_l)
            (He et al., *Deep Residual Learning for Image Recognition*, 2016).
        survival: what those layers' f(z_l) is multiplied by; stochastic depth sets it to the share of steps
            in which they took part.

    Raises:
        ValueError: if sizes are not positive whole numbers, or ``params`` has another length than they need.

    Example:
        >>> net = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
        >>> net.params.shape, net.weights[0].shape, net.biases[2].shape
        ((13002,), (16, 784), (10,))
        >>> net.address(9_041)
        Address(layer=0, kind='weight', to_neuron=11, from_neuron=417)
    """

    params: np.ndarray
    sizes: tuple[int, ...]
    activation: Activation = sigmoid
    output: Activation | None = None
    residual: bool = False
    survival: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "sizes", checked_sizes(self.sizes))
        self._adopt(np.array(self.params))

    def _adopt(self, params):
        params = params.view()
        if params.shape != (n_params(self.sizes),):
            raise ValueError(
                f"params has shape {params.shape}; sizes {self.sizes} need ({n_params(self.sizes)},)"
            )
        if not np.issubdtype(params.dtype, np.inexact):
            raise ValueError(f"params has dtype {params.dtype}; expected floating-point numbers")
        params.flags.writeable = False
        layers = self.split(params)
        object.__setattr__(self, "params", params)
        object.__setattr__(self, "weights", tuple(W for W, _ in layers))
        object.__setattr__(self, "biases", tuple(b for _, b in layers))
        hidden = len(layers) - 1
        object.__setattr__(
            self, "activations", (self.activation,) * hidden + (self.output or self.activation,)
        )
        object.__setattr__(self, "skips", tuple(self._skips(layer) for layer in range(len(layers))))
        object.__setattr__(self, "gains", tuple(self.survival if skip else None for skip in self.skips))

    def _skips(self, layer):
        hidden = layer < len(self.sizes) - 2
        return bool(self.residual and hidden and self.sizes[layer] == self.sizes[layer + 1])

    @classmethod
    def random(
        cls, sizes, *, rng, activation=sigmoid, output=None, residual=False, dtype=np.float32, init="glorot"
    ):
        """A network with random weights.

        ``init="glorot"`` draws weights uniformly from ±√(6 / (n_in + n_out)) and sets biases to 0 (Glorot and
        Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010).
        ``init="normal"`` is the older start: every weight and bias from N(0, 1).

        Args:
            sizes: neurons in each layer, the inputs first.
            rng: a ``np.random.Generator``; the same generator state gives the same network.
            activation, output, residual: see :class:`Network`.
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
        return cls(np.concatenate(layers).astype(dtype), sizes, activation, output, residual)

    @property
    def n_params(self):
        """How many weights and biases there are."""
        return len(self.params)

    @property
    def dtype(self):
        """The number type of the parameters, and of everything computed from them."""
        return self.params.dtype

    def with_params(self, params, *, copy=True):
        """The same network over another vector (n_params,); ``copy=False`` lets it follow that array."""
        if copy:
            return replace(self, params=params)
        net = object.__new__(Network)
        for name in ("sizes", "activation", "output", "residual", "survival"):
            object.__setattr__(net, name, getattr(self, name))
        net._adopt(params)
        return net

    def split(self, vector):
        """The ``(W, b)`` views of each layer into a vector (n_params,), such as a gradient."""
        layers, start = [], 0
        for n_in, n_out in pairwise(self.sizes):
            end = start + n_out * n_in
            layers.append((vector[start:end].reshape(n_out, n_in), vector[end : end + n_out]))
            start = end + n_out
        return layers

    def address(self, index):
        """The :class:`Address` of ``params[index]``; ``ValueError`` outside 0 … n_params − 1."""
        if not 0 <= index < self.n_params:
            raise ValueError(f"index is {index}; expected 0 to {self.n_params - 1}")
        for layer, (n_in, n_out) in enumerate(pairwise(self.sizes)):
            if index < n_out * n_in:
                return Address(layer, "weight", index // n_in, index % n_in)
            if index < n_out * (n_in + 1):
                return Address(layer, "bias", index - n_out * n_in, None)
            index -= n_out * (n_in + 1)

    def index(self, layer, kind, to_neuron, from_neuron=None):
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
        return start + (to_neuron * n_in + from_neuron if kind == "weight" else n_out * n_in + to_neuron)

    def __repr__(self):
        return (
            f"Network({'-'.join(map(str, self.sizes))}, {self.activations[0]}, {self.n_params:,} parameters)"
        )


def n_params(sizes):
    """How many parameters layers of these sizes need: Σ n_out (n_in + 1)."""
    return sum(n_out * (n_in + 1) for n_in, n_out in pairwise(sizes))


def checked_sizes(sizes):
    """``sizes`` as a tuple, or a ``ValueError`` that says what is wrong with them."""
    sizes = tuple(sizes)
    if len(sizes) < 2 or any(int(size) != size or size < 1 for size in sizes):
        raise ValueError(
            f"sizes is {sizes}; expected two or more whole numbers of at least 1, the inputs first"
        )
    return tuple(int(size) for size in sizes)
