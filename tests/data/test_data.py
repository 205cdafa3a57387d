import gzip
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from lessons_lib.data import mnist
from lessons_lib.data.idx import load_idx, read_idx
from lessons_lib.data.mnist import DataFileError, Dataset, load_mnist
from lessons_lib.data.surfaces import Ravine, Rosenbrock


def small(n=6, classes=10):
    return Dataset(np.arange(n * 4, dtype=np.uint8).reshape(n, 4), np.arange(n) % classes, classes)


# --- MNIST ----------------------------------------------------------------------------------------------


def test_mnist_is_complete():
    mnist = load_mnist()
    assert mnist.train.pixels.shape == (60_000, 784) and mnist.test.pixels.shape == (10_000, 784)
    assert mnist.train.pixels.dtype == np.uint8
    # The number of images of each digit, as published with the data set.
    assert np.bincount(mnist.train.labels).tolist() == [
        5923,
        6742,
        5958,
        6131,
        5842,
        5421,
        5918,
        6265,
        5851,
        5949,
    ]
    assert np.bincount(mnist.test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_inputs_and_wishes_follow_pixels_and_labels():
    test = load_mnist().test
    assert test.x.dtype == test.y.dtype == np.float32
    assert test.x.min() == 0 and test.x.max() == 1
    assert np.array_equal(np.round(test.x * 255), test.pixels)
    assert np.array_equal(test.y.argmax(axis=1), test.labels) and np.all(test.y.sum(axis=1) == 1)


@pytest.mark.timing
def test_loading_takes_less_than_a_second():
    def seconds():
        mnist._load.cache_clear()
        start = time.perf_counter()
        load_mnist()
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 1


def test_a_second_call_gives_the_same_arrays():
    assert load_mnist() is load_mnist()


@pytest.fixture
def copied_mnist(tmp_path, monkeypatch):
    """A folder with copies of the four files, which LESSONS_DATA points to."""
    folder, _ = mnist._folder()
    for file in folder.glob("*.gz"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path))
    return tmp_path


def test_lessons_data_is_used_first(copied_mnist):
    assert len(load_mnist().train) == 60_000
    assert load_mnist().train is not mnist._load(*_without_variable()).train


def _without_variable():
    stored = os.environ.pop("LESSONS_DATA")
    found = mnist._folder()
    os.environ["LESSONS_DATA"] = stored
    return found


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """`fresh()`: MNIST's test images as a new process would load them, with a cache folder of its own."""
    monkeypatch.setenv("LESSONS_CACHE", str(tmp_path / "cache"))
    return lambda: mnist._load_part(*mnist._folder(), "t10k").pixels


@pytest.fixture(scope="module")
def unpacked():
    """Their file, by gzip alone."""
    return gzip.decompress((mnist._folder()[0] / "t10k-images-idx3-ubyte.gz").read_bytes())


def test_processes_share_the_unpacked_file(fresh, unpacked, tmp_path, monkeypatch):
    fresh()
    (images,) = (tmp_path / "cache").iterdir()
    assert images.read_bytes() == unpacked
    read = mnist._read
    monkeypatch.setattr(
        mnist, "_read", lambda *file: read(*file) if "labels" in file[2] else pytest.fail(file)
    )
    pixels = fresh()
    assert pixels.tobytes() == unpacked[16:]
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 1
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        pixels.flags.writeable = True


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells what belongs to whom")
def test_the_pictures_are_not_in_the_memory_of_a_process():
    expected = load_mnist().train.pixels.sum()
    script = """
import numpy as np
from lessons_lib import load_mnist
def own():
    with open("/proc/self/smaps_rollup") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Anonymous"))
before = own()
pixels = load_mnist().train.pixels
print(own() - before, pixels.sum())
"""
    grown, total = subprocess.check_output([sys.executable, "-c", script], text=True).split()
    assert int(grown) < 8_000 < 47_040 and int(total) == expected  # kB


