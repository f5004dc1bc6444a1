"""Rigorous ball arithmetic."""
