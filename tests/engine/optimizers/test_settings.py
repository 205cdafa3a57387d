"""What every update rule has in common: settings, printing, toy surfaces, and what it refuses."""

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

from lessons_lib.data.surfaces import Ravine
from lessons_lib.engine import optimizers
from lessons_lib.engine.optimizers.base import Range, setting

RULES = [
    optimizers.SGD(),
    optimizers.Momentum(),
    optimizers.Nesterov(),
    optimizers.RMSProp(),
    optimizers.Adam(),
    optimizers.ConjugateGradient(),
    optimizers.GradientPCA(),
    optimizers.EntropyScaledMomentum(),
]
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)


@every_rule
def test_a_rule_is_frozen_compares_and_prints_as_its_call(rule):
    again = eval(repr(rule), vars(optimizers))
    assert again == rule and hash(again) == hash(rule)
    with pytest.raises(FrozenInstanceError):
        rule.learning_rate = 1


@every_rule
def test_it_goes_downhill_on_a_surface_and_leaves_its_arguments_alone(rule):
    surface, w = Ravine(2.0), np.array([2.0, 1.0])
    state, before = rule.init(w), w.copy()
    noise = np.array([[0.1, -0.2], [-0.1, 0.2]])
    for kind in (lambda g: g, lambda g: g + noise):  # one gradient, or one row an example
        g = kind(surface.gradient(w))
        sent = g.copy()
        update, _ = rule.update(g, state, w, lambda p: (surface.cost(p), surface.gradient(p)))
        assert update @ surface.gradient(w) < 0 and update.shape == (2,)
        np.testing.assert_array_equal(g, sent)
    np.testing.assert_array_equal(w, before)


@every_rule
def test_a_state_can_be_used_twice(rule):
    """Values in, values out: stepping again from an old state gives the old answer, bit for bit."""
    surface, w = Ravine(3.0), np.array([2.0, 1.0])
    objective = lambda p: (surface.cost(p), surface.gradient(p))  # noqa: E731
    _, state = rule.update(surface.gradient(w), rule.init(w), w, objective)
    first, _ = rule.update(surface.gradient(w), state, w, objective)
    second, _ = rule.update(surface.gradient(w), state, w, objective)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("rule", [*RULES[:-1], optimizers.EntropyScaledMomentum(scale="none")])
def test_numbers_keep_their_type(rule):
    w = np.array([2.0, 1.0], np.float32)
    objective = lambda p: (float(p @ p), 2 * p)  # noqa: E731
    state = rule.init(w)
    for g in (2 * w, np.array([[3.0, 1.0], [5.0, 3.0]], np.float32), np.array([[4.0, 2.0]], np.float32)):
        update, state = rule.update(g, state, w, objective)
        assert update.dtype == np.float32
        if isinstance(state, np.ndarray):
            assert state.dtype == np.float32


@pytest.mark.parametrize(
    ("rule", "setting", "value"),
    [
        *(
            (rule, "learning_rate", value)
            for rule in (
                "SGD",
                "Momentum",
                "Nesterov",
                "RMSProp",
                "Adam",
                "GradientPCA",
                "EntropyScaledMomentum",
            )
            for value in (-0.1, np.nan, np.inf)
        ),
        *(
            (rule, "momentum", v)
            for rule in ("Momentum", "Nesterov", "EntropyScaledMomentum")
            for v in (-0.1, 1)
        ),
        ("RMSProp", "decay", 1.0),
        ("RMSProp", "epsilon", 0),
        ("Adam", "beta1", 1.0),
        ("Adam", "beta2", -1),
        ("ConjugateGradient", "first_step", 0),
        ("ConjugateGradient", "max_evaluations", 1),
        ("GradientPCA", "centred", "no"),
        *(("GradientPCA", "keep", keep) for keep in (0, 0.0, 1.5, -1, True, "all")),
        ("EntropyScaledMomentum", "top", 0),
        ("EntropyScaledMomentum", "top", 2.5),
        ("EntropyScaledMomentum", "scale", "exit"),
    ],
)
def test_a_setting_outside_its_range_is_refused(rule, setting, value):
    with pytest.raises(ValueError, match=f"{setting} is {value!r}; expected "):
        getattr(optimizers, rule)(**{setting: value})


def test_a_setting_without_a_range_cannot_exist():
    with pytest.raises(
        TypeError, match=r"Careless\.speed has no range; write speed = setting\(default, range\)"
    ):

        @dataclass(frozen=True)
        class Careless(optimizers.SGD):
            speed: float = 1.0


def test_a_rule_of_ones_own_declares_its_range():
    @dataclass(frozen=True)
    class Own(optimizers.SGD):
        speed: int = setting(1, Range(lambda v: v > 0, "something above 0"))

    assert repr(Own(speed=2)).endswith("Own(learning_rate=4.0, speed=2)") and Own() == Own(speed=1)
    with pytest.raises(ValueError, match="speed is 0; expected something above 0"):
        Own(speed=0)
    with pytest.raises(ValueError, match="learning_rate is -1; expected"):
        Own(-1)
