"""Write a step with momentum."""

import numpy as np

from lessons_lib.panels.exercise import Exercise


def _momentum_step(
    w,
    v,
    gradient,
    learning_rate,
    momentum,
    *,
    kept=lambda momentum: momentum,
    gain=lambda momentum, rate: 1,
    along=lambda v, new, gradient, momentum, rate: rate * new,
    sign=-1,
    handed=lambda w, new, v: (w, new),
    convention=None,
):
    if convention:
        return convention(w, v, gradient, learning_rate, momentum)
    new = kept(momentum) * v + gain(momentum, learning_rate) * gradient
    return handed(w + sign * along(v, new, gradient, momentum, learning_rate), new, v)


def _case(n, learning_rate, momentum, dtype=float):
    return *np.random.default_rng(n).normal(0, 1.5, (3, n)).astype(dtype), learning_rate, momentum


def _rate_inside(w, v, gradient, learning_rate, momentum):
    """The convention of Keras and Caffe: the velocity is the step itself."""
    v = momentum * v - learning_rate * gradient
    return w + v, v


def _rate_inside_downhill(w, v, gradient, learning_rate, momentum):
    v = momentum * v + learning_rate * gradient
    return w - v, v


def _downhill(w, v, gradient, learning_rate, momentum):
    v = momentum * v - gradient
    return w + learning_rate * v, v


momentum_step = Exercise(
    _momentum_step,
    cases=[_case(2, 0.1, 0.9), _case(3, 0.2, 0.6), _case(1, 0.3, 0.8), _case(4, 0.5, 0.7, np.float32)],
    ways={
        "sign": {"The step goes uphill: subtract the velocity from w.": 1},
        "along": {
            "You stepped with the old velocity: make the new one first, then step with it.": lambda v, new, gradient, momentum, rate: (
                rate * v
            ),
            "The velocity is right, and the step ignores it: step along the new velocity, not the gradient.": lambda v, new, gradient, momentum, rate: (
                rate * gradient
            ),
            "That is Nesterov's rule, which adds the gradient a second time. Step along the new velocity alone.": lambda v, new, gradient, momentum, rate: (
                rate * (gradient + momentum * new)
            ),
            "The step is the velocity as it is; the learning rate says how far to go along it.": lambda v, new, gradient, momentum, rate: (
                new
            ),
        },
        "kept": {
            "You kept all of the old velocity; the momentum says which share of it stays.": lambda momentum: (
                1
            ),
            "You kept the share 1 - momentum of the old velocity; the share that stays is the momentum.": lambda momentum: (
                1 - momentum
            ),
            "The old velocity is forgotten: the new one is momentum times the old one, plus the gradient.": lambda momentum: (
                0
            ),
        },
        "gain": {
            "You weighed the gradient with 1 - momentum: an average, as Adam keeps. Here the gradient is added whole.": lambda momentum, rate: (
                1 - momentum
            ),
            "The gradient is subtracted from the velocity. It is added here, and the step subtracts the velocity.": lambda momentum, rate: (
                -1
            ),
            "The gradient is multiplied by the learning rate on its way into the velocity; the rate multiplies the step.": lambda momentum, rate: (
                rate
            ),
        },
        "convention": {
            "Your velocity points downhill, and you add it; that is a rule of its own. Here it adds up gradients, and the step subtracts it.": _downhill,
            "This is the convention of Keras and Caffe, where the learning rate sits inside the velocity and w + v is the step. Here, as in PyTorch, the velocity adds up gradients, and the rate multiplies the step.": _rate_inside,
            "The learning rate sits inside the velocity, as in some frameworks (Keras, Caffe). Here, as in PyTorch, the velocity adds up gradients, and the rate multiplies the step.": _rate_inside_downhill,
        },
        "handed": {
            "Both numbers are right, in the wrong order: return w first, then v.": lambda w, new, v: (new, w),
            "The old velocity is handed back; hand back the new one, or it never builds up.": lambda w, new, v: (
                w,
                v,
            ),
            "Only w is handed back; the next step needs the velocity too: return w, v.": lambda w, new, v: w,
        },
    },
    hints=(
        "Two lines: first the new velocity from the old one and the gradient, then the new w from it.",
        "v = momentum * v + gradient; w = w - learning_rate * v; return w, v",
    ),
)
