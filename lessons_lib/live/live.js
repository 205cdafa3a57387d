// The browser's half of LiveFigure. The kernel sends packets (see packet.py); a Picture holds what they add up to and
// paints it; a view is one canvas showing the Picture.

/**
 * @typedef {{ packet: DataView, alt: string, size: [number, number], trouble: string, listening: boolean }} Traits
 * @typedef {import("@anywidget/types").AnyModel<Traits>} Model
 * @typedef {CanvasRenderingContext2D} Context
 *
 * What there is to paint, as recorder.py writes it. `path`, `room`, `stamp` and `bitmap` are made of it here.
 * @typedef {[left: number, top: number, width: number, height: number]} Box
 * @typedef {{ xy: Float32Array, codes: Uint8Array | null }} Shape
 * @typedef {{ clip?: Box | null, clipPath?: Shape | null }} Clip
 * @typedef {{ cap: CanvasLineCap, join: CanvasLineJoin }} Ends
 * @typedef {{ face: string | null, edge: string | null, width: number, dash: number[] | null }} Pen
 * @typedef {Clip & Shape & Pen & Ends & { op: "path", path?: Path2D }} Line
 * @typedef {Clip & Shape & Pen & Ends & { op: "markers", at: Float32Array, path?: Path2D }} Markers
 * @typedef {Shape & { lengths: Uint32Array, paths: Path2D[] }} Paths
 * @typedef {Clip & Shape & Ends & { op: "collection", lengths: Uint32Array, snapped: Uint8Array | null, count: number,
 *   offsets: Float32Array, faces: Uint8Array, edges: Uint8Array, widths: Float32Array, dashes: (number[] | null)[],
 *   room?: Paths }} Collection
 * @typedef {ReturnType<typeof placesOf>} Places
 * @typedef {{ key: string, canvas: HTMLCanvasElement, context: Context, image: ImageData,
 *   across: Places, down: Places }} Room
 * @typedef {Clip & { op: "cells", values: Uint8Array, table: Uint8Array | null, rows: number, cols: number,
 *   edges: number[], box: Box, alpha: number, smooth: "" | "colours" | "values", room?: Room, stamp?: HTMLCanvasElement }} Cells
 * @typedef {Clip & { op: "text", mask: Uint8Array, box: Box, face: string | null, stamp?: HTMLCanvasElement }} Words
 * @typedef {Clip & { op: "picture", png: Uint8Array<ArrayBuffer>, box: [number, number], bitmap: ImageBitmap }} Drawing
 * @typedef {Line | Markers | Collection | Cells | Words | Drawing} Op
 * @typedef {Record<string, Op[]>} Items
 * @typedef {{ kind: string, x: number, y: number }} Happening
 * @typedef {{ serial: number, items: Items, frame?: boolean, width?: number, height?: number }} Packet
 */

const CODES = { MOVE: 1, LINE: 2, QUADRATIC: 3, CUBIC: 4, CLOSE: 79 };

// ---- Packets ---------------------------------------------------------------------------------------------------------

/** @type {Record<string, typeof Float32Array | typeof Uint32Array | typeof Uint8Array>} */
const TYPES = { f4: Float32Array, u4: Uint32Array, u1: Uint8Array };

/** @type {(view: ArrayBufferView, items: Items) => Packet} */
export function unpack(view, items) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice(); // aligned, and ours to keep
  const start = 4 + new DataView(bytes.buffer).getUint32(0, true);
  /** @type {Packet} */
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  /** @type {(value: any) => any} */
  const filled = (value) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    if (value.array) return new TYPES[value.array](bytes.buffer, start + value.at, value.length);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part)]));
  };
  const before = header.frame ? {} : items;
  for (const [number, ops] of Object.entries(header.items)) {
    header.items[number] = ops.map((/** @type {any} */ { rest, ...op }, i) => {
      const old = /** @type {any} */ (before[number]?.[i] ?? {}); // nothing where an earlier packet is missing
      const { path, stamp, ...kept } = rest ? old : { room: old.room }; // what a room is made of may be the same again
      return { ...kept, ...filled(op) };
    });
  }
  return header;
}

