"""Every network of a stack enclosed at once: the hand-derived gradients lie within, wrong ones do not."""

from dataclasses import replace

import numpy as np
import pytest

from oracle.balls.errors import Undecidable
from oracle.verify.campaign import enclosures as module
from oracle.verify.campaign.campaign import Screening
from oracle.verify.campaign.draw import draw_stack
from oracle.verify.campaign.embedding import NAMES
from oracle.verify.campaign.enclosures import start_enclosures
from oracle.verify.campaign.screen import case_of
from oracle.verify.campaign.subject import run_subject
from oracle.verify.examine import examine
from oracle.verify.sampled_cases import Sample, check_enclosure

from .records import FEW


@pytest.fixture(scope="module")
def enclose():
    return start_enclosures(draw_stack(np.random.default_rng(0), 2, FEW))


@pytest.fixture(scope="module")
def few(enclose):
    stack = draw_stack(np.random.default_rng(0), 2, FEW)
    return stack, run_subject(stack), enclose(stack)


def judged(subject):
    return ~subject.refused & np.isfinite(subject.cost)


def test_nearly_all_are_enclosed_and_right(few):
    stack, subject, enclosures = few
    known, right = enclosures.known(stack)[judged(subject)], enclosures.hold(stack, subject)[judged(subject)]
    assert known.mean() > 0.95
    assert np.array_equal(right, known)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_entry_is_not_held(few, name):
    stack, subject, enclosures = few
    before = enclosures.hold(stack, subject)
    k = int(np.flatnonzero(before & (stack.depth == 6))[0])
    right = getattr(subject, name)
    size = np.abs(np.asarray(right[k]))
    small = np.argmin(np.where(size > 1e-3 * np.max(size), size, np.inf))
    for at in (np.unravel_index(np.argmax(size), size.shape), np.unravel_index(small, size.shape)):
        wrong = right.copy()
        wrong[(k, *at)] *= 1 + 1e-7
        after = enclosures.hold(stack, replace(subject, **{name: wrong}))
        assert not after[k]
        assert np.array_equal(np.delete(after, k), np.delete(before, k))


def test_what_is_not_sharp_is_not_known(few):
    """A radius without bound would hold anything."""
    stack, subject, enclosures = few
    k = int(np.flatnonzero(enclosures.hold(stack, subject))[0])
    for name in NAMES:
        wide = enclosures.of[name].radius.copy()
        wide[k] += np.max(np.abs(enclosures.of[name].midpoint[k]))
        of = {**enclosures.of, name: module.MidRad(enclosures.of[name].midpoint, wide)}
        assert not module.Enclosures(of).known(stack)[k]
        assert not module.Enclosures(of).hold(stack, subject)[k]


def test_they_hold_the_certified_truth_of_single_networks(few):
    stack, subject, enclosures = few
    some = np.flatnonzero(judged(subject) & enclosures.known(stack) & (stack.depth <= 2))[:3]
    sample = Sample()
    for k in some:
        found, numbers = examine(case_of(stack, int(k))), np.arange(len(stack.heads))
        check_enclosure(sample, Screening(stack, subject, enclosures, numbers, numbers[:0]), k, found, int(k))
    assert (sample.enclosures, sample.conflicts) == (len(some), [])
    off = {n: module.MidRad(v.midpoint * (1 + 1e-9), v.radius) for n, v in enclosures.of.items()}
    check_enclosure(sample, Screening(stack, subject, module.Enclosures(off), numbers, numbers[:0]), k, found, 7)
    assert sample.conflicts == ["case 7: its enclosure in midpoint-radius arrays does not hold what arb says"]


def test_where_nothing_can_be_enclosed_nothing_is_known(few, enclose, monkeypatch):

    def undecidable(*_):
        raise Undecidable("a branch")

    monkeypatch.setattr(module, "evaluate", undecidable)
    assert not enclose(few[0]).known(few[0]).any()
