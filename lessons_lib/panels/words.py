"""Names in words: layers, neurons, parameters, and how many of something."""

from collections.abc import Mapping, Sequence
from math import isqrt
from numbers import Real
from typing import Any

from lessons_lib.drawing.style import minus
from lessons_lib.engine.network import Address, Network

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def counted(number: float, word: str) -> str:
    """The word as it follows this number: singular or plural."""
    return word if number == 1 else f"{word}s"


def number(value: Any) -> str:
    """A number with at most four digits that mean something and a true minus sign; anything else as it is.

    Example:
        >>> number(-0.123456), number(160), number("about half")
        ('−0.1235', '160', 'about half')
    """
    return minus(f"{value:.4g}") if isinstance(value, Real) else str(value)


def layer_names(sizes: Sequence[int]) -> list[str]:
    """What the layers after the inputs are called in a network of these sizes.

    Example:
        >>> layer_names((784, 16, 16, 10)), layer_names((784, 30, 10))
        (['first hidden', 'second hidden', 'output'], ['hidden', 'output'])
    """
    hidden = len(sizes) - 2
    named = [f"{ORDINALS[k]} hidden" if k < len(ORDINALS) else f"hidden {k + 1}" for k in range(hidden)]
    return [*(named if hidden > 1 else ["hidden"] * hidden), "output"]


def blocks(sizes: Sequence[int]) -> list[tuple[int, str]]:
    """``(layer, kind)`` of each block of the vector of parameters, in its order."""
    return [(layer, kind) for layer in range(len(sizes) - 1) for kind in ("weight", "bias")]


def neuron_name(layer: int, k: int, sizes: Sequence[int]) -> str:
    """What a neuron is called in words, in a network of these sizes."""
    name = layer_names(sizes)[layer]
    return f"output {k}" if name == "output" else f"neuron {k} of the {name} layer"


def slope_name(nets: Mapping[str, Network]) -> str:
    """What the slope of a neuron's function is called: σ′, or f′ where not all functions are sigmoid."""
    kinds = getattr(nets, "kind", nets).values()  # those of Stages are alike; none has to be trained for this
    return "σ′" if all(f.name == "sigmoid" for net in kinds for f in net.activations) else "f′"


def pixel_name(k: int, pixels: int) -> str:
    """What an input is called: a pixel, with its row and column where the picture is square."""
    side = isqrt(pixels)
    return f"pixel {k}" + (f" (row {k // side}, column {k % side})" if side * side == pixels else "")


def entry_name(address: Address, sizes: Sequence[int]) -> str:
    """What the parameter at this address is called in words, in a network of these sizes."""
    to = neuron_name(address.layer, address.to_neuron, sizes)
    if address.from_neuron is None:
        return f"the bias of {to}"
    if address.layer:
        return f"the weight from {neuron_name(address.layer - 1, address.from_neuron, sizes)} to {to}"
    return f"the weight from {pixel_name(address.from_neuron, sizes[0])} to {to}"