// ---- Painting --------------------------------------------------------------------------------------------------------

/** @type {(xy: Float32Array, codes?: Uint8Array | null, from?: number, to?: number) => Path2D} */
function trace(xy, codes, from = 0, to = xy.length / 2) {
  const path = new Path2D();
  for (let i = from; i < to; i++) {
    const code = codes ? codes[i] : i === from ? CODES.MOVE : CODES.LINE;
    const x = xy[2 * i], y = xy[2 * i + 1];
    if (code === CODES.MOVE) path.moveTo(x, y);
    else if (code === CODES.LINE) path.lineTo(x, y);
    else if (code === CODES.CLOSE) path.closePath();
    else if (code === CODES.QUADRATIC) path.quadraticCurveTo(x, y, xy[2 * ++i], xy[2 * i + 1]);
    else if (code === CODES.CUBIC) {
      path.bezierCurveTo(x, y, xy[2 * ++i], xy[2 * i + 1], xy[2 * ++i], xy[2 * i + 1]);
    }
  }
  return path;
}

/** @param {Context} context @param {Pen & Ends} op */
function pen(context, { edge, width, dash, cap, join }) {
  if (edge) context.strokeStyle = edge;
  context.lineWidth = width;
  context.lineCap = cap;
  context.lineJoin = join;
  setDash(context, dash);
}

/** @param {Context} context @param {number[] | null} dash */
function setDash(context, dash) {
  context.setLineDash(dash ? dash.slice(1) : []);
  context.lineDashOffset = dash ? dash[0] : 0;
}

/** @param {Context} context @param {Path2D} path @param {Pen} op */
function ink(context, path, { face, edge }) {
  if (face) {
    context.fillStyle = face;
    context.fill(path);
  }
  if (edge) context.stroke(path);
}

/** @param {Context} context @param {Float32Array} at @param {number} count @param {(i: number) => void} draw */
function spread(context, at, count, draw) {
  const { a, b, c, d, e, f } = context.getTransform();
  let x = 0, y = 0;
  for (let i = 0; i < count; i++) {
    if (x !== at[2 * i] || y !== at[2 * i + 1]) {
      [x, y] = [at[2 * i], at[2 * i + 1]];
      context.setTransform(a, b, c, d, e + x, f + y);
    }
    draw(i);
  }
}

/** @param {Uint8Array} rgba @param {number} i */
const colour = (rgba, i) => `rgba(${rgba[i]},${rgba[i + 1]},${rgba[i + 2]},${rgba[i + 3] / 255})`;
/** @param {ArrayLike<unknown>} array @param {number} i */
const cycled = (array, i, parts = 4) => (i * parts) % array.length;

// The paths of a collection; often only their colours and widths change.
/** @type {(op: Collection) => Paths} */
function pathsOf({ room, xy, lengths, codes }) {
  if (room && room.xy === xy && room.lengths === lengths && room.codes === codes) return room;
  const paths = [];
  let from = 0;
  for (const length of lengths) paths.push(trace(xy, codes, from, (from += length)));
  return { xy, lengths, codes, paths };
}

// The same paths, with the lines moved that Agg would move onto whole pixels, or between them for odd widths.
/** @param {Collection} op @param {Uint8Array} snapped @param {Path2D[]} paths */
function snap({ xy, lengths, widths }, snapped, paths) {
  let from = 0;
  return paths.map((path, i) => {
    const points = xy.subarray(2 * from, 2 * (from += lengths[i]));
    const shift = (Math.round(widths[i % widths.length]) % 2) / 2;
    return snapped[i] ? trace(points.map((at) => Math.floor(at + 0.5) + shift)) : path;
  });
}

