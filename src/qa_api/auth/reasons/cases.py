"""Why somebody sees what of a child's case: audits and what follows them, closures, the child."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, any_, func, not_, or_, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    ACROSS_THE_AUTHORITY,
    BY_ALLOCATION,
    BY_TEAM,
    Arm,
    allocated,
    audited_by,
    managed,
    of_theirs,
    own_system,
    senior,
    supervised,
)
from qa_api.auth.reasons import Reason, Reasons
from qa_api.auth.reasons.common import (
    of_quality_standards,
    over_the_authority,
    who_leads,
    who_manages,
)
from qa_api.auth.reasons.practice import to_moderate
from qa_api.auth.reasons.through_audits import (
    BY_AUDIT_AGAIN,
    BY_AUDIT_RESPONDED_FOR,
    BY_AUDITOR,
    BY_SUBJECT_TO_AUDIT,
    WRITE_OWN_VIEWS,
    audited_again,
    audited_for,
    audits_responded_for,
    handed_to,
    looked_back_at,
    of_audit_looked_back_at,
    responded_for,
    work_audited,
)
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.auth.sight import Relation, Sight, Standing, managers, sees
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.escalations import EscalationRecipient
from qa_api.models.inner import there_is, value_of
from qa_api.models.moderation import ModerationOutcome, ModerationSample
from qa_api.models.sealed import stands_in
from qa_api.models.subjects import Subject
from qa_api.rules.states import (
    ACTION_SETTLED,
    AUDIT_FINISHED,
    AUDIT_NOT_CANCELLED,
    AuditState,
    SampleState,
)

_OWN, _ALLOCATED = Relation.OWN_WORK, Relation.ALLOCATED
_QS, _SENIOR, _AUDITOR = Role.QUALITY_STANDARDS, Role.SENIOR_LEADER, Role.AUDITOR
DOERS: Final = sorted(roles_with(Permission.ACTION_COMPLETE))
"""The roles that do what is theirs: as the owner named, or because the case is theirs now."""

Holds = Callable[[Any], ColumnElement[bool]]


# --- audits ---


def _finished(row: Any) -> ColumnElement[bool]:
    return stands_in(row, AUDIT_FINISHED)


def _to_be_taken_on(row: Any) -> ColumnElement[bool]:
    return and_(stands_in(row, (AuditState.PLANNED,)), row.auditor.is_(None))


def audits_of_teams(finished: Holds, to_be_taken_on: Holds) -> Reasons:
    """Why somebody sees audits of a team; how one stands is said of what is asked, a row or sum."""
    when = Standing.COMPLETED
    return Reasons(
        (
            of_quality_standards(Sight.TEXT),
            Reason((*managers(Sight.ROW), *managers(Sight.TEXT, when)), managed, (BY_TEAM,)),
            Reason(
                (sees(Sight.TEXT, _SENIOR, Relation.NONE, when),),
                lambda row, me: and_(senior(me), finished(row)),
                (ACROSS_THE_AUTHORITY,),
            ),
            Reason(
                (
                    sees(Sight.TEXT, Role.PRACTICE_SUPERVISOR, Relation.OWN_TEAM, when),
                    sees(
                        Sight.ROW, Role.PRACTICE_SUPERVISOR, Relation.OWN_TEAM, Standing.UNASSIGNED
                    ),
                ),
                lambda row, me: and_(supervised(row, me), or_(finished(row), to_be_taken_on(row))),
                (BY_TEAM,),
            ),
        )
    )


def _moderated(row: Any, me: Me) -> ColumnElement[bool]:
    """Drawn into a moderation sample that is open, and the caller's to moderate (R4.5.2)."""
    outcome, sample = aliased(ModerationOutcome), aliased(ModerationSample)
    return there_is(
        (outcome, sample),
        outcome.audit_id == row.id,
        outcome.moderator == me.worker,
        outcome.sample_id == sample.id,
        sample.state == SampleState.OPEN,
    )


def drawn_for(me: Me) -> Select[Any]:
    """The audits that the caller is to moderate: of samples that are open."""
    outcome = aliased(ModerationOutcome)
    return select(outcome.audit_id.label("value")).where(to_moderate(outcome, me))


