"""A network trained on handwritten digits: the data, the trainer, the learning curves, and the command `manualbp train`.

Offers: `train`, `digits`, `plot`.
Imports: no rooms but console.
"""
