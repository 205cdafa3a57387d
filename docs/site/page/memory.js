// Python's memory, kept in the browser. The first visit keeps it when all imports are done; the next puts it back and need
// not import anything. That is the memory of WebAssembly as it stands; the rest of Python is remade around it: compiled
// libraries are linked where they were, and the few JavaScript objects that Python holds are handed to it again.
(() => {
  const CACHE = "lessons-VERSION";
  const OWN_REFERENCES = 7, OWN_WORDS = 6; // Pyodide fills the first ones in itself
  const LOADED_PACKAGES = 6; // one of them is another object than the one it fills in
  let create, Module, API;

  // An object of JavaScript that Python holds, by name; [] is what Python calls pyodide_js.
  const nameOf = (value) => {
    if (value === API.public_api) return [];
    if (value?.name && API.public_api[value.name] === value) return [value.name];
    throw new Error(`Python holds an object that has no name: ${value}`);
  };
  const named = ([name]) => (name ? API.public_api[name] : API.public_api);

  function* table(get, index) {
    for (;; index++) {
      let value;
      try { value = get(index); } catch { return; }
      yield value;
    }
  }
  const references = () => [...table(Module.__hiwire_get, OWN_REFERENCES)]
    .map((value) => (value === null ? null : { serialized: nameOf(value) })); // null: a place that is free again
  const words = () => [...table(Module.__hiwire_immortal_get, OWN_WORDS)];

  // The handle of a compiled library is the address of its record, which tells where in the table its functions begin.
  const tableStart = (handle) => Module.HEAPU32[(handle + 20) >>> 2];
  const libraries = () => {
    const handles = Object.keys(Module.LDSO.loadedLibsByHandle).map(Number).filter((handle) => handle);
    return handles.sort((one, other) => tableStart(one) - tableStart(other));
  };

  const foldersIn = (folder) => Module.FS.readdir(folder).filter((name) => name !== "." && name !== "..")
    .map((name) => `${folder}/${name}`).filter((path) => Module.FS.isDir(Module.FS.stat(path).mode))
    .flatMap((path) => [path, ...foldersIn(path)]);

  const keep = () => {
    const about = {
      references: references(), words: words(), libraries: libraries(), table: Module.wasmTable.length,
      folders: foldersIn("/home"), size: Module.HEAPU8.length,
    };
    return new Response(Module.HEAPU8.slice(), { headers: { about: JSON.stringify(about) } });
  };

  const putBack = (memory, about) => {
    Module.HEAPU8.set(memory); // so that the records of the libraries are there
    for (const handle of about.libraries) {
      if (Module.wasmTable.length !== tableStart(handle)) throw new Error("A library would not come to where it was");
      Module.dlopenInternal(handle, { loadAsync: false });
    }
    if (Module.wasmTable.length !== about.table) throw new Error("Not all libraries came");
    Module.HEAPU8.set(memory); // linking has put their first values back
    about.folders.forEach((folder) => Module.FS.mkdirTree(folder));
    Module.runtimeKeepalivePush();
    return { hiwireKeys: about.references, immortalKeys: about.words };
  };

  const start = async (load, options, kept) => {
    const about = kept && JSON.parse(kept.headers.get("about"));
    self._createPyodideModule = async (settings) => {
      Module = await create(settings);
      API = settings.API;
      if (about) API.restoreSnapshot = (memory) => putBack(memory, about);
      return Module;
    };
    if (!about) return load(options);
    const memory = new Uint8Array(await kept.arrayBuffer());
    if (memory.length !== about.size) throw new Error("It is not whole");
    const _snapshotDeserializer = (name) => {
      Module.__hiwire_set(LOADED_PACKAGES, API.public_api.loadedPackages);
      return named(name);
    };
    return load({ ...options, _loadSnapshot: memory, _snapshotDeserializer });
  };

  // Start Python by Pyodide's loadPyodide and its options, and prepare it, which may take long only the first time.
  self.startPython = async (load, options, prepare) => {
    importScripts(`${options.indexURL}pyodide.asm.js`);
    create = self._createPyodideModule;
    const address = `${options.indexURL}memory`;
    // There is none in a private window; and packages that come from elsewhere would come too late to be put back.
    const cache = options.packages.length ? null : await self.caches?.open(CACHE).catch(() => null);
    const kept = await cache?.match(address);
    if (kept) {
      try {
        const python = await start(load, options, kept);
        prepare(python);
        return python;
      } catch (error) {
        console.warn("What was kept of Python could not be put back, so it starts anew.", error);
        await cache.delete(address);
      }
    }
    const python = await start(load, options);
    try {
      prepare(python);
      cache?.put(address, keep()).catch(() => {}); // no room: the next start takes as long
    } catch (error) {
      console.error(error); // the lesson's first cell will say it where it is read
    }
    return python;
  };
})();
