"""Lesson 00: the check of the set-up and the first panel, without a browser."""

import numpy as np
import pytest

from lessons_lib import SGD, Network, evaluate, load_mnist, panels, train
from lessons_lib.lessons.start_here import check_setup


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


def test_a_good_set_up_is_called_good():
    report = panels.check_setup()
    assert report.good, report
    assert {"Python", "numpy", "ipywidgets", "MNIST"} <= {what for what, _, _ in report.rows}
    assert "Everything is ready" in report._repr_html_()


@pytest.mark.parametrize(("found", "says"), [("8.0.1", "8.0.1 does not fit"), (None, "is not installed")])
def test_an_old_or_missing_package_is_named_with_the_command_that_mends_it(monkeypatch, found, says):
    real = check_setup.version

    def version(name):
        if name != "ipywidgets":
            return real(name)
        if found is None:
            raise check_setup.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(check_setup, "version", version)
    report = panels.check_setup()
    assert not report.good
    [detail] = [detail for what, good, detail in report.rows if not good]
    assert says in detail and "pip install 'ipywidgets>=" in detail
    assert "Something is missing" in repr(report)


def test_missing_data_is_reported_not_raised(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path))
    [(what, good, _)] = [row for row in panels.check_setup().rows if not row[1]]
    assert (what, good) == ("MNIST", False)


def test_the_panel_shows_what_train_gives(mnist):
    panel = panels.first_steps(mnist, learning_rate=1.0, images=2000)
    rng = np.random.default_rng(0)
    net = Network.random((784, 16, 16, 10), rng=rng)
    for step in train(net, mnist.train[:2000], SGD(1.0), batch_size=10, rng=rng):
        pass
    assert panel.result.accuracy == evaluate(step.net, mnist.test[:1000]).accuracy
    assert f"{panel.result.accuracy:.1%}" in panel.sentence


def test_what_is_written_above_a_digit_is_the_answer(mnist):
    panel = panels.first_steps(mnist, learning_rate=2.0)
    right = panel.result.answers == mnist.test.labels[:12]
    shown = [text.get_text() for text in panel.answers]
    assert [not words.endswith("no") for words in shown] == right.tolist()
    assert f"{right.sum()} of these 12" in panel.sentence
