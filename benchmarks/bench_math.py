"""Measure the mathematics against other libraries: `make bench`.

Every comparison runs in this one process on one thread, interleaved A B A B. A ratio is the median over
rounds of the peer's time divided by ours: above 1, ours is faster. Prints tables and writes ``results.md``.
Absolute ratios move with the processor, so the bars of the peers are kept for two families of them.
"""

import argparse
import gc
import math
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

# One thread for everyone, settled before any library loads. The two settings of OpenBLAS, where a machine has
# them, choose kernels for another processor; the peers do not read them.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NPROC": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")

if __name__ == "__main__" and os.environ.get("LESSONS_BENCH") != "1":
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    environment |= {**ONE_THREAD, "LESSONS_BENCH": "1"}
    os.execve(sys.executable, [sys.executable, "-m", "benchmarks.bench_math", *sys.argv[1:]], environment)

import numpy as np  # noqa: E402

from benchmarks import environments, peers  # noqa: E402
from benchmarks.beginners import ByExample, Scalars  # noqa: E402
from benchmarks.flat_loop import FlatLoop  # noqa: E402
from benchmarks.report import machine, table, verdict  # noqa: E402
from lessons_lib import SGD, Network, backprop, forward, load_mnist, train  # noqa: E402
from lessons_lib.engine.optimizers import GradientPCA  # noqa: E402

SIZES = (784, 16, 16, 10)
LEARNING_RATE = 0.5  # small enough that no peer saturates in hundreds of repeated steps
PACKAGES = ("numpy", "torch", "jax", "scikit-learn", "autograd")
WIDE = any(
    name.startswith(("AVX512", "X86_V4")) for name in np.show_config("dicts")["SIMD Extensions"]["found"]
)
AT_LEAST = 0.03  # seconds of work in one timing; shorter work is repeated


@dataclass
class Work:
    """Something done by us and by peers.

    Attributes:
        peers: name -> (function, bar with AVX-512, bar without it); the bars are ratios, or None.
        times: name -> seconds, one for each round; ours under "ours".
    """

    name: str
    ours: callable
    peers: dict
    times: dict = field(default_factory=dict)

    def measure(self, rounds):
        """Time all of them in turn, ``rounds`` times."""
        contenders = {"ours": self.ours} | {name: peer[0] for name, peer in self.peers.items()}
        repeats = {name: self._repeats(work) for name, work in contenders.items()}
        self.times = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, work in contenders.items():
                self.times[name].append(timed(work, repeats[name]))

    @staticmethod
    def _repeats(work):
        return max(1, math.ceil(AT_LEAST / timed(work, 1)))

    def rows(self):
        ours = self.times["ours"]
        for name, (_, *bars) in self.peers.items():
            ratio, bar = self.ratio(name), bars[0 if WIDE else 1]
            said = [f"{bar}×", verdict(ratio >= bar)] if bar else ["", ""]
            yield [self.name, name, ms(ours), ms(self.times[name]), f"{ratio:.2f}×", *said]

    def ratio(self, name):
        """How many times as long as we a peer takes, the median over the rounds."""
        return statistics.median(b / a for a, b in zip(self.times["ours"], self.times[name], strict=True))


def timed(work, repeats):
    """Seconds for one run of ``work``, without the garbage collector and with its own data in the caches."""
    gc.collect()
    gc.disable()
    work()
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    taken = time.perf_counter() - start
    gc.enable()
    return taken / repeats


def ms(times):
    return f"{1000 * statistics.median(times):.3g} ms"


