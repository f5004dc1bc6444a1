// Judges results against exported vectors, without Python: node judge.mjs DIR RESULTS [--flush-to-zero] [--only PREFIX]
//
// Prints one JSON object: the verdict, and for every vector its grade, the first wrong equation with its layer, and the worst
// distance in ulp. Exit codes: 0 right, 1 wrong, 2 could not run. The rules are those of README.md in DIR.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ACCURATE_ULPS = 4n;
const UNDERFLOWS = 16;
const MOST_ULPS = 2n ** 53n;
const FORMATS = {
  float64: { width: 64, bits: 53, low: -1022, safetensors: "F64" },
  float32: { width: 32, bits: 24, low: -126, safetensors: "F32" },
  float16: { width: 16, bits: 11, low: -14 },
  bfloat16: { width: 16, bits: 8, low: -126 },
};
const FIELDS = ["activations", "deltas", "nabla_w", "nabla_b"]; // one array a layer; the cost is a single one

class Malformed extends Error {}

// numbers

function value(pattern, fmt) {
  const fraction = BigInt(fmt.bits - 1);
  const sign = pattern >> BigInt(fmt.width - 1) ? -1 : 1;
  const rest = pattern & ((1n << BigInt(fmt.width - 1)) - 1n);
  const exponent = Number(rest >> fraction);
  const mantissa = Number(rest & ((1n << fraction) - 1n));
  const most = 2 ** (fmt.width - fmt.bits) - 1;
  if (exponent === most) return mantissa ? NaN : sign * Infinity;
  const unit = 2 ** (Math.max(exponent, 1) - 1 + fmt.low - fmt.bits + 1); // of the last place; the least is 2^-1074
  return sign * (exponent ? mantissa + 2 ** (fmt.bits - 1) : mantissa) * unit;
}

// 0 for both zeros, 1 for the least subnormal, -1 for its negative: differences are distances in ulp
function place(pattern, fmt) {
  const sign = 1n << BigInt(fmt.width - 1);
  return pattern & sign ? -(pattern & (sign - 1n)) : pattern;
}

function decodeArray(data, fmt) {
  if (data === null || typeof data !== "object" || !Array.isArray(data.shape) || !Array.isArray(data.bits))
    throw new Malformed("no array");
  if (!data.shape.every((n) => Number.isInteger(n) && n >= 0)) throw new Malformed("shape");
  if (data.shape.reduce((p, n) => p * n, 1) !== data.bits.length) throw new Malformed("shape and entries");
  const digits = new RegExp(`^[0-9a-fA-F]{${fmt.width / 4}}$`);
  const patterns = data.bits.map((text) => {
    if (typeof text !== "string" || !digits.test(text)) throw new Malformed("bits");
    return BigInt(`0x${text}`);
  });
  return { shape: data.shape, patterns };
}

function decodeAnswer(data, fmt) {
  const answer = {};
  for (const field of FIELDS) {
    if (data[field] === undefined || data[field] === null) continue;
    if (!Array.isArray(data[field])) throw new Malformed(field);
    answer[field] = data[field].map((array) => decodeArray(array, fmt));
  }
  if (!answer.nabla_w || !answer.nabla_b) throw new Malformed("gradients are missing");
  if (data.cost !== undefined && data.cost !== null) answer.cost = decodeArray(data.cost, fmt);
  return answer;
}

// the judge

function gradeTensor(got, truth, allowance, fmt, extra) {
  if (got.shape.join() !== truth.shape.join()) return { grade: "wrong", ulps: null };
  let grade = "accurate";
  let worst = 0n;
  let finite = true;
  got.patterns.forEach((pattern, k) => {
    const g = value(pattern, fmt);
    const ulps = place(pattern, fmt) - place(truth.patterns[k], fmt);
    const size = ulps < 0n ? -ulps : ulps;
    if (size > worst) worst = size;
    if (!Number.isFinite(g)) [grade, finite] = ["wrong", false];
    else if (size > ACCURATE_ULPS) {
      const near = Math.abs(g - value(truth.patterns[k], fmt)) <= allowance[k] + extra;
      if (!near) grade = "wrong";
      else if (grade === "accurate") grade = "stable";
    }
  });
  return { grade, ulps: finite ? Number(worst < MOST_ULPS ? worst : MOST_ULPS) : null };
}

function judge(vector, answer, extra) {
  const fmt = FORMATS[vector.dtype];
  const L = vector.sizes.length;
  const found = [];
  for (const field of FIELDS) {
    if (!answer[field]) continue;
    for (let i = 2; i <= L; i++) {
      const counted = answer[field].length === L - 1;
      const graded = counted
        ? gradeTensor(answer[field][i - 2], vector.truth[field][i - 2], vector.allowance[field][i - 2], fmt, extra)
        : { grade: "wrong", ulps: null };
      found.push({ field, layer: i, ...graded });
    }
  }
  if (answer.cost) {
    const graded = gradeTensor(answer.cost, vector.truth.cost, [vector.allowance.cost], fmt, extra);
    found.push({ field: "cost", layer: L, ...graded });
  }
  const grades = found.map((t) => t.grade);
  const grade = grades.includes("wrong") ? "wrong" : grades.includes("stable") ? "stable" : "accurate";
  const ulps = found.some((t) => t.ulps === null) ? null : Math.max(...found.map((t) => t.ulps));
  const [equation, layer] = grade === "wrong" ? firstWrong(found, L) : ["", null];
  return { id: vector.id, grade, equation, layer, ulps };
}

