"""The judge of histories finds every fault that is planted, and none where there is none."""

from dataclasses import replace
from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tests.histories.checker import (
    CHANGED,
    DIRTY,
    FROM_NOWHERE,
    LATE,
    LOST,
    STALE,
    STALE_TO_ITSELF,
    TWICE,
    Done,
    Read,
    Write,
    faults_of,
)

AT_FIRST = Write(0, "r", 0.0, 0.1, "v1", based_on=0, made=1)


def write(client: int, at: float, value: str, based_on: int, made: int | None) -> Write:
    return Write(client, "r", at, at + 0.5, value, based_on, made)


def read(client: int, at: float, value: str, version: int) -> Read:
    return Read(client, "r", at, at + 0.5, value, version)


@pytest.mark.parametrize(
    ("what", "then"),
    [
        (LOST, [write(1, 1, "a", 1, 2), write(2, 1.2, "b", 1, 3)]),
        (TWICE, [write(1, 1, "a", 1, 2), write(2, 1.2, "b", 1, 2)]),
        (DIRTY, [write(1, 1, "a", 0, None), read(2, 1.2, "a", 1)]),
        (FROM_NOWHERE, [read(1, 1, "b", 2)]),
        (CHANGED, [read(1, 1, "b", 1)]),
        (STALE, [write(1, 1, "a", 1, 2), read(2, 2, "v1", 1)]),
        (STALE, [write(1, 1, "a", 1, 2), read(3, 1.1, "a", 2), read(2, 1.7, "v1", 1)]),
        (STALE_TO_ITSELF, [write(1, 1, "a", 1, 2), read(1, 2, "v1", 1)]),
        (LATE, [write(1, 1, "a", 1, 3), write(2, 2, "b", 1, 2)]),
    ],
)
def test_a_planted_fault_is_found(what: str, then: list[Done]) -> None:
    found = faults_of([AT_FIRST, *then])
    assert what in {fault.what for fault in found}
    assert all(1 <= len(fault.shown_by) <= 2 for fault in found), "the fewest that show it"


@pytest.mark.parametrize(
    "then",
    [
        [write(1, 1, "a", 1, 2), read(2, 1.2, "v1", 1), read(3, 1.2, "a", 2)],
        [write(1, 1, "a", 1, 2), write(2, 1.2, "b", 1, None), read(2, 3, "a", 2)],
        [write(1, 1, "a", 1, 2), write(2, 2, "b", 2, 3), read(1, 3, "b", 3)],
    ],
    ids=["while it is written either is true", "refused", "one after the other"],
)
def test_what_can_have_been_is_no_fault(then: list[Done]) -> None:
    assert faults_of([AT_FIRST, *then]) == []


def sound(seed: int, clients: int, length: int) -> list[Done]:
    """A history that an honest register would give: each request takes effect at one instant."""
    random = Random(seed)
    value, version, now = "v1", 1, 1.0
    history: list[Done] = [AT_FIRST]
    for number in range(length):
        now += random.random()
        begun, ended = now - random.random() / 2, now + random.random() / 2
        client, based_on = random.randrange(clients), random.choice([version, version - 1])
        if random.random() < 0.5:
            history.append(Read(client, "r", begun, ended, value, version))
        elif based_on == version:
            value, version = f"w{number}", version + 1
            history.append(Write(client, "r", begun, ended, value, based_on, version))
        else:
            history.append(Write(client, "r", begun, ended, f"w{number}", based_on, None))
    return history


@given(st.integers(0, 10**6), st.integers(1, 8))
def test_no_honest_history_is_accused_and_one_old_answer_in_it_is_found(
    seed: int, clients: int
) -> None:
    history = sound(seed, clients, 40)
    assert faults_of(history) == []
    newest = max(one.made for one in history if isinstance(one, Write) and one.made is not None)
    last = max(one.ended for one in history)
    late = Read(0, "r", last + 1, last + 2, "v1", 1)
    assert bool(faults_of([*history, late])) is (newest > 1)
    assert bool(faults_of([*history, replace(late, version=newest + 1)]))
