"""Lesson 13: runs side by side, without a browser."""

import numpy as np
import pytest

from lessons_lib import load_mnist, panels
from lessons_lib.engine.optimizers import SGD
from lessons_lib.lessons.your_own_reader.cockpit_picture import height_of
from lessons_lib.runs.course import Course
from lessons_lib.runs.settings import Settings


@pytest.fixture(scope="module")
def made():
    data = load_mnist().train
    out = []
    for rate in (0.5, 2.0, 4.0):
        course = Course(Settings(optimizer=SGD(rate), examples=2000, epochs=3), data, data[2000:2500])
        for _ in course.steps():
            pass
        out.append(course.run("finished"))
    return out


@pytest.fixture
def table(made, tmp_path):
    runs = panels.runs()
    for run in made:
        runs.add(run)
    panel = panels.compare(runs, folder=tmp_path)
    yield panel
    panel.close()


def drawn(table):
    """What the right picture shows: one array of heights a run."""
    return [line.get_ydata() for line in table.shares if len(line.get_xdata())]


def test_an_empty_list_says_where_runs_come_from():
    panel = panels.compare(panels.runs())
    assert "cockpit" in panel.sentence and drawn(panel) == []


def test_all_runs_are_drawn_and_the_best_is_named(table, made):
    assert all(
        np.array_equal(y, height_of(run.accuracies)) for y, run in zip(drawn(table), made, strict=True)
    )
    best = max(range(3), key=lambda k: made[k].accuracy)
    assert f"Run {best + 1} is the best: {made[best].accuracy:.2%}" in table.sentence


def test_a_new_run_appears_and_one_with_the_same_settings_gives_way(table, made):
    table.runs.delete([made[0]])
    assert len(drawn(table)) == 2 and "2 of 2" in table.sentence
    table.runs.add(made[0])
    table.runs.add(made[1])
    assert len(table.runs) == 3 and len(drawn(table)) == 3


def test_a_run_stopped_early_leaves_the_finished_one_in_the_list(table, made):
    course = Course(made[0].settings, load_mnist().train, load_mnist().train[2000:2500])
    for _, _ in zip(range(10), course.steps(), strict=False):
        pass
    table.runs.add(course.run("stopped"))
    assert len(table.runs) == 4 and table.runs[0] is made[0]


def test_chosen_runs_only_are_drawn_and_deleted(table, made):
    names = table.inputs["chosen"].options
    table.inputs["chosen"].value = (names[1],)
    assert len(drawn(table)) == 1 and "1 of 3" in table.sentence
    table.delete()
    assert list(table.runs) == [made[0], made[2]] and len(drawn(table)) == 0


def test_what_is_hidden_stays_hidden_when_a_run_comes(table, made):
    names = table.inputs["chosen"].options
    table.inputs["chosen"].value = (names[0],)
    table.runs.delete([made[2]])
    table.runs.add(made[2])
    assert list(table.result.values()) == [made[0], made[2]]


def test_save_delete_load(table, made):
    table.save()
    assert "Saved 3 runs in my_runs.npz" in table.frontend.sentence
    table.delete()
    assert len(table.runs) == 0 and "No run is listed" in table.sentence
    table.load()
    assert "Loaded 3 runs" in table.frontend.sentence
    assert [run.accuracy for run in table.runs] == [run.accuracy for run in made]
    table.delete()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"GIF89a"])
def test_a_damaged_file_is_refused_in_the_panel_and_the_list_stays(table, content, tmp_path):
    (tmp_path / "my_runs.npz").write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        table.guarded(table.load)
    assert "damaged" in table.frontend.error and len(table.runs) == 3
    table.refresh()
    assert table.frontend.error == ""


@pytest.mark.parametrize("name", ["", "../up", "a/b"])
def test_file_names_with_folders_are_refused(table, name):
    table._file.value = name
    with pytest.raises(ValueError, match="without folders"):
        table.save()


def test_a_closed_panel_leaves_the_list_in_peace(made):
    runs = panels.runs()
    panel = panels.compare(runs)
    panel.close()
    runs.add(made[0])
    assert len(runs) == 1
