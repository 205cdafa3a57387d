"""Factors: what the blocks of an answer are multiplied by, told as few statements about many blocks.

The walk leaves one ratio a block and case. A factor of 2 in the cost multiplies every block; one that slips in
on the way back multiplies the layers before; one divided by n at every layer grows from layer to layer. So a
factor is a pattern (which blocks, how often) and a symbol (what it is made of), and the fewest of them that
account for all ratios are the explanation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from lessons_lib.doctor.case import Array, Case

SYMBOLS = {  # what a factor can be made of, for one case and layer
    "−1": lambda case, layer: -1,
    "½": lambda case, layer: 0.5,
    "2": lambda case, layer: 2,
    "n": lambda case, layer: case.n,
    "1/n": lambda case, layer: 1 / case.n,
    "1/n_out": lambda case, layer: 1 / case.sizes[-1],
    "n_out": lambda case, layer: case.sizes[-1],
    "1/width": lambda case, layer: 1 / case.sizes[layer + 1],
    "width": lambda case, layer: case.sizes[layer + 1],
    "1/inputs": lambda case, layer: 1 / case.sizes[layer],
    "¼": lambda case, layer: 0.25,
    "4": lambda case, layer: 4,
}
MOST = 3  # factors looked for at once


@dataclass(frozen=True)
class Factor:
    """A factor in many blocks at once.

    Args:
        symbol: a name in ``SYMBOLS``, or ``"constant"``.
        pattern: which blocks, in words that belong to :func:`patterns`.
        exponents: ((W, b), …) of each layer: how often each block is multiplied.
        value: the number, for a constant.
    """

    symbol: str
    pattern: str
    exponents: tuple[tuple[int, int], ...]
    value: float | None = None


def patterns(depth: int) -> dict[str, Array]:
    """The patterns of factors in a network, (depth, 2) exponents each, the simplest first."""
    layers = np.arange(depth)[:, None]
    W, b = np.array([[1, 0]]), np.array([[0, 1]])
    both, every = W + b, np.ones((depth, 1), int)
    found = {"everything": every * both, "weights": every * W, "biases": every * b}
    for layer in reversed(range(depth - 1)):
        found[f"from {layer}"] = (layers <= layer) * both
    found["each step back"] = (depth - 1 - layers) * both
    for layer in reversed(range(depth)):
        found[f"layer {layer}"] = (layers == layer) * both
        found[f"W {layer}"] = (layers == layer) * W
        found[f"b {layer}"] = (layers == layer) * b
    unlike = {}
    for name, exponents in found.items():
        unlike.setdefault(exponents.tobytes(), (name, exponents))
    return dict(unlike.values())


def explain(
    ratios: Array, cases: Sequence[Case], free: Sequence[Array], tolerance: float
) -> list[Factor] | None:
    """The fewest factors that account for all ratios; None if no few do.

    Args:
        ratios: (cases, depth, 2) what each block is multiplied by; nan where that is unknown.
        cases: the case of each row.
        free: (cases, depth, 2) factors that may come, to some power, with a mistake named already.
        tolerance: relative.

    Example:
        >>> from lessons_lib.doctor.case import usual_cases
        >>> cases = usual_cases()[:2]
        >>> [factor.symbol for factor in explain(np.full((2, 3, 2), 0.5), cases, [], 1e-6)]
        ['½']
    """
    terms = _terms(cases)
    factors = [factor for factor, _ in terms]
    known = ~np.isnan(ratios)
    values = np.array([value[known] for _, value in terms]).reshape(len(terms), -1)
    best = None
    for given in _given(cases, free):
        most = (2 if free else MOST) if best is None else len(best) - 1
        found = _fewest((ratios / given)[known], values, most, tolerance, _Constants(known, cases, tolerance))
        if found is not None:
            *indices, constant = found
            best = [factors[index] for index in indices] + ([constant] if constant else [])
        if best == []:
            break
    return best


def _terms(cases: Sequence[Case]) -> list[tuple[Factor, Array]]:
    """Every pattern with every symbol, and what it multiplies the blocks of the cases by."""
    terms = []
    for name, exponents in patterns(cases[0].depth).items():
        for symbol in SYMBOLS:
            values = power(symbol, exponents, cases)
            if not np.allclose(values, 1):
                terms.append((Factor(symbol, name, tuples(exponents)), values))
    return terms


def tuples(exponents: Array) -> tuple[tuple[int, int], ...]:
    """An array of exponents as a value that can be compared."""
    return tuple((int(W), int(b)) for W, b in exponents)


def power(symbol: str, exponents: Array, cases: Sequence[Case]) -> Array:
    """What a symbol multiplies each block of each case by, (cases, depth, 2)."""
    layers = range(cases[0].depth)
    base = np.array([[[SYMBOLS[symbol](case, layer)] for layer in layers] for case in cases], float)
    return base**exponents


def _given(cases: Sequence[Case], free: Sequence[Array]) -> Iterator[Array]:
    """All products of the free factors, to powers from −2 to 2, the plain ones first."""
    free = list(free)[:3]
    for chosen in sorted(product((0, 1, -1, 2, -2), repeat=len(free)), key=lambda c: sum(map(abs, c))):
        values = np.ones((len(cases), cases[0].depth, 2))
        for exponent, base in zip(chosen, free, strict=True):
            values = values * base**exponent
        yield values


def _fewest(target: Array, values: Array, most: int, tolerance: float, constants: "_Constants | None"):
    """Indices of the fewest rows of ``values`` whose product is ``target``, then a constant or None."""
    if most < 0:
        return None
    if _is(target, tolerance):
        return [None]
    if most < 1:
        return None
    single = np.flatnonzero(_is(target / values, tolerance))
    if len(single):
        return [single[0], None]
    constant = constants.find(target) if constants else None
    if constant and constants.plain(constant):
        return [constant]
    for count in range(2, most + 1):
        for index, rest in enumerate(target / values):
            # Two symbols and a constant at once would take long and say little.
            found = _fewest(rest, values[index:], count - 1, tolerance, constants if count == 2 else None)
            if found is not None:
                *others, last = found
                return [index, *(index + other for other in others), last]
    return [constant] if constant else None


def _is(ratios: Array, tolerance: float):
    """Whether all ratios, along the last axis, are 1."""
    return (np.abs(ratios - 1) < tolerance).all(axis=-1)


class _Constants:
    """Finds one unknown number, the same in all cases, in a pattern of blocks."""

    def __init__(self, known: Array, cases: Sequence[Case], tolerance: float):
        self.alone, self.tolerance = len({case.n for case in cases}) == 1, tolerance
        shape = (len(cases), cases[0].depth, 2)
        self.patterns = [
            (name, exponents, np.broadcast_to(exponents, shape)[known])
            for name, exponents in patterns(cases[0].depth).items()
        ]

    def find(self, target: Array) -> Factor | None:
        """The first pattern in which ``target`` is a power of one number."""
        for name, exponents, powers in self.patterns:
            base = target[powers == 1]
            if len(base) and _is(target / np.power(base[0], powers), self.tolerance):
                return Factor("constant", name, tuples(exponents), float(base[0]))
        return None

    def plain(self, factor: Factor) -> bool:
        """Whether to believe in a constant at once: in one batch size, only in a round number such as 0.05."""
        return not self.alone or np.isclose(factor.value, float(f"{factor.value:.2g}"), rtol=1e-6, atol=0)
