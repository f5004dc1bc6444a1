"""A backend held against the vectors: the run, the verdict, the reports, and the command `manualbp conform`.

Offers: `run.conform`, `property_tests.conformance_tests`.
Imports: no rooms but backends, balls, console, judgement, vectors, verify, workers.
"""
