"""The same steps as they look in the programs that learners write, or read, first.

:class:`ByExample` goes through a batch one example at a time and keeps its layers in lists of arrays, as the
program of Nielsen's *Neural Networks and Deep Learning* (2015) does. In :class:`Scalars` every single number
is a node that knows how to pass its slope on, as in Karpathy's *micrograd* (2020).
"""

import math

import numpy as np


class ByExample:
    """SGD with lists of arrays, columns for vectors, and a loop over the examples of each batch."""

    def __init__(self, net, x, y, learning_rate):
        self.learning_rate = learning_rate
        self.weights = [np.array(W, np.float64) for W in net.weights]
        self.biases = [np.array(b, np.float64)[:, None] for b in net.biases]
        self.examples = [
            (a[:, None].astype(np.float64), t[:, None].astype(np.float64)) for a, t in zip(x, y, strict=True)
        ]

    @property
    def params(self):
        layers = zip(self.weights, self.biases, strict=True)
        return np.concatenate([p.ravel() for layer in layers for p in layer])

    def epoch(self, batch_size, rng):
        order = rng.permutation(len(self.examples))
        for start in range(0, len(order), batch_size):
            self.step([self.examples[i] for i in order[start : start + batch_size]])

    def step(self, batch):
        weights, biases = [np.zeros_like(W) for W in self.weights], [np.zeros_like(b) for b in self.biases]
        for x, y in batch:
            for sums, slopes in zip((weights, biases), self.backprop(x, y), strict=True):
                for layer, slope in enumerate(slopes):
                    sums[layer] = sums[layer] + slope
        rate = self.learning_rate / len(batch)
        self.weights = [W - rate * slope for W, slope in zip(self.weights, weights, strict=True)]
        self.biases = [b - rate * slope for b, slope in zip(self.biases, biases, strict=True)]

    def backprop(self, x, y):
        activations = [x]
        for W, b in zip(self.weights, self.biases, strict=True):
            activations.append(1 / (1 + np.exp(-(W @ activations[-1] + b))))
        source, weights, biases = 2 * (activations[-1] - y), [], []
        for W, before, a in zip(self.weights[::-1], activations[-2::-1], activations[::-1], strict=False):
            delta = source * a * (1 - a)
            weights.insert(0, delta @ before.T)
            biases.insert(0, delta)
            source = W.T @ delta
        return weights, biases


class Node:
    """A number that remembers which numbers it came from, and its slope with respect to each."""

    __slots__ = ("parents", "slope", "value")

    def __init__(self, value, parents=()):
        self.value, self.parents, self.slope = value, parents, 0.0

    def __add__(self, other):
        return Node(self.value + other.value, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        return Node(self.value * other.value, ((self, other.value), (other, self.value)))

    def sigmoid(self):
        a = 1 / (1 + math.exp(-self.value))
        return Node(a, ((self, a * (1 - a)),))

    def backward(self):
        """Pass the slope 1 back to everything that this number came from."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack += [(node, True), *((parent, False) for parent, _ in node.parents)]
        self.slope = 1.0
        for node in reversed(order):
            for parent, slope in node.parents:
                parent.slope += slope * node.slope


class Scalars:
    """SGD on a graph of single numbers, built anew for every example."""

    def __init__(self, net, x, y, learning_rate):
        self.x, self.y, self.learning_rate = x.tolist(), y.tolist(), learning_rate
        self.layers = [
            [([Node(w) for w in row], Node(b)) for row, b in zip(W.tolist(), b.tolist(), strict=True)]
            for W, b in zip(net.weights, net.biases, strict=True)
        ]

    @property
    def params(self):
        rows = [
            [[p.value for p in ws] for ws, _ in layer] + [[b.value for _, b in layer]]
            for layer in self.layers
        ]
        return np.concatenate([np.ravel(row) for layer in rows for row in layer])

    def step(self):
        """One update on all the examples, which had better be few."""
        known = [p for layer in self.layers for ws, b in layer for p in (*ws, b)]
        for p in known:
            p.slope = 0.0
        for x, y in zip(self.x, self.y, strict=True):
            self.cost(x, y).backward()
        for p in known:
            p.value -= self.learning_rate * p.slope / len(self.x)

    def cost(self, x, y):
        a = [Node(value) for value in x]
        for layer in self.layers:
            a = [sum((w * v for w, v in zip(ws, a, strict=True)), start=b).sigmoid() for ws, b in layer]
        errors = [out + Node(-target) for out, target in zip(a, y, strict=True)]
        return sum((error * error for error in errors), start=Node(0.0))
