"""Audit types, tools and scales as data: versions that never change once they are in use."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from qa_api import db
from qa_api.catalogue import service
from qa_api.rulebook import Rulebook
from qa_api.rules.tools import AnswerKind, AppliesWhen
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.api import Api
from tests.conftest import Database

QUESTIONS: list[dict[str, Any]] = [
    {
        "key": "visited",
        "text": "Was the child seen within the timescale?",
        "answer_kind": "yes_no_partial_na",
        "evidence_required": True,
        "timescale_check": True,
    },
    {
        "key": "why_not",
        "text": "What stood in the way?",
        "guidance": "Name the reason that the record gives.",
        "answer_kind": "choice",
        "choices": ["worker", "family", "other"],
        "required": False,
        "applies_when": {"question": "visited", "answered": ["no", "partial"]},
    },
]
TOOL: dict[str, Any] = {
    "name": "A tool",
    "scale": {"code": "four-point", "number": 1},
    "domains": [
        {"key": "journey", "title": "The child's journey", "questions": QUESTIONS},
        {
            "key": "good_work",
            "title": "Good work",
            "guidance": "What should be passed on?",
            "judged": False,
            "questions": [{"key": "praise", "text": "What was done well?", "answer_kind": "text"}],
        },
    ],
}
AUDIT_TYPE: dict[str, Any] = {
    "name": "An audit",
    "clause": "§3, R3.1",
    "subject_kind": "child",
    "owner": "service_area",
    "cadence": "as_required",
    "may_audit": "any_auditor",
}


@pytest.fixture
def qs(api: Api) -> Api:
    """Quality & Standards, who keep the catalogue."""
    return api.as_("qs-1")


@pytest.fixture
def new_code() -> Callable[[], str]:
    """A code that no other test uses."""
    return lambda: f"t-{uuid4().hex[:12]}"


@pytest.fixture
def code(new_code: Callable[[], str]) -> str:
    """The code of this test's tool or type."""
    return new_code()


def draft(qs: Api, code: str, **changed: Any) -> Any:
    answer = qs.create("/v1/audit-tools", {"code": code, **TOOL, **changed})
    assert answer.status_code == 201, answer.text
    return answer.json()


def act(qs: Api, tool: Any, action: str) -> Any:
    return qs.act(f"/v1/audit-tools/{tool['id']}/{action}")


# --- tools ---


def test_a_tool_is_drafted_published_and_retired(qs: Api, code: str) -> None:
    tool = draft(qs, code)
    assert (tool["state"], tool["number"], tool["published_at"]) == ("draft", 1, None)
    assert tool["allowed_actions"] == ["edit", "publish"]
    published = act(qs, tool, "publish").json()
    assert (published["state"], published["allowed_actions"]) == ("published", ["retire"])
    assert published["published_at"] is not None
    retired = act(qs, tool, "retire").json()
    assert (retired["state"], retired["allowed_actions"]) == ("retired", [])
    assert retired["retired_at"] is not None
    assert retired["domains"] == tool["domains"], "answers stay pinned to what was asked"


def test_a_tool_without_an_overall_judgement_has_a_domain_that_escalates(
    qs: Api, code: str
) -> None:
    assert draft(qs, code)["overall"] == "required", "as every tool before"
    tool = draft(qs, code, overall="none")
    assert [domain["escalates"] for domain in tool["domains"]] == [False, False]
    refused = act(qs, tool, "publish").json()
    assert [error["code"] for error in refused["errors"]] == ["nothing-escalates"]
    domains = [TOOL["domains"][0] | {"escalates": True}, *TOOL["domains"][1:]]
    path = f"/v1/audit-tools/{tool['id']}"
    put = TOOL | {"overall": "optional", "domains": domains}
    rewritten = qs.change("PUT", path, put).json()
    assert (rewritten["overall"], rewritten["domains"][0]["escalates"]) == ("optional", True)
    assert act(qs, tool, "publish").json()["state"] == "published"
    assert act(qs, tool, "retire").status_code == 200
    unknown = qs.create("/v1/audit-tools", {"code": code, **TOOL, "overall": "sometimes"})
    assert unknown.json()["errors"][0]["pointer"] == "/overall"


def test_a_tool_says_what_it_was_given_in_its_order(qs: Api, code: str) -> None:
    domains = draft(qs, code)["domains"]
    assert [domain["key"] for domain in domains] == ["journey", "good_work"]
    assert [(domain["judged"], domain["guidance"]) for domain in domains] == [
        (True, None),
        (False, "What should be passed on?"),
    ]
    visited, why_not = domains[0]["questions"]
    assert visited == QUESTIONS[0] | {
        "guidance": None,
        "choices": [],
        "required": True,
        "applies_when": None,
    }
    assert why_not == QUESTIONS[1] | {"evidence_required": False, "timescale_check": False}


