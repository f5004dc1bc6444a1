"""One case asked and judged, by itself."""

from __future__ import annotations

import time
from dataclasses import replace

from oracle.backends.session import Kind, Session
from oracle.conform.outcome import Outcome, Result
from oracle.conform.reasons import FLUSHED, explanations, kept, not_finite
from oracle.vectors.arithmetic import Arithmetic, widened, with_flush
from oracle.vectors.judgement import judge
from oracle.vectors.record import Answer, Vector


def ask(session: Session, vector: Vector) -> Result:
    """One case, asked and judged, with what it looks like by itself."""
    result = asked(session, vector)
    if result.outcome is not Outcome.WRONG or result.judgement is None or result.answer is None:
        return result
    judgement = judge(result.vector, result.answer, flush_to_zero=session.capabilities.flush_to_zero)
    mistakes = explanations(result.vector, result.answer, judgement)
    words = f"{result.words}; it is what one gets by: {mistakes[0]}" if mistakes else result.words
    return replace(result, words=words, mistakes=mistakes)


def asked(session: Session, vector: Vector) -> Result:
    """One case, asked and judged, without a name for what is wrong but for numbers that are not finite."""
    started = time.perf_counter()
    reply = session.ask(vector.question)
    seconds = time.perf_counter() - started
    if reply.answer is None:
        return Result(vector, Outcome(str(reply.kind)), reply.words, seconds=seconds)
    assert reply.kind is Kind.ANSWERED
    return judged_result(vector, reply.answer, seconds, session.capabilities.arithmetic)


def judged_result(vector: Vector, answer: Answer, seconds: float, arithmetic: Arithmetic) -> Result:
    """An answer, judged: by its dtype, and where that fails by what else of its arithmetic was declared, the flush first."""
    found, excuse, wide = judge(vector, answer, named=False), "", vector
    if not found and arithmetic.flush_to_zero:
        found, excuse = judge(vector, answer, flush_to_zero=True, named=False), FLUSHED
        wide = with_flush(vector)
    if not found and (declared := arithmetic.in_dtype(vector.question.dtype).words):
        other = widened(vector, arithmetic)
        if other is None:
            return Result(vector, Outcome.SKIPPED, f"with {declared} a right program leaves its range", seconds=seconds)
        wide = with_flush(other) if arithmetic.flush_to_zero else other
        found, excuse = judge(wide, answer, named=False), declared
    result = Result(wide, Outcome(str(found.grade)), found.sentence, found, seconds=seconds, answer=answer)
    if found:
        return replace(
            result, excused=excuse, words=f"{found.sentence}; excused: {excuse}" if excuse else found.sentence
        )
    vector = wide
    odd = not_finite(answer)
    words = found.sentence.removeprefix("wrong, ")
    return replace(result, words=words, mistakes=(odd,) if odd else (), kept=kept(vector, answer, found))
