"""The lists that the figures count, exactly as their own domains list them (R4.7.3).

A figure that had conditions of its own could say another number than its list shows, so nothing
here selects: each source is the domain's listing, its first lock and its filters. The rollups add
up what a caller sees through their teams; what they see for another reason is found by its index.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, any_, func, not_, or_, select

from qa_api.actions import queries as actions
from qa_api.audits import queries as audits
from qa_api.auth.actor import Me
from qa_api.auth.reach import own_system
from qa_api.auth.roles import Permission
from qa_api.closure_gates import queries as closure_gates
from qa_api.escalations import queries as escalations
from qa_api.models.access import RestrictionGrant
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.escalations import EscalationRecipient
from qa_api.models.moderation import ModerationOutcome
from qa_api.reads.expressions import audited_again, audits_responded_for, london_midnight
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Predicate
from qa_api.responses import queries as responses
from qa_api.rules.metrics import Source
from qa_api.rules.states import AUDIT_FINISHED, AUDIT_OPEN, AuditState
from qa_api.rules.unchanging import Unchanging

Between = Callable[[Any, ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]


class CountedList(Unchanging):
    """A list as it is counted: the rows of teams from rollups, the others one by one."""

    listing: Listing
    read_by: Permission
    """Who may not read the list gets no figure over it: a link that answers 403 proves nothing."""
    counts_as: str
    """The database's function from a row to its cells."""
    of_their_teams: Predicate
    """Seen through a team, of a row; what is restricted is never seen so."""
    cells_of_their_teams: Predicate
    """The same of a cell."""
    otherwise: tuple[Predicate, ...]
    """All further reasons to see a row, each with an index; what they find is asked once more."""
    between: Between
    """Dated from one London date until before another, by whatever date figures count by."""
    named: tuple[Callable[[Me], Select[Any]], ...] = ()
    """Of the further reasons those that another table names rows for, by id."""


def _granted(row: Any, me: Me) -> ColumnElement[bool]:
    grant = aliased(RestrictionGrant)
    theirs = select(grant.subject_id).where(
        grant.principal_id == me.principal_id, grant.expires_at > me.now
    )
    found: ColumnElement[bool] = row.subject_id.in_(theirs)
    return found


def _allocated(row: Any, me: Me) -> ColumnElement[bool]:
    theirs: ColumnElement[bool] = row.worker == me.worker
    return theirs


def _owned(row: Any, me: Me) -> ColumnElement[bool]:
    theirs: ColumnElement[bool] = row.owner == me.worker
    return theirs


def _handed(row: Any, me: Me) -> ColumnElement[bool]:
    theirs: ColumnElement[bool] = row.handed_to == me.worker
    return theirs


def _responded_for(row: Any, me: Me) -> ColumnElement[bool]:
    found: ColumnElement[bool] = row.id.in_(audits_responded_for(me))
    return found


def _of_responded_for(row: Any, me: Me) -> ColumnElement[bool]:
    found: ColumnElement[bool] = row.audit_id.in_(audits_responded_for(me))
    return found


def _audited(row: Any, me: Me) -> ColumnElement[bool]:
    theirs: ColumnElement[bool] = row.auditor == me.worker
    return theirs


def _audited_for(row: Any, me: Me) -> ColumnElement[bool]:
    audit = aliased(Audit)
    found: ColumnElement[bool] = row.audit_id.in_(
        select(audit.id).where(audit.auditor == me.worker)
    )
    return found


def _to_audit(row: Any, me: Me) -> ColumnElement[bool]:
    """Of those whom they are to audit: what was found before."""
    audit = aliased(Audit)
    found: ColumnElement[bool] = row.subject_id.in_(
        select(audit.subject_id).where(
            audit.auditor == me.worker,
            audit.state.in_(AUDIT_OPEN),
        )
    )
    return found


def _audited_again(row: Any, me: Me) -> ColumnElement[bool]:
    """The audits that theirs look at again."""
    found: ColumnElement[bool] = row.id.in_(audited_again(me))
    return found


