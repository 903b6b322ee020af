"""Whoever is shown a child leaves one line in the access log, and the line names every child (X3).

What shows one is found in the contract and among the statements, so that nothing new is forgotten.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

import qa_api
from qa_api.app import ROUTERS
from qa_api.case_events.queries import CASE_EVENTS
from qa_api.closure_gates.queries import UNKNOWN_SUBJECT_GATE
from qa_api.http.route import GUARD_ATTRIBUTE, StrictRoute
from qa_api.reads.documents import Document
from qa_api.reads.listings import Listing
from tests.api import Api, Json, contract
from tests.closures.sending import CLOSED, MANAGER, PROPOSED, RESTRICTED, Episode
from tests.conftest import Database
from tests.looking import NAMING, look, rows

SHOWN_ELSEWHERE = {
    "pull_dataset": "tests/reporting/test_who_sees.py",
    "get_quarter_plan_cases": "tests/planning/test_under_a_plan.py",
    "list_moderation_outcomes": "tests/moderation/test_outcomes.py",
    "list_all_moderation_outcomes": "tests/moderation/test_outcomes.py",
    "get_moderation_outcome": "tests/moderation/test_outcomes.py",
    "list_caseload_children": "tests/caseloads/test_coverage.py",
    "list_caseload_missing": "tests/caseloads/test_coverage.py",
    "list_retention_items": "tests/retention/test_runs.py",
    "get_hand_over": "tests/hand_overs/test_hand_overs.py",
    "list_unusual_reads": "tests/unusual_reads/test_unusual_reads.py",
    "get_unusual_read": "tests/unusual_reads/test_unusual_reads.py",
}
"""What is not walked here but where a month, a plan or a database of its own is at hand."""


# --- by the statements and the contract ---


def statements() -> Iterator[tuple[str, Document | Listing]]:
    """Every read that is one statement, with its name."""
    for module in pkgutil.walk_packages(qa_api.__path__, "qa_api."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Document | Listing):
                yield f"{module.name}.{name}", value


def fields_of(schema: Any) -> set[str]:
    """The names of the fields of a schema, those inside of it too."""
    definitions = schema.get("$defs", {})
    found = set(schema.get("properties", ()))
    for each in definitions.values():
        found |= set(each.get("properties", ()))
    return found


@pytest.mark.long
def test_every_statement_that_shows_a_child_writes_its_line() -> None:
    shown: dict[str, bool] = {}
    for name, read in statements():
        schema: type[BaseModel] = read.shape.schema
        if NAMING & fields_of(schema.model_json_schema(mode="serialization")):
            shown[name] = read.logged
    assert len(shown) > 20
    silent = {name for name, logged in shown.items() if not logged}
    nobodys = {UNKNOWN_SUBJECT_GATE}  # it says back what was asked
    assert {read for name, read in statements() if name in silent} == nobodys


def operations_that_show(*methods: str) -> dict[str, str]:
    """The reads whose answers name a child, each with its path; or changes of a version."""
    schemas = contract()["components"]["schemas"]

    def names(schema: Any, seen: frozenset[str] = frozenset()) -> set[str]:
        if isinstance(schema, list):
            return set().union(*(names(each, seen) for each in schema))
        if not isinstance(schema, dict):
            return set()
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return set() if name in seen else names(schemas[name], seen | {name})
        own = set(schema.get("properties", ()))
        inner = [value for key, value in schema.items() if key != "properties"]
        return own | names([*inner, *schema.get("properties", {}).values()], seen)

    found = {}
    for path, item in contract()["paths"].items():
        for method in methods or ("get",):
            operation = item.get(method, {})
            if methods and not any(
                each["name"] == "If-Match" for each in operation.get("parameters", ())
            ):
                continue
            answers = operation.get("responses", {}).get("200", {}).get("content", {})
            for content in answers.values():
                if NAMING & names(content["schema"]):
                    found[operation["operationId"]] = path
    return found


def test_what_a_rule_computes_names_no_child() -> None:
    showing = operations_that_show()
    computed = {
        route.name
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, StrictRoute) and "GET" in (route.methods or ())
        for each in route.dependant.dependencies
        if getattr(each.call, "__name__", "") == "computed_read"
        and hasattr(each.call, GUARD_ATTRIBUTE)
    }
    assert computed
    assert not computed & set(showing)


# --- by looking ---


@pytest.fixture
def episode(api: Api, new_ref: Callable[[], str], at: Callable[[str], None]) -> Episode:
    """Two children's case, which closes before what their audits ask for is done."""
    at("2026-11-23T09:30:00Z")
    found = Episode(api, [new_ref(), new_ref()])
    found.tell(PROPOSED)
    found.complete_audit(actions=1)
    found.tell(CLOSED, 2)
    return found