@pytest.mark.parametrize("damage", ["empty", "cut", "longer", "flipped", "folder"])
def test_a_damaged_unpacked_file_is_made_anew(fresh, unpacked, tmp_path, damage):
    fresh()
    (images,) = (tmp_path / "cache").iterdir()
    if damage == "folder":
        images.unlink()
        images.mkdir()
    else:
        flipped = unpacked[:-1] + bytes([unpacked[-1] ^ 1])
        other = {"empty": b"", "cut": unpacked[:-1], "longer": unpacked + b"0", "flipped": flipped}
        images.write_bytes(other[damage])
    assert fresh().tobytes() == unpacked[16:]
    assert images.is_dir() or images.read_bytes() == unpacked
    assert list((tmp_path / "cache").iterdir()) == [images]


def full(file, content):
    raise OSError(28, "No space left on device")


def no_map(*_, **__):
    raise ValueError("no map on this kind of disk")


@pytest.mark.parametrize("hindrance", ["no folder", "full disk", "no mmap", "no maps here", "a browser"])
def test_without_a_shared_file_the_pictures_are_the_same(fresh, unpacked, tmp_path, monkeypatch, hindrance):
    if hindrance == "no folder":
        (tmp_path / "cache").write_text("in the way")
    elif hindrance == "full disk":
        monkeypatch.setattr(Path, "replace", full)
    elif hindrance == "no mmap":
        monkeypatch.setitem(sys.modules, "mmap", None)
    elif hindrance == "no maps here":
        monkeypatch.setattr("mmap.mmap", no_map)
    else:
        monkeypatch.setattr(sys, "platform", "emscripten")
    assert fresh().tobytes() == unpacked[16:]
    if hindrance in ("full disk", "a browser"):
        assert not list((tmp_path / "cache").glob("*"))


def remove(path):
    path.unlink()


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def scramble(path):
    path.write_bytes(b"not gzip" + path.read_bytes())


def alter(path):
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(content, compresslevel=1))


@pytest.mark.parametrize("name", [f"{name}.gz" for name in mnist.SHA256])
@pytest.mark.parametrize(
    ("damage", "problem"),
    [(remove, "missing"), (truncate, "truncated"), (scramble, "damaged"), (alter, "altered")],
)
def test_a_damaged_file_is_named_with_its_repair(copied_mnist, name, damage, problem):
    damage(copied_mnist / name)
    with pytest.raises(DataFileError) as caught:
        load_mnist()
    message = str(caught.value)
    assert str(copied_mnist / name) in message and problem in message and f"copy {name}" in message


def test_the_repair_fits_where_the_files_are(tmp_path, monkeypatch):
    monkeypatch.delenv("LESSONS_DATA", raising=False)
    package = tmp_path / "lessons_lib"
    monkeypatch.setattr(mnist, "__file__", str(package / "data" / "mnist.py"))
    with pytest.raises(DataFileError, match="pip install"):
        load_mnist()  # an installed package: no pyproject.toml beside it
    (tmp_path / "pyproject.toml").touch()
    with pytest.raises(DataFileError, match="git checkout -- data/mnist/train-"):
        load_mnist()


# --- Dataset --------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-6, 5)), st.slices(6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_every_kind_of_index_gives_a_dataset(indices, cut, mask):
    whole = small()
    for index in (np.array(indices, dtype=int), cut, np.array(mask)):
        part = whole[index]
        assert isinstance(part, Dataset) and len(part) == len(whole.labels[index])
        assert np.array_equal(part.pixels, whole.pixels[index]) and np.array_equal(part.y, whole.y[index])


def test_one_example_is_a_batch_of_one():
    assert small()[2].pixels.shape == (1, 4) and small()[np.int64(-1)].labels.tolist() == [5]
    with pytest.raises(IndexError, match="count from 0 to 5"):
        small()[6]


def test_a_slice_keeps_the_number_of_classes():
    assert small(classes=3)[:2].y.shape == (2, 3)


