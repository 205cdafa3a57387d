""":class:`Answer`: what a reader's function gave in one case, whatever it did."""

import copy
import inspect
import io
import tracemalloc
import warnings
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass

import numpy as np

LARGEST = 10**7  # numbers in a result; the right ones have thousands


@dataclass(frozen=True, eq=False)
class Answer:
    """What a function gave in one case: a value or an error, and what else was seen.

    Attributes:
        value: the result as an array, or None.
        given: the result as it was handed back.
        error: why there is none, in words.
        empty: whether nothing was returned.
        listed: whether the result was a list.
        changed: names of the arguments that the function changed.
        memory: bytes at the peak of the call.
    """

    value: np.ndarray | None = None
    given: object = None
    error: str = ""
    empty: bool = False
    listed: bool = False
    changed: tuple[str, ...] = ()
    memory: int = 0

    @classmethod
    def of(cls, function, case, *, quiet):
        """Call a function with copies of a case."""
        given = copy.deepcopy(case)
        try:
            value, memory = _measured(function, given, quiet)
        except NotImplementedError:
            return cls(empty=True)
        except (Exception, SystemExit, GeneratorExit) as error:
            return cls(error=f"Your function raised {_told(error)}.")
        names = _names(function, len(case))
        changed = tuple(
            name for name, now, before in zip(names, given, case, strict=False) if not _same(now, before)
        )
        seen = {"listed": isinstance(value, list | tuple), "changed": changed, "memory": memory}
        if value is None or value is ...:
            return cls(empty=True, **seen)
        kind = f"a {type(value).__name__}"
        try:
            if np.size(value) > LARGEST:
                return cls(error=f"Your result has {np.size(value):,} numbers, far too many.", **seen)
            seen["given"] = copy.deepcopy(value)  # the function may use the same array again
            return cls(_numbers(value), **seen)
        except Exception:  # whatever the result does when it is looked at
            kind += " of pieces of unlike shapes" * isinstance(value, list | tuple)
            return cls(error=f"Your result is {kind}; expected an array of real numbers.", **seen)

    @property
    def zero(self):
        """Whether the value is 0 everywhere, but for rounding."""
        return self.value is not None and bool((np.abs(self.value) <= 1e-12).all())

    def equals(self, other, tolerance):
        """Whether the values are the same within the tolerance, or there is none on either side."""
        if self.value is None or other.value is None:
            return self.value is None and other.value is None and not (self.empty or other.empty)
        a, b = self.value, other.value
        return a.shape == b.shape and bool(
            np.isclose(a, b, tolerance, _least(b, tolerance), equal_nan=True).all()
        )

    def difference(self, right, tolerance):
        """In words, how the value differs from the right one."""
        if self.error:
            return self.error
        if self.empty:
            return "Here your function returns nothing."
        got, right = np.asarray(self.value), np.asarray(right.value)
        if got.shape != right.shape:
            return f"Your result has shape {got.shape}; expected {right.shape}."
        if self.zero and not (np.abs(right) <= 1e-9).all():
            return "Your result is 0 everywhere."
        wrong = ~np.isclose(got, right, tolerance, _least(right, tolerance))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = (got / right)[right != 0]
        if wrong.all() and ratios.size > 1 and np.allclose(ratios, ratios[0], 1e-4):
            return f"Every number is {ratios[0]:.4g} times what it should be."
        if right.ndim == 2 and not wrong.all():
            for axis, name in ((1, "row"), (0, "column")):
                right_ones = np.flatnonzero(~wrong.any(axis=axis))
                if right_ones.size:
                    return f"Of your result, {_listed(name, right_ones)} right and the rest is not."
        worst = np.unravel_index(np.argmax(np.abs(got - right)), right.shape)
        place = f" at {[int(k) for k in worst]}" if right.shape else ""
        return f"Your result{place} is {got[worst]:.6g}; expected {right[worst]:.6g}."


def _measured(function, given, quiet):
    """The result of a call and its peak of memory in bytes; no warning is heard, no print if ``quiet``."""
    counting = tracemalloc.is_tracing()
    if not counting:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    streams = [redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO())] if quiet else []
    try:
        with ExitStack() as stack:
            stack.enter_context(np.errstate(all="ignore"))
            stack.enter_context(warnings.catch_warnings(action="ignore"))
            for stream in streams:
                stack.enter_context(stream)
            value = function(*given)
        return value, tracemalloc.get_traced_memory()[1] - before
    finally:
        if not counting:
            tracemalloc.stop()


def _numbers(value):
    """A result as an array of real numbers; ``TypeError`` where it is none."""
    array = np.asarray(value)
    masked = np.ma.is_masked(value)
    if masked or array.dtype.kind not in "buifcO" or (array.dtype.kind == "c" and array.imag.any()):
        raise TypeError(f"no real numbers: {array.dtype}")
    return np.array(array.real, float)


def _told(error):
    """An exception in words, even one whose own words fail."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def _same(now, before):
    """Whether an argument is as it was: an array, a list of them, or anything else."""
    if isinstance(before, list):
        return len(now) == len(before) and all(map(_same, now, before))
    return not isinstance(before, np.ndarray) or np.array_equal(now, before)


def _least(values, tolerance):
    """The difference that counts as none: in proportion to the largest of the right numbers."""
    return tolerance * max(1e-3, np.abs(values[np.isfinite(values)]).max(initial=0))


def _names(function, count):
    """The names of a function's positional arguments, or numbers where it does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    names = [parameter.name for parameter in parameters if parameter.kind in (0, 1)]
    return names if len(names) >= count else [f"argument {k + 1}" for k in range(count)]


def _listed(name, numbers):
    words = ", ".join(str(int(number)) for number in numbers)
    return f"{name} {words} is" if len(numbers) == 1 else f"{name}s {words} are"
