"""A backend's conformance as tests of its own: one for each vector, and one that draws networks nobody chose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Literal

from oracle.backends.backend import Backend, Capabilities
from oracle.backends.find import opened as opened_by_name
from oracle.backends.session import TIMEOUT, CannotRun, Session, in_process, in_program
from oracle.conform.asking import ask, asked
from oracle.conform.conclusion import LEAST
from oracle.conform.names import named
from oracle.conform.outcome import FIRST_CALL, Outcome, Result
from oracle.conform.run import REPEATS, Run
from oracle.judgement.verdict import Verdict
from oracle.vectors.record import Question, Vector
from oracle.verify.case import Case

#: How many random networks are drawn; each costs a certified truth.
EXAMPLES = 20
#: The dtypes that they are drawn in.
DRAWN = ("float64", "float32")


def conformance_tests(
    backend: str | Backend | None = None,
    *,
    command: str | None = None,
    dtypes: Sequence[str] | None = None,
    heads: Sequence[str] | None = None,
    examples: int = EXAMPLES,
    timeout: float = TIMEOUT,
    inaccurate: Literal["fail", "xfail"] = "fail",
) -> type:
    """A class of tests for a test module to hold: `TestTorch = oracle.conformance_tests("torch")`.

    `test_vector` has a parameter for each shipped vector of the dtypes (by default those of the backend) and heads;
    `test_asked_again` asks a few of them twice; `test_enough` fails where fewer than half of the vectors that the backend declares
    to take were answered. `test_network` is driven by Hypothesis: `examples` small random networks, 0 for none, of the activations
    and heads that the backend has; they are drawn in float64 and float32, so that narrower dtypes alone have no such test.
    backend: a name as `manualbp conform` takes it, or a Backend; or command: a program that speaks the process protocol. What the
    backend skips is skipped. inaccurate: what a test does whose failure is one of digits alone, as `manualbp conform` tells it with
    exit code 3: it fails, or is expected to.
    Raises CannotRun where it cannot be had, where no vector is left, or for arguments of the wrong kind.
    """
    import pytest
    from hypothesis import HealthCheck, Phase, assume, given, settings

    from oracle.vectors import vectors

    _check(backend, command, dtypes, heads, examples, timeout)
    if inaccurate not in ("fail", "xfail"):
        raise CannotRun(f"inaccurate = {inaccurate!r}: give 'fail' or 'xfail'")
    opened: list[Session] = []

    def session() -> Session:
        """One for all tests, started by the first."""
        if not opened:
            opened.append(_opened(backend, command, timeout))
        return opened[0]

    kept = session().capabilities
    wanted = tuple(dict.fromkeys(dtypes if dtypes is not None else kept.dtypes))
    try:
        chosen = [v for dtype in wanted for v in vectors(dtype, heads)]
    except ValueError as error:
        raise CannotRun(str(error)) from error
    covered = [v for v in chosen if not kept.refusal(v.question)]
    if not covered:
        raise CannotRun(
            f"{len(chosen)} vectors of dtype {', '.join(wanted)} and these heads, none of which the backend declares to take: "
            "nothing would be tested"
        )
    firsts: dict[str, Result] = {}

    def first(vector: Vector) -> Result:
        """What came of asking it first, which happens here where the tests are run apart from one another."""
        if vector.id not in firsts:
            firsts[vector.id] = asked(session(), vector)
        return firsts[vector.id]

    def explained(vector: Vector) -> tuple[str, Result]:
        """Its failure in a word, with a name that stands the test across the cases of its head and dtype."""
        mine = vector.question
        like = [v for v in covered if (v.question.head, v.question.dtype) == (mine.head, mine.dtype)]
        results = named([first(v) for v in like])
        others = {r.id: "" for r in results if r.id != vector.id}
        run = Run(session().name, session().version, tuple(results), 0.0, expected=others)
        result = next(r for r in results if r.id == vector.id)
        return str(run.verdict if result.outcome is Outcome.WRONG else result.outcome), result

    def judged(vector: Vector) -> None:
        __tracebackhide__ = True
        result = asked(session(), vector)
        firsts[result.id] = result
        if result.outcome is Outcome.SKIPPED:
            pytest.skip(result.words)
        if result.failed:
            word, told = explained(vector)
            if word == Verdict.INACCURATE and inaccurate == "xfail":
                pytest.xfail(f"inaccurate: {told.words}")
            raise AssertionError(f"{result.id}: {word}: {told.words}")

    class Tests:
        @classmethod
        def teardown_class(cls) -> None:
            while opened:
                farewell = opened.pop().close()
                assert not farewell, farewell

        @pytest.mark.parametrize("vector", chosen, ids=[v.id for v in chosen])
        def test_vector(self, vector: Vector) -> None:
            judged(vector)

        def test_asked_again(self) -> None:
            """What was right once is right the second time."""
            for vector in covered[:: max(1, len(covered) // REPEATS)][:REPEATS]:
                before, again = first(vector), ask(session(), vector)
                assert before.failed or not again.failed, f"{vector.id}: {FIRST_CALL}: {again.words}"

        def test_enough(self) -> None:
            """Skipping is no pass."""
            n = sum(first(vector).judgement is not None for vector in covered)
            assert n >= LEAST * len(covered), (
                f"{n} of the {len(covered)} vectors that the backend declares to take were answered, and at least half must be"
            )

    networks = _networks([d for d in wanted if d in kept.dtypes and d in DRAWN], kept, heads) if examples else None
    drawn: list[bool] = []
    if networks is not None:
        # without shrinking: every network costs a certified truth, and is small already
        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(networks)
        def draw(case: Case) -> None:
            vector = _vector(question_of(case))
            assume(vector is not None)
            assert vector is not None
            result = ask(session(), vector)
            drawn.append(result.outcome is not Outcome.SKIPPED)
            if result.failed:
                error = AssertionError(f"a random network: {result.outcome}: {result.words}")
                error.add_note(f"{case.words}\n{case.code()}")
                raise error

        def test_network(self: Any) -> None:
            """Random networks, of which half at least are answered."""
            drawn.clear()
            draw()
            assert sum(drawn) >= LEAST * len(drawn), (
                f"{sum(drawn)} of {len(drawn)} random networks that the backend declares to take were answered"
            )

        Tests.test_network = test_network  # type: ignore[attr-defined]
    return Tests


def _check(backend: object, command: object, dtypes: object, heads: object, examples: object, timeout: object) -> None:
    """Raises CannotRun for arguments that do not fit together, or are of the wrong kind."""
    if (backend is None) == (command is None):
        raise CannotRun("give a backend, or command=")
    if not isinstance(backend, str | Backend | None):
        raise CannotRun(f"backend is a {type(backend).__name__}: give a name, or an oracle.backends.Backend")
    if not isinstance(command, str | None):
        raise CannotRun(f"command is a {type(command).__name__}: give a command line as a string")
    for name, value in (("dtypes", dtypes), ("heads", heads)):
        if value is not None and (isinstance(value, str) or not isinstance(value, Collection)):
            raise CannotRun(f"{name} = {value!r}: give a list of names")
    if not isinstance(timeout, int | float) or not 0 < timeout < 1e6:
        raise CannotRun(f"timeout = {timeout!r}: give a positive number of seconds")
    if type(examples) is not int or examples < 0:
        raise CannotRun(f"examples = {examples!r}: give a number of networks, 0 for none")


def _opened(backend: str | Backend | None, command: str | None, timeout: float) -> Session:
    if command is not None:
        return in_program(command, timeout)
    assert backend is not None
    return opened_by_name(backend, timeout) if isinstance(backend, str) else in_process(backend, timeout)


def _networks(dtypes: Sequence[str], kept: Capabilities, heads: Sequence[str] | None) -> Any:
    """A Hypothesis strategy of small random networks that the backend takes, whose truth is quick to certify; None where it takes
    none."""
    from hypothesis import strategies as st

    from manualbp import ACTIVATIONS, HEADS
    from oracle.verify.architectures import networks

    has = lambda name, among: among is None or name in among  # noqa: E731
    activations = [a for name, a in ACTIVATIONS.items() if has(name, kept.activations)]
    records = [
        head
        for name, head in HEADS.items()
        if has(name, heads)
        and has(name, kept.heads)
        and has(head.cost.name, kept.costs)
        and has(head.activation, kept.activations)
    ]
    if not dtypes or not records:
        return None
    common: dict[str, Any] = {
        "depths": (2, 4 if activations else 2),
        "widths": (1, 4),
        "samples": (1, 3),
        "activations": activations or None,
        "heads": records,
        "extreme": False,
    }
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
