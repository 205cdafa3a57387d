"""Gradients as people store them, read as (dW, db) of each layer.

One vector, lists, pairs, dicts, objects with ``.grad``; the last layer first or last; W as (in, out); biases
as columns. Where the shapes leave a choice, every reading that fits is given, the usual one first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from lessons_lib.doctor.case import Array, Blocks, Case, bounded

ORDERS = {  # how 2 L pieces follow each other: (layer, part) of each
    "layer by layer, W then b": lambda depth: [(k, part) for k in range(depth) for part in (0, 1)],
    "all W, then all b": lambda depth: [(k, part) for part in (0, 1) for k in range(depth)],
    "b before W": lambda depth: [(k, part) for k in range(depth) for part in (1, 0)],
    "all b, then all W": lambda depth: [(k, part) for part in (1, 0) for k in range(depth)],
}


class Unreadable(ValueError):
    """Gradients of a form that fits no network of this design; the message says what was expected."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read an answer.

    Args:
        blocks: (dW, db) of each layer, of the shapes of W and b; None where a block is missing.
        order: how the pieces follow each other, a key of ``ORDERS``.
        reverse: whether the last layer comes first.
        transposed: whether each dW is (n_in, n_out).
        flat: whether all pieces are one vector.
        remarks: (kind, layer, part) of blocks whose shape tells of a mistake.
    """

    blocks: Blocks
    order: str
    reverse: bool
    transposed: bool
    flat: bool
    remarks: tuple[tuple[str, int, str], ...]

    @property
    def key(self) -> tuple:
        """What two answers of one function have in common."""
        return self.order, self.reverse, self.transposed, self.flat

    def oddities(self, into_first: bool = False) -> list[str]:
        """In which ways this is not the usual order: layer by layer, W row by row, then b.

        ``into_first`` says that W itself was (n_in, n_out), and so should dW be.
        """
        usual = list(ORDERS)[: 1 if self.flat else 2]
        odd = {
            self.order: self.order not in usual,
            "last layer first": self.reverse,
            "columns first": self.transposed and self.flat,
            "W transposed": self.transposed != into_first and not self.flat,
        }
        return [name for name, given in odd.items() if given]


@np.errstate(all="ignore")
def readings(answer: object, case: Case) -> list[Reading]:
    """Every way to read an answer, the usual one first.

    Raises:
        Unreadable: where no way fits.

    Example:
        >>> case = Case.random((4, 6, 3), 5, seed=0)
        >>> flat = np.concatenate([np.ravel(block) for pair in case.gradients for block in pair])
        >>> readings(flat, case)[0].order
        'layer by layer, W then b'
        >>> readings([dW.T for dW, db in case.gradients], case)[0].transposed
        True
    """
    pieces = [bounded(piece) if _is_real(piece) else piece for piece in leaves(answer, case)]
    if not all(map(_is_real, pieces)):
        raise Unreadable("they are not made of real numbers")
    first = pieces[0] if pieces else None
    if len(pieces) == 1 and first is not None and first.size == _size(case):
        found = list(_flat(np.ravel(first), case))
    elif len(pieces) == 2 * case.depth:
        found = list(_fitting(pieces, case))
    elif len(pieces) == case.depth:
        found = list(_fitting([*pieces, *[None] * case.depth], case, orders=["all W, then all b"]))
        found = list(_with_ones(pieces, case)) or found
    else:
        found = []
    if not found:
        raise Unreadable(_expected(pieces, case))
    return found


def _is_real(piece: Array | None) -> bool:
    return piece is None or piece.dtype.kind in "biuf"


def _size(case: Case) -> int:
    return sum(W.size + b.size for W, b in zip(case.weights, case.biases, strict=True))


def _expected(pieces: list, case: Case) -> str:
    shapes = [f"W {W.shape}, b {b.shape}" for W, b in zip(case.weights, case.biases, strict=True)]
    got = ", ".join("nothing" if piece is None else str(piece.shape) for piece in pieces[:12])
    wanted = f"the slopes of {'; '.join(shapes)}, or all {_size(case)} as one vector"
    return f"expected {wanted}; got {got or 'nothing'}"


def leaves(answer: object, case: Case) -> list[Array | None]:
    """The arrays an answer is made of, in its order; a dict's by the numbers in its names."""
    answer = plain(answer)
    if answer is None:
        return [None]
    if isinstance(answer, Mapping):
        return [leaf for key in _natural(answer) for leaf in leaves(answer[key], case)]
    if isinstance(answer, np.ndarray) and answer.dtype != object:
        return [answer]
    if not isinstance(answer, Sequence | np.ndarray) or isinstance(answer, str | bytes):
        array = _number(answer)
        return [array] if array is not None else []
    whole = _stacked(answer)
    if whole is not None and (whole.ndim <= 1 or whole.shape in _plausible(case)):
        return [whole]
    return [leaf for item in answer for leaf in leaves(item, case)]


def plain(value: object) -> object:
    """A tensor's or parameter's gradient as an array; other things as they are."""
    gradient = getattr(value, "grad", None)
    value = value if gradient is None or callable(gradient) else gradient
    if hasattr(value, "detach"):
        value = value.detach()
    return np.asarray(value) if hasattr(value, "__array__") else value


