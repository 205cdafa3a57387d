import inspect
import time

import pytest

from lessons_lib import panels


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


@pytest.fixture(scope="session")
def make_panel():
    """`make_panel(name, given)`: the panel, from those of the things given that its parameters name."""

    def make(name, given, **state):
        cls = getattr(panels, name)
        parameters = inspect.signature(cls.__init__).parameters
        return cls(**{key: given[key] for key in parameters if key in given}, **state)

    return make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Tell the fixtures of browsers whether the test failed, for a screenshot."""
    report = yield
    if call.when == "call":
        item.call_failed = report.failed
    return report
