"""An epoch of this one network, written out flat in numpy: the reference that moves with the processor.

No functions, no checks, no other cost or activation, and every array allocated before the first step. What
:func:`lessons_lib.train` takes beyond it is the price of code that can be read in parts and used for more.
"""

import numpy as np

CHUNK = 400  # rows of a large batch handled at once, while they are in the processor's cache
AHEAD = 300  # images fetched at once for small batches
HALF, ONE, SCALE = (np.array(number, np.float32) for number in (0.5, 1, 1 / 255))


class FlatLoop:
    """SGD on three sigmoid layers with squared error.

    Args:
        net: the network to start from; its parameters are copied.
        pixels: (n, n_in) uint8 images.
        y: (n, n_out) float32 targets.
        learning_rate: η.
        batch_size: examples a step.
    """

    def __init__(self, net, pixels, y, learning_rate, batch_size):
        self.pixels, self.y, self.learning_rate = pixels, y, learning_rate
        self.batch_size = min(batch_size, len(pixels))
        self.params, self.total = net.params.copy(), np.empty_like(net.params)
        self.layers, self.slopes = net.split(self.params), net.split(self.total)
        self.ahead = self.batch_size * max(1, AHEAD // self.batch_size)
        self.fetched = [np.empty_like(data[: self.ahead]) for data in (pixels, y)]
        self.rooms, self.sizes = {}, net.sizes
        self.sum = np.empty_like(self.params) if self.batch_size > CHUNK else None

    def room(self, n):
        """Arrays for n rows, made once: inputs; activations, deltas and slopes of each layer; ones."""
        if n not in self.rooms:
            each = [[np.empty((n, size), np.float32) for size in self.sizes[1:]] for _ in range(3)]
            self.rooms[n] = np.empty((n, self.sizes[0]), np.float32), *each, np.ones(n, np.float32)
        return self.rooms[n]

    def epoch(self, rng):
        """One pass over the examples in a new order; the full batch keeps its own."""
        n, size = len(self.pixels), self.batch_size
        if size == n:
            self.step(self.pixels, self.y)
            return
        order = rng.permutation(n)
        for start in range(0, n, self.ahead):
            rows = order[start : start + self.ahead]
            pixels = self.pixels.take(rows, axis=0, out=self.fetched[0][: len(rows)], mode="clip")
            y = self.y.take(rows, axis=0, out=self.fetched[1][: len(rows)], mode="clip")
            for first in range(0, len(rows), size):
                self.step(pixels[first : first + size], y[first : first + size])

    def step(self, pixels, y):
        """One update on a batch; a large batch is a sum over chunks."""
        rate = np.float32(-2 * self.learning_rate / len(pixels))
        if self.sum is None:
            self.backprop(pixels, y, rate)
            self.params += self.total
            return
        self.sum[:] = 0
        for start in range(0, len(pixels), CHUNK):
            self.backprop(pixels[start : start + CHUNK], y[start : start + CHUNK], rate)
            self.sum += self.total
        self.params += self.sum

    def backprop(self, pixels, y, rate):
        """Fill ``total`` with ``rate`` times half the gradient, summed over the examples of a chunk."""
        (W1, b1), (W2, b2), (W3, b3) = self.layers
        (dW1, db1), (dW2, db2), (dW3, db3) = self.slopes
        x, (a1, a2, a3), (d1, d2, d3), (s1, s2, s3), ones = self.room(len(pixels))
        np.copyto(x, pixels)
        x *= SCALE
        # forward: a ← σ(a Wᵀ + b), σ as ½ tanh ½z + ½
        np.dot(x, W1.T, out=a1)
        a1 += b1
        a1 *= HALF
        np.tanh(a1, out=a1)
        a1 *= HALF
        a1 += HALF
        np.dot(a1, W2.T, out=a2)
        a2 += b2
        a2 *= HALF
        np.tanh(a2, out=a2)
        a2 *= HALF
        a2 += HALF
        np.dot(a2, W3.T, out=a3)
        a3 += b3
        a3 *= HALF
        np.tanh(a3, out=a3)
        a3 *= HALF
        a3 += HALF
        # backward: δ ← (δ W) a (1 − a), with the learning rate put in at the start
        np.subtract(a3, y, out=d3)
        d3 *= rate
        d3 *= a3
        np.subtract(ONE, a3, out=s3)
        d3 *= s3
        np.dot(d3, W3, out=d2)
        d2 *= a2
        np.subtract(ONE, a2, out=s2)
        d2 *= s2
        np.dot(d2, W2, out=d1)
        d1 *= a1
        np.subtract(ONE, a1, out=s1)
        d1 *= s1
        # the gradient: δᵀ a for weights, Σ δ for biases
        np.dot(d3.T, a2, out=dW3)
        np.dot(ones, d3, out=db3)
        np.dot(d2.T, a1, out=dW2)
        np.dot(ones, d2, out=db2)
        np.dot(d1.T, x, out=dW1)
        np.dot(ones, d1, out=db1)
