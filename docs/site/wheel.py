"""The wheel of the browser edition, and beside it the training images in parts that it fetches when asked.

`python docs/site/wheel.py FOLDER` writes `lessons_lib-….whl` and `train-images-*.gz` into FOLDER; they belong
into one folder of the site. Instead of the training images the wheel has `parts.json`, which lists the parts
(lessons_lib/data/distant.py reads it), and the lessons' networks, which would take a browser a minute.
"""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lessons_lib import load_mnist  # noqa: E402
from lessons_lib.data.distant import NETWORKS, PARTS  # noqa: E402
from lessons_lib.runs.stages import STAGES, key_of, stages  # noqa: E402

EACH = 10_000  # training images in a part: 1.6 MB
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "lessons_lib", "data/mnist")


def build_wheel(folder: Path) -> Path:
    """Write the wheel and the parts into ``folder``; returns the wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        source = Path(place)
        for name in SOURCES:
            copy(ROOT / name, source / name)
        data = source / "data" / "mnist"
        (data / "train-images-idx3-ubyte.gz").unlink()
        train = load_mnist().train
        (data / PARTS).write_text(json.dumps(write_parts(train, folder), indent=1), encoding="utf-8")
        networks = stages(train, seed=0)
        np.savez(data / NETWORKS, **{key_of(0, STAGES[name]): net.params for name, net in networks.items()})
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source]
        subprocess.run(pip, check=True)
    [wheel] = folder.glob("lessons_lib-*.whl")
    return wheel


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def write_parts(train, folder):
    """Write the pictures in parts; returns what the wheel has to know of them."""
    parts = {}
    for start in range(0, len(train), EACH):
        content = train.pixels[start : start + EACH].tobytes()
        digest = hashlib.sha256(content).hexdigest()
        name = (
            f"train-images-{digest[:12]}.gz"  # its name says what is in it, so a browser may keep it for ever
        )
        (folder / name).write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
        parts[name] = digest
    return {"classes": train.classes, "features": train.features, "each": EACH, "parts": parts}


if __name__ == "__main__":
    print(build_wheel(Path(sys.argv[1])))
