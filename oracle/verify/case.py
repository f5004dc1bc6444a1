"""A case: a network and a batch, whatever drew it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import manualbp
from manualbp import COSTS, Network


@dataclass(frozen=True, eq=False)
class Case:
    """A network, inputs x (n_1, m) and expected outputs (n_L, m)."""

    net: Network
    x: NDArray[Any]
    expected: NDArray[Any]

    @property
    def size(self) -> int:
        """How many numbers describe it."""
        return sum(v.size for v in (*self.net.weights, *self.net.biases, self.x, self.expected))

    @property
    def words(self) -> str:
        """Its architecture in one line."""
        hidden = ", ".join(activation.name for activation in self.net.activations) or "none"
        sizes = "-".join(str(n) for n in self.net.sizes)
        return f"{sizes}, hidden: {hidden}, head: {self.net.head.name}, samples: {self.x.shape[-1]}"

    def code(self) -> str:
        """Python that builds it again."""
        lists = {
            "weights": [w.tolist() for w in self.net.weights],
            "biases": [b.tolist() for b in self.net.biases],
            "x": self.x.tolist(),
            "expected": self.expected.tolist(),
        }
        arrays = {name: json.dumps(value) for name, value in lists.items()}
        head = self.net.head
        named = f"manualbp.HEADS[{head.name!r}]"
        if head.cost.parameters and head.cost is not COSTS.get(head.cost.name):
            cost = f"{head.cost.name}({', '.join(f'{name}={value}' for name, value in head.cost.parameters.items())})"
            named = f"manualbp.chained(manualbp.ACTIVATIONS[{head.activation!r}], manualbp.{cost})"
        return "\n".join(
            (
                "import numpy as np, manualbp",
                f"weights = [np.array(w) for w in {arrays['weights']}]",
                f"biases = [np.array(b) for b in {arrays['biases']}]",
                f"hidden = [manualbp.ACTIVATIONS[name] for name in {[f.name for f in self.net.activations]}]",
                f"net = manualbp.from_parameters(weights, biases, hidden, {named})",
                f"g = manualbp.gradients(net, np.array({arrays['x']}), np.array({arrays['expected']}))",
            )
        )


def on_arrays(case: Case) -> tuple[Any, tuple[NDArray[Any], ...]]:
    """(fn, args): the mean cost as a function of weights, biases and a shift of every z, for a witness to differentiate.

    args: the weights, then the biases, then zero shifts (n_i, m): ∂C/∂shift is δⁱ/m, a column for each sample. The forward pass
    is `manualbp.forward` itself: a shift is a bias of its own for each sample.
    """
    net = case.net
    L, m = len(net.weights), case.x.shape[-1]
    shifts = tuple(np.zeros((w.shape[0], m), w.dtype) for w in net.weights)

    def mean_cost(*args: Any) -> Any:
        weights, biases, moved = args[:L], args[L : 2 * L], args[2 * L :]
        xp = weights[0].__array_namespace__()
        shifted = Network(weights, tuple(b + s for b, s in zip(biases, moved, strict=True)), net.activations, net.head)
        like = _as_balls if weights[0].dtype == object else partial(xp.asarray, dtype=weights[0].dtype)
        z, a = manualbp.forward(shifted, like(case.x))
        return xp.sum(net.head.C(z[-1], a[-1], like(case.expected))) / m

    return mean_cost, (*net.weights, *net.biases, *shifts)


def lifted(net: Network) -> Network:
    """The network on exact balls."""
    weights, biases = (tuple(map(_as_balls, arrays)) for arrays in (net.weights, net.biases))
    return Network(weights, biases, net.activations, net.head)


def _as_balls(x: NDArray[Any]) -> NDArray[Any]:
    from oracle.balls.arrays import lift

    return lift(x)
