"""Storage: bit for bit, or a clear refusal; a file never runs code and never passes for another network."""

import io
import json
import os
import pickle
import re
import stat
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import manualbp
from manualbp.storage import PARAMETRIC, DamagedFile, load, same, save


def some(sizes=(3, 4, 2), hidden=manualbp.TANH, head=None, dtype=np.float64):
    head = head or manualbp.SOFTMAX_CATEGORICAL_CROSS_ENTROPY
    return manualbp.init(sizes, hidden=hidden, head=head, rng=np.random.default_rng(5), dtype=dtype)


def bits(net):
    return [(p.shape, p.dtype, p.tobytes()) for p in [*net.weights, *net.biases]]


def equal(one, other):
    return (
        bits(one) == bits(other)
        and [s.name for s in one.activations] == [s.name for s in other.activations]
        and same(one.head, other.head)
    )


# what is saved comes back


@pytest.mark.parametrize("head", manualbp.HEADS)
def test_every_head_comes_back(head, tmp_path):
    net = some(head=manualbp.HEADS[head])
    save(net, tmp_path / "net.npz")
    assert load(tmp_path / "net.npz").head is manualbp.HEADS[head]
    assert equal(load(tmp_path / "net.npz"), net)


@pytest.mark.parametrize("activation", manualbp.ACTIVATIONS)
def test_every_activation_comes_back(activation, tmp_path):
    net = some(hidden=manualbp.ACTIVATIONS[activation])
    save(net, tmp_path / "net.npz")
    assert load(tmp_path / "net.npz").activations == net.activations


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (2, 5, 1, 4), (2,) * 13])
def test_numbers_come_back_bit_for_bit(sizes, dtype, tmp_path):
    net = some(sizes, dtype=dtype)
    tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    for at, value in enumerate((-0.0, tiny, -tiny, huge, -huge)):
        net.weights[-1].flat[at % net.weights[-1].size] = value
    net.biases[0][0] = -0.0
    save(net, tmp_path / "net.npz")
    assert equal(load(tmp_path / "net.npz"), net)


def test_the_comparison_would_show_a_lost_bit_and_a_lost_sign_of_zero():
    net = some()
    for changed in (np.nextafter(net.weights[1], 9), net.weights[1].astype(np.float32).astype(np.float64)):
        assert not equal(net, replace(net, weights=(net.weights[0], changed)))
    zeros = [replace(net, biases=(np.full_like(net.biases[0], zero), net.biases[1])) for zero in (0.0, -0.0)]
    assert not equal(*zeros)


@pytest.mark.parametrize(
    "head",
    [
        manualbp.chained(manualbp.SIGMOID, manualbp.exponential(0.3)),
        manualbp.chained(manualbp.TANH, manualbp.exponential(-7.0)),
        manualbp.softmax(manualbp.huber(0.1)),
    ],
    ids=["tau", "negative-tau", "huber"],
)
def test_the_parameters_of_a_cost_come_back(head, tmp_path):
    net = some(head=head)
    save(net, tmp_path / "net.npz")
    again = load(tmp_path / "net.npz")
    assert equal(again, net)
    assert dict(again.head.cost.parameters) == dict(head.cost.parameters)
    x, expected = np.array([[0.1, 2], [0.3, -1], [0.5, 0]]), np.array([[0.25, 1], [0.75, 0]])
    ours, theirs = (manualbp.gradients(n, x, expected) for n in (again, net))
    assert ours.cost == theirs.cost
    assert all(map(np.array_equal, ours.deltas, theirs.deltas))


def test_every_cost_with_parameters_can_be_made_again():
    assert {cost.name for cost in manualbp.COSTS.values() if cost.parameters} == set(PARAMETRIC)


def test_a_head_made_anew_from_listed_parts_is_the_listed_one(tmp_path):
    save(some(head=manualbp.chained(manualbp.SIGMOID, manualbp.QUADRATIC)), tmp_path / "net.npz")
    assert load(tmp_path / "net.npz").head is manualbp.HEADS["sigmoid+quadratic"]


# what cannot be stored is refused


def own_delta(z, a, E):
    return a - E


@pytest.mark.parametrize(
    "head",
    [
        replace(manualbp.HEADS["sigmoid+quadratic"], name="my own"),
        replace(manualbp.HEADS["sigmoid+quadratic"], delta=own_delta),
        replace(manualbp.SOFTMAX_CATEGORICAL_CROSS_ENTROPY, delta=own_delta),
        manualbp.chained(manualbp.SIGMOID, replace(manualbp.QUADRATIC, nabla_a=lambda a, E: 2 * (a - E))),
        manualbp.chained(manualbp.SIGMOID, replace(manualbp.QUADRATIC, parameters={"weight": 2.0})),
        replace(manualbp.HEADS["sigmoid+exponential"], cost=manualbp.exponential(2.0)),  # whose C still has tau = 1
    ],
    ids=["name", "delta", "fused-delta", "cost", "parameters", "closure"],
)
def test_a_head_of_ones_own_is_refused(head, tmp_path):
    with pytest.raises(ValueError, match=r"the head .* is not in manualbp\.HEADS.*numpy\.savez"):
        save(some(head=head), tmp_path / "net.npz")
    assert not list(tmp_path.iterdir())


