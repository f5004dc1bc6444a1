// A backend in plain JavaScript that speaks the process protocol (oracle/backends/PROTOCOL.md). Small enough to copy:
//   manualbp conform --command 'node backend.mjs'
// Matrices are flat arrays, row by row; a batch has its samples in columns. All is computed in double and rounded to the dtype at the end.
import { createInterface } from "node:readline";

// numbers as their bit patterns in hex

const view = new DataView(new ArrayBuffer(8));
const FORMATS = {
  float64: {
    read: (hex) => (view.setBigUint64(0, BigInt("0x" + hex)), view.getFloat64(0)),
    write: (v) => (view.setFloat64(0, v), view.getBigUint64(0).toString(16).padStart(16, "0")),
  },
  float32: {
    read: (hex) => (view.setUint32(0, parseInt(hex, 16)), view.getFloat32(0)),
    write: (v) => (view.setFloat32(0, v), view.getUint32(0).toString(16).padStart(8, "0")),
  },
};
const decode = (array, format) => array.bits.map(format.read);
const encode = (values, shape, format) => ({ shape, bits: values.map(format.write) });

// activations: σ and σ′, functions of z

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const bell = (e) => e / (1 + e) ** 2; // of e = exp(−|z|): σ(1 − σ) without the difference that would cancel
const ACTIVATIONS = {
  identity: [(z) => z, () => 1],
  sigmoid: [sigmoid, (z) => bell(Math.exp(-Math.abs(z)))],
  tanh: [Math.tanh, (z) => 4 * bell(Math.exp(-2 * Math.abs(z)))],
  relu: [(z) => (z > 0 ? z : 0), (z) => (z > 0 ? 1 : 0)],
  softplus: [softplus, sigmoid],
};

// costs: C and ∇ₐC of one output

const COSTS = {
  quadratic: [(a, E) => 0.5 * (a - E) ** 2, (a, E) => a - E],
  cross_entropy: [
    (a, E) => -(E * Math.log(a) + (1 - E) * Math.log1p(-a)),
    (a, E) => (a - E) / (a * (1 - a)),
  ],
  categorical_cross_entropy: [(a, E) => -E * Math.log(a), (a, E) => -E / a],
  poisson: [(a, E) => a - E * Math.log(a), (a, E) => (a - E) / a],
};

// heads: the cost and δ of one sample, from the columns z, a, E of the output layer

const sum = (values) => values.reduce((s, v) => s + v, 0);
const others = (values, j) => sum(values.filter((_, k) => k !== j)); // a sum without one term, which no difference loses
const softmax = (z) => {
  const e = z.map((v) => Math.exp(v - Math.max(...z)));
  return e.map((v) => v / sum(e));
};
const logSoftmax = (z) => {
  const most = Math.max(...z);
  const rest = Math.log(sum(z.map((v) => Math.exp(v - most))));
  return z.map((v) => v - most - rest);
};
const FUSED = {
  "identity+quadratic:fused": [(z, a, E) => sum(z.map((v, j) => 0.5 * (v - E[j]) ** 2)), (z, a, E) => z.map((v, j) => v - E[j])],
  "sigmoid+cross_entropy:fused": [
    (z, a, E) => sum(z.map((v, j) => (1 - E[j]) * softplus(v) + E[j] * softplus(-v))),
    (z, a, E) => z.map((v, j) => (1 - E[j]) * a[j] - E[j] * sigmoid(-v)),
  ],
  "softmax+categorical_cross_entropy:fused": [
    (z, a, E) => -sum(logSoftmax(z).map((v, j) => E[j] * v)),
    (z, a, E) => a.map((v, j) => v * others(E, j) - E[j] * others(a, j)),
  ],
};

function head(name, activation, cost) {
  if (name in FUSED) return FUSED[name];
  if (name.endsWith(":fused") || !(cost in COSTS)) return null;
  const [C, nabla] = COSTS[cost];
  const total = (z, a, E) => sum(a.map((v, j) => C(v, E[j])));
  if (activation !== "softmax") {
    if (!(activation in ACTIVATIONS)) return null;
    const slope = ACTIVATIONS[activation][1];
    return [total, (z, a, E) => z.map((v, j) => nabla(a[j], E[j]) * slope(v))]; // BP1
  }
  const delta = (z, a, E) => {
    const g = a.map((v, j) => nabla(v, E[j]));
    const weighted = a.map((v, k) => v * g[k]);
    return a.map((v, j) => v * (others(a, j) * g[j] - others(weighted, j))); // BP1 by softmax's Jacobian
  };
  return [total, delta];
}

