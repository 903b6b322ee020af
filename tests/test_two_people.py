"""A step that takes two people takes two persons: another account of one's own is not another.

Everybody here is let in twice, and one account of Quality & Standards belongs to nobody.
"""

import re
from collections.abc import Callable
from importlib import import_module

import asyncpg
import httpx
import pytest

from qa_api.rules.two_people import TWO_PERSON_STEPS
from tests.api import Api, in_a_week
from tests.audits.auditing import Auditing, of_new_child
from tests.audits.test_in_error import completed_with_action
from tests.closures.sending import HEAD, MANAGER, PROPOSED, Episode
from tests.conftest import Accounts, Database, execute
from tests.contract.document import operations
from tests.looking import rows
from tests.subjects.conftest import restrict

__all__ = ("restrict",)

WHY = {"reason": "The audit is about another child."}
Q_AND_S = "quality_standards"


@pytest.fixture(autouse=True)
def morning(at: Callable[[str], None]) -> None:
    """On Monday 23 November 2026 at half past nine."""
    at("2026-11-23T09:30:00Z")


@pytest.fixture
def case(api: Api, new_ref: Callable[[], str]) -> Auditing:
    """A child of Lincoln FAST."""
    return of_new_child(api, new_ref)


def refused_as_one_person(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json().get("code")) == (422, "second-person")


