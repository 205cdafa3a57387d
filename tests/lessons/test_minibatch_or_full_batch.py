"""Lesson 08: the walkers, the short runs and the minibatch gradients, without a browser."""

import asyncio

import numpy as np
import pytest

from lessons_lib import SGD, Network, backprop, evaluate, forward, load_mnist, panels, train
from lessons_lib.engine.landscape import cost_plane
from lessons_lib.lessons.minibatch_or_full_batch.minibatch_wishes import SIZES, noise
from lessons_lib.lessons.minibatch_or_full_batch.walkers import SURFACE, shades
from lessons_lib.runs.descent import TimedTraining
from lessons_lib.runs.stages import stages


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture(scope="module")
def some(mnist):
    return mnist.train[:3000]


@pytest.fixture(scope="module")
def test(mnist):
    return mnist.test[:300]


@pytest.fixture(scope="module")
def nets(some):
    return stages(some, epochs={"untrained": 0, "after one epoch": 20})


@pytest.fixture
def walkers(some, test):
    panel = panels.walkers(some, test, passes=3)
    yield panel
    panel.close()


@pytest.fixture
def run(some, test):
    panel = panels.short_run(some, test)
    yield panel
    panel.close()


@pytest.fixture
def wishes(nets, some):
    panel = panels.minibatch_wishes(nets, some)
    yield panel
    panel.close()


def trained(data, rate, size, *, seed=0, epochs=1):
    rng = np.random.default_rng(seed)
    net = Network.random((784, 16, 16, 10), rng=rng)
    rng = np.random.default_rng(seed)
    return [
        (step.cost, step.net.params.copy())
        for step in train(net, data, SGD(rate), batch_size=size, rng=rng, epochs=epochs)
    ]


# The walkers


def test_both_start_at_one_point_and_touch_equally_many_examples(walkers):
    men = walkers.run_to_end().men
    assert np.array_equal(men["careful"].params[0], men["drunk"].params[0])
    assert men["careful"].examples[-1] == men["drunk"].examples[-1] == 9000
    assert "3 steps of 3,000" in walkers.sentence and "90 steps of 100" in walkers.sentence


def test_the_walks_are_those_of_train_to_the_bit(walkers, some):
    rate = walkers.state["learning_rate"]
    men = walkers.run_to_end().men
    for name, size in (("careful", 3000), ("drunk", 100)):
        steps = trained(some, rate, size, epochs=3)
        assert np.array_equal(men[name].params[-1], steps[-1][1])
    again = walkers.run_to_end().men
    assert again["drunk"].cost == men["drunk"].cost and again["careful"].cost == men["careful"].cost


def test_the_paths_are_drawn_where_the_plane_puts_them(walkers):
    result = walkers.run_to_end()
    laid = result.map
    for name, man in result.men.items():
        x, y = walkers.paths[name].get_data()
        offsets = np.array(man.params) - laid.plane.origin
        assert np.allclose(x * laid.reach + laid.centre[0], offsets @ laid.plane.axes[0], atol=1e-3)
        assert np.allclose(y * laid.reach + laid.centre[1], offsets @ laid.plane.axes[1], atol=1e-3)
        assert np.all(np.abs([x, y]) <= 1)


def test_the_surface_is_the_cost_of_the_parameters_there(walkers, some):
    laid, some = walkers.run_to_end().map, some[:SURFACE]
    net = walkers.result.men["drunk"]
    start = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    for row, column in ((0, 0), (6, 6), (3, 11), (12, 12)):
        place = laid.centre + [laid.along[column], laid.along[row]]
        there = evaluate(start.with_params(laid.plane.params(place)), some).cost
        assert laid.costs[row, column] == pytest.approx(there, rel=1e-4)
    at = laid.plane.project(net.params[-1])
    drawn = cost_plane(start, some, laid.plane, at[:1], at[1:])[0, 0]
    cost = evaluate(start.with_params(laid.plane.params(at)), some).cost
    assert drawn == pytest.approx(cost, rel=1e-4)


def test_the_share_is_that_of_a_singular_value_decomposition(walkers):
    result = walkers.run_to_end()
    points = np.concatenate([np.array(man.params) for man in result.men.values()]).astype(float)
    sizes = np.linalg.svd(points - points.mean(axis=0), compute_uv=False) ** 2
    assert sum(result.map.plane.share) == pytest.approx(sizes[:2].sum() / sizes.sum(), abs=1e-3)
    assert f"{sum(result.map.plane.share):.1%} of both paths" in walkers.sentence


def test_shades_keep_the_corners_of_the_grid():
    costs = np.array([[0.0, 1.0], [2.0, 4.0]])
    drawn = shades(costs)
    assert drawn[0, 0] == 0 and drawn[-1, -1] == 1
    assert drawn[0, -1] == pytest.approx(0.25, abs=0.07) and drawn[-1, 0] == pytest.approx(0.5, abs=0.07)


def test_the_curves_show_what_was_measured(walkers):
    men = walkers.run_to_end().men
    for _, by, what, lines in walkers.graphs:
        for name, man in men.items():
            x, y = lines[name].get_data()
            assert list(x) == getattr(man, by) and list(y) == getattr(man, what)
        assert np.all(np.diff(x) >= 0)


