"""What the database says about events before they are worked out.

Asked once for as many events as are taken together.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Text, any_, func, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.case_events.groups import Noted, SentEvent
from qa_api.case_events.intake import fingerprint_of
from qa_api.case_events.merging import FROM, INTO
from qa_api.case_events.past import Known, Left, NotPlain, Policies, is_plain, work_out
from qa_api.case_events.past_person import Person
from qa_api.closure_gates.audited import audited_closings
from qa_api.db import Prepared, parameter
from qa_api.directory.references import claims_of
from qa_api.models.closures import CaseEvent
from qa_api.models.policy import PolicyVersion
from qa_api.models.subjects import SubjectAlias
from qa_api.rules.merging import WAITS_FOR_MORE
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import policy_from_values
from qa_api.rules.references import fold
from qa_api.work import Work


class There:
    """What the database has of these events and people already."""

    def __init__(
        self, refs: Iterable[str], kept: Iterable[tuple[str, str]], waiting: Iterable[str] = ()
    ) -> None:
        self._refs, self._waiting = frozenset(refs), frozenset(waiting)
        self._kept = dict(kept)

    def came_before(self, event: SentEvent) -> bool:
        """Whether one of its id came, whatever it said."""
        return event.noted.id in self._kept

    def is_repeat(self, event: SentEvent) -> bool:
        """Whether it came before, and said the same."""
        kept = self._kept.get(event.noted.id)
        return kept is not None and kept == fingerprint_of(event.sent)

    def all_repeat(self, members: Sequence[SentEvent]) -> bool:
        """Whether each of them came before, and said the same."""
        return all(map(self.is_repeat, members))

    def waits(self, members: Sequence[SentEvent]) -> bool:
        """Whether a merge waits for what one of them tells."""
        return any(not self._waiting.isdisjoint(each.noted.refs) for each in members)

    def known(self, members: Sequence[SentEvent]) -> set[str]:
        """The references of people whom we know."""
        return {ref for each in members for ref in each.noted.refs} & self._refs


@cache
def _there() -> Prepared:
    """One row: the references that are names, the events that came, whom parked merges name."""
    system, refs, ids = (
        parameter("system", Text()),
        parameter("refs", _TEXTS),
        parameter("ids", _TEXTS),
    )
    named = select(SubjectAlias.ref).where(
        SubjectAlias.system == system, SubjectAlias.ref == any_(refs)
    )
    kept = select(postgresql.array([CaseEvent.event_id, CaseEvent.fingerprint])).where(
        CaseEvent.system == system, CaseEvent.event_id == any_(ids)
    )
    # A merge that is parked until more is told of either of its two is decided again then.
    waiting = select(postgresql.array([FROM, INTO])).where(
        CaseEvent.parked,
        CaseEvent.system == system,
        CaseEvent.parked_reason.in_(WAITS_FOR_MORE),
        or_(any_(refs) == FROM, any_(refs) == INTO),
    )
    columns = {"named": named, "kept": kept, "waiting": waiting}
    return Prepared.of(
        select(*(func.array(each.scalar_subquery()).label(name) for name, each in columns.items()))
    )


async def what_is_there(work: Work, system: str, events: Sequence[Noted]) -> There:
    """What there is of them. Needs the service's reach, and their turn."""
    refs = sorted({ref for each in events for ref in each.refs})
    ids = sorted({each.id for each in events})
    (found,) = await work.run(_there(), system=system, refs=refs, ids=ids)
    merges = (ref for merge in found.waiting for ref in merge)
    return There(found.named, map(tuple, found.kept), merges)


_TEXTS: Final[ARRAY[Any]] = ARRAY(Text)


async def what_is_known(
    work: Work, system: str, called: Iterable[str], since: date | None = None
) -> Known:
    """What decides about events that they do not say: policies, and who is meant by a name.

    `called` are the names in them, of those who hold cases; `since` is the first day on which one
    of them happened, None where that is not known.
    """
    today = await work.policy()
    policies = Policies(today, await _policies(work, today, since))
    claims = await claims_of(work, {fold(name) for name in called})
    audited = await audited_closings(work)
    return Known(system, work.now, work.today, today.in_use_from, policies, claims, audited)


async def _policies(work: Work, today: Policy, since: date | None) -> list[Policy]:
    """Those of the days before that of today, where one of these days counts."""
    if since is not None and today.effective_from <= since:
        return []
    versions = await work.session.execute(
        select(PolicyVersion.version, PolicyVersion.effective_from, PolicyVersion.values)
    )
    return [policy_from_values(*row) for row in versions]


def worked_out(
    members: Sequence[SentEvent],
    there: There,
    known: Known,
    on_record: Mapping[str, Person] | None = None,
) -> Left | None:
    """What the events about some people leave behind; None where they are taken one by one.

    `on_record` are people who are there, of whom it can be worked out.
    """
    known_to_us, found = there.known(members), on_record or {}
    if any(map(there.came_before, members)) or there.waits(members):
        return None
    if known_to_us - found.keys():
        return None
    if not all(is_plain(event.noted, known.now) for event in members):
        return None
    try:
        return work_out(members, known, {ref: found[ref] for ref in known_to_us})
    except NotPlain:
        return None
