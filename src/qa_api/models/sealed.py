"""What a sealed second grade hides from its moderator, in one table (R4.5.3).

Until their own judgement is recorded, the assigned moderator of a sealed pair reads the audit
without its auditor's judgements and rationales. `aliased` reads the columns named here as null for
them, so every document, list, filter, figure and dataset does (ADR 45). Rows that say nothing but a
judgement are hidden by row-level security, whatever reads them.

What follows from a judgement tells it as well. An audit with an escalation open cannot close, and
one without actions closes when the worker is told of it; so for them no audit closes (ADR 77).
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Integer,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    true,
)

from qa_api.rules.states import AUDIT_FINISHED, AuditState
from qa_api.rules.unchanging import Unchanging

SealedIf = Callable[[Any, ColumnElement[bool]], ColumnElement[bool]]
"""From the columns of a row, and whether its audit is sealed from the caller, to whether a value of
it is hidden from them."""


SEALED: Final = "sealed"
"""The name under which a statement works out once whether an audit is sealed."""


class Hidden(Unchanging):
    """The columns of a table that say what an auditor judged, and the column of the audit's id."""

    audit: str
    columns: str
    judged_answers: str = ""
    """Columns that say it only where the question asks for a judgement."""


HIDDEN: Final[Mapping[str, Hidden]] = {
    "audits": Hidden("id", "overall_judgement overall_rationale closed_at"),
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


def _unclosed(audit: Any, sealed: ColumnElement[bool]) -> ColumnElement[Any]:
    """It stands as completed, and stays so."""
    is_closed = and_(audit.state == AuditState.CLOSED, sealed)
    return case((is_closed, AuditState.COMPLETED.value), else_=audit.state)


def _changes_but_closings(audit: Any, sealed: ColumnElement[bool]) -> ColumnElement[Any]:
    """The version that it would have if it had never closed."""
    # Closed by an older release, which did not count: once, as far as is known.
    closings = func.coalesce(audit.closings, cast(audit.closed_at.is_not(None), Integer))
    return case((sealed, audit.version - closings), else_=audit.version)


def _changed_but_closed(audit: Any, sealed: ColumnElement[bool]) -> ColumnElement[Any]:
    """When it was changed last by anything but its closing."""
    uncounted = and_(audit.closings.is_(None), audit.changed_at == audit.closed_at)
    before = case((uncounted, audit.completed_at), else_=audit.changed_at)
    told = func.coalesce(audit.changed_before_closing_at, before)
    return case((sealed, told), else_=audit.changed_at)


Told = Callable[[Any, ColumnElement[bool]], ColumnElement[Any]]
"""The same, to what the caller is told of one of them."""

TOLD_OTHERWISE: Final[Mapping[str, Mapping[str, Told]]] = {
    "audits": {
        "state": _unclosed,
        "version": _changes_but_closings,
        "changed_at": _changed_but_closed,
    }
}
"""By table: the columns that follow from a judgement, and what is told in their place."""


def is_sealed(audit_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the caller is to moderate this audit sealed, and has not judged it yet."""
    return func.qa_is_sealed(audit_id, type_=Boolean)


def audit_column(table: str) -> str | None:
    """The column with the id of the audit whose seal hides columns of a table, if it has such."""
    hidden = HIDDEN.get(table)
    return None if hidden is None else hidden.audit


def is_sealed_here(audit: Any) -> ColumnElement[bool]:
    """Whether an audit's row is sealed, as the statement has worked it out once for all who ask."""
    known: ColumnElement[bool] | None = worked_out(audit, SEALED)
    return is_sealed(audit.id) if known is None else known


def worked_out(row: Any, name: str) -> Any:
    """What a statement has worked out once of a row under this name (`Shape.once`), if it has."""
    return getattr(row, "once", {}).get(name)


def hides(table: str) -> Mapping[str, SealedIf]:
    """Of each column of a table that is hidden while an audit is sealed: whether it is."""
    hidden = HIDDEN.get(table)
    if hidden is None:
        return {}

    def with_the_audit(_: Any, sealed: ColumnElement[bool]) -> ColumnElement[bool]:
        return sealed

    def asks_judgement(columns: Any, sealed: ColumnElement[bool]) -> ColumnElement[bool]:
        asked = func.qa_asks_judgement(columns.tool_id, columns.question_key, type_=Boolean)
        return and_(sealed, asked)

    return {
        **dict.fromkeys(hidden.columns.split(), with_the_audit),
        **dict.fromkeys(hidden.judged_answers.split(), asks_judgement),
    }


def told_otherwise(table: str) -> Mapping[str, Told]:
    """Of each column of a table that follows from a judgement: what the caller is told of it."""
    return TOLD_OTHERWISE.get(table, {})


_KEPT: Final = "kept_"


def keep(row: Any, name: str) -> None:
    """Keep a column of a row as it stands in the table, beside what is told in its place."""
    setattr(row, _KEPT + name, getattr(row, name))


def as_kept(row: Any, name: str) -> ColumnElement[Any]:
    """A column as it stands in the table, for conditions and orders that tell nothing by it.

    An index finds rows by the column alone, and not by what is told in its place.
    """
    kept = getattr(row, _KEPT + name, None)
    column: ColumnElement[Any] = getattr(row, name) if kept is None else kept
    return column


def stands_in(audit: Any, states: Collection[AuditState]) -> ColumnElement[bool]:
    """Whether an audit is in one of these states, which says nothing of whether it has closed.

    Completed and closed are both among them, or neither.
    """
    if len({*states} & {*AUDIT_FINISHED}) == 1:
        raise ValueError("these states tell whether an audit has closed: ask for `state`")
    return as_kept(audit, "state").in_(states)


def told_in(audit: Any, state: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether an audit is in this state, or one of several, as far as the caller is told.

    The same as a comparison with its `state`, in words in which indexes find it.
    """
    kept = as_kept(audit, "state")
    unclosed = and_(kept == AuditState.CLOSED, sealed_from_caller(audit.id))
    as_completed = and_(literal(AuditState.COMPLETED.value) == state, unclosed)
    # No COALESCE: PostgreSQL does not know that it leaks nothing, and would use no index.
    return or_(and_(kept == state, unclosed.is_not(true())), as_completed)


def sealed_from_caller(audit_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The same as `is_sealed`, in words in which an index finds the few that are.

    Nothing of the row is in a function of which PostgreSQL does not know that it leaks nothing.
    Not for what the service does itself, from which nothing is sealed.
    """
    given = func.nullif(func.current_setting("qa.sealed", True), "")
    ids = cast(func.string_to_array(given, ","), ARRAY(Uuid))
    return audit_id == any_(ids)


def unless_sealed(column: ColumnElement[Any], sealed: ColumnElement[bool]) -> ColumnElement[Any]:
    """A column of the same name and type that is null where it is sealed from the caller."""
    return case((not_(sealed), column)).label(str(column.key))


def facts_unless_sealed(entity: Any, row: Any, facts: ColumnElement[Any]) -> ColumnElement[Any]:
    """What a row is counted by, without the judgement where that is sealed from the caller."""
    hidden = HIDDEN.get(str(entity.__tablename__))
    if hidden is None:
        return facts
    return case((is_sealed(getattr(row, hidden.audit)), facts.op("-")("judgement")), else_=facts)
