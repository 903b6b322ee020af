"""R3.2: anniversaries count from the panel date, and a missed year stays due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.cadence import (
    Cadence,
    CadenceKind,
    DueStatus,
    check_panel_date,
    due_audits,
    due_dates,
    months_after,
    rematched,
)
from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.policy_values import CadenceAnchor

CARERS = Cadence(CadenceKind.ANNIVERSARY, first_after_months=12, every_months=12)
FROM_LAST = Cadence(CadenceKind.ANNIVERSARY, 12, 12, CadenceAnchor.FROM_LAST_AUDIT)


def test_the_first_audit_is_due_a_year_after_panel_and_then_every_year() -> None:
    dates = due_dates(CARERS, date(2024, 5, 10), date(2026, 12, 31))
    assert list(dates) == [date(2025, 5, 10), date(2026, 5, 10)]


def test_29_february_falls_to_the_28th_and_returns() -> None:
    dates = list(due_dates(CARERS, date(2024, 2, 29), date(2028, 12, 31)))
    assert dates == [
        date(2025, 2, 28),
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 29),
    ]


def test_a_missed_year_stays_due_and_lateness_does_not_drift() -> None:
    owed = due_audits(
        CARERS,
        date(2023, 5, 10),
        date(2026, 5, 1),
        date(2026, 12, 31),
        policy_version=1,
        settled={date(2025, 5, 10)},
        last_audit_on=date(2025, 11, 30),
        lead_days=28,
    )
    assert [(due.due_on, due.status) for due in owed] == [
        (date(2024, 5, 10), DueStatus.OVERDUE),
        (date(2026, 5, 10), DueStatus.DUE),
    ]
    assert owed[0].explanation == Explanation(
        "due_audit",
        "§3, R3.2",
        1,
        facts={
            "cadence": "anniversary",
            "counted_by": "from_panel_date",
            "anchor": date(2023, 5, 10),
            "last_audit_on": date(2025, 11, 30),
            "first_after_months": 12,
            "every_months": 12,
        },
    )


def test_looking_ahead_shows_what_is_coming() -> None:
    owed = due_audits(
        CARERS, date(2024, 5, 10), date(2025, 5, 10), date(2026, 5, 10), policy_version=1
    )
    assert [due.status for due in owed] == [DueStatus.DUE, DueStatus.COMING]


def test_policy_can_count_from_the_last_audit() -> None:
    panel, last = date(2023, 5, 10), date(2025, 11, 30)
    assert list(due_dates(FROM_LAST, panel, date(2026, 12, 31), last)) == [date(2026, 11, 30)]
    assert list(due_dates(FROM_LAST, panel, date(2024, 6, 1))) == [date(2024, 5, 10)]
    (owed,) = due_audits(
        FROM_LAST, panel, last, date(2026, 12, 31), policy_version=1, last_audit_on=last
    )
    assert owed.due_on == date(2026, 11, 30)
    assert owed.explanation.facts["counted_by"] == "from_last_audit"


def test_the_first_audit_may_come_sooner_than_the_others_follow() -> None:
    sooner = Cadence(CadenceKind.ANNIVERSARY, first_after_months=6, every_months=12)
    assert list(due_dates(sooner, date(2025, 5, 10), date(2027, 1, 1))) == [
        date(2025, 11, 10),
        date(2026, 11, 10),
    ]


def test_an_interval_is_set_by_a_manager() -> None:
    peer = Cadence(CadenceKind.INTERVAL, every_months=3)
    assert list(due_dates(peer, date(2025, 11, 30), date(2026, 9, 1))) == [
        date(2026, 2, 28),
        date(2026, 5, 30),
        date(2026, 8, 30),
    ]


@pytest.mark.parametrize(
    "kind", [CadenceKind.EVERY_CLOSURE, CadenceKind.AS_REQUIRED, CadenceKind.ONGOING]
)
def test_other_cadences_have_no_date_of_their_own(kind: CadenceKind) -> None:
    assert not Cadence(kind).has_due_dates
    assert list(due_dates(Cadence(kind), date(2020, 1, 1), date(2030, 1, 1))) == []


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(0, 240))
def test_months_later_is_the_same_day_or_the_months_last(anchor: date, months: int) -> None:
    later = months_after(anchor, months)
    assert (later.year * 12 + later.month) - (anchor.year * 12 + anchor.month) == months
    last_of_its_month = (later + timedelta(days=1)).day == 1
    assert later.day == anchor.day or (later.day < anchor.day and last_of_its_month)


@given(
    anchor=st.dates(date(2000, 1, 1), date(2020, 1, 1)),
    as_at=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    settled=st.sets(st.integers(1, 10)),
)
def test_what_is_owed_and_what_is_settled_are_all_that_fell_due(
    anchor: date, as_at: date, settled: set[int]
) -> None:
    done = {months_after(anchor, 12 * year) for year in settled}
    owed = due_audits(CARERS, anchor, as_at, as_at, policy_version=1, settled=done)
    fell_due = set(due_dates(CARERS, anchor, as_at))
    assert {due.due_on for due in owed} == fell_due - done
    assert [due.due_on for due in owed] == sorted(due.due_on for due in owed)


def test_audits_fall_due_while_policy_and_approval_hold() -> None:
    owed = due_audits(
        CARERS,
        date(2022, 5, 10),
        date(2026, 1, 1),
        date(2030, 1, 1),
        policy_version=2,
        first_day=date(2024, 5, 10),
        last_day=date(2026, 5, 10),
    )
    assert [due.due_on.year for due in owed] == [2024, 2025, 2026]


def test_the_clause_is_the_cadences() -> None:
    peer = Cadence(CadenceKind.INTERVAL, every_months=3)
    (owed,) = due_audits(
        peer, date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 1), policy_version=1
    )
    assert owed.explanation.clause == "§3, R3.1"
    assert owed.explanation.facts["counted_by"] is None, "a manager sets it, from a date"


def years(month: int, day: int, *found: int) -> list[date]:
    return [date(year, month, day) for year in found]


@pytest.mark.parametrize(
    ("due", "matches"),
    [
        # Put right by two days, each audit stays its year's.
        (years(5, 12, 2025, 2026, 2027), years(5, 12, 2025, 2026)),
        # Presented a year later than was thought: the first audit came before any was due.
        (years(5, 10, 2026, 2027), [None, date(2026, 5, 10)]),
        # A year earlier: the same audits are for the same days, one more was due before them.
        (years(5, 10, 2024, 2025, 2026, 2027), years(5, 10, 2025, 2026)),
        # Half a year off there is no saying which year's an audit was.
        (years(11, 10, 2024, 2025, 2026), [None, None]),
        ([], [None, None]),
    ],
)
def test_when_a_panel_date_is_put_right_an_audit_stays_for_the_nearest_due_date(
    due: list[date], matches: list[date | None]
) -> None:
    owed = years(5, 10, 2025, 2026)
    assert rematched(owed, due, 12) == dict(zip(owed, matches, strict=True))


def test_an_audit_is_for_a_due_date_that_is_less_than_half_an_interval_away() -> None:
    owed, half = date(2026, 5, 10), timedelta(days=180)
    assert rematched([owed], [owed + half], 12) == {owed: None}
    nearer = owed + half - timedelta(days=1)
    assert rematched([owed], [nearer], 12) == {owed: nearer}


@given(
    st.sets(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=6),
    st.sets(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=6),
)
def test_no_due_date_gets_two_audits(owed: set[date], due: set[date]) -> None:
    found = rematched(owed, due, 12)
    assert set(found) == owed
    matched = [day for day in found.values() if day is not None]
    assert len(set(matched)) == len(matched)
    assert set(matched) <= due


@pytest.mark.parametrize(
    ("given_", "code", "field"),
    [
        ({"kind": "child"}, "not-a-household", None),
        ({"first_panel_on": date(2026, 11, 24)}, "in-the-future", "first_panel_on"),
        ({"approval_ended_on": date(2024, 5, 9)}, "order", "approval_ended_on"),
        ({"changes": True}, "reason-missing", "reason"),
    ],
)
def test_a_panel_date_that_cannot_be_is_refused(
    given_: dict[str, object], code: str, field: str | None
) -> None:
    facts: dict[str, object] = {
        "kind": "carer_household",
        "first_panel_on": date(2024, 5, 10),
        "approval_ended_on": None,
        "today": date(2026, 11, 23),
        "changes": False,
        "reason": None,
    }
    check_panel_date(**facts)  # type: ignore[arg-type]  # a table of good values
    of_one_day = {"first_panel_on": facts["today"], "approval_ended_on": facts["today"]}
    check_panel_date(**(facts | of_one_day))  # type: ignore[arg-type]  # good as well
    with pytest.raises(RuleRefused) as refused:
        check_panel_date(**(facts | given_))  # type: ignore[arg-type]  # one of them is bad
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.clause == "§3, R3.2"
