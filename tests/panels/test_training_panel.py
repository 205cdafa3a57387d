import asyncio
import threading
import time

import pytest

from lessons_lib import panels
from lessons_lib.panels import training_panel


def test_the_first_picture_is_the_start_of_the_run(counter):
    assert counter.sentence == "Counted to 0." and counter.frontend.progress == 0


def test_run_to_end_starts_afresh_and_shows_the_last_result(counter):
    counter.step()
    assert counter.run_to_end() == 20 and counter.sentence == "Counted to 20."
    assert counter.frontend.progress == 1


def test_run_to_end_starts_nothing_anew_that_stands_at_its_start(counter):
    counter.state = {"goal": 30}
    before = counter.started
    assert counter.run_to_end() == 30 and counter.started == before
    assert counter.run_to_end() == 30 and counter.started == before + 1  # it was over


def test_step_advances_by_one_and_stop_goes_back(counter):
    counter.step()
    counter.step()
    assert counter.result == 2
    counter.stop()
    assert counter.result == 0 and not counter.playing


def test_without_a_running_loop_play_goes_straight_through(counter):
    counter.play()
    assert counter.result == 20 and not counter.playing


def test_play_pause_play_goes_on_where_it_stood(counter):
    async def session():
        counter.state = {"goal": 500}
        counter.play()
        await asyncio.sleep(0.15)
        counter.pause()
        await asyncio.sleep(0.1)
        stood = counter.result
        assert 0 < stood < 500
        await asyncio.sleep(0.1)
        assert counter.result == stood
        counter.play()
        await asyncio.sleep(0.15)
        assert counter.result > stood
        counter.stop()

    asyncio.run(session())
    assert counter.started == counter.ended + 1  # the run that waits to be played


def test_a_double_click_on_play_drives_one_run(counter):
    async def session():
        counter.state = {"goal": 1000}
        before = counter.started
        counter._player_buttons["Play"].click()
        counter._player_buttons["Play"].click()
        await asyncio.sleep(0.1)
        assert counter.started == before
        assert sum("TrainingPanel._drive" in repr(task) for task in asyncio.all_tasks()) == 1
        counter.stop()

    asyncio.run(session())


def quickest(session):
    """The least seconds of three sessions: what other work on the machine adds is not ours."""
    return min(asyncio.run(session()) for _ in range(3))


