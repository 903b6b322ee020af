"""A file of events leaves behind what the same events leave that are sent one by one (C2).

In two authorities of their own, where all closings until the end of the year are history.
"""

import hashlib
import io
import json
import signal
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from qa_api.case_events import past_ahead
from qa_api.case_events.event_file import EventFile, in_batches
from qa_api.case_events.groups import Group
from qa_api.case_events.loading import take_one_by_one, take_past
from qa_api.case_events.past_ahead import InThisProcess, Outcomes
from qa_api.commands import loading
from qa_api.work import Work
from tests.api import Json
from tests.closures.breaking_off import break_off, take_as_long
from tests.closures.orders import MERGED, NOW, Story, event, stories
from tests.closures.scanning import scans
from tests.closures.sending import CLOSED, PROPOSED, Episode
from tests.closures.two_authorities import Authority, history, send
from tests.closures.two_ways import differences, everything
from tests.conftest import settings_for
from tests.drill import NO_HURRY, share, stories_by_seed
from tests.kept import KEPT
from tests.responses.casework import Service
from tests.test_main import environment_of

EXAMPLES = share(6) or 1_000


@pytest.fixture
def load(
    authorities: list[Authority], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., int]:
    """Loads a file into the second authority; its status."""
    for name, value in environment_of(authorities[1].database).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(past_ahead, "in_a_copy", None)  # a short file starts no process

    def run(content: bytes, *more: str) -> int:
        file = tmp_path / f"{uuid4().hex}.ndjson"
        file.write_bytes(content)
        return main(["import", "events", str(file), *more])

    return run


