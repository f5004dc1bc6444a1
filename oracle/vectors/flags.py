"""What is special about a vector: flags, each with a note for whoever fails on it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from oracle.vectors.formats import as_floats
from oracle.vectors.passes import run_forward
from oracle.vectors.record import Answer, Question, tensors

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "boundary": "some E lies on the end of its domain (0, 1, a one-hot column), where formulas with a logarithm need care",
        "cancellation": "a sum nearly cancels: a right answer may be many ulp off, and the allowance says how many",
        "deep": "two hidden layers or more: BP2 is used twice",
        "large": "a network of the size that is trained; its arrays are in a safetensors file",
        "no_hidden_layer": "input and output alone: BP1, BP3 and BP4 are used, BP2 is not",
        "one_neuron": "some layer has a single neuron",
        "one_sample": "the batch is one sample, so that a mean is a sum",
        "overflow": "∇ₐC is beyond the range of the dtype though δ is not: whoever multiplies it by σ′ afterwards gets no number",
        "parameter": "the cost has another parameter than usual",
        "saturation": "some z lies where the activation is flat: differences such as 1 - a lose their digits",
        "square": "every layer has as many neurons as the next, so that a transposed matrix still fits",
        "subnormal": "some results are subnormal; a backend that flushes them to zero says so, and is then forgiven",
        "tie": "a branch of a usual formula is tied (equal logits, |a - E| at the threshold, z = 0); the derivative exists there",
        "drawn": "it is not stored, but made from its name; see oracle.vectors.drawn",
        "unequal_widths": "the layers differ in width, so that a wrong shape shows",
    }
)


def flags_of(question: Question, truth: Answer, *, tied: bool, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The flags that a question and its truth show, with those that its maker knows of."""
    sizes, E = question.sizes, as_floats(question.expected)
    tiny = question.format.tiny
    with np.errstate(all="ignore"):
        nabla_a = np.abs(run_forward(question).nabla_a())
    numbers = [np.abs(as_floats(v)) for _, _, v in tensors(truth)]
    ends = {"nonnegative": (0,), "closed_unit": (0, 1), "closed_simplex": (0, 1)}
    domain = question.head_record().cost.e_domain.name
    shown = {
        "boundary": bool(np.isin(E, ends.get(domain, ())).any()),
        "deep": len(sizes) > 3,
        "no_hidden_layer": len(sizes) == 2,
        "one_neuron": 1 in sizes,
        "overflow": bool(np.any((nabla_a > question.format.largest) & np.isfinite(nabla_a))),
        "one_sample": question.samples == 1,
        "square": len(set(sizes)) == 1 and sizes[0] > 1,
        "subnormal": any(bool(np.any((v > 0) & (v < tiny))) for v in numbers),
        "tie": tied,
        "unequal_widths": len(set(sizes)) > 1,
    }
    return tuple(sorted({*known, *(flag for flag, here in shown.items() if here)}))
