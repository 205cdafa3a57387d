"""Backprop for any case of the doctor's, with a place for each mistake."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from lessons_lib.doctor import Case, Diagnosis, judge, usual_cases
from lessons_lib.doctor.case import Blocks
from lessons_lib.doctor.comparing import Block, compare, tolerance

EARLY = 0.5  # the learning rate of weights that are updated too early


def slope(case, layer, error):
    """δ of a layer from the slope of the cost for its activations, (n, n_out) both."""
    if layer == case.depth - 1 and case.cancels:
        return error
    return case.function(layer).backward(error, case.z[layer], case.a[layer + 1])


def slope_at_a(case, layer, error):
    """δ, where the slope of a hidden layer is taken at a instead of at z."""
    f, a = case.hidden, case.a[layer + 1]
    return slope(case, layer, error) if layer == case.depth - 1 else f.backward(error, a, f(a))


def planted(
    case: Case,
    *,
    wish: Callable = lambda error: error,
    two: Callable = lambda error: error,
    slope: Callable = slope,
    source: Callable = lambda delta, error: delta,
    back: Callable = lambda source, W, dW: source @ W,
    before: Callable = lambda case, layer: case.a[layer],
    share: Callable = lambda total, n: total / n,
    bias: Callable = lambda total, n: total / n,
    factor: Callable = lambda piece: piece,
    first: Callable = lambda db: db,
) -> Blocks:
    """The gradient of a case; every step is right by default.

    Args:
        case: network, examples and targets.
        wish, two: what the outputs' slope is multiplied by; its sign, and its size.
        slope: from the error of a layer to its δ.
        source: what is passed back, of δ and the error before it was multiplied by the slope.
        back: through the weights, to the layer before.
        before: what the weights multiplied.
        share: from a sum over examples to a mean, for weights.
        bias: the same for biases.
        factor: of every piece, when it is done.
        first: the biases' slopes of layer 1.

    Returns:
        (dW, db) of each layer.

    Example:
        >>> case = Case.random((3, 4, 2), 5, seed=0)
        >>> judge([planted(case)], [case]).right
        True
    """
    blocks: Blocks = []
    passed = two(wish(case.error))
    delta = slope(case, case.depth - 1, passed)
    for layer in reversed(range(case.depth)):
        dW, db = share(delta.T @ before(case, layer), case.n), bias(delta.sum(axis=0), case.n)
        blocks.insert(0, (factor(dW), factor(db if layer else first(db))))
        if layer:
            passed = back(source(delta, passed), case.double[0][layer], dW)
            delta = slope(case, layer - 1, passed)
    return blocks


MISTAKES: dict[str, tuple[str, Callable]] = {  # name -> the step that is taken wrongly, and how
    "the opposite sign": ("wish", lambda error: -error),
    "a 2 left out": ("two", lambda error: error / 2),
    "a 2 too many": ("factor", lambda piece: 2 * piece),
    "weights summed, not averaged": ("share", lambda total, n: total),
    "biases summed, not averaged": ("bias", lambda total, n: total),
    "biases of layer 1 forgotten": ("first", lambda db: 0 * db),
    "σ′ left out in the hidden layers": (
        "slope",
        lambda case, layer, error: error if layer < case.depth - 1 else slope(case, layer, error),
    ),
    "σ′ left out in layer 1": (
        "slope",
        lambda case, layer, error: slope(case, layer, error) if layer else error,
    ),
    "σ′ taken at a": ("slope", slope_at_a),
    "passed back without σ′": ("source", lambda delta, error: error),
    "W transposed on the way back": ("back", lambda source, W, dW: source @ W.T),
    "weights updated too early": ("back", lambda source, W, dW: source @ (W - EARLY * dW)),
    "sums z in place of activations": ("before", lambda case, layer: case.z[layer - 1] if layer else case.x),
}


def fits(case: Case, mistake: str) -> bool:
    """Whether a mistake can be made in a case: a transposed product may not run."""
    name, make = MISTAKES[mistake]
    try:
        return all(
            dW.shape == W.shape
            for (dW, _), W in zip(planted(case, **{name: make}), case.weights, strict=True)
        )
    except ValueError:
        return False


@cache
def checked(case: Case, mistakes: tuple[str, ...]) -> Diagnosis:
    """What the doctor says of a backprop with these mistakes, tried on a case and on others of its kind."""
    steps = _steps(mistakes)
    others = usual_cases(case.hidden, case.output, case.cost, depth=case.depth)[1:]
    cases = [case, *(one for one in others if all(fits(one, mistake) for mistake in mistakes))]
    return judge([planted(one, **steps) for one in cases], cases)


def beside(case: Case, mistakes: tuple[str, ...], n: int) -> list[Block]:
    """The slopes of a backprop with these mistakes beside the right ones, for the first ``n`` examples."""
    few = replace(case, x=case.x[:n], y=case.y[:n])
    answer = planted(few, **_steps(mistakes))
    return compare(answer, few, tolerance(answer))


def _steps(mistakes):
    """The steps of :func:`planted` that are taken wrongly."""
    return dict(MISTAKES[mistake] for mistake in mistakes)
