""":class:`Progress`: the line below a lesson's first cell that says how far its networks are."""

import time
import weakref

import ipywidgets as W

from lessons_lib.panels.display import CellOutput
from lessons_lib.runs.stages import Stages

EVERY = 0.25  # seconds between two changes of the line


class Progress(CellOutput):
    """A line that follows the training of the networks while the reader goes on.

    Args:
        nets: what :func:`lessons_lib.runs.stages.stages` gives.
    """

    def __init__(self, nets: Stages) -> None:
        self.nets, self._told = nets, 0.0
        super().__init__(W.HTML())
        self.widget.add_class("lessons-networks")
        self._tell()
        this = weakref.WeakMethod(self._follow)
        nets.watch(lambda: (follow := this()) and follow())

    @property
    def sentence(self) -> str:
        """What the line says now."""
        if self.nets.progress < 1:
            return f"These networks are trained while you read: {self.nets.progress:.0%} done."
        if self.nets.from_file:
            return "These networks were trained on this computer before, and read from its cache."
        if self.nets.from_site:
            return "These networks were trained when this site was made, and came with it."
        return f"These networks were trained on this computer, just now, in {self.nets.seconds:.1f} seconds."

    def _follow(self):
        if self.nets.progress == 1 or time.monotonic() - self._told > EVERY:
            self._tell()

    def _tell(self):
        self._told = time.monotonic()
        self.widget.value = f'<p role="status">{self.sentence}</p>'
