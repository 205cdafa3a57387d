# A panel that nobody sees: what runs for the first time runs slowly, and the page is still busy with itself.
import comm
import numpy as np
import pyodide_kernel

from lessons_lib import Network, load_mnist, panels

speak, pyodide_kernel.kernel_instance._parent_header = comm.create_comm, {}
comm.create_comm = comm.DummyComm
try:
    net = Network.random([784, 16, 16, 10], rng=np.random.default_rng())
    panels.nudges({"new": net}, load_mnist().test[:100], image=8).close()
    pyodide_kernel.kernel_instance.interpreter.run_cell("pass", store_history=False, silent=True)
finally:
    comm.create_comm = speak
