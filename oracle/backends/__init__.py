"""Backends: the record that describes one, the adapters shipped here, and the protocol for programs in other languages.

Offers: `Backend`, `Capabilities`, `session` (asking one), `find`; an adapter loads its framework when a backend is made.
Imports: no rooms but candidate, vectors, witnesses.
"""

from oracle.backends.backend import Backend, Capabilities, Skipped

__all__ = ["Backend", "Capabilities", "Skipped"]