@pytest.fixture
def places(episode: Episode, new_ref: Callable[[], str]) -> dict[str, tuple[str, str]]:
    """For each operation who reads which path, where a child is named."""
    api = episode.api.as_("qs-1")
    first = f"/v1/subjects/mosaic/{episode.refs[0]}"
    subject = api.get(first).json()["id"]

    def one(path: str, of: str | None = None) -> str:
        found = api.get(f"{path}?{of or f'subject={subject}'}").json()["items"]
        return f"{path}/{found[0].get('event_id') or found[0]['id']}"

    household = f"/v1/carer-households/mosaic/{new_ref()}/panel-date"
    carers = household.replace("carer-households", "subjects").removesuffix("/panel-date")
    api.change("PUT", carers, {"kind": "carer_household", "team": "fostering-north"})
    api.change("PUT", household, {"first_panel_on": "2024-05-10"})
    of_household = f"subject={api.get(carers).json()['id']}"
    reason = {"reason": "An inquiry asks for it."}
    held = api.create("/v1/legal-holds", {"subject": _name(episode.refs[0])} | reason)
    audit = one("/v1/audits")
    place = {"path": f"/audits/{audit.rpartition('/')[2]}/overall_rationale"}
    redacted = api.create(f"{first}/redactions", place | {"reason": "It names somebody else."})
    said = {"kind": "audit", "about": audit.rpartition("/")[2], "text": "Who was asked?"}
    comment = api.create("/v1/comments", said)
    grant = _a_grant(episode, new_ref())
    found = {
        "list_my_work": "/v1/me/work",
        "get_subject": first,
        "get_panel_date": household,
        "list_restriction_grants": "/v1/restriction-grants",
        "get_restriction_grant": grant,
        "list_audits": "/v1/audits",
        "get_audit": audit,
        "list_due_audits": f"/v1/due-audits?{of_household}",
        "list_responses": "/v1/audit-responses",
        "get_response": one("/v1/audit-responses"),
        "list_actions": "/v1/restorative-actions",
        "get_action": one("/v1/restorative-actions"),
        "list_notifications": "/v1/notifications",
        "get_notification": one("/v1/notifications"),
        "list_escalations": "/v1/escalations",
        "get_escalation": one("/v1/escalations"),
        "list_comments": "/v1/comments",
        "get_comment": comment.headers["location"],
        "list_case_events": f"/v1/case-events?episode_id={episode.id}",
        "get_case_event": one("/v1/case-events", f"episode_id={episode.id}"),
        "list_closure_gates": "/v1/closure-gates",
        "get_closure_gate": one("/v1/closure-gates"),
        "get_subject_closure_gate": f"{first}/closure-gate",
        "get_record": f"{first}/record",
        "get_redaction": redacted.headers["location"],
        "get_subject_retention": f"{first}/retention",
        "list_legal_holds": "/v1/legal-holds",
        "get_legal_hold": held.headers["location"],
    }
    return {
        name: (MANAGER if name == "list_my_work" else "qs-1", path) for name, path in found.items()
    }


def _name(ref: str) -> Json:
    return {"system": "mosaic", "ref": ref}


def _a_grant(episode: Episode, ref: str) -> str:
    """The path of somebody's leave to see a record that is restricted."""
    other = Episode(episode.api, [ref])
    other.tell(PROPOSED)
    other.tell(RESTRICTED, 2, restriction={"kind": "staff", "on": True})
    (principal,) = (
        episode.api.as_("admin-1").get(f"/v1/principals?worker={MANAGER}").json()["items"]
    )
    made = episode.api.as_("qs-1").create(
        f"/v1/subjects/mosaic/{ref}/restriction-grants",
        {
            "principal_id": principal["id"],
            "reason": "They hold the case.",
            "expires_at": "2026-12-01T17:00:00Z",
        },
    )
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


@pytest.mark.long
def test_every_read_that_shows_a_child_leaves_one_line_that_names_all(
    places: dict[str, tuple[str, str]], episode: Episode, database: Database
) -> None:
    assert set(places) | set(SHOWN_ELSEWHERE) == set(operations_that_show())
    for operation, (person, path) in places.items():
        shown, lines = look(episode.api, database, person, path)
        assert shown, f"{operation} names nobody here"
        assert len(lines) == 1, f"{operation} left {len(lines)} lines"
        assert lines[0] >= shown, f"{operation} shows more than its line names"


def test_an_event_names_each_of_its_children_to_whoever_reads_it(
    episode: Episode, database: Database
) -> None:
    path = f"/v1/case-events?episode_id={episode.id}"
    for person in ("qs-1", "case-system-mosaic"):
        shown, (line,) = look(episode.api, database, person, path)
        assert line == shown
        assert len(line) == 2


@pytest.mark.long
def test_a_merge_that_waits_names_whom_it_would_join(
    api: Api, new_ref: Callable[[], str], database: Database, at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")
    known, unknown = Episode(api, [new_ref()]), new_ref()
    known.tell(PROPOSED)
    known.tell(RESTRICTED, 2, restriction={"kind": "pre_adoption", "on": True})
    other = Episode(api, [unknown])
    other.tell(PROPOSED)
    event = other.event("person.merged.v1")
    event["data"] = {
        "merge": {"from": unknown, "into": new_ref()},
        "occurred_at": "2026-11-23T08:00:00Z",
        "source_version": 1,
    }
    receipt = other.send(event)
    _, lines = look(api, database, "qs-1", f"/v1/case-events/{receipt['event_id']}")
    (subject,) = rows(database, "SELECT subject_id FROM subject_aliases WHERE ref = $1", unknown)
    assert lines == [{str(subject["subject_id"])}]


def test_a_page_names_whom_it_shows_and_nobody_else(
    api: Api, new_ref: Callable[[], str], database: Database, at: Callable[[str], None]
) -> None:
    assert CASE_EVENTS.logged
    at("2026-11-23T09:30:00Z")
    for _ in range(3):
        Episode(api, [new_ref()]).tell(PROPOSED)
    shown, (line,) = look(api, database, "qs-1", "/v1/case-events?limit=2")
    assert line == shown, "what was not shown was not read"
