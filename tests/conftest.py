import time

import pytest


@pytest.fixture
def times_as_long():
    """`times_as_long(act, other)`: how many times the processor seconds of `other()` `act()` takes, a median.

    A ratio, because machines differ and other work slows them down; the two take turns.
    """

    def seconds(act):
        start = time.process_time()
        act()
        return time.process_time() - start

    return lambda act, other: sorted(seconds(act) / seconds(other) for _ in range(5))[2]
