"""Backends: the record that describes one, the adapters shipped here, and the protocol for programs in other languages.

The adapters import their framework when a backend is made, never before.
"""

from oracle.conform.backends.backend import Backend, Capabilities, Skipped

__all__ = ["Backend", "Capabilities", "Skipped"]
