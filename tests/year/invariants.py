"""What must hold after each day, as `qa-api check` asks it of a running authority."""

from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from qa_api.board.rollup_upkeep import FiguresWrong, check_rollups
from qa_api.checking.all import INVARIANTS
from qa_api.checking.answers import Answer
from qa_api.checking.gates import every_gate_is_what_its_events_say
from qa_api.checking.undone import changed_by
from qa_api.work import Workshop
from qa_api.worker.verifying import LogBroken, verify_log
from tests.kept import KEPT, Connection
from tests.year.calling import Caller
from tests.year.duties import of_today
from tests.year.gone import GONE, Gone
from tests.year.turn import Place
from tests.year.unchanged import UNCHANGED, Settled

GATES: Final = "every gate is what its events say"
FIGURES: Final = "every figure equals its rows"
SEALED: Final = "every event is sealed"
TAKEN: Final = "what counts as delivered was taken"
TWICE: Final = "the worker's duties done twice change nothing"
EVERYTHING: Final = (*INVARIANTS, FIGURES, SEALED, UNCHANGED, GONE, TAKEN, TWICE)
A_FEW_AT_A_TIME: Final = {"caseloads of long ago", "content whose time has come"}
"""Duties that go on with the rest the next time."""
_TOLD: Final = 5


@dataclass(frozen=True)
class Fault:
    """Something that does not hold: what, and of which rows."""

    what: str
    rows: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = f" and {len(self.rows) - _TOLD} more" if len(self.rows) > _TOLD else ""
        return f"{self.what}: {', '.join(self.rows[:_TOLD])}{more}" if self.rows else self.what


def faults(
    place: Place,
    settled: Settled,
    gone: Gone,
    *,
    sealed: bool,
    of: Collection[str] = EVERYTHING,
    about: Collection[UUID] | None = None,
) -> list[Fault]:
    """Ask what must hold; `sealed` is whether the worker has sealed today; `settled` knows what was
    settled when it was asked last, and `gone` whose records went. `about`: only the gates of these
    people are decided again.
    """
    found = []
    caller, database = place.caller, place.database
    about_them = partial(every_gate_is_what_its_events_say, of=about)
    asked: dict[str, Callable[[Workshop], Awaitable[Answer]]] = {**INVARIANTS, GATES: about_them}
    for what, invariant in asked.items():
        if what in of and (broken := caller.work(invariant).broken):
            found.append(Fault(what, tuple(map(str, broken))))
    if FIGURES in of and (wrong := KEPT.ask(database.migrate_url, _figures)):
        found.append(Fault(FIGURES, (wrong,)))
    if SEALED in of and (wrong := KEPT.ask(database.migrate_url, _seals(sealed))):
        found.append(Fault(SEALED, (wrong,)))
    if UNCHANGED in of and (changed := settled.changed()):
        found.append(Fault(UNCHANGED, changed))
    if GONE in of and (left := gone.left()):
        found.append(Fault(GONE, left))
    if TAKEN in of and (untaken := _untaken(place)):
        found.append(Fault(TAKEN, untaken))
    if TWICE in of and sealed and (again := _done_twice(caller)):
        found.append(Fault(TWICE, again))
    return found


def _untaken(place: Place) -> tuple[str, ...]:
    rows = place.rows(
        "SELECT id, event_id FROM deliveries WHERE state = 'delivered' AND lane <> 'test'"
    )
    return tuple(f"deliveries {r['id']}" for r in rows if r["event_id"] not in place.receiver.taken)


def _done_twice(caller: Caller) -> tuple[str, ...]:
    """What the duties that are done whole each time would write, were they done once more."""
    return tuple(
        f"'{name}' {row}"
        for name, duty in caller.work(of_today).items()
        if name not in A_FEW_AT_A_TIME
        for row in caller.work(partial(changed_by, act=duty))
    )


async def _figures(owner: Connection) -> str | None:
    try:
        await check_rollups(owner)
    except FiguresWrong as wrong:
        return str(wrong)
    return None


def _seals(all_of_them: bool) -> Callable[[Connection], Coroutine[Any, Any, str | None]]:
    async def look(owner: Connection) -> str | None:
        try:
            whole = await verify_log(owner, [])
        except LogBroken as broken:
            return str(broken)
        if all_of_them and whole.unsealed:
            return f"{whole.unsealed} are in no seal"
        return None

    return look