def written(events: Sequence[Json]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


async def take_all(work: Work, file: EventFile, batch: list[Group]) -> tuple[Outcomes, list[Group]]:
    ahead = InThisProcess(file, [batch])
    return await take_past(work, "mosaic", file, batch, ahead, await ahead.names())


def compare(authorities: list[Authority], load: Callable[..., int], events: list[Json]) -> None:
    """The same events to both, one by one and as a file; nothing may differ."""
    one, other = authorities
    send(one.api, events)
    assert load(written(events)) == 0
    assert not differences(one.database, other.database)


@pytest.mark.long
def test_a_file_leaves_behind_what_its_events_leave_one_by_one(
    authorities: list[Authority], load: Callable[..., int]
) -> None:
    compare(authorities, load, history(1, cases=20))


@pytest.mark.long
def test_what_is_history_is_written_many_at_a_time(
    authorities: list[Authority], issuer: DevelopmentIssuer
) -> None:
    file = EventFile(io.BytesIO(written(history(2, cases=10))))
    (batch,) = in_batches(file.groups(), 1_000)
    with Service.over(settings_for(authorities[1].database, issuer, **NO_HURRY)) as service:
        done, others = service.work(lambda work: take_all(work, file, batch))
    assert (others, done.total()) == ([], len(file))
    send(authorities[0].api, [each.sent for each in file.read(range(len(file)))])
    assert not differences(authorities[0].database, authorities[1].database)


@pytest.mark.long
def test_a_large_piece_reads_no_table_from_end_to_end_more_often_than_a_small_one(
    authorities: list[Authority], issuer: DevelopmentIssuer
) -> None:
    def taking(events: list[Json]) -> Callable[[Work], Awaitable[object]]:
        file = EventFile(io.BytesIO(written(events)))
        (batch,) = in_batches(file.groups(), 1_000)
        return lambda work: take_all(work, file, batch)

    small, large = history(15, cases=3), history(16, cases=30)
    with Service.over(settings_for(authorities[1].database, issuer, **NO_HURRY)) as service:
        few, many = scans(service, taking(small), taking(large))
    assert many <= few


@pytest.mark.long
def test_of_two_imports_one_waits_and_says_for_what(
    authorities: list[Authority],
    load: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, turn = authorities[1].database.database_url, "hashtextextended('case events of mosaic', 0)"
    monkeypatch.setenv("QA_LOCK_TIMEOUT_SECONDS", "0.1")
    KEPT.ask(url, lambda other: other.execute(f"SELECT pg_advisory_lock({turn})"))

    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        if "waits" in line:
            KEPT.ask(url, lambda other: other.execute(f"SELECT pg_advisory_unlock({turn})"))

    with ThreadPoolExecutor(1) as aside:  # where the other import ends while this one waits

        def print_(line: str, **_: object) -> None:
            aside.submit(tell, line).result()

        monkeypatch.setattr(loading, "print", print_, raising=False)
        compare(authorities, load, history(17, cases=1))
    (_, waits, *_) = told
    assert waits.startswith("qa-api: waits until others have taken what they tell")
    assert sum("waits" in line for line in told) == 1


@pytest.mark.long
def test_a_merge_that_waits_holds_up_only_the_people_whom_it_names(
    authorities: list[Authority], issuer: DevelopmentIssuer
) -> None:
    events = history(11, cases=8)
    named = {child["ref"] for child in events[0]["data"]["subjects"]}
    merge = {"from": f"nobody-{uuid4().hex[:8]}", "into": min(named)}
    waiting = event(0, MERGED, merge=merge, occurred_at=NOW) | {"id": merge["from"]}
    assert [send(each.api, [waiting])[0]["outcome"] for each in authorities] == ["parked"] * 2
    file = EventFile(io.BytesIO(written(events)))
    (batch,) = in_batches(file.groups(), 1_000)
    with Service.over(settings_for(authorities[1].database, issuer, **NO_HURRY)) as service:
        done, others = service.work(lambda work: take_all(work, file, batch))
        places = sorted(place for group in others for place in group)
        assert {ref for place in places for ref in file.events[place].refs} == named
        assert done.total() == len(file) - len(places)
        service.work(lambda work: take_one_by_one(work, "mosaic", file.read(places)))
    send(authorities[0].api, [each.sent for each in file.read(range(len(file)))])
    assert not differences(authorities[0].database, authorities[1].database)


@pytest.mark.long
@stories_by_seed(EXAMPLES)
@given(stories())
def test_any_story_leaves_the_same_behind_as_a_file(
    authorities: list[Authority],
    load: Callable[..., int],
    at: Callable[[str], None],
    story: tuple[Story, list[list[int]]],
) -> None:
    at(NOW)
    told, arrival = story
    events = told.told(f"R{uuid4().hex[:10]}")
    compare(authorities, load, [events[number] for batch in arrival for number in batch])


@pytest.mark.long
def test_a_file_that_is_not_whole_is_refused_and_what_was_read_is_told(
    authorities: list[Authority], load: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    events = history(23, cases=3)
    whole, cut = written(events), written(events[:-1])
    count, digest = str(len(events)), hashlib.sha256(whole).hexdigest()
    before = everything(authorities[1].database)
    for asked in (("--count", count), ("--sha256", digest)):
        capsys.readouterr()
        assert load(cut, *asked) == 1
        out, told = capsys.readouterr()
        assert "nothing was imported: this is not the whole file" in told
        read = f"read {len(events) - 1} events, sha256 {hashlib.sha256(cut).hexdigest()}"
        assert read in out
        assert everything(authorities[1].database) == before
    assert load(whole, "--count", count, "--sha256", digest.upper()) == 0
    assert f"read {count} events, sha256 {digest}" in capsys.readouterr().out
    send(authorities[0].api, events)
    assert not differences(authorities[0].database, authorities[1].database)


@pytest.mark.long
def test_a_file_that_comes_twice_changes_nothing(
    authorities: list[Authority], load: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    events = history(3, cases=6)
    compare(authorities, load, events)
    before = everything(authorities[1].database)
    capsys.readouterr()
    assert load(written(events)) == 0
    assert f"nothing new: {len(events)} events" in capsys.readouterr().out
    after = everything(authorities[1].database)
    assert after.pop("events") - before.pop("events") == {"a command": 1}
    assert after == before


@pytest.mark.long
def test_a_load_that_was_broken_off_goes_on(
    authorities: list[Authority], load: Callable[..., int]
) -> None:
    events = history(4, cases=12)
    assert load(written(events[: len(events) // 3])) == 0
    send(authorities[0].api, events[: len(events) // 3])
    compare(authorities, load, events)


@pytest.mark.long
@pytest.mark.parametrize(
    ("how", "number"), [(signal.SIGKILL, 10), (signal.SIGINT, 12)], ids=["kill", "Ctrl-C"]
)
def test_a_load_that_is_broken_off_goes_on_and_loses_and_doubles_nothing(
    authorities: list[Authority],
    load: Callable[..., int],
    tmp_path: Path,
    how: signal.Signals,
    number: int,
) -> None:
    events = written(history(number, cases=90))
    file = tmp_path / "events.ndjson"
    file.write_bytes(events)
    url = authorities[1].database.migrate_url
    before = count(url)
    words = ["import", "events", str(file), "--at-once", "10"]
    break_off(words, lambda: count(url) > before, how)
    kept = count(url) - before
    assert 0 < kept < 90
    assert load(events) == 0
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(authorities[0].database).items():
            patch.setenv(name, value)
        assert load(events) == 0
    assert not differences(authorities[0].database, authorities[1].database)


@pytest.mark.long
def test_a_long_file_is_worked_out_by_other_processes_and_leaves_the_same_behind(
    authorities: list[Authority], load: Callable[..., int], tmp_path: Path
) -> None:
    events = history(14, cases=9)
    send(authorities[0].api, events)
    file = tmp_path / "events.ndjson"
    file.write_bytes(written(events))
    words = ["import", "events", str(file), "--at-once", "12"]
    ended = take_as_long(words, _FAILING)
    assert (ended.returncode, ended.stdout.count("\n")) == (1, 1)
    assert "a process that works out what comes next was ended" in ended.stderr
    loaded = take_as_long(words)
    assert loaded.returncode == 0, loaded.stderr
    assert f"loaded {len(events)} events" in loaded.stdout
    assert not differences(authorities[0].database, authorities[1].database)


_FAILING = (
    "from qa_api.case_events import past_ahead; import os;"
    " past_ahead.rows_of = lambda _: os._exit(9); "
)
"""Ends them amid the first piece."""


def count(url: str) -> int:
    """How many people there are."""
    return int(KEPT.ask(url, lambda kept: kept.fetchval("SELECT count(*) FROM subjects")))


FAULTS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "cut": (lambda lines: [*lines[:-1], lines[-1][:40]], "line 3: The file was cut off"),
    "no json": (lambda lines: [lines[0], b"what?\n", lines[2]], "line 2: The line is not"),
    "a list": (lambda lines: [b"[" + lines[0].strip() + b"]\n"], "line 1: A line is one event"),
    "no episode": (
        lambda lines: [lines[0], lines[1].replace(b'"episode_id"', b'"x"'), lines[2]],
        "line 2: /data/episode_id: Required.",
    ),
    "another system": (
        lambda lines: [lines[0], lines[1], lines[2].replace(b"urn:mosaic", b"urn:other")],
        "line 3: /source: All events of a file come from one system.",
    ),
    "nobody's": (
        lambda lines: [line.replace(b"urn:mosaic", b"urn:other") for line in lines],
        "line 1: /source: No case system is registered by this name.",
    ),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_fault_names_its_line_and_nothing_is_taken(
    authorities: list[Authority],
    load: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    fault: str,
) -> None:
    lines = written(history(5, cases=3)[:3]).splitlines(keepends=True)
    spoil, said = FAULTS[fault]
    before = everything(authorities[1].database)
    assert load(b"".join(spoil(lines))) == 1
    told = capsys.readouterr().err
    assert said in told
    assert not any(ref in told for ref in ("urn:other", "what?"))
    assert everything(authorities[1].database) == before


@pytest.mark.long
def test_a_last_line_without_its_end_and_windows_line_ends_are_read(
    authorities: list[Authority], load: Callable[..., int]
) -> None:
    events = history(6, cases=2)
    send(authorities[0].api, events)
    content = b"\xef\xbb\xbf" + written(events).replace(b"\n", b"\r\n\r\n").rstrip()
    assert load(content) == 0
    assert not differences(authorities[0].database, authorities[1].database)


def test_a_dry_run_keeps_nothing(
    authorities: list[Authority], load: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(authorities[1].database)
    assert load(written(history(7, cases=2)), "--dry-run") == 0
    assert "nothing was kept" in capsys.readouterr().out
    assert everything(authorities[1].database) == before


def test_the_log_says_who_loaded_a_file(
    authorities: list[Authority], load: Callable[..., int]
) -> None:
    assert load(written(history(8, cases=1))) == 0
    asked = "SELECT data FROM events WHERE type = 'command.run' ORDER BY id DESC LIMIT 1"

    async def ask(kept: Any) -> Any:
        return json.loads(await kept.fetchval(asked))

    said = KEPT.ask(authorities[1].database.migrate_url, ask)
    assert said["command"] == "import events"
    assert said["account"]
    send(authorities[0].api, [])


def test_a_file_comes_on_stdin_too(
    authorities: list[Authority],
    load: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Stdin:
        buffer = io.BytesIO(written(history(9, cases=1)))

    monkeypatch.setattr("sys.stdin", Stdin)
    assert main(["import", "events", "-"]) == 0
    assert "loaded " in capsys.readouterr().out


@pytest.mark.long
def test_a_closing_that_is_not_history_is_dealt_with_as_ever(
    authorities: list[Authority], load: Callable[..., int], at: Callable[[str], None]
) -> None:
    at("2027-01-04T09:30:00Z")
    episodes = [Episode(each.api, [f"late-{uuid4().hex[:6]}"]) for each in authorities]
    told = [
        [
            each.event(PROPOSED, 1, occurred_at="2026-12-30T09:00:00Z"),
            each.event(CLOSED, 2, occurred_at="2027-01-02T09:00:00Z"),
        ]
        for each in episodes
    ]
    send(authorities[0].api, told[0])
    assert load(written(told[1])) == 0
    answers = [each.answer() for each in episodes]
    assert [each["state"] for each in answers] == ["closed_without_audit"] * 2
    assert all(each["audit_id"] for each in answers)
