"""A reader that uses no Python: tests/ports/judge.mjs reads an export, and judges as we do, right answers and sabotaged ones."""

import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from oracle.vectors import MISTAKES, Grade, vectors
from oracle.vectors.encoding import encode_answer
from oracle.vectors.files import contents, data_folder, read_vectors
from oracle.vectors.large import large_contents, make_large, read_large
from oracle.vectors.mistakes import right
from oracle.vectors.results import check_results
from oracle.vectors.write import write_files

NODE = shutil.which("node")
SCRIPT = Path(__file__).parents[2] / "ports" / "judge.mjs"
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def by_node(exported, results, *options):
    done = subprocess.run(
        [NODE, SCRIPT, exported, results, *options], capture_output=True, text=True, timeout=60, encoding="utf-8"
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def sabotaged(asked, seed):
    """An answer to each: right, or by one standard mistake or another; now and then without what is optional, or no answer."""
    rng = random.Random(seed)
    names = list(MISTAKES)
    for k, vector in enumerate(asked):
        fmt = vector.question.format
        answer = right(vector.question)
        if rng.random() < 0.6:
            answer = MISTAKES[names[k % len(names)]](vector.question) or answer
        data = {"id": vector.id, **encode_answer(answer, fmt)}
        for field in ("deltas", "activations", "cost"):
            if rng.random() < 0.3:
                del data[field]
        yield json.dumps(data)
        if k % 40 == 7:
            yield json.dumps(data)
        if k % 40 == 17:
            yield rng.choice(
                [
                    "{",
                    "3",
                    '{"id": 3}',
                    '{"id": "nobody"}',
                    "NaN",
                    '{"id": "x", "cost": NaN}',
                    "null",
                    "[]",
                    "\u2028",
                    "\ufeff",
                ]
            )
    yield json.dumps({"id": "large", "nabla_w": []})


def same(ours, theirs):
    for key in ("verdict", "asked", "least"):
        assert theirs[key] == ours[key]
    assert in_order(theirs["judged"]) == in_order(ours["judged"])
    assert in_order(theirs["skipped"]) == in_order(ours["skipped"])
    assert in_order(theirs["problems"]) == in_order([{"id": p["id"], "kind": p["kind"]} for p in ours["problems"]])


def in_order(records):
    return sorted(records, key=json.dumps)


@needs_node
@pytest.mark.longer
def test_the_same_verdicts_on_sabotaged_answers(exported, tmp_path):
    every = [*read_vectors(exported), *read_large(exported)]
    text = list(sabotaged([v for v in every if "large" not in v.flags][::9], 3))
    answered = "\n".join(text)
    skipped = [v.id for v in every if f'"{v.id}"' not in answered][:20]
    text += [
        json.dumps({"id": id, "skipped": reason}) for id, reason in zip(skipped, ["not mine", ""] * 10, strict=True)
    ]
    (tmp_path / "results").write_text("\n".join(text), encoding="utf-8")
    code, theirs = by_node(exported, tmp_path / "results")
    ours = check_results(every, text)
    assert code == 1
    same(ours.to_dict(), theirs)
    assert {j.grade for j in ours.judged} == set(Grade)
    assert {p.kind for p in ours.problems} == {"missing", "duplicate", "unknown", "malformed"}
    assert {j.equation for j in ours.judged} >= {"", "cost", "BP1", "BP2", "BP3", "BP4", "forward"}


def reshaped(answer, shape):
    return {**answer, "nabla_b": [{**answer["nabla_b"][0], "shape": shape, "bits": []}, *answer["nabla_b"][1:]]}


ODD = {
    "integers as floats are integers": lambda a: json.loads(re.sub(r"\b([123])([],])", r"\1.0\2", json.dumps(a))),
    "a shape of a million axes' size": lambda a: reshaped(a, [50_000_000] * 7 + [0]),
    "seventy axes": lambda a: reshaped(a, [1] * 69 + [0]),
    "another shape, empty": lambda a: reshaped(a, [0, 3]),
    "true is no size": lambda a: reshaped(a, [True, 0]),
    "skipped and answered": lambda a: {**a, "skipped": "x"},
    "skipped, with null beside": lambda a: {"id": a["id"], "skipped": "x", "nabla_w": None},
    "skipped for no reason that shows": lambda a: {"id": a["id"], "skipped": "\t\r\n "},
    "skipped for a reason of another blank": lambda a: {"id": a["id"], "skipped": "\u00a0"},
    "no δ of one layer": lambda a: {**a, "deltas": a["deltas"][1:]},
    "no layer at all": lambda a: {**a, "nabla_w": []},
}


@pytest.mark.longer
@needs_node
def test_the_same_verdict_on_odd_answers(exported, tmp_path):
    wanted = [v for v in (*vectors("float32"), *read_large(exported)) if v.id.startswith("float32/")]
    asked = [v for v in vectors("float32") if v.id.startswith("float32/tanh+")][: len(ODD)]
    answers = [{"id": v.id, **encode_answer(v.truth, v.question.format)} for v in asked]
    text = [json.dumps(change(a)) for change, a in zip(ODD.values(), answers, strict=True)]
    (tmp_path / "results").write_text("\n".join(text), encoding="utf-8")
    _, theirs = by_node(exported, tmp_path / "results", "--only", "float32/", "--min-cases", "1")
    ours = check_results(wanted, text, least=1)
    same(ours.to_dict(), theirs)
    assert [j.grade for j in ours.judged] == [Grade.ACCURATE, *[Grade.WRONG] * 3]
    assert [reason for _, reason in ours.skipped] == ["x", "\u00a0"]
    assert sum(p.kind == "malformed" for p in ours.problems) == 5


@pytest.mark.longer
@needs_node
def test_half_must_be_answered_in_both(exported, tmp_path):
    asked = vectors("bfloat16")
    for answered, code in ((83, 1), (84, 0)):
        text = [json.dumps({"id": v.id, **encode_answer(v.truth, v.question.format)}) for v in asked[:answered]]
        text += [json.dumps({"id": v.id, "skipped": "not mine"}) for v in asked[answered:]]
        (tmp_path / "results").write_text("\n".join(text), encoding="utf-8")
        found, theirs = by_node(exported, tmp_path / "results", "--only", "bfloat16/")
        ours = check_results(asked, text)
        same(ours.to_dict(), theirs)
        assert found == code == (not ours.right)
        assert ours.least == 84


@pytest.mark.longer
@needs_node
def test_the_same_verdicts_where_subnormals_are_flushed(exported, tmp_path):
    asked = [v for v in vectors("float32") if v.id.endswith("/tiny")][::6]
    answers = [MISTAKES["flushed subnormals"](v.question) for v in asked]
    text = [
        json.dumps({"id": v.id, **encode_answer(a, v.question.format)}) for v, a in zip(asked, answers, strict=True)
    ]
    (tmp_path / "results").write_text("\n".join(text), encoding="utf-8")
    for options, flush, grade in ((["--flush-to-zero"], True, "stable"), ([], False, "wrong")):
        _, theirs = by_node(exported, tmp_path / "results", *options)
        ours = check_results(asked, text, flush_to_zero=flush).to_dict()
        assert in_order(theirs["judged"]) == in_order(ours["judged"])
        assert {j["grade"] for j in ours["judged"]} == {grade}


@pytest.mark.longer
@needs_node
def test_the_same_verdict_on_right_answers(exported, tmp_path):
    asked = vectors("float16")
    text = [json.dumps({"id": v.id, **encode_answer(right(v.question), v.question.format)}) for v in asked]
    (tmp_path / "results").write_text("\n".join(text), encoding="utf-8")
    code, theirs = by_node(exported, tmp_path / "results", "--only", "float16/")
    assert code == 0
    same(check_results(asked, text).to_dict(), theirs)


@pytest.mark.longer
@needs_node
def test_it_refuses_a_damaged_folder_and_no_results(exported, tmp_path):
    (tmp_path / "results").write_text("")
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    name = copy / "float64" / "huber.json"
    name.write_bytes(name.read_bytes().replace(b"3", b"4", 1))
    code, words = by_node(copy, tmp_path / "results")
    assert code == 2
    assert "is not what manifest.json says" in words
    assert by_node(exported, tmp_path / "absent")[0] == 2
    assert by_node(exported, tmp_path / "results", "--only", "float16/")[1]["verdict"] == "wrong"


@pytest.mark.longer
def test_the_large_network(exported, tmp_path):
    """The same bytes each time, back as they were, in both readers."""
    (wide, narrow) = read_large(exported)
    made = large_contents(make_large("float32"))
    assert all((exported / name).read_bytes() == data for name, data in made.items())
    assert narrow.question.sizes == (784, 30, 10)
    assert {"large", "boundary", "unequal_widths"} <= set(wide.flags)
    assert len(wide.catches) >= 25
    if NODE is None:
        return
    answers = [right(wide.question), MISTAKES["dW transposed"](narrow.question)]
    text = [
        json.dumps({"id": v.id, **encode_answer(a, v.question.format)})
        for v, a in zip((wide, narrow), answers, strict=True)
    ]
    (tmp_path / "results").write_text("\n".join(text), encoding="utf-8")
    _, theirs = by_node(exported, tmp_path / "results")
    ours = check_results((wide, narrow), text).to_dict()
    assert in_order(theirs["judged"]) == in_order(ours["judged"])
    assert [j["grade"] == "wrong" for j in ours["judged"]] == [False, True]


@pytest.mark.longer
def test_an_export_is_what_is_shipped(exported, tmp_path):
    """And what is written from the records themselves."""
    again = contents(vectors())
    for name, data in again.items():
        if name.startswith("float"):
            assert (exported / name).read_bytes() == data == data_folder().joinpath(*name.split("/")).read_bytes()
    write_files(tmp_path / "again", again)
    assert len(list(read_vectors(tmp_path / "again"))) == len(vectors())
