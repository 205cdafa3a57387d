# ruff: noqa - written as people write it
"""Scalars that remember how they were made, with numbers as objects: a small automatic differentiation."""

from math import exp


class Value:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.slope = float(data), parents, 0.0

    def __add__(self, other):
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __sub__(self, other):
        return Value(self.data - other.data, ((self, 1.0), (other, -1.0)))

    def __mul__(self, other):
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def sigmoid(self):
        s = 1 / (1 + exp(-self.data))
        return Value(s, ((self, s * (1 - s)),))


def backward(value):
    order, seen = [], set()

    def visit(one):
        if id(one) not in seen:
            seen.add(id(one))
            for parent, _ in one.parents:
                visit(parent)
            order.append(one)

    visit(value)
    value.slope = 1.0
    for one in reversed(order):
        for parent, local in one.parents:
            parent.slope += local * one.slope


def gradients(weights, biases, xs, ys):
    W = [[[Value(w) for w in row] for row in layer] for layer in weights]
    b = [[Value(v) for v in layer] for layer in biases]
    total = Value(0)
    for x, y in zip(xs, ys):
        acts = [Value(v) for v in x]
        for rows, shifts in zip(W, b):
            acts = [
                sum((w * a for w, a in zip(row, acts)), start=shift).sigmoid()
                for row, shift in zip(rows, shifts)
            ]
        for a, t in zip(acts, y):
            total = total + (a - Value(t)) * (a - Value(t)) * Value(1 / len(xs))
    backward(total)
    return [
        ([[w.slope for w in row] for row in rows], [shift.slope for shift in shifts])
        for rows, shifts in zip(W, b)
    ]
