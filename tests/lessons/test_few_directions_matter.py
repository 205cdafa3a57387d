"""Lesson 12: the spectrum, training along few directions and the rules over seeds, without a browser."""

import numpy as np
import pytest

from lessons_lib import SGD, Network, backprop, evaluate, forward, load_mnist, panels, train
from lessons_lib.engine.optimizers import GradientPCA
from lessons_lib.lessons.few_directions_matter.momentum_seeds import TUNED, ahead, verdict
from lessons_lib.lessons.few_directions_matter.spectrum import spectrum
from lessons_lib.runs.stages import stages


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture(scope="module")
def nets(mnist):
    return stages(mnist.train[:5000], epochs={"untrained": 0, "after one epoch": 3, "trained": 10})


@pytest.fixture
def panel(nets, mnist):
    panel = panels.spectrum(nets, mnist.train[:500], examples=100)
    yield panel
    panel.close()


def rows(nets, mnist, stage, n):
    some = mnist.train[:n]
    return backprop(nets[stage], forward(nets[stage], some.pixels), some.y).per_example().astype(float)


@pytest.mark.parametrize("stage", ["untrained", "after one epoch", "trained"])
@pytest.mark.parametrize("centred", [False, True])
def test_the_small_table_gives_what_the_large_one_does(panel, nets, mnist, stage, centred):
    panel.state = {"stage": stage, "centred": centred, "keep": 80}
    G = rows(nets, mnist, stage, 100)
    mean = G.mean(axis=0)
    _, s, V = np.linalg.svd(G - mean if centred else G, full_matrices=False)
    share = np.cumsum(s**2) / np.sum(s**2)
    assert np.allclose(panel.result.variance, share, atol=1e-4)
    count = int(np.searchsorted(share, 0.8)) + 1
    assert panel.result.count == count
    cosine = np.linalg.norm(V[:count] @ mean) / np.linalg.norm(mean)
    assert panel.result.cosine[count - 1] == pytest.approx(cosine, abs=2e-3)
    assert f"cosine {cosine:.2f}"[:-1] in panel.sentence and f"{count} direction" in panel.sentence


def test_dots_are_the_examples_along_the_first_two_directions(panel, nets, mnist):
    panel.state = {"stage": "after one epoch"}
    G = rows(nets, mnist, "after one epoch", 100)
    along = G @ np.linalg.svd(G, full_matrices=False)[2][:2].T
    assert np.allclose(np.abs(panel.result.points), np.abs(along), atol=1e-3 * np.abs(along).max())
    sevens = panel.dots[7].get_xydata()
    assert np.allclose(sevens, panel.result.points[mnist.train[:100].labels == 7])
    still = np.sum(np.linalg.norm(along, axis=1) < 0.2)
    assert 0 < still < 100 and f"{still} of the dots lie within 0.2 of zero" in panel.sentence
    assert panel.tip.get_xdata()[0] == pytest.approx(panel.result.points[:, 0].mean(), abs=1e-6)


def test_a_sign_of_its_own_is_settled_by_the_mean():
    found = spectrum(np.diag([4.0, 1.0, 9.0]))
    assert np.allclose(found.variances, [9, 4, 1]) and np.all(found.mean > 0)
    assert found.length == pytest.approx(np.sqrt(14) / 3)


@pytest.mark.parametrize("keep", [1, 100])
@pytest.mark.parametrize("examples", [50, 500])
@pytest.mark.parametrize("centred", [False, True])
def test_extremes_of_the_spectrum(panel, keep, examples, centred):
    panel.state = {"keep": keep, "examples": examples, "centred": centred}
    assert 1 <= panel.result.count <= examples and "nan" not in panel.sentence
    x, y = panel.result.points.T
    for values, (low, high) in ((x, panel.left.get_xlim()), (y, panel.left.get_ylim())):
        assert low < min(values.min(), 0) and max(values.max(), 0) < high


@pytest.fixture
def keep(nets, mnist):
    panel = panels.keep_training(nets, mnist.train[:1000], mnist.test[:300])
    yield panel
    panel.close()


def test_both_runs_are_those_of_the_rules(keep, nets, mnist):
    keep.state = {"keep": 60, "stage": "after one epoch", "learning_rate": 1.0}
    result = keep.run_to_end()
    for name, rule in (("kept", GradientPCA(1.0, keep=0.6)), ("SGD", SGD(1.0))):
        net, rng = nets["after one epoch"], np.random.default_rng(0)
        for step in train(net, mnist.train[:1000], rule, batch_size=20, rng=rng):
            pass
        assert result.accuracy[name][-1] == evaluate(step.net, mnist.test[:300]).accuracy
        assert keep.lines[name].get_ydata()[-1] == result.accuracy[name][-1]
    assert f"has a test accuracy of {result.accuracy['kept'][-1]:.1%}" in keep.sentence


