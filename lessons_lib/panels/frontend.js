// The browser's part of a panel: read-out, error, progress and call below the picture; and for the controls above it
// what ipywidgets leaves out. One of these stands in every `.lessons-panel`.

/**
 * @typedef {{ sentence: string, error: string, call: string, link: string, code: string, progress?: number | null, answered: number,
 *   named: { model: string, css: string, label: string }[] }} Traits
 * @typedef {import("@anywidget/types").AnyModel<Traits>} Model
 * @typedef {import("@anywidget/types").AnyModel & { model_id: string, comm_live?: boolean,
 *   _pending_msgs?: number, pending_msgs?: number,
 *   views?: Record<string, Promise<any>>, set_state(state: State): void, relayed?: boolean,
 *   sync?: (method: string, model: Control, options: { attrs?: State }) => any }} Control as ipywidgets has it
 * @typedef {ReturnType<typeof watchKernel>} Kernel
 * @typedef {Record<string, any>} State
 * @typedef {{ relay: string, number: number, states: Record<string, State>,
 *   messages: { model: string, state: State, names: string[] }[] }} Answer
 */

// JupyterLab's command keys (a, b, dd) act on cells unless the focused element itself says that it wants none of them;
// other programs, such as VS Code, hear every key that gets to the top of the page.
const FOCUSABLE = "button, select, input, textarea, summary, canvas, [tabindex], [contenteditable]";
const OWN_KEYS = /^(.|Arrow.*|Page.*|Home|End|Delete|Backspace)$/u;
/** @param {Control} control */
const pending = (control) => (control._pending_msgs ?? control.pending_msgs ?? 0) > 0; // ipywidgets 8, and 7

const BUSY_AFTER = 200, SILENT_AFTER = 8000, SAY_AFTER = 500; // milliseconds

// ---- The values of sliders on their way to the kernel ------------------------------------------------------------------

const IN_FLIGHT = 2, PATIENCE = 3000; // milliseconds after which a message counts as lost, the first time

// Brings values to the kernel: of each slider the newest only, and never more than two messages that wait for an answer.
// What is not answered is sent again, together with what is newer: a lost connection loses no value.
export class Relay {
  /** @param {(message: { relay: string, number: number, states: Record<string, State> }) => void} send */
  constructor(send) {
    this.send = send;
    this.name = Math.random().toString(36).slice(2); // the answers are heard in every window
    this.controls = /** @type {Map<string, Control>} */ (new Map());
    this.waiting = /** @type {Record<string, State>} */ ({});
    this.flying = /** @type {Map<number, Record<string, State>>} */ (new Map()); // sent, by number
    this.sent = this.lost = 0; // messages in all; and how often in a row there was no answer
  }

  get busy() {
    return this.flying.size > 0 || Object.keys(this.waiting).length > 0;
  }

  // From now on carry what ipywidgets would send for this slider.
  /** @param {Control} control */
  adopt(control) {
    const plain = control.sync, put = control.set_state;
    if (!plain || control.relayed || !/Slider(Model)$/.test(control.get("_model_name"))) return;
    control.relayed = true; // another panel with the same slider leaves it to this one
    this.controls.set(control.model_id, control);
    control.sync = (method, model, options) => {
      const names = Object.keys(options.attrs ?? {});
      const carried = method === "patch" && names.length && names.every((name) => name === "value" || name === "index");
      if (!carried || pending(control)) return plain.call(control, method, model, options); // not to overtake
      this.take({ [control.model_id]: options.attrs ?? {} });
    };
    // What the kernel held before it heard of our value, as ipywidgets asks for after a reconnection, is out of date.
    control.set_state = (state) => {
      const newer = [...this.flying.values(), this.waiting].map((states) => states[control.model_id] ?? {});
      const names = new Set(newer.flatMap(Object.keys));
      put.call(control, Object.fromEntries(Object.entries(state).filter(([name]) => !names.has(name))));
    };
  }

