// What JupyterLite's kernel takes for pyodide.js. Whoever asks first starts Python, and all get the same one.
if (!self.lessonsPython) {
  importScripts(self.pyodideAt ?? "../../../../pyodide/pyodide.js"); // as seen from the kernel's own script
  const load = self.loadPyodide;
  const started = (options) => load({ ...options, env: { LESSONS_SITE: options.indexURL } }).then(async (python) => {
    await python.runPythonAsync(`
import sys

sys.path.remove("")  # to look for each module in the notebooks' folder first takes a message to the page and back
sys.path.append("")

import pyodide_kernel
import lessons_lib.panels
import matplotlib.backends.backend_agg
`).catch((error) => console.error(error)); // the lesson's first cell will say it where it is read
    return python;
  });
  self.lessonsPython = (options) => (self.startedPython ??= started(options));
}
self.loadPyodide = self.lessonsPython;
