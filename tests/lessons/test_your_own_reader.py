"""Lesson 13: the cockpit, without a browser."""

import asyncio
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from lessons_lib import SGD, Network, evaluate, load_mnist, panels, train
from lessons_lib.engine.optimizers import Adam
from lessons_lib.lessons.your_own_reader.cockpit_controls import GROUPS
from lessons_lib.lessons.your_own_reader.cockpit_picture import height_of
from lessons_lib.runs.settings import OPTIMIZERS


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture
def cockpit(mnist):
    panel = panels.cockpit(mnist.train, mnist.test[:2000], epochs=1)
    yield panel
    panel.close()


def bare(mnist, rule, *, epochs=1, batch_size=100, seed=0):
    """The steps of a loop that knows nothing of panels."""
    rng = np.random.default_rng(seed)
    net = Network.random((784, 16, 16, 10), rng=rng)
    return train(net, mnist.train, rule, rng=rng, epochs=epochs, batch_size=batch_size)


def test_a_changed_setting_trains_on_6000_examples_at_once(mnist, cockpit):
    cockpit.inputs["learning_rate"].value = 2.0
    steps = bare(mnist, SGD(2.0))
    for _ in range(60):
        step = next(steps)
    assert cockpit.result.step == 60
    assert np.array_equal(cockpit.result.net.params, step.net.params)


def test_the_run_and_its_curves_are_those_of_train_to_the_bit(mnist, cockpit):
    cockpit.run_to_end()
    costs, accuracies = [], [evaluate(next(bare(mnist, SGD(0.0))).net, cockpit.test).accuracy]
    for step in bare(mnist, SGD(4.0)):
        costs.append(step.cost)
        if (step.index + 1) % 100 == 0:
            accuracies.append(evaluate(step.net, cockpit.test).accuracy)
    run = cockpit.runs[0]
    assert np.array_equal(run.costs, np.mean(np.reshape(costs, (60, 10)), axis=1))
    assert run.accuracies.tolist() == accuracies
    assert np.array_equal(run.params, step.net.params)
    assert np.array_equal(cockpit.picture.training.get_ydata(), run.costs)
    assert np.array_equal(cockpit.picture.read.get_ydata()[:-1], height_of(run.accuracies))


def test_played_live_it_is_the_same_to_the_bit(cockpit):
    cockpit.run_to_end()
    at_once = cockpit.result

    async def session():
        cockpit.stop()
        cockpit.play()
        while cockpit.playing:
            await asyncio.sleep(0.005)

    asyncio.run(session())
    assert np.array_equal(cockpit.result.net.params, at_once.net.params)
    assert np.array_equal(cockpit.result.costs, at_once.costs)
    assert cockpit.result.accuracy == at_once.accuracy


@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_every_rule_trains_with_its_own_sliders(mnist, rule):
    panel = panels.cockpit(mnist.train, mnist.test[:500], rule=rule, examples=2000, epochs=3)
    built = panel.course.settings.optimizer
    assert built == OPTIMIZERS[rule]()
    shown = {name for name, control in panel.inputs.items() if control.layout.display != "none"}
    own = set(GROUPS["How it learns"].split()) - {"rule", "batch_size"}
    assert shown & own == {name for name in own if hasattr(built, name)}
    before = panel.result.net.params
    panel.run_to_end()
    assert np.isfinite(panel.result.net.params).all() and not np.array_equal(before, panel.result.net.params)
    panel.close()


def test_a_rule_brings_its_learning_rate_and_a_given_one_stays(mnist):
    panel = panels.cockpit(mnist.train, mnist.test[:500], learning_rate=0.02, rule="Adam")
    assert panel.course.settings.optimizer == Adam(learning_rate=0.02)
    panel.inputs["rule"].value = "Momentum"
    assert panel.inputs["learning_rate"].value == OPTIMIZERS["Momentum"]().learning_rate
    panel.close()


def test_the_extremes_of_every_control(cockpit):
    for name, control in cockpit.inputs.items():
        if hasattr(control, "options"):
            ends = control._options_values[0], control._options_values[-1]
        elif hasattr(control, "base"):
            ends = control.base**control.min, control.base**control.max
        else:
            ends = control.min, control.max
        for end in ends:
            cockpit.state = {"batch_size": 500, "examples": 1000, name: end}
            assert cockpit.error is None and cockpit.sentence
        cockpit.reset()


