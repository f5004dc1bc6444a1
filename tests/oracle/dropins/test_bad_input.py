"""Wrong uses of the drop-ins and of example arguments: one clear sentence each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle import CannotJudge

torch = pytest.importorskip("torch")

X = np.array([1.0, -2.0])
T = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
PARAMS = {"w": X, "b": X}


def square(x: Any) -> Any:
    return (x**2).sum()


def product(params: Any, x: Any) -> Any:
    return (params["w"] * x + params["b"]).sum()


def product_grad(params: Any, x: Any) -> Any:
    return {"w": x, "b": np.ones_like(x)}


def gradient(*args: Any, **options: Any) -> Any:
    return oracle.check_gradient(*args, database=None, examples=2, **options)


def vjp(*args: Any, **options: Any) -> Any:
    return oracle.check_vjp(*args, database=None, examples=2, **options)


BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "like of too few": (lambda: gradient(product, product_grad, like=(PARAMS,)), "like holds 1 example, and fn takes 2 arguments"),
    "like without numbers": (lambda: gradient(square, square, like=np.array([1, 2])), "no array of real or complex numbers"),
    "like of text": (lambda: gradient(square, square, like="x"), "no array of real or complex numbers (str)"),
    "an empty example": (lambda: gradient(square, square, like=np.zeros((0, 2))), "x has the shape (0, 2): an example needs"),
    "an example that is not finite": (lambda: gradient(square, square, like=X * np.nan), "x holds numbers that are not finite"),
    "like and shapes": (lambda: gradient(square, square, like=X, shapes=((2,),)), "the example fixes the shapes already"),
    "like and lengths": (lambda: gradient(square, square, like=X, lengths=(1, 2)), "like and lengths are both given"),
    "like and returns": (lambda: gradient(square, square, like=X, returns="value_and_grad"), "it must return a pair (value,"),
    "an argnum too high": (lambda: gradient(product, product_grad, like=(PARAMS, X), argnum=2), "argnum = 2: there are 2"),
    "an argnum twice": (lambda: gradient(product, product_grad, like=(PARAMS, X), argnum=(0, 0)), "argnum = (0, 0): there are 2"),
    "an argnum twice without like": (lambda: gradient(square, lambda x: (x, x), argnum=(0, 0)), "argnum = (0, 0): name at least"),
    "no function for two": (lambda: gradient(square, None, argnum=(0,)), "grad is of type NoneType: give a function"),
    "no function of tangents": (lambda: oracle.check_jvp(None, square), "fn is of type NoneType: give a function"),
    "an argnum of text": (lambda: gradient(product, product_grad, like=(PARAMS, X), argnum="w"), "argnum = 'w'"),
    "no argnum": (lambda: gradient(square, square, argnum=(), lengths=(1, 2)), "argnum = (): name at least one argument"),
    "an argnum without numbers": (lambda: gradient(lambda x, n: (x**n).sum(), square, like=(X, 2), argnum=1), "n holds no real"),
    "a key too few": (lambda: gradient(product, lambda p, x: {"w": x}, like=(PARAMS, X)), "a dict of 'w', without 'b'"),
    "an array for a dict": (lambda: gradient(product, lambda p, x: x, like=(PARAMS, X)), "what grad returned is of type ndarray"),
    "a tuple too short": (
        lambda: gradient(product, lambda p, x: (product_grad(p, x),), like=(PARAMS, X), argnum=(0, 1)),
        "without 1",
    ),
    "one array for two": (
        lambda: gradient(lambda a, b: (a * b).sum(), lambda a, b: b, argnum=(0, 1), lengths=(2, 2)),
        "a tuple of 2",
    ),
    "two arrays for one": (lambda: gradient(lambda a, b: (a * b).sum(), lambda a, b: (b, a), lengths=(3, 3)), "argnum=(0, 1)"),
    "two arrays of two shapes": (
        lambda: gradient(lambda a, b: a.sum() * b, lambda a, b: (a * 0 + b, a.sum()), shapes=((3,), ())),
        "of the shapes (3,) and (): say what they are by argnum=(0, 1)".replace(": say", ", where one array is expected: say"),
    ),
    "a dict for an array": (lambda: gradient(square, lambda x: {"x": 2 * x}, lengths=(2, 2)), "with like= (example arguments)"),
    "domains of another number": (lambda: gradient(product, product_grad, ("real",), like=(PARAMS, X)), "like holds 2 examples"),
    "domains of another form": (lambda: gradient(product, product_grad, ({"v": "real"}, "real"), like=(PARAMS, X)), "without 'w'"),
    "an unknown domain": (lambda: gradient(product, product_grad, ("plane", "real"), like=(PARAMS, X)), "unknown domain 'plane'"),
    "an example outside": (lambda: gradient(square, square, ("positive",), like=X), "like: x lies outside of its domain positive"),
    "a domain of complex numbers": (lambda: gradient(lambda z: abs(z).sum(), square, ("unit",), like=X * 1j), "part of a complex"),
    "fn raises at the example": (lambda: vjp(lambda x: x[5], square, like=X), "fn raised IndexError at the example arguments"),
    "fn returns text": (lambda: vjp(lambda x: "a", square, like=X), "fn returned a str, in which there is no array"),
    "argnums that is a number too high": (lambda: vjp(square, square, like=X, argnums=1), "argnums = 1: there are 1 arguments"),
    "a vjp that is no function": (lambda: vjp(square, 3, like=X), "vjp is of type int: give a function"),
    "a seed below 0": (lambda: oracle.check_jvp(square, square, like=X, seed=-1), "seed = -1: give a whole number"),
    "vjp of too few": (lambda: vjp(lambda a, b: {"y": a * b}, lambda a, b, c: (1, 2, 3), like=(X, X)), "vjp returned 3 entries"),
    "grad is no function": (lambda: gradient(square, 3, like=X), "grad is of type int: give a function"),
    "inputs of NumPy": (lambda: oracle.gradcheck(square, X), "inputs is of type ndarray: give a tensor"),
    "no input that requires a gradient": (
        lambda: oracle.gradcheck(square, T.detach()),
        "none of the inputs has requires_grad=True",
    ),
    "no tensor": (lambda: oracle.gradcheck(square, (3,)), "there is no tensor of real or complex numbers among inputs"),
    "func is no function": (lambda: oracle.gradcheck(T, T), "func is of type Tensor: give a function of tensors, or a module"),
    "func raises": (lambda: oracle.gradcheck(lambda x: x.nothing, T), "fn raised AttributeError at the example arguments"),
    "a result of NumPy": (lambda: oracle.gradcheck(lambda x: x.detach().numpy(), T), "func returned a ndarray, in which"),
    "a result that is a number": (lambda: oracle.gradgradcheck(lambda x: 2.0, T), "func returned a float, in which"),
    "a switch of text": (lambda: oracle.gradcheck(square, T, raise_exception="no"), "raise_exception = 'no': give True or False"),
    "a sparse input": (lambda: oracle.gradcheck(torch.sin, torch.eye(2).to_sparse().requires_grad_()), "is no array of numbers"),
    "an input without data": (lambda: oracle.gradcheck(torch.sin, torch.ones(2, device="meta", requires_grad=True)), "is no array"),
    "an input in 8 bits": (lambda: oracle.gradcheck(torch.sin, T.detach().to(torch.float8_e5m2).requires_grad_()), "float8_e5m2"),
    "no mode": (lambda: oracle.gradcheck(square, T, check_backward_ad=False), "are both False: nothing is asked"),
    "a mode of text": (lambda: oracle.gradcheck(square, T, check_forward_ad="yes"), "check_forward_ad = 'yes': give True or False"),
    "grad_outputs of another shape": (lambda: oracle.gradgradcheck(lambda x: x**3, T, T[:1]), "grad_outputs: the outputs of func"),
    "args that are no tuple": (lambda: oracle.check_grads(square, X, 1), "args is of type ndarray: give a tuple"),
    "an order of 3": (lambda: oracle.check_grads(square, (X,), 3), "order = 3: give 1, or 2"),
    "a mode unknown": (
        lambda: oracle.check_grads(square, (X,), 1, modes=("back",)),
        "modes = ('back',): give 'fwd', 'rev' or both",
    ),
    "no modes": (lambda: oracle.check_grads(square, (X,), 1, modes=()), "modes = (): give 'fwd', 'rev' or both"),
    "args of integers": (lambda: oracle.check_grads(lambda n: n * 2, (jnp.arange(3),), 1), "args hold no array of real or complex"),
    "f is no function": (lambda: oracle.check_grads(3, (X,), 1), "f is of type int: give a function"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_one_sentence(case: str) -> None:
    call, words = BAD[case]
    with pytest.raises(CannotJudge) as caught:
        call()
    said = str(caught.value)
    assert words in said, said
    assert "\n" not in said
