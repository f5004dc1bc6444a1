"""What is shipped: how much, in which form, and that it is what the generator makes."""

import hashlib
import json
import subprocess
import sys
import zipfile
from io import BytesIO

import jsonschema
import numpy as np
import pytest

from manualbp import ACTIVATIONS, COSTS, HEADS
from oracle.judgement.verdict import SLACK
from oracle.vectors import ACCURATE_ULPS, MISTAKES, Question, vectors
from oracle.vectors.encoding import encode_vector
from oracle.vectors.exempt import exemption_table
from oracle.vectors.files import LEAST, MANIFEST, SCHEMA, data_folder, package_folder
from oracle.vectors.flags import FLAGS
from oracle.vectors.judgement import UNDERFLOWS
from oracle.vectors.make import NoVector, make, make_all, vector_of
from oracle.vectors.plans import plans
from oracle.vectors.truth import Unfit

FILES = json.loads((data_folder() / MANIFEST).read_bytes())["files"]
SAMPLE = [
    "float64/tanh+quadratic/square",
    "float64/softmax+huber/edge",
    "float32/sigmoid+hellinger:fused/saturated",
    "float32/relu+squared_hinge/tiny",
    "float16/softmax+poisson/square",
    "bfloat16/hidden:gelu/points",
    "float64/sigmoid+cross_entropy/thin",
    "float32/sigmoid+huber@threshold=0.3/single",
]


def content(name):
    return data_folder().joinpath(*name.split("/")).read_bytes()


def test_how_many_and_of_what():
    assert len(vectors()) == json.loads(content(MANIFEST))["vectors"] == sum(f["vectors"] for f in FILES.values())
    for dtype, least in LEAST.items():
        assert len(vectors(dtype)) >= least
    for dtype in ("float64", "float32", "float16"):
        assert {v.question.head for v in vectors(dtype)} == set(HEADS)
    assert len({v.question.head for v in vectors("bfloat16")}) >= 60
    assert len({v.id for v in vectors()}) == len(vectors())
    assert {flag for v in vectors() for flag in v.flags} == set(FLAGS) - {
        "large",
        "drawn",
    }  # made when they are asked for


def test_the_page_says_what_there_is():
    page = (package_folder() / "README.md").read_text(encoding="utf-8")
    heads = {dtype: len({v.question.head for v in vectors(dtype)}) for dtype in LEAST}
    counts = [f"{len(vectors(dtype))} in {dtype}" for dtype in LEAST]
    assert f"{len(vectors()):,} vectors: {', '.join(counts[:-1])} and {counts[-1]}." in page
    assert f"Every one of the {heads['float64']} heads" in page
    assert f"{heads['float16']} in float16 and {heads['bfloat16']} in bfloat16" in page
    assert f"**{ACCURATE_ULPS} ulp**" in page
    assert f"plus {UNDERFLOWS} times the least subnormal number" in page
    assert f"times {SLACK:g} for" in page
    assert f"{min(len(v.catches) for v in vectors())} at least" in page
    for name in (*COSTS, *ACTIVATIONS):
        assert f"`{name}`" in page
    assert f"\n\n{exemption_table()}\n\n" in page


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_head_is_asked_with_one_input_and_one_output(dtype):
    """Where a shape such as (1, 1) is taken for a scalar. Of softmax one output is always 1."""
    one_in, one_out = (
        {v.question.head for v in vectors(dtype) if v.question.sizes[end] == 1 and not v.id.endswith("/points")}
        for end in (0, -1)
    )
    assert one_in == set(HEADS)
    assert one_out == {head.name for head in HEADS.values() if head.activation != "softmax"}


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_every_parameter_is_asked_at_another_value_where_that_shows(dtype):
    wanted = {head.name for head in HEADS.values() if head.cost.parameters}
    asked = {v.question.head for v in vectors(dtype) if "parameter ignored" in v.catches}
    assert asked == wanted
    assert all("parameter" in v.flags for v in vectors(dtype) if "parameter ignored" in v.catches)


