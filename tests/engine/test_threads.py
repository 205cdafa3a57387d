"""One BLAS thread for the lessons' products, and what was there before for everything else."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from lessons_lib import SGD, Network, train
from lessons_lib.engine import threads
from lessons_lib.engine.threads import Accelerate, one_thread

WORK = """
import os
from pathlib import Path
import numpy as np
from lessons_lib import SGD, Network, backprop, evaluate, forward, load_mnist, train
from lessons_lib.engine.optimizers import GradientPCA
from lessons_lib.engine.threads import threads

def ticks_of_other_threads():
    tasks = [task for task in Path("/proc/self/task").iterdir() if int(task.name) != os.getpid()]
    return sum(sum(map(int, (task / "stat").read_text().rsplit(")")[1].split()[11:13])) for task in tasks)

start = ticks_of_other_threads()
data, rng = load_mnist().train[:6_000], np.random.default_rng(0)
net = Network.random((784, 16, 16, 10), rng=rng)
for batch_size in (100, 1_000, len(data)):
    for step in train(net, data, SGD(), batch_size=batch_size, rng=rng):
        pass
some = data[:600]
for _ in range(2):
    grad = backprop(net, forward(net, some.pixels), some.y)
    grad.mean(), grad.combine(np.ones(len(some))), grad.gram(), grad.dot(net.params), grad.per_example()
    GradientPCA(keep=0.9).update(grad, (), net.params)
evaluate(net, data)
ours = ticks_of_other_threads() - start
a = rng.random((1_200, 1_200))
for _ in range(4):
    a @ a
print(threads(), ours, ticks_of_other_threads() - start - ours)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or (os.cpu_count() or 1) < 2, reason="looks at the threads in /proc"
)
def test_only_one_thread_works_for_us_and_all_of_them_for_a_product_of_the_users_own():
    environment = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    said = subprocess.run(
        [sys.executable, "-c", WORK], env=environment, capture_output=True, text=True, check=True
    )
    now, ours, users = map(int, said.stdout.split())
    if now == 1:
        pytest.skip("this BLAS has one thread anyway")
    assert ours == 0
    assert users > 5  # hundredths of a second; else this test could not fail


class Library:
    """A BLAS library with four threads, as threadpoolctl would show it."""

    def __init__(self):
        self.num_threads, self.cleared = 4, 0

    def set_num_threads(self, n):
        self.num_threads = n

    def clear_controlling_thread(self):
        self.cleared += 1


@pytest.fixture
def library(monkeypatch):
    library = Library()
    monkeypatch.setattr(threads, "_limited", lambda: [library])
    return library


def test_the_threads_are_given_back_however_the_block_ends(library):
    with one_thread:
        with one_thread:
            assert library.num_threads == 1
        assert library.num_threads == 1 and not library.cleared
    assert library.num_threads == 4 and library.cleared == 1
    with pytest.raises(ZeroDivisionError), one_thread:
        1 / 0  # noqa: B018
    assert library.num_threads == 4


def test_a_decorated_function_keeps_its_name_arguments_and_result(library):
    @one_thread
    def inside(a, *, b):
        "Doc."
        return a, b, library.num_threads

    assert inside(1, b=2) == (1, 2, 1) and library.num_threads == 4
    assert (inside.__name__, inside.__doc__) == ("inside", "Doc.")
    with one_thread:
        assert inside(1, b=2) == (1, 2, 1) and library.num_threads == 1


def test_a_training_gives_the_threads_back_between_two_steps(library):
    inside = []

    class Rule(SGD):
        def update(self, *arguments):
            inside.append(library.num_threads)
            return super().update(*arguments)

    rng = np.random.default_rng(0)
    net, x = Network.random((2, 1), rng=rng), rng.random((6, 2))
    between = [library.num_threads for _ in train(net, (x, x[:, :1]), Rule(), batch_size=2, rng=rng)]
    assert (inside, between) == ([1] * 3, [4] * 3)


def test_each_python_thread_has_blocks_of_its_own(library):
    with one_thread, ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: one_thread.depth).result() == 0
        assert one_thread.depth == 1


def test_nothing_to_limit_is_no_error(monkeypatch):
    monkeypatch.setattr(threads, "_blas", list)
    monkeypatch.setattr(threads, "_limited", list)
    with one_thread:
        assert threads.threads() == 1


def test_accelerate_is_switched_between_one_thread_and_its_own_choice():
    model = SimpleNamespace(value=0)
    library = object.__new__(Accelerate)
    library.dynlib = SimpleNamespace(
        BLASGetThreading=lambda: model.value, BLASSetThreading=lambda value: setattr(model, "value", value)
    )
    assert library.get_num_threads() == os.cpu_count()
    library.set_num_threads(1)
    assert (model.value, library.get_num_threads()) == (1, 1)
    library.set_num_threads(8)
    assert model.value == 0


def test_the_blas_of_this_numpy_has_a_name():
    assert threads.blas() != "unknown"
