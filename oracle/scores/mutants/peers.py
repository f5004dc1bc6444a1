"""The gradient checkers that others would pick, as judges of the corpus, each used as its documentation says.

All judge the same points: two seeded ordinary ones at each of the lengths 1, 3 and 8 (six where the shapes are fixed).
One that raises its own complaint has rejected the gradient; one that stops with any other exception counts as an error.

- torch.autograd.gradcheck of a torch.autograd.Function, in float64, with its default eps, atol and rtol;
- jax.test_util.check_grads of a jax.custom_vjp whose backward pass calls the gradient on the host, order 1, mode rev;
- scipy.optimize.check_grad, whose answer is a norm of the difference: accepted up to 1e-6 · max(1, |gradient|), for its
  documentation names no threshold;
- autograd.test_util.check_grads of an autograd.extend.primitive, order 1, mode rev.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from oracle.scores.mutants.labels import FLOATS
from oracle.scores.mutants.points import lengths_of, ordinary
from oracle.scores.mutants.record import Point, Subject
from oracle.witnesses.tracing import double_precision

LENGTHS = (1, 3, 8)
EACH = 2
SCIPY_THRESHOLD = 1e-6


@dataclass(frozen=True)
class Answer:
    """A peer knows two verdicts: right and wrong."""

    verdict: str


@dataclass(frozen=True)
class Peer:
    """`accepts(subject, args)` says whether the checker lets the gradient pass at one point; `module` holds it."""

    name: str
    module: str
    accepts: Callable[[Subject, Point], bool]

    @property
    def installed(self) -> bool:
        return find_spec(self.module.partition(".")[0]) is not None

    def load(self) -> None:
        """Imports it, so that no verdict pays for that."""
        import_module(self.module)

    def check(self, subject: Subject) -> Answer:
        """Rejected at one point is rejected."""
        with double_precision() if find_spec("jax") else nullcontext():  # some functions are written in jax.numpy
            passed = all(self.accepts(subject, args) for args in points(subject))
        return Answer("right" if passed else "wrong")


def points(subject: Subject) -> list[Point]:
    """The points at which every peer judges this subject."""
    rng = np.random.default_rng(zlib.crc32(b"peers"))
    lengths = [n for n in lengths_of(subject, LENGTHS) if n <= max(*LENGTHS, (subject.lengths or (0, 0))[0])]
    each = EACH * (len(LENGTHS) if subject.shapes else 1)
    return [ordinary(subject, rng, n) for n in lengths for _ in range(each)]


def value(subject: Subject, args: Point) -> Any:
    return np.asarray(subject.fn(*args), dtype=np.float64)


def at(subject: Subject, args: Point, x: Any) -> list[Any]:
    """The arguments, with x in the place that is differentiated; no copies, so that a mutation does its harm."""
    return [np.asarray(x if i == subject.argnum else a) for i, a in enumerate(args)]


def widened(answer: Any) -> Any:
    """A float32, float16 or bfloat16 answer as float64, which torch and JAX want here; any other as it is."""
    return np.asarray(answer, dtype=np.float64) if np.asarray(answer).dtype.name in FLOATS else answer


def torch_accepts(subject: Subject, args: Point) -> bool:
    import torch
    from torch.autograd.gradcheck import GradcheckError

    class Candidate(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.tensor(value(subject, tuple(at(subject, args, x.detach().numpy()))))

        @staticmethod
        def backward(ctx: Any, cotangent: Any) -> Any:
            (x,) = ctx.saved_tensors
            return torch.as_tensor(widened(subject.grad(*at(subject, args, x.detach().numpy())))) * cotangent

    x = torch.tensor(args[subject.argnum], requires_grad=True)
    try:
        return bool(torch.autograd.gradcheck(Candidate.apply, (x,)))
    except GradcheckError:
        return False


def jax_accepts(subject: Subject, args: Point) -> bool:
    import jax
    from jax.test_util import check_grads

    def of(x: Any) -> Any:
        return subject.fn(*(x if i == subject.argnum else jax.numpy.asarray(a) for i, a in enumerate(args)))

    def on_host(x: Any) -> Any:
        return widened(subject.grad(*at(subject, args, x)))

    def backward(x: Any, cotangent: Any) -> Any:
        return (cotangent * jax.pure_callback(on_host, jax.ShapeDtypeStruct(x.shape, x.dtype), x),)

    candidate = jax.custom_vjp(of)
    candidate.defvjp(lambda x: (of(x), x), backward)
    log = logging.getLogger("jax._src.callback")  # prints what it also raises
    silent, log.disabled = log.disabled, True
    try:
        check_grads(candidate, (jax.numpy.asarray(args[subject.argnum]),), order=1, modes=["rev"])
    except AssertionError:
        return False
    finally:
        log.disabled = silent
    return True


def scipy_accepts(subject: Subject, args: Point) -> bool:
    check_grad = import_module("scipy.optimize").check_grad
    start = args[subject.argnum]

    def gradient(x: Any) -> Any:
        g = np.asarray(subject.grad(*at(subject, args, x.reshape(start.shape))))
        return g.ravel() if g.shape == start.shape else g

    flat = start.ravel().astype(np.float64)
    error = check_grad(
        lambda x: float(value(subject, tuple(at(subject, args, x.reshape(start.shape))))), gradient, flat
    )
    return bool(error <= SCIPY_THRESHOLD * max(1.0, float(np.linalg.norm(gradient(flat)))))


def autograd_accepts(subject: Subject, args: Point) -> bool:
    extend, test_util = import_module("autograd.extend"), import_module("autograd.test_util")
    candidate = extend.primitive(lambda x: float(value(subject, tuple(at(subject, args, x)))))
    extend.defvjp(candidate, lambda answer, x: lambda cotangent: cotangent * subject.grad(*at(subject, args, x)))
    try:
        test_util.check_grads(candidate, modes=["rev"], order=1)(np.array(args[subject.argnum]))
    except AssertionError:
        return False
    return True


PEERS = (
    Peer("torch.autograd.gradcheck", "torch.autograd.gradcheck", torch_accepts),
    Peer("jax.test_util.check_grads", "jax.test_util", jax_accepts),
    Peer("scipy.optimize.check_grad", "scipy.optimize", scipy_accepts),
    Peer("autograd.test_util.check_grads", "autograd.test_util", autograd_accepts),
)
