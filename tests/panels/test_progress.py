"""The line that says how far a lesson's networks are."""

import pytest

from lessons_lib import load_mnist, panels
from lessons_lib.runs import stages as module
from lessons_lib.runs.stages import stages

EPOCHS = {"untrained": 0, "trained": 2}


@pytest.fixture
def nets(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONS_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "WORTH_A_FILE", -1)
    return stages(load_mnist().train[:1000], epochs=EPOCHS)


def test_the_line_follows_the_training_to_its_end(nets):
    line = panels.Progress(nets)
    assert line.sentence == "These networks are trained while you read: 0% done."
    assert line.sentence in line.widget.value and 'role="status"' in line.widget.value
    line._told = -1e9  # long ago
    nets.advance(0)
    assert "5% done" in line.widget.value
    nets["trained"], nets.advance(0)
    assert "on this computer, just now, in 0." in line.widget.value
    again = panels.Progress(stages(load_mnist().train[:1000], epochs=EPOCHS))
    again.nets.advance(0)
    assert "trained on this computer before" in again.widget.value


def test_a_closed_line_is_let_go_of(nets):
    line = panels.Progress(nets)
    line.close()
    del line
    nets["trained"]  # nobody is told any more, and nothing fails


def test_networks_that_came_with_the_site_are_called_so(nets):
    nets.progress, nets.from_site = 1.0, True
    assert "came with it" in panels.Progress(nets).sentence
