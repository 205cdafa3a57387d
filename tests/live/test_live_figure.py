"""LiveFigure without a browser: what is sent, when, how much, and how long the kernel works for it."""

import asyncio
import gc
import json
import threading
import time
import weakref

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from lessons_lib.live import LiveFigure
from lessons_lib.live.recorder import Recorder


def shown(figure, ratio=1):
    """A LiveFigure that a browser asked for its first picture."""
    live = LiveFigure(figure, alt="A picture")
    live._handle_custom_msg({"kind": "hello", "ratio": ratio}, [])
    return live


def header(live):
    length = int.from_bytes(live.packet[:4], "little")
    return json.loads(live.packet[4 : 4 + length])


def wave():
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    (line,) = axes.plot(np.arange(10.0))
    return figure, axes, line


def moving_wave():
    """A figure on show whose line already moved once."""
    figure, axes, line = wave()
    live = LiveFigure(figure)
    line.set_ydata(np.arange(10.0) / 2)
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    return live, axes, line


def test_nothing_is_sent_before_a_browser_asks():
    figure, _, line = wave()
    live = LiveFigure(figure)
    line.set_ydata(np.zeros(10))
    live.flush()
    assert live.packet == b""


def test_an_artist_set_before_the_first_picture_is_painted_from_the_start():
    live, _, line = moving_wave()
    assert [op["op"] for ops in header(live)["items"].values() for op in ops] == [
        "picture",
        "path",
        "picture",
    ]
    line.set_ydata(np.zeros(10))
    live.flush()
    assert "frame" not in header(live) and len(header(live)["items"]) == 1


def test_an_artist_that_changes_for_the_first_time_joins_the_painted_ones():
    figure, _, line = wave()
    live = shown(figure)
    assert list(header(live)["items"]) == ["0"]  # one picture by Agg
    line.set_ydata(np.zeros(10))
    live.flush()
    assert header(live)["frame"]
    line.set_ydata(np.ones(10))
    live.flush()
    assert "frame" not in header(live)


def test_nothing_changed_nothing_sent():
    live, _, line = moving_wave()
    before = live.packet
    live.flush()
    assert live.packet is before
    line.set_ydata(line.get_ydata())  # told, but the same
    live.flush()
    assert live.packet is before


def test_only_arrays_that_changed_are_sent():
    figure = Figure()
    axes = figure.subplots()
    edges = axes.add_collection(LineCollection(np.random.default_rng(0).random((500, 2, 2))))
    live = LiveFigure(figure)
    edges.set_linewidths(np.ones(500))
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    edges.set_linewidths(np.linspace(1, 2, 500))
    live.flush()
    ((op,),) = header(live)["items"].values()
    assert op.keys() == {"rest", "widths"} and op["widths"]["length"] == 500
    assert len(live.packet) < 4 * 500 + 800


def test_shapes_that_are_kept_follow_new_segments_and_limits():
    rng = np.random.default_rng(0)
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    edges = axes.add_collection(LineCollection(rng.random((9, 2, 2))))
    live = LiveFigure(figure)
    edges.set_linewidths(np.ones(9))
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    for change in (
        lambda: edges.set_linewidths(rng.random(9)),
        lambda: edges.set_segments(rng.random((9, 2, 2))),
        lambda: edges.set_segments(rng.random((7, 2, 2))),
        lambda: axes.set_xlim(0, 2),
        lambda: edges.set_transform(Affine2D().scale(0.5) + axes.transData),
    ):
        change()
        live.flush()
        fresh = Recorder(400, 300, 100)
        edges.draw(fresh)
        np.testing.assert_equal(live._sent[live._scene.moving[edges]], fresh.ops)


