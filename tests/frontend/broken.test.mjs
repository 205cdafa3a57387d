// What goes wrong while a picture or a panel is drawn stands where the reader looks, with what to do about it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const [live, frontend, pad] = await Promise.all(["live/live.js", "panels/frontend.js", "live/pad.js"].map(load));

// As much of a page as a view needs. An element finds a part by its selector, and makes it up where it has none.
class Element {
  parts = {}; attributes = {}; style = {}; textContent = ""; hidden = false;
  classList = { add() {}, toggle() {} };
  addEventListener() {}
  setAttribute(name, value) { this.attributes[name] = value; }
  append(...children) { this.children = [...(this.children ?? []), ...children]; }
  appendChild(child) { this.append(child); return child; }
  querySelector(css) {
    const own = (this.children ?? []).find(({ className = "" }) => className.split(" ").includes(css.slice(1)));
    return own ?? (css === ".lessons-broken" ? null : (this.parts[css] ??= new Element()));
  }
  closest() { return null; }
  getContext() { throw new Error("no canvas left"); }
  remove() {}
}

function page(context) {
  context.mock.method(console, "error", () => {});
  context.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, {
    document: { createElement: () => new Element() },
    matchMedia: () => ({ addEventListener() {}, removeEventListener() {} }),
    devicePixelRatio: 1,
    location: { href: "https://lessons.example/lab" },
    requestAnimationFrame() {},
    cancelAnimationFrame() {},
  });
  return { el: new Element() };
}

function modelOf(traits) {
  const calls = {};
  const on = (name, call) => (calls[name] ??= []).push(call);
  return {
    get: (name) => traits[name], on, off() {}, send() {},
    change(changed) {
      Object.assign(traits, changed);
      ["change", ...Object.keys(changed).map((name) => `change:${name}`)].forEach((name) => calls[name]?.forEach((call) => call()));
    },
  };
}

const planted = () => { throw new Error("planted"); };
const figure = () => ({ packet: null, alt: "A wave", size: [4, 3], trouble: "", listening: false });

test("what the kernel could not draw is said below the picture", (context) => {
  const { el } = page(context), model = modelOf(figure());
  const close = live.default().render({ model, el });
  const notice = el.children.find(({ className }) => className === "live-figure-notice");
  model.change({ trouble: "AttributeError: no such attribute" });
  assert.match(notice.textContent, /could not be drawn: AttributeError: no such attribute\. Run its cell again/);
  model.change({ trouble: "" });
  assert.doesNotMatch(notice.textContent, /AttributeError/);
  close();
});

test("a browser that has no canvas for the picture says so below it", (context) => {
  page(context);
  const picture = new live.Picture();
  let updates = 0;
  picture.views.add({ changed() {}, notice: { update: () => updates++ } });
  picture.paint(new Element());
  assert.match(picture.trouble, /no canvas left/);
  assert.equal(updates, 1);
});

test("a picture that cannot even be set up says so in its place", (context) => {
  const { el } = page(context), model = modelOf(figure());
  live.default().render({ model: { ...model, get: (name) => (name === "size" ? planted() : model.get(name)) }, el });
  assert.match(el.textContent, /could not be drawn: Error: planted\. Run its cell again/);
});

const words = () => ({ sentence: "All is well.", error: "", call: "panels.x()", link: "", code: "", progress: undefined, named: [] });

test("a panel whose view cannot be set up says so", (context) => {
  const { el } = page(context);
  frontend.default().render({ model: { ...modelOf(words()), on: planted }, el });
  assert.match(el.querySelector(".lessons-broken").textContent, /Error: planted.*Reload the page/);
  assert.equal(el.querySelector(".lessons-broken").attributes.role, "alert");
});

test("a panel that cannot show a later state says so once, and goes on", (context) => {
  const { el } = page(context), model = modelOf(words());
  frontend.default().render({ model, el });
  assert.equal(el.querySelector(".lessons-sentence").textContent, "All is well.");
  assert.equal(el.querySelector(".lessons-progress").hidden, true); // a None arrives as undefined in JupyterLite
  const { get } = model;
  model.get = planted;
  model.change({ sentence: "Not seen." });
  model.change({ sentence: "Nor this." });
  assert.match(el.querySelector(".lessons-broken").textContent, /Error: planted.*Reload the page/);
  assert.equal(el.children.filter(({ className = "" }) => className.includes("lessons-broken")).length, 1);
  model.get = get;
  model.change({ sentence: "Seen again." });
  assert.equal(el.querySelector(".lessons-sentence").textContent, "Seen again.");
});

test("a drawing pad that cannot be set up says so", (context) => {
  const { el } = page(context);
  pad.default.render({ model: { ...modelOf({}), get: planted }, el });
  assert.match(el.textContent, /drawing pad does not work.*Error: planted.*Reload the page/);
});
