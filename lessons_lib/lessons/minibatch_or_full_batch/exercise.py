"""Write a step of gradient descent on a minibatch."""

import numpy as np

from lessons_lib.panels.exercise import Exercise

minibatch_step = Exercise(
    reference=lambda w, gradients, rows, learning_rate: w - learning_rate * gradients[rows].mean(axis=0),
    cases=[
        (np.array([1.0, -2.0]), np.array([[4.0, 1], [-2, 3], [0.5, -1], [7, 2]]), np.array([3, 1]), 0.1),
        (np.array([0.5, 0.0, 2.0]), np.arange(15.0).reshape(5, 3) - 6, np.array([4, 0, 1]), 0.5),
    ],
    mistakes={
        "The step goes uphill: subtract the gradient.": lambda w, gradients, rows, learning_rate: (
            w + learning_rate * gradients[rows].mean(axis=0)
        ),
        "You added the gradients up. Divide by the size of the batch, or it acts as a larger learning rate.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients[rows].sum(axis=0)
        ),
        "You divided by the number of all examples; only those in the batch were asked.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients[rows].sum(axis=0) / len(gradients)
        ),
        "You used all examples: that is the full batch. Take only those in rows.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients.mean(axis=0)
        ),
        "You took the first examples; rows says which ones.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients[: len(rows)].mean(axis=0)
        ),
        "You averaged over the parameters too; each parameter has its own mean, so average along axis 0.": lambda w, gradients, rows, learning_rate: (
            w - learning_rate * gradients[rows].mean()
        ),
    },
    hints=(
        "gradients[rows] are the gradients of the batch, one row an example. What is their mean?",
        "w - learning_rate * gradients[rows].mean(axis=0)",
    ),
)
