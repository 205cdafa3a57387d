"""The ravine in the cost of a real network: its curvatures, and two rules that walk along it."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from lessons_lib import SGD, Network, backprop, evaluate, forward
from lessons_lib.data.mnist import Dataset
from lessons_lib.drawing import charts, style
from lessons_lib.engine.arrays import Array
from lessons_lib.engine.optimizers import Momentum
from lessons_lib.lessons.momentum.ravine_walks import largest_rate
from lessons_lib.panels.controls import float_slider, log_slider, stage_control
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.runs.descent import descend

EXAMPLES, STEPS, EVERY = 1_000, 60, 3  # of the full batch, or fewer; of each rule; between two looks
WIGGLE, PUSHES, DRAWS = 1e-3, 20, 10  # of a difference of slopes; of the power iteration; random directions
REACH, LOOKS = 2.0, 17  # the curves of the cost go from -REACH to REACH; points of each
COLORS = {
    "the steepest": style.SLOPE,
    "a random one": style.MUTED,
    "where momentum goes": style.RULES["momentum"],
}


def bent(net: Network, data: Dataset, v: Array) -> Array:
    """(n_params,) H v, how the mean gradient changes for a step by ``v``: a difference of two gradients."""

    def slope(w):
        there = net.with_params(w)
        return backprop(there, forward(there, data.pixels), data.y).mean()

    w = net.params.astype(float)
    return (slope(w + WIGGLE * v) - slope(w - WIGGLE * v)) / (2 * WIGGLE)


def profile(net: Network, data: Dataset, direction: Array) -> Array:
    """(LOOKS,) the cost along a direction, from -REACH to REACH."""
    places = np.linspace(-REACH, REACH, LOOKS)
    return np.array([evaluate(net.with_params(net.params + x * direction), data).cost for x in places])


@dataclass(frozen=True, eq=False)
class Curvatures:
    """How strongly the cost of a network curves."""

    steepest: Array  # (n_params,) the direction of the largest curvature, of length 1
    largest: float
    mean: float  # the average curvature of random directions
    along: tuple[Array, Array]  # the cost along the steepest direction and along a random one


def curvatures(net: Network, data: Dataset) -> Curvatures:
    """The largest curvature by power iteration, and the mean of all from a few random directions."""
    rng = np.random.default_rng(0)
    draws = rng.normal(size=(DRAWS, net.n_params))
    draws /= np.linalg.norm(draws, axis=1, keepdims=True)
    v = draws[0]
    for _ in range(PUSHES):
        Hv = bent(net, data, v)
        v = Hv / max(np.linalg.norm(Hv), 1e-30)
    mean = np.mean([u @ bent(net, data, u) for u in draws])
    along = profile(net, data, v), profile(net, data, draws[-1])
    return Curvatures(v, float(v @ bent(net, data, v)), float(mean), along)


@dataclass(frozen=True, eq=False)
class Walked:
    """How far both rules have come from one network."""

    state: SimpleNamespace
    net: Network
    found: Curvatures
    costs: dict[str, list[float]]  # of each rule, every EVERY steps
    end: Network  # where momentum is


class NetworkRavine(TrainingPanel):
    """The cost of a network along three directions, and plain descent and momentum from there.

    Args:
        nets: dict of name -> network to start from.
        train: the Dataset; its first 1,000 examples are one full batch.
    """

    title = "The network's own ravine"
    presets = {
        "Each at its best": Preset({}, "The same walls stop both rules; momentum makes more of its rate."),
        "The same reach": Preset(
            {"plain_rate": 4.0, "momentum_rate": 0.4},
            "0.4 / (1 − 0.9) = 4: on a steady slope the two rules do the same.",
        ),
        "Beyond the walls": Preset(
            {"plain_rate": 20.0, "momentum_rate": 25.0}, "Past their limits, neither comes down."
        ),
        "New network": Preset(
            {"stage": "untrained", "plain_rate": 4.0, "momentum_rate": 0.4},
            "The first gradients all agree, and momentum runs too far.",
        ),
    }

    def __init__(self, nets, train, **state):
        self.nets, self.data, self._found = nets, train[:EXAMPLES], {}
        super().__init__(**state)

    def controls(self):
        return {
            "stage": stage_control(self.nets, list(self.nets)[-1]),
            "plain_rate": log_slider(6.0, -1, 1.5, "Plain descent's rate", "Its learning rate"),
            "momentum_rate": log_slider(8.0, -1, 1.5, "Momentum's rate", "Its learning rate"),
            "momentum": float_slider(0.9, 0, 0.98, 0.01, "Momentum", "The share of the velocity kept"),
        }

    def figure(self):
        fig, (along, graph) = style.figure(1, 2, height=340, width_ratios=(1, 1.1))
        self.curves = {name: along.plot([], [], color=color)[0] for name, color in COLORS.items()}
        along.plot([0], [0], "o", color=style.INK, transform=along.get_xaxis_transform(), clip_on=False)
        along.set(xlim=(-REACH, REACH), xlabel="distance from the network, in parameter space", ylabel="cost")
        along.legend(self.curves.values(), self.curves, loc="upper center")
        style.title(along, "the cost along three directions")
        self.lines, self.ends = {}, {}
        for name in ("plain descent", "momentum"):
            (self.lines[name],) = graph.plot([], [], color=style.RULES[name])
            self.ends[name] = graph.text(0, 1, "", color=style.RULES[name], va="center")
        graph.set(
            yscale="log",
            xlim=(0, 1.55 * STEPS),
            xticks=range(0, STEPS + 1, 20),
            xlabel="steps, each over the full batch",
        )
        graph.set_yticks([0.01, 0.03, 0.1, 0.3, 1], ["0.01", "0.03", "0.1", "0.3", "1"])
        graph.minorticks_off()
        graph.grid(axis="y")
        style.title(graph, "the cost while the rules walk")
        self.along, self.graph = along, graph
        return fig

    def run(self, state):
        net = self.nets[state.stage]
        if state.stage not in self._found:
            self._found[state.stage] = curvatures(net, self.data)
        rules = {
            "plain descent": SGD(state.plain_rate),
            "momentum": Momentum(state.momentum_rate, state.momentum),
        }
        costs = {name: [evaluate(net, self.data).cost] for name in rules}
        yield Walked(state, net, self._found[state.stage], costs, net), 0.0
        walks = {name: descend(net, rule, [self.data] * STEPS) for name, rule in rules.items()}
        for k in range(1, STEPS + 1):
            there = {name: next(walk) for name, walk in walks.items()}
            if k % EVERY == 0:
                for name, now in there.items():
                    costs[name].append(evaluate(now, self.data).cost)
                yield Walked(state, net, self._found[state.stage], costs, there["momentum"]), k / STEPS

    def draw(self, result):
        way = result.end.params - result.net.params
        way = profile(result.net, self.data, way / (np.linalg.norm(way) or 1.0))
        for curve, costs in zip(self.curves.values(), (*result.found.along, way), strict=True):
            curve.set_data(np.linspace(-REACH, REACH, LOOKS), costs)
        start = result.costs["momentum"][0]
        charts.set_limits(self.along, y=(0, charts.round_up(5 * start)))
        low, high = start / 20, max(1.3, 1.5 * start)
        charts.set_limits(self.graph, y=(low, high))
        last = np.clip([costs[-1:] for costs in result.costs.values()], low, high)
        heights = np.exp(charts.apart(np.log(last), 0.07 * np.log(high / low)))
        for (name, costs), height in zip(result.costs.items(), heights.flat, strict=True):
            steps = np.arange(len(costs)) * EVERY
            self.lines[name].set_data(steps, costs)
            self.ends[name].set(position=(steps[-1] + 1.5, height), text=f"{name} {costs[-1]:.3f}")

    def describe(self, result):
        found, state = result.found, result.state
        walked = EVERY * (len(result.costs["momentum"]) - 1)
        plain, momentum = (largest_rate(mu, found.largest) for mu in (0, state.momentum))
        ends = ", ".join(f"{name} {costs[-1]:.3f}" for name, costs in result.costs.items())
        return (
            f"The steepest direction curves by {found.largest:.2g}, random ones by {found.mean:.1g} on "
            f"average. So plain descent is safe up to a rate of {plain:.2g}, momentum {state.momentum:g} up "
            f"to {momentum:.2g}. The cost after {walked} steps: {ends}."
        )
