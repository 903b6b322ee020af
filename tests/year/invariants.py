"""What must hold after each day, as `qa-api check` asks it of a running authority."""

from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from qa_api.board.rollup_upkeep import FiguresWrong, check_rollups
from qa_api.checking.all import INVARIANTS
from qa_api.worker.verifying import LogBroken, verify_log
from tests.conftest import Database
from tests.kept import KEPT, Connection
from tests.year.calling import Caller
from tests.year.unchanged import UNCHANGED, Settled

FIGURES: Final = "every figure equals its rows"
SEALED: Final = "every event is sealed"
EVERYTHING: Final = (*INVARIANTS, FIGURES, SEALED, UNCHANGED)
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
    caller: Caller,
    database: Database,
    settled: Settled,
    *,
    sealed: bool,
    of: Collection[str] = EVERYTHING,
) -> list[Fault]:
    """Ask what must hold; `sealed` is whether the worker has sealed today, and `settled` knows what
    was settled when it was asked last.
    """
    found = []
    for what, invariant in INVARIANTS.items():
        if what in of and (broken := caller.work(invariant).broken):
            found.append(Fault(what, tuple(map(str, broken))))
    if FIGURES in of and (wrong := KEPT.ask(database.migrate_url, _figures)):
        found.append(Fault(FIGURES, (wrong,)))
    if SEALED in of and (wrong := KEPT.ask(database.migrate_url, _seals(sealed))):
        found.append(Fault(SEALED, (wrong,)))
    if UNCHANGED in of and (changed := settled.changed()):
        found.append(Fault(UNCHANGED, changed))
    return found


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
