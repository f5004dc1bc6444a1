"""Training on real digits: it learns, the same seed learns the same, and what is drawn is a picture."""

import json
import struct
import sys
import zlib
from dataclasses import replace

import numpy as np
import pytest

import manualbp
from manualbp import descent
from oracle.training import plot as plot_module
from oracle.training.digits import digits
from oracle.training.train import Run, accuracy, confusion, train
from oracle.training.training_run import CannotTrain, run_train_command

OPTIONS = {
    "mini_batches": (10,),
    "eta": 0.5,
    "epochs": 2,
    "draw": 300,
    "seed": 0,
    "hidden": "12",
    "activation": "sigmoid",
    "head": "softmax+categorical_cross_entropy:fused",
    "save": None,
    "plot": None,
    "force": False,
    "as_json": True,
}


@pytest.fixture(scope="module")
def data():
    return digits(np.random.default_rng(0))


def report(capsys, **options):
    run_train_command(**OPTIONS | options)
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def trained(data, seed=0, epochs=20, draw=1000, **options):
    net = manualbp.init(
        (64, 30, 10),
        hidden=manualbp.SIGMOID,
        head=manualbp.SOFTMAX_CATEGORICAL_CROSS_ENTROPY,
        rng=np.random.default_rng(seed),
    )
    arguments = {"eta": 0.5, "draw": draw, "mini_batch": 10, "epochs": epochs, "rng": np.random.default_rng(seed)}
    return train(net, data, **arguments | options)


# the data


def test_the_digits_are_columns_of_grey_values_with_one_hot_answers(data):
    assert data.x.shape == (64, 1438)
    assert data.held_x.shape == (64, 359)
    for x, expected in ((data.x, data.expected), (data.held_x, data.held_expected)):
        assert (x.min(), x.max()) == (0, 1)
        assert expected.shape == (10, x.shape[1])
        assert set(expected.ravel()) == {0, 1}
        assert (expected.sum(axis=0) == 1).all()
        assert expected.sum(axis=1).min() > 20  # every digit occurs


def test_the_images_keep_their_answers_and_each_is_used_once(data):
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    known = sorted((*image, label) for image, label in zip(images / 16, labels, strict=True))
    x, expected = np.hstack([data.x, data.held_x]), np.hstack([data.expected, data.held_expected])
    assert sorted((*image, label) for image, label in zip(x.T, expected.argmax(axis=0), strict=True)) == known


def test_the_split_depends_on_the_generator_alone(data):
    again, other = digits(np.random.default_rng(0)), digits(np.random.default_rng(1))
    assert np.array_equal(again.held_x, data.held_x)
    assert not np.array_equal(other.held_x, data.held_x)


# the training


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_learns_to_read(data, seed):
    run = trained(data, seed)
    assert run.accuracy >= 0.95
    assert run.accuracy_by_epoch[0] < 0.3  # and did not know it before
    assert run.cost_by_epoch[-1] < run.cost_by_epoch[0] / 5
    assert run.seconds < 30


@pytest.mark.parametrize("factor", [-1, 0], ids=["uphill", "no update"])
def test_a_wrong_update_does_not_learn_to_read(data, factor, monkeypatch):
    right = descent.step

    def wrong(net, g, eta):
        nabla_w, nabla_b = (tuple(factor * nabla for nabla in nablas) for nablas in (g.nabla_w, g.nabla_b))
        return right(net, replace(g, nabla_w=nabla_w, nabla_b=nabla_b), eta)

    monkeypatch.setattr(descent, "step", wrong)
    assert trained(data, epochs=2, eta=0.05).accuracy < 0.5


def test_the_record_of_a_training(data):
    seen = []
    run = trained(data, epochs=3, draw=95, mini_batch=20, progress=seen.append)
    assert run.costs.shape == (15,)  # four mini-batches of 20 and a short one of 15, three times
    assert run.updates_per_epoch == 5
    assert np.isfinite(run.costs).all()
    assert list(run.accuracy_by_epoch[1:]) == seen
    assert run.accuracy == seen[-1] == accuracy(run.net, data.held_x, data.held_expected)
    assert run.cost_by_epoch[0] == pytest.approx(run.costs[:5].mean())
    assert np.trace(run.confused) / run.confused.sum() == pytest.approx(run.accuracy)


