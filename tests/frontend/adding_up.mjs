// What a Picture adds packets up to, as JSON; each array with its type. Packets come in base64, as a JSON list.

import { readFileSync } from "node:fs";

import { load } from "./load.mjs";

const { Picture } = await load("live/live.js");
globalThis.createImageBitmap = async () => undefined; // a browser's
const picture = new Picture();
for (const packet of JSON.parse(readFileSync(0, "utf-8"))) {
  if (!(await picture.take(Buffer.from(packet, "base64"))) || picture.trouble) process.exit(1);
}
const typed = (_, value) => (ArrayBuffer.isView(value) ? [value.constructor.name, ...value] : value);
console.log(JSON.stringify(picture.items, typed));