def test_the_sentence_says_what_the_picture_shows(cockpit):
    cockpit.run_to_end()
    result = cockpit.result
    assert f"{evaluate(result.net, cockpit.test).accuracy:.2%}" in cockpit.sentence
    mistakes = cockpit.picture.confusion.get_array().astype(int)
    assert f"({mistakes.max()} times)" in cockpit.sentence
    shown = [text.get_text() for text in cockpit.picture.names]
    labels, answers = np.array([name.split(" → ") for name in shown], int).T
    assert np.array_equal(np.column_stack([labels, answers]), result.labels) and np.all(labels != answers)


def test_rewind_goes_back_a_pass_at_a_time_and_on_to_the_same_end(mnist):
    panel = panels.cockpit(mnist.train, mnist.test[:500], rule="Adam", examples=2000, epochs=4)
    panel.run_to_end()
    end, run = panel.result, panel.runs[0]
    panel.rewind()
    assert panel.result.step == 60 and panel.result.tests[-1][0] == 3 and not panel.playing
    panel.rewind()
    assert panel.result.step == 40
    panel.step()
    assert panel.result.step == 41
    panel.rewind()
    assert panel.result.step == 40
    panel.play()
    assert np.array_equal(panel.result.net.params, end.net.params)
    assert np.array_equal(panel.runs[-1].costs, run.costs) and len(panel.runs) == 1
    for _ in range(9):
        panel.rewind()
    assert panel.result.step == 0 and len(panel.result.costs) == 0
    panel.close()


def test_stop_lists_the_run_and_goes_back_to_the_trial(cockpit):
    async def session():
        cockpit.state = {"epochs": 50}
        cockpit.play()
        await asyncio.sleep(0.25)
        cockpit.stop()

    asyncio.run(session())
    (run,) = cockpit.runs
    assert run.ending == "stopped" and 0.1 < run.tested[-1] < 50 and "stopped" in run.words()
    assert cockpit.result.step == 60 and f"after {0.1:.3g} of 50 passes" in cockpit.sentence


def test_a_trial_alone_is_not_listed(cockpit):
    cockpit.inputs["learning_rate"].value = 1.0
    cockpit.stop()
    assert len(cockpit.runs) == 0


def test_a_double_click_on_play_drives_one_run(cockpit):
    async def session():
        cockpit.state = {"epochs": 100}
        course = cockpit.course
        for _ in range(2):
            cockpit._player_buttons["Play"].click()
        await asyncio.sleep(0.15)
        assert cockpit.course is course
        assert sum("TrainingPanel._drive" in repr(task) for task in asyncio.all_tasks()) == 1
        cockpit.stop()

    asyncio.run(session())


def test_a_slider_moved_during_a_run_starts_the_new_run_and_labels_it_rightly(cockpit):
    async def session():
        cockpit.state = {"epochs": 100}
        cockpit.play()
        await asyncio.sleep(0.15)
        cockpit.inputs["learning_rate"].value = 2.0
        assert cockpit.playing and "SGD 2:" in cockpit.sentence and cockpit.result.step == 60
        await asyncio.sleep(0.15)
        cockpit.pause()

    asyncio.run(session())
    result = cockpit.result
    assert result.settings.optimizer == SGD(2.0) and "SGD 2:" in cockpit.sentence and result.step > 60
    assert len(result.costs) == cockpit.picture.training.get_xdata().size == result.step // 10
    assert evaluate(result.net, cockpit.test).accuracy == result.accuracy


def test_closing_during_a_run_leaves_no_thread_and_no_task(mnist):
    threads = threading.active_count()

    async def session():
        panel = panels.cockpit(mnist.train, mnist.test[:500], epochs=100)
        panel.play()
        await asyncio.sleep(0.1)
        panel.close()
        await asyncio.sleep(0.1)
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    assert asyncio.run(session()) == [] and threading.active_count() == threads


