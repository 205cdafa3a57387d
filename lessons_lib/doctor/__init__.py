"""The doctor: takes anybody's gradients apart and says where backprop went wrong, and how.

:func:`diagnose` looks at gradients, :func:`examine` at a function, ``python -m lessons_lib.doctor`` at a file
from any language.
"""

from lessons_lib.doctor.case import Case, usual_cases
from lessons_lib.doctor.diagnosing import diagnose
from lessons_lib.doctor.examining import examine
from lessons_lib.doctor.judging import Block, Diagnosis, Finding, judge

__all__ = ["Block", "Case", "Diagnosis", "Finding", "diagnose", "examine", "judge", "usual_cases"]