@pytest.mark.parametrize("size", [1.0, 7.0, 3000.0])
def test_any_batch_size_works(walkers, size):
    walkers.state = {"batch_size": size, "passes": 1}
    men = walkers.run_to_end().men
    assert 0 <= 3000 - men["drunk"].examples[-1] < size or men["drunk"].examples[-1] == 3000


def test_a_walker_who_can_go_no_further_says_so_and_stays(walkers):
    walkers.state = {"learning_rate": 30.0}
    men = walkers.run_to_end().men
    assert "saturated" in men["drunk"].diverged and "saturated" in walkers.sentence
    assert men["drunk"].examples[-1] < 9000


def test_a_walk_never_goes_beyond_its_goal(some, test):
    net = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    man = TimedTraining(net, some, SGD(1.0), batch_size=700, seed=0, test=test)
    for _ in man.advance(1500, beyond=False):
        pass
    assert man.examples == [0, 1400]


def test_every_preset_runs(walkers):
    for name in set(walkers.presets) - {"Ten careful steps"}:
        walkers.apply(name)
        walkers.run_to_end()
        assert walkers.sentence.startswith("Of 9,000 examples touched") or "saturated" in walkers.sentence


def test_changes_during_a_run_leave_nothing_stale(some, test):
    async def fiddle():
        panel = panels.walkers(some, test, passes=20)
        panel.play()
        panel.play()  # a double click
        await asyncio.sleep(0.05)
        panel.state = {"learning_rate": 0.1, "passes": 2}
        while panel.playing:
            await asyncio.sleep(0.01)
        men, budget = panel.result.men, panel.result.budget
        panel.play()
        panel.stop()
        stopped = panel.result.men["drunk"].examples[-1]
        panel.close()
        return men, budget, stopped

    men, budget, stopped = asyncio.run(fiddle())
    assert budget == 6000 and men["drunk"].examples[-1] == 6000 and stopped == 0
    assert np.array_equal(men["drunk"].params[-1], trained(some, 0.1, 100, epochs=2)[-1][1])


# The close-up


@pytest.fixture
def gaits(nets, some):
    panel = panels.close_up(nets, some[:500], stage="after one epoch", batch_size=50.0, learning_rate=1.0)
    yield panel
    panel.close()


def walked(net, data, size):
    """(101, n_params) where a hundred steps lead, written out."""
    rng, path = np.random.default_rng(0), [net.params.copy()]
    for step in train(net, data, SGD(1.0), batch_size=size, epochs=100, rng=rng):
        path.append(step.net.params.copy())
        if len(path) == 101:
            return np.array(path, float)


def test_the_close_up_is_true_to_scale_and_shows_where_each_man_goes(gaits, nets, some):
    for name, size in (("careful", 500), ("drunk", 50)):
        path = walked(nets["after one epoch"], some[:500], size)
        if name == "careful":
            ahead = (path[-1] - path[0]) / np.linalg.norm(path[-1] - path[0])
        x, y = gaits.lines[name].get_data()
        assert np.allclose(x, (path - path[0]) @ ahead, atol=1e-4)
        moves = np.linalg.norm(np.diff(path, axis=0), axis=1)
        assert gaits.result.men[name].detour == pytest.approx(
            moves.sum() / np.linalg.norm(path[-1] - path[0])
        )
        assert np.all(np.hypot(np.diff(x), np.diff(y)) <= moves + 1e-6)  # a picture can only shorten a step
    width, height = gaits.axes.get_window_extent().size
    assert np.ptp(gaits.axes.get_xlim()) / width == pytest.approx(np.ptp(gaits.axes.get_ylim()) / height)


def test_no_direction_across_shows_more_of_the_stagger(gaits, nets, some):
    path = walked(nets["after one epoch"], some[:500], 50)
    shown = np.square(np.diff(gaits.result.men["drunk"].places[:, 1])).sum()
    for direction in np.random.default_rng(1).normal(size=(50, path.shape[1])):
        assert np.square(np.diff(path @ (direction / np.linalg.norm(direction)))).sum() < shown


def test_the_drunk_man_is_drunk_and_gets_there(gaits):
    careful, drunk = gaits.result.men["careful"], gaits.result.men["drunk"]
    assert drunk.detour > 2 * careful.detour >= 2 and drunk.cost < gaits.result.cost
    assert f"walks {drunk.detour:.1f} times as far" in gaits.sentence


# The short runs


def test_a_short_run_is_the_one_of_train_to_the_bit(run, some):
    run.state = {"batch_size": 50.0, "learning_rate": 1.3, "seed": 3}
    costs = [cost for cost, _ in trained(some, 1.3, 50, seed=3)]
    assert run.result.costs == costs
    assert list(run.batches.get_ydata()) == costs


def test_its_last_look_is_the_test_of_the_last_network(run, some, test):
    run.state = {"batch_size": 64.0, "learning_rate": 2.0}
    start = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    last = evaluate(start.with_params(trained(some, 2.0, 64)[-1][1]), test)
    assert run.result.points[-1] == (3000, last.cost) and run.result.accuracy[-1] == last.accuracy
    assert f"{last.accuracy:.1%} of 300" in run.sentence


