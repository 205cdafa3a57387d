"""Settings, courses with their road back, and runs in files."""

import json
import zipfile

import numpy as np
import pytest

from lessons_lib import load_mnist, sigmoid, softmax
from lessons_lib.engine.optimizers import (
    Adam,
    ConjugateGradient,
    EntropyScaledMomentum,
    Momentum,
    Nesterov,
    RMSProp,
)
from lessons_lib.engine.regularizers import L1, L2, Dropout, LayerFreezing, StochasticDepth
from lessons_lib.engine.residual import ResidualNetwork
from lessons_lib.runs.course import Course
from lessons_lib.runs.files import ARRAYS, RunFileError, load_runs, save_runs
from lessons_lib.runs.settings import Settings


@pytest.fixture(scope="module")
def digits():
    data = load_mnist().train
    return data[:1500], data[1500:2000]


def finished(settings, digits):
    course = Course(settings, *digits)
    for _ in course.steps():
        pass
    return course


@pytest.fixture(scope="module")
def runs(digits):
    chosen = Settings(
        sizes=(784, 8, 8, 10), activation="relu", output="softmax", cost="cross_entropy", init="glorot",
        optimizer=Adam(learning_rate=0.01), regularizers=(L2(1e-4), Dropout(0.1), LayerFreezing((0,))),
        batch_size=50, examples=1000, epochs=2, seed=3,
    )  # fmt: skip
    return [
        finished(settings, digits).run("finished") for settings in (Settings(examples=500, epochs=1), chosen)
    ]


def same(one, other):
    return one.settings == other.settings and one.ending == other.ending and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)  # fmt: skip


# Settings


def test_settings_make_the_network_they_say():
    net = Settings(sizes=(784, 12, 10), output="softmax", regularizers=()).network()
    assert net.sizes == (784, 12, 10) and net.activations == (sigmoid, softmax)
    assert isinstance(Settings(regularizers=(StochasticDepth(0.1),)).network(), ResidualNetwork)


@pytest.mark.parametrize(
    "wrong", [{"activation": "step"}, {"cost": "l2"}, {"batch_size": 0}, {"epochs": 1.5}, {"sizes": (784,)},
              {"init": "zero"}, {"output": "max"}, {"seed": -1}],
)  # fmt: skip
def test_wrong_settings_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)


def test_words_name_the_rule_and_what_differs():
    assert Settings().words() == "SGD 4"
    words = Settings(optimizer=Momentum(0.2, 0.8), regularizers=(L1(1e-5),), batch_size=10, seed=4).words()
    assert words == "Momentum 0.2 (momentum 0.8), L1 1e-05, batches of 10, seed 4"


# Going back


@pytest.mark.parametrize(
    "optimizer", [Momentum(), Nesterov(), RMSProp(), Adam(), EntropyScaledMomentum(), ConjugateGradient()]
)
@pytest.mark.parametrize(
    "regularizers", [(), (Dropout(0.1), StochasticDepth(0.2)), (LayerFreezing(), L2(1e-5))]
)
def test_a_course_rewound_and_run_again_ends_the_same_to_the_bit(digits, optimizer, regularizers):
    full = isinstance(optimizer, ConjugateGradient)
    settings = Settings(
        optimizer=optimizer, regularizers=regularizers, epochs=4, batch_size=1500 if full else 70
    )
    course = finished(settings, digits)
    params, costs, tests = course.net.params.copy(), list(course.costs), list(course.tests)
    course.rewind()
    course.rewind()
    assert course.step == course.total // 2 and not np.array_equal(course.net.params, params)
    for _ in course.steps():
        pass
    assert np.array_equal(course.net.params, params) and course.costs == costs and course.tests == tests


def test_a_course_that_diverges_says_so(digits):
    course = finished(Settings(optimizer=Adam(1e30), activation="relu", epochs=5), digits)
    assert course.diverged and course.done and course.step < course.total
    assert course.run("finished").ending == course.diverged


# Files


def test_runs_come_back_from_a_file_as_they_were(tmp_path, runs):
    path = save_runs(tmp_path / "mine", runs)
    assert path.name == "mine.npz" and [p.name for p in tmp_path.iterdir()] == ["mine.npz"]
    back = load_runs(tmp_path / "mine")
    assert len(back) == 2 and all(map(same, back, runs))
    assert back[1].net.sizes == (784, 8, 8, 10) and back[1].words() == runs[1].words()


def test_a_cut_file_is_refused_wherever_it_is_cut(tmp_path, runs):
    path = save_runs(tmp_path / "mine", runs)
    whole = path.read_bytes()
    for length in np.linspace(0, len(whole) - 1, 25).astype(int):
        path.write_bytes(whole[:length])
        with pytest.raises(RunFileError, match=r"mine\.npz"):
            load_runs(path)


