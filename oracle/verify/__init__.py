"""The derivation of `manualbp`, judged: random architectures, their examination, whom to blame, and the command `manualbp verify`.

Offers: `case.Case`, `architectures.networks`, `examine.examine`, `blame.blame`, `shrink.shrink`, `campaign`.
Imports: no rooms but balls, console, judgement, witnesses, workers.
"""
