"""Functions of tensors called with arrays: given what they take, whoever wrote them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.candidate.arrays_of_frameworks import as_numpy
from oracle.candidate.guard import Guarded
from oracle.candidate.tensors import OnArrays, as_arrays, on_arrays, prefers_tensors, unwrapped

torch = pytest.importorskip("torch")

X = np.array([0.5, -1.5])


def test_tensors_of_every_kind_become_arrays() -> None:
    """A derivative of torch's may be zeros without memory, or a view with its sign to be changed."""
    zeros = torch._efficientzerotensor(2)
    negative = torch.tensor([1 + 2j, 3 - 4j]).conj().imag
    for made in (as_arrays, as_numpy):
        assert np.array_equal(made(zeros), [0.0, 0.0])
        assert np.array_equal(made(negative), [-2.0, 4.0])
        assert np.array_equal(made(torch.tensor(X, dtype=torch.bfloat16, requires_grad=True)), X)
        assert np.array_equal(made(zeros.to(torch.bfloat16)), [0.0, 0.0])


def of_tensors(x: Any) -> Any:
    return torch.sum(x**2)


def of_either(x: Any) -> Any:
    return (x**2).sum()


def of_arrays(x: Any) -> Any:
    return torch.from_numpy(x).square().sum().item()


def by_constructor(x: Any) -> Any:
    return torch.DoubleTensor(x).square().sum().item()


def annotated(x: torch.Tensor) -> torch.Tensor:
    return x.max(0)[0]


def doubles_its_argument(x: torch.Tensor) -> Any:
    x.mul_(2)
    return x.sum()


def refuses(x: Any) -> Any:
    raise KeyError("never")


@pytest.mark.parametrize(
    ("fn", "dtype", "value"),
    [
        (of_tensors, "float64", 2.5),
        (of_either, "", 2.5),
        (of_arrays, "", 2.5),
        (by_constructor, "", 2.5),
        (annotated, "float64", 0.5),
    ],
)
def test_a_function_is_given_what_it_takes(fn: Any, dtype: str, value: float) -> None:
    on = OnArrays(fn)
    assert float(on(X.copy())) == value
    assert on.dtype == dtype
    assert not isinstance(on(X.copy()), torch.Tensor)


def test_a_module_by_default_is_given_float32() -> None:
    torch.manual_seed(0)
    on = OnArrays(torch.nn.Linear(2, 3))
    assert on(X).dtype == np.float32
    assert on.dtype == "float32"


def test_a_tuple_of_tensors_is_a_tuple_of_arrays() -> None:
    found = OnArrays(lambda x: (torch.sin(x), None, 3))(X)
    assert isinstance(found, tuple)
    assert isinstance(found[0], np.ndarray)
    assert found[1:] == (None, 3)


def test_what_it_does_to_its_tensor_is_done_to_the_array() -> None:
    x = X.copy()
    OnArrays(doubles_its_argument)(x)
    assert np.array_equal(x, 2 * X)


def test_an_argument_that_is_left_alone_is_left_alone() -> None:
    x = X.copy()
    OnArrays(of_tensors)(x)
    assert np.array_equal(x, X)


def test_what_raises_for_everything_raises_as_it_does() -> None:
    with pytest.raises(KeyError, match="never"):
        OnArrays(refuses)(X)


def test_what_is_no_array_goes_through() -> None:
    assert OnArrays(lambda *args: args)(3, "a") == (3, "a")


@pytest.mark.parametrize("fn", [of_tensors, annotated, torch.nn.Linear(1, 1), torch.nn.functional.relu, torch.sin])
def test_code_of_torch_prefers_tensors(fn: Any) -> None:
    assert prefers_tensors(fn)


@pytest.mark.parametrize("fn", [of_either, of_arrays, np.sin, len])
def test_code_of_arrays_does_not(fn: Any) -> None:
    assert not prefers_tensors(fn)


def test_it_is_found_again_inside_of_what_holds_it_off() -> None:
    on = on_arrays(of_tensors)
    assert on_arrays(on) is on
    assert unwrapped(Guarded(on, "fn")) is on
    assert unwrapped(of_tensors) is None