def test_nothing_can_be_written_by_accident():
    for array in (small().pixels, small().labels, small().x, small().y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_dataset_does_not_lock_the_arrays_it_was_given():
    pixels = np.zeros((2, 4), np.uint8)
    Dataset(pixels, [0, 1])
    pixels[0, 0] = 1


@pytest.mark.parametrize(
    ("pixels", "labels", "message"),
    [
        (np.zeros((2, 28, 28)), [0, 1], "pixels must have 2 dimension(s), got shape (2, 28, 28)"),
        (np.zeros((2, 4)), [[0], [1]], "labels must have 1 dimension(s), got shape (2, 1)"),
        (np.zeros((2, 4)), [0, 1, 2], "2 pictures but 3 labels"),
        (np.full((2, 4), np.nan), [0, 1], "got nan"),
        (np.full((2, 4), 0.5), [0, 1], "got 0.5"),
        (np.full((2, 4), 256), [0, 1], "got 256"),
        (np.full((2, 4), -1), [0, 1], "got -1"),
        (np.zeros((2, 4)), [0, 10], "labels must be whole numbers 0..9 (one class per example), got 10"),
        (np.zeros((2, 4)), [0, -1], "got -1"),
        (np.zeros((2, 4)), [0, np.nan], "got nan"),
        (np.zeros((2, 4)), ["a", "b"], "must be numbers"),
    ],
)
def test_wrong_arrays_are_refused(pixels, labels, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Dataset(pixels, labels)


# --- surfaces -------------------------------------------------------------------------------------------

SURFACES = [Ravine(), Ravine(100, angle=0.7), Rosenbrock(), Rosenbrock(steepness=5)]


@pytest.mark.parametrize("surface", SURFACES)
@given(w=st.tuples(st.floats(-2, 2), st.floats(-2, 2)))
def test_gradient_and_hessian_agree_with_differences(surface, w):
    w = np.array(w)
    scale = 1 + np.abs(surface.hessian(w)).max()
    numerical = approx_fprime(w, surface.cost, 1e-6)
    assert np.allclose(surface.gradient(w), numerical, atol=1e-5 * scale)
    assert np.allclose(surface.hessian(w), approx_fprime(w, surface.gradient, 1e-6), atol=1e-4 * scale)


@pytest.mark.parametrize("surface", SURFACES)
def test_the_minimum_is_one(surface):
    minimum = np.array(surface.minimum)
    assert surface.cost(minimum) == 0 and np.allclose(surface.gradient(minimum), 0)
    assert np.all(np.linalg.eigvalsh(surface.hessian(minimum)) > 0)


@pytest.mark.parametrize("surface", SURFACES)
def test_many_points_at_once(surface):
    points = np.random.default_rng(0).normal(size=(3, 5, 2))
    assert surface.cost(points).shape == (3, 5) and surface.gradient(points).shape == (3, 5, 2)
    assert np.allclose(surface.cost(points)[1, 2], surface.cost(points[1, 2]))
    assert np.allclose(surface.gradient(points)[1, 2], surface.gradient(points[1, 2]))


def test_the_condition_number_is_the_hessians():
    assert np.isclose(np.linalg.cond(Ravine(40, angle=0.3).hessian()), 40)
    with pytest.raises(ValueError, match=r"condition_number must be .* >= 1, got 0\.5"):
        Ravine(0.5)


# --- data of one's own ----------------------------------------------------------------------------------


def idx(array, kind=8):
    """An array as the bytes of an IDX file, written after the description of the format."""
    head = bytes([0, 0, kind, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return head + array.tobytes()


@pytest.fixture
def clothes(tmp_path):
    """A folder with data that are not MNIST's: 3 classes, 5 and 4 pictures of 6 × 7 pixels."""
    rng = np.random.default_rng(0)
    for part, labels in (("train", [0, 1, 2, 1, 0]), ("t10k", [1, 0, 0, 1])):
        images = rng.integers(0, 256, (len(labels), 6, 7)).astype(np.uint8)
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.array(labels, np.uint8)))
    return tmp_path


def test_idx_files_of_any_data_are_read(clothes):
    train, test = load_idx(clothes)
    assert train.pixels.shape == (5, 42) and test.pixels.shape == (4, 42)
    assert train.classes == test.classes == 3 and test.labels.tolist() == [1, 0, 0, 1]
    content = (clothes / "t10k-images-idx3-ubyte").read_bytes()
    assert test.pixels.tobytes() == content[16:]


@pytest.mark.parametrize(
    "name",
    [
        "{part}-{kind}-idx{axes}-ubyte.gz",
        "{part}-{kind}.idx{axes}-ubyte",
        "emnist-digits-{part}-{kind}-idx{axes}-ubyte.gz",
    ],
)
def test_the_usual_names_and_packings_are_known(clothes, name):
    plain = load_idx(clothes)
    for path in list(clothes.iterdir()):
        part, kind, _, axes = re.match(r"(\w+)-(\w+)-(idx)(\d)", path.name).groups()
        content = path.read_bytes()
        path.unlink()
        packed = gzip.compress(content) if name.endswith(".gz") else content
        part = {"t10k": "test"}.get(part, part) if name.startswith("emnist") else part
        (clothes / name.format(part=part, kind=kind, axes=axes)).write_bytes(packed)
    assert np.array_equal(load_idx(clothes).test.pixels, plain.test.pixels)


def test_mnist_itself_is_read_alike():
    folder, _ = mnist._folder()
    for mine, checked in zip(load_idx(folder), load_mnist(), strict=True):
        assert np.array_equal(mine.pixels, checked.pixels) and np.array_equal(mine.labels, checked.labels)


@pytest.mark.parametrize(("kind", "dtype"), [(9, ">i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")])
def test_every_type_of_number_is_read(tmp_path, kind, dtype):
    array = np.array([[0, 1, 100], [3, 4, 5]], dtype)
    (tmp_path / "numbers").write_bytes(idx(array, kind))
    read = read_idx(tmp_path / "numbers")
    assert np.array_equal(read, array) and read.dtype.isnative


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.unlink(), "labels of the test part; expected t10k-labels-idx1"),
        (lambda path: path.write_bytes(b"PK" + path.read_bytes()), "first two bytes are not zero"),
        (lambda path: path.write_bytes(b"\0\0\x07" + path.read_bytes()[3:]), "type of the numbers is 7"),
        (lambda path: path.write_bytes(path.read_bytes()[:6]), "ends before the lengths of its 1 axes"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), r"has 11 bytes; its shape \(4,\) needs 12"),
        (lambda path: path.write_bytes(gzip.compress(path.read_bytes())[:-9]), "cannot be read"),
        (lambda path: path.with_suffix(".gz").write_bytes(path.read_bytes()), "both hold the labels"),
    ],
)  # fmt: skip
def test_a_bad_idx_file_is_named_with_what_is_wrong(clothes, change, message):
    change(clothes / "t10k-labels-idx1-ubyte")
    with pytest.raises(DataFileError, match=message) as caught:
        load_idx(clothes)
    assert "t10k-labels-idx1-ubyte" in str(caught.value)


