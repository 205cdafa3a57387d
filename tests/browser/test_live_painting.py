"""The browser's painting of a LiveFigure against `fig.savefig` of the same figure, artist by artist.

Tolerance: on average LEVELS of 255 grey levels apart, and no more than FAR of the pixels differ by over 64
levels. What is left is the edge of shapes, which Agg and the browser antialias a little differently.
"""

import live_page
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Polygon, Rectangle

from lessons_lib.live import LiveFigure

LEVELS, FAR = 1.2, 0.0005
TRAITS = ("packet", "alt", "size", "listening", "trouble")
X = np.linspace(0, 10, 50)


def lines(axes, rng):
    (dashed,) = axes.plot(X, np.sin(X), "o--", ms=5, lw=2)
    (faint,) = axes.plot(X, np.cos(X), "s-", ms=4, alpha=0.5)
    level = axes.axhline(0.3, color="k", lw=1)
    (crosses,) = axes.plot(X, X / 5 - 1, marker="x", ls="none")
    (broken,) = axes.plot(X, X / 5 - 1, drawstyle="steps")

    def move():
        dashed.set_ydata(np.sin(X + 1))
        faint.set_ydata(np.cos(1.3 * X))
        level.set_ydata([0.5, 0.5])
        crosses.set_ydata(1 - X / 5)
        broken.set_ydata(np.where(X % 3 < 1, np.nan, np.sin(X)))

    return move


def images(axes, rng):
    picture = axes.imshow(rng.random((28, 28)), cmap="gray", extent=(0, 1, 0, 1))
    upright = axes.imshow(rng.random((5, 7)), origin="lower", extent=(1, 2, 0, 1), alpha=0.7)
    holes = axes.imshow(rng.random((9, 9)), cmap="RdBu", extent=(0, 1, 1, 2))
    colours = axes.imshow(rng.random((6, 6, 3)), extent=(1, 2, 1, 2))
    axes.set(xlim=(0.1, 1.9), ylim=(0, 2))

    def move():
        picture.set_data(1.3 * rng.random((28, 28)))
        upright.set_data(rng.random((5, 7)))
        holes.set_data(np.where(np.eye(9) > 0, np.nan, rng.random((9, 9))))
        colours.set_data(rng.random((6, 6, 3)))

    return move


def small_and_smooth_images(axes, rng):
    axes.set_position((0.1, 0.1, 0.5, 0.5))
    small = axes.imshow(rng.random((60, 60)), cmap="gray", extent=(0, 1, 0, 1))
    smooth = axes.imshow(rng.random((4, 4)), interpolation="bilinear", extent=(1, 2, 0, 1))
    axes.set_xlim(0, 2)

    def move():
        small.set_data(rng.random((60, 60)))
        smooth.set_data(rng.random((4, 4)))

    return move


def edges(axes, rng):
    many = axes.add_collection(LineCollection(rng.random((200, 2, 2))))
    grid = axes.vlines([0.1, 0.23, 0.41], 0, 1, lw=[1, 2, 3])

    def move():
        many.set_linewidths(4 * rng.random(200))
        many.set_color(rng.random((200, 4)))
        grid.set_color("r")

    return move


def bars(axes, rng):
    upright = axes.bar(range(10), rng.random(10))
    lying = axes.barh([0, 5], [3, 4], alpha=0.4, ec="r", lw=2)
    axes.set_ylim(0, 1.2)

    def move():
        for bar, height in zip(upright, rng.random(10), strict=True):
            bar.set_height(height)
        lying[0].set_width(7)

    return move


def texts(axes, rng):
    words = [
        axes.text(0.1, 0.1, "Cost 0.123"),
        axes.text(0.5, 0.5, "turned", rotation=37, fontsize=20, color="C1"),
        axes.text(0.2, 0.8, r"$w_1^2 + \frac{a}{b}$"),
        axes.text(0.6, 0.2, "boxed", bbox={"fc": "y", "alpha": 0.5}),
        axes.text(0.7, 0.9, "two\nlines", ha="center", va="top", weight="bold", alpha=0.5),
    ]
    note = axes.annotate("note", (0.2, 0.3), (0.6, 0.6), arrowprops={"arrowstyle": "->"})

    def move():
        for word in words:
            word.set_text(word.get_text() + "!")
        note.set_text("noted")
        axes.set_title("A title")

    return move


