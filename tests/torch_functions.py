"""The differentiable functions of torch.nn.functional, torch.special, torch.linalg and torch.fft that take tensors of floats, each
as a function of tensors with domains and shapes for them. A row is written by hand: what is missing here is what is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

REAL, POSITIVE, UNIT = "real", "positive", "unit"
#: Shapes that most functions take.
V, M, S = (5,), (3, 4), (4, 4)


@dataclass(frozen=True)
class Row:
    """name: as torch has it; fn: of tensors, with any output; domains and shapes: of its arguments."""

    name: str
    fn: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    domains: tuple[Any, ...]


def rows() -> Iterator[Row]:
    """All of them, in the order of torch's pages."""
    for make in (
        _activations,
        _normalisations,
        _convolutions,
        _pools,
        _losses,
        _distances,
        _images,
        _special,
        _linalg,
        _fft,
    ):
        yield from make()


def _real(name: str, fn: Callable[..., Any], *shapes: tuple[int, ...]) -> Row:
    return Row(name, fn, shapes, (REAL,) * len(shapes))


def _activations() -> Iterator[Row]:
    import torch
    import torch.nn.functional as F

    plain: dict[str, Callable[[Any], Any]] = {
        "threshold": lambda x: F.threshold(x, 0.1, 20.0),
        "relu": F.relu,
        "hardtanh": F.hardtanh,
        "hardswish": F.hardswish,
        "relu6": F.relu6,
        "elu": F.elu,
        "selu": F.selu,
        "celu": lambda x: F.celu(x, alpha=1.5),
        "leaky_relu": F.leaky_relu,
        "rrelu": F.rrelu,
        "gelu": F.gelu,
        "gelu(tanh)": lambda x: F.gelu(x, approximate="tanh"),
        "logsigmoid": F.logsigmoid,
        "hardshrink": F.hardshrink,
        "tanhshrink": F.tanhshrink,
        "softsign": F.softsign,
        "softplus": F.softplus,
        "softplus(beta)": lambda x: F.softplus(x, beta=2.0, threshold=5.0),
        "softmin": lambda x: F.softmin(x, 0),
        "softmax": lambda x: F.softmax(x, 0),
        "softshrink": F.softshrink,
        "log_softmax": lambda x: F.log_softmax(x, 0),
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "hardsigmoid": F.hardsigmoid,
        "silu": F.silu,
        "mish": F.mish,
        "dropout": lambda x: F.dropout(x, training=False),
        "alpha_dropout": lambda x: F.alpha_dropout(x, training=False),
        "feature_alpha_dropout": lambda x: F.feature_alpha_dropout(x, training=False),
    }
    for name, fn in plain.items():
        yield _real(f"nn.functional.{name}", fn, V)
    yield _real("nn.functional.dropout1d", lambda x: F.dropout1d(x, training=False), M)
    yield _real("nn.functional.dropout2d", lambda x: F.dropout2d(x, training=False), (1, 2, 2, 2))
    yield _real("nn.functional.dropout3d", lambda x: F.dropout3d(x, training=False), (1, 1, 2, 2, 2))
    yield _real("nn.functional.prelu", F.prelu, M, (4,))
    yield _real("nn.functional.glu", lambda x: F.glu(x, -1), M)

    def gumbel(x: Any) -> Any:
        torch.manual_seed(0)
        return F.gumbel_softmax(x, tau=0.7)

    yield _real("nn.functional.gumbel_softmax", gumbel, M)
    yield _real(
        "nn.functional.scaled_dot_product_attention", F.scaled_dot_product_attention, (1, 3, 2), (1, 3, 2), (1, 3, 2)
    )
    yield _real(
        "nn.functional.scaled_dot_product_attention(causal)",
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
        (1, 3, 2),
        (1, 3, 2),
        (1, 3, 2),
    )

    def multi_head(x: Any, w: Any, o: Any) -> Any:
        nothing = torch.zeros(12, dtype=x.dtype)
        return F.multi_head_attention_forward(
            x, x, x, 4, 2, w, nothing, None, None, False, 0.0, o, nothing[:4], need_weights=False
        )[0]

    yield _real("nn.functional.multi_head_attention_forward", multi_head, (3, 1, 4), (12, 4), (4, 4))


