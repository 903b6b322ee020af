"""Who holds a case and what is known of the person, as everything that was told says (C2)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from qa_api import events
from qa_api.closures.told import HOLDERS, PERSON_FACTS, History
from qa_api.models.subjects import Subject
from qa_api.rules.restriction import restriction_now
from qa_api.rules.telling import Said, newest
from qa_api.subjects.service import hand_over, restrict
from qa_api.work import Work

Counts = Mapping[str, Said[Any]]
"""What counts of everything that was said, by the field; what nobody has said is not there."""


def _nobody(holder: str | None) -> bool:
    # A case that waits for a holder is in front of those who allocate it; one that has a wrong
    # holder is in front of somebody whom it does not concern.
    return holder is None


def _later_day(day: date | None) -> date:
    # The later of two days of birth or death keeps the record longer.
    return day or date.min


_CAUTIOUS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(HOLDERS, _nobody),
    **dict.fromkeys(PERSON_FACTS, _later_day),
}


def counts(history: History) -> Counts:
    """What counts, field by field."""
    said = history.said(history.lineage())
    found = {name: newest(said.get(name, ()), cautious) for name, cautious in _CAUTIOUS.items()}
    return {name: value for name, value in found.items() if value is not None}


async def follow(work: Work, subject: Subject, history: History) -> bool:
    """Let the subject be what was told of it by now; says whether that changed anything.

    What nobody has said stays as it is. Needs the service's reach; the subject is locked.
    """
    counted = counts(history)
    facts: dict[str, Any] = {name: counted[name].value for name in PERSON_FACTS if name in counted}
    facts["ref"] = history.lineage().survivor(subject.ref)
    changed = {name: value for name, value in facts.items() if value != getattr(subject, name)}
    for name, value in changed.items():
        setattr(subject, name, value)
    if changed:
        await work.record(events.SubjectEdited(about=subject.id, subject=subject.id))
    moved = await _follow_holders(work, subject, counted)
    return moved or bool(changed)


async def _follow_holders(work: Work, subject: Subject, counted: Counts) -> bool:
    told = [counted[name].told for name in HOLDERS if name in counted]
    if not told:
        return False
    at = max((each.occurred_at for each in told if each.occurred_at), default=None)
    held = {
        "team": subject.reported_team or subject.team,
        "worker": subject.reported_worker or subject.worker,
    }
    said = {name: counted[name].value for name in HOLDERS if name in counted}
    now = held | said
    if now == held and subject.allocated_at == at:
        return False
    # Whose a reference is depends on the day, and on case only as it is written: what was told is
    # compared once it is resolved.
    return await hand_over(work, subject, at=at, **now)


async def follow_restrictions(work: Work, subject: Subject, history: History) -> bool:
    """Let the record be as open as was told by now; says whether that changed anything (X3)."""
    kind = restriction_now(history.restrictions())
    return kind != subject.restriction_kind and await restrict(work, subject, kind)