@pytest.mark.timing
def test_pictures_come_at_most_thirty_times_a_second(cockpit):
    drawn = []
    cockpit.picture.draw, draw = (
        lambda look: (drawn.append(time.perf_counter()), draw(look)),
        cockpit.picture.draw,
    )

    async def session():
        cockpit.state = {"epochs": 100}
        cockpit.play()
        await asyncio.sleep(0.5)
        cockpit.stop()

    asyncio.run(session())
    assert np.diff(drawn[1:-1]).min() > 1 / 30


@pytest.mark.timing
def test_a_dragged_learning_rate_takes_no_longer_than_two_bare_epochs(mnist, times_as_long):
    panel = panels.cockpit(mnist.train, mnist.test)
    panel.live._hello(1)  # a browser listens: changes are recorded and packed
    rates = iter((0.1, 0.5, 1.0, 2.0, 3.0))

    def drag():
        panel.inputs["learning_rate"].value = next(rates)

    assert times_as_long(drag, lambda: list(map(id, bare(mnist, SGD(4.0))))) < 2
    assert panel.result.step * 100 >= 6_000
    panel.close()


@pytest.mark.timing
def test_an_epoch_shown_live_takes_at_most_three_times_a_bare_loop(mnist, times_as_long):
    panel = panels.cockpit(mnist.train, mnist.test, epochs=1)
    panel.live._hello(1)

    async def live():
        panel.stop()
        panel.play()
        while panel.playing:
            await asyncio.sleep(0.002)

    assert times_as_long(lambda: asyncio.run(live()), lambda: list(map(id, bare(mnist, SGD(4.0))))) < 3
    assert panel.result.step == 600
    panel.close()


def test_too_large_a_learning_rate_is_called_what_it_is(mnist):
    panel = panels.cockpit(mnist.train, mnist.test[:500], init="normal", learning_rate=30.0, examples=10_000)
    panel.run_to_end()
    assert panel.result.accuracy < 0.5
    assert panel.result.diverged is None or "broke off" in panel.sentence
    panel.close()


def test_too_many_examples_to_compare_are_refused(cockpit):
    with pytest.raises(ValueError, match="at most 1,000"):
        cockpit.state = {"rule": "GradientPCA", "batch_size": 2000}
    assert "at most 1,000" in cockpit.frontend.error
    cockpit.state = {"batch_size": 100}
    assert cockpit.error is None


def test_presets_go_back_to_13002_parameters(cockpit):
    for name in cockpit.presets:
        cockpit.state = {"first": 32}
        cockpit.apply(name)
        assert cockpit.result.net.n_params == 13_002


def test_memorises_does_what_it_says(mnist):
    panel = panels.cockpit(mnist.train, mnist.test[:2000])
    panel.apply("Memorises")
    panel.run_to_end()
    assert panel.result.costs[-1, 1] < 0.03 and panel.result.tests[-1, 1] > 0.2
    panel.close()


def test_too_fast_does_what_it_says(mnist):
    panel = panels.cockpit(mnist.train, mnist.test[:2000])
    panel.apply("Too fast")
    panel.run_to_end()
    assert panel.result.accuracy < 0.3
    panel.close()


@pytest.mark.slow
def test_the_top_rung_is_reached_on_the_way_or_nearly(mnist):
    """The lower three are climbed in lesson 13 itself."""
    panel = panels.cockpit(mnist.train, mnist.test)
    panel.apply("Top rung")
    run = panel.run(SimpleNamespace(**panel.state))
    assert any(course.tests[-1].accuracy > 0.957 for course, _ in run)  # measured: 96.1 %; rounding matters
    panel.close()


def test_the_learning_rate_from_left_to_right_is_as_the_lesson_tells_it(mnist):
    panel = panels.cockpit(mnist.train, mnist.test[:2000], learning_rate=1e-4)
    start = panel.course.settings.network()
    assert np.abs(panel.result.net.weights[0] - start.weights[0]).max() < 1e-3  # still the noise it was
    panel.state = {"learning_rate": 4.0}
    assert 0.2 < panel.result.accuracy < 0.6
    panel.state = {"learning_rate": 10.0}
    assert np.count_nonzero(panel.result.confusion.sum(axis=0)) == 1  # one answer for all
    panel.state = {"learning_rate": 30.0}
    assert panel.result.diverged and "broke off" in panel.sentence
    panel.close()
