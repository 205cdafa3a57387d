"""The same network and the same steps, written for other libraries as their users would write them for speed.

Every peer starts from the parameters of one of our networks, works in float32 and minimises the same cost,
Σ_j (a_j − y_j)² averaged over examples (scikit-learn offers only its own log loss). Before it times anything,
``bench_math.py`` checks that one step of each gives our numbers.
"""

import warnings
from functools import partial

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import torch
from sklearn.neural_network import MLPClassifier
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset


class Torch:
    """PyTorch as its tutorials write it: modules and ``torch.optim``, eager; ``fused`` its fastest rule."""

    def __init__(self, net, x, y, learning_rate, fused=None):
        torch.set_num_threads(1)
        self.x, self.y = torch.from_numpy(x), torch.from_numpy(y)
        self.model = torch.nn.Sequential()
        for W, b in zip(net.weights, net.biases, strict=True):
            linear = torch.nn.Linear(*W.shape[::-1])
            linear.weight.data, linear.bias.data = torch.tensor(W), torch.tensor(b)
            self.model.extend([linear, torch.nn.Sigmoid()])
        self.optimizer = torch.optim.SGD(self.model.parameters(), learning_rate, fused=fused)

    @property
    def params(self):
        return torch.cat([p.detach().ravel() for p in self.model.parameters()]).numpy()

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = torch.square(self.model(x) - y).sum(1).mean()
        loss.backward()
        self.optimizer.step()

    def epoch(self, batch_size):
        for rows in torch.randperm(len(self.x)).split(batch_size):
            self.step(self.x[rows], self.y[rows])

    def epoch_by_loader(self, batch_size):
        for x, y in DataLoader(TensorDataset(self.x, self.y), batch_size, shuffle=True):
            self.step(x, y)

    def epoch_by_sampler(self, batch_size):
        """The same, told to look up a whole batch at once instead of example by example."""
        data = TensorDataset(self.x, self.y)
        batches = BatchSampler(RandomSampler(data), batch_size, drop_last=False)
        for x, y in DataLoader(data, sampler=batches, batch_size=None):
            self.step(x, y)

    # Per-example gradients

    def per_example(self, n):
        """One gradient for each example, as {parameter: (n, *shape)}."""
        params = {name: p.detach() for name, p in self.model.named_parameters()}
        return torch.func.vmap(torch.func.grad(self._loss), in_dims=(None, 0, 0))(
            params, self.x[:n], self.y[:n]
        )

    def _loss(self, params, x, y):
        return torch.square(torch.func.functional_call(self.model, params, (x,)) - y).sum()

    def gram(self, n):
        rows = [g.flatten(1) for g in self.per_example(n).values()]
        return sum(g @ g.T for g in rows)

    def pca_update(self, n, keep, learning_rate):
        """−η times the mean gradient, projected on the leading ``keep`` directions of per-example ones."""
        rows = torch.cat([g.flatten(1) for g in self.per_example(n).values()], 1)
        _, _, V = torch.svd_lowrank(rows, q=keep)
        return -learning_rate * (V @ (V.T @ rows.mean(0)))


class Jax:
    """JAX: one jitted step, and one jitted scan over a whole epoch."""

    def __init__(self, net, x, y, learning_rate):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self.layers = [(jnp.array(W), jnp.array(b)) for W, b in zip(net.weights, net.biases, strict=True)]
        self._step = jax.jit(partial(_jax_step, learning_rate), donate_argnums=0)
        self._scan = jax.jit(partial(_jax_epoch, learning_rate), donate_argnums=0)

    @property
    def params(self):
        return np.concatenate([np.ravel(p) for layer in self.layers for p in layer])

    def step(self, x, y):
        self.layers, cost = self._step(self.layers, x, y)
        cost.block_until_ready()

    def epoch(self, batch_size, rng):
        order = rng.permutation(len(self.x)).astype(np.int32).reshape(-1, batch_size)
        self.layers, costs = self._scan(self.layers, self.x, self.y, order)
        costs.block_until_ready()


def _jax_cost(layers, x, y):
    a = x
    for W, b in layers:
        a = jax.nn.sigmoid(a @ W.T + b)
    return jnp.square(a - y).sum(1).mean()


def _jax_step(learning_rate, layers, x, y):
    cost, slopes = jax.value_and_grad(_jax_cost)(layers, x, y)
    return jax.tree.map(lambda p, g: p - learning_rate * g, layers, slopes), cost


def _jax_epoch(learning_rate, layers, x, y, order):
    return jax.lax.scan(
        lambda layers, rows: _jax_step(learning_rate, layers, x[rows], y[rows]), layers, order
    )


class Autograd:
    """HIPS autograd: plain numpy code, differentiated."""

    def __init__(self, net, x, y, learning_rate):
        self.x, self.y, self.learning_rate = x, y, np.float32(learning_rate)
        self.layers = [(W.copy(), b.copy()) for W, b in zip(net.weights, net.biases, strict=True)]
        self._slopes = autograd.value_and_grad(_autograd_cost)

    @property
    def params(self):
        return np.concatenate([p.ravel() for layer in self.layers for p in layer])

    def step(self, x, y):
        _, slopes = self._slopes(self.layers, x, y)
        for layer, layer_slopes in zip(self.layers, slopes, strict=True):
            for p, g in zip(layer, layer_slopes, strict=True):
                p -= self.learning_rate * g

    def epoch(self, batch_size, rng):
        order = rng.permutation(len(self.x))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            self.step(self.x[rows], self.y[rows])


def _autograd_cost(layers, x, y):
    a = x
    for W, b in layers:
        a = 0.5 * anp.tanh(0.5 * (anp.dot(a, W.T) + b)) + 0.5
    return anp.sum((a - y) ** 2) / len(x)


class ScikitLearn:
    """scikit-learn: ``partial_fit`` is one shuffled epoch. Its cost is the log loss of a softmax."""

    def __init__(self, net, x, labels, batch_size):
        self.x, self.labels = x, labels
        self.model = MLPClassifier(
            net.sizes[1:-1],
            activation="logistic",
            solver="sgd",
            alpha=0,
            momentum=0,
            batch_size=batch_size,
            learning_rate_init=0.5,
            random_state=0,
        )
        self.model.partial_fit(self.x[:batch_size], labels[:batch_size], classes=np.unique(labels))

    def epoch(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that one epoch is not convergence
            self.model.partial_fit(self.x, self.labels)
