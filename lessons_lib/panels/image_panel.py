""":class:`ImagePanel`: a panel about one image, and a network at one of its stages."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from lessons_lib import Dataset, Network
from lessons_lib.panels.controls import image_controls
from lessons_lib.panels.needs import Needs
from lessons_lib.panels.panel import Panel


class ImagePanel(Panel):
    """A panel whose first controls choose a network by its stage and an image by its number.

    Args:
        nets: dict of name -> network, as :func:`lessons_lib.runs.stages.stages` gives.
        digits: the Dataset to choose square images from, with as many classes as the networks have outputs.
    """

    needs = Needs(square=True, outputs=("sigmoid", "softmax"))

    def __init__(self, nets: Mapping[str, Network], digits: Dataset, **state: Any) -> None:
        self.nets, self.digits = nets, digits
        super().__init__(**state)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the layers of the first network; of all, where the panel needs them alike."""
        return next(iter(self.nets.values())).sizes

    def controls(self):
        return image_controls(self.nets, self.digits)

    def chosen(self, state: SimpleNamespace) -> tuple[Network, Dataset]:
        """The network of a state, and its image as a Dataset of one."""
        return self.nets[state.stage], self.digits[state.image]
