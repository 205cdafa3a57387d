// The browser's half of DigitPad: a sheet to draw on, a small picture of what the network gets to see, and a way in
// for a photo.

/**
 * @typedef {[caption: string, address: string]} Step
 * @typedef {{ ink: DataView, seen: DataView, said: string, steps: Step[], limit: number, description?: string }} Traits
 * @typedef {import("@anywidget/types").AnyModel<Traits>} Model
 * @typedef {[x: number, y: number]} Point
 */

const SHEET = 448; // pixels of the drawing
const INK = 112; // pixels of what the kernel gets
const SEEN = 28;
const PEN = 0.085 * SHEET;
const STEP = SHEET / SEEN; // one press of an arrow key
const PAUSE = 80; // ms between two messages while the pen moves
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP = "Drawing pad for a digit. Draw with mouse, pen or finger. Or move with the arrow keys: " +
  "space puts the pen down and lifts it, delete clears.";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Partial<HTMLElementTagNameMap[Tag]>} properties @param {...Node} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** @param {HTMLCanvasElement} canvas */
const contextOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/**
 * What the kernel is told of a file: its size, and its content unless that is too large to send.
 * @param {Blob} file @param {number} limit in bytes
 * @returns {Promise<[message: { size: number }, content: ArrayBuffer[]]>}
 */
export async function messageOf(file, limit) {
  return [{ size: file.size }, file.size > limit ? [] : [await file.arrayBuffer()]];
}

