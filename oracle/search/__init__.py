"""The search for arguments at which a gradient is wrong, and for the simplest of them."""
