"""What every optimizer has: settings that never change, a state that is passed in and handed back."""

from dataclasses import fields

import numpy as np

from lessons_lib.gradient import Gradient


class Optimizer:
    """An update rule. Subclasses are frozen dataclasses whose fields are the settings.

        state = optimizer.init(params)
        update, state = optimizer.update(grad, state, params)
        params = params + update

    ``grad`` is a :class:`~lessons_lib.backprop.Gradient`, or on a toy surface an array: (n_params,) the
    gradient, or (batch, n_params) one row an example. ``objective(params)`` gives the cost and the mean
    gradient at other parameters; rules that search along a line need it, and :func:`lessons_lib.train` passes
    it to all alike.
    """

    def __post_init__(self):
        for field in fields(self):
            self._check(field.name, getattr(self, field.name))

    def _check(self, name, value):
        if name == "learning_rate" and not (np.isfinite(value) and value >= 0):
            raise ValueError(f"learning_rate is {value}; expected a finite number of at least 0")
        if name in ("momentum", "decay", "beta1", "beta2") and not 0 <= value < 1:
            raise ValueError(f"{name} is {value}; expected 0 up to, but not including, 1")

    def init(self, params):
        """The state before the first step at ``params`` (n_params,)."""
        return ()

    def update(self, grad, state, params, objective=None):
        """What to add to ``params``, and the next state."""
        raise NotImplementedError


def mean_gradient(grad):
    """(n_params,) the mean wish of a Gradient, of rows (batch, n_params), or the vector itself."""
    if isinstance(grad, Gradient):
        return grad.mean()
    grad = np.asarray(grad)
    return grad.mean(axis=0) if grad.ndim == 2 else grad
