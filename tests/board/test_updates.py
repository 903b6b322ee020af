"""Updates of the services to the Board (R4.7.1)."""

from collections.abc import Callable

import pytest

from tests.api import Api, Json, held_elsewhere
from tests.board.conftest import NARRATIVE
from tests.responses.casework import Casework


def begun(board: Api, service: str, quarter: str) -> str:
    body = {"service": service, "quarter": quarter}
    answer = board.as_(f"hos-{service}").create("/v1/qa-updates", body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def submitted(board: Api, service: str, quarter: str, **changes: str) -> str:
    head, path = board.as_(f"hos-{service}"), begun(board, service, quarter)
    assert head.change("PUT", path, NARRATIVE | changes).status_code == 200
    answer = head.act(f"{path}/submit")
    assert answer.status_code == 200, answer.text
    return path


def standing(board: Api, quarter: str, person: str = "qs-1") -> dict[str, Json]:
    answer = board.as_(person).get("/v1/qa-updates", params={"quarter": quarter})
    return {row["service"]: row for row in answer.json()["items"]}


@pytest.fixture(autouse=True)
def _today(casework: Casework, at: Callable[[str], None]) -> None:
    at("2026-10-12T09:00:00Z")


@pytest.mark.long
def test_figures_are_frozen_when_it_is_submitted(
    casework: Casework, board: Api, at: Callable[[str], None]
) -> None:
    at("2026-08-03T09:00:00Z")
    for _ in range(5):
        casework.completed_audit()
    at("2026-10-12T09:00:00Z")
    path = submitted(board, "fast", "2026-27 Q2")
    before = board.get(path).json()
    at("2026-09-01T09:00:00Z")
    casework.completed_audit()
    at("2026-10-13T09:00:00Z")
    after = board.get(path).json()
    assert after["figures"] == before["figures"]
    (said,) = after["submissions"]
    assert said["figures"]["as_at"] == "2026-10-12T09:00:00Z"
    contact = next(f for f in said["figures"]["figures"] if f["key"] == "family_contact")
    assert contact["denominator"]["count"] >= 5


def test_a_return_and_a_resubmission_keep_both(board: Api) -> None:
    path = submitted(board, "early-help", "2026-27 Q1")
    assert board.act(f"{path}/return", {"reasons": "Say more."}).json()["state"] == "returned"
    head = board.as_("hos-early-help")
    head.change("PUT", path, NARRATIVE | {"learning": "Much more."})
    found = head.act(f"{path}/submit").json()
    first, second = found["submissions"]
    assert first["return_reasons"] == "Say more."
    assert first["narrative"]["learning"] == NARRATIVE["learning"]
    assert second["narrative"]["learning"] == "Much more."
    assert second["returned_at"] is None
    assert found["state"] == "submitted"


@pytest.mark.long
def test_an_update_waits_for_its_head_until_it_is_submitted_and_when_returned(board: Api) -> None:
    def due(path: str, person: str = "hos-early-help") -> list[str]:
        found = board.as_(person).work("kind=complete")
        return [item["due_on"] for item in found if item["path"] == path]

    path = begun(board, "early-help", "2024-25 Q1")
    by = board.get(path).json()["due_on"]
    assert due(path) == [by]
    assert due(path, "hos-fast") == due(path, "qs-1") == []
    head = board.as_("hos-early-help")
    head.change("PUT", path, NARRATIVE)
    assert head.act(f"{path}/submit").status_code == 200
    assert due(path) == []
    assert board.act(f"{path}/return", {"reasons": "Say more."}).status_code == 200
    assert due(path) == [by]


def test_missing_and_late_updates_show(board: Api, at: Callable[[str], None]) -> None:
    at("2026-07-10T09:00:00Z")
    assert not standing(board, "2026-27 Q1")["corporate-parenting"]["late"]
    at("2026-07-16T09:00:00Z")
    row = standing(board, "2026-27 Q1")["corporate-parenting"]
    assert (row["state"], row["late"], row["due_on"]) == ("missing", True, "2026-07-14")
    submitted(board, "corporate-parenting", "2026-27 Q1")
    row = standing(board, "2026-27 Q1")["corporate-parenting"]
    assert (row["state"], row["late"]) == ("submitted", True)


def test_a_head_speaks_for_their_own_service_only(board: Api) -> None:
    body = {"service": "fast", "quarter": "2025-26 Q4"}
    refused = board.as_("hos-early-help").create("/v1/qa-updates", body)
    assert held_elsewhere(refused, "qa_update:write")
    assert held_elsewhere(board.as_("qs-1").create("/v1/qa-updates", body), "qa_update:write")
    lacking = board.as_("tm-lincoln-fast").create("/v1/qa-updates", body)
    assert lacking.json()["detail"].endswith("It takes the permission qa_update:write.")
    path = begun(board, "fast", "2025-26 Q4")
    assert board.as_("hos-early-help").get(path).status_code == 404
    assert set(standing(board, "2025-26 Q4", "hos-early-help")) == {"early-help"}


def test_there_is_one_update_of_a_service_about_a_quarter(board: Api) -> None:
    begun(board, "early-help", "2025-26 Q3")
    body = {"service": "early-help", "quarter": "2025-26 Q3"}
    assert board.as_("hos-early-help").create("/v1/qa-updates", body).status_code == 409


def test_a_quarter_that_is_not_over_has_no_update_yet(board: Api) -> None:
    body = {"service": "early-help", "quarter": "2026-27 Q3"}
    assert board.as_("hos-early-help").create("/v1/qa-updates", body).status_code == 422


def test_an_update_that_says_nothing_is_refused_by_part(board: Api) -> None:
    path = begun(board, "early-help", "2025-26 Q2")
    answer = board.as_("hos-early-help").act(f"{path}/submit")
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        f"/{name}" for name in NARRATIVE
    }
