"""The networks of the lessons: worked out meanwhile, remembered by the machine, always the same bits."""

import asyncio
import gc
import os
import time
import weakref

import numpy as np
import pytest

from lessons_lib import SGD, Network, load_mnist, train
from lessons_lib.runs import cache
from lessons_lib.runs import stages as module
from lessons_lib.runs.stages import STAGES, Stages, stages

EPOCHS = {"untrained": 0, "early": 1, "late": 3}


@pytest.fixture(scope="module")
def some():
    return load_mnist().train[:1500]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache folder of its own, in which even small networks are kept."""
    monkeypatch.setenv("LESSONS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "WORTH_A_FILE", -1)
    return tmp_path / "cache"


def bits(nets):
    return {name: net.params.tobytes() for name, net in nets.items()}


def by_train(data, seed=0):
    """What the stages should be, from `train` itself."""
    rng = np.random.default_rng(seed)
    net, kept = Network.random((784, 16, 16, 10), rng=rng), {}
    for name, epochs in {"untrained": 0, "early": 1, "late": 2}.items():
        for step in train(net, data, SGD(4.0), epochs=epochs, rng=rng) if epochs else ():
            net = step.net
        kept[name] = net
    return bits(kept)


def test_they_are_those_of_train_with_and_without_a_file(some, folder):
    expected = by_train(some)
    computed = stages(some, epochs=EPOCHS)
    assert not list(folder.glob("*")) and bits(computed) == expected
    assert bits(stages(some, epochs=EPOCHS)) == expected
    (file,) = folder.glob("*")
    assert file.suffix == ".npz" and computed.seconds > 0


def test_a_machine_that_knows_them_does_not_train(some, folder, monkeypatch):
    bits(stages(some, epochs=EPOCHS))
    monkeypatch.setattr(Stages, "_trained", lambda self: pytest.fail("trained again"))
    again = stages(some, epochs=EPOCHS)
    assert bits(again) == by_train(some) and again.progress == 1
    with pytest.raises(ValueError, match="read-only"):
        again["late"].params[0] = 0


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"epochs": {"untrained": 0, "early": 1, "late": 2}},
        {"data": slice(1, None)},
        {"environment": "another processor"},
    ],
    ids=str,
)
def test_a_file_serves_only_what_it_was_made_from(some, folder, monkeypatch, other):
    first = stages(some, epochs=EPOCHS)
    assert bits(first) and len(list(folder.glob("*"))) == 1
    if "environment" in other:
        monkeypatch.setattr(cache, "environment", lambda: other["environment"])
    data = some[other.get("data", slice(None))]
    second = stages(data, seed=other.get("seed", 0), epochs=other.get("epochs", EPOCHS))
    assert bits(second) and len(list(folder.glob("*"))) == 2


def test_a_setting_of_the_library_of_products_counts(monkeypatch):
    cache.environment.cache_clear()
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    assert "Prescott" in cache.environment()
    cache.environment.cache_clear()


@pytest.mark.parametrize(
    "damage",
    ["empty", "cut", "text", "flipped", "directory", "an array", "other shape", "not finite", "pickled"],
)
def test_a_damaged_file_is_computed_anew_and_mended(some, folder, damage):
    expected = bits(stages(some, epochs=EPOCHS))
    (file,) = folder.glob("*")
    whole = file.read_bytes()
    params = {name: np.frombuffer(params, np.float32) for name, params in expected.items()}
    if damage == "other shape":
        np.savez(file, **{name: p[:-1] for name, p in params.items()})
    elif damage == "not finite":
        np.savez(file, **params | {"late": np.full(13_002, np.nan, np.float32)})
    elif damage == "an array":
        with file.open("wb") as raw:
            np.save(raw, np.zeros(3))
    elif damage == "pickled":
        np.savez(file, **{name: np.array([p, None], dtype=object) for name, p in params.items()})
    else:
        file.write_bytes(
            {
                "empty": b"",
                "cut": whole[: len(whole) // 2],
                "directory": whole.replace(b"PK\x01\x02\x14", b"PK\x01\x02\x54"),
                "text": b"no arrays",
                "flipped": whole[:9000] + bytes([whole[9000] ^ 1]) + whole[9001:],
            }[damage]
        )
    assert bits(stages(some, epochs=EPOCHS)) == expected
    assert file.read_bytes() == whole or bits(stages(some, epochs=EPOCHS)) == expected


def test_a_folder_that_cannot_be_written_does_no_harm(some, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LESSONS_CACHE", str(tmp_path / "file" / "cache"))
    assert bits(stages(some, epochs=EPOCHS)) == by_train(some)


def test_a_full_disk_leaves_nothing_behind(some, folder, monkeypatch):
    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert bits(stages(some, epochs=EPOCHS)) == by_train(some)
    assert not list(folder.glob("*"))


def test_old_files_make_room(some, folder):
    for seed in range(cache.LATEST + 2):
        bits(stages(some[:100], seed=seed, epochs={"untrained": 0, "late": 1}))
        for age, file in enumerate(sorted(folder.glob("*"), key=lambda path: -path.stat().st_mtime)):
            os.utime(file, (time.time() - age, time.time() - age))
    assert len(list(folder.glob("*"))) == cache.LATEST


def test_short_training_is_worth_no_file(some, folder, monkeypatch):
    monkeypatch.setattr(module, "WORTH_A_FILE", 60)
    bits(stages(some, epochs=EPOCHS))
    assert not folder.exists()


def test_who_asks_for_an_early_one_does_not_wait_for_the_last(some):
    nets = stages(some, epochs={"untrained": 0, "early": 1, "late": 10_000})
    assert nets["early"].params.any() and nets.progress < 0.01
    with pytest.raises(KeyError):
        nets["older"]


def test_they_are_worked_out_in_slices_between_other_work(some):
    async def read():
        nets, turns = stages(some, epochs=EPOCHS | {"late": 40}), 0
        while nets.progress < 1:
            await asyncio.sleep(0)
            turns += 1
        return nets, turns

    nets, turns = asyncio.run(read())
    assert turns > 5 and list(nets) == list(EPOCHS)


def test_what_nobody_keeps_is_not_trained(some):
    async def forget():
        nets = stages(some, epochs=EPOCHS | {"late": 10_000})
        await asyncio.sleep(0.05)
        gone = weakref.ref(nets)
        del nets
        gc.collect()  # a generator and what it works on know each other
        while module._tasks:
            await asyncio.sleep(0.01)
        return gone()

    assert asyncio.run(forget()) is None


def test_an_interrupted_training_starts_afresh(some, monkeypatch):
    def interrupted(*args, **options):
        yield from list(train(*args, **options))[:4]
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "train", interrupted)
    nets = stages(some, epochs=EPOCHS)
    with pytest.raises(KeyboardInterrupt):
        nets["late"]
    monkeypatch.undo()
    assert bits(nets) == by_train(some)


def test_they_are_made_for_the_data_at_hand(some):
    nets = stages(type(some)(some.pixels[:, :700], some.labels % 3, classes=3), epochs=EPOCHS)
    assert {net.sizes for net in nets.values()} == {(700, 16, 16, 3)}


def test_the_default_stages():
    assert STAGES == {"untrained": 0, "after one epoch": 1, "trained": 20}
