""":class:`VotingPanel`: a panel over the per-example gradients of many examples."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as W

from lessons_lib import Dataset, Gradient, Network, backprop, forward
from lessons_lib.panels.panel import Panel


class VotingPanel(Panel):
    """A panel over the wishes of many examples, computed once for each stage of the network.

    Args:
        nets: name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the examples that vote.
        state: values of controls, see :class:`Panel`.
    """

    def __init__(self, nets: Mapping[str, Network], digits: Dataset, **state: Any) -> None:
        self.nets, self.digits = nets, digits
        self._kept: dict[tuple[str, str], Any] = {}
        super().__init__(**state)

    def stage_control(self) -> W.Dropdown:
        """The control that chooses a network by its stage."""
        return W.Dropdown(
            options=list(self.nets), description="Network", tooltip="How long it has been trained"
        )

    def wishes(self, stage: str) -> Gradient:
        """The gradient of every example under one network."""

        def make():
            net = self.nets[stage]
            return backprop(net, forward(net, self.digits.pixels), self.digits.y)

        return self.kept("wishes", stage, make)

    def kept(self, what: str, stage: str, make: Callable[[], Any]) -> Any:
        """What was made for this stage before; else ``make()``, which is kept."""
        if (what, stage) not in self._kept:
            self._kept[what, stage] = make()
        return self._kept[what, stage]