def _normalisations() -> Iterator[Row]:
    import torch
    import torch.nn.functional as F

    yield _real("nn.functional.normalize", lambda x: F.normalize(x, dim=1), M)
    yield _real(
        "nn.functional.batch_norm(training)", lambda x, w, b: F.batch_norm(x, None, None, w, b, True), M, (4,), (4,)
    )
    yield _real(
        "nn.functional.batch_norm",
        lambda x, w: F.batch_norm(x, torch.zeros(4, dtype=x.dtype), torch.ones(4, dtype=x.dtype), w),
        M,
        (4,),
    )
    yield _real("nn.functional.group_norm", lambda x, w: F.group_norm(x, 2, w), (2, 4, 3), (4,))
    yield _real("nn.functional.instance_norm", F.instance_norm, (2, 2, 3))
    yield _real("nn.functional.layer_norm", lambda x, w, b: F.layer_norm(x, (4,), w, b), M, (4,), (4,))
    yield _real("nn.functional.rms_norm", lambda x, w: F.rms_norm(x, (4,), w), M, (4,))
    yield _real("nn.functional.local_response_norm", lambda x: F.local_response_norm(x, 2), (1, 4, 3))


def _convolutions() -> Iterator[Row]:
    import torch
    import torch.nn.functional as F

    yield _real("nn.functional.conv1d", lambda x, w: F.conv1d(x, w, stride=2, padding=1), (1, 2, 5), (2, 2, 3))
    yield _real("nn.functional.conv2d", lambda x, w, b: F.conv2d(x, w, b, padding=1), (1, 2, 3, 3), (2, 2, 2, 2), (2,))
    yield _real("nn.functional.conv2d(groups)", lambda x, w: F.conv2d(x, w, groups=2), (1, 2, 3, 3), (2, 1, 2, 2))
    yield _real("nn.functional.conv3d", F.conv3d, (1, 1, 2, 3, 2), (1, 1, 2, 2, 2))
    yield _real("nn.functional.conv_transpose1d", F.conv_transpose1d, (1, 2, 4), (2, 1, 3))
    yield _real(
        "nn.functional.conv_transpose2d", lambda x, w: F.conv_transpose2d(x, w, stride=2), (1, 1, 2, 2), (1, 2, 2, 2)
    )
    yield _real("nn.functional.conv_transpose3d", F.conv_transpose3d, (1, 1, 2, 2, 2), (1, 1, 2, 1, 2))
    yield _real("nn.functional.unfold", lambda x: F.unfold(x, 2), (1, 1, 3, 3))
    yield _real("nn.functional.fold", lambda x: F.fold(x, (3, 3), 2), (1, 4, 4))
    yield _real("nn.functional.linear", F.linear, M, (2, 4), (2,))
    yield _real("nn.functional.bilinear", F.bilinear, (2, 3), (2, 2), (2, 3, 2))
    index = torch.tensor([[0, 2], [1, 2]])
    yield _real("nn.functional.embedding", lambda w: F.embedding(index, w), (3, 2))
    yield _real("nn.functional.embedding_bag(mean)", lambda w: F.embedding_bag(index, w), (3, 2))
    yield _real("nn.functional.embedding_bag(sum)", lambda w: F.embedding_bag(index, w, mode="sum"), (3, 2))
    yield _real("nn.functional.embedding_bag(max)", lambda w: F.embedding_bag(index, w, mode="max"), (3, 2))


