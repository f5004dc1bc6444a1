"""Mutations of the hand-derived code: a sample of them here, the whole by `python tests/mutations.py`."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[2] / "mutations.py"
SPEC = importlib.util.spec_from_file_location("mutations", PATH)
assert SPEC is not None
mutations = importlib.util.module_from_spec(SPEC)
sys.modules["mutations"] = mutations  # dataclasses look their module up
SPEC.loader.exec_module(mutations)

MUTATIONS = {mutation.name: mutation for mutation in mutations.MUTATIONS}


def test_there_are_enough_in_every_file():
    per_file = Counter(mutation.file for mutation in mutations.MUTATIONS)
    assert len(MUTATIONS) == len(mutations.MUTATIONS) >= 40
    assert set(per_file) == {f"manualbp/{name}.py" for name in ("backprop", "costs", "heads", "activations")}
    assert per_file["manualbp/backprop.py"] >= 8
    assert min(per_file[f"manualbp/{name}.py"] for name in ("costs", "heads", "activations")) >= 12


def test_each_replaces_one_text_and_compiles():
    for mutation in mutations.MUTATIONS:
        source = (mutations.ROOT / mutation.file).read_text(encoding="utf-8")
        assert source.count(mutation.old) == 1, f"{mutation.name}: {mutation.old!r} in {mutation.file}"
        mutated = source.replace(mutation.old, mutation.new)
        assert mutated != source, mutation.name
        compile(mutated, mutation.file, "exec")
        assert mutation.blames, mutation.name


def test_no_two_are_the_same():
    assert len({(m.file, m.old, m.new) for m in mutations.MUTATIONS}) == len(mutations.MUTATIONS)


@pytest.mark.parametrize(
    "name",
    [
        "bp4 not summed",
        pytest.param("bp2 with a sum for the Hadamard product", marks=pytest.mark.longer),
        pytest.param("softmax a - E for any E", marks=pytest.mark.longer),
        pytest.param("exponential tau upside down", marks=pytest.mark.longer),
        "gelu' without z",
    ],
)
def test_verify_catches(name, monkeypatch):
    """The four files, and a shape, an operator, a special target, a parameter and a formula that floats replace."""
    monkeypatch.setenv("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")  # XLA compiles in half the time what runs once
    outcome = mutations.run_mutation(MUTATIONS[name])
    assert outcome.caught
    assert outcome.blamed, (outcome.blame, outcome.equation)


def test_a_text_that_is_not_there_is_an_error():
    mutation = MUTATIONS["bp4 not summed"]
    with pytest.raises(ValueError, match="occurs 0 times"):
        mutations.run_mutation(mutations.Mutation("gone", mutation.file, "no such text", "x", ("BP4",)))