def test_the_confusion_counts_expected_by_row_and_answered_by_column():
    head = manualbp.chained(manualbp.IDENTITY, manualbp.QUADRATIC)
    rotate = np.roll(np.eye(10), 1, axis=0)  # answers d + 1 to the digit d
    net = manualbp.from_parameters([rotate], [np.zeros((10, 1))], [], head)
    counts = confusion(net, np.eye(10), np.eye(10))
    assert np.array_equal(counts, np.roll(np.eye(10), 1, axis=1))
    assert accuracy(net, np.eye(10), np.eye(10)) == 0


@pytest.mark.longer
def test_small_mini_batches_wiggle_more(data):
    """Of independent samples the mean of 100 spreads a tenth as much; a factor 2 a decade leaves room for learning."""
    spread = [second_half(trained(data, epochs=4, mini_batch=m).costs).std() for m in (1, 10, 100)]
    assert spread[0] > 2 * spread[1] > 4 * spread[2]


def second_half(costs):
    return costs[len(costs) // 2 :]


# the command


def test_the_same_seed_trains_the_same_and_another_seed_another(capsys, tmp_path):
    def of(seed, name):
        result = report(capsys, seed=seed, save=tmp_path / name)
        for run in result["runs"]:
            del run["seconds"]
        return result, (tmp_path / name).read_bytes()

    first, net = of(3, "a")
    again, same_net = of(3, "b")
    other, other_net = of(4, "c")
    assert first == again
    assert manualbp_bits(tmp_path / "a") == manualbp_bits(tmp_path / "b")
    assert first["runs"] != other["runs"]
    assert manualbp_bits(tmp_path / "a") != manualbp_bits(tmp_path / "c")
    assert len(net) == len(same_net) == len(other_net)


def manualbp_bits(path):
    from manualbp.storage import load

    return [p.tobytes() for p in (*load(path).weights, *load(path).biases)]


def test_the_json_report_is_complete(capsys):
    result = report(capsys, mini_batches=(5, 50), hidden="12,8", activation="tanh")
    assert result["layers"] == [64, 12, 8, 10]
    assert result["activations"] == ["tanh", "tanh"]
    assert result["samples"] == {"training": 1438, "held_out": 359}
    assert [run["mini_batch"] for run in result["runs"]] == [5, 50]
    assert [run["updates"] for run in result["runs"]] == [120, 12]
    for run in result["runs"]:
        assert len(run["accuracy_by_epoch"]) == run["epochs"] + 1 == 3
        assert len(run["cost_by_epoch"]) == 2
        assert run["accuracy"] == run["accuracy_by_epoch"][-1]
        assert np.sum(run["confusion"]) == 359
        assert run["seconds"] > 0
    one, other = result["runs"]
    assert one["accuracy_by_epoch"][0] == other["accuracy_by_epoch"][0]  # both start from the same weights


def test_the_text_report_says_what_was_done(capsys, tmp_path):
    run_train_command(**OPTIONS | {"as_json": False, "save": tmp_path / "net.npz"})
    out, err = capsys.readouterr()
    assert err == ""
    for words in (
        "network 64-12-10 with sigmoid, softmax+categorical_cross_entropy:fused",
        "1438 training samples, 359 held out; η = 0.5; 2 epochs of 300 samples",
        "mini-batches of 10: ",
        "% of the held-out samples right (",
        "60 updates in ",
        "most often mistaken: ",
        f"network in {tmp_path / 'net.npz'}",
    ):
        assert words in out


def test_a_cost_that_does_not_fall_is_said(capsys):
    run_train_command(**OPTIONS | {"as_json": False})
    assert "the cost did not fall" not in capsys.readouterr().out
    run_train_command(**OPTIONS | {"as_json": False, "eta": 1e3, "epochs": 3})
    assert "the cost did not fall: try a smaller --eta" in capsys.readouterr().out


def test_the_saved_network_is_the_one_that_was_measured(capsys, tmp_path):
    from manualbp.storage import load

    result = report(capsys, save=tmp_path / "net.npz")
    split = np.random.SeedSequence(0).spawn(3)[0]
    data = digits(np.random.default_rng(split))
    assert accuracy(load(tmp_path / "net.npz"), data.held_x, data.held_expected) == result["runs"][0]["accuracy"]


@pytest.mark.parametrize(
    ("head", "eta"),
    [
        ("sigmoid+quadratic", 5.0),
        ("sigmoid+cross_entropy:fused", 0.5),
        ("sigmoid+hellinger", 5.0),
        ("softmax+quadratic", 5.0),
        ("identity+quadratic:fused", 0.1),
    ],
)
def test_other_heads_learn_too(head, eta, capsys):
    assert report(capsys, head=head, eta=eta, epochs=8, draw=1000, hidden="30")["runs"][0]["accuracy"] > 0.85


def test_no_hidden_layer_is_allowed(capsys):
    assert report(capsys, hidden="")["layers"] == [64, 10]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mini_batches": (0,)}, "--mini-batch 0 is too few"),
        ({"mini_batches": (10, -1)}, "--mini-batch -1 is too few"),
        ({"mini_batches": (301,)}, "--mini-batch 301 is too many, for --draw is 300: give at most 300"),
        ({"draw": 0}, "--draw 0 is too few"),
        ({"draw": 1439}, "--draw 1439 is too many, for there are 1438 training samples: give at most 1438"),
        ({"epochs": 0}, "--epochs 0 is too few"),
        ({"seed": -1}, "--seed -1 is too few"),
        ({"eta": 0.0}, "--eta 0.0 is no step size"),
        ({"eta": -1.0}, "--eta -1.0 is no step size"),
        ({"eta": float("nan")}, "--eta nan is no step size"),
        ({"eta": float("inf")}, "--eta inf is no step size"),
        ({"hidden": "thirty"}, "--hidden 'thirty' is no list of layer sizes"),
        ({"hidden": "30,"}, "--hidden '30,' is no list"),
        ({"hidden": "30,0"}, "--hidden '30,0' is no list"),
        ({"hidden": "-3"}, "--hidden '-3' is no list"),
        ({"hidden": "3_0"}, "--hidden '3_0' is no list"),
        ({"hidden": "3.5"}, "--hidden '3.5' is no list"),
        ({"activation": "sigmoit"}, "--activation 'sigmoit' is unknown: give one of .*sigmoid"),
        ({"head": "softmax"}, r"--head 'softmax' is unknown: give one of .*softmax\+categorical"),
        ({"head": "softplus+itakura_saito"}, "mini-batches of 10: expected: .* needs E in"),
        (
            {"eta": 1e10, "head": "identity+quadratic:fused"},
            "mini-batches of 10: the descent diverged at update .*overflow.*; give a smaller eta",
        ),
        ({"eta": 100.0, "head": "sigmoid+cross_entropy"}, "mini-batches of 10: the output .* has saturated to"),
    ],
)
def test_bad_options_are_told_in_one_sentence(options, words, capsys):
    with pytest.raises(CannotTrain, match=words) as caught:
        run_train_command(**OPTIONS | options)
    assert "\n" not in str(caught.value)
    assert capsys.readouterr() == ("", "")


