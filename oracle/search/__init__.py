"""Where the arguments live, which of them are tried, and the simplest ones that still show a mistake.

Offers: `domains`, `allowed` (those that a function allows), `problem` (what is checked), `points.points`, `branches`,
`shrink.shrink`, `memory`, `strategies`.
Imports: no rooms but balls, candidate, effort, witnesses.
"""
