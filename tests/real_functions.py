"""Real functions that nobody here wrote: jax.nn, optax and torch.nn.functional, each with its own framework's gradient.

    python tests/real_functions.py [--only NAME] [--json]

JAX's own float64 and float32 gradients of every elementwise function of jax.nn and of the losses of optax, and torch.autograd's of
fourteen losses (held against the formulas of their documentation) and of more than sixty functions of torch.nn.functional (held
against their own values on floats) are the candidates. A verdict `wrong` is to be a true bug; `inaccurate` names the input and
the digits lost.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import oracle


@dataclass(frozen=True)
class Subject:
    """A function by its framework's name, traceable by JAX, its domains, and its gradient where that is not JAX's."""

    name: str
    fn: Callable[..., Any]
    domains: tuple[Any, ...]
    grad: Callable[..., Any] | None = None
    shapes: tuple[tuple[int, ...], ...] | None = None


def jax_nn() -> list[Subject]:
    """Σ y f(a) for every elementwise f."""
    import jax

    nn = jax.nn
    functions: dict[str, Callable[[Any], Any]] = {
        "relu": nn.relu,
        "relu6": nn.relu6,
        "sigmoid": nn.sigmoid,
        "softplus": nn.softplus,
        "sparse_plus": nn.sparse_plus,
        "sparse_sigmoid": nn.sparse_sigmoid,
        "soft_sign": nn.soft_sign,
        "silu": nn.silu,
        "log_sigmoid": nn.log_sigmoid,
        "leaky_relu": nn.leaky_relu,
        "hard_sigmoid": nn.hard_sigmoid,
        "hard_silu": nn.hard_silu,
        "hard_tanh": nn.hard_tanh,
        "elu": nn.elu,
        "celu": nn.celu,
        "selu": nn.selu,
        "gelu (tanh)": nn.gelu,
        "gelu (erf)": lambda a: nn.gelu(a, approximate=False),
        "squareplus": nn.squareplus,
        "mish": nn.mish,
        "identity": nn.identity,
    }
    subjects = [Subject(f"jax.nn.{name}", _weighted(f), ("real", "real")) for name, f in functions.items()]
    subjects.append(Subject("jax.nn.log1mexp", _weighted(nn.log1mexp), ("positive", "real")))
    subjects += [
        Subject("jax.nn.softmax", _weighted(nn.softmax), ("real", "real")),
        Subject("jax.nn.log_softmax", _weighted(nn.log_softmax), ("real", "real")),
        Subject("jax.nn.logsumexp", lambda a, y: nn.logsumexp(a) * y.sum(), ("real", "real")),
    ]
    return subjects


def _weighted(f: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, y: (f(a) * y).sum()


def optax_losses() -> list[Subject]:
    """The losses whose gradient is defined on the whole of their domain."""
    import optax

    def summed(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda a, y: f(a, y).sum()

    L = optax.losses
    pairs: dict[str, tuple[Callable[..., Any], tuple[Any, Any]]] = {
        "squared_error": (L.squared_error, ("real", "real")),
        "l2_loss": (L.l2_loss, ("real", "real")),
        "huber_loss": (L.huber_loss, ("real", "real")),
        "log_cosh": (L.log_cosh, ("real", "real")),
        "cosine_similarity": (L.cosine_similarity, ((0.1, 4.0), (0.1, 4.0))),
        "cosine_distance": (L.cosine_distance, ((0.1, 4.0), (0.1, 4.0))),
        "sigmoid_binary_cross_entropy": (L.sigmoid_binary_cross_entropy, ("real", "closed_unit")),
        "softmax_cross_entropy": (L.softmax_cross_entropy, ("real", "closed_simplex")),
        "safe_softmax_cross_entropy": (L.safe_softmax_cross_entropy, ("real", "closed_simplex")),
        "poly_loss_cross_entropy": (L.poly_loss_cross_entropy, ("real", "closed_simplex")),
        "kl_divergence": (L.kl_divergence, ("real", "simplex")),
        "kl_divergence_with_log_targets": (L.kl_divergence_with_log_targets, ("real", "real")),
        "convex_kl_divergence": (L.convex_kl_divergence, ("real", "simplex")),
        "hinge_loss": (L.hinge_loss, ("real", "sign")),
        "perceptron_loss": (L.perceptron_loss, ("real", "sign")),
        "sigmoid_focal_loss": (L.sigmoid_focal_loss, ("real", "closed_unit")),
        "sparsemax_loss": (L.sparsemax_loss, ("real", "one_hot")),
        "ranking_softmax_loss": (L.ranking_softmax_loss, ("real", "nonnegative")),
        "squared hinge of hinge_loss": (lambda a, y: L.hinge_loss(a, y) ** 2, ("real", "sign")),
    }
    found = [Subject(f"optax.{name}", summed(f), domains) for name, (f, domains) in pairs.items() if f is not None]
    labels = np.array([0, 2, 1])
    found.append(
        Subject(
            "optax.softmax_cross_entropy_with_integer_labels",
            lambda a: L.softmax_cross_entropy_with_integer_labels(a, labels).sum(),
            ("real",),
            shapes=((3, 4),),
        )
    )
    return found


def torch_losses() -> list[Subject]:
    """torch.nn.functional's losses, reduction sum, by torch.autograd; fn is the formula of its documentation."""
    import jax
    import jax.numpy as jnp
    import torch

    F = torch.nn.functional

    def by_torch(loss: Callable[..., Any]) -> Callable[..., Any]:
        def grad(*arrays: np.ndarray) -> np.ndarray:
            leaf = torch.tensor(arrays[0], requires_grad=True)
            return torch.autograd.grad(loss(leaf, *(torch.tensor(a) for a in arrays[1:])), leaf)[0].numpy()

        return grad

    s, ls = jnp.sum, jax.nn.log_softmax
    table: list[tuple[str, Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = [
        ("mse_loss", lambda a, y: s((a - y) ** 2), lambda a, y: F.mse_loss(a, y, reduction="sum"), ("real", "real")),
        ("l1_loss", lambda a, y: s(abs(a - y)), lambda a, y: F.l1_loss(a, y, reduction="sum"), ("real", "real")),
        (
            "smooth_l1_loss",
            lambda a, y: s(jnp.where(abs(a - y) < 1, 0.5 * (a - y) ** 2, abs(a - y) - 0.5)),
            lambda a, y: F.smooth_l1_loss(a, y, reduction="sum"),
            ("real", "real"),
        ),
        (
            "huber_loss (delta 2)",
            lambda a, y: s(jnp.where(abs(a - y) <= 2, 0.5 * (a - y) ** 2, 2 * (abs(a - y) - 1))),
            lambda a, y: F.huber_loss(a, y, reduction="sum", delta=2.0),
            ("real", "real"),
        ),
        (
            "binary_cross_entropy",
            lambda a, y: -s(y * jnp.log(a) + (1 - y) * jnp.log1p(-a)),
            lambda a, y: F.binary_cross_entropy(a, y, reduction="sum"),
            ((0.01, 0.99), "closed_unit"),  # its logarithms are clamped at −100
        ),
        (
            "binary_cross_entropy_with_logits",
            lambda a, y: s(jnp.logaddexp(0, a) - a * y),
            lambda a, y: F.binary_cross_entropy_with_logits(a, y, reduction="sum"),
            ("real", "closed_unit"),
        ),
        (
            "kl_div",
            lambda a, y: s(y * (jnp.log(y) - a)),
            lambda a, y: F.kl_div(a, y, reduction="sum"),
            ("real", "positive"),
        ),
        (
            "poisson_nll_loss",
            lambda a, y: s(jnp.exp(a) - y * a),
            lambda a, y: F.poisson_nll_loss(a, y, reduction="sum"),
            ((-30.0, 30.0), "nonnegative"),
        ),
        (
            "gaussian_nll_loss",
            lambda a, y, v: 0.5 * s(jnp.log(v) + (a - y) ** 2 / v),
            lambda a, y, v: F.gaussian_nll_loss(a, y, v, reduction="sum"),
            ("real", "real", (0.01, 100.0)),
        ),
        (
            "soft_margin_loss",
            lambda a, y: s(jnp.logaddexp(0, -y * a)),
            lambda a, y: F.soft_margin_loss(a, y, reduction="sum"),
            ("real", "sign"),
        ),
        (
            "hinge_embedding_loss",
            lambda a, y: s(jnp.where(y == 1, a, jnp.maximum(0, 1 - a))),
            lambda a, y: F.hinge_embedding_loss(a, y, reduction="sum"),
            ("real", "sign"),
        ),
        (
            "cross_entropy (probabilities)",
            lambda a, y: -s(y * ls(a)),
            lambda a, y: F.cross_entropy(a[None], y[None], reduction="sum"),
            ("real", "closed_simplex"),
        ),
        (
            "multilabel_soft_margin_loss",
            lambda a, y: s(y * jnp.logaddexp(0, -a) + (1 - y) * jnp.logaddexp(0, a)) / a.shape[0],
            lambda a, y: F.multilabel_soft_margin_loss(a[None], y[None], reduction="sum"),
            ("real", "closed_unit"),
        ),
        (
            "margin_ranking_loss",
            lambda a, b, y: s(jnp.maximum(0, -y * (a - b) + 0.5)),
            lambda a, b, y: F.margin_ranking_loss(a, b, y, margin=0.5, reduction="sum"),
            ("real", "real", "sign"),
        ),
    ]
    return [Subject(f"torch.{name}", fn, domains, by_torch(loss)) for name, fn, loss, domains in table]


def torch_functional() -> list[Subject]:
    """Functions of torch.nn.functional as they are, on floats: fn is Σ weights · f(a), its gradient torch.autograd's own."""
    import torch

    F = torch.nn.functional
    image, sequence, matrix = ((1, 2, 4, 4),), ((1, 2, 7),), ((3, 4),)
    kernel = torch.linspace(-1.0, 1.0, 16, dtype=torch.float64).reshape(2, 2, 2, 2)
    taps = torch.linspace(-1.0, 2.0, 12, dtype=torch.float64).reshape(2, 2, 3)
    weight = torch.linspace(-1.0, 1.5, 8, dtype=torch.float64).reshape(2, 4)
    scale = torch.tensor([0.5, 2.0, -1.0, 1.5], dtype=torch.float64)
    grid = torch.tensor([[[[-0.5, 0.3], [0.7, -0.2]]]], dtype=torch.float64)
    mean, var = torch.tensor([0.1, -0.3]).double(), torch.tensor([1.2, 0.7]).double()
    labels = torch.tensor([0, 3, 1])
    wide, mild = ((-30.0, 30.0),), ((-3.0, 3.0),)
    elementwise = [
        F.relu,
        F.relu6,
        F.elu,
        F.selu,
        F.celu,
        F.leaky_relu,
        F.gelu,
        F.silu,
        F.mish,
        F.softplus,
        F.softsign,
        F.tanhshrink,
        F.hardtanh,
        F.hardsigmoid,
        F.hardswish,
        F.hardshrink,
        F.softshrink,
        F.logsigmoid,
        F.sigmoid,
        F.tanh,
    ]
    table: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...], tuple[Any, ...]]] = {
        f.__name__: (f, ((4,),), wide) for f in elementwise
    }
    table |= {
        "threshold": (lambda a: F.threshold(a, 0.5, -1.0), ((4,),), wide),
        "softmax": (lambda a: F.softmax(a, -1), matrix, mild),
        "softmin": (lambda a: F.softmin(a, -1), matrix, mild),
        "log_softmax": (lambda a: F.log_softmax(a, -1), matrix, mild),
        "glu": (lambda a: F.glu(a, -1), matrix, mild),
        "prelu": (lambda a, w: F.prelu(a, w), ((2, 3), (1,)), mild * 2),
        "rrelu (eval)": (lambda a: F.rrelu(a, training=False), ((4,),), mild),
        "normalize": (lambda a: F.normalize(a, dim=-1), matrix, mild),
        "layer_norm": (lambda a: F.layer_norm(a, (4,), scale), matrix, mild),
        "rms_norm": (lambda a: F.rms_norm(a, (4,), scale, 1e-6), matrix, mild),
        "group_norm": (lambda a: F.group_norm(a, 1), image, mild),
        "instance_norm": (lambda a: F.instance_norm(a), image, mild),
        "batch_norm (eval)": (lambda a: F.batch_norm(a, mean, var), image, mild),
        "batch_norm (training)": (lambda a: F.batch_norm(a, None, None, training=True), image, mild),
        "local_response_norm": (lambda a: F.local_response_norm(a, 2), image, mild),
        "linear": (lambda a: F.linear(a, weight), matrix, mild),
        "bilinear": (
            lambda a, b: F.bilinear(a, b, torch.ones(2, 3, 3, dtype=torch.float64).cumsum(0)),
            ((2, 3), (2, 3)),
            mild * 2,
        ),
        "conv1d": (lambda a: F.conv1d(a, taps), sequence, mild),
        "conv2d": (lambda a: F.conv2d(a, kernel), image, mild),
        "conv_transpose1d": (lambda a: F.conv_transpose1d(a, taps), sequence, mild),
        "conv_transpose2d": (lambda a: F.conv_transpose2d(a, kernel), image, mild),
        "avg_pool1d": (lambda a: F.avg_pool1d(a, 2), sequence, mild),
        "avg_pool2d": (lambda a: F.avg_pool2d(a, 2), image, mild),
        "max_pool1d": (lambda a: F.max_pool1d(a, 3, stride=1), sequence, mild),
        "max_pool2d": (lambda a: F.max_pool2d(a, 2), image, mild),
        "lp_pool2d": (lambda a: F.lp_pool2d(a, 2.0, 2), image, ((0.1, 3.0),)),
        "adaptive_avg_pool2d": (lambda a: F.adaptive_avg_pool2d(a, 3), image, mild),
        "adaptive_max_pool2d": (lambda a: F.adaptive_max_pool2d(a, 3), image, mild),
        "interpolate (bilinear)": (lambda a: F.interpolate(a, size=(6, 6), mode="bilinear"), image, mild),
        "interpolate (bicubic)": (lambda a: F.interpolate(a, size=(6, 6), mode="bicubic"), image, mild),
        "interpolate (nearest)": (lambda a: F.interpolate(a, size=(6, 6)), image, mild),
        "grid_sample": (lambda a: F.grid_sample(a, grid, align_corners=False), image, mild),
        "pixel_shuffle": (lambda a: F.pixel_shuffle(a, 2), ((1, 4, 2, 2),), mild),
        "unfold": (lambda a: F.unfold(a, 2), image, mild),
        "pad (reflect)": (lambda a: F.pad(a, (1, 1), mode="reflect"), sequence, mild),
        "pad (replicate)": (lambda a: F.pad(a, (1, 1), mode="replicate"), sequence, mild),
        "cosine_similarity": (lambda a, b: F.cosine_similarity(a, b, dim=-1), ((2, 3), (2, 3)), ((0.1, 4.0),) * 2),
        "pairwise_distance": (lambda a, b: F.pairwise_distance(a, b), ((2, 3), (2, 3)), mild * 2),
        "pdist": (lambda a: F.pdist(a), ((3, 2),), mild),
        "scaled_dot_product_attention": (
            lambda q, k, v: F.scaled_dot_product_attention(q, k, v),
            ((1, 2, 3), (1, 2, 3), (1, 2, 3)),
            mild * 3,
        ),
        "embedding": (lambda w: F.embedding(labels, w), ((4, 2),), mild),
        "embedding_bag": (lambda w: F.embedding_bag(labels[None], w, mode="mean"), ((4, 2),), mild),
        "cross_entropy": (lambda a: F.cross_entropy(a, labels), matrix, mild),
        "cross_entropy (smoothed)": (lambda a: F.cross_entropy(a, labels, label_smoothing=0.1), matrix, mild),
        "nll_loss": (lambda a: F.nll_loss(a, labels), matrix, mild),
        "multi_margin_loss": (lambda a: F.multi_margin_loss(a, labels), matrix, mild),
        "triplet_margin_loss": (
            lambda a, p, n: F.triplet_margin_loss(a, p, n),
            ((2, 3), (2, 3), (2, 3)),
            mild * 3,
        ),
        "cosine_embedding_loss": (
            lambda a, b: F.cosine_embedding_loss(a, b, torch.tensor([1.0, -1.0])),
            ((2, 3), (2, 3)),
            ((0.1, 4.0),) * 2,
        ),
        "ctc_loss": (
            lambda a: F.ctc_loss(F.log_softmax(a, -1), torch.tensor([[1, 2]]), torch.tensor([4]), torch.tensor([2])),
            ((4, 1, 3),),
            mild,
        ),
        "huber_loss": (lambda a, b: F.huber_loss(a, b), ((4,), (4,)), mild * 2),
        "smooth_l1_loss": (lambda a, b: F.smooth_l1_loss(a, b), ((4,), (4,)), mild * 2),
        "mse_loss": (lambda a, b: F.mse_loss(a, b), ((4,), (4,)), mild * 2),
        "l1_loss": (lambda a, b: F.l1_loss(a, b), ((4,), (4,)), mild * 2),
    }
    return [_opaque(f"torch.nn.functional.{name}", f, shapes, domains) for name, (f, shapes, domains) in table.items()]


