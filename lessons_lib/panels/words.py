"""Names in words: layers, neurons, parameters, and how many of something."""

LAYERS = ("first hidden", "second hidden", "output")
BLOCKS = [(layer, kind) for layer in range(3) for kind in ("weight", "bias")]  # their order in the vector


def counted(number, word):
    """The word as it follows this number."""
    return word if number == 1 else f"{word}s"


def neuron_name(layer, k):
    """What a neuron is called in words."""
    return f"output {k}" if layer == 2 else f"neuron {k} of the {LAYERS[layer]} layer"


def entry_name(address):
    """What a parameter is called in words."""
    to = neuron_name(address.layer, address.to_neuron)
    if address.kind == "bias":
        return f"the bias of {to}"
    if address.layer:
        return f"the weight from {neuron_name(address.layer - 1, address.from_neuron)} to {to}"
    row, column = divmod(address.from_neuron, 28)
    return f"the weight from pixel {address.from_neuron} (row {row}, column {column}) to {to}"
