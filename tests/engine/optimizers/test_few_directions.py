"""Principal directions of per-example gradients, against the SVD of the matrix that is never built."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons_lib import Network, backprop, forward, load_mnist
from lessons_lib.engine.optimizers import EntropyScaledMomentum, GradientPCA, Rows
from lessons_lib.engine.optimizers.few_directions import _leading, entropy, principal


def gradient(n, seed=0):
    rng = np.random.default_rng(seed)
    net = Network.random((784, 16, 16, 10), rng=rng, init="normal")
    data = load_mnist().train[:n]
    return net, backprop(net, forward(net, data.pixels), data.y)


def projected(matrix, count, centred=False):
    """The mean row projected on the leading directions, from the whole matrix in float64."""
    mean = matrix.mean(axis=0)
    rows = matrix - mean if centred else matrix
    squares, U = np.linalg.eigh(rows @ rows.T)
    V = (U[:, -count:] / np.sqrt(squares[-count:])).T @ rows
    return V.T @ (V @ mean)


@pytest.mark.parametrize("keep", [1, 3, 10, 40])
@pytest.mark.parametrize("centred", [False, True])
def test_a_step_is_the_mean_projected(keep, centred):
    net, grad = gradient(100)
    update, _ = GradientPCA(1.0, keep=keep, centred=centred).update(grad, (), net.params)
    expected = -projected(grad.per_example().astype(float), keep, centred)
    scale = np.linalg.norm(grad.mean())
    assert np.linalg.norm(update - expected) <= 1e-4 * scale
    assert update.dtype == np.float32


def test_a_few_directions_of_many_examples():
    """For n = 400 and keep = 10 they come from a Krylov space, not a full eigendecomposition."""
    net, grad = gradient(400)
    update, _ = GradientPCA(1.0, keep=10).update(grad, (), net.params)
    expected = -projected(grad.per_example().astype(float), 10)
    assert np.linalg.norm(update - expected) <= 1e-4 * np.linalg.norm(expected)


def test_all_of_the_variance_is_plain_gradient_descent():
    net, grad = gradient(50)
    update, _ = GradientPCA(2.0, keep=1.0).update(grad, (), net.params)
    np.testing.assert_allclose(update, -2 * grad.mean(), atol=1e-6 * np.abs(grad.mean()).max())


def test_a_share_keeps_the_fewest_directions_that_reach_it():
    K = np.diag([1.0, 6.0, 3.0])
    for keep, count in ((0.5, 1), (0.6, 1), (0.61, 2), (0.9, 2), (0.95, 3), (1.0, 3)):
        assert len(principal(K, keep)[0]) == count
    np.testing.assert_allclose(principal(K, 1.0)[0], [6, 3, 1])


@settings(deadline=None, max_examples=60)
@given(n=st.integers(1, 400), p=st.integers(1, 12), count=st.integers(1, 7), seed=st.integers(0, 999))
def test_eigenpairs_of_any_gram_matrix(n, p, count, seed):
    G = np.random.default_rng(seed).standard_normal((n, p)) * np.arange(1, p + 1)
    variances, U = principal(G @ G.T, count)
    expected = np.linalg.svd(G, compute_uv=False)[:count] ** 2
    assert len(variances) == min(count, n, p), "directions without variance are left out"
    np.testing.assert_allclose(variances, expected, rtol=1e-8)
    np.testing.assert_allclose(U.T @ U, np.eye(len(variances)), atol=1e-9)


def test_the_krylov_space_holds_the_leading_eigenpairs():
    G = np.random.default_rng(0).standard_normal((400, 60)) * 0.9 ** np.arange(60)
    variances, U = _leading(G @ G.T, 7)
    np.testing.assert_allclose(variances[::-1], np.linalg.svd(G, compute_uv=False)[:7] ** 2)
    np.testing.assert_allclose(G @ (G.T @ U), variances * U, atol=1e-6 * variances.max())
    assert U.shape == (400, 7)


@pytest.mark.parametrize("n", [100, 400])  # all eigenpairs, and the leading ones from a Krylov space
def test_the_same_matrix_has_the_same_eigenpairs_in_its_own_number_type(n):
    G = np.random.default_rng(0).standard_normal((n, 30)).astype(np.float32)
    first, second = (principal(G @ G.T, 5) for _ in range(2))
    for ours, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(ours, again)
        assert ours.dtype == np.float32


def test_no_gradient_no_step():
    for rule in (GradientPCA(), GradientPCA(keep=3), GradientPCA(centred=True), EntropyScaledMomentum()):
        update, _ = rule.update(np.zeros((5, 2)), rule.init(np.zeros(2)), np.zeros(2))
        np.testing.assert_array_equal(update, [0, 0])


def test_one_example_is_its_own_direction():
    for grad in (np.array([3.0, 4.0]), np.array([[3.0, 4.0]])):
        np.testing.assert_allclose(GradientPCA(1.0).update(grad, (), np.zeros(2))[0], [-3, -4])
        rule = EntropyScaledMomentum(1.0)
        np.testing.assert_allclose(rule.update(grad, np.zeros(2), np.zeros(2))[0], [-3, -4])


def test_beyond_the_range_of_numbers_the_mean_is_left():
    rows = np.array([[1e30, 0], [1e30, 1e29]], np.float32)  # the inner products overflow float32
    with np.errstate(over="ignore"):
        update, _ = GradientPCA(1.0).update(rows, (), np.zeros(2, np.float32))
    np.testing.assert_allclose(update, -rows.mean(axis=0), rtol=1e-6)


@given(st.lists(st.floats(1e-6, 1), min_size=2, max_size=20))
def test_entropy_lies_between_owned_and_shared(weights):
    p = np.array(weights)[:, None] / sum(weights)
    assert 0 <= entropy(p)[0] <= 1 + 1e-12
    n = len(weights)
    np.testing.assert_allclose(entropy(np.full((n, 1), 1 / n)), 1)
    np.testing.assert_allclose(entropy(np.eye(n)[:, :1]), 0, atol=1e-12)


def by_the_definition(G, v, mu, top, scale):
    """Entropy-scaled momentum written out with the whole matrix, as its docstring defines it."""
    _, _, V = np.linalg.svd(G, full_matrices=False)
    c = G @ V.T
    p = c**2 / (c**2).sum(axis=0)
    H = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=0) / np.log(len(G))
    H = {"entropy": H, "inverse": 1 - H, "none": np.ones_like(H)}[scale]
    for row in c:
        row[np.argsort(-np.abs(row))[top:]] = 0
    along = V @ v
    return mu * (v - along @ V) + (mu * H * along + c.mean(axis=0)) @ V


@pytest.mark.parametrize("scale", ["entropy", "inverse", "none"])
@pytest.mark.parametrize("top", [1, 2, 3])
def test_entropy_scaled_momentum_is_its_definition(scale, top):
    rng = np.random.default_rng(0)
    rule, v = EntropyScaledMomentum(0.5, 0.8, keep=1.0, top=top, scale=scale), np.zeros(5)
    for _ in range(3):
        G = rng.standard_normal((4, 5))
        expected = by_the_definition(G, v, 0.8, top, scale)
        update, v = rule.update(G, v, np.zeros(5))
        np.testing.assert_allclose(v, expected, atol=1e-12)
        np.testing.assert_allclose(update, -0.5 * expected, atol=1e-12)


def test_of_many_directions_each_example_keeps_the_largest():
    G = np.random.default_rng(0).standard_normal((400, 350))  # numpy sorts short rows outright
    for top in (5, 300, 350, 360):
        _, v = EntropyScaledMomentum(1.0, keep=1.0, top=top).update(G, np.zeros(350), np.zeros(350))
        np.testing.assert_allclose(v, by_the_definition(G, np.zeros(350), 0.9, top, "entropy"), atol=1e-10)


def test_rows_have_the_methods_of_a_gradient():
    _, grad = gradient(20)
    rows = Rows(grad.per_example())
    c, v = np.ones(20, np.float32), grad.mean()
    assert len(rows) == len(grad) == 20
    for ours, theirs in (
        (rows.mean(), grad.mean()),
        (rows.mean(-2.0), -2 * grad.mean()),
        (rows.combine(c), grad.combine(c)),
        (rows.gram(), grad.gram()),
        (rows.dot(v), grad.dot(v)),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())
