"""Examples run in a process of their own: nothing that they do switches the judgement off; what they may not do fails the page."""

from pathlib import Path

import pytest

from oracle.proofs.examples import Example, complaints, start
from oracle.proofs.pages import Block

from .page import check, math


def said(code: str, printed: str, seconds: int = 20) -> list[str]:
    example = Example(Block("python", code, 1), Block("text", printed, 10))
    return [error.message for error in complaints(start([example], seconds))]


@pytest.mark.parametrize(
    ("code", "printed", "sentence"),
    [
        ("import sys\nsys.exit(0)", "", "the example ends the process that runs it"),
        ("raise SystemExit", "", "the example ends the process that runs it"),
        ("import os\nos._exit(0)", "", "the example ends the process that runs it"),
        ("print(1)\nimport os\nos._exit(0)", "1", "the example ends the process that runs it"),
        ("import numpy\nnumpy.exp = lambda x: 1\nprint(1)", "1", "the example changes numpy.exp"),
        ("import math\nmath.sin = math.cos\nprint(1)", "1", "the example changes math.sin"),
        ("import builtins\nbuiltins.len = lambda x: 1\nprint(1)", "1", "the example changes builtins.len"),
        ("import manualbp\nmanualbp.forward = None\nprint(1)", "1", "the example changes manualbp.forward"),
        (
            "import manualbp\nobject.__setattr__(manualbp.SIGMOID, 'sigma', len)\nprint(1)",
            "1",
            "the example changes manualbp.activations.SIGMOID.sigma",
        ),
        ("open('x', 'w').write('y')", "", "PermissionError"),
        ("try:\n    open('x', 'w')\nexcept OSError:\n    print(1)", "1", "may not: it opens a file to write"),
        ("import os\ntry:\n    os.fork()\nexcept OSError:\n    print(1)", "1", "may not: os.fork"),
        ("import subprocess\nsubprocess.run(['true'])", "", "PermissionError"),
        ("import os\nos.write(1, b'right, 0.1 s')", "", "the example prints 'right, 0.1 s' here"),
        ('print(\'{"out": "2"}\')', "2", 'the example prints \'{"out": "2"}\' here'),
        ("1 / 0", "", "the example fails: ZeroDivisionError: division by zero"),
        ("print(1)", "1\n2", "the example prints nothing more here"),
    ],
)
def test_what_makes_an_example_fail(code: str, printed: str, sentence: str) -> None:
    found = said(code, printed)
    assert len(found) == 1, found
    assert sentence in found[0]


def test_an_endless_loop_is_ended() -> None:
    assert said("while True: pass", "", seconds=1) == ["the example does not end within its time"]


def test_what_an_example_may_do() -> None:
    assert not said("import numpy as np\nimport manualbp\nprint(np.exp(0.0), len(manualbp.COSTS) > 0)", "1.0 True")
    assert not said("import sys\nprint('aside', file=sys.stderr)\nprint('x')", "x")


def test_a_page_that_ends_its_process_is_judged_all_the_same(tmp_path: Path) -> None:
    example = "\n```python\nimport sys\nsys.exit(0)\n```\n\n```text\nok\n```\n"
    found = check(tmp_path, f"<!-- subject: rounding -->\n{example}{math('1 = 2')}").problems
    assert [p.message for p in found] == [
        "the example ends the process that runs it",
        "false at step 1: the left side is 1, the right side 2",
    ]


def test_examples_share_their_names_in_order(tmp_path: Path) -> None:
    first = "\n```python\nx = 1\nprint(x)\n```\n\n```text\n1\n```\n"
    second = first.replace("x = 1", "x = x + 1").replace("```text\n1", "```text\n2")
    assert not check(tmp_path, f"<!-- subject: rounding -->\n{math('1 = 1')}{first}{second}").problems
