"""The walk back: which ways of taking each step of backprop give the numbers of an answer.

From the last layer to the first, every way to get the layer's δ (with at most two mistakes) is tried with
every way to turn it into slopes of weights and biases. Random numbers agree with a wrong hypothesis by
accident about never, so few survive each layer, and the walk goes on from those. A block counts as explained
if it is a multiple of what a hypothesis gives: factors are looked at afterwards, all layers together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product

import numpy as np

from lessons_lib.doctor import passing, ways
from lessons_lib.doctor.case import Array, Blocks, Case
from lessons_lib.doctor.ways import Run, Way

LIMIT = 2  # mistakes in one block; each layer may hold others
UNEXPLAINED = {"W": 4, "b": 3}  # an unexplained block counts for so many mistakes
BEAM = 16  # hypotheses followed to the next layer

Ways = tuple[Way, ...]


@dataclass(frozen=True)
class Step:
    """How a layer was done: the ways to its δ, and to its blocks (None: unexplained; (): not given)."""

    layer: int
    chain: Ways
    W: Ways | None
    b: Ways | None

    @property
    def cost(self) -> int:
        """Mistakes in this layer."""
        blocks = (self.W, UNEXPLAINED["W"]), (self.b, UNEXPLAINED["b"])
        return wrong(self.chain) + sum(price if chosen is None else wrong(chosen) for chosen, price in blocks)


@dataclass(frozen=True)
class Path:
    """A whole pass, from the last layer to the first, with the run of the case it was found on."""

    steps: tuple[Step, ...]
    run: Run = field(compare=False)

    @property
    def cost(self) -> int:
        return sum(step.cost for step in self.steps)


def wrong(chosen: Sequence[Way]) -> int:
    """How many of these ways are mistakes."""
    count = sum(way.wrong for way in chosen)
    return count if count < 2 else len(ways.kinds(chosen))


def walk(case: Case, answer: Blocks, tolerance: float) -> list[Path]:
    """The hypotheses that explain most of an answer with fewest mistakes, best first.

    Args:
        case: what the answer belongs to.
        answer: (dW, db) of each layer; None where a block is missing.
        tolerance: largest distance from a multiple, as a share of the block's length.
    """
    paths = [Path((), Run(case, answer=answer))]
    for layer in reversed(range(case.depth)):
        paths = [longer for path in paths for longer in _longer(path, layer, answer, tolerance)]
        paths.sort(key=lambda path: path.cost)
        paths = [path for path in paths[:BEAM] if path.cost <= paths[0].cost + 2]
    return paths


def begins(case: Case, answer: Blocks, tolerance: float, most: int = LIMIT) -> bool:
    """Whether a hypothesis explains the last layer's weights or biases: a quick look at an odd reading."""
    last = menu(Run(case), case.depth - 1, most)
    return any(
        _telling(block) and bool(entries.matching(block, tolerance))
        for entries, block in zip((last.weights, last.biases), answer[-1], strict=True)
    )


def _longer(path: Path, layer: int, answer: Blocks, tolerance: float) -> list[Path]:
    """The path, one layer further, for every hypothesis that explains a block there.

    More than one mistake a block is thought of only where one will not do.
    """
    for most in range(1, LIMIT + 1):
        found = list(_explained(menu(path.run, layer, most), layer, answer, tolerance))
        if not _whole(found) and layer < path.run.last:
            for matrix in _updated(path.run, layer, answer[layer][0], most, tolerance):
                renewed = Menu.of(path.run, layer, most, extra=[matrix])
                found += _explained(renewed, layer, answer, tolerance)
        if _whole(found):
            break
    return [Path((*path.steps, step), replace(run, answer=answer)) for step, run in found]


def _whole(found: list[tuple[Step, Run]]) -> bool:
    """Whether one of these explains the weights and the biases of its layer."""
    return any(step.cost < UNEXPLAINED["b"] for step, _ in found)


