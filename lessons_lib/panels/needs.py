"""What a panel needs of the networks and data it is given, and the one place where that is checked.

A panel says it in its class attribute ``needs``; what it does not mention it takes in every size and kind.
:class:`.Panel` calls :func:`check` when a panel is made, before anything is computed.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Any

from lessons_lib.data.mnist import Dataset
from lessons_lib.engine.network import Network
from lessons_lib.engine.residual import ResidualNetwork
from lessons_lib.panels import name_of
from lessons_lib.panels.words import counted
from lessons_lib.runs.stages import Stages

USUAL = (784, 16, 16, 10)  # the lessons' own network, of sigmoid neurons
MAPPINGS, SETS = ("nets",), ("digits", "train", "test")  # parameters that are a dict, and a Dataset
Given = Mapping[str, Any]  # what a panel is made from, under the names of its parameters


@dataclass(frozen=True)
class Needs:
    """What a panel needs. Each field narrows what it takes; the default is anything.

    Args:
        sizes: exactly these layers.
        hidden: the least and the greatest number of hidden layers.
        width: the most neurons in a layer after the inputs.
        activations: names of the functions that a hidden layer may have.
        outputs: names of the functions that the last layer may have.
        plain: no layers that add their input to what they compute.
        alike: all networks have the same sizes, because the controls or the picture are made for them.
        square: pictures as wide as high.
        pixels: exactly so many pixels.
        classes: the most classes.
        examples: the least examples in every Dataset.
        also: a function of what is given, by the names of the panel's parameters, that returns None or a
            sentence on what else is missing, with the next step in it.

    Example:
        >>> Needs(hidden=(1, 3), outputs=("sigmoid", "softmax"), square=True).classes is None
        True
    """

    sizes: tuple[int, ...] | None = None
    hidden: tuple[int, int] | None = None
    width: int | None = None
    activations: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    plain: bool = False
    alike: bool = False
    square: bool = False
    pixels: int | None = None
    classes: int | None = None
    examples: int = 1
    also: Callable[[Given], str | None] | None = None


def check(panel: type, needs: Needs, args: tuple, keywords: Given) -> bool:
    """Check what a panel is to be made from.

    Args:
        panel: the class.
        needs: what it needs.
        args, keywords: what it is called with.

    Returns:
        Whether all networks are of the lessons' own kind, of which presets and their sentences speak.

    Raises:
        ValueError: a sentence with what the panel needs, what it was given, and what to do.
    """
    given = _named(panel, args, keywords)
    problem = next(_problems(needs, given), None)
    if problem:
        raise ValueError(f"{name_of(panel)} {problem}")
    return all(map(_usual, _networks(given).values()))


def _named(panel, args, keywords):
    """The arguments by the names of the panel's parameters; a call that does not fit fails by itself."""
    try:
        named = inspect.signature(panel.__init__).bind(None, *args, **keywords).arguments
    except TypeError:
        return {}
    return {name: value.kind if isinstance(value, Stages) else value for name, value in named.items()}


def _networks(given):
    """name -> network, from a network, a dict of them, or a run."""
    found: dict = {}
    for name, value in given.items():
        entries = value if isinstance(value, Mapping) else {name: getattr(value, "net", value)}
        found |= {key: net for key, net in entries.items() if isinstance(net, Network)}
    return found


def _datasets(given):
    """name -> Dataset, with both parts of what :func:`.load_mnist` gives."""
    parts = {f"{name}.{part}": getattr(value, part, None) for name, value in given.items()
             for part in ("train", "test")}  # fmt: skip
    return {name: value for name, value in (dict(given) | parts).items() if isinstance(value, Dataset)}


def _usual(net):
    return net.sizes == USUAL and not _residual(net) and {f.name for f in net.activations} == {"sigmoid"}


def _residual(net):
    return isinstance(net, ResidualNetwork) and any(gain is not None for gain in net.gains)


def _problems(needs: Needs, given: Given) -> Iterator[str]:
    """What is missing, a sentence each, without the panel's name in front."""
    yield from _wrong_kinds(given)
    nets, data = _networks(given), _datasets(given)
    for name, some in data.items():
        yield from _data_problems(needs, name, some)
    for name, net in nets.items():
        yield from _network_problems(needs, name, net)
    yield from _misfits(needs, nets, data)
    if given and needs.also and (problem := needs.also(given)):
        yield problem


