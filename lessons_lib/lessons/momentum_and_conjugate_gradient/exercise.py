"""Write a step with momentum."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _momentum_cases():
    w, v, gradient = np.array([1.0, -2.0]), np.array([0.5, 3.0]), np.array([2.0, -1.0])
    return [(w, v, gradient, 0.1, 0.9), (w + 1, 0 * v, 3 * gradient, 0.2, 0.5)]


momentum_step = Exercise(
    reference=lambda w, v, gradient, learning_rate, momentum: (
        w - learning_rate * (momentum * v + gradient),
        momentum * v + gradient,
    ),
    cases=_momentum_cases(),
    mistakes={
        "The step goes uphill: subtract the velocity from w.": lambda w, v, gradient, learning_rate, momentum: (
            w + learning_rate * (momentum * v + gradient),
            momentum * v + gradient,
        ),
        "You stepped with the old velocity: make the new one first, then step with it.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * v,
            momentum * v + gradient,
        ),
        "The velocity is right, and the step ignores it: step along the new velocity, not the gradient.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * gradient,
            momentum * v + gradient,
        ),
        "You kept all of the old velocity; the momentum says which share of it stays.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * (v + gradient),
            v + gradient,
        ),
        "You weighed the gradient with 1 - momentum: an average. Here the gradient is added whole.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * (momentum * v + (1 - momentum) * gradient),
            momentum * v + (1 - momentum) * gradient,
        ),
        "That is Nesterov's rule, which adds the gradient a second time. Step along the new velocity alone.": lambda w, v, gradient, learning_rate, momentum: (
            w - learning_rate * (gradient + momentum * (momentum * v + gradient)),
            momentum * v + gradient,
        ),
        "Both numbers are right, in the wrong order: return w first, then v.": lambda w, v, gradient, learning_rate, momentum: (
            momentum * v + gradient,
            w - learning_rate * (momentum * v + gradient),
        ),
    },
    hints=(
        "Two lines: first the new velocity from the old one and the gradient, then the new w from it.",
        "v = momentum * v + gradient; w = w - learning_rate * v; return w, v",
    ),
)