/** @param {Context} context @param {Collection} op */
function collection(context, op) {
  const { offsets, faces, edges, widths, dashes } = op;
  op.room = pathsOf(op);
  const paths = op.snapped ? snap(op, op.snapped, op.room.paths) : op.room.paths;
  context.lineCap = op.cap;
  context.lineJoin = op.join;
  const points = new Float32Array(2 * op.count).map((_, i) => offsets[i % offsets.length]);
  spread(context, points, op.count, (i) => {
    const path = paths[i % paths.length];
    if (faces.length && faces[cycled(faces, i) + 3]) {
      context.fillStyle = colour(faces, cycled(faces, i));
      context.fill(path);
    }
    const width = widths.length ? widths[i % widths.length] : 0;
    if (edges.length && width && edges[cycled(edges, i) + 3]) {
      context.strokeStyle = colour(edges, cycled(edges, i));
      context.lineWidth = width;
      if (dashes.length) setDash(context, dashes[i % dashes.length]);
      context.stroke(path);
    }
  });
}

/** @param {HTMLCanvasElement} canvas */
const contextOf = (canvas) => /** @type {Context} */ (canvas.getContext("2d"));

/** @param {number} cols @param {number} rows @param {(data: Uint8ClampedArray) => void} fill */
function stamp(cols, rows, fill) {
  const canvas = document.createElement("canvas");
  canvas.width = cols;
  canvas.height = rows;
  const context = contextOf(canvas);
  const image = context.createImageData(cols, rows);
  fill(image.data);
  context.putImageData(image, 0, 0);
  return canvas;
}

// For each pixel, the two cells whose middles lie around its own, and the share of the second by a Hann window; where
// cells have edges the one it falls in; on a border the earlier one, as Agg has it.
/** @param {number} pixels @param {number} from @param {number} first @param {number} last @param {number} count
 *  @param {boolean} smooth */
export function placesOf(pixels, from, first, last, count, smooth) {
  const places = { a: new Uint16Array(pixels), b: new Uint16Array(pixels), share: new Float32Array(pixels) };
  const inside = (/** @type {number} */ cell) => Math.min(Math.max(cell, 0), count - 1);
  for (let i = 0; i < pixels; i++) {
    const at = ((from + i + 0.5 - first) / (last - first)) * count - (smooth ? 0.5 : 0);
    const cell = smooth ? Math.floor(at) : Math.ceil(at) - 1;
    places.a[i] = inside(cell);
    places.b[i] = inside(cell + 1);
    places.share[i] = smooth ? (1 - Math.cos(Math.PI * (at - cell))) / 2 : 0;
  }
  return places;
}

// What it takes to paint an image where it stands: a canvas, its pixels, and where these lie among the cells.
/** @type {(op: Cells) => Room} */
function roomOf({ room, smooth, rows, cols, box, edges: [x0, y0, x1, y1] }) {
  const key = [smooth, rows, cols, box, x0, y0, x1, y1].join();
  if (room?.key === key) return room;
  const [left, top, width, height] = box;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = contextOf(canvas);
  const across = placesOf(width, left, x0, x1, cols, Boolean(smooth));
  const down = placesOf(height, top, y0, y1, rows, Boolean(smooth));
  return { key, canvas, context, image: context.createImageData(width, height), across, down };
}

/** @param {Cells} op @param {Room} room */
function squarePixels({ values, table, cols }, { image, across, down }) {
  const colours = new Uint32Array((table ?? values).slice().buffer);
  const pixels = new Uint32Array(image.data.buffer);
  let i = 0;
  for (const row of down.a) {
    for (const col of across.a) {
      const cell = row * cols + col;
      pixels[i++] = colours[table ? values[cell] : cell];
    }
  }
}

/** @param {Pick<Cells, "values" | "table" | "rows" | "cols" | "smooth">} op
 *  @param {{ image: { data: Uint8ClampedArray }, across: Places, down: Places }} room */
