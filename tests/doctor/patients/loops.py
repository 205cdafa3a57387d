# ruff: noqa - written as people write it
"""A network in plain Python: a layer is a list of neurons, a neuron a list of weights and then its bias."""

from math import exp


def activate(weights, inputs):
    total = weights[-1]
    for i in range(len(weights) - 1):
        total += weights[i] * inputs[i]
    return total


def transfer(total):
    return 1.0 / (1.0 + exp(-total))


def transfer_derivative(output):
    return output * (1.0 - output)


def forward_propagate(network, row):
    inputs = row
    for layer in network:
        outputs = []
        for neuron in layer:
            neuron["sum"] = activate(neuron["weights"], inputs)
            neuron["output"] = transfer(neuron["sum"])
            outputs.append(neuron["output"])
        inputs = outputs
    return inputs


def backward_propagate_error(network, expected):
    for i in reversed(range(len(network))):
        layer = network[i]
        errors = []
        if i != len(network) - 1:
            for j in range(len(layer)):
                error = 0.0
                for neuron in network[i + 1]:
                    error += neuron["weights"][j] * neuron["delta"]
                errors.append(error)
        else:
            for j in range(len(layer)):
                errors.append(2.0 * (layer[j]["output"] - expected[j]))
        for j in range(len(layer)):
            neuron = layer[j]
            neuron["error"] = errors[j]
            neuron["delta"] = errors[j] * transfer_derivative(neuron["output"])


def gradients(weights, biases, rows, targets):
    network = [[{"weights": list(w) + [b]} for w, b in zip(W, bs)] for W, bs in zip(weights, biases)]
    nabla_w = [[[0.0] * len(w) for w in W] for W in weights]
    nabla_b = [[0.0] * len(bs) for bs in biases]
    n = len(rows)
    for row, expected in zip(rows, targets):
        forward_propagate(network, row)
        backward_propagate_error(network, expected)
        for i, layer in enumerate(network):
            inputs = row if i == 0 else [neuron["output"] for neuron in network[i - 1]]
            for j, neuron in enumerate(layer):
                for k in range(len(inputs)):
                    nabla_w[i][j][k] += neuron["delta"] * inputs[k] / n
                nabla_b[i][j] += neuron["delta"] / n
    return nabla_w, nabla_b
