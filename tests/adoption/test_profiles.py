"""An authority without an overall judgement: the domains stand for the audit (R4.1.3)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from qa_api.auth.roles import Role
from qa_api.demo.people import demo_principals
from tests.adoption.authority import WHY, Authority, accept, telling_domain
from tests.api import Api, Json

pytestmark = pytest.mark.parametrize("adopted", ["partnership"], indirect=True)

At = Callable[[str], None]
QUARTER = "2026-27 Q3"


@pytest.fixture
def audit_type(house: Authority) -> Json:
    """The type that Quality & Standards runs."""
    return house.type_of(owner="quality_standards", subject_kind="child")


def grades(house: Authority, audit_type: Json) -> list[str]:
    """The judgements of its scale, best first."""
    return [point["code"] for point in house.scale_of(house.tool_of(audit_type))]


def escalations(house: Authority, audit: str) -> list[Json]:
    """The escalations of an audit, in the order in which they were raised."""
    found = house.listed("/v1/escalations", audit=audit.rpartition("/")[2])
    return sorted(
        (house.read(f"/v1/escalations/{one['id']}") for one in found),
        key=lambda one: one["raised_at"],
    )


def unmarked(house: Authority, audit_type: Json) -> str:
    """A judged domain that does not escalate."""
    domains = house.tool_of(audit_type)["domains"]
    return str(next(d["key"] for d in domains if d["judged"] and not d["escalates"]))


def amend(house: Authority, audit: str, **changes: Any) -> Any:
    """Its auditor amends it, for a reason."""
    auditor = house.api.as_(house.read(audit)["auditor"])
    return auditor.act(f"{audit}/amend", {"reason": WHY} | changes)


def judgement_of(domain: str, grade: str) -> Json:
    return {"domain_key": domain, "judgement": grade, "rationale": WHY}


def linked(house: Authority, part: Json) -> list[Json]:
    """The rows that a figure links to."""
    path, _, query = part["rows"].partition("?")
    return house.listed(path, **dict(parse_qsl(query)))


# --- completing and escalating ---


def test_an_audit_is_completed_without_an_overall_judgement(
    house: Authority, audit_type: Json
) -> None:
    audit = house.read(house.audited(audit_type))
    assert (audit["state"], audit["overall_asked"]) == ("completed", "none")
    assert (audit["overall_judgement"], audit["overall_rationale"]) == (None, None)
    asked = {d["key"] for d in house.tool_of(audit_type)["domains"] if d["judged"]}
    assert {one["domain_key"] for one in audit["judgements"]} == asked


@pytest.mark.long
def test_an_overall_judgement_is_refused_by_name_at_each_step(
    house: Authority, audit_type: Json
) -> None:
    auditor = house.auditor_of(audit_type)
    path = house.planned(audit_type, house.child(), auditor=auditor)
    house.answer(path, audit_type, auditor)
    grade = {"judgement": house.mild(audit_type), "rationale": WHY}
    auditing = house.api.as_(auditor)
    judged = auditing.change("PUT", f"{path}/judgements/overall", grade, on=path)
    completed = auditing.act(f"{path}/complete", {"overall": grade})
    done = house.audited(audit_type)
    for refused in (judged, completed, amend(house, done, overall=grade)):
        assert refused.status_code == 422, refused.text
        problem = refused.json()
        assert "R4.1.3" in problem["detail"] + str(problem)
        assert "no overall judgement" in problem["detail"]
    assert house.read(path)["overall_judgement"] is None


@pytest.mark.long
def test_a_missing_domain_keeps_the_audit_open(house: Authority, audit_type: Json) -> None:
    auditor = house.auditor_of(audit_type)
    path = house.planned(audit_type, house.child(), auditor=auditor)
    house.answer(path, audit_type, auditor)
    refused = house.api.as_(auditor).act(f"{path}/complete", {})
    assert refused.status_code == 422
    told = {error["pointer"] for error in refused.json()["errors"]}
    domains = [d["key"] for d in house.tool_of(audit_type)["domains"] if d["judged"]]
    assert {f"/judgements/{key}" for key in domains} <= told
    assert "/judgements/overall" not in told


@pytest.mark.long
def test_an_escalation_names_the_domain_that_called_for_it(
    house: Authority, audit_type: Json
) -> None:
    worst = grades(house, audit_type)[-1]
    (raised,) = escalations(house, house.audited(audit_type, judgement=worst))
    domain = telling_domain(house.tool_of(audit_type))
    assert raised["trigger"] == "inadequate_judgement"
    facts = raised["explanation"]["raised"]["facts"]
    assert facts == {"trigger": "inadequate_judgement", "domains": [f"{domain}: {worst}"]}


@pytest.mark.long
def test_an_amendment_escalates_what_did_not_before_and_only_that(
    house: Authority, audit_type: Json
) -> None:
    worst = grades(house, audit_type)[-1]
    marked = [d["key"] for d in house.tool_of(audit_type)["domains"] if d["escalates"]]
    audit = house.audited(audit_type)
    accept(amend(house, audit, judgements=[judgement_of(unmarked(house, audit_type), worst)]))
    assert escalations(house, audit) == [], "the tool does not mark that domain"
    for times, domain in enumerate(marked[:2], start=1):
        accept(amend(house, audit, judgements=[judgement_of(domain, worst)]))
        assert len(escalations(house, audit)) == times
    again = judgement_of(marked[0], worst) | {"rationale": "Said better."}
    accept(amend(house, audit, judgements=[again]))
    assert len(escalations(house, audit)) == 2


# --- figures ---


@pytest.mark.long
def test_each_count_of_a_domain_is_the_number_of_audits_that_its_link_lists(
    house: Authority, audit_type: Json
) -> None:
    for grade in grades(house, audit_type):
        house.audited(audit_type, judgement=grade)
    found = house.read(f"/v1/reporting/metrics/{QUARTER}")["judgements"]
    tool = house.tool_of(audit_type)
    by_domain = {one["domain_key"]: one for one in found}
    assert None not in by_domain, "nothing was judged as a whole"
    titles = {d["key"]: d["title"] for d in tool["domains"]}
    domain = telling_domain(tool)
    assert by_domain[domain]["domain"] == titles[domain]
    for one in by_domain.values():
        assert sum(each["count"] for each in one["judgements"]) == one["denominator"]["count"]
    told = by_domain[domain]
    for part in (told["denominator"], *told["judgements"]):
        assert part["count"] >= 1
        assert len(linked(house, part)) == part["count"]


@pytest.mark.long
def test_an_amended_domain_moves_in_the_figures(house: Authority, audit_type: Json) -> None:
    best, next_best, *_ = grades(house, audit_type)
    domain = telling_domain(house.tool_of(audit_type))
    assert domain is not None
    audit = house.audited(audit_type, judgement=best)

    def counted() -> dict[str, int]:
        found = house.read(f"/v1/reporting/metrics/{QUARTER}")["judgements"]
        (own,) = (one for one in found if one["domain_key"] == domain)
        return {one["judgement"]: one["count"] for one in own["judgements"]}

    before = counted()
    accept(amend(house, audit, judgements=[judgement_of(domain, next_best)]))
    after = counted()
    assert (after[best], after[next_best]) == (before[best] - 1, before[next_best] + 1)
    chart = charts(house)[domain]
    assert (chart["chart"], chart["scale_number"]) == ("judged_escalating", 1)


def charts(house: Authority) -> dict[str | None, Json]:
    """The charts of judgements, by domain."""
    found = house.read(f"/v1/reporting/metrics/{QUARTER}/charts")["charts"]
    return {one["domain_key"]: one for one in found if one["chart"] == "judged_escalating"}


# --- an overall judgement where the auditor gives one ---


@pytest.fixture
def optional(house: Authority, audit_type: Json, at: At) -> Json:
    """A type of its own whose tool leaves the overall judgement to the auditor, in May."""
    at("2026-05-12T10:00:00Z")
    code, tool = "optional-whole", house.tool_of(audit_type)
    draft = {name: tool[name] for name in ("name", "scale", "domains")}
    if not house.listed("/v1/audit-tools", code=code):
        body = draft | {"code": code, "overall": "optional"}
        made = accept(house.api.create("/v1/audit-tools", body))
        accept(house.api.act(f"/v1/audit-tools/{made['id']}/publish"))
        names = ["name", "clause", "subject_kind", "owner", "cadence", "may_audit"]
        put = {name: audit_type[name] for name in names} | {"tool_code": code}
        headers = {"if-none-match": "*"}
        accept(house.api.request("PUT", f"/v1/audit-types/{code}", json=put, headers=headers))
    return house.type_of(code=code)


@pytest.mark.long
def test_an_optional_overall_judgement_counts_and_escalates_where_it_is_given(
    house: Authority, optional: Json
) -> None:
    worst, auditor = grades(house, optional)[-1], house.auditor_of(optional)
    without = house.audited(optional)
    with_it = house.planned(optional, house.child(), auditor=auditor)
    house.answer(with_it, optional, auditor)
    auditing = house.api.as_(auditor)
    grade = {"judgement": worst, "rationale": WHY}
    accept(auditing.change("PUT", f"{with_it}/judgements/overall", grade, on=with_it))
    house.complete(with_it, optional, auditor, answered=True)

    assert house.read(without)["overall_judgement"] is None
    assert escalations(house, without) == []
    assert house.read(with_it)["overall_judgement"] == worst
    (raised,) = escalations(house, with_it)
    assert raised["explanation"]["raised"]["facts"]["judgement"] == worst
    found = house.read("/v1/reporting/metrics/2026-27 Q1", type=optional["code"])["judgements"]
    counted = {one["domain_key"]: one["denominator"] for one in found}
    domains = {d["key"] for d in house.tool_of(optional)["domains"] if d["judged"]}
    assert {key: part["count"] for key, part in counted.items()} == {
        None: 1,
        **dict.fromkeys(domains, 2),
    }
    for part in counted.values():
        assert len(linked(house, part)) == part["count"]


# --- moderation ---


@pytest.fixture
def drawn(house: Authority, audit_type: Json, at: At) -> tuple[Json, Json]:
    """A sample of October and its first drawn audit, which the senior leader moderates."""
    at("2026-10-14T10:00:00Z")
    listed = house.listed("/v1/moderation-samples", group="coast")
    if not listed:
        place = house.place
        peer = house.type_of(may_audit="supervisor_of_another_team")
        for grade in grades(house, peer)[:3]:
            house.audited(peer, judgement=grade, place=place)
        at("2026-11-23T09:30:00Z")
        for group in ("coast", "hills"):
            accept(house.api.create("/v1/moderation-samples", {"group": group}))
    at("2026-11-23T09:30:00Z")
    samples = [
        house.read(f"/v1/moderation-samples/{one['id']}")
        for one in house.listed("/v1/moderation-samples", period="2026-10")
    ]
    sample = next(one for one in samples if one["items"] and one["group"])
    return sample, sample["items"][0]


def outcome(domains: list[Json], **changes: Any) -> Json:
    """What a moderator records."""
    said = {"quality": WHY, "analysis": WHY, "contribution_to_impact": WHY, "domains": domains}
    return said | changes


def moderator(house: Authority, place: str) -> Api:
    """Who is to moderate, once it is given to the senior leader where nobody has it."""
    leader = demo_principals("partnership")[Role.SENIOR_LEADER]
    if house.read(place)["moderator"] is None:
        accept(house.api.act(f"{place}/assign", {"moderator": leader}))
    return house.api.as_(house.read(place)["moderator"])


@pytest.mark.long
def test_a_moderator_judges_each_domain_and_agreement_is_told_domain_by_domain(
    house: Authority, drawn: tuple[Json, Json], at: At
) -> None:
    sample, item = drawn
    if house.policy["moderation_strata"] == ["judgement"]:
        given = {one["stratum"] for one in sample["strata"]}
        assert given <= set(grades(house, house.type_of(may_audit="supervisor_of_another_team")))
    place = f"/v1/moderation-samples/{sample['id']}/outcomes/{item['audit_id']}"
    person, found = moderator(house, place), house.read(place)
    assert found["auditor_judgement"] is None
    keys = [one["domain_key"] for one in found["domains"]]
    grade = found["domains"][0]["auditor_judgement"]
    each = [judgement_of(key, grade) for key in keys]

    def record(body: Json) -> Any:
        headers = {"if-match": house.api.tag(place)}
        return person.request("PUT", place, json=body, headers=headers)

    whole = record(outcome(each, judgement=grade, rationale=WHY))
    assert {error["code"] for error in whole.json()["errors"]} == {"not-asked"}
    few = record(outcome(each[1:]))
    assert (few.status_code, few.json()["errors"][0]["pointer"]) == (422, "/domains")
    assert keys[0] in few.json()["errors"][0]["detail"]
    recorded = accept(record(outcome(each)))
    assert recorded["moderated_judgement"] is None
    assert recorded["moderated_at"] is not None

    scales = house.read("/v1/moderation-agreement")["scales"]
    told = {one["domain_key"]: one for one in scales}
    assert set(told) == set(keys)
    assert told[keys[0]]["pairs"] == 1
    assert told[keys[0]]["exact"]["numerator"] == 1
    figures = house.read(f"/v1/reporting/metrics/{QUARTER}")
    assert {one["domain_key"] for one in figures["agreement"]} == set(keys)
    for one in figures["agreement"]:
        for figure in one["figures"]:
            for part in (figure["numerator"], figure["denominator"]):
                if part["count"] is not None:
                    assert len(linked(house, part)) == part["count"]

    # How steady the auditor is, is told of their domains: of no overall judgement.
    at("2027-01-05T09:30:00Z")
    rows = house.listed("/v1/auditor-steadiness", auditor=item["auditor"])
    steady = {(row["of"], row["domain_key"]) for row in rows}
    assert steady == {("domain", key) for key in keys} | {("domains_together", None)}
    (together,) = [row for row in rows if row["of"] == "domains_together"]
    assert (together["pairs"], together["audits"]) == (len(keys), 1)
    assert together["lowered"]["verdict"] == "not_known_yet"


@pytest.mark.long
def test_a_sealed_moderator_finds_no_judgement_of_a_domain(
    house: Authority, drawn: tuple[Json, Json]
) -> None:
    sample, _ = drawn
    waiting = [one for one in sample["items"] if one["sealed"] and one["moderated_at"] is None]
    (item, *_) = [one for one in waiting if one["moderator"]]
    person = item["moderator"]
    place = f"/v1/moderation-samples/{sample['id']}/outcomes/{item['audit_id']}"
    told = house.read(place)["domains"]
    shown = house.read(place, person)["domains"]
    assert [one["domain_key"] for one in shown] == [one["domain_key"] for one in told]
    assert {(one["auditor_judgement"], one["auditor_rationale"]) for one in shown} == {(None, None)}

    asked = [f"{one['domain_key']}/{one['auditor_judgement']}" for one in told]
    reader = house.api.as_(person)
    for query in (
        *({"domain_judgement": one} for one in asked),
        *({"domain": one["domain_key"]} for one in told),
    ):
        found = house.listed("/v1/audits", reader, **query)
        assert item["audit_id"] not in [one["id"] for one in found], query
        seen = house.listed("/v1/audits", **query)
        assert item["audit_id"] in [one["id"] for one in seen], "others find it"
    audit = house.read(f"/v1/audits/{item['audit_id']}", person)
    assert (audit["judgement_sealed"], audit["judgements"]) == (True, [])


@pytest.mark.long
def test_two_agree_on_a_domain_and_the_record_tells_it_once_the_sample_is_closed(
    house: Authority, at: At
) -> None:
    peer = house.type_of(may_audit="supervisor_of_another_team")
    at("2026-06-15T10:00:00Z")
    best, _, third, *_ = grades(house, peer)
    for _ in range(2):
        house.audited(peer, judgement=best)
    at("2026-11-23T09:30:00Z")
    team = next(p.team for p in house.places() if p.supervisor == house.auditor_of(peer))
    groups = house.listed("/v1/auditor-groups")
    (group,) = (one["code"] for one in groups if team in [each["team"] for each in one["teams"]])
    body = {"group": group, "period": "2026-06"}
    sample = accept(house.api.create("/v1/moderation-samples", body))
    (item, *_) = [one for one in sample["items"] if one["sealed"]]
    place = f"/v1/moderation-samples/{sample['id']}/outcomes/{item['audit_id']}"
    person, found = moderator(house, place), house.read(place)
    keys = [one["domain_key"] for one in found["domains"]]
    other = [judgement_of(key, third if key == keys[0] else best) for key in keys]
    headers = {"if-match": house.api.tag(place)}
    accept(person.request("PUT", place, json=outcome(other), headers=headers))

    auditor = house.api.as_(item["auditor"])

    def propose(domains: list[Json]) -> Any:
        headers = {"if-match": house.api.tag(place)}
        body = {"domains": domains}
        return auditor.request("PUT", f"{place}/consensus", json=body, headers=headers)

    assert propose([]).json()["errors"][0]["pointer"] == "/domains"
    accept(propose([judgement_of(keys[0], third)]))
    agreed = accept(person.act(f"{place}/agree"))
    assert (agreed["consensus_judgement"], agreed["consensus_agreed_at"] is None) == (None, False)
    accept(house.api.act(f"/v1/moderation-samples/{sample['id']}/close"))

    subject = house.read(f"/v1/audits/{item['audit_id']}")["subject"]
    record = house.read(f"/v1/subjects/{subject['system']}/{subject['ref']}/record")
    (moderated,) = record["audits"][0]["moderations"]
    assert moderated["moderated_judgement"] is None
    told = {one["domain_key"]: one for one in moderated["domains"]}
    assert told[keys[0]]["consensus_judgement"] == third
    assert {told[key]["consensus_judgement"] for key in keys[1:]} == {None}
    label = told[keys[0]]["consensus_label"].lower()
    path = f"/v1/subjects/{subject['system']}/{subject['ref']}/record"
    page = house.api.get(path, params={"audience": "subject"}, headers={"accept": "text/html"}).text
    assert f"They found: {label}." in page
    assert f"Then the two agreed: {label}." in page
