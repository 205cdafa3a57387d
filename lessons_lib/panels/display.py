"""What panels, predictions and questions share: each is a cell's output, and leaves nothing behind."""

import sys
from collections.abc import Hashable
from itertools import count
from weakref import WeakValueDictionary

import ipywidgets as W

from lessons_lib.panels import ipywidgets7

ipywidgets7.give_tooltips()

_numbers = count()
_places: dict[Hashable, int] = {}  # cell -> number of the first display in it
_displayed: WeakValueDictionary = (
    WeakValueDictionary()
)  # (place of the cell, number of the display) -> output


class CellOutput:
    """Something made of widgets that displays itself as the last expression of a cell.

    ipywidgets keeps every widget forever unless it is closed, so a cell that is run again closes what its
    earlier run made.

    Args:
        widget: what is displayed.
    """

    _by_cell: dict = {}  # cell id -> (id of the run, what that run made)

    def __init__(self, widget: W.Widget) -> None:
        self.widget = widget
        self._replace_earlier_run()

    def shown(self) -> None:
        """Get ready to be seen; called just before it is displayed."""

    def _repr_mimebundle_(self, **kwargs):
        number, (cell, _) = next(_numbers), running_cell()
        _displayed[_places.setdefault(cell, number) if cell else number, number] = self
        self.shown()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return {"text/plain": f"{self.widget!r:.110}", "application/vnd.jupyter.widget-view+json": view}

    def close(self) -> None:
        """Close all its widgets, with their comms; after that it can no longer be shown."""
        close_all(self.widget)

    def _replace_earlier_run(self):
        cell, run = running_cell()
        if cell is None:
            return
        earlier_run, made = self._by_cell.get(cell, (run, []))
        if earlier_run != run:
            for output in made:
                output.close()
            made = []
        self._by_cell[cell] = (run, [*made, self])


def displayed() -> list[CellOutput]:
    """What is on the page, in the order in which its cells were first run."""
    outputs = dict.fromkeys(output for _, output in sorted(_displayed.items(), key=lambda item: item[0]))
    return [output for output in outputs if not getattr(output, "closed", False)]


def box(css: str, *children: W.Widget) -> W.Box:
    """Widgets in a box of the CSS class ``css``."""
    made = W.Box(children)
    made.add_class(css)
    return made


def close_all(widget: W.Widget) -> None:
    """Close a widget, its children, and the layout and style models that came with each."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    for part in (getattr(widget, "layout", None), getattr(widget, "style", None), widget):
        if isinstance(part, W.Widget):
            part.close()
    if hasattr(widget, "children"):
        widget.children = ()  # whatever still holds the box must not keep alive what was in it


def running_cell():
    """(cell id, run id) of the notebook cell that runs now, or (None, None) outside a notebook's cell."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)  # the shell itself knows it not in a browser's kernel
    parent: dict = getattr(kernel, "get_parent", dict)()
    cell = parent.get("metadata", {}).get("cellId")
    return (cell, parent["header"]["msg_id"]) if cell else (None, None)
