"""The catalogue of figures and what is due when (§4.7)."""

from datetime import UTC, date, datetime

import pytest

from qa_api.rules.agreement import pairs_needed
from qa_api.rules.calendar import Calendar
from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.judged_counts import judged
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import (
    CATALOGUE,
    SPLIT,
    Scope,
    Source,
    check_over,
    counted_under,
    figures_of,
    given,
    is_late,
    of_theme,
    share,
    theme_figure,
    update_due,
)
from qa_api.rules.policy import Policy

Q2 = FinancialQuarter(2026, 2)
POLICY = Policy(version=1, effective_from=date(2020, 1, 1))


def test_every_figure_says_what_is_counted_above_and_below_the_line() -> None:
    assert len({figure.key for figure in CATALOGUE}) == len(CATALOGUE)
    for figure in CATALOGUE:
        assert figure.title
        assert figure.clause.startswith("§")
        assert figure.numerator.definition
        assert figure.denominator.definition


def test_a_numerator_holds_nothing_that_its_denominator_lacks() -> None:
    for figure in CATALOGUE:
        assert figure.numerator.source is figure.denominator.source
        assert figure.numerator.dated == figure.denominator.dated
        assert figure.denominator.filters.items() <= figure.numerator.filters.items()


def test_a_quarter_is_asked_for_half_open() -> None:
    filters = given(CATALOGUE[0].denominator, Q2, Scope())
    assert filters == {"due_from": date(2026, 7, 1), "due_to": date(2026, 10, 1)}


def test_the_audit_type_has_its_own_name_in_each_list() -> None:
    scope = Scope(team="boston-fast", type="closure")
    assert scope.filters(Source.AUDITS) == {"team": "boston-fast", "type": "closure"}
    assert Scope(service="east").filters(Source.GATES) == {"service": "east"}
    assert scope.filters(Source.RESPONSES) == {"team": "boston-fast", "audit_type": "closure"}


def test_closures_have_no_figure_for_one_audit_type() -> None:
    keys = {figure.key for figure in figures_of(Scope(type="closure"))}
    assert not {"closures_with_audit", "closures_without_audit"} & keys
    assert {"closures_with_audit"} <= {figure.key for figure in figures_of(Scope())}


def test_nothing_is_divided_by_nothing() -> None:
    assert share(0, 0) is None
    assert share(1, 3) == 0.3333


def test_what_lies_apart_within_one_whole_is_part_of_it() -> None:
    for whole, parts in SPLIT:
        for part in parts:
            assert (part.source, part.dated) == (whole.source, whole.dated)
    (_, due), *_ = SPLIT
    assert [part.filters.get("exempt") for part in due] == [None, False, True]


def test_a_theme_s_figures_are_those_of_all_audits_narrowed() -> None:
    figure = theme_figure("voice")
    whole = next(one for one in CATALOGUE if one.key == "audits_done")
    assert figure.numerator.filters == {**whole.numerator.filters, "theme": "voice"}
    assert figure.denominator.filters == {**whole.denominator.filters, "theme": "voice"}
    assert (figure.key, figure.clause) == ("audits_done", "§4.4, R4.4.2")
    assert of_theme(judged(JudgedOn("four-point", 1)), "voice").filters["theme"] == "voice"


def test_figures_say_under_which_policy_they_were_counted_and_what_is_too_few() -> None:
    as_at = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert counted_under(Q2, POLICY, as_at) == Explanation(
        "figures_of_quarter",
        "§4.7, R4.7.3",
        POLICY.version,
        facts={
            "starts_on": date(2026, 7, 1),
            "ends_before": date(2026, 10, 1),
            "as_at": as_at,
            "small_cell_minimum": POLICY.small_cell_minimum,
            "agreement_minimum_pairs": pairs_needed(POLICY),
            "agreement_kappa_weights": "linear",
        },
    )


def test_an_update_is_due_ten_working_days_after_its_quarter_has_ended() -> None:
    calendar = Calendar("england-and-wales", 1, date(2026, 1, 1), date(2026, 12, 31), {})
    due = update_due(Q2, POLICY, calendar)
    assert due.due_on == date(2026, 10, 14)
    assert (due.explanation.rule, due.explanation.clause) == ("qa_update_due", "§4.7, R4.7.1")
    assert due.explanation.facts["quarter"] == "2026-27 Q2"


def test_a_quarter_is_reported_on_once_it_is_over() -> None:
    with pytest.raises(RuleRefused) as refused:
        check_over(Q2, date(2026, 9, 30))
    why = refused.value
    assert (why.code, why.clause, why.field) == ("quarter-not-over", "§4.7, R4.7.1", "quarter")
    check_over(Q2, date(2026, 10, 1))


def test_an_update_that_came_late_stays_late_and_one_in_time_stays_in_time() -> None:
    due_on, later = date(2026, 10, 14), date(2026, 12, 1)
    assert not is_late(due_on, None, due_on)
    assert is_late(due_on, None, date(2026, 10, 15))
    assert not is_late(due_on, due_on, later)
    assert is_late(due_on, date(2026, 10, 15), later)