def test_vectors_by_head():
    some = vectors("float32", ["tanh+huber", "sigmoid+quadratic"])
    assert {v.question.head for v in some} == {"tanh+huber", "sigmoid+quadratic"}
    assert all(v.question.dtype == "float32" for v in some)
    for bad in ({"dtype": "float8"}, {"heads": ["sigmoid+quadratc"]}, {"heads": "tanh+huber"}):
        with pytest.raises(ValueError, match=r"unknown|give a list"):
            vectors(**bad)


def test_size_in_a_wheel():
    """Deflated, as a wheel holds them."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name in FILES:
            wheel.writestr(name, content(name))
    assert len(archive.getvalue()) < 3_000_000


def test_every_file_is_the_one_listed_and_one_vector_a_line():
    for name, listed in FILES.items():
        data = content(name)
        assert hashlib.sha256(data).hexdigest() == listed["sha256"]
        assert data.decode().count('\n{"id":') == listed["vectors"]


@pytest.mark.parametrize(
    "name", ["float64/huber.json", "float32/poisson.json", "float16/quadratic.json", "bfloat16/log_cosh.json"]
)
def test_the_schema(name):
    schema = json.loads((package_folder() / SCHEMA).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    data = json.loads(content(name))
    data["vectors"] = data["vectors"][:6]
    assert list(check.iter_errors(data)) == []
    for change in (
        lambda v: v["x"]["bits"].__setitem__(0, "3f"),
        lambda v: v["x"]["bits"].__setitem__(0, "3" * (24 if v["dtype"] == "float64" else 16)),
        lambda v: v.update(surprise=1),
        lambda v: v.pop("catches"),
        lambda v: v["truth"].pop("deltas"),
        lambda v: v["allowance"].update(cost=0),
        lambda v: v.update(catches=["sign"]),
        lambda v: v["catches"].append("bad luck"),
        lambda v: v.update(head="tanh+nothing"),
        lambda v: v.update(flags=["special"]),
        lambda v: v.update(id="float64/two words/x"),
        lambda v: v["hidden"].append("softmax"),
    ):
        damaged = json.loads(json.dumps(data))
        change(damaged["vectors"][3])
        assert not check.is_valid(damaged)


def test_the_schema_knows_the_names_that_the_code_knows():
    names = json.loads((package_folder() / SCHEMA).read_text(encoding="utf-8"))["$defs"]
    known = {"activation": ACTIVATIONS, "head": HEADS, "cost": COSTS, "flag": FLAGS, "mistake": MISTAKES}
    assert {name: names[name]["enum"] for name in known} == {name: list(listed) for name, listed in known.items()}


def test_a_sample_is_made_anew_byte_for_byte():
    made = {v.id: v for v in make_all(SAMPLE)}
    kept = {v.id: v for v in vectors() if v.id in SAMPLE}
    assert made.keys() == kept.keys() == set(SAMPLE)
    for id in SAMPLE:
        text = json.dumps(encode_vector(made[id]), separators=(",", ":"), ensure_ascii=False)
        assert text == json.dumps(encode_vector(kept[id]), separators=(",", ":"), ensure_ascii=False)
        assert any(text.encode() in content(name) for name in FILES)


def test_a_question_that_catches_too_little_makes_no_vector():
    """Where z = E the gradient is zero, and most mistakes lead there."""
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    question = Question("nothing", "float64", "identity+quadratic", (), one, one, (one,), (zero,))
    with pytest.raises(Unfit, match=r"catches \d mistakes alone"):
        vector_of(question)


def test_a_plan_without_a_vector_is_an_error(monkeypatch):
    (plan,) = [p for p in plans() if p[0] == "float64/tanh+quadratic/square"]
    monkeypatch.setattr("oracle.vectors.make.ATTEMPTS", 2)
    kind = type(plan[-1])("square", plan[-1].make, ("softmax as a diagonal",))
    with pytest.raises(NoVector, match="none of 2 attempts fits, the last because it misses: softmax as a diagonal"):
        make(*plan[:-1], kind)


def test_reading_and_judging_import_neither_jax_nor_flint():
    script = (
        "import sys; from oracle.vectors import vectors, judge, MISTAKES; v = vectors('float32')[0]; "
        "assert judge(v, v.truth); assert not judge(v, MISTAKES['sign'](v.question)); "
        "print(sorted({'jax', 'flint', 'hypothesis', 'pytest'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