def shapes(axes, rng):
    arrow = axes.add_patch(FancyArrowPatch((0.1, 0.1), (0.8, 0.5), mutation_scale=20))
    corner = axes.add_patch(Polygon([(0, 0), (0.5, 0.2), (0.3, 0.7)], alpha=0.5, fc="C2", ec="k"))
    ring = axes.add_patch(Circle((0.7, 0.7), 0.2, fc="none", ec="C3", lw=3, ls="--"))
    wind = axes.quiver([0.1, 0.5], [0.5, 0.5], [1, 0], [0, 1])
    clipped = axes.imshow(rng.random((4, 4)), extent=(0.6, 1, 0, 0.4))
    clipped.set_clip_path(Circle((0.8, 0.2), 0.2, transform=axes.transData))
    axes.set(xlim=(0, 1), ylim=(0, 1))

    def move():
        arrow.set_positions((0.2, 0.2), (0.9, 0.9))
        corner.set_xy([(0, 0), (0.6, 0.1), (0.2, 0.8)])
        ring.set_radius(0.15)
        wind.set_UVC([0.5, 0.5], [1, 0.3])
        clipped.set_data(rng.random((4, 4)))

    return move


def scatter(axes, rng):
    bubbles = axes.scatter(*rng.random((2, 60)), c=rng.random(60), s=200 * rng.random(60), alpha=0.6, ec="k")
    dots = axes.scatter(*rng.random((2, 60)), color="C1", s=9)

    def move():
        bubbles.set_offsets(rng.random((60, 2)))
        bubbles.set_array(rng.random(60))
        dots.set_offsets(rng.random((60, 2)))

    return move


def left_to_agg(axes, rng):
    mesh = axes.pcolormesh(rng.random((3, 4)))
    hatched = axes.bar([1], [2], hatch="//", fc="w", ec="k")[0]
    area = axes.fill_between(range(5), rng.random(5), alpha=0.4)

    def move():
        mesh.set_array(rng.random((3, 4)))
        hatched.set_height(2.5)
        area.set_alpha(0.7)

    return move


def one_behind_another(axes, rng):
    (behind,) = axes.plot([0, 1], [0, 1], lw=20, zorder=3)
    axes.plot([0, 1], [1, 0], lw=20, zorder=4)
    ground = axes.imshow(rng.random((4, 4)), extent=(0, 1, 0, 1))
    patch = axes.add_patch(Rectangle((0.4, 0.4), 0.2, 0.2, zorder=5))
    axes.grid(True)

    def move():
        behind.set_color("C3")
        ground.set_data(rng.random((4, 4)))
        patch.set_visible(not patch.get_visible())

    return move


def frame(axes, rng):
    (curve,) = axes.plot(X, X)

    def move():
        curve.set_ydata(2 * X)
        axes.set(ylim=(0, 30), title="Redrawn")
        axes.plot(X, 3 * X)
        axes.lines[-2 if len(axes.lines) > 2 else 0].set_color("k")

    return move


FIGURES = (
    lines,
    images,
    small_and_smooth_images,
    edges,
    bars,
    texts,
    shapes,
    scatter,
    left_to_agg,
    one_behind_another,
    frame,
)


@pytest.fixture(scope="module")
def address():
    server, address = live_page.serve()
    yield address
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=(1, 2))
def only_page(browser, request):
    """The one page of all tests at a pixel ratio; each loads it anew."""
    context = browser.new_context(device_scale_factor=request.param)
    page = context.new_page()
    page.ratio, page.errors = request.param, []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def page(only_page):
    only_page.mouse.move(0, 0)
    yield only_page
    errors, only_page.errors[:] = only_page.errors[:], []
    assert errors == []


def show(page, address, draw, **options):
    figure = Figure(figsize=(4, 3))
    move = draw(figure.subplots(), np.random.default_rng(0))
    live = LiveFigure(figure, **options)
    return live_page.LivePage(page, address, live, "/live.js", TRAITS), live, move


def assert_agree(shown, live, levels=LEVELS):
    ratio = shown.page.evaluate("() => devicePixelRatio")
    apart, far = live_page.difference(shown.canvas(), live_page.saved(live.figure, ratio))
    assert apart < levels and far < FAR


@pytest.mark.parametrize("draw", FIGURES, ids=lambda draw: draw.__name__)
def test_painted_and_saved_agree(page, address, draw):
    shown, live, move = show(page, address, draw)
    assert_agree(shown, live, levels=0.01)  # all of it drawn by Agg
    before = shown.canvas()
    for _ in range(3):  # after the first nothing but the moving artists is sent, and reuses what they left
        move()
        live.flush()
        shown.exchange()
    assert_agree(shown, live)
    assert live_page.difference(shown.canvas(), before)[1] > FAR or draw is one_behind_another


def test_a_picture_out_of_place_is_noticed(page, address):
    shown, live, move = show(page, address, bars)
    move()  # and not flushed
    assert live_page.difference(shown.canvas(), live_page.saved(live.figure, page.ratio))[1] > FAR


