"""What a browser's Python does not have: threads and other processes. The library must not need them."""

import subprocess
import sys

WITHOUT = """
import _thread, importlib, os, pkgutil, subprocess, threading
def refuse(*args, **kwargs):
    raise RuntimeError("a browser has no threads and no other processes")
_thread.start_new_thread = threading._start_new_thread = threading._start_joinable_thread = refuse
subprocess.Popen.__init__ = os.system = os.fork = refuse
import lessons_lib
for module in pkgutil.walk_packages(lessons_lib.__path__, "lessons_lib."):
    importlib.import_module(module.name)
from lessons_lib import load_mnist, panels
mnist = load_mnist()
panel = panels.first_steps(mnist)
panel.state = {"learning_rate": 2.0}
panels.walkers(mnist.train[:500], mnist.test[:100]).run_to_end()
print(panel.sentence)
"""


def test_the_lessons_need_no_threads_and_no_other_processes():
    result = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "A new network looked at" in result.stdout
