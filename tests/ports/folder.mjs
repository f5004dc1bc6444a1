// Reads an export of the vectors, and refuses one that is not what its manifest lists or whose records have not their form.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FIELDS, FORMATS, Malformed, decodeAnswer, decodeArray, decodeLayers, isObject, value } from "./numbers.mjs";

const LEAST = { float64: 500, float32: 500, float16: 150, bfloat16: 60 };
const NAME = /^(\w[\w.-]*\/)?\w[\w.-]*$/;
const HOLDS = /^((float64|float32|float16|bfloat16)\/\w+|large\/[\w.-]+)\.json$/;
const ID = /^(\w+)\/([!-.0-~]+)\/[!-.0-~]+$/;
const MOST = 1e300; // every number that is no bit pattern is smaller
const PARAMETERS = { exponential: ["tau"], huber: ["threshold"] };
const STRINGS = ["id", "dtype", "head", "output_activation", "cost", "notes"];
const LISTS = ["hidden", "sizes", "flags", "catches"];
const PLAIN = [...STRINGS, ...LISTS, "parameters", "samples"];
const ARRAYS = ["x", "expected", "weights", "biases", "truth", "allowance"];

const need = (held, words) => {
  if (!held) throw new Malformed(words);
};
const sameKeys = (data, keys) => isObject(data) && Object.keys(data).sort().join() === [...keys].sort().join();
const parse = (bytes) => JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));

export function readVectors(folder) {
  const manifest = readManifest(folder);
  const known = knownNames(parse(listedFile(folder, "vectors.schema.json", manifest)));
  const vectors = new Map();
  const found = { float64: 0, float32: 0, float16: 0, bfloat16: 0 };
  const add = (vector) => {
    need(!vectors.has(vector.id), `${vector.id} is there twice`);
    vectors.set(vector.id, vector);
  };
  for (const name of Object.keys(manifest.files)) {
    const [dtype, cost] = name.replace(/\.json$/, "").split("/");
    if (!name.endsWith(".json")) continue;
    if (dtype === "large") add(readLarge(folder, name, manifest, known));
    else if (dtype in FORMATS)
      for (const vector of readFile(folder, name, dtype, cost, manifest, known)) {
        add(vector);
        found[dtype] += 1;
      }
  }
  for (const dtype of Object.keys(LEAST)) need(found[dtype] >= LEAST[dtype], `${found[dtype]} vectors of ${dtype} are too few`);
  return vectors;
}

function readManifest(folder) {
  const manifest = parse(readFileSync(join(folder, "manifest.json")));
  need(isObject(manifest) && manifest.format === "manualbp vectors" && manifest.version === 1, "not version 1 of these files");
  need(isObject(manifest.files), "no files are listed");
  let total = 0;
  for (const [name, listed] of Object.entries(manifest.files)) {
    need(NAME.test(name) && isObject(listed), `${name} is no file of an export`);
    const count = listed.vectors;
    need(Number.isInteger(count) && (count === 0 || (count > 0 && HOLDS.test(name))), `${name} cannot hold what is listed`);
    total += count;
  }
  need(manifest.vectors === total, "the counts do not add up");
  return manifest;
}

function listedFile(folder, name, manifest) {
  need(Object.hasOwn(manifest.files, name), `${name} is not listed`);
  const data = readFileSync(join(folder, name));
  const digest = createHash("sha256").update(data).digest("hex");
  need(digest === manifest.files[name].sha256, `${name} is not what manifest.json says`);
  return data;
}

function knownNames(schema) {
  const of = (name) => new Set(schema.$defs[name].enum);
  return { activation: of("activation"), head: of("head"), flag: of("flag"), mistake: of("mistake") };
}

function readFile(folder, name, dtype, cost, manifest, known) {
  const file = parse(listedFile(folder, name, manifest));
  need(sameKeys(file, ["format", "version", "dtype", "cost", "count", "flags", "vectors"]), `${name} has other fields`);
  need(file.format === "manualbp vectors" && file.version === 1, `${name} is not version 1`);
  need(file.dtype === dtype && file.cost === cost, `${name} is of another dtype or cost`);
  need(file.count === manifest.files[name].vectors, `${name} has another count than is listed`);
  need(Array.isArray(file.vectors) && file.vectors.length === file.count, `${name} has not the vectors that it counts`);
  need(isObject(file.flags) && Object.keys(file.flags).every((flag) => known.flag.has(flag)), `${name} has unknown flags`);
  return file.vectors.map((record) => {
    need(sameKeys(record, [...PLAIN, ...ARRAYS]), "a vector has other fields");
    need(record.dtype === dtype && record.cost === cost, "a vector is of another dtype or cost");
    const fmt = FORMATS[dtype];
    const inputs = { x: decodeArray(record.x, fmt), expected: decodeArray(record.expected, fmt) };
    for (const key of ["weights", "biases"]) inputs[key] = decodeLayers(record[key], fmt);
    const vector = { ...record, ...inputs, truth: decodeAnswer(record.truth, fmt) };
    checkForm(vector, known);
    return vector;
  });
}

