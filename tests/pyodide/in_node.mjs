// Runs a Python script in Pyodide, the Python of the browser edition, without a browser:
//   node in_node.mjs FOLDER SCRIPT ARGUMENTS...
// FOLDER holds Pyodide, its lock file and wheels that this names, numpy's and matplotlib's among them. The project is at
// /lessons; what is no wheel there comes from the environment that PACKAGES names, if it is pure Python.

import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, script, ...args] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const env = { HOME: "/home", PYTHONDONTWRITEBYTECODE: "1", LESSONS_SITE: pathToFileURL(`${folder}/`).href };
const python = await loadPyodide({ indexURL: `${folder}/`, env });
const { packages } = JSON.parse(readFileSync(`${folder}/pyodide-lock.json`, "utf-8"));
const here = Object.values(packages).filter(({ file_name }) => existsSync(`${folder}/${file_name}`));
await python.loadPackage(here.map(({ name }) => name), { messageCallback() {}, errorCallback() {} });
for (const [place, root] of [["/lessons", new URL("../..", import.meta.url).pathname], ["/packages", process.env.PACKAGES]]) {
  python.FS.mkdirTree(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, place);
}

// What a worker in a browser has, and Node has not.
globalThis.XMLHttpRequest = class {
  open(method, address) { this.address = address; }
  send() {
    try {
      this.response = new Uint8Array(readFileSync(new URL(this.address))).buffer;
      this.status = 200;
    } catch {
      this.status = 404;
    }
  }
};

python.globals.set("arguments", python.toPy(args));
await python.runPythonAsync('import sys, os; sys.path += ["/packages"]; sys.path.insert(0, "/lessons"); os.chdir("/lessons")');
try {
  await python.runPythonAsync(readFileSync(script, "utf-8"), { filename: script });
} catch (error) {
  console.error(error.message); // without the text of Pyodide's own code
  process.exit(1);
}
