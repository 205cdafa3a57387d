# ruff: noqa: E501 - an edit stands in one line beside the mistake it makes
"""Mistakes that people report, planted by editing the source of backprops in several styles."""

import itertools
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

PATIENTS = Path(__file__).parent / "patients"


@dataclass(frozen=True)
class Fault:
    """An edit of a style's source, and the kinds by which the doctor may name it."""

    style: str
    name: str
    kinds: tuple[frozenset, ...]
    edits: tuple[tuple[str, str], ...]

    def __str__(self):
        return f"{self.style}: {self.name}"


def source(style):
    return (PATIENTS / f"{style}.py").read_text(encoding="utf-8")


def load(style, *faults):
    """The `gradients` of a style with these faults; None if their edits do not go together."""
    text = source(style)
    for old, new in itertools.chain.from_iterable(fault.edits for fault in faults):
        if text.count(old) == 0:
            return None
        text = text.replace(old, new)
    module = ModuleType(f"{style}_planted")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # two edits in one line may look odd
        code = compile(text, f"{style}.py", "exec")
    exec(code, module.__dict__)
    return module.gradients


def fault(style, name, kinds, *edits):
    """`kinds`: names joined by " + "; where several diagnoses are right, joined by " or "."""
    either = tuple(frozenset(filter(None, one.split(" + "))) for one in kinds.split(" or "))
    return Fault(style, name, either, edits)