def test_an_activation_of_ones_own_is_refused(tmp_path):
    for own in (replace(manualbp.TANH, name="my own"), replace(manualbp.TANH, sigma_prime=lambda z: 1 - z**2)):
        with pytest.raises(ValueError, match=r"the activation .* is not in manualbp\.ACTIVATIONS"):
            save(some(hidden=own), tmp_path / "net.npz")
    assert not list(tmp_path.iterdir())


# files are not lost


def test_an_existing_file_is_kept_unless_overwriting_is_asked_for(tmp_path):
    path = tmp_path / "net.npz"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"net\.npz exists already: give another path, or overwrite=True"):
        save(some(), path)
    assert path.read_bytes() == b"precious"
    save(some(), path, overwrite=True)
    assert equal(load(path), some())
    assert [p.name for p in tmp_path.iterdir()] == ["net.npz"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_failed_write_leaves_what_was_there(overwrite, tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    if overwrite:
        path.write_bytes(b"precious")

    class FullDisk(io.FileIO):
        def write(self, content):
            super().write(content[:10])
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("builtins.open", lambda file, mode: FullDisk(file, mode))
    with pytest.raises(OSError, match="No space left"):
        save(some(), path, overwrite=overwrite)
    monkeypatch.undo()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == ({"net.npz": b"precious"} if overwrite else {})


def test_a_symbolic_link_stays_one_and_a_device_is_not_replaced(tmp_path):
    (tmp_path / "target.npz").write_bytes(b"old")
    (tmp_path / "link.npz").symlink_to("target.npz")
    save(some(), tmp_path / "link.npz", overwrite=True)
    assert (tmp_path / "link.npz").is_symlink()
    assert equal(load(tmp_path / "target.npz"), some())
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileExistsError, match="pipe is no regular file"):
        save(some(), tmp_path / "pipe", overwrite=True)
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


def test_the_name_is_taken_as_given_and_the_rights_are_those_of_any_new_file(tmp_path):
    save(some(), str(tmp_path / "net"))
    (tmp_path / "plain").write_text("")
    assert equal(load(str(tmp_path / "net")), some())
    assert stat.S_IMODE(os.stat(tmp_path / "net").st_mode) == stat.S_IMODE(os.stat(tmp_path / "plain").st_mode)


def test_a_path_that_cannot_be_opened_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "absent.npz")
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        load(tmp_path)
    with pytest.raises(FileNotFoundError):
        save(some(), tmp_path / "absent" / "net.npz")


# damaged, foreign and hostile files


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "net.npz"
    save(some(sizes=(1, 1), dtype=np.float32), path)
    return path


def entries_of(path):
    with np.load(path) as archive:
        return dict(archive)


def rewritten(path, **changes):
    """The file with entries replaced, or left out where None."""
    entries = entries_of(path) | changes
    np.savez(path, allow_pickle=True, **{name: entry for name, entry in entries.items() if entry is not None})
    return path


def about(path, **changes):
    about = json.loads(str(entries_of(path)["about"])) | changes
    return rewritten(
        path, about=np.array(json.dumps({key: value for key, value in about.items() if value is not None}))
    )


def refuses(path, words):
    with pytest.raises(DamagedFile, match=words) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert re.search(r"; save the network again with manualbp\.", str(caught.value))


def test_every_truncation_is_refused(saved):
    content = saved.read_bytes()
    for length in range(len(content)):
        saved.write_bytes(content[:length])
        refuses(saved, "no readable .npz archive")


@pytest.mark.longer
def test_every_altered_byte_is_refused_or_changes_nothing(saved):
    """Dates and the like are not covered by a checksum; no number and no name may change unseen."""
    content, net = saved.read_bytes(), load(saved)
    refused = 0
    for at in range(len(content)):
        for flip in (1 << at % 8, 0xFF):
            saved.write_bytes(content[:at] + bytes([content[at] ^ flip]) + content[at + 1 :])
            try:
                with warnings.catch_warnings(action="ignore"):
                    again = load(saved)
            except DamagedFile:
                refused += 1
            else:
                assert equal(again, net), f"byte {at} ^ {flip:#x} changed the network unseen"
    assert refused > 1.5 * len(content)  # of 2: most of the file is guarded