def _opaque(name: str, f: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], domains: tuple[Any, ...]) -> Subject:
    """Σ weights · f on NumPy arrays, with weights that tell the outputs apart, and its gradient by the first argument."""
    import torch

    def scalar(*tensors: Any) -> Any:
        out = f(*tensors)
        return (out * torch.linspace(-1.0, 2.0, out.numel() or 1, dtype=out.dtype).reshape(out.shape)).sum()

    def fn(*arrays: np.ndarray) -> float:
        return float(scalar(*(torch.tensor(np.asarray(a, dtype=np.float64)) for a in arrays)))

    def grad(*arrays: np.ndarray) -> np.ndarray:
        tensors = [torch.tensor(a) for a in arrays]
        leaf = tensors[0].requires_grad_()
        return torch.autograd.grad(scalar(*tensors), leaf)[0].numpy()

    return Subject(name, fn, domains, grad, shapes)


def jax_gradient(fn: Callable[..., Any], dtype: Any) -> Callable[..., Any]:
    """jax.grad as its users call it, compiled for each shape, in one dtype."""
    import jax

    from oracle.witnesses.tracing import double_precision

    compiled = jax.jit(jax.grad(fn))

    def grad(*arrays: np.ndarray) -> np.ndarray:
        with double_precision():
            return np.asarray(compiled(*(jax.numpy.asarray(a, dtype=dtype) for a in arrays)))

    return grad


