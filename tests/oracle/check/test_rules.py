"""`manualbp check`: functions that carry their own backward rule, of JAX and of torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ...optional import skip_without
from .users_files import Command

RULES = """
import jax
import jax.numpy as jnp
from functools import partial

@jax.custom_vjp
def squares(x):
    return x * x
squares.defvjp(lambda x: (x * x, x), lambda x, c: (2 * x * c,))

@jax.custom_vjp
def cubes(x):
    return x * x * x
cubes.defvjp(lambda x: (x * x * x, x), lambda x, c: (x * x * c,))

@jax.custom_vjp
def loss(a, E):
    return ((a - E) ** 2).sum()
loss.defvjp(lambda a, E: (loss(a, E), (a, E)), lambda r, c: (2 * c * (r[0] - r[1]), None))

@partial(jax.custom_vjp, nondiff_argnums=(1,))
def powers(x, n):
    return x**n
powers.defvjp(lambda x, n: (x**n, x), lambda n, x, c: (c * n * x ** (n - 1),))

@jax.custom_vjp
def total(a):
    return (a * a).sum()
total.defvjp(lambda a: (total(a), a), lambda a, c: (3 * c * a,))

def total_grad(a):
    return 2 * a
"""


def test_custom_vjp_functions_are_held_against_the_function_without_its_rule(check: Command, tmp_path: Path) -> None:
    result = check(RULES, "--json")
    data = json.loads(result.stdout)
    assert {report["name"]: report["verdict"] for report in data["reports"]} == {
        "squares, by its own rule, argument 0": "right",
        "cubes, by its own rule, argument 0": "wrong",
        "loss, by its own rule, argument 0": "right",
        "total, by its own rule, argument 0": "wrong",
        "powers, n = 2, by its own rule, argument 0": "right",
        "powers, n = 3, by its own rule, argument 0": "right",
        "total_grad": "right",  # and not against the wrong rule of total
    }
    assert not data["could_not_judge"]
    by_name = {report["name"]: report for report in data["reports"]}
    assert by_name["loss, by its own rule, argument 0"]["warnings"][1:] == [
        "vjp gives None for argument 1, E, which is not judged"
    ]
    cubes = by_name["cubes, by its own rule, argument 0"]
    command = [sys.executable, "-c", cubes["reproduction"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=True)
    assert float(done.stdout) == pytest.approx(cubes["got"], rel=1e-6)  # printed as a float32


TORCH = """
import torch

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, c):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * c

class Wrong(Cube):
    @staticmethod
    def backward(ctx, c):
        (x,) = ctx.saved_tensors
        return 2 * x**2 * c

class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, axis: int = 0):
        ctx.save_for_backward(x, w)
        return (x * w).cumsum(axis), x.argsort()

    @staticmethod
    def backward(ctx, c, unused):
        x, w = ctx.saved_tensors
        c = c.flip(0).cumsum(0).flip(0)
        if ctx.needs_input_grad[0] and ctx.needs_input_grad[1]:
            return c * w, c * x, None
        return (c * x if ctx.needs_input_grad[0] else None), (c * x if ctx.needs_input_grad[1] else None), None
"""


def test_autograd_functions_of_torch_are_judged_under_an_enclosure_of_their_forward(check: Command) -> None:
    pytest.importorskip("torch")
    skip_without("torchax")
    data = json.loads(check(TORCH, "--json").stdout)
    assert [(r["name"], r["verdict"], r["certified"]) for r in data["reports"]] == [
        ("Cube, by its own rule, argument 0", "right", True),
        ("Wrong, by its own rule, argument 0", "wrong", True),
        ("Scale, axis = 0, by its own rule, argument 1", "right", True),
        ("Scale, axis = 0, one argument at a time, by its own rule, argument 0", "wrong", True),
    ]