function checkForm(v, known) {
  need(STRINGS.every((key) => typeof v[key] === "string") && LISTS.every((key) => Array.isArray(v[key])), "strings and lists");
  need(known.head.has(v.head), `${v.head} is unknown`);
  need(v.head.replace(/:fused$/, "") === `${v.output_activation}+${v.cost}`, "a head is its output_activation and its cost");
  const id = ID.exec(v.id);
  const points = v.hidden.length === 1 && id?.[2] === `hidden:${v.hidden[0]}`;
  need(id && id[1] === v.dtype && (id[2].split("@")[0] === v.head || points), `${v.id} is not dtype/head/kind`);
  need(sameKeys(v.parameters, PARAMETERS[v.cost] ?? []), `${v.id}: parameters`);
  for (const p of Object.values(v.parameters)) need(typeof p === "number" && p !== 0 && Math.abs(p) < MOST, `${v.id}: parameters`);
  need((v.parameters.threshold ?? 1) > 0, `${v.id}: parameters`);
  need(v.hidden.every((name) => known.activation.has(name)), `${v.id}: unknown activations`);
  for (const [key, names] of [["flags", known.flag], ["catches", known.mistake]])
    need(v[key].every((name) => names.has(name)) && new Set(v[key]).size === v[key].length, `${v.id}: unknown ${key}, or twice`);
  need(v.catches.length >= 3, `${v.id} catches too little`);
  need(v.sizes.length >= 2 && [...v.sizes, v.samples].every((n) => Number.isInteger(n) && n >= 1), `${v.id}: sizes`);
  checkArrays(v);
}

function checkArrays(v) {
  const [n, m, fmt] = [v.sizes, v.samples, FORMATS[v.dtype]];
  const later = n.slice(1);
  const matrices = later.map((k, i) => [k, n[i]]);
  const columns = later.map((k) => [k, 1]);
  const batches = later.map((k) => [k, m]);
  need(v.hidden.length === later.length - 1, `${v.id}: hidden`);
  const check = (array, shape) => {
    need(array && array.shape.join() === shape.join(), `${v.id}: an array has another shape`);
    need(array.patterns.every((pattern) => Number.isFinite(value(pattern, fmt))), `${v.id}: an array is not finite`);
  };
  const each = (arrays, shapes) => {
    need(arrays && arrays.length === shapes.length, `${v.id}: arrays are missing`);
    arrays.forEach((array, k) => check(array, shapes[k]));
  };
  const allowed = (p) => need(typeof p === "number" && p > 0 && p < MOST, `${v.id}: an allowance is no finite number above 0`);
  each([v.x, v.expected], [[n[0], m], [n.at(-1), m]]);
  each(v.weights, matrices);
  each(v.biases, columns);
  each([v.truth.cost], [[]]);
  need(isObject(v.allowance), `${v.id}: no allowance`);
  allowed(v.allowance.cost);
  const shapes = { activations: batches, deltas: batches, nabla_w: matrices, nabla_b: columns };
  for (const field of FIELDS) {
    each(v.truth[field], shapes[field]);
    const flats = v.allowance[field];
    need(Array.isArray(flats) && flats.length === later.length, `${v.id}: allowances`);
    flats.forEach((flat, k) => {
      need(Array.isArray(flat) && flat.length === shapes[field][k][0] * shapes[field][k][1], `${v.id}: allowances`);
      flat.forEach(allowed);
    });
  }
}

// safetensors: the length of a JSON header in 8 bytes, the header, the arrays, little-endian
function readLarge(folder, name, manifest, known) {
  const about = parse(listedFile(folder, name, manifest));
  const tensors = name.replace(/json$/, "safetensors");
  need(isObject(about) && about.format === "manualbp large vector" && about.version === 1, `${name} is no large vector`);
  need(about.tensors === tensors && manifest.files[name].vectors === 1, `${name} has its arrays elsewhere`);
  need(PLAIN.every((key) => Object.hasOwn(about, key)) && FORMATS[about.dtype]?.safetensors, `${name} lacks something`);
  need(Array.isArray(about.sizes), `${name}: sizes`);
  const data = listedFile(folder, tensors, manifest);
  const start = 8 + Number(data.readBigUInt64LE(0));
  const header = parse(data.subarray(8, start));
  const read = (key, dtype) => {
    need(Object.hasOwn(header, key) && header[key].dtype === dtype, `${key} is absent, or of another dtype`);
    const { shape, data_offsets } = header[key];
    const bytes = data.subarray(start + data_offsets[0], start + data_offsets[1]);
    const width = dtype === "F64" ? 8 : 4;
    const at = (k) => (width === 8 ? bytes.readBigUInt64LE(k * 8) : BigInt(bytes.readUInt32LE(k * 4)));
    const count = shape.reduce((p, n) => p * n, 1);
    need(bytes.length === count * width, `${key} is cut off`);
    return { shape, patterns: Array.from({ length: count }, (_, k) => at(k)) };
  };
  const layers = about.sizes.slice(1).map((_, k) => k + 2);
  const dtype = FORMATS[about.dtype].safetensors;
  const plain = (key) => read(key, "F64").patterns.map((pattern) => value(pattern, FORMATS.float64));
  const truth = { cost: read("truth.cost", dtype) };
  const allowance = { cost: plain("allowance.cost")[0] };
  for (const field of FIELDS) {
    truth[field] = layers.map((i) => read(`truth.${field}.${i}`, dtype));
    allowance[field] = layers.map((i) => plain(`allowance.${field}.${i}`));
  }
  const of = (key) => layers.map((i) => read(`${key}.${i}`, dtype));
  const inputs = { x: read("x", dtype), expected: read("expected", dtype), weights: of("weights"), biases: of("biases") };
  const vector = { ...about, ...inputs, truth, allowance };
  checkForm(vector, known);
  return vector;
}
