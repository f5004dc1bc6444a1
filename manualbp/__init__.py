"""Backpropagation derived by hand."""
