"""The witness of the campaign: `jax.grad` under XLA of the same forward pass, on the whole stack, with one compile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

from oracle.verify.campaign.draw import Stack
from oracle.verify.campaign.embedding import NAMES, derivatives_of, inputs_of
from oracle.witnesses.tracing import double_precision

#: Derivatives by XLA, shaped as `StackGradients`, by field name.
Reference = dict[str, np.ndarray]


def compile_reference(stack: Stack) -> Callable[[Stack], Callable[[], Reference]]:
    """start(stack) → fetch() → Reference, for stacks with the same heads in the same places (the layout of `draw_stack`).

    Compiles at once. `start` returns while XLA computes, `fetch` waits for it.
    """
    pool = ThreadPoolExecutor(1)
    compiled = pool.submit(_compile, derivatives_of(stack), *inputs_of(stack))
    try:
        find = compiled.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # an interrupt does not wait for XLA, which cannot be stopped

    def start(stack: Stack) -> Callable[[], Reference]:
        with double_precision():
            found = find(*inputs_of(stack))
        return lambda: dict(zip(NAMES, map(np.asarray, found), strict=True))

    return start


def _compile(f: Callable[..., Any], *like: Any) -> Callable[..., Any]:
    with double_precision():
        return jax.jit(f).lower(*like).compile()
