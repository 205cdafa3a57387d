"""The walk back: which ways of taking each step of backprop give the numbers of an answer.

From the last layer to the first, every way to get the layer's δ (with at most two mistakes) is tried with
every way to turn it into slopes of weights and biases. Random numbers agree with a wrong hypothesis by
accident about never, so few survive each layer, and the walk goes on from those. A block counts as explained
if it is a multiple of what a hypothesis gives: factors are looked at afterwards, all layers together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from lessons_lib.doctor import passing
from lessons_lib.doctor.case import Array, Blocks, Case
from lessons_lib.doctor.menu import Menu, Ways, menu, to_delta, to_weights, wrong
from lessons_lib.doctor.ways import Run, Way

LIMIT = 2  # mistakes in one block; each layer may hold others
UNEXPLAINED = {"W": 4, "b": 3}  # an unexplained block counts for so many mistakes
BEAM = 16  # hypotheses followed to the next layer


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


def walk(case: Case, answer: Blocks, tolerance: float) -> list[Path]:
    """The hypotheses that explain most of an answer with fewest mistakes, best first.

    Args:
        case: what the answer belongs to.
        answer: (dW, db) of each layer; None where a block is missing.
        tolerance: largest distance from a multiple, as a share of the block's length.
    """
    paths = [Path((), Run(case, answer=answer))]
    for layer in reversed(range(case.depth)):
        paths = _longer(paths, layer, answer, tolerance)
        paths.sort(key=lambda path: path.cost)
        paths = [path for path in paths[:BEAM] if path.cost <= paths[0].cost + 2]
    return paths


def begins(case: Case, answer: Blocks, tolerance: float, most: int = LIMIT) -> bool:
    """Whether a hypothesis explains the last layer's weights or biases: a quick look at an odd reading."""
    if not any(map(_telling, answer[-1])):
        return False
    last = menu(Run(case), case.depth - 1, most)
    return any(
        _telling(block) and bool(entries.matching(block, tolerance))
        for entries, block in zip((last.weights, last.biases), answer[-1], strict=True)
    )


def _longer(paths: list[Path], layer: int, answer: Blocks, tolerance: float) -> list[Path]:
    """Every path one layer further. What lies there depends on the way to δ alone, and is looked for once."""
    found: dict[tuple[Ways, ...], list[tuple[Step, Run]]] = {}
    longer = []
    for path in paths:
        chains = tuple(step.chain for step in path.steps)
        if chains not in found:
            found[chains] = _next(path.run, layer, answer, tolerance)
        longer += [Path((*path.steps, step), run) for step, run in found[chains]]
    return longer


def _next(run: Run, layer: int, answer: Blocks, tolerance: float) -> list[tuple[Step, Run]]:
    """One layer further back: the step and the run of every hypothesis that explains a block there.

    More than one mistake a block is thought of only where one will not do.
    """
    for most in range(1, LIMIT + 1):
        found = list(_explained(menu(run, layer, most), layer, answer, tolerance))
        if not _whole(found) and layer < run.last:
            for matrix in _updated(run, layer, answer[layer][0], most, tolerance):
                renewed = Menu.of(run, layer, most, extra=[matrix])
                found += _explained(renewed, layer, answer, tolerance)
        if any(step.cost <= most for step, _ in found):
            break
    return [(step, replace(after, answer=answer)) for step, after in found]


def _whole(found: list[tuple[Step, Run]]) -> bool:
    """Whether one of these explains the weights and the biases of its layer."""
    return any(step.cost < UNEXPLAINED["b"] for step, _ in found)


def _explained(menu: Menu, layer: int, answer: Blocks, tolerance: float) -> Iterator[tuple[Step, Run]]:
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


def _updated(run: Run, layer: int, block: Array | None, most: int, tolerance: float) -> list[Way]:
    """Weights updated too early, with the learning rate that would explain a block of slopes.

    δ (W − ηG) is a mixture of δ W and δ G: the block must lie in the plane of what the two of them give.
    """
    behind = run.answer[layer + 1][0]
    if block is None or behind is None or not (np.isfinite(block).all() and np.isfinite(behind).all()):
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
        for (source, _, slope), after in to_delta(run, layer, LIMIT, [matrix])
        if wrong((source, slope)) < most
        for chosen, block in to_weights(after, layer, most - 1 - wrong((source, slope)))
    }
