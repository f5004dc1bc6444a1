"""An autograd.Function of two outputs, whose backward is handed None for one that nobody uses."""

from __future__ import annotations

from typing import Any


def twice_and_thrice(forgets: bool) -> Any:
    """2x and 3x; forgets: whether nothing comes back where the first is not used."""
    import torch

    class TwiceAndThrice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, first, second):
            if first is None:
                return None if forgets or second is None else 3 * second
            return 2 * first if second is None else 2 * first + 3 * second

    return TwiceAndThrice
