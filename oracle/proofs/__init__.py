"""The checker of displayed mathematics: it parses the LaTeX of `proofs/*.md` and tests every equation, reason and quoted line."""
