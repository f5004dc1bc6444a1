// TensorFlow.js as its users write it, through the process protocol (PROTOCOL.md): tf's activations and losses, and tf.grads.
//   npm install @tensorflow/tfjs
//   manualbp conform tfjs
// The package is looked for in the current directory. Samples are rows and W is (in, out); float32 is all that it has.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const here = createRequire(join(process.cwd(), "package.json"));
const say = console.warn;
console.log = console.warn = console.info = () => {}; // it recommends its other packages, on stdout
const tf = here("@tensorflow/tfjs");
console.warn = say;
await tf.setBackend("cpu");

const view = new DataView(new ArrayBuffer(4));
const number = (hex) => (view.setUint32(0, parseInt(hex, 16)), view.getFloat32(0));
const hex = (v) => (view.setFloat32(0, v), view.getUint32(0).toString(16).padStart(8, "0"));
const tensor = (array) => tf.tensor(array.bits.map(number), array.shape, "float32");
const array = (t) => ({ shape: t.shape, bits: Array.from(t.dataSync(), hex) });

const half = (z) => tf.mul(z, 0.5);
const ACTIVATIONS = {
  identity: (z) => z.clone(),
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  relu: tf.relu,
  leaky_relu: (z) => tf.leakyRelu(z, 0.01),
  elu: tf.elu,
  selu: tf.selu,
  softplus: tf.softplus,
  silu: (z) => z.mul(tf.sigmoid(z)),
  gelu: (z) => half(z).mul(tf.add(1, tf.erf(z.div(Math.SQRT2)))),
  gelu_tanh: (z) => half(z).mul(tf.add(1, tf.tanh(z.add(z.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))))),
  mish: (z) => z.mul(tf.tanh(tf.softplus(z))),
  softsign: (z) => z.div(tf.abs(z).add(1)),
  arctan: tf.atan,
  softmax: (z) => tf.softmax(z),
};

const SUM = tf.Reduction.SUM;
const entropy = (E) => E.mul(tf.log(tf.where(E.greater(0), E, tf.onesLike(E))));
const divergence = (logA, E) => entropy(E).sub(E.mul(logA));
// each sums over the whole batch where it is not one term an entry or a sample, which the sum at the end makes the same
const COSTS = {
  quadratic: (a, E) => half(tf.losses.meanSquaredError(E, a, undefined, SUM)),
  cross_entropy: (a, E) => E.mul(tf.log(a)).add(tf.sub(1, E).mul(tf.log1p(a.neg()))).neg(),
  exponential: (a, E, { tau }) => tf.exp(tf.squaredDifference(a, E).sum(1).div(tau)).mul(tau),
  hellinger: (a, E) => tf.squaredDifference(tf.sqrt(a), tf.sqrt(E)).div(Math.SQRT2),
  kullback_leibler: (a, E) => divergence(tf.log(a), E),
  generalized_kullback_leibler: (a, E) => divergence(tf.log(a), E).sub(E).add(a),
  itakura_saito: (a, E) => E.div(a).sub(tf.log(E.div(a))).sub(1),
  categorical_cross_entropy: (a, E) => E.mul(tf.log(a)).neg(),
  huber: (a, E, { threshold }) => tf.losses.huberLoss(E, a, undefined, threshold, SUM),
  log_cosh: (a, E) => tf.softplus(a.sub(E).mul(2)).sub(a.sub(E)).sub(Math.LN2),
  squared_hinge: (a, E) => tf.square(tf.relu(tf.sub(1, E.mul(a)))),
  poisson: (a, E) => a.sub(E.mul(tf.log(a))),
};
const FROM_Z = {
  "identity+quadratic:fused": (z, E) => COSTS.quadratic(z, E),
  "sigmoid+cross_entropy:fused": (z, E) => tf.losses.sigmoidCrossEntropy(E, z, undefined, 0, SUM),
  "sigmoid+kullback_leibler:fused": (z, E) => divergence(tf.logSigmoid(z), E),
  "sigmoid+generalized_kullback_leibler:fused": (z, E) => divergence(tf.logSigmoid(z), E).sub(E).add(tf.sigmoid(z)),
  "sigmoid+categorical_cross_entropy:fused": (z, E) => E.mul(tf.logSigmoid(z)).neg(),
  "sigmoid+poisson:fused": (z, E) => tf.sigmoid(z).sub(E.mul(tf.logSigmoid(z))),
  "softmax+categorical_cross_entropy:fused": (z, E) => tf.losses.softmaxCrossEntropy(E, z, undefined, 0, SUM),
  "softmax+kullback_leibler:fused": (z, E) => divergence(tf.logSoftmax(z), E),
  "softmax+generalized_kullback_leibler:fused": (z, E) => divergence(tf.logSoftmax(z), E).sub(E).add(tf.softmax(z)),
  "softmax+poisson:fused": (z, E) => tf.softmax(z).sub(E.mul(tf.logSoftmax(z))),
};

function run(c) {
  if (c.head.endsWith(":fused") && !(c.head in FROM_Z)) return { skipped: `no head ${c.head}` };
  const names = [...c.hidden, c.output_activation];
  const [x, E] = [tensor(c.x), tensor(c.expected)];
  const [w, b] = [c.weights.map(tensor), c.biases.map(tensor)];
  const moves = names.map((_, i) => tf.zeros([c.samples, c.sizes[i + 1]])); // added to each z: their derivative is δ/m
  const pass = (parts) => {
    const zs = [], as = [x], L = names.length;
    for (let i = 0; i < L; i++) {
      zs.push(tf.matMul(as[i], parts[i]).add(parts[L + i]).add(parts[2 * L + i]));
      as.push(ACTIVATIONS[names[i]](zs[i]));
    }
    const terms = c.head in FROM_Z ? FROM_Z[c.head](zs[L - 1], E) : COSTS[c.cost](as[L], E, c.parameters);
    return [terms.sum().div(c.samples), as];
  };
  const parts = [...w, ...b, ...moves], L = names.length;
  const gradients = tf.grads((...given) => pass(given)[0])(parts);
  const [cost, as] = pass(parts);
  return {
    answer: {
      cost: array(cost),
      activations: as.slice(1).map(array),
      deltas: gradients.slice(2 * L).map((g) => array(g.mul(c.samples))),
      nabla_w: gradients.slice(0, L).map(array),
      nabla_b: gradients.slice(L, 2 * L).map(array),
    },
  };
}

const send = (message) => process.stdout.write(JSON.stringify(message) + "\n");
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.cmd === "start") {
    const capabilities = { dtypes: ["float32"], samples: "rows", weights: "in_out" };
    send({ version: 1, name: "tfjs", release: `TensorFlow.js ${tf.version.tfjs}, backend cpu`, capabilities });
  } else if (message.cmd === "run") {
    let reply;
    try {
      reply = tf.tidy(() => run(message.case));
    } catch (error) {
      reply = { errored: String(error) || "no words" };
    }
    send({ seq: message.seq, ...reply });
  } else break;
}
