"""The numbers of a dataset are those of its list, for whoever sees both."""

from collections.abc import Callable

import pytest

from qa_api import clock
from qa_api.reporting.datasets import DATASETS
from tests.api import Api, Json
from tests.closures.sending import CLOSED, Episode
from tests.reporting.copies import pull
from tests.responses.casework import Casework

LISTED = {name: found.listed_at for name, found in DATASETS.items() if found.listed_at}

OF_OTHER_TESTS = {
    "moderation-samples",
    "learning-actions",
    "practice-observations",
    "learning-highlights",
    "quarter-plans",
}
"""Of which there is something only when the tests of their domains have run before."""


def listed(api: Api, path: str, **query: object) -> list[Json]:
    """Every row of a list."""
    rows: list[Json] = []
    asked: dict[str, object] = {"limit": 500, **query}
    while True:
        page = api.get(path, params=asked).json()
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        asked["cursor"] = page["next_cursor"]


def _send_a_caseload(casework: Casework) -> None:
    child = {"ref": casework.new_ref(), "team": "lincoln-fast", "status": "child-in-need"}
    path = f"/v1/caseloads/{clock.now().date()}"
    sent = casework.api.as_("case-system-mosaic").change("PUT", path, {"children": [child]})
    assert sent.status_code in {200, 201}, sent.text


@pytest.fixture
def busy(casework: Casework, at: Callable[[str], None]) -> Casework:
    """An authority in which something has happened to every kind of record."""
    case = casework.completed_audit()
    casework.completed_audit(restricted=True)
    case.submit()
    case.review("returned")
    said = {"kind": "audit", "about": str(case.audit_id), "text": "Who was asked?"}
    assert case.api.as_("qs-1").create("/v1/comments", said).status_code == 201
    late = casework.completed_audit()
    casework.deliver(late)
    Episode(casework.api, [casework.new_ref()]).tell(CLOSED)  # a gate, and its escalation
    _send_a_caseload(casework)
    at("2028-01-10T09:30:00Z")  # whoever was let in to a restricted record is so no longer
    return casework


@pytest.mark.parametrize(("dataset", "path"), sorted(LISTED.items()))
def test_a_dataset_has_exactly_the_rows_of_its_list(
    busy: Casework, dataset: str, path: str
) -> None:
    person = busy.api.as_("qs-1")
    rows, _ = pull(person, dataset, limit=5_000)
    shown = listed(person, path)
    key = "id" if shown and "id" in shown[0] else "code"
    assert sorted(row[key] for row in rows) == sorted(row[key] for row in shown)
    assert rows or dataset in OF_OTHER_TESTS


@pytest.mark.parametrize(
    ("dataset", "filters"),
    [
        ("audits", {"state": "completed"}),
        ("audits", {"team": "lincoln-fast", "type": "collaborative"}),
        ("audit-responses", {"state": "returned"}),
        ("audit-responses", {"team": "lincoln-fast"}),
        ("restorative-actions", {"state": "open"}),
        ("notifications", {"state": "queued"}),
    ],
)
def test_the_same_filter_counts_the_same(
    busy: Casework, dataset: str, filters: dict[str, str]
) -> None:
    person = busy.api.as_("qs-1")
    rows, _ = pull(person, dataset, limit=5_000)
    kept = [row for row in rows if all(row[name] == value for name, value in filters.items())]
    shown = listed(person, LISTED[dataset], **filters)
    assert kept
    assert {row["id"] for row in kept} == {row["id"] for row in shown}


def test_what_was_on_time_is_what_the_list_says(busy: Casework) -> None:
    person = busy.api.as_("qs-1")
    rows = {row["id"]: row for row in pull(person, "audit-responses", limit=5_000)[0]}
    for shown in listed(person, "/v1/audit-responses"):
        row = rows[shown["id"]]
        for name in ("first_submitted_on_time", "adequate_on_time"):
            assert (row[name] is True) == (shown[name] is True)
