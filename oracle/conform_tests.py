"""A backend's conformance as tests of its own: one for each vector, and one that draws networks nobody chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.backends.backend import Backend
from oracle.backends.find import find
from oracle.backends.session import TIMEOUT, Session, in_process, in_program
from oracle.case import Case
from oracle.conform import Outcome, ask
from oracle.vectors.record import Question, Vector

#: How many random networks are drawn; each costs a certified truth.
EXAMPLES = 20


def conformance_tests(
    backend: str | Backend | None = None,
    *,
    command: str | None = None,
    dtypes: Sequence[str] | None = None,
    heads: Sequence[str] | None = None,
    examples: int = EXAMPLES,
    timeout: float = TIMEOUT,
) -> type:
    """A class of tests for a test module to hold: `TestTorch = oracle.conformance_tests("torch")`.

    `test_vector` has a parameter for each shipped vector of the dtypes (by default those of the backend) and heads;
    `test_network` is driven by Hypothesis: `examples` small random networks, 0 for none. backend: a name as `manualbp conform`
    takes it, or a Backend; or command: a program that speaks the process protocol. What the backend skips is skipped, and what it
    does not have is not drawn.
    Raises CannotRun where it cannot be had, or no vector is left.
    """
    import pytest
    from hypothesis import HealthCheck, Phase, assume, given, settings

    from oracle.backends.session import CannotRun
    from oracle.vectors import vectors

    if (backend is None) == (command is None):
        raise CannotRun("give a backend, or command=")
    record = find(backend) if isinstance(backend, str) else backend
    opened: list[Session] = []

    def session() -> Session:
        """One for all tests, started by the first."""
        if not opened:
            opened.append(in_program(command, timeout) if command else in_process(_given(record), timeout))
        return opened[0]

    wanted = tuple(dtypes) if dtypes is not None else session().capabilities.dtypes
    chosen = [v for dtype in wanted for v in vectors(dtype, heads)]
    if not chosen:
        raise CannotRun(f"no vector of dtype {', '.join(wanted)} and these heads: nothing would be tested")

    def judged(vector: Vector) -> None:
        result = ask(session(), vector)
        if result.outcome is Outcome.SKIPPED:
            pytest.skip(result.words)
        if result.failed:
            raise AssertionError(f"{result.id}: {result.outcome}: {result.words}")

    class Tests:
        @classmethod
        def teardown_class(cls) -> None:
            while opened:
                farewell = opened.pop().close()
                assert not farewell, farewell

        @pytest.mark.parametrize("vector", chosen, ids=[v.id for v in chosen])
        def test_vector(self, vector: Vector) -> None:
            judged(vector)

    if examples:
        floats = [d for d in wanted if d in ("float64", "float32")]

        # without shrinking: every network costs a certified truth, and is small already
        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(_networks(floats or ["float64"], heads))
        def test_network(self: Any, case: Case) -> None:
            question = question_of(case)
            assume(not session().capabilities.refusal(question))
            vector = _vector(question)
            assume(vector is not None)
            assert vector is not None
            try:
                judged(vector)
            except AssertionError as error:
                error.add_note(f"{case.words}\n{case.code()}")
                raise

        Tests.test_network = test_network  # type: ignore[attr-defined]
    return Tests


def _given(record: Backend | None) -> Backend:
    assert record is not None
    return record


def _networks(dtypes: Sequence[str], heads: Sequence[str] | None) -> Any:
    """A Hypothesis strategy of small random networks of any activation, whose truth is quick to certify."""
    from hypothesis import strategies as st

    from manualbp import HEADS
    from oracle.architectures import networks

    records = [HEADS[name] for name in heads] if heads is not None else None
    common: dict[str, Any] = {"depths": (2, 4), "widths": (1, 4), "samples": (1, 3), "heads": records, "extreme": False}
    return st.one_of(*(networks(**common, dtype=dtype) for dtype in dtypes))


def question_of(case: Case) -> Question:
    """The question that a case of `oracle.networks` asks."""
    net = case.net
    return Question(
        "random",
        case.x.dtype.name,
        net.head.name,
        tuple(a.name for a in net.activations),
        case.x,
        case.expected,
        net.weights,
        net.biases,
        dict(net.head.cost.parameters),
    )


def _vector(question: Question) -> Vector | None:
    """The question with its truth; None where it makes no vector (on a kink, say)."""
    from oracle.balls.errors import Undecidable
    from oracle.vectors.truth import Unfit, truth_of

    try:
        truth, allowance, _ = truth_of(question)
    except (Unfit, Undecidable):
        return None
    return Vector(question, truth, allowance)
