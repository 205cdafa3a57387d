"""Steps over given batches, and trainings that halt at goals."""

from itertools import islice

import numpy as np
import pytest

from lessons_lib import SGD, Network, cross_entropy, evaluate, load_mnist, train
from lessons_lib.engine.optimizers import ConjugateGradient, Momentum
from lessons_lib.runs import descent
from lessons_lib.runs.descent import TimedTraining, descend


@pytest.fixture(scope="module")
def digits():
    return load_mnist().train[:1000]


@pytest.fixture(scope="module")
def net():
    return Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))


def trained(net, data, rule, steps, **how):
    """The parameters after so many steps of `train`."""
    rng = np.random.default_rng(0)
    for step in islice(train(net, data, rule, rng=rng, **how), steps):
        pass
    return step.net.params.copy()


@pytest.mark.parametrize("rule", [SGD(0.5), Momentum(0.1)])
def test_descending_over_all_examples_is_the_full_batch_of_train(net, digits, rule):
    nets = list(descend(net, rule, [digits] * 3, cost=cross_entropy))
    assert len(nets) == 3
    expected = trained(net, digits, rule, 3, batch_size=1000, epochs=3, cost=cross_entropy)
    assert np.allclose(nets[-1].params, expected, atol=1e-6)
    assert not np.array_equal(nets[0].params, nets[1].params)


def halted(net, data, goals, rule, *, beyond=True, **how):
    run = TimedTraining(net, data, rule, seed=0, test=data[:100], **how)
    for goal in goals:
        for _ in run.advance(goal, beyond=beyond):
            pass
    return run


@pytest.mark.parametrize(("beyond", "examples"), [(True, [0, 700, 1700]), (False, [0, 1000])])
def test_a_last_step_goes_beyond_the_goal_or_is_left_out(net, digits, beyond, examples):
    run = halted(net, digits, (500, 1500), SGD(1.0), batch_size=700, beyond=beyond)
    assert run.examples == examples


def test_it_is_train_measured_on_the_way(net, digits):
    run = halted(net, digits, (500, 1500), SGD(1.0), batch_size=100, probe=digits[100:300])
    assert run.examples == [0, 500, 1500] and run.seconds[0] == 0 < run.seconds[1] < run.seconds[2]
    for k, steps in ((1, 5), (2, 15)):
        params = trained(net, digits, SGD(1.0), steps, batch_size=100, epochs=2)
        assert np.array_equal(run.params[k], params)
        assert run.accuracy[k] == evaluate(net.with_params(params), digits[:100]).accuracy
        assert run.cost[k] == evaluate(net.with_params(params), digits[100:300]).cost


def test_a_goal_that_is_reached_already_is_not_measured_again(net, digits):
    run = halted(net, digits, (1, 1000, 1001), ConjugateGradient(), batch_size=1000)
    assert run.examples[1] > 1000 and len(run.examples) == len(run.cost) == len(run.params) == 2


def test_one_that_diverged_stays_where_it_is(net, digits):
    run = halted(net, digits, (5000, 10_000), SGD(30.0), batch_size=100)
    assert "saturated" in run.diverged and len(run.examples) == 2 and run.examples[1] < 5000


def test_it_yields_between_steps_and_arrives_all_the_same(net, digits, monkeypatch):
    monkeypatch.setattr(descent, "SLICE", 0)
    run = TimedTraining(net, digits, SGD(1.0), batch_size=100, seed=0, test=digits[:100])
    assert sum(1 for _ in run.advance(1000)) == 10 and run.examples == [0, 1000]