def _pools() -> Iterator[Row]:
    import torch
    import torch.nn.functional as F

    one, two, three = (1, 1, 6), (1, 1, 4, 4), (1, 1, 2, 4, 2)
    yield _real("nn.functional.avg_pool1d", lambda x: F.avg_pool1d(x, 2), one)
    yield _real("nn.functional.avg_pool2d", lambda x: F.avg_pool2d(x, 3, 1, 1), two)
    yield _real("nn.functional.avg_pool3d", lambda x: F.avg_pool3d(x, 2), three)
    yield _real("nn.functional.max_pool1d", lambda x: F.max_pool1d(x, 3, 2), one)
    yield _real("nn.functional.max_pool2d", lambda x: F.max_pool2d(x, 3, 1, 1), two)
    yield _real("nn.functional.max_pool3d", lambda x: F.max_pool3d(x, 2), three)
    yield Row("nn.functional.lp_pool1d", lambda x: F.lp_pool1d(x, 3, 2), (one,), (POSITIVE,))
    yield Row("nn.functional.lp_pool2d", lambda x: F.lp_pool2d(x, 2, 2), (two,), (POSITIVE,))
    yield Row("nn.functional.lp_pool3d", lambda x: F.lp_pool3d(x, 2, 2), (three,), (POSITIVE,))
    yield _real("nn.functional.adaptive_avg_pool1d", lambda x: F.adaptive_avg_pool1d(x, 4), one)
    yield _real("nn.functional.adaptive_avg_pool2d", lambda x: F.adaptive_avg_pool2d(x, 3), two)
    yield _real("nn.functional.adaptive_avg_pool3d", lambda x: F.adaptive_avg_pool3d(x, (1, 3, 2)), three)
    yield _real("nn.functional.adaptive_max_pool1d", lambda x: F.adaptive_max_pool1d(x, 4), one)
    yield _real("nn.functional.adaptive_max_pool2d", lambda x: F.adaptive_max_pool2d(x, 3), two)
    yield _real("nn.functional.adaptive_max_pool3d", lambda x: F.adaptive_max_pool3d(x, (1, 3, 2)), three)

    def fractional2(x: Any) -> Any:
        return F.fractional_max_pool2d(x, 2, output_size=2, _random_samples=torch.full((1, 1, 2), 0.3, dtype=x.dtype))

    def fractional3(x: Any) -> Any:
        return F.fractional_max_pool3d(
            x, (1, 2, 1), output_size=(1, 2, 1), _random_samples=torch.full((1, 1, 3), 0.3, dtype=x.dtype)
        )

    yield _real("nn.functional.fractional_max_pool2d", fractional2, two)
    yield _real("nn.functional.fractional_max_pool3d", fractional3, three)
    yield _real("nn.functional.max_unpool1d", lambda x: F.max_unpool1d(x, torch.tensor([[[1, 2, 5]]]), 2), (1, 1, 3))
    places = torch.tensor([[[[0, 3], [9, 14]]]])
    yield _real("nn.functional.max_unpool2d", lambda x: F.max_unpool2d(x, places, 2), (1, 1, 2, 2))
    deep = torch.tensor([[[[[0, 5]]]]])
    yield _real("nn.functional.max_unpool3d", lambda x: F.max_unpool3d(x, deep, (2, 2, 1)), (1, 1, 1, 1, 2))