def test_a_flipped_byte_changes_nothing_or_is_refused(tmp_path, runs):
    path = save_runs(tmp_path / "mine", runs)
    whole = path.read_bytes()
    refused = 0
    for place in np.linspace(0, len(whole) - 1, 60).astype(int):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert all(map(same, load_runs(path), runs))  # such as a byte of a time stamp
        except RunFileError:
            refused += 1
    assert refused > 30


def test_a_missing_file_is_called_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="save some runs first"):
        load_runs(tmp_path / "none")


def rewritten(path, change):
    """The file at ``path`` with its header and arrays put through ``change(header, arrays)``."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(bytes(arrays.pop("header")))
    change(header, arrays)
    np.savez(path, header=np.frombuffer(json.dumps(header).encode(), np.uint8), **arrays)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda header, arrays: header.update(version=2), "version 2; this program reads version 1"),
        (lambda header, arrays: header.pop("runs"), "runs"),
        (lambda header, arrays: arrays.pop("params_1"), "run 1 lacks its params"),
        (lambda header, arrays: arrays.update(params_0=np.zeros(7)), r"expected floating.* \(13002,\)"),
        (lambda header, arrays: arrays.update(costs_0=arrays["costs_0"][:-1]), "costs of run 0"),
        (
            lambda header, arrays: arrays.update(accuracies_0=arrays["accuracies_0"] + 2),
            "shares between 0 and 1",
        ),
        (lambda header, arrays: header["runs"][0]["settings"].update(cost="fun"), "cost is 'fun'"),
        (lambda header, arrays: header["runs"][0]["settings"].update(surprise=1), "surprise"),
        (
            lambda header, arrays: header["runs"][0]["settings"]["optimizer"].update(kind="Luck"),
            "'Luck' is unknown",
        ),
        (
            lambda header, arrays: header["runs"][0]["settings"]["optimizer"].update(learning_rate=-1),
            "learning_rate",
        ),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_the_reason(tmp_path, runs, change, reason):
    path = save_runs(tmp_path / "mine", runs)
    rewritten(path, change)
    with pytest.raises(RunFileError, match=reason):
        load_runs(path)


OPTIMIZERS_IN_FILES = [  # as version 1 writes them
    {"kind": "SGD", "learning_rate": 4.0},
    {"kind": "Momentum", "learning_rate": 0.2, "momentum": 0.9},
    {"kind": "Nesterov", "learning_rate": 0.4, "momentum": 0.9},
    {"kind": "RMSProp", "learning_rate": 0.007, "decay": 0.99, "epsilon": 1e-08},
    {"kind": "Adam", "learning_rate": 0.005, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-08},
    {"kind": "ConjugateGradient", "first_step": 0.1, "max_evaluations": 12, "flat_enough": 0.1},
    {"kind": "GradientPCA", "learning_rate": 4.0, "keep": 0.95, "centred": False},
    {"kind": "EntropyScaledMomentum", "learning_rate": 0.4, "momentum": 0.9, "keep": 0.99, "top": 10,
     "scale": "entropy"},
]  # fmt: skip
REGULARIZERS_IN_FILES = [
    {"kind": "L1", "strength": 1e-05},
    {"kind": "L2", "strength": 0.0001},
    {"kind": "Dropout", "rate": 0.1},
    {"kind": "LayerFreezing", "layers": [0], "count": 1},
    {"kind": "StochasticDepth", "rate": 0.2},
]


@pytest.mark.parametrize(
    ("part", "told"),
    [("optimizer", told) for told in OPTIMIZERS_IN_FILES]
    + [("regularizers", [told]) for told in REGULARIZERS_IN_FILES],
)
def test_what_files_name_is_found_whatever_it_is_called_here(tmp_path, digits, part, told):
    course = Course(Settings(sizes=(784, 8, 8, 10), examples=100), *digits)
    path = save_runs(tmp_path / "mine", [course.run("stopped")])
    rewritten(path, lambda header, arrays: header["runs"][0]["settings"].update({part: told}))
    (run,) = load_runs(path)
    save_runs(path, [run])
    with np.load(path) as file:
        assert json.loads(bytes(file["header"]))["runs"][0]["settings"][part] == told


def test_no_pickle_is_read(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, header=np.array([{"version": 1}], object))
    with pytest.raises(RunFileError, match="allow_pickle=False"):
        load_runs(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("header.txt", "not an array")
    with pytest.raises(RunFileError):
        load_runs(path)
