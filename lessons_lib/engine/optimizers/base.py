"""What every optimizer has: settings that never change, a state that is passed in and handed back."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from inspect import get_annotations
from numbers import Integral
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from lessons_lib.engine.arrays import Array, CostAndGradient
from lessons_lib.engine.gradient import Gradient

T = TypeVar("T")
Gradients: TypeAlias = Gradient | Array


class Range(NamedTuple):
    """The values that a setting may take: ``allows(value)`` tells, and ``words`` are for the error."""

    allows: Callable[[Any], bool]
    words: str


def is_count(value: Any) -> bool:
    """Whether a value is a whole number of at least 1."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


RATES = Range(lambda v: np.isfinite(v) and v >= 0, "a finite number of at least 0")
SHARES = Range(lambda v: 0 <= v < 1, "0 up to, but not including, 1, such as 0.9")
TINY = Range(lambda v: np.isfinite(v) and v > 0, "a small positive number, such as 1e-8")


def setting(default: T, allowed: Range) -> T:
    """A field of an optimizer: its default, and the :class:`Range` of its values."""
    return field(default=default, metadata={"range": allowed})


@dataclass(frozen=True)
class Optimizer:
    """An update rule. Subclasses are frozen dataclasses whose fields are the settings, each with its range.

        state = optimizer.init(params)
        update, state = optimizer.update(grad, state, params)
        params = params + update

    ``grad`` is a :class:`~lessons_lib.engine.gradient.Gradient`, or on a toy surface an array: (n_params,)
    the gradient, or (batch, n_params) one row an example. ``objective(params)`` gives the cost and the mean
    gradient at other parameters; rules that search along a line need it, and :func:`.train` passes
    it to all alike.
    """

    def __init_subclass__(cls) -> None:
        for name in get_annotations(cls):
            if "range" not in getattr(vars(cls).get(name), "metadata", ()):
                raise TypeError(
                    f"{cls.__name__}.{name} has no range; write {name} = setting(default, range), "
                    "with setting from lessons_lib.engine.optimizers.base"
                )

    def __post_init__(self) -> None:
        for each in fields(self):
            value, allowed = getattr(self, each.name), each.metadata["range"]
            if not allowed.allows(value):
                raise ValueError(f"{each.name} is {value!r}; expected {allowed.words}")

    def init(self, params: Array) -> Any:
        """The state before the first step at ``params`` (n_params,)."""
        return ()

    def update(
        self, grad: Gradients, state: Any, params: Array, objective: CostAndGradient | None = None
    ) -> tuple[Array, Any]:
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

    def __init__(self, rows: ArrayLike) -> None:
        self.rows = np.atleast_2d(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def mean(self, times: float = 1) -> Array:
        """(n_params,) the average row, ``times`` a number."""
        return self.rows.mean(axis=0) * times

    def combine(self, c: Array) -> Array:
        """(n_params,) Σ_i c_i g_i for ``c`` (batch,)."""
        return c @ self.rows

    def dot(self, vector: Array) -> Array:
        """(batch,) the inner products g_i · v with one vector (n_params,)."""
        return self.rows @ vector

    def gram(self) -> Array:
        """(batch, batch) the inner products g_i · g_j."""
        return self.rows @ self.rows.T


def as_gradient(grad: Gradients) -> Gradient | Rows:
    """``grad`` itself if it is a Gradient; an array as :class:`Rows`."""
    return grad if isinstance(grad, Gradient) else Rows(grad)


def mean_gradient(grad: Gradients, times: float = 1) -> Array:
    """(n_params,) ``times`` the mean of a Gradient, of rows (batch, n_params), or the vector itself."""
    return as_gradient(grad).mean(times)