def test_a_draft_can_be_rewritten_until_it_is_published(qs: Api, code: str) -> None:
    path = f"/v1/audit-tools/{draft(qs, code)['id']}"
    content = deepcopy(TOOL)
    content["domains"].reverse()
    content["domains"][0]["questions"][0]["text"] = "What was done very well?"
    before = qs.tag(path)
    rewritten = qs.change("PUT", path, content)
    assert rewritten.status_code == 200
    assert [domain["key"] for domain in rewritten.json()["domains"]] == ["good_work", "journey"]
    late = qs.request("PUT", path, json=content, headers={"if-match": before})
    assert late.status_code == 412, "two editors at once: one wins"
    qs.act(f"{path}/publish")
    refused = qs.change("PUT", path, content)
    assert refused.status_code == 409
    assert refused.json()["state"] == "published"
    assert refused.json()["allowed_actions"] == ["retire"]
    assert qs.get(path).json()["domains"] == rewritten.json()["domains"]


def test_an_unfinished_draft_is_kept_and_not_published(qs: Api, code: str) -> None:
    content = deepcopy(TOOL["domains"])
    content[0]["questions"][1]["choices"] = []
    content[1]["questions"] = []
    tool = draft(qs, code, domains=content)
    refused = act(qs, tool, "publish")
    assert refused.status_code == 422
    assert refused.json()["clause"] == "§4.1, R4.1.1"
    assert {error["pointer"] for error in refused.json()["errors"]} == {
        "/domains/0/questions/1/choices",
        "/domains/1/questions",
    }
    assert qs.get(f"/v1/audit-tools/{tool['id']}").json()["state"] == "draft"


def test_an_empty_draft_is_not_published(qs: Api, code: str) -> None:
    refused = act(qs, draft(qs, code, domains=[]), "publish")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/domains"


def test_two_questions_never_share_a_key(qs: Api, code: str) -> None:
    content = deepcopy(TOOL)
    content["domains"][1]["questions"][0]["key"] = "visited"
    answer = qs.create("/v1/audit-tools", {"code": code, **content})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/domains/0/questions/0/key",
        "/domains/1/questions/0/key",
    }


def test_a_tool_judges_on_a_scale_that_exists(qs: Api, code: str) -> None:
    unknown = {"code": "no-such-scale", "number": 1}
    answer = qs.create("/v1/audit-tools", {"code": code, **TOOL, "scale": unknown})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/scale"


def test_publishing_the_next_version_retires_the_one_before(qs: Api, code: str) -> None:
    first, second = draft(qs, code), draft(qs, code)
    assert (first["number"], second["number"]) == (1, 2)
    act(qs, first, "publish")
    act(qs, second, "publish")
    rows = qs.get("/v1/audit-tools", params={"code": code}).json()["items"]
    assert [(row["number"], row["state"]) for row in rows] == [(1, "retired"), (2, "published")]
    published = qs.get("/v1/audit-tools", params={"code": code, "state": "published"})
    assert [row["id"] for row in published.json()["items"]] == [second["id"]]


def test_two_drafts_published_at_once_leave_one_published(qs: Api, code: str) -> None:
    tools = [draft(qs, code) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda tool: act(qs, tool, "publish").status_code, tools))
    assert set(answers) <= {200, 409}, "never an error of the service"
    rows = qs.get("/v1/audit-tools", params={"code": code}).json()["items"]
    assert [row["state"] for row in rows].count("published") == 1


def test_six_drafts_begun_at_once_have_six_numbers(qs: Api, code: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(
            threads.map(lambda _: qs.create("/v1/audit-tools", TOOL | {"code": code}), range(6))
        )
    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(answer.json()["number"] for answer in answers) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("before", "action"),
    [
        ((), "retire"),
        (("publish",), "publish"),
        (("publish", "retire"), "publish"),
        (("publish", "retire"), "retire"),
    ],
)
def test_no_step_is_taken_out_of_turn(
    qs: Api, code: str, before: tuple[str, ...], action: str
) -> None:
    tool = draft(qs, code)
    for step in before:
        assert act(qs, tool, step).status_code == 200
    assert act(qs, tool, action).status_code == 409


