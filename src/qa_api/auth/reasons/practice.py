"""Why somebody sees what of the practice behind the cases: moderation, observations, the Board."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, any_, func, not_, or_, select

from qa_api.auth.actor import Me
from qa_api.auth.duty import heads
from qa_api.auth.reach import (
    BY_ALLOCATION,
    Arm,
    audited_by,
    led_now,
    managed,
    of_theirs,
    senior,
    supervised,
    unrestricted,
    workers_led,
)
from qa_api.auth.reasons import Reason, Reasons
from qa_api.auth.reasons.common import (
    of_quality_standards,
    over_the_authority,
    who_leads,
    who_manages,
)
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.auth.sight import Relation, Sight, Standing, leads, sees
from qa_api.models.aliases import aliased
from qa_api.models.board import BoardReceipt, BoardReport
from qa_api.models.inner import there_is
from qa_api.models.moderation import ModeratingTeam, ModerationOutcome, ModerationSample
from qa_api.rules.states import BoardReportState, QaUpdateState, SampleState

_MODERATORS: Final = roles_with(Permission.MODERATION_READ)

# --- moderation ---


def moderates_some(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether some outcome of the sample is the caller's to record, which they may see."""
    outcome = aliased(ModerationOutcome)
    return there_is(
        outcome,
        outcome.sample_id == row.id,
        outcome.moderator == me.worker,
        unrestricted(outcome, me),
    )


def to_moderate(outcome: Any, me: Me) -> ColumnElement[bool]:
    """The caller's, of a sample that is open; however much they moderated, an index finds it."""
    sample = aliased(ModerationSample)
    still_open = select(sample.id).where(sample.state == SampleState.OPEN)
    of_open = outcome.sample_id == any_(func.array(still_open.scalar_subquery()))
    return and_(outcome.moderator == me.worker, of_open)


def _is_in_turn(row: Any, me: Me) -> ColumnElement[bool]:
    turn = aliased(ModeratingTeam)
    return there_is(turn, turn.sample_id == row.id, or_(managed(turn, me), supervised(turn, me)))


SAMPLES: Final = Reasons(
    (
        over_the_authority(Sight.ROW),
        Reason((sees(Sight.ROW, _MODERATORS, Relation.MODERATED),), moderates_some),
        Reason(leads(Sight.ROW), _is_in_turn),
    )
)


def _in_open_sample(row: Any) -> ColumnElement[bool]:
    sample = aliased(ModerationSample)
    return there_is(sample, sample.id == row.sample_id, sample.state == SampleState.OPEN)


def _was_shown(row: Any, me: Me) -> ColumnElement[bool]:
    """A sealed pair is revealed to both as soon as the second has judged (R4.5.3)."""
    moderated = and_(audited_by(row.auditor, me), row.moderated_at.is_not(None))
    return and_(moderated, or_(row.sealed, not_(_in_open_sample(row))))


def outcomes_to_moderate(me: Me) -> Select[Any]:
    """The outcomes that the caller is to record: of samples that are open."""
    outcome = aliased(ModerationOutcome)
    return select(outcome.id.label("value")).where(to_moderate(outcome, me))


OUTCOMES: Final = Reasons(
    (
        over_the_authority(Sight.TEXT),
        Reason(
            (sees(Sight.TEXT, _MODERATORS, Relation.MODERATED, Standing.OPEN_SAMPLE),),
            lambda row, me: and_(row.moderator == me.worker, _in_open_sample(row)),
            (Arm(values=outcomes_to_moderate),),
        ),
        Reason(
            (
                sees(Sight.TEXT, Role.AUDITOR, Relation.OWN_WORK, Standing.CLOSED_SAMPLE),
                sees(Sight.TEXT, Role.AUDITOR, Relation.OWN_WORK, Standing.REVEALED),
            ),
            _was_shown,
            (of_theirs("auditor", lambda me: me.worker),),
        ),
    )
)

LEARNING_ACTIONS: Final = Reasons(
    (
        over_the_authority(Sight.TEXT),
        Reason(
            (sees(Sight.TEXT, roles_with(Permission.LEARNING_ACTION_READ), Relation.OWN_WORK),),
            lambda row, me: or_(row.owner == me.worker, row.set_by == me.worker),
            (
                of_theirs("owner", lambda me: me.worker),
                of_theirs("set_by", lambda me: me.worker),
            ),
        ),
    )
)

