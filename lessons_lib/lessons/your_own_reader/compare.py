"""Runs side by side: kept in a list, compared on one plot, deleted, saved to a file and read from it."""

from pathlib import Path

import ipywidgets as W
import numpy as np

from lessons_lib.drawing import style
from lessons_lib.lessons.your_own_reader.cockpit_picture import height_of, share_axis
from lessons_lib.lessons.your_own_reader.runs import Runs
from lessons_lib.panels.display import box
from lessons_lib.panels.panel import Panel

LINES = 10  # runs that can be drawn at a time, one colour each


class Compare(Panel):
    """The runs of a list, side by side.

    Args:
        runs: a :class:`.Runs`, or a cockpit, whose runs are then shown.
        folder: where files are saved to and loaded from.
    """

    title = "Runs side by side"

    def __init__(self, runs, folder=".", **state):
        self.runs, self.folder = runs if isinstance(runs, Runs) else runs.runs, Path(folder)
        super().__init__(**state)
        self.runs.observe(self._listed, "runs")

    def controls(self):
        names = self._names()
        return {
            "chosen": W.SelectMultiple(
                options=names,
                value=names,
                rows=5,
                description="Runs",
                tooltip="Which runs are drawn; Ctrl or Shift chooses several",
            )
        }

    def figure(self):
        fig, (cost, read) = style.figure(1, 2, height=340, width_ratios=(1, 1.3))
        colors = style.DIGITS[:LINES]
        self.costs = [cost.plot([], [], color=color, linewidth=1.4)[0] for color in colors]
        self.shares = [read.plot([], [], color=color)[0] for color in colors]
        self.ends = [read.text(0, 0, "", color=color, va="center", in_layout=False) for color in colors]
        share_axis(read)
        cost.set(ylim=(0, 1))
        cost.grid(axis="y")
        for ax in (cost, read):
            ax.set_xlabel("passes over the examples")
        style.title(cost, "cost in training")
        style.title(read, "test accuracy")
        self.axes = cost, read
        return fig

    def compute(self, state):
        names = self._names()
        shown = {name: self.runs[names.index(name)] for name in state.chosen if name in names}
        return dict(list(shown.items())[-LINES:])

    def draw(self, result):
        longest = max((run.tested[-1] for run in result.values()), default=1.0)
        for ax in self.axes:
            ax.set_xlim(0, max(longest, 1e-3) * (1.08 if ax is self.axes[1] else 1.0))
        dearest = max((np.nanmax(run.costs, initial=0.1) for run in result.values()), default=1.0)
        self.axes[0].set_ylim(0, 1.05 * dearest)
        entries = [*result.items(), *[(None, None)] * (LINES - len(result))]
        for (name, run), cost, share, end in zip(entries, self.costs, self.shares, self.ends, strict=True):
            cost.set_data(*((run.passes, run.costs) if run else ([], [])))
            share.set_data(*((run.tested, height_of(run.accuracies)) if run else ([], [])))
            if run:
                end.set(position=(run.tested[-1], height_of(run.accuracy)), text=f" {name.split('.')[0]}")
            else:
                end.set_text("")

    def describe(self, result):
        if not result:
            return "No run is listed yet. Runs come here from the cockpit when they finish or are stopped."
        best = max(result, key=lambda name: result[name].accuracy)
        number, words = best.split(". ", 1)
        return f"{len(result)} of {len(self.runs)} listed runs drawn. Run {number} is the best: {words}."

    # The list, and what can be done with it

    def delete(self):
        """Take the chosen runs out of the list."""
        self.runs.delete(list(self.result.values()))

    def save(self):
        """Write all runs of the list to the named file."""
        path = self.runs.save(self.folder / self._checked_name())
        self._said(f"Saved {len(self.runs)} runs in {path.name}.")

    def load(self):
        """Add the runs of the named file to the list."""
        loaded = self.runs.load(self.folder / self._checked_name())
        self._said(f"Loaded {len(loaded)} runs.")

    def close(self):
        self.runs.unobserve(self._listed, "runs")
        super().close()

    def _names(self):
        return [f"{number}. {run.words()}" for number, run in enumerate(self.runs.runs, start=1)]

    def _listed(self, change):
        """The list has changed: what was drawn stays drawn, and what is new is drawn too."""
        with self._lock:
            kept = [id(run) for run in self.result.values()]
            before = [id(run) for run in change.old]
            names = self._names()
            chosen = [
                name
                for name, run in zip(names, self.runs.runs, strict=True)
                if id(run) in kept or id(run) not in before
            ]
            with self.holding():
                self.inputs["chosen"].options = names
                self.inputs["chosen"].value = chosen
            self.refresh()

    def _checked_name(self):
        name = self._file.value.strip()
        if not name or Path(name).name != name:
            raise ValueError(f"the file name is {name!r}; expected a name without folders, such as 'my runs'")
        return name

    def _said(self, words):
        self.frontend.tell(sentence=words, error="")

    def below_picture(self):
        self._file = W.Text("my_runs", description="File", tooltip="The name of the file, without .npz")
        self._file.layout.width = "220px"
        acts = {
            "Delete": (self.delete, "Take the chosen runs out of the list"),
            "Save": (self.save, "Write all runs of the list to the file"),
            "Load": (self.load, "Add the runs of the file to the list"),
        }
        buttons = [self.button(name, hint, act) for name, (act, hint) in acts.items()]
        self.frontend.name({"file": self._file})
        return [box("lessons-player", *buttons, self._file)]
