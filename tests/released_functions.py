"""The `autograd.Function`s of released packages, as they stand, at arguments such as they are called with: by `oracle.gradcheck`.

    python tests/released_functions.py [WORD …]    those whose module or name has one of the words; not what is not installed

One line each: the verdict, whether the truth is enclosed, processor seconds, and what is wrong. A package may be put on PYTHONPATH
beside what is installed (`pip install --no-deps --target DIRECTORY PACKAGE`); a module whose package lacks something
is loaded alone.
Surrogates, straight-through estimators and gradients on a manifold are wrong as derivatives, and meant to be: `meant` says so.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
import time
import types
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch

from oracle.candidate.asking import CannotJudge
from oracle.dropins.of_torch import judged_grads

Tensor = Any


class Case(NamedTuple):
    """inputs: makes them; expected: the verdict that was confirmed by hand, "" where none was; meant: why it is no derivative."""

    module: str
    name: str
    inputs: Callable[[], tuple[Any, ...]]
    expected: str = "right"
    meant: str = ""


def numbers(*shape: int, low: float = -1.5, high: float = 1.5, moves: bool = True) -> Tensor:
    """Irregular numbers, the same every time."""
    count = int(torch.tensor(shape).prod())
    fractions = (torch.arange(count, dtype=torch.float64) * 0.6180339887 + 0.37 * len(shape)) % 1.0
    return (low + (high - low) * fractions).reshape(shape).requires_grad_(moves)


def of(*shape: int, **options: Any) -> Callable[[], tuple[Any, ...]]:
    return lambda: (numbers(*shape, **options),)


def beside(shape: tuple[int, ...], *others: Any) -> Callable[[], tuple[Any, ...]]:
    return lambda: (numbers(*shape), *others)


def unit_quaternion(*shape: int) -> Tensor:
    q = numbers(*shape, 4, moves=False)
    return (q / q.norm(dim=-1, keepdim=True)).requires_grad_(True)


def positive_definite(n: int) -> Tensor:
    a = numbers(n, n, moves=False)
    return (a @ a.T + n * torch.eye(n, dtype=torch.float64)).requires_grad_(True)


def distance(x: Tensor, y: Tensor) -> Tensor:
    return (x.unsqueeze(-2) - y.unsqueeze(-3)).pow(2).sum(-1).sqrt()


def squared_distance(x: Tensor, y: Tensor) -> Tensor:
    return (x.unsqueeze(-2) - y.unsqueeze(-3)).pow(2).sum(-1)


def kernel(*more: Any) -> Callable[[], tuple[Any, ...]]:
    length = torch.tensor([[0.7]], dtype=torch.float64)
    return lambda: (
        numbers(3, 2, moves=False),
        numbers(2, 2, low=0.2, moves=False),
        length.clone().requires_grad_(True),
        *more,
    )


STE, SPIKE, MANIFOLD = "straight-through", "a surrogate for a spike", "a gradient on a Lie group"
SIGN = "a surrogate for a sign or a step"
JELLY, NORSE, STEPS = "spikingjelly.activation_based.", "norse.torch.functional.", "brevitas.ops.autograd_ste_ops"
CASES = [
    *(
        Case("timm.layers.activations_me", f"{n}AutoFn", of(5))
        for n in ("Swish", "Mish", "HardSigmoid", "HardSwish", "HardMish")
    ),
    Case("efficientnet_pytorch.utils", "SwishImplementation", of(5)),
    Case("entmax.activations", "SparsemaxFunction", beside((2, 3), -1, None)),
    Case("entmax.activations", "Entmax15Function", beside((2, 3), -1, None)),
    Case("entmax.root_finding", "EntmaxBisectFunction", beside((2, 3), 1.5, -1, 50, True)),
    Case("entmax.root_finding", "NormmaxBisectFunction", beside((2, 3), 2, -1, 50)),
    Case("entmax.root_finding", "BudgetBisectFunction", beside((2, 3), 2, -1, 50)),
    Case("entmax.losses", "SparsemaxLossFunction", lambda: (numbers(2, 3), torch.tensor([0, 2]), 2.0)),
    Case("entmax.losses", "Entmax15LossFunction", lambda: (numbers(2, 3), torch.tensor([0, 2]), None)),
    Case("gpytorch.functions._log_normal_cdf", "LogNormalCDF", of(4)),
    *(Case("gpytorch.functions.matern_covariance", "MaternCovariance", kernel(nu, distance)) for nu in (0.5, 1.5, 2.5)),
    Case("gpytorch.functions.rbf_covariance", "RBFCovariance", kernel(squared_distance)),
    Case(
        "gpytorch.variational.large_batch_variational_strategy",
        "QuadFormDiagonal",
        lambda: (positive_definite(3), numbers(3, 2)),
        "wrong",
        "its matrix is symmetric",
    ),
    Case(
        "gpytorch.variational.tril_natural_variational_distribution",
        "_TrilNaturalToMuVarSqrt",
        lambda: (numbers(3), numbers(3, 3)),
        "",
        "a natural gradient",
    ),
    Case("diffsort.functional", "NormalCDF", lambda: (numbers(4), 1.3), "wrong", "it keeps sigma in float32"),
    Case(
        "compressai.ops.bound_ops",
        "LowerBoundFunction",
        lambda: (numbers(5), torch.tensor(0.1)),
        "wrong",
        "it lets values climb",
    ),
    Case(
        "compressai.layers.layers",
        "QReLU",
        lambda: (numbers(5, low=-40.0, high=300.0), 8, 100.0),
        "",
        "a smooth surrogate",
    ),
    *(
        Case("snntorch.surrogate", name, beside((5,), *more), "wrong", SPIKE)
        for name, more in {
            "ATan": (2.0,),
            "FastSigmoid": (25.0,),
            "Sigmoid": (25.0,),
            "Triangular": (1.0,),
            "StraightThroughEstimator": (),
            "SparseFastSigmoid": (25.0, 1.0),
            "LeakySpikeOperator": (0.1,),
        }.items()
    ),
    *(
        Case(f"{NORSE}threshold", name, beside((5,), 1.3), "wrong", SPIKE)
        for name in ("HeaviErfc", "HeaviTanh", "HeaviCirc", "Triangle")
    ),
    Case(f"{NORSE}superspike", "SuperSpike", beside((5,), 1.3), "wrong", SPIKE),
    *(
        Case(STEPS, f"{name}SteFn", beside((5,), *more), "wrong", STE)
        for name, more in {
            "Round": (),
            "Floor": (),
            "Ceil": (),
            "RoundToZero": (),
            "BinarySign": (),
            "TernarySign": (),
            "ScalarClamp": (-0.5, 0.5),
            "ScalarClampMin": (-0.5,),
        }.items()
    ),
    Case(STEPS, "AbsBinarySignGradFn", of(5)),
    *(
        Case(f"{JELLY}surrogate", name, beside((5,), *more), "wrong", SPIKE)
        for name, more in {
            "sigmoid": (4.0,),
            "atan": (2.0,),
            "soft_sign": (2.0,),
            "erf": (2.0,),
            "piecewise_quadratic": (1.0,),
        }.items()
    ),
    Case(f"{JELLY}quantize", "RoundATGF", of(5), "wrong", STE),
    Case(f"{JELLY}quantize", "ClampATGF", beside((5,), -0.5, 0.5), "", STE),
    Case("sinabs.activation.quantize", "Quantize", of(5), "wrong", STE),
    Case(f"{JELLY}surrogate", "piecewise_exp", beside((5,), 1.0), "wrong", SPIKE),
    Case(f"{JELLY}surrogate", "nonzero_sign_log_abs", beside((5,), 1.0), "wrong", SPIKE),
    Case("sparsemax.sparsemax", "SparsemaxFunction", beside((2, 3), -1)),
    Case(
        "lycoris.functional.loha",
        "HadaWeight",
        lambda: (numbers(2, 4), numbers(3, 2), numbers(2, 4, low=0.1), numbers(3, 2, low=0.2), torch.tensor(0.5)),
    ),
    Case(
        "lycoris.functional.loha",
        "HadaWeightTucker",
        lambda: (
            numbers(2, 2, 2),
            numbers(2, 3),
            numbers(2, 3, low=0.1),
            numbers(2, 2, 2, low=0.3),
            numbers(2, 3, low=0.2),
            numbers(2, 3, low=-0.4),
            torch.tensor(0.5),
        ),
    ),
    *(
        Case(f"bitorch.quantizations.{module}", name, beside((5,), *more), "wrong", SIGN)
        for module, name, more in (
            ("swish_sign", "SwishSignFunction", (1.5,)),
            ("approx_sign", "ApproxSignFunction", ()),
            ("dorefa", "InputDoReFaFunction", (3,)),
            ("dorefa", "WeightDoReFaFunction", (3,)),
        )
    ),
    Case(
        "bitorch.layers.pact",
        "PactActFn",
        lambda: (numbers(5), torch.tensor([0.8], requires_grad=True), 3),
        "wrong",
        STE,
    ),
    Case(
        "torch_struct.semirings.sparse_max", "_SimplexProject", beside((2, 3), -1), "wrong", "half of a square is meant"
    ),
    Case(
        "pytorch_revgrad.functional", "RevGrad", lambda: (numbers(3), torch.tensor(1.3)), "wrong", "it turns a gradient"
    ),
    Case(
        "peft.tuners.c3a.utils",
        "BlockCircularConvolution",
        lambda: (numbers(2, 6), numbers(2, 2, 3)),
        "wrong",
        "by x it has the frequencies in the other order",
    ),
    Case(
        "peft.tuners.loha.layer",
        "HadaWeight",
        lambda: (numbers(3, 2), numbers(2, 4), numbers(3, 2, low=0.2), numbers(2, 4, low=0.1), torch.tensor(0.5)),
    ),
    Case("peft.tuners.boft.layer", "FastBlockDiag", lambda: (numbers(1, 2, 3, 3),), ""),
    Case(
        "peft.tuners.randlora.layer",
        "UniqueBaseGrad",
        lambda: (numbers(2, 1, 3), numbers(2, 1, low=0.3), numbers(1, 3)),
        "",
    ),
    Case("pypose.lietensor.operation", "so3_Exp", of(2, 3), "", MANIFOLD),
    Case("pypose.lietensor.operation", "SO3_Log", lambda: (unit_quaternion(2),), "", MANIFOLD),
    Case("pypose.lietensor.operation", "SO3_Act", lambda: (unit_quaternion(2), numbers(2, 3)), "", MANIFOLD),
    Case("pypose.lietensor.operation", "SO3_Inv", lambda: (unit_quaternion(2),), "", MANIFOLD),
    Case("pypose.lietensor.operation", "SO3_Mul", lambda: (unit_quaternion(2), unit_quaternion(2)), "", MANIFOLD),
    Case(
        "linear_operator.functions._dsmm",
        "DSMM",
        lambda: (torch.eye(3, dtype=torch.float64).to_sparse(), numbers(3, 2)),
        "",
    ),
    Case(
        "torchdiffeq._impl.misc",
        "_StitchGradient",
        lambda: (numbers(3), numbers(3, low=0.0, moves=False)),
        "",
        "it reroutes a gradient",
    ),
    Case(
        "spikingjelly.activation_based.layer.online_learning",
        "ReplaceforGrad",
        lambda: (numbers(3), numbers(3, low=0.2)),
        "",
        "it reroutes a gradient",
    ),
]


def main(words: list[str]) -> None:
    verdicts: Counter[str] = Counter()
    for case in CASES:
        if words and not any(word in f"{case.module}.{case.name}" for word in words):
            continue
        function = _function(case)
        if function is None:
            print(f"{case.module}.{case.name}: not installed", flush=True)
            continue
        verdict, said = _judged(case, function)
        verdicts[verdict] += 1
        print(f"{case.module}.{case.name}: {verdict} {said}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in verdicts.items()))


def _judged(case: Case, function: Any) -> tuple[str, str]:
    started = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = judged_grads(function.apply, case.inputs(), "backward")
    except CannotJudge as error:
        return "not judged", str(error)[:200]
    seconds = time.process_time() - started
    verdict = str(report.verdict)
    unlike = f"; NOT {case.expected}" if case.expected not in ("", verdict) else ""
    meant = f"; {case.meant}" if case.meant and verdict == "wrong" else ""
    why = "; ".join(report.diagnosis) or report.how
    certified = "certified" if report.certified else "not certified"
    return verdict, f"({certified}, {seconds:.1f} s{unlike}{meant}) {report.name}: {why}"[:330]


def _function(case: Case) -> Any:
    module = _module(case.module)
    return getattr(module, case.name, None) if module is not None else None


@functools.cache
def _module(name: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(name)
    except Exception:  # the package lacks something, or is not there
        pass
    for folder in sys.path:
        path = Path(folder, *name.split(".")).with_suffix(".py")
        if path.exists():
            return _alone(name, path)
    return None


def _alone(name: str, path: Path) -> types.ModuleType | None:
    spec = importlib.util.spec_from_file_location(f"alone_{name.replace('.', '_')}", path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception:
        return None
    return module


if __name__ == "__main__":
    main(sys.argv[1:])
