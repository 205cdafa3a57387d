# ruff: noqa: E501 - a message stands in one piece beside its kind
"""What a diagnosis says: the layer, what the numbers are those of, and a thought to go on with. Never code."""

from collections.abc import Iterable, Sequence

from lessons_lib.doctor.case import Case
from lessons_lib.doctor.factors import Factor
from lessons_lib.engine.functions import cross_entropy, relu, sigmoid, softmax, tanh

SLOPE = {sigmoid: "σ′", tanh: "tanh′", relu: "ReLU′", softmax: "softmax's slope"}

KINDS = {  # "your numbers are those of …"; {s} is the slope of that layer's activation
    # the error at the outputs
    "target forgotten": "the outputs a alone. Where do the targets y come in?",
    "output forgotten": "the targets y alone. Where do the outputs a come in?",
    "error squared": "(a − y)² where its slope belongs. What is passed back is not the cost, but how it changes.",
    "error without sign": "|a − y|. An output that is too large and one that is too small want opposite things.",
    "error at z": "z − y. Which number does the cost compare with the target: the weighted sum, or what comes out?",
    "error averaged over examples": "one error averaged over the examples. Each example keeps an error of its own "
    "until the very end; only the slopes are averaged.",
    "error averaged over outputs": "one error averaged over the outputs. Each output has an error of its own.",
    "half of cross-entropy": "−y/a alone. That is only the part of cross-entropy's slope in which y = 1 counts, "
    "and another cost than yours if you meant to square.",
    "cross-entropy's slope": "a − y, the δ of cross-entropy, in which {s} cancels. With the squared error it stays.",
    # slopes
    "slope missing": "a pass with {s} left out. This is still ∂C/∂a; for ∂C/∂z multiply by {s}.",
    "slope extra": "{s} multiplied in although it cancels: with cross-entropy, δ is a − y and no more.",
    "slope twice": "{s} multiplied in twice. How many times does the signal pass this activation?",
    "slope at a": "{s} taken at a instead of at z. Which number went into the activation on the way forward?",
    "slope of z as if it were a": "the formula of {s} for a, given z. A formula such as a(1 − a) wants what comes "
    "out of the activation.",
    "activation for slope": "the activation a itself where its slope belongs. How steep is the curve there?",
    "slope 1 − a": "1 − a in place of {s}: part of the formula is missing.",
    "slope averaged": "{s} averaged over the examples. Each example is at a place of its own on the curve.",
    "slope of inverse": "a division by {s}. Does a steeper curve make the effect larger or smaller?",
    "slope of another layer": "the slope of another layer. Each layer's δ has the slope of its own activations.",
    "slope of the layer behind": "the slope of the layer behind (nearer the output) in place of their own. First "
    "through the weights, then times the slope of the layer arrived at.",
    "slope of softmax without its neighbours": "a(1 − a). In softmax each output depends on every z, not only on "
    "its own.",
    "slope of sigmoid": "sigmoid's slope a(1 − a), but this layer's activation is {f}.",
    "slope of tanh": "tanh's slope 1 − a², but this layer's activation is {f}.",
    "slope of relu": "ReLU's slope, 1 or 0, but this layer's activation is {f}.",
    "slope of sigmoid at z": "σ′(z), but this layer's activation is {f}.",
    "slope of tanh at z": "tanh′(z), but this layer's activation is {f}.",
    # passing back
    "passed back without slope": "an error passed back before it was multiplied by the slope of its layer. What goes "
    "back is δ, the one that also made that layer's gradient.",
    "passed back with slope twice": "a δ multiplied by its layer's slope once more before it goes back.",
    "passed back from the output": "the output's error passed back here. It should be that of the next layer.",
    "output's error in every layer": "the output's error handed on as it is. It should pass through the weights.",
    "nothing multiplied by W": "the δ of the next layer handed on as it is. It should pass through the weights.",
    "W transposed": "W transposed. Which neurons does a row of W connect, and which a column?",
    "W without sign": "|W| in place of W. A negative weight turns a wish around.",
    "W shared out": "the error shared out in proportion to the weights. A common picture, but not the slope: the chain "
    "rule multiplies by the weight itself.",
    "W squared": "W squared.",
    "W left out": "the error summed without weights. A wish is passed back in proportion to each weight.",
    "W of another layer": "the weights of another layer. Which ones did the signal pass on its way forward?",
    "W already updated": "weights already updated, with a learning rate of {detail}. The way back belongs to the weights "
    "of the way forward: first all gradients, then the step.",
    # weights' slopes
    "z in place of a": "weighted sums z where activations a belong. What did these weights multiply?",
    "activated twice": "inputs that went through the activation once more.",
    "activations left out": "δ alone. What did each weight multiply on the way forward?",
    "layer's own z": "the layer's own weighted sums. The weights multiplied what came in, not what came out.",
    "inputs in place of activations": "the network's inputs where the activations before this layer belong.",
    "activations of another layer": "activations of another layer. Which ones came into this layer?",
    "transposed": "the product the other way round. Which index counts the neurons it goes to?",
    "means multiplied": "mean δ times mean a. The mean of products is not the product of means.",
    "weights in place of activations": "δ times the weights. The slope for a weight has the activation before it.",
    "only the last example": "the last example alone. Are the others added up, or overwritten?",
    "only the first example": "the first example alone. Does the loop go on after it?",
    "empty": "all 0. Were these slopes computed, and put where they belong?",
    # biases' slopes
    "summed over neurons too": "one sum over examples and neurons alike. Each neuron has a bias of its own.",
    "summed over the wrong axis": "a sum over neurons. It should run over the examples.",
    "multiplied by b": "δ times b. A bias is added: how fast does z change with it?",
    "without sign": "|δ|. The sign says which way.",
}

