"""Names for the types in signatures. Which shape an array has, its docstring says."""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = list[Array]  # one array a layer
CostAndGradient: TypeAlias = Callable[[Array], tuple[float, Array]]  # both at given parameters
Random: TypeAlias = np.random.Generator


@runtime_checkable
class Images(Protocol):
    """What has pixels and targets, such as a :class:`~lessons_lib.data.mnist.Dataset`."""

    @property
    def pixels(self) -> Array: ...

    @property
    def y(self) -> Array: ...


Data: TypeAlias = Images | tuple[ArrayLike, ArrayLike]
