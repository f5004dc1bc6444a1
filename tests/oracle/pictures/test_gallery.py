"""The pictures of the proofs are those that their code draws, each stands on a page, and says what it shows."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from oracle.pictures import two_minima
from oracle.pictures.__main__ import main
from oracle.pictures.axes import Axes, straightened
from oracle.pictures.canvas import BACKWARD, FORWARD, FOURTH, INK, THIRD, Canvas, formula, number
from oracle.pictures.gallery import FOLDER, PICTURES

PAGES = sorted(FOLDER.parent.glob("*.md"))
pytestmark = pytest.mark.skipif(not PAGES, reason="the pages are not installed")
IMAGE = re.compile(r"!\[([^\]]*)\]\(pictures/([\w-]+)\.svg\)")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", PICTURES)
def test_is_what_the_code_draws(name: str) -> None:
    drawn = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn == PICTURES[name](), "draw it anew: python -m oracle.pictures"


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(PICTURES)


def test_each_stands_on_a_page_with_its_words() -> None:
    shown = {}
    for page in PAGES:
        for words, name in IMAGE.findall(page.read_text(encoding="utf-8")):
            shown[name] = words
    titles = {name: title_of(FOLDER / f"{name}.svg") for name in PICTURES}
    assert shown == titles
    assert all(len(words) >= 40 for words in titles.values())


def title_of(path: Path) -> str:
    title = ElementTree.parse(path).getroot().find(f"{SVG}title")
    assert title is not None
    assert title.text
    return title.text


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_leaves_the_picture(name: str) -> None:
    root = ElementTree.parse(FOLDER / f"{name}.svg").getroot()
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for text in root.iter(f"{SVG}text"):
        x, y, length = float(text.attrib["x"]), float(text.attrib["y"]), len("".join(text.itertext()))
        half = 0.5 * 0.52 * length * float(text.attrib["font-size"])
        left = {"start": x, "middle": x - half, "end": x - 2 * half}[text.attrib["text-anchor"]]
        assert left >= -6, "".join(text.itertext())
        assert left + 2 * half <= width + 6, "".join(text.itertext())
        assert 8 <= y <= height


@pytest.mark.parametrize("ground", ["#ffffff", "#0d1117"])
@pytest.mark.parametrize("tone", [INK, FORWARD, BACKWARD, THIRD, FOURTH])
def test_tones_stand_out_from_both_grounds(tone: str, ground: str) -> None:
    light, dark = sorted((luminance(tone), luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3.3


def luminance(tone: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(tone[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_white_text_would_not_stand_out() -> None:
    assert luminance("#ffffff") == pytest.approx(1)


def test_an_index_stands_below_its_exponent() -> None:
    assert formula("a^{i}_{j}", 10) == (
        '<tspan font-size="10">a</tspan><tspan dy="-4.2" font-size="7.2">i</tspan>'
        '<tspan dy="7.2" dx="-2.2" font-size="7.2">j</tspan>'
    )


@pytest.mark.parametrize(("value", "text"), [(0.04, "0"), (-0.04, "0"), (1.0, "1"), (-2.25, "-2.2"), (10.06, "10.1")])
def test_numbers_to_a_tenth_of_a_pixel(value: float, text: str) -> None:
    assert number(value) == text


def test_straight_parts_cost_nothing_and_bends_stay() -> None:
    assert straightened([(0, 0), (1, 1), (2, 2), (3, 3)]) == [(0, 0), (3, 3)]
    assert straightened([(0, 0), (1, 1), (2, 0)]) == [(0, 0), (1, 1), (2, 0)]


def test_a_curve_breaks_where_it_leaves_the_frame() -> None:
    canvas = Canvas(100, 100, "")
    axes = Axes(canvas, (0, 0), 100, 100, (0, 4), (0, 1))
    axes.curve([0, 1, 2, 3, 4], [0.5, 0.5, float("nan"), 0.5, 0.5], INK)  # type: ignore[arg-type]  # a list will do
    assert [part.count("polyline") for part in canvas.parts] == [1, 1]


def test_the_ridge_lies_between_two_minima() -> None:
    low, ridge, high = two_minima.heights(two_minima.np.array([0.0, two_minima.RIDGE, 2.0]))
    assert high < low < ridge


@pytest.mark.longer
def test_the_command_draws_where_it_is_told_and_refuses_what_it_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(tmp_path)])
    assert {path.stem for path in tmp_path.iterdir()} == set(PICTURES)
    assert capsys.readouterr().out == f"{tmp_path}: {len(PICTURES)} pictures\n"
    with pytest.raises(SystemExit) as ended:
        main(["--bogus"])
    assert ended.value.code == 2
    assert "unrecognized arguments: --bogus" in capsys.readouterr().err