def test_the_last_tool_of_an_active_type_is_not_retired(qs: Api, code: str) -> None:
    tool = draft(qs, code)
    act(qs, tool, "publish")
    qs.change("PUT", f"/v1/audit-types/{code}", {**AUDIT_TYPE, "tool_code": code})
    refused = act(qs, tool, "retire")
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/business-rule"
    qs.change("PUT", f"/v1/audit-types/{code}", {**AUDIT_TYPE, "tool_code": code, "active": False})
    assert act(qs, tool, "retire").status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tool_questions SET text = 'another' WHERE tool_id = $1",
        "DELETE FROM tool_questions WHERE tool_id = $1",
        "UPDATE tool_domains SET title = 'another' WHERE tool_id = $1",
        "INSERT INTO tool_domains VALUES ($1, 'further', 9, 'Further', '', true)",
    ],
)
def test_the_database_refuses_to_change_what_is_published(
    qs: Api, code: str, database: Database, statement: str
) -> None:
    tool = draft(qs, code)

    async def change() -> None:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            await connection.execute(statement, tool["id"])
        finally:
            await connection.close()

    for step in ("publish", "retire"):
        act(qs, tool, step)
        with pytest.raises(asyncpg.RestrictViolationError):
            asyncio.run(change())


def test_other_domains_ask_the_rules_view_of_it(qs: Api, code: str, authority: Settings) -> None:
    tool = draft(qs, code)

    async def asked() -> tuple[Any, Any, Any]:
        database = await db.Database.open(authority)
        try:
            async with Workshop(database, Rulebook(), {}).open_as_service("asking-00001") as work:
                published = await service.published_tool(work, code)
                return (
                    published and published.number,
                    await service.domains_of_tool(work, published.id) if published else (),
                    await service.grades_of_scale(work, "four-point", 1),
                )
        finally:
            await database.close()

    assert asyncio.run(asked())[:2] == (None, ())
    act(qs, tool, "publish")
    number, domains, grades = asyncio.run(asked())
    assert number == 1
    assert [(domain.key, domain.judged) for domain in domains] == [
        ("journey", True),
        ("good_work", False),
    ]
    why_not = domains[0].questions[1]
    assert why_not.kind is AnswerKind.CHOICE
    assert why_not.applies_when == AppliesWhen("visited", ("no", "partial"))
    assert [(grade.code, grade.rank, grade.escalates) for grade in grades] == [
        ("outstanding", 1, False),
        ("good", 2, False),
        ("requires_improvement", 3, False),
        ("inadequate", 4, True),
    ]


def test_a_draft_is_asked_as_it_is_now(qs: Api, code: str, authority: Settings) -> None:
    tool, rulebook = draft(qs, code), Rulebook()

    async def questions() -> int:
        database = await db.Database.open(authority)
        try:
            async with Workshop(database, rulebook, {}).open_as_service("asking-00002") as work:
                domains = await service.domains_of_tool(work, UUID(tool["id"]))
                return sum(len(domain.questions) for domain in domains)
        finally:
            await database.close()

    assert asyncio.run(questions()) == 3
    qs.change("PUT", f"/v1/audit-tools/{tool['id']}", {**TOOL, "domains": TOOL["domains"][1:]})
    assert asyncio.run(questions()) == 1


# --- audit types ---


def test_an_audit_type_is_created_and_replaced(qs: Api, code: str) -> None:
    path = f"/v1/audit-types/{code}"
    created = qs.change("PUT", path, AUDIT_TYPE)
    assert created.status_code == 201
    assert created.json() == AUDIT_TYPE | {
        "code": code,
        "interval_months": None,
        "tool_code": None,
        "may_start": "team_manager",
        "start_teams": [],
        "notes_paper_records": False,
        "published_tool_id": None,
        "active": True,
        "version": 1,
    }
    yearly = AUDIT_TYPE | {"cadence": "interval", "interval_months": 12}
    replaced = qs.change("PUT", path, yearly)
    assert replaced.status_code == 200
    assert (replaced.json()["interval_months"], replaced.json()["version"]) == (12, 2)
    assert qs.get(path).content == replaced.content


def test_an_audit_type_is_not_created_over_another(qs: Api) -> None:
    headers = {"if-none-match": "*"}
    answer = qs.request("PUT", "/v1/audit-types/closure", json=AUDIT_TYPE, headers=headers)
    assert answer.status_code == 412
    assert qs.request("PUT", "/v1/audit-types/closure", json=AUDIT_TYPE).status_code == 428


