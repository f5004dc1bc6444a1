"""One case asked and judged, by itself."""

from __future__ import annotations

import time
from dataclasses import replace

from oracle.backends.session import Kind, Session
from oracle.conform.outcome import Outcome, Result
from oracle.conform.reasons import explanations, kept, not_finite
from oracle.vectors.judgement import judge
from oracle.vectors.record import Answer, Vector


def ask(session: Session, vector: Vector) -> Result:
    """One case, asked and judged, with what it looks like by itself."""
    result = asked(session, vector)
    if result.outcome is not Outcome.WRONG or result.judgement is None or result.answer is None:
        return result
    judgement = judge(vector, result.answer, flush_to_zero=session.capabilities.flush_to_zero)
    mistakes = explanations(vector, result.answer, judgement)
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
    return judged_result(vector, reply.answer, seconds, flush_to_zero=session.capabilities.flush_to_zero)


def judged_result(vector: Vector, answer: Answer, seconds: float, *, flush_to_zero: bool) -> Result:
    """An answer, judged."""
    found = judge(vector, answer, flush_to_zero=flush_to_zero, named=False)
    result = Result(vector, Outcome(str(found.grade)), found.sentence, found, seconds=seconds, answer=answer)
    if found:
        return result
    odd = not_finite(answer)
    words = found.sentence.removeprefix("wrong, ")
    return replace(result, words=words, mistakes=(odd,) if odd else (), kept=kept(vector, answer, found))
