"""What is measured of us and of peers: `python -m oracle.scores NAME`; the corpus of right and wrong gradients.

Offers: `mutants` (the corpus and its score), `defects` (of released libraries), `accuracy`, `speed`, `large`, `growth`,
`textbook_activations` in balls.
Imports: no rooms but backends, balls, check, console, judgement, verify, witnesses, workers.
"""
