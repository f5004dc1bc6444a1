"""Where Hypothesis enters, by its entry point: `st.from_type(oracle.Case)` draws networks.

Projects have an `oracle` of their own, and theirs comes first: nothing of ours is imported here that is not there already. Where
`oracle.Case` is asked for later, it registers itself.
"""

import sys


def register() -> None:
    """Called by Hypothesis as it is imported."""
    if "oracle.verify.from_type" in sys.modules:
        from oracle.verify.from_type import register

        register()
