"""Activations and costs against their definitions, their slopes against measured ones, and their extremes."""

import numpy as np
import pytest

from lessons_lib import cross_entropy, identity, relu, sigmoid, softmax, squared_error, tanh

ELEMENTWISE = [sigmoid, tanh, relu, identity]
ALL = [*ELEMENTWISE, softmax]
Z = np.array([[-3.0, -0.5, 0.0], [0.7, 1.5, 4.0]])  # 0 is where ReLU has its corner


def test_activations_are_what_the_textbook_says():
    np.testing.assert_allclose(sigmoid(Z), 1 / (1 + np.exp(-Z)), rtol=1e-14)
    np.testing.assert_array_equal(tanh(Z), np.tanh(Z))
    np.testing.assert_array_equal(relu(Z), np.maximum(Z, 0))
    np.testing.assert_array_equal(identity(Z), Z)
    np.testing.assert_allclose(softmax(Z), np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), rtol=1e-14)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=repr)
def test_a_derivative_is_the_measured_slope(f):
    measured = f(Z + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(f.derivative(Z, f(Z)), measured, rtol=1e-14, atol=1e-15)


def test_the_derivative_of_softmax_is_its_jacobian():
    jacobian = softmax.derivative(Z, softmax(Z))
    for k in range(3):
        nudge = np.zeros(3, complex)
        nudge[k] = 1e-30j
        np.testing.assert_allclose(jacobian[:, :, k], softmax(Z + nudge).imag / 1e-30, rtol=1e-13)


def test_softmax_reads_one_row_as_it_reads_a_batch():
    wish, z, a = np.array([1.0, -2.0, 0.5]), Z[0], softmax(Z)
    np.testing.assert_allclose(softmax(z), a[0], rtol=1e-15)
    np.testing.assert_allclose(softmax.derivative(z, a[0]), softmax.derivative(Z, a)[0], rtol=1e-15)
    np.testing.assert_allclose(softmax.backward(wish, z, a[0]), softmax.backward(wish, Z, a)[0], rtol=1e-15)


def test_no_row_changes_the_softmax_of_another():
    """A number added to all z of a row leaves its shares as they are, however far apart the rows then lie."""
    y, far = np.eye(3)[[0, 2]], Z + np.array([[0.0], [3000.0]])
    np.testing.assert_allclose(softmax(far), softmax(Z), rtol=1e-12)
    costs = [cross_entropy.per_example(softmax(z), y, softmax, z) for z in (far, Z)]
    np.testing.assert_allclose(*costs, rtol=1e-12)


@pytest.mark.parametrize("f", ALL, ids=repr)
def test_backward_multiplies_a_wish_by_the_jacobian(f):
    wish = np.array([[1.0, -2.0, 0.5], [0.3, 0.1, -1.0]])
    a = f(Z)
    slope = f.derivative(Z, a)
    expected = np.einsum("nj,njk->nk", wish, slope) if f == softmax else wish * slope
    np.testing.assert_allclose(f.backward(wish, Z, a), expected, rtol=1e-13)


@pytest.mark.parametrize("f", ALL, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_keep_their_type_and_the_input_stays_as_it_is(f, dtype):
    z = Z.astype(dtype)
    assert f(z).dtype == dtype and f.derivative(z, f(z)).dtype == dtype
    np.testing.assert_array_equal(z, Z.astype(dtype), "the input was changed")


@pytest.mark.parametrize("f", ALL, ids=repr)
def test_nothing_overflows(f):
    for dtype in (np.float32, np.float64):
        z = np.array([[-1e30, -800.0, 0.0, 800.0, 1e30]], dtype)
        a = f(z)
        assert np.isfinite(a).all() and np.isfinite(f.derivative(z, a)).all()


def test_activations_compare_and_print_by_name():
    assert sigmoid == type(sigmoid)() and sigmoid != tanh and len({sigmoid, tanh, sigmoid}) == 2
    assert [repr(f) for f in ALL] == ["sigmoid", "tanh", "relu", "identity", "softmax"]


def test_squared_error_sums_squares_and_averages_over_examples():
    a, y = np.array([[0.5, 0.0], [1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_array_equal(squared_error.per_example(a, y), [0.25, 5.0])
    assert squared_error(a, y) == 2.625
    np.testing.assert_array_equal(squared_error.derivative(a, y), [[-1, 0], [2, 4]])


def test_cross_entropy_is_the_surprise_of_the_right_answer():
    a, y = np.array([[0.25, 0.75]]), np.array([[1.0, 0.0]])
    assert cross_entropy(a, y) == pytest.approx(np.log(4))
    yes_or_no = -(np.log(0.25) + np.log(1 - 0.75))
    z = np.log(a / (1 - a))
    assert cross_entropy.per_example(a, y, sigmoid, z)[0] == pytest.approx(yes_or_no)
    assert cross_entropy(a, y, sigmoid, z) == pytest.approx(yes_or_no)
    a, y = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(cross_entropy.per_example(a, y), np.log([4, 2]))
    assert cross_entropy(a, y) == pytest.approx(np.log(8) / 2)


@pytest.mark.parametrize("cost", [squared_error, cross_entropy], ids=repr)
def test_the_derivative_of_a_cost_is_its_measured_slope(cost):
    a, y = softmax(Z), np.array([[0.0, 1.0, 0.0], [0.2, 0.3, 0.5]])
    for j in range(3):
        nudge = 1e-30j * np.eye(3)[j]
        measured = cost.per_example(a + nudge, y).imag / 1e-30
        np.testing.assert_allclose(cost.derivative(a, y)[:, j], measured, rtol=1e-14)


def test_an_answer_of_0_has_a_finite_slope():
    slope = cross_entropy.derivative(np.array([[0.0, 1.0]], np.float32), np.array([[0.0, 1.0]], np.float32))
    np.testing.assert_array_equal(slope, [[0, -1]])


@pytest.mark.parametrize("f", [softmax, sigmoid], ids=repr)
def test_the_slope_cancels_in_the_delta_of_cross_entropy(f):
    y = np.eye(3)[[0, 2]]
    np.testing.assert_allclose(cross_entropy.delta(f(Z), y, f, Z), f(Z) - y, rtol=1e-15)


@pytest.mark.parametrize("f", ALL, ids=repr)
@pytest.mark.parametrize("cost", [squared_error, cross_entropy], ids=repr)
def test_delta_is_the_measured_slope_of_the_cost(f, cost):
    y = np.array([[0.0, 1.0, 0.0], [0.2, 1.3, 0.5]])  # the second sums to 2
    delta = cost.delta(f(Z), y, f, Z)
    for j in range(3):
        z = Z.astype(complex)
        z[:, j] += 1e-30j
        measured = cost.per_example(f(z), y, f, z).imag / 1e-30
        np.testing.assert_allclose(delta[:, j], measured, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("f", [softmax, sigmoid], ids=repr)
def test_cross_entropy_of_a_sure_and_wrong_answer_is_large_and_finite(f):
    z = np.array([[200.0, -200.0]], np.float32)
    value = cross_entropy.per_example(f(z), np.array([[0.0, 1.0]], np.float32), f, z)
    np.testing.assert_allclose(value, 400.0)
    assert np.isfinite(cross_entropy(softmax(z), np.array([[0.0, 1.0]], np.float32)))
