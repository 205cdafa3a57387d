// What needs no browser in pad.js: what the kernel is told of a chosen file.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { messageOf } = await load("live/pad.js");

test("a file is sent whole, with its size", async () => {
  const [message, content] = await messageOf(new Blob([Uint8Array.of(1, 2, 3)]), 3);
  assert.deepEqual(message, { size: 3 });
  assert.deepEqual(content.map((part) => [...new Uint8Array(part)]), [[1, 2, 3]]);
});

test("of a file that is too large only the size is sent, and it is not even read", async () => {
  const file = { size: 4, arrayBuffer: () => assert.fail("was read") };
  assert.deepEqual(await messageOf(file, 3), [{ size: 4 }, []]);
});

test("a file that went away is an error for whoever asked", async () => {
  const file = { size: 4, arrayBuffer: () => Promise.reject(new Error("gone")) };
  await assert.rejects(messageOf(file, 9), /gone/);
});