def test_random_bytes_are_refused(saved):
    rng = np.random.default_rng(0)
    for length in (0, 1, 22, 1000):
        for prefix in (b"", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY\x01\x00"):
            saved.write_bytes(prefix + rng.bytes(length))
            refuses(saved, "no readable .npz archive|another program")


class Bomb:
    def __reduce__(self):
        return (os.mkdir, ("the-pickle-was-run",))


def test_pickles_are_refused_and_never_run(saved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refuses(rewritten(saved, weights_2=np.array([[Bomb()]], dtype=object)), "pickled objects, which could run code")
    save(some(), saved, overwrite=True)
    refuses(rewritten(saved, about=np.array(Bomb(), dtype=object)), "pickled objects")
    saved.write_bytes(pickle.dumps(Bomb()))
    refuses(saved, "no readable .npz archive")
    assert not (tmp_path / "the-pickle-was-run").exists()
    with pytest.raises(FileNotFoundError):
        os.rmdir("the-pickle-was-run")
    pickle.loads(pickle.dumps(Bomb()))
    assert (tmp_path / "the-pickle-was-run").exists()  # the bomb is live


def test_an_entry_that_claims_to_be_huge_is_refused_before_memory_is_taken(saved):
    with zipfile.ZipFile(saved) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    header = {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**9)}
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, header)
    with zipfile.ZipFile(saved, "w") as archive:
        for name, content in (entries | {"weights_2.npy": stream.getvalue() + b"1234"}).items():
            archive.writestr(name, content)
    refuses(saved, r"claims shape \(1000000, 1000000000\)")


def test_a_compressed_archive_is_refused(saved):
    np.savez_compressed(saved, **entries_of(saved))
    refuses(saved, "is compressed, which this format never is")


def test_files_of_other_programs_are_refused(saved):
    refuses(rewritten(saved, about=None), "no entry `about`, so another program wrote it")
    refuses(rewritten(saved, about=np.zeros(3)), "no entry `about`")
    refuses(rewritten(saved, about=np.array("{")), "no JSON")
    refuses(rewritten(saved, about=np.array("[" * 100_000)), "no JSON")
    refuses(rewritten(saved, about=np.array("[]")), "does not say 'manualbp network'")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "something"}, "does not say 'manualbp network'"),
        ({"version": 2}, "format version 2, and this manualbp reads version 1"),
        ({"version": None}, "format version None"),
        ({"version": True}, "format version True"),
        ({"head": None}, "lacks the names"),
        ({"head": 3}, "lacks the names"),
        ({"head": "sigmoid+wishful"}, "no activation or head named 'sigmoid\\+wishful'"),
        ({"activations": None}, "lacks the names"),
        ({"activations": "tanh"}, "lacks the names"),
        ({"activations": [3]}, "lacks the names"),
        ({"activations": ["tanh"]}, "it holds the arrays"),
        ({"parameters": {"tau": 2.0}}, "takes no parameters"),
        ({"parameters": {"tau": "2"}}, "lacks the names"),
        ({"parameters": None}, "lacks the names"),
        ({"head": "sigmoid+exponential", "parameters": {"tau": 0.0}}, "make no network .*tau"),
        ({"head": "sigmoid+exponential", "parameters": {"tau": float("nan")}}, "make no network .*tau"),
        ({"head": "sigmoid+exponential", "parameters": {"threshold": 1.0}}, "make no network .*threshold"),
    ],
)
def test_a_wrong_description_is_refused(changes, words, saved):
    refuses(about(saved, **changes), words)


def test_an_unknown_activation_is_refused(tmp_path):
    save(some(), tmp_path / "net.npz")
    refuses(about(tmp_path / "net.npz", activations=["wishful"]), "no activation or head named 'wishful'")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights_2": np.zeros((2, 1), np.float32)}, "make no network"),
        ({"weights_2": np.array([[np.nan]], np.float32)}, "make no network"),
        ({"weights_2": np.zeros((1, 1), np.int64)}, "make no network"),
        ({"weights_2": np.zeros((1, 1), np.float64)}, "make no network"),
        ({"weights_2": np.array([["1"]])}, "make no network"),
        ({"weights_2": None}, "it holds the arrays"),
        ({"weights_3": np.zeros((1, 1), np.float32)}, "it holds the arrays"),
    ],
)
def test_wrong_numbers_are_refused(changes, words, saved):
    refuses(rewritten(saved, **changes), words)


def test_two_entries_of_one_name_are_refused(saved):
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(saved, "a") as archive:
        archive.writestr("weights_2.npy", archive.read("weights_2.npy"))
    refuses(saved, "twice")
