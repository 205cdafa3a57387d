// The door to the live lessons: shows what is loaded and how far, then drives the notebook in the frame.
// run.html?lesson=03&panel=nudges&image=8 runs the cells up to that panel and sets its values.

const asked = new URLSearchParams(location.search);
const lesson = (asked.get("lesson") ?? "00").padStart(2, "0");
const panelName = asked.get("panel");
const nth = Number(asked.get("nth") ?? 1);
asked.delete("lesson"), asked.delete("panel"), asked.delete("nth");
const values = asked.toString();

const part = (id) => document.getElementById(id);
const frame = part("lesson"), buttons = { run: part("run"), stop: part("stop"), over: part("over") };

// ---- What is said ----------------------------------------------------------------------------------------------------

function say(words, trouble = false) {
  part("status").textContent = words;
  part("status").classList.toggle("trouble", trouble);
  part("seconds").textContent = ""; // they stand apart, or a screen reader would read them out each second
}

const STEPS = ["page", "python", "start", "cells"];
function at(step, words = "", share = 0) {
  const here = STEPS.indexOf(step);
  STEPS.forEach((name, k) => {
    const item = part(`step-${name}`);
    item.classList.toggle("done", k < here);
    item.classList.toggle("now", k === here);
    if (k === here) item.querySelector("span").textContent = words;
  });
  const weights = panelName ? [0.15, 0.45, 0.15, 0.25] : [0.2, 0.6, 0.2, 0];
  part("bar").value = weights.slice(0, here).reduce((sum, weight) => sum + weight, 0) + weights[here] * share;
}

function follow(about) {
  const seen = { page: 0, python: 0 };
  let kept = true;
  const channel = new BroadcastChannel("lessons-loading");
  channel.onmessage = ({ data: { address, bytes, kept: had } }) => {
    const step = address.includes("/pyodide/") ? "python" : "page";
    seen[step] += bytes;
    kept &&= Boolean(had);
    const { bytes: all, download } = about.python;
    const million = (count) => `${(count / 1e6).toFixed(1)} MB`;
    const share = Math.min(1, seen.python / all);
    if (follow.step === "page") at("page", million(seen.page), Math.min(0.95, seen.page / 1.2e7));
    const words = kept ? "kept from the last time" : `${million(share * download)} of ${million(download)}`;
    part("step-python").querySelector("span").textContent = words;
    if (follow.step === "python") at("python", words, share);
    if (follow.step === "python" && share > 0.995) { follow.step = "start"; at("start"); }
  };
}

// ---- JupyterLite in the frame ------------------------------------------------------------------------------------------

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(look) {
  for (;;) {
    try {
      const found = look();
      if (found) return found;
    } catch { /* it is not there yet */ }
    await pause(40);
  }
}

// The service worker keeps the files, each build in a cache of its own. Wait for this build's one, so that the frame's
// files are of one build. To ask for a newer one takes seconds, so ask only where there is one.
async function workerReady({ version, jupyterlite }) {
  if (!navigator.serviceWorker) return;
  const address = new URL("live/service-worker.js?enableCache=false", location).href;
  localStorage.setItem(`${address}-version`, jupyterlite); // or it takes the worker for an older edition's and removes it
  const registration = await navigator.serviceWorker.register(address, { scope: "live/" });
  if (registration.active && !(await caches.has(`lessons-${version}`))) await registration.update();
  const worker = registration.installing ?? registration.waiting;
  if (worker) await until(() => worker.state === "activated" || worker.state === "redundant");
}

async function open(path) {
  frame.src = `live/notebooks/index.html?path=${encodeURIComponent(path)}`;
  const app = await until(() => frame.contentDocument.readyState !== "loading" && frame.contentWindow.jupyterapp);
  await app.started;
  const panel = await until(() => [...app.shell.widgets("main")].find((widget) => widget.content?.widgets && widget.context));
  await panel.context.ready;
  return { app, panel };
}

async function kernelReady(panel) {
  await panel.sessionContext.ready;
  const kernel = await until(() => panel.sessionContext.session?.kernel);
  await kernel.info;
  await kernel.requestExecute({ code: "pass", silent: true, store_history: false }).done; // answers when Python is up
}