function firstWrong(found, L) {
  const wrong = (field, i) => found.some((t) => t.field === field && t.layer === i && t.grade === "wrong");
  const delta = (i) => (i === L ? "BP1" : "BP2");
  for (let i = 2; i <= L; i++) if (wrong("activations", i)) return ["forward", i];
  if (wrong("cost", L)) return ["cost", L];
  for (let i = L; i >= 2; i--) if (wrong("deltas", i)) return [delta(i), i];
  const judged = (i) => found.some((t) => t.field === "deltas" && t.layer === i);
  for (let i = L; i >= 2; i--) {
    if (wrong("nabla_w", i) && wrong("nabla_b", i) && !judged(i)) return [delta(i), i];
    if (wrong("nabla_w", i)) return ["BP3", i];
    if (wrong("nabla_b", i)) return ["BP4", i];
  }
  throw new Error("nothing is wrong");
}

// the files

function listedFile(folder, name, manifest) {
  const data = readFileSync(join(folder, name));
  if (createHash("sha256").update(data).digest("hex") !== manifest.files[name].sha256)
    throw new Error(`${name} is not what manifest.json says`);
  return data;
}

function readVectors(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  if (manifest.format !== "manualbp vectors" || manifest.version !== 1) throw new Error("not version 1 of these files");
  const vectors = new Map();
  for (const name of Object.keys(manifest.files)) {
    if (name.startsWith("large/") && name.endsWith(".json")) {
      const vector = readLarge(folder, name, manifest);
      vectors.set(vector.id, vector);
    } else if (/^b?float\d+\/.*\.json$/.test(name)) {
      const file = JSON.parse(listedFile(folder, name, manifest).toString("utf8"));
      if (file.vectors.length !== file.count) throw new Error(`${name} has ${file.vectors.length} vectors, not ${file.count}`);
      for (const vector of file.vectors)
        vectors.set(vector.id, { ...vector, truth: decodeAnswer(vector.truth, FORMATS[vector.dtype]) });
    }
  }
  if (vectors.size !== manifest.vectors || vectors.size < 1000) throw new Error(`${vectors.size} vectors are too few`);
  return vectors;
}

// safetensors: the length of a JSON header in 8 bytes, the header, the arrays, little-endian
function readLarge(folder, name, manifest) {
  const about = JSON.parse(listedFile(folder, name, manifest).toString("utf8"));
  const data = listedFile(folder, about.tensors, manifest);
  const start = 8 + Number(data.readBigUInt64LE(0));
  const header = JSON.parse(data.subarray(8, start).toString("utf8"));
  const read = (key, dtype) => {
    const { shape, data_offsets, dtype: stored } = header[key];
    if (stored !== dtype) throw new Error(`${key} is ${stored}`);
    const bytes = data.subarray(start + data_offsets[0], start + data_offsets[1]);
    const width = dtype === "F64" ? 8 : 4;
    const at = (k) => (width === 8 ? bytes.readBigUInt64LE(k * 8) : BigInt(bytes.readUInt32LE(k * 4)));
    return { shape, patterns: Array.from({ length: bytes.length / width }, (_, k) => at(k)) };
  };
  const layers = about.sizes.slice(1).map((_, k) => k + 2);
  const plain = (key) => read(key, "F64").patterns.map((pattern) => value(pattern, FORMATS.float64));
  const dtype = FORMATS[about.dtype].safetensors;
  const truth = { cost: read("truth.cost", dtype) };
  const allowance = { cost: plain("allowance.cost")[0] };
  for (const field of FIELDS) {
    truth[field] = layers.map((i) => read(`truth.${field}.${i}`, dtype));
    allowance[field] = layers.map((i) => plain(`allowance.${field}.${i}`));
  }
  return { ...about, truth, allowance };
}

function check(vectors, text, flushToZero) {
  const judged = new Map();
  const seen = new Set();
  const skipped = [];
  const problems = [];
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    let data;
    try {
      data = JSON.parse(line);
    } catch {
      problems.push({ id: "", kind: "malformed" });
      continue;
    }
    const id = data !== null && typeof data === "object" ? data.id : undefined;
    if (typeof id !== "string") problems.push({ id: "", kind: "malformed" });
    else if (!vectors.has(id)) problems.push({ id, kind: "unknown" });
    else if (seen.has(id)) problems.push({ id, kind: "duplicate" });
    else {
      seen.add(id);
      const vector = vectors.get(id);
      const fmt = FORMATS[vector.dtype];
      if ("skipped" in data) {
        if (typeof data.skipped === "string" && data.skipped.trim()) skipped.push({ id, reason: data.skipped });
        else problems.push({ id, kind: "malformed" });
        continue;
      }
      try {
        judged.set(id, judge(vector, decodeAnswer(data, fmt), flushToZero ? UNDERFLOWS * 2 ** fmt.low : 0));
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        problems.push({ id, kind: "malformed" });
      }
    }
  }
  for (const id of vectors.keys()) if (!seen.has(id)) problems.push({ id, kind: "missing" });
  const right = problems.length === 0 && judged.size > 0 && [...judged.values()].every((j) => j.grade !== "wrong");
  return { verdict: right ? "right" : "wrong", judged: [...judged.values()], skipped, problems };
}

const [folder, results, ...options] = process.argv.slice(2);
try {
  if (!folder || !results || !existsSync(results)) throw new Error("usage: node judge.mjs DIR RESULTS");
  const prefix = options.includes("--only") ? options[options.indexOf("--only") + 1] : "";
  const vectors = new Map([...readVectors(folder)].filter(([id]) => id.startsWith(prefix)));
  const found = check(vectors, readFileSync(results, "utf8"), options.includes("--flush-to-zero"));
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(found.verdict === "right" ? 0 : 1));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
