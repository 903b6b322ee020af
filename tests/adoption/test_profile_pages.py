"""The pages of an authority without an overall judgement read naturally without one (R4.1.7)."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from tests.adoption.authority import WHY, Authority, accept
from tests.api import Json

pytestmark = pytest.mark.parametrize("adopted", ["partnership"], indirect=True)

At = Callable[[str], None]
HTML = {"accept": "text/html"}
QUARTER = "2026-27 Q2"


@pytest.fixture
def audit_type(house: Authority) -> Json:
    """The type that Quality & Standards runs."""
    return house.type_of(owner="quality_standards", subject_kind="child")


def labels(house: Authority, audit_type: Json) -> list[str]:
    """What its scale calls each judgement, best first."""
    return [point["label"] for point in house.scale_of(house.tool_of(audit_type))]


def without_markup(page: str) -> str:
    """The words of a page."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


@pytest.mark.long
@pytest.mark.parametrize("audience", ["professional", "subject"])
def test_a_child_s_page_tells_what_was_found_part_by_part(
    house: Authority, audit_type: Json, audience: str
) -> None:
    grades = house.scale_of(house.tool_of(audit_type))
    audit = house.read(house.audited(audit_type, judgement=grades[3]["code"]))
    subject = audit["subject"]
    path = f"/v1/subjects/{subject['system']}/{subject['ref']}/record"
    answer = house.api.get(path, params={"audience": audience}, headers=HTML)
    assert answer.status_code == 200, answer.text
    page = without_markup(answer.text)
    found, then = page.index("What was found"), page.index("What went well")
    for domain in house.tool_of(audit_type)["domains"]:
        if domain["judged"]:
            assert found < page.index(f"{domain['title']}:") < then
    told = grades[3]["label"].lower()
    assert f"The child's voice and experience: {told}" in page
    assert not re.search(r"\bNone\b(?! read)", page)
    assert "How each part was judged" not in page, "it is told once"


@pytest.mark.long
def test_the_board_s_page_shows_each_domain_and_recognises_nobody(
    house: Authority, audit_type: Json, at: At
) -> None:
    grades = [point["code"] for point in house.scale_of(house.tool_of(audit_type))]
    at("2026-08-12T10:00:00Z")
    for grade in (grades[0], *[grades[1]] * 7, *[grades[2]] * 2):
        house.audited(audit_type, judgement=grade)
    at("2026-11-23T09:30:00Z")
    drafted = house.api.create("/v1/board-reports", {"quarter": QUARTER, "title": WHY})
    path = str(drafted.headers["location"])
    snapshot = accept(house.api.act(f"{path}/present"))["snapshot"]

    figures = snapshot["figures"]
    domains = {one["domain_key"]: one["domain"] for one in figures["judgements"]}
    assert None not in domains
    judged = [d for d in house.tool_of(audit_type)["domains"] if d["judged"]]
    assert domains == {domain["key"]: domain["title"] for domain in judged}
    fewest = snapshot["small_cell_minimum"]
    for one in figures["judgements"]:
        shown = [each["count"] for each in one["judgements"] if each["count"] is not None]
        joined = [
            each["count"] for each in figures["joined"] if each["domain_key"] == one["domain_key"]
        ]
        assert all(count == 0 or count >= fewest for count in shown + joined)
        if one["denominator"]["count"] is not None:
            assert sum(shown + joined) == one["denominator"]["count"] == 10
    assert [one["quarter"] for one in snapshot["trend"]][-1] == QUARTER
    told = {one["domain_key"] for one in snapshot["trend"][-1]["judgements"]}
    assert told == set(domains)

    page = without_markup(house.api.get(path, headers=HTML).text)
    for title in domains.values():
        assert f"{title}, scale practice-profile, number 1" in page
    assert "by judgement of the domain" in page
    assert "overall judgement" not in page


@pytest.mark.long
def test_a_changed_scale_is_marked_in_the_trend_and_never_joined(
    house: Authority, audit_type: Json, at: At
) -> None:
    at("2027-02-10T10:00:00Z")
    for _ in range(7):
        house.audited(audit_type)
    at("2027-05-12T10:00:00Z")
    tool = house.tool_of(audit_type)
    points = [
        {"code": one["code"], "label": f"{one['label']}!", "escalates": one["escalates"]}
        for one in house.scale_of(tool)
    ]
    scale = {"code": tool["scale"]["code"], "name": "Put better", "points": points}
    number = accept(house.api.create("/v1/judgement-scales", scale))["number"]
    # A tool of its own: the tests of others keep theirs.
    draft = {name: tool[name] for name in ("name", "overall", "domains")}
    draft |= {"code": "on-the-new-scale", "scale": {"code": scale["code"], "number": number}}
    made = accept(house.api.create("/v1/audit-tools", draft))
    accept(house.api.act(f"/v1/audit-tools/{made['id']}/publish"))
    put = {
        "name": "On the new scale",
        "clause": "QF 3.2",
        "subject_kind": "child",
        "owner": "quality_standards",
        "cadence": "as_required",
        "tool_code": "on-the-new-scale",
        "may_audit": "quality_standards_run",
    }
    headers = {"if-none-match": "*"}
    path = "/v1/audit-types/on-the-new-scale"
    accept(house.api.request("PUT", path, json=put, headers=headers))
    renewed = house.type_of(code="on-the-new-scale")
    for _ in range(7):
        house.audited(renewed)
    at("2027-07-12T10:00:00Z")
    drafted = house.api.create("/v1/board-reports", {"quarter": "2027-28 Q1", "title": WHY})
    path = str(drafted.headers["location"])
    trend = accept(house.api.act(f"{path}/present"))["snapshot"]["trend"]
    marked = [one for one in trend if one["scale_changed"]]
    assert [one["quarter"] for one in marked] == ["2027-28 Q1"]
    for quarter in trend:
        for one in quarter["judgements"]:
            assert one["scale_number"] == (number if quarter in marked else 1)
    charts = house.read("/v1/reporting/metrics/2027-28 Q1/charts")["charts"]
    numbers = {(one["domain_key"], one["scale_number"]) for one in charts if one["domain_key"]}
    assert {each for _, each in numbers} == {1, number}, "each number has a chart of its own"