// one case

const column = (values, n, m, r) => Array.from({ length: n }, (_, j) => values[j * m + r]);

function run(c) {
  const format = FORMATS[c.dtype];
  const chosen = head(c.head, c.output_activation, c.cost);
  const missing = c.hidden.find((name) => !(name in ACTIVATIONS));
  if (!chosen) return { skipped: `no head ${c.head}` };
  if (missing) return { skipped: `no activation ${missing}` };
  const [C, delta] = chosen;
  const [n, m, L] = [c.sizes, c.samples, c.sizes.length];
  const w = c.weights.map((v) => decode(v, format));
  const b = c.biases.map((v) => decode(v, format));
  const E = decode(c.expected, format);

  const z = [], a = [decode(c.x, format)]; // a[i] are the activations of layer i + 1 on paper, z[i] what goes into a[i + 1]
  for (let i = 0; i < L - 1; i++) {
    const [rows, inner] = [n[i + 1], n[i]];
    z[i] = Array.from({ length: rows * m }, (_, k) => {
      const [j, r] = [Math.floor(k / m), k % m];
      let s = 0;
      for (let q = 0; q < inner; q++) s += w[i][j * inner + q] * a[i][q * m + r];
      return s + b[i][j];
    });
    if (i < L - 2) a[i + 1] = z[i].map(ACTIVATIONS[c.hidden[i]][0]);
    else if (c.output_activation === "softmax") {
      const columns = Array.from({ length: m }, (_, r) => softmax(column(z[i], rows, m, r)));
      a[i + 1] = z[i].map((_, k) => columns[k % m][Math.floor(k / m)]);
    } else a[i + 1] = z[i].map(ACTIVATIONS[c.output_activation][0]);
  }

  const last = L - 2, size = n[L - 1];
  const samples = Array.from({ length: m }, (_, r) => [z[last], a[last + 1], E].map((v) => column(v, size, m, r)));
  const cost = sum(samples.map((s) => C(...s))) / m;
  const deltas = [], nablaW = [], nablaB = [];
  const byColumn = samples.map((s) => delta(...s));
  deltas[last] = z[last].map((_, k) => byColumn[k % m][Math.floor(k / m)]); // BP1
  for (let i = last - 1; i >= 0; i--) {
    const slope = ACTIVATIONS[c.hidden[i]][1];
    deltas[i] = z[i].map((v, k) => {
      const [q, r] = [Math.floor(k / m), k % m];
      let s = 0;
      for (let j = 0; j < n[i + 2]; j++) s += w[i + 1][j * n[i + 1] + q] * deltas[i + 1][j * m + r];
      return s * slope(v); // BP2
    });
  }
  for (let i = 0; i <= last; i++) {
    const mean = (j, of) => sum(Array.from({ length: m }, (_, r) => deltas[i][j * m + r] * of(r))) / m;
    nablaW[i] = Array.from({ length: n[i + 1] * n[i] }, (_, k) => mean(Math.floor(k / n[i]), (r) => a[i][(k % n[i]) * m + r])); // BP3
    nablaB[i] = Array.from({ length: n[i + 1] }, (_, j) => mean(j, () => 1)); // BP4
  }
  const layers = (values, columns) => values.map((v, i) => encode(v, [n[i + 1], columns(i)], format));
  return {
    answer: {
      cost: encode([cost], [], format),
      activations: layers(a.slice(1), () => m),
      deltas: layers(deltas, () => m),
      nabla_w: layers(nablaW, (i) => n[i]),
      nabla_b: layers(nablaB, () => 1),
    },
  };
}

// the protocol

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  let reply;
  if (message.cmd === "start") {
    const activations = [...Object.keys(ACTIVATIONS), "softmax"];
    const capabilities = { dtypes: Object.keys(FORMATS), costs: Object.keys(COSTS), activations };
    reply = { version: 1, name: "javascript", release: `node ${process.version}`, capabilities };
  } else if (message.cmd === "run") {
    try {
      reply = { seq: message.seq, ...run(message.case) };
    } catch (error) {
      reply = { seq: message.seq, errored: String(error) };
    }
  } else if (message.cmd === "stop") break;
  process.stdout.write(JSON.stringify(reply) + "\n");
}
