"""Makes the vectors: questions, their truth, and the mistakes that each catches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from oracle.balls.errors import Undecidable
from oracle.vectors.draw import ATTEMPTS, OPTIONAL_ATTEMPTS, Kind, draw
from oracle.vectors.flags import flags_of
from oracle.vectors.judgement import MARGIN, Grade, grade_tensors
from oracle.vectors.mistakes import MISTAKES, right
from oracle.vectors.passes import each
from oracle.vectors.plans import plans
from oracle.vectors.probabilities import with_rounded_a
from oracle.vectors.record import Answer, Question, Vector
from oracle.vectors.truth import Unfit, truth_of
from oracle.workers.each import Lost, in_order
from oracle.workers.executors import HERE, Where

LEAST_CATCHES = 3


class NoVector(ArithmeticError):
    """A plan that leads to no vector by any attempt."""


def make_all(only: Iterable[str] | None = None, where: Where = HERE) -> Iterator[Vector]:
    """The vectors of every plan, or of those whose id is listed, in order. Raises NoVector."""
    wanted = None if only is None else frozenset(only)
    ids = [id for id, *_ in plans() if wanted is None or id in wanted]
    for id, found in zip(ids, in_order(make_planned, ids, where), strict=True):
        if isinstance(found, Lost):
            raise NoVector(f"{id}: {found.why}")
        if found is not None:
            yield found


def make_planned(id: str) -> Vector | None:
    """The vector of the plan with that id; None for one that need not lead to any. Raises NoVector."""
    dtype, head, parameters, kind = _plans()[id]
    try:
        return make(id, dtype, head, parameters, kind)
    except NoVector:
        if not kind.optional:
            raise
        return None


@cache
def _plans() -> dict[str, tuple[str, str, Mapping[str, float], Kind]]:
    return {id: (dtype, head, parameters, kind) for id, dtype, head, parameters, kind in plans()}


def make(id: str, dtype: str, head: str, parameters: Mapping[str, float], kind: Kind) -> Vector:
    """The first attempt that fits: with a truth, a right answer in the dtype, and mistakes that it catches. Raises NoVector."""
    reasons = []
    attempts = OPTIONAL_ATTEMPTS if kind.optional else ATTEMPTS
    for attempt in range(attempts):
        question = draw(id, dtype, head, parameters, kind, attempt)
        try:
            vector = vector_of(question, kind.flags, rounded_a=kind.rounded_a)
            missed = [name for name in kind.must if name not in vector.catches]
            if not missed:
                return vector
            reasons.append(f"it misses: {', '.join(missed)}")
        except (Unfit, Undecidable) as error:
            reasons.append(str(error))
    raise NoVector(f"{id}: none of {attempts} attempts fits, the last because {reasons[-1]}")


def vector_of(
    question: Question, known_flags: tuple[str, ...] = (), notes: str = "", *, rounded_a: bool = False
) -> Vector:
    """The vector of a question. rounded_a: as of a Kind. Raises Unfit, Undecidable."""
    truth, allowance, tied = truth_of(question)
    allowance = with_rounded_a(question, allowance) if rounded_a else allowance
    vector = Vector(question, truth, allowance, flags_of(question, truth, tied=tied, known=known_flags), (), notes)
    if is_wrong(vector, right(question)):
        raise Unfit(f"{question.id}: the equations in float64 lose too many digits here")
    caught = caught_by(vector)
    if len(caught) < LEAST_CATCHES:
        raise Unfit(f"{question.id}: it catches {len(caught)} mistakes alone")
    return replace(vector, catches=caught)


def caught_by(vector: Vector) -> tuple[str, ...]:
    """The standard mistakes whose answers are wrong here, with a margin."""
    wide = replace(vector, allowance=each(vector.allowance, lambda v: MARGIN * v))
    answers = ((name, mistake(vector.question)) for name, mistake in MISTAKES.items())
    return tuple(name for name, answer in answers if answer is not None and is_wrong(wide, answer))


def is_wrong(vector: Vector, answer: Answer) -> bool:
    return any(t.grade is Grade.WRONG for t in grade_tensors(vector, answer))
