"""The corpus judged by several processes, or on a cluster: a subject at a time, the same rows whoever judges them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from oracle.scores.mutants.corpus import SUBJECTS
from oracle.scores.mutants.peers import PEERS
from oracle.scores.mutants.record import Subject
from oracle.scores.mutants.score import ERROR, Row, Score, row_of
from oracle.workers.each import Lost, in_order
from oracle.workers.executors import Where


def score_elsewhere(name: str, subjects: Sequence[Subject], place: Where, progress: Callable[[Row], None]) -> Score:
    """The score of the judge of that name."""
    return Score(tuple(_rows(name, subjects, place, progress)))


def _rows(name: str, subjects: Sequence[Subject], place: Where, progress: Callable[[Row], None]) -> Iterator[Row]:
    tasks = [(name, subject.name) for subject in subjects]
    for subject, found in zip(subjects, in_order(judged, tasks, place), strict=True):
        if isinstance(found, Lost):
            found = Row(subject.name, subject.kind, subject.label, ERROR, ERROR, 0.0, found.why)
        progress(found)
        yield found


def judged(task: tuple[str, str]) -> Row:
    """One subject by one judge, both by their names: functions cannot be sent."""
    name, subject = task
    return row_of(_judge(name), _subjects()[subject])


@cache
def _judge(name: str) -> Callable[[Subject], object]:
    from oracle.scores.mutants.own import OWN, own_check

    if name == OWN:
        return own_check()
    (peer,) = (peer for peer in PEERS if peer.name == name)
    peer.load()
    return peer.check


@cache
def _subjects() -> dict[str, Subject]:
    return {subject.name: subject for subject in SUBJECTS}
