# ruff: noqa - written as people write it
"""Sigmoid outputs with cross-entropy; all slopes in one vector."""

import numpy as np


def gradients(weights, biases, inputs, targets):
    activations = [inputs]
    for W, b in zip(weights, biases):
        activations.append(1 / (1 + np.exp(-(activations[-1] @ W.T + b))))
    delta = (activations[-1] - targets) / len(inputs)
    parts = []
    for W, before in zip(weights[::-1], activations[-2::-1]):
        parts = [(delta.T @ before).ravel(), delta.sum(axis=0)] + parts
        delta = delta @ W * before * (1 - before)
    return np.concatenate(parts)