  /** @param {Record<string, State>[]} several of the same slider the last one counts */
  take(...several) {
    for (const [id, state] of several.flatMap(Object.entries)) this.waiting[id] = { ...this.waiting[id], ...state };
    this.#next();
  }

  #next() {
    clearTimeout(this.timer);
    if (Object.keys(this.waiting).length && this.flying.size < IN_FLIGHT) {
      const states = this.waiting;
      this.waiting = {};
      this.flying.set(++this.sent, states);
      this.send({ relay: this.name, number: this.sent, states });
    }
    if (this.busy) this.timer = setTimeout(() => this.#again(), PATIENCE * 2 ** this.lost);
  }

  #again() {
    if ([...this.controls.values()].every((control) => control.comm_live === false)) return; // nobody is left to hear it
    this.lost += 1;
    const states = [...this.flying.values(), this.waiting];
    this.flying.clear();
    this.waiting = {};
    this.take(...states);
  }

  // Take in an answer: what the kernel holds now is true here too, unless a newer value is on its way.
  /** @param {Pick<Answer, "relay" | "number" | "states">} answer */
  hear({ relay, number, states }) {
    if (relay === this.name) {
      this.lost = 0;
      for (const earlier of this.flying.keys()) if (earlier <= number) this.flying.delete(earlier);
      this.#next();
    }
    if (this.busy) return;
    for (const [id, state] of Object.entries(states)) this.controls.get(id)?.set_state(state);
  }

  // Give the sliders back to ipywidgets, with what they still have to say.
  stop() {
    clearTimeout(this.timer);
    for (const [id, control] of this.controls) {
      for (const name of ["sync", "set_state", "relayed"]) Reflect.deleteProperty(control, name);
      if (this.waiting[id] && control.comm_live !== false) control.sync?.("patch", control, { attrs: this.waiting[id] });
    }
    this.controls.clear();
    this.waiting = {};
  }
}

// A widget of the kernel, or nothing where it was closed meanwhile: some managers then reject, and some have no promise.
/** @param {Model} model @param {string} id */
async function modelOf(model, id) {
  try {
    return await model.widget_manager.get_model(id);
  } catch {
    return undefined;
  }
}

// One answer holds what several widgets would have sent: picture, words and mark.
/** @param {Model} model @param {Answer["messages"]} messages @param {DataView[]} buffers */
async function takeIn(model, messages, buffers) {
  let next = 0;
  for (const { model: id, state, names } of messages) {
    for (const name of names) state[name] = buffers[next++];
    /** @type {any} */ (await modelOf(model, id))?.set_state(state);
  }
}

// ---- What stands below the picture -------------------------------------------------------------------------------------

// What goes wrong in the page is said in the panel; the console nobody reads.
/** @param {HTMLElement} el @param {unknown} error */
function fail(el, error) {
  console.error(error);
  /** @type {HTMLElement} */
  const line = el.querySelector(".lessons-broken") ?? el.appendChild(document.createElement("p"));
  line.className = "lessons-error lessons-broken";
  line.setAttribute("role", "alert");
  line.textContent = `This panel does not work as it should in this browser: ${error}. Reload the page and run its cell again.`;
}

