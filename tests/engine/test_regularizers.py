"""Penalties against formulas, dropout and stochastic depth by statistics, frozen layers by stillness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons_lib import (
    SGD,
    Network,
    backprop,
    forward,
    load_mnist,
    numerical_gradient,
    relu,
    sigmoid,
    softmax,
    train,
)
from lessons_lib.engine.optimizers import ConjugateGradient
from lessons_lib.engine.propagation import BLOCK, gradient
from lessons_lib.engine.regularizers import L1, L2, Dropout, LayerFreezing, Masked, StochasticDepth
from lessons_lib.engine.residual import ResidualNetwork


def network(sizes=(5, 6, 6, 6, 3), seed=0, kind=Network, **options):
    return kind.random(sizes, rng=np.random.default_rng(seed), init="normal", **options)


@pytest.mark.parametrize(("rule", "of"), [(L1(0.3), np.abs), (L2(0.3), np.square)], ids=["L1", "L2"])
def test_a_penalty_counts_weights_not_biases(rule, of):
    net = network(dtype=np.float64)
    cost, gradient = rule.penalty(net)
    assert cost == pytest.approx(0.3 * sum(of(W).sum() for W in net.weights))
    wiggled = np.zeros(net.n_params)
    for i in range(net.n_params):
        high, low = (
            rule.penalty(net.with_params(net.params + h * np.eye(1, net.n_params, i)[0]))
            for h in (1e-6, -1e-6)
        )
        wiggled[i] = (high[0] - low[0]) / 2e-6
    np.testing.assert_allclose(gradient, wiggled, atol=1e-7)
    assert all(not b.any() for _, b in net.split(gradient))


@pytest.mark.parametrize("rule", [L1(0.3), L2(0.3)], ids=["L1", "L2"])
def test_a_weight_of_0_is_left_there(rule):
    cost, gradient = rule.penalty(Network(np.zeros(9), (2, 2, 1)))
    assert cost == 0 and not gradient.any()


def test_train_follows_cost_and_penalty_together():
    net, rng = network(dtype=np.float64), np.random.default_rng(1)
    x, y = rng.random((8, 5)), rng.random((8, 3))
    step = next(train(net, (x, y), SGD(1.0), rng=rng, batch_size=8, regularizers=[L2(0.01), L1(0.02)]))
    measured = numerical_gradient(net, x, y, method="complex")
    expected = measured + L2(0.01).penalty(net)[1] + L1(0.02).penalty(net)[1]
    np.testing.assert_allclose(step.grad.mean(), expected, atol=1e-12)
    np.testing.assert_allclose(step.update, -expected, atol=1e-12)
    plain = next(train(net, (x, y), SGD(1.0), rng=rng, batch_size=8)).cost
    assert step.cost == pytest.approx(plain + L2(0.01).penalty(net)[0] + L1(0.02).penalty(net)[0])


def test_l2_shrinks_and_l1_empties():
    net, data = network((784, 16, 10)), load_mnist().train[:200]

    def weights(*regularizers):
        rng = np.random.default_rng(0)
        for step in train(net, data, SGD(0.5), rng=rng, batch_size=20, epochs=20, regularizers=regularizers):
            pass
        return np.abs(step.net.weights[0])

    plain, l2, l1 = weights(), weights(L2(0.003)), weights(L1(0.003))
    assert l2.mean() < 0.8 * plain.mean()
    assert np.mean(l1 < 0.01) > 5 * np.mean(plain < 0.01)


@given(rate=st.floats(0, 0.95), batch=st.integers(1, 30), seed=st.integers(0, 999))
def test_dropout_silences_hidden_neurons_and_scales_the_rest(rate, batch, seed):
    net = network()
    *hidden, output = Dropout(rate).thin(net, batch, np.random.default_rng(seed)).activations
    assert output is net.activations[-1]
    for mask, n in zip((f.mask for f in hidden), net.sizes[1:-1], strict=True):
        assert mask.shape == (batch, n) and mask.dtype == np.float32
        kept = mask[mask > 0]
        np.testing.assert_allclose(kept, 1 / (1 - rate), rtol=1e-6)


def test_dropout_silences_its_rate_and_leaves_the_mean():
    net, rng = network((5, 100, 3)), np.random.default_rng(0)
    mask = Dropout(0.3).thin(net, 1000, rng).activations[0].mask
    assert np.mean(mask == 0) == pytest.approx(0.3, abs=0.01)
    assert mask.mean() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("kind", [Network, ResidualNetwork])
@pytest.mark.parametrize("batch", [4, 2 * BLOCK + 3])
def test_backprop_through_dropout_is_the_slope_of_the_thinned_network(kind, batch):
    net, rng = network(dtype=np.float64, kind=kind), np.random.default_rng(0)
    x, y = rng.random((batch, 5)), rng.random((batch, 3))
    thinned = Dropout(0.4).thin(net, batch, rng)
    ours = backprop(thinned, forward(thinned, x), y).mean()
    for i in range(0, net.n_params, 7):
        params = net.params.astype(complex)
        params[i] += 1e-30j
        out = forward(thinned.with_params(params), x).output
        assert ours[i] == pytest.approx(np.imag(((out - y) ** 2).sum() / batch) / 1e-30, abs=1e-12)


@pytest.mark.parametrize("kind", [Network, ResidualNetwork])
def test_every_example_keeps_its_own_mask_in_a_batch_of_many_blocks(kind):
    """Written out a second time, all rows at once: a masked layer hands on m f(z)."""
    net, rng, batch = network(dtype=np.float64, kind=kind), np.random.default_rng(0), 2 * BLOCK + 3
    x, y = rng.random((batch, 5)), rng.random((batch, 3))
    thinned = Dropout(0.4).thin(net, batch, rng)
    masks = [f.mask for f in thinned.activations[:-1]]
    a = x
    for layer, (W, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        h = 1 / (1 + np.exp(-(a @ W.T + b)))
        h = h * masks[layer] if layer < len(masks) else h
        a = a + h if kind is ResidualNetwork and layer in (1, 2) else h
    trace = forward(thinned, x)
    np.testing.assert_allclose(trace.output, a, atol=1e-14)
    value, grad = gradient(thinned, x, y)
    assert value == pytest.approx(((a - y) ** 2).sum() / batch, abs=1e-13)
    one_by_one = [
        backprop(alone, forward(alone, x[i : i + 1]), y[i : i + 1]).mean()
        for i in range(batch)
        for alone in [thinned.block(slice(i, i + 1))]
    ]
    for ours in (grad, backprop(thinned, trace, y)):
        np.testing.assert_allclose(ours.per_example(), one_by_one, atol=1e-14)
        np.testing.assert_allclose(ours.mean(), np.mean(one_by_one, axis=0), atol=1e-14)


@pytest.mark.parametrize("inner", [sigmoid, relu], ids=repr)
def test_the_derivative_of_a_masked_activation_is_its_measured_slope(inner):
    z = np.array([[-0.5, 0.2, 1.5], [0.7, -2.0, 0.3]])
    f = Masked(inner, np.array([[2.0, 0.0, 2.0], [0.0, 2.0, 2.0]]))
    np.testing.assert_allclose(f.derivative(z, f(z)), f(z + 1e-30j).imag / 1e-30, rtol=1e-14)


def test_stochastic_depth_prepares_a_residual_network():
    net = StochasticDepth(0.25).prepare(network())
    assert isinstance(net, ResidualNetwork) and net.gains == (None, 0.75, 0.75, None)
    mixed = StochasticDepth(0.25).prepare(network((4, 4, 2), activation=relu, output=softmax))
    assert mixed.activations == (relu, softmax) and mixed.gains == (0.75, None)
    again = StochasticDepth(0.5).prepare(net)
    assert again.gains == (None, 0.5, 0.5, None)
    with pytest.raises(ValueError, match=r"no hidden layer of \(5, 4, 3\) .* use equal widths"):
        StochasticDepth().prepare(network((5, 4, 3)))


def test_stochastic_depth_skips_whole_layers_at_its_rate():
    rule = StochasticDepth(0.25)
    net, rng = rule.prepare(network()), np.random.default_rng(0)
    drawn = [rule.thin(net, 8, rng).gains for _ in range(2000)]
    assert all(gains[0] is None and gains[3] is None for gains in drawn)
    kept = np.array([gains[1:3] for gains in drawn])
    assert set(kept.ravel()) == {0.0, 1.0}
    assert kept.mean(axis=0) == pytest.approx([0.75, 0.75], abs=0.03)
    assert np.corrcoef(kept.T)[0, 1] == pytest.approx(0, abs=0.1), "layers are drawn independently"


@pytest.mark.parametrize("depth_first", [True, False])
def test_dropout_and_stochastic_depth_work_in_either_order(depth_first):
    depth, dropout = StochasticDepth(0.5), Dropout(0.2)
    net, rng = depth.prepare(network()), np.random.default_rng(0)
    drawn = set()
    for _ in range(20):
        thinned = net
        for rule in (depth, dropout) if depth_first else (dropout, depth):
            thinned = rule.thin(thinned, 4, rng)
        for gain, f in zip(thinned.gains[1:3], thinned.activations[1:3], strict=True):
            drawn.update(np.unique(np.round(gain * f.mask, 6)).tolist())
        assert forward(thinned, np.ones((4, 5))).output.shape == (4, 3)
    assert drawn == {0.0, 1.25}, "the gain of testing stays out of training"


def test_a_skipped_layer_hands_its_input_on():
    net = StochasticDepth(0.5).prepare(network())
    trace = forward(net.with_gains([None, 0.0, 1.0, None]), np.ones((2, 5)))
    np.testing.assert_array_equal(trace.a[2], trace.a[1])
    np.testing.assert_array_equal(trace.a[3], trace.a[2] + sigmoid(trace.z[2]))


def test_training_uses_0_or_1_and_testing_the_survival():
    net, rng = network(dtype=np.float64), np.random.default_rng(0)
    x, y = rng.random((8, 5)), rng.random((8, 3))
    steps = train(
        net, (x, y), SGD(0.0), rng=rng, batch_size=8, epochs=30, regularizers=[StochasticDepth(0.5)]
    )
    costs, tested = {round(step.cost, 12) for step in steps}, None
    residual = StochasticDepth(0.5).prepare(net)
    expected = set()
    for gains in ([None, a, b, None] for a in (0.0, 1.0) for b in (0.0, 1.0)):
        expected.add(round(((forward(residual.with_gains(gains), x).output - y) ** 2).sum() / 8, 12))
    assert costs == expected
    tested = round(((forward(residual, x).output - y) ** 2).sum() / 8, 12)
    assert tested not in costs


def moved(rule, steps=12):
    """(steps, layers) which layers each step changed."""
    net, rng = network(dtype=np.float64), np.random.default_rng(0)
    x, y = rng.random((8, 5)), rng.random((8, 3))
    run = train(net, (x, y), SGD(0.1), rng=rng, batch_size=8, epochs=steps, regularizers=[rule])
    return np.array([[W.any() or b.any() for W, b in net.split(step.update)] for step in run])


def test_one_random_layer_is_frozen_in_each_step():
    learned = moved(LayerFreezing(), 40)
    assert (learned.sum(axis=1) == 3).all() and not learned.all(axis=0).any()
    turns = np.diff(learned.argmin(axis=1)) % 4
    assert set(turns) == {0, 1, 2, 3}, "any layer may follow any other, itself among them"
    assert (moved(LayerFreezing(count=3), 20).sum(axis=1) == 1).all()


def test_layers_take_turns():
    np.testing.assert_array_equal(np.argmin(moved(LayerFreezing("rotating"), 8), axis=1), [0, 1, 2, 3] * 2)
    np.testing.assert_array_equal(moved(LayerFreezing("rotating", count=3), 4).argmax(axis=1), [3, 0, 1, 2])


def test_chosen_layers_never_learn():
    learned = moved(LayerFreezing((0, 2)))
    np.testing.assert_array_equal(learned.all(axis=0), [False, True, False, True])
    assert not learned[:, [0, 2]].any()


def test_freezing_leaves_the_update_it_is_given_alone():
    net = network()
    update = np.ones(net.n_params)
    assert LayerFreezing((0,)).filter(net, update, 0, None) is not update
    assert update.all()


def test_freezing_layers_that_do_not_exist_or_all_of_them():
    with pytest.raises(ValueError, match="has layers 0 to 3"):
        LayerFreezing((4,)).prepare(network())
    for rule in (LayerFreezing(count=4), LayerFreezing((0, 1, 2, 3))):
        with pytest.raises(ValueError, match="leave at least one to learn"):
            rule.prepare(network())


def test_conjugate_gradient_restarts_where_a_regularizer_changes_the_objective_or_the_step():
    net, data = network((784, 16, 10)), load_mnist().train[:200]
    for rule in (Dropout(0.3), LayerFreezing()):
        run = train(
            net,
            data,
            ConjugateGradient(),
            rng=np.random.default_rng(0),
            batch_size=200,
            epochs=30,
            regularizers=[rule],
        )
        costs = [step.cost for step in run]
        assert np.isfinite(costs).all() and costs[-1] < 0.7 * costs[0]


@pytest.mark.parametrize(
    ("rule", "arguments", "message"),
    [
        *((rule, (value,), "strength is") for rule in (L1, L2) for value in (-1, np.nan, np.inf)),
        *((rule, (value,), "rate is") for rule in (Dropout, StochasticDepth) for value in (-0.1, 1, np.nan)),
        (LayerFreezing, ("some",), "layers is 'some'"),
        (LayerFreezing, ("random", 0), "count is 0"),
        (LayerFreezing, ("random", 1.5), "count is 1.5"),
    ],
)
def test_settings_outside_their_range(rule, arguments, message):
    with pytest.raises(ValueError, match=f"{message}.*; expected "):
        rule(*arguments)


@pytest.mark.parametrize("rule", [L1, L2, Dropout, StochasticDepth])
def test_a_setting_of_0_does_nothing_and_is_allowed(rule):
    net, rng = network(), np.random.default_rng(0)
    off = rule(0)
    penalty = off.penalty(net)
    assert penalty is None or (penalty[0] == 0 and not penalty[1].any())
    prepared = off.prepare(net)
    x = np.ones((4, 5))
    np.testing.assert_array_equal(forward(off.thin(prepared, 4, rng), x).output, forward(prepared, x).output)