def _losses() -> Iterator[Row]:
    import torch
    import torch.nn.functional as F

    label, signs = torch.tensor([1, 0, 3]), torch.tensor([1.0, -1.0, 1.0], dtype=torch.float64)
    many = torch.tensor([[3, 0, -1, 1], [0, 1, 2, -1], [1, -1, 0, 2]])
    yield Row("nn.functional.binary_cross_entropy", F.binary_cross_entropy, (V, V), (UNIT, "closed_unit"))
    yield Row(
        "nn.functional.binary_cross_entropy_with_logits",
        F.binary_cross_entropy_with_logits,
        (V, V),
        (REAL, "closed_unit"),
    )
    yield _real("nn.functional.poisson_nll_loss", F.poisson_nll_loss, V, V)
    yield Row(
        "nn.functional.poisson_nll_loss(full)",
        lambda a, t: F.poisson_nll_loss(a, t, full=True),
        (V, V),
        (REAL, POSITIVE),
    )
    yield Row(
        "nn.functional.poisson_nll_loss(log_input=False)",
        lambda a, t: F.poisson_nll_loss(a, t, log_input=False),
        (V, V),
        (POSITIVE, POSITIVE),
    )
    yield _real("nn.functional.cosine_embedding_loss", lambda a, b: F.cosine_embedding_loss(a, b, signs, 0.1), M, M)
    yield _real("nn.functional.cross_entropy", lambda a: F.cross_entropy(a, label), M)
    yield _real("nn.functional.cross_entropy(weight)", lambda a, w: F.cross_entropy(a, label, w.exp()), M, (4,))
    yield _real("nn.functional.cross_entropy(smoothing)", lambda a: F.cross_entropy(a, label, label_smoothing=0.1), M)
    yield Row("nn.functional.cross_entropy(probabilities)", F.cross_entropy, (M, M), (REAL, UNIT))

    def ctc(a: Any) -> Any:
        target = torch.tensor([[1, 2]])
        return F.ctc_loss(a.log_softmax(2), target, torch.tensor([4]), torch.tensor([2]))

    yield _real("nn.functional.ctc_loss", ctc, (4, 1, 3))
    yield Row("nn.functional.gaussian_nll_loss", F.gaussian_nll_loss, (V, V, V), (REAL, REAL, POSITIVE))
    yield _real("nn.functional.hinge_embedding_loss", lambda a: F.hinge_embedding_loss(a, signs), (3,))
    yield Row("nn.functional.kl_div", F.kl_div, (V, V), (REAL, POSITIVE))
    yield _real("nn.functional.kl_div(log_target)", lambda a, t: F.kl_div(a, t, log_target=True, reduction="sum"), V, V)
    yield _real("nn.functional.l1_loss", F.l1_loss, V, V)
    yield _real("nn.functional.mse_loss", F.mse_loss, V, V)
    yield _real("nn.functional.margin_ranking_loss", lambda a, b: F.margin_ranking_loss(a, b, signs, 0.1), (3,), (3,))
    yield _real("nn.functional.multilabel_margin_loss", lambda a: F.multilabel_margin_loss(a, many), M)
    yield Row("nn.functional.multilabel_soft_margin_loss", F.multilabel_soft_margin_loss, (M, M), (REAL, UNIT))
    yield _real("nn.functional.multi_margin_loss", lambda a: F.multi_margin_loss(a, label), M)
    yield _real("nn.functional.multi_margin_loss(p=2)", lambda a: F.multi_margin_loss(a, label, p=2, margin=0.5), M)
    yield _real("nn.functional.nll_loss", lambda a: F.nll_loss(a, label), M)
    yield _real("nn.functional.huber_loss", F.huber_loss, V, V)
    yield _real("nn.functional.smooth_l1_loss", lambda a, b: F.smooth_l1_loss(a, b, beta=0.5), V, V)
    yield _real("nn.functional.soft_margin_loss", lambda a: F.soft_margin_loss(a, signs), (3,))
    yield _real("nn.functional.triplet_margin_loss", F.triplet_margin_loss, M, M, M)
    yield _real("nn.functional.triplet_margin_with_distance_loss", F.triplet_margin_with_distance_loss, M, M, M)


def _distances() -> Iterator[Row]:
    import torch
    import torch.nn.functional as F

    yield _real("nn.functional.cosine_similarity", F.cosine_similarity, M, M)
    yield _real("nn.functional.pairwise_distance", F.pairwise_distance, M, M)
    yield _real("nn.functional.pairwise_distance(p=1)", lambda a, b: F.pairwise_distance(a, b, p=1.0), M, M)
    yield _real("nn.functional.pdist", F.pdist, M)
    yield _real("nn.functional.pdist(p=1)", lambda a: F.pdist(a, 1.0), M)
    assert torch is not None