FACTORS = {
    "−1": "the opposite sign. Is it a − y or y − a? The gradient points uphill.",
    "½": "half the right ones. A square's slope has a 2; or your cost carries a ½, which this one does not.",
    "2": "twice the right ones. Is there a 2 too many, or a ½ left out?",
    "n": "the right ones times the number of examples: summed, where the cost is a mean.",
    "1/n": "the right ones divided by the number of examples once more. Where is the mean taken already?",
    "1/n_out": "the right ones divided by the number of outputs: a mean over outputs as well as over examples.",
    "n_out": "the right ones times the number of outputs. The cost adds up the outputs once.",
    "1/width": "the right ones divided by the number of neurons. Neurons are not averaged, only examples are.",
    "width": "the right ones times the number of neurons of the layer.",
    "1/inputs": "the right ones divided by the number of inputs of the layer.",
    "n/inputs": "the right ones divided by the number of inputs of the network where the number of examples belongs. "
    "Which axis of the data counts the examples?",
    "¼": "a quarter of the right ones.",
    "4": "four times the right ones.",
    "constant": "the right ones times {value:.4g}: a learning rate, perhaps? A gradient has none; the step has.",
}
PARTS = dict.fromkeys(("W", "weights"), ", weights") | dict.fromkeys(("b", "biases"), ", biases")
PASSING = {kind for kind in KINDS if kind.startswith(("passed", "W ", "nothing", "output's"))}


def name(layer: int, depth: int) -> str:
    """A layer's name: "layer 1", or "the output layer"."""
    return "the output layer" if layer == depth - 1 else f"layer {layer + 1}"


def listed(items: Iterable[str]) -> str:
    """Words such as "a, b and c"."""
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


def named(layers: Sequence[int], depth: int) -> str:
    """Several layers' name: "every layer", "the hidden layers", "layers 1 and 2" or one layer."""
    layers = sorted(set(layers))
    if len(layers) == depth > 1:
        return "every layer"
    if layers == list(range(depth - 1)) and len(layers) > 1:
        return "the hidden layers"
    hidden = [str(layer + 1) for layer in layers if layer < depth - 1]
    words = [f"layer{'s' * (len(hidden) > 1)} {listed(hidden)}"] if hidden else []
    return listed(words + ["the output layer"] * (depth - 1 in layers))


def mistake(kind: str, detail: object, layers: Sequence[int], part: str, case: Case) -> str:
    """A sentence on one kind of mistake in some layers."""
    activations = {case.function(layer) for layer in layers}
    slope, function = "the slope", "another function"
    if len(activations) == 1:
        (f,) = activations
        slope, function = SLOPE.get(f, slope), f.name
    detail = detail[0] if isinstance(detail, tuple) else detail
    detail = f"{detail:.4g}" if isinstance(detail, float) else detail
    what = KINDS[kind].format(s=slope, f=function, detail=detail)
    if kind == "slope missing" and max(layers) == case.depth - 1 and case.cost != cross_entropy:
        what += " (a − y without it is what cross-entropy has.)"
    those = "" if kind == "empty" else "those of "
    return f"{_sentence(_place(kind, layers, part, case.depth))}: your numbers are {those}{what}"


def _place(kind: str, layers: Sequence[int], part: str, depth: int) -> str:
    if kind in PASSING:
        return f"on the way back into {named(layers, depth)}"
    return named(layers, depth) + PARTS.get(part, "")


