"""The corpus by which the gradient checker is judged: right, inaccurate and wrong gradients, each label proved apart from
the checker. `python -m oracle.scores mutants` scores a checker on it.

`oracle.scores.mutants.corpus` lists it, `labels` proves it, `score` judges the judge, `peers` are the judges others would pick.
"""
