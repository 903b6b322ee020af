"""Pieces of a file that are worked out ahead, of a long file by another process."""

import asyncio
import io
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import aclosing, contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from threading import Thread

import pytest

from qa_api.case_events import past_ahead
from qa_api.case_events.event_file import EventFile, FileChanged, in_batches
from qa_api.case_events.past import Known, Policies
from qa_api.case_events.past_ahead import Ahead, EndedEarly, InOtherProcesses, InThisProcess, Part
from qa_api.case_events.past_known import There
from qa_api.closure_gates.audited import Audited
from qa_api.directory.references import Claims
from qa_api.rules.local_time import local_date
from qa_api.rules.policy_keys import policy_from_values
from tests.closures.two_authorities import history

AT_ONCE = 12
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def parts_of_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_ahead, "_PART", 1)


@pytest.fixture
def content() -> io.BytesIO:
    told = history(5, cases=8)
    return io.BytesIO(b"".join(json.dumps(each).encode() + b"\n" for each in told))


def known() -> Known:
    policy = policy_from_values(1, NOW.date(), {"in_use_from": "2026-01-01"})
    policies = Policies(policy, [policy])
    return Known(
        "mosaic", NOW, local_date(NOW), policy.in_use_from, policies, Claims([]), Audited({})
    )


@contextmanager
def beside(file: EventFile) -> Iterator[InOtherProcesses]:
    """The other end in a thread: what goes to and fro is the same."""
    ends = [multiprocessing.Pipe() for _ in range(2)]
    threads = [
        Thread(target=_until_it_ends, args=(file, (number, len(ends)), theirs))
        for number, (_, theirs) in enumerate(ends)
    ]
    for each in threads:
        each.start()
    try:
        yield InOtherProcesses([ours for ours, _ in ends])
    finally:
        for ours, _ in ends:
            ours.close()
        for each in threads:
            each.join()


def _until_it_ends(file: EventFile, share: tuple[int, int], theirs: Connection) -> None:
    with suppress(EOFError, ConnectionError):
        past_ahead.work_out_for(file, AT_ONCE, share, theirs)


async def piece(ahead: Ahead, most: int = 1_000) -> tuple[set[str], list[Part]]:
    """The names and the first parts of the next piece."""
    names, found = await ahead.names(), list[Part]()
    async with aclosing(ahead.parts(There([], []), known())) as parts:
        async for part in parts:
            found.append(part)
            if len(found) == most:
                break
    return names, found


def told(pieces: list[tuple[set[str], list[Part]]]) -> list[object]:
    """What of pieces has no id of ours in it."""
    return [
        (names, [(part.done, part.others, part.rows.events[1:]) for part in parts])
        for names, parts in pieces
    ]


def test_another_process_hands_back_what_would_be_worked_out_here(content: io.BytesIO) -> None:
    file = EventFile(content)
    batches = list(in_batches(file.groups(), AT_ONCE))
    assert len(batches) > 2

    async def every(ahead: Ahead) -> list[tuple[set[str], list[Part]]]:
        return [await piece(ahead) for _ in batches]

    here = asyncio.run(every(InThisProcess(file, batches)))
    assert sum(part.done.total() for _, parts in here for part in parts) == len(file)
    with beside(file) as other:
        assert told(asyncio.run(every(other))) == told(here)


def test_after_a_piece_that_is_given_up_comes_the_next(content: io.BytesIO) -> None:
    file = EventFile(content)
    batches = list(in_batches(file.groups(), AT_ONCE))

    async def second(ahead: Ahead) -> list[tuple[set[str], list[Part]]]:
        (_, given_up) = await piece(ahead, most=1)
        assert len(given_up) == 1 < len(batches[0])
        return [await piece(ahead)]

    here = told(asyncio.run(second(InThisProcess(file, batches))))
    with beside(file) as other:
        assert told(asyncio.run(second(other))) == here


def test_a_file_that_is_cut_meanwhile_is_told_by_the_other_process(content: io.BytesIO) -> None:
    file = EventFile(content)
    content.truncate(20)
    with beside(file) as other, pytest.raises(FileChanged):
        asyncio.run(other.names())


def test_another_process_that_ended_is_told() -> None:
    ours, theirs = multiprocessing.Pipe()
    theirs.close()
    with pytest.raises(EndedEarly):
        asyncio.run(InOtherProcesses([ours]).names())
