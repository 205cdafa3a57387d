"""Arrays in, artists out: the pictures that several lessons share.

Each function draws on the axes it is given and returns a :class:`Drawn`: its artists by name, and an
``update(...)`` that takes new values of the same shapes. It calls setters of these artists and nothing else,
so a live figure repaints only what moved.

Example:
    >>> from lessons_lib.drawing import style
    >>> fig, ax = style.figure()
    >>> digit = digit_image(ax, np.zeros(784))
    >>> digit.update(np.ones(784))
    >>> float(digit.image.get_array().max())
    1.0
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil, isqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.patches import Polygon
from numpy.typing import ArrayLike

from lessons_lib.drawing import style

Values = Sequence[float] | np.ndarray
GAP = 2  # pixels between two tiles of a mosaic
FEW = 20  # names or numbers that have room beside one another in half a figure


class Drawn(SimpleNamespace):
    """What a chart returns: its artists as attributes, and ``update(...)``, which gives them new values."""

    def __init__(self, update: Callable[..., None], **artists: Any) -> None:
        super().__init__(update=update, **artists)


def unit(pixels: ArrayLike) -> np.ndarray:
    """Pixels of any shape as floats in 0..1, whether they come as uint8 in 0..255 or as such floats.

    Raises:
        ValueError: for grey levels 0..255 of another type, which would all be drawn white.
    """
    pixels = np.asarray(pixels)
    if pixels.dtype == np.uint8:
        return pixels / 255.0
    if np.max(pixels, initial=0) > 50:
        raise ValueError(
            f"the pixels go up to {pixels.max():g}, in {pixels.dtype}; expected 0..1, or 0..255 in uint8. "
            "Divide them by 255, or, for whole numbers, write pixels.astype(np.uint8)"
        )
    return pixels.astype(float)


def square(values: ArrayLike) -> np.ndarray:
    """A vector as a picture as wide as high: (784,) as (28, 28)."""
    values = np.asarray(values)
    return values.reshape(isqrt(values.size), -1)


def symmetric_limit(values: ArrayLike) -> float:
    """The largest absolute value, or 1 if all are zero: the limit of a scale with zero in the middle."""
    return float(np.max(np.abs(values), initial=0.0)) or 1.0


def round_up(value: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below ``value``; 1 for 0."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9)))


def set_limits(
    ax: Axes, *, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None
) -> None:
    """Set the limits of ``ax`` if they differ: setting them, even to the same, draws the frame anew."""
    if x and ax.get_xlim() != x:
        ax.set_xlim(x)
    if y and ax.get_ylim() != y:
        ax.set_ylim(y)


def tick_labels(axis: Axis, labels: Iterable, *, size: float = style.SMALL) -> None:
    """Label 0, 1, 2... on ``axis`` (``ax.xaxis`` or ``ax.yaxis``), without tick marks.

    Of more than ``FEW`` labels only every fifth, tenth... is shown.
    """
    words = [str(label) for label in labels]
    every = thinned(len(words))
    axis.set_ticks(range(0, len(words), every), words[::every], fontsize=size)
    axis.set_tick_params(length=0)


def thinned(n: int) -> int:
    """Which of n labels have room: every one, or every fifth, tenth, twentieth, fiftieth..."""
    return 1 if n <= FEW else max(5, int(round_up(n / FEW)))


def cost_axis(ax: Axes) -> None:
    """Make the y axis logarithmic, with room for an untrained network and for a good one."""
    ax.set(yscale="log", ylim=(0.05, 3))
    ax.set_yticks([0.1, 0.3, 1], ["0.1", "0.3", "1"])
    ax.minorticks_off()


# Digits and weights


def digit_image(ax: Axes, pixels: ArrayLike, *, title: str | None = None) -> Drawn:
    """Draw one digit, black to white.

    Args:
        pixels: (784,) uint8, or floats in 0..1; another square number of pixels is as good.

    Returns:
        ``image``; ``update(pixels)``.
    """
    image = style.bare(ax).imshow(square(unit(pixels)), cmap=style.ACTIVATION, vmin=0, vmax=1)
    if title is not None:
        style.title(ax, title)

    def update(pixels: ArrayLike) -> None:
        image.set_data(square(unit(pixels)))

    return Drawn(update, image=image)


def digit_grid(ax: Axes, pixels: ArrayLike, *, columns: int = 8) -> Drawn:
    """Draw many digits in one picture, row by row.

    Args:
        pixels: (n, 784) uint8, or floats in 0..1.

    Returns:
        ``image``; ``update(pixels)`` with the same n.
    """
    image = style.bare(ax).imshow(mosaic(unit(pixels), columns), cmap=style.ACTIVATION, vmin=0, vmax=1)

    def update(pixels: ArrayLike) -> None:
        image.set_data(mosaic(unit(pixels), columns))

    return Drawn(update, image=image)


def mosaic(pictures: ArrayLike, columns: int, *, rows: int | None = None) -> np.ma.MaskedArray:
    """Square pictures side by side, row by row, masked in the gaps, where the background shows.

    Args:
        pictures: (n, 784), or another square number of pixels.
        columns: how many stand beside each other.
        rows: how many rows there are; as many as the pictures need, unless given.

    Returns:
        One masked picture, in which the tile at row r and column c begins at pixel (r · pitch, c · pitch),
        where the pitch is the side of a picture and ``GAP``.
    """
    pictures = np.asarray(pictures)
    rows = rows or ceil(len(pictures) / columns)
    side = isqrt(pictures.shape[1])
    pitch = side + GAP
    tiles = np.full((rows, pitch, columns, pitch), np.nan)
    for k, picture in enumerate(pictures):
        tiles[k // columns, :side, k % columns, :side] = picture.reshape(side, side)
    return np.ma.masked_invalid(tiles.reshape(rows * pitch, columns * pitch)[:-GAP, :-GAP])


def weights_image(
    ax: Axes, weights: ArrayLike, *, limit: float | None = None, title: str | None = None
) -> Drawn:
    """Draw the weights into one first-layer neuron: orange positive, blue negative, white zero.

    Args:
        weights: (784,), or another square number.
        limit: the size shown in full colour; by default the largest now shown.

    Returns:
        ``image``; ``update(weights)``.
    """
    image = style.bare(ax).imshow(np.zeros((28, 28)), cmap=style.SIGNED)
    if title is not None:
        style.title(ax, title)

    def update(weights: ArrayLike) -> None:
        image.set_data(square(np.asarray(weights, float)))
        most = limit or symmetric_limit(weights)
        image.set_clim(-most, most)

    update(weights)
    return Drawn(update, image=image)


# Bars, arrows and votes


def activation_bars(
    ax: Axes, activations: Values, *, labels: Iterable | None = None, digits: int = 2
) -> Drawn:
    """Draw activations as horizontal bars on dark tracks, each as bright as it is long.

    A track is 1 long, or as long as the largest activation beyond 1. More than ``FEW`` bars have no numbers.

    Args:
        activations: (n,) of at least 0.
        labels: n names, top to bottom; by default 0, 1, 2...
        digits: decimals of the number to the right of each bar.

    Returns:
        ``bars`` and ``values`` (texts); ``update(activations)``.
    """
    n = len(activations)
    ax.barh(range(n), np.ones(n), height=0.72, color="#2b2f36")
    # The edge shows where a full bar ends, which is as white as the paper.
    bars = ax.barh(range(n), np.zeros(n), height=0.72, edgecolor="#2b2f36", linewidth=0.8)
    values = [ax.text(1.03, k, "", va="center", fontsize=style.SMALL) for k in range(n)]
    style.bare(ax).set(xlim=(0, 1.22), ylim=(n - 0.4, -0.6))
    tick_labels(ax.yaxis, range(n) if labels is None else labels, size=style.TEXT)

    def update(activations: Values) -> None:
        whole = max(1.0, float(np.max(activations)))
        for bar, text, a in zip(bars, values, activations, strict=True):
            length = float(a) / whole
            bar.set_width(length)
            bar.set_facecolor(style.ACTIVATION(0.35 + 0.65 * length))
            text.set_text(f"{a:.{digits}f}" if n <= FEW else "")

    update(activations)
    return Drawn(update, bars=bars, values=values)


def apart(places: Values, distance: float, *, fixed: Values | None = None) -> np.ndarray:
    """Move places away from each other until they are a ``distance`` apart, if there is room: for words.

    Args:
        places: (n, dimensions), in units that look alike in every direction.
        distance: in the same units.
        fixed: (m, dimensions) places to keep as far away from, such as dots.

    Example:
        >>> apart([[1.0], [2.0], [9.0]], 2.0).round(3).tolist()
        [[0.5], [2.5], [9.0]]
    """
    moved = np.array(places, float)
    moved += 1e-6 * distance * np.arange(len(moved))[:, None]  # or equal places would stay together
    for _ in range(100):
        others = moved if fixed is None else np.concatenate([moved, fixed])
        away = moved[:, None] - others
        between = np.linalg.norm(away, axis=-1)
        np.fill_diagonal(between, np.inf)
        lacking = np.maximum(distance - between, 0) / 2
        if lacking.max(initial=0) < 0.01 * distance:
            break
        moved += (away / between[..., None] * lacking[..., None]).sum(axis=1)
    return moved


def accuracy_bars(ax: Axes, colors: Mapping[str, str], *, room: float) -> Drawn:
    """Draw accuracies as horizontal bars from 0 to 1, each with its number at its end.

    Args:
        colors: name -> colour, one bar for each name.
        room: where the axis ends, to leave room for the words.

    Returns:
        ``bars`` and ``values`` (texts), dictionaries by name;
        ``update({name: accuracy}, {name: words after the number})``.
    """
    n = len(colors)
    bars = dict(zip(colors, ax.barh(range(n), np.zeros(n), height=0.62, color=colors.values()), strict=True))
    values = {name: ax.text(0, k, "", va="center", fontsize=style.SMALL) for k, name in enumerate(colors)}
    style.bare(ax).set(xlim=(0, room), ylim=(n - 0.4, -0.6))
    tick_labels(ax.yaxis, colors, size=style.TEXT)

    def update(accuracies: Mapping[str, float], words: Mapping[str, str] | None = None) -> None:
        for name, accuracy in accuracies.items():
            bars[name].set_width(accuracy)
            after = (words or {}).get(name, "")
            values[name].set(x=accuracy + 0.03, text=f"{accuracy:.1%}{after}")

    return Drawn(update, bars=bars, values=values)


def signed_arrows(ax: Axes, values: Values, *, limit: float | None = None) -> Drawn:
    """Draw changes as arrows from a zero line: orange up, blue down.

    Args:
        values: (n,).
        limit: the size at the ends of the axis; by default the largest now shown. A larger value is cut off.

    Returns:
        ``arrows`` (polygons); ``update(values)``.
    """
    arrows = [Polygon(np.zeros((7, 2)), closed=True) for _ in values]
    for arrow in arrows:
        ax.add_patch(arrow)
    ax.axhline(0, color=style.MUTED, linewidth=0.8)
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(-0.6, len(values) - 0.4)
    tick_labels(ax.xaxis, range(len(values)), size=style.TEXT)
    if limit is not None:
        ax.set_ylim(-1.08 * limit, 1.08 * limit)

    def update(values: Values) -> None:
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


def vote_histogram(
    ax: Axes,
    votes: np.ndarray,
    labels: np.ndarray,
    *,
    bins: int = 40,
    limit: float | None = None,
    height: float | None = None,
    by_size: bool = False,
) -> Drawn:
    """Draw what every example wants of one weight: stacked by digit, one colour per digit, the mean marked.

    Args:
        votes: (n,) floats; those beyond ``limit`` count in the last bar.
        labels: (n,) digits 0..9.
        limit: the horizontal range is -limit..limit; by default the largest vote.
        height: the count at the top; by default it fits.
        by_size: whether a vote counts for its share of the total size of all votes, instead of for 1.

    Returns:
        ``areas`` (ten polygons), ``mean`` (a line) and ``mean_text``; ``update(votes, labels)``, or
        ``update(votes, labels, limit)`` for another range.
    """
    areas = [Polygon(np.zeros((2, 2)), facecolor=color, linewidth=0) for color in style.DIGITS]
    for area in areas:
        ax.add_patch(area)
    ax.axvline(0, color=style.MUTED, linewidth=0.8)
    mean = ax.axvline(0, color=style.INK, linewidth=2)
    mean_text = ax.text(0, 1.0, "", transform=ax.get_xaxis_transform(), va="bottom", ha="center")
    ax.set(ylabel="examples")

    def update(votes: np.ndarray, labels: np.ndarray, limit: float | None = limit) -> None:
        most = limit or symmetric_limit(votes)
        edges = np.linspace(-most, most, bins + 1)
        size = np.abs(votes) / (np.abs(votes).sum() or 1) if by_size else np.ones(len(votes))
        groups = [labels == digit for digit in range(10)]
        counts = [np.histogram(np.clip(votes[g], -most, most), edges, weights=size[g])[0] for g in groups]
        tops = np.vstack([np.zeros(bins), np.cumsum(counts, axis=0)])
        for digit, area in enumerate(areas):
            area.set_xy(_steps(edges, tops[digit], tops[digit + 1]))
        ax.set(xlim=(-most, most), ylim=(0, height or 1.05 * (tops[-1].max() or 1)))
        average = float(np.mean(votes))
        mean.set_xdata([average, average])
        mean_text.set(x=average, text=style.minus(f"mean {average:+.2g}"))

    update(np.asarray(votes), np.asarray(labels))
    return Drawn(update, areas=areas, mean=mean, mean_text=mean_text)


def _steps(edges, low, high):
    """The outline (4·bins, 2) of the area between two step functions over the same bins."""
    x = np.repeat(edges, 2)[1:-1]
    top, bottom = (np.column_stack([x, np.repeat(y, 2)]) for y in (high, low))
    return np.vstack([top, bottom[::-1]])
