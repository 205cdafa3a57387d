# What every lesson needs. It is done once, as the memory is kept with it (memory.js).
import random
import sys

random.seed()  # or every start would draw the same
# To look for a module in the notebooks' folder takes a message to the page and back.
sys.path.sort(key=lambda folder: folder == "")

import pyodide_kernel  # noqa: E402, F401

from lessons_lib import load_mnist, panels  # noqa: E402, F401

# isort: split
import matplotlib.backends.backend_agg  # noqa: E402, F401  # after lessons_lib, which keeps it quiet

load_mnist()