@pytest.mark.parametrize(
    "change",
    [
        lambda axes: axes.set_xlim(0, 3),
        lambda axes: axes.set_xticks([1, 2]),
        lambda axes: axes.plot([1, 2]),
        lambda axes: axes.lines[0].set_zorder(9),
        lambda axes: axes.set_axis_off(),
        lambda axes: axes.set_position((0, 0, 1, 1)),
        lambda axes: axes.set_yscale("symlog"),
        lambda axes: axes.xaxis.label.set_text("seconds"),
    ],
    ids=["limits", "ticks", "artist added", "order", "axis off", "position", "scale", "axis label"],
)
def test_what_is_part_of_the_frame_draws_the_frame_again(change):
    live, axes, _ = moving_wave()
    serial = header(live)["serial"]
    change(axes)
    live.flush()
    assert header(live)["frame"] and header(live)["serial"] == serial + 1
    live.flush()
    assert header(live)["serial"] == serial + 1


def test_a_removed_artist_is_forgotten():
    live, _, line = moving_wave()
    line.remove()
    live.flush()
    assert [op["op"] for ops in header(live)["items"].values() for op in ops] == ["picture"]
    assert line not in live._scene.moving


def test_set_array_alone_is_noticed_by_flush():
    figure = Figure()
    dots = figure.subplots().scatter(range(5), range(5), c=range(5))
    live = shown(figure)
    for values in (np.ones(5), np.zeros(5)):
        before = live.packet
        dots.set_array(values)
        live.flush()
        assert live.packet != before


def test_a_picture_saved_by_others_loses_no_change(tmp_path):
    live, _, line = moving_wave()
    line.set_ydata(np.zeros(10))
    live.figure.savefig(tmp_path / "by_others.png")  # matplotlib forgets what changed
    live.flush()
    assert header(live)["frame"]
    assert np.allclose(
        live._sent[live._scene.moving[line]][0]["xy"][:, 1],
        line.get_transform().transform((0, 0))[1],
        atol=live.figure.bbox.height,
    )


def test_changes_are_flushed_by_themselves_once_a_turn_of_the_loop():
    async def turn():
        live, _, line = moving_wave()
        serial = header(live)["serial"]
        for value in range(50):
            line.set_ydata(np.full(10, value / 10))
        assert header(live)["serial"] == serial
        await asyncio.sleep(0.05)
        return header(live)["serial"] - serial

    assert asyncio.run(turn()) == 1


def test_threads_that_set_and_flush_lose_nothing():
    live, _, line = moving_wave()
    errors = []

    def work(start):
        try:
            for step in range(100):
                line.set_ydata(np.full(10, (start + step) % 9))
                live.flush()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    line.set_ydata(np.full(10, 4.0))
    live.flush()
    assert errors == []
    drawn = live._sent[live._scene.moving[line]][0]["xy"]
    expected = live.figure.bbox.height - line.get_transform().transform((0, 4.0))[1]
    assert np.allclose(drawn[:, 1], expected, atol=1)


def test_an_error_while_drawing_comes_through_is_told_and_is_over_when_mended():
    live, axes, _ = moving_wave()
    axes.set_title(r"$\broken$")
    with pytest.raises(ValueError):
        live.flush()
    assert live.trouble.startswith("ValueError")
    axes.set_title("whole")
    live.flush()
    assert live.trouble == "" and header(live)["frame"]


def test_alt_text_and_static_picture():
    live, _, line = moving_wave()
    line.set_ydata(np.ones(10))
    live.flush(alt="A flat line")
    data, metadata = live._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG") and "application/vnd.jupyter.widget-view+json" in data
    assert metadata["image/png"] == {"alt": "A flat line", "width": 400, "height": 300}
    line.set_ydata(np.zeros(10))
    live.png()
    assert "frame" not in header(live)  # taking a picture cost no change and no frame


def test_pixel_ratio_changes_the_canvas_and_not_the_saved_file():
    live, _, _ = moving_wave()
    assert header(live)["width"] == 400
    small = live.png()
    live._handle_custom_msg({"kind": "hello", "ratio": 2}, [])
    assert header(live)["width"] == 800 and live.png() == small


