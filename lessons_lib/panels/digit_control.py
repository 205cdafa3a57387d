""":class:`Drawing`: the pad to draw a digit on, as a control of a panel."""

import numpy as np
import traitlets

from lessons_lib.live.pad import DigitPad


class Drawing(DigitPad):
    """A :class:`.DigitPad` that a panel can have among its controls.

    Its ``value`` is the drawn digit, (784,) uint8, centred as MNIST's are. A digit given as the value is what
    the network sees; all zeros wipe the pad.

    Args:
        description: the name of the control.
        tooltip: what it is for.

    Raises:
        ValueError: for a value of another shape or type.

    Example:
        >>> import numpy as np
        >>> pad = Drawing("Your digit")
        >>> pad.value = np.full(784, 9, np.uint8)
        >>> int(pad.pixels[0])
        9
    """

    value = traitlets.Instance(np.ndarray)
    description = traitlets.Unicode("").tag(sync=True)  # the browser asks for it where there is a tooltip

    def __init__(
        self,
        description: str,
        tooltip: str = "Draw with mouse, pen, finger or arrow keys, or choose a picture",
    ) -> None:
        super().__init__(description=description, tooltip=tooltip)

    @traitlets.default("value")
    def _empty(self):
        return np.zeros(784, np.uint8)

    @traitlets.validate("value")
    def _checked(self, proposal):
        value = np.asarray(proposal.value)
        if value.shape != (784,) or value.dtype != np.uint8:
            raise ValueError(
                f"got {value.dtype} pixels of shape {value.shape}; expected uint8 of shape (784,)"
            )
        return value

    @traitlets.observe("pixels")
    def _drawn(self, change):
        if not np.array_equal(self.value, change.new):
            self.value = change.new

    @traitlets.observe("value")
    def _given(self, change):
        if not change.new.any():
            self.clear()
        if not np.array_equal(self.pixels, change.new):
            self.pixels = change.new
