"""Where the arguments live, which of them are tried, and the simplest ones that still show a mistake.

Offers: `domains`, `problem` (what is checked), `points.points`, `branches`, `shrink.shrink`, `memory`, `strategies`.
Imports: no rooms but candidate, effort, witnesses.
"""
