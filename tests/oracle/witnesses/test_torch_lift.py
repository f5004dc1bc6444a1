"""Torch code under an enclosure: its translation is torch's own function, or is refused with the reason."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import oracle
from oracle.candidate.names import called
from oracle.candidate.tensors import OnArrays
from oracle.judgement.point import judge_point
from oracle.witnesses import certified
from oracle.witnesses.function import ON_FLOATS, TRACED
from oracle.witnesses.prepare import prepare
from oracle.witnesses.torch_lift import Lift, lifted
from oracle.witnesses.torch_way import Unlike

from ...optional import skip_without

torch = pytest.importorskip("torch")
skip_without("torchax")

from oracle.witnesses import torch_lowering, torch_registry  # noqa: E402
from oracle.witnesses.torch_operators import OWN  # noqa: E402

F = torch.nn.functional
X = np.array([0.3, -1.2, 0.7, 2.1])


class Cube(torch.autograd.Function):
    """x³ and an integer beside it, with a backward that is wrong."""

    @staticmethod
    def forward(ctx: Any, x: Any, power: int) -> Any:
        ctx.save_for_backward(x)
        made = x.clone()
        made.pow_(power)
        return made, torch.arange(3)

    @staticmethod
    def backward(ctx: Any, g: Any, unused: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * 2 * x**2, None


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(4, 3)
        self.norm = torch.nn.LayerNorm(3)

    def forward(self, x: Any) -> Any:
        return torch.tanh(self.norm(self.linear(x))).sum()


def slices(x: Any) -> Any:
    y = torch.zeros_like(x)
    y[1:] = x[:-1]
    y[0] = 2 * x[-1]
    return (y * x).sum()


def views_written(x: Any) -> Any:
    y = x.clone().view(2, 2)
    row = y[0]
    row.mul_(x[:2])
    y.t()[1] += 1
    y.add_(row.sum())
    return (y.flatten() * x).sum()


def in_a_buffer(x: Any) -> Any:
    out = torch.empty(4, dtype=x.dtype)
    for k in range(4):
        out[k] = x[k] * out[k - 1] if k else x[k]
    return out.sum()


def branches(x: Any) -> Any:
    return x.exp().sum() if x.sum() > 0 else (x * x).sum()


def a_while(x: Any) -> Any:
    y = x.abs().sum()
    while y > 1:
        y = y / 3
    return y * x[0]


def masked(x: Any) -> Any:
    return x[x > 0].log().sum() + torch.masked_select(x, x < 0).exp().sum()


def from_numpy(a: Any) -> Any:
    return F.softplus(torch.from_numpy(a)[1:]).sum().item()


def copied(a: Any) -> Any:
    return torch.tensor(a).square().sum().detach().numpy()


def by_function(x: Any) -> Any:
    return Cube.apply(x, 3)[0].sum()


WEIGHT = torch.nn.Parameter(torch.tensor([[[0.5, -0.25]]], dtype=torch.float64))
PLACES = torch.tensor([0, 2, 2])

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "functional": lambda x: F.gelu(x).sum() + F.log_softmax(x, 0)[1],
    "slices": slices,
    "views written": views_written,
    "a buffer": in_a_buffer,
    "a branch": branches,
    "a loop": a_while,
    "masks": masked,
    "from_numpy": from_numpy,
    "torch.tensor": copied,
    "a Function": by_function,
    "a closure": lambda x: F.conv1d(x[None, None], WEIGHT).sum() + x[PLACES].prod(),
    "a determinant": lambda x: torch.linalg.det(x.reshape(2, 2) + torch.eye(2, dtype=x.dtype)),
    "attention, fused": lambda x: F.scaled_dot_product_attention(*[x.view(1, 1, 2, 2) * k for k in (1, 2, 3)]).prod(),
    "a sort": lambda x: (x.sort().values * torch.arange(4)).sum(),
    "no grad inside": lambda x: (x.detach() * x).sum(),
    "a Fourier transform": lambda x: torch.fft.fft(x).abs().square().sum(),
    "a gradient inside": lambda x: torch.func.grad(lambda y: (y**3).sum())(x).sum(),
    "a vmap inside": lambda x: torch.func.vmap(torch.sin)(x).sum(),
}


def lift(fn: Callable[..., Any]) -> Lift:
    """What brings fn to jaxprs, called once, so that it is known what it takes."""
    on = OnArrays(fn)
    on(X.copy())
    found = lifted(on)
    assert found is not None
    return found


def slope(found: Lift, x: np.ndarray) -> np.ndarray:
    (enclosure,) = certified(found.traced((x,), 0, (None,)), (x,), (0,))
    return enclosure.midpoint()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_torch_code_does_is_enclosed(name: str) -> None:
    fn = FUNCTIONS[name]
    on = lift(fn)
    for x in (X, -X):
        h = 1e-6
        numeric = [(float(on.fn(x + h * e)) - float(on.fn(x - h * e))) / (2 * h) for e in np.eye(4)]
        np.testing.assert_allclose(slope(on, x), numeric, rtol=1e-6, atol=1e-7)


def test_a_module_in_float32_is_enclosed_as_it_is() -> None:
    torch.manual_seed(0)
    net = Net()
    on = lift(net)
    assert on.fn.dtype == "float32"
    x = torch.tensor(X, dtype=torch.float32, requires_grad=True)
    net(x).backward()
    np.testing.assert_allclose(slope(on, X.astype(np.float32).astype(np.float64)), x.grad.numpy(), rtol=2e-4, atol=1e-6)


def test_a_batch_norm_that_trains_changes_its_buffers_and_is_enclosed() -> None:
    norm = torch.nn.BatchNorm1d(2, dtype=torch.float64)
    assert np.isfinite(slope(lift(lambda x: norm(x.reshape(2, 2)).pow(3).sum()), X)).all()


REFUSED: dict[str, tuple[Callable[..., Any], str]] = {
    "NumPy inside": (lambda x: (x * float(np.sin(x.numpy()).sum())).sum(), "a step aside"),
    "a number read": (lambda x: torch.sum(x * x.max().item()), "reads a number"),
    "random numbers": (lambda x: (x * torch.rand(4, dtype=x.dtype)).sum(), "where torch computes"),
    "at the switch": (lambda x: torch.sum(x) if x[0] > 0.3 else -x.sum(), "at the switch"),
    "a mask at its switch": (lambda x: torch.sum(x[x > 0.3]), "at the switch"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_trusted_is_refused_and_says_why(name: str) -> None:
    fn, why = REFUSED[name]
    with pytest.raises(Unlike, match=why):
        lift(fn).traced((X,), 0, (None,))


PLANTED: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "exp": (lambda x: x.exp().sum(), lambda x: torch_lowering.jax.numpy.exp(x) * (1 + 1e-9)),
    "tanh": (lambda x: x.tanh().sum(), lambda x: x),
    "softplus": (lambda x: F.softplus(x).sum(), lambda x, *beta: torch_lowering.jax.nn.softplus(x) + 1e-12),
    "roll": (lambda x: (x.roll(1) * x).sum(), lambda x, shifts, dims=(): torch_lowering.jax.numpy.roll(x, 2)),
    "sort": (lambda x: x.sort().values[0], lambda x, *given, **named: (x, x)),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_wrong_translation_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fn, wrong = PLANTED[name]
    on = lift(fn)
    monkeypatch.setattr(torch_lowering, "OWN", {**OWN, name: wrong})
    with pytest.raises(Unlike, match="where torch"):
        on.traced((X,), 0, (None,))


def test_a_scatter_that_forgets_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    on = lift(slices)
    monkeypatch.setattr(
        torch_lowering, "MEMORY", {**torch_lowering.MEMORY, "scatter": lambda whole, places, value: whole}
    )
    with pytest.raises(Unlike, match="where torch"):
        on.traced((X,), 0, (None,))


def test_a_wrong_backward_is_wrong_by_proof_of_the_forward() -> None:
    def grad(x: Any) -> Any:
        x = x.clone().requires_grad_()
        return torch.autograd.grad(by_function(x), x)[0]

    function = prepare(OnArrays(by_function), (X,), 0, (None,))
    candidate = OnArrays(grad)
    found = judge_point(function, candidate, (X,))
    assert found.verdict == "wrong"
    assert found.certified
    np.testing.assert_allclose(found.truth.midpoint(), 3 * X**2)
    assert called(candidate).expression.startswith("on_arrays(")


def test_a_product_of_torch_code_is_enclosed() -> None:
    def vjp(x: Any, c: Any) -> Any:
        return (c * torch.cos(x),)

    def fn(x: Any) -> Any:
        return torch.sin(x)

    report = oracle.check_vjp(fn, vjp, ("real",), shapes=((2,),), examples=4, database=None)
    assert report.certified
    assert report.verdict == "right"


def test_beside_a_branch_that_ties_differences_in_floats_decide() -> None:
    def fn(x: Any) -> Any:
        return torch.sum(x) if torch.sum(x) > 0 else -torch.sum(x)

    function = prepare(OnArrays(fn), (X,), 0, (None,))
    assert function.level == TRACED
    at_the_switch = function.at((np.array([1.0, -1.0, 0.0, 0.0]),))
    assert at_the_switch.level != TRACED
    assert "at the switch" in at_the_switch.why


@pytest.mark.parametrize(
    ("fn", "detaches"),
    [
        (lambda x: torch.sum(x.detach() * x), True),
        (lambda x: torch.sum(x.data * x), True),
        (lambda x: torch.sum(x * x).detach(), False),
        (copied, False),
    ],
)
def test_what_torch_holds_constant_is_known(fn: Any, detaches: bool) -> None:
    on = lift(fn)
    np.testing.assert_allclose(slope(on, X), 2 * X)
    assert on.detaches == detaches


def test_a_part_that_is_detached_is_said_in_the_first_lines() -> None:
    def fn(x: Any) -> Any:
        return torch.sum(x.detach() * x)

    report = oracle.check_gradient(
        fn, lambda x: 2 * np.asarray(x), ("real",), shapes=((2,),), examples=3, database=None
    )
    assert report.verdict == "right"
    assert any("detaches a part" in line for line in report.warnings)


def test_without_torchax_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setattr(torch_registry, "registry", missing)
    function = prepare(OnArrays(lambda x: torch.sum(x * x.pow(2))), (X,), 0, (None,))
    assert function.level != TRACED
    assert "pip install 'manualbp[torch]'" in function.why


def test_code_without_torch_is_not_said_to_be_torch_code() -> None:
    function = prepare(OnArrays(lambda x: np.sort(np.where(x > 0, x, float(x[0])))[0]), (X,), 0, (None,))
    assert "torch" not in function.why


def _of_the_process() -> dict[str, Any]:
    import jax
    from torch._decomp import global_decomposition_table as tables

    return {
        "dtype": torch.get_default_dtype(),
        "device": str(torch.get_default_device()),
        "backend": torch._C._get_privateuse1_backend_name(),
        "methods": set(dir(torch.Tensor)),
        "fast path": torch.backends.mha.get_fastpath_enabled(),
        "jax in torch": hasattr(torch, "jax"),
        "environment": dict(os.environ),
        "tables": {name: set(table) for name, table in tables.items()},
        "x64": jax.config.jax_enable_x64,
        "options": getattr(jax.config, "jax_pjrt_client_create_options", None),
        "modules": [name for name in sys.modules if name.partition(".")[0] == "torchax"],
        "grad": torch.is_grad_enabled(),
        "modes": torch._C._len_torch_dispatch_stack(),
        "seed": torch.get_rng_state().numpy().tobytes(),
    }


def test_the_process_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENABLE_RUNTIME_UPTIME_TELEMETRY", raising=False)
    before = _of_the_process()
    assert len(torch_registry.registry.__wrapped__()) > 300
    lift(slices).traced((X,), 0, (None,))
    after = _of_the_process()
    assert {k for k in before if before[k] != after[k]} == set()


@pytest.mark.longer
def test_a_fresh_process_keeps_its_environment() -> None:
    asked = (
        "import os, torch, oracle; torch.zeros(1); before = dict(os.environ);"
        "fn, grad = lambda x: x.exp().sum(), lambda x: x.exp();"
        "oracle.check_gradient(fn, grad, ((-1.0, 1.0),), shapes=((2,),), examples=2, database=None);"
        "print([n for n in os.environ if n.startswith('TORCH') and n not in before])"
    )
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_what_translates_and_has_no_enclosure_is_judged_on_floats() -> None:
    """Full matrices of a matrix that is not square: no proof, and no error from the depths."""

    def fn(a: Any) -> Any:
        return torch.linalg.svd(a)[1].sum()

    a = np.array([[3.0, 1.0, 0.5], [-1.0, 2.0, 0.0]])
    function = prepare(OnArrays(fn), (a,), 0, [None])
    assert function.level == ON_FLOATS
    assert "full matrices" in function.why
