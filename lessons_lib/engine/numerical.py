"""The gradient, measured: the oracle that backprop is held against; and how well two directions agree."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lessons_lib.engine.arrays import Array
from lessons_lib.engine.functions import Cost, squared_error
from lessons_lib.engine.network import Network
from lessons_lib.engine.propagation import forward, mean_cost


def numerical_gradient(
    net: Network,
    x: ArrayLike,
    y: ArrayLike,
    *,
    cost: Cost = squared_error,
    method: str = "central",
    h: float | None = None,
    indices: Iterable[int] | None = None,
) -> Array:
    """The gradient of the mean cost, measured: wiggle one parameter at a time and see what the cost does.

    ``method="central"``: (C(w + h) − C(w − h)) / 2h, with an error of order h² and rounding of order ε/h.
    ``method="complex"``: Im C(w + ih) / h, which subtracts nothing and is exact to rounding for tiny h
    (Squire and Trapp, *Using complex variables to estimate derivatives of real functions*, SIAM Review 40,
    1998).

    Args:
        net, x, y, cost: as for :func:`.forward` and :func:`.backprop`; float64 networks give the sharpest
            answer.
        h: the wiggle; 1e-5 for central differences and 1e-30 for the complex step unless given.
        indices: which parameters; all of them unless given.

    Returns:
        (n_params,), or (len(indices),) the measured slopes.

    Raises:
        ValueError: for an unknown method or a wiggle that is not positive.

    Example:
        >>> from lessons_lib import Network, backprop
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
    params = net.params.astype(complex if method == "complex" else float)
    wiggled = net.with_params(params, copy=False)

    def cost_at(i: int, value: Any) -> Any:
        kept, params[i] = params[i], value
        here = mean_cost(wiggled, forward(wiggled, x), y, cost)
        params[i] = kept
        return here

    def slope(i: int) -> float:
        if method == "complex":
            return cost_at(i, params[i] + 1j * h).imag / h
        return (cost_at(i, params[i] + h) - cost_at(i, params[i] - h)) / (2 * h)

    return np.array([slope(i) for i in (range(net.n_params) if indices is None else indices)])


def cosine(u: np.ndarray, v: np.ndarray) -> float:
    """The cosine of the angle between two arrays: 1 the same direction, −1 the opposite; 0 if one is zero.

    Args:
        u, v: two arrays of the same size, taken as vectors.

    Example:
        >>> cosine(np.array([1.0, 0.0]), np.array([-2.0, 0.0]))
        -1.0
    """
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    return float(np.vdot(u, v) / lengths) if lengths else 0.0