def test_no_folder_and_files_that_do_not_belong_together(clothes):
    with pytest.raises(DataFileError, match="no such folder"):
        load_idx(clothes / "elsewhere")
    (clothes / "t10k-labels-idx1-ubyte").write_bytes(idx(np.zeros(3, np.uint8)))
    with pytest.raises(ValueError, match=r"test part: got 4 pictures but 3 labels"):
        load_idx(clothes)


def test_load_mnist_says_how_to_read_other_data(clothes, monkeypatch):
    for path in clothes.iterdir():
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
    monkeypatch.setenv("LESSONS_DATA", str(clothes))
    with pytest.raises(DataFileError, match=r"such as Fashion-MNIST: load_idx\(folder\) reads them"):
        load_mnist()


def test_arrays_in_all_usual_forms_give_one_dataset():
    test = load_mnist().test[:50]
    flat, labels = np.array(test.pixels), np.array(test.labels)
    forms = [flat, flat.astype(int), flat.astype(float), flat / 255, (flat / 255).astype(np.float32)]
    for form in forms + [form.reshape(-1, 28, 28) for form in forms]:
        data = Dataset.from_arrays(form, labels)
        assert np.array_equal(data.pixels, flat) and np.array_equal(data.labels, labels)
        assert data.classes == 10
    assert Dataset.from_arrays(flat > 99, labels).pixels.max() == 255
    assert Dataset.from_arrays(flat[:2], [0.0, 1.0], classes=7).y.shape == (2, 7)


