"""PostgreSQL counts as the rule does: every date, how it stands, and its explanation."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from qa_api import clock
from qa_api.due_audits.due_list import DueListRow
from qa_api.models.base import new_id
from qa_api.models.due_audits import AuditInterval
from qa_api.models.policy import PolicyVersion
from qa_api.models.subjects import Subject
from qa_api.rules.cadence import Cadence, CadenceKind, DueAudit, due_audits
from qa_api.work import Work
from tests.due_audits.fostering import MANAGER, TEAM, TYPE
from tests.responses.casework import Service

pytestmark = pytest.mark.usefixtures("server")

ONE_DAY = timedelta(days=1)
DAYS = st.dates(date(1995, 1, 1), date(2040, 12, 31))


class Undone(Exception):
    """Ends a work so that nothing of it is kept."""


@dataclass(frozen=True)
class Counting:
    """A policy from a day on."""

    effective_from: date
    first: int
    every: int
    lead: int
    owed_from: date = date(1900, 1, 1)

    @property
    def values(self) -> dict[str, Any]:
        return {
            "carers_first_audit_months": self.first,
            "carers_audit_every_months": self.every,
            "due_audit_lead_days": self.lead,
            "carers_audits_owed_from": self.owed_from.isoformat(),
        }


POLICIES = st.lists(
    st.builds(
        Counting,
        st.dates(date(2021, 1, 1), date(2030, 1, 1)),
        st.integers(1, 30),
        st.integers(1, 30),
        st.integers(0, 60),
        DAYS,
    ),
    max_size=3,
    unique_by=lambda policy: policy.effective_from,
)
SINCE = Counting(date(2000, 1, 1), 12, 12, 28)
"""The demo authority's own."""


def by_the_rule(
    panel: date, as_at: date, until: date, policies: list[Counting], ended: date | None
) -> list[tuple[date, str, dict[str, object]]]:
    """Each policy's due dates, while it is in force."""
    versions = sorted([SINCE, *policies], key=lambda policy: policy.effective_from)
    in_force = [policy for policy in versions if policy.effective_from <= as_at] or versions[:1]
    found: list[DueAudit] = []
    for position, policy in enumerate(versions):
        since = [policy.effective_from] if position else []
        later = [one.effective_from - ONE_DAY for one in versions[position + 1 : position + 2]]
        last = min([*later, *([ended] if ended else [])], default=None)
        number = 1 if policy is SINCE else 2 + policies.index(policy)
        found += due_audits(
            Cadence(CadenceKind.ANNIVERSARY, policy.first, policy.every),
            panel,
            as_at,
            until,
            policy_version=number,
            lead_days=in_force[-1].lead,
            first_day=max([*since, in_force[-1].owed_from]),
            last_day=last,
        )
    return [(due.due_on, due.status.value, due.explanation.as_json()) for due in found]


def in_the_database(
    service: Service,
    as_at: date,
    until: date,
    rows: list[Any],
    *,
    type_: str = TYPE,
    subject: UUID | None = None,
) -> list[tuple[date, str, dict[str, object]]]:
    """The same from the relation, over rows that are gone afterwards."""
    found: list[Any] = []

    async def ask(work: Work) -> None:
        await work.act_as_service()
        for row in rows:
            work.session.add(row)
            await work.session.flush()
        owed = DueListRow.__table__.c
        about = owed.subject_id == subject if subject else owed.team == TEAM
        asked = select(owed.due_on, owed.status, owed.explanation).where(owed.type == type_, about)
        given = {"as_at": as_at, "until": until}
        found.extend(await work.session.execute(asked.order_by(owed.due_on), given))
        raise Undone

    with pytest.raises(Undone):
        service.work(ask)
    return [tuple(row) for row in found]


def household(panel: date, ended: date | None) -> Subject:
    return Subject(
        id=new_id(),
        kind="carer_household",
        system="mosaic",
        ref=str(new_id()),
        team="fostering-north",
        first_panel_on=panel,
        approval_ended_on=ended,
    )


def version(number: int, policy: Counting) -> PolicyVersion:
    return PolicyVersion(
        version=number,
        effective_from=policy.effective_from,
        values=policy.values,
        reason="A test",
        recorded_at=clock.now(),
        recorded_by=None,
    )


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(DAYS, DAYS, st.integers(0, 1500), POLICIES, st.none() | DAYS)
def test_households_are_owed_what_the_rule_says(
    service: Service,
    panel: date,
    as_at: date,
    ahead: int,
    policies: list[Counting],
    ended: date | None,
) -> None:
    until = as_at + timedelta(days=ahead)
    home = household(panel, ended)
    rows = [version(2 + at, policy) for at, policy in enumerate(policies)]
    found = in_the_database(service, as_at, until, [*rows, home], subject=home.id)
    assert found == by_the_rule(panel, as_at, until, policies, ended)


@pytest.mark.parametrize(
    "panel", [date(2024, 2, 29), date(2000, 2, 29), date(2023, 12, 31), date(2023, 8, 31)]
)
@pytest.mark.parametrize("as_at", [date(2026, 2, 28), date(2028, 2, 29), date(2023, 1, 1)])
def test_the_ends_of_months_fall_as_the_rule_says(
    service: Service, panel: date, as_at: date
) -> None:
    until = as_at + timedelta(days=1500)
    home = household(panel, None)
    monthly = [Counting(date(2021, 1, 1), 1, 1, 28)]
    for policies in ([], monthly):
        rows = [version(2 + at, policy) for at, policy in enumerate(policies)]
        found = in_the_database(service, as_at, until, [*rows, home], subject=home.id)
        assert found == by_the_rule(panel, as_at, until, policies, None)
        assert found, "a table of nothing shows nothing"


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(DAYS, st.integers(1, 30), DAYS, st.integers(0, 1500), st.none() | st.integers(1, 2000))
def test_teams_are_owed_what_the_rule_says(
    service: Service,
    starts_on: date,
    every: int,
    as_at: date,
    ahead: int,
    lasts: int | None,
) -> None:
    until = as_at + timedelta(days=ahead)
    ends_on = None if lasts is None else starts_on + timedelta(days=lasts)
    interval = AuditInterval(
        id=new_id(),
        type="yos-peer",
        team=TEAM,
        valid=Range(starts_on, ends_on, bounds="[)"),
        every_months=every,
        audits_each_time=1,
        scope="S",
        reason="R",
        set_at=clock.now(),
        set_by=MANAGER,
    )
    found = in_the_database(service, as_at, until, [interval], type_="yos-peer")
    rule = due_audits(
        Cadence(CadenceKind.INTERVAL, every_months=every),
        starts_on,
        as_at,
        until,
        policy_version=1,
        lead_days=SINCE.lead,
        last_day=None if ends_on is None else ends_on - ONE_DAY,
    )
    assert found == [(due.due_on, due.status.value, due.explanation.as_json()) for due in rule]
