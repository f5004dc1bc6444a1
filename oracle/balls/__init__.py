"""Ball arithmetic: arrays of balls, and the interpreter that runs a jaxpr on them; every result encloses the exact real value.

Offers: `arrays` (in and out), `jaxpr.evaluate`, `allowance` (what p bits may cost), `watch` (ties met), `errors`.
Imports: no rooms but effort.
"""
