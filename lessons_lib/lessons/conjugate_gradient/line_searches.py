"""Conjugate gradient's searches along lines, trial by trial."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection

from lessons_lib.data.surfaces import Ravine, Rosenbrock
from lessons_lib.drawing import style
from lessons_lib.engine.optimizers import ConjugateGradient
from lessons_lib.engine.optimizers.conjugate_gradient import LineSearch, Trial
from lessons_lib.panels.controls import dropdown, float_slider, int_slider
from lessons_lib.panels.panel import Panel, Preset
from lessons_lib.runs.walking import BOTTOM, walk

ROUNDING = 1e-9  # smaller costs and slopes are 0 but for rounding
EXACTNESS = {"until the slope is below 10 %": 0.1, "to the exact minimum": 1e-6}


@dataclass(frozen=True, eq=False)
class Search:
    """A search along a line, as far as it has come, and the walk that led there."""

    surface: Ravine | Rosenbrock
    heights: np.ndarray  # (171, 231) the cost over the map
    path: np.ndarray  # (number + 1, 2) from the start of the walk to the start of this search
    number: int  # of the search, counted from 0
    search: LineSearch
    trials: tuple[Trial, ...]  # those of the search that have been made
    directions: list[np.ndarray]  # (2,) of the searches so far
    spent: int  # evaluations of the whole walk
    finished: bool  # whether that ends at the bottom, and with this trial at the latest

    @property
    def over(self):
        """Whether all trials of the search have been made."""
        return len(self.trials) == len(self.search.trials)


class LineSearches(Panel):
    """Conjugate gradient evaluation by evaluation: its directions on the map, its trials along the line."""

    title = "One search along a line, trial by trial"
    presets = {
        "First search": Preset({"evaluation": 6}, "Straight downhill, to the lowest point of that line."),
        "Two searches": Preset(
            {"evaluation": 40, "exactness": 1e-6},
            "The second line leads to the bottom: two dimensions, two searches.",
        ),
        "Good enough": Preset(
            {"evaluation": 40, "exactness": 0.1},
            "Searches that stop earlier save trials, and may need another line.",
        ),
        "A curved valley": Preset(
            {"surface": "curved valley", "evaluation": 60, "exactness": 0.1},
            "No line is quite a parabola, so two are not enough; each follows the valley a little further.",
        ),
    }

    def controls(self):
        click = "Or click on the map"
        return {
            "evaluation": int_slider(4, 1, 60, "Evaluation", "How many gradients were computed so far"),
            "surface": dropdown(["ravine", "curved valley"], "Surface", "What to walk on"),
            "condition_number": int_slider(30, 1, 300, "Condition number", "Of the ravine"),
            "exactness": dropdown(EXACTNESS, "Search", "How flat a point must be to end a search", 1e-6),
            "along": float_slider(-1.2, -2.2, 2.2, 0.05, "Start, right", click),
            "across": float_slider(1.0, -1.2, 2.0, 0.05, "Start, up", click),
        }

    def figure(self):
        fig, (self.map, self.graph) = style.figure(1, 2, height=360, width_ratios=(1.25, 1))
        self.x, self.y = np.linspace(-2.3, 2.3, 231), np.linspace(-1.3, 2.1, 171)
        picture = {"origin": "lower", "extent": (-2.3, 2.3, -1.3, 2.1)}
        self.hills = self.map.imshow(np.zeros((171, 231)), **picture, cmap=style.COST, vmin=0, vmax=1)
        (self.line,) = self.map.plot([], [], "--", color=style.UP_TEXT, linewidth=1.4)
        dots = {"marker": "o", "markeredgecolor": style.PAPER}
        (self.path,) = self.map.plot([], [], color=style.RULES["conjugate gradient"], markersize=6, **dots)
        (self.tried,) = self.map.plot([], [], " ", color=style.UP, markersize=4, **dots)
        (self.bottom,) = self.map.plot([], [], "+", color=style.INK, markersize=10)
        self.map.set(
            xlim=(-2.3, 2.3), ylim=(-1.3, 2.1), xticks=[-2, 0, 2], yticks=[-1, 0, 1, 2], aspect="equal"
        )
        style.title(self.map, "to scale; dashed: the line being searched")
        (self.curve,) = self.graph.plot([], [], color=style.MUTED)
        (self.points,) = self.graph.plot([], [], "o", color=style.UP, markersize=6)
        self.slopes = self.graph.add_collection(LineCollection([], colors=style.UP_TEXT, linewidths=2))
        self.numbers = [self.graph.text(0, 0, "", va="bottom", in_layout=False) for _ in range(13)]
        self.graph.set(xlabel="step along the line", ylabel="cost", xticks=[], yticks=[])
        self.graph.set(xlim=(-0.05, 1.1), ylim=(-0.08, 1.15))
        style.title(self.graph, "the cost along it")
        return fig

    def compute(self, state):
        ravine = state.surface == "ravine"
        surface = Ravine(state.condition_number) if ravine else Rosenbrock()
        rule = ConjugateGradient(flat_enough=state.exactness)
        way = walk(rule, surface, (state.along, state.across), state.evaluation)
        number = int(np.searchsorted(way.spent[1:], min(state.evaluation, way.spent[-1])))
        search, before = way.searches[number], way.spent[number]
        shown = state.evaluation - before + (number > 0)
        return Search(
            surface=surface,
            heights=surface.cost(np.stack(np.meshgrid(self.x, self.y), axis=-1)),
            path=way.path[: number + 1],
            number=number,
            search=search,
            trials=search.trials[:shown],
            directions=[done.direction for done in way.searches[: number + 1]],
            spent=way.spent[-1],
            finished=shown >= len(search.trials) and surface.cost(way.path[-1]) < BOTTOM,
        )

    def draw(self, result):
        heights = np.log10(result.heights + 1e-3)
        heights = (heights - heights.min()) / np.ptp(heights)
        self.hills.set_data(np.round(14 * heights) / 14)
        start, d = result.path[-1], result.search.direction
        tried = start + np.array([trial.step for trial in result.trials])[:, None] * d
        reach = 6 / (np.linalg.norm(d) or 1.0)  # at the very bottom there is no direction
        self.line.set_data(*(start + np.array([[-reach], [reach]]) * d).T)
        arrived = [start + result.search.chosen.step * d] if result.over else []
        self.path.set_data(*np.array([*result.path, *arrived]).T)
        self.tried.set_data(*tried.T)
        self.bottom.set_data(*[[w] for w in result.surface.minimum])
        self._draw_line(result, start, d)

    def _draw_line(self, result, start, d):
        """The cost along the line, scaled so that the furthest and the highest trial just fit."""
        steps, costs = (np.array([getattr(t, k) for t in result.search.trials]) for k in ("step", "cost"))
        far, low, high = steps.max() or 1.0, costs.min(), costs.max()
        height = (high - low) or 1.0
        along = np.linspace(0, 1.1, 120)
        self.curve.set_data(along, (result.surface.cost(start + far * along[:, None] * d) - low) / height)
        x, y = steps[: len(result.trials)] / far, (costs[: len(result.trials)] - low) / height
        self.points.set_data(x, y)
        tangent = np.array([trial.slope for trial in result.trials]) * far / height
        across = np.stack([np.ones_like(tangent), tangent], -1)
        across *= 0.08 / np.linalg.norm(across, axis=-1, keepdims=True)
        centre = np.stack([x, y], -1)
        self.slopes.set_segments(np.stack([centre - across, centre + across], 1))
        for k, text in enumerate(self.numbers):
            text.set_text("" if k >= len(x) else "start" if k == 0 else f" {k}")
            text.set_position((x[k] + 0.015, y[k] + 0.02) if k < len(x) else (0, 0))

    def describe(self, result):
        last, first = result.trials[-1], result.search.start
        where = f"trial {len(result.trials) - 1}" if len(result.trials) > 1 else "at its start"
        verdict = f"ends at step {result.search.chosen.step:.3g}" if result.over else "goes on"
        steepness = abs(last.slope / (first.slope or 1.0))
        slope = "0" if steepness < ROUNDING else f"{last.slope:.3g} ({steepness:.2g} times the first)"
        cost = "0" if last.cost < ROUNDING else f"{last.cost:.3g}"
        return (
            f"Search {result.number + 1}, {where}: step {last.step:.3g}, cost {cost}, slope {slope}; "
            f"the search {verdict}.{self._ended(result)}"
        )

    def _ended(self, result):
        together = ""
        if result.number and isinstance(result.surface, Ravine):
            d, e, H = result.directions[-2], result.directions[-1], result.surface.hessian()
            cosine = float(d @ H @ e / np.sqrt((d @ H @ d) * (e @ H @ e)))
            angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
            together = f" In the ravine stretched until round, this line and the last meet at {angle:.1f}°."
        arrived = f" The walk arrived at the bottom with evaluation {result.spent}; any more change nothing."
        return together + (arrived if result.finished else "")

    def clicked(self, event):
        """A click on the map sets the start."""
        if event.axes is not self.map:
            return None
        along, across = np.clip((event.x, event.y), (-2.2, -1.2), (2.2, 2.0))
        return {"along": float(along), "across": float(across)}
