"""Quarter plans and figures on the authority's own types, groups and scale."""

from uuid import uuid4

import pytest

from tests.adoption.authority import Authority, accept, telling_domain

QUARTER = "2026-27 Q3"


@pytest.mark.long
def test_a_quarter_plan_of_the_authoritys_own_type_opens_its_audits(house: Authority) -> None:
    audit_type = house.type_of(owner="quality_standards", subject_kind="child")
    theme = f"theme-{uuid4().hex[:8]}"
    body = {"title": "The child's voice", "sources": [{"source": "Complaints"}]}
    accept(house.api.change("PUT", f"/v1/themes/{theme}", body))
    groups = {
        one["team"]: group["code"]
        for group in house.listed("/v1/auditor-groups")
        for one in group["teams"]
    }
    named = {"theme": theme, "why": "Complaints about assessments here.", "audits_expected": 2}
    teams = [named | {"team": place.team} for place in list(house.places())[:2]]
    plan = accept(
        house.api.create(
            "/v1/quarter-plans",
            {
                "quarter": "2027-28 Q1",
                "audit_type": audit_type["code"],
                "themes": [{"theme": theme, "source": "Complaints"}],
                "teams": teams,
                "auditors": [house.auditor_of(audit_type)],
            },
        )
    )
    path = f"/v1/quarter-plans/{plan['id']}"
    published = accept(house.api.act(f"{path}/publish"))
    assert {team["team"]: team["group"] for team in published["teams"]} == {
        team["team"]: groups[team["team"]] for team in teams
    }
    opened = house.listed(f"{path}/allocation")
    assert [audit["team"] for audit in opened].count(teams[0]["team"]) == 2
    assert len(opened) == 4
    audit = house.read(f"/v1/audits/{opened[0]['audit_id']}")
    assert (audit["type"], audit["due_on"]) == (audit_type["code"], "2027-06-30")


@pytest.mark.long
def test_judgements_are_distributed_on_the_scale_that_they_were_given_on(
    house: Authority,
) -> None:
    audit_type = house.type_of(owner="quality_standards", subject_kind="child")
    tool = house.tool_of(audit_type)
    scale = house.scale_of(tool)
    before = distribution(house, tool)
    house.audited(audit_type, judgement=scale[1]["code"])
    after = distribution(house, tool)
    assert list(after) == [point["code"] for point in scale], "best first, none left out"
    assert {code: after[code] - before.get(code, 0) for code in after} == {
        point["code"]: int(point is scale[1]) for point in scale
    }


def distribution(house: Authority, tool: dict[str, dict[str, object]]) -> dict[str, int]:
    """How many of Quality & Standards' figures have each judgement of a tool's scale: of the whole,
    or of the domain that stands for it."""
    found = house.read(f"/v1/reporting/metrics/{QUARTER}")
    asked = (*tool["scale"].values(), telling_domain(tool))
    for one in found["judgements"]:
        if (one["scale_code"], one["scale_number"], one["domain_key"]) == asked:
            return {each["judgement"]: each["count"] or 0 for each in one["judgements"]}
    return {}


def test_every_figure_names_its_clause_and_the_policy_it_was_counted_under(
    house: Authority,
) -> None:
    found = house.read(f"/v1/reporting/metrics/{QUARTER}")
    assert found["policy_version"] == 1
    assert all(figure["clause"] for figure in found["figures"])


def test_the_policy_says_of_each_value_where_it_comes_from(house: Authority) -> None:
    told = house.read("/v1/policies/1")
    assert {value["key"] for value in told["values"]} == set(house.policy)
    assert all(value["clause"] and value["meaning"] for value in told["values"])
