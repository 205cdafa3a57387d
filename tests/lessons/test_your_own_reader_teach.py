"""Lesson 13: one digit, before and after nudges from it."""

import numpy as np
import pytest

from lessons_lib import SGD, evaluate, forward, load_mnist, panels, train
from lessons_lib.runs.course import Course
from lessons_lib.runs.settings import Settings


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture(scope="module")
def run(mnist):
    course = Course(Settings(epochs=5), mnist.train, mnist.test[:500])
    for _ in course.steps():
        pass
    return course.run("finished")


@pytest.fixture
def teach(run, mnist):
    panel = panels.teach(run, mnist.train, mnist.test[:3000])
    yield panel
    panel.close()


@pytest.mark.parametrize("nudges", [1, 100])
def test_nudges_are_steps_of_gradient_descent_on_this_digit(teach, run, mnist, nudges):
    teach.state = {"nudges": nudges, "learning_rate": 0.3, "image": 8}
    one = mnist.test[8]
    for step in train(run.net, one, SGD(0.3), batch_size=1, epochs=nudges, rng=np.random.default_rng(0)):
        pass
    assert np.allclose(teach.result.net.params, step.net.params, atol=1e-5)
    assert teach.result.accuracy[1] == evaluate(teach.result.net, teach.test).accuracy
    assert f"{teach.result.accuracy[1]:.2%}" in teach.sentence


def test_no_nudge_changes_nothing_and_the_run_is_never_changed(teach, run):
    before = run.params.copy()
    assert teach.result.accuracy[0] == teach.result.accuracy[1] and teach.result.net is teach.net
    teach.state = {"nudges": 100, "learning_rate": 10.0}
    assert np.array_equal(run.params, before) and np.array_equal(teach.net.params, before)


def test_the_bars_are_shares_read_by_digit(teach):
    teach.apply("A hundred")
    digits, net = teach.test, teach.result.net
    answers = forward(net, digits.pixels).output.argmax(axis=1)
    shares = [np.mean(answers[digits.labels == digit] == digit) for digit in range(10)]
    assert np.allclose([bar.get_width() for bar in teach.bars], shares)
    worst = int(np.argmin(np.array(shares) - teach.result.read[0]))
    assert f"The {worst}s lost most" in teach.sentence


def test_a_layer_thinks_of_the_nearest_average(teach, mnist):
    known, pixels = mnist.train[:2000], mnist.test.pixels[8]
    for layer in (1, 2):
        a = forward(teach.net, known.pixels).a[layer]
        averages = np.array([a[known.labels == digit].mean(axis=0) for digit in range(10)])
        here = forward(teach.net, pixels[None]).a[layer][0]
        assert teach.result.before.thoughts[layer - 1] == np.sum((averages - here) ** 2, axis=1).argmin()


def test_alone_it_forgets_and_in_company_it_does_not(teach):
    teach.state = {"image": 8, "nudges": 1, "learning_rate": 1.0}
    assert teach.result.before.answer == 6 and teach.result.after.answer == 5
    assert teach.result.accuracy[1] < teach.result.accuracy[0] - 0.05
    teach.state = {"nudges": 100, "company": 99}
    assert teach.result.after.answer == 5 and teach.result.accuracy[1] > teach.result.accuracy[0] - 0.01


def test_a_drawing_is_taught_as_what_the_reader_says_it_is(teach, mnist):
    mine, again = mnist.test[:3000].pixels[[18, 62]]
    teach.state = {"source": "my drawings", "drawing": mine, "meant": 3, "nudges": 100, "learning_rate": 1.0}
    assert teach.result.after.answer == 3 and "your 3" in teach.sentence and "second" not in teach.sentence
    teach.state = {"again": again}
    answer = forward(teach.result.net, again[None]).output[0].argmax()
    assert f"It reads your second drawing as {answer}, before as" in teach.sentence


def test_an_empty_pad_teaches_nothing(teach):
    teach.state = {"source": "my drawings", "nudges": 100}
    assert "empty" in teach.sentence and teach.result.net is teach.net
    assert teach.inputs["image"].layout.display == "none" != teach.inputs["drawing"].layout.display


def test_the_buttons_set_the_nudges_and_keep_the_drawing(teach, mnist):
    teach.state = {"source": "my drawings", "drawing": mnist.test.pixels[3], "meant": 0}
    teach.nudge_buttons["A hundred steps"].click()
    assert teach.state["nudges"] == 100 and np.array_equal(teach.state["drawing"], mnist.test.pixels[3])
    teach.nudge_buttons["No step"].click()
    assert teach.state["nudges"] == 0


@pytest.mark.parametrize(
    "settings",
    [Settings(sizes=(784, 5, 10), epochs=1, examples=2000),
     Settings(activation="tanh", output="softmax", cost="cross_entropy", epochs=1, examples=2000),
     Settings(sizes=(784, 40, 3, 10), activation="relu", epochs=1, examples=2000)],
)  # fmt: skip
def test_other_networks_can_be_taught_too(mnist, settings):
    course = Course(settings, mnist.train, mnist.test[:300])
    for _ in course.steps():
        pass
    panel = panels.teach(course.run("finished"), mnist.train, mnist.test[:300], nudges=3, company=5)
    assert len(panel.layers[0]) == len(settings.sizes) - 2 and panel.error is None
    panel.close()


def test_extremes(teach):
    teach.state = {"nudges": 100, "learning_rate": 10.0, "company": 0}
    assert np.isfinite(teach.result.after.sure)
