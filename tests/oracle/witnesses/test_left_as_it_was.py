"""After a trace under x64 the user's own functions, which close over NumPy arrays of 64 bits, still run in the user's 32."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ...sweeps import thinned

PROGRAM = """
import jax, jax.numpy as jnp, numpy as np, oracle
w = np.array([1.0, 2.0, 3.0, 4.0])
k = np.array([1, 2, 3, 4])
fn = {fn}
report = oracle.check_gradient(fn, {grad}, ((-1.0, 1.0),), shapes=((4,),), examples=3, database=None)
print(report.verdict, round(float(fn(np.ones(4))), 3), np.asarray(jax.grad(fn)(np.ones(4))).dtype)
"""


@pytest.mark.longer
@pytest.mark.parametrize(
    ("fn", "grad"),
    thinned(
        [
            ("lambda x: (w * jnp.exp(x)).sum()", "lambda x: w * np.exp(x)"),
            ("lambda x: (w * jnp.exp(x)).sum()", "jax.grad(fn)"),
            ("lambda x: (k * jnp.exp(x)).sum()", "lambda x: k * np.exp(x)"),
        ],
        2,
    ),
)
def test_after_a_check_fn_runs_as_before(fn, grad):
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(fn=fn, grad=grad)], capture_output=True, text=True, check=False
    )
    assert ran.stdout == "right 27.183 float32\n", ran.stderr[-2000:]
