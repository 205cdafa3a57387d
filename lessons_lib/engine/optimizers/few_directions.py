"""Rules that step along the few directions in which most of the examples' gradients lie.

With one example's gradient g_i a row of G (n, n_params), the *uncentred* principal directions are the right
singular vectors of G = U S Vᵀ. The n×n matrix of inner products K = G Gᵀ = U S² Uᵀ has the same U and S, and
v_k = Gᵀ u_k / s_k. So everything here comes from ``grad.gram()`` and one ``grad.combine``; G is never built.
"""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from lessons_lib.engine.arrays import Array, CostAndGradient
from lessons_lib.engine.optimizers.base import (
    RATES,
    SHARES,
    Gradients,
    Optimizer,
    Range,
    as_gradient,
    is_count,
    setting,
)
from lessons_lib.engine.optimizers.descent import flushed
from lessons_lib.engine.threads import one_thread

KEPT = Range(
    lambda v: is_count(v) or (isinstance(v, float) and 0 < v <= 1),
    "a share of the variance, above 0.0 and up to 1.0, or a whole number of directions",
)
SCALES = Range(lambda v: v in ("entropy", "inverse", "none"), "'entropy', 'inverse' or 'none'")
BLOCKS, WIDTH = 8, 10  # powers of K in the search space and its columns at the least: enough for gradients


@one_thread
def principal(K: Array, keep: float) -> tuple[Array, Array]:
    """The leading eigenvectors of a matrix of inner products.

    Args:
        K: (n, n) inner products, such as ``grad.gram()``.
        keep: a whole number of directions, or the share of the variance they carry together, 0 to 1.

    Returns:
        ``(variances, U)``: (k,) eigenvalues, the largest first, and (n, k) their eigenvectors.
        Directions whose variance is 0 to rounding are left out.

    Example:
        >>> variances, U = principal(np.diag([1.0, 8.0, 1.0]), keep=0.75)
        >>> variances, abs(U.ravel())
        (array([8.]), array([0., 1., 0.]))
    """
    if not np.isfinite(K).all():  # training that blows up: only the mean is left to step along
        K = np.ones_like(K)
    count = keep if isinstance(keep, Integral) else len(K)
    few = 2 * BLOCKS * max(count, WIDTH) <= len(K)
    variances, U = _leading(K, count) if few else np.linalg.eigh(K)
    variances, U = variances[::-1], U[:, ::-1]
    count = min(count, int(np.sum(variances > variances[0] * len(K) * np.finfo(K.dtype).eps)))
    if not isinstance(keep, Integral):
        share = np.cumsum(variances[:count]) / np.sum(variances[:count])
        count = min(count, int(np.searchsorted(share, keep)) + 1)
    return variances[:count], U[:, :count]


def _leading(K: Array, count: int) -> tuple[Array, Array]:
    """The leading ``count`` eigenpairs by block Krylov iteration, several times faster than all of them.

    Source: Musco and Musco, *Randomized block Krylov methods for stronger and faster approximate singular
    value decomposition*, 2015. The start is random but always the same.
    """
    block = np.random.default_rng(0).standard_normal((len(K), max(count, WIDTH))).astype(K.dtype)
    space = np.empty((len(K), 0), K.dtype)
    for _ in range(BLOCKS):  # twice orthogonal to what is there: once is not enough in float32
        block = K @ block
        for _ in range(2):
            block, _ = np.linalg.qr(block - space @ (space.T @ block))
        space = np.hstack([space, block])
    variances, within = np.linalg.eigh(space.T @ (K @ space))
    return variances[-count:], space @ within[:, -count:]


