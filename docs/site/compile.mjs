// Compiles Python modules with the very Python that will load them: node compile.mjs PYODIDE.mjs FOLDER OWN TERSE
// In a tree whose name starts with OWN the source stays; elsewhere the compiled
// module takes its place; in one that starts with a name in TERSE, without docstrings.
import { pathToFileURL } from "node:url";

const [module, folder, own, terse] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(module).href);
const python = await loadPyodide();
python.mountNodeFS("/trees", folder);
python.globals.set("OWN", own);
python.globals.set("TERSE", python.toPy(terse.split(",")));
python.runPython(`
import importlib.util
import py_compile
from pathlib import Path

UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH  # there is no clock to compare with in an archive
for source in Path("/trees").rglob("*.py"):
    tree = source.relative_to("/trees").parts[0]
    stays = tree.startswith(OWN)
    optimize = 2 if tree.startswith(tuple(TERSE)) else 0
    target = importlib.util.cache_from_source(source) if stays else source.with_suffix(".pyc")
    inside = str(Path(*source.relative_to("/trees").parts[1:]))  # what a traceback shows
    try:
        py_compile.compile(source, target, dfile=inside, doraise=True, optimize=optimize, invalidation_mode=UNCHECKED)
    except py_compile.PyCompileError:
        continue  # written for another Python
    if not stays:
        source.unlink()
`);
