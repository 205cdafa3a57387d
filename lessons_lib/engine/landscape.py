"""The cost as a landscape over parameter space: along a line, over a plane, and the plane a path lies in.

A picture of 25 × 25 points asks for the cost of 625 networks. They differ from each other along two
directions only, and the first layer is linear in its parameters: its sums are x W₀ᵀ + u · x Uᵀ + v · x
Vᵀ. So the three products with the images are made once, and what is left to run at each point is a small
network over them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lessons_lib.engine.arrays import Array, Arrays, Data
from lessons_lib.engine.evaluation import arrays_of
from lessons_lib.engine.functions import Cost, identity, squared_error
from lessons_lib.engine.network import Network
from lessons_lib.engine.optimizers.few_directions import principal
from lessons_lib.engine.propagation import forward, mean_cost


def cost_line(
    net: Network, data: Data, direction: ArrayLike, steps: ArrayLike, *, cost: Cost = squared_error
) -> Array:
    """The cost at net.params + step · direction, for every step.

    Args:
        net: the network at step 0.
        data: a Dataset, or a pair ``(x, y)`` of (n, n_in) inputs and (n, n_out) targets.
        direction: (n_params,).
        steps: (m,) how many times the direction to go.
        cost: the cost to measure.

    Returns:
        (m,) costs.

    Raises:
        ValueError: for a direction of the wrong shape, or data that does not fit the network.

    Example:
        >>> net = Network(np.zeros(3), (2, 1))
        >>> x, y = np.ones((5, 2)), np.full((5, 1), 0.5)
        >>> cost_line(net, (x, y), np.array([1.0, -1.0, 0.0]), [0.0, 1.0])
        array([0., 0.])
    """
    steps = np.asarray(steps)
    return _costs(net, data, net.params, np.asarray(direction)[None, :], steps[:, None], cost)


def cost_plane(
    net: Network, data: Data, plane: "Plane", u: ArrayLike, v: ArrayLike, *, cost: Cost = squared_error
) -> Array:
    """The cost over a grid of points of a plane, for contours or a surface.

    Args:
        net: a network; the plane's parameters take the place of its own.
        data, cost: as for :func:`cost_line`. 500 to 2,000 examples show the shape of the landscape.
        plane: a :class:`Plane`.
        u: (m,) coordinates along its first axis.
        v: (k,) coordinates along its second axis.

    Returns:
        (k, m) costs; row i, column j is the cost of ``plane.params([u[j], v[i]])``.

    Raises:
        ValueError: for a plane of another network's parameters, or data that does not fit the network.

    Example:
        >>> net = Network(np.zeros(3), (2, 1))
        >>> plane = Plane(net.params, np.eye(3)[:2])
        >>> cost_plane(net, (np.ones((5, 2)), np.ones((5, 1))), plane, [-1.0, 0.0, 1.0], [0.0, 2.0]).shape
        (2, 3)
    """
    grid = np.stack(np.meshgrid(u, v), axis=-1)
    costs = _costs(net, data, plane.origin, plane.axes, grid.reshape(-1, 2), cost)
    return costs.reshape(grid.shape[:2])


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through parameter space.

    Attributes:
        origin: (n_params,) the point with coordinates (0, 0).
        axes: (2, n_params) two directions of length 1 at right angles.
        share: the share of the paths' variance that lies along each axis, two numbers from 0 to 1; their
            sum is what the picture shows of the whole.
    """

    origin: Array
    axes: Array
    share: tuple[float, float] = (0.0, 0.0)

    def project(self, params: ArrayLike) -> Array:
        """(..., 2) the coordinates of the points of the plane nearest to ``params`` (..., n_params)."""
        return (np.asarray(params) - self.origin) @ self.axes.T

    def params(self, coordinates: ArrayLike) -> Array:
        """(..., n_params) the parameters at ``coordinates`` (..., 2)."""
        return self.origin + np.asarray(coordinates, self.axes.dtype) @ self.axes


