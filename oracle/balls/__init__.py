"""Rigorous ball arithmetic: every result is an enclosure of the exact real value, never an estimate."""
