"""The checker of displayed mathematics: it parses the LaTeX of `proofs/*.md` and tests every equation, reason and quoted line.

Offers: `page_check.check_pages`, and the command `manualbp proofs`.
Imports: no rooms but balls, console.
"""
