"""R4.5.4, R4.1.3: a made-up case is judged as its tool asks, and compared domain by domain."""

import asyncio
from collections.abc import Iterator, Sequence
from uuid import UUID

import asyncpg
import pytest
from httpx import Response

from qa_api.settings import Settings
from tests.api import Json
from tests.contract.document import Operation, operations
from tests.practice_audits.conftest import Practising
from tests.sealing.twins import without_chance

FIRST, SECOND = "ps-lincoln-fast", "ps-boston-fast"
OTHERS = ("ps-boston-fast", "ps-f4me-north", "ps-f4me-south", "ps-cwd", "dm-lincoln-fast")
STANDARD = {"voice": "inadequate", "safety": "good"}
GIVEN = {"voice": "good", "safety": "good"}


def pointers(refused: Response) -> list[tuple[str, str]]:
    """Where something is wrong, and what."""
    assert refused.status_code == 422, refused.text
    return [(one["pointer"], one["code"]) for one in refused.json()["errors"]]


def test_without_an_overall_judgement_the_domains_are_judged_sealed_and_shown_beside_the_standard(
    practising: Practising, authority: Settings
) -> None:
    path = practising.set_with(practising.tool("voice", "safety"), **STANDARD)
    case = practising.read(path, FIRST)
    assert (case["overall_judged"], case["judged"]) == (False, False)
    assert [(one["domain_key"], one["title"]) for one in case["domains"]] == [
        ("voice", "Voice"),
        ("safety", "Safety"),
    ]
    assert "Nobody saw" not in str(case)
    assert "inadequate" not in str(case)
    standard = practising.read(f"{path}/standard")
    assert standard["judgement"] is None
    assert {one["domain_key"]: one["judgement"] for one in standard["domains"]} == STANDARD
    assert practising.api.as_(FIRST).get(f"{path}/standard").status_code == 403
    assert rows_shown(authority, FIRST, path) == (0, 0)

    recorded = practising.judge_by(path, FIRST, **GIVEN)
    assert recorded.status_code == 201, recorded.text
    shown = recorded.json()
    assert (shown["judgement"], shown["standard_judgement"]) == (None, None)
    voice = next(one for one in shown["domains"] if one["domain_key"] == "voice")
    assert (voice["judgement"], voice["standard_judgement"]) == ("good", "inadequate")
    assert voice["standard_rationale"] == "Nobody saw the elder alone."
    assert rows_shown(authority, FIRST, path) == (2, 2)
    assert rows_shown(authority, SECOND, path) == (0, 0)
    assert practising.api.as_(SECOND).get(f"/v1/practice-audits/{shown['id']}").status_code == 404


def rows_shown(settings: Settings, worker: str, path: str) -> tuple[int, int]:
    """How many standards of domains, and judgements of them, the database shows somebody."""
    url = settings.read_url or settings.database_url
    case = UUID(path.rpartition("/")[2])

    async def look() -> tuple[int, int]:
        connection = await asyncpg.connect(url.get_secret_value())
        try:
            async with connection.transaction():
                await connection.fetch(
                    "SELECT set_config('qa.reach', 'rows', true),"
                    " set_config('qa.worker', $1, true)",
                    worker,
                )
                standards, judged = [
                    await connection.fetchval(
                        f"SELECT count(*) FROM {table} WHERE case_id = $1", case
                    )
                    for table in ("practice_standard_domains", "practice_audit_domains")
                ]
                return standards, judged
        finally:
            await connection.close()

    return asyncio.run(look())


@pytest.mark.long
def test_each_domain_of_the_tool_is_judged_and_nothing_else_or_nothing_is_kept(
    practising: Practising,
) -> None:
    tool = practising.tool("voice", "safety")
    path = practising.set_with(tool, **STANDARD)
    for domains, whole, wrong in (
        ({"voice": "good"}, None, [("/domains", "missing")]),
        (GIVEN | {"plan": "good"}, None, [("/domains/2/domain_key", "unknown")]),
        (GIVEN | {"safety": "ten"}, None, [("/domains/1/judgement", "not-on-scale")]),
        (GIVEN, "good", [("/judgement", "not-asked"), ("/rationale", "not-asked")]),
    ):
        assert pointers(practising.judge_by(path, FIRST, whole, **domains)) == wrong
        at_standard = [(f"/standard{pointer}", code) for pointer, code in wrong]
        assert pointers(practising.try_to_set_with(tool, whole, **domains)) == at_standard
    twice = {"domains": [{"domain_key": "voice", "judgement": "good", "rationale": "So."}] * 2}
    refused = practising.api.as_(FIRST).create(f"{path}/audits", twice)
    assert ("/domains/0/domain_key", "twice") in pointers(refused)
    assert practising.read(path, FIRST)["judged"] is False
    assert practising.judge_by(path, FIRST, **GIVEN).status_code == 201
    # Without its domains the scale of such tools is practised by nobody: no audit has a whole.
    assert pointers(practising.try_to_set()) == [("/tool_id", "missing")]
    assert pointers(practising.try_to_set(tool_id=tool, scale_number=7)) == [
        ("/scale_code", "another-scale")
    ]
    absent = {"tool_id": "0199d1f0-7c1b-7000-8000-0000000000c1"}
    assert pointers(practising.try_to_set(**absent)) == [("/tool_id", "unknown")]
    assert pointers(practising.try_to_set(scale_code=None, scale_number=None)) == [
        ("/tool_id", "missing")
    ]


