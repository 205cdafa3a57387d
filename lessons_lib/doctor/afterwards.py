"""What may have been done to right gradients before they came here: decay added, digits cut, a step taken."""

from collections.abc import Iterator, Sequence

import numpy as np

from lessons_lib.doctor.case import Array, Blocks, Case

DIGITS = range(1, 7)  # decimals too few to tell mistakes apart


def decay(
    answers: Sequence[Blocks], cases: Sequence[Case], near: Sequence[float]
) -> Iterator[tuple[str, Array]]:
    """The parts, "W" and "b", to which a multiple of the weights or biases was added, with that multiple.

    The slopes of the output layer must lie in the plane of the right ones and the weights themselves.
    """
    for part, name in enumerate("Wb"):
        shares = [_share(*one, part) for one in zip(answers, cases, near, strict=True)]
        if all(shares):
            yield name, np.array(shares)


def _share(answer: Blocks, case: Case, near: float, part: int) -> float:
    """The multiple of the output layer's own weights in their slopes; 0 for none, or if there is more."""
    block, true, own = answer[-1][part], case.gradients[-1][part], case.double[part][-1]
    if block is None or block.size < 3 or not np.isfinite(block).all():
        return 0.0
    plane, target = np.array([np.ravel(true), np.ravel(own)]).T, np.ravel(block)
    shares, *_ = np.linalg.lstsq(plane, target, rcond=None)
    close = near * np.linalg.norm(target)
    fits = np.linalg.norm(plane @ shares - target) <= close
    both = (np.abs(shares) * np.linalg.norm(plane, axis=0)).min() > 10 * close
    stepped = abs(shares[1] - 1) < 0.2  # the weights themselves, after a step
    return float(shares[1]) if fits and both and not stepped else 0.0


def without(answer: Blocks, case: Case, part: str, share: float) -> Blocks:
    """An answer without a multiple of the weights, or of the biases, in every layer."""
    return [
        tuple(
            block - share * own if name == part and block is not None else block
            for name, block, own in zip("Wb", blocks, owns, strict=True)
        )
        for blocks, owns in zip(answer, zip(*case.double[:2], strict=True), strict=True)
    ]


def per_example(shares: Array, cases: Sequence[Case]) -> bool | None:
    """Whether a multiple is divided by the number of examples; None if it is neither that nor constant."""
    for scaled, times in ((False, np.ones(len(cases))), (True, np.array([case.n for case in cases]))):
        if np.allclose(shares * times, shares[0] * times[0], rtol=1e-2):
            return scaled
    return None


def decimals(answers: Sequence[Blocks]) -> int | None:
    """To how many decimals all numbers are rounded, if they are few."""
    blocks = [np.ravel(block) for answer in answers for pair in answer for block in pair if block is not None]
    numbers = np.concatenate(blocks) if blocks else np.zeros(0)
    if not np.isfinite(numbers).all() or np.array_equal(numbers, np.round(numbers)):
        return None
    return next((d for d in DIGITS if np.abs(numbers - np.round(numbers, d)).max() < 0.01 * 10.0**-d), None)


def scale(answers: Sequence[Blocks], cases: Sequence[Case], digits: int) -> float | None:
    """The one factor by which rounded numbers differ from the right ones; None if there is none."""
    pairs = [
        (np.ravel(block), np.ravel(true))
        for answer, case in zip(answers, cases, strict=True)
        for blocks, trues in zip(answer, case.gradients, strict=True)
        for block, true in zip(blocks, trues, strict=True)
        if block is not None
    ]
    given, right = (np.concatenate(blocks) for blocks in zip(*pairs, strict=True))
    factor = float(given @ right / (right @ right))
    factor = 1.0 if abs(factor - 1) < 0.01 else factor
    return factor if np.abs(given - factor * right).max() < 0.6 * 10.0**-digits else None


def after_subtraction(steps: Blocks, case: Case, tolerance: float) -> float:
    """The tolerance for differences from weights and biases, which have lost digits."""
    epsilon = np.finfo(case.weights[0].dtype if tolerance < 1e-5 else np.float32).eps
    lengths = [
        float(np.linalg.norm(value)) / max(float(np.linalg.norm(step)), 1e-300)
        for pair, values in zip(steps, zip(*case.double[:2], strict=True), strict=True)
        for step, value in zip(pair, values, strict=True)
    ]
    return min(max(tolerance, 10 * float(epsilon) * max(lengths)), 1e-2)
