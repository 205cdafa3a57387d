"""Training as a generator: what a step says, same seed same bits, divergence told, bad input refused."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons_lib import (
    SGD,
    Dataset,
    Network,
    backprop,
    cross_entropy,
    forward,
    identity,
    load_mnist,
    relu,
    softmax,
    squared_error,
    train,
)
from lessons_lib.engine.optimizers import (
    Adam,
    ConjugateGradient,
    EntropyScaledMomentum,
    GradientPCA,
    Momentum,
    Nesterov,
    RMSProp,
)
from lessons_lib.engine.regularizers import L1, L2, Dropout, LayerFreezing, StochasticDepth

RULES = [
    SGD(),
    Momentum(),
    Nesterov(),
    RMSProp(),
    Adam(),
    ConjugateGradient(),
    GradientPCA(),
    EntropyScaledMomentum(),
]
REGULARIZERS = [L1(), L2(), Dropout(), LayerFreezing(), StochasticDepth()]


def reader(seed=0, **options):
    return Network.random((784, 16, 16, 10), rng=np.random.default_rng(seed), **options)


def digits(n=500):
    return load_mnist().train[:n]


def run(net, data, rule, seed=0, **options):
    """Every step of a training, as snapshots."""
    options = {"rng": np.random.default_rng(seed)} | options
    return [step.snapshot() for step in train(net, data, rule, **options)]


def small(n=23, dtype=np.float64):
    rng = np.random.default_rng(5)
    net = Network.random((4, 5, 3), rng=rng, dtype=dtype)
    return net, (rng.random((n, 4)), np.eye(3)[rng.integers(3, size=n)])


def test_a_step_is_backprop_and_the_rule_on_the_shuffled_batch():
    net, (x, y) = small()
    order = np.random.default_rng(3).permutation(23)
    params = net.params
    for i, step in enumerate(run(net, (x, y), SGD(0.5), seed=3, batch_size=10)):
        rows = order[10 * i : 10 * i + 10]
        here = net.with_params(params)
        trace = forward(here, x[rows])
        g = backprop(here, trace, y[rows]).mean()
        assert step.cost == pytest.approx(squared_error(trace.output, y[rows]), abs=1e-14)
        np.testing.assert_allclose(step.grad, g, atol=1e-14)
        np.testing.assert_allclose(step.update, -0.5 * g, atol=1e-14)
        params = params - 0.5 * g
        np.testing.assert_allclose(step.net.params, params, atol=1e-14)
    assert i == 2 and step.examples == 23, "the last batch has the 3 that are left"


@pytest.mark.parametrize("batch_size", [7, 128, 400])  # below, near and above how many are read at once
def test_batches_follow_the_shuffled_order(batch_size):
    net, (x, y) = small(1000)
    steps = train(net, (x, y), SGD(0.1), rng=np.random.default_rng(3), batch_size=batch_size, epochs=2)
    seen = [step.grad.trace.x.copy() for step in steps]
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(np.concatenate(seen), x[[*rng.permutation(1000), *rng.permutation(1000)]])
    assert [len(batch) for batch in seen[:2]] == [batch_size, batch_size]


def test_the_full_batch_goes_through_the_examples_in_order():
    net, data = small()
    for batch_size in (23, 1000):
        steps = run(net, data, SGD(0.5), batch_size=batch_size, epochs=4)
        assert [step.index for step in steps] == [0, 1, 2, 3]
        g = backprop(net, forward(net, data[0]), data[1]).mean()
        np.testing.assert_array_equal(steps[0].grad, g)
        for step in train(net, data, SGD(0.5), rng=np.random.default_rng(0), batch_size=batch_size, epochs=2):
            np.testing.assert_array_equal(step.grad.trace.x, data[0])


def test_unless_told_otherwise_it_goes_once_through_the_data_by_hundreds():
    net, data = small(250)
    assert [step.examples for step in run(net, data, SGD(0.5))] == [100, 200, 250]


@settings(deadline=None, max_examples=30)
@given(n=st.integers(1, 40), batch_size=st.integers(1, 50), epochs=st.integers(1, 3))
def test_every_epoch_sees_every_example_once(n, batch_size, epochs):
    net, data = small(n)
    steps = run(net, data, SGD(0.1), batch_size=batch_size, epochs=epochs)
    assert len(steps) == epochs * math.ceil(n / batch_size)
    assert steps[-1].examples == epochs * n and all(step.evaluations == 1 for step in steps)


def test_the_caller_owns_the_clock_and_the_network_it_gave():
    net, data = small()
    before = net.params.copy()
    steps = train(net, data, SGD(0.5), rng=np.random.default_rng(0), batch_size=5, epochs=math.inf)
    for step in itertools.islice(steps, 100):
        kept = step.snapshot()
    params = kept.net.params.copy()
    next(steps)
    np.testing.assert_array_equal(net.params, before)
    np.testing.assert_array_equal(kept.net.params, params)
    assert not np.array_equal(step.net.params, params), "a step is a view"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_the_same_seed_gives_the_same_bits(rule):
    regularizers = [Dropout(0.1), StochasticDepth(), LayerFreezing()]
    first, second, other = (
        run(reader(), digits(), rule, seed=seed, epochs=2, regularizers=regularizers) for seed in (1, 1, 2)
    )
    for a, b in zip(first, second, strict=True):
        assert a.cost == b.cost
        np.testing.assert_array_equal(a.net.params, b.net.params)
    assert not np.array_equal(first[-1].net.params, other[-1].net.params)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("regularizer", [None, *REGULARIZERS], ids=lambda r: type(r).__name__)
def test_every_rule_trains_with_every_regularizer(rule, regularizer):
    regularizers = [] if regularizer is None else [regularizer]
    steps = run(reader(), digits(1000), rule, batch_size=50, epochs=6, regularizers=regularizers)
    costs = [step.cost for step in steps]
    assert np.isfinite(costs).all() and steps[-1].diverged is None
    assert np.mean(costs[-20:]) < costs[0] / 2
    assert steps[-1].net.dtype == np.float32


def test_all_regularizers_together():
    steps = run(reader(), digits(1000), Momentum(), epochs=20, regularizers=REGULARIZERS)
    assert np.mean([step.cost for step in steps[-10:]]) < steps[0].cost / 2


def test_line_searches_count_their_evaluations():
    steps = run(reader(), digits(), ConjugateGradient(), epochs=3)
    assert all(step.evaluations >= 2 for step in steps)
    assert steps[-1].examples == sum(100 * step.evaluations for step in steps)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("options", "rule", "cost", "reason"),
    [
        ({"activation": identity}, SGD(1.0), squared_error, "no longer a finite number"),
        ({"activation": relu}, Adam(1e6), squared_error, "no longer a finite number"),
        ({"activation": relu}, RMSProp(1e6), squared_error, "no longer a finite number"),
        ({}, Momentum(300.0), squared_error, "is saturated"),
        # With ReLU either may come first: neurons that are dead for every example, or an overflow.
        ({"activation": relu}, SGD(30.0), squared_error, "is saturated|no longer"),
        ({"activation": relu}, GradientPCA(30.0), squared_error, "is saturated|no longer"),
        ({"activation": relu}, EntropyScaledMomentum(30.0), squared_error, "is saturated|no longer"),
        ({"activation": relu, "output": softmax}, SGD(1e4), cross_entropy, "is saturated|no longer"),
    ],
)
def test_divergence_is_told_once_and_ends_the_training(options, rule, cost, reason):
    steps = list(train(reader(**options), digits(5000), rule, rng=np.random.default_rng(0), cost=cost))
    assert len(steps) < 50 and re.search(reason, steps[-1].diverged)
    assert "smaller learning rate" in steps[-1].diverged
    assert all(step.diverged is None and np.isfinite(step.cost) for step in steps[:-1])
    assert not steps[-1].update.any()


def test_the_callers_numpy_settings_stay_as_they_are():
    with np.errstate(all="raise"):
        settings = np.geterr()
        for step in train(reader(activation=identity), digits(5000), SGD(1.0), rng=np.random.default_rng(0)):
            assert np.geterr() == settings
    assert step.diverged


def test_a_sigmoid_network_that_saturates_is_told_from_one_that_learns():
    rng = np.random.default_rng(0)
    for step in train(reader(), load_mnist().train, SGD(30.0), rng=rng, batch_size=10):
        pass
    assert "saturated" in step.diverged and step.index < 1000
    assert np.isfinite(step.net.params).all()
    for step in train(reader(), load_mnist().train, SGD(0.7), rng=rng, batch_size=10):
        assert step.diverged is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": (np.ones((5, 4)), np.ones((4, 3)))}, r"targets have shape \(4, 3\); expected \(5, 3\)"),
        ({"data": (np.ones((5, 4)), np.ones((5, 2)))}, r"targets have shape \(5, 2\); expected \(5, 3\)"),
        ({"data": (np.ones((5, 4)), np.ones(5))}, r"targets have shape \(5,\); expected \(5, 3\)"),
        ({"data": (np.ones((5, 7)), np.ones((5, 3)))}, r"x has shape \(5, 7\); expected \(batch, 4\)"),
        ({"data": (np.ones((0, 4)), np.ones((0, 3)))}, "with at least one example"),
        ({"data": (np.full((5, 4), np.nan), np.ones((5, 3)))}, "x holds a number that is not finite"),
        ({"data": (np.ones((5, 4)), np.full((5, 3), np.nan))}, "targets hold a number that is not finite"),
        ({"batch_size": 0}, "batch_size is 0; expected a whole number of at least 1"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"epochs": 0}, "epochs is 0; expected at least 1"),
        ({"epochs": 1.5}, r"epochs is 1\.5; expected at least 1, a whole number or math\.inf"),
        ({"epochs": math.nan}, "epochs is nan"),
        ({"epochs": "2"}, "epochs is '2'"),
        ({"batch_size": "5"}, "batch_size is '5'; expected a whole number"),
        ({"rng": 0}, r"rng is 0; expected a generator, such as rng=np\.random\.default_rng\(0\)"),
        ({"rng": None}, "rng is None; expected a generator"),
        ({"data": np.ones((5, 4))}, r"data is of type ndarray; expected one Dataset, .* or a pair \(x, y\)"),
    ],
)
def test_bad_input(change, message):
    net, data = small()
    with pytest.raises(ValueError, match=message):
        run(net, **({"data": data, "rule": SGD()} | change))


def test_bad_data_never_becomes_a_dataset():
    for labels in ([10], [-1], [0.5]):
        with pytest.raises(ValueError, match=r"labels must be whole numbers 0\.\.9"):
            Dataset(np.zeros((1, 784)), labels)
    with pytest.raises(ValueError, match=r"pixels must be whole numbers 0\.\.255"):
        Dataset(np.full((1, 784), np.nan), [0])


def test_a_step_hands_on_the_state_of_its_optimizer():
    net, data = small()
    velocity = 0
    for step in train(
        net, data, Momentum(0.1, momentum=0.5), batch_size=2, epochs=2, rng=np.random.default_rng(0)
    ):
        velocity = 0.5 * velocity + step.grad.mean()
        assert np.allclose(step.state, velocity, atol=1e-6)


@pytest.mark.parametrize(
    "arithmetic", [lambda one: 1e308 * (100 * one), lambda one: (one - one) / 0, lambda one: one / 0]
)
def test_an_update_that_is_no_number_is_not_made(arithmetic):
    """A rule that overflows before the cost does leaves the last good parameters in place."""

    class Overflowing(SGD):
        def update(self, grad, state, params, objective=None):
            return arithmetic(np.ones_like(params)), state

    net, (x, y) = small()
    *_, step = train(net, (x, 1e6 * y), Overflowing(0.1), batch_size=5, rng=np.random.default_rng(0))
    assert "no longer a finite number" in step.diverged and step.index == 0
    np.testing.assert_array_equal(step.net.params, net.params)


def test_a_large_cost_that_falls_is_no_divergence():
    x = np.random.default_rng(0).random((50, 3))
    net = Network(np.zeros(4), (3, 1), identity)
    steps = run(net, (x, 1e4 * x[:, :1]), SGD(0.1), batch_size=50, epochs=300)
    costs = [step.cost for step in steps]
    assert costs[0] > 1e7 and costs[-1] < 1e-2 * costs[0] and (np.diff(costs) < 0).all()


def stuck(layer=0, cost_of_one=1.0, output=None, size=1000.0):
    """A 2-2-2 network in which one layer is saturated, with inputs of 1 and a cost of ``cost_of_one``."""
    params = np.zeros(12)
    params[[4, 10][layer]] = params[[5, 11][layer]] = -size  # both biases of that layer
    net = Network(params, (2, 2, 2), output=output)
    out = forward(net, np.ones((1, 2))).output[0]
    return net, out + np.array([np.sqrt(cost_of_one), 0.0])


@pytest.mark.parametrize(
    ("batch_size", "index"), [(99, 10), (100, 0), (50, 10), (10, 90), (1, 990)]
)  # looks every 10 steps, each for 10 batches, until 1,000 examples in a row were stuck
def test_after_how_many_examples_a_saturated_layer_ends_the_training(batch_size, index):
    for layer in (0, 1):
        net, y = stuck(layer)
        data = np.ones((2000, 2)), np.tile(y, (2000, 1))
        *_, last = train(net, data, SGD(0.0), batch_size=batch_size, epochs=3, rng=np.random.default_rng(0))
        assert last.diverged.startswith(f"Layer {layer} is saturated: ") and last.index == index


@pytest.mark.parametrize(("n", "index"), [(999, 10), (1000, 1)])
def test_large_batches_are_looked_at_in_every_step(n, index):
    net, y = stuck(size=1.0)

    class Leap(SGD):  # the first step saturates the hidden layer, whose biases are parameters 4 and 5
        def update(self, grad, state, params, objective=None):
            return np.where(np.arange(12) // 2 == 2, -1000.0 - params, 0.0), state

    data = np.ones((n, 2)), np.tile(y + 1, (n, 1))
    steps = run(net, data, Leap(0.1), batch_size=n, epochs=30)
    assert steps[-1].index == index and "Layer 0 is saturated" in steps[-1].diverged


def test_what_is_saturated_and_right_or_a_softmax_is_no_reason_to_stop():
    net, y = stuck(cost_of_one=0.49)
    data = np.ones((300, 2)), np.tile(y, (300, 1))
    assert run(net, data, SGD(0.0), epochs=10)[-1].diverged is None
    sure = Network(np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50.0, -50.0]), (2, 2, 2), output=softmax)
    data = np.ones((300, 2)), np.tile([0.0, 1.0], (300, 1))
    assert run(sure, data, SGD(0.0), epochs=10, cost=cross_entropy)[-1].diverged is None


def test_patience_starts_anew_when_a_layer_wakes_up():
    net, y = stuck()
    data = np.ones((990, 2)), np.tile(y, (990, 1))

    class Waking(SGD):  # at steps 40 to 49 the layer is awake
        def init(self, params):
            return 0

        def update(self, grad, state, params, objective=None):
            change = {39: 1000.0, 49: -1000.0}.get(state, 0.0)
            return np.where(np.arange(12) // 2 == 2, change, 0.0), state + 1

    steps = run(net, data, Waking(0.1), batch_size=10, epochs=3)
    assert steps[-1].index == 50 + 90 and "Layer 0" in steps[-1].diverged
    assert steps[-1].diverged.endswith("no gradient gets through. Start again with a smaller learning rate.")


def test_training_on_pixels_keeps_the_number_type():
    for batch_size in (100, 500):
        rng = np.random.default_rng(0)
        step = next(train(reader(), digits(), Momentum(), batch_size=batch_size, rng=rng))
        for array in (step.grad.mean(), step.grad.trace.output, step.update, step.state):
            assert array.dtype == np.float32
