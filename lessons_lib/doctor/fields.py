"""Fields of a JSON file as numbers, arrays and functions; what is wrong with one is said with its name."""

import json
from collections.abc import Collection
from typing import Any

import numpy as np

from lessons_lib.doctor.case import Array


class BadFile(ValueError):
    """A file that cannot be used; the message names the field."""


def numbers(
    value: object,
    shape: tuple[int, ...],
    path: str,
    *,
    others: Collection[tuple[int, ...]] = (),
    null: bool = False,
) -> Array:
    """Nested lists as an array of a shape, or of one of ``others``.

    Raises:
        BadFile: with the path of the first entry that does not fit.

    Example:
        >>> numbers([[1, 2], [3]], (2, 2), "gradients.W1")
        Traceback (most recent call last):
        lessons_lib.doctor.fields.BadFile: gradients.W1[1]: expected 2 numbers, got 1
    """
    for other in others:
        if value is not None and _shape(value) == other:
            shape = other
    if not shape:
        return np.array(_float(value, path, null))
    wanted = f"{shape[0]} {'numbers' if len(shape) == 1 else 'rows'}"
    if not isinstance(value, list):
        raise BadFile(f"{path}: expected {wanted}, got {said(value)}")
    if len(value) != shape[0]:
        raise BadFile(f"{path}: expected {wanted}, got {len(value)}")
    return np.array([numbers(v, shape[1:], f"{path}[{k}]", null=null) for k, v in enumerate(value)], float)


def _shape(value: object) -> tuple[int, ...] | None:
    """The shape of nested lists of one length; None if they are ragged."""
    if not isinstance(value, list):
        return ()
    first, *others = {_shape(item) for item in value} or {()}
    return None if others or first is None else (len(value), *first)


def _float(value: object, path: str, null: bool) -> float:
    if value is None and null:
        return np.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadFile(f"{path}: expected a number, got {said(value)}")
    try:
        number = float(value)
    except OverflowError:
        raise BadFile(f"{path}: this number is too large") from None
    if not null and not np.isfinite(number):
        raise BadFile(f"{path}: expected a finite number, got {number}")
    return number


def matrix(value: object, path: str, columns: int | None) -> Array:
    """Rows of numbers, as many as there are; as long as the first one, or as ``columns`` says."""
    if not isinstance(value, list) or not value:
        raise BadFile(f"{path}: expected rows of numbers, got {said(value)}")
    if columns is None:
        columns = len(value[0]) if isinstance(value[0], list) and value[0] else 1
    return numbers(value, (len(value), columns), path)


def pieces(content: dict, name: str, letter: str) -> list:
    """The items of an object such as ``{"W1": ..., "W2": ...}``, in order."""
    given = field(content, name)
    if not isinstance(given, dict) or not given:
        raise BadFile(f"{name}: expected an object with {letter}1, {letter}2 and so on, got {said(given)}")
    for number in range(1, len(given) + 1):
        if f"{letter}{number}" not in given:
            raise BadFile(f"{name}.{letter}{number}: missing")
    return [given[f"{letter}{number}"] for number in range(1, len(given) + 1)]


def field(content: dict, name: str) -> object:
    """The field of this name."""
    if name not in content:
        raise BadFile(f"{name}: missing")
    return content[name]


def function(content: dict, name: str, known: dict) -> Any:
    """The function that a field names."""
    given = field(content, name)
    if not isinstance(given, str) or given not in known:
        raise BadFile(f"{name}: expected one of {', '.join(known)}, got {said(given)}")
    return known[given]


def said(value: object) -> str:
    """What a JSON value is, in words."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object with {', '.join(map(str, list(value)[:5])) or 'no fields'}"
    return "null" if value is None else json.dumps(value)[:40]
