// How the values of sliders get to the kernel: the newest only, two at a time, and the last one always.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { Relay } = await load("panels/frontend.js");

// A slider as ipywidgets has it in the page, with what it would send by itself.
function slider(id = "slider", kind = "IntSliderModel") {
  return Object.assign(Object.create({ sync(method, model, { attrs }) { model.plain.push(attrs); } }), {
    model_id: id, _pending_msgs: 0, comm_live: true, plain: [], state: {},
    get: (name) => (name === "_model_name" ? kind : undefined),
    set_state(state) { Object.assign(this.state, state); },
    move(value) { this.sync("patch", this, { attrs: { value } }); },
  });
}

function relayed(...controls) {
  const sent = [], relay = new Relay((message) => sent.push(message));
  controls.forEach((control) => relay.adopt(control));
  const answer = (number, states = {}) => relay.hear({ relay: relay.name, number, states });
  return { relay, sent, answer, values: () => sent.map(({ states }) => states.slider?.value) };
}

test("two values leave at once, then the newest for each answer", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const control = slider(), { relay, answer, values } = relayed(control);
  for (let value = 1; value <= 9; value++) control.move(value);
  assert.deepEqual(values(), [1, 2]);
  answer(1);
  assert.deepEqual(values(), [1, 2, 9]);
  answer(2);
  assert.ok(relay.busy);
  answer(3);
  assert.ok(!relay.busy);
  assert.deepEqual([values(), control.plain], [[1, 2, 9], []]);
});

test("values of several sliders wait together", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const one = slider(), two = slider("other"), { sent, answer } = relayed(one, two);
  [1, 2, 3].forEach((value) => one.move(value));
  two.move(7);
  answer(1);
  assert.deepEqual(sent[2].states, { slider: { value: 3 }, other: { value: 7 } });
});

test("a kernel that does not answer is sent what it missed, newest only and ever more rarely", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const control = slider(), { relay, answer, values } = relayed(control);
  [1, 2, 3, 4].forEach((value) => control.move(value));
  context.mock.timers.tick(2900);
  assert.deepEqual(values(), [1, 2]);
  context.mock.timers.tick(200);
  assert.deepEqual(values(), [1, 2, 4]);
  [5, 6].forEach((value) => control.move(value));
  assert.deepEqual(values(), [1, 2, 4, 5]);
  context.mock.timers.tick(6100);
  assert.deepEqual(values(), [1, 2, 4, 5, 6]);
  context.mock.timers.tick(11_000);
  assert.deepEqual(values(), [1, 2, 4, 5, 6]);
  context.mock.timers.tick(2000);
  assert.deepEqual(values(), [1, 2, 4, 5, 6, 6]);
  answer(1); // of what was given up
  assert.ok(relay.busy);
  answer(6);
  assert.ok(!relay.busy);
});

test("nothing is lost of two sliders when an answer is", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const one = slider(), two = slider("other"), { sent } = relayed(one, two);
  one.move(1);
  two.move(7);
  one.move(2);
  context.mock.timers.tick(3100);
  assert.deepEqual(sent[2].states, { slider: { value: 2 }, other: { value: 7 } });
});

test("a state from before our value is out of date, but for what we do not send", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const control = slider(), { answer } = relayed(control);
  [1, 2, 3].forEach((value) => control.move(value));
  control.set_state({ value: 0, max: 50 }); // asked for after a reconnection
  answer(1);
  control.set_state({ value: 1 });
  assert.deepEqual(control.state, { max: 50 });
  answer(3);
  control.set_state({ value: 8 }); // set from Python later
  assert.deepEqual(control.state, { max: 50, value: 8 });
});

test("an answer that comes late or to another window lets nothing more through", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const control = slider(), { relay, answer, values } = relayed(control);
  [1, 2, 3].forEach((value) => control.move(value));
  relay.hear({ relay: "elsewhere", number: 2, states: {} });
  answer(0);
  assert.deepEqual(values(), [1, 2]);
});

test("what the kernel made of the last value is true here too, but not of an earlier one", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const control = slider(), { relay, answer } = relayed(control);
  [1, 2].forEach((value) => control.move(value));
  answer(1, { slider: { value: 1 } });
  assert.deepEqual(control.state, {});
  answer(2, { slider: { value: 5 } }); // set from Python meanwhile
  assert.deepEqual(control.state, { value: 5 });
  relay.hear({ relay: "elsewhere", number: 1, states: { slider: { value: 8 }, unknown: { value: 1 } } });
  assert.deepEqual(control.state, { value: 8 });
});

test("only what moves a slider is carried", () => {
  const box = slider("box", "CheckboxModel"), control = slider(), { sent } = relayed(box, control);
  box.move(true);
  control.sync("patch", control, { attrs: { value: 1, max: 3 } });
  control.sync("update", control, {});
  control._pending_msgs = 1; // a message of ipywidgets is on its way: do not overtake it
  control.move(2);
  assert.deepEqual([sent, box.plain.length, control.plain.length], [[], 1, 3]);
});

test("a slider of two panels is carried by the first, and goes back to ipywidgets with what it has to say", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const control = slider(), first = relayed(control), second = relayed(control);
  [1, 2, 3].forEach((value) => control.move(value));
  assert.deepEqual([first.values(), second.sent], [[1, 2], []]);
  first.relay.adopt(control); // a second view of the panel
  first.relay.stop();
  control.move(4);
  assert.deepEqual(control.plain, [{ value: 3 }, { value: 4 }]);
  second.relay.adopt(control);
  control.move(5);
  assert.deepEqual(second.values(), [5]);
});

test("where ipywidgets is built differently, its own messages go on", () => {
  const control = Object.assign(slider(), { sync: undefined }), { relay } = relayed(control);
  assert.equal(relay.controls.size, 0);
});
