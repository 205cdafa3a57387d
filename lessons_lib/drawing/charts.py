"""Arrays in, artists out: the pictures that several lessons share.

Each function draws on the axes it is given and returns a `Drawn`: its artists by name, and `update(...)`,
which takes new values of the same shapes and changes the artists by matplotlib setters only, so that a live
figure repaints no more than what moved. Options are keyword-only.

>>> from lessons_lib.drawing import style
>>> import numpy as np
>>> fig, ax = style.figure()
>>> digit = digit_image(ax, np.zeros(784))
>>> digit.update(np.ones(784))
>>> float(digit.image.get_array().max())
1.0
"""

import math
from itertools import pairwise

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Polygon

from lessons_lib.drawing import style

GAP = 2  # pixels between two tiles of a mosaic
PITCH = 28 + GAP  # from the start of one tile to that of the next


class Drawn:
    """What a function here returns: artists as attributes, and `update(...)` that gives them new values."""

    def __init__(self, update, **artists):
        self.update = update
        self.__dict__.update(artists)


def unit(pixels):
    """Pixels as floats in 0..1, whether they come as uint8 in 0..255 or as floats already; any shape."""
    pixels = np.asarray(pixels)
    return pixels / 255.0 if pixels.dtype == np.uint8 else pixels.astype(float)


def symmetric_limit(values):
    """The largest size in `values` (1 if all are zero): the limit of a scale with zero in the middle."""
    return float(np.max(np.abs(values), initial=0.0)) or 1.0


def set_x_limits(ax, low, high):
    """Set the limits of `ax` where they differ: setting them draws the frame anew, even to the same."""
    if ax.get_xlim() != (low, high):
        ax.set_xlim(low, high)


def tick_labels(axis, labels, *, size=style.SMALL):
    """Put one tick with its label at 0, 1, 2... on `axis` (`ax.xaxis` or `ax.yaxis`), without tick marks."""
    axis.set_ticks(range(len(labels)), [str(label) for label in labels], fontsize=size)
    axis.set_tick_params(length=0)


# Digits and weights


def digit_image(ax, pixels, *, title=None):
    """One digit, black to white. `pixels`: (784,) uint8 or 0..1. Artists: `image`. ``update(pixels)``."""
    image = style.bare(ax).imshow(unit(pixels).reshape(28, 28), cmap=style.ACTIVATION, vmin=0, vmax=1)
    if title is not None:
        style.title(ax, title)

    def update(pixels):
        image.set_data(unit(pixels).reshape(28, 28))

    return Drawn(update, image=image)


def digit_grid(ax, pixels, *, columns=8):
    """Many digits in one picture, row by row.

    `pixels`: (n, 784). Artists: `image`. ``update(pixels)``, same n.
    """
    image = style.bare(ax).imshow(mosaic(unit(pixels), columns), cmap=style.ACTIVATION, vmin=0, vmax=1)

    def update(pixels):
        image.set_data(mosaic(unit(pixels), columns))

    return Drawn(update, image=image)


