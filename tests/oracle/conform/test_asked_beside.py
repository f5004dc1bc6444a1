"""What a backend declares to take beside: weights of samples, a decay, classes; and larger vectors that are drawn."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from oracle.backends import Backend, Capabilities
from oracle.backends.conventions import asked as in_its_conventions
from oracle.backends.session import in_process
from oracle.backends.wire import run_message
from oracle.conform.run import Run, conform
from oracle.conform.selection import drawn_for
from oracle.judgement.verdict import Verdict
from oracle.vectors import Answer, Question, vectors
from oracle.vectors.drawn import drawn, names
from oracle.vectors.mistakes import right

from ..console.answers import one_sentence
from .wrong import told

ALL = Capabilities(("float64",), sample_weights=True, l2=True)


def held(run: Callable[[Question], Answer], kept: Capabilities = ALL) -> Run:
    made = [v for v in drawn_for(kept, kept.dtypes, (), 0, 0)]
    return conform(in_process(Backend("mine", run, kept)), made)


@pytest.mark.longer
def test_a_backend_that_takes_them_is_asked() -> None:
    found = held(right)
    assert (found.verdict, len(found.results)) == (Verdict.RIGHT, 16)
    assert drawn_for(Capabilities(("float64",)), ("float64",), (), 0, 0) == []


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda q: right(replace(q, sample_weights=None)), "weighted"),
        (lambda q: right(replace(q, l2=0.0)), "decayed"),
        pytest.param(lambda q: right(replace(q, l2=2 * q.l2)), "decayed", marks=pytest.mark.longer),
    ],
)
def test_one_that_ignores_them_is_wrong(run: Callable[[Question], Answer], words: str) -> None:
    found = held(run)
    assert found.verdict is Verdict.WRONG
    assert {re.search(r"/(\w+):", r.id)[1] for r in found.failures} == {words}  # type: ignore[index]


def test_other_mistakes_keep_their_names() -> None:
    found = held(lambda q: replace(a := right(q), nabla_b=tuple(b / q.samples for b in a.nabla_b)))
    assert told(found) == ["1/m twice in BP4"]


def test_others_are_not_asked() -> None:
    weighted, decayed = (drawn(names((kind,), 1, 0, ("float64",))[0]).question for kind in ("weighted", "decayed"))
    none = Capabilities(("float64",))
    assert (none.refusal(weighted), none.refusal(decayed)) == ("no weights of samples", "no l2")
    assert (ALL.refusal(weighted), ALL.refusal(decayed)) == ("", "")
    mixed = next(v.question for v in vectors("float64") if len(set(v.question.hidden)) == 2)
    assert Capabilities(same_hidden=True).refusal(mixed) == "one activation for all hidden layers"


def test_classes_stand_for_one_hot_targets() -> None:
    kept = Capabilities(("float64",), targets="classes", samples="rows")
    seen: list[Any] = []

    def run(q: Question) -> Answer:
        seen.append(q.expected)
        E = np.eye(q.sizes[-1])[q.expected].T
        back = replace(q, x=q.x.T, expected=E, biases=tuple(b[:, None] for b in q.biases))
        a = right(back)
        return Answer(a.nabla_w, tuple(b[:, 0] for b in a.nabla_b))

    assert held(run, kept).verdict is Verdict.RIGHT
    assert all(E.ndim == 1 and E.dtype.kind == "i" for E in seen)
    plain = next(v.question for v in vectors("float64", ["softmax+quadratic"]) if v.id.endswith("/square"))
    assert kept.refusal(plain) == "targets that are no classes"


def test_on_the_wire() -> None:
    ids = [names((kind,), 1, 0, ("float64",))[0] for kind in ("weighted", "decayed", "classes")]
    weighted, decayed, classes = (drawn(id).question for id in ids)
    case = run_message(1, weighted, weighted)["case"]
    assert case["sample_weights"]["shape"] == [weighted.samples]
    assert "l2" not in case
    assert run_message(1, decayed, decayed)["case"]["l2"] == decayed.l2
    sent = run_message(1, in_its_conventions(classes, Capabilities(targets="classes")), classes)["case"]["expected"]
    assert sent == {"shape": [classes.samples], "classes": np.argmax(classes.expected, axis=0).tolist()}
    json.dumps(sent)
    plain = vectors("float64", ["tanh+quadratic"])[0].question
    assert not {"sample_weights", "l2"} & run_message(1, plain, plain)["case"].keys()


def test_weights_that_are_written_into_are_told() -> None:
    def run(q: Question) -> Answer:
        if q.sample_weights is not None:
            q.sample_weights[:] = 1
        return right(q)

    found = held(run, Capabilities(("float64",), sample_weights=True))
    assert "sample_weights was changed" in found.results[0].words


def test_larger_ones_are_asked_on_demand(report: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    arguments = ("manualbp", "--dtype", "float64", "--drawn", "3", "--only", "*:0-1")
    code, data = report(*arguments, heads=())
    assert (code, data["cases"], data["judged"]) == (0, 3, 3)
    assert re.fullmatch(r"3 vectors were made for this run, sha256 [0-9a-f]{64}", data["drawn"])
    _, one = report("manualbp", "--case", data["results"][0]["id"], heads=())
    assert one["outcome"] == data["results"][0]["outcome"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--drawn", "-1"), "--drawn = -1: give a number of vectors"),
        (("--drawn", "1000000"), "--drawn = 1000000"),
        (("--seed", "-3"), "--seed = -3: give a number from 0"),
        (("--case", "float64/tanh+quadratic/wide:0-0"), "no vector has that id"),
        (("--case", "float64/tanh+quadratic/square", "--drawn", "3"), "--drawn goes with a whole run"),
    ],
)
def test_one_sentence(arguments: tuple[str, ...], words: str, conform: Callable[..., Result]) -> None:
    assert words in one_sentence(conform("manualbp", *arguments, heads=()))
