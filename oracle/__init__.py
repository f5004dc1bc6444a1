"""The oracle that judges gradients."""