def test_a_network_beyond_memory_is_told(monkeypatch):
    def no_memory(*_, **__):
        raise MemoryError("Unable to allocate 46.6 TiB")

    monkeypatch.setattr(manualbp, "init", no_memory)
    with pytest.raises(CannotTrain, match=r"--hidden '12': Unable to allocate 46\.6 TiB"):
        run_train_command(**OPTIONS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"save": "there.npz"}, r"--save .*there\.npz exists already: give another name, or --force"),
        ({"plot": "there.png"}, r"--plot .*there\.png exists already"),
        ({"save": "."}, "--save .* is a directory or a device: give the name of a file"),
        ({"save": ".", "force": True}, "is a directory or a device"),
        ({"save": "no/net.npz"}, "there is no directory .*no; create it first"),
        ({"plot": "no/curve.png"}, "there is no directory"),
        ({"plot": "curve.jpeg"}, r"curve\.jpeg names no known format: let it end in one of \.png, \.svg, \.pdf"),
        ({"plot": "curve"}, "names no known format"),
        ({"save": "same.png", "plot": "same.png"}, "--save and --plot both name"),
        ({"save": "net.npz", "mini_batches": (1, 10)}, "--save keeps one network, but 2 are trained"),
    ],
)
def test_files_are_checked_before_the_training(options, words, tmp_path, monkeypatch):
    for name in ("there.npz", "there.png"):
        (tmp_path / name).write_bytes(b"precious")
    monkeypatch.setattr("oracle.training.training_run.train", lambda *_, **__: pytest.fail("the training began"))
    paths = {key: tmp_path / value for key, value in options.items() if key in ("save", "plot")}
    with pytest.raises(CannotTrain, match=words):
        run_train_command(**OPTIONS | options | paths)
    assert sorted((p.name, p.read_bytes()) for p in tmp_path.iterdir()) == [
        ("there.npz", b"precious"),
        ("there.png", b"precious"),
    ]