@pytest.mark.long
def test_no_operation_tells_of_the_standard_who_has_not_judged(practising: Practising) -> None:
    """Two cases that differ in their standard alone, asked for by every operation."""
    tool = practising.tool("voice", "safety", overall="required")
    cases: list[Json] = []
    for standard in ("inadequate", "outstanding"):
        path = practising.set_with(tool, standard, voice=standard, safety=standard)
        worst = dict.fromkeys(("voice", "safety"), "inadequate")
        judged = practising.judge_by(path, SECOND, "inadequate", **worst).json()["id"]
        cases.append({"practice_case_id": path.rpartition("/")[2], "practice_audit_id": judged})
    own = [each for each in operations() if "practice-audits" in each.content["tags"]]
    assert len(own) == 9
    apart = {
        person: {str(each) for each in own if len({*asked(practising, person, each, cases)}) > 1}
        for person in (FIRST, "slt-1", "qs-1")
    }
    assert apart[FIRST] == apart["slt-1"] == set()
    assert apart["qs-1"] == {
        "get_practice_standard",
        "list_practice_audits",
        "get_practice_audit",
        "get_practice_agreement",
    }


def asked(
    practising: Practising, person: str, operation: Operation, cases: Sequence[Json]
) -> Iterator[str]:
    """What somebody is told of each case, without what names it; a change lacks all it takes."""
    by_case = "case" in [each["name"] for each in operation.content.get("parameters", ())]
    for case in cases:
        path = operation.path.format(**case)
        if by_case:
            path += f"?case={case['practice_case_id']}"
        api = practising.api.as_(person)
        answer = api.get(path) if operation.method == "get" else api.create(path, {})
        yield without_chance(f"{answer.status_code} {answer.text}")


@pytest.mark.parametrize("overall", ["required", "optional"])
def test_a_tool_that_has_both_is_judged_in_both_where_the_standard_says_so(
    practising: Practising, overall: str
) -> None:
    tool = practising.tool("voice", "safety", overall=overall)
    path = practising.set_with(tool, "good", **STANDARD)
    missing = [("/judgement", "missing"), ("/rationale", "missing")]
    assert pointers(practising.judge_by(path, FIRST, **GIVEN)) == missing
    assert pointers(practising.judge(path, FIRST)) == [("/domains", "missing")]
    shown = practising.judge_by(path, FIRST, "good", **GIVEN).json()
    assert (shown["judgement"], shown["standard_judgement"]) == ("good", "good")
    assert len(shown["domains"]) == 2
    without = practising.try_to_set_with(tool, None, **STANDARD)
    if overall == "required":
        assert [pointer for pointer, _ in pointers(without)] == [
            "/standard/judgement",
            "/standard/rationale",
        ]
    else:
        assert without.json()["overall_judged"] is False


def rows(practising: Practising, person: str) -> dict[tuple[str, str | None], Json]:
    found = practising.read("/v1/practice-steadiness?limit=500", person)["items"]
    mine = [one for one in found if one["scale_code"] == practising.scale]
    return {(one["of"], one["domain_key"]): one for one in mine if one["auditor"] == FIRST}


@pytest.mark.long
def test_the_figures_are_told_domain_by_domain_and_of_all_together(practising: Practising) -> None:
    """54 cases: in 33 the first is too lenient about one domain, the others in 3 of each twelve."""
    tool = practising.tool("voice", "safety")
    paths = [
        practising.set_with(tool, voice="inadequate" if number < 33 else "good", safety="good")
        for number in range(54)
    ]
    for number, path in enumerate(paths):
        others = OTHERS if number < 12 else ()
        lenient = {"voice": "good" if number < 3 else "inadequate", "safety": "good"}
        practising.judged_by(path, (FIRST, GIVEN), *((other, lenient) for other in others))
    scales = practising.read("/v1/practice-agreement", "slt-1")["scales"]
    told = {one["domain_key"]: one for one in scales if one["scale_code"] == practising.scale}
    assert [(key, one["domain"]) for key, one in told.items()] == [
        ("voice", "Voice"),
        ("safety", "Safety"),
    ]
    # A senior leader is told of five of six auditors of the twelve cases, to the nearest five.
    assert (told["voice"]["pairs"], told["voice"]["lowered"]["numerator"]) == (60, 25)
    assert (told["safety"]["pairs"], told["safety"]["exact"]["numerator"]) == (60, 60)
    assert told["safety"]["sentence"].startswith(
        "Auditor and standard gave the same judgement: 96% or more (at least 58 of 60); likely"
    )
    assert "moderator" not in str(told).lower()

    practising.at("2027-01-04T09:00:00Z")
    own = rows(practising, FIRST)
    assert [*own] == [("domain", "safety"), ("domain", "voice"), ("domains_together", None)]
    voice, whole = own["domain", "voice"], own["domains_together", None]
    assert (voice["lowered"]["verdict"], voice["lowered"]["others"]) == ("more_often", 0.25)
    assert voice["lowered"]["sentence"].startswith("The standard lowered their judgements more")
    assert own["domain", "safety"]["lowered"]["verdict"] == "no_difference"
    assert (whole["pairs"], whole["audits"]) == (108, 54)
    assert (whole["exact"]["numerator"], whole["exact"]["denominator"]) == (75, 108)
    assert whole["lowered"]["own"]["numerator"] == 33
    assert whole["lowered"]["others"] == 0.12
    assert rows(practising, "qs-1") == own