@pytest.mark.timing
def test_dragging_the_rate_takes_little_more_than_the_training(mnist, times_as_long):
    some = mnist.train[:6000]
    panel = panels.short_run(some, mnist.test[:1000], batch_size=10.0)
    rates = iter(np.geomspace(0.1, 10, 5))

    def bare():
        rng = np.random.default_rng(0)
        net = Network.random((784, 16, 16, 10), rng=rng)
        return sum(1 for _ in train(net, some, SGD(0.7), rng=rng, batch_size=10))

    def drag():
        panel.state = {"learning_rate": float(next(rates))}

    assert times_as_long(drag, bare) < 3
    panel.close()


def test_presets_of_short_runs(run):
    read = {}
    for name in ("Too small", "About right", "Exploding"):
        run.apply(name)
        read[name] = run.result.accuracy[-1]
    assert read["About right"] > read["Too small"] and read["Exploding"] < 0.2 and "saturated" in run.sentence


# The minibatch gradients


def test_cosines_and_lengths_are_those_of_real_minibatches(wishes, nets, some):
    net = nets["untrained"]
    true = backprop(net, forward(net, some.pixels), some.y).mean()
    wishes.state = {"batch_size": 30.0, "seed": 5}
    rows = np.random.default_rng(5).choice(len(some), 30, replace=False, shuffle=False)
    part = some[rows]
    g = backprop(net, forward(net, part.pixels), part.y).mean()
    assert wishes.result.length[0] == pytest.approx(np.linalg.norm(g) / np.linalg.norm(true), rel=1e-4)
    cosine = g @ true / np.linalg.norm(g) / np.linalg.norm(true)
    assert wishes.result.cosine[0] == pytest.approx(cosine, rel=1e-4)
    assert f"cosine with the true gradient {np.median(wishes.result.cosine):.3f}" in wishes.sentence


def test_the_arrows_are_turned_and_long_as_measured(wishes):
    wishes.state = {"stage": "after one epoch", "batch_size": 40.0}
    tips = np.array([segment[1] for segment in wishes.arrows.get_segments()])
    lengths = np.linalg.norm(tips, axis=1)
    unit = wishes.true.get_xdata()[1]
    assert np.allclose(lengths / unit, wishes.result.length, rtol=1e-5)
    assert np.allclose(tips[:, 0] / lengths, wishes.result.cosine, atol=1e-5)


def test_the_expected_cosine_is_what_is_measured(wishes, nets, some):
    for stage in nets:
        wishes.state = {"stage": stage, "batch_size": 100.0}
        expected = np.interp(100, SIZES, wishes.result.expected)
        assert np.median(wishes.result.cosine) == pytest.approx(expected, abs=0.12)


def test_the_more_of_all_examples_are_drawn_the_less_is_left_to_chance(wishes, some):
    half = np.flatnonzero(len(some) / 2 > SIZES)[-1]
    wishes.state = {"stage": "after one epoch", "batch_size": SIZES[half]}
    assert wishes.result.expected[half] == pytest.approx(np.median(wishes.result.cosine), abs=0.01)
    assert (wishes.result.expected[len(some) <= SIZES] == 1).all()


def test_the_noise_is_the_scatter_of_single_gradients(nets, some):
    net, part = nets["after one epoch"], some[:200]
    rows = backprop(net, forward(net, part.pixels), part.y).per_example().astype(float)
    true = rows.mean(axis=0)
    scatter = np.mean(np.sum((rows - true) ** 2, axis=1)) / np.sum(true**2)
    assert noise(net, part, true) == pytest.approx(scatter, rel=1e-3)


def test_all_examples_together_are_the_true_gradient(wishes):
    wishes.state = {"batch_size": 3000.0}
    assert wishes.result.cosine == pytest.approx(1, abs=1e-4)
    assert wishes.result.length == pytest.approx(1, abs=1e-3)


def test_agreement_falls_with_training(wishes):
    middle = {}
    for stage in ("untrained", "after one epoch"):
        wishes.state = {"stage": stage, "batch_size": 100.0}
        middle[stage] = np.median(wishes.result.cosine)
    assert middle["untrained"] > 0.98 and middle["after one epoch"] < 0.8


# The exercise


def test_the_goal_of_the_short_runs_is_within_reach_and_no_button_reaches_it():
    mnist = load_mnist()
    panel = panels.short_run(mnist.train[:6000], mnist.test[:1000], batch_size=20.0, learning_rate=10**0.5)
    assert panel.result.size == 20 and panel.result.accuracy[-1] > 0.77
    for name in panel.presets:
        panel.apply(name)
        assert panel.result.size < 20 or panel.result.accuracy[-1] < 0.75


def test_the_sentence_counts_one_thing_as_one(run):
    run.state = {"batch_size": 1.0}
    assert " of 1 example:" in run.sentence
    run.state = {"batch_size": 3000.0}  # all examples
    assert "in 1 test." in run.sentence