export function smoothPixels({ values, table, rows, cols, smooth }, { image: { data }, across, down }) {
  const late = smooth === "values" ? table : null; // which gives what was blended its colour
  const parts = late ? 1 : 4;
  const cells = new Float32Array(parts * rows * cols), line = new Float32Array(parts * cols);
  for (let k = 0; k < cells.length; k++) cells[k] = table && !late ? table[4 * values[k >> 2] + (k & 3)] : values[k];
  let i = 0;
  for (let y = 0; y < down.a.length; y++) {
    const above = line.length * down.a[y], below = line.length * down.b[y];
    for (let k = 0; k < line.length; k++) {
      line[k] = cells[above + k] + down.share[y] * (cells[below + k] - cells[above + k]);
    }
    for (let x = 0; x < across.a.length; x++) {
      const a = parts * across.a[x], b = parts * across.b[x], share = across.share[x];
      const place = late ? 4 * Math.round(line[a] + share * (line[b] - line[a])) : 0;
      for (let k = 0; k < 4; k++) data[i++] = late ? late[place + k] : line[a + k] + share * (line[b + k] - line[a + k]);
    }
  }
}

/** @param {Cells} op */
function cellStamp(op) {
  op.room = roomOf(op);
  (op.smooth ? smoothPixels : squarePixels)(op, op.room);
  op.room.context.putImageData(op.room.image, 0, 0);
  return op.room.canvas;
}

/** @type {(mask: Uint8Array, colour: number[]) => (data: Uint8ClampedArray) => void} */
const fillFromMask = (mask, [red, green, blue, alpha]) => (data) => {
  for (let i = 0; i < mask.length; i++) data.set([red, green, blue, mask[i] * alpha], 4 * i);
};

/** @type {{ [K in Op["op"]]: (context: Context, op: Extract<Op, { op: K }>) => void }} */
const PAINT = {
  path(context, op) {
    op.path ??= trace(op.xy, op.codes);
    pen(context, op);
    ink(context, op.path, op);
  },
  markers(context, op) {
    const path = (op.path ??= trace(op.xy, op.codes));
    pen(context, op);
    spread(context, op.at, op.at.length / 2, () => ink(context, path, op));
  },
  collection,
  cells(context, op) {
    op.stamp ??= cellStamp(op);
    context.globalAlpha = op.alpha;
    context.drawImage(op.stamp, op.box[0], op.box[1]);
  },
  text(context, op) {
    if (!op.face) return;
    op.stamp ??= stamp(op.box[2], op.box[3], fillFromMask(op.mask, (op.face.match(/[\d.e-]+/g) ?? []).map(Number)));
    context.drawImage(op.stamp, op.box[0], op.box[1]);
  },
  picture(context, op) {
    context.drawImage(op.bitmap, ...op.box);
  },
};

/** @param {Context} context @param {Op} op */
function paintOp(context, op) {
  if (op.clip) {
    context.beginPath();
    context.rect(...op.clip);
    context.clip();
  }
  if (op.clipPath) context.clip(trace(op.clipPath.xy, op.clipPath.codes));
  /** @type {(context: Context, op: Op) => void} */ (PAINT[op.op])(context, op);
}

// ---- The picture all views of one LiveFigure share ---------------------------------------------------------------------

export class Picture {
  constructor() {
    this.items = /** @type {Items} */ ({});
    this.width = this.height = this.serial = 0;
    this.lost = false;
    this.trouble = ""; // what went wrong here, in the browser
    this.born = performance.now();
    this.arrival = Promise.resolve(true);
    this.views = /** @type {Set<View>} */ (new Set());
  }

  // Take in one packet; resolves to false where an earlier one is missing.
  /** @param {DataView} bytes */
  take(bytes) {
    this.arrival = this.arrival.then(() => this.#take(bytes)).catch((error) => this.fail(error));
    return this.arrival;
  }

  /** @param {DataView} bytes */
  async #take(bytes) {
    const packet = unpack(bytes, this.items);
    if (!packet.frame && packet.serial !== this.serial + 1) return false;
    for (const op of Object.values(packet.items).flat()) {
      if (op.op === "picture") op.bitmap = await createImageBitmap(new Blob([op.png], { type: "image/png" }));
    }
    if (packet.frame) Object.assign(this, { items: {}, width: packet.width, height: packet.height });
    Object.assign(this.items, packet.items);
    this.serial = packet.serial;
    this.lost = false;
    this.trouble = "";
    for (const view of this.views) view.changed();
    return true;
  }

