"""Three figures, each shown in every way that a teacher might pick. Runs in the notebook's kernel.

:func:`show` displays a slider and a picture that follows it. Every picture has a square patch whose colour
spells the slider's value (:func:`colour`), so whoever sees the screen knows which value is on it.
"""

import importlib
import time
from itertools import pairwise
from types import SimpleNamespace

import ipywidgets as W
import numpy as np
from IPython.display import display

FIRST, LAST = 500, 1000  # where the slider starts, and how far it goes
SIZE = (6.4, 4.8)  # inches, at 100 dots each
COMPUTED = []  # seconds of every call of compute, which is the same work in every way


def colour(value):
    """The patch of a value: its three digits to base 11, one for each channel."""
    return tuple(25 * (value // 11**place % 11) for place in (2, 1, 0))


def css(value):
    return "rgb({},{},{})".format(*colour(value))


def rgb(value):
    return tuple(part / 255 for part in colour(value))


def slider():
    return W.IntSlider(FIRST, 0, LAST, description="Value", layout=W.Layout(width="600px"))


# What the figures show


class Pictures:
    """A 4 × 4 grid of 28 × 28 pictures, and ten bars."""

    def __init__(self):
        self.base = np.random.default_rng(0).normal(size=(16, 28, 28)).astype(np.float32)

    def compute(self, value):
        pictures = np.sin(3 * self.base + value / 20)
        return SimpleNamespace(pictures=pictures, bars=np.abs(pictures[:10, 14, 14]))

    def matplotlib(self, fig, data):
        grid = fig.add_gridspec(4, 5, width_ratios=(1, 1, 1, 1, 2))
        cells = [fig.add_subplot(grid[i // 4, i % 4], xticks=[], yticks=[]) for i in range(16)]
        self.images = [
            cell.imshow(p, cmap="coolwarm", vmin=-1, vmax=1)
            for cell, p in zip(cells, data.pictures, strict=True)
        ]
        side = fig.add_subplot(grid[:, 4], ylim=(0, 1), yticks=[])
        self.bars = side.bar(range(10), data.bars)
        return [*self.images, *self.bars]

    def set(self, data):
        for image, picture in zip(self.images, data.pictures, strict=True):
            image.set_data(picture)
        for bar, height in zip(self.bars, data.bars, strict=True):
            bar.set_height(height)

    def plotly(self, data):
        from plotly import graph_objects as go
        from plotly.subplots import make_subplots

        places = [[{}] * 4 + [{"rowspan": 4}], *([[{}] * 4 + [None]] * 3)]
        fig = make_subplots(4, 5, specs=places, column_widths=[1, 1, 1, 1, 2])
        for i, picture in enumerate(data.pictures):
            fig.add_heatmap(z=picture, zmin=-1, zmax=1, showscale=False, row=i // 4 + 1, col=i % 4 + 1)
        fig.add_bar(y=data.bars, row=1, col=5)
        fig.update_yaxes(range=(0, 1), row=1, col=5)
        return go.FigureWidget(fig)

    def set_plotly(self, fig, data):
        for trace, picture in zip(fig.data, data.pictures, strict=False):
            trace.z = picture
        fig.data[16].y = data.bars

    def bqplot(self, data):
        import bqplot as bq

        places = np.arange(116.0)
        scales = {"x": bq.LinearScale(), "y": bq.LinearScale(), "color": bq.ColorScale()}
        self.mosaic = bq.HeatMap(x=places, y=places, color=self._mosaic(data), scales=scales)
        scales = {"x": bq.OrdinalScale(), "y": bq.LinearScale(min=0, max=1)}
        self.columns = bq.Bars(x=np.arange(10), y=data.bars, scales=scales)
        return [[self.mosaic], [self.columns]]

    def set_bqplot(self, data):
        self.mosaic.color = self._mosaic(data)
        self.columns.y = data.bars

    @staticmethod
    def _mosaic(data):
        """The 16 pictures as one, which is what bqplot shows fastest."""
        padded = np.pad(data.pictures, ((0, 0), (0, 1), (0, 1)))
        return padded.reshape(4, 4, 29, 29).swapaxes(1, 2).reshape(116, 116)


class Path:
    """A filled contour map, and a path of 200 points over it that is walked anew for every value."""

    def __init__(self):
        self.x, self.y = np.linspace(-2, 2, 100), np.linspace(-1, 3, 100)
        self.cost = np.log1p((1 - self.x) ** 2 + 100 * (self.y[:, None] - self.x**2) ** 2)

    def compute(self, value):
        point, points = np.array([-1.5, 2.5]), np.empty((200, 2))
        for i in range(200):
            points[i] = point
            x, y = point
            slope = np.array([2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)])
            point = point - (0.005 + value * 2e-5) * slope / (1 + np.hypot(*slope) / 10)
        return SimpleNamespace(points=points)

    def matplotlib(self, fig, data):
        axes = fig.add_subplot()
        axes.contourf(self.x, self.y, self.cost, levels=20)
        (self.line,) = axes.plot(*data.points.T, ".-", color="white")
        axes.set(xlim=(-2, 2), ylim=(-1, 3))
        return [self.line]

    def set(self, data):
        self.line.set_data(*data.points.T)

    def plotly(self, data):
        from plotly import graph_objects as go

        fig = go.FigureWidget()
        fig.add_contour(x=self.x, y=self.y, z=self.cost, ncontours=20, showscale=False)
        x, y = data.points.T
        fig.add_scatter(x=x, y=y, mode="lines+markers", line_color="white", marker_size=4)
        fig.update_layout(xaxis_range=(-2, 2), yaxis_range=(-1, 3))
        return fig

    def set_plotly(self, fig, data):
        fig.data[1].x, fig.data[1].y = data.points.T

    def bqplot(self, data):
        import bqplot as bq

        scales = {"x": bq.LinearScale(min=-2, max=2), "y": bq.LinearScale(min=-1, max=3)}
        surface = bq.HeatMap(x=self.x, y=self.y, color=self.cost, scales={**scales, "color": bq.ColorScale()})
        x, y = data.points.T
        self.track = bq.Lines(x=x, y=y, colors=["white"], marker="circle", marker_size=10, scales=scales)
        return [[surface, self.track]]

    def set_bqplot(self, data):
        with self.track.hold_sync():
            self.track.x, self.track.y = data.points.T


class Edges:
    """A network drawn as 800 edges, each with a colour and a width of its own."""

    def __init__(self):
        sizes = (20, 20, 16, 5)
        columns = [np.column_stack([np.full(n, i), np.linspace(0, 1, n)]) for i, n in enumerate(sizes)]
        self.nodes = np.concatenate(columns)
        self.segments = np.array([(a, b) for left, right in pairwise(columns) for a in left for b in right])
        self.base = np.random.default_rng(0).normal(size=len(self.segments))

    def compute(self, value):
        return SimpleNamespace(weights=np.sin(3 * self.base + value / 20))

    @staticmethod
    def _look(data):
        up = data.weights[:, None] > 0
        return np.where(up, (0.9, 0.45, 0.1), (0.1, 0.4, 0.8)), 0.2 + 2 * np.abs(data.weights)

    def matplotlib(self, fig, data):
        from matplotlib.collections import LineCollection

        axes = fig.add_subplot(xlim=(-0.2, 3.2), ylim=(-0.1, 1.1), xticks=[], yticks=[])
        colours, widths = self._look(data)
        self.lines = axes.add_collection(LineCollection(self.segments, colors=colours, linewidths=widths))
        axes.scatter(*self.nodes.T, s=30, color="black", zorder=3)
        return [self.lines]

    def set(self, data):
        colours, widths = self._look(data)
        self.lines.set(color=colours, linewidth=widths)

    def plotly(self, data):
        from plotly import graph_objects as go

        fig = go.FigureWidget()
        for kind in range(16):
            line = {"width": 0.3 + 0.25 * (kind % 8), "color": ("#1a66cc", "#e6731a")[kind // 8]}
            fig.add_scatter(mode="lines", line=line, showlegend=False)
        x, y = self.nodes.T
        fig.add_scatter(x=x, y=y, mode="markers", marker_color="black", showlegend=False)
        fig.update_layout(xaxis_range=(-0.2, 3.2), yaxis_range=(-0.1, 1.1))
        self.set_plotly(fig, data)
        return fig

    def set_plotly(self, fig, data):
        """Sort the edges into 16 traces rather than 800: a plotly trace has one colour and one width."""
        kinds = 8 * (data.weights > 0) + np.minimum(8 * np.abs(data.weights), 7).astype(int)
        gaps = np.concatenate([self.segments, np.full((len(self.segments), 1, 2), np.nan)], axis=1)
        for kind in range(16):
            x, y = gaps[kinds == kind].reshape(-1, 2).T
            fig.data[kind].update(x=x, y=y)

    def bqplot(self, data):
        import bqplot as bq

        scales = {"x": bq.LinearScale(min=-0.2, max=3.2), "y": bq.LinearScale(min=-0.1, max=1.1)}
        x, y = self.nodes.T
        ends_x, ends_y = np.moveaxis(self.segments, -1, 0)
        self.strokes = bq.Lines(x=ends_x, y=ends_y, scales=scales, stroke_width=1.5)
        self.set_bqplot(data)
        return [[self.strokes, bq.Scatter(x=x, y=y, colors=["black"], scales=scales)]]

    def set_bqplot(self, data):
        """Show the weight as opacity: a bqplot mark has one width."""
        with self.strokes.hold_sync():
            self.strokes.colors = np.where(data.weights > 0, "#e6731a", "#1a66cc").tolist()
            self.strokes.opacities = np.abs(data.weights).round(3).tolist()


FIGURES = {"pictures": Pictures, "path": Path, "edges": Edges}


class Retraining:
    """The cost of each batch of a network that is trained on 6,000 images for every value."""

    def __init__(self):
        from lessons_lib import Network, load_mnist

        self.digits = load_mnist().train[:6000]
        self.net = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))

    def compute(self, value):
        from lessons_lib import train
        from lessons_lib.engine.optimizers import SGD

        rate, rng = 0.1 + value / 200, np.random.default_rng(0)
        steps = train(self.net, self.digits, SGD(rate), batch_size=100, rng=rng)
        return SimpleNamespace(costs=[step.cost for step in steps])

    def matplotlib(self, fig, data):
        axes = fig.add_subplot(xlim=(0, 60), ylim=(0, 2.5), xlabel="step", ylabel="cost")
        (self.line,) = axes.plot(data.costs)
        return [self.line]

    def set(self, data):
        self.line.set_ydata(data.costs)


RETRAINING = "retraining"  # a figure of its own: it asks how often a drag shows what had to be trained first


# The ways to show them


class Matplotlib:
    """A figure in matplotlib with its patch; ``artists`` are those that move."""

    def __init__(self, content, fig):
        self.content, self.fig = content, fig
        self.artists = content.matplotlib(fig, content.compute(FIRST))
        from matplotlib.patches import Rectangle

        self.patch = fig.add_artist(Rectangle((0.005, 0.92), 0.08, 0.075, facecolor=rgb(FIRST)))
        self.artists.append(self.patch)

    def set(self, value, data):
        self.content.set(data)
        self.patch.set_facecolor(rgb(value))


def timed(content, value):
    start = time.thread_time()
    data = content.compute(value)
    COMPUTED.append(time.thread_time() - start)
    return data


def floor(content):
    """A slider that sets a line of text through the kernel: no picture can beat that."""
    control, label = slider(), W.HTML()

    def update(value):
        label.value = f'<div style="background: {css(value)}; width: 60px">{value}</div>'

    update(FIRST)
    follow(control, update)
    return W.VBox([control, label])


def panel(content):
    from matplotlib.figure import Figure

    from lessons_lib.panels.panel import Panel

    class Bench(Panel):
        title = "Bench"

        def controls(self):
            return {"value": slider()}

        def figure(self):
            fig = Figure(SIZE, dpi=100)
            self.picture = Matplotlib(content, fig)
            return fig

        def compute(self, state):
            return SimpleNamespace(value=state.value, data=timed(content, state.value))

        def draw(self, result):
            self.picture.set(result.value, result.data)

        def describe(self, result):
            return f"The value is {result.value}."

    return Bench()


def live_figure(content):
    from matplotlib.figure import Figure

    from lessons_lib.live import LiveFigure

    picture = Matplotlib(content, Figure(SIZE, dpi=100))
    control, live = slider(), LiveFigure(picture.fig)
    follow(control, lambda value: picture.set(value, timed(content, value)))
    return W.VBox([control, live])


def interact_inline(content):
    import matplotlib.pyplot as plt

    plt.switch_backend("module://matplotlib_inline.backend_inline")
    plt.rcParams["figure.dpi"] = 100

    def draw(value):
        picture = Matplotlib(content, plt.figure(figsize=SIZE))
        picture.set(value, timed(content, value))
        plt.show()

    W.interact(draw, value=slider())


def ipympl_figure(content):
    import matplotlib.pyplot as plt

    plt.switch_backend("module://ipympl.backend_nbagg")
    with plt.ioff():
        return Matplotlib(content, plt.figure(figsize=SIZE, dpi=100))


def ipympl_draw_idle(content):
    picture, control = ipympl_figure(content), slider()

    def update(value):
        picture.set(value, timed(content, value))
        picture.fig.canvas.draw_idle()

    follow(control, update)
    return W.VBox([control, picture.fig.canvas])


def ipympl_blit(content):
    picture, control = ipympl_figure(content), slider()
    canvas = picture.fig.canvas
    for artist in picture.artists:
        artist.set_animated(True)
    still = []

    def paint():
        for artist in picture.artists:
            (artist.axes or picture.fig).draw_artist(artist)

    def drawn(event):
        still[:] = [canvas.copy_from_bbox(picture.fig.bbox)]
        paint()

    def update(value):
        picture.set(value, timed(content, value))
        canvas.restore_region(still[0])
        paint()
        canvas.blit(picture.fig.bbox)

    canvas.mpl_connect("draw_event", drawn)  # the browser asks for the first drawing
    follow(control, update)
    return W.VBox([control, canvas])


def plotly(content):
    control = slider()
    fig = content.plotly(content.compute(FIRST))
    fig.add_scatter(x=[0], y=[0], xaxis="x99", yaxis="y99", mode="markers", showlegend=False)
    patch = fig.data[-1]
    patch.marker = {"symbol": "square", "size": 40, "color": css(FIRST)}
    x = {"visible": False, "range": (-1, 1), "domain": (0, 0.1), "anchor": "y99"}
    y = {"visible": False, "range": (-1, 1), "domain": (0.9, 1), "anchor": "x99"}
    margin = {"l": 40, "r": 10, "t": 50, "b": 30}
    fig.update_layout(width=640, height=480, margin=margin, xaxis99=x, yaxis99=y)

    def update(value):
        data = timed(content, value)
        with fig.batch_update():
            content.set_plotly(fig, data)
            patch.marker.color = css(value)

    follow(control, update)
    return W.VBox([control, fig])


def bqplot(content):
    import bqplot as bq

    control = slider()
    groups = content.bqplot(content.compute(FIRST))
    none = {"x": bq.LinearScale(min=0, max=1), "y": bq.LinearScale(min=0, max=1)}
    patch = bq.Scatter(x=[0.5], y=[0.5], scales=none, colors=[css(FIRST)], marker="square", default_size=900)
    look = {"fig_margin": {"top": 5, "bottom": 5, "left": 5, "right": 5}, "animation_duration": 0}
    box = W.Layout(width=f"{640 // len(groups)}px", height="420px")
    figures = [bq.Figure(marks=marks, layout=box, **look) for marks in groups]
    small = W.Layout(width="60px", height="60px")
    corner = bq.Figure(marks=[patch], layout=small, min_aspect_ratio=1, max_aspect_ratio=1, **look)

    def update(value):
        content.set_bqplot(timed(content, value))
        patch.colors = [css(value)]

    follow(control, update)
    return W.VBox([control, corner, W.HBox(figures)])


def follow(control, update):
    """Call ``update`` with every new value of the slider."""
    control.observe(lambda change: update(change.new), "value")


WAYS = {
    "floor": floor,
    "Panel": panel,
    "LiveFigure": live_figure,
    "interact + inline": interact_inline,
    "ipympl, draw_idle": ipympl_draw_idle,
    "ipympl, blitting": ipympl_blit,
    "plotly FigureWidget": plotly,
    "bqplot": bqplot,
}


LIBRARIES = {
    "floor": (),
    "Panel": ("matplotlib.figure", "lessons_lib.panels.panel"),
    "LiveFigure": ("matplotlib.figure", "lessons_lib.live"),
    "interact + inline": ("matplotlib.pyplot", "matplotlib_inline.backend_inline"),
    "ipympl, draw_idle": ("matplotlib.pyplot", "ipympl.backend_nbagg"),
    "ipympl, blitting": ("matplotlib.pyplot", "ipympl.backend_nbagg"),
    "plotly FigureWidget": ("plotly.graph_objects", "plotly.subplots"),
    "bqplot": ("bqplot",),
}


def prepare(way):
    """Import what a way needs, which the time to its first picture should leave out."""
    for library in LIBRARIES[way]:
        importlib.import_module(library)


def show(figure, way):
    """Display one of FIGURES in one of WAYS."""
    shown = WAYS[way]({**FIGURES, RETRAINING: Retraining}[figure]())
    if shown is not None:
        display(shown)
