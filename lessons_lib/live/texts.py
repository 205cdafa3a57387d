"""Texts that say what they said: their letters are set once, and only their colour is looked at again."""

from typing import Any

from matplotlib.artist import Artist
from matplotlib.colors import to_rgba
from matplotlib.text import Text

from .recorder import Recorder, css

ELSEWHERE = {"_color", "_stale", "stale_callback", "_renderer"}  # colour, and what is no part of the look


def record_text(artist: Artist, recorder: Recorder) -> bool:
    """Record an artist, if it is a plain text; letters are kept where nothing but the colour changed.

    Returns:
        Whether it was recorded.
    """
    if type(artist) is not Text or artist.get_bbox_patch() or artist.get_path_effects():
        return False
    look, known = _look(artist), recorder.still.get(artist)
    if known and known[0] == look:
        face = css(to_rgba(artist.get_color(), artist.get_alpha()))
        recorder.ops = [{**op, "face": face} for op in known[1]]
    else:
        artist.draw(recorder)
        recorder.still[artist] = look, recorder.ops
    return True


def _look(text: Text) -> list[Any]:
    """All that decides about the letters and their place, in the frame as it stands."""
    font = vars(text.get_fontproperties()).values()
    return [*(value for name, value in vars(text).items() if name not in ELSEWHERE), *font]
