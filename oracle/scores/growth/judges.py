"""Who judges a gradient at a size, and what they say: ours, and what people take otherwise. True: it passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from oracle.scores.growth.problems import Floats, Problem

Grad = Callable[..., Floats]
Words = tuple[bool, str]


def ours(problem: Problem, grad: Grad, size: int) -> Words:
    """`check_gradient`, as anybody calls it."""
    from oracle.check.gradient import check_gradient

    report = check_gradient(
        problem.fn, grad, domains=problem.domains, shapes=problem.shapes(size), database=None, name="grad"
    )
    tried = report.tried
    words = f"{report.verdict}, {'certified' if report.certified else 'not certified'}, {tried.points} points"
    return bool(report), words


def arguments(problem: Problem, size: int) -> list[Floats]:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in problem.shapes(size)]
    return [
        np.exp(a) / np.exp(a).sum(-1, keepdims=True) if domain.endswith("simplex") else a
        for a, domain in zip(arrays, problem.domains, strict=True)
    ]


def gradcheck_fast(problem: Problem, grad: Grad, size: int) -> Words:
    return _gradcheck(problem, grad, size, fast_mode=True)


def gradcheck_slow(problem: Problem, grad: Grad, size: int) -> Words:
    return _gradcheck(problem, grad, size, fast_mode=False)


def _gradcheck(problem: Problem, grad: Grad, size: int, fast_mode: bool) -> Words:
    import torch

    first, *others = (torch.from_numpy(a) for a in arguments(problem, size))

    class Candidate(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, x: Any) -> Any:
            context.save_for_backward(x)
            return problem.torch_fn(x, *others)

        @staticmethod
        def backward(context: Any, g: Any) -> Any:
            (x,) = context.saved_tensors
            return g * torch.from_numpy(np.ascontiguousarray(grad(x.detach().numpy(), *(a.numpy() for a in others))))

    apply: Any = Candidate.apply
    passes = torch.autograd.gradcheck(apply, (first.requires_grad_(),), fast_mode=fast_mode, raise_exception=False)
    return bool(passes), ""


def check_grads(problem: Problem, grad: Grad, size: int) -> Words:
    """jax.test_util's, in reverse mode."""
    import jax
    from jax.test_util import check_grads

    from oracle.witnesses.tracing import double_precision

    first, *others = arguments(problem, size)

    @jax.custom_vjp
    def candidate(x: Any) -> Any:
        return problem.fn(x, *others)

    def forth(x: Any) -> Any:
        return problem.fn(x, *others), x

    def back(x: Any, g: Any) -> Any:
        shape = jax.ShapeDtypeStruct(first.shape, first.dtype)
        return (g * jax.pure_callback(lambda x: grad(np.asarray(x), *others), shape, x),)

    candidate.defvjp(forth, back)
    with double_precision():
        try:
            check_grads(candidate, (first,), order=1, modes=("rev",))
        except AssertionError:
            return False, ""
    return True, ""


def allclose(problem: Problem, grad: Grad, size: int) -> Words:
    """`jax.grad` and `numpy.allclose`."""
    import jax

    from oracle.witnesses.tracing import double_precision

    args = arguments(problem, size)
    with double_precision():
        expected = np.asarray(jax.grad(problem.fn)(*args))
    return bool(np.allclose(grad(*args), expected)), ""


JUDGES: Mapping[str, Callable[[Problem, Grad, int], Words]] = MappingProxyType(
    {
        "ours": ours,
        "gradcheck, fast": gradcheck_fast,
        "gradcheck": gradcheck_slow,
        "check_grads": check_grads,
        "grad + allclose": allclose,
    }
)
#: From so many entries on a judge that differences every entry is not asked.
SLOW = {"gradcheck": 1000}