PRACTICE_AUDITS: Final = Reasons(
    (
        of_quality_standards(Sight.TEXT),
        Reason(
            (sees(Sight.TEXT, Role.AUDITOR, Relation.OWN_WORK),),
            lambda row, me: row.auditor == me.worker,
        ),
    )
)

# --- observations, highlights ---

_OF_THEIRS: Final = sees(Sight.TEXT, roles_with(Permission.OBSERVATION_READ), Relation.OWN_WORK)
BY_MEMBERSHIP: Final = Arm(column="worker", values=workers_led)
_LEADS_THEM_NOW: Final = Reason(
    leads(Sight.TEXT), lambda row, me: led_now(row.worker, me), (BY_MEMBERSHIP,)
)

OBSERVATIONS: Final = Reasons(
    (
        of_quality_standards(Sight.TEXT),
        Reason(
            (_OF_THEIRS,),
            lambda row, me: or_(row.worker == me.worker, row.observer == me.worker),
            (BY_ALLOCATION, of_theirs("observer", lambda me: me.worker)),
        ),
        who_leads(Sight.TEXT),
        _LEADS_THEM_NOW,
    )
)

EXEMPTIONS: Final = Reasons(
    (
        of_quality_standards(Sight.TEXT),
        Reason((_OF_THEIRS,), lambda row, me: row.worker == me.worker),
        _LEADS_THEM_NOW,
    )
)


def _routed_to(row: Any, me: Me) -> ColumnElement[bool]:
    roles = (Role.LEARNING_DEVELOPMENT, Role.PRACTICE_ADVISOR)
    return or_(*(and_(row.routed_to == role.value, me.holds(role)) for role in roles))


HIGHLIGHTS: Final = Reasons(
    (
        over_the_authority(Sight.TEXT),
        who_manages(Sight.TEXT),
        Reason(
            (sees(Sight.TEXT, roles_with(Permission.HIGHLIGHT_ANSWER), Relation.ADDRESSED),),
            _routed_to,
        ),
    )
)

# --- the Board ---

_BOARD: Final = roles_with(Permission.BOARD_REPORT_READ)


def headed(service: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller heads the service today."""
    return and_(me.holds(Role.HEAD_OF_SERVICE), heads(service, me.worker))


QA_UPDATES: Final = Reasons(
    (
        of_quality_standards(Sight.TEXT),
        Reason(
            (sees(Sight.TEXT, Role.HEAD_OF_SERVICE, Relation.OWN_SERVICE),),
            lambda row, me: headed(row.service, me),
        ),
        Reason(
            (sees(Sight.TEXT, Role.SENIOR_LEADER, Relation.NONE, Standing.SUBMITTED),),
            lambda row, me: and_(senior(me), row.state == QaUpdateState.SUBMITTED),
        ),
    )
)


def sent_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller was sent the report."""
    receipt = aliased(BoardReceipt)
    return there_is(receipt, receipt.report_id == row.id, receipt.recipient == me.worker)


def _was_presented(row: Any) -> ColumnElement[bool]:
    presented: ColumnElement[bool] = row.state == BoardReportState.PRESENTED
    return presented


BOARD_REPORTS: Final = Reasons(
    (
        of_quality_standards(Sight.TEXT),
        Reason(
            (
                sees(
                    Sight.TEXT,
                    (Role.SENIOR_LEADER, Role.HEAD_OF_SERVICE),
                    Relation.NONE,
                    Standing.PRESENTED,
                ),
            ),
            lambda row, me: and_(
                _was_presented(row), or_(senior(me), me.holds(Role.HEAD_OF_SERVICE))
            ),
        ),
        Reason(
            (sees(Sight.TEXT, _BOARD, Relation.ADDRESSED, Standing.PRESENTED),),
            lambda row, me: and_(_was_presented(row), sent_to(row, me)),
        ),
    )
)


def _sees_its_report(row: Any, me: Me) -> ColumnElement[bool]:
    report = aliased(BoardReport)
    return there_is(report, report.id == row.report_id, BOARD_REPORTS.hold(report, me))


BOARD_DECISIONS: Final = Reasons(
    (
        Reason(
            (sees(Sight.TEXT, _BOARD, Relation.OWN_WORK),),
            lambda row, me: row.owner == me.worker,
        ),
        Reason(BOARD_REPORTS.says, _sees_its_report),
    )
)
