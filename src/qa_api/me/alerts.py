"""Alerts that people have not noted yet, as a part of their list (X6)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    not_,
    null,
    select,
)

from qa_api.auth.duty import these
from qa_api.auth.reach import person_behind
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.db import parameter
from qa_api.me.over_alerts import over
from qa_api.me.work_items import (
    ADMINISTRATORS,
    LEADS,
    PERSON,
    QUALITY_STANDARDS,
    Column,
    acts_for_post,
    left_post,
    told_a_role,
    wait,
)
from qa_api.models.access import RightsChange
from qa_api.models.alerts import Alert
from qa_api.models.aliases import aliased
from qa_api.models.hand_overs import HandOverItem
from qa_api.models.inner import there_is
from qa_api.rules.alerts import LIST_OF, TO_ANYBODY, WHOLE_LIST, AlertKind


def alerts() -> list[Select[Any]]:
    """Alerts that people have not noted; an alert to a team's lead goes with the post (X6).

    Only leads of teams are alerted in person.
    """
    for_role, left, now = told_a_role(Alert), left_post(Alert), acts_for_post(Alert)
    doer = these(who_did(Alert))
    to_anybody = Alert.kind.in_(sorted(TO_ANYBODY))

    def told(
        waits_for: Column | str,
        person: Column | None = None,
        in_roles: Iterable[Role] = (),
        groups: Iterable[str] = (),
    ) -> Select[Any]:
        return wait(
            "told",
            "me/alerts",
            Alert,
            due_on=null(),  # there is nothing to do about it
            told_on=cast(func.timezone("Europe/London", Alert.at), Date),
            waits_for=waits_for,
            groups=groups,
            person=person,
            in_roles=in_roles,
            barred=doer,
            path=_where(),
            told=Alert.kind,
        ).where(
            Alert.seen_at.is_(None),
            Alert.over_at.is_(None),
            ~over(Alert, parameter("today", Date())),
        )

    return [
        told(Alert.recipient, groups=(QUALITY_STANDARDS, ADMINISTRATORS)).where(for_role),
        told(PERSON, Alert.recipient, LEADS).where(not_(for_role), not_(left), not_(to_anybody)),
        told(PERSON, Alert.recipient, roles_with(Permission.HAND_OVER_READ)).where(
            to_anybody, _was_given(Alert)
        ),
        # Who was told is in that post no longer: who acts now has it in their list.
        told(PERSON, now, LEADS).where(left),
        told(QUALITY_STANDARDS).where(left, now.is_(None)),
    ]


def _where() -> ColumnElement[Any]:
    """Where what an alert is about is read."""
    return case(
        *(
            (
                Alert.kind == kind.value,
                literal(f"/v1/{path}", Text)
                if kind in WHOLE_LIST
                else func.concat(f"/v1/{path}/", cast(Alert.about_id, Text)),
            )
            for kind, path in LIST_OF.items()
        )
    )


def who_did(alert: Any) -> ColumnElement[Any]:
    """Who did what Quality & Standards are told of: it is for somebody else to take note (X3)."""
    change: Any = aliased(RightsChange)
    found = select(person_behind(change.proposed_by)).where(
        alert.kind == AlertKind.RIGHTS_CHANGED, change.id == alert.about_id
    )
    return found.correlate_except(change).scalar_subquery()


def _was_given(alert: Any) -> ColumnElement[bool]:
    """Whether something that went to them shows itself: nothing tells of restricted records."""
    item = aliased(HandOverItem)
    return there_is(item, item.hand_over_id == alert.about_id, item.goes_to == alert.recipient)