# fmt: off
ROWS = [
    fault("rows", "sign", "−1", ("2 * (a[-1] - y)", "2 * (y - a[-1])")),
    fault("rows", "2 missing", "½", ("2 * (a[-1] - y)", "(a[-1] - y)")),
    fault("rows", "2 twice", "2", ("2 * (a[-1] - y)", "4 * (a[-1] - y)")),
    fault("rows", "sum over examples", "n", ("/ n\n        db", "\n        db"), ("axis=0) / n", "axis=0)")),
    fault("rows", "mean over outputs too", "1/n_out", ("2 * (a[-1] - y)", "2 * (a[-1] - y) / y.shape[1]")),
    fault("rows", "times outputs", "n_out", ("2 * (a[-1] - y)", "2 * (a[-1] - y) * y.shape[1]")),
    fault("rows", "divided by n twice", "1/n", ("2 * (a[-1] - y)", "2 * (a[-1] - y) / n")),
    fault("rows", "divided by n at each layer", "1/n", ("error = delta @ weights[l]", "error = delta @ weights[l] / n")),
    fault("rows", "learning rate inside", "constant", ("dW = delta", "delta = 0.05 * delta if l == len(weights) - 1 else delta\n        dW = delta")),
    fault("rows", "learning rate in the weights only", "constant", ("dW = delta.T @ a[l] / n", "dW = 0.1 * delta.T @ a[l] / n")),
    fault("rows", "weights not averaged", "n", ("delta.T @ a[l] / n", "delta.T @ a[l]")),
    fault("rows", "biases not averaged", "n", ("axis=0) / n", "axis=0)")),
    fault("rows", "biases averaged twice", "1/n", ("axis=0) / n", "axis=0) / n**2")),
    fault("rows", "2 in each step back", "2", ("error = delta @ weights[l]", "error = 2 * delta @ weights[l]")),
    fault("rows", "output slope missing", "slope missing", ("delta = error * sigmoid_slope(z[-1])", "delta = error")),
    fault("rows", "cross-entropy's delta", "cross-entropy's slope or slope missing or slope missing + ½", ("delta = error * sigmoid_slope(z[-1])", "delta = error / 2")),
    fault("rows", "output slope twice", "slope twice", ("error * sigmoid_slope(z[-1])", "error * sigmoid_slope(z[-1]) ** 2")),
    fault("rows", "hidden slopes missing", "slope missing", ("error * sigmoid_slope(z[l - 1])", "error")),
    fault("rows", "slope missing in layer 1", "slope missing", ("error * sigmoid_slope(z[l - 1])", "error * (sigmoid_slope(z[l - 1]) if l > 1 else 1)")),
    fault("rows", "hidden slopes twice", "slope twice", ("error * sigmoid_slope(z[l - 1])", "error * sigmoid_slope(z[l - 1]) ** 2")),
    fault("rows", "slope at a, everywhere", "slope at a", ("sigmoid_slope(z[-1])", "sigmoid_slope(a[-1])"), ("sigmoid_slope(z[l - 1])", "sigmoid_slope(a[l])")),
    fault("rows", "slope at a, hidden", "slope at a", ("sigmoid_slope(z[l - 1])", "sigmoid_slope(a[l])")),
    fault("rows", "slope at a, output", "slope at a", ("sigmoid_slope(z[-1])", "sigmoid_slope(a[-1])")),
    fault("rows", "z as if it were a", "slope of z as if it were a", ("    s = sigmoid(z)\n    return s", "    s = z\n    return s")),
    fault("rows", "z as if it were a, hidden", "slope of z as if it were a", ("sigmoid_slope(z[l - 1])", "z[l - 1] * (1 - z[l - 1])")),
    fault("rows", "tanh's slope", "slope of tanh", ("sigmoid_slope(z[l - 1])", "(1 - a[l] ** 2)")),
    fault("rows", "ReLU's slope", "slope of relu", ("sigmoid_slope(z[l - 1])", "(z[l - 1] > 0)")),
    fault("rows", "slope of the layer behind", "slope of the layer behind", ("error = delta @ weights[l]", "error = (delta * sigmoid_slope(z[l])) @ weights[l]"), ("error * sigmoid_slope(z[l - 1])", "error")),
    fault("rows", "σ in place of σ′", "activation for slope", ("error * sigmoid_slope(z[l - 1])", "error * sigmoid(z[l - 1])")),
    fault("rows", "W transposed back", "W transposed", ("delta @ weights[l]", "delta @ weights[l].T")),
    fault("rows", "weights of the layer before", "W of another layer", ("delta @ weights[l]", "delta @ weights[l - 1]")),
    fault("rows", "weights already updated", "W already updated", ("error = delta @ weights[l]", "error = delta @ (weights[l] - 0.5 * dW)")),
    fault("rows", "weights updated in place", "W already updated", ("pieces.insert(0, (dW, db))", "pieces.insert(0, (dW, db))\n        weights[l] -= 0.1 * dW")),
    fault("rows", "weights' shares", "W shared out", ("delta @ weights[l]", "delta @ (weights[l] / weights[l].sum(axis=1, keepdims=True))")),
    fault("rows", "weights left out", "W left out", ("delta @ weights[l]", "delta.sum(axis=1, keepdims=True) * np.ones(weights[l].shape[1])")),
    fault("rows", "error passed back without slope", "passed back without slope", ("delta @ weights[l]", "error @ weights[l]")),
    fault("rows", "output's δ in every layer", "output's error in every layer", ("error = delta @ weights[l]", "error = output_delta")),
    fault("rows", "z in place of a", "z in place of a", ("delta.T @ a[l]", "delta.T @ (z[l - 1] if l else x)")),
    fault("rows", "own activations", "activations of another layer", ("delta.T @ a[l]", "delta.T @ a[l + 1]")),
    fault("rows", "inputs in every layer", "inputs in place of activations", ("delta.T @ a[l]", "delta.T @ a[0]")),
    fault("rows", "activations left out", "activations left out", ("delta.T @ a[l]", "delta.T @ np.ones_like(a[l])")),
    fault("rows", "product transposed", "transposed or W transposed", ("delta.T @ a[l]", "a[l].T @ delta")),
    fault("rows", "means multiplied", "means multiplied", ("delta.T @ a[l] / n", "np.outer(delta.mean(axis=0), a[l].mean(axis=0))")),
    fault("rows", "weights in place of activations", "weights in place of activations", ("delta.T @ a[l] / n", "delta.mean(axis=0)[:, None] * weights[l]")),
    fault("rows", "bias forgotten", "empty", ("delta.sum(axis=0) / n", "np.zeros(len(weights[l]))")),
    fault("rows", "bias not summed", "bias not summed over examples", ("delta.sum(axis=0) / n", "delta")),
    fault("rows", "bias summed over the wrong axis", "summed over the wrong axis", ("delta.sum(axis=0) / n", "delta.sum(axis=1) / n")),
    fault("rows", "bias summed over all", "summed over neurons too", ("delta.sum(axis=0) / n", "delta.sum() / n")),
    fault("rows", "bias from the error", "slope missing", ("delta.sum(axis=0) / n", "error.sum(axis=0) / n")),
    fault("rows", "target forgotten", "target forgotten", ("2 * (a[-1] - y)", "2 * a[-1]")),
    fault("rows", "squared error passed back", "error squared", ("2 * (a[-1] - y)", "(a[-1] - y) ** 2")),
    fault("rows", "absolute error", "error without sign", ("2 * (a[-1] - y)", "2 * abs(a[-1] - y)")),
    fault("rows", "error of z", "error at z", ("2 * (a[-1] - y)", "2 * (z[-1] - y)")),
    fault("rows", "error averaged first", "error averaged over examples", ("error = 2 * (a[-1] - y)", "error = 2 * np.broadcast_to((a[-1] - y).mean(axis=0), y.shape)")),
    fault("rows", "last layer first", "last layer first", ("pieces.insert(0, (dW, db))", "pieces.append((dW, db))")),
    fault("rows", "b before W", "b before W", ("(dW, db))", "(db, dW))")),
    fault("rows", "dW transposed", "W transposed or transposed", ("(dW, db))", "(dW.T, db))")),
    fault("rows", "new weights", "new weights", ("(dW, db))", "(weights[l] - 0.1 * dW, biases[l] - 0.1 * db))")),
]

