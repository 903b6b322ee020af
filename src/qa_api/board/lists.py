"""The lists that the figures count, exactly as their own domains list them (R4.7.3).

A figure that had conditions of its own could say another number than its list shows, so nothing
here selects: each source is the domain's listing, its first lock and its filters. The rollups add
up what a caller sees through their teams; what they see for another reason is found by its index.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, or_, select

from qa_api.actions import queries as actions
from qa_api.audits import queries as audits
from qa_api.auth.actor import Me
from qa_api.auth.reasons import Reasons
from qa_api.auth.reasons import cases as reasons
from qa_api.auth.roles import Permission
from qa_api.closure_gates import queries as closure_gates
from qa_api.escalations import queries as escalations
from qa_api.models.access import RestrictionGrant
from qa_api.models.aliases import aliased
from qa_api.reads.expressions import london_midnight
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Predicate
from qa_api.responses import queries as responses
from qa_api.rules.metrics import Source
from qa_api.rules.monthly import COMPLETED, DOMAINS
from qa_api.rules.rollups import BY_DOMAIN
from qa_api.rules.states import AUDIT_FINISHED
from qa_api.rules.unchanging import Unchanging

COMPLETED_BY_QUARTER: Final = (
    f"{Source.AUDITS}/completed",
    f"{Source.AUDITS}/completed/{BY_DOMAIN}",
)
Between = Callable[[Any, ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]


class CountedList(Unchanging):
    """A list as it is counted: the rows of teams from rollups, the others one by one."""

    listing: Listing
    read_by: Permission
    """Who may not read the list gets no figure over it: a link that answers 403 proves nothing."""
    reasons: Reasons
    """Why its rows are seen at all."""
    counts_as: str
    """The database's function from a row to its cells."""
    through_teams: Predicate
    """Seen through a team, of a row; what is restricted is never seen so."""
    cells_through_teams: Predicate
    """The same of a cell."""
    between: Between
    """Dated from one London date until before another, by whatever date figures count by."""

    @property
    def cells(self) -> str:
        """The function that says the same as rows. PostgreSQL takes it into the statement, and
        makes only those cells that are asked for; but that of escalations it (18.6) cannot."""
        return f"cells_of_{self.counts_as.removesuffix('_counts_as')}"

    @property
    def otherwise(self) -> tuple[Predicate, ...]:
        """All further ways to see a row, each with an index; what they find is asked once more."""
        return (_granted, *(arm.finds for arm in self.reasons.further if not arm.names_rows))

    def named(self, me: Me) -> list[Select[Any]]:
        """The rows that another table names for the caller, by id."""
        named = (arm.looked_up(me) for arm in self.reasons.further if arm.names_rows)
        return [ids for ids in named if ids is not None]


def _granted(row: Any, me: Me) -> ColumnElement[bool]:
    grant = aliased(RestrictionGrant)
    theirs = select(grant.subject_id).where(
        grant.principal_id == me.principal_id, grant.expires_at > me.now
    )
    found: ColumnElement[bool] = row.subject_id.in_(theirs)
    return found


def _is_finished(cell: Any) -> ColumnElement[bool]:
    completed = cell.series.in_((*COMPLETED_BY_QUARTER, COMPLETED, DOMAINS))
    return or_(completed, cell.facts["state"].astext.in_(AUDIT_FINISHED))


def _is_to_be_taken_on(cell: Any) -> ColumnElement[bool]:
    unassigned: ColumnElement[bool] = cell.facts.has_key("unassigned")
    return unassigned


def _dated(name: str) -> Between:
    def between(row: Any, since: Any, until: Any) -> ColumnElement[bool]:
        day = getattr(row, name)
        return and_(day >= since, day < until)

    return between


def _instant(name: str) -> Between:
    def between(row: Any, since: Any, until: Any) -> ColumnElement[bool]:
        return _dated(name)(row, london_midnight(since), london_midnight(until))

    return between


LISTS: Final[Mapping[Source, CountedList]] = {
    Source.AUDITS: CountedList(
        listing=audits.AUDITS,
        read_by=Permission.AUDIT_READ,
        reasons=reasons.AUDITS,
        counts_as="audit_counts_as",
        through_teams=reasons.AUDITS.through_teams,
        cells_through_teams=reasons.audits_of_teams(_is_finished, _is_to_be_taken_on).through_teams,
        between=lambda row, since, until: or_(
            _dated("due_on")(row, since, until), _dated("completed_on")(row, since, until)
        ),
    ),
    Source.RESPONSES: CountedList(
        listing=responses.RESPONSES,
        read_by=Permission.RESPONSE_READ,
        reasons=reasons.RESPONSES,
        counts_as="response_counts_as",
        through_teams=reasons.RESPONSES.through_teams,
        cells_through_teams=reasons.RESPONSES.through_teams,
        between=_dated("due_on"),
    ),
    Source.ACTIONS: CountedList(
        listing=actions.ACTIONS,
        read_by=Permission.ACTION_READ,
        reasons=reasons.ACTIONS,
        counts_as="action_counts_as",
        through_teams=reasons.ACTIONS.through_teams,
        cells_through_teams=reasons.ACTIONS.through_teams,
        between=_instant("set_at"),
    ),
    Source.ESCALATIONS: CountedList(
        listing=escalations.ESCALATIONS,
        read_by=Permission.ESCALATION_READ,
        reasons=reasons.ESCALATIONS,
        counts_as="escalation_counts_as",
        through_teams=escalations.through_teams,
        cells_through_teams=escalations.cells_through_teams,
        between=_instant("raised_at"),
    ),
    Source.GATES: CountedList(
        listing=closure_gates.GATES,
        read_by=Permission.GATE_READ,
        reasons=reasons.GATES,
        counts_as="gate_counts_as",
        through_teams=reasons.GATES.through_teams,
        cells_through_teams=reasons.GATES.through_teams,
        between=_instant("closing_counts_at"),
    ),
}
