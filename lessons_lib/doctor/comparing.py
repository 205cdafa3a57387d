"""An answer beside the right one, block by block, and a fact about a block that is wrong."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.doctor.case import Array, Blocks, Case

NOISE = {False: 1e-12, True: 1e-6}  # what is left where numbers cancel, in float64 and float32


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Args:
        layers: where it was made, counted from 0 at the input side.
        part: "W" or "b" for these slopes alone, "W and b", "δ" for what is passed back, "order" for how the
            numbers are stored.
        kind: a short name, for programs.
        words: a sentence or two, for people: the place, and what to look at.
    """

    layers: tuple[int, ...]
    part: str
    kind: str
    words: str

    @property
    def layer(self) -> int | None:
        """The layer nearest the output, where a walk back first meets the mistake; None for none of them."""
        return max(self.layers, default=None)


@dataclass(frozen=True)
class Block:
    """The slopes of one layer's weights or biases beside the right ones, for a picture.

    Args:
        layer: counted from 0.
        part: "W" or "b".
        right: whether they agree.
        ratio: the answer over the right slope, element by element: infinite where that is 0 and the answer is
            not, 1 where both are, nan where there is no answer.
        cosine: of the angle between the two; 1 for the right direction, nan where one is 0.
    """

    layer: int
    part: str
    right: bool
    ratio: Array
    cosine: float


def tolerance(answer: Blocks) -> float:
    """How closely numbers of this precision agree, as a share of a block's length."""
    single = any(
        np.result_type(block) == np.float32 for pair in answer for block in pair if block is not None
    )
    return 1e-4 if single else 1e-6


def compare(answer: Blocks, case: Case, tolerance: float) -> list[Block]:
    """Every block beside the right one, from the first layer to the last."""
    return [
        _compared(layer, part, given, true, tolerance)
        for layer in range(case.depth)
        for part, given, true in zip("Wb", answer[layer], case.gradients[layer], strict=True)
    ]


def _compared(layer: int, part: str, given: Array | None, true: Array, tolerance: float) -> Block:
    if given is None or not np.isfinite(given).all():
        return Block(layer, part, False, np.full(true.shape, np.nan), np.nan)
    given = np.asarray(given, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(given == true, 1.0, given / true)
    lengths = np.linalg.norm(given) * np.linalg.norm(true)
    cosine = float(np.vdot(given, true) / lengths) if lengths else np.nan
    right = bool(np.abs(given - true).max() <= tolerance * np.abs(true).max())
    return Block(layer, part, right, ratio, cosine)


def fact(block: Block, given: Array | None, case: Case) -> str:
    """One fact about a block that is wrong."""
    if given is None:
        return "they are missing"
    if not np.isfinite(given).all():
        return "not every one of them is a number"
    true = case.gradients[block.layer]["Wb".index(block.part)]
    if not given.any():
        return "all are 0"
    if 0 < np.linalg.norm(given - true) < 1e-2 * np.linalg.norm(true):
        digits = int(-np.log10(np.linalg.norm(given - true) / np.linalg.norm(true)))
        return f"they agree to about {digits} digits, as if rounded, or measured with too large a step"
    ratios = block.ratio[np.isfinite(block.ratio)]
    if len(ratios) and np.allclose(ratios, ratios[0], rtol=1e-4):
        return f"all are {ratios[0]:.4g} times the right ones"
    if (
        block.part == "W"
        and true.shape[0] == true.shape[1]
        and np.allclose(given.T, true, rtol=1e-4, atol=1e-9)
    ):
        return "transposed, they would be right"
    if len(ratios) and (ratios > 0).all():
        return "all have the right sign, but not the right size"
    if block.cosine > 0.995:
        return "their direction is nearly right, and not quite"
    return f"their direction is off (cosine {block.cosine:.2f} with the right one)"


def without_noise(answer: Blocks, case: Case) -> Blocks:
    """An answer in which a block that is 0 but for rounding is 0."""
    noise = NOISE[tolerance(answer) > 1e-5]

    def quiet(block: Array | None, true: Array) -> Array | None:
        if block is None or not np.linalg.norm(block) < noise * np.linalg.norm(true):
            return block
        return np.zeros_like(block)

    pairs = zip(answer, case.gradients, strict=True)
    return [tuple(quiet(*pair) for pair in zip(*blocks, strict=True)) for blocks in pairs]
