"""The steps of backprop, each with the right way and the wrong ways in which people take it.

A backward pass is made of a few steps, and a mistake is a wrong way of taking one of them somewhere. Each
list of ways belongs to one step; its first entry is the right one. Those of the way back are in
:mod:`lessons_lib.doctor.passing`, those that turn a layer's δ into slopes are here. A way returns None where
it cannot be taken, such as a transposed product of a matrix that is not square.

=========  ==========================================================  =====================================
step       right way                                                   made by
=========  ==========================================================  =====================================
error      ∂C/∂a of the outputs                                        ``way(run, layer)`` -> (n, outputs)
slope      times the activation's slope: δ = error · σ′(z)             ``way(run, layer, error)``
source     what goes back: δ of the layer behind                       ``way(run, layer)``
matrix     through which weights: error = δ W                          ``way(run, layer, source)``
factor     what W's and b's gradients are made of: δ                   ``way(run, layer)``
before     what came into the layer: a                                 ``way(run, layer)``
outer      Σ over examples of δ aᵀ                                     ``way(delta, a, W)``
sum        Σ over examples of δ                                        ``way(delta, b)``
=========  ==========================================================  =====================================
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lessons_lib.doctor.case import Array, Blocks, Case
from lessons_lib.engine.functions import softmax


@dataclass
class Run:
    """A backward pass in the making: the errors and deltas of the layers done so far, from the last one back.

    ``answer`` is what is to be explained, where a mistake may have used it (weights already updated).
    """

    case: Case
    errors: dict[int, Array] = field(default_factory=dict)
    deltas: dict[int, Array] = field(default_factory=dict)
    answer: Blocks = field(default_factory=list)

    @property
    def last(self) -> int:
        return self.case.depth - 1

    def then(self, layer: int, error: Array, delta: Array) -> "Run":
        """The pass one layer further."""
        return Run(self.case, {**self.errors, layer: error}, {**self.deltas, layer: delta}, self.answer)

    def own_slope(self, layer: int) -> Array:
        """The slope of a layer's activation, element by element (softmax: only of each output to itself)."""
        case, f = self.case, self.case.function(layer)
        z, a = case.z[layer], case.a[layer + 1]
        return a * (1 - a) if f == softmax else f.derivative(z, a)


@dataclass(frozen=True)
class Way:
    """One way to take a step: ``kind`` is empty for the right one, ``detail`` tells relatives apart."""

    kind: str
    make: Callable[..., Array | None] = field(compare=False)
    detail: object = None

    def __call__(self, *args: Any) -> Array | None:
        return self.make(*args)

    @property
    def wrong(self) -> int:
        """1 for a mistake, 0 for the right way."""
        return int(bool(self.kind))


def same(array: Array, shape: tuple[int, ...]) -> Array | None:
    """An array if it has this shape, else None."""
    return array if array.shape == shape else None


def again(run: Run, layer: int) -> Array:
    """A layer's δ times its slope once more."""
    return run.deltas[layer] * run.own_slope(layer)


def kinds(chosen: Iterable[Way]) -> list[tuple[str, object]]:
    """(kind, detail) of the mistakes among these ways."""
    found = [(way.kind, way.detail) for way in chosen if way.kind]
    for pair, kind in ONE_MISTAKE.items():
        if {name for name, _ in found}.issuperset(pair):
            found = [(kind, None), *(one for one in found if one[0] not in pair)]
    return found


FACTORS = [
    Way("", lambda run, layer: run.deltas[layer]),
    Way("slope missing", lambda run, layer: run.errors[layer]),
    Way("slope twice", lambda run, layer: again(run, layer)),
]


def befores(case: Case, layer: int) -> list[Way]:
    """Ways to choose what the layer's δ is multiplied by to give the slopes of its weights."""
    ways = [
        Way("", lambda run, layer: run.case.a[layer]),
        Way("z in place of a", lambda run, layer: run.case.z[layer - 1] if layer else None),
        Way("activated twice", lambda run, layer: run.case.function(layer - 1)(run.case.a[layer])),
        Way("activations left out", lambda run, layer: np.ones_like(run.case.a[layer])),
        Way("layer's own z", lambda run, layer: same(run.case.z[layer], run.case.a[layer].shape)),
    ]
    if layer:
        ways.append(Way("inputs in place of activations", _activations(0)))
    others = [other for other in range(1, case.depth + 1) if other != layer]
    return ways + [Way("activations of another layer", _activations(o), o - layer) for o in others]


def _activations(other: int) -> Callable[..., Array]:
    """Another layer's activations: as in loops, too few leave slopes at 0, and too many are not reached."""

    def make(run: Run, layer: int) -> Array:
        a, width = run.case.a[other], run.case.a[layer].shape[1]
        short = width - a.shape[1]
        return np.pad(a, ((0, 0), (0, short))) if short >= 0 else a[:, :width]

    return make


OUTERS = [
    Way("", lambda delta, a, W: delta.T @ a / len(a)),
    Way("transposed", lambda delta, a, W: same(a.T @ delta / len(a), W.shape)),
    Way("means multiplied", lambda delta, a, W: np.outer(delta.mean(axis=0), a.mean(axis=0))),
    Way("only the last example", lambda delta, a, W: np.outer(delta[-1], a[-1]) / len(a)),
    Way("only the first example", lambda delta, a, W: np.outer(delta[0], a[0]) / len(a)),
    Way("weights in place of activations", lambda delta, a, W: delta.mean(axis=0)[:, None] * W),
    Way("empty", lambda delta, a, W: np.zeros(W.shape)),
]

SUMS = [
    Way("", lambda delta, b: delta.mean(axis=0)),
    Way("only the last example", lambda delta, b: delta[-1] / len(delta)),
    Way("only the first example", lambda delta, b: delta[0] / len(delta)),
    Way("summed over neurons too", lambda delta, b: np.full(b.shape, delta.sum() / len(delta))),
    Way("summed over the wrong axis", lambda delta, b: same(delta.sum(axis=1), b.shape)),
    Way("multiplied by b", lambda delta, b: delta.mean(axis=0) * b),
    Way("without sign", lambda delta, b: np.abs(delta).mean(axis=0)),
    Way("empty", lambda delta, b: np.zeros(b.shape)),
]

ONE_MISTAKE = {  # two wrong ways that are one mistake where they come together
    ("passed back with slope twice", "slope missing"): "slope of the layer behind",
}

ABSORBING = {  # what these give depends on whether a sum or a mean is taken; either is the same mistake
    **dict.fromkeys(
        ("target forgotten", "output forgotten", "error without sign", "error at z"), lambda case, layer: 2
    ),
    "means multiplied": lambda case, layer: case.n,
    "only the last example": lambda case, layer: case.n,
    "only the first example": lambda case, layer: case.n,
    "weights in place of activations": lambda case, layer: case.n,
    "summed over the wrong axis": lambda case, layer: case.n,
    "summed over neurons too": lambda case, layer: case.sizes[layer + 1],
    "error averaged over examples": lambda case, layer: case.n,
    "error averaged over outputs": lambda case, layer: case.sizes[-1],
    "W left out": lambda case, layer: case.sizes[layer + 2],
}