def test_keeping_all_is_sgd(keep):
    keep.state = {"keep": 100}
    result = keep.run_to_end()
    assert min(result.cosine) > 0.999
    assert result.accuracy["kept"][-1] == pytest.approx(result.accuracy["SGD"][-1], abs=0.03)


def test_the_cosine_falls_with_what_is_kept(keep):
    cosines = []
    for percent in (95, 50):
        keep.state = {"keep": percent}
        result = keep.run_to_end()
        cosines.append(np.mean(result.cosine))
        assert np.array_equal(keep.cosine.get_ydata(), result.cosine)
    assert cosines[0] > cosines[1] + 0.05


@pytest.mark.parametrize("percent", [1, 100])
@pytest.mark.parametrize("rate", [2**-5, 8.0])
@pytest.mark.parametrize("centred", [False, True])
def test_extremes_of_keeping(keep, percent, rate, centred):
    keep.state = {"keep": percent, "learning_rate": rate, "centred": centred}
    keep.run_to_end()
    assert "nan" not in keep.sentence and keep.progress == pytest.approx(1)


@pytest.fixture
def seeds(mnist):
    panel = panels.momentum_seeds(mnist.train[:1000], mnist.test[:300], seeds=2, epochs=1)
    yield panel
    panel.close()


def test_every_rule_starts_from_the_same_networks_and_sees_the_same_batches(seeds, mnist):
    result = seeds.run_to_end()
    for seed in range(2):
        rng = np.random.default_rng(seed)
        net = Network.random((784, 16, 16, 10), rng=rng)
        for step in train(net, mnist.train[:1000], SGD(2.0), batch_size=20, rng=rng):
            pass
        assert result.final["SGD"][seed] == evaluate(step.net, mnist.test[:300]).accuracy
    assert all(len(final) == 2 for final in result.final.values())
    firsts = {curves[1][1][0] for curves in result.curves.values()}
    assert len(firsts) < len(result.curves)  # after one step hardly two rules differ


@pytest.mark.parametrize("rates", [0.25, 4.0])
def test_extremes_of_the_rates(seeds, rates):
    seeds.state = {"rates": rates, "seeds": 1}
    seeds.run_to_end()
    assert "nan" not in seeds.sentence and "After 1 seed: " in seeds.sentence


def test_a_rule_is_ahead_only_where_the_numbers_say_so():
    base = np.array([0.80, 0.81, 0.82])
    assert ahead(base + 0.05, base) and not ahead(base, base + 0.05)
    assert not ahead(base + 0.01, base)  # on every seed, but by less than its own seeds differ
    assert not ahead(np.array([0.9, 0.9, 0.79]), base)
    assert "ahead of all the others" in verdict({"a": base + 0.05, "b": base})
    assert "do not set it apart from b" in verdict({"a": base + 0.01, "b": base})
    two = verdict({"a": base[:2] + 0.05, "b": base[:2]})
    assert "At least three can tell" in two and "±" not in two


def test_the_arrows_end_at_the_dots_and_the_furthest_of_a_digit_is_named(panel):
    panel.state = {"stage": "after one epoch"}
    ends = np.array([path.vertices[-1] for path in panel.spokes.get_paths()])
    assert np.allclose(ends, panel.result.points)
    labels = panel.digits[:100].labels
    for digit, name in enumerate(panel.names):
        furthest = np.linalg.norm(panel.result.points[labels == digit], axis=1).max()
        assert name.get_text() == (str(digit) if furthest > 0.2 else "")
    shown = np.array([name.get_position() for name in panel.names if name.get_text()])
    gaps = np.linalg.norm(shown[:, None] - shown, axis=-1) + np.diag(np.full(len(shown), np.inf))
    assert gaps.min() > 0.05 * np.ptp(panel.left.get_xlim())
    silent = int(np.sum(np.linalg.norm(panel.result.points, axis=1) < 0.2))
    assert panel.still.get_text() == f"one arrow per example ({silent} too short to see)"


def test_the_control_fades_as_much_as_the_rule_on_average_and_alike_in_every_direction():
    U = np.linalg.qr(np.random.default_rng(0).standard_normal((20, 6)))[0]
    of_rule, of_control = (TUNED[name]._decay(U) for name in ("scale entropy", "scale mean"))
    assert np.ptp(of_rule) > 0.01 and np.ptp(of_control) == 0
    assert of_control.mean() == pytest.approx(of_rule.mean())
    assert TUNED["scale entropy"].learning_rate == TUNED["scale mean"].learning_rate
