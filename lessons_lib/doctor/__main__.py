"""The doctor for any language: writes a case as JSON, and reads gradients back."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lessons_lib.doctor import files
from lessons_lib.doctor.files import ACTIVATIONS, COSTS, BadFile

EXAMPLE = """example:
  python -m lessons_lib.doctor case > case.json
      a small network, examples and targets; "wanted" in it says in words what to compute
  (compute the gradients in any language, and write the same object with one more field:
      "gradients": {"W1": [[0.01, ...], ...], "b1": [...], "W2": ..., "b2": ..., ...})
  python -m lessons_lib.doctor check mine.json
      prints what is right, what is wrong, in which layer, and what to look at

exit status of check: 0 if the gradients are right, 1 if they are wrong, 2 if the file cannot be used
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except BadFile as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m lessons_lib.doctor",
        description="Find the mistake in a backprop written in any language.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="case | check")
    case = commands.add_parser("case", help="write a small case as JSON")
    case.add_argument("--sizes", type=_sizes, default=(4, 5, 5, 3), help="neurons per layer (4,5,5,3)")
    case.add_argument("--examples", type=int, default=7, help="how many examples (default: 7)")
    case.add_argument("--seed", type=int, default=0, help="another seed gives another case")
    case.add_argument("--hidden", choices=ACTIVATIONS, default="sigmoid")
    case.add_argument("--output", choices=ACTIVATIONS, default="sigmoid")
    case.add_argument("--cost", choices=COSTS, default="squared_error")
    case.add_argument("--out", type=Path, help="a file to write to, in place of the screen")
    case.set_defaults(run=_case)
    check = commands.add_parser("check", help="read gradients back and diagnose them")
    check.add_argument("file", help="the case with one more field, gradients")
    check.add_argument("--case", help="the case, if the file holds the gradients alone")
    check.add_argument(
        "--any-scale", action="store_true", help="accept a sum for a mean, and a ½ in the cost"
    )
    check.set_defaults(run=_check)
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    sizes = tuple(int(part) if part.strip().isdecimal() else 0 for part in parts)
    if len(sizes) < 2 or min(sizes) < 1 or max(sizes) > 100 or len(sizes) > 9:
        raise argparse.ArgumentTypeError("expected 2 to 9 sizes from 1 to 100, such as 4,5,5,3")
    return sizes


def _case(options: argparse.Namespace) -> int:
    if not 1 <= options.examples <= 1000:
        raise BadFile(f"--examples: expected 1 to 1000, got {options.examples}")
    if options.cost == "cross_entropy" and options.output not in ("sigmoid", "softmax"):
        raise BadFile("--output: cross-entropy takes the logarithm of a; choose sigmoid or softmax")
    hidden, output, cost = ACTIVATIONS[options.hidden], ACTIVATIONS[options.output], COSTS[options.cost]
    functions = {"hidden": hidden, "output": output, "cost": cost}
    case = files.random_case(options.sizes, options.examples, seed=options.seed, **functions)
    if options.out:
        files.write_case(options.out, case)
    else:
        print(files.to_json(case), end="")
    return 0


def _check(options: argparse.Namespace) -> int:
    found = files.check_file(options.file, options.case, any_scale=options.any_scale)
    print(found.message)
    return 0 if found.right else 1


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):  # a shell that cannot print σ should not stop the doctor
        sys.stdout.reconfigure(errors="replace")
    sys.exit(main())