def test_a_turned_image_is_left_to_matplotlib():
    figure = Figure()
    axes = figure.subplots()
    image = axes.imshow(np.eye(4))
    image.set_transform(Affine2D().rotate_deg(20) + axes.transData)
    live = LiveFigure(figure)
    image.set_data(1 - np.eye(4))
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    (cells,) = (op for ops in header(live)["items"].values() for op in ops if op["op"] == "cells")
    assert cells["rows"] > 4  # canvas pixels, not the image's own cells


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # matplotlib would have maps never change
def test_a_colour_map_changed_in_place_is_noticed():
    figure = Figure()
    image = figure.subplots().imshow(np.eye(4), vmin=0, vmax=1)
    live = LiveFigure(figure)
    image.set_data(np.eye(4) / 2)
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    image.get_cmap().set_over("red")
    image.set_data(2 * np.eye(4))
    live.flush()
    (cells,) = live._sent[live._scene.moving[image]]
    assert cells["table"] is None  # beyond the range stands a colour of its own, which is not in the table


def test_close_leaves_no_comm_and_no_figure():
    get_comm_manager = pytest.importorskip("comm").get_comm_manager  # ipywidgets 7 comes without
    before = len(get_comm_manager().comms)
    kept = []
    for _ in range(5):
        live, axes, line = moving_wave()
        live.on_event(print)
        line.set_ydata(np.ones(10))
        live.flush()
        kept.append(weakref.ref(live.figure))
        live.close()
        del live, axes, line
    gc.collect()
    assert len(get_comm_manager().comms) == before
    assert [figure for figure in kept if figure() is not None] == []


def pictures_and_bars():
    figure = Figure(figsize=(8, 5))
    grid = figure.add_gridspec(4, 8)
    rng = np.random.default_rng(0)
    images = [
        figure.add_subplot(grid[i // 4, i % 4], xticks=[], yticks=[]).imshow(
            rng.random((28, 28)), vmin=0, vmax=1
        )
        for i in range(16)
    ]
    bars = figure.add_subplot(grid[:, 5:]).bar(range(10), np.ones(10))

    def move():
        for image in images:
            image.set_data(rng.random((28, 28)))
        for bar in bars:
            bar.set_height(rng.random())

    return figure, move


def contour_and_path():
    figure = Figure(figsize=(6, 5))
    axes = figure.subplots()
    x = np.linspace(-2, 2, 100)
    axes.contourf(x, x, np.hypot(*np.meshgrid(x, 3 * x)), 20)
    (path,) = axes.plot(np.zeros(200), np.zeros(200))
    rng = np.random.default_rng(0)
    return figure, lambda: path.set_data(*rng.normal(0, 0.1, (2, 200)).cumsum(axis=1))


def network():
    figure = Figure(figsize=(7, 5))
    axes = figure.subplots()
    heights = np.linspace(0, 1, 20)
    edges = axes.add_collection(
        LineCollection([((k, a), (k + 1, b)) for k in range(2) for a in heights for b in heights])
    )
    axes.set(xlim=(0, 2), ylim=(0, 1))
    rng = np.random.default_rng(0)

    def move():
        edges.set_linewidths(3 * rng.random(800))
        edges.set_color(rng.random((800, 4)))

    return figure, move


def updates(draw, ratio):
    """The bytes and the seconds of each of many updates of a figure."""
    figure, move = draw()
    live = shown(figure, ratio)
    sizes, seconds = [], []
    for _ in range(21):
        move()
        start = time.process_time()
        live.flush()
        seconds.append(time.process_time() - start)
        sizes.append(len(live.packet))
    assert "frame" not in header(live)
    return sizes, seconds


@pytest.mark.parametrize("ratio", (1, 2))
@pytest.mark.parametrize(
    ("draw", "kilobytes"), ((pictures_and_bars, 60), (contour_and_path, 10), (network, 20))
)
def test_an_update_is_small(draw, kilobytes, ratio):
    if (
        draw is pictures_and_bars
        and ratio == 1
        and matplotlib.rcParams.get("image.interpolation_stage", "data") == "data"
    ):
        pytest.skip("before matplotlib 3.10 it blends these cells itself, and their pixels are sent")
    assert np.median(updates(draw, ratio)[0]) <= 1000 * kilobytes


@pytest.mark.timing
@pytest.mark.parametrize("draw", (pictures_and_bars, contour_and_path, network))
def test_an_update_is_quick(draw):
    assert np.median(updates(draw, 1)[1]) < 0.024  # three times the 8 ms of a quiet machine
