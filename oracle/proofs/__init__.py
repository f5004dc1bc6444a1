"""The checker of displayed mathematics: it parses the LaTeX of `proofs/*.md` and tests every equation, reason and quoted line.

A page is about the package, about a network in numbers (`given.py`), or about an author's own cost (`own.py`).

Offers: `page_check.check_pages`, and the command `manualbp proofs`.
Imports: no rooms but balls, console, workers.
"""
