"""Test vectors for other backends: questions, their correctly rounded truth, and the judge of answers."""

from oracle.conform.vectors.judgement import ACCURATE_ULPS, Grade, Judgement, TensorJudgement, judge
from oracle.conform.vectors.load import vectors
from oracle.conform.vectors.match import matching
from oracle.conform.vectors.mistakes import MISTAKES
from oracle.conform.vectors.record import Answer, Question, Vector

__all__ = [
    "ACCURATE_ULPS",
    "MISTAKES",
    "Answer",
    "Grade",
    "Judgement",
    "Question",
    "TensorJudgement",
    "Vector",
    "judge",
    "matching",
    "vectors",
]