  // The connection to the kernel broke; until a packet arrives nobody answers.
  lose() {
    this.lost = true;
    for (const view of this.views) view.notice.update();
  }

  // Tell the reader what could not be read or painted; asking for the same again would not help.
  /** @param {unknown} error */
  fail(error) {
    console.error(error);
    this.trouble = String(error);
    for (const view of this.views) view.notice.update();
    return true;
  }

  /** @param {HTMLCanvasElement} canvas */
  paint(canvas) {
    try {
      this.#paint(canvas);
    } catch (error) { // such as a phone that has no room for one more canvas
      this.fail(error);
    }
  }

  /** @param {HTMLCanvasElement} canvas */
  #paint(canvas) {
    if (canvas.width !== this.width || canvas.height !== this.height) {
      canvas.width = this.width;
      canvas.height = this.height;
    }
    const context = contextOf(canvas);
    context.clearRect(0, 0, this.width, this.height);
    for (const op of Object.values(this.items).flat()) { // numbered from back to front
      context.save();
      try {
        paintOp(context, op);
      } catch (error) {
        this.fail(error);
      }
      context.restore();
    }
  }
}

// ---- One view ----------------------------------------------------------------------------------------------------------

/** @type {Record<string, string>} */
const MOVES = { pointermove: "hover", pointerdown: "press", pointerup: "release", pointerleave: "leave" };
const PATIENCE = 1000; // ms to wait for an answer to the last move before sending another

// Sends pointer events to the kernel: moves one at a time, newest only; the others always, in order.
class Pointer {
  /** @param {Model} model @param {HTMLCanvasElement} canvas @param {Picture} picture */
  constructor(model, canvas, picture) {
    this.model = model;
    this.canvas = canvas;
    this.picture = picture;
    this.number = 0; // of the last message sent
    this.waiting = /** @type {number | null} */ (null); // the message whose answer the next move waits for
    this.move = /** @type {Happening | null} */ (null); // not sent yet
    this.pressed = /** @type {{ x: number, y: number } | null} */ (null);
    this.heard = (/** @type {any} */ message) => message.heard === this.waiting && this.#next();
    model.on("msg:custom", this.heard);
    for (const name of Object.keys(MOVES)) {
      canvas.addEventListener(name, (event) => this.#happened(/** @type {PointerEvent} */ (event)));
    }
  }

  /** @param {PointerEvent} event */
  #happened(event) {
    if (!this.model.get("listening") || !this.picture.width) return;
    const kind = MOVES[event.type];
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.picture.width;
    const y = ((event.clientY - box.top) / box.height) * this.picture.height;
    if (kind === "hover") return this.#moved({ kind: this.pressed ? "drag" : "hover", x, y });
    this.#flushMove();
    if (kind === "press") this.#press(event);
    if (kind === "leave") this.pressed = null; // the finger went on to move the page
    this.#send({ kind, x, y });
    if (kind === "release") this.#release(event, x, y);
  }

  /** @param {PointerEvent} event */
  #press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.pressed = { x: event.clientX, y: event.clientY };
  }

  /** @param {PointerEvent} event @param {number} x @param {number} y */
  #release(event, x, y) {
    const start = this.pressed;
    this.pressed = null;
    if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) < 4) this.#send({ kind: "click", x, y });
  }

  /** @param {Happening} move */
  #moved(move) {
    this.move = move;
    if (this.waiting === null) this.#next();
  }

  #flushMove() {
    if (this.move) this.#send(this.move);
    this.move = null;
  }

  #next() {
    clearTimeout(this.timer);
    this.waiting = null;
    if (!this.move) return;
    this.#flushMove();
    this.waiting = this.number;
    this.timer = setTimeout(() => this.#next(), PATIENCE);
  }

  /** @param {Happening} event */
  #send(event) {
    this.model.send({ ...event, number: ++this.number });
  }

  close() {
    clearTimeout(this.timer);
    this.model.off("msg:custom", this.heard);
  }
}

