""":class:`VotingPanel`: a panel over the per-example gradients of many examples."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from lessons_lib import Dataset, Gradient, Network, backprop, forward
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel


class VotingPanel(Panel):
    """A panel over the wishes of many examples, computed once for each stage of the network.

    Args:
        nets: name -> network, as :func:`lessons_lib.runs.stages.stages` gives; all of the same sizes.
        digits: the examples that vote.
        state: values of controls, see :class:`.Panel`.
    """

    needs = Needs(alike=True)

    def __init__(self, nets: Mapping[str, Network], digits: Dataset, **state: Any) -> None:
        self.nets, self.digits = nets, digits
        self._kept: dict[tuple[str, Hashable], Any] = {}
        super().__init__(**state)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the layers of the networks."""
        return next(iter(self.nets.values())).sizes

    def wishes(self, stage: str) -> Gradient:
        """The gradient of every example under one network."""

        def make():
            net = self.nets[stage]
            return backprop(net, forward(net, self.digits.pixels), self.digits.y)

        return self.kept("wishes", stage, make)

    def kept(self, what: str, case: Hashable, make: Callable[[], Any]) -> Any:
        """What was made for this case, such as a stage, before; else ``make()``, which is kept."""
        if (what, case) not in self._kept:
            self._kept[what, case] = make()
        return self._kept[what, case]
