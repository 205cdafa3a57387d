// What JupyterLite's kernel takes for pyodide.js. Whoever asks first starts Python, and all get the same one. Its packages
// come as one file that is written where Python looks for them: to install them one by one takes seconds.
if (!self.lessonsPython) {
  const folder = self.pyodideFolder ?? new URL("../../../../pyodide/", self.location).href; // from the kernel's own script
  const away = AWAY; // packages that come from Pyodide's own network
  importScripts(`${folder}pyodide.js`);
  const load = self.loadPyodide;

  const unpacked = async (name) => {
    const { body } = await fetch(folder + name);
    return new Response(body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  };

  const write = (FS, root, image) => {
    const start = image.indexOf(10) + 1;
    const made = new Set();
    let at = start;
    for (const [name, size] of JSON.parse(new TextDecoder().decode(image.subarray(0, start)))) {
      const place = `${root}/${name}`, parent = place.slice(0, place.lastIndexOf("/"));
      if (!made.has(parent)) FS.mkdirTree(parent);
      made.add(parent);
      FS.writeFile(place, image.subarray(at, at + size), { canOwn: true });
      at += size;
    }
  };

  const started = async () => {
    const packages = unpacked("packages.bin");
    const python = await load({
      indexURL: folder,
      packages: away,
      env: { LESSONS_SITE: folder },
      stdLibURL: URL.createObjectURL(new Blob([await unpacked("library.bin")])),
      fsInit: async (FS, { sitePackages }) => write(FS, sitePackages, new Uint8Array(await packages)),
    });
    await python.runPythonAsync(`
import sys

sys.path.remove("")  # to look for each module in the notebooks' folder first takes a message to the page and back
sys.path.append("")

import pyodide_kernel
import lessons_lib.panels
import matplotlib.backends.backend_agg
`).catch((error) => console.error(error)); // the lesson's first cell will say it where it is read
    return python;
  };
  self.lessonsPython = () => (self.startedPython ??= started());
}
self.loadPyodide = self.lessonsPython;
