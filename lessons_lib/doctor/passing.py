"""The steps on the way back: the error at the outputs, the slopes, and what is passed to the layer before."""

from collections.abc import Callable

import numpy as np

from lessons_lib.doctor.case import Array, Case
from lessons_lib.doctor.ways import Run, Way, again, same
from lessons_lib.engine.functions import Activation, relu, sigmoid, softmax, tanh


def errors(case: Case) -> list[Way]:
    """Ways to begin: what the output's slope is multiplied by."""
    return [
        Way("", lambda run, layer: run.case.error),
        Way("target forgotten", lambda run, layer: run.case.a[-1]),
        Way("output forgotten", lambda run, layer: run.case.double[3]),
        Way("error squared", lambda run, layer: _difference(run) ** 2),
        Way("error without sign", lambda run, layer: np.abs(_difference(run))),
        Way("error at z", lambda run, layer: run.case.z[-1] - run.case.double[3]),
        Way("error averaged over examples", lambda run, layer: _averaged(run.case.error)),
        Way("error averaged over outputs", lambda run, layer: _across(run.case.error)),
        Way("half of cross-entropy", lambda run, layer: -run.case.double[3] / _safe(run.case.a[-1])),
        Way("cross-entropy's slope", _cross_entropy_slope),
    ]


def _difference(run: Run) -> Array:
    return run.case.a[-1] - run.case.double[3]


def _averaged(array: Array) -> Array:
    return np.broadcast_to(array.mean(axis=0), array.shape)


def _across(array: Array) -> Array:
    return np.broadcast_to(array.mean(axis=1, keepdims=True), array.shape)


def _safe(a: Array) -> Array:
    return np.where(np.abs(a) < 1e-12, 1e-12, a)


def _cross_entropy_slope(run: Run, layer: int) -> Array:
    a = run.case.a[-1]
    return _difference(run) / _safe(a * (1 - a))


def slopes(case: Case, layer: int) -> list[Way]:
    """Ways to multiply by the slope of a layer's activation."""
    f = case.function(layer)
    right = _nothing if layer == case.depth - 1 and case.cancels else _chain_rule
    ways = [
        Way("", right),
        Way("slope missing", _nothing),
        Way(_extra(case, layer), lambda run, layer, error: error * run.own_slope(layer)),
        Way("slope twice", lambda run, layer, error: error * run.own_slope(layer) ** 2),
        Way("slope at a", lambda run, layer, error: error * _slope_at(f, run.case.a[layer + 1])),
        Way("slope of z as if it were a", lambda run, layer, error: error * _of_value(f, run.case.z[layer])),
        Way("activation for slope", lambda run, layer, error: error * run.case.a[layer + 1]),
        Way("slope 1 − a", lambda run, layer, error: error * (1 - run.case.a[layer + 1])),
        Way("slope averaged", lambda run, layer, error: error * _averaged(run.own_slope(layer))),
        Way("slope of inverse", lambda run, layer, error: error / _safe(run.own_slope(layer))),
        *(Way(f"slope of {g.name}", _of(g)) for g in (sigmoid, tanh, relu) if g != f),
        *(Way(f"slope of {g.name} at z", _at_z(g)) for g in (sigmoid, tanh) if g != f),
    ]
    others = [other for other in range(case.depth) if other != layer]
    return ways + [Way("slope of another layer", _slope_from(other), other - layer) for other in others]


def _extra(case: Case, layer: int) -> str:
    """What multiplying by the own slope of each output is called, where it is a mistake."""
    mixes = case.function(layer) == softmax and not case.cancels
    return "slope of softmax without its neighbours" if mixes else "slope extra"


def _nothing(run: Run, layer: int, error: Array) -> Array:
    return error


def _chain_rule(run: Run, layer: int, error: Array) -> Array:
    return run.case.function(layer).backward(error, run.case.z[layer], run.case.a[layer + 1])


def _slope_at(f: Activation, z: Array) -> Array:
    a = f(z)
    return a * (1 - a) if f == softmax else f.derivative(z, a)


def _of_value(f: Activation, a: Array) -> Array:
    """The slope from the value ``a`` of the function, by the formula in a that people know."""
    if f in (sigmoid, softmax):
        return a * (1 - a)
    return 1 - a * a if f == tanh else f.derivative(a, a)


def _of(g: Activation) -> Callable[..., Array]:
    """The slope of another activation, as it is usually written: from a, for ReLU from z."""
    if g == relu:
        return lambda run, layer, error: error * relu.derivative(run.case.z[layer], run.case.a[layer + 1])
    return lambda run, layer, error: error * _of_value(g, run.case.a[layer + 1])


