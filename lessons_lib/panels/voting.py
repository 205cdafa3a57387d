"""`VotingPanel`: a panel over the per-example gradients of many examples."""

from lessons_lib import backprop, forward
from lessons_lib.panels.panel import Panel


class VotingPanel(Panel):
    """A panel over the wishes of many examples, computed once for each stage of the network.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset whose examples vote.
    """

    def __init__(self, nets, digits, **state):
        self.nets, self.digits, self._kept = nets, digits, {}
        super().__init__(**state)

    def wishes(self, stage):
        """The Gradient of all examples under one network."""

        def make():
            net = self.nets[stage]
            return backprop(net, forward(net, self.digits.pixels), self.digits.y)

        return self.kept("wishes", stage, make)

    def kept(self, what, stage, make):
        """What was made for this stage before, or is made now."""
        if (what, stage) not in self._kept:
            self._kept[what, stage] = make()
        return self._kept[what, stage]
