"""Where audits have no overall judgement, practice cases are judged domain by domain (R4.5.4)."""

import pytest

from tests.adoption.authority import WHY, Authority, accept
from tests.api import Json


@pytest.mark.parametrize("adopted", ["partnership"], indirect=True)
def test_a_practice_case_names_a_tool_and_is_judged_domain_by_domain(house: Authority) -> None:
    audit_type = house.type_of(owner="quality_standards", subject_kind="child")
    tool = house.tool_of(audit_type)
    best, *_, worst = [point["code"] for point in house.scale_of(tool)]
    keys = [domain["key"] for domain in tool["domains"] if domain["judged"]]
    case: Json = {"title": "Two brothers, one plan", "material": "Four visits, two of them late."}
    standard = {
        "domains": [{"domain_key": key, "judgement": worst, "rationale": WHY} for key in keys]
    }
    body = case | {"tool_id": tool["id"], "standard": standard}
    made = accept(house.api.create("/v1/practice-cases", body))
    path = f"/v1/practice-cases/{made['id']}"
    auditor = house.auditor_of(audit_type)
    assert [one["domain_key"] for one in house.read(path, auditor)["domains"]] == keys
    given = {"domains": [{"domain_key": key, "judgement": best, "rationale": WHY} for key in keys]}
    judged = accept(house.api.as_(auditor).create(f"{path}/audits", given))
    assert {one["domain_key"] for one in judged["domains"]} == set(keys)
    told = house.read("/v1/practice-agreement", case=made["id"])["scales"]
    assert [(one["domain_key"], one["pairs"], one["exact"]["numerator"]) for one in told] == [
        (key, 1, 0) for key in keys
    ]