/** @type {(relay: Relay) => import("@anywidget/types").Render<Traits>} */
const render = (relay) => ({ model, el }) => {
  el.classList.add("lessons-frontend");
  el.innerHTML = `
    <progress class="lessons-progress" max="1" aria-label="Progress of the run"></progress>
    <p class="lessons-sentence"></p>
    <p class="lessons-said" role="status" aria-live="polite"></p>
    <p class="lessons-error" role="alert"></p>
    <p class="lessons-kernel" role="status" hidden></p>
    <div class="lessons-code"></div>
    <details class="lessons-call">
      <summary>The call that recreates this<span class="lessons-linked">, and a link to it</span></summary>
    </details>`;
  /** @type {(name: string) => HTMLElement} */
  const part = (name) => /** @type {HTMLElement} */ (el.querySelector(`.lessons-${name}`));
  const bar = /** @type {HTMLProgressElement} */ (part("progress"));
  /** @type {(node: HTMLElement, words: string) => void} */
  const write = (node, words) => {
    if (node.textContent !== words) node.textContent = words;
    node.hidden = !words;
  };

  const tellCode = copyRow(part("code"), "Copy code");
  const tellCall = copyRow(part("call"), "Copy call"), tellLink = copyRow(part("call"), "Copy link");

  let said = 0; // the timer
  function show() {
    try {
      tell();
    } catch (error) {
      fail(el, error);
    }
  }
  function tell() {
    write(part("sentence"), model.get("sentence"));
    const error = model.get("error");
    write(part("error"), error && `${error}\nThe picture shows the last state that worked; change a control to go on.`);
    part("call").hidden = !model.get("call");
    tellCode(model.get("code"));
    tellCall(model.get("call"));
    const link = model.get("link") && wholeAddress(model.get("link"), location.href);
    tellLink(link);
    part("linked").hidden = !link;
    const progress = model.get("progress");
    bar.hidden = progress == null; // in JupyterLite a None arrives as undefined
    if (progress != null) bar.value = progress;
    clearTimeout(said); // a screen reader is told where a movement ended, not every frame of it
    said = setTimeout(() => { part("said").textContent = model.get("sentence"); }, SAY_AFTER);
  }
  model.on("change", show);
  show();

  const stop = new AbortController();
  whenAttached(el, stop.signal, (root) => {
    root.setAttribute("role", "group");
    root.addEventListener("keydown", keepToItself, { signal: stop.signal });
    const heading = root.querySelector("[role=heading]");
    if (heading) root.setAttribute("aria-label", heading.textContent);
    const kernel = watchKernel(model, root, relay, (words) => write(part("kernel"), words));
    nameControls(model, root, stop.signal, kernel, relay).catch((error) => fail(el, error));
  });

  return () => {
    clearTimeout(said);
    model.off("change", show);
    stop.abort();
  };
};

// In the browser edition the kernel does not know where its page lies. An address that nobody can complete is none.
/** @type {(link: string, page: string) => string} */
export function wholeAddress(link, page) {
  if (!link || link.includes("://")) return link;
  const site = page.match(/^(.*?\/)live\/(?:lab|notebooks|tree|edit|consoles|repl)\//);
  return site ? site[1] + link : "";
}

// A line of code with a button that copies it; gives the function that fills it in.
/** @type {(parent: HTMLElement, label: string) => (words: string) => void} */
function copyRow(parent, label) {
  const row = document.createElement("div"), code = document.createElement("code");
  const button = document.createElement("button"), said = document.createElement("span");
  row.className = "lessons-copy";
  button.textContent = label;
  button.type = "button";
  said.setAttribute("role", "status");
  row.append(code, button, said);
  parent.append(row);
  button.addEventListener("click", async () => {
    said.textContent = (await copy(code)) ? "Copied." : "It is selected: copy it with Ctrl or ⌘ and C.";
    setTimeout(() => { said.textContent = ""; }, 4000);
  });
  return (words) => {
    if (code.textContent !== words) code.textContent = words;
    row.hidden = !words;
  };
}

// Pages without TLS have no clipboard, only the copying of what is selected.
/** @param {HTMLElement} code */
async function copy(code) {
  getSelection()?.selectAllChildren(code);
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    return true;
  } catch {
    return document.execCommand("copy");
  }
}

// A view is made before it is put into the page.
/** @param {HTMLElement} el @param {AbortSignal} signal @param {(root: HTMLElement) => void} then */
function whenAttached(el, signal, then) {
  if (signal.aborted) return;
  /** @type {HTMLElement | null} */
  const root = el.closest(".lessons-panel");
  if (root && root.isConnected) then(root);
  else setTimeout(() => whenAttached(el, signal, then), 30);
}

