"""Test vectors for other backends: questions, their correctly rounded truth, and the judge of answers; `manualbp vectors`.

Offers: `vectors`, `judge`, `matching`, `MISTAKES`, and the records `Question`, `Answer`, `Vector`, `Judgement`;
`drawn` (vectors that are not stored), `arithmetic` (what a backend declares of its own, and what that may cost).
Imports: no rooms but balls, console, judgement, verify, witnesses, workers.
"""

from oracle.vectors.judgement import ACCURATE_ULPS, Grade, Judgement, TensorJudgement, judge
from oracle.vectors.load import vectors
from oracle.vectors.match import matching
from oracle.vectors.mistakes import MISTAKES
from oracle.vectors.record import Answer, Question, Vector

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
