"""One point, one finding: the candidate against the truth there, and which of the four verdicts it is.

Offers: `verdict` (the only comparison policy), `point.judge_point`; kinks, estimates, rounding and the limits of the float format.
Imports: no rooms but balls, candidate, effort, witnesses.
"""