UNROLLED = [
    fault("unrolled", "sign", "−1", ("2 * (A3 - Y)", "2 * (Y - A3)")),
    fault("unrolled", "2 missing", "½", ("2 * (A3 - Y)", "(A3 - Y)")),
    fault("unrolled", "one m forgotten", "n", ("dW2 = np.dot(dZ2, A1.T) / m", "dW2 = np.dot(dZ2, A1.T)")),
    fault("unrolled", "one bias not averaged", "n", ("db1 = np.sum(dZ1, axis=1, keepdims=True) / m", "db1 = np.sum(dZ1, axis=1, keepdims=True)")),
    fault("unrolled", "m twice", "1/n", ("dZ3 = dA3", "dZ3 = 1 / m * dA3")),
    fault("unrolled", "σ′ forgotten in layer 2", "slope missing", ("dA2 * A2 * (1 - A2)", "dA2")),
    fault("unrolled", "σ′ forgotten in layer 1", "slope missing", ("dA1 * A1 * (1 - A1)", "dA1")),
    fault("unrolled", "σ′ of Z in layer 1", "slope of z as if it were a", ("dA1 * A1 * (1 - A1)", "dA1 * Z1 * (1 - Z1)")),
    fault("unrolled", "σ′ at A in layer 2", "slope at a", ("dA2 * A2 * (1 - A2)", "dA2 * sigmoid(A2) * (1 - sigmoid(A2))")),
    fault("unrolled", "copied A2 in layer 1", "slope of another layer", ("dA1 * A1 * (1 - A1)", "dA1 * A2 * (1 - A2)")),
    fault("unrolled", "tanh's slope in layer 1", "slope of tanh", ("dA1 * A1 * (1 - A1)", "dA1 * (1 - A1 ** 2)")),
    fault("unrolled", "W3 not transposed", "W transposed", ("np.dot(W3.T, dZ3)", "np.dot(W3, dZ3)")),
    fault("unrolled", "W2 not transposed", "W transposed", ("np.dot(W2.T, dZ2)", "np.dot(W2, dZ2)")),
    fault("unrolled", "W3 copied to layer 1", "W of another layer", ("np.dot(W2.T, dZ2)", "np.dot(W3.T, dZ2)")),
    fault("unrolled", "dA for dZ", "passed back without slope", ("np.dot(W2.T, dZ2)", "np.dot(W2.T, dA2)")),
    fault("unrolled", "dA3 for dZ3", "passed back without slope", ("np.dot(W3.T, dZ3)", "np.dot(W3.T, dA3)")),
    fault("unrolled", "dZ3 for dZ2", "passed back from the output", ("np.dot(W2.T, dZ2)", "np.dot(W2.T, dZ3)")),
    fault("unrolled", "dW1 from A1", "activations of another layer", ("np.dot(dZ1, X.T)", "np.dot(dZ1, A1.T)")),
    fault("unrolled", "dW3 from Z2", "z in place of a", ("np.dot(dZ3, A2.T)", "np.dot(dZ3, Z2.T)")),
    fault("unrolled", "dW2 the other way round", "transposed", ("np.dot(dZ2, A1.T)", "np.dot(A1, dZ2.T)")),
    fault("unrolled", "dW from dA in layer 2", "slope missing", ("np.dot(dZ2, A1.T)", "np.dot(dA2, A1.T)")),
    fault("unrolled", "db2 without axis", "summed over neurons too", ("db2 = np.sum(dZ2, axis=1, keepdims=True)", "db2 = np.sum(dZ2)")),
    fault("unrolled", "db2 over axis 0", "summed over the wrong axis", ("db2 = np.sum(dZ2, axis=1, keepdims=True)", "db2 = np.sum(dZ2, axis=0)")),
    fault("unrolled", "db3 not summed", "bias not summed over examples", ("db3 = np.sum(dZ3, axis=1, keepdims=True) / m", "db3 = dZ3")),
    fault("unrolled", "db1 forgotten", "empty", ("db1 = np.sum(dZ1, axis=1, keepdims=True) / m", "db1 = 0 * b1")),
    fault("unrolled", "cross-entropy's dZ3", "cross-entropy's slope or slope missing or slope missing + ½", ("dZ3 = dA3 * A3 * (1 - A3)", "dZ3 = A3 - Y")),
    fault("unrolled", "W3 updated early", "W already updated", ("dA2 = np.dot", "W3 = W3 - 0.2 * dW3\n    dA2 = np.dot")),
]

