"""Other backends, judged by test vectors: the run, the verdict, the reports, and the command `manualbp conform`.

Offers: `property_tests.conformance_tests`, the rooms `backends` (adapters, protocol) and `vectors` (questions, truths, the judge).
Imports: no rooms but balls, candidate, console, judgement, verify, witnesses.
"""
