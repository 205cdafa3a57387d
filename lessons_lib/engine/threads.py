"""One thread for the matrix products, whatever the environment says.

BLAS, the library below numpy, splits each product over all cores. The products of these networks are small:
waking a second thread costs more than it brings, and beside another busy program, such as a browser, the two
wait for each other many times as long as the product takes. So whatever computes here asks for one thread,
and puts back what it found, so that a program's own large products keep their threads.
"""

import os
import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

import numpy as np
import threadpoolctl

F = TypeVar("F", bound=Callable[..., Any])


class OneThread(threading.local):
    """Limits BLAS to one thread in a ``with`` block, or in each call of a function that it decorates.

    Afterwards BLAS has the threads that it had before. Where it had one when it was first asked, or where
    there is nothing to limit, as in a browser, nothing is done.

    Example:
        >>> with one_thread:
        ...     threads()
        1
    """

    def __init__(self) -> None:  # once for each Python thread
        self.depth = 0
        self.before: list[int] = []

    def __enter__(self) -> None:
        self.depth += 1
        if self.depth == 1:
            self.before = [library.num_threads for library in _limited()]
            for library in _limited():
                library.set_num_threads(1)

    def __exit__(self, *exception: object) -> None:
        self.depth -= 1
        if self.depth == 0:
            for library, n in zip(_limited(), self.before, strict=True):
                library.set_num_threads(n)
                # threadpoolctl lets only one Python thread set limits, until that says that it is done
                getattr(library, "clear_controlling_thread", int)()

    def __call__(self, function: F) -> F:
        @wraps(function)
        def alone(*args: Any, **kwargs: Any) -> Any:
            if self.depth:
                return function(*args, **kwargs)
            with self:
                return function(*args, **kwargs)

        return alone  # type: ignore[return-value]


one_thread = OneThread()


def threads() -> int:
    """How many threads BLAS would use now for a product of this Python thread; 1 where none can be told.

    Example:
        >>> threads() >= 1
        True
    """
    return max((library.num_threads for library in _blas()), default=1)


def blas() -> str:
    """Which BLAS numpy was built with, and its version where it tells it: ``scipy-openblas 0.3.31``.

    Example:
        >>> isinstance(blas(), str)
        True
    """
    built = np.show_config(mode="dicts").get("Build Dependencies", {}).get("blas", {})
    return f"{built.get('name', 'unknown')} {built.get('version', '')}".strip()


class Accelerate(threadpoolctl.LibController):
    """Apple's BLAS, which threadpoolctl does not know.

    From macOS 15 on, a Python thread may ask it for one thread, or for as many as it likes.

    Source: ``BLASSetThreading`` in Apple's documentation of Accelerate.
    """

    user_api, internal_api = "blas", "accelerate"
    filename_prefixes = ("accelerate",)
    check_symbols = ("BLASSetThreading",)

    def get_num_threads(self) -> int:
        single = self.dynlib.BLASGetThreading()
        return 1 if single else os.cpu_count() or 1

    def set_num_threads(self, num_threads: int) -> None:
        self.dynlib.BLASSetThreading(int(num_threads == 1))

    def get_version(self) -> None:
        return None


threadpoolctl.register(Accelerate)


@cache
def _blas() -> list[threadpoolctl.LibController]:
    """The BLAS libraries in this process; looking for them takes milliseconds."""
    return threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers


@cache
def _limited() -> list[threadpoolctl.LibController]:
    """Those of them that would use more than one thread; asking each time would take 2 µs."""
    return [library for library in _blas() if library.num_threads != 1]
