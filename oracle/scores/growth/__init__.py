"""How checks grow with the size of what they check: `python -m oracle.scores growth`."""
