"""A filter with several values keeps what one of them keeps, in the list's order, by an index."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import asyncpg
import pytest

from qa_api import clock
from qa_api.actions.queries import ACTIONS
from qa_api.audits.queries import AUDITS
from qa_api.closure_gates.queries import GATES
from qa_api.comments.queries import COMMENTS
from qa_api.due_audits.queries import DUE_AUDITS
from qa_api.escalations.queries import ESCALATIONS
from qa_api.models.base import new_id
from qa_api.moderation.queries import ALL_OUTCOMES, LEARNING_ACTIONS
from qa_api.notifications.queries import NOTIFICATIONS
from qa_api.observations.queries import OBSERVATIONS
from qa_api.reads.listings import Listing
from qa_api.responses.queries import RESPONSES
from qa_api.rules.local_time import local_date
from tests.api import Api, Json
from tests.audits.auditing import SUPERVISOR
from tests.conftest import Database
from tests.contract.document import Operation, operations, resolved
from tests.reads.on_record import on_record
from tests.responses.casework import casework, service

__all__ = ("casework", "on_record", "service")

IN_ROW = {"judgement": "overall_judgement"}
"""Filters that are called otherwise than the field of the row that they look at."""
PEOPLE = ("qs-1", "tm-lincoln-fast")
PLANS_OF_THEIR_OWN = (["SubPlan"], ["InitPlan"], ["CTE"])


def every_row(api: Api, path: str, limit: int = 500, **filters: Any) -> list[Json]:
    rows: list[Json] = []
    asked: dict[str, Any] = {"limit": limit, **filters}
    while True:
        answer = api.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        rows += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return rows
        asked["cursor"] = answer.json()["next_cursor"]


def looked_at(reader: Api, path: str, row: Json, name: str) -> set[Any]:
    """What a filter looks at of a row; of an audit's domains it stands in its document alone."""
    if name == "domain_judgement":
        document = reader.get(f"{path}/{row['id']}").json()
        return {f"{one['domain_key']}/{one['judgement']}" for one in document["judgements"]}
    return {row[IN_ROW.get(name, name)]} - {None}


def repeatable() -> Iterator[tuple[Operation, str, list[str]]]:
    """Each filter that takes several values, with those that there are, where they are known."""
    for operation in operations():
        for parameter in operation.content.get("parameters", ()):
            schema = resolved(parameter["schema"])
            if parameter["in"] == "query" and schema.get("type") == "array":
                items = resolved(schema["items"])
                known = items.get("enum") or items.get("examples", ["another"])
                yield operation, parameter["name"], known


@pytest.mark.long
def test_several_values_keep_what_each_of_them_keeps_in_the_order_of_the_list(
    on_record: Api,
) -> None:
    tried, compared = list(repeatable()), set()
    for person in PEOPLE:
        reader = on_record.as_(person)
        for operation, name, others in tried:
            rows = every_row(reader, operation.path)
            held = [looked_at(reader, operation.path, row, name) for row in rows]
            values = sorted(set().union(*held))[:2]
            if not values:
                continue
            given = [*reversed(values), values[0], others[-1]]
            wanted = [row for row, has in zip(rows, held, strict=True) if has & set(given)]
            assert every_row(reader, operation.path, 500, **{name: given}) == wanted, (
                operation,
                name,
            )
            compared.add((str(operation), name))
    assert compared == {(str(operation), name) for operation, name, _ in tried}


