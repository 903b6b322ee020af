"""A reason to see a row is said once; whoever needs it takes it from there."""

import re

import pytest
from sqlalchemy import ColumnElement, false

from qa_api.actions.queries import ACTIONS
from qa_api.audits.queries import AUDITS
from qa_api.auth.actor import CALLER
from qa_api.auth.matrix import THINGS, Rule, Sight
from qa_api.auth.reach import ACROSS_THE_AUTHORITY, BY_ALLOCATION, BY_TEAM
from qa_api.auth.reasons import Reason, Reasons, cases, practice
from qa_api.board.lists import LISTS, CountedList
from qa_api.closure_gates.queries import GATES
from qa_api.escalations.queries import ESCALATIONS
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.moderation.queries import LEARNING_ACTIONS
from qa_api.notifications.queries import NOTIFICATIONS
from qa_api.observations.queries import OBSERVATIONS
from qa_api.reads.listings import Listing
from qa_api.responses.queries import RESPONSES

SEEN = {
    "audit": cases.AUDITS,
    "response": cases.RESPONSES,
    "restorative action": cases.ACTIONS,
    "notification": cases.NOTIFICATIONS,
    "escalation": cases.ESCALATIONS,
    "closure gate": cases.GATES,
    "subject": cases.SUBJECTS,
    "due audit": cases.DUE_AUDITS,
    "moderation sample": practice.SAMPLES,
    "moderation outcome": practice.OUTCOMES,
    "learning action": practice.LEARNING_ACTIONS,
    "practice observation": practice.OBSERVATIONS,
    "exemption from observations": practice.EXEMPTIONS,
    "learning highlight": practice.HIGHLIGHTS,
    "record": cases.RECORDS,
    "QA update": practice.QA_UPDATES,
    "board report": practice.BOARD_REPORTS,
    "board decision": practice.BOARD_DECISIONS,
}


def never(*_: object) -> ColumnElement[bool]:
    return false()


@pytest.mark.parametrize("name", SEEN)
def test_the_printed_table_has_each_reason_and_no_row_for_another(name: str) -> None:
    (thing,) = (thing for thing in THINGS if thing.name == name)
    said: tuple[Rule, ...] = SEEN[name].says
    assert set(said) <= set(thing.rules)
    # Fields of it that stand beside another thing, and that there is one or none.
    assert {rule.sight for rule in set(thing.rules) - set(said)} <= {Sight.FIELDS, Sight.EXISTS}
    assert thing.even_restricted == SEEN[name].even_restricted
    for reason in SEEN[name].each:
        assert reason.says, "a reason that the printed table does not know"


@pytest.mark.parametrize(
    ("listing", "reasons"),
    [
        (AUDITS, cases.AUDITS),
        (RESPONSES, cases.RESPONSES),
        (ACTIONS, cases.ACTIONS),
        (ESCALATIONS, cases.ESCALATIONS),
        (GATES, cases.GATES),
        (NOTIFICATIONS, cases.NOTIFICATIONS),
        (OBSERVATIONS, practice.OBSERVATIONS),
        (LEARNING_ACTIONS, practice.LEARNING_ACTIONS),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_a_long_list_is_found_by_every_reason(listing: Listing, reasons: Reasons) -> None:
    assert set(listing.arms) == {arm for reason in reasons.each for arm in reason.found_by}
    assert ACROSS_THE_AUTHORITY in listing.arms
    if listing in (AUDITS, RESPONSES, ACTIONS):
        assert {BY_TEAM, BY_ALLOCATION} <= set(listing.arms)


@pytest.mark.parametrize("counted", LISTS.values(), ids=LISTS)
def test_figures_look_for_rows_by_every_reason_that_no_sum_holds(counted: CountedList) -> None:
    reasons = counted.reasons
    looked_for = {arm for reason in reasons.each for arm in reason.found_by}
    assert set(reasons.further) == looked_for - {ACROSS_THE_AUTHORITY, BY_TEAM}
    for reason in reasons.each:
        assert reason.is_through_teams or set(reason.found_by) <= set(reasons.further)


def test_a_reason_that_no_index_finds_is_an_error_where_one_is_needed() -> None:
    found = Reason(cases.AUDITS.says[:1], never, (BY_TEAM,))
    assert Reasons((found,)).arms == (BY_TEAM,)
    with pytest.raises(LookupError):
        assert Reasons((found, Reason(cases.AUDITS.says[:1], never))).arms


def test_what_is_seen_at_once_needs_no_search_and_every_other_reason_does() -> None:
    row, me = aliased(Audit), CALLER

    def in_sql(condition: ColumnElement[bool]) -> str:
        return re.sub(r"_\d+", "", str(condition))  # parameters are numbered as they come

    at_once = in_sql(cases.AUDITS.see_at_once(row, me))
    assert "SELECT" not in at_once
    for reason in cases.AUDITS.each:
        said = in_sql(reason.holds(row, me))
        assert ("SELECT" in said) is reason.searches
        assert reason.searches or said in at_once


@pytest.mark.parametrize("name", SEEN)
def test_what_a_list_joins_is_called_value_whichever_reason_looks_it_up(name: str) -> None:
    looked_up = {
        arm: found
        for reason in SEEN[name].each
        for arm in reason.found_by
        if (found := arm.looked_up(CALLER)) is not None
    }
    for arm, found in looked_up.items():
        assert found.selected_columns.keys() == ["value"], arm.column