/** @param {KeyboardEvent} event */
export function keepToItself(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && OWN_KEYS.test(event.key)) event.stopPropagation();
}

// Busy after 200 ms without an answer; after 8 s, or when the connection is closed, say so.
/** @param {Model} model @param {HTMLElement} root @param {Relay} relay @param {(words: string) => void} say */
function watchKernel(model, root, relay, say) {
  /** @type {Control[]} */
  const controls = [];
  let busy = 0, silent = 0; // timers
  const waiting = () => relay.busy || controls.some(pending);
  const mark = (/** @type {boolean} */ on) => {
    root.classList.toggle("lessons-busy", on);
    root.setAttribute("aria-busy", String(on));
  };
  const rest = () => {
    clearInterval(busy);
    clearTimeout(silent);
    mark(false);
  };
  const ask = () => {
    rest();
    busy = setTimeout(() => mark(true), BUSY_AFTER);
    silent = setTimeout(() => say(
      "No answer from the kernel for 8 seconds. It may be busy with another cell, or the connection is lost."),
      SILENT_AFTER);
  };
  const answered = () => {
    rest();
    say("");
    busy = setInterval(() => (waiting() ? mark(true) : rest()), BUSY_AFTER); // a newer value may be on its way
  };
  const gone = () => {
    if (controls.every((control) => control.comm_live !== false)) return;
    rest();
    root.classList.add("lessons-gone");
    say("The kernel that drew this is gone. Run the cell again to bring the panel back.");
  };
  return {
    /** @param {AbortSignal} signal */
    attach(signal) {
      model.on("change:answered", answered);
      const click = (/** @type {any} */ event) => event.target.closest(".lessons-asks") && ask();
      root.addEventListener("click", click, { signal });
      signal.addEventListener("abort", () => {
        model.off("change:answered", answered);
        rest();
      });
    },
    /** @param {Control} control @param {AbortSignal} signal */
    watch(control, signal) {
      controls.push(control);
      const changed = () => ask();
      control.on("change:value change:index", changed);
      control.on("comm_live_update", gone);
      signal.addEventListener("abort", () => {
        control.off("change:value change:index", changed);
        control.off("comm_live_update", gone);
      });
      gone();
    },
  };
}

/** @param {Model} model @param {HTMLElement} root @param {AbortSignal} signal @param {Kernel} kernel
 *  @param {Relay} relay */
async function nameControls(model, root, signal, kernel, relay) {
  kernel.attach(signal);
  /** @type {{ css: string, label: string, control: Control }[]} */
  const named = [];
  // noUiSlider writes its own, rounded values on every move: ours come after its.
  const changed = (/** @type {any} */ record) => !record.target.closest?.(".lessons-frontend"); // no control in it
  const observer = new MutationObserver((records) => records.some(changed) && soon());
  let frame = 0; // in which to tidy: one move of a slider is three occasions for it
  const soon = () => { frame ||= requestAnimationFrame(tidy); };
  const tidy = () => {
    frame = 0;
    root.querySelectorAll(FOCUSABLE).forEach((node) => set(node, "data-lm-suppress-shortcuts", "true"));
    named.forEach(({ css, label, control }) =>
      root.querySelectorAll(`.${css}`).forEach((view) => describe(view, label, control)));
    observer.takeRecords(); // of what was written just now
  };
  for (const { model: id, css, label } of model.get("named")) {
    const control = /** @type {Control | undefined} */ (/** @type {unknown} */ (await modelOf(model, id)));
    if (signal.aborted) return;
    if (!control) continue;
    named.push({ css, label, control });
    kernel.watch(control, signal);
    relay.adopt(control);
    for (const view of Object.values(control.views ?? {})) keepExact(await view);
    control.on("change", soon);
    signal.addEventListener("abort", () => control.off("change", soon));
  }
  const attributeFilter = ["aria-valuenow", "aria-valuetext", "class", "tabindex"];
  observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
  });
  tidy();
}

