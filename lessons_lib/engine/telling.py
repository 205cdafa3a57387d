"""How far a training is, for whoever waits for it."""

import math
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
EVERY = 0.25  # seconds between two words

listeners: set[Callable[[float], object]] = set()  # each is called with the share that is done, 0 to 1


def told(items: Iterator[Item], total: float) -> Iterator[Item]:
    """The same items; whoever listens hears now and then how large a share of ``total`` has gone by."""
    return _telling(items, total) if listeners and total < math.inf else items


def _telling(items: Iterator[Item], total: float) -> Iterator[Item]:
    due = time.perf_counter() + EVERY
    for done, item in enumerate(items):
        if time.perf_counter() > due:
            due = time.perf_counter() + EVERY
            for listener in listeners:
                listener(done / total)
        yield item
