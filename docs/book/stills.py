"""What the book shows where a lesson shows widgets; it runs in each lesson's kernel, before the first cell.

Panels, predictions and questions are displayed as facts in JSON, with their pictures as PNG. How these become
a page is up to the templates.
"""

from base64 import b64encode
from functools import singledispatch
from html import unescape

from IPython import get_ipython

from lessons_lib.drawing.style import minus
from lessons_lib.panels import name_of
from lessons_lib.panels.display import CellOutput
from lessons_lib.panels.guesses_page import YourGuesses
from lessons_lib.panels.panel import Panel
from lessons_lib.panels.prediction import Prediction
from lessons_lib.panels.question import Question
from lessons_lib.panels.training_panel import TrainingPanel
from lessons_lib.panels.words import number

STILL = "application/vnd.lessons-still+json"
SHARPNESS = 2  # pixels of a picture for each CSS pixel


def show_stills() -> None:
    """Display whatever a cell makes of widgets as a still, from now on."""
    get_ipython().display_formatter.mimebundle_formatter.for_type(
        CellOutput, lambda shown: {STILL: facts(shown), "text/plain": type(shown).__name__}
    )


@singledispatch
def facts(shown: CellOutput) -> dict:
    """What is to be told of something shown; nothing of what only makes sense while Python runs."""
    return {"kind": "nothing"}


@facts.register
def _(shown: YourGuesses) -> dict:
    return {"kind": "guesses", "course": shown.lesson is None}


@facts.register
def _(shown: Question) -> dict:
    choices = [{"words": words, "because": because} for words, because in shown.choices.items()]
    return {"kind": "question", "question": shown.question, "choices": choices, "answer": shown.answer}


@facts.register
def _(shown: Prediction) -> dict:
    shown.skip()
    choices = [{"words": choice} for choice in shown.choices if isinstance(choice, str)]
    return {
        "kind": "prediction",
        "question": shown.question,
        "choices": choices,
        "numbers": [] if choices else list(shown.choices),  # the lowest and the highest that can be guessed
        "answer": number(shown.answer),
        "because": shown.because,
        "panel": shown.panel and facts(shown.panel),
    }


@facts.register
def _(shown: Panel) -> dict:
    if isinstance(shown, TrainingPanel) and shown.opens_over:
        shown.shown()
        shown.run_to_end()
    controls = [[unescape(control.description), value_of(control)] for control in shown.inputs.values()]
    width, height = (round(side) for side in shown.live.size)
    return {
        "kind": "panel",
        "name": name_of(type(shown)).removeprefix("panels."),
        "title": shown.title,
        "sentence": shown.sentence,
        "controls": [pair for pair in controls if pair[1]],
        "presets": [[name, preset.sentence] for name, preset in shown.presets.items()],
        "picture": {
            "png": b64encode(shown.live.png(SHARPNESS)).decode(),
            "width": width,
            "height": height,
        },
    }


def value_of(control) -> str:
    """The value of a control in words; none for one that is hidden, or holds nothing that can be said."""
    value = getattr(control, "label", None) or control.value
    if control.layout.display == "none":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return minus(format(value, getattr(control, "readout_format", "")))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else ""
