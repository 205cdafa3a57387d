"""Six update rules on the real network, from the same start."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.drawing import charts, style
from lessons_lib.engine.optimizers import SGD, Adam, ConjugateGradient, Momentum, Nesterov, RMSProp
from lessons_lib.panels.controls import dropdown, int_slider, log_slider
from lessons_lib.panels.panel import Preset
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.runs.descent import TimedTraining

TUNED = {  # name -> (rule, good rates for batches of 10, of 100, and above in a new and a trained network)
    "plain descent": (SGD, (2.0, 4.0, 4.0, 6.0)),
    "momentum": (Momentum, (0.15, 0.2, 0.4, 8.0)),
    "Nesterov": (Nesterov, (0.15, 0.4, 0.8, 4.0)),
    "RMSProp": (RMSProp, (0.005, 0.007, 0.01, 0.005)),
    "Adam": (Adam, (0.006, 0.01, 0.02, 0.02)),
}
LOOKS = 40  # points of each curve
PLATEAU = 0.9  # the cost of answering 0.1 ten times, whatever the image
MARKS = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)  # of the cost axis


def rules(batch_size, factor, late=False):
    """The six rules with the learning rates that suit the batch size and the start, times ``factor``."""
    column = int(np.searchsorted((10, 100), batch_size))
    column += late and column == 2
    made = {name: rule(factor * rates[column]) for name, (rule, rates) in TUNED.items()}
    return made | {"conjugate gradient": ConjugateGradient()}


@dataclass(frozen=True, eq=False)
class Race:
    """How far each rule has come."""

    runners: dict[str, TimedTraining]
    rates: dict[str, float]  # the learning rate of each rule that has one
    passes: int  # over all examples, at the end


class RulesRace(TrainingPanel):
    """Six rules train the same network from the same start.

    An evaluation is one cost and gradient of a batch, so as many examples touched as the batch is large. The
    cost of the curves is measured on the first 1,000 training images, and not counted in the seconds.

    Args:
        nets: dict of name -> network to start from; "untrained" is drawn anew for each seed.
        train: the Dataset to learn from; a few thousand examples keep the full batch quick.
        test: the Dataset on which accuracy is measured.
    """

    title = "Six rules, one network, one start"
    presets = {
        "Full batch": Preset({}, "Five rules wait on the plateau; the line search is the first to leave it."),
        "Full batch, later": Preset(
            {"stage": "after one epoch"}, "In the long ravine momentum keeps up with conjugate gradient."
        ),
        "Batches of 10": Preset(
            {"batch_size": 10, "passes": 4},
            "A line is searched for ten images that are gone at the next step.",
        ),
        "Rates too large": Preset(
            {"factor": 8.0}, "Conjugate gradient takes no learning rate, and is the only one unharmed."
        ),
        "Rates too small": Preset({"factor": 0.1}, "The same without the danger: all others are slow."),
    }

    def __init__(self, nets, train, test, **state):
        self.nets, self.train, self.test = nets, train, test
        super().__init__(**state)

    def controls(self):
        n = len(self.train)
        sizes = {f"all {n:,}": n} | {f"{size:,}": size for size in (1000, 100, 10) if size < n}
        return {
            "stage": dropdown(list(self.nets), "Start", "How long the network has been trained"),
            "batch_size": dropdown(sizes, "Batch", "Examples per evaluation"),
            "factor": log_slider(1.0, -2, 1.5, "Learning rates ×", "Multiplies the rate of every rule"),
            "passes": int_slider(60, 1, 300, "Passes", "How often a rule may touch all examples"),
            "seed": int_slider(0, 0, 20, "Seed", "Another start, another shuffling"),
        }

    def figure(self):
        fig, (steps, clock, race) = style.figure(1, 3, height=340, width_ratios=(1.2, 1.2, 1))
        self.by_passes = {name: steps.plot([], [], color=color)[0] for name, color in style.RULES.items()}
        self.by_seconds = {name: clock.plot([], [], color=color)[0] for name, color in style.RULES.items()}
        for ax, what in ((steps, "passes over all examples"), (clock, "seconds")):
            ax.set(yscale="log", ylim=(0.3, 3), xlabel=what)
            ax.set_yticks(MARKS, [f"{mark:g}" for mark in MARKS])
            ax.minorticks_off()
            ax.grid(axis="y")
            ax.axhline(PLATEAU, color=style.MUTED, linestyle=":", linewidth=1)
        words = {"color": style.MUTED, "fontsize": style.SMALL, "transform": steps.transAxes}
        steps.text(0.03, 0.04, "dotted: 0.1 for every output", bbox=style.BACKING, **words)
        style.title(steps, "cost, by passes")
        style.title(clock, "cost, by seconds")
        self.steps, self.clock = steps, clock
        self.reads = charts.accuracy_bars(race, style.RULES, room=2.0)
        style.title(race, "test accuracy now")
        return fig

    def run(self, state):
        start = self.nets[state.stage]
        if state.stage == "untrained":
            rng, f = np.random.default_rng(state.seed), start.activations
            start = type(start).random(start.sizes, rng=rng, activation=f[0], output=f[-1])
        made = rules(state.batch_size, state.factor, late=state.stage != "untrained")
        runners = {name: self._runner(start, rule, state) for name, rule in made.items()}
        rates = {name: rule.learning_rate for name, rule in made.items() if name in TUNED}
        result = Race(runners, rates, state.passes)
        yield result, 0.0
        turns = [(goal, name) for goal in np.linspace(0, state.passes, LOOKS + 1)[1:] for name in runners]
        for k, (goal, name) in enumerate(turns, start=1):
            for _ in runners[name].advance(goal * len(self.train)):
                pass  # a turn is short, and the button Step makes a whole one
            yield result, k / len(turns)

    def _runner(self, net, rule, state):
        size, seed, probe = state.batch_size, state.seed, self.train[:1000]
        return TimedTraining(net, self.train, rule, batch_size=size, seed=seed, test=self.test, probe=probe)

    def draw(self, result):
        for name, runner in result.runners.items():
            self.by_passes[name].set_data(np.divide(runner.examples, len(self.train)), runner.cost)
            self.by_seconds[name].set_data(runner.seconds, runner.cost)
        rates = {name: f"   rate {rate:.2g}" for name, rate in result.rates.items()}
        self.reads.update({name: runner.accuracy[-1] for name, runner in result.runners.items()}, rates)
        longest = max(runner.seconds[-1] for runner in result.runners.values())
        charts.set_limits(self.steps, x=(0, result.passes), y=cost_limits(result.runners.values()))
        charts.set_limits(self.clock, x=(0, charts.round_up(max(longest, 0.2))), y=self.steps.get_ylim())

    def describe(self, result):
        runners = [(name, result.runners[name]) for name in style.RULES]
        ends = ", ".join(f"{name} {man.cost[-1]:.3f} ({man.accuracy[-1]:.1%})" for name, man in runners)
        done = min(runner.examples[-1] for _, runner in runners) / len(self.train)
        return f"Cost and test accuracy after {done:.3g} of {result.passes} passes: {ends}."


def cost_limits(runners):
    """The marks of the cost axis around all costs so far: the curves fill the picture, whatever the start."""
    costs = [cost for runner in runners for cost in runner.cost]
    low, high = np.searchsorted(MARKS, min(costs), "right") - 1, np.searchsorted(MARKS, max(costs))
    return MARKS[max(low, 0)], MARKS[min(high, len(MARKS) - 1)]
