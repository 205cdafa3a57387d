"""Forward and backward: one network worked by hand, independent oracles, and the factored Gradient."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons_lib import (
    SGD,
    Network,
    backprop,
    cross_entropy,
    evaluate,
    forward,
    identity,
    load_mnist,
    numerical_gradient,
    relu,
    sigmoid,
    softmax,
    squared_error,
    tanh,
    train,
)
from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.propagation import BLOCK, gradient, mean_cost
from lessons_lib.engine.regularizers import Masked
from lessons_lib.engine.residual import ResidualNetwork

ACTIVATIONS = [sigmoid, tanh, relu, identity, softmax]
COSTS = [squared_error, cross_entropy]


def problem(sizes, batch, seed=0, dtype=np.float64, kind=Network, **options):
    """A random network with random inputs and one-hot targets."""
    rng = np.random.default_rng(seed)
    net = kind.random(sizes, rng=rng, dtype=dtype, **options)
    net = net.with_params((net.params + 0.1 * rng.standard_normal(net.n_params)).astype(dtype))
    x = rng.random((batch, sizes[0])).astype(dtype)
    return net, x, np.eye(sizes[-1], dtype=dtype)[rng.integers(sizes[-1], size=batch)]


class TestByHand:
    """A 2-2-1 network with weights of ln 3 and 0, whose activations are quarters.

    x = (1, 2); z = (ln 3, −ln 3), so a = (3/4, 1/4); the last z = ln 3 · (3/4 + 1/4) − ln 3 = 0, so the
    output is 1/2. The target is 1: C = 1/4 and ∂C/∂a = −1; σ′ = 1/4, so the last δ = −1/4. Backward,
    each hidden neuron is asked for −ln 3 / 4, and with σ′ = 3/4 · 1/4 each has δ = −3 ln 3 / 64.
    """

    L = np.log(3)
    net = Network(np.array([L, 0, L, -L, 0, 0, L, L, -L]), (2, 2, 1))
    x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])

    def test_forward(self):
        trace = forward(self.net, self.x)
        np.testing.assert_allclose(trace.z[0], [[self.L, -self.L]])
        np.testing.assert_allclose(trace.a[1], [[3 / 4, 1 / 4]])
        np.testing.assert_allclose(trace.z[1], [[0]], atol=1e-15)
        np.testing.assert_allclose(trace.output, [[1 / 2]])
        np.testing.assert_array_equal(trace.a[0], self.x)
        assert squared_error(trace.output, self.y) == pytest.approx(1 / 4)

    def test_backward(self):
        grad = backprop(self.net, forward(self.net, self.x), self.y)
        delta = -3 * self.L / 64
        np.testing.assert_allclose(grad.deltas[1], [[-1 / 4]])
        np.testing.assert_allclose(grad.deltas[0], [[delta, delta]])
        (W0, b0), (W1, b1) = self.net.split(grad.mean())
        np.testing.assert_allclose(W0, [[delta, 2 * delta], [delta, 2 * delta]])
        np.testing.assert_allclose(b0, [delta, delta])
        np.testing.assert_allclose(W1, [[-3 / 16, -1 / 16]])
        np.testing.assert_allclose(b1, [-1 / 4])

    def test_a_mask_of_0_silences_a_neuron_both_ways(self):
        net = self.net.with_activations([Masked(sigmoid, np.array([[2.0, 0.0]])), sigmoid])
        trace = forward(net, self.x)
        np.testing.assert_allclose(trace.a[1], [[3 / 2, 0]])
        out = 3**0.5 / (1 + 3**0.5)  # σ(ln 3 / 2)
        np.testing.assert_allclose(trace.output, [[out]])
        grad = backprop(net, trace, self.y)
        last = 2 * (out - 1) * out * (1 - out)
        np.testing.assert_allclose(grad.deltas[0], [[2 * last * self.L * 3 / 16, 0]], atol=1e-15)


def costs_of(np_like, net, x, y, cost, masks):
    """The mean cost as a function of the list of layers, written a second time for the oracle ``np_like``."""
    sigma = lambda z: 1 / (1 + np_like.exp(-z))  # noqa: E731
    soft = lambda z: np_like.exp(z) / np_like.sum(np_like.exp(z), axis=1, keepdims=True)  # noqa: E731
    functions = {"sigmoid": sigma, "tanh": np_like.tanh, "softmax": soft, "identity": lambda z: z}
    functions["relu"] = lambda z: z * (z > 0)

    def mean_cost(layers):
        a = x
        for layer, (W, b) in enumerate(layers):
            h = functions[net.activations[layer].name](np_like.dot(a, W.T) + b)
            h = h * masks[layer] if layer < len(masks) else h
            inside = 0 < layer + 1 < len(layers) and net.sizes[layer] == net.sizes[layer + 1]
            a = h + a if isinstance(net, ResidualNetwork) and inside else h
        if cost == squared_error:
            return np_like.sum((a - y) ** 2) / len(y)
        if net.activations[-1] == sigmoid:
            return -np_like.sum(y * np_like.log(a) + (1 - y) * np_like.log(1 - a)) / len(y)
        p = a if net.activations[-1] == softmax else soft(a)
        return -np_like.sum(y * np_like.log(p)) / len(y)

    return mean_cost


def masks_for(net, batch, seed=0):
    rng = np.random.default_rng(seed)
    return [2.0 * (rng.random((batch, n)) > 0.4) for n in net.sizes[1:-1]]


@pytest.mark.parametrize("sizes", [(3, 2), (4, 4, 4, 3), (5, 3, 6, 2)], ids=str)
@pytest.mark.parametrize("cost", COSTS, ids=repr)
@pytest.mark.parametrize("f", ACTIVATIONS, ids=repr)
@pytest.mark.parametrize("kind", [Network, ResidualNetwork])
@pytest.mark.parametrize("masked", [False, True], ids=["whole", "masked"])
def test_agrees_with_autograd(f, cost, sizes, kind, masked):
    anp = pytest.importorskip("autograd.numpy")
    from autograd import grad as differentiate

    net, x, y = problem(sizes, 7, kind=kind, activation=f)
    masks = masks_for(net, 7) if masked else []
    mean_cost = costs_of(anp, net, x, y, cost, masks)
    theirs = differentiate(mean_cost)([(W, b) for W, b in net.split(net.params)])
    theirs = np.concatenate([part.ravel() for layer in theirs for part in layer])
    if masked:
        net = net.with_activations([*map(Masked, net.activations[:-1], masks), net.activations[-1]])
    trace = forward(net, x)
    ours = backprop(net, trace, y, cost=cost).mean()
    assert np.abs(ours - theirs).max() <= 1e-12
    value = cost(trace.output, y, net.activations[-1], trace.z[-1])
    assert value == pytest.approx(mean_cost(net.split(net.params)), abs=1e-12)


@pytest.mark.parametrize("cost", COSTS, ids=repr)
@pytest.mark.parametrize("f", [sigmoid, tanh, relu, identity, softmax], ids=repr)
def test_agrees_with_pytorch(f, cost):
    torch = pytest.importorskip("torch")
    net, x, y = problem((6, 5, 5, 3), 9, activation=f)
    layers = [
        [torch.tensor(part, requires_grad=True) for part in layer] for layer in net.split(net.params.copy())
    ]
    a = torch.tensor(x)
    rows = {"softmax": lambda z: torch.softmax(z, 1), "identity": lambda z: z}
    for W, b in layers:
        z = a @ W.T + b
        a = rows.get(f.name, getattr(torch, f.name, None))(z)
    y_torch = torch.tensor(y)
    if cost == squared_error:
        value = ((a - y_torch) ** 2).sum() / len(y)
    elif f == sigmoid:
        value = torch.nn.functional.binary_cross_entropy(a, y_torch, reduction="sum") / len(y)
    else:
        log_p = torch.log(a) if f == softmax else torch.log_softmax(a, 1)
        value = -(y_torch * log_p).sum() / len(y)
    value.backward()
    theirs = np.concatenate([part.grad.numpy().ravel() for layer in layers for part in layer])
    assert np.abs(backprop(net, forward(net, x), y, cost=cost).mean() - theirs).max() <= 1e-12


networks = st.lists(st.integers(1, 7), min_size=2, max_size=5)


@settings(deadline=None, max_examples=60)
@given(
    sizes=networks,
    batch=st.sampled_from([1, 2, 7, 50, 100, 201, 450, 801]),
    dtype=st.sampled_from([np.float32, np.float64]),
    f=st.sampled_from(ACTIVATIONS),
    cost=st.sampled_from(COSTS),
    kind=st.sampled_from([Network, ResidualNetwork]),
    summed=st.booleans(),
    penalty=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_the_factored_gradient_is_the_materialised_one(
    sizes, batch, dtype, f, cost, kind, summed, penalty, seed
):
    net, x, y = problem(tuple(sizes), batch, seed, dtype, kind, activation=f)
    one_go = gradient(net, x, y, cost=cost)[1]
    grad = one_go if summed else backprop(net, forward(net, x), y, cost=cost)
    rng = np.random.default_rng(seed)
    c, v = rng.standard_normal(batch).astype(dtype), rng.standard_normal(net.n_params).astype(dtype)
    if penalty:
        grad = grad.with_penalty(0.1 * v)
    rows = grad.per_example()
    assert rows.shape == (batch, net.n_params) and rows.dtype == dtype and len(grad) == batch
    matrix = rows.astype(float)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13

    def agree(ours, theirs, scale):
        assert ours.shape == theirs.shape and ours.dtype == dtype
        assert np.abs(ours - theirs).max() <= tolerance * scale + 1e-30

    lengths = np.linalg.norm(matrix, axis=1)
    agree(grad.mean(), matrix.mean(axis=0), lengths.mean())
    agree(grad.mean(-2.0), -2 * matrix.mean(axis=0), lengths.mean())
    agree(grad.combine(c), c @ matrix, np.abs(c) @ lengths)
    agree(grad.gram(), matrix @ matrix.T, lengths.max() ** 2)
    agree(grad.norms(), lengths, 10 * lengths.max())
    agree(grad.dot(v), matrix @ v, lengths.max() * np.linalg.norm(v))


@pytest.mark.parametrize("pixels", [True, False], ids=["uint8", "float32"])
def test_the_factored_gradient_on_real_digits(pixels):
    data = load_mnist().train[:300]
    net = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    grad = backprop(net, forward(net, data.pixels if pixels else data.x), data.y)
    matrix = grad.per_example().astype(float)
    c = np.random.default_rng(0).standard_normal(300)

    def relative(ours, theirs):
        return np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)

    assert relative(grad.mean(), matrix.mean(axis=0)) <= 1e-5
    assert relative(grad.combine(c), c @ matrix) <= 1e-5
    assert relative(grad.gram(), matrix @ matrix.T) <= 1e-5
    assert relative(grad.norms(), np.linalg.norm(matrix, axis=1)) <= 1e-5
    assert relative(grad.dot(net.params), matrix @ net.params) <= 1e-5


def test_pixels_are_read_as_0_to_1():
    data = load_mnist().train[:450]
    net = Network.random((784, 16, 10), rng=np.random.default_rng(0), dtype=np.float64)
    counts, floats = forward(net, data.pixels), forward(net, data.pixels / 255)
    np.testing.assert_allclose(counts.z[0], floats.z[0], atol=1e-12)
    np.testing.assert_allclose(counts.a[0], floats.a[0], atol=1e-12)
    ours = [backprop(net, trace, data.y).mean() for trace in (counts, floats)]
    np.testing.assert_allclose(*ours, atol=1e-13)


@pytest.mark.parametrize("batch", [5, 450])
def test_pixels_become_numbers_of_the_networks_type(batch):
    data = load_mnist().train[:batch]
    net = Network.random((784, 16, 10), rng=np.random.default_rng(0))
    trace = forward(net, data.pixels)
    for grad in (backprop(net, trace, data.y), gradient(net, data.pixels, data.y)[1]):
        arrays = (*grad.trace.a, *grad.trace.z, *grad.deltas, grad.mean(), grad.per_example())
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@pytest.mark.parametrize("batch", [5, 450])
def test_a_room_that_is_handed_over_is_where_pixels_become_floats(batch):
    data, net = load_mnist().train[:batch], Network.random((784, 10), rng=np.random.default_rng(0))
    room = np.full((BLOCK, 784), -1.0, np.float32)
    value, grad = gradient(net, data.pixels, data.y, room=room)
    last = (batch - 1) // BLOCK * BLOCK  # where the last block begins
    np.testing.assert_allclose(room[: batch - last], data.pixels[last:] / 255, rtol=1e-6)
    expected, again = gradient(net, data.pixels, data.y)
    assert value == expected
    np.testing.assert_array_equal(grad.mean(), again.mean())


def test_the_cost_of_a_sure_and_wrong_answer_comes_from_z():
    net = Network(np.array([1.0, 0, 0, 1, 0, 0], np.float32), (2, 2), identity, softmax)
    x, y = np.array([[1000.0, 0.0]], np.float32), np.array([[0.0, 1.0]])
    assert mean_cost(net, forward(net, x), y, cross_entropy) == 1000
    assert gradient(net, x, y, cost=cross_entropy)[0] == 1000
    assert evaluate(net, (x, y), cost=cross_entropy).cost == 1000


def test_numbers_whose_sum_is_infinite_are_numbers():
    net, x = Network(np.ones(3), (2, 1), identity), np.array([[1.7e308, 1.7e308], [-1.7e308, 1.7e308]])
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(forward(net, x).output, [[np.inf], [1.0]])


@pytest.mark.parametrize("cost", COSTS, ids=repr)
@pytest.mark.parametrize("batch", [1, 60, 400, 401, 1200])
def test_both_passes_in_one_are_the_two_after_each_other(batch, cost):
    net, x, y = problem((6, 5, 3), batch)
    trace = forward(net, x)
    apart = backprop(net, trace, y, cost=cost)
    value, together = gradient(net, x, y, cost=cost)
    assert value == pytest.approx(mean_cost(net, trace, y, cost), rel=1e-14)
    assert len(together) == len(apart) == batch
    for name in ("mean", "norms", "gram", "total"):
        np.testing.assert_allclose(getattr(together, name)(), getattr(apart, name)(), atol=1e-13)


def test_a_block_is_run_by_the_lines_of_the_network():
    net, x, y = problem((6, 5, 3), 7)
    a, z = net.forward(x)
    trace = forward(net, x)
    for ours, theirs in zip((*trace.a, *trace.z), (*a, *z), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    deltas = backprop(net, trace, y).deltas
    for ours, theirs in zip(deltas, net.backward(a, z, y, squared_error), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_gradient_of_many_examples_stays_with_the_parameters_it_was_computed_at():
    net, x, y = problem((6, 5, 3), 900)
    params = net.params.copy()
    _, grad = gradient(net.with_params(params, copy=False), x, y)
    params += 1.0
    expected = backprop(net, forward(net, x), y)
    np.testing.assert_allclose(grad.mean(), expected.mean(), atol=1e-14)
    np.testing.assert_allclose(grad.per_example(), expected.per_example(), atol=1e-14)


def test_the_mean_of_many_examples_needs_no_second_pass():
    net, x, y = problem((6, 5, 3), 900)
    _, grad = gradient(net, x, y)
    assert grad.mean().any() and "trace" not in vars(grad)
    assert grad.norms().any() and "trace" in vars(grad)


@pytest.mark.parametrize("batch", [7, 400, 401])
def test_the_first_sums_are_at_hand_without_another_pass(batch):
    net, x, y = problem((4, 3, 2), batch)
    trace = forward(net, x)
    for grad in (gradient(net, x, y)[1], backprop(net, trace, y)):
        first = grad.first_z
        assert len(first) == 2 and len(first[0]) >= min(batch, BLOCK)
        for ours, theirs in zip(first, trace.z, strict=True):
            np.testing.assert_allclose(ours, theirs[: len(ours)], atol=1e-14)


def test_the_sum_handed_out_is_the_callers_to_change():
    net, x, y = problem((4, 3, 2), 900)
    for grad in (gradient(net, x, y)[1], backprop(net, forward(net, x), y)):
        first = grad.total()
        first *= 0
        assert grad.total().any() and grad.mean().any()


def test_arguments_are_left_alone_and_results_are_the_callers():
    net, x, y = problem((4, 3, 2), 5, dtype=np.float32)
    x_before, y_before = x.copy(), y.copy()
    grad = backprop(net, forward(net, x), y)
    first = grad.mean()
    kept = first.copy()
    assert (grad.combine(np.ones(5)) / 5 == pytest.approx(first, abs=1e-7)) and (grad.mean() == first).all()
    total = grad.combine(np.ones(5))
    grad.combine(np.zeros(5))
    assert total.any(), "a later sum overwrote an earlier one"
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(y, y_before)


@pytest.mark.parametrize("kind", ["int64", "int32", "uint16", "float32", "float64"])
def test_grey_levels_that_were_not_scaled_are_refused_in_one_sentence(kind):
    """Read as they stand they would be 255 times too bright, and every answer nonsense."""
    net, y = Network.random((6, 3, 2), rng=np.random.default_rng(0)), np.eye(2)[[0, 1]]
    x = np.array([[0, 12, 255, 3, 0, 0], [9, 0, 0, 80, 1, 0]], dtype=kind)
    runs = (
        lambda: forward(net, x),
        lambda: gradient(net, x, y),
        lambda: evaluate(net, (x, y)),
        lambda: train(net, (x, y), SGD(1.0), rng=np.random.default_rng(0)),
        lambda: numerical_gradient(net, x, y, indices=[0]),
    )
    for run in runs:
        with pytest.raises(
            ValueError, match=r"grey levels 0\.\.255.*Divide them by 255.*astype\(np\.uint8\)"
        ):
            run()
    read, divided = forward(net, x.astype(np.uint8)), forward(net, x / 255)
    np.testing.assert_allclose(read.z[0], divided.z[0], rtol=1e-5)


@pytest.mark.parametrize(
    "x",
    [
        [[0, 1, 1], [1, 0, 1]],  # whole numbers, as in XOR
        [[1.02, -0.01, 0.5]],  # a little outside 0..1, as after a rotation
        [[-0.42, 240.0, 2.8]],  # standardised: a pixel that is nearly always black gets far out
        [[3.0, 12.0, 40.0]],  # small positive numbers that are no grey levels
    ],
)
def test_inputs_that_are_no_grey_levels_are_taken_as_they_are(x):
    net = Network.random((3, 2), rng=np.random.default_rng(0), dtype=np.float64)
    np.testing.assert_allclose(forward(net, x).z[0], np.asarray(x) @ net.weights[0].T + net.biases[0])


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.array([[-1, 3, 255]], np.int16), r"from -1 to 255, of type int16; .* grey levels 0\.\.255"),
        ([[0, 1, 16]], "Divide them by 255"),
        (np.array([[0, 9, 65535]], np.uint16), r"grey levels 0\.\.65535, .* Divide them by 65535"),
        ([[0.5, 1j, 0]], "of type complex128; a network reads real ones"),
        ([["0", "1", "0"]], "a network reads real ones"),
        (Dataset(np.zeros((1, 3)), [0]), r"x is a Dataset; pass its \.pixels"),
    ],
)  # fmt: skip
def test_inputs_of_a_wrong_kind_are_refused_with_the_next_step(x, message):
    net = Network.random((3, 2), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=message):
        forward(net, x)


def test_bad_inputs_say_what_was_got_and_expected():
    net, x, y = problem((4, 3, 2), 5)
    for bad in (x[:, :3], x[:0], x[0]):
        for run in (forward, lambda net, x: gradient(net, x, y)):
            with pytest.raises(ValueError, match=r"x has shape .* expected \(batch, 4\) with at least one"):
                run(net, bad)
    for number in (np.nan, np.inf, -np.inf):
        bad = x.copy()
        bad[3, 1] = number
        with pytest.raises(ValueError, match=r"not finite .* first in example 3"):
            forward(net, bad)
    trace = forward(net, x)
    for bad in (y[:4], y[:, :1], y.argmax(axis=1)):
        with pytest.raises(
            ValueError, match=r"y has shape .* expected one row of targets an example, \(5, 2\)"
        ):
            backprop(net, trace, bad)
        with pytest.raises(ValueError, match="expected one row of targets an example"):
            gradient(net, x, bad)
    grad = backprop(net, trace, y)
    with pytest.raises(ValueError, match=r"shape \(4,\); expected \(5,\)"):
        grad.combine(np.ones(4))
    with pytest.raises(ValueError, match=r"expected \(23,\)"):
        grad.dot(np.ones(5))
