// What a screen reader is told of a slider, and where a link leads.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { keepToItself, sliderValue, wholeAddress } = await load("panels/frontend.js");

const told = (state, k = 0) => sliderValue({ get: (name) => state[name] }, k);

test("a number is told with its limits", () => {
  assert.deepEqual(told({ value: 12929, min: 0, max: 13001 }), [12929, 0, 13001, "12929"]);
  assert.deepEqual(told({ value: -0.25, min: -1, max: 1 }), [-0.25, -1, 1, "-0.25"]);
});

test("a fraction is told with four digits, large or small", () => {
  assert.deepEqual(told({ value: 0.1 + 0.2, min: 0, max: 1 }), [0.3, 0, 1, "0.3"]);
  assert.equal(told({ value: 0.000123456, min: 0, max: 1 })[3], "0.0001235");
  assert.equal(told({ value: 1234.56, min: 0, max: 1e4 })[3], "1235");
});

test("the limits of a logarithmic slider are exponents", () => {
  assert.deepEqual(told({ value: 3, min: -2, max: 1, base: 10 }), [3, 0.01, 10, "3"]);
});

test("a range has two handles", () => {
  const range = { value: [2, 7], min: 0, max: 10 };
  assert.deepEqual([told(range, 0), told(range, 1)], [[2, 0, 10, "2"], [7, 0, 10, "7"]]);
});

test("a choice is told by its label", () => {
  const choice = { _options_labels: ["none", "L1", "L2"], index: 1 };
  assert.deepEqual(told(choice), [1, 0, 2, "L1"]);
  assert.deepEqual(told({ ...choice, index: [0, 2] }, 1), [2, 0, 2, "L2"]);
});

test("in the browser edition a link is completed by the page's own address", () => {
  const link = "run.html?lesson=03&panel=nudges&image=8";
  const page = "https://lessons.example/course/live/notebooks/index.html?path=03_what_one_example_wants.ipynb";
  assert.equal(wholeAddress(link, page), `https://lessons.example/course/${link}`);
  assert.equal(wholeAddress(link, "http://127.0.0.1:8000/live/lab/index.html"), `http://127.0.0.1:8000/${link}`);
});

test("a link that is whole stays, and one that nobody can complete is none", () => {
  assert.equal(wholeAddress("https://a.example/run.html?lesson=03", "http://b.example/lab"), "https://a.example/run.html?lesson=03");
  assert.equal(wholeAddress("run.html?lesson=03", "http://localhost:8888/lab/tree/live/03.ipynb"), "");
  assert.equal(wholeAddress("", "http://127.0.0.1:8000/live/lab/index.html"), "");
});

test("plain keys stay in the panel; those of the program around it go on", () => {
  const stays = (key, held = {}) => {
    let stopped = false;
    keepToItself({ key, ...held, stopPropagation: () => { stopped = true; } });
    return stopped;
  };
  for (const key of ["a", "d", " ", "ArrowRight", "Home", "Delete"]) assert.equal(stays(key), true, key);
  for (const key of ["Enter", "Escape", "Tab", "Shift", "F1"]) assert.equal(stays(key), false, key);
  assert.equal(stays("s", { ctrlKey: true }), false);
});