@pytest.mark.parametrize(
    ("cadence", "months"), [("interval", None), ("as_required", 12), ("every_closure", 1)]
)
def test_months_belong_to_what_is_counted_in_months(
    qs: Api, code: str, cadence: str, months: int | None
) -> None:
    body = AUDIT_TYPE | {"cadence": cadence, "interval_months": months}
    answer = qs.change("PUT", f"/v1/audit-types/{code}", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/interval_months"


def test_an_audit_type_names_the_tool_that_is_published_now(qs: Api, code: str) -> None:
    path = f"/v1/audit-types/{code}"
    qs.change("PUT", path, {**AUDIT_TYPE, "tool_code": code})
    first, second = draft(qs, code), draft(qs, code)
    assert qs.get(path).json()["published_tool_id"] is None
    for tool in (first, second):
        act(qs, tool, "publish")
        assert qs.get(path).json()["published_tool_id"] == tool["id"]


def test_the_types_of_the_procedure_are_there_and_can_be_retired(qs: Api, code: str) -> None:
    qs.change("PUT", f"/v1/audit-types/{code}", {**AUDIT_TYPE, "active": False})
    active = {
        row["code"] for row in qs.get("/v1/audit-types?active=true&limit=500").json()["items"]
    }
    others = qs.get("/v1/audit-types?active=false&limit=500").json()["items"]
    assert {"closure", "carers", "tac", "iro-review", "cp-chair", "yos-peer"} <= active
    assert {"childrens-health", "themed", "collaborative"} <= active
    assert code not in active
    assert code in {row["code"] for row in others}


# --- judgement scales ---


def points(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "label": code.title(), "escalates": False} for code in codes]


def test_a_changed_scale_is_a_new_number_beside_the_old(qs: Api, code: str) -> None:
    body = {"code": code, "name": "A scale", "points": points("good", "poor")}
    first = qs.create("/v1/judgement-scales", body)
    assert first.status_code == 201
    assert first.headers["location"] == f"/v1/judgement-scales/{code}/1"
    second = qs.create("/v1/judgement-scales", body | {"points": points("good", "fair", "poor")})
    assert second.json()["number"] == 2
    assert [point["position"] for point in second.json()["points"]] == [1, 2, 3]
    assert qs.get(f"/v1/judgement-scales/{code}/1").content == first.content
    listed = qs.get("/v1/judgement-scales", params={"code": code}).json()["items"]
    assert [row["number"] for row in listed] == [1, 2]


def test_six_scales_made_at_once_have_six_numbers(qs: Api, code: str) -> None:
    body = {"code": code, "name": "A scale", "points": points("good", "poor")}
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: qs.create("/v1/judgement-scales", body), range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(answer.json()["number"] for answer in answers) == [1, 2, 3, 4, 5, 6]


def test_a_scale_from_naught_to_ten_can_be_used(qs: Api, code: str) -> None:
    body = {
        "code": code,
        "name": "Signs of Safety",
        "points": points(*(str(n) for n in range(10, -1, -1))),
    }
    made = qs.create("/v1/judgement-scales", body).json()
    assert [point["code"] for point in made["points"]][:2] == ["10", "9"], "best first, not by text"
    tool = draft(qs, code, scale={"code": code, "number": 1})
    assert act(qs, tool, "publish").status_code == 200


def test_the_same_request_again_makes_no_further_number(qs: Api, code: str) -> None:
    body = {"code": code, "name": "A scale", "points": points("good", "poor")}
    first = qs.create("/v1/judgement-scales", body, key=f"key-{code}")
    qs.create("/v1/judgement-scales", body)
    again = qs.create("/v1/judgement-scales", body, key=f"key-{code}")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert len(qs.get("/v1/judgement-scales", params={"code": code}).json()["items"]) == 2


@pytest.mark.parametrize("given", [points("good"), points("good", "good"), []])
def test_a_scale_tells_at_least_two_judgements_apart(
    qs: Api, code: str, given: list[dict[str, Any]]
) -> None:
    body = {"code": code, "name": "A scale", "points": given}
    assert qs.create("/v1/judgement-scales", body).status_code == 422


# --- who ---


@pytest.mark.parametrize("person", ["tm-lincoln-fast", "sw1-lincoln-fast", "au-1", "slt-1"])
def test_staff_read_the_catalogue_and_do_not_change_it(api: Api, qs: Api, person: str) -> None:
    somebody = api.as_(person)
    for path in ("/v1/audit-types", "/v1/audit-tools", "/v1/judgement-scales"):
        assert somebody.get(path).status_code == 200
    assert somebody.create("/v1/audit-tools", {"code": "theirs", **TOOL}).status_code == 403
    assert somebody.change("PUT", "/v1/audit-types/closure", AUDIT_TYPE).status_code == 403
    scale = {"code": "theirs", "name": "Theirs", "points": points("good", "poor")}
    assert somebody.create("/v1/judgement-scales", scale).status_code == 403
    tool = qs.get("/v1/audit-tools?code=closure&state=published").json()["items"][0]
    shown = somebody.get(f"/v1/audit-tools/{tool['id']}")
    assert shown.json()["allowed_actions"] == []
    assert act(somebody, tool, "retire").status_code == 403


def test_a_case_system_has_no_business_with_the_catalogue(api: Api) -> None:
    assert api.as_("case-system-mosaic").get("/v1/audit-tools").status_code == 403