LOOPS = [
    fault("loops", "sign", "−1", ('layer[j]["output"] - expected[j]', 'expected[j] - layer[j]["output"]')),
    fault("loops", "2 missing", "½", ("2.0 * (layer", "(layer")),
    fault("loops", "not averaged", "n", (" / n", "")),
    fault("loops", "biases not averaged", "n", ('nabla_b[i][j] += neuron["delta"] / n', 'nabla_b[i][j] += neuron["delta"]')),
    fault("loops", "only the last example", "only the last example", ("nabla_w[i][j][k] +=", "nabla_w[i][j][k] ="), ("nabla_b[i][j] +=", "nabla_b[i][j] =")),
    fault("loops", "derivative of the sum", "slope of z as if it were a", ('transfer_derivative(neuron["output"])', 'transfer_derivative(neuron["sum"])')),
    fault("loops", "derivative at the output's sigmoid", "slope at a", ('transfer_derivative(neuron["output"])', 'transfer_derivative(transfer(neuron["output"]))')),
    fault("loops", "derivative forgotten", "slope missing", (' * transfer_derivative(neuron["output"])', "")),
    fault("loops", "errors passed back", "passed back without slope", ('* neuron["delta"]\n', '* neuron["error"]\n')),
    fault("loops", "delta times the weights", "weights in place of activations", ('neuron["delta"] * inputs[k]', 'neuron["delta"] * neuron["weights"][k]')),
    fault("loops", "inputs of the network", "inputs in place of activations", ('row if i == 0 else [neuron["output"] for neuron in network[i - 1]]', "row")),
    fault("loops", "sums for inputs", "z in place of a", ('[neuron["output"] for neuron in network[i - 1]]', '[neuron["sum"] for neuron in network[i - 1]]')),
    fault("loops", "bias forgotten", "empty", ('nabla_b[i][j] += neuron["delta"] / n', "pass")),
    fault("loops", "weights transposed", "W transposed", ('for neuron in network[i + 1]:\n                    error += neuron["weights"][j] * neuron["delta"]', 'for m, neuron in enumerate(network[i + 1]):\n                    error += network[i + 1][j]["weights"][m] * neuron["delta"]')),
    fault("loops", "learning rate", "constant", ('neuron["delta"] = errors[j]', 'neuron["delta"] = (0.3 if i == len(network) - 1 else 1) * errors[j]')),
    fault("loops", "learning rate in each layer", "constant", ('neuron["delta"] = errors[j]', 'neuron["delta"] = 0.3 * errors[j]')),
    fault("loops", "mean over outputs", "1/n_out", ("2.0 * (layer", "2.0 / len(expected) * (layer")),
    fault("loops", "bias times bias", "multiplied by b", ('nabla_b[i][j] += neuron["delta"] / n', 'nabla_b[i][j] += neuron["delta"] * neuron["weights"][-1] / n')),
]

