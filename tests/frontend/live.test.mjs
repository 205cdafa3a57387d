// What needs no browser in live.js: packets, and which cells of an image a pixel shows.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { Picture, placesOf, smoothPixels, unpack } = await load("live/live.js");

// A packet as packet.py lays it out: length of the header, header, arrays.
function packet(header, ...arrays) {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const words = new Uint8Array(4 * Math.ceil(head.length / 4)).fill(32);
  words.set(head);
  const parts = [new Uint8Array(Uint32Array.of(words.length).buffer), words];
  for (const array of arrays) parts.push(new Uint8Array(array.buffer), new Uint8Array(-array.byteLength & 3));
  return new DataView(Uint8Array.from(parts.flatMap((part) => [...part])).buffer);
}

const path = (fields) => ({ op: "path", dash: [0, 2, 1], codes: null, ...fields });
const frame = (serial, fields) => ({ serial, frame: true, width: 4, height: 3, items: { 0: [path(fields)] } });

test("arrays of every type are read from where the header says", () => {
  const places = [["f4", 0, 3], ["u1", 12, 5], ["u4", 20, 2]].map(([array, at, length]) => ({ array, at, length }));
  const [xy, codes, lengths] = places;
  const arrays = [Float32Array.of(1.5, -2, 3), Uint8Array.of(1, 2, 2, 3, 79), Uint32Array.of(7, 2 ** 32 - 1)];
  const [op] = unpack(packet(frame(1, { xy, clipPath: { codes, deep: { lengths } } }), ...arrays), {}).items[0];
  assert.deepEqual([op.xy, op.clipPath.codes, op.clipPath.deep.lengths], arrays);
  assert.deepEqual([op.op, op.dash, op.codes], ["path", [0, 2, 1], null]);
});

test("an array that stayed the same is the one from before, with what was made of it", () => {
  const first = unpack(packet(frame(1, { xy: { array: "f4", at: 0, length: 2 } }), Float32Array.of(1, 2)), {});
  const [old] = first.items[0];
  old.room = { paths: [] };
  const change = { serial: 2, items: { 0: [{ rest: "same", width: 3 }] } };
  const [op] = unpack(packet(change), first.items).items[0];
  assert.equal(op.xy, old.xy);
  assert.equal(op.room, old.room);
  assert.equal(op.width, 3);
});

test("a frame starts anew", () => {
  const items = { 0: [{ op: "path", room: {} }] };
  assert.equal(unpack(packet(frame(9)), items).items[0][0].room, undefined);
});

test("a packet may lie anywhere in memory, which is not kept", () => {
  const bytes = new Uint8Array(packet(frame(1, { xy: { array: "f4", at: 0, length: 1 } }), Float32Array.of(8)).buffer);
  const roomy = new Uint8Array(bytes.length + 7).fill(255);
  roomy.set(bytes, 3);
  const [op] = unpack(new DataView(roomy.buffer, 3, bytes.length), {}).items[0];
  roomy.fill(0);
  assert.deepEqual(op.xy, Float32Array.of(8));
});

test("a picture adds packets up, and asks where one is missing", async () => {
  const picture = new Picture();
  const painted = [];
  picture.views.add({ changed: () => painted.push(picture.serial) });
  assert.equal(await picture.take(packet(frame(5))), true);
  assert.equal(await picture.take(packet({ serial: 6, items: { 2: [] } })), true);
  assert.equal(await picture.take(packet({ serial: 8, items: { 3: [{ rest: "same", width: 2 }] } })), false);
  assert.deepEqual([Object.keys(picture.items), picture.width, picture.height], [["0", "2"], 4, 3]);
  assert.equal(await picture.take(packet({ ...frame(9), items: { 1: [] } })), true);
  assert.deepEqual(Object.keys(picture.items), ["1"]);
  assert.deepEqual(painted, [5, 6, 9]);
});

test("a packet that cannot be read is told of, and the next one is taken", async (context) => {
  const logged = context.mock.method(console, "error", () => {});
  const picture = new Picture();
  let updates = 0;
  picture.views.add({ changed() {}, notice: { update: () => updates++ } });
  const unknown = frame(1, { xy: { array: "f8", at: 0, length: 1 } });
  assert.equal(await picture.take(packet(unknown, Float64Array.of(1))), true); // the same again would not help
  assert.match(picture.trouble, /TypeError/);
  assert.deepEqual([updates, logged.mock.callCount()], [1, 1]);
  await picture.take(packet(frame(2)));
  assert.deepEqual([picture.trouble, picture.serial], ["", 2]);
});

const places = (...given) => Object.values(placesOf(...given)).map((array) => [...array]);

test("a pixel shows the cell it falls in; on a border the earlier one", () => {
  assert.deepEqual(places(6, 0, 0, 6, 3, false)[0], [0, 0, 1, 1, 2, 2]);
  assert.deepEqual(places(3, 0, 0.5, 2.5, 2, false)[0], [0, 0, 1]); // the middle of pixel 1 lies between the cells
  assert.deepEqual(places(2, 4, 0, 6, 3, false)[0], [2, 2]); // cut off on the left by a clip box
  assert.deepEqual(places(4, 0, 1, 3, 2, false)[0], [0, 0, 1, 1]); // pixels beyond the image show its ends
});

test("smooth, two cells share a pixel by the distance of their middles", () => {
  const [a, b, share] = places(8, 0, 0, 8, 2, true); // cells of four pixels, with their middles at 2 and 6
  assert.deepEqual(a, [0, 0, 0, 0, 0, 0, 1, 1]);
  assert.deepEqual(b, [0, 0, 1, 1, 1, 1, 1, 1]);
  const hann = [1 / 8, 3 / 8, 5 / 8, 7 / 8].map((at) => Math.sin((Math.PI / 2) * at) ** 2);
  share.slice(2, 6).forEach((value, i) => assert.ok(Math.abs(value - hann[i]) < 1e-6));
});

test("cells are blended as colours, or as values that get their colour afterwards", () => {
  const table = Uint8Array.of(0, 0, 0, 255, 9, 9, 9, 255, 250, 0, 90, 255); // the middle colour is not between the others
  const painted = (smooth) => {
    const across = placesOf(4, 0, 0, 4, 2, true), down = placesOf(1, 0, 0, 1, 1, true), data = new Uint8ClampedArray(16);
    smoothPixels({ values: Uint8Array.of(0, 2), table, rows: 1, cols: 2, smooth }, { image: { data }, across, down });
    return [...data].filter((_, i) => i % 4 === 0);
  };
  const share = Math.sin(Math.PI / 8) ** 2; // of the second cell, a quarter of the way from one middle to the other
  assert.deepEqual(painted("colours"), [0, Math.round(250 * share), Math.round(250 * (1 - share)), 250]);
  assert.deepEqual(painted("values"), [0, 0, 250, 250]); // 2 · share rounds to 0
});