// What a learner writes is saved a moment after it was written. Outputs alone are no reason: a copy that nobody changed
// would hide the lesson's next edition.
function keepChanges({ panel: { context, content: notebook } }) {
  const written = () => JSON.stringify(notebook.widgets.map((cell) => cell.model.sharedModel.source));
  let timer = 0, before = written();
  const save = () => {
    clearTimeout(timer);
    const now = written();
    if (now !== before) context.save().catch(() => {});
    else context.model.dirty = false; // or the browser would ask before it leaves
    before = now;
  };
  context.model.contentChanged.connect(() => { clearTimeout(timer); timer = setTimeout(save, 1000); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
}

// ---- What Python is at -------------------------------------------------------------------------------------------------

const LONG = 2000; // milliseconds

// Whatever Python is asked to do, by the door, the notebook or a slider: if it takes long, that is said, and Stop ends it.
class Work {
  constructor({ app, panel }) {
    Object.assign(this, { app, panel, now: null, told: "", running: false, stopping: false, anew: false });
    this.asked = new Map(); // id of a request -> the cell, as long as Python has not run it
    this.skipped = new Set();
    panel.sessionContext.session.anyMessage.connect((_, { msg, direction }) => this.hear(msg, direction));
    panel.sessionContext.statusChanged.connect((_, status) => { if (status === "restarting") this.forget(); });
    this.passOver(frame.contentWindow.Worker.prototype);
    new BroadcastChannel("lessons-training").onmessage = ({ data }) => { // from lessons_lib/panels/door.py
      const [id, share] = data.split(" ");
      if (id === this.now?.id) this.now.share = Number(share);
    };
    setInterval(() => this.tell(), 250);
  }

  hear({ header: { msg_id, msg_type }, parent_header: { msg_id: id }, metadata, content }, direction) {
    if (direction === "send" && metadata.cellId) this.asked.set(msg_id, metadata.cellId);
    if (direction === "send" || msg_type !== "status") return;
    if (content.execution_state === "busy") {
      this.now = { id, cell: this.asked.get(id), since: performance.now(), share: 0 }; // the share of a training in it
    }
    if (content.execution_state !== "idle") return;
    this.asked.delete(id);
    part("seconds").textContent = "";
    if (this.now?.id === id) this.now = null;
    if (!this.now && !this.asked.size && !this.running) this.rest();
  }

  // The notebook sends all cells that it is to run at once. One that still waits when Stop is pressed runs as an empty one.
  passOver(worker) {
    const work = this, post = worker.postMessage;
    worker.postMessage = function (message, ...more) {
      const [content, parent] = message?.path?.[0] === "execute" ? message.argumentList : [];
      const cell = work.stopping && work.asked.get(parent?.value.header.msg_id);
      if (cell) content.value.code = "", work.skipped.add(cell);
      return post.call(this, message, ...more);
    };
  }

  tell() {
    const took = this.now ? performance.now() - this.now.since : 0;
    if (took < LONG || this.anew) return;
    if (!this.running && !this.stopping && this.told !== this.now.id) say(this.words());
    this.told = this.now.id;
    const training = this.now.share ? `, this training ${Math.round(100 * this.now.share)} % done` : "";
    part("seconds").textContent = `${Math.floor(took / 1000)} s so far${training}`;
    buttons.stop.disabled = false;
  }

  words() {
    const cells = codeCells(this.panel.content), k = cells.findIndex(([cell]) => cell.model.id === this.now.cell);
    return k < 0 ? "Python is computing" : `Running cell ${k + 1} of ${cells.length}`;
  }

  begin() {
    this.running = true, this.stopping = false;
    buttons.stop.disabled = false;
    buttons.run.disabled = true;
  }

  end() {
    this.running = false;
    buttons.run.disabled = false;
    this.rest();
  }

  forget() {
    this.asked.clear(), this.skipped.clear();
    this.now = null;
    this.rest();
  }

  // Nothing is left that Python was asked to do.
  rest() {
    if (this.anew) return;
    if (this.stopping) say("Stopped. What has run is there; Shift+Enter goes on from here.");
    else if (this.told) say("Python is ready again.");
    for (const { model } of this.panel.content.widgets.filter((cell) => this.skipped.delete(cell.model.id))) {
      setTimeout(() => { model.executionCount = null; }, 100); // the notebook is about to give it a number
    }
    this.told = "", this.stopping = false;
    buttons.stop.disabled = true;
  }

  // Between two cells it stops at once. Python in a browser cannot be interrupted within a cell, only started anew.
  async stop() {
    if (!this.stopping) {
      this.stopping = true;
      return say("Stopping after this cell. Press Stop once more to end it now: Python then starts anew.");
    }
    this.anew = true;
    buttons.stop.disabled = true;
    say("Python starts anew …");
    await this.panel.sessionContext.restartKernel().catch(() => {});
    await kernelReady(this.panel);
    await this.app.commands.execute("notebook:clear-all-cell-outputs"); // they are the earlier Python's
    Object.assign(this, { told: "", stopping: false, anew: false });
    say("Stopped. Python started anew: run the cells again, from the first one on. What you wrote is still here.");
  }
}

// ---- Cells -------------------------------------------------------------------------------------------------------------

const codeCells = (notebook) => notebook.widgets.map((cell, k) => [cell, k]).filter(([cell]) =>
  cell.model.type === "code" && cell.model.sharedModel.source.trim());
const failed = (cell) => cell.model.outputs.toJSON().some((output) => output.output_type === "error");
const FAILED = "This cell raised an error: read what stands below it.";
const showsPanel = (cell) => cell.node.querySelector(".lessons-panel");

async function runCell(app, notebook, k) {
  notebook.activeCellIndex = k;
  notebook.deselectAll();
  await app.commands.execute("notebook:run-cell");
}

// Run code cells from the top until `enough(cell)` says so; returns the last one that ran.
async function runCells({ app, panel, work }, count, told, enough = () => false) {
  const notebook = panel.content, cells = codeCells(notebook);
  work.begin();
  let last = null;
  try {
    for (const [number, [cell, k]] of cells.entries()) {
      told(number + 1, Math.max(count ?? cells.length, number + 1));
      await runCell(app, notebook, k);
      last = cell;
      if (work.stopping) return { last, why: "stopped" };
      if (failed(cell)) return { last, why: "failed" };
      if (enough(cell)) return { last, why: "enough" };
    }
    return { last, why: "end" };
  } finally {
    work.end();
  }
}

async function toPanel(live) {
  const notebook = live.panel.content, cells = codeCells(notebook).map(([cell]) => cell);
  const call = new RegExp(`panels\\.${panelName}\\(`);
  const named = cells.filter((cell) => call.test(cell.model.sharedModel.source));
  if (!/^\w+$/.test(panelName) || !named.length) {
    say(`There is no panel “${panelName}” in this lesson. You can run all cells instead.`, true);
    return;
  }
  const shown = named.filter((cell) => !/^probe = /m.test(cell.model.sharedModel.source));
  const count = cells.indexOf(shown[nth - 1] ?? named.at(-1)) + 1;
  let times = 0;
  const told = (number, of) => { at("cells", `cell ${number} of ${of}`, number / of); say(`Running cell ${number} of ${of}`); };
  const { last, why } = await runCells(live, count, told, (cell) => named.includes(cell) && showsPanel(cell) && ++times === nth);
  part("loading").hidden = true;
  await show(notebook, last);
  if (why === "stopped") return; // it is said already
  if (why === "failed") return say(FAILED, true);
  const words = values || nth > 1 ? await openAt(live) : "";
  say(words || "Here is the panel. Its cells have run; the rest of the lesson has not.");
}

async function show(notebook, cell) {
  if (!cell) return;
  await notebook.scrollToCell?.(cell, "start")?.catch?.(() => {});
  (showsPanel(cell) ?? cell.node).scrollIntoView({ block: "start" });
  scrollTo(0, 0); // it moves the frame as well
}

// lessons_lib sets the values, and says in a sentence what it could not.
async function openAt({ panel }) {
  const code = "from lessons_lib.panels import links\n" +
    `print(links.open_at(${JSON.stringify(panelName)}, ${JSON.stringify(values)}, nth=${nth}))`;
  const said = [];
  const request = panel.sessionContext.session.kernel.requestExecute({ code, silent: false, store_history: false });
  request.onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") said.push(content.text);
    if (header.msg_type === "error") said.push(`The values could not be set: ${content.evalue}`);
  };
  await request.done;
  return said.join(" ").trim();
}

// ---- Buttons -----------------------------------------------------------------------------------------------------------

function wire(live) {
  buttons.run.onclick = async () => {
    const { last, why } = await runCells(live, null, (number, of) => say(`Running cell ${number} of ${of}`));
    if (why !== "end") await show(live.panel.content, last);
    if (why === "end") say("All cells have run.");
    if (why === "failed") say(FAILED, true);
  };
  buttons.stop.onclick = () => live.work.stop();
  buttons.over.onclick = () => part("sure").showModal();
  part("sure").onclose = async () => {
    if (part("sure").returnValue !== "yes") return;
    const { app, panel, work } = live, path = panel.context.path;
    work.stopping = true;
    panel.context.save = async () => {};
    panel.context.model.dirty = false;
    await app.serviceManager.contents.delete(path); // the learner's copy; the site's own is below it
    location.reload();
  };
  buttons.run.disabled = buttons.over.disabled = false;
}

// ---- From the beginning to the panel -----------------------------------------------------------------------------------

async function main() {
  const about = await (await fetch("live/lessons.json", { cache: "no-cache" })).json();
  const found = about.lessons.find(({ name }) => name.startsWith(lesson) || name === lesson);
  if (!found) return say(`There is no lesson ${lesson} here. The book lists all lessons.`, true);
  document.title = `${found.title} – live`;
  part("title").textContent = found.title;
  part("book").href = `${found.name}.html`;
  part("step-cells").hidden = !panelName;
  follow.step = "page";
  at("page");
  follow(about);
  await workerReady(about).catch(() => {}); // as in a private window: everything works, and nothing is kept
  const live = await open(`${found.name}.ipynb`);
  follow.step = "python";
  at("python", part("step-python").querySelector("span").textContent, 0);
  const left = live.panel.content.widgets.some((cell) => cell.model.outputs?.length);
  if (left) await live.app.commands.execute("notebook:clear-all-cell-outputs"); // they are an earlier Python's
  keepChanges(live);
  await kernelReady(live.panel);
  live.work = new Work(live);
  follow.step = "cells";
  wire(live);
  if (panelName) {
    at("cells");
    await toPanel(live);
  } else {
    part("loading").hidden = true;
    buttons.run.classList.add("first");
    buttons.run.focus();
    say("Python is ready. Run all cells, or one at a time with Shift+Enter.");
  }
  document.body.dataset.ready = "true";
}

main().catch((error) => {
  say(`The lesson could not be opened: ${error.message ?? error}. Reload the page; if this comes back, read it in the book.`, true);
  console.error(error);
});