def _wrong_kinds(given):
    for name in MAPPINGS:
        value = given.get(name, {"": None})
        if not isinstance(value, Mapping) or not value:
            named = f'{name} as a dict of name -> network, such as {{"mine": net}}'
            yield f"needs {named}; got {_kind(value)}."
        elif name in given and (other := [v for v in value.values() if not isinstance(v, Network)]):
            yield f"needs networks in {name}; got {_kind(other[0])}. Take its Network, such as step.net."
    for name in SETS:
        if name in given and not isinstance(given[name], Dataset):
            yield (
                f"needs {name} as a Dataset, such as mnist.test[:1000] or Dataset(pixels, labels); "
                f"got {_kind(given[name])}."
            )


def _kind(value):
    return "an empty dict" if value == {} else f"a {type(value).__name__}"


def _data_problems(needs, name, data):
    pixels = data.features
    if len(data) < needs.examples:
        least = f"at least {needs.examples} {counted(needs.examples, 'example')} in {name}"
        yield f"needs {least}; there {'is' if len(data) == 1 else 'are'} {len(data)}. Give it more."
    if needs.pixels not in (None, pixels):
        side = isqrt(needs.pixels)
        yield (
            f"needs pictures of {side} × {side} pixels; those in {name} have {pixels} pixels. "
            f"Scale them to {side} × {side} first."
        )
    if needs.square and isqrt(pixels) ** 2 != pixels:
        yield (
            f"draws the examples as square pictures; those in {name} have {pixels} pixels. "
            "Pad them with zeros to a square first."
        )
    if needs.classes and data.classes > needs.classes:
        yield (
            f"has a colour for each of at most {needs.classes} classes; {name} has {data.classes}. Take the "
            f"examples of {needs.classes} of them, as Dataset(pixels, labels, classes={needs.classes}), and "
            "a network for these."
        )


def _network_problems(needs, name, net):
    sizes, hidden = _sizes(net), len(net.sizes) - 2
    if needs.sizes not in (None, net.sizes):
        yield (
            f"draws a network {'-'.join(map(str, needs.sizes))}; {name!r} is {sizes}. "
            f"Make one with Network.random({needs.sizes}, rng=rng)."
        )
    if needs.hidden and not needs.hidden[0] <= hidden <= needs.hidden[1]:
        yield f"needs {_range(*needs.hidden)}; {name!r} is {sizes}. {_ELSEWHERE}"
    if needs.width and max(net.sizes[1:]) > needs.width:
        yield f"has room for {needs.width} neurons in a layer; {name!r} is {sizes}. {_ELSEWHERE}"
    if needs.plain and _residual(net):
        yield (
            f"needs layers that do not add their input to what they compute; {name!r} is a "
            f"{type(net).__name__}. Give it a Network. {_ELSEWHERE}"
        )
    for allowed, functions, where in (
        (needs.activations, net.activations[:-1], "hidden layers"),
        (needs.outputs, net.activations[-1:], "outputs"),
    ):
        other = [f.name for f in functions if allowed and f.name not in allowed]
        if other:
            yield (
                f"needs {' or '.join(allowed)} {where}; those of {name!r} are {other[0]}. Train a network "
                f"with {allowed[0]} {where}. {_ELSEWHERE}"
            )


_ELSEWHERE = "panels.sensitivity takes it as it is."


def _sizes(net):
    return "-".join(map(str, net.sizes))


def _range(least, most):
    if least == most:
        return f"exactly {least} hidden {counted(least, 'layer')}"
    return f"{least} to {most} hidden layers"


def _misfits(needs, nets, data):
    """Where networks and data do not fit one another."""
    for name, net in nets.items():
        for called, some in data.items():
            ends, wanted = (net.sizes[0], net.sizes[-1]), (some.features, some.classes)
            if ends != wanted:
                yield (
                    f"needs a network that fits the examples: {name!r} has {ends[0]} inputs and {ends[1]} "
                    f"outputs, the examples in {called} have {wanted[0]} pixels and {wanted[1]} classes. "
                    f"Train one from {wanted[0]} to {wanted[1]} on them."
                )
    shapes = {called: (some.features, some.classes) for called, some in data.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} {n} and {classes}" for name, (n, classes) in shapes.items())
        yield f"needs the same pixels and classes everywhere: {listed}. Give it examples of one kind."
    if needs.alike and len({net.sizes for net in nets.values()}) > 1:
        listed = ", ".join(f"{name!r} is {_sizes(net)}" for name, net in nets.items())
        yield f"draws networks of the same sizes: {listed}. Make a panel for each."
