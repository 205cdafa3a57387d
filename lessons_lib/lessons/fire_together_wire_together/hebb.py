"""Learning rules that look at the two neurons a weight connects, and at nothing else.

"When an axon of cell A is near enough to excite cell B and repeatedly or persistently takes part in firing
it", A's hold on B grows: that is Hebb's postulate, and as a formula the change of a weight is the product of
the two activations. Each rule here has this form; they differ in what stands for the neuron *after* the
weight. Backprop's change has the same form, with −δ in that place.

Sources: Hebb, *The Organization of Behavior* (Wiley, 1949), chapter 4; Oja, *A simplified neuron model as a
principal component analyzer*, Journal of Mathematical Biology 15 (1982).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lessons_lib.engine.functions import sigmoid, squared_error


@dataclass(frozen=True)
class Rule:
    """A learning rule for one layer of sigmoid neurons: ΔW = after ⊗ a, minus after² W where it forgets.

    Args:
        after: ``after(out, y)`` -> (batch, n_out), what stands for the neuron after the weight; ``out``
            (batch, n_out) are the layer's own activations and ``y`` (batch, n_out) the wanted ones.
        forgets: whether Oja's second term is subtracted, which keeps the weights from growing without end.

    Example:
        >>> out, y = np.array([[0.5]]), np.array([[1.0]])
        >>> a, W = np.array([[0.8, 0.0]]), np.array([[2.0, 2.0]])
        >>> RULES["plain Hebb"].change(out, y, a, W)
        array([[0.4, 0. ]])
        >>> RULES["Oja"].change(out, y, a, W)
        array([[-0.1, -0.5]])
    """

    after: Callable
    forgets: bool = False

    def change(self, out, y, a, W):
        """The mean change (n_out, n_in) that a batch asks of ``W``; ``a`` (batch, n_in) is what went in."""
        after = self.after(out, y)
        change = after.T @ a
        if self.forgets:
            change = change - np.sum(after**2, axis=0)[:, None] * W
        return change / len(a)


def minus_delta(out, y):
    """−δ = −∂C/∂z of sigmoid outputs under the squared error: 2 (y − a) σ′."""
    return -squared_error.derivative(out, y) * sigmoid.derivative(None, out)


def own_activation(out, y):
    """What the neuron does by itself, whether that is right or wrong."""
    return out


def label(out, y):
    """What the neuron should do: it is clamped to 1 or 0 from outside."""
    return y


RULES = {
    "backprop": Rule(minus_delta),
    "plain Hebb": Rule(own_activation),
    "Hebb with the label": Rule(label),
    "Oja": Rule(own_activation, forgets=True),
    "Oja with the label": Rule(label, forgets=True),
}