def test_pointer_comes_back_in_data_coordinates_in_a_narrow_panel(page, address):
    shown, live, _ = show(page, address, images)
    events = []
    live.on_event(events.append)
    shown.exchange()
    page.evaluate("() => { views[0].el.style.width = '200px'; }")
    box = page.locator("canvas").bounding_box()
    assert box["width"] == 200 and box["height"] == pytest.approx(150, abs=1)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    x, y = live.figure.axes[0].transAxes.transform((0.25, 0.75)) / live.figure.bbox.size
    page.mouse.move(box["x"] + x * 200, box["y"] + (1 - y) * box["height"])
    shown.exchange()
    page.mouse.down()
    page.mouse.up()
    shown.exchange()
    assert [event.kind for event in events] == ["hover", "press", "release", "click"]
    axes = live.figure.axes[0]
    assert (events[-1].x, events[-1].y) == (
        pytest.approx(0.1 + 0.25 * 1.8, abs=0.02),
        pytest.approx(1.5, abs=0.02),
    )
    assert events[-1].axes is axes and events[-1].artist is axes.images[2] and events[-1].index == (4, 4)


def test_moves_are_sent_one_at_a_time_and_the_last_one_arrives(page, address):
    shown, live, _ = show(page, address, bars)
    events = []
    live.on_event(events.append)
    shown.exchange()
    page.evaluate("""() => {
        const canvas = document.querySelector('canvas');
        for (let x = 100; x < 200; x++) {
            canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: 150 }));
        }
    }""")
    assert len(page.evaluate("() => model.sent")) == 1
    shown.exchange()  # the kernel hears it, and answers
    assert len(page.evaluate("() => model.sent")) == 1
    shown.exchange()
    assert len(events) == 2
    assert events[-1].x == pytest.approx(
        live.figure.axes[0].transData.inverted().transform(((199 - 8) * page.ratio, 0))[0]
    )


def test_a_view_leaves_nothing_behind(page, address):
    show(page, address, bars)
    page.evaluate("async () => { views[0].close(); await painted(); }")
    model_only = page.evaluate("() => model.listeners()")
    for _ in range(20):
        page.evaluate(
            "async () => { const view = await show(); await painted(); view.close(); view.el.remove(); }"
        )
    assert page.evaluate("() => model.listeners()") == model_only
    assert page.locator("canvas").count() == 0
    page.evaluate("() => stop()")
    assert page.evaluate("() => model.listeners()") == 0


def test_two_views_show_the_same(page, address):
    shown, live, move = show(page, address, bars)
    page.evaluate("async () => { await show(); }")
    move()
    live.flush()
    shown.exchange()
    first, second = page.evaluate(
        "() => [...document.querySelectorAll('canvas')].map(canvas => canvas.toDataURL())"
    )
    assert first == second and len(first) > 1000


def test_a_missed_packet_is_asked_for_again(page, address):
    shown, live, move = show(page, address, bars)
    move()
    live.flush()  # this one never arrives
    move()
    live.flush()
    shown.exchange()
    shown.exchange()
    assert_agree(shown, live)


def test_the_canvas_is_described_and_says_when_drawing_failed(page, address):
    shown, live, _ = show(page, address, bars, alt="Ten bars")
    assert page.get_by_role("img", name="Ten bars").count() == 1
    live.flush(alt="Ten other bars")
    shown.exchange()
    assert page.get_by_role("img", name="Ten other bars").count() == 1
    live.figure.axes[0].set_title("$\\broken$")
    with pytest.raises(ValueError):
        live.flush()
    shown.exchange()
    assert "could not be drawn: ValueError" in page.get_by_role("status").inner_text()
    live.figure.axes[0].set_title("whole")
    live.flush()
    shown.exchange()
    assert page.get_by_role("status").inner_text() == ""


def test_what_the_browser_cannot_read_or_paint_is_said_and_then_forgotten(page, address):
    shown, live, move = show(page, address, bars)
    said = page.get_by_role("status").inner_text

    def move_bars():
        move()
        live.flush()
        shown.exchange()  # where a packet was lost the browser asks for a whole picture
        shown.exchange()

    page.evaluate("async () => { model.set('packet', new DataView(new ArrayBuffer(2))); await painted(); }")
    assert "could not be drawn: RangeError" in said()
    page.evaluate("() => { window.pens = CanvasRenderingContext2D.prototype; window.fill = pens.fill; }")
    page.evaluate("() => { pens.fill = () => { throw new Error('planted'); }; }")
    move_bars()
    assert "could not be drawn: Error: planted" in said()
    page.evaluate("() => { pens.fill = fill; }")
    move_bars()
    assert said() == ""
    assert_agree(shown, live)
