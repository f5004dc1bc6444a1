"""A user's gradient, judged: the question, the run, the report and its power; the files and the command `manualbp check`.

Offers: `gradient.check_gradient`, `vjp.check_vjp`, `jvp.check_jvp`, `hessian.check_hessian`, `hessian.check_hvp`, `report.Report`,
`declarations.takes`, `listeners`.
Imports: no rooms but balls, candidate, console, diagnosis, effort, judgement, search, witnesses, workers.
"""
