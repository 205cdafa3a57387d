// What JupyterLite's kernel takes for pyodide.js. Whoever asks first starts Python, and all get the same one. Its packages
// come as one file that is written where Python looks for them: to install them one by one takes seconds.
if (!self.lessonsPython) {
  const folder = self.pyodideFolder ?? new URL("../../../../pyodide/", self.location).href; // from the kernel's own script
  const away = AWAY; // packages that come from Pyodide's own network
  importScripts(`${folder}pyodide.js`, `${folder}memory.js`);
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
    return self.startPython(load, {
      indexURL: folder,
      packages: away,
      env: { LESSONS_SITE: folder },
      stdLibURL: URL.createObjectURL(new Blob([await unpacked("library.bin")])),
      fsInit: async (FS, { sitePackages }) => write(FS, sitePackages, new Uint8Array(await packages)),
    }, (python) => python.runPython(PREPARE));
  };
  self.lessonsPython = () => (self.startedPython ??= started());
}
self.loadPyodide = self.lessonsPython;
