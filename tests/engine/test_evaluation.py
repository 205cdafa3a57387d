"""What `evaluate` says of a network."""

import numpy as np
import pytest

from lessons_lib import Network, evaluate, identity, load_mnist


def test_evaluate_counts_what_the_network_answers():
    net = Network(np.array([1.0, 0, 0, 1, 0, 0]), (2, 2), identity)  # answers with its input
    x, y = np.array([[1.0, 0], [0, 1], [0, 1], [1, 0]]), np.eye(2)[[0, 1, 0, 0]]
    result = evaluate(net, (x, y))
    assert result.accuracy == 0.75 and result.cost == 0.5
    np.testing.assert_array_equal(result.confusion, [[2, 1], [0, 1]])
    np.testing.assert_array_equal(result.predictions, [0, 1, 1, 0])
    assert repr(result) == "Evaluation(cost=0.5000, accuracy=75.00%)"


def test_evaluate_on_digits():
    data = load_mnist().train[:450]
    result = evaluate(Network.random((784, 16, 16, 10), rng=np.random.default_rng(0)), data)
    assert result.confusion.sum() == 450 and result.confusion.shape == (10, 10)
    np.testing.assert_array_equal(result.confusion.sum(axis=1), np.bincount(data.labels, minlength=10))
    assert np.trace(result.confusion) / 450 == pytest.approx(result.accuracy)


@pytest.mark.parametrize(
    ("data", "kind"), [(np.ones((2, 2)), "ndarray"), (None, "NoneType"), (load_mnist(), "TrainAndTest")]
)
def test_what_is_no_data_is_named_with_what_is_expected(data, kind):
    net = Network(np.zeros(6), (2, 2), identity)
    with pytest.raises(ValueError, match=f"data is of type {kind}; expected one Dataset, .* or a pair"):
        evaluate(net, data)
