"""The code that is judged: how it is called, held off, named, and brought into the form that is judged.

Offers: `asking.ask`, `guard` (time limits, no silent exit), `names.called`, `custom_rules.rules`,
`tensors.on_arrays` (code of torch, called with arrays); the error `CannotJudge`.
Imports: no rooms but effort.
"""
