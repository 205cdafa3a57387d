"""Write backprop, and diagnose six patients."""

from lessons_lib.doctor import diagnose, usual_cases
from lessons_lib.lessons.the_chain_rule.mistakes import MISTAKES, PATIENTS, written_out
from lessons_lib.panels.exercise import Exercise, Verdict

CASES = usual_cases()


class Backprop(Exercise):
    """An exercise whose answers go to the doctor, who says in which layer they first go wrong, and how."""

    def _diagnosis(self, answers):
        fits = [
            answer.value is not None and answer.value.shape == right.value.shape
            for answer, right in zip(answers, self._known[0], strict=True)
        ]
        if not any(fits) and all(answer.given is None for answer in answers):
            return super()._diagnosis(answers)
        # What fits only where all layers are of one width is looked at there: a transposed W is such a thing.
        given = [a.given if fit or not any(fits) else None for a, fit in zip(answers, fits, strict=True)]
        found = diagnose(given, CASES)
        if found.right:
            return "The slopes are right; hand them back as one vector, layer by layer: W row by row, then b."
        return found.message + self._aside(answers)


backprop = Backprop(
    written_out,
    cases=[(list(case.weights), list(case.biases), case.x, case.y) for case in CASES],
    ways={},
    tolerance=1e-4,
    hints=(
        "Go back from delta = 2 (a - y) a (1 - a). In each layer: the slopes of W and b first, then "
        "delta for the layer before. Collect the pieces from the front.",
        "Slopes: delta.T @ a_before and delta.sum(axis=0), both over the number of examples. Next delta: "
        "(delta @ W) * a_before * (1 - a_before). At the end np.concatenate, with .ravel() for each W.",
    ),
)


def check_diagnoses(named):
    """Judge a dict of patient -> name of a mistake; returns a `Verdict`.

    >>> check_diagnoses({"A": "not averaged"})
    Not yet. Right: A. Still open: B, C, D, E, F.
    """
    if not isinstance(named, dict):
        return Verdict(
            False, f"This is a {type(named).__name__}; give a dict of patient -> name of a mistake."
        )
    meant = {str(patient): _mistake(words) for patient, words in named.items() if words != ""}
    right = [patient for patient, case in PATIENTS.items() if meant.get(patient) is case]
    still = [patient for patient in PATIENTS if patient not in right]
    unknown = [patient for patient, mistake in meant.items() if mistake is None]
    if not still:
        return Verdict(True, "All six diagnoses are right.")
    hints = (
        "Which blocks are wrong: all, those before the last, only weights, only biases?",
        "A length ratio that equals the number of examples, or a cosine of -1, identifies two of them. σ′ "
        "shrinks what it multiplies; a transposed W turns it.",
    )
    found = f"Right: {', '.join(right)}. " if right else ""
    unread = f" Not in the list: {', '.join(unknown)}." if unknown else ""
    strangers = [patient for patient in meant if patient not in PATIENTS]
    unread += f" No patient is called {', '.join(strangers)}." if strangers else ""
    return Verdict(False, f"{found}Still open: {', '.join(still)}.{unread}", hints)


def _mistake(words):
    """The mistake whose name begins with these words, or None. Case and kind of apostrophe do not matter."""

    def plain(name):
        return str(name).strip().lower().replace("’", "'").replace("′", "'").removeprefix("the ")

    fits = [case for name, case in MISTAKES.items() if plain(name).startswith(plain(words))]
    return fits[0] if len(fits) == 1 else None
