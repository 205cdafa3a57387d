"""One message to the browser: a short JSON header and, right behind it, every array that it refers to.

::

    4 bytes     length of the header (uint32, little endian)
    header      JSON, padded with blanks to a multiple of 4
    arrays      each padded to a multiple of 4

In the header, an array stands as ``{"array": dtype, "at": byte offset, "length": items}``. Where an operation
was of the same kind before, it holds only what differs, and ``"rest": "same"``: what stays is sent once.
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
        before: the items sent earlier; what is equal need not be sent again.
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
        return [self.changes(op, old) for op, old in zip_longest(ops, before[: len(ops)])]

    def changes(self, op, old):
        if old is None or op["op"] != old["op"]:
            return self.listed(op)
        changed = {key: part for key, part in op.items() if not _equal(part, old[key])}
        return {"rest": "same", **self.listed(changed)}

    def listed(self, value):
        """A dict or an array, with every array in it replaced by its place among the chunks."""
        if isinstance(value, np.ndarray):
            return self._added(value)
        return {key: self.listed(part) if isinstance(part, HOLDERS) else part for key, part in value.items()}

    def _added(self, array):
        data = np.ascontiguousarray(array).tobytes()
        place = {"array": array.dtype.str[1:], "at": self.size, "length": array.size}
        self.chunks.append(data + b"\0" * (-len(data) % 4))
        self.size += len(self.chunks[-1])
        return place


def _equal(a, b):
    if a is b:
        return True
    if isinstance(a, np.ndarray):
        alike = isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape
        # Bytes compare ten times as fast as np.array_equal does on small arrays.
        return alike and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    return not isinstance(b, np.ndarray) and a == b