COLUMNS = [
    fault("columns", "sign", "−1", ("output_activations - y", "y - output_activations")),
    fault("columns", "2 missing", "½", ("2 * (output", "(output")),
    fault("columns", "not averaged", "n", (" / len(batch)", "")),
    fault("columns", "overwritten", "only the last example", ("nb + dnb for", "dnb for"), ("nw + dnw for", "dnw for")),
    fault("columns", "σ′ forgotten at the output", "slope missing", (" * sigmoid_prime(zs[-1])", "")),
    fault("columns", "σ′ forgotten on the way", "slope missing", (" * sp", "")),
    fault("columns", "σ′ of activations", "slope at a", ("sp = sigmoid_prime(z)", "sp = sigmoid_prime(activations[-l])")),
    fault("columns", "σ′ of the layer behind", "slope of the layer behind or slope of another layer", ("np.dot(self.weights[-l + 1].transpose(), delta) * sp", "np.dot(self.weights[-l + 1].transpose(), delta * sigmoid_prime(zs[-l + 1]))")),
    fault("columns", "sigmoid_prime of values", "slope of z as if it were a", ("return sigmoid(z) * (1 - sigmoid(z))", "return z * (1 - z)")),
    fault("columns", "sigmoid_prime is sigmoid", "activation for slope", ("return sigmoid(z) * (1 - sigmoid(z))", "return sigmoid(z)")),
    fault("columns", "not transposed", "W transposed", ("self.weights[-l + 1].transpose()", "self.weights[-l + 1]")),
    fault("columns", "off by one in weights", "W of another layer", ("self.weights[-l + 1].transpose()", "self.weights[-l].transpose()")),
    fault("columns", "off by one in activations", "activations of another layer", ("activations[-l - 1].transpose()", "activations[-l].transpose()")),
    fault("columns", "biases from nowhere", "empty", ("            nabla_b[-l] = delta\n", "")),
    fault("columns", "learning rate", "constant", ("2 * (output", "0.02 * (output")),
    fault("columns", "target forgotten", "target forgotten", ("(output_activations - y)", "output_activations")),
    fault("columns", "error squared", "error squared", ("2 * (output_activations - y)", "(output_activations - y) ** 2")),
    fault("columns", "weights updated early", "W already updated", ("            nabla_b[-l] = delta\n            nabla_w[-l]", "            nabla_b[-l] = delta\n            self.weights = self.weights\n            nabla_w[-l]"), ("            delta = np.dot(self.weights[-l + 1]", "            delta = np.dot((self.weights[-l + 1] - 0.25 * nabla_w[-l + 1])")),
]

OTHERS = [
    fault("layers", "tanh′ forgotten", "slope missing", ("grad * (1 - self.outputs**2)", "grad")),
    fault("layers", "sigmoid's slope", "slope of sigmoid", ("(1 - self.outputs**2)", "self.outputs * (1 - self.outputs)")),
    fault("layers", "1 − a", "slope 1 − a", ("(1 - self.outputs**2)", "(1 - self.outputs)")),
    fault("layers", "tanh′ of z", "slope of z as if it were a", ("(1 - self.outputs**2)", "(1 - self.inputs**2)")),
    fault("layers", "tanh′ at a", "slope at a", ("(1 - self.outputs**2)", "(1 - np.tanh(self.outputs) ** 2)")),
    fault("layers", "W not transposed", "W transposed", ("grad @ self.W.T", "grad @ self.W")),
    fault("layers", "updated in backward", "W already updated", ("return grad @ self.W.T", "self.W = self.W - 0.4 * self.dW\n        return grad @ self.W.T")),
    fault("layers", "bias forgotten", "empty", ("self.db = grad.sum(axis=0)", "self.db = 0 * self.b")),
    fault("layers", "divided in each layer", "1/n", ("self.dW = self.inputs.T @ grad", "grad = grad / len(grad)\n        self.dW = self.inputs.T @ grad")),
    fault("scores", "extra softmax slope", "slope extra", ("(probs - y)", "(probs - y) * probs * (1 - probs)")),
    fault("scores", "−y/p", "half of cross-entropy", ("(probs - y)", "(-y / probs)")),
    fault("scores", "ReLU′ forgotten", "slope missing", ("dout = dout * (cache[i - 1] > 0)", "pass")),
    fault("scores", "ReLU for ReLU′", "activation for slope", ("(cache[i - 1] > 0)", "cache[i - 1]")),
    fault("scores", "sigmoid's slope", "slope of sigmoid", ("(cache[i - 1] > 0)", "cache[i - 1] * (1 - cache[i - 1])")),
    fault("scores", "W not transposed", "W transposed", ('params[f"W{i}"].T', 'params[f"W{i}"]')),
    fault("scores", "sign", "−1", ("(probs - y)", "(y - probs)")),
    fault("scores", "bias averaged again", "1/n", ("dout.sum(axis=0)", "dout.mean(axis=0)")),
    fault("vector", "extra slope at the output", "slope extra", ("(activations[-1] - targets)", "(activations[-1] - targets) * activations[-1] * (1 - activations[-1])")),
    fault("vector", "last layer first", "last layer first", ("delta.sum(axis=0)] + parts", "delta.sum(axis=0)]"), ("parts = [(delta", "parts = parts + [(delta")),
    fault("vector", "b before W", "b before W", ("[(delta.T @ before).ravel(), delta.sum(axis=0)]", "[delta.sum(axis=0), (delta.T @ before).ravel()]")),
    fault("vector", "columns first", "columns first", ("(delta.T @ before).ravel()", "(delta.T @ before).T.ravel()")),
    fault("vector", "all W first", "all W, then all b", ("return np.concatenate(parts)", "return np.concatenate(parts[::2] + parts[1::2])")),
    fault("vector", "hidden slopes missing", "slope missing", (" * before * (1 - before)", "")),
    fault("tensors", "tanh′ twice", "slope twice", ("(1 - hidden[i + 1] ** 2)", "(1 - hidden[i + 1] ** 2) ** 2")),
    fault("tensors", "own outputs", "activations of another layer", ("upstream.T @ hidden[i]", "upstream.T @ hidden[i + 1]")),
    fault("tensors", "sign", "−1", ("(hidden[-1] - target)", "(target - hidden[-1])")),
    fault("deltas", "deriv of z", "slope at a", ("        return x * (1 - x)", "        s = nonlin(x)\n        return s * (1 - s)")),
    fault("deltas", "errors for deltas", "slope missing", ("outs[k - 1].T.dot(layer_delta)", "outs[k - 1].T.dot(layer_error)")),
    fault("deltas", "error passed on", "passed back without slope", ("layer_error = layer_delta.dot", "layer_error = layer_error.dot")),
    fault("deltas", "order from the loop", "last layer first", ("return grads[::-1]", "return grads")),
    fault("deltas", "bias summed over all", "summed over neurons too", ("layer_delta.sum(axis=0)", "layer_delta.sum()")),
    fault("einsum", "indices swapped back", "W transposed", ('"no,oi->ni"', '"no,io->ni"')),
    fault("einsum", "means multiplied", "means multiplied", ('np.einsum("no,ni->oi", d, acts[k])', 'np.einsum("no,mi->oi", d, acts[k])')),
    fault("einsum", "bias over the wrong index", "summed over the wrong axis", ('"no->o"', '"no->n"')),
    fault("values", "parents overwritten", "", ("parent.slope += local", "parent.slope = local")),
]

