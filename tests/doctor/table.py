"""How well the doctor does: kind × named, located, neither, misnamed.

`python tests/doctor/table.py` for mistakes alone, `… pairs 400` for so many pairs of them.
"""

import random
import sys
import time
from collections import Counter

import planting

from lessons_lib import cross_entropy, identity, relu, sigmoid, softmax, squared_error, tanh
from lessons_lib.doctor import examine

NETWORKS = {
    "layers": (tanh, identity, squared_error),
    "scores": (relu, softmax, cross_entropy),
    "vector": (sigmoid, sigmoid, cross_entropy),
    "tensors": (tanh, tanh, squared_error),
}
SCALES = {"layers": {"½"}, "tensors": {"1/n_out"}, "einsum": {"1/n_out"}, "deltas": {"½", "n"}}
STYLES_WITH_PAIRS = ("rows", "unrolled", "loops", "columns", "layers", "scores", "vector")
HAND_BACK = {"columns": {"all b, then all W"}}


def outcome(*faults):
    """ "named", "located", "neither" or "misnamed", the diagnosis and the seconds it took."""
    style = faults[0].style
    function = planting.load(style, *faults)
    if function is None:
        return None, None, 0
    hidden, output, cost = NETWORKS.get(style, (sigmoid, sigmoid, squared_error))
    start = time.process_time()
    one = examine(function, hidden=hidden, output=output, cost=cost, exact=True)
    seconds = time.process_time() - start
    usual = SCALES.get(style, set()) | HAND_BACK.get(style, set())
    for findings in (one.findings, *one.also):
        kinds = {finding.kind for finding in findings}
        if not one.unexplained and any(kinds - usual == want - usual for want in planting.expected(*faults)):
            return "named", one, seconds
    if one.right:
        return "neither", one, seconds
    wanted = frozenset().union(*planting.expected(*faults)) | usual
    if {finding.kind for finding in one.findings} <= wanted:
        return "located" if one.unexplained else "partly", one, seconds
    return "misnamed", one, seconds


def hidden(one, faults):
    """Whether two faults come to the numbers of one of them, or cancel, so that nobody could tell."""
    return one.right or any(outcome(fault)[1].message == one.message for fault in faults)


def run(cases, verbose=True):
    table, slowest = {}, 0
    for faults in cases:
        result, one, seconds = outcome(*faults)
        if result is None or (len(faults) > 1 and result != "named" and hidden(one, faults)):
            continue
        slowest = max(slowest, seconds)
        if seconds > 2 and verbose:
            print("slow", round(seconds, 1), " & ".join(map(str, faults)), result)
        for fault in faults:
            table.setdefault(" or ".join(" + ".join(sorted(k)) for k in fault.kinds), Counter())[result] += 1
        table.setdefault("ALL", Counter())[result] += 1
        if result != "named" and verbose:
            print(
                result,
                "|",
                " & ".join(map(str, faults)),
                f"| {seconds:.2f}s |",
                [f.kind for f in one.findings],
                one.unexplained,
            )
    return table, slowest


if __name__ == "__main__":
    if "pairs" in sys.argv:
        every = [pair for style in STYLES_WITH_PAIRS for pair in planting.pairs(style)]
        random.Random(0).shuffle(every)
        cases = every[: int(sys.argv[-1])]
    else:
        cases = [(one,) for one in planting.SINGLES]
    table, slowest = run(cases)
    for kind, row in table.items():
        print(
            f"{kind:45}",
            *(f"{row[name]:4} {name}" for name in ("named", "partly", "located", "neither", "misnamed")),
        )
    print("slowest", round(slowest, 2))
