"""Where a standard mistake is none: what the vectors of a head need not catch, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from manualbp import HEADS, Head

#: δ is a − E there.
A_MINUS_E = (
    "identity+quadratic",
    "identity+quadratic:fused",
    "sigmoid+cross_entropy",
    "sigmoid+cross_entropy:fused",
    "softmax+categorical_cross_entropy",
    "softmax+categorical_cross_entropy:fused",
)


@dataclass(frozen=True)
class Exemption:
    """Mistakes that are none for some heads, or in some dtypes. whose: the same in words."""

    mistakes: tuple[str, ...]
    of: Callable[[Head, str], bool]
    whose: str
    reason: str


def _output(*activations: str) -> Callable[[Head, str], bool]:
    return lambda head, dtype: head.activation in activations


EXEMPTIONS = (
    Exemption(("sigma_prime missing in BP1",), _output("identity"), "`identity` output", "σ′ is 1"),
    Exemption(
        ("sigma_prime twice in BP1",),
        _output("identity", "relu"),
        "`identity`, `relu` output",
        "σ′ is 0 or 1: σ′² = σ′",
    ),
    Exemption(
        ("sigma_prime at a in BP1",),
        _output("identity", "relu", "leaky_relu"),
        "`identity`, `relu`, `leaky_relu` output",
        "σ′ hangs on whether z > 0, and a > 0 where z > 0 alone: σ′(a) = σ′(z)",
    ),
    Exemption(
        ("sigma_prime at a in BP1",),
        _output("softmax"),
        "`softmax` output",
        "it has a Jacobian and no σ′: its mistakes are the two of `softmax`",
    ),
    Exemption(
        ("a - E for every head",),
        lambda head, dtype: head.name in A_MINUS_E,
        ", ".join(f"`{name}`" for name in A_MINUS_E if not name.endswith(":fused")) + ", fused or not",
        "δ is a − E",
    ),
    Exemption(
        ("parameter ignored",),
        lambda head, dtype: not head.cost.parameters,
        "a cost without a parameter",
        "there is none",
    ),
    Exemption(
        ("softmax as a diagonal", "softmax over the samples"),
        lambda head, dtype: head.activation != "softmax",
        "any other output than `softmax`",
        "there is no softmax",
    ),
    Exemption(("float32 inside float64",), lambda head, dtype: dtype != "float64", "another dtype", "its name says so"),
    Exemption(
        ("bfloat16 inside float32",), lambda head, dtype: dtype != "float32", "another dtype", "its name says so"
    ),
)


def is_no_mistake(mistake: str, head: Head, dtype: str) -> bool:
    """Whether a standard mistake cannot be made with a head in a dtype, or changes nothing there."""
    return any(mistake in e.mistakes and e.of(head, dtype) for e in EXEMPTIONS)


def exemption_table() -> str:
    """The exemptions as Markdown, with the number of heads each of them frees in float64 and float32."""
    rows = ["| mistake | is none for | heads, float64 / float32 | because |", "|---|---|---|---|"]
    for e in EXEMPTIONS:
        counts = [sum(e.of(head, dtype) for head in HEADS.values()) for dtype in ("float64", "float32")]
        names = ", ".join(f"`{name}`" for name in e.mistakes)
        rows.append(f"| {names} | {e.whose} | {counts[0]} / {counts[1]} | {e.reason} |")
    return "\n".join(rows)