def belongs_to_nobody(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and "belongs to no worker" in answer.json()["detail"]


@pytest.mark.long
def test_an_error_is_not_confirmed_by_who_reported_it(accounts: Accounts, case: Auditing) -> None:
    path = completed_with_action(case)
    first, again = (case.api.as_(each) for each in accounts.of_newcomer(Q_AND_S))
    nobody = case.api.as_(accounts.another(None, Q_AND_S))
    assert belongs_to_nobody(nobody.act(f"{path}/record-in-error", WHY))
    case.accept(first.act(f"{path}/record-in-error", WHY))
    assert "confirm_error" not in again.get(path).json()["allowed_actions"]
    assert refused_as_one_person(again.act(f"{path}/confirm-error"))
    assert "confirm_error" not in nobody.get(path).json()["allowed_actions"]
    assert belongs_to_nobody(nobody.act(f"{path}/confirm-error"))
    waits = again.work("kind=confirm_error")
    assert path not in {item["path"] for item in waits}
    assert case.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204


def test_an_override_is_not_approved_by_who_asked_for_it(
    accounts: Accounts, api: Api, new_ref: Callable[[], str]
) -> None:
    episode = Episode(api, [new_ref()])
    episode.tell(PROPOSED)
    gate, why = episode.gate(), {"reason": "The family moved abroad."}
    nobody = api.as_(accounts.another(None, Q_AND_S))
    assert belongs_to_nobody(nobody.act(f"{gate}/override", why))
    episode.act(f"{gate}/override", MANAGER, **why)
    again = api.as_(accounts.another(MANAGER, "team_manager", team="lincoln-fast"))
    assert "approve_override" not in again.get(gate).json()["allowed_actions"]
    assert refused_as_one_person(again.act(f"{gate}/approve-override"))
    assert belongs_to_nobody(nobody.act(f"{gate}/approve-override"))
    assert episode.answer()["may_close"] is False
    assert episode.act(f"{gate}/approve-override", HEAD)["state"] == "overridden"


def test_the_database_takes_two_accounts_of_one_person_for_one(
    accounts: Accounts, case: Auditing, database: Database
) -> None:
    path = completed_with_action(case)
    first, _ = accounts.of_newcomer(Q_AND_S)
    case.accept(case.api.as_(first).act(f"{path}/record-in-error", WHY))
    confirm = (
        "UPDATE audits SET recorded_in_error_at = now(), error_confirmed_by ="
        f" '{accounts.given[1]}' WHERE id = '{path.rpartition('/')[2]}'"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="two people"):
        execute(database.migrate_url, confirm)
    assert case.read(path)["error_reported_by"] is not None


def test_nobody_lets_themselves_in_to_a_restricted_record(
    accounts: Accounts, api: Api, new_ref: Callable[[], str], restrict: Callable[[str], None]
) -> None:
    ref = new_ref()
    of_new_child(api, lambda: ref)
    restrict(ref)
    first, again = accounts.of_newcomer(Q_AND_S)
    path, until = f"/v1/subjects/mosaic/{ref}/restriction-grants", in_a_week()
    ids = accounts.given[:2]
    for principal in ids:
        body = {"principal_id": principal, "reason": "To see it.", "expires_at": until}
        answer = api.as_(first).create(path, body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "oneself")
        assert belongs_to_nobody(api.as_(accounts.another(None, Q_AND_S)).create(path, body))
    body = {"principal_id": ids[1], "reason": "To see it.", "expires_at": until}
    assert api.as_("qs-2").create(path, body).status_code == 201
    assert api.as_(again).get(f"/v1/subjects/mosaic/{ref}").status_code == 200


# --- every step that takes two people ---

REFUSED_IN = {
    "approve_override": (
        "tests.test_two_people.test_an_override_is_not_approved_by_who_asked_for_it"
    ),
    "confirm_audit_error": (
        "tests.test_two_people.test_an_error_is_not_confirmed_by_who_reported_it"
    ),
    "confirm_rights_change": (
        "tests.directory.test_rights"
        ".test_two_accounts_of_one_person_are_one_and_one_of_nobody_is_none"
    ),
    "look_into_unusual_read": (
        "tests.unusual_reads.test_unusual_reads.test_nobody_looks_into_their_own_reads"
    ),
    "approve_retention_run": "tests.retention.test_runs.test_nobody_approves_what_they_proposed",
    "verify_action": (
        "tests.actions.test_actions.test_the_doer_never_verifies_nor_cancels_whatever_else_they_are"
    ),
    "verify_learning_action": (
        "tests.moderation.test_outcomes"
        ".test_what_its_owner_cannot_do_quality_and_standards_do_and_another_verifies"
    ),
    "review_response": (
        "tests.responses.test_on_behalf.test_whoever_responded_never_reviews_it_in_any_round"
    ),
}
"""The test in which the rule refuses the first person as the second, for each step."""

COMPARED = """
SELECT conrelid::regclass::text AS of_table, pg_get_constraintdef(oid) AS said, false AS by_account
FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
UNION ALL
SELECT tgrelid::regclass::text, encode(tgargs, 'escape'), true
FROM pg_trigger WHERE tgfoid = 'refuse_one_person'::regproc AND tgenabled = 'O'
"""


def test_the_rule_refuses_one_person_in_each_step_that_takes_two() -> None:
    steps = {step.operation for step in TWO_PERSON_STEPS}
    assert steps == set(REFUSED_IN)
    assert steps <= {str(operation) for operation in operations()}
    for test in REFUSED_IN.values():
        module, _, name = test.rpartition(".")
        assert callable(getattr(import_module(module), name))


def test_the_database_compares_the_two_people_of_each_step(template: Database) -> None:
    by_check, by_trigger = set(), set()
    for row in rows(template, COMPARED):
        if row["by_account"]:
            first, second, *_ = row["said"].split("\\000")
            by_trigger.add((row["of_table"], frozenset({first, second})))
        # Of columns that say who did something; others name things, or whom it is about.
        elif found := re.fullmatch(r"CHECK \(\((\w+_by) <> (\w+)\)\)", row["said"]):
            by_check.add((row["of_table"], frozenset(found.groups())))
    named = {
        by_account: {
            (step.table, frozenset({step.first, step.second}))
            for step in TWO_PERSON_STEPS
            if step.by_account is by_account
        }
        for by_account in (True, False)
    }
    assert by_trigger == named[True]
    # Two accounts that are the same are not two people either; a check may say so first.
    assert by_check - by_trigger == named[False]
