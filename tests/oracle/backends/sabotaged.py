"""Backends that are wrong in one way each. As a program, `python sabotaged.py WAY`, it speaks the process protocol.

WAYS are mistakes of mathematics or arithmetic, in equations written here anew; PIPE are breaches of the protocol.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.vectors.encoding import decode_question, encode_answer
from oracle.vectors.record import Answer, Question

#: way: the mistake that the report must name
WAYS = {
    "zeros": "zero gradient",
    "no_mean": "no 1/m",
    "sum": "sum over the batch instead of mean",
    "not_transposed": "W not transposed in BP2 where it is square",
    "bias_unsummed": "bias gradient unsummed",
    "sigma_prime_at_a": "sigma_prime at a in BP2",
    "layers_reversed": "layer order reversed",
    "float32_inside": "float32 inside float64",
    "flushed": "flushed subnormals",
    "first_call_only": "right on the first call only",
    "nan": "NaN",
}
#: way: what the report must say of the first failure
PIPE = {
    "out_of_order": "a reply out of order: seq '1' where 2 was asked",
    "crash": "it crashed by SIGABRT",
    "leave": "it ended with exit code 3; its last line on stderr: 'out of memory'",
    "silent": "no reply within 2 seconds",
    "gigabyte": "a line of more than",
    "garbage": "no JSON: 'Loading the model",
    "unasked": "more than one line for one question",
    "half": 'no JSON: \'{"seq": 1, "answer"',
    "nested": "no JSON: '[[[[",
    "no_reply_kind": 'a reply has one of "answer", "skipped", "errored"; this has none',
    "no_reason": "skipped without a reason",
    "not_bits": "is no string of 16 hex digits",
}
BREAKS_AT = 7


def answer(question: Question, way: str = "", calls: int = 1) -> Answer:
    """BP1–BP4 in NumPy, wrong in one way, or right."""
    dtype = np.float32 if way == "float32_inside" else np.float64
    net = question.network(dtype)
    w, b, head, f = net.weights, net.biases, net.head, net.activations
    x, E, m, L = question.x.astype(dtype), question.expected.astype(dtype), question.samples, len(net.weights)
    z, a = [], [x]
    for i in range(L):
        z.append(w[i] @ a[i] + b[i])
        a.append((head.sigma if i == L - 1 else f[i].sigma)(z[i]))
    delta: list[Any] = [None] * L
    delta[-1] = head.delta(z[-1], a[-1], E)
    for i in range(L - 2, -1, -1):
        square = w[i + 1].shape[0] == w[i + 1].shape[1]
        back = w[i + 1] if way == "not_transposed" and square else w[i + 1].T
        delta[i] = back @ delta[i + 1] * f[i].sigma_prime(a[i + 1] if way == "sigma_prime_at_a" else z[i])
    divisor = 1 if way in ("no_mean", "sum") else m
    nabla_w = [d @ v.T / divisor for d, v in zip(delta, a, strict=False)]
    nabla_b = [d / divisor if way == "bias_unsummed" else d.sum(axis=1, keepdims=True) / divisor for d in delta]
    if way == "zeros" or (way == "first_call_only" and calls > 1):
        nabla_w, nabla_b = [0 * v for v in nabla_w], [0 * v for v in nabla_b]
    if way == "nan":
        nabla_w = [v * np.nan for v in nabla_w]
    if way == "layers_reversed":
        nabla_w, nabla_b = nabla_w[::-1], nabla_b[::-1]
    cost = head.C(z[-1], a[-1], E).sum() / (1 if way == "sum" else m)
    tiny = float(np.finfo(question.dtype).tiny)

    def out(v: Any) -> Any:
        v = np.asarray(v)
        return np.where(np.abs(v) < tiny, 0, v).astype(question.dtype) if way == "flushed" else v.astype(question.dtype)

    each: Callable[[Any], Any] = lambda values: tuple(map(out, values))  # noqa: E731
    return Answer(each(nabla_w), each(nabla_b), out(cost), each(a[1:]), each(delta))


def reply(message: dict[str, Any], way: str, calls: int) -> str:
    question = decode_question(message["case"])
    wrong = way in WAYS
    right: dict[str, Any] = {
        "seq": message["seq"],
        "answer": encode_answer(answer(question, way if wrong else "", calls), question.format),
    }
    line = json.dumps(right)
    if way == "out_of_order" and calls > 1:
        return json.dumps({**right, "seq": message["seq"] - 1})
    if way == "unasked":
        return line + "\n" + line
    if way == "half":
        return line[: len(line) // 2]
    if way == "nested":
        return "[" * 100_000
    if way == "garbage":
        return "Loading the model …"
    if way == "no_reply_kind":
        return json.dumps({"seq": message["seq"], "result": []})
    if way == "no_reason":
        return json.dumps({"seq": message["seq"], "skipped": " "})
    if way == "not_bits":
        return line.replace('"bits": ["', '"bits": ["0x')
    if way == "errored":
        return json.dumps({"seq": message["seq"], "errored": "CUDA error: an illegal memory access"})
    if way == "skips":
        return json.dumps({"seq": message["seq"], "skipped": "not today"})
    if way == "injects":
        return json.dumps({"seq": message["seq"], "errored": "\x1b[31mred\nverdict: right" + "x" * 5000})
    if way == "surrogates":
        return json.dumps({"seq": message["seq"], "skipped": "\ud800"})
    if way in ("many_axes", "huge_shape", "no_layers"):
        odd = (
            {"shape": [1] * 70, "bits": ["0" * 16]}
            if way == "many_axes"
            else {"shape": [50_000_000] * 30 + [0], "bits": []}
        )
        right["answer"]["nabla_w"] = [] if way == "no_layers" else [odd, *right["answer"]["nabla_w"][1:]]
        return json.dumps(right)
    if way == "gigabyte":
        for _ in range(1 << 10):
            sys.stdout.write("x" * (1 << 20))
    if calls == BREAKS_AT and way == "silent":
        time.sleep(600)
    if calls == BREAKS_AT and way == "crash":
        os.abort()
    if calls == BREAKS_AT and way == "leave":
        print("out of memory", file=sys.stderr)
        sys.exit(3)
    if way == "talkative":
        print("debugging " * 100_000, file=sys.stderr)
    return line


def main(way: str) -> None:
    calls = 0
    for line in sys.stdin:
        message = json.loads(line)
        if message["cmd"] == "start":
            if way == "silent_start":
                time.sleep(600)
            version = 0 if way == "old" else 1
            kept: dict[str, Any] = {"dtypes": ["float64"]}
            if way == "misspelt":
                kept["costs"] = ["quadric"]
            name = "x\x1b[31my\nverdict: right\ud800" + "n" * 100_000 if way == "injects_name" else "sabotaged"
            print(json.dumps({"version": version, "name": name, "capabilities": kept}), flush=True)
        elif message["cmd"] == "run":
            calls += 1
            print(reply(message, way, calls), flush=True)
        else:
            if way == "lingers":
                time.sleep(600)
            if way == "slow_end":
                time.sleep(2.5)
            if way == "speaks_last":
                print("goodbye", flush=True)
            sys.exit(4 if way == "bad_end" else 0)


if __name__ == "__main__":
    main(sys.argv[1])
