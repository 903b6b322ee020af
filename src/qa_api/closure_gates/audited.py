"""Which closings the authority audits: those of a kind that one of its audit types is for (§3, C3).

What can be had now is asked of the types. What was there on the day of a closing is kept beside
them: what closed before the authority audited such closings stands as it was closed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from qa_api.db import Prepared
from qa_api.rules.cadence import CadenceKind
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

BY_A_TYPE: Final = f"active AND cadence = '{CadenceKind.EVERY_CLOSURE}'"
_AUDITED: Final = Prepared.of(
    text(
        f"""
        SELECT subject_kind, since, until, NULL AS type FROM audited_closings
        UNION ALL
        SELECT subject_kind, NULL::timestamptz, NULL::timestamptz, min(code)
        FROM audit_types WHERE {BY_A_TYPE} GROUP BY subject_kind
        """  # noqa: S608 - ours
    )
)


class Term(Unchanging):
    """From when until when closings of a kind have been audited; None is without end."""

    kind: str
    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it held at an instant."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


class Audited(Unchanging):
    """The kinds of subjects whose closings are audited, now and at any time."""

    now: Mapping[str, str]
    """Of each kind the audit type that is for its closings; of several the first by its code."""
    terms: Sequence[Term] = ()

    def type_for(self, kind: str) -> str | None:
        """The code of the audit type that is for every closing of such a subject."""
        return self.now.get(kind)

    def is_offered(self, kind: str) -> bool:
        """Whether an audit type is for every closing of such a subject."""
        return kind in self.now

    def was_offered(self, kind: str, at: datetime | None) -> bool:
        """Whether one was, at an instant; None is now."""
        if at is None:
            return self.is_offered(kind)
        return any(term.kind == kind and term.holds(at) for term in self.terms)


async def audited_closings(work: Work) -> Audited:
    """What the authority audits. A type that changes at this moment is seen by the next sweep."""
    await work.flush()
    rows = await work.run(_AUDITED)
    return Audited(
        {row.subject_kind: row.type for row in rows if row.type is not None},
        [Term(row.subject_kind, row.since, row.until) for row in rows if row.type is None],
    )