def _at_z(g: Activation) -> Callable[..., Array]:
    return lambda run, layer, error: error * _slope_at(g, run.case.z[layer])


def _slope_from(other: int) -> Callable[..., Array | None]:
    def make(run: Run, layer: int, error: Array) -> Array | None:
        slope = same(run.own_slope(other), error.shape)
        return None if slope is None else error * slope

    return make


def sources(case: Case, layer: int) -> list[Way]:
    """Ways to choose what goes back into ``layer`` from the layer behind it."""
    ways = [
        Way("", lambda run, layer: run.deltas[layer + 1]),
        Way("passed back without slope", lambda run, layer: run.errors[layer + 1]),
        Way("passed back with slope twice", lambda run, layer: again(run, layer + 1)),
    ]
    if layer + 1 < case.depth - 1:
        ways.append(Way("passed back from the output", lambda run, layer: run.deltas[run.last]))
        ways.append(Way("passed back from the output", lambda run, layer: run.errors[run.last], "error"))
    return ways


def matrices(case: Case, layer: int) -> list[Way]:
    """Ways to carry ``source`` (n, n_out of the layer behind) to the outputs of ``layer``."""
    ways = [
        Way("", lambda run, layer, source: _product(source, run.case.double[0][layer + 1])),
        Way("W transposed", lambda run, layer, source: _product(source, run.case.double[0][layer + 1].T)),
        Way(
            "W without sign", lambda run, layer, source: _product(source, abs(run.case.double[0][layer + 1]))
        ),
        Way("W shared out", lambda run, layer, source: _product(source, _shares(run, layer))),
        Way("W squared", lambda run, layer, source: _product(source, run.case.double[0][layer + 1] ** 2)),
        Way("W left out", _summed),
        Way("output's error in every layer", _handed(lambda run: run.deltas[run.last])),
        Way("output's error in every layer", _handed(lambda run: run.errors[run.last]), "error"),
        Way("nothing multiplied by W", lambda run, layer, source: same(source, run.case.a[layer + 1].shape)),
    ]
    for other in range(case.depth):
        if other != layer + 1:
            offset = other - layer - 1
            ways.append(Way("W of another layer", _through(other, transposed=False), offset))
            ways.append(Way("W of another layer", _through(other, transposed=True), (offset, "transposed")))
    return ways


def _product(source: Array, W: Array) -> Array | None:
    return source @ W if source.shape[1] == len(W) else None


def _shares(run: Run, layer: int) -> Array:
    """Each weight as a share of all that come into its neuron, as some books explain the way back."""
    W = run.case.double[0][layer + 1]
    return W / W.sum(axis=1, keepdims=True)


def _summed(run: Run, layer: int, source: Array) -> Array:
    n_out = run.case.weights[layer].shape[0]
    return np.repeat(source.sum(axis=1, keepdims=True), n_out, axis=1)


def _handed(chosen: Callable[[Run], Array]) -> Callable[..., Array | None]:
    return lambda run, layer, source: same(chosen(run), run.case.a[layer + 1].shape)


def _through(other: int, *, transposed: bool) -> Callable[..., Array | None]:
    def make(run: Run, layer: int, source: Array) -> Array | None:
        W = run.case.double[0][other]
        W = W.T if transposed else W
        fits = W.shape == (source.shape[1], run.case.weights[layer].shape[0])
        return source @ W if fits else None

    return make


def updated(rate: float) -> Way:
    """W after a step of gradient descent with this learning rate, along the answer's own gradient."""
    return Way(
        "W already updated", lambda run, layer, source: _product(source, new_weights(run, layer, rate)), rate
    )


def updated_at_once(rate: float) -> Way:
    """W after a step along the gradient of each example alone."""
    return Way(
        "W already updated", lambda run, layer, source: _after_own_step(run, layer, source, rate), (rate,)
    )


def _after_own_step(run: Run, layer: int, source: Array, rate: float) -> Array | None:
    if source.shape != run.deltas[layer + 1].shape:
        return None
    pull = np.sum(source * run.deltas[layer + 1], axis=1, keepdims=True)
    return source @ run.case.double[0][layer + 1] - rate * pull * run.case.a[layer + 1]


def new_weights(run: Run, layer: int, rate: float) -> Array:
    """The weights behind ``layer`` after a step along the answer's own gradient."""
    return run.case.double[0][layer + 1] - rate * run.answer[layer + 1][0]
