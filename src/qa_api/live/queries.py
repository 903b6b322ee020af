"""What happened in the log since a position, whom it may concern, and what of it somebody sees."""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    any_,
    column,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)

from qa_api.auth.actor import Me, context_of_many
from qa_api.auth.reach import own_work, unrestricted, whole_authority
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.db import Prepared, parameter
from qa_api.live.places import Place
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.events import LoggedEvent
from qa_api.models.inner import there_is
from qa_api.models.moderation import LearningAction, ModerationOutcome
from qa_api.models.responses import AuditResponse
from qa_api.models.sealed import is_sealed
from qa_api.models.subjects import Subject
from qa_api.reads.caller import caller_context, let_in, shown_behind
from qa_api.reads.statements import Statements
from qa_api.rules.escalation import EscalationTrigger

NOW: Final = """
SELECT stamp_of(pg_snapshot_xmin(pg_current_snapshot()))::text AS stamp,
       (SELECT max(xid) FROM events) >= stamp_of(pg_snapshot_xmin(pg_current_snapshot()))
           AS held_back,
       restore_is_untold() AS untold,
       (SELECT id::text FROM epochs ORDER BY number DESC LIMIT 1) AS epoch
"""
"""Up to which stamp the log is final, and whether there are events that are not final yet.

One that is not may be of a transaction that is still under way, or begun after one that is.
"""

HAPPENED: Final = """
SELECT id, xid::text AS stamp, type, about_id, subject_id, data
FROM events
WHERE (xid, id) > (CAST($1 AS text)::xid8, $2) AND xid < CAST($3 AS text)::xid8
ORDER BY xid, id LIMIT $4
"""
"""The events after a position and before a stamp, in their order."""

AS_SERVICE: Final = "SELECT set_config('qa.reach', 'service', true), set_config('qa.now', $1, true)"
"""For the one question whom something may concern: it shows nobody anything."""

_WIDE: Final = (Role.QUALITY_STANDARDS, Role.SENIOR_LEADER, Role.ADMINISTRATOR)
_NAMED_IN: Final = ("auditor", "owner_before", "moderator", "to", "acts_as", "worker")


