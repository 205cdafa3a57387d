// Backprop in plain JavaScript, without packages: reads a case, writes its gradients.
//
//   python -m lessons_lib.doctor case > case.json
//   node backprop.mjs case.json > mine.json
//   python -m lessons_lib.doctor check mine.json
//
// `node backprop.mjs case.json --mistake > mine.json` plants a mistake for the doctor to find.

import { readFileSync } from "node:fs";

const [path, option] = process.argv.slice(2);
const mistake = option === "--mistake";
const network = JSON.parse(readFileSync(path, "utf8"));

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const slope = (a) => a * (1 - a);

function forward(x) {
  const activations = [x];
  for (let layer = 1; layer <= network.layers; layer++) {
    const before = activations[layer - 1];
    const W = network.weights[`W${layer}`];
    const b = network.biases[`b${layer}`];
    activations.push(W.map((row, j) => sigmoid(row.reduce((sum, w, k) => sum + w * before[k], b[j]))));
  }
  return activations;
}

function backward(activations, y) {
  const last = network.layers;
  const deltas = [];
  deltas[last] = activations[last].map((a, j) => 2 * (a - y[j]) * slope(a));
  for (let layer = last - 1; layer >= 1; layer--) {
    const W = network.weights[`W${layer + 1}`];
    deltas[layer] = activations[layer].map((a, j) => {
      let sum = 0;
      for (let k = 0; k < W.length; k++) {
        sum += W[k][j] * deltas[layer + 1][k];
      }
      return sum * (mistake ? slope(sigmoid(a)) : slope(a));
    });
  }
  return deltas;
}

const gradients = {};
for (let layer = 1; layer <= network.layers; layer++) {
  gradients[`W${layer}`] = network.weights[`W${layer}`].map((row) => row.map(() => 0));
  gradients[`b${layer}`] = network.biases[`b${layer}`].map(() => 0);
}
network.inputs.forEach((x, example) => {
  const activations = forward(x);
  const deltas = backward(activations, network.targets[example]);
  for (let layer = 1; layer <= network.layers; layer++) {
    deltas[layer].forEach((delta, j) => {
      gradients[`b${layer}`][j] += delta / network.inputs.length;
      activations[layer - 1].forEach((a, k) => {
        gradients[`W${layer}`][j][k] += (delta * a) / network.inputs.length;
      });
    });
  }
});

console.log(JSON.stringify({ ...network, gradients }));
