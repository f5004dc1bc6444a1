"""`manualbp vectors`: export, check and regenerate, their exit codes, and one sentence for whatever is no answer."""

import json
import shutil
from functools import lru_cache

import pytest
from click.testing import CliRunner

from oracle.cli import main
from oracle.vectors import MISTAKES, vectors
from oracle.vectors.encoding import encode_answer
from oracle.vectors.files import MANIFEST, manifest
from oracle.vectors.large import read_all
from oracle.vectors.results import check_results
from oracle.vectors.serving import report
from oracle.vectors.write import write_files

pytestmark = pytest.mark.longer  # all vectors are made or written

ONLY = "float32/*+huber/square"
ASKED = [v for v in vectors("float32") if v.question.head.endswith("+huber") and v.id.endswith("/square")]


KEPT = lru_cache(maxsize=1)(read_all)


@pytest.fixture(autouse=True)
def read_once(monkeypatch):
    """Every check reads the whole folder; here the same one once."""
    monkeypatch.setattr("oracle.vectors.serving.read_all", KEPT)


def run(*arguments, **options):
    return CliRunner().invoke(main, ["vectors", *map(str, arguments)], prog_name="manualbp", **options)


def lines(change=None):
    """A right answer to every vector asked, or what `change` makes of the list."""
    answers = [{"id": v.id, **encode_answer(v.truth, v.question.format)} for v in ASKED]
    return "\n".join(json.dumps(answer) for answer in (change(answers) if change else answers))


def check(exported, text, *options):
    result = run("check", exported, "-", "--only", ONLY, *options, input=text)
    return result.exit_code, result.stdout


@pytest.mark.longer
def test_export_says_what_it_wrote(exported):
    about = json.loads((exported / MANIFEST).read_text())
    assert {p.name for p in exported.iterdir()} == {
        "README.md",
        "vectors.schema.json",
        MANIFEST,
        "float64",
        "float32",
        "float16",
        "bfloat16",
        "large",
    }
    assert about["vectors"] == len(vectors()) + 2
    assert "The two grades" in (exported / "README.md").read_text(encoding="utf-8")


def test_export_overwrites_nothing(exported, tmp_path):
    refused = run("export", exported)
    assert refused.exit_code == 2
    assert "is not empty, and nothing is overwritten" in refused.stderr
    (tmp_path / "thesis.txt").write_text("mine")
    refused = run("export", tmp_path, "--force")
    assert refused.exit_code == 2
    assert "holds something else" in refused.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    assert run("export", tmp_path / "thesis.txt").exit_code == 2
    assert run("export").exit_code == 2


def test_force_replaces_an_export_and_leaves_other_files_alone(tmp_path):
    files = {"float64/a.json": b"old", MANIFEST: manifest({"float64/a.json": b"old"}, {"float64/a.json": 1})}
    write_files(tmp_path / "v", files)
    (tmp_path / "v" / "results.ndjson").write_text("mine")
    assert run("export", tmp_path / "v", "--force", "--json").exit_code == 0
    assert (tmp_path / "v" / "results.ndjson").read_text() == "mine"
    assert not (tmp_path / "v" / "float64" / "a.json").exists()
    assert (tmp_path / "v" / "float64" / "huber.json").exists()


def test_right_results(exported):
    code, text = check(exported, lines())
    assert code == 0
    assert text == f"right: 15 of 15 judged; {len(ASKED)} accurate, 0 stable, 0 wrong, 0 skipped, 0 problems\n"
    code, text = check(exported, lines(), "--json")
    found = json.loads(text)
    assert code == 0
    assert found["verdict"] == "right"
    assert found["counts"]["accurate"] == len(ASKED) == len(found["judged"])


def test_gradients_alone_are_enough_and_stable_is_right(exported):
    def change(answers):
        for v, answer in zip(ASKED, answers, strict=True):
            near = [t + 0.5 * a.astype(t.dtype) for t, a in zip(v.truth.nabla_w, v.allowance.nabla_w, strict=True)]
            for field in ("cost", "activations", "deltas"):
                del answer[field]
            for array, moved in zip(answer["nabla_w"], near, strict=True):
                array["bits"] = [f"{n:08X}" for n in moved.ravel().view("u4").tolist()]
                del array["decimal"]
        return answers

    code, text = check(exported, lines(change), "--json")
    assert code == 0
    assert json.loads(text)["counts"]["stable"] == len(ASKED)


def test_wrong_results_name_the_mistake(exported):
    def change(answers):
        answers[2] |= encode_answer(MISTAKES["no 1/m"](ASKED[2].question), ASKED[2].question.format)
        return answers

    code, text = check(exported, lines(change))
    assert code == 1
    first, last = text.splitlines()
    assert first.startswith(f"{ASKED[2].id}: wrong, first in BP3 of layer 3")
    assert first.endswith("it is what one gets by: no 1/m")
    assert last.startswith("wrong: ")


def small(answer):
    return {k: answer[k] for k in ("id", "nabla_w", "nabla_b")}


