"""Files that can be made again, in the user's cache folder.

Where one cannot be read, written or trusted, its content is made anew, and only the clock can tell.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import platformdirs

DRIVE = Path("/drive")  # in JupyterLite: what lies there the browser keeps; all else is gone after a reload


def folder() -> Path:
    """Where the files are: the folder that ``LESSONS_CACHE`` names, or the one of this user's programs."""
    if named := os.environ.get("LESSONS_CACHE"):
        return Path(named)
    if sys.platform == "emscripten" and DRIVE.is_dir():
        return DRIVE / ".lessons_cache"
    return platformdirs.user_cache_path("lessons_lib")


def write(file: Path, content: Callable[[IO[bytes]], Any]) -> None:
    """Have ``content`` write a file: the whole of it or, where there is no room or no right to, none."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as unfinished:
            path = Path(unfinished.name)
            try:
                content(unfinished)
                unfinished.close()
                path.chmod(0o644)  # the learners of a hub may share a folder
                path.replace(file)
            except BaseException:
                unfinished.close()
                path.unlink()
                raise


def mapped(file: Path, sha256: str) -> Any:
    """A file as a read-only memory map, or None unless its content has this checksum.

    Processes that map a file share one copy of it in memory, the system's own, and the check takes no other.
    """
    try:
        import mmap  # not in every browser

        with file.open("rb") as raw:
            content = mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ)
    except (ImportError, OSError, ValueError):  # ValueError: the file is empty
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None
