"""How much slower training is with as many BLAS threads as the machine likes, as on any road but `make`.

Two processes take turns: one with the environment as it comes, one that is told to use one thread. Then once
more beside a third that keeps one core busy, as a browser does.
"""

import os
import statistics
import subprocess
import sys
from contextlib import contextmanager, nullcontext

WORKER = """
import gc, sys, time
import numpy as np
from lessons_lib import SGD, Network, load_mnist, train
data = load_mnist().train
net = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
for line in sys.stdin:
    gc.collect()
    start = time.perf_counter()
    for step in train(net, data, SGD(0.5), batch_size=int(line), rng=np.random.default_rng(0)):
        pass
    print(time.perf_counter() - start, flush=True)
"""
BUSY = "while True: pass"
BATCHES = {"one epoch, batch 100": 100, "full-batch step, 60,000": 60_000}
AT_MOST = 1.1


def rows(rounds, one_thread, verdict):
    """A row for each work, alone and beside a busy process; ``one_thread`` are the variables that say so."""
    plain = {name: value for name, value in os.environ.items() if name not in one_thread}
    with worker(plain) as default, worker(plain | one_thread) as single:
        for beside in ("alone", "beside a busy process"):
            with nullcontext() if beside == "alone" else process(BUSY, plain):
                for name, size in BATCHES.items():
                    times = [(timed(default, size), timed(single, size)) for _ in range(rounds + 1)][1:]
                    ratio = statistics.median(a / b for a, b in times)
                    default_ms, single_ms = (
                        1000 * statistics.median(each) for each in zip(*times, strict=True)
                    )
                    yield [name, beside, f"{default_ms:.3g} ms", f"{single_ms:.3g} ms", f"{ratio:.2f}×",
                           f"≤ {AT_MOST}×", verdict(ratio <= AT_MOST)]  # fmt: skip


@contextmanager
def process(code, environment):
    run = subprocess.Popen([sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)  # fmt: skip
    try:
        yield run
    finally:
        run.kill()
        run.wait()


def worker(environment):
    return process(WORKER, environment)


def timed(worker, batch_size):
    """Seconds that a worker takes for one epoch."""
    worker.stdin.write(f"{batch_size}\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())