# fmt: on
SINGLES = [one for one in ROWS + UNROLLED + LOOPS + COLUMNS + OTHERS if one.kinds != (frozenset(),)]


def pairs(style):
    """All pairs of faults of a style whose edits go together and which are not the same mistake."""
    faults = [one for one in SINGLES if one.style == style]
    for one, other in itertools.combinations(faults, 2):
        places = [{old for old, _ in fault.edits} for fault in (one, other)]
        if not places[0] & places[1]:
            yield one, other


MERGED = [  # two kinds that come to others, or leave nothing of one of them to be seen
    ({"½", "2"}, set()),  # they cancel
    ({"n", "1/n"}, set()),
    ({"constant", "½"}, {"constant"}),  # one constant
    ({"constant", "2"}, {"constant"}),
    ({"slope missing", "passed back without slope"}, {"slope missing"}),  # error and δ are the same
    ({"slope missing", "½"}, {"cross-entropy's slope"}),  # δ is a − y
    ({"b before W", "all W, then all b"}, {"all b, then all W"}),
]


def expected(*faults):
    """The sets of kinds any of which names all these faults."""
    wanted = [frozenset().union(*chosen) for chosen in itertools.product(*(fault.kinds for fault in faults))]
    for together, left in MERGED if len(faults) > 1 else ():
        wanted += [one - together | left for one in wanted if together <= one]
    return wanted


def good(weights, biases, x, y):
    """A right backprop to be spoilt: sigmoid throughout, mean of the squared error."""
    a = [np.asarray(x)]
    for W, b in zip(weights, biases, strict=True):
        a.append(1 / (1 + np.exp(-(a[-1] @ W.T + b))))
    delta, found = 2 * (a[-1] - y) / len(x) * a[-1] * (1 - a[-1]), []
    for layer in reversed(range(len(weights))):
        found.insert(0, (delta.T @ a[layer], delta.sum(axis=0)))
        delta = delta @ weights[layer] * a[layer] * (1 - a[layer])
    return found
