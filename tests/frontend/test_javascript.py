"""The browser's half without a browser: its own unit tests in Node, and packets from here read there."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from lessons_lib.live import LiveFigure

HERE = Path(__file__).parent
NODE = shutil.which("node")
ARRAYS = {"f4": "Float32Array", "u4": "Uint32Array", "u1": "Uint8Array"}
pytestmark = pytest.mark.skipif(not NODE, reason="needs Node")


def node(*arguments, said=None):
    result = subprocess.run([NODE, *map(str, arguments)], input=said, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def plain(value):
    """Operations as the browser should hold them, in JSON's terms."""
    if isinstance(value, np.ndarray):
        return [ARRAYS[value.dtype.str[1:]], *value.ravel().tolist()]
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def test_the_unit_tests_pass():
    node("--test", *HERE.glob("*.test.mjs"))


def test_the_browser_holds_what_the_kernel_sent():
    """One figure with every kind of operation, through frames, changes and arrays that stay the same."""
    rng = np.random.default_rng(0)
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    (line,) = axes.plot(rng.random(9), "o--")
    line.set_clip_path(Circle((4, 0.5), 3, transform=axes.transData))
    image = axes.imshow(rng.random((5, 4)), extent=(0, 8, 0, 1), aspect="auto")
    edges = axes.add_collection(LineCollection(rng.random((20, 2, 2))))
    words = axes.text(1, 0.5, "Grüße")
    live, packets = LiveFigure(figure, alt="A picture"), []
    live.observe(lambda change: packets.append(base64.b64encode(change.new).decode()), "packet")
    live._handle_custom_msg({"kind": "hello", "ratio": 1}, [])
    for step in range(4):
        line.set_ydata(rng.random(9))
        image.set_data(rng.random((5, 4)))
        edges.set_linewidths(rng.random(20))
        words.set_text(f"Grüße {step // 2}")
        live.flush()
    held = json.loads(node(HERE / "adding_up.mjs", said=json.dumps(packets)))
    assert held == plain(live._sent)
    kinds = {op["op"] for ops in held.values() for op in ops}
    assert len(packets) == 5 and kinds == {"picture", "path", "markers", "cells", "collection", "text"}