def test_a_cursor_goes_on_in_whatever_order_the_values_are_named(on_record: Api) -> None:
    reader, path = on_record.as_("qs-1"), "/v1/audits"
    teams = ["lincoln-fast", "cwd"]
    first = reader.get(path, params={"limit": 1, "team": teams}).json()
    again = {"limit": 500, "cursor": first["next_cursor"], "team": teams[::-1]}
    assert reader.get(path, params=again).status_code == 200
    other = reader.get(path, params={**again, "team": teams[:1]})
    assert (other.status_code, other.json()["type"]) == (400, "/problems/invalid-cursor")
    whole = every_row(reader, path, team=teams)
    assert every_row(reader, path, team=teams, limit=max(1, len(whole) // 3)) == whole


def test_at_most_twenty_values_are_taken(api: Api) -> None:
    refused = api.as_("qs-1").get("/v1/audits", params={"team": [f"t-{n}" for n in range(21)]})
    assert refused.status_code == 422
    assert [error["parameter"] for error in refused.json()["errors"]] == ["team"]


def test_whose_cases_a_supervisor_answers_for_is_found(on_record: Api) -> None:
    reader = on_record.as_("qs-1")
    supervised = {"sw1-lincoln-fast", "sw2-lincoln-fast"}
    for name in ("audits", "restorative-actions", "audit-responses", "closure-gates"):
        path = f"/v1/{name}"
        wanted = [row for row in every_row(reader, path) if row["worker"] in supervised]
        assert wanted
        assert every_row(reader, path, supervisor=SUPERVISOR) == wanted, path
        assert every_row(reader, path, supervisor="qs-1") == []


@pytest.mark.parametrize(
    ("listing", "given", "index"),
    [
        (AUDITS, {"+team"}, "audits_team_id_idx"),
        (AUDITS, {"+auditor", "state"}, "audits_auditor_id_idx"),
        (AUDITS, {"supervisor"}, "audits_worker_id_idx"),
        (RESPONSES, {"+team"}, "audit_responses_team_soonest_idx"),
        (RESPONSES, {"supervisor", "+state"}, "audit_responses_worker_soonest_idx"),
        (ACTIONS, {"+worker"}, "restorative_actions_worker_soonest_idx"),
        (ESCALATIONS, set(), "escalations_team_id_idx"),
        (GATES, set(), "closure_gates_team_id_idx"),
        (NOTIFICATIONS, set(), "notifications_team_id_idx"),
        (OBSERVATIONS, set(), "practice_observations_team_observed_on_id_idx"),
        (OBSERVATIONS, {"+observer"}, "practice_observations_observer_observed_on_id_idx"),
        (LEARNING_ACTIONS, set(), "learning_actions_owner_soonest_idx"),
        (LEARNING_ACTIONS, set(), "learning_actions_set_by_soonest_idx"),
        (AUDITS, set(), "audits_to_complete_idx"),
        (AUDITS, set(), "audits_audited_again_idx"),
        (ACTIONS, set(), "restorative_actions_auditor_soonest_idx"),
        (RESPONSES, set(), "audit_responses_auditor_soonest_idx"),
        (COMMENTS, set(), "comments_auditor_id_idx"),
        (ALL_OUTCOMES, set(), "moderation_outcomes_auditor_completed_on_id_idx"),
    ],
    ids=[
        *("team", "auditor", "supervisor", "team of a response", "state", "worker"),
        *("escalations", "gates", "notifications", "observations", "observer"),
        *("owner", "who set it", "whom they audit", "what they audit again"),
        *("whose audits actions are of", "responses", "comments", "outcomes"),
    ],
)
async def test_the_rows_of_each_value_are_found_by_an_index(
    database: Database, listing: Listing, given: set[str], index: str
) -> None:
    plan = await planned(database, listing, given)
    assert f"using {index} on {listing.shape.entity.__tablename__}" in plan


async def test_what_somebody_is_to_moderate_is_found_by_sample_or_by_moderator(
    database: Database,
) -> None:
    """Either serves; which is cheaper depends on how many samples are open."""
    plan = await planned(database, ALL_OUTCOMES, set())
    assert re.search(r"using moderation_outcomes_(sample_id|moderator)_\w+ on moderation_out", plan)


async def test_who_owes_an_audit_is_found_among_all_subjects(database: Database) -> None:
    assert "using subjects_owing_audits_idx" in await planned(database, DUE_AUDITS, set())


async def test_what_is_owed_is_explained_for_the_rows_of_a_page_alone(database: Database) -> None:
    plan = await planned(database, DUE_AUDITS, set(), verbose=True)
    before, _, _ = plan.partition("Sort Key: owed.due_on")
    # What is worked out of a row that is shown is a plan of its own, which nothing below asks for.
    assert "SubPlan" not in before.splitlines()[-2]
    before, explained, after = plan.partition("'calendar_version'")
    headings = [line for line in before.splitlines() if line.split()[:1] in PLANS_OF_THEIR_OWN]
    assert explained
    assert headings[-1].split()[0] == "SubPlan"
    assert "'calendar_version'" not in after


@pytest.mark.parametrize(
    "listing",
    [ACTIONS, RESPONSES, LEARNING_ACTIONS, AUDITS.sorted["due_on"], AUDITS],
    ids=lambda listing: listing.name,
)
async def test_a_page_begins_at_its_place_in_an_index(database: Database, listing: Listing) -> None:
    plan = await planned(database, listing, set(), after=True)
    # Not a filter of each row before it, which would ask the policies of each first.
    first = "ROW(CASE WHEN (due_on IS NULL)" if len(listing.order) > 1 else "id"
    assert f"Index Cond: ({first}" in plan


async def planned(
    database: Database,
    listing: Listing,
    given: set[str],
    *,
    after: bool = False,
    verbose: bool = False,
    value: str = "a",
) -> str:
    """How PostgreSQL would find a page, were there rows enough for an index to pay."""
    prepared = listing.prepared(frozenset(given), after=after)
    now = clock.now()
    values: dict[str, Any] = {"issuer": "i", "subject": "s", "now": now, "today": local_date(now)}
    values |= {"permitted_roles": [], "correlation_id": "c", "operation": "o", "limit": 50}
    values |= {"as_at": local_date(now), "until": local_date(now)}
    last = (date(2026, 3, 2), new_id())[-len(listing.order) :]
    values |= {f"after_{n}": part for n, part in enumerate(last)}
    for name in given:
        some: str | Sequence[str] = [value, "b"] if name.startswith("+") else value
        values[f"given_{name.lstrip('+')}"] = some
    reader = await asyncpg.connect(database.read_url)
    try:
        await reader.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        await reader.execute("SET enable_sort = off; SET plan_cache_mode = force_generic_plan")
        asked = "EXPLAIN (VERBOSE)" if verbose else "EXPLAIN"
        plan = await reader.fetch(f"{asked} {prepared.sql}", *prepared.arguments(values))
    finally:
        await reader.close()
    return "\n".join(line[0] for line in plan)
