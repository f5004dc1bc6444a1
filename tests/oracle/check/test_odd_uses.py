"""A hundred odd and legal uses: each is a verdict, or one sentence of a CannotJudge; no other exception comes from the depths."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("little_evidence")

Array = Any
VERDICTS = ("right", "wrong", "inaccurate", "undecided")
KEY = jax.random.key(3)
SCALE = jnp.float32(2.0)
TENSOR = torch.arange(3.0, dtype=torch.float64, requires_grad=True)


def half(a: Array) -> Array:
    return (a * a).sum() / 2


def weighed(a: Array, w: Array) -> Array:
    return (a * w).sum()


def third(a: Array, b: Array, c: Array) -> Array:
    return (a.sum() * b.sum()) * (c * c).sum()


class Model:
    def __init__(self) -> None:
        self.calls = 0

    def loss(self, a: Array) -> Array:
        return half(a)

    def gradient(self, a: Array) -> Array:
        self.calls += 1
        return a.copy()

    @staticmethod
    def static(a: Array) -> Array:
        return a.copy()

    @classmethod
    def of_class(cls, a: Array) -> Array:
        return a.copy()

    def __call__(self, a: Array) -> Array:
        return half(a)


def by_torch(a: Array) -> Array:
    x = torch.tensor(np.array(a), requires_grad=True)
    half(x).backward()
    return x.grad


def raises_at_zero(a: Array) -> Array:
    if np.any(np.asarray(a) == 0):
        raise ZeroDivisionError("no zeros")
    return np.array(a)


def optional(a: Array, scale: float = 1.0, *, flag: bool = False) -> Array:
    return scale * a


M = Model()
ONE: Any = {"domains": ("real",)}
TWO: Any = {"domains": ("real", "real")}
THREE: Any = {"domains": ("real",) * 3, "shapes": ((2,), (), (3, 1))}
Use = tuple[str, Callable[..., Any], Callable[..., Any], dict[str, Any]]

RIGHT: tuple[Use, ...] = (
    ("no dimensions", half, lambda a: a.copy(), ONE | {"shapes": ((),)}),
    ("no dimensions, a float", half, lambda a: float(a), ONE | {"shapes": ((),)}),
    ("one entry", half, lambda a: a.copy(), ONE | {"shapes": ((1,),)}),
    ("a column", half, lambda a: a.copy(), ONE | {"shapes": ((3, 1),)}),
    ("a row", half, lambda a: a.copy(), ONE | {"shapes": ((1, 3),)}),
    ("four dimensions", half, lambda a: a.copy(), ONE | {"shapes": ((1, 2, 1, 2),)}),
    ("a scalar by another", weighed, lambda a, w: np.asarray(w), TWO | {"shapes": ((), ())}),
    ("argument 1", weighed, lambda a, w: a.copy(), TWO | {"argnum": 1}),
    ("argument 1 of no dimensions", third, lambda a, b, c: a.sum() * (c * c).sum(), THREE | {"argnum": 1}),
    ("argument 2", third, lambda a, b, c: 2 * a.sum() * b * c, THREE | {"argnum": 2}),
    (
        "argument 3",
        lambda a, b, c, d: third(a, b, c) + d.sum(),
        lambda a, b, c, d: np.ones_like(d),
        {"domains": ("real",) * 4, "shapes": ((2,), (), (3, 1), (2, 2)), "argnum": 3},
    ),
    ("labels", weighed, lambda a, y: y.astype(float), {"domains": ("real", "sign")}),
    ("a hot label", weighed, lambda a, y: y.astype(float), {"domains": ("real", "one_hot")}),
    ("an array of JAX closed over", lambda a: half(a) * SCALE, lambda a: 2 * a, ONE),
    ("a key closed over", lambda a: half(a) + jax.random.normal(KEY, ()), lambda a: a.copy(), ONE),
    ("a gradient by jax.grad", half, jax.grad(half), ONE),
    ("a gradient compiled", half, jax.jit(jax.grad(half)), ONE),
    ("a function compiled", jax.jit(half), lambda a: a.copy(), ONE),
    ("both compiled", jax.jit(half), jax.jit(jax.grad(half)), ONE),
    ("a partial", functools.partial(weighed, w=2.0), lambda a: np.full(a.shape, 2.0), ONE),
    ("a partial of a gradient", half, functools.partial(np.multiply, 1.0), ONE),
    ("a callable object", M, M.gradient, ONE),
    ("methods", M.loss, M.gradient, ONE),
    ("a static method", M.loss, Model.static, ONE),
    ("a class method", M.loss, Model.of_class, ONE),
    ("a cached function", half, functools.wraps(half)(lambda a: a.copy()), ONE),
    ("a ufunc", lambda a: a.sum(), np.ones_like, ONE),
    ("defaults that are not given", half, optional, ONE),
    ("any number of arguments", lambda *a: half(a[0]), lambda *a: a[0].copy(), ONE),
    ("a list", half, lambda a: a.tolist(), ONE),
    ("a tuple of numbers", half, lambda a: tuple(a.tolist()), ONE),
    ("a list of NumPy's numbers", half, lambda a: list(a), ONE),
    ("a masked array", half, lambda a: np.ma.array(a), ONE),
    ("a record array", half, lambda a: a.copy().view(np.recarray), ONE),
    ("an array of JAX", half, lambda a: jnp.asarray(a), ONE),
    ("a tensor", half, lambda a: torch.tensor(np.array(a)), ONE),
    ("a tensor that requires grad", half, lambda a: torch.tensor(np.array(a), requires_grad=True), ONE),
    ("a tensor's grad", half, by_torch, ONE),
    ("a read-only answer", half, lambda a: np.broadcast_to(a, a.shape), ONE),
    ("big-endian", half, lambda a: a.astype(">f8"), ONE),
    ("float32 for float32", half, lambda a: a.astype(np.float32), ONE),
    ("float16", half, lambda a: a.astype(np.float16), {"domains": ((-2, 2),)}),
    ("a function of torch", lambda a: (torch.as_tensor(np.asarray(a)) ** 2).sum() / 2, lambda a: a.copy(), ONE),
    ("a function that returns a float", lambda a: float(np.sum(np.asarray(a) ** 2)) / 2, lambda a: a.copy(), ONE),
    ("an integer weight", lambda a: (a * np.arange(1, a.size + 1)).sum(), lambda a: np.arange(1.0, a.size + 1), ONE),
    (
        "a boolean mask",
        lambda a: (a * (np.arange(a.size) % 2 == 0)).sum(),
        lambda a: 1.0 * (np.arange(a.size) % 2 == 0),
        ONE,
    ),
)
ANY: tuple[Use, ...] = (
    ("a function that returns one entry", lambda a: half(a).reshape(1), lambda a: a.copy(), ONE),
    ("extended precision", half, lambda a: a.astype(np.longdouble), ONE),
    ("integers", lambda a: a.sum(), lambda a: np.ones(a.shape, int), ONE),
    ("booleans", lambda a: a.sum(), lambda a: np.ones(a.shape, bool), ONE),
    ("objects", half, lambda a: a.astype(object), ONE),
    ("strings", half, lambda a: a.astype(str), ONE),
    ("a row for a vector", half, lambda a: np.asarray(a)[None, :], ONE),
    ("a dict", half, lambda a: {"a": a}, ONE),
    ("None", half, lambda a: None, ONE),
    ("a generator", half, lambda a: (x for x in a), ONE),
    ("a generator function", half, lambda a: (yield a), ONE),
    ("a map", half, lambda a: map(float, a), ONE),
    ("an iterator", half, lambda a: iter(a.tolist()), ONE),
    ("a function that yields", lambda a: (yield a), lambda a: a.copy(), ONE),
    ("a function of strings", lambda a: str(a), lambda a: a.copy(), ONE),
    ("a function that returns booleans", lambda a: (a > 0).all(), lambda a: 0 * a, ONE),
    ("a function that returns integers", lambda a: (a > 0).sum(), lambda a: 0 * a, ONE),
    ("a function that returns a vector", lambda a: a * a, lambda a: 2 * a, ONE),
    ("a function that returns None", lambda a: None, lambda a: a.copy(), ONE),
    ("a function that returns NaN", lambda a: np.nan * a.sum(), lambda a: a.copy(), ONE),
    ("a function that raises at zeros", lambda a: half(raises_at_zero(a)), lambda a: a.copy(), ONE),
    ("a gradient that raises at zeros", half, raises_at_zero, ONE),
    ("a gradient that raises always", half, lambda a: 1 / 0, ONE),
    ("a gradient of two arguments", half, lambda a, b: a, ONE),
    ("a gradient of none", half, lambda: 0, ONE),
    ("an argument that is not there", half, lambda a: a.copy(), ONE | {"argnum": 1}),
    ("an argument from the end", weighed, lambda a, w: a.copy(), TWO | {"argnum": -1}),
    ("a class", half, Model, ONE),
    ("a type", half, list, ONE),
    ("an argument that is indexed by", lambda a, i: a[np.int64(0)] * i.sum(), lambda a, i: a, TWO),
    ("a label that is differentiated", weighed, lambda a, y: a.copy(), {"domains": ("real", "sign"), "argnum": 1}),
    ("an empty array", half, lambda a: a.copy(), ONE | {"shapes": ((0,),)}),
    ("an empty matrix", half, lambda a: a.copy(), ONE | {"shapes": ((0, 3),)}),
    ("a tensor on the way with its graph", lambda a: half(a), lambda a: torch.tensor(np.array(a)) * TENSOR[1], ONE),
    ("a sparse tensor", half, lambda a: torch.tensor(np.array(a)).to_sparse(), ONE),
    ("a bfloat16 tensor", half, lambda a: torch.tensor(np.array(a)).bfloat16(), ONE),
    ("a complex tensor", half, lambda a: torch.tensor(np.array(a)) * (1 + 0j), ONE),
    ("a tracer that was kept", half, lambda a: jax.eval_shape(half, a), ONE),
    ("a key", half, lambda a: jax.random.split(KEY, a.size), ONE),
)


def asked(fn: Callable[..., Any], grad: Callable[..., Any], options: dict[str, Any]) -> str:
    size = {} if "shapes" in options else {"lengths": (1, 3)}
    report = oracle.check_gradient(fn, grad, examples=12, database=None, **size, **options)
    assert report.verdict in VERDICTS
    assert str(report)
    report.to_dict()
    return str(report.verdict)


@pytest.mark.parametrize("use", RIGHT, ids=lambda u: u[0])
def test_a_right_one_is_right(use: Use) -> None:
    assert asked(*use[1:]) == "right"


def refusal(question: Callable[[], Any]) -> str | None:
    """The sentence with which a question is refused; None where it is answered."""
    try:
        question()
    except oracle.CannotJudge as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("use", ANY, ids=lambda u: u[0])
def test_it_is_a_verdict_or_a_sentence(use: Use) -> None:
    said = refusal(lambda: asked(*use[1:]))
    assert said is None or (said and "\n" not in said)


@pytest.mark.parametrize("use", ANY, ids=lambda u: u[0])
def test_an_assertion_has_words(use: Use) -> None:
    options = use[3] | ({} if "shapes" in use[3] else {"lengths": (1, 3)})
    said = ""
    try:
        oracle.assert_gradient(use[1], use[2], examples=4, database=None, **options)
    except (AssertionError, oracle.CannotJudge) as error:
        said = str(error)
    else:
        said = "right"
    assert said


PRODUCTS: tuple[Use, ...] = (
    ("a tuple", lambda a: 2 * a, lambda a, c: (2 * c,), ONE),
    ("a list", lambda a: 2 * a, lambda a, c: [2 * c], ONE),
    ("an array", lambda a: 2 * a, lambda a, c: 2 * c, ONE),
    ("a number out", half, lambda a, c: (a * c,), ONE),
    ("no dimensions", lambda a: a * a, lambda a, c: (2 * a * c,), ONE | {"shapes": ((),)}),
    ("a matrix", lambda W, x: W @ x, lambda W, x, c: (np.outer(c, x), W.T @ c), TWO | {"shapes": ((2, 3), (3,))}),
    ("None for a label", lambda a, y: a * y, lambda a, y, c: (c * y, None), {"domains": ("real", "sign")}),
    ("None for all", lambda a: 2 * a, lambda a, c: (None,), ONE),
    ("a vjp of JAX", jnp.sin, lambda a, c: jax.vjp(jnp.sin, a)[1](c), ONE),
    ("a tensor", lambda a: 2 * a, lambda a, c: (torch.tensor(2 * np.array(c), requires_grad=True),), ONE),
    ("a generator", lambda a: 2 * a, lambda a, c: (2 * x for x in (c,)), ONE),
    ("None", lambda a: 2 * a, lambda a, c: None, ONE),
    ("a pair out", lambda a: (a, a), lambda a, c: (2 * c,), ONE),
    ("it raises", lambda a: 2 * a, lambda a, c: 1 / 0, ONE),
    ("a cotangent too many", lambda a: 2 * a, lambda a: (a,), ONE),
    ("integers out", lambda a: (a > 0) * 1, lambda a, c: (0 * c,), ONE),
)


def product_asked(fn: Callable[..., Any], vjp: Callable[..., Any], options: dict[str, Any]) -> None:
    size = {} if "shapes" in options else {"lengths": (1, 3)}
    report = oracle.check_vjp(fn, vjp, examples=12, database=None, **size, **options)
    assert report.verdict in VERDICTS
    assert str(report)


@pytest.mark.parametrize("use", PRODUCTS, ids=lambda u: u[0])
def test_a_product_is_a_verdict_or_a_sentence(use: Use) -> None:
    said = refusal(lambda: product_asked(*use[1:]))
    assert said is None or (said and "\n" not in said)
