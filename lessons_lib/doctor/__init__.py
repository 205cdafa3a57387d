"""The doctor: takes anybody's gradients apart and says where backprop went wrong, and how.

:func:`.examine` tries out a function, :func:`.diagnose` looks at gradients, :func:`.check_file` at those that
a program in any language wrote to a file; ``python -m lessons_lib.doctor`` does the last from a command line.
"""

from lessons_lib.doctor.case import Case, usual_cases
from lessons_lib.doctor.diagnosing import diagnose
from lessons_lib.doctor.examining import examine
from lessons_lib.doctor.fields import BadFile
from lessons_lib.doctor.files import check_file, random_case, write_case
from lessons_lib.doctor.judging import Block, Diagnosis, Finding, judge

__all__ = [
    "BadFile",
    "Block",
    "Case",
    "Diagnosis",
    "Finding",
    "check_file",
    "diagnose",
    "examine",
    "judge",
    "random_case",
    "usual_cases",
    "write_case",
]