@dataclass(frozen=True)
class Row:
    name: str
    dtype: str
    verdict: str
    input: str
    digits: float | None
    how: str
    seconds: float


def judge(subject: Subject, dtype: Any) -> Row:
    """One subject in one dtype."""
    grad = subject.grad or jax_gradient(subject.fn, dtype)
    try:
        report = oracle.check_gradient(
            subject.fn, grad, subject.domains, shapes=subject.shapes, database=None, name=subject.name
        )
    except oracle.CannotJudge as error:
        return Row(subject.name, np.dtype(dtype).name, "refused", "", None, str(error), 0.0)
    shown, digits = "", None
    if report.counterexample is not None:
        shown = ", ".join(
            f"{name} = {a.tolist()}" for name, a in zip(report.arguments, report.counterexample, strict=True)
        )
        if (
            isinstance(report.expected, float)
            and report.expected
            and report.got is not None
            and math.isfinite(report.got)
        ):
            off = abs(report.got - report.expected) / abs(report.expected)
            digits = max(0.0, -math.log10(off)) if off else None
    return Row(subject.name, np.dtype(dtype).name, str(report.verdict), shown, digits, report.how, report.seconds)


def subjects() -> list[tuple[Subject, Any]]:
    """Everything, with the dtypes it is judged in."""
    found = [(subject, dtype) for subject in (*jax_nn(), *optax_losses()) for dtype in (np.float64, np.float32)]
    try:
        return found + [(subject, np.float64) for subject in (*torch_losses(), *torch_functional())]
    except ModuleNotFoundError:
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for subject, dtype in subjects():
        if options.only in subject.name:
            rows.append(judge(subject, dtype))
            row = rows[-1]
            if not options.json:
                lost = "" if row.digits is None else f"  {row.digits:.1f} digits right"
                print(
                    f"{row.name:52} {row.dtype:8} {row.verdict:11} {row.seconds:5.2f} s  {row.input[:70]}{lost}  {row.how[:60]}",
                    flush=True,
                )
    if options.json:
        print(json.dumps([vars(row) for row in rows], indent=2))


if __name__ == "__main__":
    main()
