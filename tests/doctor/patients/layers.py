# ruff: noqa - written as people write it
"""Layer objects with forward and backward, W as (in, out), tanh inside and a linear output, ½ of the squares."""

import numpy as np


class Dense:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.W + self.b

    def backward(self, grad):
        self.dW = self.inputs.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T


class Tanh:
    def forward(self, inputs):
        self.inputs = inputs
        self.outputs = np.tanh(inputs)
        return self.outputs

    def backward(self, grad):
        return grad * (1 - self.outputs**2)


def gradients(weights, biases, x, y):
    layers = []
    for W, b in zip(weights, biases):
        layers += [Dense(W, b), Tanh()]
    layers.pop()
    out = x
    for layer in layers:
        out = layer.forward(out)
    grad = (out - y) / len(x)
    for layer in reversed(layers):
        grad = layer.backward(grad)
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    return [layer.dW for layer in dense], [layer.db for layer in dense]