def _theirs(subject: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether somebody has, or had, a part of their own in what is about a subject.

    Also in what is over, cancelled or wrong: what was taken from a list concerns whose list it was.
    """
    audit, outcome = aliased(Audit), aliased(ModerationOutcome)
    action, asked = aliased(RestorativeAction), aliased(EscalationRecipient)
    response, learning = aliased(AuditResponse), aliased(LearningAction)
    held = aliased(Subject)
    mine = me.worker
    return or_(
        there_is(held, held.id == subject, or_(held.worker == mine, held.system == me.system)),
        there_is(
            audit,
            audit.subject_id == subject,
            or_(audit.auditor == mine, audit.audited_worker == mine),
        ),
        there_is(outcome, outcome.subject_id == subject, outcome.moderator == mine),
        there_is(learning, learning.subject_id == subject, learning.owner == mine),
        there_is(action, action.subject_id == subject, action.owner == mine),
        there_is(response, response.subject_id == subject, response.handed_to == mine),
        there_is(asked, asked.subject_id == subject, asked.recipient == mine),
    )


def _led(subject: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether somebody leads a team that has, or had, to do with a subject."""
    held, audit, asked = aliased(Subject), aliased(Audit), aliased(EscalationRecipient)

    return or_(
        there_is(held, held.id == subject, _leads(held.team, me)),
        there_is(audit, audit.subject_id == subject, _leads(audit.team, me)),
        there_is(asked, asked.subject_id == subject, _leads(asked.for_team, me)),
    )


def _leads(team: Any, me: Me) -> ColumnElement[bool]:
    teams = (me.supervised_teams, me.managed_teams, me.headed_teams)
    return or_(*(team == any_(codes) for codes in teams))


def _named_before(record: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether the log names somebody for a record: they had it before another."""
    event = aliased(LoggedEvent)
    named = or_(*(event.data[field].astext == me.worker for field in _NAMED_IN))
    return there_is(event, event.about_id == record, named)


def _tells_a_judgement(record: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether a record is an escalation of a judgement that somebody is to moderate sealed.

    Who was ever addressed by it does not moderate sealed (R4.5.3).
    """
    escalation, outcome = aliased(Escalation), aliased(ModerationOutcome)
    asked = aliased(EscalationRecipient)
    addressed = there_is(
        asked,
        asked.escalation_id == record,
        or_(asked.recipient == me.worker, _leads(asked.for_team, me)),
    )
    sealed = there_is(
        (escalation, outcome),
        escalation.id == record,
        escalation.trigger == EscalationTrigger.INADEQUATE_JUDGEMENT,
        outcome.audit_id == escalation.audit_id,
        outcome.moderator == me.worker,
        outcome.sealed,
        outcome.moderated_at.is_(None),
    )
    return and_(sealed, not_(addressed))


def _not_restricted(subject: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether a subject's record is restricted to nobody, or somebody is let in to it."""
    held = aliased(Subject)
    return there_is(held, held.id == subject, unrestricted(held, me, held.id))


def _concerned() -> Prepared:
    """`principal_id` and `record_id` of whom something about a subject may concern.

    Of the callers `principals`, and the `subjects` and `records` that were changed, side by side.
    `near`: for more than a role over the whole authority, and not by a judgement that is sealed
    from them. `may_know`: that something happened though they do not see what; to a restricted one
    only who is let in, or has a part of their own.
    `not_restricted`: no restriction keeps it from them.
    """
    callers = context_of_many().cte("callers").prefix_with("MATERIALIZED")
    me = Me.in_context(callers)
    ids = ARRAY(Uuid)
    side_by_side = func.unnest(parameter("subjects", ids), parameter("records", ids))
    columns = column("subject_id", Uuid), column("record_id", Uuid)
    changed = side_by_side.table_valued(*columns, name="changed").render_derived()
    each = (
        select(
            callers.c.principal_id,
            changed.c.record_id,
            me.holds(*_WIDE).label("wide"),
            _theirs(changed.c.subject_id, me).label("theirs"),
            _led(changed.c.subject_id, me).label("led"),
            _named_before(changed.c.record_id, me).label("named"),
            _tells_a_judgement(changed.c.record_id, me).label("sealed"),
            _not_restricted(changed.c.subject_id, me).label("not_restricted"),
        )
        .select_from(callers.join(changed, literal(True)))
        .cte("each")
        .prefix_with("MATERIALIZED")  # each is asked once
        .c
    )
    near = or_(each.theirs, each.led, each.named)
    found = select(
        each.principal_id,
        each.record_id,
        and_(near, not_(each.sealed)).label("near"),
        or_(each.not_restricted, each.theirs).label("may_know"),
        each.not_restricted,
    ).where(or_(near, each.wide))
    return Prepared.of(found)


def _still_let_in() -> Prepared:
    """`principal_id` of those of the callers `principals` who are still let in.

    `to_work` and `to_audits`: whether a role of theirs lets them read their list, and audits.
    """
    callers = context_of_many().cte("callers")
    me = Me.in_context(callers)
    return Prepared.of(
        select(
            callers.c.principal_id,
            me.holds(*sorted(roles_with(Permission.SELF_READ))).label("to_work"),
            me.holds(*sorted(roles_with(Permission.AUDIT_READ))).label("to_audits"),
        )
    )


def _seen(place: Place) -> Prepared:
    """What is told of those of the `records` that a caller sees: see the columns.

    `sealed`: they are to moderate its audit sealed. `work`: it may be in their list. Nothing about
    a subject is for a role over the whole authority alone, but for Quality & Standards.
    """
    me_context = caller_context()
    me = Me.in_context(me_context)
    row = aliased(place.entity)
    audit = getattr(row, place.audit) if place.audit else null().cast(Uuid)
    theirs: ColumnElement[bool] = literal(True)
    if hasattr(place.entity, "subject_id"):
        only_wide = and_(me.holds(Role.SENIOR_LEADER), not_(whole_authority(me)))
        theirs = or_(not_(only_wide), own_work(row.subject_id, me))
    found = select(
        row.id.label("id"),
        row.version.label("version"),
        place.address(row).label("path"),
        audit.label("audit_id"),
        theirs.label("work"),
        (literal(False) if place.audit is None else is_sealed(audit)).label("sealed"),
    ).where(
        let_in(me_context),
        row.id == any_(parameter("records", ARRAY(Uuid))),
        place.visible(row, me),
    )
    shown = shown_behind(me_context, row, found)
    return Prepared.of(select(*shown.c))


CONCERNED: Final = Statements(_concerned, most=1)
STILL_LET_IN: Final = Statements(_still_let_in, most=1)
SEEN: Final = Statements(_seen, most=64)
