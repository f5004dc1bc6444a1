// Numbers as the files of the vectors hold them: bit patterns in hex, and how far apart two of them are.

export const FORMATS = {
  float64: { width: 64, bits: 53, low: -1022, safetensors: "F64" },
  float32: { width: 32, bits: 24, low: -126, safetensors: "F32" },
  float16: { width: 16, bits: 11, low: -14 },
  bfloat16: { width: 16, bits: 8, low: -126 },
};
export const FIELDS = ["activations", "deltas", "nabla_w", "nabla_b"]; // one array a layer; the cost is a single one
const MOST_ENTRIES = 50_000_000;
const MOST_AXES = 8;

export class Malformed extends Error {}

export function value(pattern, fmt) {
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
export function place(pattern, fmt) {
  const sign = 1n << BigInt(fmt.width - 1);
  return pattern & sign ? -(pattern & (sign - 1n)) : pattern;
}

export function isObject(data) {
  return data !== null && typeof data === "object" && !Array.isArray(data);
}

export function decodeArray(data, fmt) {
  if (!isObject(data) || !Array.isArray(data.shape) || !Array.isArray(data.bits)) throw new Malformed("no array");
  const { shape, bits } = data;
  if (!shape.every((n) => Number.isInteger(n) && n >= 0 && n <= MOST_ENTRIES) || shape.length > MOST_AXES)
    throw new Malformed("shape");
  if (shape.reduce((p, n) => p * n, 1) !== bits.length || shape.reduce((p, n) => p * (n || 1), 1) > MOST_ENTRIES)
    throw new Malformed("shape and entries");
  const digits = new RegExp(`^[0-9a-fA-F]{${fmt.width / 4}}$`);
  const patterns = bits.map((text) => {
    if (typeof text !== "string" || !digits.test(text)) throw new Malformed("bits");
    return BigInt(`0x${text}`);
  });
  return { shape, patterns };
}

export function decodeLayers(data, fmt) {
  if (!Array.isArray(data)) throw new Malformed("no list of arrays");
  return data.map((array) => decodeArray(array, fmt));
}

export function decodeAnswer(data, fmt) {
  if (!isObject(data)) throw new Malformed("no answer");
  const answer = {};
  for (const field of FIELDS) if ((data[field] ?? null) !== null) answer[field] = decodeLayers(data[field], fmt);
  if (!answer.nabla_w || !answer.nabla_b) throw new Malformed("gradients are missing");
  if ((data.cost ?? null) !== null) answer.cost = decodeArray(data.cost, fmt);
  return answer;
}