def factor(found: Factor, depth: int) -> str:
    """A sentence on one factor."""
    what = FACTORS[found.symbol].format(value=found.value)
    pattern, _, layer = found.pattern.partition(" ")
    if found.pattern.startswith("each"):
        if found.symbol == "−1":
            return f"{_sentence(found.pattern)} flips the sign once more."
        return f"{_sentence(found.pattern)} brings the factor in once more: your numbers are {what}"
    one = name(int(layer), depth) if layer else "every layer"
    where = f"from {one} back" if pattern == "from" else one + PARTS.get(pattern, "")
    verb = "have" if found.symbol == "−1" else "are"
    return f"{_sentence(where)}: your numbers {verb} {what}"


def also_wrong(layers: Sequence[int], depth: int) -> str:
    """A sentence on layers that are wrong as well."""
    return f"{_sentence(named(layers, depth))} {'is' if len(layers) == 1 else 'are'} wrong as well."


def right_ones(right: set[tuple[int, str]], depth: int) -> str:
    """A sentence on what is right; empty if nothing is."""
    layers = [layer for layer in range(depth) if {(layer, "W"), (layer, "b")} <= right]
    if layers:
        return f"{_sentence(named(layers, depth))} {'is' if len(layers) == 1 else 'are'} right."
    for part, many in (("W", "weights"), ("b", "biases")):
        if all((layer, part) in right for layer in range(depth)):
            return f"The {many} are right."
    return ""


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


ORDER = {
    "all W, then all b": "your slopes come with all weights, then all biases. Layer by layer was asked for: W row by row, then b.",
    "b before W": "your slopes come with each layer's biases before its weights. Each W was asked for before its b.",
    "all b, then all W": "your slopes come with all biases before all weights. Each W was asked for before its b.",
    "last layer first": "your slopes come with the last layer first. The way back makes them in this order; the first layer was asked for first.",
    "columns first": "each dW comes column by column (or transposed). Row by row was asked for, one neuron per row.",
    "W transposed": "each dW comes transposed. A slope stands where its weight does.",
}

STEP = {
    "weights handed back": "You hand back the weights and biases as they were given. Their slopes are asked for.",
    "new weights": "You hand back new weights and biases, a step already taken. Their slopes are asked for.",
}

REMARKS = {
    "missing": "are missing.",
    "not summed over examples": "have one entry per example. Take their mean.",
    "bias not summed over examples": "have one entry per example. One bias serves all examples: what do they want on average?",
    "summed over neurons too": "are a single number. Each neuron has a bias of its own; the sum runs over examples only.",
    "summed over the wrong axis": "have one entry per example and none per neuron: the sum ran over the wrong axis.",
}

NO_WAY = (
    "I do not know how to call your function. Give it four arguments: weights and biases (each a list with one "
    "array per layer), inputs and targets."
)
APART = "With one example at a time every slope is right: look at what is done across the batch."
FEW = "Something is wrong, but so few examples and outputs do not tell what. Try it with more."
CONSTANT = "All slopes of a layer are the same number. Is what you hand back computed from the examples?"
VARIES = "Your function gives different numbers for the same input. Is there chance in it, or a memory?"


def right_in(right: int, every: int, error: str) -> str:
    """A sentence on a function that is right wherever it gives an answer."""
    return f"Right in {right} of {every} cases; in another your function {error}."


def untold(layout: str, network: str) -> str:
    """A sentence on a network that the numbers do not tell."""
    return (
        f"I could not tell which network you mean. I compared with {network} ({layout}). "
        "Say which it is: hidden=…, output=…, cost=…."
    )


def rounded(digits: int, factor: float | None = None) -> str:
    """A sentence on numbers with few decimals; ``factor`` if they are the right ones times that, so far."""
    far = {None: "", 1.0: "As far as they go, they are right. "}.get(
        factor, f"As far as they go, they are the right ones times {factor or 0:.3g}. "
    )
    return f"Your numbers seem to be rounded to {digits} decimal{'s' * (digits > 1)}. {far}Write more digits."


def decay(part: str, share: float, divided: bool) -> str:
    """A sentence on a multiple of the weights that was added to their slopes."""
    many, size = "weights" if part == "W" else "biases", f"{share:.3g}{' / n' * divided}"
    return (
        f"Every layer, {many}: your numbers have {size} times the {many} added, as weight decay (L2) does. "
        "The cost here has no such penalty: leave it out while you check."
    )


def order(kind: str) -> str:
    """A sentence on how the slopes are stored."""
    return f"Order: {ORDER[kind]}"


def remark(kind: str, layers: Sequence[int], part: str, depth: int) -> str:
    """A sentence on blocks of a telling shape."""
    return f"{_sentence(named(layers, depth))}: the {'weights' if part == 'W' else 'biases'}' slopes {REMARKS[kind]}"