PROBLEMS = {
    "has no answer": lambda answers: answers[1:],
    "again; the first answer counts": lambda answers: [*answers, answers[0]],
    "which was not asked": lambda answers: [*answers, {**answers[0], "id": "float32/nothing"}],
    'line 1 has no "id"': lambda answers: [{"nabla_w": []}, *answers],
    "line 1 is no JSON": lambda answers: [float("nan"), *answers],
    "nabla_b is missing": lambda answers: [{**small(answers[0]), "nabla_b": None}, *answers[1:]],
    "8 hex digits": lambda answers: [
        {**small(answers[0]), "nabla_b": [{"shape": [1], "bits": ["3ff0000000000000"]}]},
        *answers[1:],
    ],
    "has shape (3, 1), and must have (3, 3)": lambda answers: [
        {**answers[0], "nabla_w": answers[0]["nabla_b"]},
        *answers[1:],
    ],
    "is 1 arrays": lambda answers: [{**answers[0], "nabla_w": answers[0]["nabla_w"][:1]}, *answers[1:]],
    "skipped without a reason": lambda answers: [{"id": answers[0]["id"], "skipped": " "}, *answers[1:]],
    "is skipped and answered": lambda answers: [{**answers[0], "skipped": "x"}, *answers[1:]],
    "0 of 15 judged, and fewer than 8 are no check": lambda answers: [
        {"id": a["id"], "skipped": "not mine"} for a in answers
    ],
}


@pytest.mark.parametrize("words", PROBLEMS)
def test_what_is_no_answer_is_a_sentence_and_no_pass(words):
    checked = check_results(ASKED, lines(PROBLEMS[words]).split("\n"))
    assert not checked.right
    assert words in report(checked)
    assert report(checked).splitlines()[-1].startswith("wrong: ")
    assert json.loads(json.dumps(checked.to_dict(), allow_nan=False))["verdict"] == "wrong"


def test_a_problem_in_the_command(exported):
    code, text = check(exported, lines(lambda answers: [*answers, answers[0]]))
    assert code == 1
    assert "again; the first answer counts" in text


def test_skipping_with_a_reason_is_fair_as_long_as_half_is_answered(exported):
    def answered(count):
        skip = lambda answers: [{"id": a["id"], "skipped": "not mine"} for a in answers[count:]]  # noqa: E731
        return lines(lambda answers: [*answers[:count], *skip(answers)])

    code, text = check(exported, answered(8))
    assert (code, text) == (0, "right: 8 of 15 judged; 8 accurate, 0 stable, 0 wrong, 7 skipped, 0 problems\n")
    code, text = check(exported, answered(1))
    assert code == 1
    assert text.startswith("1 of 15 judged, and fewer than 8 are no check")
    assert text.splitlines()[-1] == "wrong: 1 of 15 judged; 1 accurate, 0 stable, 0 wrong, 14 skipped, 0 problems"
    assert check(exported, answered(1), "--min-cases", "1")[0] == 0
    assert check(exported, answered(8), "--min-cases", "9")[0] == 1
    assert check(exported, lines(), "--min-cases", "16")[0] == 1


def test_nothing_at_all_is_wrong(exported):
    code, text = check(exported, "")
    assert code == 1
    assert "has no answer" in text


def test_what_cannot_run(exported, tmp_path):
    results = tmp_path / "results.ndjson"
    results.write_text(lines())
    assert run("check", exported, results, "--only", ONLY).exit_code == 0
    results.write_bytes(b"\xff\xfe")
    broken = tmp_path / "broken"
    shutil.copytree(exported, broken)
    name = broken / "float64" / "categorical_cross_entropy.json"
    name.write_text(name.read_text().replace("3", "4", 1))
    sentences = {
        "no UTF-8 text": ["check", exported, results],
        "the system refused": ["check", exported, tmp_path / "absent"],
        "no vector has such an id": ["check", exported, "-", "--only", "float8/*"],
        "no readable manifest.json": ["check", tmp_path, "-"],
        "is not what manifest.json says": ["check", broken, "-"],
        "RESULTS is missing": ["check", exported],
        "DIR is missing": ["check"],
    }
    for words, arguments in sentences.items():
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in result.stderr
        assert result.stderr.count("\n") == 1


def test_regenerate():
    at_ties = "float*/identity+squared_hinge/edge"  # whose allowance comes from neighbours
    same = run("regenerate", "--only", "float32/tanh+huber/*", "--only", at_ties, "--json")
    assert same.exit_code == 0
    assert json.loads(same.stdout) == {"verdict": "right", "vectors": 9, "different": []}
    assert run("regenerate", "--only", "nothing").exit_code == 2


def test_regenerate_sees_a_difference(monkeypatch):
    monkeypatch.setattr("oracle.vectors.truth.SLACK", 5.0)
    other = run("regenerate", "--only", "float32/tanh+huber/square")
    assert other.exit_code == 1
    assert other.stdout.startswith("different: float32/tanh+huber/square\n")
