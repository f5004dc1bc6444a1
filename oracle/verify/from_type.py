"""What Hypothesis draws for a type, where it is asked by type: `st.from_type(oracle.Case)`. `oracle.Case` comes from here."""

from __future__ import annotations

import sys
from typing import Any

from oracle.verify.case import Case

__all__ = ["Case", "register"]


def register() -> None:
    """Makes a case known to Hypothesis; the strategy is built where one is drawn."""
    from hypothesis import strategies as st

    st.register_type_strategy(Case, _networks)


def _networks(asked: Any) -> Any:
    from oracle.verify.architectures import networks

    return networks()


if "hypothesis" in sys.modules:  # it was imported first, and has asked already what it is to know
    register()