// Moved by the kernel, a slider would answer with the nearest value on its grid, and the panel compute twice.
/** @param {any} view of ipywidgets, with what it keeps to itself */
function keepExact(view) {
  const slider = view.$slider?.noUiSlider, move = slider?.set, persist = view.handleSliderChanged;
  if (!move || !view.valueToString || view.keepsExact) return;
  view.keepsExact = true;
  let told = false;
  slider.set = (/** @type {any[]} */ ...values) => {
    told = true;
    try {
      move(...values);
    } finally {
      told = false;
    }
    view.readout.textContent = view.valueToString(view.model.get("value"));
  };
  view.handleSliderChanged = (/** @type {any[]} */ ...values) => told || persist.apply(view, values);
  const read = view.stringToValue;
  view.stringToValue = (/** @type {any} */ text) => read.call(view, text?.replaceAll(",", "")); // 12,929 as we write it
}

/** @type {(node: Element, name: string, value: string | number | boolean) => void} */
const set = (node, name, value) => {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
};

// Give what one control consists of in the page its name and its true value.
/** @param {Element} view @param {string} label @param {Control} control */
function describe(view, label, control) {
  const handles = view.querySelectorAll(".noUi-handle, .ui-slider-handle"); // of ipywidgets 8, and of 7
  handles.forEach((handle, k) => {
    const [value, min, max, words] = sliderValue(control, k);
    set(handle, "role", "slider");
    set(handle, "aria-label", handles.length > 1 ? `${label}, ${k ? "to" : "from"}` : label);
    set(handle, "aria-valuemin", min);
    set(handle, "aria-valuemax", max);
    set(handle, "aria-valuenow", value);
    set(handle, "aria-valuetext", words);
  });
  view.querySelectorAll(".widget-readout").forEach((readout) => {
    set(readout, "role", "textbox");
    set(readout, "aria-label", `${label}, type a value`);
  });
  view.querySelectorAll("select, textarea, input:not([type=radio]):not([type=checkbox])")
    .forEach((input) => set(input, "aria-label", label));
  view.querySelectorAll(".widget-toggle-button, button.jupyter-button").forEach((button) => {
    set(button, "aria-pressed", button.classList.contains("mod-active"));
  });
  if (view.matches(".widget-toggle-buttons, .widget-radio")) {
    set(view, "role", view.matches(".widget-radio") ? "radiogroup" : "group");
    set(view, "aria-label", label);
  }
}

/** @type {(control: Pick<Control, "get">, k: number) => [now: number, min: number, max: number, words: string]} */
export function sliderValue(control, k) {
  const labels = control.get("_options_labels");
  if (labels) {
    const index = [control.get("index")].flat()[k];
    return [index, 0, labels.length - 1, labels[index]];
  }
  const value = [control.get("value")].flat()[k];
  const base = control.get("base"); // a FloatLogSlider's limits are exponents
  const limit = (/** @type {string} */ name) => (base ? base ** control.get(name) : control.get(name));
  const number = Number.isInteger(value) ? value : Number(value.toPrecision(4));
  return [number, limit("min"), limit("max"), String(number)];
}

/** @type {import("@anywidget/types").AnyWidget<Traits>} */
export default () => {
  /** @type {Relay} */
  let relay;
  return {
    initialize({ model }) {
      relay = new Relay((message) => model.send(message));
      const answered = (/** @type {Answer} */ answer, /** @type {DataView[]} */ buffers) => {
        relay.hear(answer); // first of all the next value leaves
        takeIn(model, answer.messages, buffers);
      };
      model.on("msg:custom", answered);
      return () => {
        model.off("msg:custom", answered);
        relay.stop();
      };
    },
    render(context) {
      try {
        return render(relay)(context);
      } catch (error) {
        fail(context.el, error);
      }
    },
  };
};
