"""The browser edition's training pictures: fetched part by part from where the wheel came from."""

import gzip
import hashlib
import json

import numpy as np
import pytest

from lessons_lib import SGD, Network, train
from lessons_lib.data import distant
from lessons_lib.data.distant import DistantDataset
from lessons_lib.data.mnist import DataFileError, Dataset
from lessons_lib.runs.stages import Stages, key_of

EACH, N = 40, 100  # the last part is a short one


@pytest.fixture
def all_of_them():
    rng = np.random.default_rng(0)
    return Dataset(rng.integers(0, 256, (N, 12)), rng.integers(0, 10, N))


@pytest.fixture
def site(tmp_path, all_of_them, monkeypatch):
    """A dict of address -> content, as the browser would get it; and the list of what was asked for."""
    files, asked = {}, []
    parts = {}
    for k, start in enumerate(range(0, N, EACH)):
        content = all_of_them.pixels[start : start + EACH].tobytes()
        parts[f"part-{k}.gz"] = hashlib.sha256(content).hexdigest()
        files[f"https://lessons.example/live/pypi/part-{k}.gz"] = gzip.compress(content)
    told = {"classes": 10, "features": 12, "each": EACH, "parts": parts}
    (tmp_path / distant.PARTS).write_text(json.dumps(told))

    def fetched(address):
        asked.append(address.rpartition("/")[2])
        if address not in files:
            raise OSError("the site answered with status 404")
        return files[address]

    monkeypatch.setattr(distant, "fetched", fetched)
    monkeypatch.setenv(
        "LESSONS_SITE", "https://lessons.example/live/pypi/lessons_lib-0.1.0-py3-none-any.whl?x=1"
    )
    return files, asked


@pytest.fixture
def train_set(site, tmp_path, all_of_them):
    return DistantDataset(all_of_them.labels, tmp_path)


def test_nothing_is_fetched_before_a_picture_is_asked_for(train_set, site):
    assert len(train_set) == N and train_set.features == 12 and train_set.y.shape == (N, 10)
    assert repr(train_set) == "Dataset(100 examples, 12 pixels each, 10 classes)"
    assert site[1] == []


@pytest.mark.parametrize(
    ("index", "parts"),
    [
        (slice(0, 40), [0]),
        (slice(30, 50), [0, 1]),
        (99, [2]),
        (-1, [2]),
        ([5, 95, 6], [0, 2]),
        (np.arange(N) < 3, [0]),
        (slice(0, 0), []),
        (slice(None, None, -1), [0, 1, 2]),
    ],
    ids=str,
)
def test_what_is_asked_for_comes_and_no_more(train_set, site, all_of_them, index, parts):
    some, same = train_set[index], all_of_them[index]
    assert site[1] == [f"part-{k}.gz" for k in parts]
    assert np.array_equal(some.pixels, same.pixels) and np.array_equal(some.labels, same.labels)
    train_set[index]
    assert len(site[1]) == len(parts)  # each part comes once


def test_all_pictures_are_those_of_the_files(train_set, all_of_them, capsys):
    assert np.array_equal(train_set.pixels, all_of_them.pixels) and np.array_equal(train_set.x, all_of_them.x)
    assert not train_set.pixels.flags.writeable
    said = capsys.readouterr().out
    assert "part 2 of 3" in said and said.rstrip().endswith("100 training images have come from the site.")


@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_a_part_that_does_not_come_is_told_of_and_asked_for_again(train_set, site, all_of_them, damage):
    files, _ = site
    [address] = [address for address in files if "part-1" in address]
    whole = files.pop(address)
    if damage != "missing":
        files[address] = whole[:-20] if damage == "cut" else gzip.compress(b"something else")
    with pytest.raises(DataFileError, match=r"part-1\.gz: .*run the cell again"):
        train_set[50]
    assert np.array_equal(train_set[:9].pixels, all_of_them[:9].pixels)
    files[address] = whole
    assert np.array_equal(train_set.pixels, all_of_them.pixels)


def test_without_an_address_it_says_what_to_set(train_set, monkeypatch):
    monkeypatch.delenv("LESSONS_SITE")
    with pytest.raises(DataFileError, match="LESSONS_SITE"):
        train_set[0]


def test_the_networks_come_along_and_need_no_pictures(train_set, site, tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONS_CACHE", str(tmp_path / "cache"))
    net = Network.random((12, 16, 16, 10), rng=np.random.default_rng(1))
    params = {key_of(0, goal): net.params + np.float32(goal) for goal in (0, 1, 20)}
    np.savez(tmp_path / distant.NETWORKS, **params)
    nets = Stages(train_set, 0, {"early": 1, "late": 20})
    assert np.array_equal(nets["late"].params, params[key_of(0, 20)]) and list(nets) == ["early", "late"]
    assert nets.from_site and not nets.from_file and nets.progress == 1 and site[1] == []


def test_other_networks_are_trained_on_pictures_that_are_fetched(
    train_set, site, all_of_them, tmp_path, monkeypatch
):
    monkeypatch.setenv("LESSONS_CACHE", str(tmp_path / "cache"))
    nets = Stages(train_set, 3, {"early": 1})
    assert np.array_equal(nets["early"].params, Stages(all_of_them, 3, {"early": 1})["early"].params)
    assert not nets.from_site and len(site[1]) == 3


def test_a_training_takes_them_like_any_others(train_set, all_of_them):
    def end(data):
        rng = np.random.default_rng(0)
        return list(train(Network.random((12, 8, 10), rng=rng), data, SGD(), rng=rng))[-1].net.params

    assert np.array_equal(end(train_set), end(all_of_them))
