""":class:`TrainingPanel`: a panel whose picture is a run that can be played, paused, stepped and stopped."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import ipywidgets as W

from lessons_lib.panels.display import box
from lessons_lib.panels.panel import Panel

SLICE, LONGEST = 0.04, 0.15  # least and most seconds of work before a picture is drawn and the kernel listens
OPENING = 0.1  # seconds of a run that are made before a panel is displayed
NAP = 0.05  # seconds, the longest sleep before a look at whether to go on
SPEEDS = {"one step a second": 1.0, "5 steps a second": 0.2, "20 steps a second": 0.05, "full speed": 0.0}
Run = Iterator[tuple[Any, float]]  # results and progress


class TrainingPanel(Panel):
    """A panel with a run instead of a single result.

    Subclasses give :meth:`run` in place of :meth:`compute`. Some give more: :meth:`look` turns a result of
    the run into what is drawn, and :meth:`player` names the buttons below the picture.

    A panel opens on a finished run. Its run is made just before it is displayed; one that takes longer than
    0.1 s plays on to its end from there, as if *Play* had been pressed (in a script it stays where it is).
    Then *Play* replays it from the start, and *Stop* goes back there. A class that shows enough at its start
    has ``opens_over = False``.

    The run is no thread but an asyncio task on the kernel's loop. It works in slices of 40 ms, or of twice
    what a picture takes, so it runs in Pyodide too. Where no loop runs (a script, pytest), :meth:`play` goes
    straight to the end. A changed control cancels the run and starts a new one, which plays to its end if the
    old one was over.
    """

    opens_over = True  # whether the panel is shown with its run made

    def run(self, state: SimpleNamespace) -> Run:
        """Yield ``(result, progress)`` with progress in 0..1, for the first time before any training.

        Yield at least every 50 ms: between two yields the panel cannot answer.
        """
        raise NotImplementedError(f"{type(self).__name__} needs run(state): yield (result, progress in 0..1)")

    def compute(self, state: SimpleNamespace) -> Any:
        """Cancel the old run and start a new one; the result is what that shows before its first step."""
        self._cancel()
        self._run = run = self.run(state)
        result, self.progress = next(run)
        self._at_start = True
        return self.look(result)

    def look(self, result: Any) -> Any:
        """What is drawn of a result of the run; called only for results that are drawn."""
        return result

    def player(self) -> dict[str, tuple[Callable[[], object], str]]:
        """The buttons below the picture: name -> ``(act, tooltip)``."""
        return {
            "Play": (self.play, "Run on from here; from the start if the run is over"),
            "Pause": (self.pause, "Halt where it is"),
            "Step": (self.step, "Advance by one step"),
            "Stop": (self.stop, "End the run and go back to its start"),
        }

    def play(self) -> None:
        """Go on from here, or from the start if the run is over. Does nothing while it is playing."""
        with self._lock:
            if self.playing:
                return
            if self._run is None:
                self._start_anew()
            self._driver = object()
        self._drive_on()

    def pause(self) -> None:
        """Halt where it is; :meth:`play` and :meth:`step` go on from there."""
        self._driver = None
        self._show_buttons()

    def step(self) -> None:
        """Pause, and advance by one step."""
        with self._lock:
            self._driver = None
            if self._run is None:
                self._start_anew()
            self._advance(until=0)
        self._show_buttons()

    def stop(self) -> None:
        """End the run and go back to its start."""
        self._driver = None
        self._start_anew()

    def run_to_end(self) -> Any:
        """Run from start to end, show the last result and return it (for tests and checks)."""
        with self._lock:
            self._driver = None
            if not self._at_start:
                self._start_anew()
            self._advance(until=float("inf"))
        self._show_buttons()
        return self.result

    def halt_at(self, elsewhere: Callable[[], tuple[Any, float, Run]]) -> None:
        """Halt elsewhere: ``elsewhere()`` gives the result there, its progress, and the run from there on."""
        with self._lock:
            self._cancel()
            result, self.progress, self._run = elsewhere()
            self._show(self.look(result))
        self._show_buttons()

    @property
    def over(self) -> bool:
        """Whether the run has come to its end."""
        return self._run is None

    @property
    def playing(self) -> bool:
        """Whether the run is going on by itself."""
        return self._driver is not None

    def refresh(self) -> None:
        """Start anew with the present values; a run that was playing, or was shown to its end, plays on."""
        self._start_anew(play=self.playing or (self._opened and self.over and _loop() is not None))

    def shown(self) -> None:
        """Open on the finished run, if nobody has touched it yet."""
        super().shown()
        with self._lock, suppress(Exception):  # _advance shows what goes wrong; the panel is displayed anyway
            if not self.opens_over or self._opened or self.playing or not self._at_start:
                return
            self._opened = True
            self._advance(until=time.perf_counter() + OPENING)
            if not self.over and _loop():
                self.play()

    def close(self) -> None:
        with self._lock:
            self._cancel()
            super().close()

    # How it is done

    _run: Any = None  # the generator, suspended between two steps; None once it is over
    _driver: object = None  # whoever may advance it; a driver that finds another one here leaves
    _picture_took = 0.0  # seconds
    _at_start = False  # whether the run shows its first result, so that it need not be started anew
    _opened = False  # whether it has been shown
    advanced = False  # whether the run went beyond its first result

    def _start_anew(self, play=False):
        with self._lock:
            self._driver = None
            super().refresh()
            if play:
                self._driver = object()
                self._drive_on()
        self._show_buttons()

    def _cancel(self):
        self._driver, self.advanced, self._at_start = None, False, False
        if self._run is not None:
            self._run.close()
            self._run = None

    def _drive_on(self):
        self._show_buttons()
        if loop := _loop():
            self._task = loop.create_task(self._drive(self._driver))
        else:  # nothing else is waiting: run straight through
            self._advance(until=float("inf"))
            self._driver = None
            self._show_buttons()

    async def _drive(self, driver):
        while True:
            with self._lock:
                if self._driver is not driver:
                    return
                delay = self._speed.value
                with suppress(Exception):  # _advance shows it; nobody could catch what a task raises
                    work = min(max(SLICE, 2 * self._picture_took), LONGEST)
                    self._advance(until=0 if delay else time.perf_counter() + work)
                if self._run is None:
                    self._driver = None
                    self._show_buttons()
                    return
            await self._wait(driver, delay)

    async def _wait(self, driver, delay):
        end = time.perf_counter() + delay
        await asyncio.sleep(0.001)  # let the kernel handle messages, Stop among them
        while self._driver is driver and (left := end - time.perf_counter()) > 0:
            await asyncio.sleep(min(left, NAP))

    def _advance(self, until):
        """Take at least one step, and more until the clock shows ``until``; then draw the last result."""
        result, self.advanced, self._at_start = None, True, False
        try:
            while self._run is not None:
                try:
                    result, self.progress = next(self._run)
                except StopIteration:
                    self._run = None
                if time.perf_counter() >= until:
                    break
            if result is not None:
                start = time.perf_counter()
                self._show(self.look(result))
                self._picture_took = time.perf_counter() - start
        except Exception as error:
            self._cancel()
            self._fail(error)
            raise

    def _tell(self, **more):
        super()._tell(progress=float(self.progress), **more)

    def below_picture(self) -> list[W.Widget]:
        self._player_buttons = {
            name: self.button(name, hint, act) for name, (act, hint) in self.player().items()
        }
        self._speed = W.Dropdown(options=SPEEDS, value=0.0, description="Speed", tooltip="Steps a second")
        self._speed.layout.width = "auto"
        self.frontend.name({"speed": self._speed})
        return [box("lessons-player", *self._player_buttons.values(), self._speed)]

    def _show_buttons(self):
        self._player_buttons["Play"].button_style = "primary" if not self.playing else ""
        self._player_buttons["Pause"].disabled = not self.playing

    def _repr_mimebundle_(self, **kwargs):
        self.shown()  # before the picture for pages without a kernel is made
        return super()._repr_mimebundle_(**kwargs)


def _loop():
    """The event loop that runs here, or None in a script."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