@dataclass(frozen=True)
class GradientPCA(Optimizer):
    """Step along the principal directions of the batch only: w ← w − η Σ_k v_k (v_k · ḡ).

    ḡ is the mean gradient, v_k the principal directions of the batch's per-example gradients. With K = U
    S² Uᵀ the projected mean is Σ_i c_i g_i for c = U_k U_kᵀ 1/n.

    Args:
        learning_rate: η.
        keep: the share of the variance to keep, above 0 and at most 1.0; or, as an ``int``, how many
            directions.
        centred: subtract the mean gradient from every example's first, as PCA of data usually does. What the
            examples agree on is the mean, so this throws the consensus away; it is here to show that.

    Raises:
        ValueError: if the learning rate is negative, or nothing would be kept.

    Example:
        >>> rows = np.array([[3.0, 0.1], [3.0, -0.1], [3.0, 0.4]])  # they agree on one axis only
        >>> rule = GradientPCA(learning_rate=1.0, keep=1)
        >>> update, _ = rule.update(rows, rule.init(np.zeros(2)), np.zeros(2))
        >>> update.round(2)
        array([-3.  , -0.13])

    Source: principal components after Hotelling, *Analysis of a complex of statistical variables into
    principal components*, 1933; gradients kept in their top directions, Gur-Ari, Roberts and Dyer,
    *Gradient descent happens in a tiny subspace*, 2018.
    """

    learning_rate: float = setting(4.0, RATES)
    keep: float | int = setting(0.95, KEPT)
    centred: bool = setting(False, Range(lambda v: isinstance(v, bool), "True or False"))

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
        grad = as_gradient(grad)
        K = grad.gram()
        mean = np.full(len(grad), 1 / len(grad), K.dtype)
        if self.centred:
            centring = np.eye(len(grad), dtype=K.dtype) - mean
            variances, U = principal(centring @ K @ centring.T, self.keep)
            U = centring @ U / np.sqrt(variances)
            return -self.learning_rate * grad.combine(U @ (U.T @ (K @ mean))), state
        _, U = principal(K, self.keep)
        return -self.learning_rate * grad.combine(U @ (U.T @ mean)), state


@dataclass(frozen=True)
class EntropyScaledMomentum(Optimizer):
    """Momentum that lasts longest along directions which many examples share. Experimental, not published.

    With principal directions v_k, each example's load on them is c_ik = g_i · v_k, and it keeps only its
    ``top`` largest. How evenly the examples load direction k is its normalised entropy

        H_k = −Σ_i p_ik log p_ik / log n,    p_ik = c_ik² / Σ_i c_ik²

    1 when all use it alike, 0 when one example owns it. The velocity's component along v_k then becomes
    μ H_k (v · v_k) + mean_i(kept c_ik); what lies outside the directions decays by μ; and w ← w − η v.

    Args:
        learning_rate: η.
        momentum: μ.
        keep: the share of the variance whose directions are used, or as an ``int`` how many directions.
        top: how many directions each example keeps.
        scale: ``"entropy"`` as above, ``"inverse"`` with 1 − H_k in its place, ``"none"`` with 1: the same
            velocity in the same directions with constant momentum, the baseline to compare with.

    Raises:
        ValueError: if a setting is outside its range.

    Example:
        >>> rule = EntropyScaledMomentum(learning_rate=1.0, top=2)
        >>> update, v = rule.update(np.array([[3.0, 1.0], [3.0, -1.0]]), rule.init(np.zeros(2)), np.zeros(2))
        >>> update.round(6) + 0.0
        array([-3.,  0.])
    """

    learning_rate: float = setting(0.4, RATES)
    momentum: float = setting(0.9, SHARES)
    keep: float | int = setting(0.99, KEPT)
    top: int = setting(10, Range(is_count, "a whole number of directions, at least 1"))
    scale: str = setting("entropy", SCALES)

    def init(self, params: Array) -> Any:
        return np.zeros_like(params)

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
        grad = as_gradient(grad)
        variances, U = principal(grad.gram(), self.keep)
        lengths = np.sqrt(variances)
        received = _largest(U * lengths, self.top).mean(axis=0)
        fading = 1 - self._decay(U)
        before = U.T @ grad.dot(state) / lengths if fading.any() else 0  # v · v_k
        lost = self.momentum * fading * before
        v = flushed(self.momentum * state + grad.combine(U @ ((received - lost) / lengths)))
        return -self.learning_rate * v, v

    def _decay(self, U: Array) -> Array:
        """(k,) what μ is multiplied by along each direction; p_ik = U_ik², as U's columns have length 1."""
        if self.scale == "none":
            return np.ones(U.shape[1], U.dtype)
        H = entropy(U**2)
        return H if self.scale == "entropy" else 1 - H


def entropy(p: Array) -> Array:
    """(k,) the entropy of each column of shares ``p`` (n, k) over log n: 1 if all are equal.

    Example:
        >>> entropy(np.array([[0.5, 1.0], [0.5, 0.0]])) + 0.0
        array([1., 0.])
    """
    if len(p) == 1:  # one example alone agrees with itself
        return np.ones(p.shape[1], p.dtype)
    surprise = -np.log(np.maximum(p, np.finfo(p.dtype).tiny))
    return (p * surprise).sum(axis=0) / np.log(len(p))


def _largest(c: Array, top: int) -> Array:
    """``c`` (n, k) with all but the ``top`` largest of each row, by size, set to 0."""
    if top >= c.shape[1]:
        return c
    rest = np.argpartition(np.abs(c), -top, axis=1)[:, :-top]
    kept = c.copy()
    kept[np.arange(len(c))[:, None], rest] = 0
    return kept