def _of_audited_again(row: Any, me: Me) -> ColumnElement[bool]:
    """What belongs to those."""
    found: ColumnElement[bool] = row.audit_id.in_(audited_again(me))
    return found


def _moderated(row: Any, me: Me) -> ColumnElement[bool]:
    outcome = aliased(ModerationOutcome)
    found: ColumnElement[bool] = row.id.in_(
        select(outcome.audit_id).where(outcome.moderator == me.worker)
    )
    return found


def _asked_by_name(me: Me) -> Select[Any]:
    """Escalations addressed to them by name, of a case that is not in their teams now."""
    asked = aliased(EscalationRecipient)
    theirs = or_(asked.team == any_(me.managed_teams), asked.team == any_(me.headed_teams))
    return select(asked.escalation_id).where(
        asked.recipient == me.worker, not_(func.coalesce(theirs, False))
    )


def _asked_for_team(me: Me) -> Select[Any]:
    """Escalations addressed to a team of theirs whose case has moved on since."""
    asked = aliased(EscalationRecipient)
    theirs = or_(asked.for_team == any_(me.managed_teams), asked.for_team == any_(me.headed_teams))
    return select(asked.escalation_id).where(theirs, asked.team.is_distinct_from(asked.for_team))


def _of_their_teams(row: Any, me: Me) -> ColumnElement[bool]:
    unassigned = row.auditor.is_(None)
    return audits.of_their_teams(
        row, me, row.state.in_(AUDIT_FINISHED), (row.state == AuditState.PLANNED) & unassigned
    )


def _cells_of_their_teams(cell: Any, me: Me) -> ColumnElement[bool]:
    completed = cell.series == f"{Source.AUDITS}/completed"
    finished = or_(completed, cell.facts["state"].astext.in_(AUDIT_FINISHED))
    return audits.of_their_teams(cell, me, finished, cell.facts.has_key("unassigned"))


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
        counts_as="audit_counts_as",
        of_their_teams=_of_their_teams,
        cells_of_their_teams=_cells_of_their_teams,
        otherwise=(
            _audited,
            _allocated,
            _granted,
            _moderated,
            _to_audit,
            _audited_again,
            _responded_for,
        ),
        between=lambda row, since, until: or_(
            _dated("due_on")(row, since, until), _dated("completed_on")(row, since, until)
        ),
    ),
    Source.RESPONSES: CountedList(
        listing=responses.RESPONSES,
        read_by=Permission.RESPONSE_READ,
        counts_as="response_counts_as",
        of_their_teams=responses.of_their_teams,
        cells_of_their_teams=responses.of_their_teams,
        otherwise=(_allocated, _handed, _audited_for, _granted),
        between=_dated("due_on"),
    ),
    Source.ACTIONS: CountedList(
        listing=actions.ACTIONS,
        read_by=Permission.ACTION_READ,
        counts_as="action_counts_as",
        of_their_teams=actions.of_their_teams,
        cells_of_their_teams=actions.of_their_teams,
        otherwise=(
            _allocated,
            _owned,
            _audited_for,
            _granted,
            _to_audit,
            _of_audited_again,
            _of_responded_for,
        ),
        between=_instant("set_at"),
    ),
    Source.ESCALATIONS: CountedList(
        listing=escalations.ESCALATIONS,
        read_by=Permission.ESCALATION_READ,
        counts_as="escalation_counts_as",
        of_their_teams=escalations.of_their_teams,
        cells_of_their_teams=escalations.cells_of_their_teams,
        otherwise=(_granted,),
        named=(_asked_by_name, _asked_for_team),
        between=_instant("raised_at"),
    ),
    Source.GATES: CountedList(
        listing=closure_gates.GATES,
        read_by=Permission.GATE_READ,
        counts_as="gate_counts_as",
        of_their_teams=closure_gates.of_their_teams,
        cells_of_their_teams=closure_gates.of_their_teams,
        otherwise=(_granted, lambda row, me: own_system(row.system, me)),
        between=_instant("closing_counts_at"),
    ),
}