@pytest.mark.timing
def test_the_loop_stays_responsive_and_stop_answers_within_100_ms(counter):
    async def session():
        counter.state = {"goal": 1000}
        counter.play()
        gaps, last = [], time.perf_counter()
        for _ in range(8):
            await asyncio.sleep(0.01)
            gaps.append(time.perf_counter() - last)
            last = time.perf_counter()
        counter.stop()
        return max(sorted(gaps)[len(gaps) // 2], time.perf_counter() - last)

    assert quickest(session) < 0.1


@pytest.mark.timing
def test_stop_from_another_thread_answers_within_100_ms(counter):
    async def session():
        counter.state = {"goal": 1000}
        counter.play()
        await asyncio.sleep(0.1)
        start = time.perf_counter()
        thread = threading.Thread(target=counter.stop)
        thread.start()
        while counter.playing or thread.is_alive():
            await asyncio.sleep(0.002)
        return time.perf_counter() - start

    assert quickest(session) < 0.1


def test_a_changed_control_cancels_the_run_and_the_new_one_plays_on(counter):
    async def session():
        counter.state = {"goal": 500}
        counter.play()
        await asyncio.sleep(0.1)
        counter.inputs["goal"].value = 30
        assert counter.playing and counter.started == counter.ended + 1
        await asyncio.sleep(0.4)
        assert counter.result == 30 and not counter.playing

    asyncio.run(session())


def test_a_failing_run_is_shown_and_the_panel_works_again(counter):
    async def session():
        counter.state = {"bad": 5}
        counter.play()
        await asyncio.sleep(0.15)
        assert isinstance(counter.error, ZeroDivisionError) and not counter.playing

    asyncio.run(session())
    with pytest.raises(ZeroDivisionError):
        counter.run_to_end()
    counter.state = {"bad": -1}
    assert counter.error is None and counter.run_to_end() == 20


def test_slow_speed_shows_single_steps(counter):
    async def session():
        counter.state = {"goal": 1000}
        counter._speed.value = 0.05
        counter.play()
        await asyncio.sleep(0.3)
        assert 2 <= counter.result <= 8
        counter.stop()

    asyncio.run(session())


def test_closing_ends_the_run_and_leaves_no_thread(counter):
    threads = threading.active_count()

    async def session():
        panel = type(counter)(goal=1000)
        panel.play()
        await asyncio.sleep(0.1)
        run = panel._run
        panel.close()
        await asyncio.sleep(0.1)
        return run

    assert asyncio.run(session()).gi_frame is None and threading.active_count() == threads


@pytest.fixture
def hurried(monkeypatch):
    """No run is short: each is displayed after one step."""
    monkeypatch.setattr(training_panel, "OPENING", 0)


@pytest.fixture
def patient(monkeypatch):
    """Every run of these tests is short, however slow the machine."""
    monkeypatch.setattr(training_panel, "OPENING", 60)


def show(panel):
    """Display a panel as a notebook does; what a page without a kernel would show."""
    return panel._repr_mimebundle_()


def test_a_short_run_is_over_before_the_panel_is_displayed(counter, patient):
    data, words = show(counter)
    assert counter.over and counter.sentence == "Counted to 20." == words["image/png"]["alt"]
    assert counter.frontend.progress == 1 and not counter.playing and "image/png" in data


def test_a_long_run_is_displayed_under_way_and_goes_on_to_its_end(counter, hurried):
    async def session():
        counter.state = {"goal": 150}
        show(counter)
        shown = counter.result
        assert 0 < shown < 150 and counter.playing and not counter._player_buttons["Pause"].disabled
        while counter.playing:
            await asyncio.sleep(0.01)
        assert counter.over and counter.result == 150

    asyncio.run(session())


def test_the_opening_run_listens_to_the_buttons_and_controls(counter, hurried):
    async def session():
        counter.state = {"goal": 1000}
        show(counter)
        counter.pause()
        stood = counter.result
        await asyncio.sleep(0.1)
        assert 0 < counter.result == stood < 1000
        counter.stop()
        assert counter.result == 0 and not counter.playing
        show(counter)  # once is enough: Stop is not overruled
        assert counter.result == 0 and not counter.playing

    asyncio.run(session())


def test_where_no_loop_runs_a_long_run_is_not_waited_for(counter, hurried):
    counter.state = {"goal": 1000}
    show(counter)
    assert 0 < counter.result < 1000 and not counter.playing


def test_play_replays_a_finished_run_from_its_start(counter, patient):
    show(counter)
    before = counter.started
    counter.step()
    assert counter.started == before + 1 and counter.result == 1
    counter.play()
    assert counter.result == 20
    counter.play()
    assert counter.started == before + 2 and counter.result == 20


def test_a_changed_control_starts_a_finished_run_anew(counter, patient):
    show(counter)
    counter.inputs["goal"].value = 30
    assert counter.sentence == "Counted to 0." and not counter.playing


def test_where_a_loop_runs_the_new_run_plays_on_to_its_end(counter, patient):
    async def session():
        show(counter)
        counter.inputs["goal"].value = 30
        while counter.playing:
            await asyncio.sleep(0.01)
        assert counter.over and counter.result == 30
        counter.stop()
        counter.inputs["goal"].value = 40  # the old run stood at its start, and so does the new one
        assert counter.result == 0 and not counter.playing

    asyncio.run(session())


def test_what_was_played_before_it_is_displayed_stays_as_it_is(counter):
    counter.step()
    show(counter)
    assert counter.result == 1


def test_a_panel_whose_start_says_enough_opens_there(counter):
    counter.opens_over = False
    show(counter)
    assert counter.result == 0


def test_an_opening_run_that_fails_is_shown_and_the_panel_is_displayed(counter, patient):
    counter.state = {"bad": 5}
    data, _ = show(counter)
    assert isinstance(counter.error, ZeroDivisionError) and "image/png" in data


def test_a_panel_behind_a_prediction_opens_finished_too(counter, patient):
    prediction = panels.Prediction("How far?", ["20", "30"], answer="20", panel=counter)
    assert counter.result == 0
    prediction.choose("20")
    assert counter.over and counter.result == 20