def mosaic(pictures, columns, *, rows=None):
    """Pictures of 28 × 28 pixels side by side, row by row, masked in the gaps, where the background shows.

    `pictures`: (n, 784); `rows`: as many as they need, unless given. The result is one masked picture in
    which the tile at row r and column c begins at pixel (r · PITCH, c · PITCH).
    """
    rows = rows or math.ceil(len(pictures) / columns)
    tiles = np.full((rows, PITCH, columns, PITCH), np.nan)
    for k, picture in enumerate(pictures):
        tiles[k // columns, :28, k % columns, :28] = np.reshape(picture, (28, 28))
    return np.ma.masked_invalid(tiles.reshape(rows * PITCH, columns * PITCH)[:-GAP, :-GAP])


def weights_image(ax, weights, *, limit=None, title=None):
    """The weights into one first-layer neuron as a picture: orange positive, blue negative, white zero.

    `weights`: (784,); `limit`: the size shown in full colour (default: the largest now shown).
    Artists: `image`. ``update(weights)``.
    """
    image = style.bare(ax).imshow(np.zeros((28, 28)), cmap=style.SIGNED)
    if title is not None:
        style.title(ax, title)

    def update(weights):
        image.set_data(np.asarray(weights, float).reshape(28, 28))
        most = limit or symmetric_limit(weights)
        image.set_clim(-most, most)

    update(weights)
    return Drawn(update, image=image)


# Activations and changes


def activation_bars(ax, activations, *, labels=None, digits=2):
    """Activations as lying bars on dark tracks, each as bright as it is long, with its number at the right.

    `activations`: (n,) in 0..1. Artists: `bars`, `values` (texts). ``update(activations)``.
    """
    n = len(activations)
    ax.barh(range(n), np.ones(n), height=0.72, color="#2b2f36")
    bars = ax.barh(
        range(n), np.zeros(n), height=0.72, edgecolor="#2b2f36", linewidth=0.8
    )  # a full bar is white
    values = [ax.text(1.03, k, "", va="center", fontsize=style.SMALL) for k in range(n)]
    style.bare(ax).set(xlim=(0, 1.22), ylim=(n - 0.4, -0.6))
    tick_labels(ax.yaxis, range(n) if labels is None else labels, size=style.TEXT)

    def update(activations):
        for bar, text, a in zip(bars, values, activations, strict=True):
            bar.set_width(float(a))
            bar.set_facecolor(style.ACTIVATION(0.35 + 0.65 * float(a)))
            text.set_text(f"{a:.{digits}f}")

    update(activations)
    return Drawn(update, bars=bars, values=values)


def accuracy_bars(ax, colors, *, room):
    """Accuracies as lying bars from 0 to 1, one for each name, with the number at the end of its bar.

    `colors`: a dict of name -> colour; `room`: how far the axis goes, for the words. Artists: `bars`,
    `values` (texts), dictionaries by name. ``update({name: accuracy}, {name: words behind the number})``.
    """
    n = len(colors)
    bars = dict(zip(colors, ax.barh(range(n), np.zeros(n), height=0.62, color=colors.values()), strict=True))
    values = {name: ax.text(0, k, "", va="center", fontsize=style.SMALL) for k, name in enumerate(colors)}
    style.bare(ax).set(xlim=(0, room), ylim=(n - 0.4, -0.6))
    tick_labels(ax.yaxis, colors, size=style.TEXT)

    def update(accuracies, words=None):
        for name, accuracy in accuracies.items():
            bars[name].set_width(accuracy)
            behind = (words or {}).get(name, "")
            values[name].set(x=accuracy + 0.03, text=f"{accuracy:.1%}{behind}")

    return Drawn(update, bars=bars, values=values)


def activation_column(ax, activations, *, limit=1.0):
    """Activations as a column of cells, black to white.

    `activations`: (n,) in 0..limit. Artists: `image`. ``update(activations)``.
    """
    image = ax.imshow(np.asarray(activations, float)[:, None], cmap=style.ACTIVATION, vmin=0, vmax=limit)
    ax.hlines(np.arange(1, len(activations)) - 0.5, -0.5, 0.5, color=style.PAPER, linewidth=1.5)
    style.bare(ax)

    def update(activations):
        image.set_data(np.asarray(activations, float)[:, None])

    return Drawn(update, image=image)


def signed_bars(ax, values, *, labels=None, limit=None):
    """Changes as bars from a zero line: orange up, blue down.

    `values`: (n,); `limit`: the size at the axis' ends (default: the largest now shown). Artists: `bars`.
    ``update(values)``; a value beyond a given `limit` is cut at the axis' end.
    """
    bars = ax.bar(range(len(values)), np.zeros(len(values)), width=0.7)
    _signed_axis(ax, values, labels, limit)

    def update(values):
        for bar, value in zip(bars, values, strict=True):
            bar.set_height(float(value))
            bar.set_facecolor(style.signed_color(value))
        if limit is None:
            ax.set_ylim(-1.08 * symmetric_limit(values), 1.08 * symmetric_limit(values))

    update(values)
    return Drawn(update, bars=bars)


def signed_arrows(ax, values, *, labels=None, limit=None):
    """Changes as arrows from a zero line: which way, and how much.

    Arguments as for `signed_bars`. Artists: `arrows` (polygons). ``update(values)``.
    """
    arrows = [ax.add_patch(Polygon(np.zeros((7, 2)), closed=True)) for _ in values]
    _signed_axis(ax, values, labels, limit)

    def update(values):
        most = limit or symmetric_limit(values)
        for k, (arrow, value) in enumerate(zip(arrows, values, strict=True)):
            arrow.set_xy(_arrow(k, float(value), head=0.16 * most))
            arrow.set_facecolor(style.signed_color(value))
        if limit is None:
            ax.set_ylim(-1.08 * most, 1.08 * most)

    update(values)
    return Drawn(update, arrows=arrows)


def _arrow(x, y, *, head):
    """The seven corners (7, 2) of an arrow from (x, 0) to (x, y)."""
    neck = y - np.sign(y) * min(head, abs(y))
    across = np.array([-0.1, -0.1, -0.3, 0, 0.3, 0.1, 0.1])
    return np.column_stack([x + across, [0, neck, neck, y, neck, neck, 0]])


def _signed_axis(ax, values, labels, limit):
    ax.axhline(0, color=style.MUTED, linewidth=0.8)
    ax.spines["bottom"].set_visible(False)
    most = 1.08 * (limit or symmetric_limit(values))
    ax.set(xlim=(-0.6, len(values) - 0.4), ylim=(-most, most))
    tick_labels(ax.xaxis, range(len(values)) if labels is None else labels, size=style.TEXT)


# Tables


def signed_table(ax, values, *, row_labels=None, column_labels=None, limit=None, show_values=False):
    """A table of signed numbers as coloured cells, with the numbers in them if `show_values`.

    `values`: (rows, columns). Artists: `image`, `texts` (row by row). ``update(values)``.
    """
    values = np.asarray(values, float)
    image = _cells(ax, values, style.SIGNED, row_labels, column_labels)
    texts = _cell_texts(ax, values.shape) if show_values else []

    def update(values):
        most = limit or symmetric_limit(values)
        image.set_data(values)
        image.set_clim(-most, most)
        for text, value in zip(texts, np.ravel(values), strict=bool(texts)):
            text.set(text=f"{value:.2f}", color=style.PAPER if abs(value) > 0.55 * most else style.INK)

    update(values)
    return Drawn(update, image=image, texts=texts)


def confusion_matrix(ax, counts):
    """How often each digit (row) was read as each digit (column). `counts`: (10, 10) integers.

    Off-diagonal cells set the colour scale: mistakes are what one looks for.
    Artists: `image`, `texts` (row by row). ``update(counts)``.
    """
    image = _cells(ax, np.asarray(counts, float), style.AMOUNT, range(10), range(10))
    texts = _cell_texts(ax, (10, 10))
    ax.set_xlabel("read as")
    ax.set_ylabel("written")

    def update(counts):
        most = max(1, int(np.max(counts - np.diag(np.diag(counts)))))
        image.set_data(counts)
        image.set_clim(0, 1.6 * most)
        for text, count in zip(texts, np.ravel(counts), strict=True):
            text.set(text=str(count) if count else "", color=style.PAPER if count > 0.8 * most else style.INK)

    update(np.asarray(counts))
    return Drawn(update, image=image, texts=texts)


def _cells(ax, values, cmap, row_labels, column_labels):
    image = style.bare(ax).imshow(values, cmap=cmap, aspect="auto")
    rows, columns = values.shape
    tick_labels(ax.yaxis, range(rows) if row_labels is None else row_labels)
    tick_labels(ax.xaxis, range(columns) if column_labels is None else column_labels)
    ax.hlines(np.arange(1, rows) - 0.5, -0.5, columns - 0.5, color=style.PAPER, linewidth=1.2)
    ax.vlines(np.arange(1, columns) - 0.5, -0.5, rows - 0.5, color=style.PAPER, linewidth=1.2)
    return image


def _cell_texts(ax, shape):
    return [ax.text(j, i, "", ha="center", va="center", fontsize=style.SMALL) for i, j in np.ndindex(shape)]


# Graphs


def curves(ax, names, *, colors=None, x_label="step", y_label="cost", x_limits=None, y_limits=None):
    """Named curves over steps, each labelled at its end. Artists: `lines`, `ends` (texts), dictionaries by
    name.

    ``update({name: (x, y)})``, x and y (n,). Fixed `x_limits` and `y_limits` keep the frame still and
    updates fast; without them the axes follow the data.
    """
    colors = colors or (style.INK, style.ACCENT, style.UP, style.DOWN, style.MUTED)
    colors = dict(zip(names, colors, strict=False))
    lines = {name: ax.plot([], [], color=colors[name])[0] for name in names}
    ends = {name: ax.text(0, 0, "", color=colors[name], va="center", in_layout=False) for name in names}
    ax.set(xlabel=x_label, ylabel=y_label)
    ax.margins(x=0.12)  # room for the names
    ax.set(**{k: v for k, v in {"xlim": x_limits, "ylim": y_limits}.items() if v is not None})
    ax.grid(axis="y")

    def update(data):
        for name, (x, y) in data.items():
            lines[name].set_data(x, y)
            if len(x):
                ends[name].set(position=(x[-1], y[-1]), text=f" {name}")
        if x_limits is None or y_limits is None:
            ax.relim()
            ax.autoscale_view(scalex=x_limits is None, scaley=y_limits is None)

    return Drawn(update, lines=lines, ends=ends)


def vote_histogram(ax, votes, labels, *, bins=40, limit=None, height=None):
    """What every example wants of one weight: stacked by digit, one colour a digit, the mean marked.

    `votes`: (n,) floats; `labels`: (n,) digits 0..9; `limit`: the horizontal range is -limit..limit
    (default: the largest vote); `height`: the count at the top (default: fits). Votes beyond `limit` count
    in the last bar. Artists: `areas` (ten polygons), `mean` (line), `mean_text`. ``update(votes, labels)``;
    ``update(votes, labels, limit)`` for another range.
    """
    areas = [ax.add_patch(Polygon(np.zeros((2, 2)), facecolor=color, linewidth=0)) for color in style.DIGITS]
    ax.axvline(0, color=style.MUTED, linewidth=0.8)
    mean = ax.axvline(0, color=style.INK, linewidth=2)
    mean_text = ax.text(0, 1.0, "", transform=ax.get_xaxis_transform(), va="bottom", ha="center")
    ax.set(ylabel="examples")

    def update(votes, labels, limit=limit):
        most = limit or symmetric_limit(votes)
        edges = np.linspace(-most, most, bins + 1)
        counts = [np.histogram(np.clip(votes[labels == digit], -most, most), edges)[0] for digit in range(10)]
        tops = np.vstack([np.zeros(bins), np.cumsum(counts, axis=0)])
        for digit, area in enumerate(areas):
            area.set_xy(_steps(edges, tops[digit], tops[digit + 1]))
        ax.set(xlim=(-most, most), ylim=(0, height or 1.05 * max(1, tops[-1].max())))
        average = float(np.mean(votes))
        mean.set_xdata([average, average])
        mean_text.set(x=average, text=f"mean {average:+.2g}")

    update(np.asarray(votes), np.asarray(labels))
    return Drawn(update, areas=areas, mean=mean, mean_text=mean_text)


def _steps(edges, low, high):
    """The outline (4·bins, 2) of the area between two step functions over the same bins."""
    x = np.repeat(edges, 2)[1:-1]
    top, bottom = (np.column_stack([x, np.repeat(y, 2)]) for y in (high, low))
    return np.vstack([top, bottom[::-1]])


def contour_path(ax, x, y, cost, path, *, levels=14, color=style.ACCENT):
    """A filled contour map of the cost with the path that an optimizer takes over it.

    `x`: (columns,); `y`: (rows,); `cost`: (rows, columns); `path`: (steps, 2). Artists: `line`, `start`,
    `end`, `contour`. ``update(path)`` moves the path; ``update(path, cost)`` also draws a new surface,
    which needs a new frame.
    """
    (line,) = ax.plot([], [], color=color, linewidth=1.6, marker="o", markersize=2.5, zorder=4)
    (start,) = ax.plot([], [], "o", color=style.PAPER, markeredgecolor=color, markersize=7, zorder=5)
    (end,) = ax.plot([], [], "o", color=color, markeredgecolor=style.PAPER, markersize=8, zorder=5)
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    drawn = Drawn(None, line=line, start=start, end=end, contour=None)

    def update(path, cost=None):
        if cost is not None:
            if drawn.contour is not None:
                drawn.contour.remove()
            drawn.contour = ax.contourf(x, y, cost, levels=levels, cmap=style.COST, zorder=0)
        path = np.reshape(path, (-1, 2))
        for artist, points in ((line, path), (start, path[:1]), (end, path[-1:])):
            artist.set_data(points[:, 0], points[:, 1])

    drawn.update = update
    update(path, cost)
    return drawn


# The network


def network_diagram(ax, weights, activations, *, shown=None, output_labels=None, limit=None):
    """Neurons as circles (black to white by activation), weights as lines (orange positive, blue negative).

    `weights`: one (n_out, n_in) array a layer; `activations`: one (n,) array a layer, input first; `shown`:
    for each layer the indices of the neurons to draw (default: all, or 24 evenly spaced where there are
    more than 32);
    `limit`: the weight drawn with full width and colour (default: the largest shown in each layer).
    Artists: `nodes` (one scatter a layer), `edges` (one LineCollection), `shown`. ``update(weights,
    activations)``. An edge's place in `edges` runs layer by layer, then by the neuron it goes to, then by
    the one it comes from.
    """
    shown = shown or [
        np.arange(len(a)) if len(a) <= 32 else np.linspace(0, len(a) - 1, 24).astype(int) for a in activations
    ]
    places = [
        np.column_stack([np.full(len(k), float(i)), 0.5 - (np.arange(len(k)) + 0.5) / len(k)])
        for i, k in enumerate(shown)
    ]
    segments = [[start, end] for before, after in pairwise(places) for end in after for start in before]
    edges = ax.add_collection(LineCollection(segments, zorder=1))
    look = {"cmap": style.ACTIVATION, "vmin": 0, "vmax": 1, "edgecolors": style.MUTED, "zorder": 2}
    nodes = [ax.scatter(*xy.T, s=min(220, 3600 / len(xy)), c=np.zeros(len(xy)), **look) for xy in places]
    for xy, label in zip(places[-1], output_labels or (), strict=False):
        ax.annotate(str(label), xy, xytext=(13, 0), textcoords="offset points", va="center")
    style.bare(ax).set(xlim=(-0.12, len(places) - 0.8), ylim=(-0.52, 0.52))

    def update(weights, activations):
        drawn = zip(weights, pairwise(shown), strict=True)
        strengths = [W[np.ix_(after, before)] for W, (before, after) in drawn]
        signed = np.concatenate([np.ravel(W / (limit or symmetric_limit(W))) for W in strengths])
        size = np.clip(np.abs(signed), 0, 1)
        colors = style.SIGNED(0.5 + np.where(signed < 0, -0.3, 0.3))
        colors[:, 3] = 0.06 + 0.84 * size
        edges.set(color=colors, linewidths=0.3 + 2.2 * size)
        for scatter, a, k in zip(nodes, activations, shown, strict=True):
            scatter.set_array(unit(a)[k])

    update(weights, activations)
    return Drawn(update, nodes=nodes, edges=edges, shown=shown)


def round_up(value):
    """The next of 1, 2, 5 times a power of ten that is not below `value`; 1 for 0."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9)))


def cost_axis(ax):
    """A logarithmic axis on which a new network and a good one both have room."""
    ax.set(yscale="log", ylim=(0.05, 3))
    ax.set_yticks([0.1, 0.3, 1], ["0.1", "0.3", "1"])
    ax.minorticks_off()
