""":class:`LiveFigure`: a matplotlib figure whose moving parts are painted in the browser."""

import asyncio
import io
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import traitlets
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .bundle import Bundled
from .packet import pack, same
from .pointing import PointerEvent, event_at
from .scene import Scene

HERE = Path(__file__).parent


class LiveFigure(Bundled):
    """Show a matplotlib figure that answers while the hand still moves.

    Build the figure once, keep its artists, and change them with matplotlib's own setters; see the example.
    Matplotlib draws the frame (axes, ticks, colour bars) once. An artist that changes is painted in the
    browser from then on, and only what changed is sent. Changing limits, ticks or the list of artists draws
    the frame again, which is correct too but slower: choose limits that fit every value before the figure is
    shown.

    Four things to know:

    - Make the figure with ``Figure()``, not ``plt.figure()``, or the notebook shows it a second time.
    - Use setters: ``image.set_data(a)`` is noticed, ``a[0] = 1`` is not. ``set_array`` of a collection tells
      nobody: call :meth:`flush` after it.
    - Changes are sent when the callback or cell is over. In a loop within one cell, call :meth:`flush` for
      each picture.
    - The layout is settled at the first drawing and then held still.

    ``fig.savefig`` gives the same picture as a file. Call :meth:`close` when it is no longer needed.

    Args:
        fig: a matplotlib figure that belongs to no other LiveFigure.
        alt: what the picture shows, in words, for those who cannot see it.

    Example:
        In a notebook::

            import numpy as np
            from ipywidgets import FloatSlider
            from matplotlib.figure import Figure
            from lessons_lib.live import LiveFigure

            fig = Figure(figsize=(5, 3))
            axes = fig.subplots()
            x = np.linspace(0, 10, 200)
            (line,) = axes.plot(x, np.sin(x))
            live = LiveFigure(fig, alt="A sine wave")

            slider = FloatSlider(value=1, min=0.1, max=5, description="Frequency")
            slider.observe(lambda change: line.set_ydata(np.sin(change.new * x)), "value")
            display(slider, live)
    """

    # The text and not the path: given a path, anywidget would never let go of a widget.
    _esm = (HERE / "live.js").read_text(encoding="utf-8")
    _css = (HERE / "live.css").read_text(encoding="utf-8")
    packet = traitlets.Bytes(b"").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    size = traitlets.List([1, 1]).tag(sync=True)  # CSS pixels
    trouble = traitlets.Unicode("").tag(sync=True)  # why the picture could not be drawn
    listening = traitlets.Bool(False).tag(sync=True)

    def __init__(self, fig: Figure, alt: str = "") -> None:
        self.figure = fig
        self._lock = threading.RLock()  # callbacks may run in a thread beside the cells
        self._scene = Scene(fig)
        self._sent: Any = None  # the operations the browser has; None before a browser asked
        self._serial = 0
        self._pending = self._due = self._missed = False
        self._drawer: int | None = None  # the thread that is drawing now
        self._callbacks: list[Callable[[PointerEvent], object]] = []
        self._loop = _running_loop()
        self._canvas = FigureCanvasAgg(fig)
        self._drawn = self._canvas.mpl_connect("draw_event", lambda event: self._drawn_by_others())
        super().__init__(alt=alt, size=[float(side) for side in fig.bbox.size])
        self._scene.settle()  # whatever is set between now and the first drawing counts as moving
        fig.stale_callback = lambda figure, stale: self._notice(stale)
        self.on_msg(self._receive)

    def flush(self, alt: str | None = None) -> None:
        """Send what changed since the last flush, in one message; ``alt`` is the new alt text, if any."""
        with self._drawing():
            self._due = self._pending = False
            if alt is not None:
                self.alt = alt
            if self._sent is not None:
                self._send_changes()

    def on_event(self, callback: Callable[[PointerEvent], object]) -> None:
        """Call ``callback(event)`` with a :class:`.PointerEvent` when the pointer acts on the picture.

        Events come in order, except in the first moments of a page: JupyterLab then moves widgets to a thread
        of their own, and a press may come from one thread and its release from the other.
        """
        self._callbacks.append(callback)
        self.listening = True

    def point(self, kind: str, axes: Axes, x: float, y: float) -> None:
        """Act as if the pointer did ``kind`` at data coordinates of ``axes``; raises what callbacks raise."""
        axes.apply_aspect()
        axes.get_xlim()  # makes matplotlib settle limits that it has put off
        self._tell(kind, *axes.transData.transform((x, y)))

    def png(self, ratio: float = 1) -> bytes:
        """The picture as it stands, as a PNG file with so many pixels for each CSS pixel."""
        self.flush()
        with self._drawing():
            self._lay_out()
            self._scene.changed()  # ask now: drawing makes the figure forget what changed
            file, shown = io.BytesIO(), self._canvas.device_pixel_ratio
            self._set_pixel_ratio(ratio)
            self._canvas.print_png(file)  # savefig draws everything twice
            self._set_pixel_ratio(shown)
            self._scene.settle()
            return file.getvalue()

    def static_bundle(self) -> tuple[dict[str, bytes], dict[str, dict]]:
        """The picture for places without a kernel: data and metadata, each by MIME type.

        In the browser edition there is none: the page always has its kernel, and each picture takes a while.
        """
        if sys.platform == "emscripten":
            return {}, {}
        width, height = (round(side) for side in self.size)
        return {"image/png": self.png()}, {"image/png": {"alt": self.alt, "width": width, "height": height}}

    def close(self) -> None:
        """Let go of the figure and of the connection to the browser."""
        self.figure.stale_callback = None
        self._canvas.mpl_disconnect(self._drawn)
        self._callbacks.clear()
        self.on_msg(self._receive, remove=True)
        self.layout.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        picture, words = self.static_bundle()
        return {**data, **picture, "text/plain": self.alt or "LiveFigure"}, {**metadata, **words}

    # To the browser

    @contextmanager
    def _drawing(self):
        """Let one thread at a time draw; tell the reader when that fails."""
        with self._lock, self.hold_sync():
            self._drawer = threading.get_ident()
            try:
                yield
                self.trouble = ""
            except Exception as error:
                self._missed = True
                self.trouble = f"{type(error).__name__}: {error}"
                raise
            finally:
                self._drawer = None

    def _send_changes(self):
        movers = None if self._missed else self._scene.changed()
        if movers is None:
            return self._send_frame()
        new = {
            number: ops
            for number, ops in self._scene.record(movers).items()
            if not same(ops, self._sent[number])
        }
        if new:
            self._transmit(new, {})

    def _send_frame(self):
        self._scene.changed()  # what has changed by now is painted from now on
        ops = self._scene.draw()
        self._sent, self._missed = {}, False
        width, height = (int(side) for side in self.figure.bbox.size)
        self._transmit(ops, {"frame": True, "width": width, "height": height})

    def _transmit(self, items, header):
        self._serial += 1
        self.packet = pack({"serial": self._serial, **header}, items, self._sent)
        self._sent.update(items)

    def _hello(self, ratio):
        """A browser has no picture yet, or another pixel ratio: draw the frame for it."""
        with self._drawing():
            self._lay_out()
            self._set_pixel_ratio(ratio)
            self._send_frame()

    def _lay_out(self):
        """Let the layout engine place the axes once: it takes as long as a drawing, and they stay there."""
        layout = self.figure.get_layout_engine()
        if layout is not None:
            layout.execute(self.figure)
            self.figure.set_layout_engine("none")

    def _set_pixel_ratio(self, ratio):
        self._canvas._set_device_pixel_ratio(ratio)  # type: ignore[attr-defined]

    # Changes

    def _notice(self, stale):
        """The figure changed: flush once the running callback or cell is over."""
        if not stale or self._drawer == threading.get_ident():  # drawing marks artists too
            return
        self._pending = True
        loop = _running_loop() or self._loop
        if self._sent is not None and not self._due and loop is not None and not loop.is_closed():
            self._due = True
            loop.call_soon_threadsafe(self._flush_due)

    def _flush_due(self):
        if self._due:
            self.flush()

    def _drawn_by_others(self):
        """Someone else drew the figure, so its artists no longer say what changed before."""
        self._missed |= self._pending and self._drawer is None

    # From the browser

    def _receive(self, _, content, buffers):
        if content["kind"] == "hello":
            return self._hello(content["ratio"])
        try:
            self._tell(content["kind"], content["x"], self.figure.bbox.height - content["y"])
        finally:
            self.send({"heard": content["number"]})  # the browser sends no further move before this

    def _tell(self, kind, x, y):
        """Tell every callback about a pointer event at figure pixels ``x``, ``y`` (upwards)."""
        with self._lock:
            event = event_at(self._canvas, kind, x, y)
        for callback in tuple(self._callbacks):
            callback(event)


def _running_loop():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