class Bench:
    """Our side of every comparison, and the peers set up for it."""

    def __init__(self):
        self.rng = np.random.default_rng(0)
        self.data = load_mnist().train
        self.x, self.y = np.array(self.data.x), np.array(self.data.y)
        self.net = Network.random(SIZES, rng=self.rng)
        self.torch, self.jax, self.autograd = (
            self.peer(kind) for kind in (peers.Torch, peers.Jax, peers.Autograd)
        )
        self.fused = peers.Torch(self.net, self.x, self.y, LEARNING_RATE, fused=True)
        self.sklearn = peers.ScikitLearn(self.net, self.x, self.data.labels, 100)
        self.by_example = ByExample(self.net, self.x[:600], self.y[:600], LEARNING_RATE)
        self.scalars = Scalars(self.net, self.x[:10], self.y[:10], LEARNING_RATE)

    def peer(self, kind):
        return kind(self.net, self.x, self.y, LEARNING_RATE)

    def check_peers(self):
        """Check that one step on the same 100 examples gives everyone the same parameters."""
        step = next(self.steps(100))
        for kind in (peers.Torch, peers.Jax, peers.Autograd):
            peer = self.peer(kind)
            peer.step(peer.x[:100], peer.y[:100])
            np.testing.assert_allclose(peer.params, step.net.params, atol=2e-6, err_msg=kind.__name__)
        ten = next(self.steps(10)).net.params
        by_example, scalars = (
            ByExample(self.net, self.x[:10], self.y[:10], LEARNING_RATE),
            Scalars(self.net, self.x[:10], self.y[:10], LEARNING_RATE),
        )
        by_example.step(by_example.examples)
        scalars.step()
        np.testing.assert_allclose(by_example.params, ten, atol=2e-6)
        np.testing.assert_allclose(scalars.params, ten, atol=2e-6)
        for ours, theirs in (
            (self.gradient(100).gram(), self.torch.gram(100)),
            (self.pca_step(1000), self.torch.pca_update(1000, 10, LEARNING_RATE)),
        ):
            np.testing.assert_allclose(ours, theirs, atol=2e-3 * abs(ours).max())

    def epoch(self, batch_size, n=None):
        for _ in train(self.net, self.data[:n], SGD(LEARNING_RATE), batch_size=batch_size, rng=self.rng):
            pass

    def steps(self, n):
        """Endless training on the first ``n`` examples, all of them in every step."""
        data = self.data[:n]
        return train(self.net, data, SGD(LEARNING_RATE), batch_size=n, epochs=math.inf, rng=self.rng)

    def gradient(self, n):
        return backprop(self.net, forward(self.net, self.data.pixels[:n]), self.data.y[:n])

    def pca_step(self, n):
        rule = GradientPCA(learning_rate=LEARNING_RATE, keep=10)
        update, _ = rule.update(self.gradient(n), rule.init(self.net.params), self.net.params)
        return update

    def works(self):
        """Every comparison, with its two bars."""
        torch, jax, few, all_ = self.torch, self.jax, self.steps(100), self.steps(len(self.data))
        hundred = (jax.x[:100], jax.y[:100])
        yield Work("one epoch, batch 100", lambda: self.epoch(100), {
            "PyTorch eager loop": (lambda: torch.epoch(100), 4.5, 3.8),
            "the same, fused optimizer": (lambda: self.fused.epoch(100), None, None),
            "scikit-learn": (self.sklearn.epoch, 3.5, 2.6),
            "autograd": (lambda: self.autograd.epoch(100, self.rng), 7, 6),
            "PyTorch DataLoader": (lambda: torch.epoch_by_loader(100), 7, 5),
            "DataLoader, batch sampler": (lambda: torch.epoch_by_sampler(100), None, None),
            "JAX, jitted scan": (lambda: jax.epoch(100, self.rng), 0.85, 0.8),
        })  # fmt: skip
        yield Work("one epoch, batch 10", lambda: self.epoch(10),
                   {"PyTorch eager loop": (lambda: torch.epoch(10), 7, 6.5)})  # fmt: skip
        yield Work("one epoch, batch 1000", lambda: self.epoch(1000),
                   {"PyTorch eager loop": (lambda: torch.epoch(1000), 1.5, 1.8)})  # fmt: skip
        yield Work("one step, batch 100", lambda: next(few),
                   {"JAX jit": (lambda: jax.step(*hundred), 1.15, 1.15)})  # fmt: skip
        yield Work("full-batch step, 60,000", lambda: next(all_),
                   {"PyTorch eager": (lambda: torch.step(torch.x, torch.y), 1.25, 1.05)})  # fmt: skip
        for n, bar in ((100, 3), (1000, 1.8)):
            yield Work(f"per-example gradients, n = {n}", lambda n=n: self.gradient(n).per_example(),
                       {"torch.func vmap(grad)": (lambda n=n: torch.per_example(n), bar, bar)})  # fmt: skip
        for n, bar in ((100, 14), (1000, 12)):
            yield Work(f"Gram matrix, n = {n}", lambda n=n: self.gradient(n).gram(),
                       {"torch vmap + matmul": (lambda n=n: torch.gram(n), bar, 12)})  # fmt: skip
        pca = partial(torch.pca_update, 1000, 10, LEARNING_RATE)
        yield Work("top-10 PCA step, n = 1000", lambda: self.pca_step(1000),
                   {"torch vmap + svd_lowrank": (pca, 4, 5)})  # fmt: skip
        yield Work(
            "600 images, batch 10",
            lambda: self.epoch(10, 600),
            {"numpy, an example at a time": (lambda: self.by_example.epoch(10, self.rng), None, None)},
        )
        yield Work("one step, batch 10", partial(next, self.steps(10)),
                   {"scalar nodes in Python": (self.scalars.step, None, None)})  # fmt: skip

    def flat(self):
        """Ours beside the same epoch written out flat: what being readable costs."""
        for batch_size, at_most in ((10, 1.35), (100, 1.2), (1000, 1.1), (len(self.data), 1.1)):
            loop = FlatLoop(self.net, self.data.pixels, self.y, LEARNING_RATE, batch_size)
            work = Work(
                "", partial(self.epoch, batch_size), {"flat": (partial(loop.epoch, self.rng), None, None)}
            )
            work.measure(9)
            times = 1 / work.ratio("flat")
            name = "full-batch step" if batch_size == len(self.data) else f"one epoch, batch {batch_size}"
            yield [name, ms(work.times["ours"]), ms(work.times["flat"]), f"{times:.2f}×", f"≤ {at_most}×",
                   verdict(times <= at_most)]  # fmt: skip

    def limits(self):
        """Our steps beside a large matrix product: how much longer than sgemm takes for as many flops."""
        a = self.rng.random((1024, 1024), np.float32)
        out = np.empty_like(a)
        for n, bar, stretch in ((100, 4, 3), (len(self.data), 3, 2.4)):
            steps = self.steps(n)
            work = Work(
                "", lambda steps=steps: next(steps), {"sgemm": (lambda: np.matmul(a, a, out=out), 0, None)}
            )
            work.measure(9)
            away = statistics.median(
                (ours / step_flops(n)) / (peak / (2 * 1024**3))
                for ours, peak in zip(work.times["ours"], work.times["sgemm"], strict=True)
            )
            peak = 2 * 1024**3 / statistics.median(work.times["sgemm"]) / 1e9
            yield [f"one step, {'batch 100' if n == 100 else 'full batch'}", ms(work.times["ours"]),
                   f"{peak:.0f} Gflop/s", f"{away:.2f}×", f"≤ {bar}×", f"≤ {stretch}×",
                   verdict(away <= bar, away <= stretch)]  # fmt: skip


