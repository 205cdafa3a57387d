"""Lesson 00: the check of the set-up and the first panel, without a browser."""

import numpy as np
import pytest

from lessons_lib import SGD, Network, evaluate, forward, load_mnist, panels, train
from lessons_lib.lessons.start_here import check_setup


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


def test_a_good_set_up_is_called_good():
    report = panels.check_setup()
    assert report.good, report
    assert {"Python", "numpy", "ipywidgets", "MNIST"} <= {what for what, _, _ in report.rows}
    assert "Everything is ready" in report._repr_html_()


@pytest.mark.parametrize(("found", "says"), [("7.6.5", "7.6.5 does not fit"), (None, "is not installed")])
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


def test_the_rows_show_what_the_network_read_on_its_way(mnist):
    panel = panels.first_steps(mnist, learning_rate=2.0, images=3000)
    assert [time.get_text() for time in panel.times] == [
        "before training", "after 250 images", "after 500 images", "after 1,000 images", "after 3,000 images"
    ]  # fmt: skip
    rng = np.random.default_rng(0)
    nets = {0: Network.random((784, 16, 16, 10), rng=rng)}
    for step in train(nets[0], mnist.train[:3000], SGD(2.0), batch_size=10, rng=rng):
        nets[step.examples] = step.snapshot().net
    for seen, texts in zip((0, 250, 500, 1000, 3000), panel.answers, strict=True):
        answers = forward(nets[seen], mnist.test.pixels[:12]).output.argmax(axis=1)
        assert [int(text.get_text()) for text in texts] == answers.tolist()
        right = [text.get_weight() == "bold" for text in texts]
        assert right == (answers == mnist.test.labels[:12]).tolist()
    assert f"now reads {sum(right)} correctly" in panel.sentence


def test_a_training_that_ends_early_keeps_its_last_network(mnist):
    panel = panels.first_steps(mnist, learning_rate=10**1.4)
    assert len(panel.result.accuracies) == 13 and len(set(panel.result.accuracies[-5:])) == 1
    assert panel.result.accuracy < 0.2
