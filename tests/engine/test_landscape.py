"""The cost on a line and a plane against evaluating every point, and the plane a path lies in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons_lib import (
    SGD,
    Network,
    cross_entropy,
    evaluate,
    load_mnist,
    relu,
    sigmoid,
    softmax,
    squared_error,
    tanh,
    train,
)
from lessons_lib.engine.landscape import Plane, cost_line, cost_plane, pca_plane
from lessons_lib.engine.residual import ResidualNetwork

READER = (784, 16, 16, 10)


def digits(n=300):
    return load_mnist().train[:n]


def trained_path(epochs=1, seed=0, every=20):
    rng = np.random.default_rng(seed)
    net = Network.random(READER, rng=rng)
    path = [net.params]
    for step in train(net, load_mnist().train[:5000], SGD(4.0), rng=rng, epochs=epochs):
        if step.index % every == 0:
            path.append(step.net.params.copy())
    return net, np.array(path)


@pytest.mark.parametrize(
    ("options", "cost"),
    [
        ({}, squared_error),
        ({"activation": tanh, "output": softmax}, cross_entropy),
        ({"activation": relu, "output": sigmoid}, cross_entropy),
        ({"kind": ResidualNetwork}, squared_error),
    ],
)
@pytest.mark.parametrize("sizes", [READER, (784, 784, 10), (784, 10)], ids=str)
def test_every_point_of_a_plane_costs_what_its_parameters_cost(sizes, options, cost):
    rng = np.random.default_rng(0)
    kind = options.get("kind", Network)
    net = kind.random(sizes, rng=rng, **{name: f for name, f in options.items() if name != "kind"})
    plane = Plane(net.params, np.linalg.qr(rng.standard_normal((net.n_params, 2)))[0].T.astype(np.float32))
    u, v = np.array([-9.0, 0.0, 4.0]), np.array([2.0, 30.0])
    drawn = cost_plane(net, digits(250), plane, u, v, cost=cost)
    assert drawn.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            there = net.with_params(plane.params([u[j], v[i]]))
            assert drawn[i, j] == pytest.approx(evaluate(there, digits(250), cost=cost).cost, rel=1e-4)


def test_a_line_costs_what_its_points_cost():
    net = Network.random(READER, rng=np.random.default_rng(0))
    direction = np.random.default_rng(1).standard_normal(net.n_params).astype(np.float32)
    steps = [-0.1, 0.0, 0.05, 1.0]
    expected = [
        evaluate(net.with_params(net.params + np.float32(s) * direction), digits()).cost for s in steps
    ]
    np.testing.assert_allclose(cost_line(net, digits(), direction, steps), expected, rtol=1e-4)


@pytest.mark.parametrize("sizes", [READER, (784, 784, 10)], ids=str)  # through a smaller network, and whole
def test_a_float32_network_is_drawn_in_float32(sizes):
    rng = np.random.default_rng(0)
    net = Network.random(sizes, rng=rng)
    plane = Plane(net.params, np.linalg.qr(rng.standard_normal((net.n_params, 2)))[0].T)  # float64
    costs = cost_plane(net, digits(20), plane, [0.0, 0.3], [0.1])
    np.testing.assert_array_equal(costs, costs.astype(np.float32))
    assert Plane(net.params, plane.axes.astype(np.float32)).params([1.0, 2.0]).dtype == np.float32


def test_pairs_of_arrays_work_as_datasets_do():
    net = Network.random(READER, rng=np.random.default_rng(0))
    data, direction = digits(), np.ones(net.n_params)
    ours = cost_line(net, (data.x, data.y), direction, [0.0, 0.1])
    np.testing.assert_allclose(ours, cost_line(net, data, direction, [0.0, 0.1]), rtol=1e-5)


def test_the_cost_drawn_at_a_projected_point_is_the_cost_there():
    net, path = trained_path()
    plane = pca_plane(path)
    for u, v in plane.project(path)[::5]:
        drawn = cost_plane(net, digits(), plane, [u], [v])[0, 0]
        assert drawn == pytest.approx(
            evaluate(net.with_params(plane.params([u, v])), digits()).cost, rel=1e-4
        )


def test_the_plane_of_a_real_path_is_its_first_two_principal_components():
    _, path = trained_path()
    plane = pca_plane(path)
    offsets = path.astype(float) - path.astype(float).mean(axis=0)
    _, S, V = np.linalg.svd(offsets, full_matrices=False)
    np.testing.assert_allclose(plane.share, S[:2] ** 2 / np.sum(S**2), rtol=1e-4)
    np.testing.assert_allclose(np.abs(plane.axes @ V[:2].T), np.eye(2), atol=1e-3)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-5)
    assert sum(plane.share) > 0.8
    start, end = plane.project(path[[0, -1]])
    assert (end - start >= 0).all(), "each axis points the way the path went"


@pytest.mark.parametrize("seed", range(5))
def test_each_axis_points_the_way_the_first_path_moved(seed):
    rng = np.random.default_rng(seed)
    path, other = rng.standard_normal((2, 12, 6)).cumsum(axis=1)
    for first in (path, path[::-1]):  # one of the two runs against any sign that is left to chance
        for paths in ((first,), (first, other)):
            moved = np.diff(pca_plane(*paths).project(first[[0, -1]]), axis=0)
            assert (moved > 0).all()


def test_two_paths_share_a_plane():
    one, two = (trained_path(seed=seed)[1] for seed in (0, 1))
    plane = pca_plane(one, two)
    together = np.concatenate([one, two])
    np.testing.assert_allclose(plane.project(together).mean(axis=0), [0, 0], atol=1e-3)
    assert plane.share[0] > 0.5 and 0 < plane.share[1] < plane.share[0]


@given(
    steps=st.integers(2, 60),
    n=st.integers(2, 9),
    rank=st.integers(0, 3),
    seed=st.integers(0, 999),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_any_path_has_a_plane(steps, n, rank, seed, dtype):
    rng = np.random.default_rng(seed)
    path = (rng.standard_normal((steps, rank)) @ rng.standard_normal((rank, n)) + 1).astype(dtype)
    plane = pca_plane(path)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-5)
    assert all(0 <= share <= 1 + 1e-6 for share in plane.share)
    if 1 <= rank <= 2:
        assert sum(plane.share) == pytest.approx(1, abs=1e-3)
        np.testing.assert_allclose(plane.params(plane.project(path)), path, atol=1e-4)
    assert plane.axes.dtype == dtype


def test_a_path_that_does_not_move_is_drawn_at_the_origin():
    plane = pca_plane(np.ones((3, 5)))
    np.testing.assert_array_equal(plane.project(np.ones(5)), [0, 0])
    assert plane.share == (0.0, 0.0)


def test_bad_paths_and_directions():
    net = Network.random(READER, rng=np.random.default_rng(0))
    for points, paths in enumerate([(), (np.ones((1, 5)),)]):
        with pytest.raises(ValueError, match=f"the paths have {points} points in all; record at least 2"):
            pca_plane(*paths)
    for path in (np.ones(5), np.ones((4, 1))):
        with pytest.raises(ValueError, match=r"expected \(steps, n_params\)"):
            pca_plane(path)
    with pytest.raises(ValueError, match="not finite; leave out the points after it diverged"):
        pca_plane(np.array([[0, 1], [np.nan, 2]]))
    with pytest.raises(ValueError, match="directions have 5 parameters; the network has 13002"):
        cost_line(net, digits(), np.ones(5), [0.0])