const SILENCE = 3000; // ms without a first picture before the reader is told
const NOTICES = {
  lost: "The kernel is not connected, so this picture no longer answers. Run its cell again.",
  silent: "No picture yet: the kernel is busy, or not running.",
  trouble: (/** @type {string} */ error) =>
    `The picture could not be drawn: ${error}. Run its cell again; if this comes back, reload the page.`,
};

// Says below the picture why it does not answer, if so.
class Notice {
  /** @param {Model} model @param {HTMLElement} el @param {Picture} picture */
  constructor(model, el, picture) {
    this.model = model;
    this.picture = picture;
    this.line = document.createElement("div");
    this.line.className = "live-figure-notice";
    this.line.setAttribute("role", "status");
    el.append(this.line);
    this.update = () => (this.line.textContent = this.text());
    this.timer = setTimeout(this.update, SILENCE);
    model.on("change:trouble", this.update);
    this.update();
  }

  text() {
    if (this.picture.lost) return NOTICES.lost;
    const trouble = this.model.get("trouble") || this.picture.trouble;
    if (trouble) return NOTICES.trouble(trouble);
    return this.picture.width || performance.now() - this.picture.born < SILENCE ? "" : NOTICES.silent;
  }

  close() {
    clearTimeout(this.timer);
    this.model.off("change:trouble", this.update);
    this.line.remove();
  }
}

class View {
  /** @param {Model} model @param {HTMLElement} el @param {Picture} picture */
  constructor(model, el, picture) {
    this.model = model;
    this.picture = picture;
    this.frame = /** @type {number | undefined} */ (undefined); // asked for
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    el.classList.add("live-figure");
    el.append(this.canvas);
    this.pointer = new Pointer(model, this.canvas, picture);
    this.notice = new Notice(model, el, picture);
    this.described = () => this.canvas.setAttribute("aria-label", model.get("alt"));
    this.listens = () => this.canvas.classList.toggle("live-listening", model.get("listening"));
    model.on("change:alt", this.described);
    model.on("change:listening", this.listens);
    this.described();
    this.listens();
    const [width, height] = model.get("size");
    this.canvas.style.width = `${width}px`;
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    this.watchRatio();
    picture.views.add(this);
    if (picture.width) this.changed();
  }

  changed() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.picture.paint(this.canvas);
      this.notice.update();
    });
  }

  // The window may move to another screen, or be zoomed.
  watchRatio() {
    const screen = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const rescaled = () => {
      this.watchRatio();
      this.model.send(hello());
    };
    screen.addEventListener("change", rescaled, { once: true });
    this.unwatch = () => screen.removeEventListener("change", rescaled);
  }

  close() {
    cancelAnimationFrame(this.frame ?? 0);
    this.unwatch?.();
    this.picture.views.delete(this);
    this.pointer.close();
    this.notice.close();
    this.model.off("change:alt", this.described);
    this.model.off("change:listening", this.listens);
    this.canvas.remove();
  }
}

const hello = () => ({ kind: "hello", ratio: devicePixelRatio });

// ---- What anywidget calls: once for each LiveFigure, then once for each view of it ---------------------------------------

/** @type {import("@anywidget/types").AnyWidget<Traits>} */
export default () => {
  const picture = new Picture();
  return {
    initialize({ model }) {
      const arrived = async () => {
        if (!(await picture.take(model.get("packet")))) model.send(hello());
      };
      const interrupted = () => {
        picture.lose();
        model.send(hello()); // a kernel that still knows this figure answers with a picture
      };
      model.on("change:packet", arrived);
      model.on("comm_live_update", interrupted);
      model.send(hello());
      return () => {
        model.off("change:packet", arrived);
        model.off("comm_live_update", interrupted);
      };
    },
    render({ model, el }) {
      try {
        const view = new View(model, el, picture);
        return () => view.close();
      } catch (error) {
        console.error(error);
        el.textContent = NOTICES.trouble(String(error));
      }
    },
  };
};