def _explained(menu: "Menu", layer: int, answer: Blocks, tolerance: float) -> Iterator[tuple[Step, Run]]:
    dW, db = answer[layer]
    of_W, of_b = menu.weights.matching(dW, tolerance), menu.biases.matching(db, tolerance)
    if not _telling(db):
        of_b = {index: chosen for index, chosen in of_b.items() if index in {0, *of_W}}
    if not _telling(dW):
        of_W = {index: chosen for index, chosen in of_W.items() if index in {0, *of_b}}
    for index in sorted({0, *of_W, *of_b}):  # 0 is the right way to δ
        for W, b in product(of_W.get(index, _unmatched(dW)), of_b.get(index, _unmatched(db))):
            yield Step(layer, menu.chains[index], W, b), menu.runs[index]


def _unmatched(block: Array | None) -> list[Ways | None]:
    """What stands for the ways to a block that none leads to: () where there is nothing to explain."""
    return [None if block is not None and np.isfinite(block).all() else ()]


def _telling(block: Array | None) -> bool:
    """Whether a block can tell one δ from another: a single number and zeros fit any of them."""
    return block is not None and block.size > 1 and bool(np.any(block))


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
        vector, found = np.ravel(block), {}
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
        chains, runs = zip(*_chains(run, layer, most, extra), strict=True)
        of_W, of_b = [], []
        for index, (chain, after) in enumerate(zip(chains, runs, strict=True)):
            left = most - wrong(chain)
            of_W += [(index, *entry) for entry in _weights(after, layer, left)]
            of_b += [(index, *entry) for entry in _biases(after, layer, left)]
        return cls(list(chains), list(runs), Entries.of(of_W), Entries.of(of_b))


def menu(run: Run, layer: int, most: int) -> Menu:
    """The menu of a layer. That of the last layer depends on the case alone and is kept."""
    return _first_menu(run.case, most) if layer == run.last else Menu.of(run, layer, most)


@lru_cache(256)
def _first_menu(case: Case, most: int) -> Menu:
    return Menu.of(Run(case), case.depth - 1, most)


def _chains(run: Run, layer: int, most: int, extra: Sequence[Way]) -> Iterator[tuple[Ways, Run]]:
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
        for way in _different(passing.errors(run.case), lambda way: way(run, layer)):
            yield (way,), way(run, layer)
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


def _different(chosen: list[Way], make) -> list[Way]:
    """The right way, and the others that can be taken here and come to something else."""
    right = make(chosen[0])
    kept, units = [chosen[0]], [np.ravel(right) / (np.linalg.norm(right) or 1)] if right is not None else []
    for way in chosen[1:]:
        array = make(way)
        length = 0 if array is None else np.linalg.norm(array)
        if length and np.isfinite(length):
            unit = np.ravel(array) / length
            if not any(unit.shape == other.shape and abs(unit @ other) > 1 - 1e-13 for other in units):
                kept.append(way)
                units.append(unit)
    return kept


def _weights(run: Run, layer: int, left: int) -> Iterator[tuple[Ways, Array]]:
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


def _biases(run: Run, layer: int, left: int) -> Iterator[tuple[Ways, Array]]:
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


def _updated(run: Run, layer: int, block: Array | None, most: int, tolerance: float) -> list[Way]:
    """Weights updated too early, with the learning rate that would explain a block of slopes.

    δ (W − ηG) is a mixture of δ W and δ G: the block must lie in the plane of what the two of them give.
    """
    behind = run.answer[layer + 1][0]
    if any(one is None or not np.isfinite(one).all() for one in (block, behind)):
        return []
    target, found = np.ravel(block), []
    old = _products(run, layer, most, passing.matrices(run.case, layer)[0])
    for updated in (passing.updated, passing.updated_at_once):
        new = _products(run, layer, most, updated(1.0))
        for one, step in ((old[key], old[key] - new[key]) for key in old.keys() & new.keys()):
            (share, moved), *_ = np.linalg.lstsq(np.array([one, step]).T, target, rcond=None)
            miss = np.linalg.norm(share * one + moved * step - target)
            if share and moved and miss < tolerance * np.linalg.norm(target):
                found.append(updated(float(-moved / share)))
    return found[:3]


def _products(run: Run, layer: int, most: int, matrix: Way) -> dict[Ways, Array]:
    """The slopes of the weights after passing back through a matrix, with fewer than ``most`` mistakes."""
    return {
        (source, slope, *chosen): np.ravel(block)
        for (source, _, slope), after in _chains(run, layer, LIMIT, [matrix])
        if wrong((source, slope)) < most
        for chosen, block in _weights(after, layer, most - 1 - wrong((source, slope)))
    }