@pytest.mark.parametrize(
    ("pixels", "labels", "message"),
    [
        (np.zeros((2, 28, 28, 3)), [0, 1], "of colours take the mean"),
        (np.zeros(784), [0], "One picture alone is pixels[None]"),
        (np.full((2, 4), -0.4), [0, 1], "pixels go from -0.4 to 0; expected grey levels 0..1 or 0..255"),
        (np.full((2, 4), 65535, np.uint16), [0, 1], "to 65535; expected"),
        (np.full((2, 4), np.nan), [0, 1], "expected grey levels"),
        (np.zeros((2, 4)), np.eye(2), "labels.argmax(axis=1)"),
        (np.zeros((2, 4)), ["cat", "dog"], "return_inverse=True"),
        (np.zeros((2, 4)), [0, -1], "got -1"),
        (np.zeros((2, 4)), [0, np.nan], "got nan"),
        (np.zeros((2, 4)), [0, 0.5], "got 0.5"),
        (np.zeros((2, 4)), [0], "2 pictures but 1 labels"),
        (np.full((2, 4), "x"), [0, 1], "pixels must be numbers"),
        (
            np.full((2, 4), 16.0),
            [0, 1],
            "brightest grey level is 16; expected 0..1 or 0..255. Divide by 16 first",
        ),
        (np.full((2, 4), 100), [0, 1], "brightest grey level is 100"),
        (np.zeros((0, 28, 28)), [], "shape (0, 28, 28), so there is nothing in it"),
        ([], [], "there is nothing in it"),
        (np.zeros((2, 4)), None, "labels is None; expected (n,)"),
        (np.zeros((2, 4)), np.array([0, 1], object), "write labels.astype(int)"),
        (np.zeros((2, 4)), np.array(["2020-01-01", "2020-01-02"], "M8[D]"), "number the classes"),
        (np.zeros((2, 4)), [0, -1], "from 0, got -1; leave out examples without a label, or number"),
        (np.zeros((2, 4)), [0, np.nan], "from 0, got nan; leave out examples without a label"),
        (np.zeros((2, 4)), [0, np.inf], "from 0, got inf"),
    ],
)
def test_wrong_arrays_get_the_next_step(pixels, labels, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Dataset.from_arrays(pixels, labels)


@pytest.mark.parametrize("classes", [2.0, "2", 0, -1])
def test_classes_that_are_no_whole_number_are_refused(classes):
    with pytest.raises(ValueError, match=re.escape(f"classes is {classes!r}; expected a whole number")):
        Dataset.from_arrays(np.zeros((2, 4)), [0, 1], classes=classes)


def test_dark_pictures_and_levels_a_little_above_1_are_read():
    dark = np.array([[0, 3, 16]], np.uint8)
    assert Dataset.from_arrays(dark, [0]).pixels.tolist() == [[0, 3, 16]]
    assert Dataset.from_arrays(np.array([[0, 0.2, 1.000001]]), [0]).pixels.tolist() == [[0, 51, 255]]
    assert Dataset.from_arrays(np.array([[0, 1]], np.int8), [0]).pixels.tolist() == [[0, 255]]


LENGTHS = b"\xff" * 8  # of two axes, each of 2³² − 1 numbers


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train-labels-idx1", idx(np.array([0, 1, 2, np.inf, 0], ">f4"), 13), "from 0, got inf"),
        ("train-labels-idx1", idx(np.array([0, 1, 2, np.nan, 0], ">f4"), 13), "from 0, got nan"),
        ("t10k-images-idx3", b"\0\0\x08\x41" + b"\0\0\0\1" * 65 + b"\1", "has 65 axes"),
        ("t10k-images-idx3", b"\0\0\x08\3" + bytes(4) + LENGTHS, r"shape \(0, 4294967295, 4294967295\)"),
        ("t10k-images-idx3", b"\0\0\x08\3" + bytes(3) + b"\1" + LENGTHS, "It is not whole"),
        ("t10k-images-idx3", idx(np.zeros((4, 3, 3), np.uint8)), "pictures of 42 pixels, .* of 9"),
        ("train-images-idx3", idx(np.zeros((0, 6, 7), np.uint8)), r"shape \(0, 6, 7\) .* holds nothing"),
    ],
)  # fmt: skip
def test_content_that_is_no_data_is_told_with_its_file(clothes, name, content, message):
    (clothes / f"{name}-ubyte").write_bytes(content)
    with pytest.raises((DataFileError, ValueError), match=message) as caught:
        load_idx(clothes)
    assert f"{name}-ubyte" in str(caught.value)
