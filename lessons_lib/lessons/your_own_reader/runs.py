"""The list of runs that the cockpit fills and the comparison shows."""

import traitlets

from lessons_lib.runs.files import load_runs, save_runs


class Runs(traitlets.HasTraits):
    """A list of runs, each a :class:`~lessons_lib.runs.course.Run`; its trait ``runs`` tells of changes."""

    runs = traitlets.Tuple()

    def add(self, run):
        """Put a run at the end; the same run, of the same settings and length, gives way to it."""
        self.runs = (*(old for old in self.runs if not _same(old, run)), run)

    def delete(self, runs):
        """Take runs out."""
        self.runs = tuple(run for run in self.runs if all(run is not other for other in runs))

    def save(self, path):
        """Write all runs to a file; see :func:`lessons_lib.runs.files.save_runs`."""
        return save_runs(path, self.runs)

    def load(self, path):
        """Add the runs of a file; see :func:`lessons_lib.runs.files.load_runs`."""
        loaded = load_runs(path)
        for run in loaded:
            self.add(run)
        return loaded

    def __len__(self):
        return len(self.runs)

    def __getitem__(self, index):
        return self.runs[index]


def _same(one, other):
    """Whether two runs are the same to the bit: what settings and length decide."""
    return one.settings == other.settings and one.tested[-1] == other.tested[-1]