def test_force_replaces(capsys, tmp_path):
    from manualbp.storage import load

    for name in ("net.npz", "curve.png"):
        (tmp_path / name).write_bytes(b"old")
    report(capsys, save=tmp_path / "net.npz", plot=tmp_path / "curve.png", force=True)
    assert load(tmp_path / "net.npz").sizes == (64, 12, 10)
    assert picture(tmp_path / "curve.png")


def test_a_missing_plotting_library_is_told_before_the_training(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr("oracle.training.training_run.train", lambda *_, **__: pytest.fail("the training began"))
    with pytest.raises(ModuleNotFoundError):
        run_train_command(**OPTIONS | {"plot": tmp_path / "curve.png"})


# the picture


def picture(path):
    """Width, height and the number of different byte values, having verified every checksum of the PNG."""
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, []
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        chunks.append((kind, body))
        at += 12 + length
    assert (chunks[0][0], chunks[-1][0]) == (b"IHDR", b"IEND")
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    return (*struct.unpack(">II", chunks[0][1][:8]), len(set(pixels)))


@pytest.mark.parametrize("mini_batches", [(10,), (1, 10, 100)])
def test_the_plot_is_a_png_with_something_on_it(mini_batches, capsys, tmp_path):
    report(capsys, mini_batches=mini_batches, plot=tmp_path / "curve.png")
    width, height, values = picture(tmp_path / "curve.png")
    assert width >= 1000
    assert height >= 400
    assert values > 50
    (tmp_path / "spoilt.png").write_bytes((tmp_path / "curve.png").read_bytes()[:-1] + b"x")
    with pytest.raises(AssertionError):  # so the reader of pictures would see a damaged one
        picture(tmp_path / "spoilt.png")


def test_the_curves_hold_every_update_and_every_epoch(monkeypatch, tmp_path):
    from matplotlib.figure import Figure

    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, path, **_: figures.append(figure))
    runs = [Run(None, m, 2, np.arange(2.0 * n) + 1, (0.1, 0.5, 0.75), np.eye(10), 1.0) for m, n in ((100, 3), (1, 300))]
    plot_module.plot(runs, "a title", tmp_path / "curve.png")
    costs = [axes for axes in figures[0].axes if axes.get_ylabel() == "cost"]
    (accuracies,) = [axes for axes in figures[0].axes if axes not in costs]
    for axes, run in zip(costs, runs, strict=True):
        x, y = axes.lines[0].get_data()
        assert np.array_equal(y, run.costs)
        assert x[0] == 0
        assert x[-1] == pytest.approx(2 - 1 / run.updates_per_epoch)
        assert f"mini-batches of {run.mini_batch}" in axes.get_title(loc="left")
    assert [list(line.get_ydata()) for line in accuracies.lines] == [[10, 50, 75]] * 2
    assert costs[0].get_ylim() == costs[1].get_ylim()