def _natural(names: Mapping) -> list:
    """The names in the order of their numbers, weights before biases; as they come if they have none."""

    def place(name):
        digits = re.findall(r"\d+", str(name))
        return int(digits[-1]), bool(re.search(r"b", str(name), re.IGNORECASE))

    return sorted(names, key=place) if all(re.search(r"\d", str(name)) for name in names) else list(names)


def _number(value: object) -> Array | None:
    try:
        return np.asarray(value, float)
    except (TypeError, ValueError):
        return None


def _stacked(items: Sequence | Array) -> Array | None:
    """Nested numbers as one array, if they are numbers all through and of one length."""
    try:
        items = [plain(item) for item in items]
        if any(item is None or isinstance(item, Mapping | str) for item in items):
            return None
        array = np.asarray(items)
    except (TypeError, ValueError):
        return None
    return array if array.dtype != object and array.dtype.kind in "biuf" and array.size else None


def _plausible(case: Case) -> set[tuple[int, ...]]:
    """Shapes that a block may have, right or wrong; other stacks are lists of blocks."""
    found = set()
    for W in case.weights:
        out, into = W.shape
        found |= {
            (out, into),
            (into, out),
            (out, 1),
            (1, out),
            (case.n, out),
            (out, case.n),
            (case.n, out, into),
        }
        found |= {(out, into + 1), (into + 1, out)}
    return found


def _flat(vector: Array, case: Case) -> Iterator[Reading]:
    for transposed, reverse, order in product((False, True), (False, True), ORDERS):
        layers = range(case.depth)
        blocks: list[list[Any]] = [[None, None] for _ in layers]
        start = 0
        for layer, part in _places(order, reverse, case.depth):
            shape = (case.weights, case.biases)[part][layer].shape
            end = start + int(np.prod(shape))
            piece = vector[start:end]
            columns = transposed and part == 0
            blocks[layer][part] = piece.reshape(shape[::-1]).T if columns else piece.reshape(shape)
            start = end
        yield Reading([tuple(pair) for pair in blocks], order, reverse, transposed, True, ())


def _places(order: str, reverse: bool, depth: int) -> list[tuple[int, int]]:
    return [(depth - 1 - layer if reverse else layer, part) for layer, part in ORDERS[order](depth)]


def _fitting(pieces: list, case: Case, orders: Sequence[str] = tuple(ORDERS)) -> Iterator[Reading]:
    for transposed, reverse, order in product((False, True), (False, True), orders):
        blocks: list[list[Any]] = [[None, None] for _ in range(case.depth)]
        remarks: list[tuple[str, int, str]] = []
        for piece, (layer, part) in zip(pieces, _places(order, reverse, case.depth), strict=True):
            fit = _bias(piece, case, layer) if part else _weights(piece, case, layer, transposed)
            if fit is None:
                break
            blocks[layer][part], remark = fit
            remarks += [(remark, layer, "Wb"[part])] * bool(remark)
        else:
            yield Reading([tuple(pair) for pair in blocks], order, reverse, transposed, False, tuple(remarks))


def _weights(
    piece: Array | None, case: Case, layer: int, transposed: bool
) -> tuple[Array | None, str] | None:
    """dW in the shape of W, with what its shape tells; None if it does not fit."""
    if piece is None:
        return None, "missing"
    shape = case.weights[layer].shape
    wanted = shape[::-1] if transposed else shape
    if piece.shape == (case.n, *wanted):
        piece, remark = piece.mean(axis=0), "not summed over examples"
    else:
        remark = ""
    if piece.shape != wanted:
        return None
    return piece.T if transposed else piece, remark


def _bias(piece: Array | None, case: Case, layer: int) -> tuple[Array | None, str] | None:
    """db in the shape of b, with what its shape tells; None if it does not fit."""
    if piece is None:
        return None, "missing"
    out, n = len(case.biases[layer]), case.n
    if piece.shape in ((out,), (out, 1), (1, out)):
        return piece.reshape(out), ""
    if piece.shape in ((n, out), (n, 1, out), (n, out, 1)):
        return piece.reshape(n, out).mean(axis=0), "bias not summed over examples"
    if piece.shape == (out, n):
        return piece.mean(axis=1), "bias not summed over examples"
    if piece.size == 1:
        return None, "summed over neurons too"
    return (None, "summed over the wrong axis") if piece.shape in ((n,), (n, 1), (1, n)) else None


def _with_ones(pieces: list, case: Case) -> Iterator[Reading]:
    """Biases kept as one more column of W, whose input is always 1: last or first."""
    for transposed, reverse, last in product((False, True), (False, True), (True, False)):
        split = []
        for piece, layer in zip(pieces, range(case.depth)[:: -1 if reverse else 1], strict=True):
            piece = None if piece is None else (piece.T if transposed else piece)
            out, into = case.weights[layer].shape
            if piece is None or piece.shape != (out, into + 1):
                break
            split.append((piece[:, :-1], piece[:, -1]) if last else (piece[:, 1:], piece[:, 0]))
        else:
            blocks = split[::-1] if reverse else split
            order = "layer by layer, W then b" if last else "b before W"
            yield Reading(blocks, order, reverse, transposed, False, ())
