"""What a case system told before of the children of its tables, by its events alone.

What people entered here is left out: tables that say what they said before are no news, and take
nothing back that somebody put right by hand.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.case_events.histories import histories
from qa_api.case_events.nightly.children import Child
from qa_api.case_events.nightly.tables import EPISODES, FileFault
from qa_api.case_events.record_facts import newest_of
from qa_api.closure_gates.episodes import ToldEvent
from qa_api.models.closures import CaseEvent, CaseEventOutcome
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.rules.telling import Said
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

AT_ONCE: Final = 1_000
"""Children who are asked for together."""


class Known(Unchanging):
    """What was told of a child under a reference."""

    subject_id: UUID
    is_merged: bool
    """Whether another reference is the child's now, so that this one says nothing of holders."""
    said: Mapping[str, Sequence[Said[Any]]]
    """Everything that was said of the holders and the person, by the field."""
    counts: Mapping[str, Any]
    """What of it counts."""
    episodes: Mapping[str, Sequence[ToldEvent]]


async def known_of(work: Work, system: str, children: Sequence[Child]) -> dict[str, Known]:
    """What was told of those who are known, by the references of the tables."""
    found: dict[str, Known] = {}
    for some in _parts([child.row.ref for child in children]):
        rows = await work.session.execute(
            select(SubjectAlias.ref, Subject)
            .join(Subject, Subject.id == SubjectAlias.subject_id)
            .where(
                SubjectAlias.system == system,
                SubjectAlias.ref == any_(literal(some, ARRAY(Text))),
                SubjectAlias.stands_for.is_(None),
            )
        )
        named: dict[str, Subject] = {row.ref: row.Subject for row in rows}
        subjects = list({subject.id: subject for subject in named.values()}.values())
        told = await histories(work, subjects)
        for ref, subject in named.items():
            history = told[subject.id].but(entered=())
            lineage = history.lineage()
            said = history.said(lineage)
            counted = {name: each.value for name, each in newest_of(said).items()}
            is_merged = lineage.survivor(ref) != ref
            episodes = dict(history.episodes())
            found[ref] = Known(subject.id, is_merged, said, counted, episodes)
        work.session.expunge_all()
    return found


async def of_another_child(
    work: Work, system: str, children: Sequence[Child], known: Mapping[str, Known]
) -> list[FileFault]:
    """The episodes that were told of other children alone.

    They would join two children who are two for a reason: after an adoption nothing may (C6).
    """
    told: dict[str, set[UUID]] = defaultdict(set)
    said = {row.id: row for child in children for row in child.episodes}
    for some in _parts(sorted(said)):
        found = await work.session.execute(
            select(CaseEvent.episode_id, CaseEventOutcome.subject_id)
            .join(CaseEventOutcome, CaseEventOutcome.case_event_id == CaseEvent.id)
            .where(
                CaseEvent.system == system,
                CaseEvent.episode_id == any_(literal(some, ARRAY(Text))),
                CaseEventOutcome.subject_id.is_not(None),
            )
            .distinct()
        )
        for row in found:
            told[row.episode_id].add(row.subject_id)
    faults = []
    for episode_id, subjects in told.items():
        ref, line = said[episode_id].ref, said[episode_id].line
        if ref not in known or known[ref].subject_id not in subjects:
            faults.append(FileFault(EPISODES.file, line, _ANOTHER))
    return sorted(faults, key=lambda fault: fault.line or 0)


_ANOTHER: Final = (
    "cine_referral_id: This episode was told of another child. A child who was adopted has a new"
    " reference and new episodes; where two records are one child's, send person.merged.v1 first."
)


def _parts(names: Sequence[str]) -> Iterator[list[str]]:
    for first in range(0, len(names), AT_ONCE):
        yield list(names[first : first + AT_ONCE])
