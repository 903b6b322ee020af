"""Reading escalations: who may see which, and the statements that return them."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, array

from qa_api.auth.actor import Me
from qa_api.auth.duty import acts_for
from qa_api.auth.reach import allowed_actions, managed, whole_authority
from qa_api.auth.reasons.cases import ESCALATIONS as ESCALATIONS_SEEN
from qa_api.auth.reasons.cases import addressed
from qa_api.auth.roles import Role
from qa_api.escalations.schemas import EscalationOut, EscalationRow
from qa_api.models.aliases import aliased
from qa_api.models.audits import UrgentFinding
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.inner import one_of, there_is
from qa_api.reads.documents import Document
from qa_api.reads.expressions import (
    changed,
    in_service,
    of_audit_type,
    of_standing_audit,
    subject_of,
)
from qa_api.reads.filters import (
    CHANGED,
    about_subject,
    before_midnight,
    equals,
    flag,
    from_midnight,
    is_set,
    is_true,
)
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape, written_instant
from qa_api.rules.escalation import Hop
from qa_api.rules.states import ESCALATION_UNACKNOWLEDGED, ESCALATION_UNINFORMED

_MANAGERS = (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)


def may_acknowledge(row: Any, me: Me) -> ColumnElement[bool]:
    """A team is asked that has not acknowledged yet, and the caller acts for it."""
    recipient = aliased(EscalationRecipient)
    asked = recipient.acknowledged_at.is_(None), recipient.replaced_at.is_(None)
    return there_is(
        recipient,
        recipient.escalation_id == row.id,
        *asked,
        _stands_for(recipient.for_team, row, me),
    )


def may_inform(row: Any, me: Me) -> ColumnElement[bool]:
    """The caller acts for the team that holds the case, or for one that is asked."""
    recipient = aliased(EscalationRecipient)
    theirs = there_is(
        recipient,
        recipient.escalation_id == row.id,
        recipient.replaced_at.is_(None),
        _stands_for(recipient.for_team, row, me),
    )
    return or_(managed(row, me), theirs)


def _stands_for(team: Any, row: Any, me: Me) -> ColumnElement[bool]:
    """Manager, deputy and head of service act for a team; Q&S where none of them can."""
    led = or_(team == any_(me.managed_teams), team == any_(me.headed_teams))
    return or_(func.coalesce(led, False), and_(whole_authority(me), acts_for(team, row).is_(None)))


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Managers of the team, those addressed, and Q&S; workers and auditors as such never (X3).

    What an audit recorded in error raised was about another child: Q&S alone still sees it.
    """
    return ESCALATIONS_SEEN.see(row, me, or_(whole_authority(me), of_standing_audit(row)))


def through_teams(row: Any, me: Me) -> ColumnElement[bool]:
    """Held by a team that a role of the caller reaches, and standing unless they are Q&S."""
    stands = or_(whole_authority(me), of_standing_audit(row))
    return and_(ESCALATIONS_SEEN.through_teams(row, me), stands)


def cells_through_teams(cell: Any, me: Me) -> ColumnElement[bool]:
    """The same of a cell."""
    stands = or_(whole_authority(me), not_(cell.facts.has_key("in_error")))
    return and_(ESCALATIONS_SEEN.through_teams(cell, me), stands)


def is_overdue(row: Any, me: Me) -> ColumnElement[bool]:
    """A hop is not proved although its day is over (R4.3.3)."""
    return or_(
        and_(row.state.in_(ESCALATION_UNACKNOWLEDGED), _is_over(row.acknowledge_by, me)),
        and_(row.state.in_(ESCALATION_UNINFORMED), _is_over(row.inform_by, me)),
    )


def _is_over(due_at: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """A day that cannot be counted yet is not over."""
    return func.coalesce(due_at <= me.now, literal(False))


def _calendar_unknown(row: Any, _: Me) -> ColumnElement[bool]:
    return or_(row.acknowledge_by.is_(None), row.inform_by.is_(None))


def _hops(row: Any, me: Me) -> ColumnElement[Any]:
    return func.json_build_array(
        _hop(row, me, Hop.ACKNOWLEDGEMENT, row.acknowledge_by, row.acknowledged_at),
        _hop(row, me, Hop.QUALITY_STANDARDS, row.inform_by, row.quality_standards_informed_at),
        type_=JSON,
    )


def _hop(
    row: Any, me: Me, hop: Hop, due_at: ColumnElement[Any], done_at: ColumnElement[Any]
) -> ColumnElement[Any]:
    took = func.floor(func.extract("epoch", done_at - row.raised_at) / 60)
    return func.json_build_object(
        *("hop", literal(hop.value, Text)),
        *("due_at", written_instant(due_at)),
        *("done_at", written_instant(done_at)),
        *("minutes", cast(took, Integer)),
        *("overdue", and_(done_at.is_(None), _is_over(due_at, me))),
    )


def _finding(row: Any, _: Me) -> ColumnElement[Any]:
    """The urgent finding that was raised, for whoever reads the escalation (§4.3)."""
    finding = aliased(UrgentFinding)
    found = select(
        finding.kind,
        finding.description,
        finding.child_safe_now,
        written_instant(finding.raised_at).label("raised_at"),
    ).where(finding.id == row.finding_id)
    return one_of(finding, found)


def _roles(row: Any, me: Me) -> ColumnElement[Any]:
    """The roles in which the caller acts on it: a manager addressed acts as that."""
    manages = or_(managed(row, me), addressed(row, me))
    held = [
        case((whole_authority(me), literal(Role.QUALITY_STANDARDS.value, Text))),
        *(case((and_(manages, me.holds(role)), literal(role.value, Text))) for role in _MANAGERS),
    ]
    return array(held, type_=Text)


_ROW: dict[str, Expression] = {
    "subject": subject_of,
    "overdue": is_overdue,
    "calendar_unknown": _calendar_unknown,
}

ESCALATION = Document(
    Shape(
        EscalationOut,
        Escalation,
        {
            **_ROW,
            "finding": _finding,
            "hops": _hops,
            "allowed_actions": lambda row, me: allowed_actions(
                row,
                _roles(row, me),
                {
                    "acknowledge": may_acknowledge(row, me),
                    "inform_quality_standards": may_inform(row, me),
                },
            ),
        },
    ),
    visible=visible_to,
    subject="subject_id",
)

ESCALATIONS = Listing(
    name="escalations",
    shape=Shape(EscalationRow, Escalation, _ROW),
    visible=visible_to,
    subject="subject_id",
    arms=ESCALATIONS_SEEN.arms,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        "state": equals("state"),
        "trigger": equals("trigger"),
        "team": equals("team", narrows=True),
        "service": Filter(in_service),
        "subject": about_subject(narrows=True),
        "audit": equals("audit_id", Uuid(), narrows=True),
        "gate": equals("gate_id", Uuid(), narrows=True),
        "overdue": flag(is_overdue),
        "calendar_unknown": flag(_calendar_unknown),
        "audit_type": Filter(of_audit_type),
        "acknowledged": is_set("acknowledged_at"),
        "informed": is_set("quality_standards_informed_at"),
        "raised_from": from_midnight("raised_at"),
        "raised_to": before_midnight("raised_at"),
        "disputed": is_true("disputed"),
    },
)
"""Newest first."""
