"""What may be asked of a dataset, by whom, and what is refused."""

import json
from collections.abc import Callable

import pytest

from tests.api import Api
from tests.reporting.copies import REPORTER, Copy, answered, pull
from tests.responses.casework import Casework

AUDITS = "/v1/reporting/audits"


def refusal(api: Api, path: str, status: int, **query: object) -> dict[str, object]:
    answer = api.get(path, params=query)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def test_a_range_is_half_open(casework: Casework, at: Callable[[str], None]) -> None:
    at("2027-03-31T22:59:59Z")  # still the 31st in London
    before = casework.completed_audit()
    at("2027-03-31T23:00:00Z")  # 1 April
    after = casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    rows, _ = pull(reporter, "audits", from_="2027-03-31", to="2027-04-01")
    assert str(before.audit_id) in {row["id"] for row in rows}
    assert str(after.audit_id) not in {row["id"] for row in rows}
    rows, _ = pull(reporter, "audits", from_="2027-04-01", to="2027-04-02")
    assert {row["id"] for row in rows} == {str(after.audit_id)}


def test_a_dataset_without_a_business_date_has_no_range(api: Api) -> None:
    refused = refusal(api.as_(REPORTER), "/v1/reporting/teams", 422, to="2027-04-01")
    assert refused["type"] == "/problems/validation"


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 5_001}, {"form": "2026-01-01"}])
def test_what_is_not_understood_is_refused(api: Api, query: dict[str, object]) -> None:
    refusal(api.as_(REPORTER), AUDITS, 422, **query)


def test_an_unknown_dataset_is_not_found(api: Api) -> None:
    refusal(api.as_(REPORTER), "/v1/reporting/children", 404)


def test_a_download_has_no_pages(api: Api) -> None:
    for form in ("application/x-ndjson", "text/csv"):
        answer = api.as_(REPORTER).get(AUDITS, params={"limit": 5}, headers={"accept": form})
        assert answer.status_code == 422


def test_a_form_that_there_is_not_is_refused(api: Api) -> None:
    answer = api.as_(REPORTER).get(AUDITS, headers={"accept": "application/xml"})
    assert answer.status_code == 406


def test_a_token_is_of_one_dataset_one_range_and_one_view(casework: Casework) -> None:
    casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    token = Copy(reporter, "audits").begin().token
    assert answered(reporter, "audits", changed_since=token)["items"] == []
    for person, path, query in (
        (reporter, "/v1/reporting/escalations", {}),
        (reporter, AUDITS, {"from": "2026-01-01"}),
        (casework.api.as_("qs-1"), AUDITS, {}),
    ):
        refused = refusal(person, path, 400, changed_since=token, **query)
        assert refused["type"] == "/problems/invalid-cursor"
        assert '"changed_since"' in json.dumps(refused["errors"])
    mistaken = refusal(reporter, AUDITS, 400, cursor=token)
    assert '"cursor"' in json.dumps(mistaken["errors"])
    refusal(reporter, AUDITS, 400, changed_since=token[:-2] + "AA")


def test_a_page_names_the_next_one_in_its_link(casework: Casework) -> None:
    casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    first = reporter.get("/v1/reporting/teams", params={"limit": 20})
    assert first.json()["changes_token"] is None
    address = first.headers["link"].removeprefix("<").partition(">")[0]
    second = reporter.get(address).json()
    codes = [row["code"] for row in [*first.json()["items"], *second["items"]]]
    assert codes[:21] == sorted(set(codes[:21]))


def test_whoever_pulls_no_datasets_is_refused(api: Api) -> None:
    for person in ("au-1", "tm-lincoln-fast", "slt-1", "admin-1", "case-system-mosaic"):
        for path in (AUDITS, "/v1/reporting/datasets", "/v1/reporting/children"):
            assert api.as_(person).get(path).status_code == 403, (person, path)