_TO_MODERATE: Final = Reason(
    (
        sees(
            Sight.TEXT,
            roles_with(Permission.MODERATION_RECORD) | {_SENIOR},
            Relation.MODERATED,
            Standing.COMPLETED,
        ),
    ),
    _moderated,
    (Arm(values=drawn_for, searches=True),),
    searches=True,
)
_THROUGH_OTHER_WORK: Final = (
    Reason(
        (sees(Sight.TEXT, _AUDITOR, Relation.LOOKED_BACK, Standing.COMPLETED),),
        looked_back_at,
        (BY_SUBJECT_TO_AUDIT, Arm(values=audited_again, searches=True)),
        searches=True,
    ),
    Reason(
        (sees(Sight.TEXT, Role.WORKER, _OWN, Standing.COMPLETED),),
        lambda row, me: and_(_finished(row), responded_for(row.id, me)),
        (Arm(values=audits_responded_for, searches=True),),
        searches=True,
    ),
)
AUDITS: Final = Reasons(
    (
        *audits_of_teams(_finished, _to_be_taken_on).each,
        Reason(
            (sees(Sight.TEXT, _AUDITOR, _OWN),),
            lambda row, me: audited_by(row.auditor, me),
            (of_theirs("auditor", lambda me: me.worker),),
        ),
        Reason(
            (sees(Sight.TEXT, Role.WORKER, _ALLOCATED, Standing.COMPLETED),),
            lambda row, me: and_(allocated(row, me), _finished(row)),
            (BY_ALLOCATION,),
        ),
        Reason(
            (sees(Sight.TEXT, WRITE_OWN_VIEWS, Relation.AUDITED, Standing.COMPLETED),),
            work_audited,
            (of_theirs("audited_worker", lambda me: me.worker),),
        ),
        _TO_MODERATE,
        *_THROUGH_OTHER_WORK,
    )
)

AUDITS_NOT_TO_MODERATE: Final = Reasons(
    tuple(each for each in AUDITS.each if each is not _TO_MODERATE)
)
"""The same but for that somebody is to moderate it, which not everybody may know of them."""
AUDITS_OPENLY: Final = Reasons(
    tuple(each for each in AUDITS_NOT_TO_MODERATE.each if each not in _THROUGH_OTHER_WORK)
)
"""Those of them that whoever reads the audit may know of somebody: what the audit itself names, and
who leads. That others look back at it, or answer for it, is not theirs to find out."""

# --- what follows an audit ---

RESPONSES: Final = Reasons(
    (
        over_the_authority(Sight.TEXT),
        who_leads(Sight.TEXT),
        Reason((sees(Sight.TEXT, Role.WORKER, _ALLOCATED),), allocated, (BY_ALLOCATION,)),
        Reason(
            (sees(Sight.TEXT, Role.WORKER, _OWN),),
            handed_to,
            (of_theirs("handed_to", lambda me: me.worker),),
        ),
        Reason((sees(Sight.TEXT, _AUDITOR, _OWN),), audited_for, (BY_AUDITOR,)),
    )
)

_DOES_IT: Final = sees(Sight.TEXT, DOERS, _OWN)
_THROUGH_THE_AUDIT: Final = (
    Reason((sees(Sight.TEXT, _AUDITOR, _OWN),), audited_for, (BY_AUDITOR,)),
    Reason(
        (sees(Sight.TEXT, _AUDITOR, Relation.LOOKED_BACK),),
        of_audit_looked_back_at,
        (BY_SUBJECT_TO_AUDIT, BY_AUDIT_AGAIN),
    ),
    Reason(
        # What they are to answer for, with the response that was handed to them.
        (_DOES_IT,),
        lambda row, me: responded_for(row.audit_id, me),
        (BY_AUDIT_RESPONDED_FOR,),
    ),
)

ACTIONS: Final = Reasons(
    (
        over_the_authority(Sight.TEXT),
        who_leads(Sight.TEXT),
        Reason(
            (sees(Sight.TEXT, DOERS, _ALLOCATED),),
            lambda row, me: and_(row.worker == me.worker, me.holds(*DOERS)),
            (BY_ALLOCATION,),
        ),
        Reason(
            # On another team's case: only the action that they are to do, until it is settled.
            (_DOES_IT,),
            lambda row, me: and_(
                row.owner == me.worker, row.state.not_in(ACTION_SETTLED), me.holds(*DOERS)
            ),
            (of_theirs("owner", lambda me: me.worker),),
        ),
        *_THROUGH_THE_AUDIT,
    )
)
ACTIONS_OPENLY: Final = Reasons(
    tuple(each for each in ACTIONS.each if each not in _THROUGH_THE_AUDIT)
)
"""Those that whoever reads the action may know of somebody: whom it names, and who leads. Whoever
is only to do it is not told who audited the case, looks back at it or answers for it."""


