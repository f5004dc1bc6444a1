// Judges results against exported vectors, without Python:
//   node judge.mjs DIR RESULTS [--flush-to-zero] [--only PREFIX] [--min-cases N]
//
// Prints one JSON object: the verdict, and for every vector its grade, the first wrong equation with its layer, and the worst
// distance in ulp. Exit codes: 0 right, 1 wrong, 2 could not run. The rules are those of README.md in DIR.
import { existsSync, readFileSync } from "node:fs";
import { readVectors } from "./folder.mjs";
import { FIELDS, FORMATS, Malformed, decodeAnswer, isObject, place, value } from "./numbers.mjs";

const ACCURATE_ULPS = 4n;
const UNDERFLOWS = 16;
const MOST_ULPS = 2n ** 53n;

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

// the results

// whether there is anything but what JSON calls white space
const filled = (text) => /[^ \t\r\n]/.test(text);

function check(vectors, text, flushToZero, least) {
  const judged = new Map();
  const seen = new Set();
  const skipped = [];
  const problems = [];
  for (const line of text.split("\n")) {
    if (!filled(line)) continue;
    let data;
    try {
      data = JSON.parse(line);
    } catch {
      problems.push({ id: "", kind: "malformed" });
      continue;
    }
    const id = isObject(data) ? data.id : undefined;
    if (typeof id !== "string") problems.push({ id: "", kind: "malformed" });
    else if (!vectors.has(id)) problems.push({ id, kind: "unknown" });
    else if (seen.has(id)) problems.push({ id, kind: "duplicate" });
    else {
      seen.add(id);
      const vector = vectors.get(id);
      const fmt = FORMATS[vector.dtype];
      if (Object.hasOwn(data, "skipped")) {
        const answered = ["cost", ...FIELDS].some((field) => (data[field] ?? null) !== null);
        if (!answered && typeof data.skipped === "string" && filled(data.skipped)) skipped.push({ id, reason: data.skipped });
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
  const right = problems.length === 0 && judged.size >= least && [...judged.values()].every((j) => j.grade !== "wrong");
  return { verdict: right ? "right" : "wrong", asked: vectors.size, least, judged: [...judged.values()], skipped, problems };
}

const [folder, results, ...options] = process.argv.slice(2);
const option = (name, otherwise) => (options.includes(name) ? options[options.indexOf(name) + 1] : otherwise);
try {
  if (!folder || !results || !existsSync(results)) throw new Error("usage: node judge.mjs DIR RESULTS");
  const prefix = option("--only", "");
  const vectors = new Map([...readVectors(folder)].filter(([id]) => id.startsWith(prefix)));
  if (vectors.size === 0) throw new Error("no vector has such an id");
  const least = Number(option("--min-cases", Math.ceil(vectors.size / 2)));
  if (!Number.isInteger(least) || least < 1) throw new Error("--min-cases must be at least 1");
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(results));
  const found = check(vectors, text, options.includes("--flush-to-zero"), least);
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(found.verdict === "right" ? 0 : 1));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