def pca_plane(*paths: ArrayLike) -> Plane:
    """The plane that holds most of one or several recorded paths: their first two principal components.

    The origin is the mean of all points. Each axis points the way the first path moved along it. A few
    hundred points show as much as thousands and are quicker.

    Args:
        paths: (steps, n_params) arrays, one row a point; two rows or more in all.

    Returns:
        A :class:`Plane` with ``share``.

    Raises:
        ValueError: if the paths have no two points, or differ in their number of parameters.

    Example:
        >>> t = np.linspace(0, 1, 9)
        >>> plane = pca_plane(np.stack([3 * t, t**2, 0 * t], axis=1))
        >>> bool(sum(plane.share) > 0.999), plane.project([[3.0, 1.0, 0.0]]).shape
        (True, (1, 2))

    Source: the plane of a training path, Li et al., *Visualizing the loss landscape of neural nets*, 2018,
    section 7.2.
    """
    paths = [_checked_path(path) for path in paths]
    n_points = sum(map(len, paths))
    if n_points < 2:
        raise ValueError(f"the paths have {n_points} points in all; record at least 2")
    points = np.concatenate(paths)
    origin = points.mean(axis=0)
    offsets = points - origin
    _, U = principal(offsets @ offsets.T, keep=2)
    axes = _two_axes(U.T @ offsets)
    axes *= np.where(axes @ (paths[0][-1] - paths[0][0]) < 0, -1, 1)[:, None]
    along, whole = np.square(offsets @ axes.T).sum(axis=0), np.square(offsets).sum()
    first, second = along / whole if whole else (0.0, 0.0)
    return Plane(origin, axes, (float(first), float(second)))


def _two_axes(directions: Array) -> Array:
    """Two directions of length 1 at right angles, from those given (k, n_params) or else two parameters."""
    axes: Arrays = []
    for direction in (*directions, *np.eye(2, directions.shape[1], dtype=directions.dtype)):
        rest = direction - sum((axis @ direction) * axis for axis in axes)
        if len(axes) < 2 and np.linalg.norm(rest) > 0.1 * np.linalg.norm(direction):
            axes.append(rest / np.linalg.norm(rest))
    return np.array(axes)


def _checked_path(path: ArrayLike) -> Array:
    path = np.asarray(path)
    if path.ndim != 2 or path.shape[1] < 2:
        raise ValueError(f"a path has shape {path.shape}; expected (steps, n_params), 2 parameters or more")
    if not np.isfinite(path).all():
        raise ValueError("a path holds a number that is not finite; leave out the points after it diverged")
    return path


def _costs(net: Network, data: Data, origin: Array, axes: Array, coordinates: Array, cost: Cost) -> Array:
    """(m,) the cost at origin + coordinates @ axes, for ``axes`` (k, n_params) and ``coordinates`` (m, k)."""
    if axes.shape[1:] != net.params.shape or origin.shape != net.params.shape:
        raise ValueError(f"directions have {axes.shape[-1]} parameters; the network has {net.n_params}")
    x, y = arrays_of(data)
    origin, axes, coordinates = (np.asarray(part, net.dtype) for part in (origin, axes, coordinates))
    if type(net) is Network and (len(axes) + 1) * net.sizes[1] < net.sizes[0]:
        net, x, origin, axes = _reduced(net, x, origin, axes)
    costs = np.empty(len(coordinates))
    for i, point in enumerate(coordinates):
        there = net.with_params(origin + point @ axes)
        costs[i] = mean_cost(there, forward(there, x), y, cost)
    return costs


def _reduced(net: Network, x: Array, origin: Array, axes: Array) -> tuple[Network, Array, Array, Array]:
    """The same costs from a smaller network, whose inputs are the products of ``x`` with origin and axes."""
    n_in, n_out = net.sizes[:2]
    vectors = (origin, *axes)
    products = np.concatenate(
        [vector[: n_out * n_in] for vector in vectors] + [np.zeros_like(origin[:n_out])] * len(vectors)
    )
    x = forward(Network(products, (n_in, len(vectors) * n_out), identity), x).output
    shrunk = []
    for place, vector in enumerate(vectors):
        W = np.eye(n_out, len(vectors) * n_out, k=place * n_out, dtype=net.dtype)
        shrunk.append(np.concatenate([W.ravel(), vector[n_out * n_in :]]))
    origin, *axes = shrunk
    small = Network(origin, (x.shape[1], *net.sizes[1:]), net.activations[0], net.activations[-1])
    return small, x, origin, np.array(axes)
