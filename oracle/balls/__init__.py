"""Ball arithmetic: arrays of balls, and the interpreter that runs a jaxpr on them; every result encloses the exact real value.

Offers: `arrays` (in and out), `jaxpr.evaluate`, `midpoint_radius.interpreter.evaluate` (the same in arrays of float64, for what is
large), `allowance` (what p bits may cost), `watch` (ties met), `errors`.
Imports: no rooms but effort.
"""
