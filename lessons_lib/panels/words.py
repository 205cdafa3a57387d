"""Names in words: layers, neurons, parameters, and how many of something."""

LAYERS = ("first hidden", "second hidden", "output")
BLOCKS = [(layer, kind) for layer in range(3) for kind in ("weight", "bias")]  # in the vector's order


def counted(number: float, word: str) -> str:
    """The word as it follows this number: singular or plural."""
    return word if number == 1 else f"{word}s"


def neuron_name(layer: int, k: int) -> str:
    """What a neuron is called in words."""
    return f"output {k}" if layer == 2 else f"neuron {k} of the {LAYERS[layer]} layer"


def entry_name(address):
    """What the parameter at this :class:`~lessons_lib.engine.network.Address` is called in words."""
    to = neuron_name(address.layer, address.to_neuron)
    if address.kind == "bias":
        return f"the bias of {to}"
    if address.layer:
        return f"the weight from {neuron_name(address.layer - 1, address.from_neuron)} to {to}"
    row, column = divmod(address.from_neuron, 28)
    return f"the weight from pixel {address.from_neuron} (row {row}, column {column}) to {to}"