def _sent_to(row: Any, me: Me) -> ColumnElement[bool]:
    subject = aliased(Subject)
    system = select(subject.system).where(subject.id == row.subject_id)
    return own_system(value_of(subject, system), me)


_TO_SYSTEMS: Final = Arm(gate=lambda me: me.holds(Role.CASE_SYSTEM))
"""A case system's own are most of all that there are: every row is looked at, in the order."""

NOTIFICATIONS: Final = Reasons(
    (
        Reason(
            (sees(Sight.ROW, Role.CASE_SYSTEM, _OWN),),
            _sent_to,
            (_TO_SYSTEMS,),
            even_restricted=True,
        ),
        of_quality_standards(Sight.TEXT),
        who_manages(Sight.TEXT),
    )
)


def addressed(row: Any, me: Me) -> ColumnElement[bool]:
    """Addressed to a team that the caller manages, or whose service they head, today.

    It is addressed to whoever holds the post, not to who held it then (R4.3.3).
    """
    recipient = aliased(EscalationRecipient)
    return there_is(
        recipient,
        recipient.escalation_id == row.id,
        or_(
            recipient.for_team == any_(me.managed_teams),
            recipient.for_team == any_(me.headed_teams),
        ),
    )


def _asked_by_name(me: Me) -> Select[Any]:
    """Escalations addressed to them by name, of a case that is not in their teams now."""
    asked = aliased(EscalationRecipient)
    theirs = or_(asked.team == any_(me.managed_teams), asked.team == any_(me.headed_teams))
    return select(asked.escalation_id.label("value")).where(
        asked.recipient == me.worker, not_(func.coalesce(theirs, False))
    )


def _asked_for_team(me: Me) -> Select[Any]:
    """Escalations addressed to a team of theirs whose case has moved on since."""
    asked = aliased(EscalationRecipient)
    theirs = or_(asked.for_team == any_(me.managed_teams), asked.for_team == any_(me.headed_teams))
    return select(asked.escalation_id.label("value")).where(
        theirs, asked.team.is_distinct_from(asked.for_team)
    )


ESCALATIONS: Final = Reasons(
    (
        of_quality_standards(Sight.TEXT),
        who_manages(Sight.TEXT),
        Reason(
            (sees(Sight.TEXT, (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE), Relation.ADDRESSED),),
            addressed,
            (
                Arm(values=_asked_by_name, names_rows=True),
                Arm(values=_asked_for_team, names_rows=True),
            ),
        ),
    )
)

# --- closures, the child ---

GATES: Final = Reasons(
    (
        Reason(
            (sees(Sight.ROW, Role.CASE_SYSTEM, _OWN),),
            lambda row, me: own_system(row.system, me),
            (of_theirs("system", lambda me: me.system),),
            even_restricted=True,
        ),
        over_the_authority(Sight.TEXT),
        who_leads(Sight.TEXT),
    )
)


def _audits_them(row: Any, me: Me) -> ColumnElement[bool]:
    audit = aliased(Audit)
    return there_is(
        audit,
        audit.subject_id == row.id,
        audit.recorded_in_error_at.is_(None),
        stands_in(audit, AUDIT_NOT_CANCELLED),
        audited_by(audit.auditor, me),
    )


SUBJECTS: Final = Reasons(
    (
        over_the_authority(Sight.ROW),
        who_leads(Sight.ROW),
        Reason((sees(Sight.ROW, Role.WORKER, _ALLOCATED),), allocated),
        Reason((sees(Sight.ROW, _AUDITOR, _OWN),), _audits_them),
    )
)

DUE_AUDITS: Final = Reasons((of_quality_standards(Sight.ROW), who_manages(Sight.ROW)))
RECORDS: Final = Reasons((of_quality_standards(Sight.TEXT), who_manages(Sight.TEXT)))
