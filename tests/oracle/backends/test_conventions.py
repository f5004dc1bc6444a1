"""A backend with other conventions is right where it declares them, and wrong where it does not."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from oracle.backends import Backend, Capabilities, Skipped
from oracle.backends.conventions import answered, asked
from oracle.backends.session import Kind, in_process
from oracle.conform.run import Outcome, ask, conform
from oracle.vectors import Answer, Question, Vector, vectors


def other_way(question: Question) -> Answer:
    """A backend in the other conventions: samples in rows, W (in, out), gradients of the sum."""
    from oracle.backends import manualbp_numpy

    ours = replace(
        question,
        x=question.x.T.copy(),
        expected=question.expected.T.copy(),
        weights=tuple(w.T.copy() for w in question.weights),
        biases=tuple(b[:, None] for b in question.biases),
    )
    a, m = manualbp_numpy.run(ours), len(question.x)
    each: Any = lambda values: tuple(v.T for v in values)  # noqa: E731
    assert a.cost is not None
    return Answer(
        tuple(v.T * m for v in a.nabla_w),
        tuple(v[:, 0] * m for v in a.nabla_b),
        a.cost * m,
        each(a.activations),
        each(a.deltas),
    )


DECLARED = Capabilities(("float64",), reduction="sum", samples="rows", weights="in_out")


def several() -> list[Vector]:
    return [v for v in vectors("float64", ["tanh+quadratic", "softmax+poisson:fused"]) if "subnormal" not in v.flags]


def test_declared_conventions_are_translated() -> None:
    session = in_process(Backend("other", other_way, DECLARED))
    found = [ask(session, v).outcome for v in several()]
    assert len(found) >= 8
    assert {*found} <= {Outcome.ACCURATE, Outcome.STABLE}


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ({"reduction": "mean"}, "sum over the batch instead of mean"),
        ({"samples": "columns"}, ""),
        ({"weights": "out_in"}, ""),
    ],
)
def test_an_undeclared_convention_fails(said: dict[str, Any], mistake: str) -> None:
    session = in_process(Backend("other", other_way, replace(DECLARED, **said)))
    unequal = next(v for v in several() if "unequal_widths" in v.flags and v.question.samples > 1)
    result = ask(session, unequal)
    assert result.failed
    assert mistake in result.mistakes or not mistake


def test_there_and_back_is_the_same() -> None:
    question = several()[0].question
    seen = asked(question, DECLARED)
    assert seen.x.shape == question.x.shape[::-1]
    assert seen.biases[0].shape == (question.sizes[1],)
    truth = several()[0].truth
    kept = Capabilities(samples="rows", weights="in_out")
    turned = Answer(tuple(v.T for v in truth.nabla_w), tuple(v[:, 0] for v in truth.nabla_b), truth.cost, None, None)
    back = answered(turned, kept, question.samples)
    assert all(np.array_equal(v, w) for v, w in zip(back.nabla_w, truth.nabla_w, strict=True))
    assert all(np.array_equal(v, w) for v, w in zip(back.nabla_b, truth.nabla_b, strict=True))


@pytest.mark.parametrize(
    "said",
    [
        {"dtypes": ("float65",)},
        {"costs": frozenset({"quadric"})},
        {"activations": frozenset({"swish"})},
        {"heads": frozenset({"softmax"})},
        {"reduction": "average"},
        {"samples": "cols"},
        {"weights": "in"},
        {"flush_to_zero": "yes"},
        {"dtypes": "float64"},
        {"heads": "tanh+quadratic"},
    ],
)
def test_a_misspelt_capability_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(said))):
        Capabilities(**said)


def test_what_a_backend_has_not_is_not_asked() -> None:
    def never(question: Question) -> Answer:
        raise AssertionError

    question = next(v for v in several() if v.question.hidden).question
    for kept in (
        Capabilities(("float32",)),
        Capabilities(costs=frozenset({"huber"})),
        Capabilities(heads=frozenset({"identity+huber"})),
        Capabilities(activations=frozenset({"relu"})),
    ):
        reply = in_process(Backend("never", never, kept)).ask(question)
        assert reply.kind is Kind.SKIPPED
        assert reply.words.startswith("no ")


def test_what_a_backend_does_instead_of_answering(sabotaged: ModuleType) -> None:
    def outcome(run: Any, timeout: float = 5.0) -> tuple[Outcome, str]:
        result = ask(in_process(Backend("b", run), timeout), several()[0])
        return result.outcome, result.words

    def skip(question: Question) -> Answer:
        raise Skipped("too large")

    def fail(question: Question) -> Answer:
        raise RuntimeError("out of memory")

    def leave(question: Question) -> Answer:
        raise SystemExit(0)

    def hang(question: Question) -> Answer:
        while True:
            pass

    def shapeless(question: Question) -> Any:
        a = sabotaged.answer(question)
        return Answer(list(map(np.ndarray.tolist, a.nabla_w)), a.nabla_b)  # type: ignore[arg-type]

    assert outcome(skip) == (Outcome.SKIPPED, "too large")
    assert outcome(fail) == (Outcome.ERRORED, "RuntimeError: 'out of memory'")
    assert outcome(lambda q: None)[0] is Outcome.ERRORED
    assert outcome(leave) == (Outcome.BROKEN, "b called sys.exit(0)")
    assert outcome(hang, 0.2) == (Outcome.BROKEN, "b took longer than 0.2 seconds for one call")
    assert outcome(shapeless)[0] is Outcome.ERRORED
    assert outcome(sabotaged.answer)[0] in (Outcome.ACCURATE, Outcome.STABLE)


def test_what_it_has_not_is_skipped_after_breakdowns_too() -> None:
    def leave(question: Question) -> Answer:
        raise SystemExit(0)

    session = in_process(Backend("b", leave, Capabilities(("float64",), heads=frozenset({"tanh+quadratic"}))))
    counts = conform(session, vectors("float64", ["tanh+quadratic", "tanh+huber"])).counts
    assert counts[Outcome.BROKEN] == 3
    assert counts[Outcome.SKIPPED] == len(vectors("float64", ["tanh+huber"]))


@pytest.mark.parametrize("samples", ["columns", "rows"])
@pytest.mark.parametrize("weights", ["out_in", "in_out"])
def test_sizes_and_samples_mean_the_same_in_every_convention(samples: Any, weights: Any) -> None:
    """Of square networks, one sample and one neuron too."""
    for vector in (*several(), *(v for v in vectors("float32", ["tanh+quadratic"]) if "one_sample" in v.flags)):
        question = vector.question
        seen = asked(question, Capabilities(samples=samples, weights=weights))
        assert seen.sizes == question.sizes
        assert seen.samples == question.samples
        if (samples, weights) == ("columns", "out_in"):
            assert seen.network().sizes == question.sizes
        elif samples == "rows" or len(set(question.sizes)) > 1:
            with pytest.raises(ValueError, match="this question is in other conventions"):
                seen.network()