def step_flops(n):
    """Floating-point operations of the matrix products of one step: forward, weight gradients, deltas."""
    products = [n_in * n_out for n_in, n_out in pairwise(SIZES)]
    return 2 * n * (2 * sum(products) + sum(products[1:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each comparison is repeated")
    rounds = parser.parse_args().rounds
    bench = Bench()
    bench.check_peers()
    rows = []
    for work in bench.works():
        work.measure(rounds)
        for row in work.rows():
            print("  ".join(row), flush=True)
            rows.append(row)
    report = "\n\n".join([
        "# The mathematics beside other libraries",
        f"Written by `make bench`: medians of {rounds} interleaved rounds in one process, one thread, "
        "float32, a 784-16-16-10 network on MNIST. A ratio above 1 means that ours is faster.",
        machine(PACKAGES),
        table(["work", "peer", "ours", "peer's", "ratio", "at least", ""], rows),
        "Beside the same epoch written out flat in numpy, without functions or checks, everything allocated "
        "beforehand (`benchmarks/flat_loop.py`):",
        table(["work", "ours", "flat", "ours ÷ flat", "at most", ""], bench.flat()),
        "With the threads that BLAS takes by itself, and with one; medians of processes that take turns:",
        table(["work", "", "default", "one thread", "ratio", "at most", ""],
              environments.rows(rounds, ONE_THREAD, verdict)),
        "Beside the flop limit, one 1024 × 1024 matrix product in float32:",
        table(["work", "ours", "sgemm peak", "away", "at most", "stretch", ""], bench.limits()),
    ])  # fmt: skip
    print("\n" + report)
    (Path(__file__).parent / "results.md").write_text(report + "\n")


if __name__ == "__main__":
    main()
