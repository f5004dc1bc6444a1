"""A mistake is named where it explains all that it should and contradicts nothing; what is no mistake of the list has no name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from manualbp import ACTIVATIONS, gradients
from oracle.backends import Backend, Capabilities
from oracle.backends.manualbp_numpy import run as right
from oracle.backends.session import in_process
from oracle.conform.run import conform
from oracle.judgement.verdict import Verdict
from oracle.vectors import Answer, Question, vectors
from oracle.vectors.families import FAMILIES

from .wrong import HEADS, conformed, few, gradients_only, passes, told, unnamed

Run = Callable[[Question], Answer]


def scaled(q: Question, w: float, b: float) -> Answer:
    a = passes(q)
    return replace(a, nabla_w=tuple(w * v for v in a.nabla_w), nabla_b=tuple(b * v for v in a.nabla_b))


def decays(q: Question, rate: float) -> Answer:
    a = passes(q)
    return replace(a, nabla_w=tuple(v + rate * w for v, w in zip(a.nabla_w, q.weights, strict=True)))


def neighbours(step: int) -> Run:
    def run(q: Question) -> Answer:
        names = (*q.hidden, q.head_record().activation)
        if names[-1] not in ACTIVATIONS:  # softmax has no sigma_prime that a hidden layer could take
            return passes(q)

        def slope(i: int, z: list[np.ndarray]) -> np.ndarray:
            return ACTIVATIONS[names[max(i + step, 0)]].sigma_prime(z[i])

        return passes(q, slope=slope)

    return run


def updates_first(rate: float) -> Run:
    return lambda q: passes(q, back=lambda i, net, d, a, m: net.weights[i + 1] - rate * d @ a[i + 1].T / m)


def of_cross_entropy(delta: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Run:
    return lambda q: passes(
        q, last=lambda h, z, a, E: delta(a, E) if h.cost.name == "cross_entropy" else h.delta(z, a, E)
    )


SABOTAGES: dict[str, tuple[Run, str]] = {
    "1/m twice in BP4": (lambda q: scaled(q, 1, 1 / q.samples), "1/m twice in BP4"),
    "1/m twice in BP3": (lambda q: scaled(q, 1 / q.samples, 1), "1/m twice in BP3"),
    "sign in BP4": (lambda q: scaled(q, 1, -1), "sign in BP4"),
    "factor": (lambda q: scaled(q, 1.04, 1.04), "gradients times 1.04"),
    "averaged": (lambda q: scaled(q, 1 / q.sizes[-1], 1 / q.sizes[-1]), "gradients averaged over the outputs"),
    "decay": (lambda q: decays(q, 0.01), "weight decay of 0.01"),
    "decay/m": (lambda q: decays(q, 1e-4 / q.samples), "weight decay of 0.0001/m"),
    "rate": (updates_first(0.03), "weights updated before propagating, at the rate 0.03"),
    "last": (
        lambda q: passes(q, bp3=lambda d, a, m: d[:, -1:] @ a[:, -1:].T, bp4=lambda d, a, m: d[:, -1:]),
        "last sample only",
    ),
    "last/m": (
        lambda q: passes(q, bp3=lambda d, a, m: d[:, -1:] @ a[:, -1:].T / m, bp4=lambda d, a, m: d[:, -1:] / m),
        "last sample only, divided by m",
    ),
    "next": (neighbours(1), "sigma_prime of the next layer's activation"),
    "delta/m": (
        lambda q: replace(a := passes(q), deltas=tuple(d / q.samples for d in a.deltas or ())),
        "delta divided by m",
    ),
    "epsilon": (
        of_cross_entropy(lambda a, E: (a - E) / (a * (1 - a) + 1e-8) * a * (1 - a)),
        "1e-08 is added to a denominator",
    ),
    "clamp": (of_cross_entropy(lambda a, E: np.clip(a, 1e-7, 1 - 1e-7) - E), "a clamped to [1e-07, 1 - 1e-07]"),
    "clamp stops": (
        of_cross_entropy(lambda a, E: np.where(a > 0.999, 0.0, a - E)),
        "a clamped to 1 - 0.001 and below, whose derivative is 0 beyond",
    ),
}


QUICK = ("1/m twice in BP4", "clamp")


@pytest.mark.costly
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.longer) for name in SABOTAGES]
)
def test_it_is_named(name: str) -> None:
    run, words = SABOTAGES[name]
    found = conformed(run)
    assert found.verdict is Verdict.WRONG
    assert told(found)[0] == words
    explained = [r for r in found.failures if words in r.mistakes]
    assert len(explained) >= 0.95 * len(found.failures)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_right_has_no_name(dtype: str) -> None:
    found = conformed(right, dtype)
    assert (found.verdict, found.failures) == (Verdict.RIGHT, ())


def test_a_clamp_of_few_digits_is_wrong_mathematics() -> None:
    """In float32 what a clamp at 1e-7 changes is small beside the largest entry."""
    bound = np.float32(1e-7)
    run = of_cross_entropy(lambda a, E: np.clip(a, bound, 1 - bound) - E)
    found = conformed(run, "float32")
    assert found.verdict is Verdict.WRONG
    assert told(found)[0].startswith("a clamped to ")


def test_one_delta_that_underflowed_is_no_mistake_of_the_list() -> None:
    def run(q: Question) -> Answer:
        a = right(q)
        return replace(a, deltas=tuple(np.where(np.abs(d) == np.abs(d).min(), 0.0, d) for d in a.deltas or ()))

    found = conformed(run)
    assert found.verdict is Verdict.WRONG
    assert len(found.failures) > 0.9 * len(few("float64"))
    assert all(r.mistakes == () for r in found.failures)


def test_nor_where_two_questions_have_the_same_gradients() -> None:
    """A head and its fused form are asked the same in saturation."""
    heads = ("softmax+categorical_cross_entropy", "softmax+categorical_cross_entropy:fused")
    found = conformed(lambda q: replace(a := right(q), deltas=tuple(0 * d for d in a.deltas or ())), heads=heads)
    assert all(r.mistakes == () for r in found.failures)


def test_a_name_that_other_cases_contradict_is_none() -> None:
    """1/m is missing in every second case only, so that it is no property of the backend, its heads or its activations."""
    asked: list[str] = []

    def run(q: Question) -> Answer:
        asked.append(q.id)
        return scaled(q, q.samples, q.samples) if len(q.id) % 2 else passes(q)

    found = conformed(run)
    assert found.verdict is Verdict.WRONG
    named = [r for r in found.failures if r.mistakes]
    assert len(named) < 0.2 * len(found.failures)


def test_a_mistake_of_one_head_is_named_there() -> None:
    found = conformed(lambda q: scaled(q, 1, 1 / q.samples) if q.head == "tanh+quadratic" else passes(q))
    assert told(found) == ["1/m twice in BP4"]
    assert {r.vector.question.head for r in found.failures} == {"tanh+quadratic"}


def test_what_gives_gradients_alone_is_named_too() -> None:
    assert told(conformed(lambda q: gradients_only(scaled(q, 1, 1 / q.samples)))) == ["1/m twice in BP4"]


def in_layer(at: int, change: Callable[[np.ndarray], np.ndarray], field: str = "nabla_w") -> Run:
    """A gradient of one layer changed; −1 is the last."""

    def run(q: Question) -> Answer:
        a = passes(q)
        values = list(getattr(a, field))
        values[at] = change(values[at])
        return replace(a, **{field: tuple(values)})

    return run


def of_slope(where: Callable[[Question, int], bool], change: Callable[[np.ndarray], np.ndarray]) -> Run:
    """σ′ changed in some hidden layers, counted from 0."""
    own = lambda q, i, z: ACTIVATIONS[q.hidden[i]].sigma_prime(z[i])  # noqa: E731
    return lambda q: passes(q, slope=lambda i, z: change(own(q, i, z)) if where(q, i) else own(q, i, z))


def clipped(q: Question, norm: float) -> Answer:
    a = gradients_only(passes(q))
    size = float(np.sqrt(sum((v**2).sum() for v in (*a.nabla_w, *a.nabla_b))))
    return scaled(q, *(2 * (min(1.0, norm / size),)))


square = lambda v: v.T.copy() if v.shape[0] == v.shape[1] else v  # noqa: E731
IN_PLACES: dict[str, tuple[Run, str]] = {
    "square last": (in_layer(-1, square), "dW transposed where it is square, in the last layer"),
    "last": (in_layer(-1, lambda v: v.T.copy()), "dW transposed, in the last layer"),
    "first bias": (in_layer(0, lambda v: 0 * v, "nabla_b"), "no gradient in BP4, in the first layer"),
    "last sign": (in_layer(-1, lambda v: -v), "sign in BP3, in the last layer"),
    "twice": (of_slope(lambda q, i: True, np.square), "sigma_prime twice in BP2"),
    "twice first": (of_slope(lambda q, i: i == 0, np.square), "sigma_prime twice in BP2, in the first layer"),
    "tanh": (
        of_slope(lambda q, i: q.hidden[i] == "tanh", np.ones_like),
        "sigma_prime missing in BP2, in layers of tanh",
    ),
    "clipped": (lambda q: clipped(q, 0.5), "gradients clipped to the norm 0.5"),
    "biases": (
        lambda q: replace(
            a := passes(q), nabla_b=tuple(v + 0.02 * b for v, b in zip(a.nabla_b, q.biases, strict=True))
        ),
        "bias decay of 0.02",
    ),
}


@pytest.mark.parametrize(
    "name", [name if name == "square last" else pytest.param(name, marks=pytest.mark.longer) for name in IN_PLACES]
)
def test_it_is_named_in_its_place(name: str) -> None:
    run, words = IN_PLACES[name]
    found = conformed(run)
    assert found.verdict is Verdict.WRONG
    assert told(found) == [words]


def asked(**parts: Callable[[Question], Any]) -> Run:
    """The right answer to another question."""
    return lambda q: right(replace(q, **{field: change(q) for field, change in parts.items()}))


def of_activation(name: str, sigma: Callable[[Any], Any], sigma_prime: Callable[[Any], Any]) -> Run:
    """σ and σ′ of one hidden activation are others."""

    def run(q: Question) -> Answer:
        other = replace(ACTIVATIONS[name], sigma=sigma, sigma_prime=sigma_prime)
        net = q.network(q.x.dtype)
        changed = replace(net, activations=tuple(other if f.name == name else f for f in net.activations))
        g = gradients(changed, q.x, q.expected)
        return Answer(g.nabla_w, g.nabla_b)

    return run


def each_gradient(change: Callable[[np.ndarray], np.ndarray]) -> Run:
    return lambda q: gradients_only(
        replace(a := right(q), nabla_w=tuple(map(change, a.nabla_w)), nabla_b=tuple(map(change, a.nabla_b)))
    )


def hidden_layers_times(number: float) -> Run:
    return lambda q: gradients_only(
        replace(a := right(q), nabla_w=(*(number * w for w in a.nabla_w[:-1]), a.nabla_w[-1]))
    )


printed = np.vectorize(lambda v: float(f"{v:.6g}"), otypes=[np.float64])
GELU_TANH = ACTIVATIONS["gelu_tanh"]
KINDS: dict[str, tuple[Run, tuple[str, ...], str]] = {
    "batch": (lambda q: scaled(q, q.samples / 32, q.samples / 32), HEADS[:1], "divided by 32 for m"),
    "m - 1": (
        lambda q: scaled(q, *(2 * (q.samples / max(q.samples - 1, 1),))),
        HEADS[:1],
        "divided by m - 1",
    ),
    "decimals": (each_gradient(lambda v: np.round(v, 4)), HEADS[:1], "gradients rounded to 4 decimals"),
    "printed": (each_gradient(printed), HEADS[:1], "gradients rounded to 6 significant digits"),
    "order": (
        lambda q: gradients_only(
            replace(a := right(q), nabla_w=tuple(np.reshape(w.T, w.shape).copy() for w in a.nabla_w))
        ),
        HEADS[:1],
        "dW in another memory order",
    ),
    "biases": (asked(biases=lambda q: tuple(0 * b for b in q.biases)), HEADS[:1], "no biases in the forward pass"),
    "smoothed": (
        asked(expected=lambda q: 0.9 * q.expected + 0.1 / q.sizes[-1]),
        HEADS[2:],
        "targets smoothed by 0.1",
    ),
    "off by one": (asked(expected=lambda q: np.roll(q.expected, 1, axis=0)), HEADS[2:], "targets one class too far"),
    "hidden": (hidden_layers_times(1024), HEADS[:1], "weight gradients times 1024, in the hidden layers"),
    "gelu": (
        of_activation("gelu", GELU_TANH.sigma, GELU_TANH.sigma_prime),
        ("identity+quadratic:fused",),
        "gelu_tanh in place of gelu",
    ),
    "slope": (
        of_activation("leaky_relu", lambda z: np.where(z > 0, z, 0.2 * z), lambda z: np.where(z > 0, 1.0, 0.2)),
        ("identity+quadratic:fused",),
        "leaky_relu's slope is 0.2",
    ),
    "wrong decay": (lambda q: decays(q, -0.01), HEADS[:1], "weight decay of the wrong sign, of 0.01"),
    "decay in a place": (
        lambda q: gradients_only(
            replace(a := right(q), nabla_w=(*a.nabla_w[:-1], a.nabla_w[-1] + 0.01 * q.weights[-1]))
        ),
        HEADS[:1],
        "weight decay of 0.01, in the last layer",
    ),
    "sign back": (lambda q: passes(q, back=lambda i, net, d, a, m: -net.weights[i + 1]), HEADS[:1], "sign in BP2"),
}


@pytest.mark.parametrize(
    "name", [name if k % 3 == 0 else pytest.param(name, marks=pytest.mark.longer) for k, name in enumerate(KINDS)]
)
def test_a_kind_is_named(name: str) -> None:
    run, heads, words = KINDS[name]
    found = conformed(run, heads=heads)
    assert found.verdict is Verdict.WRONG
    assert told(found)[0] == words
    assert all(r.mistakes[0] == words for r in found.failures if r.mistakes)
    assert sum(bool(r.mistakes) for r in found.failures) >= 0.9 * len(found.failures)


@pytest.mark.parametrize("n", [4, pytest.param(5, marks=pytest.mark.longer)])
def test_a_mistake_from_a_size_on_is_told_with_the_size(n: int) -> None:
    run = lambda q: scaled(q, 1.1, 1.0) if len(q.sizes) >= n else right(q)  # noqa: E731
    asked = vectors("float64", ["sigmoid+cross_entropy", "identity+quadratic:fused"])
    found = conform(in_process(Backend("wrong", run, Capabilities(("float64",)))), asked)
    assert told(found) == [f"weight gradients times 1.1, where there are {n} layers or more"]


@pytest.mark.longer
def test_what_is_wrong_in_another_way_everywhere_has_no_name_where_it_is_like_one_by_chance() -> None:
    """Divided by m + 2: as by 4 in a batch of 2, which an activation is always met with."""
    found = conformed(lambda q: scaled(q, *(2 * (q.samples / (q.samples + 2),))))
    assert [r for r in found.failures if r.mistakes] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: np.vstack([w[:-1], 0 * w[-1:]]), "in the last row alone"),
        (lambda w: np.hstack([0 * w[:, :1], w[:, 1:]]), "in the first column alone"),
        (lambda w: np.vstack([w[:4], 0 * w[4:]]), "in rows from the 5th on alone"),
    ],
)
def test_where_in_an_array(change: Callable[[np.ndarray], np.ndarray], words: str) -> None:
    heads = ("sigmoid+cross_entropy",)
    causes = unnamed(lambda q: gradients_only(replace(a := right(q), nabla_w=tuple(map(change, a.nabla_w)))), heads)
    assert causes[0].endswith(words)
    assert "every gradient is right" not in causes[0]


def test_small_gradients_that_are_0_are_no_flush_of_subnormal_numbers() -> None:
    found = conformed(each_gradient(lambda v: np.where(np.abs(v) < 1e-8, 0, v)))
    assert told(found) == ["gradients below 1e-08 are 0"]


def test_that_every_gradient_is_right_is_told() -> None:
    run = lambda q: replace(a := right(q), deltas=tuple(d + 1 for d in a.deltas or ()))  # noqa: E731
    assert unnamed(run, HEADS[:1]) == ["BP1 is wrong everywhere; every gradient is right"]


@pytest.mark.parametrize("kind", ["saturated", "probabilities"])
def test_a_probability_that_rounds_to_1_is_no_clamp(kind: str) -> None:
    """σ′ = a(1 − a) is 0 there in every program that has a alone; near 1 it is not, and a clamp is one."""
    (vector,) = (v for v in vectors("float32", ["sigmoid+hellinger:fused"]) if v.id.endswith(f"/{kind}"))
    clamps = [f for f in FAMILIES if f.name.startswith("a clamped to 1 - ")]
    made = [f.answer(vector.question, 1e-3) is not None for f in clamps]
    assert any(made) is (kind == "probabilities")


def test_nor_is_it_wrong_where_little_else_is_asked() -> None:
    run = lambda q: passes(q, last=lambda h, z, a, E: h.cost.nabla_a(a, E) * a * (1 - a))  # noqa: E731
    asked = [
        v
        for v in vectors("float32", ["sigmoid+hellinger:fused"])
        if v.id.rpartition("/")[2] in ("saturated", "square", "thin")
    ]
    found = conform(in_process(Backend("rounds", run, Capabilities(("float32",)))), asked)
    assert found.verdict is Verdict.INACCURATE
    assert not [name for r in found.failures for name in r.mistakes if "clamped" in name]
