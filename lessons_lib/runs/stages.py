"""The lessons' network at three ages: many effects differ between a new network and a trained one."""

import asyncio
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from threading import RLock

import numpy as np

from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.arrays import Array, Random
from lessons_lib.engine.functions import sigmoid
from lessons_lib.engine.network import Network
from lessons_lib.engine.optimizers import SGD
from lessons_lib.engine.training import train
from lessons_lib.runs import cache

STAGES = {"untrained": 0, "after one epoch": 1, "trained": 20}  # name -> epochs
SLICE, PAUSE = 0.02, 0.005  # seconds of training between two chances for the kernel to do something else
WORTH_A_FILE = 0.5  # seconds that computing them takes

_tasks: set[asyncio.Task] = set()  # a loop itself only remembers its tasks weakly


def sizes_for(data: Dataset) -> tuple[int, ...]:
    """The sizes of the lessons' network for these data: two hidden layers of 16 between pixels and classes.

    Example:
        >>> from lessons_lib import load_mnist
        >>> sizes_for(load_mnist().test)
        (784, 16, 16, 10)
    """
    return (data.features, 16, 16, data.classes)


def stages(data: Dataset, *, seed: int = 0, epochs: Mapping[str, int] = STAGES) -> "Stages":
    """Train the lessons' network, 784-16-16-10 for MNIST, and keep it at each stage.

    It returns at once. In JupyterLab the training goes on in the kernel's spare time; whoever asks for a
    network that is not ready waits for it. A machine that has trained them before reads them from a file
    (:mod:`lessons_lib.runs.cache`), which gives the same bits.

    Args:
        data: the training set, such as ``load_mnist().train``.
        seed: the same seed gives the same networks.
        epochs: name -> number of epochs after which the network is kept, in rising order.

    Returns:
        name -> network. Batches of 100 at a learning rate of 4; the default takes 20 epochs, two to four
        seconds.

    Example:
        >>> from lessons_lib import load_mnist
        >>> nets = stages(load_mnist().test[:200], epochs={"new": 0, "old": 2})
        >>> list(nets), nets["new"].sizes
        (['new', 'old'], (784, 16, 16, 10))
    """
    nets = Stages(data, seed, epochs)
    with suppress(RuntimeError):  # no loop: a script, which waits for what it asks for
        task = asyncio.get_running_loop().create_task(_in_spare_time(weakref.ref(nets)))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    return nets


class Stages(Mapping[str, Network]):
    """What :func:`stages` returns: name -> network, each trained by the time it is asked for.

    Attributes:
        progress: the share of the training that is done, 0 to 1.
        seconds: how long it has taken so far.
        from_file: whether this machine had trained them before.
        from_site: whether they came with the browser edition.
    """

    def __init__(self, data: Dataset, seed: int, epochs: Mapping[str, int]) -> None:
        self._data, self._seed, self._epochs = data, seed, dict(epochs)
        self._kept: dict[str, Network] = {}
        self._lock, self._watchers = RLock(), set[Callable[[], object]]()
        self._new = _untrained(data, np.random.default_rng(seed))
        self.progress, self.seconds, self.from_file, self.from_site = 0.0, 0.0, False, False
        self._work = self._train()

    def __getitem__(self, name: str) -> Network:
        if name not in self._epochs:
            raise KeyError(name)
        with self._lock:
            while name not in self._kept:
                self.advance(SLICE)
            return self._kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._epochs)

    def __len__(self) -> int:
        return len(self._epochs)

    def __repr__(self) -> str:
        return f"Stages({', '.join(self._epochs)}; {self.progress:.0%} of the training done)"

    @property
    def kind(self) -> dict[str, Network]:
        """The first of them alone, for whoever only asks what they are made of; all are made alike."""
        name = next(iter(self))
        return {name: self[name]}

    def watch(self, call: Callable[[], object]) -> None:
        """Have ``call()`` called whenever the training has advanced, until it is done."""
        self._watchers.add(call)

    def advance(self, seconds: float) -> bool:
        """Train for some seconds; whether there is more to do."""
        with self._lock:
            start = time.perf_counter()
            try:
                while (more := next(self._work, None) is not None) and time.perf_counter() - start < seconds:
                    pass
            except BaseException:
                self._work = self._train()  # an interrupted run is over; the next one starts afresh
                raise
            finally:
                self.seconds += time.perf_counter() - start
            for call in self._watchers:
                call()
            return more

    def _train(self) -> Iterator[float]:
        """Find the networks or train them; yields the share that is done, every few milliseconds."""
        file = cache.file_of("stages", *self._data.fingerprint, self._seed, self._epochs)
        like = dict.fromkeys(self._epochs, self._new.params)
        found = cache.load(file, like)
        self.from_file = found is not None
        if found is None:
            found = self._from_site()
            self.from_site = found is not None
        if found:
            self._kept = {name: self._new.with_params(params) for name, params in found.items()}
        else:
            yield from self._trained()
            if self.seconds > WORTH_A_FILE:
                cache.save(file, {name: net.params for name, net in self._kept.items()})
        self.progress = 1.0

    def _from_site(self) -> dict[str, Array] | None:
        """The parameters that came with the browser edition, if it has them all."""
        file = getattr(self._data, "networks", None)
        keys = {name: key_of(self._seed, goal) for name, goal in self._epochs.items()}
        found = file and cache.load(file, dict.fromkeys(keys.values(), self._new.params))
        return {name: found[key] for name, key in keys.items()} if found else None

    def _trained(self) -> Iterator[float]:
        rng = np.random.default_rng(self._seed)
        net, done, end = _untrained(self._data, rng), 0, max(self._epochs.values(), default=0)
        for name, goal in self._epochs.items():
            if goal > done:
                for step in train(net, self._data, SGD(4.0), batch_size=100, epochs=goal - done, rng=rng):
                    self.progress = (done + step.examples / len(self._data)) / end
                    yield self.progress
                net, done = step.net, goal
            self._kept[name] = net


def key_of(seed: int, epochs: int) -> str:
    """The name of a network in the file of the browser edition."""
    return f"seed {seed}, {epochs} epochs"


def _untrained(data: Dataset, rng: Random) -> Network:
    return Network.random(sizes_for(data), rng=rng, activation=sigmoid)


async def _in_spare_time(wanted: "weakref.ref[Stages]") -> None:
    """Train a slice at a time, as long as anybody keeps the networks."""
    while (nets := wanted()) is not None and nets.advance(SLICE):
        del nets
        await asyncio.sleep(PAUSE)
