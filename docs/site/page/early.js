// Python takes seconds to load, and so does JupyterLab: on the page this script starts a worker that loads Python already,
// and hands it out when the kernel asks for its worker. In that worker it loads Python, rehearses if there is time, and then
// becomes the kernel.
if (typeof window === "undefined") {
  const folder = new URL("pyodide/", self.location).href;
  self.pyodideFolder = folder;
  importScripts(`${folder}start.js`);
  let asked = false;
  self.addEventListener("message", ({ data }) => { asked = true; importScripts(data.become); }, { once: true });
  self.loadPyodide().then((python) => setTimeout(() => {
    if (!asked) python.runPython(REHEARSE, { globals: python.toPy({}) });
  }));
} else {
  const Plain = window.Worker, early = new Plain("../early.js");
  window.Worker = function (address, options) {
    if (!String(address).includes("/pyodide-kernel-extension/")) return new Plain(address, options);
    window.Worker = Plain; // the next kernel is one that was started anew
    early.postMessage({ become: String(address) });
    return early;
  };
}
