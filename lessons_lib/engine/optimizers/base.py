"""What every optimizer has: settings that never change, a state that is passed in and handed back."""

from dataclasses import fields
from numbers import Integral

import numpy as np

from lessons_lib.engine.gradient import Gradient


class Optimizer:
    """An update rule. Subclasses are frozen dataclasses whose fields are the settings.

        state = optimizer.init(params)
        update, state = optimizer.update(grad, state, params)
        params = params + update

    ``grad`` is a :class:`~lessons_lib.engine.gradient.Gradient`, or on a toy surface an array: (n_params,)
    the gradient, or (batch, n_params) one row an example. ``objective(params)`` gives the cost and the mean
    gradient at other parameters; rules that search along a line need it, and :func:`lessons_lib.train` passes
    it to all alike.
    """

    def __post_init__(self):
        for field in fields(self):
            self._check(field.name, getattr(self, field.name))

    def _check(self, name, value):
        if name in _RULES and not _RULES[name][0](value):
            raise ValueError(f"{name} is {value!r}; expected {_RULES[name][1]}")

    def init(self, params):
        """The state before the first step at ``params`` (n_params,)."""
        return ()

    def update(self, grad, state, params, objective=None):
        """What to add to ``params``, and the next state."""
        raise NotImplementedError


class Rows:
    """Per-example gradients as an array, with the methods of a
    :class:`~lessons_lib.engine.gradient.Gradient`.

    Args:
        rows: (batch, n_params) one gradient a row; (n_params,) is a batch of one.

    Example:
        >>> Rows([[1.0, 0.0], [0.0, 1.0]]).gram()
        array([[1., 0.],
               [0., 1.]])
    """

    def __init__(self, rows):
        self.rows = np.atleast_2d(rows)

    def __len__(self):
        return len(self.rows)

    def mean(self, times=1):
        """(n_params,) the average row, ``times`` a number."""
        return self.rows.mean(axis=0) * times

    def combine(self, c):
        """(n_params,) Σ_i c_i g_i for ``c`` (batch,)."""
        return c @ self.rows

    def dot(self, vector):
        """(batch,) the inner products g_i · v with one vector (n_params,)."""
        return self.rows @ vector

    def gram(self):
        """(batch, batch) the inner products g_i · g_j."""
        return self.rows @ self.rows.T


def as_gradient(grad):
    """``grad`` itself if it is a Gradient; an array as :class:`Rows`."""
    return grad if isinstance(grad, Gradient) else Rows(grad)


def mean_gradient(grad, times=1):
    """(n_params,) ``times`` the mean wish of a Gradient, of rows (batch, n_params), or the vector itself."""
    return as_gradient(grad).mean(times)


def _share(value):
    return 0 <= value < 1


def _count(value):
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 1


_RULES = {
    "learning_rate": (lambda v: np.isfinite(v) and v >= 0, "a finite number of at least 0"),
    **dict.fromkeys(
        ("momentum", "decay", "beta1", "beta2"), (_share, "0 up to, but not including, 1, such as 0.9")
    ),
    "epsilon": (lambda v: np.isfinite(v) and v > 0, "a small positive number, such as 1e-8"),
    "keep": (
        lambda v: _count(v) or (isinstance(v, float) and 0 < v <= 1),
        "a share of the variance, above 0.0 and up to 1.0, or a whole number of directions",
    ),
    "top": (_count, "a whole number of directions, at least 1"),
    "scale": (lambda v: v in ("entropy", "inverse", "none"), "'entropy', 'inverse' or 'none'"),
    "first_step": (lambda v: np.isfinite(v) and v > 0, "a positive length, such as 1.0"),
    "flat_enough": (lambda v: 0 < v < 1, "a share of the first slope between 0 and 1, such as 0.1"),
    "max_evaluations": (lambda v: _count(v) and v >= 2, "a whole number of at least 2"),
}
