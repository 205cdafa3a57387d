"""Factors: what the blocks of an answer are multiplied by, told as few statements about many blocks.

The walk leaves one ratio a block and case. A factor of 2 in the cost multiplies every block; one that slips
in on the way back multiplies the layers before; one divided by n at every layer grows from layer to layer.
So a factor is a pattern (which blocks, how often) and a symbol (what it is made of), and the fewest of them
that account for all ratios are the explanation.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

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
    "n/inputs": lambda case, layer: case.n / case.sizes[0],
}
NUMBERS = {"½": 0.5, "2": 2.0, "¼": 0.25, "4": 4.0}


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
    found["each layer"] = (depth - layers) * both
    for layer in reversed(range(depth)):
        found[f"layer {layer}"] = (layers == layer) * both
        found[f"W {layer}"] = (layers == layer) * W
        found[f"b {layer}"] = (layers == layer) * b
    unlike: dict[bytes, tuple[str, Array]] = {}
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
    known = ~np.isnan(ratios)
    if not known.any():
        return []
    search, best = _Search(known, cases, tolerance), None
    for given in _given(cases, free):
        most = (2 if free else 3) if best is None else len(best) - 1
        found = search.fewest((ratios / given)[known], most)
        best = best if found is None else found
        if best == []:
            break
    sizes = {case.n for case in cases}
    return None if best is None else [one for factor in best for one in _in_symbols(factor, sizes)]


def _in_symbols(factor: Factor, sizes: Collection[int]) -> list[Factor]:
    """A negative constant as a sign and a constant; a constant that has symbols as those."""
    if factor.value is None:
        return [factor]
    value = abs(factor.value)
    known: dict[tuple[str, ...], float] = {(name,): number for name, number in NUMBERS.items()}
    if len(sizes) == 1:
        (n,) = sizes
        known |= {("n",): n, ("2", "n"): 2 * n, ("½", "n"): n / 2}
    symbols = next((names for names, number in known.items() if np.isclose(value, number, rtol=1e-6)), ())
    size = [replace(factor, symbol=symbol, value=None) for symbol in symbols]
    sign = [replace(factor, symbol="−1", value=None)] * (factor.value < 0)
    return sign + (size or [replace(factor, value=value)])


def tuples(exponents: Array) -> tuple[tuple[int, int], ...]:
    """An array of exponents as a value that can be compared."""
    return tuple((int(W), int(b)) for W, b in exponents)


def _given(cases: Sequence[Case], free: Sequence[Array]) -> Iterator[Array]:
    """All products of the free factors, to powers from −2 to 2, the plain ones first."""
    free = list(free)[:3]
    for chosen in sorted(product((0, 1, -1, 2, -2), repeat=len(free)), key=lambda c: sum(map(abs, c))):
        values = np.ones((len(cases), cases[0].depth, 2))
        for exponent, base in zip(chosen, free, strict=True):
            values = values * base**exponent
        yield values


class _Search:
    """Looks for few factors whose product is given, in the blocks that are ``known``.

    Logarithms turn products into sums. A random projection of them is compared first, and what agrees there
    is looked at in full.
    """

    def __init__(self, known: Array, cases: Sequence[Case], tolerance: float):
        self.tolerance, self.alone = tolerance, len({case.n for case in cases}) == 1
        shape, names = (len(cases), cases[0].depth, 2), patterns(cases[0].depth)
        self.patterns = [
            (name, exponents, np.broadcast_to(exponents, shape)[known]) for name, exponents in names.items()
        ]
        self.factors, values = [], []
        bases = {symbol: _bases(symbol, cases)[known] for symbol in SYMBOLS}
        for name, exponents, powers in self.patterns:
            for symbol, base in bases.items():
                value = base**powers
                if not _is(value, 1e-9):
                    self.factors.append(Factor(symbol, name, tuples(exponents)))
                    values.append(value)
        self.values = np.array(values).reshape(len(values), -1)
        self.weights = np.random.default_rng(0).uniform(0.5, 1, self.values.shape[1])
        self.projected = np.log(np.abs(self.values)) @ self.weights
        self.pairs = self.projected[:, None] + self.projected

    def fewest(self, target: Array, most: int) -> list[Factor] | None:
        """The fewest factors, at most ``most``, whose product is ``target``; None if there are none."""
        if most >= 0 and _is(target, self.tolerance):
            return []
        if most < 1:
            return None
        constant = self.constant(target[None])
        found = self.one(target) or self.plain(constant)
        if most > 1:
            found = found or self.two(target) or self.one_and_constant(target)
        if most > 2:
            found = found or self.three(target)
        return found or ([constant[1]] if constant else None)

    def one(self, target: Array) -> list[Factor]:
        return [self.factors[k] for k in np.flatnonzero(_is(target / self.values, self.tolerance))[:1]]

    def two(self, target: Array) -> list[Factor]:
        return self._pair(target, np.log(np.abs(target)) @ self.weights)

    def three(self, target: Array) -> list[Factor]:
        wanted = np.log(np.abs(target)) @ self.weights
        for k, value in enumerate(self.values):
            pair = self._pair(target / value, wanted - self.projected[k])
            if pair:
                return [self.factors[k], *pair]
        return []

    def _pair(self, target: Array, wanted: float) -> list[Factor]:
        for i, j in np.argwhere(np.abs(self.pairs - wanted) < 2 * self.tolerance * len(target)):
            if i <= j and _is(target / self.values[i] / self.values[j], self.tolerance):
                return [self.factors[i], self.factors[j]]
        return []

    def one_and_constant(self, target: Array) -> list[Factor]:
        found = self.constant(target / self.values)
        return [self.factors[found[0]], found[1]] if found else []

    def constant(self, targets: Array) -> tuple[int, Factor] | None:
        """The first row that is a power of one number, the same in all cases, in a pattern of blocks."""
        for name, exponents, powers in self.patterns:
            if (powers == 1).any():
                bases = targets[:, powers == 1][:, :1]
                fits = np.flatnonzero(_is(targets / bases**powers, self.tolerance))
                if len(fits):
                    value = float(bases[fits[0], 0])
                    return int(fits[0]), Factor("constant", name, tuples(exponents), value)
        return None

    def plain(self, constant: tuple[int, Factor] | None) -> list[Factor]:
        """A constant to believe in at once: in cases of one batch size, only a round number such as 0.05."""
        if constant is None:
            return []
        value = constant[1].value or 0.0
        plain = not self.alone or np.isclose(value, float(f"{value:.2g}"), rtol=1e-6, atol=0)
        return [constant[1]] if plain else []


def _bases(symbol: str, cases: Sequence[Case]) -> Array:
    """What a symbol stands for in each block of each case, (cases, depth, 2)."""
    layers = range(cases[0].depth)
    return np.array([[[SYMBOLS[symbol](case, layer)] * 2 for layer in layers] for case in cases], float)


def _is(ratios: Array, tolerance: float) -> Any:
    """Whether all ratios, along the last axis, are 1."""
    return (np.abs(ratios - 1) < tolerance).all(axis=-1)