def _images() -> Iterator[Row]:
    import torch.nn.functional as F

    image = (1, 1, 3, 3)
    yield _real("nn.functional.pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), (1, 4, 2, 1))
    yield _real("nn.functional.pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 2), (1, 1, 4, 2))
    yield _real("nn.functional.channel_shuffle", lambda x: F.channel_shuffle(x, 2), (1, 4, 2, 1))
    yield _real("nn.functional.pad", lambda x: F.pad(x, (1, 2), value=0.5), M)
    yield _real("nn.functional.pad(reflect)", lambda x: F.pad(x, (1, 2), mode="reflect"), (1, 3, 4))
    yield _real("nn.functional.pad(reflect 2d)", lambda x: F.pad(x, (1, 1, 2, 0), mode="reflect"), image)
    yield _real("nn.functional.pad(replicate)", lambda x: F.pad(x, (1, 2), mode="replicate"), (1, 3, 4))
    yield _real("nn.functional.pad(circular)", lambda x: F.pad(x, (1, 2), mode="circular"), (1, 3, 4))
    for mode, shape in (
        ("nearest", image),
        ("nearest-exact", image),
        ("linear", (1, 1, 4)),
        ("bilinear", image),
        ("bicubic", image),
        ("trilinear", (1, 1, 2, 2, 2)),
        ("area", image),
    ):
        yield _real(
            f"nn.functional.interpolate({mode})",
            lambda x, mode=mode: F.interpolate(x, scale_factor=2, mode=mode),
            shape,
        )
    yield _real("nn.functional.interpolate(bilinear, corners)", lambda x: _corners(x), image)
    yield _real("nn.functional.upsample_nearest", lambda x: F.upsample_nearest(x, 5), image)
    yield _real("nn.functional.upsample_bilinear", lambda x: F.upsample_bilinear(x, 5), image)
    grid = (-0.9, 0.9)
    for mode in ("bilinear", "nearest", "bicubic"):
        yield Row(
            f"nn.functional.grid_sample({mode})",
            lambda x, g, mode=mode: F.grid_sample(x, g, mode=mode, align_corners=False),
            (image, (1, 2, 2, 2)),
            (REAL, grid),
        )
    yield Row(
        "nn.functional.grid_sample(border)",
        lambda x, g: F.grid_sample(x, g, padding_mode="border", align_corners=True),
        (image, (1, 2, 2, 2)),
        (REAL, REAL),
    )
    yield _real("nn.functional.affine_grid", lambda t: F.affine_grid(t, [1, 1, 2, 3], align_corners=False), (1, 2, 3))


def _corners(x: Any) -> Any:
    import torch.nn.functional as F

    return F.interpolate(x, size=(5, 4), mode="bilinear", align_corners=True)


def _special() -> Iterator[Row]:
    import torch
    from torch import special as s

    real = (
        "erf",
        "erfc",
        "erfcx",
        "exp2",
        "expit",
        "expm1",
        "i0",
        "i0e",
        "i1",
        "i1e",
        "log_ndtr",
        "ndtr",
        "sinc",
        "round",
    )
    for name in real:
        yield _real(f"special.{name}", getattr(s, name), V)
    for name in ("digamma", "psi", "gammaln", "log1p", "entr"):
        yield Row(f"special.{name}", getattr(s, name), (V,), (POSITIVE,))
    yield Row("special.erfinv", s.erfinv, (V,), ((-1.0, 1.0),))
    for name in ("logit", "ndtri"):
        yield Row(f"special.{name}", getattr(s, name), (V,), (UNIT,))
    yield Row("special.logit(eps)", lambda x: s.logit(x, 0.1), (V,), (UNIT,))
    yield Row("special.gammainc", lambda x: s.gammainc(torch.full_like(x, 1.5), x), (V,), (POSITIVE,))
    yield Row("special.gammaincc", lambda x: s.gammaincc(torch.full_like(x, 1.5), x), (V,), (POSITIVE,))
    yield _real("special.log_softmax", lambda x: s.log_softmax(x, 1), M)
    yield _real("special.softmax", lambda x: s.softmax(x, 1), M)
    yield _real("special.logsumexp", lambda x: s.logsumexp(x, 1), M)
    yield Row("special.multigammaln", lambda x: s.multigammaln(x, 2), (V,), ((0.5, float("inf")),))
    for n in (1, 2):
        yield Row(f"special.polygamma({n})", lambda x, n=n: s.polygamma(n, x), (V,), (POSITIVE,))
    yield Row("special.xlog1py", s.xlog1py, (V, V), (REAL, POSITIVE))
    yield Row("special.xlogy", s.xlogy, (V, V), (REAL, POSITIVE))
    yield Row("special.zeta", lambda q: s.zeta(torch.full_like(q, 2.5), q), (V,), (POSITIVE,))


def _linalg() -> Iterator[Row]:
    import torch
    from torch import linalg as a

    def definite(x: Any) -> Any:
        return x @ x.mT + torch.eye(x.shape[-1], dtype=x.dtype)

    small, far = (3, 3), 4.0

    def near(x: Any) -> Any:  # off the singular matrices
        return x + far * torch.eye(x.shape[-1], dtype=x.dtype)

    unit = (-1.0, 1.0)

    def row(name: str, fn: Callable[..., Any], *shapes: tuple[int, ...]) -> Row:
        return Row(f"linalg.{name}", fn, shapes, (unit,) * len(shapes))

    yield row("norm", a.norm, V)
    yield row("vector_norm", a.vector_norm, V)
    for p in (1, 3, float("inf")):
        yield row(f"vector_norm({p})", lambda x, p=p: a.vector_norm(x, p), V)
    for p in ("fro", "nuc", 1, 2, float("inf")):
        yield row(f"matrix_norm({p})", lambda x, p=p: a.matrix_norm(x, p), (3, 2))
    yield row("diagonal", a.diagonal, small)
    yield row("det", lambda x: a.det(near(x)), small)
    yield row("slogdet", lambda x: a.slogdet(near(x))[1], small)
    yield row("cond", lambda x: a.cond(near(x)), small)
    yield row("cond(fro)", lambda x: a.cond(near(x), "fro"), small)
    yield row("cholesky", lambda x: a.cholesky(definite(x)), small)
    yield row("cholesky_ex", lambda x: a.cholesky_ex(definite(x))[0], small)
    yield row("qr", lambda x: a.qr(near(x))[1], small)
    yield row("qr(Q)", lambda x: a.qr(near(x))[0], small)
    yield row("lu", lambda x: a.lu(near(x))[1:], small)
    yield row("lu_factor", lambda x: a.lu_factor(near(x))[0], small)
    yield row("lu_solve", lambda x, b: a.lu_solve(*a.lu_factor(near(x)), b), small, (3, 2))
    yield row("eig", lambda x: a.eig(near(x))[0], small)
    yield row("eigvals", lambda x: a.eigvals(near(x)), small)
    yield row("eigh", lambda x: a.eigh(x + x.mT)[0], small)
    yield row("eigh(vectors)", lambda x: a.eigh(x + x.mT)[1] ** 2, small)
    yield row("eigvalsh", lambda x: a.eigvalsh(x + x.mT), small)
    yield row("svd", lambda x: a.svd(x, full_matrices=False)[1], (3, 2))
    yield row("svd(vectors)", lambda x: a.svd(x, full_matrices=False)[0] ** 2, (3, 2))
    yield row("svdvals", a.svdvals, (3, 2))
    yield row("solve", lambda x, b: a.solve(near(x), b), small, (3, 2))
    yield row("solve_ex", lambda x, b: a.solve_ex(near(x), b)[0], small, (3,))
    yield row("solve_triangular", lambda x, b: a.solve_triangular(near(x).triu(), b, upper=True), small, (3, 2))
    yield row("lstsq", lambda x, b: a.lstsq(x, b)[0], (4, 2), (4, 1))
    yield row("inv", lambda x: a.inv(near(x)), small)
    yield row("inv_ex", lambda x: a.inv_ex(near(x))[0], small)
    yield row("pinv", a.pinv, (3, 2))
    yield row("matrix_exp", a.matrix_exp, small)
    yield row("matrix_power", lambda x: a.matrix_power(x, 3), small)
    yield row("matrix_power(-2)", lambda x: a.matrix_power(near(x), -2), small)
    yield row("cross", a.cross, (2, 3), (2, 3))
    yield row("matmul", a.matmul, (2, 3), (3, 2))
    yield row("vecdot", a.vecdot, M, M)
    yield row("multi_dot", lambda x, y, z: a.multi_dot([x, y, z]), (2, 3), (3, 2), (2, 2))
    yield row("householder_product", a.householder_product, (3, 2), (2,))
    yield row("tensorinv", lambda x: a.tensorinv(near(x).reshape(4, 2, 2), ind=1), S)
    yield row("tensorsolve", lambda x, b: a.tensorsolve(near(x).reshape(4, 2, 2), b), S, (4,))
    yield row("vander", a.vander, (3,))


def _fft() -> Iterator[Row]:
    from torch import fft as f

    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        yield _real(f"fft.{name}", getattr(f, name), V)
    yield _real("fft.fft(n, ortho)", lambda x: f.fft(x, n=7, norm="ortho"), V)
    for name in (
        "fft2",
        "ifft2",
        "rfft2",
        "irfft2",
        "hfft2",
        "ihfft2",
        "fftn",
        "ifftn",
        "rfftn",
        "irfftn",
        "hfftn",
        "ihfftn",
    ):
        yield _real(f"fft.{name}", getattr(f, name), M)
    for name in ("fftshift", "ifftshift"):
        yield _real(f"fft.{name}", getattr(f, name), V)
