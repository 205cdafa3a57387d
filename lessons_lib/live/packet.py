"""One message to the browser: a short JSON header and, right behind it, every array that it refers to.

::

    4 bytes     length of the header (uint32, little endian)
    header      JSON, padded with blanks to a multiple of 4
    arrays      each padded to a multiple of 4

In the header, an array stands as ``{"array": dtype, "at": byte offset, "length": items}``, or as
``{"array": "same"}`` if it equals the one last sent in that place: an unchanged array crosses the wire once.
"""

import json
from itertools import zip_longest

import numpy as np

HOLDERS = np.ndarray, dict  # of arrays; a list holds plain values
Items = dict[int, list[dict]]  # item number -> operations, which may hold arrays


def pack(header: dict, items: Items, before: Items) -> bytes:
    """The bytes of a message.

    Args:
        header: JSON values by name.
        items: the operations of each item.
        before: the items sent earlier; their arrays need not be sent again.
    """
    body = _Body()
    listed = {number: body.all_listed(ops, before.get(number, [])) for number, ops in items.items()}
    head = json.dumps({**header, "items": listed}, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 4)
    return b"".join([len(head).to_bytes(4, "little"), head, *body.chunks])


def same(ops: list[dict], others: list[dict]) -> bool:
    """Whether two lists of operations would paint the same."""
    return len(ops) == len(others) and all(map(_equal, ops, others))


class _Body:
    def __init__(self):
        self.chunks, self.size = [], 0

    def all_listed(self, ops, before):
        return [self.listed(op, old) for op, old in zip_longest(ops, before[: len(ops)])]

    def listed(self, value, old):
        """A dict or an array, with every array in it replaced by its place among the chunks."""
        if isinstance(value, np.ndarray):
            return {"array": "same"} if _equal(value, old) else self._added(value)
        old = old if isinstance(old, dict) else {}
        return {
            key: self.listed(part, old.get(key)) if isinstance(part, HOLDERS) else part
            for key, part in value.items()
        }

    def _added(self, array):
        data = np.ascontiguousarray(array).tobytes()
        place = {"array": array.dtype.str[1:], "at": self.size, "length": array.size}
        self.chunks.append(data + b"\0" * (-len(data) % 4))
        self.size += len(self.chunks[-1])
        return place


def _equal(a, b):
    if isinstance(a, np.ndarray):
        alike = isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape
        # Bytes compare ten times as fast as np.array_equal does on small arrays.
        return a is b or (alike and a.tobytes() == b.tobytes())
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    return not isinstance(b, np.ndarray) and a == b
