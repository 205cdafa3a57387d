"""The doctor for any language: cases out, gradients in, bad files refused by the name of the field."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lessons_lib import tanh
from lessons_lib.doctor import BadFile, check_file, files, random_case, write_case
from lessons_lib.doctor.__main__ import main

SCRIPT = Path(__file__).resolve().parents[2] / "docs/doctor/backprop.mjs"


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "case.json"
    assert main(["case", "--out", str(path)]) == 0
    return path


def mine(case, change=lambda gradients: None, **fields):
    """A file with the right gradients of a case, changed."""
    content = json.loads(case.read_text())
    right = files.case_of(content).gradients
    content["gradients"] = {
        f"{name}{k}": piece.tolist()
        for k, pair in enumerate(right, 1)
        for name, piece in zip("Wb", pair, strict=True)
    }
    content |= fields
    changed = change(content["gradients"])
    if changed is not None:
        content["gradients"] = changed
    path = case.with_name("mine.json")
    path.write_text(json.dumps(content))
    return str(path)


def test_a_case_is_small_plain_and_comes_back(case, capsys):
    text = case.read_text()
    assert text.isascii()
    assert len(text) < 5000
    assert main(["case"]) == 0
    assert capsys.readouterr().out == text
    one = files.case_of(json.loads(text))
    assert one.sizes == (4, 5, 5, 3)
    assert files.to_json(one) == text


def test_right_gradients(case, capsys):
    assert main(["check", mine(case)]) == 0
    assert capsys.readouterr().out.startswith("Right")


def test_gradients_alone_with_their_case(case, tmp_path):
    content = json.loads(Path(mine(case)).read_text())
    alone = tmp_path / "alone.json"
    alone.write_text(json.dumps({"gradients": content["gradients"]}))
    assert main(["check", str(alone)]) == 2
    assert main(["check", str(alone), "--case", str(case)]) == 0


def test_six_digits_are_enough(case):
    def rounded(gradients):
        return json.loads(json.dumps(gradients), parse_float=lambda text: float(f"{float(text):.6g}"))

    assert main(["check", mine(case, rounded)]) == 0


def test_a_mistake_is_named(case, capsys):
    def halved(gradients):
        return json.loads(json.dumps(gradients), parse_float=lambda text: float(text) / 2)

    path = mine(case, halved)
    assert main(["check", path]) == 1
    assert "half the right ones" in capsys.readouterr().out
    assert main(["check", path, "--any-scale"]) == 0


def test_few_decimals_are_said(case, capsys):
    def rounded(gradients):
        return json.loads(json.dumps(gradients), parse_float=lambda text: round(7 * float(text), 4))

    assert main(["check", mine(case, rounded)]) == 1
    said = capsys.readouterr().out
    assert "rounded to 4 decimals. As far as they go, they are the right ones times 7." in said


def test_weights_changed_before_they_were_written_are_refused(case, capsys):
    content = json.loads(case.read_text())
    one = files.case_of(content)
    content["weights"]["W1"] = (one.weights[0] - 0.1 * one.gradients[0][0]).tolist()
    assert main(["check", mine(case, weights=content["weights"])]) == 2
    assert "not the numbers of the case as it was written" in capsys.readouterr().err


def test_bare_gradients_beside_their_case(case):
    path = Path(mine(case))
    path.write_text(json.dumps(json.loads(path.read_text())["gradients"]))
    assert main(["check", str(path), "--case", str(case)]) == 0


def test_a_logarithm_of_what_may_be_negative_is_refused(capsys):
    assert main(["case", "--output", "tanh", "--cost", "cross_entropy"]) == 2
    assert "logarithm" in capsys.readouterr().err


def edited(name, value):
    def change(gradients):
        gradients[name] = value(gradients[name]) if callable(value) else value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (edited("W2", lambda W: [W[0], W[1][:3], *W[2:]]), "gradients.W2[1]: expected 5 numbers, got 3"),
        (edited("W2", lambda W: W[:4]), "gradients.W2: expected 5 rows, got 4"),
        (edited("W3", 7), "gradients.W3: expected 3 rows, got 7"),
        (edited("b1", lambda b: [*b[:2], "x", *b[3:]]), 'gradients.b1[2]: expected a number, got "x"'),
        (edited("b1", lambda b: [*b[:2], True, *b[3:]]), "gradients.b1[2]: expected a number, got true"),
        (
            edited("b1", lambda b: [*b[:2], [1], *b[3:]]),
            "gradients.b1[2]: expected a number, got a list of 1",
        ),
        (edited("b1", None), "gradients.b1: expected 5 numbers, got null"),
        (lambda gradients: gradients.pop("W1") and None, "gradients.W1: missing"),
        (lambda gradients: [1, 2], "gradients: expected an object with W1, b1 and so on, got a list of 2"),
    ],
)
def test_bad_gradients_are_refused_by_name(case, capsys, change, words):
    assert main(["check", mine(case, change)]) == 2
    assert capsys.readouterr().err.strip() == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"weights": 3}, "weights: expected an object with W1, W2 and so on, got 3"),
        ({"weights": {"W1": [[1, 2], [3]]}}, "biases: expected 1 of them"),
        ({"inputs": [[1, 2]]}, "inputs[0]: expected 4 numbers, got 2"),
        ({"inputs": []}, "inputs: expected rows of numbers"),
        ({"inputs": [[1, 2, 3, None]]}, "inputs[0][3]: expected a number, got null"),
        ({"targets": [[1, 2, 3]]}, "targets: expected 7 rows, got 1"),
        ({"hidden": "tan"}, 'hidden: expected one of sigmoid, tanh, relu, identity, softmax, got "tan"'),
        ({"cost": ["x"]}, "cost: expected one of squared_error, cross_entropy, got a list of 1"),
        ({"inputs": [[1, 2, 3, float("inf")]]}, "inputs[0][3]: expected a finite number"),
        ({"inputs": [[1, 2, 3, 10**400]]}, "inputs[0][3]: this number is too large"),
    ],
)
def test_a_bad_case_is_refused_by_name(case, capsys, fields, words):
    assert main(["check", mine(case, **fields)]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not JSON"),
        (b"[1]", "expected an object"),
        (b"\xff\x00\x81", "not text"),
        (b"[" * 100_000, "JSON|nest"),
        (b'{"weights": {"W1": ' + b"[" * 950 + b"]" * 950 + b"}}", "nest|biases"),
        (b" " * 5_000_000, "larger than"),
        (b"cos\nsystem\n(S'echo'\ntR.", "not JSON"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path, capsys, raw, words):
    path = tmp_path / "bad.json"
    path.write_bytes(raw)
    assert main(["check", str(path)]) == 2
    said = capsys.readouterr().err
    assert any(word in said for word in words.split("|"))


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["check", str(tmp_path / "none.json")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_file_that_cannot_be_written(tmp_path, capsys):
    assert main(["case", "--out", str(tmp_path / "none" / "case.json")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_the_same_from_python(tmp_path):
    case, path = random_case((3, 4, 2), 5, hidden=tanh), tmp_path / "case.json"
    write_case(path, case)
    content = json.loads(path.read_text())
    names = [f"{name}{k}" for k in (1, 2) for name in "Wb"]
    for factor, right in ((1, True), (-1, False)):
        pieces = [(factor * piece).tolist() for pair in case.gradients for piece in pair]
        alone = tmp_path / "alone.json"
        alone.write_text(json.dumps({"gradients": dict(zip(names, pieces, strict=True))}))
        assert check_file(alone, path).right is right
    with pytest.raises(BadFile, match="gradients: missing"):
        check_file(path)
    assert content["hidden"] == "tanh"


def test_utf_16_as_some_shells_write_it(case):
    path = Path(mine(case))
    path.write_text(path.read_text(), encoding="utf-16")
    assert main(["check", str(path)]) == 0


@pytest.mark.parametrize("value", [float("nan"), None, float("inf")])
def test_nan_is_a_wrong_gradient_and_no_bad_file(case, capsys, value):
    assert main(["check", mine(case, edited("b3", lambda b: [b[0], value, b[2]]))]) == 1
    assert "the output layer, biases: not every one of them is a number" in capsys.readouterr().out


def test_help_shows_an_example(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "python -m lessons_lib.doctor case > case.json" in capsys.readouterr().out


@pytest.mark.parametrize("sizes", ["4", "4,0", "4,x", "4,1000"])
def test_unusable_sizes(capsys, sizes):
    with pytest.raises(SystemExit) as stopped:
        main(["case", "--sizes", sizes])
    assert stopped.value.code == 2
    assert "expected 2 to 9 sizes from 1 to 100" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
@pytest.mark.parametrize(
    ("options", "status", "words"), [([], 0, "Right"), (["--mistake"], 1, "taken at a instead of at z")]
)
def test_the_javascript_example(case, capsys, options, status, words):
    done = subprocess.run(
        ["node", SCRIPT, case, *options], capture_output=True, text=True, check=True, timeout=60
    )
    path = case.with_name("from_node.json")
    path.write_text(done.stdout)
    assert main(["check", str(path)]) == status
    assert words in capsys.readouterr().out
