"""All hypotheses for one layer: every way to its δ, and from there to the slopes of its W and b."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from lessons_lib.doctor import passing, ways
from lessons_lib.doctor.case import Array, Case
from lessons_lib.doctor.ways import Run, Way

Ways = tuple[Way, ...]


def wrong(chosen: Sequence[Way]) -> int:
    """How many of these ways are mistakes."""
    count = sum(way.wrong for way in chosen)
    return count if count < 2 else len(ways.kinds(chosen))


@dataclass
class Entries:
    """What the hypotheses give for one block: unit vectors, and the chain and ways each came from."""

    chains: list[int]
    ways: list[Ways]
    units: Array

    @classmethod
    def of(cls, entries: list[tuple[int, Ways, Array]]) -> "Entries":
        vectors = np.array([np.ravel(block) for _, _, block in entries])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        units = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
        return cls([chain for chain, _, _ in entries], [chosen for _, chosen, _ in entries], units)

    def matching(self, block: Array | None, tolerance: float) -> dict[int, list[Ways]]:
        """For each chain, the ways with fewest mistakes whose block is a multiple of this one."""
        if block is None or not np.isfinite(block).all():
            return {}
        vector = np.ravel(block)
        found: dict[int, list[Ways]] = {}
        length = np.linalg.norm(vector)
        if length == 0:
            close = [k for k, chosen in enumerate(self.ways) if chosen[-1].kind == "empty"]
        else:
            shares = self.units @ (vector / length)
            near = np.flatnonzero(np.abs(shares) > 1 - max(tolerance, 1e-7))
            misses = np.linalg.norm(vector / length - shares[near, None] * self.units[near], axis=1)
            close = near[misses < tolerance]
        for index in close:
            found.setdefault(self.chains[index], []).append(self.ways[index])
        return {chain: _fewest(chosen) for chain, chosen in found.items()}


def _fewest(chosen: list[Ways]) -> list[Ways]:
    least = min(map(wrong, chosen))
    return [one for one in chosen if wrong(one) == least][:3]


@dataclass
class Menu:
    """All hypotheses for one layer: the ways to δ, and what each gives for its weights and biases."""

    chains: list[Ways]
    runs: list[Run]
    weights: Entries
    biases: Entries

    @classmethod
    def of(cls, run: Run, layer: int, most: int, *, extra: Sequence[Way] = ()) -> "Menu":
        chains, runs = zip(*to_delta(run, layer, most, extra), strict=True)
        of_W, of_b = [], []
        for index, (chain, after) in enumerate(zip(chains, runs, strict=True)):
            left = most - wrong(chain)
            of_W += [(index, *entry) for entry in to_weights(after, layer, left)]
            of_b += [(index, *entry) for entry in to_biases(after, layer, left)]
        return cls(list(chains), list(runs), Entries.of(of_W), Entries.of(of_b))


def menu(run: Run, layer: int, most: int) -> Menu:
    """The menu of a layer. That of the last layer depends on the case alone and is kept."""
    return _first_menu(run.case, most) if layer == run.last else Menu.of(run, layer, most)


@lru_cache(256)
def _first_menu(case: Case, most: int) -> Menu:
    return Menu.of(Run(case), case.depth - 1, most)


def to_delta(run: Run, layer: int, most: int, extra: Sequence[Way]) -> Iterator[tuple[Ways, Run]]:
    """Every way to the layer's δ with at most ``most`` mistakes; the right one first."""
    deltas = run.case.deltas[layer]
    other = np.sin(1 + np.arange(deltas.size)).reshape(deltas.shape)  # any error tells the slopes apart
    slopes = _different(passing.slopes(run.case, layer), lambda way: way(run, layer, other))
    for head, error in _errors(run, layer, most, extra):
        for slope in slopes:
            if wrong((*head, slope)) <= most:
                delta = slope(run, layer, error)
                if delta is not None:
                    yield (*head, slope), run.then(layer, error, delta)


def _errors(run: Run, layer: int, most: int, extra: Sequence[Way]) -> Iterator[tuple[Ways, Array]]:
    """What the slope is multiplied by: the cost's error, or what is passed back from the layer behind."""
    if layer == run.last:
        begun = [
            (way, way(run, layer))
            for way in _different(passing.errors(run.case), lambda way: way(run, layer))
        ]
        yield from (((way,), error) for way, error in begun if error is not None)
        return
    sources = _different(passing.sources(run.case, layer), lambda way: way(run, layer))
    matrices = extra or passing.matrices(run.case, layer)
    right = sources[0](run, layer)
    matrices = _different(matrices, lambda way: way(run, layer, right))
    for source, matrix in product(sources, matrices):
        if wrong((source, matrix)) <= most:
            error = matrix(run, layer, source(run, layer))
            if error is not None:
                yield (source, matrix), error


def _different(chosen: Sequence[Way], make: Callable[[Way], Array | None]) -> list[Way]:
    """The right way, and the others that can be taken here and come to something else."""
    right = make(chosen[0])
    kept, units = [chosen[0]], [np.ravel(right) / (np.linalg.norm(right) or 1)] if right is not None else []
    for way in chosen[1:]:
        array = make(way)
        if array is None:
            continue
        length = np.linalg.norm(array)
        if length and np.isfinite(length):
            unit = np.ravel(array) / length
            if not any(unit.shape == other.shape and abs(unit @ other) > 1 - 1e-13 for other in units):
                kept.append(way)
                units.append(unit)
    return kept


def to_weights(run: Run, layer: int, left: int) -> Iterator[tuple[Ways, Array]]:
    """Every way, with at most ``left`` mistakes, from the layer's δ to the slopes of its weights."""
    W = run.case.double[0][layer]
    for factor in _few(ways.FACTORS, left):
        delta = factor(run, layer)
        for before in _few(ways.befores(run.case, layer), left - factor.wrong):
            a = before(run, layer)
            spare = left - wrong((factor, before))
            for outer in _few(ways.OUTERS, spare) if spare else _plain(ways.OUTERS, factor, before):
                block = None if a is None else outer(delta, a, W)
                if block is not None:
                    yield (factor, before, outer), block


def to_biases(run: Run, layer: int, left: int) -> Iterator[tuple[Ways, Array]]:
    """Every way, with at most ``left`` mistakes, from the layer's δ to the slopes of its biases."""
    b = run.case.double[1][layer]
    for factor in _few(ways.FACTORS, left):
        delta = factor(run, layer)
        spare = left - factor.wrong
        for total in _few(ways.SUMS, spare) if spare else _plain(ways.SUMS, factor):
            block = total(delta, b)
            if block is not None:
                yield (factor, total), block


def _plain(last: list[Way], *before: Way) -> list[Way]:
    """The right way alone; and zeros, which tell nothing about the δ they were not made of."""
    return [last[0]] if wrong(before) else [last[0], last[-1]]


def _few(chosen: list[Way], left: int) -> list[Way]:
    return chosen if left > 0 else chosen[:1]
