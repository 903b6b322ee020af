"""What a sealed second grade hides from its moderator, in one table (R4.5.3).

Until their own judgement is recorded, the assigned moderator of a sealed pair reads the audit
without its auditor's judgements and rationales. `aliased` reads the columns named here as null for
them, so every document, list, filter, figure and dataset does (ADR 45). Rows that say nothing but a
judgement are hidden by row-level security, whatever reads them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, and_, case, func, not_

from qa_api.rules.unchanging import Unchanging

SealedIf = Callable[[Any], ColumnElement[bool]]
"""From the columns of a row to whether a value of it is hidden from the caller."""


class Hidden(Unchanging):
    """The columns of a table that say what an auditor judged, and the column of the audit's id."""

    audit: str
    columns: str
    judged_answers: str = ""
    """Columns that say it only where the question asks for a judgement."""


HIDDEN: Final[Mapping[str, Hidden]] = {
    "audits": Hidden("id", "overall_judgement overall_rationale"),
    "audit_answers": Hidden("audit_id", "rationale", judged_answers="value"),
    "audit_revisions": Hidden("audit_id", "content reason"),
    "comments": Hidden("audit_id", "text"),
    "domain_judgements": Hidden("audit_id", "judgement rationale"),
    "moderated_domains": Hidden("audit_id", "auditor_judgement auditor_rationale"),
    "moderation_members": Hidden("audit_id", "judgement stratum"),
    # The worker knows the judgement that they write about.
    "own_views": Hidden("audit_id", "view"),
    "moderation_outcomes": Hidden("audit_id", "auditor_judgement auditor_rationale"),
}
"""By table; the tables whose rows are hidden whole are here too, for nothing rests on one lock."""

HIDDEN_ROWS: Final = {
    "audit_revisions": "audit_id",
    "comments": "audit_id",
    "domain_judgements": "audit_id",
    "moderation_members": "audit_id",
    "own_views": "audit_id",
}
"""The tables whose rows of a sealed audit the database does not show to its moderator."""


def is_sealed(audit_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the caller is to moderate this audit sealed, and has not judged it yet."""
    return func.qa_is_sealed(audit_id, type_=Boolean)


def hides(table: str) -> Mapping[str, SealedIf]:
    """Of each column of a table that is hidden while an audit is sealed: whether it is."""
    hidden = HIDDEN.get(table)
    if hidden is None:
        return {}

    def sealed(columns: Any) -> ColumnElement[bool]:
        return is_sealed(columns[hidden.audit])

    def asks_judgement(columns: Any) -> ColumnElement[bool]:
        asked = func.qa_asks_judgement(columns.tool_id, columns.question_key, type_=Boolean)
        return and_(sealed(columns), asked)

    return {
        **dict.fromkeys(hidden.columns.split(), sealed),
        **dict.fromkeys(hidden.judged_answers.split(), asks_judgement),
    }


def unless_sealed(column: ColumnElement[Any], sealed: ColumnElement[bool]) -> ColumnElement[Any]:
    """A column of the same name and type that is null where it is sealed from the caller."""
    return case((not_(sealed), column)).label(str(column.key))


def facts_unless_sealed(entity: Any, row: Any, facts: ColumnElement[Any]) -> ColumnElement[Any]:
    """What a row is counted by, without the judgement where that is sealed from the caller."""
    hidden = HIDDEN.get(str(entity.__tablename__))
    if hidden is None:
        return facts
    return case((is_sealed(getattr(row, hidden.audit)), facts.op("-")("judgement")), else_=facts)