class Pad {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.sheet = make("canvas", { width: SHEET, height: SHEET, tabIndex: 0 });
    this.sheet.setAttribute("role", "application");
    this.sheet.setAttribute("aria-label", HELP);
    this.seen = make("canvas", { width: SEEN, height: SEEN, className: "digit-pad-seen" });
    this.seen.setAttribute("role", "img");
    this.seen.setAttribute("aria-label", "The drawing as the network sees it, 28 by 28 pixels");
    this.pen = make("div", { className: "digit-pad-pen", hidden: true });
    this.at = /** @type {Point} */ ([SHEET / 2, SHEET / 2]);
    this.timer = /** @type {number | undefined} */ (undefined);
    this.down = false;
    const name = make("div", { className: "digit-pad-name", textContent: model.get("description") ?? "" });
    const clear = make("button", { type: "button", textContent: "Clear", onclick: () => this.clear() });
    // No `capture`: with it a phone opens the camera and offers no files; without it, it offers both.
    this.file = make("input", { type: "file", accept: "image/*", hidden: true, onchange: () => this.chosen() });
    const choose = make("button", { type: "button", textContent: "Choose a picture…", onclick: () => this.file.click() });
    choose.title = "A photo of a digit, from a file or the camera";
    this.said = make("p", { className: "digit-pad-said" });
    this.said.setAttribute("role", "status");
    this.steps = make("ol", { className: "digit-pad-steps" });
    this.root = make("div", { className: "digit-pad" },
      make("div", { className: "digit-pad-sheet" }, this.sheet, this.pen),
      make("div", { className: "digit-pad-side" }, name, this.seen, clear, choose, this.file),
      make("div", { className: "digit-pad-photo" }, this.said, this.steps));
    this.root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's command keys stay out
    el.append(this.root);
    this.listen();
    this.model.on("change:ink", (this.inked = () => this.kernelInked()));
    this.model.on("change:seen", (this.saw = () => this.showSeen()));
    this.model.on("change:said", (this.spoke = () => this.showSaid()));
    this.model.on("change:steps", (this.stepped = () => this.showSteps()));
    this.restore();
    this.showSeen();
    this.showSaid();
    this.showSteps();
  }

  listen() {
    const { sheet } = this;
    sheet.addEventListener("pointerdown", (event) => {
      sheet.setPointerCapture(event.pointerId);
      this.pen.hidden = true;
      this.pointer = event.pointerId;
      this.at = this.place(event);
      this.draw(this.at);
    });
    sheet.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return;
      for (const step of event.getCoalescedEvents?.() ?? [event]) this.draw(this.place(step));
    });
    for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, () => (this.pointer = null));
    sheet.addEventListener("keydown", (event) => this.key(event));
    sheet.addEventListener("blur", () => (this.pen.hidden = true));
  }

  /** @type {(event: PointerEvent) => Point} */
  place(event) {
    const box = this.sheet.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SHEET, ((event.clientY - box.top) / box.height) * SHEET];
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const arrow = ARROWS[event.key];
    if (arrow) this.move(arrow);
    else if (event.key === " ") this.lift();
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else {
      const held = event.ctrlKey || event.metaKey || event.altKey;
      if (event.key.length === 1 && !held) event.stopPropagation(); // a letter is a command in other programs than JupyterLab
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Point} arrow */
  move(arrow) {
    const to = /** @type {Point} */ (this.at.map((value, i) => Math.min(Math.max(value + STEP * arrow[i], 0), SHEET)));
    if (this.down) this.draw(to);
    this.at = to;
    this.showPen();
  }

  lift() {
    this.down = !this.down;
    if (this.down) this.draw(this.at);
    this.showPen();
  }

  showPen() {
    this.pen.hidden = false;
    this.pen.classList.toggle("down", this.down);
    this.pen.style.left = `${(100 * this.at[0]) / SHEET}%`;
    this.pen.style.top = `${(100 * this.at[1]) / SHEET}%`;
  }

  /** @param {Point} to */
  draw(to) {
    const context = contextOf(this.sheet);
    Object.assign(context, { strokeStyle: "white", lineWidth: PEN, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(...this.at);
    context.lineTo(...to);
    context.stroke();
    this.at = to;
    this.timer ??= setTimeout(() => this.send(), PAUSE);
  }

  send() {
    this.timer = undefined;
    const small = contextOf(make("canvas", { width: INK, height: INK }));
    small.drawImage(this.sheet, 0, 0, INK, INK);
    const ink = small.getImageData(0, 0, INK, INK).data.filter((_, i) => i % 4 === 3);
    this.sent = new DataView(ink.buffer);
    this.model.set("ink", this.sent);
    this.model.save_changes();
  }

  clear() {
    this.wipe();
    this.sent = new DataView(new ArrayBuffer(0));
    this.model.set("ink", this.sent);
    this.model.save_changes();
  }

  wipe() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.down = false;
    this.pen.hidden = true;
    contextOf(this.sheet).clearRect(0, 0, SHEET, SHEET);
  }

  // The kernel, or another view of this pad, changed the drawing.
  kernelInked() {
    if (this.model.get("ink") !== this.sent) this.restore();
  }

  restore() {
    this.wipe();
    const ink = this.model.get("ink");
    if (!ink?.byteLength) return;
    const picture = new ImageData(INK, INK);
    for (let i = 0; i < INK * INK; i++) picture.data.set([255, 255, 255, ink.getUint8(i)], 4 * i);
    const small = make("canvas", { width: INK, height: INK });
    contextOf(small).putImageData(picture, 0, 0);
    contextOf(this.sheet).drawImage(small, 0, 0, SHEET, SHEET);
  }

  showSeen() {
    const seen = this.model.get("seen");
    const picture = new ImageData(SEEN, SEEN);
    for (let i = 0; i < SEEN * SEEN; i++) {
      const grey = seen?.byteLength ? seen.getUint8(i) : 0;
      picture.data.set([grey, grey, grey, 255], 4 * i);
    }
    contextOf(this.seen).putImageData(picture, 0, 0);
  }

  async chosen() {
    const file = this.file.files?.[0];
    this.file.value = ""; // so that the same file can be chosen again
    if (!file) return;
    this.said.textContent = "Looking for the digit…";
    try {
      const [message, content] = await messageOf(file, this.model.get("limit"));
      this.model.send(message, undefined, content);
    } catch {
      this.said.textContent = "The browser cannot read this file. Choose it again, or another.";
    }
  }

  showSaid() {
    this.said.textContent = this.model.get("said") ?? "";
  }

  showSteps() {
    this.steps.replaceChildren(...(this.model.get("steps") ?? []).map(([caption, src]) =>
      make("li", {}, make("img", { src, alt: "" }), make("span", { textContent: caption }))));
  }

  close() {
    clearTimeout(this.timer);
    this.model.off("change:ink", this.inked);
    this.model.off("change:seen", this.saw);
    this.model.off("change:said", this.spoke);
    this.model.off("change:steps", this.stepped);
    this.root.remove();
  }
}

/** @type {import("@anywidget/types").AnyWidget<Traits>} */
export default {
  render({ model, el }) {
    try {
      const pad = new Pad(model, el);
      return () => pad.close();
    } catch (error) {
      console.error(error);
      el.textContent = `The drawing pad does not work in this browser (${error}). Reload the page and run the cell again.`;
    }
  },
};
